"""One series looked at closely: STL, MSTL and SARIMAX of statsmodels, behind the names of the compiled engine.

Slow and thorough, for a notebook. statsmodels is imported inside these functions only, since it takes more than a
second. The public functions `decompose` and `forecast` come here with `engine="statsmodels"`.
"""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engagerr_core.errors import InvalidArgument

FEWEST_KNOWN = 8  # below, neither a trend nor a process can be told from chance
FILLINGS = 3  # how often gaps are filled anew by the decomposition itself; the third changes nothing to speak of
LONGEST_STATE = 12  # a longer season enters SARIMAX as Fourier terms: its state vector would have one place a step
HARMONICS = 4
SEASONAL_STRENGTH = 0.64  # above, seasonal differences are taken (Wang, Smith and Hyndman 2006, as in R's forecast)
ITERATIONS = 60
ORDERS = ((1, 1), (0, 1), (1, 0), (2, 1), (1, 2), (0, 0))  # of autoregression and moving average
SEASONAL_ORDERS = {0: ((1, 0), (0, 0), (1, 1)), 1: ((0, 1), (1, 0), (1, 1))}  # the same for seasons, by differences


class Decomposition(NamedTuple):
    """Three float64 arrays as long as the series."""

    trend: np.ndarray
    seasonal: np.ndarray
    """Sum over all seasons."""
    residual: np.ndarray
    """values − trend − seasonal; NaN where the value is missing."""


class SarimaxForecast(NamedTuple):
    """What `sarimax_forecast` returns."""

    mean: np.ndarray
    """float64 (horizon)."""
    intervals: dict[int, tuple[np.ndarray, np.ndarray]]
    """Level in percent → lower and upper bounds, float64 (horizon) each."""
    model: str
    """Orders in the usual notation, such as "SARIMAX(1,1,1)(0,1,1)[7]"; "none" where nothing could be fitted."""
    aicc: float
    """Of the chosen model on the standardised series; NaN where nothing could be fitted."""
    flags: tuple[str, ...]
    """What limits the forecast, in sentences."""


def require_one_series(series: Any, function: str) -> np.ndarray:
    """Values of the only series of a set; `InvalidArgument` where it holds another number of them.

    `function` is the name of the public function that was called with `engine="statsmodels"`.
    """
    if len(series) != 1:
        raise InvalidArgument(
            f'{function} was asked for {len(series)} series with engine="statsmodels". That engine looks at one series '
            'at a time and takes seconds for it. Leave `engine` out for the compiled engine ("compiled"), or pass one '
            "series of the set: series[i:i+1]."
        )
    return np.array(series.array(0), np.float64)


def stl_decomposition(values: np.ndarray, seasons: Sequence[int] = (7,)) -> Decomposition:
    """Robust STL of a series with one season, MSTL with several, a robust LOWESS trend with none.

    Parameters
    ----------
    values : float64 (n), NaN where missing. Gaps are filled inside, at first by a straight line and then by trend +
        season of the decomposition before; the residual stays NaN there.
    seasons : lengths in steps, each from 2. Those of which the series does not hold two full turns are left out: their
        part is 0.

    With fewer than `FEWEST_KNOWN` known values, or none at all, everything is NaN.

    References
    ----------
    Cleveland, Cleveland, McRae and Terpenning 1990, STL; Bandara, Hyndman and Bergmeir 2021, MSTL.

    >>> week = np.tile([5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0], 20)
    >>> parts = stl_decomposition(week + np.arange(140) / 10)
    >>> parts.seasonal[:3].round(1).tolist()
    [3.0, -1.0, -1.0]
    """
    values = np.asarray(values, np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    known = ~np.isnan(values)
    if known.sum() < FEWEST_KNOWN:
        nothing = np.full(values.size, np.nan)
        return Decomposition(nothing, nothing.copy(), nothing.copy())
    usable = sorted({int(season) for season in _checked(seasons) if 2 * season < values.size})
    filled = _bridged(values)
    for turn in range(FILLINGS):
        trend, seasonal = _decomposed(filled, usable)
        if known.all() or turn == FILLINGS - 1:
            break
        filled = np.where(known, values, trend + seasonal)
    return Decomposition(trend, seasonal, values - trend - seasonal)


def _checked(seasons: Sequence[int]) -> Sequence[int]:
    if any(season < 2 or season != int(season) for season in seasons):
        raise InvalidArgument(
            f"seasons was {tuple(seasons)}. A season is a whole number of steps from 2. Leave out what is none; "
            "without any season pass ()."
        )
    return seasons


def _bridged(values: np.ndarray) -> np.ndarray:
    """The series with straight lines over its gaps and its first and last value beyond them."""
    known = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(values.size), known, values[known])


def _decomposed(filled: np.ndarray, seasons: list[int]) -> tuple[np.ndarray, np.ndarray]:
    from statsmodels.nonparametric.smoothers_lowess import lowess
    from statsmodels.tsa.seasonal import MSTL, STL

    if not seasons:
        share = min(1.0, max(15 / filled.size, 0.2))
        trend = lowess(filled, np.arange(filled.size), frac=share, return_sorted=False)
        return np.asarray(trend), np.zeros(filled.size)
    if len(seasons) == 1:
        found = STL(filled, period=seasons[0], robust=True).fit()
        return np.asarray(found.trend), np.asarray(found.seasonal)
    found = MSTL(filled, periods=seasons, stl_kwargs={"robust": True}).fit()
    return np.asarray(found.trend), np.asarray(found.seasonal).sum(axis=1)


def sarimax_forecast(
    values: np.ndarray, horizon: int = 30, seasons: Sequence[int] = (7,), levels: Sequence[int] = (80, 95)
) -> SarimaxForecast:
    """Forecast of one series by the SARIMAX model of least AICc in a small, stepwise grid.

    The first season of at most 12 steps is modelled by seasonal terms; other seasons enter as up to four pairs of sine
    and cosine. How often to difference is decided first, since AICc compares only models of the same differences:
    seasonally where the season is strong, plainly where the KPSS test (5 %) rejects a steady level. Missing values are
    left to the Kalman filter. Intervals are the model's: they hold what the past held and know nothing of the model
    being wrong.

    Parameters
    ----------
    values : float64 (n), NaN where missing.
    horizon : steps ahead, from 1.
    seasons : lengths in steps, each from 2; those of which the series does not hold two full turns are left out.
    levels : of the intervals, in percent.

    A model that did not converge is passed over; if none did, the best of them is taken and flagged. With fewer than
    `FEWEST_KNOWN` known values all figures are NaN, with a flag. A constant series is continued, with intervals of
    width 0.

    References
    ----------
    Hyndman and Khandakar 2008, for the order of the decisions.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    values = np.asarray(values, np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    if horizon < 1 or any(not 0 < level < 100 for level in levels):
        raise InvalidArgument(
            f"horizon was {horizon} and levels were {tuple(levels)}. A horizon is a number of steps from 1 and a level "
            "a percentage between 0 and 100. Give whole steps and levels such as (80, 95)."
        )
    usable = [int(season) for season in _checked(seasons) if 2 * season < values.size]
    known = values[~np.isnan(values)]
    if known.size < FEWEST_KNOWN:
        flag = f"{known.size} known values, {FEWEST_KNOWN} wanted"
        return _flat(np.nan, horizon, levels, "none", flag)
    centre, scale = float(known.mean()), float(known.std())
    if not scale > 1e-12 * abs(centre):
        return _flat(centre, horizon, levels, "constant", "the series is constant")
    seasonal = next((season for season in usable if season <= LONGEST_STATE), 0)
    waves = [season for season in usable if season != seasonal]
    ahead = np.arange(values.size, values.size + horizon)
    with threadpool_limits(1):  # of tiny matrices; threads that wait for one another make it ten times slower
        best, flags = _best_model((values - centre) / scale, seasonal, waves)
        told = best.fitted.get_forecast(horizon, exog=_fourier(ahead, waves) if best.waves else None)
    intervals = {}
    for level in levels:
        low, high = np.asarray(told.conf_int(alpha=1 - level / 100)).T
        intervals[level] = (low * scale + centre, high * scale + centre)
    mean = np.asarray(told.predicted_mean) * scale + centre
    return SarimaxForecast(mean, intervals, best.name, best.aicc, flags)


def _flat(value: float, horizon: int, levels: Sequence[int], model: str, flag: str) -> SarimaxForecast:
    mean = np.full(horizon, value)
    return SarimaxForecast(mean, {level: (mean.copy(), mean.copy()) for level in levels}, model, np.nan, (flag,))


class _Candidate(NamedTuple):
    converged: bool
    aicc: float
    name: str
    fitted: Any
    order: tuple[int, int]
    waves: bool


def _best_model(values: np.ndarray, season: int, waves: list[int]) -> tuple[_Candidate, tuple[str, ...]]:
    """The candidate of least AICc among those that converged: first the plain orders, then the seasonal ones."""
    exog = _fourier(np.arange(values.size), waves)
    differences = _differences(values, season, exog)
    seasonal_orders = SEASONAL_ORDERS[differences[1]] if season else ((0, 0),)
    found = [_fit(values, order, seasonal_orders[0], differences, season, waves, exog) for order in ORDERS]
    leading = min(found, key=lambda one: (not one.converged, one.aicc))
    for seasonal_order in seasonal_orders[1:]:
        found.append(_fit(values, leading.order, seasonal_order, differences, season, waves, exog))
    best = min(found, key=lambda one: (not one.converged, one.aicc))
    if best.fitted is None:  # not one could be fitted: a random walk has nothing that can fail
        best = _fit(values, (0, 0), (0, 0), (1, 0), 0, [], None)
        return best, ("no model could be fitted; a random walk is shown",)
    return best, () if best.converged else ("no model converged; the intervals are a rough guide",)


def _fit(values, order, seasonal_order, differences, season: int, waves: list[int], exog) -> _Candidate:
    """One model, fitted; not converged with an infinite AICc where that fails."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    (p, q), (seasonal_p, seasonal_q), (d, seasonal_d) = order, seasonal_order, differences
    name = f"SARIMAX({p},{d},{q})"
    if season:
        name += f"({seasonal_p},{seasonal_d},{seasonal_q})[{season}]"
    if waves:
        name += f" + Fourier[{', '.join(map(str, waves))}]"
    with warnings.catch_warnings():
        # all of them speak of starting values or of convergence; the latter is read from the fit
        warnings.simplefilter("ignore")
        try:
            model = SARIMAX(
                values, exog=exog, order=(p, d, q), trend="c" if d + seasonal_d == 0 else None,
                seasonal_order=(seasonal_p, seasonal_d, seasonal_q, season) if season else (0, 0, 0, 0),
            )  # fmt: skip
            fitted = model.fit(disp=False, maxiter=ITERATIONS)
        except (np.linalg.LinAlgError, ValueError, IndexError):  # a singular covariance, too few values left
            return _Candidate(False, np.inf, name, None, order, bool(waves))
    aicc = float(fitted.aicc)
    if not np.isfinite(aicc):
        return _Candidate(False, np.inf, name, None, order, bool(waves))
    return _Candidate(bool(fitted.mle_retvals["converged"]), aicc, name, fitted, order, bool(waves))


def _differences(values: np.ndarray, season: int, exog: np.ndarray | None) -> tuple[int, int]:
    """How often to difference: plainly by KPSS, seasonally by the strength of the season, each 0 or 1."""
    from statsmodels.tsa.stattools import kpss

    filled, seasonal = _bridged(values), 0
    if exog is not None:
        columns = np.column_stack([np.ones(values.size), exog])
        filled = filled - exog @ np.linalg.lstsq(columns, filled, rcond=None)[0][1:]
    if season:
        parts = stl_decomposition(values, (season,))
        rest = np.nanvar(parts.residual)
        whole = np.nanvar(parts.residual + parts.seasonal)
        seasonal = int(whole > 0 and 1 - rest / whole > SEASONAL_STRENGTH)
        filled = filled[season:] - filled[:-season] if seasonal else filled - parts.seasonal
    if filled.std() < 1e-9:
        return 0, seasonal
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a p-value lies beyond the printed table
        return int(kpss(filled, regression="c", nlags="auto")[1] < 0.05), seasonal


def _fourier(positions: np.ndarray, seasons: list[int]) -> np.ndarray | None:
    """Sine and cosine pairs of seasons at positions, (positions, 2 · pairs); None without seasons."""
    columns = []
    for season in seasons:
        for harmonic in range(1, min(HARMONICS, (season - 1) // 2) + 1):
            angle = 2 * np.pi * harmonic * positions / season
            columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns) if columns else None
