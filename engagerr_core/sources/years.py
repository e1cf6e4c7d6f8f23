"""The years of days that a source writes without one, told backwards from the day of the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from engagerr_core.sources.values import Untrusted

FIRST_YEAR, LAST_YEAR = 1990, 2100
LEAP_CYCLE = 8  # years without a 29 February, at most
HOLE = timedelta(days=180)  # a step longer than this is no step from one row to the next
UNORDERED = "a day without a year, in an order that makes no sense"


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day whose year the source leaves out."""

    month: int
    day: int


def infer_years(told: Sequence[MonthDay | date], last: date | None) -> list[date]:
    """Days of consecutive rows, those without a year told backwards from `last`, the day of the export.

    The rows may run forwards or backwards in time; the direction that spans fewer days is taken. Rows that tell their
    year bind the others, and are enough where the export day is not known. The last day is the latest possible one,
    unless a 29 February then leaves a hole of a year that an earlier one would not. Rows in no order are each the
    latest such day, as long as no day stands at two places.

    Raises
    ------
    Untrusted
        The order allows no reading, or several.
    """
    found = []
    for days, turned in ((told, False), (told[::-1], True)):
        if chain := _best_chain(days, last):
            found.append(chain[::-1] if turned else chain)
    best = min(found, key=_spanned, default=[])
    if best and all(abs(one - other) <= HOLE for one, other in pairwise(best)):
        return best
    places = [day for day, before in zip(told, (None, *told), strict=False) if day != before]
    if last is None or len(set(places)) < len(places) or any(isinstance(day, date) for day in told):
        raise Untrusted(UNORDERED)
    return [_latest(day, last) for day in told if isinstance(day, MonthDay)]


def _best_chain(days: Sequence[MonthDay | date], last: date | None) -> list[date]:
    """The chain from the latest day down; an earlier start only where it closes a hole."""
    starts: list[date | None] = []
    if last is not None:
        years = range(LEAP_CYCLE if MonthDay(2, 29) in days else 1)
        starts += [last - timedelta(days=365 * year) for year in years]
    if any(isinstance(day, date) for day in days):
        starts.append(None)
    best: list[date] = []
    for start in starts:
        try:
            chain = _chained(days, start)
        except Untrusted:  # the wrong direction may go back for centuries
            continue
        if not best or _spanned(best) - _spanned(chain) > HOLE:
            best = chain
    return best


def _chained(days: Sequence[MonthDay | date], limit: date | None) -> list[date]:
    """Years for days told from the latest to the earliest; equal days stay equal."""
    found: list[date] = []
    if limit is None:
        found = _before_the_first_dated(days)
        limit = found[-1]
    for day in days[len(found) :]:
        if isinstance(day, MonthDay):
            limit = _latest(day, limit)
        elif day > limit:
            raise Untrusted(UNORDERED)
        else:
            limit = day
        found.append(limit)
    return found


def _before_the_first_dated(days: Sequence[MonthDay | date]) -> list[date]:
    """The days later than the first that tells its year, and that one: each the earliest possible."""
    at = next(i for i, day in enumerate(days) if isinstance(day, date))
    found: list[date] = []
    for day in days[at::-1]:
        found.append(_earliest(day, found[-1]) if isinstance(day, MonthDay) else day)
    return found[::-1]


def _latest(day: MonthDay, limit: date) -> date:
    """The latest such day that is not after the limit."""
    return _first_of(day, range(limit.year, max(limit.year - LEAP_CYCLE - 1, FIRST_YEAR - 1), -1), latest=limit)


def _earliest(day: MonthDay, limit: date) -> date:
    """The earliest such day that is not before the limit."""
    return _first_of(day, range(limit.year, min(limit.year + LEAP_CYCLE + 1, LAST_YEAR + 1)), earliest=limit)


def _first_of(day: MonthDay, years: range, *, earliest: date = date.min, latest: date = date.max) -> date:
    for year in years:
        try:
            candidate = date(year, day.month, day.day)
        except ValueError:  # 29 February
            continue
        if earliest <= candidate <= latest:
            return candidate
    raise Untrusted("no such day before the export")


def _spanned(days: Sequence[date]) -> timedelta:
    return max(days) - min(days)
