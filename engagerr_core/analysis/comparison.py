"""Is this period different from the one before, beyond the usual swing from period to period?"""

from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from engagerr_core.analysis.results import Result

MOSTLY = 0.9  # share of the days that must be known for a period to be compared
FEWEST_SWINGS = 4  # earlier period-to-period swings wanted; with fewer the test has no size to speak of
MOST_SWINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChange(Result):
    """Relative change of a daily count from one period to the next.

    Attributes
    ----------
    now, previous : mean per known day in the two periods.
    change : now ÷ previous − 1; NaN where either is unknown or previous is 0.
    low, high : interval of the change at `level`; NaN where it cannot be tested.
    p_value : of no change beyond the usual swing; NaN where it cannot be tested.
    real : True or False at 1 − level; None where it cannot be tested.
    swings : how many earlier swings the test rests on.
    flags : what limits it, in sentences.
    """

    now: float
    previous: float
    change: float
    low: float
    high: float
    p_value: float
    real: bool | None
    level: float
    swings: int
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        if np.isnan(self.change):
            return f"The change is unknown: {'; '.join(self.flags)}"
        if self.real is None:
            return f"{self.change:+.0%}, not testable: {'; '.join(self.flags)}"
        verdict = "more" if self.real else "no more"
        return f"{self.change:+.0%} ({self.low:+.0%} to {self.high:+.0%}), {verdict} than the usual swing"


def compare_periods(
    daily: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    breaks: tuple[pd.Timestamp, ...] = (),
    error: float = 0.0,
    level: float = 0.95,
) -> PeriodChange:
    """Compare a period with the equally long one before it, against the swings between earlier such periods.

    The logarithm of each period's daily mean is compared with that of the period before; the standard deviation of the
    same differences in earlier, non-overlapping periods is the yardstick (Student's t with as many degrees of freedom
    as there were swings). Whatever dependence the days have, the earlier swings have it too.

    Parameters
    ----------
    daily : counts indexed by day (datetime64); missing or NaN days are unknown.
    start, end : the period, both days included.
    breaks : days on which the count was redefined; swings that cross one are not used, and if the period itself crosses
        one the change is unknown.
    error : relative standard error that an estimated bridge over a redefinition adds; it widens the interval.
    """
    from scipy.stats import t

    daily = daily.dropna().sort_index()
    length = (end - start).days + 1
    step = pd.Timedelta(days=length)
    flags: list[str] = []

    def mean_of(back: int) -> float:
        days = daily.loc[start - back * step : end - back * step]
        return float(days.mean()) if len(days) >= max(1, 0.9 * length) else nan

    def crossed(back: int) -> bool:
        return any(start - (back + 1) * step < b <= end - back * step for b in breaks)

    reached = int((start - daily.index.min()).days // length) + 1 if len(daily) else 0
    means = np.array([mean_of(back) for back in range(min(reached, MOST_SWINGS + 2) + 1)])
    now, previous = (means[i] if i < len(means) else nan for i in (0, 1))
    change = now / previous - 1 if previous > 0 and not np.isnan(now) else nan
    unknown = PeriodChange(
        now=now, previous=previous, change=nan, low=nan, high=nan, p_value=nan, real=None, level=level, swings=0
    )
    if crossed(0):
        return _with(unknown, "the platform began to count differently in between")
    if np.isnan(change):
        return _with(unknown, "one of the two periods is not known well enough")
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(means > 0, np.log(means), nan)
    swings = np.array([logs[b] - logs[b + 1] for b in range(1, len(logs) - 1) if not crossed(b)])
    swings = swings[np.isfinite(swings)]
    if len(swings) < FEWEST_SWINGS or not np.isfinite(logs[0] - logs[1]):
        periods = "period" if len(swings) == 1 else "periods"
        flags.append(f"{len(swings)} earlier {periods} to compare with, {FEWEST_SWINGS} wanted")
        return PeriodChange(
            now=now, previous=previous, change=change, low=nan, high=nan, p_value=nan, real=None, level=level,
            swings=len(swings), flags=tuple(flags),
        )  # fmt: skip
    yardstick = float(np.sqrt((swings**2).mean()))
    moved = float(logs[0] - logs[1])
    scale = float(np.hypot(yardstick, error))
    half = t.ppf((1 + level) / 2, len(swings)) * scale
    p_value = float(2 * t.sf(abs(moved) / scale, len(swings))) if scale > 0 else float(moved == 0)
    return PeriodChange(
        now=now, previous=previous, change=change,
        low=float(np.expm1(moved - half)), high=float(np.expm1(moved + half)),
        p_value=p_value, real=p_value < 1 - level, level=level, swings=len(swings), flags=tuple(flags),
    )  # fmt: skip


def _with(result: PeriodChange, flag: str) -> PeriodChange:
    from dataclasses import replace

    return replace(result, flags=(*result.flags, flag))
