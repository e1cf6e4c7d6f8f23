"""What was to be expected of a post on a day: its own level, or that of earlier posts at the same age.

A post gathers views for days, so that a young one is compared with others when they were as young, an older one with
itself. Expectations are medians: one post that went round the world does not raise what is expected of the next.
"""

import numpy as np
import pandas as pd

from engagerr_core.analysis.daily import ESTIMATED
from engagerr_core.analysis.splicing import made_from, read_in
from engagerr_core.analysis.subjects import ACCOUNT, POST, codes, days_since_epoch
from engagerr_core.vocabulary.coefficients import CoefficientSet

OWN_DAYS, ENOUGH_OWN = 14, 7  # an older post's own level: median of its known days among the last two weeks
YOUNG_DAYS = 28  # up to this age a post is compared with others of its age
ENOUGH_ALIKE, MOST_ALIKE = 5, 100  # earlier posts of the same platform, account and format that knew that age
NEW_DAYS = 7  # of a post younger than this, without others to compare with, nothing was expected
OWN, ALIKE, NEW, UNKNOWN = "own level", "equal age", "new", "unknown"
_FAR = 1 << 20  # more days than any series has


def expected_of_posts(posts: pd.DataFrame, wanted: np.ndarray, name: str) -> pd.DataFrame:
    """Value and expectation of every post that has a figure on one of some days.

    Parameters
    ----------
    posts : one row a post and day: keys, day (datetime64), published_on, format, and the metric; NaN = unknown.
    wanted : days (datetime64).
    name : the metric.

    Returns
    -------
    The rows on those days with value, expected and how: ``own level`` (older than `YOUNG_DAYS`: median of its own last
    two weeks), ``equal age`` (median of the account's earlier posts of the format at that age), ``new`` (0: a post of
    the last week without others to compare with) or ``unknown`` (NaN).
    """
    rows = posts[posts[name].notna()].reset_index(drop=True)
    if rows.empty:
        return rows.assign(value=np.empty(0), expected=np.empty(0), how=np.empty(0, dtype=str))
    day, values = days_since_epoch(rows["day"]), rows[name].to_numpy(float)
    published = pd.to_datetime(rows["published_on"])
    age = np.where(published.notna(), day - published.to_numpy("datetime64[D]").astype(np.int64), np.nan)
    young = (age >= 0) & (age <= YOUNG_DAYS)
    asked = np.flatnonzero(rows["day"].isin(pd.DatetimeIndex(wanted)))
    own, days_known = _medians_before(codes(rows, POST)[0], day, values, asked, reach=OWN_DAYS)
    kind = codes(rows, [*ACCOUNT, "format"])[0].astype(np.int64)
    same_age = kind * (YOUNG_DAYS + 1) + np.where(young, age, 0).astype(np.int64)
    alike, posts_known = _medians_before(np.where(young, same_age, -1), day, values, asked, most=MOST_ALIKE)
    age, young = age[asked], young[asked]
    by_age = young & (posts_known >= ENOUGH_ALIKE)
    by_itself = ~young & ~(age < 0) & (days_known >= ENOUGH_OWN)
    new = young & ~by_age & (age < NEW_DAYS)
    expected = np.select([by_age, by_itself, new], [alike, own, 0.0], np.nan)
    how = np.select([by_age, by_itself, new], [ALIKE, OWN, NEW], UNKNOWN)
    return rows.iloc[asked].assign(value=values[asked], expected=expected, how=how).reset_index(drop=True)


def _medians_before(
    key: np.ndarray, day: np.ndarray, values: np.ndarray, asked: np.ndarray, *, reach: int = _FAR, most: int = _FAR
) -> tuple[np.ndarray, np.ndarray]:
    """For each asked row: median, and number, of the values with the same key on earlier days.

    `reach` days back at most, of these the latest `most`. A key below 0 has none.
    """
    key = key.astype(np.int64)
    place = key * _FAR + day
    order = np.argsort(place, kind="stable")
    place = place[order]
    stop = np.searchsorted(place, key[asked] * _FAR + day[asked])
    start = np.searchsorted(place, key[asked] * _FAR + np.maximum(day[asked] - reach, 0))
    start = np.where(key[asked] < 0, stop, np.maximum(start, stop - most))
    counts = stop - start
    owner = np.repeat(np.arange(len(asked)), counts)
    first = np.searchsorted(owner, np.arange(len(asked)))
    inside = np.arange(len(owner)) + (start - first)[owner]
    medians = pd.Series(values[order][inside]).groupby(owner).median()
    return medians.reindex(range(len(asked))).to_numpy(float), counts


def like_posts(
    posts: pd.DataFrame, contents: pd.DataFrame, joints: pd.DataFrame, factors: pd.DataFrame, name: str,
    coefficients: CoefficientSet,
) -> pd.DataFrame:  # fmt: skip
    """Posts' days in the notion into which their accounts were bridged.

    Parameters
    ----------
    posts : posts' days with native metrics. Days between two counters that lie further apart were spread evenly; they
        tell nothing of a single day and are left out.
    contents : the content table, for formats and publication days.
    joints : what was bridged of the accounts: `splicing.Spliced.joints`, those that touch the metric.
    factors : creator, platform, account, day, factor: the account's like-for-like figure ÷ its reported one.
    name : the metric.
    coefficients : the set in force.

    Returns
    -------
    The posts' days with published_on, format, the metric like for like, and `scaled`: whether a post's own figures do
    not tell the common notion, so that the account's factor of that day brought it there.
    """
    from engagerr_core.analysis.normalize import standardise

    told = contents.drop_duplicates(POST, keep="last")[[*POST, "format", "published_on", "title"]]
    spread = posts["made"].to_numpy(np.int8) >= ESTIMATED if "made" in posts else np.zeros(len(posts), bool)
    rows = posts[~spread].merge(told, on=POST, how="left").reset_index(drop=True)
    rows = rows.assign(format=rows["format"].fillna("").astype(str))
    bridged = joints[joints["bridged"] & (joints["series"] != joints["common"])]
    accounts = sorted(set(bridged[ACCOUNT].itertuples(index=False, name=None)))
    plain = standardise(rows, coefficients)
    if name not in plain:
        plain = plain.assign(**{name: np.nan})
    mine = pd.Series(data=False, index=rows.index)
    for one in accounts:
        mine |= np.logical_and.reduce([rows[key] == name for key, name in zip(ACCOUNT, one, strict=True)])
    if not mine.any():
        return plain.assign(scaled=False)
    exact = rows[mine]
    for (platform, series, common), _ in bridged.groupby(["platform", "series", "common"]):
        if {series, common} & made_from(name, str(platform), coefficients):
            exact = _in_common(exact, str(platform), str(series), str(common))
    exact_values = standardise(exact, coefficients).get(name, pd.Series(np.nan, exact.index))
    factor = rows.loc[mine, [*ACCOUNT, "day"]].merge(factors, on=[*ACCOUNT, "day"], how="left")["factor"].to_numpy()
    scaled = exact_values.isna().to_numpy() & np.isfinite(factor)
    values = plain[name].to_numpy(float).copy()
    values[mine.to_numpy()] = np.where(scaled, values[mine.to_numpy()] * factor, exact_values)
    told_scaled = np.zeros(len(rows), bool)
    told_scaled[mine.to_numpy()] = scaled & np.isfinite(values[mine.to_numpy()])
    return plain.assign(**{name: values, "scaled": told_scaled})


def _in_common(rows: pd.DataFrame, platform: str, series: str, common: str) -> pd.DataFrame:
    """Rows of one platform with the common notion in the series, format by format."""
    parts = [rows[rows["platform"] != platform]]
    for kind, part in rows[rows["platform"] == platform].groupby("format"):
        read = read_in(part, codes(part, POST)[0], platform, series, common, frozenset({str(kind)}))
        columns = {source: np.full(len(part), np.nan) for source in read.sources if source in part}
        parts.append(part.assign(**(columns | {series: read.value})))
    return pd.concat(parts).reindex(rows.index)
