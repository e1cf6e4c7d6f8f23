"""What results have in common: they print as one sentence, show as escaped HTML, and become a frame."""

from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """Mixin of the frozen result dataclasses. `str()` is a sentence or a few; subclasses write it."""

    __slots__ = ()

    def to_frame(self) -> "pd.DataFrame":
        """One row per field that is a plain value: ``field``, ``value``."""
        import pandas as pd

        if not is_dataclass(self):
            raise TypeError("A result is a dataclass.")
        plain = {
            f.name: getattr(self, f.name) for f in fields(self) if not isinstance(getattr(self, f.name), pd.DataFrame)
        }
        return pd.DataFrame({"field": list(plain), "value": [str(v) for v in plain.values()]})

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in str(self).splitlines())
