"""Audience snapshots: what a platform says of the people behind an account, from its demographic tables."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.dimensions import dimensions

SNAPSHOT_COLUMNS = (
    *ACCOUNT, "of", "dimension", "value", "share", "count", "coverage", "origin", "period_start", "period_end",
    "observed_at", "known_at",
)  # fmt: skip
SHARES = {"followers": "followers_share", "views": "views_share", "watch_minutes": "watch_minutes_share"}
_SPAN = ["period_start", "period_end", "observed_at", "known_at"]
_SNAPSHOT = [*ACCOUNT, "of", "dimension", *_SPAN]


def audience_snapshots(observations: pd.DataFrame) -> pd.DataFrame:
    """Every snapshot of an account's audience by age, gender, country and the like.

    A share that the platform gives is native. Where it gives counts instead (followers or views by country), the share
    is derived: the count ÷ the platform's own total of the same statement, else ÷ the sum of the values listed. Age and
    gender from a table of both are sums over the other and derived too. Shares of people are never made from reach or
    listeners: one person is counted under several values.

    Parameters
    ----------
    observations : resolved observation rows.

    Returns
    -------
    One row a snapshot and value: creator, platform, account; `of` (whose shares these are: followers, views or
    watch_minutes); `dimension`, `value`; `share` (fraction) and `count` (NaN where not told); `coverage` (sum of the
    snapshot's known shares: what lacks to 1 was withheld); `origin`; period (NaT for a state) and when it was observed
    and stored. Sorted by account, `of`, dimension, from the newest snapshot, by falling share.
    """
    accounts = observations[observations["content"] == ""]
    rows = accounts[accounts["dimension"].map(_tells_of_audience).astype(bool)]
    totals = accounts[(accounts["dimension"] == "") & (accounts["basis"] == "flow")]
    parts = [_stated(rows, totals, of) for of in SHARES]
    crossed = pd.concat(parts, ignore_index=True)
    found = pd.concat([crossed, *_margins(crossed)], ignore_index=True)
    coverage = found.groupby(_SNAPSHOT, dropna=False)["share"].transform(_total)
    made = found.assign(coverage=coverage)[list(SNAPSHOT_COLUMNS)]
    return made.sort_values(
        [*ACCOUNT, "of", "dimension", "observed_at", "period_end", "known_at", "share", "value"],
        ascending=[True] * 5 + [False] * 4 + [True],
        kind="stable",
        ignore_index=True,
    )


def latest_snapshots(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Of each account, population and dimension the newest snapshot: by its last day or when it was observed."""
    seen = snapshots["period_end"].fillna(snapshots["observed_at"].dt.tz_localize(None))
    order = snapshots.assign(seen=seen).sort_values(["seen", "known_at"], kind="stable", na_position="first")
    newest = order.drop_duplicates([*ACCOUNT, "of", "dimension"], keep="last")[_SNAPSHOT]
    return snapshots.merge(newest, on=_SNAPSHOT)[list(snapshots.columns)]


def _tells_of_audience(dimension: str) -> bool:
    names = dimension.split("|")
    return bool(dimension) and all(name in dimensions() and dimensions()[name].audience for name in names)


def _total(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def _stated(rows: pd.DataFrame, totals: pd.DataFrame, of: str) -> pd.DataFrame:
    """The shares of one population: native ones, and those that follow from counts."""
    share = rows[SHARES[of]] if SHARES[of] in rows else pd.Series(np.nan, index=rows.index)
    count = rows[of] if of in rows else pd.Series(np.nan, index=rows.index)
    made = rows[[*ACCOUNT, "dimension", *_SPAN]].assign(
        of=of, value=rows["dimension_value"], share=share, count=count, origin="native"
    )
    made = made[share.notna() | count.notna()]
    listed = made.groupby(_SNAPSHOT, dropna=False)["count"].transform(_total)
    whole = _platforms_total(made, totals, of)
    whole = whole.where(whole >= listed, listed)
    derived = made["share"].isna() & (whole > 0) & (made["count"] >= 0)
    return made.assign(
        share=made["share"].mask(derived, made["count"] / whole), origin=made["origin"].mask(derived, "derived")
    )


def _platforms_total(made: pd.DataFrame, totals: pd.DataFrame, of: str) -> pd.Series:
    """The platform's own total of the same account and period; NaN where it gave none."""
    key = [*ACCOUNT, "period_start", "period_end"]
    if of not in totals:
        return pd.Series(np.nan, index=made.index)
    own = totals.dropna(subset=["period_start", of]).drop_duplicates(key, keep="last").set_index(key)[of]
    return pd.Series(own.reindex(pd.MultiIndex.from_frame(made[key])).to_numpy(float), index=made.index)


def _margins(found: pd.DataFrame) -> list[pd.DataFrame]:
    """From a table by two dimensions the shares by each of them, where it has no table of its own."""
    crossed = found[found["dimension"].str.contains("|", regex=False)]
    if crossed.empty:
        return []
    own = set(found[_SNAPSHOT].itertuples(index=False, name=None))
    made = []
    for dimension, rows in crossed.groupby("dimension", sort=True):
        for place, name in enumerate(str(dimension).split("|")):
            values = rows["value"].str.split("|").str[place]
            keys = [key for key in _SNAPSHOT if key != "dimension"]
            summed = (
                rows.assign(value=values)
                .groupby([*keys, "value"], sort=True, dropna=False)[["share", "count"]]
                .agg(_total)
                .reset_index()
                .assign(dimension=name, origin="derived")
            )
            told = [row in own for row in summed[_SNAPSHOT].itertuples(index=False, name=None)]
            made.append(summed[~np.array(told, bool)])
    return made
