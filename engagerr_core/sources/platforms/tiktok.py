"""TikTok Studio: what is peculiar to its tables.

Days come without a year; "undefined" viewers come with false zeros beside them; the address of a video holds its id
and, in the id, the instant of its upload. The handle in it is not taken for the account's name: the tables by day have
none, and would be taken for another account's.
"""

from typing import TYPE_CHECKING

from engagerr_core.sources.draft import Draft

if TYPE_CHECKING:
    import pandas as pd

ADDRESS = r"tiktok\.com/@[^/?#\s]+/(?:video|photo)/([0-9]{6,25})(?![0-9])"
ID_SECONDS = 32  # an id's upper bits are the second of its making, since the epoch
TOLERANCE_DAYS = 1.5  # between a post's day, in whatever zone, and the instant in its id


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if "url" in draft.rows:
        _read_addresses(draft)
    if {"reach", "unique_new_viewers"} <= set(draft.metrics):
        _drop_false_zeros(draft)
    if {"followers", "followers_net"} <= set(draft.metrics):
        _recompute_difference(draft)
    if "gender" in draft.rows:
        draft.rows["gender"] = draft.rows["gender"].str.casefold()
    for name in draft.dimensions:
        draft.reject_nameless(name, "value of the dimension")


def _read_addresses(draft: Draft) -> None:
    draft.rows["content"] = draft.rows["url"].str.extract(ADDRESS)[0].fillna("")
    draft.reject(draft.rows["content"] == "", "url", "no id of the video in its address", "Export the file again.")
    if "published" in draft.rows:
        draft.rows["published"], draft.rows["published_at"] = _publication(draft.rows)


def _publication(rows: "pd.DataFrame") -> tuple["pd.Series", "pd.Series"]:
    """Day and instant of publication: the id's instant where it fits the day written, which then takes its year."""
    import pandas as pd

    made = pd.to_datetime(rows["content"].map(lambda text: min(int(text) >> ID_SECONDS, 2**32)), unit="s", utc=True)
    made = made.astype("datetime64[us, UTC]")
    naive = made.dt.tz_localize(None)
    day = rows["published"]
    best = day
    for years in (-3, -2, -1, 1):  # the year of a day without one was told by the export; the id knows it
        moved = day + pd.DateOffset(years=years)
        best = best.where((best - naive).abs() <= (moved - naive).abs(), moved)
    fits = (best + pd.Timedelta(hours=12) - naive).abs() <= pd.Timedelta(days=TOLERANCE_DAYS)
    return best.where(fits, day).astype("datetime64[us]"), made.where(fits)


def _drop_false_zeros(draft: Draft) -> None:
    """Where the viewers are undefined, the zeros beside them are not figures."""
    unknown = draft.rows["reach"].isna()
    for name in ("unique_new_viewers", "unique_returning_viewers"):
        if name in draft.rows:
            draft.rows[name] = draft.rows[name].mask(unknown)


def _recompute_difference(draft: Draft) -> None:
    """The day's difference from the totals themselves; unknown where the day before is."""
    import pandas as pd

    rows = draft.rows.sort_values("day", kind="stable")
    consecutive = rows["day"].diff() == pd.Timedelta(days=1)
    draft.rows["followers_net"] = rows["followers"].diff().where(consecutive).reindex(draft.rows.index)
