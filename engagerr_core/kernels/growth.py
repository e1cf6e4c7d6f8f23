"""How much more than before: changes of window means, a compound rate, and whether it is speeding up."""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median

RATE, ACCELERATION, ERROR, CHANGES = 0, 1, 2, 3  # columns; one change a window from the last on
DISTANCES = 6  # between the values of a pair, in the compound rate
FEWEST_FREE = 4.0  # values beyond parameters that an error of the acceleration rests on
DEPENDENT = 0.95  # autocorrelation above which a window is too short to tell an error


@kernel("int64(const float64[::1], int64, int64, float64[::1])")
def logarithms(values, start, stop, logs):
    """Natural logarithms of a stretch, of 1 + value where any is 0; NaN of the unknown and of what is below 0.

    Returns one more than the place of the last value that is not NaN, counted from the start of the stretch.
    """
    shift, end = 0.0, 0
    for i in range(start, stop):
        if values[i] == 0.0:
            shift = 1.0
    for i in range(start, stop):
        logs[i - start] = np.log(values[i] + shift) if values[i] >= 0.0 else np.nan
        if values[i] == values[i]:
            end = i - start + 1
    return end


@kernel("float64(const float64[::1], int64, int64, int64)")
def window_change(values, start, stop, size):
    """Mean of the last `size` values of a stretch ÷ mean of as many before − 1.

    0 from nothing to nothing. NaN from nothing to something, from below 0, where less than half of either window is
    known, and where they begin before the stretch.
    """
    if size < 1 or stop - 2 * size < start:
        return np.nan
    before, now = 0.0, 0.0
    for half in range(2):
        total, known = 0.0, 0
        first = stop - (2 - half) * size
        for i in range(first, first + size):
            if values[i] == values[i]:
                total += values[i]
                known += 1
        before, now = now, total / max(known, 1) if 2 * known >= size else np.nan
    if before > 0.0:
        return now / before - 1.0
    return 0.0 if before == 0.0 and now == 0.0 else np.nan


@kernel("float64(const float64[::1], int64, int64, float64[::1])")
def compound_slope(logs, length, season, slopes):
    """Median slope of pairs whole seasons apart, from half of the length to five sixths of it: free of the season.

    Theil's (1950) incomplete method, with several distances. NaN of fewer than two known values that lie so. `slopes`
    is scratch of `DISTANCES` × length.
    """
    found, last = 0, 0
    for k in range(DISTANCES):
        away = (length * (3 * (DISTANCES - 1) + 2 * k)) // (6 * (DISTANCES - 1))
        away = max(away // season, 1) * season
        if away == last:
            continue
        last = away
        for i in range(length - away):
            slope = (logs[i + away] - logs[i]) / away
            slopes[found] = slope
            found += slope == slope
    return median(slopes, 0, found)


@kernel("void(const float64[::1], int64, int64, int64, float64[:, ::1], float64[::1], float64[:, ::1], int64)")
def accelerate(logs, end, window, season, phases, rest, figures, row):
    """Slope of the last window less that of the one before, and its standard error, into a row.

    Each slope stands beside a level for each phase; `phases` is scratch of 3 × season, `rest` of the series. The error
    knows autocorrelation: the rest's at distance 1, less its bias, widens it as an AR(1) would.
    """
    difference, variance, squares, products = 0.0, 0.0, 0.0, 0.0
    free, pairs, known = 0.0, 0, 0
    for half in range(2):
        start, stop = end - (2 - half) * window, end - (1 - half) * window
        phases[:] = 0.0
        for i in range(start, stop):
            if logs[i] == logs[i]:
                p = i % season
                free += 0.0 if phases[0, p] == 0.0 else 1.0
                phases[0, p] += 1.0
                phases[1, p] += i
                phases[2, p] += logs[i]
        square, product = 0.0, 0.0
        for i in range(start, stop):
            p = i % season
            away = i - phases[1, p] / max(phases[0, p], 1.0)
            rest[i] = logs[i] - phases[2, p] / max(phases[0, p], 1.0)
            if rest[i] == rest[i]:
                square += away * away
                product += away * rest[i]
        if square == 0.0:  # no two known values share a phase
            return
        free -= 1.0
        variance += 1.0 / square
        difference = product / square - difference
        for i in range(start, stop):
            p = i % season
            rest[i] -= product / square * (i - phases[1, p] / max(phases[0, p], 1.0))
            if rest[i] == rest[i]:
                known += 1
                squares += rest[i] * rest[i]
                if i > start and rest[i - 1] == rest[i - 1]:
                    products += rest[i] * rest[i - 1]
                    pairs += 1
    figures[row, ACCELERATION] = difference
    if free < FEWEST_FREE:
        return
    dependence = (products / pairs) / (squares / known) if squares > 0.0 and pairs else 0.0
    dependence = min(max(dependence + (2.0 + 4.0 * dependence) / (0.5 * known), 0.0), DEPENDENT)
    figures[row, ERROR] = np.sqrt(squares / free * variance * (1.0 + dependence) / (1.0 - dependence))


@kernel("void(const float64[::1], const int64[::1], int64, int64, const int64[::1], float64[:, ::1])")
def grow(values, indptr, season, window, windows, figures):
    """Compound slope, acceleration, its error, and the change of each of the `windows`, of each series, into its row.

    The newest window ends with the last known value, an earlier one where it begins. A window of length 0 has no
    change. Slopes are of logarithms, per step. NaN for what cannot be told.
    """
    longest = 1
    for s in range(indptr.size - 1):
        longest = max(longest, indptr[s + 1] - indptr[s])
    logs, rest, slopes = np.empty(longest), np.empty(longest), np.empty(DISTANCES * longest)
    phases = np.empty((3, season))
    for s in range(indptr.size - 1):
        start = indptr[s]
        figures[s, :] = np.nan
        end = logarithms(values, start, indptr[s + 1], logs)
        figures[s, RATE] = compound_slope(logs, end, season, slopes)
        if end >= 2 * window:
            accelerate(logs, end, window, season, phases, rest, figures, s)
        for k in range(windows.size):
            figures[s, CHANGES + k] = window_change(values, start, start + end, windows[k])
