"""Lineage: what a figure rests on, as a result."""

import json
from dataclasses import dataclass
from html import escape
from math import isfinite

import pandas as pd

from engagerr_core.analysis.figures import UNITS
from engagerr_core.analysis.predicate import Predicate
from engagerr_core.analysis.results import Result
from engagerr_core.vocabulary.metrics import metric as metric_named
from engagerr_core.vocabulary.observation import METRICS
from engagerr_core.vocabulary.platforms import platforms as known_platforms

SHOWN = 20  # rows of a table in a notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage(Result):
    """Where a figure comes from: recomputed now, from what was known then.

    Attributes
    ----------
    predicate : the question.
    value : recomputed from the stored rows; NaN = unknown.
    low, high : its interval or bounds; NaN where it has none.
    given : the value that the row given had; NaN where none was given.
    steps : how rows became the figure, sentence by sentence.
    rows : the stored rows that entered, sorted: path, file (SHA-256), row (line), platform, account, content, title,
        dimension_value, basis, period_start, period_end, observed_at, known_at, and the native metrics that were used.
    files : one row a file: path, platform, kind, rows_entered, rows_read, ingested_at, file.
    coefficients : terms used: platform, native, standard, value, origin, note, rows (to which it was applied).
    definitions : what each platform meant: platform, metric, definition, valid_from, valid_to, text.
    superseded : older statements about the same figures, which no longer count: path, file, row, platform, account,
        content, period_start, period_end, metric, value_then, value_now, observed_at, known_at.
    """

    predicate: Predicate
    value: float
    low: float
    high: float
    given: float
    steps: tuple[str, ...]
    rows: pd.DataFrame
    files: pd.DataFrame
    coefficients: pd.DataFrame
    definitions: pd.DataFrame
    superseded: pd.DataFrame

    @property
    def agrees(self) -> bool:
        """Whether the row given had the value that its rows give; True where no value was given."""
        return self.given != self.given or self.given == self.value

    @property
    def counts(self) -> tuple[str, ...]:
        """The native metrics that entered: columns of `rows`."""
        return tuple(name for name in self.rows.columns if name in METRICS)

    def to_json(self) -> str:
        """All of it as one JSON object; unknown is null."""
        value = {name: v if isfinite(v := getattr(self, name)) else None for name in ("value", "low", "high", "given")}
        told = {"figure": str(self), "predicate": str(self.predicate), **value, "steps": list(self.steps)}
        tables = {
            name: json.loads(getattr(self, name).to_json(orient="records", date_format="iso", double_precision=15))
            for name in ("rows", "files", "coefficients", "definitions", "superseded")
        }
        return json.dumps({**told, **tables}, ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        p = self.predicate
        whose = " of ".join([metric_named(p.metric).title, *([p.creator] if p.creator is not None else [])])
        keys = ", ".join(_said(key, value) for key, value in p.keys)
        told = f"{whose}{f' ({keys})' if keys else ''}, {_days_said(p)}: {self._value_said()}"
        source = f"from {_count(len(self.rows), 'row')} of {_count(len(self.files), 'file')}"
        doubt = "" if self.agrees else f"; the row given says {_number(self.given, p.metric)}, which these rows do not"
        return f"{told}, {source}{doubt}."

    def _value_said(self) -> str:
        if isfinite(self.value):
            return _number(self.value, self.predicate.metric)
        bounds = [_number(bound, self.predicate.metric) for bound in (self.low, self.high) if isfinite(bound)]
        if not bounds:
            return "unknown"
        return " to ".join(bounds) if len(bounds) == 2 else f"at least {bounds[0]}"

    def _repr_html_(self) -> str:
        """The sentence, the steps and the first rows of each table; every text is escaped."""
        steps = "".join(f"<li>{escape(step)}</li>" for step in self.steps)
        tables = "".join(
            f"<h4>{title}</h4>{frame.head(SHOWN).to_html(index=False, escape=True, border=0)}"
            for title, frame in (
                ("Files", self.files), ("Rows that entered", self.rows), ("Coefficients", self.coefficients),
                ("Definitions", self.definitions), ("Older statements", self.superseded),
            )
            if len(frame)
        )  # fmt: skip
        return f"<p>{escape(str(self))}</p><ol>{steps}</ol>{tables}<p><code>{escape(str(self.predicate))}</code></p>"


def _said(key: str, value: str) -> str:
    if key == "platform" and value in known_platforms():
        return known_platforms()[value].title
    return f"{key} {value or 'unknown'}" if key != "creator" else value


def _days_said(p: Predicate) -> str:
    if p.period is not None:
        return f"{UNITS[p.freq]} of {p.period}" if p.freq != "D" else f"{p.period}"  # type: ignore[index]
    if p.start is None and p.end is None:
        return "all days"
    if p.start is None:
        return f"until {p.end}"
    return f"{p.start} to {p.end}" if p.end is not None else f"from {p.start}"


def _number(value: float, name: str) -> str:
    unit = metric_named(name).unit
    if not isfinite(value):
        return "unknown"
    if unit == "fraction":
        return f"{value:.2%}"
    return f"{value:,.0f}" if unit in ("count", "people") else f"{value:,.2f}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
