"""The median of all pairwise slopes (Theil 1950, Sen 1968), exact, without looking at all pairs.

A pair has a slope below b exactly where y − b·t falls from the earlier to the later one: a merge sort counts such pairs
in n·log n steps. Counts at the two ends of a bracket narrow it until few slopes are left inside; an insertion sort from
the order at its low end to that at its high end swaps exactly those pairs, and quickselect finds the middle of their
slopes. After Cole, Salowe, Steiger and Szemerédi 1989 and Matoušek 1991, made deterministic.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import select

ROUNDS = 200  # slopes tried; most series take two, heavy ties up to a hundred
ROOM = 12  # slopes gathered at most, per value
RUN = 8  # values sorted by insertion before runs are merged
ROUNDING = 1e-15  # of the greatest value: slopes this near are one


@kernel(
    "int64(float64, const int64[::1], const float64[::1], int64, float64[::1], int64[::1], float64[::1], int64[::1])"
)
def slopes_below(slope, at, values, n, heights, order, spare_heights, spare_order):
    """How many pairs have a slope strictly below `slope`.

    Leaves the values less their part on a line of that slope, sorted, in `heights`, and their places in `order`.
    """
    origin = at[n // 2]
    falls, width = 0, RUN
    for start in range(0, n, RUN):  # short runs by insertion, then merged in place, the earlier run put aside
        for i in range(start, min(start + RUN, n)):
            height = values[i] - slope * (at[i] - origin)
            j = i
            while j > start and heights[j - 1] > height:
                heights[j], order[j] = heights[j - 1], order[j - 1]
                j -= 1
            heights[j], order[j] = height, i
            falls += i - j
    while width < n:
        for start in range(0, n - width, 2 * width):
            middle, stop = start + width, min(start + 2 * width, n)
            for i in range(start, middle):
                spare_heights[i], spare_order[i] = heights[i], order[i]
            i, j, k = start, middle, start
            while i < middle and j < stop:
                later = heights[j] < spare_heights[i]
                heights[k] = heights[j] if later else spare_heights[i]
                order[k] = order[j] if later else spare_order[i]
                falls += middle - i if later else 0
                j += 1 if later else 0
                i += 0 if later else 1
                k += 1
            while i < middle:
                heights[k], order[k] = spare_heights[i], spare_order[i]
                i, k = i + 1, k + 1
        width *= 2
    return falls


@kernel("int64(const int64[::1], const float64[::1], int64, float64, float64[::1], int64[::1], float64[::1])")
def slopes_up_to(at, values, n, high, heights, order, slopes):
    """Slopes of the pairs that stand in `order` the right way round and no longer do at slope `high`; how many.

    As many as there is room for in `slopes`. The order is left as it is at `high`.
    """
    middle, found = at[n // 2], 0
    for i in range(n):
        heights[i] = values[i] - high * (at[i] - middle)
    for i in range(1, n):
        later = order[i]
        j = i
        while j > 0 and heights[order[j - 1]] > heights[later]:
            other = order[j - 1]
            if found == slopes.size:
                return found
            slopes[found] = (values[later] - values[other]) / (at[later] - at[other])
            found += 1
            order[j] = other
            j -= 1
        order[j] = later
    return found


@kernel("float64(float64, const int64[::1], const float64[::1], int64)")
def middle_of_split(between, at, values, n):
    """Mean of the greatest slope below and the least from `between` on, where it parts the pairs into equal halves."""
    lower, upper = -np.inf, np.inf
    for i in range(1, n):
        for j in range(i):
            slope = (values[i] - values[j]) / (at[i] - at[j])
            if slope < between:
                lower = max(lower, slope)
            else:
                upper = min(upper, slope)
    return lower + 0.5 * (upper - lower)


@kernel(
    "Tuple((float64, int64))(const int64[::1], const float64[::1], int64, float64, float64, float64[::1],"
    " int64[::1], float64[::1], int64[::1], float64[::1])"
)  # fmt: skip
def median_slope(at, values, n, guess, width, heights, order, spare_heights, spare_order, slopes):
    """Median slope of the `n` values at the rising places `at`, and pairs that rise less pairs that fall.

    `guess` ± `width` is where it is looked for first; both may be wrong. The other arrays are scratch of n, `slopes` of
    `ROOM`·n. NaN of fewer than two values.
    """
    if n < 2:
        return np.nan, 0
    pairs = n * (n - 1) // 2
    first, second = (pairs - 1) // 2, pairs // 2  # ranks of the middle two
    low, high, below_low, below_high, probe = -np.inf, np.inf, 0, pairs, 0.0
    nearest, balance, room = 0.0, 0, min(slopes.size, ROOM * n)
    for turn in range(ROUNDS):
        tried = probe if probe == probe else max(guess - width, low)
        probe = np.nan
        below = slopes_below(tried, at, values, n, heights, order, spare_heights, spare_order)
        if turn == 0:  # 0 first: pairs of equal values are many where counts are small
            level, run = 0, 0
            for i in range(1, n):
                run = run + 1 if heights[i] == heights[i - 1] else 0
                level += run
            balance = pairs - level - 2 * below
            nearest = ROUNDING * max(abs(heights[0]), abs(heights[n - 1]))
            width = max(width, nearest)
            if below <= first and second < below + level:
                return 0.0, balance
            if below > second:
                high, below_high, guess = 0.0, below, min(guess, -width)
            elif below + level <= first:
                low, below_low, guess = 0.0, below, max(guess, width)
            continue
        if first < below <= second:
            return middle_of_split(tried, at, values, n), balance
        if below > second:
            high, below_high = tried, below
            width *= 4.0
            guess = tried - width
        else:
            low, below_low = tried, below
            end = min(high, max(guess + width, low + nearest))
            found = slopes_up_to(at, values, n, end, heights, order, slopes[:room])
            if (found < room and below + found > second) or (found == room and end - low <= nearest):
                upper = select(slopes, 0, found, min(second - below, found - 1))
                lower = select(slopes, 0, found, min(first - below, found - 1))
                return lower + 0.5 * (upper - lower), balance
            if found < room:
                low, below_low = end, below + found
                width *= 4.0
                guess = end + width
            elif end < high:
                probe = end
        if low > -np.inf and high < np.inf:  # where the middle should lie if slopes are spread evenly, or half-way
            share = (0.5 * (first + second + 1) - below_low) / (below_high - below_low) if turn % 3 else 0.5
            guess = low + (high - low) * share
            width = 0.25 * (high - low) * min(room / (below_high - below_low), 1.0)
    return 0.5 * (low + high), balance
