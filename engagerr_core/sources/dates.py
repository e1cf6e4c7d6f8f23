"""Days and instants as platforms write them. What may mean two days is refused, not guessed."""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from engagerr_core.sources.values import Untrusted, is_unknown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Order = Literal["unknown", "month first", "day first"]
FIRST_YEAR, LAST_YEAR = 1990, 2100
LEAP_CYCLE = 8  # years without a 29 February, at most
HOLE = timedelta(days=180)  # a span longer by this much has a hole in it
NO_YEAR = Untrusted(
    "a day without a year, and nothing tells when the file was exported",
    "Say when it was exported, with --exported-on 2026-11-02.",
)

_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AaPp][Mm])?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_JAPANESE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,\s*(?=\S)")
_MONTH_FIRST_NAME = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?" + _TIME)
_DAY_FIRST_NAME = re.compile(
    r"(\d{1,2})(?:\.|er|º|ª|st|nd|rd|th)?[ -](?:de )?((?:tháng |thg )?[^\W_]+(?: một| hai)?)\.?"
    r"(?:(?:,| de| năm)?[ -](\d{4}|\d{2}))?(?: г)?\.?" + _TIME
)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day whose year the source leaves out."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """A day written with numbers only, whose order is not known: first/second/year."""

    first: int
    second: int
    year: int


@cache
def month_numbers() -> dict[str, int]:
    """Month names of all languages, casefolded, to 1..12."""
    table = tomllib.loads(files(__package__).joinpath("month_names.toml").read_text(encoding="utf-8"))
    return {
        unicodedata.normalize("NFKC", name).casefold(): number
        for names in table.values()
        for number, alternatives in enumerate(names, start=1)
        for name in alternatives.split("|")
    }


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 69 else 1900)


def _made(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Untrusted(f"a day in the year {year}")
    try:
        return date(year, month, day)
    except ValueError:
        raise Untrusted("no such day in the calendar") from None


def _named(month: str, day: str, year: str | None) -> date | MonthDay:
    number = month_numbers().get(month.casefold())
    if number is None:
        raise Untrusted("not a day (the month's name is not known)")
    if year is not None:
        return _made(_year(year), number, int(day))
    _made(2000, number, int(day))  # a leap year: 29 February exists
    return MonthDay(number, int(day))


def read_day(text: str) -> date | MonthDay | Undecided | None:
    """One cell as far as it tells by itself; None where it says that the day is not known."""
    if is_unknown(text):
        return None
    bare = unicodedata.normalize("NFKC", text)
    bare = " ".join("".join(c for c in bare if unicodedata.category(c) != "Cf").split())
    if match := _YEAR_FIRST.fullmatch(bare):
        return _made(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(bare):
        return _made(*map(int, match.groups()))
    if match := _NUMERIC.fullmatch(bare):
        if match[2] == ".":  # 19.02.2026: only ever day first
            return _made(_year(match[4]), int(match[3]), int(match[1]))
        return Undecided(int(match[1]), int(match[3]), _year(match[4]))
    if match := _JAPANESE.fullmatch(bare):
        year, month, day = match.groups()
        return _made(int(year), int(month), int(day)) if year else _yearless(int(month), int(day))
    bare = _WEEKDAY.sub("", bare)
    if match := _MONTH_FIRST_NAME.fullmatch(bare):
        return _named(match[1], match[2], match[3])
    if match := _DAY_FIRST_NAME.fullmatch(bare):
        return _named(match[2], match[1], match[3])
    raise Untrusted("not a day", "Days are read as 2026-02-19, Feb 19, 2026, 19-Feb-26 or 02/19/2026.")


def _yearless(month: int, day: int) -> MonthDay:
    _made(2000, month, day)
    return MonthDay(month, day)


def _order(found: list[Undecided]) -> Order:
    """The order that all cells of a column allow, where only one does."""
    month_first = all(u.first <= 12 for u in found)
    day_first = all(u.second <= 12 for u in found)
    if month_first == day_first:
        return "unknown"
    return "month first" if month_first else "day first"


def _decided(found: Undecided, order: Order) -> date:
    if found.first == found.second:
        return _made(found.year, found.first, found.second)
    if order == "unknown":
        raise Untrusted("month first or day first? The column does not tell", "Write the days as 2026-02-19.")
    month, day = (found.first, found.second) if order == "month first" else (found.second, found.first)
    return _made(found.year, month, day)


def _latest(month_day: MonthDay, limit: date) -> date:
    """The latest such day that is not after the limit."""
    for year in range(limit.year, max(limit.year - 9, FIRST_YEAR - 1), -1):
        try:
            candidate = date(year, month_day.month, month_day.day)
        except ValueError:  # 29 February
            continue
        if candidate <= limit:
            return candidate
    raise Untrusted("no such day before the export")


def _chained(sequence: list[MonthDay], limit: date) -> list[date]:
    """Years for a sequence told from the latest day to the earliest; equal days stay equal."""
    found: list[date] = []
    for month_day in sequence:
        limit = _latest(month_day, limit)
        found.append(limit)
    return found


def infer_years(sequence: list[MonthDay], last: date) -> list[date]:
    """Years for days told in order, backwards from the export day.

    The rows may run forwards or backwards in time; the direction that spans fewer days is taken. The last day is the
    latest possible one, unless a 29 February then leaves a hole of a year that an earlier one would not.
    """
    found = []
    for days, turned in ((sequence, False), (sequence[::-1], True)):
        chain = _best_chain(days, last)
        if chain:
            found.append(chain[::-1] if turned else chain)
    if not found:
        raise Untrusted("a day without a year, in an order that makes no sense")
    return min(found, key=_spanned)


def _best_chain(days: list[MonthDay], last: date) -> list[date]:
    """The chain from the latest day down; an earlier start only where it closes a hole."""
    best: list[date] = []
    for years in range(LEAP_CYCLE if MonthDay(2, 29) in days else 1):
        try:
            chain = _chained(days, last - timedelta(days=365 * years))
        except Untrusted:  # the wrong direction may go back for centuries
            continue
        if not best or _spanned(best) - _spanned(chain) > HOLE:
            best = chain
    return best


def _spanned(days: list[date]) -> timedelta:
    return max(days) - min(days)


def read_days(
    texts: "pd.Series", *, order: Order = "unknown", exported_on: date | None = None
) -> tuple["np.ndarray", dict[int, Untrusted]]:
    """A column of days, in order of its rows: ``datetime64[D]`` (unknown: NaT), and by position what is wrong.

    `order` is how the platform itself writes numeric days; the column overrules it where only one order fits, and must
    tell where the platform has none. Days without a year are told from `exported_on` backwards; without it they are
    refused.
    """
    import numpy as np
    import pandas as pd

    codes, different = pd.factorize(texts)
    read = [_caught(read_day, text) for text in different]
    undecided = [cell for cell in read if isinstance(cell, Undecided)]
    told_order = _order(undecided)
    order = order if told_order == "unknown" else told_order
    told = [_caught(_decided, cell, order) if isinstance(cell, Undecided) else cell for cell in read]
    known = [cell if isinstance(cell, date) else None for cell in told]
    days = np.array([*known, None], dtype="datetime64[D]")[codes]
    wrong = {code: cell for code, cell in enumerate(told) if isinstance(cell, Untrusted)}
    problems = {int(i): wrong[codes[i]] for i in np.flatnonzero(np.isin(codes, list(wrong)))} if wrong else {}
    yearless = {code: cell for code, cell in enumerate(told) if isinstance(cell, MonthDay)}
    where = np.flatnonzero(np.isin(codes, list(yearless))) if yearless else np.array([], int)
    if not len(where):
        return days, problems
    if exported_on is None:
        return days, problems | dict.fromkeys(map(int, where), NO_YEAR)
    try:
        days[where] = infer_years([yearless[codes[i]] for i in where], exported_on)
    except Untrusted as problem:
        problems |= dict.fromkeys(map(int, where), problem)
    return days, problems


def _caught(parse: Callable[..., Any], *cell: Any) -> Any:
    """What the cell says, or what is wrong with it."""
    try:
        return parse(*cell)
    except Untrusted as problem:
        return problem


_INSTANT = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)


def read_instant(text: str) -> datetime | None:
    """An instant in UTC from ISO-like text; without a zone it is taken as UTC. None where unknown."""
    if is_unknown(text):
        return None
    match = _INSTANT.fullmatch(text.strip())
    if not match:
        raise Untrusted("not an instant such as 2026-02-19 22:08 +0000")
    year, month, day, hour, minute, second, part, zone = match.groups()
    _made(int(year), int(month), int(day))
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
            int(f"{part or 0:0<6}"[:6]), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        raise Untrusted("no such time of day") from None
    if zone is None or not zone.startswith(("+", "-")):
        return local
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return local - offset if zone[0] == "+" else local + offset


_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


def days_in_name(name: str) -> list[date]:
    """The days that a file's or folder's name tells, such as ``Content 2025-05-01_2026-10-31 Channel``, in order."""
    found = []
    for match in _DAY_IN_NAME.finditer(name):
        try:
            found.append(_made(*map(int, match.groups())))
        except Untrusted:
            continue
    return found
