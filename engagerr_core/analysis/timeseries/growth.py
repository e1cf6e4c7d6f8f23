"""How much more than before: day, week, month and year over the one before, the compound rate, the acceleration."""

import numpy as np

from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import growth as kernel

WINDOW_DAYS = (1, 7, 28, 364)  # whole weeks, so that no window holds more weekends than the one before
WINDOW_NAMES = ("day_change", "week_change", "month_change", "year_change")
DAY = np.timedelta64(1, "D")
FEWEST_IN_WINDOW = 4  # steps of a window of the acceleration, besides the season


def growth(series: object, *, season: int | None = 7, window: int = 28, threads: int | None = None) -> SeriesTable:
    """How much each series has grown, now and in the long run.

    The newest window ends with the last known value of the series, so that days not yet final (NaN) do not count; each
    change compares its mean with that of the window of the same length before it.

    Parameters
    ----------
    series : a `SeriesSet`, a pandas Series or an array; NaN are gaps and keep their place.
    season : length of the season in steps; None = none. The compound rate compares only values whole seasons apart,
        and the acceleration gives each phase of the season a level of its own.
    window : length in steps of the two windows whose slopes are compared; the season and four steps at least.
    threads : None = all cores.

    Returns
    -------
    SeriesTable
        One row a series, with the columns

        - ``series``: position in the set, or the id.
        - ``day_change``, ``week_change``, ``month_change``, ``year_change``: mean of the last 1, 7, 28 and 364 days ÷
          mean of as many days before − 1; 28 and 364 days hold every weekday equally often. Counted in steps where the
          set has no times; a day is NaN for weekly series. NaN where the two windows begin before the series, where
          less than half of one is known, and where the earlier mean is below 0, or 0 while the later one is not: from
          nothing there is no percentage. From 0 to 0 the change is 0.
        - ``compound_rate``: growth per step, compounded over the whole series: e to the median slope of the logarithms
          of pairs of values that lie half to five sixths of the length apart, − 1.
        - ``acceleration``: log growth per step in the last `window` less that in the one before; positive where growth
          speeds up. NaN where the series is shorter than both.
        - ``acceleration_error``: its standard error, widened for autocorrelation; NaN where fewer than four values
          beyond the parameters are known.

        Where a series holds a 0, logarithms are of 1 + value; values below 0 have none and count as unknown there.

    Raises
    ------
    InvalidArgument
        A season that is none, or a window too short for it.

    References
    ----------
    Theil 1950, the incomplete method; docs/trends.md.

    >>> growth(100 * 1.01 ** np.arange(60))[["week_change", "month_change", "compound_rate"]].round(3)
       week_change  month_change  compound_rate
    0        0.072         0.321           0.01
    """
    chosen = as_series_set(series)
    phases = _checked(season, window)
    windows = _windows(chosen)

    def block_figures(block: SeriesSet) -> np.ndarray:
        figures = np.empty((len(block), kernel.CHANGES + len(windows)))
        kernel.grow(block.values, block.indptr, phases, window, windows, figures)
        return figures

    parts = chosen.map_blocks(block_figures, threads)
    figures = np.vstack([np.empty((0, kernel.CHANGES + len(windows))), *parts])
    changes = {name: figures[:, kernel.CHANGES + k].copy() for k, name in enumerate(WINDOW_NAMES)}
    columns = {
        "series": chosen.labels(np.arange(len(chosen))), **changes,
        "compound_rate": np.expm1(figures[:, kernel.RATE]),
        "acceleration": figures[:, kernel.ACCELERATION].copy(), "acceleration_error": figures[:, kernel.ERROR].copy(),
    }  # fmt: skip
    return SeriesTable.of(columns, _summary(changes["month_change"]))


def _checked(season: int | None, window: int) -> int:
    if season is not None and (season < 1 or season != int(season)):
        raise InvalidArgument(
            f"season was {season!r}. A season is a whole number of steps from 2. Pass None where there is none."
        )
    phases = int(season or 1)
    if window != int(window) or window < phases + FEWEST_IN_WINDOW:
        raise InvalidArgument(
            f"window was {window!r}. The slope of a window beside {phases} seasonal level{'s' * (phases > 1)} needs "
            f"{phases + FEWEST_IN_WINDOW} steps. Pass a whole number from there, or a shorter season."
        )
    return phases


def _windows(chosen: SeriesSet) -> np.ndarray:
    """Lengths of the windows in steps; 0 for one that is no whole number of them."""
    if chosen.step is None:
        return np.array(WINDOW_DAYS, np.int64)
    lengths = [days * DAY / chosen.step for days in WINDOW_DAYS]
    return np.array([int(length) if length >= 1 and length == int(length) else 0 for length in lengths], np.int64)


def _summary(change: np.ndarray) -> str:
    known = change[~np.isnan(change)]
    if not len(known):
        return f"Growth of {len(change):,} series: none can be compared with a month before."
    return (
        f"Growth of {len(change):,} series: {int((known > 0).sum()):,} of {len(known):,} above the month before, "
        f"the middle one by {np.median(known):+.1%}."
    )
