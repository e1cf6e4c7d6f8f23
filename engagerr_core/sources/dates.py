"""Days and instants as platforms and spreadsheets write them. What may mean two days is refused, not guessed."""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from engagerr_core.sources.values import Untrusted, is_unknown
from engagerr_core.sources.years import FIRST_YEAR, LAST_YEAR, MonthDay, infer_years

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Order = Literal["unknown", "month first", "day first"]
LONGEST = 64  # characters of a day with weekday, time and zone, in any language
SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
FIRST_SERIAL, LAST_SERIAL = date(2005, 1, 1), date(2035, 12, 31)
FIRST_SECOND, LAST_SECOND = 1_104_537_600, 2_082_758_400  # 2005 and 2036, in seconds since the epoch
CLOSE = 7  # days from one row's day to the next, at most, where a table has a row a day
FEWEST_STEPS = 3
NO_YEAR = Untrusted(
    "a day without a year, and nothing tells when the file was exported",
    "Say when it was exported, with --exported-on 2026-11-02.",
)
NO_DAY = "not a day"

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00:00(?:\.0+)?Z?)?", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_EPOCH = re.compile(r"(\d{10})(\d{3})?", re.ASCII)

# All that follows is matched against casefolded text in NFKC, without format characters.
_HALF = r"[ap]\.? ?m\b\.?|sa\b|ch\b"  # Vietnamese: sáng, chiều
_CLOCK = (
    rf"(?P<before>午前|午後)? ?(?P<hour>\d{{1,2}})"
    rf"(?:(?:: ?| ?h ?|時)(?P<minute>\d{{2}})分?(?::?(?P<second>\d{{2}})秒?(?:[.,](?P<part>\d{{1,9}}))?)?"
    rf"(?: ?(?P<half>{_HALF})| uhr| h)?| ?(?P<hour_half>{_HALF}))"
)
_ZONE = r"(?: ?(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|[a-z]{3,4}))?"
_AT = r"(?:at|um|à|a las?|às|alle(?: ore)?|ore|lúc|в) "
_DAY_THEN_CLOCK = re.compile(rf"(?P<day>.*?\S)(?:t|(?:,| ·| \|)? {_AT}|[,·|]? |, ?|(?<=[日)])){_CLOCK}{_ZONE}")
_CLOCK_THEN_DAY = re.compile(rf"(?:{_AT})?{_CLOCK}{_ZONE}(?: ·| \||,)? (?P<day>.+)")

_YEAR_FIRST = re.compile(r"(\d{4}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,2})\.?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?: ?г\.?)?")
_JAPANESE = re.compile(r"(?:(\d{4})年)? ?(\d{1,2})月 ?(\d{1,2})日")


@dataclass(frozen=True, slots=True)
class Undecided:
    """A day written with numbers only, whose order is not known: first/second/year, perhaps with its weekday."""

    first: int
    second: int
    year: int
    weekday: int | None = None
    short: bool = False  # the year has two digits

    def read(self, order: Order) -> date:
        """The day in that order. Raises `Untrusted` where there is none."""
        month, day = (self.first, self.second) if order == "month first" else (self.second, self.first)
        return _made(self.year, month, day)

    def orders(self) -> set[Order]:
        """The orders that give a day of the calendar and, where it is told, of the week."""
        fits: set[Order] = set()
        for order in ("month first", "day first"):
            day = _caught(self.read, order)
            if isinstance(day, date) and self.weekday in (None, day.weekday()):
                fits.add(order)
        return fits


def _no_day() -> Untrusted:
    """A new one each time, since an exception that was raised keeps all that it passed."""
    return Untrusted(NO_DAY, "Days are read as 2026-02-19, Feb 19, 2026, 19-Feb-26 or 02/19/2026.")


@cache
def month_numbers() -> dict[str, int]:
    """Month names of all languages, casefolded, to 1..12."""
    return _numbered("month_names.toml", first=1)


@cache
def weekday_numbers() -> dict[str, int]:
    """Names of the days of the week in all languages, casefolded, to 0 (Monday) .. 6."""
    return _numbered("weekday_names.toml", first=0)


def _numbered(file: str, first: int) -> dict[str, int]:
    table = tomllib.loads(files(__package__).joinpath(file).read_text(encoding="utf-8"))
    return {
        unicodedata.normalize("NFKC", name).casefold(): number
        for names in table.values()
        for number, alternatives in enumerate(names, start=first)
        for name in alternatives.split("|")
    }


def _any_of(names: dict[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@cache
def _named_forms() -> tuple[re.Pattern[str], ...]:
    """Forms with the month's name, each with the groups ``day``, ``month`` and perhaps ``year``."""
    month = rf"(?P<month>{_any_of(month_numbers())})"
    return (
        re.compile(rf"{month}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}})|, ?'?(?P<short>\d{{2}}))?"),
        re.compile(rf"{month}-(?P<day>\d{{1,2}})-(?P<year>\d{{4}})"),
        re.compile(rf"(?P<year>\d{{4}})[ -]{month}\.?[ -](?P<day>\d{{1,2}})"),
        re.compile(
            rf"(?:ngày |le |el |il )?(?P<day>\d{{1,2}})(?:\.?[oa]|\.|er|st|nd|rd|th)?[ /-]?(?:de |d')?{month}\.?"
            r"(?:(?:,| del?| năm)?[ ./-](?:(?P<year>\d{4})|'?(?P<short>\d{2})))?(?: ?г)?\.?"
        ),
    )


@cache
def _weekday_forms() -> tuple[re.Pattern[str], ...]:
    weekday = rf"(?P<weekday>{_any_of(weekday_numbers())})"
    return (
        re.compile(rf"{weekday}(?:\.?, ?|\. ?| )(?P<day>.+)"),
        re.compile(rf"(?P<day>.+?)(?: ?\(|(?<=日)|,? ){weekday}\.?\)?"),
    )


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


def _yearless(month: int, day: int) -> MonthDay:
    _made(2000, month, day)  # a leap year: 29 February exists
    return MonthDay(month, day)


def _bare(text: str) -> str:
    """A cell as the patterns expect it. Raises `Untrusted` where it is too long for a day."""
    if len(text) > 2 * LONGEST:
        raise _no_day()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = " ".join("".join(c for c in folded if unicodedata.category(c) != "Cf").split()).removeprefix("'")
    if len(bare) > LONGEST or not bare.isprintable():
        raise _no_day()
    return bare


def read_day(text: str) -> date | MonthDay | Undecided | None:
    """One cell as far as it tells by itself; None where it says that the day is not known."""
    if match := _ISO.fullmatch(text):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    if is_unknown(text):
        return None
    return _day_and_clock(_bare(text))[0]


def _day_and_clock(bare: str) -> tuple[date | MonthDay | Undecided, re.Match[str] | None]:
    """The day of a cell, and what it says about the time of day."""
    day = _day(bare)
    if day is not None:
        return day, None
    for form in (_DAY_THEN_CLOCK, _CLOCK_THEN_DAY):
        if (match := form.fullmatch(bare)) and (day := _day(match["day"])) is not None:
            _time(match)  # there must be such a time
            return day, match
    raise _no_day()


def _day(bare: str, weekday: int | None = None) -> date | MonthDay | Undecided | None:
    """A day without a time; None where the text is no such thing."""
    if match := _YEAR_FIRST.fullmatch(bare):
        return _made(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(bare):
        return _made(*map(int, match.groups()))
    if match := _NUMERIC.fullmatch(bare):
        if match[2] == ".":  # 19.02.2026: only ever day first
            return _made(_year(match[4]), int(match[3]), int(match[1]))
        return Undecided(int(match[1]), int(match[3]), _year(match[4]), weekday, len(match[4]) == 2)
    if match := _JAPANESE.fullmatch(bare):
        year, month, day = match.groups()
        return _made(int(year), int(month), int(day)) if year else _yearless(int(month), int(day))
    for form in _named_forms():
        if match := form.fullmatch(bare):
            told = match.groupdict()
            month, day, year = month_numbers()[told["month"]], int(told["day"]), told["year"] or told.get("short")
            return _made(_year(year), month, day) if year else _yearless(month, day)
    if weekday is None:
        for form in _weekday_forms():
            if match := form.fullmatch(bare):
                return _day(match["day"], weekday_numbers()[match["weekday"]])
    return None


def _time(told: re.Match[str]) -> time:
    """The time of day that a match tells. Raises `Untrusted`."""
    hour, half = int(told["hour"]), told["half"] or told["hour_half"]
    afternoon = told["before"] == "午後" or bool(half and half[0] in "pc")
    if half and hour > 12 and not afternoon:
        raise Untrusted("no such time of day")
    if half or told["before"]:
        hour = hour % 12 + 12 * afternoon if hour <= 12 else hour
    try:
        return time(hour, int(told["minute"] or 0), int(told["second"] or 0), int(f"{told['part'] or 0:0<6}"[:6]))
    except ValueError:
        raise Untrusted("no such time of day") from None


def _order(found: list[Undecided]) -> Order:
    """The order that all cells of a column allow, where only one does."""
    fits: set[Order] = {"month first", "day first"}
    for cell in found:
        fits &= cell.orders() or fits  # a cell that is no day in any order tells nothing
    return fits.pop() if len(fits) == 1 else "unknown"


def _order_of_days(found: list[Undecided]) -> Order:
    """The order in which these are days close to one another, where they are a month apart in the other."""
    orders: tuple[Order, Order] = ("month first", "day first")
    steps = []
    for order in orders:
        days = sorted({cell.read(order) for cell in found})
        steps.append([(later - earlier).days for earlier, later in pairwise(days)])
    for order, close, apart in zip(orders, steps, reversed(steps), strict=True):
        if len(close) >= FEWEST_STEPS and max(close) <= CLOSE and min(apart) > 2 * CLOSE:
            return order
    return "unknown"


def _decided(found: Undecided, order: Order, alike: bool) -> date:
    if order == "unknown" and not alike:
        raise Untrusted("month first or day first? The column does not tell", "Write the days as 2026-02-19.")
    return found.read(order)


def _year_perhaps_first(found: list[Undecided]) -> bool:
    """Whether 26/02/19 may be 2026-02-19: one number leads all the cells, is no month, and another one varies."""
    leading = {cell.first for cell in found if cell.short}
    return len(leading) == 1 and min(leading) > 12 and len({cell.year for cell in found}) > 1


def _serial_days(cells: list[str], read: list[Any]) -> list[Any]:
    """Days from the numbers under which spreadsheets keep them; only where the whole column is such numbers."""
    numbers = [_SERIAL.fullmatch(cell.strip()) for cell in cells]
    days = [SERIAL_EPOCH + timedelta(days=int(match[1])) if match else None for match in numbers]
    if any(day is not None and not FIRST_SERIAL <= day <= LAST_SERIAL for day in days):
        return read
    if any(not isinstance(told, Untrusted | None) for told in read):
        return read
    return [told if day is None else day for day, told in zip(days, read, strict=True)]


def read_days(
    texts: "pd.Series", *, order: Order = "unknown", exported_on: date | None = None, daily: bool = False
) -> tuple["np.ndarray", dict[int, Untrusted]]:
    """A column of days, in order of its rows: ``datetime64[D]`` (unknown: NaT), and by position what is wrong.

    `order` is how the platform itself writes numeric days; the column overrules it where only one order fits, and must
    tell where the platform has none: of a table with a row a day (`daily`) also by the steps from day to day. Days
    without a year are told from `exported_on` backwards, and from the days among them that have one; without either
    they are refused.
    """
    import numpy as np
    import pandas as pd

    codes, different = pd.factorize(texts)
    read = _serial_days(list(different), [_caught(read_day, text) for text in different])
    undecided = [cell for cell in read if isinstance(cell, Undecided)]
    told_order = _order(undecided)
    if told_order == "unknown" and order == "unknown" and daily:
        told_order = _order_of_days(undecided)
    order = order if told_order == "unknown" else told_order
    alike = all(cell.first == cell.second for cell in undecided)  # 3/3 and 4/4 need no order; beside 3/4 they do
    if order == "day first" and _year_perhaps_first(undecided):
        order = "unknown"
    told = [_caught(_decided, cell, order, alike) if isinstance(cell, Undecided) else cell for cell in read]
    known = [cell if isinstance(cell, date) else None for cell in told]
    days = np.array([*known, None], dtype="datetime64[D]")[codes]
    wrong = {code: cell for code, cell in enumerate(told) if isinstance(cell, Untrusted)}
    problems = {int(i): wrong[codes[i]] for i in np.flatnonzero(np.isin(codes, list(wrong)))} if wrong else {}
    yearless = [code for code, cell in enumerate(told) if isinstance(cell, MonthDay)]
    if not yearless:
        return days, problems
    where = np.flatnonzero(np.isin(codes, yearless))
    if exported_on is None and not any(known):
        return days, problems | dict.fromkeys(map(int, where), NO_YEAR)
    dated = np.flatnonzero([isinstance(told[code], date | MonthDay) for code in codes])
    try:
        days[dated] = infer_years([told[codes[i]] for i in dated], exported_on)
    except Untrusted as problem:
        problems |= dict.fromkeys(map(int, where), problem.alone())
    return days, problems


def _caught(parse: Callable[..., Any], *cell: Any) -> Any:
    """What the cell says, or what is wrong with it."""
    try:
        return parse(*cell)
    except Untrusted as problem:
        return problem.alone()


_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?: ?(?:Z|UTC|[+-]00:?00))?", re.ASCII
)
NO_INSTANT = "not an instant such as 2026-02-19 22:08 +0000"


def read_instant(text: str) -> datetime | None:
    """An instant in UTC: a day and a time in any form, or seconds or milliseconds since the epoch; None where unknown.

    Without a zone it is taken as UTC.
    """
    if match := _INSTANT.fullmatch(text):  # the usual form, quickly
        year, month, day, hour, minute, second, part = match.groups()
        try:
            clock = time(int(hour), int(minute), int(second or 0), int(f"{part or 0:0<6}"))
        except ValueError:
            raise Untrusted("no such time of day") from None
        return datetime.combine(_made(int(year), int(month), int(day)), clock, UTC)
    if is_unknown(text):
        return None
    if (match := _EPOCH.fullmatch(text.strip())) and FIRST_SECOND <= int(match[1]) < LAST_SECOND:
        return datetime.fromtimestamp(int(match[1]), UTC) + timedelta(milliseconds=int(match[2] or 0))
    try:
        day, told = _day_and_clock(_bare(text))
    except Untrusted as problem:
        raise (Untrusted(NO_INSTANT) if problem.reason == NO_DAY else problem) from None
    if told is None or not isinstance(day, date):
        raise Untrusted(NO_INSTANT)
    return datetime.combine(day, _time(told), UTC) - _offset(told["zone"] or "")


def _offset(zone: str) -> timedelta:
    """How far a zone is ahead of UTC. Raises `Untrusted` for a zone told by letters alone: several share them."""
    numbers = zone.removeprefix("utc").removeprefix("gmt")
    if not numbers or zone == "z":
        return timedelta()
    if numbers[0] not in "+-":
        raise Untrusted(f"a time zone called {zone.upper()}, which is several", "Write the instant with its offset.")
    digits = numbers[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:-2] if len(digits) > 2 else digits), minutes=int(digits[2:] or 0))
    return ahead if numbers[0] == "+" else -ahead


_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)", re.ASCII)


def days_in_name(name: str) -> list[date]:
    """The days that a file's or folder's name tells, such as ``Content 2025-05-01_2026-10-31 Channel``, in order."""
    found = []
    for match in _DAY_IN_NAME.finditer(name):
        try:
            found.append(_made(*map(int, match.groups())))
        except Untrusted:
            continue
    return found
