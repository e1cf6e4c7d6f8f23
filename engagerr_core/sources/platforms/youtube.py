"""YouTube Studio: what is peculiar to its tables.

A table holds totals of a period that it does not name; a chart is padded with zeros, also for days before the channel
or the video existed; people whom Studio did not count stand as zero in the row of totals; the length and the day of
publication tell a Short from a video.
"""

import re
from datetime import date
from typing import TYPE_CHECKING

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SHORT_SECONDS = 60  # of a Short at first
SHORT_SECONDS_SINCE = (date(2024, 10, 15), 180)  # YouTube's rule for videos published since
PRESENCE = ("views", "engaged_views", "impressions", "watch_minutes", "reach")  # zero of all of these: not there yet
SOMEBODY = ("reach", "unique_reach")  # whoever viewed is one of them
PARTS_OF_PEOPLE = ("unique_new_viewers", "unique_returning_viewers")  # whoever viewed is one or the other
KINDS_OF_RETURNING = ("unique_casual_viewers", "unique_regular_viewers")
FREE_TEXT = ("country", "city", "playlist", "traffic_source_detail", "age")  # dimensions whose values are no set words
FORMATS = {"Shorts": "short_video", "Videos": "long_video", "Live stream": "live stream", "Posts": "post"}
TOTAL = "total"
SUMMARIES = ("grand total", "subtotal", "sum", "average", "mean", "median", "count", "σ", "∑")
SOURCES = {  # of traffic, by the code before the point in a table of details
    "YT_RELATED": "Suggested videos", "YT_SEARCH": "YouTube search", "EXT_URL": "External",
    "YT_CHANNEL": "Channel pages", "YT_PLAYLIST": "Playlists", "YT_OTHER_PAGE": "Other YouTube features",
}  # fmt: skip
_AGE = re.compile(r"(?<!\d)(\d\d)(?:\D+(\d\d))?(?!\d)")
_POST = re.compile(r"Ug[A-Za-z0-9_-]{10,80}")


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if draft.kind.refused:
        raise UnreadableFile(draft.kind.refused)
    _refuse_doubtful_days(draft)
    if "city_id" in draft.rows:
        words = {text for text in draft.rows["city_id"].unique() if normal(draft.shape.word(text)) == TOTAL}
        draft.rows["is_total"] |= draft.rows["city_id"].isin(words)
        _tell_apart(draft, "city", "city_id")
    if "traffic_source_detail" in draft.rows:
        _tell_details(draft)
    if "playlist" in draft.rows and "title" in draft.rows:
        _name_playlists(draft)
    for name in draft.dimensions:
        _refuse_summaries(draft, name)
    _plain_words(draft)
    if "day" in draft.rows:
        _periods(draft)
        _drop_padding(draft)
    _unsay_false_zeros(draft)
    for name in draft.dimensions:
        draft.reject_nameless(name, "value of the dimension")
    if "content" in draft.rows:
        draft.reject_nameless("content", "id of the video")
        _check_posts(draft)
        add_formats(draft)


def plain_age(text: str) -> str:
    """An age group as ``13-17`` or ``65+``, whatever the words around its figures.

    >>> plain_age("13–17 years"), plain_age("65 ans et plus"), plain_age("18 a 24 anos")
    ('13-17', '65+', '18-24')
    """
    found = _AGE.search(text)
    if found is None:
        return text.casefold()
    return f"{int(found[1])}-{int(found[2])}" if found[2] else f"{int(found[1])}+"


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


def _refuse_doubtful_days(draft: Draft) -> None:
    """Several different rows a day where one is expected: a column that is not known splits the account's figures."""
    if draft.kind.name == "totals by day" and normal(draft.headers.get("views", "")) == "video views":
        raise UnreadableFile("YouTube, TikTok and X all have days with such columns. Export it again with all columns.")
    if not draft.kind.name.endswith(" by day") or not draft.left_out:
        return
    days = draft.rows[["day", *draft.metrics]][~draft.rows["is_total"]].drop_duplicates()
    if days["day"].duplicated().any():
        raise UnreadableFile(
            f"It has several rows a day, so one of its columns that are not known splits the figures: "
            f"{', '.join(draft.left_out)}. Export the days without that breakdown."
        )


def _refuse_summaries(draft: Draft, name: str) -> None:
    """Lines below a table that a spreadsheet worked out: no country is called Average. A search term may be."""
    if name in draft.kind.requires and name != "traffic_source_detail":
        said = [text for text in draft.rows[name].unique() if normal(draft.shape.word(text)) in SUMMARIES]
        worked_out = draft.rows[name].isin(said)
        draft.reject(worked_out, name, "a line that a spreadsheet worked out", "Nothing is lost by it.")


def _plain_words(draft: Draft) -> None:
    """Values of dimensions in English and in one form."""
    for name in draft.dimensions:
        given = draft.rows[name].unique()
        if name == "age":
            said = {text: plain_age(text) for text in given}
        elif name in FREE_TEXT:
            continue
        else:
            said = {text: draft.shape.word(text) for text in given}
        if name == "gender":
            said = {text: word.casefold() for text, word in said.items()}
        elif name == "content_type":
            said = {text: FORMATS.get(word, word.casefold()) for text, word in said.items()}
        draft.rows[name] = draft.rows[name].map(said).astype("str")


def _tell_details(draft: Draft) -> None:
    """Name the traffic source that a code begins with; the row of totals is that source's, not the account's."""
    code = {text: text.partition(".") for text in draft.rows["traffic_source"].unique()}
    draft.rows["detail_id"] = draft.rows["traffic_source"].map({text: part[2] for text, part in code.items()})
    names = {text: SOURCES.get(part[0], part[0]) for text, part in code.items()}
    draft.rows["traffic_source"] = draft.rows["traffic_source"].map(names).astype("str")
    blank = draft.rows["traffic_source_detail"] == ""
    draft.rows["traffic_source_detail"] = draft.rows["traffic_source_detail"].mask(blank, draft.rows["detail_id"])
    _tell_apart(draft, "traffic_source_detail", "detail_id")
    if draft.rows["is_total"].any():
        draft.rows = draft.rows[~draft.rows["is_total"]]
        draft.warnings.append("The row of totals is of the traffic source looked into, not of the account: left out.")


def _name_playlists(draft: Draft) -> None:
    draft.rows["playlist_id"] = draft.rows["playlist"]
    titled = draft.rows["title"] != ""
    draft.rows["playlist"] = draft.rows["title"].where(titled, draft.rows["playlist_id"])
    _tell_apart(draft, "playlist", "playlist_id")


def _tell_apart(draft: Draft, name: str, key: str) -> None:
    """Two things of one name keep YouTube's id beside it."""
    rows = draft.rows
    ids = rows.groupby(name)[key].transform("nunique")
    doubled = (ids > 1) & ~rows["is_total"]
    draft.rows[name] = rows[name].where(~doubled, rows[name] + " (" + rows[key] + ")")


def _check_posts(draft: Draft) -> None:
    """A column `Post` holds ids of community posts; anybody might call another column so."""
    column = draft.shape.column(draft.headers["content"])
    if column is not None and column.header == "Post":
        named = draft.rows["content"].str.fullmatch(_POST.pattern)
        if not named.any():
            raise UnreadableFile("Its column Post holds no id of a YouTube post. Say its platform (--platform).")
        wrong = ~named & ~draft.rows["is_total"]
        draft.reject(wrong, "content", "not an id of a YouTube post", "Is it YouTube's? Say the right one, --platform.")


def _unsay_false_zeros(draft: Draft) -> None:
    """People whom Studio did not count stand as 0: in the row of totals above blank cells, and beside views."""
    import numpy as np

    rows, total = draft.rows, draft.rows["is_total"]
    false = {
        name: np.zeros(len(rows), bool) for name in (*SOMEBODY, *PARTS_OF_PEOPLE, *KINDS_OF_RETURNING) if name in rows
    }
    for name, found in false.items():
        parts = rows[name][~total]
        if not (parts == 0).any() or (parts > 0).any():
            found |= (total & (rows[name] == 0)).to_numpy(bool)
        if "day" in rows and not (rows[name] > 0).any():  # not a single one on any day: not counted at all
            found |= (rows[name] == 0).to_numpy(bool)
    if "views" in rows:
        viewed = (rows["views"] > 0).to_numpy(bool)
        for name in false.keys() & set(SOMEBODY):
            false[name] |= viewed & (rows[name] == 0).to_numpy(bool)
        if all(name in rows for name in PARTS_OF_PEOPLE):
            nobody = viewed & (rows[list(PARTS_OF_PEOPLE)] == 0).all(axis=1).to_numpy(bool)
            for name in false.keys() - set(SOMEBODY):
                false[name] |= nobody & (rows[name] == 0).to_numpy(bool)
    count = sum(int(found.sum()) for found in false.values())
    for name, found in false.items():
        draft.rows[name] = rows[name].mask(found)
    if count:
        draft.warnings.append(f"{count} zeros of viewers stand where YouTube did not count people: read as unknown.")


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
    told = "content" in rows and "published" in rows
    if not (figures or told) or rows.empty:
        return
    nothing = (rows[draft.metrics].fillna(0.0) == 0.0).all(axis=1)
    lively = rows["day"].where((rows[figures].fillna(0.0) != 0.0).any(axis=1))
    if "content" in rows:
        first = lively.groupby(rows["content"]).transform("min")
        if told:
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
