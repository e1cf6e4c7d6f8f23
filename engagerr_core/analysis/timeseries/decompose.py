"""Series as trend, season and rest."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries.anomalies import checked_season, window_of
from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import decomposition

ENGINES = ("compiled", "statsmodels")


def decompose(
    series: "SeriesSet | pd.Series | np.ndarray | list[float]", *, season: int | None = 7, window: int | None = None,
    engine: str = "compiled", threads: int | None = None,
) -> SeriesTable:  # fmt: skip
    """Each value as the sum of a trend, a season that repeats, and a residual.

    The trend is a running median, the season the median of each phase (position % season) of what the trend leaves,
    each estimated anew from what the other leaves. Medians follow steps and ignore spikes: both stay in the residual or
    in the trend where they belong. A running median is no smooth line; for one pass a longer `window`. The parts add
    up; for a season that grows with the level decompose logarithms, `numpy.log1p(views)`.

    Parameters
    ----------
    series : anything that `as_series_set` takes. NaN is skipped.
    season : steps of one turn, 7 for the weekdays of daily values; None = no season.
    window : steps that the trend is taken over, centred; None = the smallest odd multiple of the season that spans 21
        steps. Shorter at both ends.
    engine : "compiled" for any number of series; "statsmodels" for STL of one (several times 100 slower, smooth, and
        with a season that may change); `window` does not apply to it.
    threads : None = all cores. Results do not depend on it.

    Returns
    -------
    One row a value, with columns series (position in the set, or its id), index, time (NaT without times), value,
    trend, seasonal, residual. Where the value is NaN the residual is too; trend and season are told all the same. A
    series without a known value has a NaN trend and a season of 0.

    Raises
    ------
    InvalidArgument
        `season` or `window` below 1, an unknown `engine`, or more than one series for "statsmodels".

    References
    ----------
    Tukey 1977, Exploratory Data Analysis, for running medians; Cleveland et al. 1990 for STL.

    >>> decompose([100, 104, 96, 101, 99, 60, 55] * 8)["seasonal"].head(7).round().tolist()
    [12.0, 16.0, 8.0, 13.0, 11.0, -28.0, -33.0]
    """
    given = as_series_set(series)
    turns = checked_season(season)
    if engine not in ENGINES:
        raise InvalidArgument(
            f"engine was {engine!r}. Engines are {' and '.join(ENGINES)}. Leave it out for the first."
        )
    if window is not None and (isinstance(window, bool) or int(window) != window or window < 1):
        raise InvalidArgument(
            f"window was {window!r}. It is a whole number of steps from 1. Leave it out for three turns of a week."
        )
    if engine == "statsmodels":
        trend, seasonal = _by_statsmodels(given, turns, window)
    else:
        width = window_of(season) if window is None else int(window)
        parts = given.map_blocks(lambda block: _decompose_block(block, turns, width), threads)
        trend, seasonal = (np.concatenate([np.empty(0), *(part[i] for part in parts)]) for i in (0, 1))
    owner = np.repeat(np.arange(len(given)), given.lengths)
    index = np.arange(given.values.size) - given.indptr[owner]
    columns = {
        "series": given.labels(owner),
        "index": index,
        "time": given.times_at(owner, index),
        "value": given.values,
        "trend": trend,
        "seasonal": seasonal,
        "residual": given.values - trend - seasonal,
    }
    what = "no season" if turns == 1 else f"a season of {turns} steps"
    return SeriesTable.of(columns, f"{len(given):,} series as trend, {what} and residual.")


def _decompose_block(block: SeriesSet, season: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    trend, seasonal = np.empty(block.values.size), np.empty(block.values.size)
    work = np.empty(2 * int(block.lengths.max(initial=0)))
    for start, stop in zip(block.indptr[:-1], block.indptr[1:], strict=True):
        decomposition.decompose(
            block.values[start:stop], season, window, trend[start:stop], seasonal[start:stop], work
        )  # fmt: skip
    return trend, seasonal


def _by_statsmodels(given: SeriesSet, season: int, window: int | None) -> tuple[np.ndarray, np.ndarray]:
    from engagerr_core.analysis.timeseries.exploration import require_one_series, stl_decomposition

    if window is not None:
        raise InvalidArgument(
            f'window was {window} with engine="statsmodels". STL chooses the span of its trend by the season. Leave '
            "window out, or take the compiled engine."
        )
    values = require_one_series(given, "decompose")
    found = stl_decomposition(values, (season,) if season > 1 else ())
    return found.trend, found.seasonal
