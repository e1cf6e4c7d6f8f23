"""Windows of days by name, what each is compared with, and figures beside those of the comparison.

Daily exports hold whole days, each cut by its platform's own clock. They hold no time of day, so nothing is moved from
one day to another; where days of different clocks are added up, the note says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from engagerr_core.analysis.comparison import MOSTLY
from engagerr_core.analysis.figures import UNITS, Frequency
from engagerr_core.analysis.like_for_like import Ground, Spans, common_ground
from engagerr_core.analysis.results import Result
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import metric

Compare = Literal["previous", "year"]
LENGTHS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
NAMES = (*LENGTHS, "12m", "ytd", "all")
SAME_WEEKDAYS = 364  # 52 weeks: the same weekdays, and whole ISO weeks stay whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Result):
    """A span of days and the span it is compared with, all days included.

    Attributes
    ----------
    name : as asked; ``custom`` where start and end were given.
    start, end : first and last day.
    compared_start, compared_end : of the comparison; None where there is none.
    title, compared_title : as a reader sees them.
    step : days from a day of the comparison to its counterpart in the window; None = the same date a year earlier, or
        no comparison.
    note : what to know about it; empty = nothing.
    """

    name: str
    start: date
    end: date
    compared_start: date | None = None
    compared_end: date | None = None
    title: str
    compared_title: str = ""
    step: int | None = None
    note: str = ""

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days + 1

    @property
    def compared_days(self) -> int:
        """Length of the comparison in days; 0 where there is none."""
        if self.compared_start is None or self.compared_end is None:
            return 0
        return (self.compared_end - self.compared_start).days + 1

    def counterpart(self, day: date) -> date | None:
        """The day that a day is compared with; None for 29 February where the other year has none."""
        if self.step is not None:
            return day - timedelta(self.step)
        try:
            return day.replace(year=day.year - 1)
        except ValueError:
            return None

    def __str__(self) -> str:
        told = f"{self.title}: {self.start} to {self.end}"
        if self.compared_start is None:
            return f"{told}, compared with nothing."
        return f"{told}, compared with {self.compared_title}: {self.compared_start} to {self.compared_end}."


def window(
    name: str = "",
    last_day: date | None = None,
    first_day: date | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
    compare: Compare | None = None,
) -> Window:
    """A window by name, or from start to end.

    Parameters
    ----------
    name : ``24h`` (the last day: daily data hold whole days), ``7d``, ``30d``, ``90d``, ``12m``, ``ytd`` (since 1
        January), ``all``; empty where start and end are given.
    last_day : the day on which named windows end: the last final one.
    first_day : where ``all`` begins.
    start, end : a window of one's own, both days included.
    compare : ``previous`` (equally long, directly before; for ``12m`` the twelve months before, for ``ytd`` last year
        to the same date) or ``year`` (the same period of last year: by date for ``12m``, ``ytd`` and whole months, else
        364 days earlier, so that weekdays meet). None = previous, and for ``all`` nothing.

    Raises
    ------
    InvalidArgument
        For an unknown name, half a window, days that are missing or swapped, and comparisons that cannot be.

    >>> print(window("7d", date(2026, 11, 18)))
    the last 7 days: 2026-11-12 to 2026-11-18, compared with the 7 days before: 2026-11-05 to 2026-11-11.
    """
    if compare not in (None, "previous", "year"):
        raise InvalidArgument(f"compare={compare!r} was asked. A window is compared with previous or year.")
    if name and name not in NAMES:
        raise InvalidArgument(f"window={name!r} was asked. Windows are {', '.join(NAMES)}; or give start and end.")
    if name and (start or end):
        raise InvalidArgument(f"window={name!r} was asked with start or end. Give the name, or both days.")
    if not name:
        return _custom(start, end, compare)
    if last_day is None:
        raise InvalidArgument(f"window={name!r} was asked, but no day is final yet. Give start and end.")
    if name == "all":
        return _all(first_day, last_day, compare)
    if name in ("12m", "ytd"):
        first = date(last_day.year, 1, 1) if name == "ytd" else _after_a_year_before(last_day)
        return _by_date(name, first, last_day, "the last 12 months" if name == "12m" else f"{last_day.year} to date")
    length = LENGTHS[name]
    title = "the last day" if length == 1 else f"the last {length} days"
    note = "Daily data hold whole days: 24h is the last final day." if name == "24h" else ""
    return _of_days(name, last_day - timedelta(length - 1), last_day, title, compare, note)


def _year_before(day: date) -> date:
    """The same date a year earlier; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _after_a_year_before(day: date) -> date:
    """The first of the twelve months that end on a day; 1 March where that would be a 29 February."""
    after = day + timedelta(1)
    return date(after.year - 1, 3, 1) if (after.month, after.day) == (2, 29) else _year_before(after)


def _all(first_day: date | None, last_day: date, compare: Compare | None) -> Window:
    if compare is not None:
        raise InvalidArgument(
            f"window='all' was asked with compare={compare!r}, but nothing lies before all days. "
            f"Ask for {', '.join(NAMES[:-1])}, or give start and end."
        )
    if first_day is None or first_day > last_day:
        raise InvalidArgument("window='all' was asked, but no first day is known. Give start and end.")
    return Window(name="all", start=first_day, end=last_day, title="all days")


def _custom(start: date | None, end: date | None, compare: Compare | None) -> Window:
    if start is None or end is None:
        asked = f" with compare={compare!r}" if compare else ""
        raise InvalidArgument(
            f"A window from {start or 'nowhere'} to {end or 'nowhere'} was asked{asked}. Give both start and end, or a "
            f"name: {', '.join(NAMES)}."
        )
    if end < start:
        raise InvalidArgument(f"The window runs from {start} to {end}. Swap them.")
    length = (end - start).days + 1
    title = "the day" if length == 1 else f"the {length} days"
    if compare == "year" and start.day == 1 and (end + timedelta(1)).day == 1:
        return _by_date("custom", start, end, title)
    return _of_days("custom", start, end, title, compare, "")


def _by_date(name: str, start: date, end: date, title: str) -> Window:
    """Compared with the same dates of the year before: 12 months, year to date, whole months."""
    before, until = _year_before(start), start - timedelta(1)
    if name != "12m":  # whole months end where the month ends, whatever the year
        whole = (end + timedelta(1)).day == 1 and name == "custom"
        until = _year_before(end + timedelta(1)) - timedelta(1) if whole else _year_before(end)
    _require_apart(start, end, until)
    note = "The two spans differ by the leap day." if (end - start) != (until - before) else ""
    return Window(
        name=name, start=start, end=end, compared_start=before, compared_end=until, title=title,
        compared_title="the 12 months before" if name == "12m" else "the same dates a year earlier", note=note,
    )  # fmt: skip


def _of_days(name: str, start: date, end: date, title: str, compare: Compare | None, note: str) -> Window:
    """Compared with as many days directly before, or with those 364 days earlier."""
    length = (end - start).days + 1
    step = SAME_WEEKDAYS if compare == "year" else length
    _require_apart(start, end, end - timedelta(step))
    words = "day" if length == 1 else f"{length} days"
    return Window(
        name=name, start=start, end=end, compared_start=start - timedelta(step), compared_end=end - timedelta(step),
        title=title, step=step, note=note,
        compared_title=f"the {words} 52 weeks earlier" if compare == "year" else f"the {words} before",
    )  # fmt: skip


def _require_apart(start: date, end: date, compared_end: date) -> None:
    if compared_end >= start:
        raise InvalidArgument(
            f"The window from {start} to {end} was to be compared with the same period of last year. It is longer "
            "than a year, so that the two would overlap. Use compare='previous'."
        )


def with_comparison(
    now: pd.DataFrame,
    before: pd.DataFrame,
    asked: Window,
    days: pd.DataFrame,
    contents: pd.DataFrame,
    coefficients: CoefficientSet,
    *,
    freq: Frequency | None = None,
) -> pd.DataFrame:
    """Figures of a window beside those of its comparison, with the change where it is one.

    Parameters
    ----------
    now, before : figures of the two spans to the same question, as `figures.figures` gives them.
    asked : the window; it must have a comparison.
    days : account days (or posts' days, where posts or their labels are among the keys; then with those columns) that
        hold both spans. Days around them help to calibrate a bridge over a redefinition.
    contents : the content table, which tells the formats of an account's posts.
    coefficients : the set that the figures were formed with.
    freq : that of the question; periods are compared with those that lie alike in the comparison.

    Returns
    -------
    `now` with compared_value (as it was reported then), change (relative; like for like over a redefinition; NaN where
    it is unknown or would mislead) and change_note (why, or through what; empty = nothing to say). Counts of spans that
    differ in known days are compared per known day.
    """
    if asked.compared_start is None or asked.compared_end is None:
        raise InvalidArgument(f"{asked.title} has no comparison. Ask with compare='previous' and a bounded window.")
    spans = ((asked.compared_start, asked.compared_end), (asked.start, asked.end))
    keys = list(now.columns[: now.columns.get_loc("metric")])
    pairs = now.assign(_place=range(len(now)))
    told = before.drop(columns=["low", "high"])
    if freq:
        met = [_counterpart(asked, day, freq) for day in pairs["period"]]
        pairs = pairs.assign(_period=pd.to_datetime(pd.Series(met, pairs.index)).astype("datetime64[us]"))
        told = told.rename(columns={"period": "_period"})
    on = [*(k for k in keys if k != "period"), *(["_period"] if freq else []), "metric"]
    pairs = pairs.merge(told, on=on, how="left", suffixes=("", "_before")).sort_values("_place")
    ground = common_ground(pairs, keys, spans, days, contents, coefficients, freq)
    found = [_compare(pair, ground, spans, freq) for pair in pairs.to_dict("records")]
    then, change, note = zip(*found, strict=True) if found else ((), (), ())
    return now.assign(
        compared_value=np.array(then, float),
        change=np.array(change, float),
        change_note=pd.Series(note, dtype="str").to_numpy(),
    )


def _counterpart(asked: Window, period: pd.Timestamp, freq: Frequency) -> date | None:
    """First day of the period that lies alike in the comparison; None where weeks or months do not line up."""
    day = asked.counterpart(period.date())
    if day is None or (freq == "W" and day.weekday()) or (freq == "M" and day.day > 1):
        return None
    return day


def _compare(pair: dict[Any, Any], ground: Ground, spans: Spans, freq: Frequency | None) -> tuple[float, float, str]:
    """Compared value, change and note of one figure."""
    then, cell = pair["value_before"], ground.cell(pair)
    if why := _refusal(pair, freq):
        return then, np.nan, why
    if cell.split:
        return then, np.nan, f"{' and '.join(cell.split)} began to count differently in between"
    if cell.lacking:
        return then, np.nan, "; ".join(cell.lacking)
    if then <= 0:
        return then, np.nan, "nothing before to compare with: 0" if then == 0 else "the figure before is negative"
    notes = [cell.clocks] if cell.clocks else []
    if cell.how:
        return then, cell.change, "; ".join([*(f"like for like: {how}" for how in cell.how), *notes])
    if pair["origin"] != pair["origin_before"]:
        return then, np.nan, f"made differently: {pair['origin']} now, {pair['origin_before']} before"
    if not cell.told and pair["definition"] != pair["definition_before"]:
        return then, np.nan, "the definition changed in between, and no days tell how far"
    if metric(pair["metric"]).kind == "derived" or metric(pair["metric"]).rule("time") != "sum":
        return then, pair["value"] / then - 1, "; ".join(notes)
    of_then, of_now = _known_days(pair, spans, freq)
    if abs(of_now - of_then) > 0.5:
        notes.insert(0, f"compared per known day, {of_now:.0f} now and {of_then:.0f} before")
        return then, (pair["value"] / of_now) / (then / of_then) - 1, "; ".join(notes)
    return then, pair["value"] / then - 1, "; ".join(notes)


def _refusal(pair: dict[Any, Any], freq: Frequency | None) -> str:
    """Why two figures cannot be compared whatever their days; empty where they can."""
    if pair["basis"] != "flow":
        return "lifetimes of posts of different age are not compared; ask with basis='flow'"
    if freq and pd.isna(pair["_period"]):
        return f"this {UNITS[freq]} has none in the comparison that lies alike"
    if np.isnan(pair["value"]) or np.isnan(pair["value_before"]):
        return f"unknown {'in the window' if np.isnan(pair['value']) else 'in the comparison'}"
    for coverage, where in ((pair["coverage"], "the window"), (pair["coverage_before"], "the comparison")):
        if coverage < MOSTLY:
            return f"{coverage:.0%} of {where} is known, {MOSTLY:.0%} wanted"
    if pair["coefficient_set"] != pair["coefficient_set_before"]:
        return "formed with two coefficient sets"
    return ""


def _known_days(pair: dict[Any, Any], spans: Spans, freq: Frequency | None) -> tuple[float, float]:
    """Known days of the comparison and of the window behind a figure, per account."""
    known = []
    for (start, end), mark, coverage in zip(spans, ("_period", "period"), ("coverage_before", "coverage"), strict=True):
        if freq:
            begins = pair[mark].date()
            start, end = max(start, begins), min(end, _last_of(begins, freq))
        known.append(pair[coverage] * ((end - start).days + 1))
    return known[0], known[1]


def _last_of(begins: date, freq: Frequency) -> date:
    """Last day of the period that begins on a day."""
    if freq == "M":
        return (begins.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    return begins + timedelta(6 if freq == "W" else 0)
