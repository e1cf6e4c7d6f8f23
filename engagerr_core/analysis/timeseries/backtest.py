"""One series' forecast: planned, tried on its own past, blended and given intervals.

Every candidate is fitted on the scale of the values and, where nothing is negative, on that of log(1 + value); the
back-test weighs them all, and widens or narrows the analytic intervals. Analytic forecasts take exponential smoothing
on the likelier scale alone.
"""

from dataclasses import dataclass, replace
from math import inf, log, nan

import numpy as np

from engagerr_core.analysis.timeseries.forecast_candidates import (
    CANDIDATES,
    SMOOTHING,
    THETA,
    DoubleSmoothing,
    Origins,
    Smoothing,
    candidate_forecasts,
    fit_double_smoothing,
    fit_smoothing,
    outlier_limit,
    usable_season,
)
from engagerr_core.kernels.forecast_combination import (
    SCORES,
    blend_of,
    judge,
    learn_weights,
    learn_widths,
    naive_error,
)

FEWEST = 16  # known values for a back-test
FOLDS = 8  # horizons that the back-test spans, where there are values for them
MOST_ORIGINS = 32
WARM_UP = 8  # first errors are of a model that has seen nothing


@dataclass(frozen=True, slots=True)
class Levels:
    """Coverage of each interval as a share, rising, and the normal quantile that goes with it."""

    share: np.ndarray
    normal: np.ndarray


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is forecast of one series: `mean` (steps), `low` and `high` (levels, steps), `scores`, the model's name."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scores: np.ndarray
    model: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Values in units of their largest, as they are or as log(1 + value).

    Forecasts lie within `least` and `most`, bounds of intervals within `lowest` and `highest`.
    """

    unit: float
    least: float
    most: float
    lowest: float
    highest: float
    logs: bool = False

    def to(self, values: np.ndarray) -> np.ndarray:
        return np.log1p(values * self.unit) if self.logs else values

    def back(self, forecasts: np.ndarray) -> np.ndarray:
        if self.logs:
            forecasts = np.expm1(np.minimum(forecasts, 709.0)) / self.unit
        return np.clip(forecasts, self.least, self.most)

    def bounds(self, mean: np.ndarray, widths: np.ndarray) -> np.ndarray:
        """The mean moved by widths on the scale."""
        if not self.logs:
            return np.clip(mean + widths, self.lowest, self.highest)
        moved = np.expm1(np.minimum(np.log1p(mean * self.unit) + widths, 709.0)) / self.unit
        return np.clip(moved, self.lowest, self.highest)

    def in_logs(self) -> "Scale":
        return replace(self, logs=True)


@dataclass(frozen=True, slots=True)
class Task:
    """One series to forecast, from its first known value on, in units of its largest; and how to test that.

    `tested` is how many steps; there are no `origins` where there is nothing to test with.
    """

    values: np.ndarray
    horizon: int
    seasons: tuple[int, ...]
    levels: Levels
    scale: Scale
    tested: int
    origins: Origins


@dataclass(frozen=True, slots=True)
class _Made:
    """Forecast in units, half widths (levels, steps) on the scale, the scale, the model's name."""

    mean: np.ndarray
    widths: np.ndarray
    scale: Scale
    name: str


def plan(length: int, horizon: int, seasons: tuple[int, ...]) -> tuple[int, Origins]:
    """The steps tested and the origins; no origins where there is nothing to test with.

    No parameter is fitted to less than half of the series, nor to less than two of the longest season if that leaves
    two folds to test. Origins are never whole weeks or half days apart, so that each phase of a season has its turn at
    being first.
    """
    tested = min(horizon, max(length // 5, 1))
    longest = max((season for season in seasons if 2 * season + 8 <= length - 2 * tested), default=1)
    span = max(min(max(FOLDS * tested, tested + 14), length // 2), tested)
    span = max(min(span, length - 2 * longest - 8), tested)
    every = max(1, -(-(span - tested + 1) // MOST_ORIGINS))
    while every > 1 and (every % 7 == 0 or every % 12 == 0):
        every += 1
    count = (span - tested) // every + 1
    return tested, Origins(length - tested - (count - 1) * every, every, count if horizon and length >= FEWEST else 0)


def forecast_one(values: np.ndarray, horizon: int, seasons: tuple[int, ...], levels: Levels, testing: bool) -> Forecast:
    """Forecast one series; `testing`: with a back-test, else analytically.

    Unknown (NaN) is the mean only where nothing is known, and the intervals below three known values.
    """
    known = np.flatnonzero(values == values)
    scores = np.full(SCORES + levels.share.size, nan)
    scores[:2] = 0
    seen = values[known]
    least, most = (float(seen.min()), float(seen.max())) if known.size else (nan, nan)
    if known.size < 3 or least == most:
        middle = least / 2 + most / 2 if least != most else least
        bound = np.full((levels.share.size, horizon), nan if known.size < 3 else middle)
        name = "nothing known" if not known.size else "constant" if least == most else "level"
        return Forecast(np.full(horizon, middle), bound, bound.copy(), scores, name)
    unit = max(abs(least), abs(most))
    low, high = least / unit, most / unit
    scale = Scale(unit, *_around(low, high, 1), *_around(low, high, 3))
    own = values[known[0] :] / unit
    tested, origins = plan(own.size, horizon, seasons)
    if known.size < FEWEST:
        origins = Origins(own.size, 1, 0)
    task = Task(own, horizon, seasons, levels, scale, tested, origins)
    made = _backtested(task, scores) if testing else _analytic(task, scores)
    below, above = (made.scale.bounds(made.mean, side * made.widths) * unit for side in (-1, 1))
    return Forecast(made.mean * unit, below, above, scores, made.name)


def _around(low: float, high: float, times: float) -> tuple[float, float]:
    """What lies around what was seen, by so many times its width; nothing below 0 around what never was."""
    return low - times * (high - low) if low < 0 else 0.0, high + times * (high - low)


def _analytic(task: Task, scores: np.ndarray) -> _Made:
    """Exponential smoothing on the likelier scale, fitted to all but the last fold and judged by that one.

    Its states have seen the last fold when it forecasts. Without a fold, parameters are of all values.
    """
    values, n, scale = task.values, task.values.size, task.scale
    work = np.empty(n + 1)
    if scale.least == 0 and _cost(task, scale.in_logs(), work) < _cost(task, scale, work):
        scale = scale.in_logs()
    stop = n - task.tested if task.origins.count else n
    scaled = scale.to(values)
    profile = usable_season(scaled, stop, task.seasons, work)
    limit = outlier_limit(scaled, stop, profile, work)
    fitted: Smoothing | DoubleSmoothing = fit_smoothing(scaled, stop, profile, limit, work)
    if task.seasons and profile.size == task.seasons[-1]:
        double = fit_double_smoothing(scaled, stop, task.seasons, limit, work)
        fitted = fitted if double is None or double.criterion > fitted.criterion else double
    origins = Origins(stop, max(n - stop, 1), 2 if stop < n else 1)
    forecasts = np.empty((origins.count, task.horizon))
    errors = scaled - fitted.run(scaled, origins, forecasts)
    forecasts = scale.back(forecasts)
    widths = _widths(fitted, errors[:stop], np.empty((0, task.tested)), 0, task)
    if stop < n:
        _judge(forecasts[:1, : task.tested].copy(), values[None, stop:].copy(), 0, widths, scale, task, scores)
    return _Made(forecasts[-1], widths, scale, _named(fitted.name, scale))


def _cost(task: Task, scale: Scale, work: np.ndarray) -> float:
    """Mean minus log likelihood of the usual error on a scale, up to a constant; infinite where no error is usual."""
    scaled, n = scale.to(task.values), task.values.size
    limit = outlier_limit(scaled, n, usable_season(scaled, n, task.seasons, work), work)
    slope = float(np.nanmean(scaled)) - log(scale.unit) if scale.logs else 0.0
    return log(limit) + slope if limit < inf else inf


def _widths(
    fitted: Smoothing | DoubleSmoothing, errors: np.ndarray, gaps: np.ndarray, known: int, task: Task
) -> np.ndarray:
    """Half widths (levels, steps): analytic ones, with factors learnt from the first `known` origins of a back-test."""
    levels, every, tested = task.levels, task.origins.every, task.tested
    widths, work = np.empty((levels.share.size, task.horizon)), np.empty(max(gaps.size, 1))
    sizes = np.abs(errors[min(WARM_UP, errors.size // 2) :])
    sizes = sizes[sizes == sizes]
    folds = ((known - 1) * every + tested) / tested if known else 0.0
    growth = fitted.growth(task.horizon)
    learn_widths(gaps, 0, known, folds, growth, sizes, sizes.size, levels.share, levels.normal, work, widths)
    return widths


def _judge(
    blend: np.ndarray, truth: np.ndarray, start: int, widths: np.ndarray, scale: Scale, task: Task, scores: np.ndarray
) -> None:
    """Write the scores of the forecasts from the origins from `start` on."""
    low, high = (scale.bounds(blend, side * widths[:, None, : task.tested]) for side in (-1, 1))
    first = task.origins.first if blend.shape[0] > 1 else task.values.size - task.tested
    naive = naive_error(task.values, first, task.seasons[0] if task.seasons else 1)
    judge(blend, low, high, truth, start, task.levels.share, naive, scores)


def _named(name: str, scale: Scale) -> str:
    return f"{name} of log(1 + value)" if scale.logs else name


def _backtested(task: Task, scores: np.ndarray) -> _Made:
    """All candidates on their scales, weighed by the back-test.

    The scores are those of its later origins, forecast with weights and widths learnt from earlier origins, which knew
    nothing of what the later ones are judged by; the forecast itself learns from all.
    """
    values, n, tested, origins = task.values, task.values.size, task.tested, task.origins
    count, first, every = origins.count, origins.first, origins.every
    robust = outlier_limit(values, n, np.zeros(1), np.empty(n + 1)) < inf
    scales = [task.scale]
    if task.scale.least == 0 and robust and count:
        scales.append(task.scale.in_logs())
    size = len(scales) * len(CANDIDATES)
    trials, futures = np.full((size, count, tested), nan), np.empty((size, 1, task.horizon))
    fits = []
    for place, scale in enumerate(scales):
        scaled, own = scale.to(values), slice(place * len(CANDIDATES), (place + 1) * len(CANDIDATES))
        if count:
            candidate_forecasts(scaled, first, task.seasons, origins, trials[own])
            trials[own] = scale.back(trials[own])
        fits.append(candidate_forecasts(scaled, n, task.seasons, Origins(n, 1, 1), futures[own]))
        futures[own] = scale.back(futures[own])
    final, weights = np.empty((1, task.horizon)), np.empty(size)
    if not count:  # too short to weigh: three that need little
        weights = (np.arange(size) <= THETA) / (THETA + 1.0)
        blend_of(futures, weights, final)
        widths = _widths(*fits[0], np.empty((0, tested)), 0, task)
        return _Made(final[0], widths, task.scale, f"blend of 3, {fits[0][0].name} first")
    trials[np.isnan(futures[:, 0, 0])] = nan
    truth, blend = values[first + every * np.arange(count)[:, None] + np.arange(tested)], np.empty((count, tested))
    half = first + (n - first) // 2
    early = min(max((half - tested - first) // every + 1, 0), count)
    late = min(-(-(half - first) // every), count - 1)
    for known in (early, count):
        learn_weights(trials, truth, 0, known, not robust, weights)
        blend_of(trials, weights, blend)
        chosen = int(weights[len(CANDIDATES) :].sum() > 0.5)
        scale = scales[chosen]
        widths = _widths(*fits[chosen], np.abs(scale.to(blend) - scale.to(truth)), known, task)
        if known == early:
            _judge(blend, truth, late, widths, scale, task, scores)
    blend_of(futures, weights, final)
    of_scale, candidate = divmod(int(weights.argmax()), len(CANDIDATES))
    name = fits[of_scale][0].name if candidate == SMOOTHING else CANDIDATES[candidate]
    name = f"blend of {np.count_nonzero(weights)}, {_named(name, scales[of_scale])} first"
    return _Made(final[0], widths, scale, name)
