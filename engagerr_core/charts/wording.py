"""Numbers, days and strangers' text as readers see them."""

import re
from collections.abc import Iterable
from datetime import date
from math import floor, isfinite, isnan, log10
from typing import Any

from engagerr_core.vocabulary.platforms import platforms

MINUS = "\u2212"
UNKNOWN = "unknown"

# Not allowed in XML 1.0: control characters, lone surrogates, non-characters. One of them in a title makes the SVG
# unreadable and ends the process inside vl-convert. The bidirectional overrides would reorder the text around them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def printable(text: Any) -> str:
    """Text without the characters that no XML document may hold; line breaks stay."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))


def one_line(text: Any, limit: int | None = None) -> str:
    """Text on one line, cut at `limit` characters with an ellipsis. Unknown (None, NaN, NaT) is empty."""
    import pandas as pd

    if text is None or text is pd.NA or text is pd.NaT or (isinstance(text, float) and isnan(text)):
        return ""
    line = " ".join(printable(text).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(value: float) -> str:
    """A count: all digits below a million, three significant ones above. NaN is "unknown"."""
    if value is None or not isfinite(value):
        return UNKNOWN
    size, sign = abs(value), MINUS if value < 0 else ""
    for scale, word in ((1e9, "billion"), (1e6, "million")):
        if size >= scale * 0.9995:
            return f"{sign}{_three_digits(size / scale)} {word}"
    text = f"{size:,.0f}"
    return text if text == "0" else sign + text


def _three_digits(size: float) -> str:
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{size:,.{digits}f}"


def signed_count(value: float) -> str:
    """A difference of counts with its sign, always."""
    text = count(value)
    return f"+{text}" if text not in ("0", UNKNOWN) and value > 0 else text


def percent(fraction: float, digits: int | None = None) -> str:
    """A fraction × 100; two significant digits below 10 %, whole numbers above. NaN is "unknown"."""
    if fraction is None or not isfinite(fraction):
        return UNKNOWN
    size = abs(fraction) * 100
    if digits is None:
        digits = 0 if size >= 9.95 or size == 0 else 1 if size >= 0.995 else 2
    text = f"{size:,.{digits}f}%"
    return text if fraction >= 0 or not any(c in "123456789" for c in text) else MINUS + text


def percent_within(fraction: float, low: float, high: float) -> str:
    """A fraction with its interval, as many digits as tell its ends apart: ``7.21% (7.19% to 7.24%)``.

    Without an interval the fraction alone.
    """
    if not (isfinite(fraction) and isfinite(low) and isfinite(high)):
        return percent(fraction)
    half = 50 * (high - low)
    digits = min(4, max(0, 1 - floor(log10(half)))) if half > 0 else None
    return f"{percent(fraction, digits)} ({percent(low, digits)} to {percent(high, digits)})"


def signed_percent(fraction: float) -> str:
    """A relative change with its sign; 0 has none. NaN is "unknown"."""
    text = percent(fraction)
    return f"+{text}" if text != UNKNOWN and fraction > 0 and any(c in "123456789" for c in text) else text


def day(value: Any, year: bool = True) -> str:
    """A day as ``5 Mar 2026``; unknown (None, NaT) is "unknown"."""
    import pandas as pd

    if value is None or pd.isna(value):
        return UNKNOWN
    when = pd.Timestamp(value)
    return f"{when.day} {when:%b %Y}" if year else f"{when.day} {when:%b}"


def period(start: date, end: date) -> str:
    """Two days as ``1 Feb to 28 Mar 2026``; the first year only where it differs."""
    return f"{day(start, year=start.year != end.year)} to {day(end)}"


def platform_title(name: str) -> str:
    """A platform as readers see it; a name that the vocabulary lacks stands for itself."""
    known = platforms().get(name)
    return known.title.removesuffix(" (platform not named)") if known else one_line(name, 24)


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def told(real: Any) -> bool | None:
    """True, False, or None where it could not be tested (None, NaN, NA)."""
    import pandas as pd

    return None if real is None or pd.isna(real) else bool(real)
