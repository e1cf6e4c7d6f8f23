"""What callers of a workspace give, checked: days, periods, instants, columns. Mistakes are named with the way out."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from engagerr_core.errors import InvalidArgument, UnknownName
from engagerr_core.vocabulary.observation import COLUMNS


def checked_day(name: str, given: date | str | None) -> date | None:
    """A day from a day or its ISO text; None stays None."""
    if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    try:
        return date.fromisoformat(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InvalidArgument(f"{name} {given!r} is not a day. Write it like 2026-03-31.") from None


def checked_period(period: tuple[date | str, date | str]) -> tuple[date, date]:
    """First and last day."""
    try:
        first, last = period
    except (TypeError, ValueError):
        raise InvalidArgument(f"period {period!r} is not a pair of days. Give the first and the last.") from None
    start, end = checked_day("period", first), checked_day("period", last)
    if start is None or end is None:
        raise InvalidArgument(f"period {period!r} lacks a day. Give the first and the last.")
    return start, end


def last_instant(as_of: date | datetime | str | None, time_zone: str) -> datetime | None:
    """The last instant that counts as known: the one given, or the end of the day given in that zone."""
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise InvalidArgument(f"as_of {as_of} has no time zone. Give a day, or an instant with its zone.")
        return as_of.astimezone(UTC)
    day = checked_day("as_of", as_of)
    return None if day is None else datetime.combine(day, time.max, ZoneInfo(time_zone)).astimezone(UTC)


def checked_columns(columns: Iterable[str] | None) -> list[str]:
    """Columns of an observation; all where none is named."""
    wanted = list(COLUMNS if columns is None else columns)
    for name in wanted:
        if name not in COLUMNS:
            near = get_close_matches(str(name), COLUMNS, 3)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are {', '.join(COLUMNS)}."
            raise UnknownName(f"An observation has no column {name!r}. {hint}")
    return wanted
