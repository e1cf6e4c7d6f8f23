"""Which observations speak for whom: accounts day by day, posts over their lifetime."""

import numpy as np
import pandas as pd

from engagerr_core.vocabulary.observation import METRICS

ACCOUNT = ["creator", "platform", "account"]
POST = [*ACCOUNT, "content"]


def daily_flows(observations: pd.DataFrame, *, posts: bool = False, dimension: str = "") -> pd.DataFrame:
    """Rows of single days: of accounts, or of posts. Only totals unless a dimension is named.

    Adds `day` (datetime64). Posts' days are not added to accounts' days, nor parts to totals.
    """
    rows = observations[
        (observations["basis"] == "flow")
        & ((observations["content"] != "") == posts)
        & (observations["dimension"] == dimension)
    ]
    start = pd.to_datetime(rows["period_start"])
    rows = rows.assign(day=start)
    return rows[start.notna() & (start == pd.to_datetime(rows["period_end"]))]


def period_flows(
    observations: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, *, dimension: str = ""
) -> pd.DataFrame:
    """Accounts' rows for exactly the days from start to end, as the platform itself totalled them."""
    rows = observations[
        (observations["basis"] == "flow") & (observations["content"] == "") & (observations["dimension"] == dimension)
    ]
    return rows[(pd.to_datetime(rows["period_start"]) == start) & (pd.to_datetime(rows["period_end"]) == end)]


def lifetimes(observations: pd.DataFrame, contents: pd.DataFrame) -> pd.DataFrame:
    """One row a post: its lifetime total, each metric as last known.

    A stock is a lifetime total. A flow over a period counts as one only where the post was published inside the period.

    Returns
    -------
    Post keys; title, url, format, published_at, published_on, duration; metrics; `as_of` (datetime64, the day to which
    the latest row reaches; NaT where the source does not tell), `age_days` (whole days from publication to `as_of`),
    `from_flow` (the figures are a platform's period total, not its lifetime counter).
    """
    rows = observations[(observations["content"] != "") & (observations["dimension"] == "")]
    rows = rows.merge(
        contents[[*POST, "title", "url", "format", "published_at", "published_on", "duration"]], on=POST, how="left"
    )
    start, end = pd.to_datetime(rows["period_start"]), pd.to_datetime(rows["period_end"])
    published = pd.to_datetime(rows["published_on"])
    inside = (rows["basis"] == "flow") & (start < end) & (published >= start) & (published <= end)
    rows = rows.assign(
        as_of=pd.to_datetime(rows["observed_at"])
        .dt.tz_localize(None)
        .dt.normalize()
        .where(rows["basis"] == "stock", end),
        from_flow=inside,
        published_on=published,
    )[inside | (rows["basis"] == "stock")]
    present = [m for m in METRICS if m in rows]
    described = ["title", "url", "format", "published_at", "published_on", "duration"]
    rows = rows.sort_values([*POST, "as_of", "known_at", "file", "row"], na_position="first", kind="stable")
    latest = (
        rows.groupby(POST, sort=True, dropna=False)[[*described, *present, "as_of", "from_flow"]].last().reset_index()
    )
    return latest.assign(age_days=(latest["as_of"] - latest["published_on"]).dt.days.astype(float))


def days_since_epoch(days: pd.Series) -> np.ndarray:
    """Days as int32 since 1970-01-01, as kernels take them. The series must have no NaT."""
    return days.to_numpy("datetime64[D]").astype(np.int32)


def codes(frame: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Group code of each row (int32, in the order of the sorted keys) and the table of keys by code."""
    if not keys:
        return np.zeros(len(frame), np.int32), pd.DataFrame(index=range(min(1, len(frame))))
    table = frame[keys].drop_duplicates().sort_values(keys, kind="stable", na_position="first").reset_index(drop=True)
    found = table.reset_index(names="_code")
    return frame[keys].merge(found, on=keys, how="left")["_code"].to_numpy(np.int32), table
