"""Where a series goes: how steep, how sure under autocorrelation, and a word for it."""

from typing import NamedTuple

import numpy as np

from engagerr_core.analysis.timeseries.exploration import require_one_series
from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.analysis.timeseries.trend_exploration import likelihood_line
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import prais_winsten, theil_sen, trend_lines

FEWEST_EFFECTIVE = 4.0  # independent values; with fewer no test holds its size (tests/benchmarks/trend_size.py)
EFFICIENCY = float(np.sqrt(np.pi / 3))  # error of Theil–Sen over that of least squares under normal noise (Sen 1968)
SLOW_CHANCE = 0.05  # of taking AR(1) noise for slower noise
CYCLE_CHANCE = 0.01  # of calling noise without a cycle cyclical

DIRECTIONS = ("rising", "falling", "stable", "cyclical", "unclear", "not testable")


def trend(
    series: object, *, season: int | None = 7, level: float = 0.95, band: float = 1.0, threads: int | None = None,
    engine: str = "compiled",
) -> SeriesTable:  # fmt: skip
    """The trend of each series: slope per step, its interval, and whether it is more than autocorrelated noise.

    The slope is Theil and Sen's, the median of the slopes of all pairs of values, after the season is taken out. Its
    standard error comes from generalised least squares for AR(1) noise (Prais–Winsten) on the rest around that line,
    values beyond three robust scatters pulled in, and is widened where the noise is slower than that. P-value and
    interval use the same slope, error and degrees of freedom, so that the interval leaves out 0 exactly where `p_value`
    is below 1 − `level`.

    Parameters
    ----------
    series : a `SeriesSet`, a pandas Series or an array; NaN are gaps and keep their place.
    season : length of the season in steps, taken out where a series spans two of it and has as many known values;
        None = none.
    level : of the interval, and 1 − `level` is the size of the test behind `direction`.
    band : what counts as no change, in robust standard deviations around the line, over the whole series.
    threads : None = all cores.
    engine : "compiled", or "statsmodels" for one series: slope, interval, p-value and effective sample then come from
        exact maximum likelihood of a line, seasonal levels and AR(1) noise (SARIMAX), nothing pulled in.

    Returns
    -------
    SeriesTable
        One row a series, with the columns

        - ``series``: position in the set, or the id.
        - ``slope``, ``slope_low``, ``slope_high``: per step; the interval is NaN where the trend is not testable, the
          slope where fewer than two values are known.
        - ``p_value``: of no trend; 1 where not testable, never NaN.
        - ``direction``: "rising" or "falling" where `p_value` is below 1 − `level`; else "stable" where even the ends
          of the interval move the series by less than `band` from its first to its last value; else "cyclical" where a
          cycle, three times over the length or more, stands out of the noise; else "unclear"; "not testable" where the
          known values carry less news than four independent ones and no cycle is seen.
        - ``strength``: share of pairs of values that rise less share that fall, without its sign (Kendall 1938).
        - ``r_squared``: share of the variance, season apart, that the line explains; NaN of a constant.
        - ``n_effective``: how many independent values would know as much: n(1 − ρ)/(1 + ρ), with gaps the sum of
          (1 − ρ^g)/(1 + ρ^g) over distances g between neighbours; ρ is corrected for its bias and never below 0.

    A line without noise has p-value 0, a constant 1. Growth by many times is a line in logarithms only: pass those.

    Raises
    ------
    InvalidArgument
        A season, level, band or engine that is none; more than one series for "statsmodels".

    References
    ----------
    Theil 1950; Sen 1968; Prais and Winsten 1954; Marriott and Pope 1954; docs/trends.md for formulas, size and power.

    >>> noise = np.random.default_rng(7).normal(0, 3, 90)
    >>> found = trend(100 + 0.5 * np.arange(90) + noise, season=None)
    >>> found[["slope", "slope_low", "slope_high", "direction", "strength"]].round(2)
       slope  slope_low  slope_high direction  strength
    0   0.52       0.49        0.54    rising      0.89
    """
    chosen = as_series_set(series)
    _check(season, level, band, engine)
    parts = chosen.map_blocks(lambda block: _compiled(block, int(season or 1)), threads)
    figures = _Figures(*np.hstack([np.empty((len(_Figures._fields), 0)), *parts]))
    if engine == "statsmodels":
        found = likelihood_line(require_one_series(chosen, "trend"), int(season or 1))
        if np.isnan(found.error):  # nothing could be fitted
            figures = figures._replace(error=np.where(figures.error == 0, 0.0, np.nan))
        elif figures.error[0] != 0:  # without noise there is nothing to fit
            figures = figures._replace(**{name: np.array([value]) for name, value in found._asdict().items()})
    return _table(chosen, figures, level, band)


def _check(season: int | None, level: float, band: float, engine: str) -> None:
    if season is not None and (season < 1 or season != int(season)):
        raise InvalidArgument(
            f"season was {season!r}. A season is a whole number of steps from 2. Pass None where there is none."
        )
    if not 0 < level < 1:
        raise InvalidArgument(
            f"level was {level!r}. It is the share of intervals that hold the true slope, from 0 to 1. Pass 0.95, say."
        )
    if not band >= 0:
        raise InvalidArgument(
            f"band was {band!r}. It is a change in standard deviations, not below 0. Pass 0 to call nothing stable."
        )
    if engine not in ("compiled", "statsmodels"):
        raise InvalidArgument(
            f'engine was {engine!r}. There are "compiled", for any number of series, and "statsmodels", for one. '
            "Pass one of them."
        )


class _Figures(NamedTuple):
    """What the engines say of each series; float64 arrays, one value a series."""

    slope: np.ndarray
    error: np.ndarray
    """Standard error of the slope; 0 of a line without noise, NaN where it cannot be told."""
    freedom: np.ndarray
    effective: np.ndarray
    strength: np.ndarray
    explained: np.ndarray
    scatter: np.ndarray
    span: np.ndarray
    """Steps from the first to the last known value."""
    peak: np.ndarray
    """Greatest power of a cycle over the mean power, in a rest without autocorrelation."""
    tried: np.ndarray
    """At how many frequencies it was looked for."""


def _compiled(block: SeriesSet, season: int) -> np.ndarray:
    """`_Figures` of a block, as rows."""
    rest, seasons = np.empty(block.values.size), np.empty(len(block), np.int64)
    guesses, slopes, figures = np.empty((len(block), 2)), np.empty((len(block), 2)), np.empty((len(block), 6))
    errors, peaks = np.empty((len(block), 4)), np.empty((len(block), 4))
    trend_lines.seasonless(block.values, block.indptr, season, rest, seasons, guesses, figures)
    theil_sen.median_slopes(rest, block.indptr, guesses, slopes, theil_sen.ROOM)
    trend_lines.around_lines(rest, block.indptr, slopes, figures)
    prais_winsten.slope_errors(rest, block.indptr, seasons, errors)
    trend_lines.powers_of_cycles(rest, block.indptr, seasons, np.nan_to_num(errors[:, prais_winsten.RHO]), peaks)
    exponent, known, span, noiseless, explained, scatter = figures.T
    error, freedom, effective, _ = errors.T
    scale, exact = exponent.astype(np.int64), noiseless == 1
    widened = _excess(peaks)
    return np.array(_Figures(
        slope=np.ldexp(slopes[:, theil_sen.SLOPE], scale),
        error=np.where(exact, 0.0, np.ldexp(EFFICIENCY * np.sqrt(widened) * error, scale)),
        freedom=np.where(exact, known, (freedom + 2) / widened - 2),
        effective=np.where(np.isnan(effective), known, effective / widened),
        strength=np.abs(slopes[:, theil_sen.BALANCE]), explained=explained, scatter=scatter, span=span,
        peak=peaks[:, trend_lines.PEAK], tried=peaks[:, trend_lines.TRIED],
    ))  # fmt: skip


def _excess(peaks: np.ndarray) -> np.ndarray:
    """How much more power the slowest cycles have than AR(1) noise leaves them; 1 where that may be chance."""
    from scipy.special import gammaincc

    slow, count = peaks[:, trend_lines.SLOW], peaks[:, trend_lines.SLOWEST]
    chance = gammaincc(np.maximum(count, 1), count * slow)
    return np.where((chance < SLOW_CHANCE) & (count > 0), slow, 1.0)


def _table(chosen: SeriesSet, figures: _Figures, level: float, band: float) -> SeriesTable:
    from scipy.special import stdtr, stdtrit

    slope, error, freedom = figures.slope, figures.error, figures.freedom
    testable = (figures.effective >= FEWEST_EFFECTIVE) & (freedom > 0) & np.isfinite(slope) & np.isfinite(error)
    p_value, half = np.ones(len(slope)), np.full(len(slope), np.nan)
    noisy, exact = testable & (error > 0), testable & (error == 0)
    p_value[noisy] = 2 * stdtr(freedom[noisy], -np.abs(slope[noisy]) / error[noisy])
    half[noisy] = error[noisy] * stdtrit(freedom[noisy], (1 + level) / 2)
    p_value[exact & (slope != 0)], half[exact] = 0.0, 0.0
    low, high = slope - half, slope + half
    chance = -np.expm1(figures.tried * np.log1p(-np.exp(-np.maximum(figures.peak, 1e-9))))  # of such a peak in noise
    farthest = np.maximum(np.abs(low), np.abs(high)) * figures.span
    direction = np.select(
        [
            testable & (p_value < 1 - level) & (slope > 0),
            testable & (p_value < 1 - level) & (slope < 0),
            testable & (farthest <= band * figures.scatter),
            (figures.tried > 0) & (chance < CYCLE_CHANCE),
            testable,
        ],
        ["rising", "falling", "stable", "cyclical", "unclear"],
        "not testable",
    )
    columns = {
        "series": chosen.labels(np.arange(len(chosen))), "slope": slope, "slope_low": low, "slope_high": high,
        "p_value": p_value, "direction": direction, "strength": figures.strength,
        "r_squared": figures.explained, "n_effective": figures.effective,
    }  # fmt: skip
    return SeriesTable.of(columns, _summary(direction))


def _summary(direction: np.ndarray) -> str:
    if not len(direction):
        return "Trends of no series."
    counts = [(word, int((direction == word).sum())) for word in DIRECTIONS]
    told = ", ".join(f"{count:,} {word}" for word, count in counts if count)
    return f"Trends of {len(direction):,} series: {told}."
