"""How many different people: bounds that always hold, given what the platforms report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite, isnan, nan
from typing import TYPE_CHECKING

from engagerr_core.analysis.results import Result
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.platforms import platform as platform_named

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SIZES_ONLY = "sizes only: bounds, since nothing is known of how the audiences overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachEstimate(Result):
    """Different people reached, over several platforms.

    Attributes
    ----------
    total : the estimate; NaN where only bounds can be given.
    low, high : 90 % interval; with sizes alone it is the bounds themselves.
    lower_bound, upper_bound : hold always, given the input; `upper_bound` is inf where a platform's size is unknown.
    sizes : people per platform, as reported; NaN where the platform does not tell.
    bounds : lowest and highest number of people per platform; equal where the platform reports it.
    unbounded : platforms for which nothing limits the number from above.
    method : the rung of the ladder, in plain words.
    flags : what limits the figure, in sentences.
    """

    total: float
    low: float
    high: float
    lower_bound: float
    upper_bound: float
    sizes: dict[str, float] = field(default_factory=dict)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    unbounded: tuple[str, ...] = ()
    method: str = ""
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        if isnan(self.lower_bound):
            return "How many different people were reached is unknown: no platform reports it in these files."
        if self.lower_bound == self.upper_bound:
            return f"{self.lower_bound:,.0f} different people were reached."
        if not isfinite(self.upper_bound) and self.lower_bound == 0:
            return "How many different people were reached is unknown: nothing in these files limits it."
        if not isfinite(self.upper_bound):
            return f"At least {self.lower_bound:,.0f} different people were reached; how many at most is unknown."
        if self.lower_bound == 0:
            return f"At most {self.upper_bound:,.0f} different people were reached."
        return f"Between {self.lower_bound:,.0f} and {self.upper_bound:,.0f} different people were reached."


def _bounds_of(name: str, size: object) -> tuple[float, float]:
    low, high = size if isinstance(size, tuple) else (size, size)
    low = 0.0 if low is None or isnan(low) else float(low)
    high = inf if high is None or isnan(high) else float(high)
    if low < 0 or high < low or low == inf:
        raise InvalidArgument(
            f"The audience of {name} was given as {size!r}. A size is a number of people from 0 up, or "
            "(lowest, highest). Leave a platform out, or give NaN, where it is unknown."
        )
    return low, high


def estimate_reach(sizes: Mapping[str, float | tuple[float, float]]) -> ReachEstimate:
    """Different people over several platforms, from the platforms' own sizes alone.

    The union is at least the largest audience and at most the sum of all (Fréchet's bounds); both hold whatever the
    overlap. Independence would be an assumption, so no single figure is given.

    Parameters
    ----------
    sizes : people per platform; a pair (lowest, highest) where only bounds are known; NaN = unknown, which leaves the
        lower bound as it is and makes the upper one infinite.

    Returns
    -------
    ReachEstimate with `total` NaN, except where only one platform is named and its size is exact. Nothing named or
    nothing known: all NaN, flagged.

    >>> print(estimate_reach({"youtube": 1000, "tiktok": 400}))
    Between 1,000 and 1,400 different people were reached.
    """
    bounds = {name: _bounds_of(name, size) for name, size in sizes.items()}
    exact = {name: low if low == high else nan for name, (low, high) in bounds.items()}
    unknown = [platform_title(name) for name, (low, high) in bounds.items() if low == 0 and high == inf]
    if len(unknown) == len(bounds):
        return ReachEstimate(
            total=nan, low=nan, high=nan, lower_bound=nan, upper_bound=nan, sizes=exact, method=SIZES_ONLY,
            flags=("no platform reports how many people it reached",),
        )  # fmt: skip
    lower, upper = max(low for low, _ in bounds.values()), sum(high for _, high in bounds.values())
    unbounded = tuple(name for name, (_, high) in bounds.items() if high == inf)
    flags = (f"{', '.join(unknown)}: how many people is unknown",) if unknown else ()
    total = lower if len(bounds) == 1 and lower == upper else nan
    return ReachEstimate(
        total=total,
        low=lower,
        high=upper,
        lower_bound=lower,
        upper_bound=upper,
        sizes=exact,
        bounds=bounds,
        unbounded=unbounded,
        method=SIZES_ONLY,
        flags=flags,
    )


def platform_title(name: str) -> str:
    """A platform's title; another name is its own title."""
    from engagerr_core.errors import UnknownName

    try:
        return platform_named(name).title
    except UnknownName:
        return name


def reach_bounds(
    daily: "pd.DataFrame",
    totals: "pd.DataFrame",
    posts: "pd.DataFrame",
    days: int,
    exposures: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, tuple[float, float]], tuple[str, ...]]:
    """Lowest and highest number of people that each platform can have reached in a period of so many days.

    Lowest: the platform's own figure for the period, else the best single day or post. Highest: the platform's own
    figure, else days added up, since a person who came twice is counted twice there; else exposures, since nobody is
    reached without one. Highest is inf unless every day is known.

    Parameters
    ----------
    daily : account rows of the period's days: platform, account, reach and, where known, exposures.
    totals : account rows for exactly the period.
    posts : lifetimes of posts that were published, and last observed, inside the period: a lifetime that reaches
        beyond it says nothing of the period.
    days : length of the period.
    exposures : every platform in question → metrics that count every time somebody saw something: views, but on X
        impressions, since its views are of videos only.

    Returns
    -------
    Bounds per platform, and flags that say what they rest on.
    """
    found: dict[str, tuple[float, float]] = {}
    flags: list[str] = []
    names = sorted({*exposures, *daily["platform"], *totals["platform"], *posts["platform"]})
    for name in names:
        mine = [frame[frame["platform"] == name] for frame in (daily, totals, posts)]
        accounts = sorted({account for frame in mine for account in frame["account"]})
        bounds, said = [] if accounts else [(0.0, inf)], []
        for account in accounts:
            one, total, post = (frame[frame["account"] == account] for frame in mine)
            low, high, why = _account_bounds(one, total, post, days, exposures.get(name, ()))
            bounds.append((low, high))
            said += why
        found[name] = (max(low for low, _ in bounds), sum(high for _, high in bounds))
        flags += [f"{platform_title(name)}: {why}" for why in dict.fromkeys(said)]
    return found, tuple(flags)


def _account_bounds(
    daily: "pd.DataFrame", totals: "pd.DataFrame", posts: "pd.DataFrame", days: int, exposures: tuple[str, ...]
) -> tuple[float, float, list[str]]:
    """Lowest and highest number of people of one account, and what they rest on."""
    own = _known(totals, "reach")
    if len(own) == 1:
        return float(own[0]), float(own[0]), []
    low, said = 0.0, []
    for frame, what in ((daily, "at least its best day"), (posts, "at least its most seen post")):
        values = _known(frame, "reach")
        if len(values) and values.max() > low:
            low, said = float(values.max()), [what]
    high = inf
    for column in ("reach", *exposures):
        values = _known(daily, column)
        if len(values) and len(values) == days:
            high = min(high, float(values.sum()))
    if low > high:
        return low, low, ["its figures contradict each other; the larger one is taken"]
    return low, high, said


def _known(frame: "pd.DataFrame", column: str) -> "np.ndarray":
    import numpy as np

    if column not in frame:
        return np.empty(0)
    values = frame[column].to_numpy(float)
    return values[np.isfinite(values)]
