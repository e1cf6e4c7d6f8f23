"""How far each value lies from what was to be expected, on the scale on which a series' rests are most alike.

`judge` makes of one series its expected values, its rests, and the histogram of the rests that tells how heavy the
tails of its noise are (analysis/timeseries/noise.py reads it).
"""

from typing import NamedTuple

import numpy as np

from engagerr_core.kernels.baseline import baseline
from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median

BINS = 38  # of rests in multiples of their median size: below 1, then evenly in logarithms up to FARTHEST, then beyond
FARTHEST = 200.0
DECIMALS = 6
GOLDEN = 0.6180339887498949  # its multiples modulo 1 spread more evenly than any random numbers
MEAN_OF_T5 = 0.94906  # mean size of a t-distributed value of five degrees
HARDLY_ANY = 1e-3
TRIM, TRIM_BY_MEAN = 6.0, 3.5  # median and mean sizes; rests beyond are left out where scales are compared
PLAINER = 6.0  # how much likelier (natural logarithm) another scale than the logarithm must be


@kernel("float64(const float64[::1])")
def resolution(values):
    """The unit that all known values are multiples of: 1 of counts, 0.01 of money, down to 1e-6; 0 if finer."""
    unit, factor = 1.0, 1.0
    for i in range(values.size):
        if values[i] != values[i]:
            continue
        while abs(values[i] * factor - np.rint(values[i] * factor)) > 1e-9 * max(1.0, abs(values[i] * factor)):
            factor *= 10.0
            unit = 1.0 / factor
            if factor > 10.0**DECIMALS * 1.5:
                return 0.0
    return unit


@kernel("boolean(const float64[::1], float64[::1], float64[::1])")
def spread(values, even, scaled):
    """Values spread evenly over the unit they were rounded to, and their logarithms; False if a value is below 0.

    Rounded values, such as low counts, have medians and rests with many ties, of which no size can be told. Where a
    value is put within its unit depends on its position alone. The logarithm is that of 1 + value; where a value is
    below 0, `scaled` holds the values as they are.
    """
    unit = resolution(values)
    positive = True
    for i in range(values.size):
        even[i] = values[i] + unit * ((i + 1) * GOLDEN % 1.0 - 0.5)
        positive = positive and not values[i] < 0.0
    for i in range(values.size):
        scaled[i] = np.log1p(even[i]) if positive else even[i]
    return positive


@kernel("float64(const float64[::1], float64[::1])")
def typical_size(rests, work):
    """The median size of the known rests. Where most are 0, that of the others, or 0 if these are few."""
    known = 0
    for i in range(rests.size):
        if rests[i] == rests[i]:
            work[known] = abs(rests[i])
            known += 1
    size = median(work, 0, known)
    if size > 0.0 or known == 0:
        return size
    nonzero = 0
    for i in range(known):
        if work[i] > 0.0:
            work[nonzero] = work[i]
            nonzero += 1
    return median(work, 0, nonzero) if 10 * nonzero >= known else 0.0


@kernel("float64(const float64[::1], const float64[::1])")
def likelihood(rests, steepness):
    """Logarithm of the likelihood of values whose scaled rests are these, by a t distribution of five degrees.

    Its width follows from the rests' mean size. `steepness` is by how much the scaled value rises with the value, NaN
    for values that are left out. Factors are multiplied and their logarithm taken only when it is time.
    """
    size, known = 0.0, 0
    for i in range(rests.size):
        if steepness[i] == steepness[i]:
            size += abs(rests[i])
            known += 1
    if not size > 0.0:
        return -np.inf
    width = size / known / MEAN_OF_T5
    total, product = 0.0, 1.0
    for i in range(rests.size):
        if steepness[i] == steepness[i]:
            ratio = rests[i] / width
            factor = 1.0 + ratio * ratio / 5.0
            product *= steepness[i] / (width * factor * factor * factor)
            if not 1e-200 < product < 1e200:
                total += np.log(product)
                product = 1.0
    return total + np.log(product)


@kernel(
    "float64(const float64[::1], const float64[::1], const float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1])"
)
def choose_scale(even, by_log, expected, rests, by_root, plain, work):
    """Rests on the scale where they are most alike: the logarithm, unless the values are clearly likelier on another.

    `by_log` holds values less expected ones in logarithms, `expected` the latter on the scale of the values. Only
    values near what was expected on every scale have a say: a spike must not choose the scale on which it is none.
    Fills `rests` and returns their median size; the others are scratch.
    """
    n = even.size
    size, chosen = typical_size(by_log, work), 0
    near = TRIM * size
    root_sum, plain_sum, known = 0.0, 0.0, 0
    for i in range(n):
        rests[i] = by_log[i]
        by_root[i] = np.sqrt(even[i] + 0.625) - np.sqrt(max(expected[i], -0.5) + 0.625)
        plain[i] = even[i] - expected[i]
        if abs(by_log[i]) <= near:
            root_sum += abs(by_root[i])
            plain_sum += abs(plain[i])
            known += 1
    root_near, plain_near = TRIM_BY_MEAN * root_sum / max(known, 1), TRIM_BY_MEAN * plain_sum / max(known, 1)
    for i in range(n):
        close = abs(by_log[i]) <= near and abs(by_root[i]) <= root_near and abs(plain[i]) <= plain_near
        work[i] = 1.0 / (1.0 + even[i]) if close else np.nan
    most = PLAINER + likelihood(by_log, work)
    for i in range(n):
        work[i] = 0.5 / np.sqrt(even[i] + 0.625) if work[i] == work[i] else np.nan
    found = likelihood(by_root, work)
    if found > most:
        most, chosen = found, 1
        rests[:] = by_root
    for i in range(n):
        work[i] = 1.0 if work[i] == work[i] else np.nan
    if likelihood(plain, work) > most:
        chosen = 2
        rests[:] = plain
    return typical_size(rests, work) if chosen else size


@kernel("void(float64[::1], float64, float64[::1], float64[::1])")
def in_sizes(rests, size, below, above):
    """Turn rests into multiples of a size and count these in bins `below` and `above`; 0 is half in each."""
    for i in range(rests.size):
        rests[i] /= size
        ratio = abs(rests[i])
        if not ratio >= 1.0:
            place = 0
        elif ratio >= FARTHEST:
            place = BINS - 1
        else:
            place = 1 + int(np.log(ratio) / np.log(FARTHEST) * (BINS - 2))
        if rests[i] > 0.0:
            above[place] += 1.0
        elif rests[i] < 0.0:
            below[place] += 1.0
        elif rests[i] == 0.0:
            above[0] += 0.5
            below[0] += 0.5


class Judged(NamedTuple):
    """What `judge` says of each value of a block of series."""

    expected: np.ndarray
    """On the scale of the values."""
    sizes: np.ndarray
    """Rests in multiples of their series' median size, below 0 for a value that is too low; on the scale chosen."""
    histograms: np.ndarray
    """Counts of these by series, side (below, above) and bin; 0 for a series of which nothing can be told."""


def bins_of(sizes: np.ndarray) -> np.ndarray:
    """The bin of each size, whatever its sign."""
    ratio = np.log(np.clip(np.abs(sizes), 1e-9, FARTHEST)) / np.log(FARTHEST)
    inside = np.minimum(1 + np.floor(ratio * (BINS - 2)), BINS - 1)
    return np.where(np.abs(sizes) >= 1.0, inside, 0.0).astype(np.int64)


def judge(values: np.ndarray, indptr: np.ndarray, season: int, window: int, periods: int, fewest: int = 1) -> Judged:
    """Expected values, and rests in multiples of their median size, of a block of series (float64, int64).

    Series with fewer than `fewest` known values, and those whose values all are as expected, have NaN sizes. Where
    hardly a value differs from what was expected there is no median size; the largest is then 1 ÷ `HARDLY_ANY`.
    """
    count, longest = indptr.size - 1, int(np.diff(indptr).max(initial=0))
    expected, sizes = np.full(values.size, np.nan), np.full(values.size, np.nan)
    room, spare, steps = np.empty((6, longest)), np.empty(2 * longest), np.empty(longest, np.int64)
    histograms = np.zeros((count, 2, BINS))
    for position, (start, stop) in enumerate(zip(indptr[:-1].tolist(), indptr[1:].tolist(), strict=True)):
        own, rests = values[start:stop], sizes[start:stop]
        if np.count_nonzero(own == own) < fewest:
            continue
        even, scaled, level, seasonal, rest, other = room[:, : stop - start]
        positive = spread(own, even, scaled)
        baseline(scaled, season, window, periods, level, seasonal, steps, rest, other, spare)
        np.add(level, seasonal, out=level)
        np.subtract(scaled, level, out=rest)
        if positive:
            np.expm1(level, out=expected[start:stop])
            size = choose_scale(even, rest, expected[start:stop], rests, level, seasonal, other)
        else:
            expected[start:stop], rests[:] = level, rest
            size = typical_size(rest, other)
        if not size > 0.0:
            size = HARDLY_ANY * float(np.fmax.reduce(np.abs(rests), initial=0.0))
        in_sizes(rests, size if size > 0.0 else np.nan, histograms[position, 0], histograms[position, 1])
    return Judged(expected, sizes, histograms)
