"""Countries as statements write them, to the two letters of ISO 3166."""

import csv
from functools import cache
from importlib.resources import files

from engagerr_core.sources.headers import normal

UNKNOWN = "unknown"
_UNKNOWN = frozenset(["", "zz", "zzz", "unknown", "n/a", "-", "--", "not available", "other", "xx"])
_OTHER_NAMES = {
    "usa": "US", "united states of america": "US", "u s a": "US", "uk": "GB", "great britain": "GB", "korea": "KR",
    "korea republic of": "KR", "russian federation": "RU", "viet nam": "VN", "türkiye": "TR", "turkiye": "TR",
    "czechia": "CZ", "deutschland": "DE", "españa": "ES", "brasil": "BR", "méxico": "MX", "holland": "NL",
    "the netherlands": "NL", "macau": "MO", "cote divoire": "CI", "côte divoire": "CI",
}  # fmt: skip


@cache
def _codes() -> dict[str, str]:
    text = files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    found = dict(_OTHER_NAMES)
    for row in csv.DictReader(text.splitlines()):
        found |= {normal(row[key]): row["alpha_2"] for key in ("alpha_2", "alpha_3", "name")}
    return found


def country_code(text: str) -> str:
    """Two letters for a code or an English name; ``unknown`` where it says so, the text itself where nobody knows it.

    >>> country_code("GBR"), country_code("united states"), country_code("ZZ"), country_code("Atlantis")
    ('GB', 'US', 'unknown', 'Atlantis')
    """
    bare = " ".join(text.split())
    if bare.casefold() in _UNKNOWN:
        return UNKNOWN
    return _codes().get(normal(bare), bare)
