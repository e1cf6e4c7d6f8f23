"""Intervals and shrinkage by loops, as one would explain them on paper."""

from math import isfinite, sqrt

import numpy as np


def jackknife(pairs: list[tuple[float, float]], t: float) -> tuple[float, float, float]:
    """Ratio of sums and its delete-one interval; `pairs` are (numerator, denominator) per block."""
    pairs = [(y, x) for y, x in pairs if isfinite(y) and isfinite(x)]
    rate = sum(y for y, _ in pairs) / sum(x for _, x in pairs)
    left_out = []
    for i in range(len(pairs)):
        rest = pairs[:i] + pairs[i + 1 :]
        left_out.append(sum(y for y, _ in rest) / sum(x for _, x in rest))
    mean = sum(left_out) / len(left_out)
    variance = (len(pairs) - 1) / len(pairs) * sum((r - mean) ** 2 for r in left_out)
    return rate, rate - t * sqrt(variance), rate + t * sqrt(variance)


def benjamini_hochberg(p_values: list[float], alpha: float) -> list[bool]:
    """Which hypotheses are rejected: the largest k with p(k) ≤ kα/m, and all below it."""
    ranked = sorted(p_values)
    m = len(ranked)
    threshold = max((p for k, p in enumerate(ranked, 1) if p <= k * alpha / m), default=-1.0)
    return [p <= threshold for p in p_values]


def wilson(successes: np.ndarray, trials: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of a plain proportion (Wilson 1927), element by element.

    NaN where a count is unknown, where nothing was tried, or where successes exceed trials: then it is no proportion.
    """
    from scipy.stats import norm

    x, n = np.asarray(successes, float), np.asarray(trials, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = norm.ppf((1 + level) / 2)
        p = np.where((n > 0) & (x <= n) & (x >= 0), x / n, np.nan)
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half
