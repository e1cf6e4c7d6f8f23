"""The frames that this room returns: each prints one sentence above itself."""

from collections.abc import Mapping
from html import escape
from typing import ClassVar

import pandas as pd


class SeriesTable(pd.DataFrame):
    """A DataFrame that knows what it found.

    What pandas makes of it (a selection, a sum, a merge) is a plain DataFrame. Attributes: `summary`, one sentence on
    all series; `scores`, how good it was where that was tried (of forecasts: one row a series), else None.
    """

    _metadata: ClassVar[list[str]] = ["summary", "scores"]
    summary: str
    scores: pd.DataFrame | None

    @classmethod
    def of(cls, columns: Mapping[str, object], summary: str, scores: pd.DataFrame | None = None) -> "SeriesTable":
        """A table of these columns, in this order."""
        table = cls(dict(columns))
        table.summary, table.scores = summary, scores
        return table

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.summary}\n{super().__repr__()}" if getattr(self, "summary", "") else super().__repr__()

    def _repr_html_(self) -> str | None:
        table = pd.DataFrame(self)._repr_html_() or ""  # type: ignore[operator]
        return f"<p>{escape(self.summary)}</p>{table}" if getattr(self, "summary", "") else table
