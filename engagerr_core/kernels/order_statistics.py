"""Order statistics in place: the k-th smallest, the median, and sorting a stretch of an array.

numba's own `np.median` and `np.sort` cost half of all compile time; these are a few lines each. None of them accepts
NaN inside the stretch: callers gather what is known first. Quickselect and quicksort after Hoare (1961), with the
median of three as the pivot, so that what is sorted already is no worst case.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel

SHORT = 12  # stretches up to this are sorted by insertion
DEEPEST = 64  # stretches that can wait while others are sorted: bits of a length


@kernel("int64(float64[::1], int64, int64)")
def _partition(work, first, last):
    """Split `work[first..last]`, three values or more: none up to the place returned is above any later one."""
    middle = first + (last - first) // 2
    if work[middle] < work[first]:
        work[middle], work[first] = work[first], work[middle]
    if work[last] < work[first]:
        work[last], work[first] = work[first], work[last]
    if work[last] < work[middle]:
        work[last], work[middle] = work[middle], work[last]
    pivot = work[middle]
    i, j = first, last
    while True:
        i += 1
        while work[i] < pivot:
            i += 1
        j -= 1
        while work[j] > pivot:
            j -= 1
        if i >= j:
            return j
        work[i], work[j] = work[j], work[i]


@kernel("void(float64[::1], int64, int64)")
def _insert(work, start, stop):
    """Sort `work[start:stop]` by insertion."""
    for i in range(start + 1, stop):
        value = work[i]
        j = i
        while j > start and work[j - 1] > value:
            work[j] = work[j - 1]
            j -= 1
        work[j] = value


@kernel("float64(float64[::1], int64, int64, int64)")
def select(work, start, stop, k):
    """The k-th smallest (from 0) of `work[start:stop]`, which is permuted: smaller before it, larger after it."""
    first, last = start, stop - 1
    place = start + k
    while last - first >= SHORT:
        split = _partition(work, first, last)
        if place <= split:
            last = split
        else:
            first = split + 1
    _insert(work, first, last + 1)
    return work[place]


@kernel("float64(float64[::1], int64, int64)")
def median(work, start, stop):
    """The median of `work[start:stop]`, which is permuted; NaN of nothing, the middle two's mean of an even count."""
    count = stop - start
    if count <= 0:
        return float("nan")
    half = count // 2
    upper = select(work, start, stop, half)
    if count % 2:
        return upper
    lower = work[start]
    for i in range(start + 1, start + half):
        lower = max(lower, work[i])
    return lower + (upper - lower) / 2.0 if (lower < 0.0) == (upper < 0.0) else (lower + upper) / 2.0


@kernel("void(float64[::1], int64, int64)")
def sort(work, start, stop):
    """Sort `work[start:stop]` in place, smallest first."""
    later = np.empty(2 * DEEPEST, np.int64)  # stretches put aside, the longer half each time: never more than log2(n)
    waiting = 0
    first, last = start, stop - 1
    while True:
        while last - first >= SHORT:
            split = _partition(work, first, last)
            if split - first < last - split:
                later[waiting], later[waiting + 1] = split + 1, last
                last = split
            else:
                later[waiting], later[waiting + 1] = first, split
                first = split + 1
            waiting += 2
        _insert(work, first, last + 1)
        if waiting == 0:
            return
        waiting -= 2
        first, last = later[waiting], later[waiting + 1]
