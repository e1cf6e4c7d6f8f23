"""The median of all pairwise slopes (Theil 1950, Sen 1968), exact, without looking at all pairs.

A pair has a slope below b exactly where y − b·t falls from the earlier to the later one: a merge sort counts such pairs
in n·log n steps. Counts at the two ends of a bracket narrow it until few slopes are left inside; an insertion sort from
the order at its low end to that at its high end swaps exactly those pairs, and quickselect finds the middle of their
slopes. After Cole, Salowe, Steiger and Szemerédi 1989 and Matoušek 1991, made deterministic.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import select

SLOPE, BALANCE = 0, 1  # columns of what `median_slopes` writes
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


@kernel("int64(const int64[::1], const float64[::1], int64, float64, float64[::1], int64[::1], float64[::1], int64)")
def slopes_up_to(at, values, n, high, heights, order, slopes, room):
    """Slopes of the pairs that stand in `order` the right way round and no longer do at slope `high`; how many.

    At most `room`, which `slopes` has. The order is left as it is at `high`.
    """
    middle, found = at[n // 2], 0
    for i in range(n):
        heights[i] = values[i] - high * (at[i] - middle)
    for i in range(1, n):
        later = order[i]
        j = i
        while j > 0 and heights[order[j - 1]] > heights[later]:
            other = order[j - 1]
            if found == room:
                return found
            slopes[found] = (values[later] - values[other]) / (at[later] - at[other])
            found += 1
            order[j] = other
            j -= 1
        order[j] = later
    return found


@kernel("void(const float64[::1], const int64[::1], const float64[:, ::1], float64[:, ::1], int64)")
def median_slopes(values, indptr, guesses, figures, room):
    """Median slope of each series, per step, and the pairs that rise less those that fall, as a share of all.

    `guesses` says for each series near what slope to look first, and within what distance on either side; both may be
    wrong. `room` is how many slopes a value may be gathered (`ROOM`). NaN where fewer than two values are known.
    """
    longest = 1
    for s in range(indptr.size - 1):
        longest = max(longest, indptr[s + 1] - indptr[s])
    at, known, slopes = np.empty(longest, np.int64), np.empty(longest), np.empty(room * longest)
    heights, spare_heights = np.empty(longest), np.empty(longest)
    order, spare_order = np.empty(longest, np.int64), np.empty(longest, np.int64)
    for s in range(indptr.size - 1):
        n = 0
        for i in range(indptr[s], indptr[s + 1]):
            if values[i] == values[i]:
                at[n], known[n] = i - indptr[s], values[i]
                n += 1
        figures[s, SLOPE], figures[s, BALANCE] = np.nan, np.nan
        if n < 2:
            continue
        pairs = n * (n - 1) // 2
        first, second = (pairs - 1) // 2, pairs // 2  # ranks of the middle two
        low, high, below_low, below_high, probe = -np.inf, np.inf, 0, pairs, 0.0
        nearest, guess, width = 0.0, guesses[s, 0], guesses[s, 1]
        for turn in range(ROUNDS):
            tried = probe if probe == probe else max(guess - width, low)
            probe = np.nan
            below = slopes_below(tried, at, known, n, heights, order, spare_heights, spare_order)
            if turn == 0:  # 0 first: pairs of equal values are many where counts are small
                level, run = 0, 0
                for i in range(1, n):
                    run = run + 1 if heights[i] == heights[i - 1] else 0
                    level += run
                figures[s, BALANCE] = (pairs - level - 2 * below) / pairs
                nearest = ROUNDING * max(abs(heights[0]), abs(heights[n - 1]))
                width = max(width, nearest)
                if below <= first and second < below + level:
                    figures[s, SLOPE] = 0.0
                    break
                if below > second:
                    high, below_high, guess = 0.0, below, min(guess, -width)
                elif below + level <= first:
                    low, below_low, guess = 0.0, below, max(guess, width)
                continue
            if first < below <= second:
                # as many slopes below as above: the nearest on either side are those of neighbours in height
                lower, upper = -np.inf, np.inf
                for i in range(1, n):
                    one, other = order[i - 1], order[i]
                    slope = (known[other] - known[one]) / (at[other] - at[one])
                    if one > other:
                        lower = max(lower, slope)
                    else:
                        upper = min(upper, slope)
                figures[s, SLOPE] = lower + 0.5 * (upper - lower)
                break
            if below > second:
                high, below_high = tried, below
                width *= 2.0
                guess = tried - width
            else:
                low, below_low = tried, below
                end = min(high, max(guess + width, low + nearest))
                found = slopes_up_to(at, known, n, end, heights, order, slopes, room * n)
                full = found == room * n
                if (not full and below + found > second) or (full and end - low <= nearest):
                    upper = select(slopes, 0, found, min(second - below, found - 1))
                    lower = select(slopes, 0, found, min(first - below, found - 1))
                    figures[s, SLOPE] = lower + 0.5 * (upper - lower)
                    break
                if not full:
                    low, below_low = end, below + found
                    width *= 2.0
                    guess = end + width
                elif end < high:
                    probe = end
            if low > -np.inf and high < np.inf:  # where the middle lies if slopes are spread evenly, or half-way
                share = (0.5 * (first + second + 1) - below_low) / (below_high - below_low) if turn % 3 else 0.5
                guess = low + (high - low) * share
                width = 0.25 * (high - low) * min(room * n / (below_high - below_low), 1.0)
            figures[s, SLOPE] = 0.5 * (low + high)
