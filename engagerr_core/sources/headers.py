"""Column headers as platforms, translators and spreadsheets spell them, brought to one form."""

import re
import unicodedata
from functools import lru_cache

_CURRENCY = re.compile(r"\(\s*([A-Za-z]{3})\s*\)\s*$")
# Believed in small letters too, as pandas leaves headers; “(sec)” is none.
COMMON_CURRENCIES = frozenset((
    "AUD", "BRL", "CAD", "CHF", "CLP", "COP", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON",
    "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
))  # fmt: skip
_UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?|level_\d+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’ʼ`´"))
LONGEST = 300  # characters of a header; a caption looked at as one is cut there, and costs the cache no more
KEPT_SIGNS = "%"  # "Views" is a count, "Views (%)" a share


@lru_cache(maxsize=4096)
def normal(header: str) -> str:
    """The form in which headers are compared.

    NFKC, format characters (soft hyphen, byte-order mark) dropped, casefolded, punctuation and underscores to blanks,
    blanks collapsed. The percent sign stays.

    >>> normal("Viewed (vs. swiped away) (%)")
    'viewed vs swiped away %'
    >>> normal("Traffic_source ")
    'traffic source'
    """
    text = unicodedata.normalize("NFKC", header[:LONGEST]).translate(_APOSTROPHES)
    kept = (c for c in text.casefold() if unicodedata.category(c) != "Cf")
    blanked = (
        " " if unicodedata.category(c)[0] in "PZC" and c not in KEPT_SIGNS else f" {c} " if c in KEPT_SIGNS else c
        for c in kept
    )
    return " ".join("".join(blanked).split())


@lru_cache(maxsize=4096)
def split_currency(header: str) -> tuple[str, str]:
    """A header without its currency, and the currency's ISO code; empty where there is none.

    >>> split_currency("Estimated revenue (USD)")
    ('Estimated revenue', 'USD')
    """
    match = _CURRENCY.search(header)
    if match is None or not (match[1].isupper() or match[1].upper() in COMMON_CURRENCIES):
        return header, ""
    return header[: match.start()].rstrip(" _"), match[1].upper()


def is_unnamed(header: str) -> bool:
    """Whether a column has no header: an empty cell, or what pandas calls such a column when it saves it again."""
    return not header.strip() or _UNNAMED.fullmatch(header.strip()) is not None
