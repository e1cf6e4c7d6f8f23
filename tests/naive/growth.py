"""Growth and volatility of one series from their definitions."""

import math

import numpy as np


def logarithms(values):
    """Logarithms, of 1 + value where any is 0; NaN of what is unknown or below 0."""
    shift = 1 if 0 in values else 0
    return [math.log(value + shift) if value >= 0 else math.nan for value in values]


def until_last_known(values):
    known = [i for i, value in enumerate(values) if not math.isnan(value)]
    return values[: known[-1] + 1] if known else []


def window_mean(values, size, ago):
    """Mean of the `size` values that end `ago` values before the end; NaN if it is cut off or half unknown."""
    stop = len(values) - ago
    window = [value for value in values[stop - size : stop] if not math.isnan(value)] if stop - size >= 0 else []
    return sum(window) / len(window) if window and 2 * len(window) >= size else math.nan


def change(values, size):
    values = until_last_known(values)
    now, before = window_mean(values, size, 0), window_mean(values, size, size)
    if before > 0:
        return now / before - 1
    return 0.0 if now == before == 0 else math.nan


def compound_slope(values, season):
    """Median slope of logarithms over six distances of whole seasons, from half to five sixths of the length."""
    logs = logarithms(until_last_known(values))
    distances = {max(len(logs) * (15 + 2 * k) // 30 // season, 1) * season for k in range(6)}
    slopes = [(logs[i + d] - logs[i]) / d for d in distances for i in range(max(len(logs) - d, 0))]
    slopes = [slope for slope in slopes if not math.isnan(slope)]
    return float(np.median(slopes)) if slopes else math.nan


def line(logs, first, season):
    """Slope beside a level for each phase, its variance factor, residuals by place, free values."""
    places = [first + i for i, value in enumerate(logs) if not math.isnan(value)]
    y = np.array([value for value in logs if not math.isnan(value)])
    phases = sorted({place % season for place in places})
    x = np.array([[*(float(p % season == phase) for phase in phases), p] for p in places])
    if len(y) == 0 or np.linalg.matrix_rank(x) < x.shape[1]:
        return math.nan, math.nan, {}, 0
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ coefficients
    factor = np.linalg.inv(x.T @ x)[-1, -1]
    return coefficients[-1], factor, dict(zip(places, rest, strict=True)), len(y) - x.shape[1]


def acceleration(values, window, season):
    """Slope of the last window less that of the one before, and its error."""
    logs = logarithms(until_last_known(values))
    if len(logs) < 2 * window:
        return math.nan, math.nan
    first = len(logs) - 2 * window
    earlier = line(logs[first : first + window], first, season)
    later = line(logs[first + window :], first + window, season)
    difference = later[0] - earlier[0]
    free = later[3] + earlier[3]
    if math.isnan(difference) or free < 4:
        return difference, math.nan
    rest = earlier[2] | later[2]
    pairs = [rest[i] * rest[i - 1] for i in rest if i - 1 in rest and i != first + window]
    squares = sum(value**2 for value in rest.values())
    r = (sum(pairs) / len(pairs)) / (squares / len(rest)) if pairs and squares else 0.0
    r = min(max(r + (2 + 4 * r) / (len(rest) / 2), 0), 0.95)
    return difference, math.sqrt(squares / free * (later[1] + earlier[1]) * (1 + r) / (1 - r))


def volatility(values, season, kept):
    """Robust and recent standard deviation of seasonless log returns, and their number."""
    logs = logarithms(until_last_known(values))
    returns = {i: logs[i] - logs[i - 1] for i in range(1, len(logs)) if not math.isnan(logs[i] - logs[i - 1])}
    step = season if len(returns) >= 2 * season else 1
    phases = {phase: [r for i, r in returns.items() if i % step == phase] for phase in range(step)}
    left = {i: r - float(np.median(phases[i % step])) for i, r in returns.items() if len(phases[i % step]) > 1}
    if len(left) < 3:
        return math.nan, math.nan, len(left)
    weights = {i: kept ** (len(logs) - 1 - i) for i in left}
    recent = sum(weights[i] * r**2 for i, r in left.items()) / sum(weights.values())
    return 1.482602218505602 * float(np.median(np.abs(list(left.values())))), math.sqrt(recent), len(left)
