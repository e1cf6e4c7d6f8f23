"""What each value of a series was to be expected: level and season that follow steps and slow change, but no spike.

Three refinements of `decomposition.decompose`, each there because its absence made spikes of what is none:
steps of the level are found and no window reaches across one; the season may change in the course of time, where that
explains the values better than a fixed one; and every estimate is a median.
"""

import numpy as np

from engagerr_core.kernels.decomposition import fill_between, seasonal_medians
from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median, select
from engagerr_core.kernels.running_median import SHORT, exchange, running_median, slide

STEP = 4.0  # median sizes of the rest by which the level must jump
LONGEST_REACH, SHORTEST_REACH = 31, 5  # values on either side that must agree on a step
CLIP = 3.0  # median sizes
SUSPECTED = 0.5  # squared correlation from turn to turn, times pairs, from which a changing season is tried
CHANGING = 0.92  # of the distances that a season which changes must leave at most


@kernel("float64(const float64[::1], const float64[::1], int64, float64[::1])")
def distance_by_phase(values, expected, season, work):
    """Median absolute difference in each phase, added up: one weekday alone may have a season that changes.

    With a season of 1 it is the median absolute difference; 0 where nothing is known.
    """
    total = 0.0
    for phase in range(min(season, values.size)):
        known = 0
        for i in range(phase, values.size, season):
            rest = values[i] - expected[i]
            if rest == rest:
                work[known] = abs(rest)
                known += 1
        if known:
            total += median(work, 0, known)
    return total


@kernel("int64(const float64[::1], int64, float64, int64[::1], float64[::1])")
def find_steps(values, reach, least, steps, work):
    """Places where the level jumps: medians of `reach` values before and from there differ by `least` or more.

    Of places nearer to one another than `reach` the largest difference counts; among its neighbours nearer than
    `reach` the cut is where the absolute distances from the two medians add up to the least. Fills `steps`, ascending,
    and returns their number. `work` holds twice as many numbers as `values`.
    """
    n = values.size
    medians, ordered = work[:n], work[n : 2 * n]
    running_median(values, reach, medians, ordered)
    back, ahead = reach // 2, (reach - 1) // 2
    count, i = 0, reach
    while i + ahead < n and i + reach <= n:
        jump = abs(medians[i + back] - medians[i - 1 - ahead])
        if not jump >= least:
            i += 1
            continue
        best = i
        for j in range(i + 1, min(i + reach, n - reach + 1)):
            other = abs(medians[j + back] - medians[j - 1 - ahead])
            if other > jump:
                best, jump = j, other
        before, after = medians[best - 1 - ahead], medians[best + back]
        gain, most, place = 0.0, -1.0, best
        first = max(best - reach + 1, 1)
        for j in range(first, min(best + reach, n)):
            if j > first and values[j - 1] == values[j - 1]:
                gain += abs(values[j - 1] - after) - abs(values[j - 1] - before)
            if j == first or gain > most:
                most, place = gain, j
        if count == 0 or place > steps[count - 1]:
            steps[count] = place
            count += 1
        i = best + reach
    return count


@kernel("float64(const float64[::1], int64, float64)")
def middle_without(ordered, count, value):
    """The median of `count` values without one of them, which is known by where it lies from the middle.

    `ordered` need only be in its place from one before the middle, `count // 2`, to one after. NaN for the value: of
    all of them. NaN where that leaves nothing.
    """
    half = count // 2
    if value != value:
        if count == 0:
            return np.nan
        return ordered[half] if count % 2 else 0.5 * ordered[half - 1] + 0.5 * ordered[half]
    if count % 2 == 0:
        return ordered[half] if value <= ordered[half - 1] else ordered[half - 1]
    if count == 1:
        return np.nan
    lower = ordered[half] if value < ordered[half] else ordered[half - 1]
    upper = ordered[half] if value > ordered[half] else ordered[half + 1]
    return 0.5 * lower + 0.5 * upper


@kernel("void(const float64[::1], int64, int64, int64, int64, float64[::1], float64[::1])")
def median_of_others(values, start, stop, step, window, medians, work):
    """Running median over `values[start:stop:step]` of all values in each window but the middle one.

    A median that looks at the very value it is to judge follows it: rests are then too often exactly 0, and their tails
    look heavier than the noise's. Windows of `window` values are centred, shorter at both ends.
    """
    back, ahead = window // 2 * step, (window - 1) // 2 * step
    count = 0
    for i in range(start, min(start + ahead, stop), step):
        count = slide(work, count, np.nan, values[i])
    for i in range(start, stop, step):
        leaving = values[i - back - step] if i - back - step >= start else np.nan
        entering = values[i + ahead] if i + ahead < stop else np.nan
        if leaving == leaving and entering == entering and count <= SHORT:
            exchange(work, count, leaving, entering)
        else:
            count = slide(work, count, leaving, entering)
        medians[i] = middle_without(work, count, values[i])


@kernel("void(const float64[::1], int64, const int64[::1], int64, float64[::1], float64[::1])")
def level_between_steps(values, window, steps, count, level, work):
    """Running median whose windows end at each step; gaps are filled within a stretch."""
    n = values.size
    start = 0
    for k in range(count + 1):
        stop = steps[k] if k < count else n
        median_of_others(values, start, stop, 1, window, level, work)
        fill_between(level[start:stop])
        start = stop
    fill_between(level)


@kernel("void(const float64[::1], int64, int64, float64[::1], float64[::1])")
def changing_season(rest, season, periods, seasonal, work):
    """Season as running median of each phase over so many periods, less the mean of its turn; 0 where unknown.

    A turn that is cut short or not known whole is taken less the mean of the one before.
    """
    n = rest.size
    for phase in range(min(season, n)):
        if periods < 2 * n:
            median_of_others(rest, phase, n, season, periods, seasonal, work)
            continue
        known = 0  # every window holds the whole phase
        for i in range(phase, n, season):
            if rest[i] == rest[i]:
                work[known] = rest[i]
                known += 1
        half = known // 2
        if known > 1:
            select(work, 0, known, half)
            select(work, 0, half, half - 1)
        if known > half + 1:
            select(work, half + 1, known, 0)
        for i in range(phase, n, season):
            seasonal[i] = middle_without(work, known, rest[i])
    mean = 0.0
    for start in range(0, n, season):
        total = np.nan
        if start + season <= n:
            total = 0.0
            for i in range(start, start + season):
                total += seasonal[i]
        if total == total:
            mean = total / season
        for i in range(start, min(start + season, n)):
            seasonal[i] = seasonal[i] - mean if seasonal[i] == seasonal[i] else 0.0


@kernel(
    "int64(const float64[::1], int64, int64, int64, float64[::1], float64[::1], int64[::1], float64[::1], float64[::1],"
    " float64[::1])"
)
def baseline(values, season, window, periods, level, seasonal, steps, rest, other, spare):
    """Level and season of one series, each value's from the other values; the number of steps found.

    Parameters
    ----------
    season : 1 or less for none.
    window : of the level, in steps, an odd multiple of the season.
    periods : over which a season that changes is taken; it is used where it leaves less than `CHANGING` of the rest.
    level, seasonal : filled; their sum is what was to be expected. NaN in a series without a known value.
    steps : filled with the places where the level jumps; room for as many as there are values.
    rest, other : room for as many numbers as there are values; `spare` for twice as many.
    """
    n = values.size
    running_median(values, min(window, 2 * n + 1), level, other)
    fill_between(level)
    if season > 1:
        seasonal_medians(values, level, season, seasonal, other)
    else:
        for i in range(n):
            seasonal[i] = 0.0
    for i in range(n):
        rest[i] = values[i] - seasonal[i]
    distance = distance_by_phase(rest, level, 1, other)
    if not distance > 0.0:
        return 0
    reach = max(min(window // 2, LONGEST_REACH), SHORTEST_REACH)
    count = find_steps(rest, reach, STEP * distance, steps, spare)
    level_between_steps(rest, window, steps, count, level, other)
    if season > 1:
        for i in range(n):
            rest[i] = values[i] - level[i]
        changing_season(rest, season, 2 * n, seasonal, other)
        products, squares, pairs, most = 0.0, 0.0, 0, CLIP * distance
        for i in range(season, n):  # what a fixed season leaves is alike from turn to turn where the season changes
            now = min(max(rest[i] - seasonal[i], -most), most)
            before = min(max(rest[i - season] - seasonal[i - season], -most), most)
            if now * before == now * before:
                products += now * before
                squares += now * now
                pairs += 1
        if 2 * n >= periods * season and products > 0.0 and products * products * pairs > SUSPECTED * squares * squares:
            fixed = distance_by_phase(rest, seasonal, season, other)
            changing_season(rest, season, periods, spare, other)
            if distance_by_phase(rest, spare, season, other) < CHANGING * fixed:
                for i in range(n):
                    seasonal[i] = spare[i]
        for i in range(n):
            rest[i] = values[i] - seasonal[i]
        level_between_steps(rest, window, steps, count, level, other)
    return count
