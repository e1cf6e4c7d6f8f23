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
    seen = pd.to_datetime(rows["observed_at"]).dt.tz_localize(None).dt.normalize()
    reached = end.where(~(seen < end), seen)  # a period that ends after the export is known to the export only
    rows = rows.assign(
        as_of=seen.where(rows["basis"] == "stock", reached),
        stated=rows["observed_at"].fillna(rows["known_at"]),
        from_flow=inside,
        published_on=published,
    )[inside | (rows["basis"] == "stock")]
    present = [m for m in METRICS if m in rows]
    described = ["title", "url", "format", "published_at", "published_on", "duration"]
    rows = rows.sort_values([*POST, "stated", "known_at", "file", "row"], kind="stable")
    latest = rows.groupby(POST, sort=True)[[*described, *present]].last().reset_index()
    newest = rows.drop_duplicates(POST, keep="last")[[*POST, "as_of", "from_flow"]]
    latest = latest.merge(newest, on=POST, how="left")
    age = (latest["as_of"] - latest["published_on"]).dt.days.astype(float)
    return latest.assign(age_days=age.clip(lower=0))  # the day of export is UTC's, that of publication the source's


def with_one_account(observations: pd.DataFrame, contents: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring figures that lie under a made-up account (``creator/platform``) to the creator's only real one.

    Not every file names its account. Where one platform of one creator has a made-up account beside exactly one that a
    file named, they are the same; rows that then speak of the same thing are one, each metric as last stated. Beside
    several real accounts nothing can be told, and all stay apart.
    """
    pairs = pd.concat([observations[ACCOUNT], contents[ACCOUNT]]).drop_duplicates()
    made_up = pairs["account"] == pairs["creator"] + "/" + pairs["platform"]
    real = pairs[~made_up].drop_duplicates(["creator", "platform"], keep=False)
    meant = pairs[made_up].merge(real, on=["creator", "platform"], suffixes=("", "_real"))
    if meant.empty:
        return observations, contents
    names = dict(zip(meant["account"], meant["account_real"], strict=True))
    moved = observations["account"].isin(names)
    observations = observations.assign(account=observations["account"].replace(names))
    contents = contents.assign(account=contents["account"].replace(names))
    touched = observations["account"].isin(names.values())
    if moved.any():
        merged = _as_last_stated(observations[touched])
        observations = pd.concat([observations[~touched], merged], ignore_index=True)
    return observations, contents.drop_duplicates(POST, keep="last")


def _as_last_stated(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a subject, dimension, basis and period (for stocks: day), each metric as last known."""
    stated = rows["observed_at"].fillna(rows["known_at"])
    day = stated.dt.normalize().where(rows["basis"] == "stock")
    keys = [*POST, "dimension", "dimension_value", "basis", "period_start", "period_end", "cohort_days"]
    ordered = rows.assign(_stated=stated, _day=day).sort_values(["_stated", "known_at", "file", "row"], kind="stable")
    merged = ordered.groupby([*keys, "_day"], sort=True, dropna=False, as_index=False).last()
    return merged[list(rows.columns)]


def days_since_epoch(days: pd.Series) -> np.ndarray:
    """Days as int32 since 1970-01-01, as kernels take them. The series must have no NaT."""
    return days.to_numpy("datetime64[D]").astype(np.int32)


def codes(frame: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Group code of each row (int32, in the order of the sorted keys) and the table of keys by code.

    An unknown key comes before all others. Categories become text in the table.
    """
    if not keys:
        return np.zeros(len(frame), np.int32), pd.DataFrame(index=range(min(1, len(frame))))
    code, count = np.zeros(len(frame), np.int64), 1
    for key in keys:
        place, different = _ranked(frame[key])
        code, count = dense(code * (different + 1) + place, count * (different + 1))
    first = np.empty(count, np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]  # the first row of each code is written last
    return code.astype(np.int32), pd.DataFrame({key: _text(frame[key].take(first)) for key in keys})


def dense(number: np.ndarray, below: int) -> tuple[np.ndarray, int]:
    """Numbers below a bound as codes from 0 without gaps, in the same order, and how many there are."""
    if below > 4 * len(number) + 1_000_000:  # a table of that size would cost more than sorting
        values, code = np.unique(number, return_inverse=True)
        return code, len(values)
    seen = np.zeros(below, bool)
    seen[number] = True
    values = np.flatnonzero(seen)
    code = np.empty(below, np.int64)
    code[values] = np.arange(len(values))
    return code[number], len(values)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with text in place of categories."""
    categories = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(categories, "str")) if categories else frame


def _text(column: pd.Series) -> pd.Series:
    column = column.reset_index(drop=True)
    return column.astype("str") if isinstance(column.dtype, pd.CategoricalDtype) else column


def _ranked(column: pd.Series) -> tuple[np.ndarray, int]:
    """Rank of each value from 1, 0 where it is unknown, and how many different ones there are."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        places, values = column.cat.codes.to_numpy(), column.cat.categories
        order = values.argsort()
        rank = np.empty(len(values) + 1, np.int64)
        rank[order] = np.arange(1, len(values) + 1)
        rank[-1] = 0  # the code −1 of what is unknown
        return rank[places], len(values)
    places, values = pd.factorize(column, sort=True)
    return places.astype(np.int64) + 1, len(values)
