"""The line through each series of a block: Theil–Sen's slope beside the season, how well it fits, and what is left.

What is left goes to `prais_winsten.slope_errors` for the error of the slope and to `greatest_cycles` for a cycle.
"""

import math

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median
from engagerr_core.kernels.theil_sen import ROOM, median_slope

SLOPE, STRENGTH, EXPLAINED, SCATTER, SPAN, KNOWN, NOISELESS, EXPONENT = range(8)  # columns of what `lines` writes
FIGURES = 8
PEAK, TRIED = 0, 1  # columns of what `greatest_cycles` writes
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


@kernel("Tuple((float64, float64))(float64[::1], int64, int64, float64, float64[::1])")
def clip_around_line(grid, length, known, slope, work):
    """Put the rest around the line of this slope in place of the values, and pull in what lies far out.

    Returns the robust scatter of the rest (its standard deviation where more than half lie on the line) and the share
    of the variance that the line explained, both before anything is pulled in.
    """
    place, mean = 0.0, 0.0
    for i in range(length):
        if grid[i] == grid[i]:
            place += i / known
            mean += grid[i] / known
    left, total, found = 0.0, 0.0, 0
    for i in range(length):
        value = grid[i] - mean
        grid[i] = value - slope * (i - place)
        work[found] = grid[i]
        if grid[i] == grid[i]:
            found += 1
            total += value * value
            left += grid[i] * grid[i]
    explained = max(1.0 - left / total, 0.0) if total > known * EXACT * EXACT else np.nan
    middle = median(work, 0, found)
    for i in range(found):
        work[i] = abs(work[i] - middle)
    scatter = NORMAL * median(work, 0, found)
    if scatter <= EXACT:
        return np.sqrt(left / known), explained
    low, high = middle - CLIPPED * scatter, middle + CLIPPED * scatter
    for i in range(length):
        if grid[i] == grid[i]:
            grid[i] = min(max(grid[i], low), high)
    return scatter, explained


@kernel("void(const float64[::1], const int64[::1], int64, float64[::1], int64[::1], float64[:, ::1])")
def lines(values, indptr, season, rest, seasons, figures):
    """The line of each series: figures into its row, what is left around it into `rest`.

    Columns: slope per step (NaN of fewer than two known values), share of rising pairs less that of falling ones
    without its sign, explained variance, robust scatter, steps from the first to the last known value, known values, 1
    where the line leaves no noise, exponent of the scale.

    The season is taken out where the known values span two of it and are as many; `seasons` says so (the season, or 1).
    The rest is NaN where unknown and of a line without noise; it is scaled to at most 1 by the power of two whose
    exponent is the last column, which changes no digit and lets no square overflow.
    """
    longest = 1
    for s in range(seasons.size):
        longest = max(longest, indptr[s + 1] - indptr[s])
    grid, work, known_values = np.empty(longest), np.empty(longest), np.empty(longest)
    heights, spare_heights, slopes = np.empty(longest), np.empty(longest), np.empty(ROOM * longest)
    at, order, spare_order = np.empty(longest, np.int64), np.empty(longest, np.int64), np.empty(longest, np.int64)
    levels, places = np.empty(max(season, 1)), np.empty(max(season, 1))
    for s in range(seasons.size):
        start, length = indptr[s], indptr[s + 1] - indptr[s]
        known, largest, first, last = 0, 0.0, 0, 0
        for i in range(length):
            value = values[start + i]
            rest[start + i] = np.nan
            if value == value:
                first = i if known == 0 else first
                known, last, largest = known + 1, i, max(largest, abs(value))
        for k in range(FIGURES):
            figures[s, k] = np.nan
        figures[s, KNOWN], figures[s, NOISELESS], seasons[s] = known, 0.0, 1
        if known < 2:
            continue
        exponent = min(max(math.frexp(largest)[1], -1000), 1000)
        scale = math.ldexp(1.0, -exponent)
        for i in range(length):
            grid[i] = values[start + i] * scale
        if season > 1 and last - first + 1 >= 2 * season and known >= 2 * season:
            seasons[s] = season
        turns = seasons[s]
        slope = phase_line(grid, length, turns, levels, places)
        squares = 0.0
        for p in range(turns):
            for i in range(p, length, turns):
                away = grid[i] - levels[p] - slope * (i - places[p])
                squares += away * away if away == away else 0.0
        if turns > 1:
            remove_season(grid, length, turns, slope, levels, work)
        found = 0
        for i in range(length):
            if grid[i] == grid[i]:
                at[found], known_values[found] = i, grid[i]
                found += 1
        slope, balance = median_slope(
            at, known_values, known, slope, 1.7 * np.sqrt(squares) / (known * (last - first + 1.0)),
            heights, order, spare_heights, spare_order, slopes,
        )  # fmt: skip
        scatter, explained = clip_around_line(grid, length, known, slope, work)
        figures[s, SLOPE], figures[s, SCATTER] = math.ldexp(slope, exponent), math.ldexp(scatter, exponent)
        figures[s, STRENGTH], figures[s, EXPLAINED] = abs(balance) / (0.5 * known * (known - 1.0)), explained
        figures[s, SPAN], figures[s, EXPONENT] = last - first, exponent
        if squares > known * EXACT * EXACT:
            for i in range(length):
                rest[start + i] = grid[i]
        else:
            figures[s, NOISELESS] = 1.0


@kernel("void(const float64[::1], const int64[::1], const int64[::1], const float64[::1], float64[:, ::1])")
def greatest_cycles(rest, indptr, seasons, rho, peaks):
    """Greatest spectral power of each rest over its mean, and at how many frequencies it was looked for.

    The rest is whitened by its autocorrelation `rho` first: power is then exponential with mean 1 at each frequency
    where there is no cycle. Frequencies are whole numbers of cycles over the length, from `FEWEST_CYCLES` to a period
    of two seasons (at least four steps).
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
        peak = 0.0
        for cycles in range(FEWEST_CYCLES, most + 1):
            turn = 2.0 * np.pi * cycles / length
            step_x, step_y, x, y, sum_x, sum_y = np.cos(turn), np.sin(turn), 1.0, 0.0, 0.0, 0.0
            for i in range(length):
                sum_x += white[i] * x
                sum_y += white[i] * y
                x, y = x * step_x - y * step_y, x * step_y + y * step_x
            peak = max(peak, sum_x * sum_x + sum_y * sum_y)
        peaks[s, PEAK] = peak / total if total > 0.0 else 0.0
        peaks[s, TRIED] = max(most - FEWEST_CYCLES + 1, 0) if total > 0.0 else 0
