"""TikTok Studio and the Business Center: what is peculiar to their tables.

Days come without a year; what is not known comes with false zeros beside it; the address of a video holds its id and,
in the id, the instant of its upload. The handle in it is not taken for the account's name: the tables by day have none,
and would be taken for another account's.
"""

from datetime import timedelta

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.platforms.tiktok_days import read_publication, read_snapshot, tell_years
from engagerr_core.sources.values import AGAIN

ADDRESS = r"tiktok\.com/@[^/?#\s]+/(?:video|photo)/([0-9]{6,25})(?![0-9])"
HOUR = r"([0-9]{1,2})(?:\.0+|:00){0,2}"  # 9, and what spreadsheets make of it
HOURS = 24
LARGEST_SUM = 1.02  # of rounded shares


def refine(draft: Draft) -> None:
    """Tidy one table. Raises `UnreadableFile` for a kind that is known and not read."""
    if draft.kind.refused:
        raise UnreadableFile(draft.kind.refused)
    tell_years(draft)
    if "url" in draft.rows:
        _read_videos(draft)
    if draft.kind.name == "viewers":
        _drop_false_zeros(draft)
    if {"followers", "followers_net"} <= set(draft.metrics):
        _recompute_difference(draft)
    if "hour" in draft.rows:
        _read_hours(draft)
    if "active_followers" in draft.metrics:
        _drop_hours_to_come(draft)
    if "followers_share" in draft.metrics:
        _read_shares(draft)
    for name in draft.dimensions:
        _read_dimension(draft, name)


def _read_dimension(draft: Draft, name: str) -> None:
    """Genders in English and lower case, territories as written; the rest of them all is `other`."""
    values = draft.rows[name]
    words = values.map({value: draft.shape.word(value) for value in values.unique()}).str.casefold()
    draft.rows[name] = (words if name == "gender" else values).mask(words.isin(["other", "others"]), "other")
    draft.reject_nameless(name, "value of the dimension")


def _read_videos(draft: Draft) -> None:
    draft.rows["content"] = draft.rows["url"].str.extract(ADDRESS)[0].fillna("")
    draft.reject(draft.rows["content"] == "", "url", "no id of the video in its address", "Export the file again.")
    if "published" in draft.rows:
        read_publication(draft)
    if "observed" in draft.rows:
        read_snapshot(draft)


def _drop_false_zeros(draft: Draft) -> None:
    """Where the viewers are undefined, the zeros beside them are not figures; nor are zeros without that column."""
    parts = [name for name in ("unique_new_viewers", "unique_returning_viewers") if name in draft.rows]
    told = draft.rows["reach"].notna() if "reach" in draft.rows else (draft.rows[parts] > 0).any(axis=1)
    for name in parts:
        draft.rows[name] = draft.rows[name].where(told)


def _recompute_difference(draft: Draft) -> None:
    """The day's difference from the totals themselves; unknown where the day before is."""
    rows = draft.rows.sort_values("day", kind="stable")
    consecutive = rows["day"].diff() == timedelta(days=1)
    draft.rows["followers_net"] = rows["followers"].diff().where(consecutive).reindex(draft.rows.index)


def _read_hours(draft: Draft) -> None:
    """Hours as TikTok writes them, 0 to 23."""
    import pandas as pd

    hours = pd.to_numeric(draft.rows["hour"].str.extract(f"^{HOUR}$")[0])
    draft.rows["hour"] = hours.astype("Int64").astype("str").where(hours.notna(), draft.rows["hour"])
    draft.reject(~(hours < HOURS), "hour", "no hour of the day", AGAIN)


def _drop_hours_to_come(draft: Draft) -> None:
    """The last day ends with the hour of the export: the zeros from then on are not figures."""
    import pandas as pd

    hours = pd.to_numeric(draft.rows["hour"])
    today = draft.rows["day"] == draft.rows["day"].max()
    last = hours[today & (draft.rows["active_followers"] > 0)].max()
    to_come = today & ~(hours <= last) & (draft.rows["active_followers"] == 0)
    draft.rows["active_followers"] = draft.rows["active_followers"].mask(to_come)
    if lost := int(to_come.sum()):
        draft.warnings.append(f"The last {lost} hours of the last day are zero: they had not come, and are not known.")


def _read_shares(draft: Draft) -> None:
    """Fractions; percentages without their sign where some exceed 1 and all make a whole."""
    shares = draft.rows["followers_share"]
    if (shares > 1).any() and shares.sum() <= 100 * LARGEST_SUM:
        draft.rows["followers_share"] = shares = shares / 100
    draft.reject(shares > 1, "followers_share", "a share above the whole", AGAIN)
