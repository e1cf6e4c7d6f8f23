"""YouTube Studio: what is peculiar to its tables.

A table holds totals of a period that it does not name; a chart is padded with zeros, also for days before the channel
or the video existed; the length and the day of publication tell a Short from a video.
"""

from datetime import date
from typing import TYPE_CHECKING

from engagerr_core.sources.draft import Draft

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SHORT_SECONDS = 60  # of a Short at first
SHORT_SECONDS_SINCE = (date(2024, 10, 15), 180)  # YouTube's rule for videos published since
PRESENCE = ("views", "engaged_views", "impressions", "watch_minutes")  # zero of all of these: nothing there yet
_AGES = {"65": "65+"}


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if "day" in draft.rows:
        _periods(draft)
        _drop_padding(draft)
    if "city_id" in draft.rows:
        _tell_cities_apart(draft)
    for name in ("age", "gender"):
        if name in draft.rows:
            draft.rows[name] = draft.rows[name].map({v: plain_group(v) for v in draft.rows[name].unique()})
    for name in draft.dimensions:
        draft.reject_nameless(name, "value of the dimension")
    if "content" in draft.rows:
        draft.reject_nameless("content", "id of the video")
        add_formats(draft)


def plain_group(text: str) -> str:
    """Ages as ``13-17`` and ``65+``, genders in lower case.

    >>> plain_group("13–17 years"), plain_group("65+ years"), plain_group("Female")
    ('13-17', '65+', 'female')
    """
    bare = text.casefold().removesuffix("years").strip().replace("–", "-").replace("—", "-")
    bare = bare.rstrip("-")
    return _AGES.get(bare, bare)


def add_formats(draft: Draft) -> None:
    """Long or short, by YouTube's rule for the day of publication; empty where a column that decides is missing."""
    import numpy as np

    rows = draft.rows
    if "duration" not in rows:
        return
    seconds = rows["duration"].to_numpy(float)
    since, longer = SHORT_SECONDS_SINCE
    if "published" in rows:
        known = rows["published"].notna().to_numpy(bool)
        recent = (rows["published"] >= np.datetime64(since)).to_numpy(bool)
    else:
        known = recent = np.zeros(len(rows), bool)
    short = (seconds <= SHORT_SECONDS) | ((seconds <= longer) & recent)
    long = (seconds > longer) | ((seconds > SHORT_SECONDS) & known & ~recent)
    draft.rows["format"] = np.select([short, long], ["short_video", "long_video"], "")
    draft.rows["format_origin"] = np.where(short | long, "rule", "")


def _periods(draft: Draft) -> None:
    """Charts by week or month name the first day only."""
    import pandas as pd

    days = draft.rows["day"].dropna().drop_duplicates().sort_values()
    draft.rows["period_end"] = draft.rows["day"]
    steps = days.diff().dropna().dt.days
    if len(steps) == 0 or steps.min() <= 1:
        return
    if (steps == 7).all():
        word, end = "week", draft.rows["day"] + pd.Timedelta(days=6)
    elif (days.dt.day == 1).all() and steps.max() <= 31:
        word, end = "month", draft.rows["day"] + pd.offsets.MonthEnd(0)
    else:
        return
    draft.rows["period_end"] = end.astype("datetime64[us]")
    if draft.span is not None:
        draft.span = (draft.span[0], end.max().date())
    draft.warnings.append(f"The days lie a {word} apart: each row was read as the total of a {word}.")


def _drop_padding(draft: Draft) -> None:
    """Zeros before anything existed say nothing: no observation is made of them."""
    rows = draft.rows
    figures = [name for name in PRESENCE if name in draft.metrics]
    if not figures or rows.empty:
        return
    nothing = (rows[draft.metrics].fillna(0.0) == 0.0).all(axis=1)
    lively = rows["day"].where((rows[figures].fillna(0.0) != 0.0).any(axis=1))
    if "content" in rows:
        first = lively.groupby(rows["content"]).transform("min")
        if "published" in rows:
            first = rows["published"].where(rows["published"].notna(), first)
    else:
        first = _series(lively.min(), rows.index)
    padding = (nothing & (rows["day"] < first)).to_numpy(bool)
    if padding.any():
        what = "its video was published" if "content" in rows else "anything was counted"
        draft.rows = rows[~padding]
        draft.warnings.append(
            f"{int(padding.sum()):,} zeros for days before {what} are padding, not figures: they were not stored."
        )


def _series(value: "np.datetime64 | pd.Timestamp", index: "pd.Index") -> "pd.Series":
    import pandas as pd

    return pd.Series(value, index=index, dtype="datetime64[us]")


def _tell_cities_apart(draft: Draft) -> None:
    """Two cities of one name keep YouTube's id beside it."""
    rows = draft.rows
    ids = rows.groupby("city")["city_id"].transform("nunique")
    doubled = (ids > 1) & ~rows["is_total"]
    draft.rows["city"] = rows["city"].where(~doubled, rows["city"] + " (" + rows["city_id"] + ")")
