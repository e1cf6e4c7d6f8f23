"""Intervals and shrinkage by loops, as one would explain them on paper."""

from math import isfinite, sqrt


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
