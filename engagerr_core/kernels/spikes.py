"""How far each value lies from what was to be expected, on the scale on which a series' rests are most alike.

`judge` makes of one series its expected values, its rests, and the histogram of the rests that tells how heavy the
tails of its noise are (analysis/timeseries/noise.py reads it).
"""

import numpy as np

from engagerr_core.kernels.baseline import baseline
from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median

BINS = 38  # of rests in multiples of their median size: below 1, then evenly in logarithms up to FARTHEST, then beyond
FARTHEST = 200.0
DECIMALS = 6
GOLDEN = 0.6180339887498949  # its multiples modulo 1 spread more evenly than any random numbers
LOGARITHM, ROOT, PLAIN = range(3)
MEDIAN_OF_T5 = 0.72669  # of the size of a t-distributed value of five degrees
HARDLY_ANY = 1e-3
TRIM = 6.0  # rests beyond are left out where scales are compared: a spike must not choose the scale
PLAINER = 6.0  # how much likelier (natural logarithm) another scale than the logarithm must be


@kernel("int64(float64)")
def bin_of(size):
    """The bin of a rest of so many median sizes."""
    if not size >= 1.0:
        return 0
    if size >= FARTHEST:
        return BINS - 1
    return 1 + int(np.log(size) / np.log(FARTHEST) * (BINS - 2))


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


@kernel("float64(float64[::1], float64[::1])")
def centre_and_size(rests, work):
    """Take the median off the rests; the median of their sizes. Where most are 0, that of the others, or 0."""
    known = 0
    for i in range(rests.size):
        if rests[i] == rests[i]:
            work[known] = rests[i]
            known += 1
    middle = median(work, 0, known)
    for i in range(known):
        work[i] = abs(work[i] - middle)
    size = median(work, 0, known)
    for i in range(rests.size):
        rests[i] -= middle
    if size > 0.0 or known == 0:
        return size
    nonzero = 0
    for i in range(known):
        if work[i] > 0.0:
            work[nonzero] = work[i]
            nonzero += 1
    return median(work, 0, nonzero) if 10 * nonzero >= known else 0.0


@kernel("float64(const float64[::1], float64, const float64[::1])")
def likelihood(rests, size, steepness):
    """Logarithm of the likelihood of values whose scaled rests are these, by a t distribution of five degrees.

    `steepness` is by how much the scaled value rises with the value, NaN for values that are left out. Factors are
    multiplied and their logarithm taken only when it is time.
    """
    total, product = 0.0, 1.0
    deviation = size / MEDIAN_OF_T5
    for i in range(rests.size):
        if steepness[i] == steepness[i] and rests[i] == rests[i]:
            ratio = rests[i] / deviation
            factor = 1.0 + ratio * ratio / 5.0
            product *= steepness[i] / (deviation * factor * factor * factor)
            if not 1e-200 < product < 1e200:
                total += np.log(product)
                product = 1.0
    return total + np.log(product)


@kernel(
    "int64(const float64[::1], const float64[::1], float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1])"
)
def choose_scale(even, expected, by_log, by_root, plain, sizes, work):
    """The scale on which rests are most alike: the logarithm, unless another makes the values clearly likelier.

    `by_log` holds rests of logarithms; the others and the three median sizes are filled. Only values that are near what
    was expected on every scale have a say.
    """
    n = even.size
    for i in range(n):
        plain[i] = even[i] - expected[i]
        by_root[i] = np.sqrt(even[i] + 0.625) - np.sqrt(max(expected[i], -0.5) + 0.625)
    sizes[LOGARITHM] = centre_and_size(by_log, work)
    sizes[ROOT] = centre_and_size(by_root, work)
    sizes[PLAIN] = centre_and_size(plain, work)
    for i in range(n):
        near = abs(by_log[i]) <= TRIM * sizes[LOGARITHM] and abs(by_root[i]) <= TRIM * sizes[ROOT]
        work[i] = 1.0 / (1.0 + even[i]) if near and abs(plain[i]) <= TRIM * sizes[PLAIN] else np.nan
    scale, most = LOGARITHM, PLAINER + likelihood(by_log, sizes[LOGARITHM], work)
    for i in range(n):
        work[i] = 0.5 / np.sqrt(even[i] + 0.625) if work[i] == work[i] else np.nan
    other = likelihood(by_root, sizes[ROOT], work)
    if other > most:
        scale, most = ROOT, other
    for i in range(n):
        work[i] = 1.0 if work[i] == work[i] else np.nan
    return PLAIN if likelihood(plain, sizes[PLAIN], work) > most else scale


@kernel("float64(const float64[::1], float64, float64[::1], float64[::1], float64[::1])")
def in_sizes(rests, size, sizes, below, above):
    """Rests in multiples of their median size, counted by size in bins `below` and `above`; that size.

    Where hardly any value differs from what was expected there is no median size; those that do stand out then. Where
    none does the size is 0 and nothing is filled.
    """
    if not size > 0.0:
        for i in range(rests.size):
            if rests[i] == rests[i]:
                size = max(size, HARDLY_ANY * abs(rests[i]))
        if not size > 0.0:
            return 0.0
    for i in range(rests.size):
        sizes[i] = rests[i] / size
        if sizes[i] > 0.0:
            above[bin_of(sizes[i])] += 1.0
        elif sizes[i] < 0.0:
            below[bin_of(-sizes[i])] += 1.0
        elif sizes[i] == 0.0:
            below[0] += 0.5
            above[0] += 0.5
    return size


@kernel(
    "float64(const float64[::1], int64, int64, int64, float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[:, ::1], int64[::1], float64[::1])"
)
def judge(values, season, window, periods, expected, sizes, below, above, work, steps, spare):
    """Expected values, and rests in multiples of their median size, of one series.

    Returns that size, on the scale chosen; 0 where every value is as expected or none is known. `expected` is on the
    scale of the values, `sizes` is below 0 for a value that is too low, `below` and `above` count bins of them. `work`
    has 6 rows as long as the series, `spare` room for two of them, `steps` for one.
    """
    n = values.size
    even, scaled, level, seasonal, rest, other = work[0], work[1], work[2], work[3], work[4], work[5]
    positive = spread(values, even, scaled)
    baseline(scaled, season, window, periods, level, seasonal, steps, rest, other, spare)
    for i in range(n):
        level[i] += seasonal[i]
        rest[i] = scaled[i] - level[i]
        expected[i] = np.expm1(level[i]) if positive else level[i]
    if not positive:
        return in_sizes(rest, centre_and_size(rest, other), sizes, below, above)
    three = np.empty(3)
    scale = choose_scale(even, expected, rest, level, seasonal, three, other)
    if scale == ROOT:
        return in_sizes(level, three[ROOT], sizes, below, above)
    if scale == PLAIN:
        return in_sizes(seasonal, three[PLAIN], sizes, below, above)
    return in_sizes(rest, three[LOGARITHM], sizes, below, above)
