"""Which rhythms a series has: by weekday, hour, day of the month, month, or any number of steps."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.seasonality import autocovariances, rests_from_median, seasonal_test

Period = int | str
CALENDAR = {"weekday": (7, 7.0), "day of month": (31, 30.4375), "month": (12, 365.25)}  # phases, days of a turn
WITHOUT_TIMES: tuple[Period, ...] = (7, 30)
TURNS = 2  # that a series must span; with fewer, nothing has repeated
SHORTEST_WINDOW = 21  # steps that the level is taken over, at least; otherwise three turns
LONG_WINDOW = 91  # for correlations, which a level that follows too closely makes negative
DAY = np.timedelta64(1, "D")


def seasonality(
    series: "SeriesSet | pd.Series | np.ndarray | list[float]", *, periods: Sequence[Period] | None = None,
    threads: int | None = None,
) -> SeriesTable:  # fmt: skip
    """Whether each series has a rhythm of each period, and how much of its swing that rhythm explains.

    The series' rests from a running median over three turns are compared between the phases of the period by analysis
    of variance. Persistence is taken out first, by an autoregression of order 3 fitted to what the phases leave: noise
    that merely persists makes hours or days of the month differ too. Months are compared by their means in each year,
    against how these differ from year to year, so that slow wandering does not count. Rests are drawn in to 5 median
    sizes, so that no single spike makes a rhythm.

    Parameters
    ----------
    series : anything that `as_series_set` takes. NaN is skipped.
    periods : what to look for. A whole number from 2 is a turn of so many steps, phase by position. Words go by the
        dates of the values: "weekday" (for steps shorter than a day; for daily values it is 7), "day of month" and
        "month". None = without times 7 and 30; daily 7, 30, "day of month" and "month"; shorter steps those of a day
        and of a week, as 24 and 168 for hours; weekly "month"; anything longer 12.
    threads : None = all cores. Results do not depend on it.

    Returns
    -------
    One row a series and period, with columns
        series : position in the set, or its id.
        period : as asked.
        strength : 1 − variance of what the phases leave ÷ variance of the rests, 0 to 1. Chance alone gives about
            (phases − 1) ÷ values. NaN where it cannot be told.
        p_value : of phases that do not differ. 1, never NaN, where it cannot be tested (fewer than two turns, a
            constant).

    Raises
    ------
    InvalidArgument
        A period that is neither a whole number from 2 nor one of the words, or a word for series without times.

    References
    ----------
    Strength after Wang, Smith and Hyndman 2006.

    >>> seasonality([100, 104, 96, 101, 99, 60, 55] * 8 + [101, 99], periods=[7, 5])[["period", "strength"]].round(2)
       period  strength
    0       7      0.99
    1       5      0.00
    """
    from scipy.special import fdtrc

    given = as_series_set(series)
    asked = _checked(_usual(given.step) if periods is None else tuple(periods), given)
    found = np.concatenate(
        [np.empty((0, len(asked), 4)), *given.map_blocks(lambda block: _test_block(block, asked), threads)]
    )
    with np.errstate(invalid="ignore"):
        p_value = fdtrc(found[..., 1], found[..., 2], found[..., 0])
    p_value = np.where(np.isnan(found[..., 0]), 1.0, p_value).ravel()
    owner = np.repeat(np.arange(len(given)), len(asked))
    names = np.empty(len(asked), object)
    names[:] = asked
    whole = all(isinstance(period, int) for period in asked)
    columns = {
        "series": given.labels(owner),
        "period": np.tile(np.array(asked, np.int64) if whole else names, len(given)),
        "strength": found[..., 3].ravel(),
        "p_value": p_value,
    }
    rhythmic = int((p_value.reshape(len(given), len(asked)) < 0.05).any(axis=1).sum()) if len(asked) else 0
    looked = " or ".join(str(period) for period in asked)
    return SeriesTable.of(columns, f"{rhythmic:,} of {len(given):,} series with a rhythm of {looked} (p below 0.05).")


def autocorrelation(
    series: "SeriesSet | pd.Series | np.ndarray | list[float]", *, lags: Sequence[int] = (7, 30), level: float = 0.95,
    threads: int | None = None,
) -> SeriesTable:  # fmt: skip
    """Correlation of each series with itself so many steps before, and the bound within which chance keeps it.

    Of the rests from a running median over three times the longest lag, 91 steps at least, drawn in to 5 median sizes.

    Parameters
    ----------
    series : anything that `as_series_set` takes. NaN is skipped.
    lags : steps, each from 1.
    level : probability that a series that is correlated at shorter lags only stays within the bound.
    threads : None = all cores.

    Returns
    -------
    One row a series and lag: series, lag, correlation, bound. NaN where no two known values lie so far apart.

    Raises
    ------
    InvalidArgument
        A lag below 1, or `level` outside 0 to 1.

    References
    ----------
    Bartlett 1946, for the bound.

    >>> table = autocorrelation([100, 104, 96, 101, 99, 60, 55] * 8, lags=[7])
    >>> bool(table["correlation"][0] > table["bound"][0])
    True
    """
    from scipy.special import ndtri

    given = as_series_set(series)
    if any(isinstance(lag, bool) or int(lag) != lag or lag < 1 for lag in lags) or not 0 < level < 1:
        raise InvalidArgument(
            f"lags were {tuple(lags)} and level {level!r}. A lag is a whole number of steps from 1 and a level lies "
            "between 0 and 1. Take lags=(7, 30) and level=0.95."
        )
    steps = np.array([int(lag) for lag in lags], np.int64)
    longest = int(steps.max(initial=0))
    parts = given.map_blocks(lambda block: _correlate_block(block, longest), threads)
    covariances = np.concatenate([np.empty((0, longest + 1)), *(part[0] for part in parts)])
    known = np.concatenate([np.empty(0), *(part[1] for part in parts)])
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariances / covariances[:, :1]
        before = 1 + 2 * (np.cumsum(correlation**2, axis=1) - 1)
        bound = ndtri((1 + level) / 2) * np.sqrt(before[:, steps - 1] / known[:, None])
    correlation = correlation[:, steps]
    owner = np.repeat(np.arange(len(given)), steps.size)
    bound = np.where(np.isnan(correlation), np.nan, bound)
    columns = {
        "series": given.labels(owner),
        "lag": np.tile(steps, len(given)),
        "correlation": correlation.ravel(),
        "bound": bound.ravel(),
    }
    above = int((correlation > bound).any(axis=1).sum()) if steps.size else 0
    return SeriesTable.of(columns, f"{above:,} of {len(given):,} series correlated with themselves beyond the bound.")


def _usual(step: np.timedelta64 | None) -> tuple[Period, ...]:
    """What to look for in series of this step."""
    if step is None:
        return WITHOUT_TIMES
    if step < DAY:
        return tuple(int(turn // step) for turn in (DAY, 7 * DAY) if turn % step == np.timedelta64(0)) or ("weekday",)
    if step < 7 * DAY:
        return (*WITHOUT_TIMES, "day of month", "month") if step == DAY else WITHOUT_TIMES
    return ("month",) if step == 7 * DAY else (12,)


def _checked(periods: tuple[Period, ...], given: SeriesSet) -> tuple[Period, ...]:
    for period in periods:
        if isinstance(period, str):
            if period not in CALENDAR:
                raise InvalidArgument(
                    f"A period was {period!r}. Words for periods are {', '.join(CALENDAR)}. Give one of these, or a "
                    "whole number of steps."
                )
            if given.starts is None:
                raise InvalidArgument(
                    f"{period!r} was asked of series without times. Their dates are not known. Give times to the "
                    "SeriesSet, or take a whole number of steps."
                )
        elif isinstance(period, bool) or int(period) != period or period < 2:
            raise InvalidArgument(
                f"A period was {period!r}. A period is a whole number of steps from 2, or a word such as 'month'. "
                "Take 7 for the weekdays of daily values."
            )
    return tuple(period if isinstance(period, str) else int(period) for period in periods)


def _codes(period: Period, times: np.ndarray) -> np.ndarray:
    """Phase of each time."""
    days = times.astype("datetime64[D]")
    if period == "weekday":
        return (days.astype(np.int64) + 3) % 7
    months = days.astype("datetime64[M]")
    if period == "month":
        return months.astype(np.int64) % 12
    return (days - months.astype("datetime64[D]")).astype(np.int64)


def _test_block(block: SeriesSet, periods: tuple[Period, ...]) -> np.ndarray:
    """F, degrees of freedom and strength of each series and period."""
    found = np.full((len(block), len(periods), 4), np.nan)
    longest = int(block.lengths.max(initial=0))
    rests, work = np.empty(longest), np.empty(longest)
    dated = block.times if any(isinstance(period, str) for period in periods) else None
    times = np.empty(0, "datetime64[us]") if dated is None else dated
    for place, period in enumerate(periods):
        if isinstance(period, str):
            phases, days = CALENDAR[period]
            step = DAY if block.step is None else block.step
            turn = int(days / (step / DAY))
            codes = _codes(period, times)
        else:
            phases = turn = period
            codes = np.arange(longest) % period
        window = max(3 * turn | 1, SHORTEST_WINDOW)
        means, counts = np.empty(phases), np.empty(phases)
        for position, (start, stop) in enumerate(zip(block.indptr[:-1], block.indptr[1:], strict=True)):
            values, n = block.values[start:stop], stop - start
            if n < TURNS * turn or turn < 2:
                continue
            own = codes[start:stop] if isinstance(period, str) else codes[:n]
            if period == "month":  # hardly longer than its window: a running median would leave the trend
                values = values - _median_rise(values, turn) * np.arange(n)
            seasonal_test(values, own, window, found[position, place], means, counts, rests[:n], work[:n])
            if period == "month":
                months = times[start:stop].astype("datetime64[M]").astype(np.int64)
                found[position, place, :3] = months_by_years(rests[:n], months - months[0], 0.5 * turn / phases)
    return found


def _median_rise(values: np.ndarray, turn: int) -> float:
    """Median rise a step, from values a whole turn apart, whose season is the same; 0 where there are none."""
    rises = values[turn:] - values[:-turn]
    known = rises[~np.isnan(rises)]
    return float(np.median(known)) / turn if known.size else 0.0


def months_by_years(rests: np.ndarray, months: np.ndarray, least: float) -> tuple[float, float, float]:
    """F of the calendar months' means with whole years as blocks, and its degrees of freedom.

    `months` counts from the first month, whose scrap is left out if it has fewer than `least` known rests; so are years
    in which any month has. What differs from year to year is the yardstick, so that slow wandering, which no
    autoregression of days describes, counts as noise. NaN with fewer than two years.
    """
    known = ~np.isnan(rests)
    counts = np.bincount(months[known], minlength=1)
    sums = np.bincount(months[known], rests[known], 1)
    first = int(counts[0] < least)
    years = (counts.size - first) // 12
    counts, sums = (one[first : first + 12 * years].reshape(years, 12) for one in (counts, sums))
    whole = (counts >= least).all(axis=1)
    turns = int(whole.sum())
    if turns < 2:
        return np.nan, 11.0, 0.0
    means = sums[whole] / counts[whole]
    means -= means.mean(axis=1, keepdims=True)
    phases = means.mean(axis=0)
    between, within = turns * (phases**2).sum() / 11, ((means - phases) ** 2).sum() / (11 * (turns - 1))
    if not within > 1e-24 * between:
        return (np.inf if between > 0 else np.nan), 11.0, 11.0 * (turns - 1)
    return between / within, 11.0, 11.0 * (turns - 1)


def _correlate_block(block: SeriesSet, longest: int) -> tuple[np.ndarray, np.ndarray]:
    covariances, known = np.empty((len(block), longest + 1)), np.empty(len(block))
    room = int(block.lengths.max(initial=0))
    rests, work = np.empty(room), np.empty(room)
    window = max(3 * longest | 1, LONG_WINDOW)
    for position, (start, stop) in enumerate(zip(block.indptr[:-1], block.indptr[1:], strict=True)):
        n = stop - start
        known[position] = rests_from_median(block.values[start:stop], window, rests[:n], work)
        autocovariances(rests[:n], covariances[position])
        covariances[position, n:] = np.nan
    return covariances, known
