"""Tiers: how old a month's figures are, and so how they are kept."""

from datetime import date
from typing import Literal, get_args

import pandas as pd

from engagerr_core.store.inventory import by_partition, last_day, open_table, parts_of
from engagerr_core.store.lake import Lake
from engagerr_core.store.parts import NO_MONTH

Tier = Literal["active", "warm", "cold"]
TIERS: tuple[Tier, ...] = get_args(Tier)

WARM_AFTER, COLD_AFTER = 3, 12  # whole months since the month ended: 90 days, a year


def tier(month: str, on: date) -> Tier:
    """The tier of a month on a day: active until three whole months after its end, warm until twelve, then cold.

    Rows whose source tells no day are always active.

    >>> [tier(month, date(2026, 11, 21)) for month in ("2026-11", "2026-08", "2026-07", "2025-11", "2025-10")]
    ['active', 'active', 'warm', 'warm', 'cold']
    """
    if month == NO_MONTH:
        return "active"
    year, number = map(int, month.split("-"))
    ended = 12 * (on.year - year) + on.month - number - 1
    return "active" if ended < WARM_AFTER else "warm" if ended < COLD_AFTER else "cold"


def tiers(lake: Lake, on: date | None = None) -> pd.DataFrame:
    """What each platform and month takes up, and its tier.

    Parameters
    ----------
    on : the day from which ages are counted; None = the last day on which anything was ingested.

    Returns
    -------
    platform, month, tier, rows, files, bytes; by platform and month.
    """
    parts = parts_of(open_table(lake))
    day = on or last_day(parts)
    rows = [
        (
            platform,
            month,
            tier(month, day or date.min),
            sum(part.rows for part in held),
            len(held),
            sum(part.size for part in held),
        )
        for (platform, month), held in sorted(by_partition(parts).items())
    ]
    return pd.DataFrame(rows, columns=["platform", "month", "tier", "rows", "files", "bytes"])
