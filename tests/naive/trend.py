"""Trends from their definitions: all pairs, full covariance matrices, a transform at each frequency."""

import math

import numpy as np
from scipy.optimize import minimize_scalar


def median_slope(places, values):
    """Median of the slopes of all pairs, and pairs that rise less pairs that fall, as a share of all."""
    slopes = [
        (values[j] - values[i]) / (places[j] - places[i]) for i in range(len(values)) for j in range(i + 1, len(values))
    ]
    return (float(np.median(slopes)), float(np.sign(slopes).mean())) if slopes else (math.nan, math.nan)


def design(places, season):
    """A level for each phase that occurs, and the place."""
    levels = [[float(place % season == phase) for phase in sorted({p % season for p in places})] for place in places]
    return np.column_stack([levels, places])


def restricted_likelihood(rho, places, values, season):
    """Minus twice the restricted log-likelihood of AR(1) noise (up to a constant), the slope's standard error."""
    x, y, places = design(places, season), np.asarray(values), np.asarray(places)
    covariance = rho ** np.abs(np.subtract.outer(places, places))
    inverse = np.linalg.inv(covariance)
    information = x.T @ inverse @ x
    coefficients = np.linalg.solve(information, x.T @ inverse @ y)
    rest = y - x @ coefficients
    free = len(y) - x.shape[1]
    squares = rest @ inverse @ rest
    loss = free * math.log(squares) + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return loss, math.sqrt(squares / free * np.linalg.inv(information)[-1, -1])


def slope_error(values, season):
    """Standard error of a slope, degrees of freedom, effective sample and rho (REML, not yet corrected)."""
    places = [i for i, value in enumerate(values) if not math.isnan(value)]
    known = [values[i] for i in places]
    starts = np.linspace(0, 0.998, 80)
    best = min(starts, key=lambda rho: restricted_likelihood(rho, places, known, season)[0])
    bounds = (max(best - 0.02, 0), min(best + 0.02, 0.998))
    found = minimize_scalar(
        lambda rho: restricted_likelihood(rho, places, known, season)[0], bounds=bounds, method="bounded",
        options={"xatol": 1e-7},
    ).x  # fmt: skip
    rho = 0.0 if found < 1e-3 else float(found)
    free = len(known) - design(places, season).shape[1]
    corrected = min(rho + 2 * rho / free + 40 * rho / free**2 + 250 * rho / free**3, 0.998)
    effective = 0.0
    for i, place in enumerate(places):
        share = corrected ** (place - places[i - 1] if i else 1)
        effective += (1 - share) / (1 + share)
    error = restricted_likelihood(corrected, places, known, season)[1]
    return error, effective * (free + 2) / len(known) - 2, effective, rho


def line(values, season):
    """Slope, strength, explained variance, scatter, span, known values, season used, rest with far values pulled in."""
    places = [i for i, value in enumerate(values) if not math.isnan(value)]
    known = np.array([values[i] for i in places])
    span = places[-1] - places[0] + 1
    season = season if season > 1 and span >= 2 * season and len(places) >= 2 * season else 1
    steepness = np.linalg.lstsq(design(places, season), known, rcond=None)[0][-1] if len(places) > season else 0.0
    if season > 1:
        medians = {
            phase: float(
                np.median([v - steepness * p for p, v in zip(places, known, strict=True) if p % season == phase])
            )
            for phase in {p % season for p in places}
        }
        middle = sum(medians.values()) / len(medians)
        known = np.array([v - medians[p % season] + middle for p, v in zip(places, known, strict=True)])
    slope, balance = median_slope(places, known)
    rest = known - known.mean() - slope * (np.array(places) - np.mean(places))
    whole = ((known - known.mean()) ** 2).sum()
    explained = max(1 - (rest**2).sum() / whole, 0) if whole else math.nan
    scatter = 1.482602218505602 * np.median(np.abs(rest - np.median(rest)))
    clipped = rest
    if scatter <= 1e-11 * np.abs(known).max():  # rounding: more than half lie on the line
        scatter = 0.0
    else:
        clipped = np.clip(rest, np.median(rest) - 3 * scatter, np.median(rest) + 3 * scatter)
    scatter = scatter or math.sqrt((rest**2).mean())
    full = np.full(len(values), math.nan)
    full[places] = clipped
    return slope, abs(balance), explained, scatter, span - 1, len(places), season, full


def powers_of_cycles(rest, season, rho):
    """Greatest power of the whitened rest over its mean, of how many cycles; mean of the slowest, of how many."""
    places = [i for i, value in enumerate(rest) if not math.isnan(value)]
    white = []
    for i, place in enumerate(places):
        share = rho ** (place - places[i - 1]) if i else 0.0
        white.append((rest[place] - (share * rest[places[i - 1]] if i else 0)) / math.sqrt(1 - share**2))
    total = sum(value**2 for value in white)
    if not total:
        return 0.0, 0, 0.0, 0

    def power(cycles):
        turns = zip(white, places, strict=True)
        return abs(sum(v * np.exp(-2j * np.pi * cycles * place / len(rest)) for v, place in turns)) ** 2 / total

    tried = [power(cycles) for cycles in range(3, min(len(rest) // max(2 * season, 4), 64) + 1)]
    slow = [power(cycles) for cycles in range(1, round(len(rest) ** (1 / 3)) + 1)]
    return max(tried, default=0.0), len(tried), sum(slow) / len(slow), len(slow)
