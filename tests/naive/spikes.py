"""What `judge` makes of a series, step by step with numpy and scipy."""

import numpy as np
from scipy import stats

from tests.naive.decomposition import baseline
from tests.naive.running_median import middle

HALF_OF_T5 = stats.t.ppf(0.75, 5)


def resolution(values):
    for decimals in range(7):
        scaled = values[~np.isnan(values)] * 10.0**decimals
        if (np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1, np.abs(scaled))).all():
            return 10.0**-decimals
    return 0.0


def spread(values):
    place = (np.arange(len(values)) + 1) * 0.6180339887498949 % 1.0
    return values + resolution(values) * (place - 0.5)


def size_of(rests):
    """Rests around their median, and the median of their sizes."""
    rests = rests - middle(rests[~np.isnan(rests)])
    sizes = np.abs(rests[~np.isnan(rests)])
    if middle(sizes) > 0 or not sizes.size:
        return rests, middle(sizes)
    others = sizes[sizes > 0]
    return rests, middle(others) if 10 * others.size >= sizes.size else 0.0


def three_scales(even, expected):
    """Rests on the scale of logarithms, roots and plain values, and how steep each scale is at each value."""
    yield np.log1p(even) - np.log1p(expected), 1 / (1 + even)
    yield np.sqrt(even + 0.625) - np.sqrt(np.maximum(expected, -0.5) + 0.625), 0.5 / np.sqrt(even + 0.625)
    yield even - expected, np.ones(len(even))


def likelihood(rests, size, steepness):
    deviation = size / HALF_OF_T5
    return float((stats.t.logpdf(rests / deviation, 5) - stats.t.logpdf(0, 5) + np.log(steepness / deviation)).sum())


def chosen(even, expected):
    """Rests and their size on the scale that makes the values likeliest; the logarithm has a start of 6."""
    scales = [(*size_of(rests), steepness) for rests, steepness in three_scales(even, expected)]
    near = ~np.isnan(even)
    for rests, size, _ in scales:
        near &= np.abs(rests) <= 6 * size
    told = [likelihood(rests[near], size, steepness[near]) if size > 0 else np.nan for rests, size, steepness in scales]
    told[0] += 6.0
    best = 0
    for scale in (1, 2):
        if told[scale] > told[best]:
            best = scale
    return scales[best][:2]


def judge(values, season, window, periods):
    """Expected values, and rests in multiples of their size; None where all is as expected."""
    even = spread(values)
    positive = not (values < 0).any()
    scaled = np.log1p(even) if positive else even
    level, seasonal, _ = baseline(scaled, season, window, periods)
    expected = np.expm1(level + seasonal) if positive else level + seasonal
    rests, size = chosen(even, expected) if positive else size_of(even - expected)
    if not size > 0:
        size = 1e-3 * np.nanmax(np.abs(rests), initial=0.0)
    return expected, rests / size if size > 0 else None


def histogram(sizes):
    """Counts of rests below and above 0 by bin: up to 1, evenly in logarithms up to 200, and beyond."""
    edges = np.exp(np.linspace(0, np.log(200), 37))
    sides = []
    for side in (-sizes, sizes):
        inside = np.searchsorted(edges, side[side > 0], side="right")
        sides.append(np.bincount(inside, minlength=38) + 0.0)
        sides[-1][0] += 0.5 * (sizes == 0).sum()
    return np.array(sides)
