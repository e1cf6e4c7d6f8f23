"""The days of TikTok's tables, which come without a year.

The export's day tells them, and the ids of videos, which hold the instant of their upload. A spreadsheet that opens
such a table gives every day the year in which it is opened; such years are told anew.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagerr_core.sources.dates import NO_YEAR, Order, read_day, read_days
from engagerr_core.sources.draft import Draft, Known
from engagerr_core.sources.values import AGAIN, Untrusted
from engagerr_core.sources.years import MonthDay, infer_years

if TYPE_CHECKING:
    import pandas as pd

# as in Overview_2026-09-25_1790891174_ada.zip: first day of the period, and the second at which it ends
OWN_NAME = re.compile(r"_20\d\d-\d\d-\d\d_(1[4-9]\d{8}|2[01]\d{8})(?!\d)", re.ASCII)
EPOCH = datetime(1970, 1, 1)
ID_SECONDS = 32  # an id's upper bits are the second of its making, since the epoch
TOLERANCE = timedelta(days=1.5)  # between a post's day, in whatever zone, and the instant in its id
SCHEDULED = timedelta(days=60)  # between an upload and its publication; TikTok itself allows 30
NOON = timedelta(hours=12)
YEARS_WRITTEN = ("business center by day", "business center audience by day")


def tell_years(draft: Draft) -> None:
    """Tell the years of a table by day anew, where they were told from the wrong day or by a spreadsheet."""
    if (known := dated(draft.known)) != draft.known:
        draft.known = known
        _tell_years_anew(draft)
    elif "day" in draft.rows and _one_year_for_all(draft.rows["day"]):
        _tell_years_anew(draft)
    elif "day" in draft.rows and draft.kind.name not in YEARS_WRITTEN:
        _tell_years_to_come(draft)


def _tell_years_to_come(draft: Draft) -> None:
    """Days after the export: a year earlier where that puts them beside the others, else set aside."""
    days = draft.rows["day"]
    late = _after(days, draft.known.export_day)
    if not late.any():
        return
    earlier = _a_year_earlier(days, late)
    beside = late.all() or earlier.max() - earlier.min() <= days.max() - days.min()
    if not beside or _after(earlier, draft.known.export_day).any():
        advice = "Check the day of the export, said or in a name."
        draft.reject(late, "day", "a day after that of the export", advice)
        return
    draft.rows = draft.rows.assign(day=earlier)
    draft.span = (earlier.min().date(), earlier.max().date())
    draft.warnings.append(
        f"{int(late.sum())} days had a year that was yet to come at the export, as spreadsheets give it: they are of "
        "the year before."
    )


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


def upload(video: str) -> datetime:
    """The instant of a video's upload (UTC), told by its id."""
    return EPOCH + timedelta(seconds=min(int(video) >> ID_SECONDS, 2**32))


def read_publication(draft: Draft) -> None:
    """Day and instant of publication: a day without a year follows the upload, whose instant the id knows."""
    import numpy as np
    import pandas as pd

    made = _uploads(draft)
    order = _order(draft.rows["published"], lambda days: _is_soon(days, made))
    days, yearless = _read_days(draft, "published", order, exported_on=None)
    made = _uploads(draft)
    texts, uploads = draft.rows["published"][yearless], made[yearless]
    told = [publication(read_day(text), uploaded) for text, uploaded in zip(texts, uploads, strict=True)]
    days[yearless] = np.array(told, "datetime64[us]")
    if strange := int(days[yearless].isna().sum()):
        draft.warnings.append(f"{strange} videos have ids that do not fit their day; when they came out is not known.")
    for at in days.index[days.notna() & ~_is_soon(days, made)]:  # a spreadsheet gave it a year of its own
        told_anew = publication(MonthDay(days[at].month, days[at].day), made[at])
        days[at] = days[at] if told_anew is None else pd.Timestamp(told_anew)
    fits = (days + NOON - made).abs() <= TOLERANCE
    draft.rows = draft.rows.assign(published=days, published_at=made.where(fits).dt.tz_localize("UTC"))


def publication(told: Any, uploaded: datetime) -> date | None:
    """The day meant by one without a year: the first since the upload; None where that is far from it.

    >>> uploaded = datetime(2025, 12, 31, 18)
    >>> print(publication(MonthDay(1, 1), uploaded), publication(MonthDay(7, 1), uploaded))
    2026-01-01 None
    """
    earliest = (uploaded - TOLERANCE).date()
    for year in (earliest.year, earliest.year + 1):
        if isinstance(told, MonthDay) and (told != MonthDay(2, 29) or year % 4 == 0):
            day = date(year, told.month, told.day)
            if earliest <= day <= earliest + SCHEDULED:
                return day
    return None


def read_snapshot(draft: Draft) -> None:
    """The day of the snapshot. The day of the export alone tells its year, and no video in it is newer."""
    last = draft.known.export_day
    latest = _uploads(draft).max()
    order = _order(draft.rows["observed"], lambda days: (days >= latest - TOLERANCE) & ~_after(days, last))
    days, yearless = _read_days(draft, "observed", order, exported_on=last)
    days = _a_year_earlier(days, _after(days, last))  # a year that a spreadsheet gave it
    if yearless.any():
        draft.warnings.append(
            "The day of these figures comes without a year: when they were observed is not known. Say it with "
            "--exported-on 2026-11-02."
        )
    newest = _uploads(draft).groupby(days).transform("max")  # of each snapshot; several may have been put together
    if (early := days < newest - TOLERANCE).any():
        days[:] = None
        draft.known = replace(draft.known, exported_on=None)
        draft.warnings.append(
            f"The newest video was uploaded on {newest[early].max():%Y-%m-%d}, after the day of these figures: when "
            "they were observed is not known. Check the day of the export, said or in a name."
        )
    draft.rows = draft.rows.assign(observed=days)


def _order(texts: "pd.Series", is_possible: "Callable[[pd.Series], pd.Series]") -> Order:
    """The order of days in numbers in which more of them are possible; unknown where none is."""
    import pandas as pd

    orders: tuple[Order, Order] = ("month first", "day first")
    first, other = (
        int(is_possible(pd.Series(read_days(texts, order=order)[0], texts.index, "datetime64[us]")).sum())
        for order in orders
    )
    return "unknown" if first == other else orders[first < other]


def _is_soon(days: "pd.Series", uploads: "pd.Series") -> "pd.Series":
    """Whether each day may be that on which a video came out, given its upload."""
    return (days >= (uploads - TOLERANCE).dt.normalize()) & (days <= uploads + SCHEDULED)


def _uploads(draft: Draft) -> "pd.Series":
    return draft.rows["content"].map(upload).astype("datetime64[us]")


def _after(days: "pd.Series", last: date | None) -> "pd.Series":
    """Days after that of the export, wherever on Earth."""
    import pandas as pd

    return days > (pd.Timestamp.max if last is None else pd.Timestamp(last) + timedelta(days=1))


def _a_year_earlier(days: "pd.Series", where: "pd.Series") -> "pd.Series":
    import pandas as pd

    return days.mask(where, days - pd.DateOffset(years=1)).astype("datetime64[us]")


def _read_days(draft: Draft, role: str, order: Order, exported_on: date | None) -> tuple["pd.Series", "pd.Series"]:
    """The days of a column, and where only the year is missing; rows with anything else are set aside."""
    import pandas as pd

    index = draft.rows.index
    days, wrong = read_days(draft.rows[role], order=order, exported_on=exported_on)
    reasons = pd.Series({index[at]: problem.reason for at, problem in wrong.items()}, dtype=object).reindex(index)
    for reason in sorted(set(reasons.dropna()) - {NO_YEAR.reason}):
        draft.reject(reasons.reindex(draft.rows.index) == reason, role, reason, AGAIN)
    told = pd.Series(days.astype("datetime64[us]"), index=index)
    return told.reindex(draft.rows.index), reasons.reindex(draft.rows.index) == NO_YEAR.reason
