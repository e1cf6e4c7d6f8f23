"""What `judge` makes of a series, step by step with numpy and scipy."""

import numpy as np
from scipy import stats

from tests.naive.decomposition import baseline
from tests.naive.running_median import middle

MEAN_OF_T5 = stats.t(5).expect(abs)


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
    """Rests, and the median of their sizes."""
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


def likelihood(rests, steepness):
    if not np.abs(rests).sum() > 0:
        return -np.inf
    width = np.abs(rests).mean() / MEAN_OF_T5
    return float((stats.t.logpdf(rests / width, 5) - stats.t.logpdf(0, 5) + np.log(steepness / width)).sum())


def chosen(even, expected):
    """Rests and their size on the scale that makes the values likeliest; the logarithm has a start of 6."""
    scales = list(three_scales(even, expected))
    by_log, size = size_of(scales[0][0])
    near = np.abs(by_log) <= 6 * size
    means = [np.abs(rests[near]).sum() / max(near.sum(), 1) for rests, _ in scales]
    for (rests, _), mean in zip(scales[1:], means[1:], strict=True):
        near &= np.abs(rests) <= 3.5 * mean
    told = [likelihood(rests[near], steepness[near]) for rests, steepness in scales]
    told[0] += 6.0
    return size_of(scales[int(np.argmax(told))][0])


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
