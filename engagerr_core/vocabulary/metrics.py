"""Metrics: meaning, unit, and along which axes they may be aggregated."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal

from engagerr_core.errors import NotAdditive, UnknownName
from engagerr_core.vocabulary.tables import shipped

Axis = Literal["time", "content", "platform", "creator"]
AXES: tuple[Axis, ...] = ("time", "content", "platform", "creator")

_WEIGHTED = re.compile(r"weighted\((\w+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name : the column's and figure's name.
    title : as a reader sees it.
    kind : ``native`` (a column of an observation), ``estimated`` (formed row by row from native columns),
        ``standard`` (made comparable by a coefficient set) or ``derived`` (a ratio formed after aggregation).
    unit : ``count``, ``people``, ``minutes``, ``seconds``, ``money`` or ``fraction``.
    meaning : one sentence.
    over : rule per axis; an axis that is not named is ``never``.
    numerator, denominator : of a derived metric; empty otherwise.
    """

    name: str
    title: str
    kind: str
    unit: str
    meaning: str
    over: dict[str, str]
    numerator: str = ""
    denominator: str = ""

    def rule(self, axis: Axis) -> str:
        """How the metric is aggregated over an axis: sum, last, weighted, estimate or never."""
        return self.over.get(axis, "never").split("(")[0]

    def weight(self, axis: Axis) -> str | None:
        """The metric that weighs this one when it is averaged over an axis, or None."""
        match = _WEIGHTED.fullmatch(self.over.get(axis, "never"))
        return match[1] if match else None


@cache
def metrics() -> dict[str, Metric]:
    """All metrics by name, in the order of the table."""
    return {name: Metric(name=name, **row) for name, row in shipped("metrics.toml").items()}


def metric(name: str) -> Metric:
    """One metric. Raises `UnknownName` with the closest known names."""
    try:
        return metrics()[name]
    except KeyError:
        near = get_close_matches(name, metrics(), 3)
        hint = f" Did you mean {' or '.join(near)}?" if near else f" Known are {', '.join(metrics())}."
        raise UnknownName(f"There is no metric {name!r}.{hint}") from None


def native() -> tuple[str, ...]:
    """Names of the native metrics: the metric columns of an observation, in order."""
    return tuple(m.name for m in metrics().values() if m.kind == "native")


def standard() -> tuple[str, ...]:
    """Names of the standard metrics, in order."""
    return tuple(m.name for m in metrics().values() if m.kind == "standard")


def derived() -> tuple[str, ...]:
    """Names of the derived metrics, in order."""
    return tuple(m.name for m in metrics().values() if m.kind == "derived")


_WHY_NOT = {
    "people": "the same person would be counted again",
    "fraction": "a mean of rates is not the rate of the whole",
    "count": "it is not counted the same way there",
    "minutes": "it is not measured the same way there",
}
_AXIS_WORDS = {"time": "time", "content": "content", "platform": "platforms", "creator": "creators"}


def _way_out(one: Metric, axis: Axis) -> str:
    if one.rule(axis) == "estimate":
        return "Ask ws.reach(creator=…), which calls estimate_reach, for different people with bounds."
    if "last" in {one.rule(other) for other in AXES}:
        return 'It is a level: read it day by day, with freq="D" and by=["platform", "account"].'
    if axis == "platform" and one.kind == "native" and one.unit in ("count", "minutes"):
        return 'Ask for a standard metric such as standard_views, or keep by=["platform"].'
    if one.numerator:
        return f"Ask for {one.numerator} and {one.denominator} and divide their sums."
    return f'Keep it apart by {"day" if axis == "time" else axis}: freq="D" and by=["platform", "account", "content"].'


def require_additive(*names: str, over: Axis) -> None:
    """Refuse, unless every named metric may be summed over the axis.

    Raises
    ------
    NotAdditive
        In three sentences: what was asked, why it cannot be, what to call instead.

    >>> require_additive("reach", over="content")
    Traceback (most recent call last):
    engagerr_core.errors.NotAdditive: A sum of reach was asked, but reach does not add over content: ...
    """
    for name in names:
        one = metric(name)
        if one.rule(over) != "sum":
            where = _AXIS_WORDS[over]
            why = _WHY_NOT.get(one.unit, "the sum would mean nothing")
            raise NotAdditive(
                f"A sum of {name} was asked, but {name} does not add over {where}: {why}. {_way_out(one, over)}"
            )
