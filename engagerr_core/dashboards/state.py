"""What a reader has chosen: the only thing on a dashboard that changes."""

from datetime import date
from typing import Any

import traitlets as tl

from engagerr_core.errors import InvalidArgument

CUSTOM = "Custom"
PRESETS = ("Last 7 days", "Last 28 days", "Last 90 days", "Last 12 months", "Year to date", "All", CUSTOM)
METRICS = ("standard_views", "standard_engagements")
SORTS = ("Standard views", "Standard engagements", "Engagement rate, lower bound", "Newest first")


class OverviewState(tl.HasTraits):
    """The choices of an `OverviewDashboard`.

    `start` and `end` bound the period that the figures are for; `drawn` is the period of the trend picture, in which a
    brush may mark a shorter one. Figures are as known at the end of the day `as_of`, or now. `platforms` are the chosen
    ones.
    """

    creator = tl.Unicode("")
    start = tl.Instance(date, allow_none=True)
    end = tl.Instance(date, allow_none=True)
    drawn = tl.Tuple()
    preset = tl.Enum(PRESETS, default_value="Last 28 days")
    as_of = tl.Instance(date, allow_none=True)
    platforms = tl.Tuple()
    metric = tl.Enum(METRICS, default_value=METRICS[0])
    sort = tl.Enum(SORTS, default_value=SORTS[0])


def preset_period(preset: str, first: date, last: date) -> tuple[date, date]:
    """First and last day of a preset that ends on `last`; never before `first` for "All".

    Raises `InvalidArgument` for a name that is no preset, and for "Custom", which has no days of its own.
    """
    import pandas as pd

    end = pd.Timestamp(last)
    starts: dict[str, Any] = {
        "Last 7 days": end - pd.Timedelta(days=6),
        "Last 28 days": end - pd.Timedelta(days=27),
        "Last 90 days": end - pd.Timedelta(days=89),
        "Last 12 months": end - pd.DateOffset(months=12) + pd.Timedelta(days=1),
        "Year to date": end.replace(month=1, day=1),
        "All": min(pd.Timestamp(first), end),
    }
    if preset not in starts:
        raise InvalidArgument(f"{preset!r} is no preset with days of its own. Take one of {', '.join(starts)}.")
    return starts[preset].date(), end.date()
