"""Cells to figures: counts, fractions, minutes, seconds, money and ids. Unknown is NaN, never 0."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

Mark = Literal["", ".", ","]  # the decimal mark of a table; empty = not known

UNKNOWN = frozenset(["", "-", "--", "–", "—", "nan", "n/a", "na", "undefined", "null", "none"])
SECONDS_A_DAY, DAY_DECIMALS = 86_400, 6
LARGEST = 1e15  # beyond it a double skips whole numbers

_BLANKS = re.compile(r"\s+")
_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+")
_GROUPED = re.compile(r"\d{1,3}(?:([,'.\s])\d{3})(?:\1\d{3})*")
_DECIMAL_POINT = re.compile(r"\d{1,3}(?:[,'\s]\d{3})+\.\d+")
_DECIMAL_COMMA = re.compile(r"(?:\d{1,3}(?:[.'\s]\d{3})+|\d+),\d+")
_BELOW = re.compile(r"<\d{1,3}(?:[.,]\d+)?%")  # too few to be told
_AROUND = re.compile(r"^[\s%%$€£¥₹]+|[\s%%$€£¥₹]+$")
# How numbers are written where the decimal mark is known, and what is written so with that mark only.
_WRITTEN: dict[Mark, re.Pattern[str]] = {
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:['\s]\d{3})+|\d+)(?:\.\d*)?"),
    ",": re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:['\s]\d{3})+|\d+)(?:,\d*)?"),
}
_PROOF = r"\d{{1,3}}(?:{other}\d{{3}})*{mark}(?:\d{{1,2}}|\d{{4,}})|\d{{1,3}}(?:['\s]\d{{3}})+{mark}\d+"
_PROOF += r"|\d{{1,3}}(?:{other}\d{{3}})+{mark}\d+|\d{{1,3}}(?:{other}\d{{3}}){{2,}}"
_PROOF += r"|\d{{4,}}{mark}\d+|0*{mark}\d+"
_PROOFS: dict[Mark, re.Pattern[str]] = {
    ".": re.compile(_PROOF.format(mark=r"\.", other=",")),
    ",": re.compile(_PROOF.format(mark=",", other=r"\.")),
}
_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+")
MANY = 30  # cells: that none of so many ends in 0 by chance happens once in twenty-five tables
_SCIENTIFIC = re.compile(r"\d+(?:\.\d*)?[eE][+-]?\d{1,3}")
_CLOCK = re.compile(r"(?:(\d{1,5}):)?(\d{1,4}):([0-5]\d)(\.\d+)?")
_TIME_OF_DAY = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d) ?([AaPp])[Mm]")
_IN_UNITS = re.compile(r"(?:(\d{1,5}) ?h)? ?(?:(\d{1,5}) ?m(?:in)?)? ?(?:(\d{1,7}(?:\.\d+)?) ?s(?:ec)?)?")
_NO_DAYS = re.compile(r"^0 days ")
_ISO_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d+)?)S)?)?")
_SPREADSHEET_ERROR = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!|#+)")

AGAIN = "Export the file again and do not open it in a spreadsheet before it is read."
DAY_FRACTION = "a fraction of a day, as spreadsheets write durations?"
UNTOLD = "The other cells do not tell, or differ. Write the numbers without separators of thousands."


class Untrusted(ValueError):
    """A cell that cannot be trusted: the reason, and the advice that goes with it."""

    def __init__(self, reason: str, advice: str = AGAIN):
        super().__init__(reason)
        self.reason, self.advice = reason, advice

    def alone(self) -> "Untrusted":
        """The same without what it passed on its way: kept beside the rows, it would hold frames and their tables."""
        self.__context__ = None
        return self.with_traceback(None)


def is_unknown(text: str) -> bool:
    """Whether a figure's cell says that the figure is not known."""
    bare = _BLANKS.sub("", text).casefold()
    return bare in UNKNOWN or (bare[:1] == "<" and _BELOW.fullmatch(bare) is not None)


def _sign(text: str) -> tuple[str, float]:
    text = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).replace("−", "-").strip())
    return (text[1:].lstrip(), -1.0) if text[:1] == "-" else (text.removeprefix("+"), 1.0)


def mark_proved(text: str) -> Mark:
    """The decimal mark that a cell proves by itself; empty where it may be written with either.

    >>> [mark_proved(text) for text in ("1,234.5", "12.5", "1,234,567", "3,25 %", "1.234.567", "0,125", "1.234")]
    ['.', '.', '.', ',', ',', ',', '']
    """
    body, _ = _sign(_AROUND.sub("", text))
    return next((mark for mark, proof in _PROOFS.items() if proof.fullmatch(body)), "")


def _as_marked(body: str, mark: Mark) -> float | None:
    """The number, in a table whose decimal mark is known; None where it is not written so."""
    if not mark or not _WRITTEN[mark].fullmatch(body):
        return None
    whole, _, part = body.partition(mark)
    return float(re.sub(r"\D", "", whole) + "." + part)


def decimal(text: str, *, mark: Mark = "") -> float:
    """A number that may have decimals: ``1234.5``, ``1,234.5``, ``1.234,5``, ``1 234,5``; NaN where unknown.

    ``1,234`` is refused where the decimal mark of its table is not known: one thousand or one and a quarter.
    """
    if is_unknown(text):
        return math.nan
    body, sign = _sign(text)
    if (marked := _as_marked(body, mark)) is not None:
        value = marked
    elif _PLAIN.fullmatch(body) or _SCIENTIFIC.fullmatch(body):
        value = float(body)
    elif _DECIMAL_POINT.fullmatch(body):
        value = float(re.sub(r"[,'\s]", "", body))
    elif _DECIMAL_COMMA.fullmatch(body) and (len(body.rsplit(",", 1)[1]) != 3 or re.search(r"[.'\s]", body)):
        value = float(re.sub(r"[.'\s]", "", body).replace(",", "."))
    elif (grouped := _GROUPED.fullmatch(body)) and (grouped[1] != "," or body.count(",") > 1):
        value = float(re.sub(r"[,.'\s]", "", body))
    elif grouped:
        raise Untrusted("a comma before three digits: thousands or decimals?", UNTOLD)
    else:
        raise Untrusted("not a number")
    if not value < LARGEST:
        raise Untrusted("too large to be exact")
    return sign * value


def count(text: str, *, mark: Mark = "") -> float:
    """A whole number: ``1234``, ``1,234``, ``1 234``, ``312.0``; NaN where unknown.

    ``1.234`` is refused where the decimal mark of its table is not known, since it may be a thousand or a fraction, and
    so are rounded figures such as ``1.2K``.
    """
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return float(text)
    if is_unknown(text):
        return math.nan
    body, sign = _sign(text)
    if (marked := _as_marked(body, mark)) is not None:
        value = marked
        if value < LARGEST and not value.is_integer():
            raise Untrusted("a count with decimals")
    elif body.isdecimal() and body.isascii():
        value = float(body)
    elif grouped := _GROUPED.fullmatch(body):
        if grouped[1] == "." and body.count(".") == 1:
            raise Untrusted("a point before three digits: thousands or decimals?", UNTOLD)
        value = float(re.sub(r"[,.'\s]", "", body))
    elif _PLAIN.fullmatch(body):
        value = float(body)
        if value < LARGEST and not value.is_integer():
            raise Untrusted("a count with decimals")
    elif re.fullmatch(r"[\d.,]+\s?[kKmMbB]", body) or _SCIENTIFIC.fullmatch(body):
        raise Untrusted("a rounded figure; its last digits are lost")
    else:
        raise Untrusted("not a count")
    if not value < LARGEST:
        raise Untrusted("too large to be exact")
    return sign * value


def percentage(text: str, *, scale: float = 100.0, mark: Mark = "") -> float:
    """A rate as a fraction. With a percent sign it is divided by 100, without one by `scale`; above 1 is allowed."""
    if is_unknown(text):
        return math.nan
    bare = text.strip()
    if bare.endswith(("%", "%")):
        return decimal(bare[:-1], mark=mark) / 100.0
    return decimal(bare, mark=mark) / scale


fraction = partial(percentage, scale=1.0)


def clock(text: str, *, mark: Mark = "") -> float:
    """Seconds from ``H:MM:SS``, ``M:SS``, ``PT49M19S`` or a plain number of seconds; NaN where unknown.

    Also as spreadsheets and pandas write them again: ``12:04:34 AM``, ``0 days 00:04:34``, ``4m 34s``.
    """
    if is_unknown(text):
        return math.nan
    bare = _NO_DAYS.sub("", text.strip())
    if match := _TIME_OF_DAY.fullmatch(bare):
        hours, minutes, seconds, half = match.groups()
        return (int(hours) % 12 + 12 * (half in "Pp")) * 3600.0 + int(minutes) * 60.0 + int(seconds)
    if (match := _IN_UNITS.fullmatch(bare)) and any(match.groups()):
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return (hours * 60 + minutes) * 60 + seconds
    if match := _CLOCK.fullmatch(bare):
        hours, minutes, seconds, part = match.groups()
        if hours is not None and int(minutes) > 59:
            raise Untrusted("not a duration (minutes above 59)")
        return int(hours or 0) * 3600.0 + int(minutes) * 60.0 + int(seconds) + float(part or 0)
    if (match := _ISO_DURATION.fullmatch(bare)) and any(match.groups()):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    try:
        seconds = decimal(bare, mark=mark)
    except Untrusted:
        raise Untrusted("not a duration such as 0:04:34") from None
    if 0 < seconds < 1:
        raise Untrusted(DAY_FRACTION)
    return seconds


def money(text: str, *, mark: Mark = "") -> float:
    """An amount; a currency sign around it is dropped, since the header names the currency."""
    return decimal(re.sub(r"^(-?)\s*[$€£¥₹]\s*|\s*[$€£¥₹]$", r"\1", text.strip()), mark=mark)


def scaled(text: str, *, by: float, mark: Mark = "") -> float:
    """A number times a factor, such as hours to minutes."""
    return decimal(text, mark=mark) * by


_IDS = {
    "video_id": (re.compile(r"[A-Za-z0-9_-]{11}"), "not a video id of 11 characters"),
    "digits": (re.compile(r"[0-9]{1,25}(_[0-9]{1,25})?"), "not an id of digits"),
    "id": (re.compile(r"[!-~]{1,200}"), "not an id"),
}


def identifier(text: str, *, form: str) -> str:
    """An id as text, with all its digits; empty stays empty."""
    bare = "".join(c for c in text if unicodedata.category(c) != "Cf").strip().removeprefix("'")
    if bare.startswith('="') and bare.endswith('"'):  # how people keep a spreadsheet from rounding an id
        bare = bare[2:-1]
    if not bare:
        return ""
    if re.fullmatch(r"\d([.,]\d+)?[eE]\+\d+", bare):
        raise Untrusted("an id turned into a rounded number by a spreadsheet")
    if _SPREADSHEET_ERROR.fullmatch(bare):
        raise Untrusted("an id turned into an error by a spreadsheet")
    pattern, reason = _IDS[form]
    if not pattern.fullmatch(bare):
        raise Untrusted(reason)
    return bare


def plain(text: str) -> str:
    """Text as published, without the blanks around it."""
    return text.strip()


PARSERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "number": decimal,
    "hours": partial(scaled, by=60.0),
    "minutes": decimal,
    "seconds_watched": partial(scaled, by=1 / 60),
    "milliseconds_watched": partial(scaled, by=1 / 60_000),
    "clock": clock,
    "percent": percentage,
    "fraction": fraction,
    "money": money,
    "text": plain,
    **{form: partial(identifier, form=form) for form in _IDS},
}


# Units whose cells may have separators, and what becomes of a column of plain numbers in each.
MARKED: dict[str, Callable[[Any], Any]] = {
    "count": lambda numbers: numbers,
    "number": lambda numbers: numbers,
    "hours": lambda numbers: numbers * 60.0,
    "minutes": lambda numbers: numbers,
    "seconds_watched": lambda numbers: numbers * (1 / 60),
    "milliseconds_watched": lambda numbers: numbers * (1 / 60_000),
    "percent": lambda numbers: numbers / 100.0,
    "fraction": lambda numbers: numbers,
    "money": lambda numbers: numbers,
    "clock": lambda numbers: numbers,
}
# Cells that need no look each: these ids stand as they are.
_AS_IT_STANDS = {
    "video_id": r"^[A-Za-z0-9_-]{11}$",
    "digits": r"^[0-9]{1,25}$",
    "id": r"^[A-Za-z0-9_:-]{1,200}$",
}


def table_mark(columns: Iterable["pa.Array"], counts: Iterable["pa.Array"] = ()) -> Mark:
    """The decimal mark of a table, from the different cells of its columns of numbers; empty where none or both.

    Where no cell proves one, `counts` may: a count has no decimals, so points before three digits part its thousands.
    That holds unless a spreadsheet took them for decimals, which drops zeros at the end: a cell that ends in 0, or many
    cells, tell that it did not.
    """
    import pyarrow.compute as pc

    found: set[Mark] = set()
    for cells in columns:
        plain = pc.match_substring_regex(cells, r"^[0-9]+\.[0-9]+$")
        if pc.any(pc.match_substring_regex(cells.filter(plain), r"\.([0-9]{1,2}|[0-9]{4,})$|^0*\.|^[0-9]{4}")).as_py():
            found.add(".")
        others = pc.and_not(pc.match_substring_regex(cells, "[.,]"), plain)
        found |= {mark_proved(text) for text in cells.filter(others).to_pylist()}
    if not found - {""}:
        signed = [cells.filter(pc.match_substring_regex(cells, "[.,]")).to_pylist() for cells in counts]
        texts = [text.strip() for column in signed for text in column]
        whole = all(_THOUSANDS.fullmatch(text) for text in texts)
        return "," if whole and (len(texts) >= MANY or any(text.endswith("0") for text in texts)) else ""
    return next(iter(found - {""})) if len(found - {""}) == 1 else ""


def parse_numbers(cells: "pa.Array", unit: str, mark: Mark = "") -> tuple["np.ndarray", dict[int, Untrusted]]:
    """Figures of different cells (NaN where unknown or wrong), and by position what is wrong."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    form = r"^[0-9]{1,15}(\.[0-9]{1,15})?$" if unit not in ("count", "clock") and mark != "," else r"^[0-9]{1,15}$"
    plain = pc.match_substring_regex(cells, form)
    values = np.full(len(cells), math.nan)
    is_plain = plain.to_numpy(zero_copy_only=False)
    numbers = cells.filter(plain).cast(pa.float64()).to_numpy(zero_copy_only=False)
    values[is_plain] = MARKED[unit](numbers) if unit in MARKED else numbers
    parse = partial(PARSERS[unit], mark=mark) if unit in MARKED else PARSERS[unit]
    wrong: dict[int, Untrusted] = {}
    for position in np.flatnonzero(~is_plain).tolist():
        try:
            values[position] = parse(cells[position].as_py())
        except Untrusted as problem:
            wrong[position] = problem.alone()
    if unit == "clock" and wrong:
        _read_day_fractions(cells, values, wrong)
    return values, wrong


def _read_day_fractions(cells: "pa.Array", values: "np.ndarray", wrong: dict[int, Untrusted]) -> None:
    """Durations that a spreadsheet wrote as fractions of a day: certain where all cells are, and are whole seconds.

    Half a day and half a second look alike (0.5): most cells must have more decimals than anybody writes.
    """
    found = {position: float(cells[position].as_py()) * SECONDS_A_DAY for position in wrong
             if wrong[position].reason == DAY_FRACTION}  # fmt: skip
    others = [value for position, value in enumerate(values) if position not in found and value > 0]
    long = [position for position in found if len(cells[position].as_py().partition(".")[2]) >= DAY_DECIMALS]
    if others or len(found) < len(wrong) or any(abs(s - round(s)) > 0.01 for s in found.values()):
        return
    if 2 * len(long) < len(found):
        return
    for position, seconds in found.items():
        values[position] = float(round(seconds))
    wrong.clear()


def parse_texts(cells: "pa.Array", unit: str) -> tuple["pa.Array", dict[int, Untrusted]]:
    """Texts and ids of different cells (empty where wrong), and by position what is wrong."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if unit == "text":
        return pc.utf8_trim_whitespace(cells), {}
    if pc.all(pc.match_substring_regex(cells, _AS_IT_STANDS[unit])).as_py():
        return cells, {}
    values: list[str] = []
    wrong: dict[int, Untrusted] = {}
    for position, text in enumerate(cells.to_pylist()):
        try:
            values.append(PARSERS[unit](text))
        except Untrusted as problem:
            values.append("")
            wrong[position] = problem.alone()
    return pa.array(values, pa.large_string()), wrong


def convert(texts: "pd.Series", parse: Callable[[str], Any], kind: type) -> tuple["np.ndarray", dict[int, Untrusted]]:
    """Parse a column, each different cell once.

    Returns the values (NaN or empty where wrong) and, by position, what is wrong.
    """
    import numpy as np
    import pandas as pd

    codes, different = pd.factorize(texts)
    empty: Any = math.nan if kind is float else ""
    values: list[Any] = []
    wrong: dict[int, Untrusted] = {}
    for code, text in enumerate(different):
        try:
            values.append(parse(text))
        except Untrusted as problem:
            values.append(empty)
            wrong[code] = problem.alone()
    parsed = np.array(values, dtype=float if kind is float else object)
    at_fault = np.flatnonzero(np.isin(codes, list(wrong))) if wrong else ()
    return (parsed[codes] if len(parsed) else parsed), {int(i): wrong[codes[i]] for i in at_fault}


def digits_lost(ids: Iterable[str]) -> bool:
    """Whether a spreadsheet kept only 15 digits of these ids: everything beyond is zeros, in all of them.

    At least four such zeros are asked for, so that chance explains it once in ten thousand files.
    """
    long = [text[15:] for text in set(ids) if len(text) > 15 and text.isdecimal()]
    tail = "".join(long)
    return len(tail) >= 4 and not tail.strip("0")
