"""The test of a season, from textbook parts: numpy, scipy's one-way analysis of variance and Toeplitz solver."""

import numpy as np
from scipy import stats
from scipy.linalg import solve_toeplitz

from tests.naive.decomposition import filled
from tests.naive.running_median import middle, running_median


def rests_from_median(values, window):
    rests = values - filled(running_median(values, window))
    size = middle(np.abs(rests[~np.isnan(rests)]))
    return np.clip(rests, -5 * size, 5 * size) if size > 0 else rests


def groups(rests, codes):
    """Known rests of each phase that has two of them."""
    found = [rests[(codes == code) & ~np.isnan(rests)] for code in range(max(codes, default=0) + 1)]
    return [group for group in found if group.size >= 2]


def autocovariances(rests, longest):
    n = len(rests)
    products = [rests[lag:] * rests[: n - lag] if lag < n else np.empty(0) for lag in range(longest + 1)]
    return np.array([np.nanmean(p) * (n - lag) / n if (~np.isnan(p)).any() else 0.0 for lag, p in enumerate(products)])


def innovations(rests, coefficients):
    new = rests.copy()
    for i in range(len(rests)):
        for j, coefficient in enumerate(coefficients):
            if i - 1 - j >= 0 and not np.isnan(rests[i - 1 - j]):
                new[i] -= coefficient * rests[i - 1 - j]
    return new


def seasonal_test(values, codes, window):
    """F, its degrees of freedom, and the strength."""
    rests = rests_from_median(values, window)
    parts = groups(rests, codes)
    all_rests = np.concatenate(parts)
    within = sum(((part - part.mean()) ** 2).sum() for part in parts)
    strength = 1 - within / ((all_rests - all_rests.mean()) ** 2).sum()
    means = {code: rests[codes == code] for code in set(codes.tolist())}
    means = {c: np.nanmean(g) if (~np.isnan(g)).sum() >= 2 else np.nan for c, g in means.items()}
    left = rests - np.array([means[code] for code in codes.tolist()])
    covariances = autocovariances(left, 3)
    coefficients = solve_toeplitz(covariances[:3], covariances[1:])
    parts = groups(innovations(rests, coefficients), codes)
    known = sum(part.size for part in parts)
    free = known - len(parts) - 3
    plain = stats.f_oneway(*parts).statistic
    return plain * free / (known - len(parts)), len(parts) - 1, free, strength


def months_by_years(rests, months, least):
    """Two-way analysis of variance of months' means, years as blocks; years lacking a month are left out."""
    if (~np.isnan(rests[months == 0])).sum() < least:
        months = months - 1
    years = []
    for year in range((max(months) + 1) // 12):
        inside = [rests[months == year * 12 + month] for month in range(12)]
        if all((~np.isnan(month)).sum() >= least for month in inside):
            years.append([np.nanmean(month) for month in inside])
    if len(years) < 2:
        return None
    table = np.array(years)
    table = table - table.mean(axis=1, keepdims=True)
    mean = table.mean(axis=0)
    between = len(table) * (mean**2).sum() / 11
    within = ((table - mean) ** 2).sum() / (11 * (len(table) - 1))
    return between / within, 11, 11 * (len(table) - 1)
