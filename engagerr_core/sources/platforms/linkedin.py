"""LinkedIn: what is peculiar to its tables, once `linkedin_sheets` has made plain ones of its sheets.

The address of a post holds its id, and the id the instant of its making; a file's name holds the instant of its export,
the period of a creator's workbook, or the id of the one post that it speaks of.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.dates import Undecided, days_in_name, read_day
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.platforms.file_names import file_name
from engagerr_core.sources.platforms.linkedin_sheets import split
from engagerr_core.sources.values import Untrusted
from engagerr_core.sources.years import MonthDay
from engagerr_core.vocabulary.metrics import metric

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["complete", "refine", "split"]

ADDRESS = r"(?:urn:li:|[-_])(?:activity|share|ugcPost)[:-]([0-9]{6,25})(?![0-9])"
ID_BITS = 22  # below the milliseconds since 1970 at which a post was made
TOLERANCE_DAYS = 1.5  # between a post's day, in whatever zone, and the instant in its id
MONTHS = 12
FORMATS = {
    "video": "long_video",
    "image": "image",
    "photo": "image",
    "multi image": "carousel",
    "multi photo": "carousel",
    "carousel": "carousel",
    "document": "carousel",
    "article": "link",
    "link": "link",
    "text": "text",
}
COMPARISON = (
    "It compares pages with one another, and figures of other pages cannot be given to this account; it is not read. "
    "Export content, followers or visitors of the page itself."
)
WHICH_POST = (
    "It tells who saw one post, but not which: only the workbook's name does. Keep the name that LinkedIn gave it, "
    "such as PostAnalytics_Name_7432391508978397184.xlsx."
)
_EPOCH_IN_NAME = re.compile(r"_(1[0-9]{12})(?![0-9])")
_POST_IN_NAME = re.compile(r"_([0-9]{15,20})(?![0-9])")


def refine(draft: Draft) -> None:
    """Tidy one table. Raises `UnreadableFile` for a comparison of pages, and for viewers of a post that is not told."""
    if draft.kind.name == "comparison of pages":
        raise UnreadableFile(COMPARISON)
    if "covers" in draft.rows:
        _read_span(draft)
    if "content" in draft.rows:
        _read_post_of_file(draft)
    if "url" in draft.rows:
        _read_posts(draft)
    if draft.kind.name == "creator followers by day" and len(gained := draft.rows.dropna(subset="followers_gained")):
        draft.span = (gained["day"].min().date(), gained["day"].max().date())  # the total may be of a later day
    if draft.kind.basis == "stock":
        _read_export(draft)
    if draft.kind.period == "chosen":
        _read_period(draft)
    if "company_size" in draft.rows:
        draft.rows["company_size"] = draft.rows["company_size"].map(_company_size)
    for name in draft.dimensions:
        if name not in ("promotion", "device"):
            draft.reject_nameless(name, "value of the dimension")
    if "card" in draft.rows and {"promotion", "device"} & set(draft.dimensions):
        set_aside = {row["row"] for row in draft.rejected}
        draft.rows_read = len(set_aside | set(draft.rows["line"]))  # each row of the sheet became several


def _read_span(draft: Draft) -> None:
    """A row that covers several days."""
    import pandas as pd

    last = pd.to_datetime(draft.rows["covers"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    draft.rows["period_end"] = last
    whole = last.notna() & (last >= draft.rows["day"])
    draft.reject(~whole, "covers", "not a period", "Export the file again.")
    if len(draft.rows):
        draft.span = (draft.rows["day"].min().date(), draft.rows["period_end"].max().date())


def _read_post_of_file(draft: Draft) -> None:
    told = _POST_IN_NAME.search(file_name(draft.known.path))
    if told is None:
        raise UnreadableFile(WHICH_POST)
    draft.rows["content"] = told[1]


def _read_posts(draft: Draft) -> None:
    """Ids from addresses; instants from ids; formats, and views only where there is a video."""
    import pandas as pd

    address = draft.rows["url"].str.replace("%3A", ":", case=False, regex=False)
    draft.rows["content"] = address.str.extract(ADDRESS, flags=re.IGNORECASE)[0].fillna("")
    draft.reject(draft.rows["content"] == "", "url", "no id of the post in its address", "Export the file again.")
    if "day" in draft.rows:  # the posts of a member's archive
        draft.rows = draft.rows.rename(columns={"day": "published"})
        draft.rows["title"] = draft.rows["title"].str.replace('"\n"', "\n", regex=False)
    rows = draft.rows
    if "published" in rows:
        made = pd.to_datetime(rows["content"].map(milliseconds), unit="ms", utc=True).astype("datetime64[us, UTC]")
        turned = rows["published"].map(_turned).astype("datetime64[us]")
        days = rows["published"].mask(~_fits(rows["published"], made) & _fits(turned, made), turned)
        draft.rows["published"], draft.rows["published_at"] = days, made.where(_fits(days, made))
    if "format" in rows:
        told = {text: FORMATS.get(normal(draft.shape.word(text)), "") for text in rows["format"].unique()}
        draft.rows["format"] = rows["format"].map(told)
        draft.rows["format_origin"] = draft.rows["format"].where(draft.rows["format"] == "", "native")
    if "views" in rows and "card" not in rows:  # LinkedIn counts views of videos only
        video = draft.rows["format"] == "long_video" if "format" in rows else rows["views"] > 0
        draft.rows["views"] = rows["views"].where(video | (rows["views"] > 0))
    if "promotion" in draft.rows and "card" not in draft.rows:
        _read_promotion(draft)


def _fits(days: "pd.Series", instants: "pd.Series") -> "pd.Series":
    """Whether each day is that of the instant, in some zone."""
    import pandas as pd

    return (days + pd.Timedelta(hours=12) - instants.dt.tz_localize(None)).abs() <= pd.Timedelta(days=TOLERANCE_DAYS)


def _turned(day: "pd.Timestamp") -> "pd.Timestamp | None":
    """The day meant where month and day were taken for one another; none where they cannot have been."""
    return day.replace(month=day.day, day=day.month) if day.day <= MONTHS else None


def milliseconds(post: str) -> int | None:
    """Milliseconds since 1970 at which a post was made, told by its id; None for ids that tell nothing."""
    number = int(post)
    return number >> ID_BITS if number < 2**63 else None


def _read_promotion(draft: Draft) -> None:
    """A post that stands in several rows, organic and sponsored, is split; others are whole."""
    words = {text: draft.shape.word(text).casefold() for text in draft.rows["promotion"].unique()}
    rows = draft.rows.assign(promotion=draft.rows["promotion"].map(words))
    rows = rows[~rows.drop(columns="line").duplicated()]
    several = rows["content"].duplicated(keep=False)
    draft.rows = rows.assign(promotion=rows["promotion"].where(several, ""))


def _read_export(draft: Draft) -> None:
    """The instant of the export, which LinkedIn writes into the names of a page's files."""
    import pandas as pd

    told = _EPOCH_IN_NAME.search(file_name(draft.known.path))
    if told is not None:
        instant = datetime.fromtimestamp(int(told[1]) // 1000, UTC)
        draft.rows["observed"] = pd.Series(instant, index=draft.rows.index, dtype="datetime64[us, UTC]")


def _company_size(told: str) -> str:
    """A company's size; spreadsheets take 2-10 for a day, and no other size."""
    try:
        return "2-10" if isinstance(read_day(told), MonthDay | date | Undecided) else told
    except Untrusted:
        return told


def _read_period(draft: Draft) -> None:
    """The period of a creator's workbook, which its own name tells better than the files beside it."""
    days = days_in_name(file_name(draft.known.path))
    if draft.known.period_from != "caller" and len(days) == 2 and days[0] <= days[1]:
        draft.known = replace(draft.known, period=(days[0], days[1]), period_from="its name")


def complete(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    """Put posts that stand in several rows together; a list of posts has no observations."""
    import pandas as pd

    if draft.kind.contents:
        return observations.iloc[:0]
    if draft.kind.name != "page posts" or not (observations["dimension"] == "promotion").any():
        return observations
    parts = observations[observations["dimension"] == "promotion"]
    names = [name for name in draft.metrics if metric(name).rule("content") == "sum"]
    unknown = parts[names].isna().groupby(parts["content"]).any()
    whole = parts.drop_duplicates("content").set_index("content", drop=False)
    whole = whole.assign(dimension="", dimension_value="", row=0)
    whole[draft.metrics] = float("nan")
    whole[names] = parts[names].groupby(parts["content"]).sum().mask(unknown)
    return pd.concat([observations, whole.astype(observations.dtypes)], ignore_index=True)
