"""Statements that the tests of mappings write, and what they ask of readings."""

from pathlib import Path

import pandas as pd

from engagerr_core.analysis.statements import with_statement_totals
from engagerr_core.sources import Reading, read

DISTROKID = ["Reporting Date", "Sale Month", "Store", "Artist", "Title", "ISRC", "UPC", "Quantity", "Team Percentage",
             "Song/Album", "Country of Sale", "Songwriter Royalties Withheld", "Earnings (USD)"]  # fmt: skip


def line(
    store: str, quantity: str, earnings: str, *, month: str = "2026-03", isrc: str = "QZ-ABC-26-00001",
    country: str = "US", title: str = "River", reported: str = "2026-05-15",
) -> list[str]:  # fmt: skip
    """A line of DistroKid's statement."""
    return [
        reported, month, store, "Ada", title, isrc, "198000000011", quantity, "100", "Song", country, "0", earnings,
    ]  # fmt: skip


def readings(path: Path, **options) -> dict[str, Reading]:
    """The readings of a path by platform."""
    return {reading.platform: reading for reading in read(path, **options)}


def totals(reading: Reading, content: bool) -> pd.DataFrame:
    """Observations without a dimension, those of a statement put together: of songs, or of the account."""
    known_at = pd.Timestamp("2026-11-01", tz="UTC")
    got = with_statement_totals(reading.observations.assign(creator="Ada", known_at=known_at))
    return got[(got["dimension"] == "") & ((got["content"] != "") == content)].reset_index(drop=True)


def failure(path: Path, **options) -> str:
    """Why the one table of a path is not read."""
    (reading,) = read(path, **options)
    assert reading.observations.empty
    assert reading.contents.empty
    return reading.failure
