"""One module a platform, with one table of its columns beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from engagerr_core.sources.shapes import Shape, load_shape

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.sources.draft import Draft
    from engagerr_core.sources.tables import Table

MODULES = tuple(
    sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A platform's reader: the shape of its tables, and what is peculiar to them.

    `refine` sees the rows once every cell is parsed, and may change, reject or drop rows. Few platforms have the
    others: `split` cuts a table of several blocks into tables (none: it is no such table), and `complete` may add
    observations put together from several rows. `own` marks the analyst's own mapping.
    """

    shape: Shape
    refine: "Callable[[Draft], None]"
    split: "Callable[[Table], list[Table]] | None" = None
    complete: "Callable[[Draft, pd.DataFrame], pd.DataFrame] | None" = None
    own: bool = False


@cache
def readers() -> tuple[Platform, ...]:
    """All readers, in a fixed order."""
    found = []
    for name in MODULES:
        module = import_module(f"{__name__}.{name}")
        found.append(
            Platform(
                shape=load_shape(name),
                refine=module.refine,
                split=getattr(module, "split", None),
                complete=getattr(module, "complete", None),
            )
        )
    return tuple(found)
