"""TikTok Studio and the Business Center: what is peculiar to their tables.

Days come without a year; what is not known comes with false zeros beside it; the address of a video holds its id and,
in the id, the instant of its upload. The handle in it is not taken for the account's name: the tables by day have none,
and would be taken for another account's.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.dates import NO_YEAR, read_day, read_days
from engagerr_core.sources.draft import Draft, Known
from engagerr_core.sources.values import AGAIN, Untrusted
from engagerr_core.sources.years import MonthDay, infer_years

if TYPE_CHECKING:
    import pandas as pd

ADDRESS = r"tiktok\.com/@[^/?#\s]+/(?:video|photo)/([0-9]{6,25})(?![0-9])"
# as in Overview_2026-09-25_1790891174_ada.zip: first day of the period, and the second at which it ends
OWN_NAME = re.compile(r"_20\d\d-\d\d-\d\d_(1[4-9]\d{8}|2[01]\d{8})(?!\d)", re.ASCII)
EPOCH = datetime(1970, 1, 1)
ID_SECONDS = 32  # an id's upper bits are the second of its making, since the epoch
TOLERANCE = timedelta(days=1.5)  # between a post's day, in whatever zone, and the instant in its id
SCHEDULED = timedelta(days=60)  # between an upload and its publication; TikTok itself allows 30
NOON = timedelta(hours=12)
LARGEST_SUM = 1.02  # of rounded shares


def refine(draft: Draft) -> None:
    """Tidy one table. Raises `UnreadableFile` for a kind that is known and not read."""
    if draft.kind.refused:
        raise UnreadableFile(draft.kind.refused)
    if (known := dated(draft.known)) != draft.known:
        draft.known = known
        _tell_years_anew(draft)
    elif "day" in draft.rows and _one_year_for_all(draft.rows["day"]):
        _tell_years_anew(draft)
    if "url" in draft.rows:
        _read_videos(draft)
    if {"reach", "unique_new_viewers"} <= set(draft.metrics):
        _drop_false_zeros(draft)
    if {"followers", "followers_net"} <= set(draft.metrics):
        _recompute_difference(draft)
    if "active_followers" in draft.metrics:
        _drop_hours_to_come(draft)
    if "followers_share" in draft.metrics:
        _read_shares(draft)
    for name in draft.dimensions:
        _read_dimension(draft, name)


def dated(known: Known) -> Known:
    """What is known from outside, dated by TikTok's own name of the archive, where it has kept it.

    The day in it is the first of the period, not the day of the export; the second after it is the period's end.
    """
    if not (told := list(OWN_NAME.finditer(known.path))):
        return known
    return replace(known, exported_on=datetime.fromtimestamp(int(told[-1][1]), UTC))


def _one_year_for_all(days: "pd.Series") -> bool:
    """Whether consecutive days jump back by a year once: spreadsheets give days without a year their own."""
    steps = days.diff().dropna().dt.days.abs()
    return int(steps.isin([364, 365]).sum()) == 1 and bool((steps[~steps.isin([364, 365])] <= 1).all())


def _tell_years_anew(draft: Draft) -> None:
    """The years of days that were told from the wrong day, or by a spreadsheet; the export's day tells them."""
    import numpy as np

    if "day" not in draft.rows:
        return
    if draft.known.export_day is None:
        reason = "a spreadsheet gave all days the year in which it was opened"
        draft.reject(draft.rows["day"].notna(), "day", reason, NO_YEAR.advice)
        return
    draft.rows = draft.rows[draft.rows["day"].notna()]
    told = [MonthDay(day.month, day.day) for day in draft.rows["day"]]
    try:
        days = infer_years(told, draft.known.export_day + timedelta(days=1)) if told else []
    except Untrusted as problem:
        draft.reject(draft.rows["day"].notna(), "day", problem.reason, problem.advice)
        return
    draft.rows = draft.rows.assign(day=np.array(days, "datetime64[us]"))
    draft.span = (min(days), max(days)) if days else None


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
        _read_publication(draft)
    if "observed" in draft.rows:
        _read_snapshot(draft)


def upload(video: str) -> datetime:
    """The instant of a video's upload (UTC), told by its id."""
    return EPOCH + timedelta(seconds=min(int(video) >> ID_SECONDS, 2**32))


def _read_publication(draft: Draft) -> None:
    """Day and instant of publication: a day without a year follows the upload, whose instant the id knows."""
    import numpy as np

    days, yearless = _read_days(draft, "published", exported_on=None)
    texts, videos = draft.rows["published"][yearless], draft.rows["content"][yearless]
    told = [publication(text, upload(video)) for text, video in zip(texts, videos, strict=True)]
    days[yearless] = np.array(told, "datetime64[us]")
    if strange := int(days[yearless].isna().sum()):
        draft.warnings.append(f"{strange} videos have ids that do not fit their day; when they came out is not known.")
    made = draft.rows["content"].map(upload).astype("datetime64[us]")
    fits = (days + NOON - made).abs() <= TOLERANCE
    draft.rows = draft.rows.assign(published=days, published_at=made.where(fits).dt.tz_localize("UTC"))


def publication(text: str, uploaded: datetime) -> date | None:
    """The day meant by one without a year: the first since the upload; None where that is far from it.

    >>> print(publication("January 1", datetime(2025, 12, 31, 18)), publication("July 1", datetime(2025, 12, 31, 18)))
    2026-01-01 None
    """
    told = read_day(text)
    earliest = (uploaded - TOLERANCE).date()
    for year in (earliest.year, earliest.year + 1):
        if isinstance(told, MonthDay) and (told != MonthDay(2, 29) or year % 4 == 0):
            day = date(year, told.month, told.day)
            if earliest <= day <= earliest + SCHEDULED:
                return day
    return None


def _read_snapshot(draft: Draft) -> None:
    """The day of the snapshot. The day of the export alone tells its year, and no video is newer than it."""
    days, yearless = _read_days(draft, "observed", exported_on=draft.known.export_day)
    if yearless.any():
        draft.warnings.append(
            "The day of these figures comes without a year: when they were observed is not known. Say it with "
            "--exported-on 2026-11-02."
        )
    newest = max(map(upload, draft.rows["content"]), default=EPOCH)
    if (days < newest - TOLERANCE).any():
        days[:] = None
        draft.known = replace(draft.known, exported_on=None)
        draft.warnings.append(
            f"The newest video was uploaded on {newest:%Y-%m-%d}, after the day of these figures: when they were "
            "observed is not known. Check the day of the export, said or in a name."
        )
    draft.rows = draft.rows.assign(observed=days)


def _read_days(draft: Draft, role: str, exported_on: date | None) -> tuple["pd.Series", "pd.Series"]:
    """The days of a column, and where only the year is missing; rows with anything else are set aside."""
    import pandas as pd

    index = draft.rows.index
    days, wrong = read_days(draft.rows[role], exported_on=exported_on)
    reasons = pd.Series({index[at]: problem.reason for at, problem in wrong.items()}, dtype=object).reindex(index)
    for reason in sorted(set(reasons.dropna()) - {NO_YEAR.reason}):
        draft.reject(reasons.reindex(draft.rows.index) == reason, role, reason, AGAIN)
    told = pd.Series(days.astype("datetime64[us]"), index=index)
    return told.reindex(draft.rows.index), reasons.reindex(draft.rows.index) == NO_YEAR.reason


def _drop_false_zeros(draft: Draft) -> None:
    """Where the viewers are undefined, the zeros beside them are not figures."""
    unknown = draft.rows["reach"].isna()
    for name in ("unique_new_viewers", "unique_returning_viewers"):
        if name in draft.rows:
            draft.rows[name] = draft.rows[name].mask(unknown)


def _recompute_difference(draft: Draft) -> None:
    """The day's difference from the totals themselves; unknown where the day before is."""
    rows = draft.rows.sort_values("day", kind="stable")
    consecutive = rows["day"].diff() == timedelta(days=1)
    draft.rows["followers_net"] = rows["followers"].diff().where(consecutive).reindex(draft.rows.index)


def _drop_hours_to_come(draft: Draft) -> None:
    """The last day ends with the hour of the export: the zeros from then on are not figures."""
    import pandas as pd

    hours = pd.to_numeric(draft.rows["hour"], errors="coerce")
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
