"""How a value of a table is written: the same words in HTML and PDF. Unknown is "–", never 0."""

from datetime import date
from math import isfinite
from typing import Any

from engagerr_core.charts import wording

UNKNOWN = "–"
HASH_SHOWN = 12  # digits of a file's SHA-256 in print; sheets hold all 64
TITLE_SHOWN = 90  # characters of a post's title in print; sheets hold the whole

NUMBERS = ("count", "signed count", "people", "fraction", "change", "minutes", "seconds", "money", "number")
FORMATS = ("text", "title", "day", "hash", "flag", *NUMBERS)


def is_unknown(value: Any) -> bool:
    """Whether nothing is known: None, NaN, NaT, NA, infinite, or empty text."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or value == "":
        return True
    return isinstance(value, float) and not isfinite(value)


def written(value: Any, format: str) -> str:
    """A value as readers see it, in one of `FORMATS`; unknown is "–"."""
    if is_unknown(value):
        return UNKNOWN
    match format:
        case "count" | "people":
            return f"{value:,.0f}".replace("-", wording.MINUS)
        case "signed count":
            return f"{value:+,.0f}".replace("-", wording.MINUS) if round(value) else "0"
        case "fraction":
            return wording.percent(value)
        case "change":
            return wording.signed_percent(value)
        case "minutes" | "seconds" | "money":
            return f"{value:,.1f}".replace("-", wording.MINUS)
        case "number":
            return f"{value:g}"
        case "day":
            return wording.day(value)
        case "flag":
            return "yes" if value else "no"
        case "hash":
            return f"{value[:HASH_SHOWN]}…"
        case "title":
            return wording.one_line(value, TITLE_SHOWN)
        case _:
            return wording.one_line(value)


def written_range(value: Any, low: Any, high: Any, format: str) -> tuple[str, str]:
    """A value and what is known of its limits: the main words, and the lesser words below them (or empty).

    >>> written_range(0.039, 0.023, 0.054, "fraction")
    ('3.9%', '2.3% to 5.4%')
    >>> written_range(None, 1000, float("inf"), "people")
    ('at least 1,000', '')
    """
    known_low, known_high = not is_unknown(low), not is_unknown(high)
    lowest, highest = written(low, format), written(high, format)
    if not is_unknown(value):
        both = known_low and known_high and (low, high) != (value, value)
        return written(value, format), f"{lowest} to {highest}" if both else ""
    if known_low and known_high:
        return f"{lowest} to {highest}", ""
    if known_low:
        return f"at least {lowest}", ""
    return (f"at most {highest}", "") if known_high else (UNKNOWN, "")


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers with all digits, days as ISO text, unknown as None."""
    import numpy as np
    import pandas as pd

    if is_unknown(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, bool | int | float) else wording.printable(value)
