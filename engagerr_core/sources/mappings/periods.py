"""Months, quarters and years as royalty statements write their periods: first and last day."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from engagerr_core.sources.dates import Order, Undecided, month_numbers, read_day, read_days
from engagerr_core.sources.values import Untrusted, is_unknown
from engagerr_core.sources.years import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Span = tuple[date, date]

_YEAR_MONTH = re.compile(r"(\d{4})[-/. ]?(0[1-9]|1[0-2])", re.ASCII)
_MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/. ](\d{4})", re.ASCII)
_NAME_YEAR = re.compile(r"([^\W\d_]+)\.?[-/,' ]*(\d{4}|\d{2})")
_YEAR_NAME = re.compile(r"(\d{4})[-/, ]*([^\W\d_]+)\.?")
_YEAR_QUARTER = re.compile(r"(\d{4})[-/ ]?[Qq]([1-4])", re.ASCII)
_QUARTER_YEAR = re.compile(r"[Qq]([1-4])[-/ ]?(\d{4}|\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
NO_PERIOD = "Periods are read as 2026-03, Mar 2026, 2026-Q1, 2026 or a day such as 2026-03-31."


def read_span(text: str) -> Span | None:
    """The whole month, quarter or year that a cell names; None where it names none, such as a day.

    >>> read_span("JUN-25")
    (datetime.date(2025, 6, 1), datetime.date(2025, 6, 30))
    """
    bare = " ".join(unicodedata.normalize("NFKC", text).split())
    if match := _YEAR_QUARTER.fullmatch(bare):
        return _months(int(match[1]), 3 * int(match[2]) - 2, 3)
    if match := _QUARTER_YEAR.fullmatch(bare):
        return _months(_year(match[2]), 3 * int(match[1]) - 2, 3)
    if match := _YEAR.fullmatch(bare):
        return _months(int(bare), 1, 12)
    if match := _YEAR_MONTH.fullmatch(bare):
        return _months(int(match[1]), int(match[2]), 1)
    if match := _MONTH_YEAR.fullmatch(bare):
        return _months(int(match[2]), int(match[1]), 1)
    if match := _NAME_YEAR.fullmatch(bare):
        name, year = match.groups()
    elif match := _YEAR_NAME.fullmatch(bare):
        year, name = match.groups()
    else:
        return None
    number = month_numbers().get(name.casefold())
    return None if number is None else _months(_year(year), number, 1)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _months(year: int, first: int, count: int) -> Span:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Untrusted(f"a period in the year {year}", NO_PERIOD)
    last = first + count - 1
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def read_spans(texts: "pd.Series", *, whole_month: bool) -> tuple["np.ndarray", "np.ndarray", dict[int, Untrusted]]:
    """A column of periods: first days, last days (unknown: NaT), and by position what is wrong.

    A day is itself, or with `whole_month` the month that it lies in.
    """
    import numpy as np
    import pandas as pd

    codes, different = pd.factorize(texts)
    starts = np.full(len(different), np.datetime64("NaT"), "datetime64[D]")
    ends = starts.copy()
    wrong: dict[int, Untrusted] = {}
    single: list[int] = []
    for code, text in enumerate(different):
        if is_unknown(text):
            continue
        try:
            span = read_span(text)
        except Untrusted as problem:
            wrong[code] = problem.alone()
            continue
        if span is None:
            single.append(code)
        else:
            starts[code], ends[code] = span
    if single:
        cells = pd.Series([different[code] for code in single], dtype="str")
        days, problems = read_days(cells, order=_order(cells) if whole_month else "unknown")
        wrong |= {single[i]: Untrusted(problem.reason, NO_PERIOD) for i, problem in problems.items()}
        starts[single], ends[single] = days, days
        if whole_month:
            months = days.astype("datetime64[M]")
            starts[single] = months.astype("datetime64[D]")
            ends[single] = (months + 1).astype("datetime64[D]") - 1
    where = np.flatnonzero(np.isin(codes, list(wrong))) if wrong else ()
    return starts[codes], ends[codes], {int(i): wrong[codes[i]] for i in where}


def _order(cells: "pd.Series") -> Order:
    """Of days that stand for their months: which number is always 1, as the first of a month is."""
    found = []
    for text in cells:
        try:
            cell = read_day(text)
        except Untrusted:
            continue
        if isinstance(cell, Undecided):
            found.append((cell.first, cell.second))
    if found and all(second == 1 for _, second in found):
        return "month first"
    return "day first" if found and all(first == 1 for first, _ in found) else "unknown"
