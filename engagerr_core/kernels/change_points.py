"""Where the level of a series changes: exact optimal partitioning by squared error, with pruning (PELT).

The partition of least cost, where a segment costs the squared deviations from its mean plus a penalty, found one value
after the other (Jackson et al. 2005). A place where a segment could begin is dropped as soon as it cannot be part of
any later optimum (Killick, Fearnhead and Eckley 2012). With a shortest segment that rule drops too early: what beats
the dropped place is a segment that begins *now*, and such a one may not end before it is long enough. So what is found
hopeless at one look is removed only at the next look, a shortest segment later.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel

SUMS, SQUARES, READY, BASE, PAST, BEGIN, HOPELESS = range(7)  # rows of `work`
ROWS = 7


@kernel(
    "void(const float64[::1], const int64[::1], const float64[::1], int64, float64[:, ::1], float64[::1], int64[::1],"
    " int64[::1], int64[::1])"
)
def partition_all(values, indptr, penalties, shortest, work, costs, bits, changes, counts):
    """Best partition of each series into segments, as first places of the second and later ones, and their number.

    Least sum over segments of squared deviations from the segment's mean plus the penalty, each segment of `shortest`
    values or more; exact, and of equal partitions the one whose last segment begins first.

    Parameters
    ----------
    values, indptr : the series; no NaN, and numbers of ordinary size (standardise first).
    penalties : one a series, positive; NaN = leave it in one piece.
    shortest : values of a segment at least.
    work : of `ROWS` rows and one column more than the longest series has values.
    costs, bits : the same memory of two numbers more than that series, as float64 and as int64. Numbers that are not
        negative are ordered as the whole numbers with the same bits; of those the compiler compares several at once,
        which it may not do with numbers that could be NaN.
    changes : as long as `values`; those of series i are written from indptr[i] on, in order.
    counts : how many they are, one a series.

    Time grows with the square of the length where nothing changes and with the length where changes keep coming.
    """
    for one in range(indptr.size - 1):
        first, n, penalty = indptr[one], indptr[one + 1] - indptr[one], penalties[one]
        counts[one] = 0
        if n < 2 * shortest or penalty != penalty:
            continue
        mean = 0.0
        for i in range(n):
            mean += values[first + i]
        mean /= n
        work[SUMS, 0] = work[SQUARES, 0] = 0.0
        for i in range(n):
            value = values[first + i] - mean
            work[SUMS, i + 1] = work[SUMS, i] + value
            work[SQUARES, i + 1] = work[SQUARES, i] + value * value
            work[HOPELESS, i] = 0.0
        work[READY, 0] = penalty
        count, look = 0, 0
        for now in range(shortest, n - shortest + 1):
            begin = now - shortest
            if begin == 0 or begin >= shortest:
                work[BASE, count], work[PAST, count], work[BEGIN, count] = work[READY, begin], work[SUMS, begin], begin
                count += 1
            looking = now == look + shortest
            if looking:  # away with what the look before found hopeless: a segment from there to here is long enough
                look, kept = now, 0
                for j in range(count):
                    if work[HOPELESS, j] == 0.0:
                        work[BASE, kept], work[PAST, kept] = work[BASE, j], work[PAST, j]
                        work[BEGIN, kept] = work[BEGIN, j]
                        kept += 1
                    work[HOPELESS, j] = 0.0
                count = kept
            total, square = work[SUMS, now], work[SQUARES, now]
            for j in range(count):
                rise = total - work[PAST, j]
                cost = work[BASE, j] + square - rise * rise / (now - work[BEGIN, j])
                costs[j] = cost if cost > 0.0 else 0.0
            least = bits[0]
            for j in range(1, count):
                least = min(least, bits[j])
            bits[count] = least
            work[READY, now] = costs[count] - square + penalty
            if looking:
                bound = costs[count] + penalty
                for j in range(count):
                    work[HOPELESS, j] = 1.0 if costs[j] > bound else 0.0
        found, end = 0, n
        while end > 0:
            best, place = np.inf, 0
            for begin in range(end - shortest + 1):
                rise = work[SUMS, end] - work[SUMS, begin]
                cost = work[READY, begin] - rise * rise / (end - begin)
                if cost < best and (begin == 0 or begin >= shortest):
                    best, place = cost, begin
            changes[first + found] = end = place
            found += 1
        found -= 1  # the last one found is the beginning of the series
        for j in range(found // 2):
            a, b = first + j, first + found - 1 - j
            changes[a], changes[b] = changes[b], changes[a]
        counts[one] = found


def optimal_partition(values: np.ndarray, penalty: float, shortest: int = 7) -> np.ndarray:
    """Change points (int64) of one series without NaN: see `partition_all`.

    >>> optimal_partition(np.repeat([0.0, 5.0, 2.0], 10), penalty=1.0).tolist()
    [10, 20]
    """
    n = values.size
    costs, changes, counts = np.empty(n + 2), np.empty(n, np.int64), np.empty(1, np.int64)
    partition_all(
        np.ascontiguousarray(values, np.float64), np.array([0, n]), np.array([float(penalty)]), shortest,
        np.empty((ROWS, n + 1)), costs, costs.view(np.int64), changes, counts,
    )  # fmt: skip
    return changes[: counts[0]]
