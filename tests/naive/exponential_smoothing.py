"""Additive exponential smoothing with the season as a dictionary, one forecast at a time."""

from math import isnan, nan

import numpy as np


def states(values, alpha, beta, gamma, phi, level, slope, season, limit):
    """(level, slope, season) before each value and after the last."""
    season = dict(enumerate(season))
    yield level, slope, dict(season)
    for t, value in enumerate(values):
        phase = t % len(season)
        expected = level + phi * slope + season[phase]
        error = 0.0 if isnan(value) else max(-limit, min(limit, value - expected))
        level, slope = level + phi * slope + alpha * error, phi * slope + beta * error
        season[phase] += gamma * error
        yield level, slope, dict(season)


def forecast(values, origin, horizon, alpha, beta, gamma, phi, level, slope, season, limit):
    """Forecasts of `horizon` steps from what is known after `origin` values."""
    *_, (level, slope, season) = states(values[:origin], alpha, beta, gamma, phi, level, slope, season, limit)
    made = []
    for step in range(1, horizon + 1):
        rise = sum(phi**k for k in range(1, step + 1)) * slope
        made.append(level + rise + season[(origin + step - 1) % len(season)])
    return made


def errors(values, *model):
    """One-step errors, NaN where the value is unknown."""
    return [value - forecast(values, t, 1, *model)[0] for t, value in enumerate(values)]


def loss(values, *model):
    """Huber's loss, twice: squares up to the limit, straight lines beyond."""
    limit = model[-1]
    sizes = [abs(error) for error in errors(values, *model) if not isnan(error)]
    return sum(size**2 if size <= limit else 2 * limit * size - limit**2 for size in sizes)


def variance(alpha, beta, gamma, phi, period, horizon):
    """Variance of the error of each step: a unit shock at each earlier step, carried on."""
    season = [0.0] * period
    effects = [1.0]
    for distance in range(1, horizon):
        shocked = [1.0] + [nan] * (distance - 1)
        effects.append(forecast(shocked, distance, 1, alpha, beta, gamma, phi, 0.0, 0.0, season, np.inf)[0])
    return [sum(effect**2 for effect in effects[:step]) for step in range(1, horizon + 1)]


def usual_error(values, level, season):
    """Least median absolute error of three simple smoothings, as a standard deviation."""
    found = []
    for alpha in (0.1, 0.4, 0.95):
        all_errors = errors(values, alpha, 0.0, 0.0, 1.0, level, 0.0, season, np.inf)
        later = [e for t, e in enumerate(all_errors) if t >= min(8, len(values) / 2)]
        known = [abs(e) for e in later if not isnan(e)]
        found.append(1.4826 * float(np.median(known)) if known else nan)
    return float(np.nanmin(found)) if not all(map(isnan, found)) else nan
