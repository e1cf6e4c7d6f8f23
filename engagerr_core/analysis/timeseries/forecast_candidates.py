"""Every method's forecasts of one series from chosen origins, each fitted to what came before the first of them.

A method is fitted once, to the first `stop` values; from a later origin it has seen the values up to there, its
parameters have not. So a back-test of many origins costs one fit, and no forecast knows what it is judged by.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import inf, log, nan

import numpy as np

from engagerr_core.kernels.double_seasonal import DOUBLE_MODEL, double_seasonal_forecasts, fit_double_seasonal
from engagerr_core.kernels.exponential_smoothing import (
    DAMPED,
    LEVEL,
    LINEAR,
    LOSS,
    MODEL,
    NO_TREND,
    SLOPE,
    search,
    smoothing_forecasts,
    smoothing_variance,
    usual_error,
)
from engagerr_core.kernels.lagged_regression import fit_lags, lagged_forecasts, repeating_lag
from engagerr_core.kernels.seasonal_profile import known_median, median_forecasts, seasonal_profile
from engagerr_core.kernels.theta import trend_slope

CANDIDATES = ("smoothing", "damped", "theta", "medians", "levels", "changes", "profile", "two seasons")
SMOOTHING, DAMPED_TREND, THETA, MEDIANS, LEVELS, CHANGES, PROFILE, TWO_SEASONS = range(len(CANDIDATES))
OUTLIER = 3.0  # usual errors: from what is beyond, only so much is learnt
RIDGE = 2.0  # observations' worth of evidence that past values do not matter
NEAREST, FARTHEST, CLEAR = 13, 120, 4.0  # lags of changes; standard errors from which a far one is worth a coefficient
TRENDS = ("N", "Ad", "A")
HOPELESS = 2.0  # of the criterion


@dataclass(frozen=True, slots=True)
class Origins:
    """`count` origins: `first` values are known at the first of them, `every` more at each later one."""

    first: int
    every: int
    count: int

    @property
    def last(self) -> int:
        return self.first + (self.count - 1) * self.every


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A fitted exponential smoothing.

    Attributes
    ----------
    model : alpha, beta, gamma, phi, level, slope, loss.
    damped : the same model with a damped trend, whether or not that is better.
    season : seasonal values at the start; one 0 without a season.
    limit : what an error counts for at most.
    criterion : Akaike's, corrected.
    name : in the field's notation, such as ETS(A,Ad,N).
    """

    model: np.ndarray
    damped: np.ndarray
    season: np.ndarray
    limit: float
    criterion: float
    name: str

    def run(self, values: np.ndarray, origins: Origins, forecasts: np.ndarray, *, damped: bool = False) -> np.ndarray:
        """Write forecasts (origins, steps); returns what was expected of each value up to the last origin."""
        expected, own = np.empty(origins.last), np.empty(self.season.size)
        model = self.damped if damped else self.model
        smoothing_forecasts(
            values, model, self.season, own, self.limit, origins.first, origins.every, forecasts, expected
        )
        return expected

    def growth(self, horizon: int) -> np.ndarray:
        """Variance of the error of each step, in variances of the first."""
        growth = np.empty(horizon)
        smoothing_variance(self.model, self.season.size, growth)
        return growth


@dataclass(frozen=True, slots=True)
class DoubleSmoothing:
    """A fitted exponential smoothing with two seasons: model (alpha, two gammas, rho, level, loss) and profiles."""

    model: np.ndarray
    short: np.ndarray
    long: np.ndarray
    limit: float
    criterion: float
    name: str = "double seasonal smoothing"

    def run(self, values: np.ndarray, origins: Origins, forecasts: np.ndarray) -> np.ndarray:
        """As `Smoothing.run`."""
        self._forecast(values, origins, forecasts)
        expected = np.empty((origins.last, 1))
        self._forecast(values, Origins(0, 1, origins.last), expected)
        return expected[:, 0]

    def _forecast(self, values: np.ndarray, origins: Origins, forecasts: np.ndarray) -> None:
        short, long = np.empty(self.short.size), np.empty(self.long.size)
        double_seasonal_forecasts(
            values, self.model, self.short, self.long, short, long, self.limit, origins.first, origins.every, forecasts
        )

    def growth(self, horizon: int) -> np.ndarray:
        """Variance of the error of each step, in variances of the first: squares of what one error does later."""
        alpha, short, long, rho = self.model[:4]
        ahead = np.arange(1, horizon)
        effect = alpha + rho**ahead + short * (ahead % self.short.size == 0) + long * (ahead % self.long.size == 0)
        return np.append(1.0, 1.0 + np.cumsum(effect**2))[:horizon]


def corrected_akaike(loss: float, known: int, parameters: int) -> float:
    """Akaike's criterion corrected for few values (Hurvich and Tsai, 1989); infinite with too few of them."""
    if known <= parameters + 1:
        return inf
    return known * log(loss / known) + 2.0 * parameters * known / (known - parameters - 1.0)


def usable_season(values: np.ndarray, stop: int, seasons: tuple[int, ...], work: np.ndarray) -> np.ndarray:
    """Profile of the longest season that the first `stop` values show twice in every phase; one 0 if there is none."""
    for period in reversed(seasons):
        if stop >= 2 * period + 2:
            profile = np.zeros(period)
            if seasonal_profile(values, stop, profile, work):
                return profile
    return np.zeros(1)


def outlier_limit(values: np.ndarray, stop: int, season: np.ndarray, work: np.ndarray) -> float:
    """The size from which an error is an outlier; infinite where most errors are 0."""
    limit = OUTLIER * usual_error(values, stop, known_median(values, 0, stop, 8, season, work), season, work)
    return limit if limit > 0 else inf


def fit_smoothing(values: np.ndarray, stop: int, profile: np.ndarray, limit: float, work: np.ndarray) -> Smoothing:
    """The best additive exponential smoothing of the first `stop` values, by Akaike's corrected criterion.

    Whether there is a season is decided without a trend, and the trend (none, damped, linear) then.
    """
    known = int(np.count_nonzero(values[:stop] == values[:stop]))
    block = min(max(profile.size, 8), max(stop // 3, 1))
    floor = 0.0
    fits: list[tuple[float, int, np.ndarray, np.ndarray, np.ndarray]] = []
    for season in (np.zeros(1), profile) if profile.size > 1 else (profile,):
        model, point = np.zeros(MODEL), np.empty(4)
        model[LEVEL] = known_median(values, 0, stop, block, season, work)
        if not fits:  # followed as exactly as this, a series has no likelihood
            floor = known * (1e-12 * float(model[LEVEL]) ** 2 + 1e-300)
        search(values, stop, season, np.empty(season.size), limit, NO_TREND, point, model)
        parameters = 3 if season.size == 1 else 4 + season.size
        criterion = corrected_akaike(max(float(model[LOSS]), floor), known, parameters)
        fits.append((criterion, parameters, model, point, season))
    criterion, parameters, chosen, start, season = fits[-1] if fits[-1][0] < fits[0][0] else fits[0]
    own, trend = np.empty(season.size), NO_TREND
    level, later = float(chosen[LEVEL]), known_median(values, block, stop, block, season, work)
    slope = (later - level) / block if later == later else 0.0
    damped = chosen
    for tried in (DAMPED, LINEAR):
        model, point = np.zeros(MODEL), start.copy()
        model[LEVEL], model[SLOPE] = level - slope * (block + 1) / 2, slope
        search(values, stop, season, own, limit, tried, point, model)
        other = corrected_akaike(max(float(model[LOSS]), floor), known, parameters + (3 if tried == DAMPED else 2))
        if tried == DAMPED:
            damped = model
        if other < criterion:
            criterion, chosen, trend = other, model, tried
        elif other > criterion + HOPELESS:  # where a damped trend is this much worse, a linear one is not the best
            break
    name = f"ETS(A,{TRENDS[trend]},{'N' if season.size == 1 else 'A'})"
    return Smoothing(chosen, damped, season, limit, criterion, name)


@lru_cache(maxsize=256)
def lags_of(seasons: tuple[int, ...], nearest: int, most: int) -> np.ndarray:
    """The lags worth a coefficient, rising: the `nearest`, those around each season and of a few more seasons."""
    lags = set(range(1, nearest + 1))
    for period in seasons:
        lags |= {period - 1, period, period + 1}
        lags |= {times * period for times in range(1, 5 if period < 12 else 3 if period <= 24 else 2)}
    return np.array(sorted(lag for lag in lags if 0 < lag <= most), np.int64)


def autoregression(values: np.ndarray, stop: int, lags: np.ndarray, origins: Origins, forecasts: np.ndarray) -> None:
    """Regress the first `stop` values (no gaps) on their past, around their mean, to which the forecasts return.

    None lies farther from the mean than the farthest seen.
    """
    mean = float(values[:stop].mean())
    around, coefficients = values - mean, np.zeros(lags.size)
    if lags.size:
        fit_lags(around, stop, lags, RIDGE, coefficients)
    limit = float(np.abs(around[:stop]).max())
    lagged_forecasts(around, lags, coefficients, limit, origins.first, origins.every, forecasts)
    forecasts += mean


def autoregression_of_changes(values: np.ndarray, stop: int, origins: Origins, forecasts: np.ndarray) -> None:
    """Regress the changes of the first `stop` values (no gaps) on earlier ones, and carry them on.

    Beside the nearest lags stand those around the one, up to `FARTHEST`, at which the changes repeat most, if they
    clearly do: a season that nobody named. Changes are taken around their mean, of which half is carried on as a drift,
    less where it is not clear of 0. No change lies farther from the mean than the farthest seen.
    """
    changes, fitted = np.diff(values), stop - 1
    mean = float(changes[:fitted].mean()) if fitted > 0 else 0.0
    around, past = changes - mean, changes[:fitted] - mean
    nearest = min(NEAREST, stop // 6)
    far = repeating_lag(around, fitted, nearest + 1, min(fitted // 3, FARTHEST), CLEAR)
    lags = np.array([*range(1, nearest + 1), *({far - 1, far, far + 1} - {0, nearest} if far else ())], np.int64)
    lags.sort()
    coefficients = np.zeros(lags.size)
    if lags.size:
        fit_lags(around, fitted, lags, RIDGE, coefficients)
    limit = float(np.abs(past).max()) if fitted > 0 else 0.0
    lagged_forecasts(around, lags, coefficients, limit, origins.first - 1, origins.every, forecasts)
    error = float((past * past).sum()) / max(fitted, 1) ** 2
    forecasts += 0.5 * mean * mean**2 / (mean**2 + error) if mean**2 > 0 else 0.0
    np.cumsum(forecasts, axis=1, out=forecasts)
    forecasts += values[origins.first - 1 : origins.last : origins.every, None]


def theta(
    values: np.ndarray, stop: int, course: np.ndarray, ahead: np.ndarray, limit: float, work: np.ndarray,
    origins: Origins, forecasts: np.ndarray,
) -> None:  # fmt: skip
    """The Theta method: simple exponential smoothing that drifts with half the slope of the whole series.

    `course` and `ahead` are the seasonal values of the series and of the forecasts.
    """
    plain, model, point = np.zeros(1), np.zeros(MODEL), np.empty(4)
    level = values - course
    drift = trend_slope(level, stop) / 2
    level -= drift * np.arange(values.size)
    model[LEVEL] = known_median(level, 0, stop, 8, plain, work)
    search(level, stop, plain, np.empty(1), limit, NO_TREND, point, model)
    smoothing_forecasts(level, model, plain, np.empty(1), limit, origins.first, origins.every, forecasts, work)
    forecasts += ahead
    times = np.arange(origins.first, origins.last + 1, origins.every)[:, None] + np.arange(forecasts.shape[1])
    forecasts += drift * times


def fit_double_smoothing(
    values: np.ndarray, stop: int, seasons: tuple[int, ...], limit: float, work: np.ndarray
) -> DoubleSmoothing | None:
    """The smoothing with two seasons of the first `stop` values; None where they are not both seen twice."""
    if len(seasons) != 2:
        return None
    short, long = (np.empty(period) for period in seasons)
    model = np.empty(DOUBLE_MODEL)
    if not fit_double_seasonal(values, stop, short, long, short.copy(), long.copy(), work, limit, model):
        return None
    known = int(np.count_nonzero(values[:stop] == values[:stop]))
    floor = known * (1e-12 * float(model[4]) ** 2 + 1e-300)
    criterion = corrected_akaike(max(float(model[5]), floor), known, 5 + sum(seasons))
    return DoubleSmoothing(model, short, long, limit, criterion)


def candidate_forecasts(
    values: np.ndarray, stop: int, seasons: tuple[int, ...], origins: Origins, forecasts: np.ndarray
) -> tuple[Smoothing, np.ndarray]:
    """Fit every candidate to the first `stop` values and write `forecasts` (candidates, origins, steps).

    NaN where a candidate does not apply. Returns the exponential smoothing and its one-step errors up to `stop`.
    """
    forecasts[:] = nan
    first, every, last = origins.first, origins.every, origins.last
    work = np.empty(values.size + 1)
    profile = usable_season(values, stop, seasons, work)
    period = profile.size
    seasons = tuple(season for season in seasons if season <= period)
    limit = outlier_limit(values, stop, profile, work)
    fitted = fit_smoothing(values, stop, profile, limit, work)
    fitted.run(values, origins, forecasts[DAMPED_TREND], damped=True)
    expected = fitted.run(values, origins, forecasts[SMOOTHING])
    errors = values[:last] - expected
    filled = expected + np.where(errors == errors, np.clip(errors, -limit, limit), 0.0)
    course = profile[np.arange(max(last + forecasts.shape[2], values.size)) % period]
    ahead = course[np.arange(first, last + 1, every)[:, None] + np.arange(forecasts.shape[2])]
    theta(values, stop, course[: values.size], ahead, limit, work, origins, forecasts[THETA])
    nearest = seasons[0] if seasons else 1
    width = max(7, nearest if nearest > 12 else 4 * nearest)
    median_forecasts(values, profile, width, work, first, every, forecasts[MEDIANS])
    lags = lags_of(seasons, 3 if seasons else 5, min(stop // 2, 4 * period + 5))
    autoregression(filled, stop, lags, origins, forecasts[LEVELS])
    if seasons:
        filled -= course[:last]
        autoregression(filled, stop, lags, origins, forecasts[PROFILE])
        forecasts[PROFILE] += ahead
    autoregression_of_changes(filled, stop, origins, forecasts[CHANGES])
    forecasts[CHANGES] += ahead
    double = fit_double_smoothing(values, stop, seasons, limit, work)
    if double is not None:
        double.run(values, origins, forecasts[TWO_SEASONS])
    return fitted, errors[:stop]
