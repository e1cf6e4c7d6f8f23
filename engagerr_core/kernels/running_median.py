"""Median and median absolute deviation of a window that slides over a series with holes.

The window's known values are kept in order in a scratch array: each step replaces the value that leaves by the one that
enters, moving only what lies between the two, so that no window is ever sorted.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel

SHORT = 64  # windows up to this are rewritten whole


@kernel("int64(float64[::1], int64, float64)")
def _place(ordered, count, value):
    """The first place of `ordered[:count]`, ascending, that is not below the value."""
    low, high = 0, count
    while low < high:
        half = (low + high) // 2
        if ordered[half] < value:
            low = half + 1
        else:
            high = half
    return low


@kernel("void(float64[::1], int64, float64, float64)")
def exchange(ordered, count, leaving, entering):
    """Replace one value of `ordered[:count]`, ascending, by another: every place is written, without a branch.

    That is more work than to move only what lies between the two, and several times faster for short windows.
    """
    if entering >= leaving:
        for i in range(count - 1):
            here, following = ordered[i], ordered[i + 1]
            larger = entering if entering > here else here
            smaller = following if following < larger else larger
            ordered[i] = here if here < leaving else smaller
        last = ordered[count - 1]
        ordered[count - 1] = entering if entering > last or last == leaving else last
    else:
        for i in range(count - 1, 0, -1):
            here, before = ordered[i], ordered[i - 1]
            smaller = entering if entering < here else here
            larger = before if before > smaller else smaller
            ordered[i] = here if here > leaving else larger
        first = ordered[0]
        ordered[0] = entering if entering < first or first == leaving else first


@kernel("int64(float64[::1], int64, float64, float64)")
def slide(ordered, count, leaving, entering):
    """Let one value leave `ordered[:count]`, ascending, and another enter; NaN is none. The new count."""
    leaves, enters = leaving == leaving, entering == entering
    if leaves and enters and count <= SHORT:
        exchange(ordered, count, leaving, entering)
        return count
    place = _place(ordered, count, leaving) if leaves else count
    if not enters:
        for i in range(place, count - 1):
            ordered[i] = ordered[i + 1]
        return count - 1 if leaves else count
    count += not leaves
    while place + 1 < count and ordered[place + 1] < entering:
        ordered[place] = ordered[place + 1]
        place += 1
    while place > 0 and ordered[place - 1] > entering:
        ordered[place] = ordered[place - 1]
        place -= 1
    ordered[place] = entering
    return count


@kernel("float64(float64[::1], int64)")
def middle(ordered, count):
    """The median of `ordered[:count]`, ascending; NaN of nothing. Halves are added: huge values do not overflow."""
    if count == 0:
        return np.nan
    if count % 2:
        return ordered[count // 2]
    return 0.5 * ordered[count // 2 - 1] + 0.5 * ordered[count // 2]


@kernel("float64(float64[::1], int64, float64)")
def middle_distance(ordered, count, centre):
    """The median distance of `ordered[:count]`, ascending, from a centre; NaN of nothing.

    Distances grow to both sides of the centre: the two runs are merged, nearest first, up to the middle.
    """
    if count == 0:
        return np.nan
    above = _place(ordered, count, centre)
    below = above - 1
    distance, before = 0.0, 0.0
    for _ in range(count // 2 + 1):
        before = distance
        if below < 0 or (above < count and ordered[above] - centre <= centre - ordered[below]):
            distance = ordered[above] - centre
            above += 1
        else:
            distance = centre - ordered[below]
            below -= 1
    return distance if count % 2 else 0.5 * before + 0.5 * distance


@kernel("void(const float64[::1], int64, float64[::1], float64[::1])")
def running_median(values, window, medians, work):
    """Median of the known values in a centred window; NaN where the window knows none.

    Position i looks at `values[i - window // 2]` up to `values[i + (window - 1) // 2]`, both included, as pandas'
    `rolling(window, center=True, min_periods=1)` does; windows are shorter at both ends. `window` is 1 or more, `work`
    as long as the window or the series, whichever is shorter.
    """
    n = values.size
    back, ahead = window // 2, (window - 1) // 2
    count = 0
    for i in range(min(ahead, n)):
        count = slide(work, count, np.nan, values[i])
    for i in range(n):
        leaving = values[i - back - 1] if i > back else np.nan
        entering = values[i + ahead] if i + ahead < n else np.nan
        if leaving == leaving and entering == entering and count <= SHORT:
            exchange(work, count, leaving, entering)
        else:
            count = slide(work, count, leaving, entering)
        medians[i] = middle(work, count)


@kernel("void(const float64[::1], int64, float64[::1], float64[::1], float64[::1])")
def running_deviation(values, window, medians, deviations, work):
    """Running median and, in the same pass, the median absolute deviation of each window from its own median.

    Windows as in `running_median`. The deviation is not scaled: of Gaussian noise it is 0.6745 standard deviations.
    """
    n = values.size
    back, ahead = window // 2, (window - 1) // 2
    count = 0
    for i in range(min(ahead, n)):
        count = slide(work, count, np.nan, values[i])
    for i in range(n):
        leaving = values[i - back - 1] if i > back else np.nan
        entering = values[i + ahead] if i + ahead < n else np.nan
        if leaving == leaving and entering == entering and count <= SHORT:
            exchange(work, count, leaving, entering)
        else:
            count = slide(work, count, leaving, entering)
        medians[i] = middle(work, count)
        deviations[i] = middle_distance(work, count, medians[i])
