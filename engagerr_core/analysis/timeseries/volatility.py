"""How much a series swings from step to step, usually and lately."""

import numpy as np

from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import volatility as kernel

LEAST = 1e-9  # of a usual swing: below, it is rounding


def volatility(
    series: object, *, season: int | None = 7, half_life: float = 11.0, threads: int | None = None
) -> SeriesTable:
    """The usual and the recent swing of each series from one step to the next, as a share of its size.

    Swings are log returns, ln of a value over the one before, less the median of their phase of the season: what a
    Saturday always does to a Friday is no swing.

    Parameters
    ----------
    series : a `SeriesSet`, a pandas Series or an array. NaN are gaps: a return needs two known neighbours.
    season : length of the season in steps; None = none. Taken out where two seasons of returns are known.
    half_life : in steps; a return so old counts half in the recent swing. 11 is the decay of .94 a day that
        RiskMetrics made common.
    threads : None = all cores.

    Returns
    -------
    SeriesTable
        One row a series, with the columns

        - ``series``: position in the set, or the id.
        - ``volatility``: standard deviation of the returns, robustly: 1.4826 times the median of their sizes. Spikes do
          not move it. 0.1 means swings of about 10 %.
        - ``recent_volatility``: root of the exponentially weighted mean of their squares, up to the last known value.
          Spikes do move it.
        - ``ratio``: recent ÷ usual; NaN where the usual is 0 (below 1e-9).
        - ``returns``: how many are known, of phases of the season that have two or more.

        Where a series holds a 0, logarithms are of 1 + value; values below 0 have none and count as unknown. NaN where
        fewer than three returns are known; 0 of a constant.

    Raises
    ------
    InvalidArgument
        A season or half-life that is none.

    References
    ----------
    J.P. Morgan and Reuters 1996, RiskMetrics; Rousseeuw and Croux 1993 for the median absolute deviation.

    >>> week, rng = np.tile([80.0, 100.0, 100.0, 120.0, 100.0, 100.0, 60.0], 8), np.random.default_rng(7)
    >>> volatility(week * np.exp(rng.normal(0, 0.05, 56)))[["volatility", "recent_volatility", "returns"]].round(2)
       volatility  recent_volatility  returns
    0        0.05               0.07       55
    """
    chosen = as_series_set(series)
    if season is not None and (season < 1 or season != int(season)):
        raise InvalidArgument(
            f"season was {season!r}. A season is a whole number of steps from 2. Pass None where there is none."
        )
    if not half_life > 0:
        raise InvalidArgument(
            f"half_life was {half_life!r}. It is the age in steps at which a return counts half. Pass a number above 0."
        )
    kept = 0.5 ** (1.0 / half_life)

    def block_figures(block: SeriesSet) -> np.ndarray:
        figures = np.empty((len(block), 3))
        kernel.volatilities(block.values, block.indptr, int(season or 1), kept, figures)
        return figures

    figures = np.vstack([np.empty((0, 3)), *chosen.map_blocks(block_figures, threads)])
    usual, recent = figures[:, kernel.USUAL].copy(), figures[:, kernel.RECENT].copy()
    ratio = np.divide(recent, usual, out=np.full(len(usual), np.nan), where=usual > LEAST)
    columns = {
        "series": chosen.labels(np.arange(len(chosen))), "volatility": usual, "recent_volatility": recent,
        "ratio": ratio, "returns": figures[:, kernel.RETURNS].astype(np.int64),
    }  # fmt: skip
    return SeriesTable.of(columns, _summary(usual))


def _summary(usual: np.ndarray) -> str:
    known = usual[~np.isnan(usual)]
    if not len(known):
        return f"Volatility of {len(usual):,} series: none is known well enough."
    return f"Volatility of {len(usual):,} series: the middle one swings by {np.median(known):.1%} a step."
