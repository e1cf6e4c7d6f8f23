"""What surrounds the line through each series of a block: the season before it, the rest after it, cycles in the rest.

In this order: `seasonless`, `theil_sen.median_slopes`, `around_lines`, `prais_winsten.slope_errors` and
`powers_of_cycles`. Each runs over the block on its own: machine code of what calls another is made twice.
"""

import math

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median

EXPONENT, KNOWN, SPAN, NOISELESS, EXPLAINED, SCATTER = range(6)  # columns of `figures`
FIGURES = 6
PEAK, TRIED, SLOW, SLOWEST = range(4)  # columns of what `powers_of_cycles` writes
EXACT = 1e-11  # of the greatest value: a rest below this is rounding
CLIPPED = 3.0  # scatters from the line; what lies beyond would widen the error of a slope that it does not move
FEWEST_CYCLES, MOST_CYCLES = 3, 64  # over the length; fewer are a trend's business, more are noise's
NORMAL = 1.482602218505602  # median absolute deviation to standard deviation


@kernel("float64(float64[::1], int64, int64, float64[::1], float64[::1])")
def phase_line(grid, length, season, levels, places):
    """Common slope of least squares with a level for each phase; puts the phases' mean values and mean places aside."""
    square, product = 0.0, 0.0
    for p in range(season):
        known, total, place = 0, 0.0, 0.0
        for i in range(p, length, season):
            if grid[i] == grid[i]:
                known += 1
                total += grid[i]
                place += i
        levels[p], places[p] = total / max(known, 1), place / max(known, 1)
        for i in range(p, length, season):
            if grid[i] == grid[i]:
                away = i - places[p]
                square += away * away
                product += away * (grid[i] - levels[p])
    return product / square if square > 0.0 else 0.0


@kernel("void(float64[::1], int64, int64, float64, float64[::1], float64[::1])")
def remove_season(grid, length, season, slope, levels, work):
    """Take from values the median of their phase, less the mean of these, around a line of that slope."""
    total, phases = 0.0, 0
    for p in range(season):
        found = 0
        for i in range(p, length, season):
            work[found] = grid[i] - slope * i
            found += grid[i] == grid[i]
        levels[p] = median(work, 0, found)
        if found:
            total += levels[p]
            phases += 1
    for p in range(season):
        for i in range(p, length, season):
            grid[i] -= levels[p] - total / phases


@kernel("void(const float64[::1], const int64[::1], int64, float64[::1], int64[::1], float64[:, ::1], float64[:, ::1])")
def seasonless(values, indptr, season, rest, seasons, guesses, figures):
    """Each series less its season, scaled to at most 1, into `rest`; what is known before a line is drawn.

    The scale is a power of two, which changes no digit and lets no square overflow; its exponent, the known values, the
    steps from the first to the last of them and whether a line would leave no noise go to `figures`, a slope near which
    the median slope lies and how near to `guesses`. The season is taken out where the known values span two of it and
    are as many; `seasons` says so (the season, or 1).
    """
    longest = 1
    for s in range(seasons.size):
        longest = max(longest, indptr[s + 1] - indptr[s])
    grid, work = np.empty(longest), np.empty(longest)
    levels, places = np.empty(max(season, 1)), np.empty(max(season, 1))
    for s in range(seasons.size):
        start, length = indptr[s], indptr[s + 1] - indptr[s]
        known, largest, first, last = 0, 0.0, 0, -1
        for i in range(length):
            value = values[start + i]
            if value == value:
                first = i if known == 0 else first
                known, last, largest = known + 1, i, max(largest, abs(value))
        span = last - first + 1
        exponent = min(max(math.frexp(largest)[1], -1000), 1000)
        scale = math.ldexp(1.0, -exponent)
        for i in range(length):
            grid[i] = values[start + i] * scale
        seasons[s] = season if season > 1 and span >= 2 * season and known >= 2 * season else 1
        slope = phase_line(grid, length, seasons[s], levels, places)
        squares = 0.0
        for p in range(seasons[s]):
            for i in range(p, length, seasons[s]):
                away = grid[i] - levels[p] - slope * (i - places[p])
                squares += away * away if away == away else 0.0
        if seasons[s] > 1:
            remove_season(grid, length, seasons[s], slope, levels, work)
        for i in range(length):
            rest[start + i] = grid[i]
        guesses[s, 0], guesses[s, 1] = slope, 1.7 * np.sqrt(squares) / (max(known, 1) * max(span, 1.0))
        figures[s, EXPONENT], figures[s, KNOWN], figures[s, SPAN] = exponent, known, max(span - 1, 0)
        figures[s, NOISELESS] = 1.0 if squares <= known * EXACT * EXACT else 0.0


@kernel("void(float64[::1], const int64[::1], const float64[:, ::1], float64[:, ::1])")
def around_lines(rest, indptr, slopes, figures):
    """What is left around the line of each series' slope, in place of its values, far ones pulled in.

    Into `figures` go the share of the variance that the line explains (NaN of a constant) and the robust scatter of the
    rest (its standard deviation where more than half lie on the line), both before anything is pulled in. A line
    without noise leaves NaN.
    """
    longest = 1
    for s in range(indptr.size - 1):
        longest = max(longest, indptr[s + 1] - indptr[s])
    work = np.empty(longest)
    for s in range(indptr.size - 1):
        start, stop, slope, known = indptr[s], indptr[s + 1], slopes[s, 0], figures[s, KNOWN]
        place, mean, left, total, found = 0.0, 0.0, 0.0, 0.0, 0
        for i in range(start, stop):
            if rest[i] == rest[i]:
                place += (i - start) / known
                mean += rest[i] / known
        for i in range(start, stop):
            if rest[i] == rest[i]:
                value = rest[i] - mean
                rest[i] = value - slope * (i - start - place)
                work[found] = rest[i]
                found += 1
                total += value * value
                left += rest[i] * rest[i]
        figures[s, EXPLAINED] = max(1.0 - left / total, 0.0) if total > known * EXACT * EXACT else np.nan
        middle = median(work, 0, found)
        for i in range(found):
            work[i] = abs(work[i] - middle)
        scatter = NORMAL * median(work, 0, found)
        reach = CLIPPED * scatter if scatter > EXACT else np.inf
        if found and scatter <= EXACT:
            scatter = np.sqrt(left / known)
        for i in range(start, stop):
            if figures[s, NOISELESS] == 1.0 or found < 2:
                rest[i] = np.nan
            elif rest[i] == rest[i]:
                rest[i] = min(max(rest[i], middle - reach), middle + reach)
        figures[s, SCATTER] = math.ldexp(scatter, int(figures[s, EXPONENT]))


@kernel("void(const float64[::1], const int64[::1], const int64[::1], const float64[::1], float64[:, ::1])")
def powers_of_cycles(rest, indptr, seasons, rho, peaks):
    """Spectral power of each rest over its mean: the greatest of any cycle, and the mean of the slowest ones.

    The rest is whitened by its autocorrelation `rho` first: power is then exponential with mean 1 at each frequency,
    where there is no cycle and the noise is AR(1). Columns: the greatest power among whole numbers of cycles over the
    length, from `FEWEST_CYCLES` to a period of two seasons (at least four steps), and how many these were; the mean
    power of the slowest, one cycle over the length and more, and how many these were (the cube root of the length).
    """
    longest = 1
    for s in range(seasons.size):
        longest = max(longest, indptr[s + 1] - indptr[s])
    white = np.empty(longest)
    for s in range(seasons.size):
        start, length = indptr[s], indptr[s + 1] - indptr[s]
        total, before, share = 0.0, 0.0, 0.0  # share of the value before that is expected of the next one
        for i in range(length):
            value = rest[start + i]
            share *= rho[s]
            white[i] = 0.0
            if value == value:
                white[i] = (value - share * before) / np.sqrt(1.0 - share * share)
                total += white[i] * white[i]
                before, share = value, 1.0
        most = min(length // max(2 * seasons[s], 4), MOST_CYCLES)
        slowest = int(np.cbrt(length) + 0.5)
        peak, slow = 0.0, 0.0
        for cycles in range(1, max(most, slowest) + 1):
            turn = 2.0 * np.pi * cycles / length
            step_x, step_y, x, y, sum_x, sum_y = np.cos(turn), np.sin(turn), 1.0, 0.0, 0.0, 0.0
            for i in range(length):
                sum_x += white[i] * x
                sum_y += white[i] * y
                x, y = x * step_x - y * step_y, x * step_y + y * step_x
            power = sum_x * sum_x + sum_y * sum_y
            if FEWEST_CYCLES <= cycles <= most:
                peak = max(peak, power)
            if cycles <= slowest:
                slow += power / slowest
        peaks[s, PEAK] = peak / total if total > 0.0 else 0.0
        peaks[s, TRIED] = max(most - FEWEST_CYCLES + 1, 0) if total > 0.0 else 0
        peaks[s, SLOW] = slow / total if total > 0.0 else 0.0
        peaks[s, SLOWEST] = slowest if total > 0.0 else 0
