"""Vega-Lite specifications as plain dictionaries.

Written directly, not through Altair's objects: those cost about half a second a picture (every layer is copied, looked
up and validated several times), the dictionaries a few milliseconds. `Figure.chart` gives the Altair chart, and the
tests validate every specification against Altair's schema.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Specification = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name; nothing is fetched from there
UTC = {"type": "utc"}  # else the viewer's time zone moves days and brushes


def data(frame: "pd.DataFrame") -> Specification:
    """The frame inside the specification: unknown becomes null, instants milliseconds since 1970 (UTC)."""
    from pandas.api import types

    columns = {}
    for name in frame.columns:
        column = frame[name]
        if types.is_datetime64_any_dtype(column):
            known = column.notna()
            moments = column.dt.as_unit("ms").astype("int64")
            columns[name] = [int(m) if k else None for m, k in zip(moments, known, strict=True)]
        elif types.is_float_dtype(column):
            columns[name] = [v if -float("inf") < v < float("inf") else None for v in column.tolist()]
        else:
            columns[name] = column.tolist()
    return {"values": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]}


def tooltip(said: dict[str, str]) -> list[Specification]:
    """Fields of text and the words before them."""
    return [{"field": field, "type": "nominal", "title": words} for field, words in said.items()]


def palette(names: list[str], colours: list[str]) -> Specification:
    """A scale that gives each name its colour."""
    return {"domain": names, "range": colours}


def title(finding: str, *subtitle: str) -> Specification:
    """Finding and subtitle lines; empty lines are left out."""
    return {"text": finding, "subtitle": [line for line in subtitle if line]}
