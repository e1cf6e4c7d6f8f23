"""Lines with steps and bends, smooth trends, and how well either explains a series whose noise has a memory.

A broken line is found by adding one break after the other: the step or the bend that explains most of what is left,
for all places at once from running sums, whereupon every break may move again. Models are compared by the likelihood
of a first-order autoregression of what they leave over, plus a price for each parameter; so a wave that such noise
makes by itself needs no break. The autoregression is held below `MOST_PERSISTENT`: beyond it a level that wanders and
one that jumps cannot be told apart.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel

MOST_BREAKS = 12
MOST_PERSISTENT = 0.9
HIGHEST_DEGREE = 9  # waves of up to four turns are smooth trends
PERFECT = 1e-12  # mean square of what is left, in variances of the series, below which a model explains everything
PATIENCE = 3  # breaks added without gain until no more are tried
STEP, BEND = 0, 1


@kernel("Tuple((float64, float64))(const float64[::1], int64, int64)")
def misfit(rest, n, parameters):
    """−2 log likelihood of a first-order autoregression, but for a constant, and its coefficient.

    `rest[:n]` is what a model with so many mean parameters leaves over. The coefficient returned is corrected for its
    bias in short series (Marriott and Pope 1954; one more for each parameter) and may exceed 1; in the likelihood it is
    held between 0 and `MOST_PERSISTENT`.
    """
    whole, lagged = rest[0] * rest[0], 0.0
    for i in range(1, n):
        whole += rest[i] * rest[i]
        lagged += rest[i] * rest[i - 1]
    memory = lagged / whole if whole > PERFECT * n else 0.0
    memory += (1.0 + 3.0 * memory + (parameters - 1)) / n
    held = min(max(memory, 0.0), MOST_PERSISTENT)
    # Σ (r_i − φ r_{i−1})² over i ≥ 1, and the first value in its own variance
    ends = rest[0] * rest[0] + rest[n - 1] * rest[n - 1]
    squares = whole - 2.0 * held * lagged + held * held * (whole - ends)
    return n * np.log(max(squares, 0.0) / n + PERFECT) - np.log(1.0 - held * held), memory


@kernel(
    "void(const float64[::1], const float64[::1], const int64[::1], const boolean[::1], float64, float64[:, ::1],"
    " float64[:, ::1])"
)
def smooth_trends(values, times, indptr, wanted, price, work, told):
    """The least misfit of a polynomial of any degree up to the highest, each degree at `price` · log n.

    Columns of `told`, one row a wanted series: that misfit with the prices, the autoregression left over by the best,
    and the share of the variance that a cubic explains. `times` rise from −1 to 1 in each series; `work` has four rows
    of the longest series' length.
    """
    for one in range(indptr.size - 1):
        if not wanted[one]:
            continue
        first, n = indptr[one], indptr[one + 1] - indptr[one]
        rest = work[3]
        whole, left = 0.0, 0.0
        for i in range(n):
            rest[i] = values[first + i]
            work[0, i], work[1, i] = 0.0, 1.0 / np.sqrt(n)
            whole += rest[i] * rest[i]
        old, now, new, back = 0, 1, 2, 0.0
        told[one, 0] = np.inf
        for degree in range(min(HIGHEST_DEGREE, n // 4) + 1):
            part, left, middle = 0.0, 0.0, 0.0
            for i in range(n):
                part += work[now, i] * rest[i]
                middle += times[first + i] * work[now, i] * work[now, i]
            square = 0.0
            for i in range(n):
                rest[i] -= part * work[now, i]
                left += rest[i] * rest[i]
                # the next polynomial from the last two (Stieltjes)
                work[new, i] = (times[first + i] - middle) * work[now, i] - back * work[old, i]
                square += work[new, i] * work[new, i]
            back = np.sqrt(square)
            for i in range(n):
                work[new, i] /= back
            old, now, new = now, new, old
            if degree <= 3:
                told[one, 2] = 1.0 - left / whole
            found, memory = misfit(rest, n, degree + 1)
            found += degree * price * np.log(float(n))
            if found < told[one, 0]:
                told[one, 0], told[one, 1] = found, memory


@kernel(
    "int64(const float64[::1], const float64[::1], int64, int64, const int64[::1], const int64[::1], int64, int64,"
    " float64[:, ::1], float64[::1])"
)
def _regress(values, times, first, n, places, kinds, number, without, basis, rest):
    """Least squares of a line with `number` breaks but one: what is left into `rest`; how many rows of `basis` it took.

    The rows are orthonormal, each made so against those before it, twice, which is enough (Giraud et al. 2005).
    """
    for i in range(n):
        rest[i] = values[first + i]
    rows = 0
    for k in range(-2, number):  # −2 is the level, −1 the slope
        if k == without and k >= 0:
            continue
        place, kind = (places[k], kinds[k]) if k >= 0 else (0, STEP)
        for i in range(n):
            if kind == BEND:
                later = times[first + i] - times[first + place]
            else:
                later = times[first + i] if k == -1 else 1.0
            basis[rows, i] = later if i >= place else 0.0
        square, part = 0.0, 0.0
        for other in range(2 * rows + 1):
            row = other % rows if other < 2 * rows else rows
            square, part = 0.0, 0.0
            for i in range(n):
                square += basis[row, i] * basis[rows, i]
                part += rest[i] * basis[rows, i]
            if row < rows:
                for i in range(n):
                    basis[rows, i] -= square * basis[row, i]
        scale = 1.0 / np.sqrt(square) if square > 1e-18 else 0.0
        for i in range(n):
            basis[rows, i] *= scale
            rest[i] -= part * scale * basis[rows, i]
        rows += 1
    return rows


@kernel(
    "Tuple((float64, int64, int64))(const float64[::1], int64, int64, const int64[::1], int64, int64, int64,"
    " const float64[:, ::1], int64, const float64[::1], float64[:, ::1])"
)
def _best_break(times, first, n, places, number, without, shortest, basis, rows, rest, norms):
    """By how much the best further break lowers the sum of squares, its place and its kind; 0 where none fits.

    For every place the inner products with a step and with a bend there are sums over all later values, so one walk
    from the end gives them all. What a break shares with the rows of `basis` is taken from its own square.
    """
    for row in range(-1, rows):
        level, slope, later, square = 0.0, 0.0, 0.0, 0.0
        for i in range(n - 1, -1, -1):
            step = times[first + i + 1] - times[first + i] if i < n - 1 else 0.0
            if row < 0:
                count = n - 1.0 - i
                square += step * (2.0 * later + step * count)
                later += step * count
                norms[0, i], norms[1, i] = count + 1.0, square
            else:
                slope += step * level
                level += basis[row, i]
                norms[0, i] -= level * level
                norms[1, i] -= slope * slope
    best, place, kind, level, slope = 0.0, 0, STEP, 0.0, 0.0
    for i in range(n - 1, shortest - 1, -1):
        slope += (times[first + i + 1] - times[first + i]) * level if i < n - 1 else 0.0
        level += rest[i]
        free = i <= n - shortest
        for k in range(number):
            free = free and (k == without or abs(places[k] - i) >= shortest)
        # a break that the rows explain almost wholly has no direction of its own
        if free and norms[0, i] > 1e-6 * (n - i) and level * level > best * norms[0, i]:
            best, place, kind = level * level / norms[0, i], i, STEP
        if free and norms[1, i] > 1e-9 * n and slope * slope > best * norms[1, i]:
            best, place, kind = slope * slope / norms[1, i], i, BEND
    return best, place, kind


@kernel(
    "void(const float64[::1], const float64[::1], const int64[::1], const float64[::1], float64, int64,"
    " int64[:, ::1], int64[:, ::1], int64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1])"
)
def broken_lines(values, times, indptr, prices, least_gain, shortest, places, kinds, counts, told, basis, norms):
    """For each series the line with the breaks that lower the misfit most, each at the series' price.

    A break that lowers n · log(sum of squares) by `least_gain` · log n or less is not tried, nor any after it.

    Parameters
    ----------
    values, times, indptr : the series, and their times from −1 to 1.
    shortest : values between two breaks, and between a break and an end, at least.
    places, kinds : a row of `MOST_BREAKS` for each series, and a last one to try in; the breaks, in order of finding.
    counts : how many, one a series.
    told : columns misfit with the prices, and the autoregression left over; one row a series.
    basis, norms : `MOST_BREAKS` + 3 rows and two rows of the longest series' length.
    """
    tried, tried_kinds, rest = places[indptr.size - 1], kinds[indptr.size - 1], basis[MOST_BREAKS + 2]
    for one in range(indptr.size - 1):
        first, n = indptr[one], indptr[one + 1] - indptr[one]
        counts[one], told[one, 0], told[one, 1] = 0, np.inf, 0.0
        if n < 2 * shortest:
            continue
        own = np.log(float(n))
        number, vain, moving, turn, moved = 0, 0, -1, 0, False
        while True:
            rows = _regress(values, times, first, n, tried, tried_kinds, number, moving, basis, rest)
            if moving < 0:  # every break has its place: how good is that?
                found, memory = misfit(rest, n, 2 + number)
                found += number * prices[one]
                vain += 1
                if found < told[one, 0]:
                    told[one, 0], told[one, 1], counts[one], vain = found, memory, number, 0
                    for k in range(number):
                        places[one, k], kinds[one, k] = tried[k], tried_kinds[k]
                if number == MOST_BREAKS or vain == PATIENCE:
                    break
            gain, place, kind = _best_break(
                times, first, n, tried, number, moving, shortest, basis, rows, rest, norms
            )  # fmt: skip
            if moving < 0:
                whole = 0.0
                for i in range(n):
                    whole += rest[i] * rest[i]
                explained = -n * np.log(max(1.0 - gain / whole, PERFECT)) if whole > PERFECT * n else 0.0
                if gain <= 0.0 or explained <= least_gain * own:
                    break
                tried[number], tried_kinds[number] = place, kind
                number += 1
                turn = 0
            elif gain > 0.0 and (place != tried[moving] or kind != tried_kinds[moving]):
                tried[moving], tried_kinds[moving] = place, kind
                moved = True
            # every break may move beside the others, and all of them once more where one did
            moving += 1
            if moving == number or number == 1:
                turn += 1
                moving = 0 if moved and turn < 2 else -1
                moved = False
