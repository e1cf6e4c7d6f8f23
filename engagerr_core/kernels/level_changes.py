"""Change points of many series: prepared, cut by exact partitioning, kept where no trend and no memory explains them.

docs/change-points.md tells the rules and how well they do.
"""

from typing import NamedTuple

import numpy as np

from engagerr_core.kernels.broken_lines import BEND, MOST_BREAKS, STEP, broken_lines, misfit, smooth_trends
from engagerr_core.kernels.change_points import ROWS, partition_all
from engagerr_core.kernels.dispatch import kernel

SHORTEST = 7  # known values of a segment
FINE = 3.0  # penalty of the finer partition, in log n
SEASONS = 4  # turns of a season that a series must hold before its phases are compared
SEASON_SCORE = 3.0  # standard normal score that the season's variance ratio must reach
LEAST_GAIN = 2.5  # what a break must explain to be tried, in log n of the likelihood of independent noise
WANDERS = 0.95  # from this autocorrelation on a level wanders: neither a trend nor a steady process explains it
ALL_TREND = 0.95  # where a cubic explains such a share of the variance, nobody sees a jump
UNCHANGING = 1e-10  # standard deviation below which a series is constant, relative to its largest value
HIGHEST_MEMORY = 0.99  # autocorrelation is held below this in tests


@kernel(
    "void(const float64[::1], const int64[::1], int64, float64[::1], float64[::1], int64[::1], int64[::1],"
    " float64[:, ::1])"
)
def standardise_all(values, indptr, season, scores, times, known, bounds, phases):
    """Known values of each series as z-scores, the season taken out, one series after the other from `bounds` on.

    Logarithms (of 1 + value) are taken where no value is negative. The means of the season's phases are taken out where
    they differ more than chance does: their variance against that of what is left of a running mean over one season.

    `scores`, `times` (from −1 to 1) and `known` (the place in the series) are as long as `values`; a series of equal
    values, or without any, gets none. `phases` has two rows of `season` numbers.
    """
    at = 0
    bounds[0] = 0
    for one in range(indptr.size - 1):
        first, stop = indptr[one], indptr[one + 1]
        count, lowest, largest = 0, np.inf, 0.0
        for i in range(first, stop):
            if values[i] == values[i]:
                known[at + count] = i - first
                count += 1
                lowest, largest = min(lowest, values[i]), max(largest, abs(values[i]))
        # times serve as the workspace of logarithms and scores as that of what a running mean leaves over
        scale = np.log1p(largest) if lowest >= 0.0 else largest
        for k in range(at, at + count):
            value = values[first + known[k]]
            times[k] = (np.log1p(value) if lowest >= 0.0 else value) / scale
        if season > 1 and count >= SEASONS * season:
            end, total, behind, ahead = at + count, 0.0, at, at
            for phase in range(season):
                phases[0, phase] = phases[1, phase] = 0.0
            for k in range(at, end):  # less the mean of one season around, at the ends of the first and of the last
                low = max(min(known[k] - season // 2, known[end - 1] - season + 1), known[at])
                while ahead < end and known[ahead] < low + season:
                    total += times[ahead]
                    ahead += 1
                while known[behind] < low:
                    total -= times[behind]
                    behind += 1
                scores[k] = times[k] - total / (ahead - behind)
                phases[0, known[k] % season] += scores[k]
                phases[1, known[k] % season] += 1.0
            mean, before, after = 0.0, 0.0, 0.0
            for phase in range(season):
                phases[0, phase] /= max(phases[1, phase], 1.0)
                mean += phases[0, phase] / season
            for k in range(at, end):
                before += scores[k] ** 2
                after += (scores[k] - phases[0, known[k] % season]) ** 2
            free = season - 1.0
            # the ratio that a standard normal score of so many degrees of freedom stands for (Wilson, Hilferty 1931)
            bound = (1.0 - 2.0 / (9.0 * free) + SEASON_SCORE * np.sqrt(2.0 / (9.0 * free))) ** 3
            if (before - after) * (count - season) > bound * free * after:
                for k in range(at, end):
                    times[k] -= phases[0, known[k] % season] - mean
        mean, square = 0.0, 0.0
        for k in range(at, at + count):
            mean += times[k] / count
        for k in range(at, at + count):
            square += (times[k] - mean) ** 2
        spread = np.sqrt(square / count) if count > 0 else 0.0
        if not spread > UNCHANGING:
            count = 0
        for k in range(at, at + count):
            scores[k] = (times[k] - mean) / spread
        for k in range(at, at + count):
            times[k] = 2.0 * (known[k] - known[at]) / (known[at + count - 1] - known[at]) - 1.0
        at += count
        bounds[one + 1] = at


@kernel(
    "void(const float64[::1], const int64[::1], const int64[::1], const int64[::1], const float64[::1],"
    " float64[:, ::1], float64[::1])"
)
def misfits_of_levels(scores, bounds, changes, counts, prices, told, rest):
    """Misfit of a level for each segment, each change at the series' price, and the autocorrelation left over.

    `told` has these in its columns, one row a series; inf where nothing changes.
    """
    for one in range(bounds.size - 1):
        first, n = bounds[one], bounds[one + 1] - bounds[one]
        told[one, 0], told[one, 1] = np.inf, 0.0
        if counts[one] == 0:
            continue
        begin = 0
        for k in range(counts[one] + 1):
            end = changes[first + k] if k < counts[one] else n
            mean = 0.0
            for i in range(begin, end):
                mean += scores[first + i] / (end - begin)
            for i in range(begin, end):
                rest[i] = scores[first + i] - mean
            begin = end
        told[one, 0], told[one, 1] = misfit(rest, n, 1 + counts[one])
        told[one, 0] += counts[one] * prices[one]


@kernel(
    "void(const float64[::1], const int64[::1], const float64[::1], const float64[::1], const int64[::1],"
    " const int64[::1], const int64[:, ::1], const int64[::1], const boolean[::1], const float64[::1],"
    " float64[:, ::1])"
)
def describe_all(values, indptr, scores, times, known, bounds, changes, kinds, broken, memories, told):
    """Rows of `told` for each change: levels before and after, Student's t of the change, its degrees of freedom.

    Changes are columns (series, place among its known values), in order, and `kinds` what each is; the level is the
    mean of the segment. The test is that of the step or bend beside a level, or in a `broken` line beside level and
    slope, between the change before and the one after; values that remember one another tell as much as (1 − φ) /
    (1 + φ) times as many independent ones.
    """
    for k in range(changes.shape[1]):
        one = changes[0, k]
        first, begin, place = bounds[one], bounds[one], bounds[one] + changes[1, k]
        end = bounds[one + 1]
        if k > 0 and changes[0, k - 1] == one:
            begin = first + changes[1, k - 1]
        if k + 1 < changes.shape[1] and changes[0, k + 1] == one:
            end = first + changes[1, k + 1]
        size = end - begin
        before, after, middle, mean, share = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(begin, end):
            value = values[indptr[one] + known[i]]
            middle += times[i] / size
            mean += scores[i] / size
            if i < place:
                before += value / (place - begin)
            else:
                after += value / (end - place)
                share += (times[i] - times[place] if kinds[k] == BEND else 1.0) / size
        slope, tilt, whole, own, shared = 0.0, 0.0, 0.0, 0.0, 0.0
        for turn in range(2):  # the slope of both first, then what it leaves over
            square, risen, tilted = 0.0, 0.0, 0.0
            for i in range(begin, end):
                since = times[i] - middle
                later = (times[i] - times[place] if kinds[k] == BEND else 1.0) if i >= place else 0.0
                later -= share + tilt * since
                rest = scores[i] - mean - slope * since
                square += since * since
                risen += since * rest
                tilted += since * later
                if turn == 1:
                    whole += rest * rest
                    own += later * later
                    shared += rest * later
            if turn == 0 and broken[one]:
                slope, tilt = risen / square, tilted / square
        free = size - (3.0 if broken[one] else 2.0)
        explained = shared * shared / own
        left = max(whole - explained, 1e-14 * whole) / free
        memory = min(max(memories[one], 0.0), HIGHEST_MEMORY)
        worth = (1.0 - memory) / (1.0 + memory)
        told[0, k], told[1, k] = before, after
        told[2, k] = np.sqrt(worth * explained / left) if left > 0.0 else 0.0
        told[3, k] = max(size * (worth - 1.0) + free, 1.0)


class LevelChanges(NamedTuple):
    """Change points of many series, in order of series and place."""

    series: np.ndarray
    """int64 (c)."""
    place: np.ndarray
    """int64 (c): in the series, of the first known value of the new segment."""
    before: np.ndarray
    """float64 (c): mean of the segment before."""
    after: np.ndarray
    score: np.ndarray
    """float64 (c): Student's t of the change, 0 or more."""
    freedom: np.ndarray
    """float64 (c): its degrees of freedom."""


def level_changes(
    values: np.ndarray, indptr: np.ndarray, season: int, penalty: float, price: tuple[float, float], coarse: float
) -> LevelChanges:
    """Change points of many series, NaN = missing.

    With a `penalty` they are those of the exact partition of the z-scores, and nothing is asked further. Where it is
    NaN, models compete for each series: a smooth trend and nothing else; levels, by the exact partition at penalties of
    `FINE` · log n and `coarse` · log n; a line with steps and bends. Each change costs price[0] + price[1] · log n, in
    −2 log likelihood. Where even the best of them leaves a level that wanders, the coarse partition is what can be
    said, unless the wandering is nothing beside the trend. `season` below 2 means none.
    """
    count, longest = indptr.size - 1, int(np.diff(indptr).max(initial=0))
    scores, times = np.empty(values.size), np.empty(values.size)
    known, bounds = np.empty(values.size, np.int64), np.empty(count + 1, np.int64)
    standardise_all(values, indptr, season, scores, times, known, bounds, np.empty((2, max(season, 1))))
    lengths = np.diff(bounds)
    own = np.log(np.maximum(lengths, 2))
    prices = price[0] + price[1] * own
    work, costs = np.empty((ROWS, longest + 1)), np.empty(longest + 2)
    rest = costs[:longest]

    def cut(penalties: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        changes, counts, told = np.empty(values.size, np.int64), np.empty(count, np.int64), np.empty((count, 2))
        partition_all(scores, bounds, penalties, SHORTEST, work, costs, costs.view(np.int64), changes, counts)
        misfits_of_levels(scores, bounds, changes, counts, prices, told, rest)
        return changes, counts, told

    if not np.isnan(penalty):
        changes, counts, told = cut(np.full(count, penalty))
        series = np.repeat(np.arange(count), counts)
        place = changes[_places(bounds[:-1], counts)]
        kinds, broken, memories = np.full(series.size, STEP), np.zeros(count, bool), told[:, 1]
    else:
        fine = cut(FINE * own)
        rough = cut(np.where(fine[1] > 0, coarse * own, np.nan))
        places, line_kinds = np.zeros((count + 1, MOST_BREAKS), np.int64), np.zeros((count + 1, MOST_BREAKS), np.int64)
        breaks, line = np.empty(count, np.int64), np.empty((count, 2))
        basis, norms = np.empty((MOST_BREAKS + 3, longest)), np.empty((2, longest))
        broken_lines(
            scores, times, bounds, prices, LEAST_GAIN, SHORTEST, places, line_kinds, breaks, line, basis, norms
        )  # fmt: skip
        trend = np.zeros((count, 3))
        wanted = (fine[1] > 0) | (breaks > 0)
        smooth_trends(scores, times, bounds, wanted, 1.0, basis, trend)
        line[:, 0] += own  # the price of its slope
        misfits = np.column_stack(
            [trend[:, 0], np.where(breaks > 0, line[:, 0], np.inf), fine[2][:, 0], rough[2][:, 0]]
        )
        way = np.argmin(misfits, axis=1)
        memories = np.column_stack([trend[:, 1], line[:, 1], fine[2][:, 1], rough[2][:, 1]])
        wandering = wanted & (memories[np.arange(count), way] >= WANDERS)
        way[wandering] = np.where(trend[wandering, 2] < ALL_TREND, 3, 0)
        memories, broken = memories[np.arange(count), way], way == 1
        numbers = np.where(wanted, np.choose(way, [np.zeros(count, np.int64), breaks, fine[1], rough[1]]), 0)
        series = np.repeat(np.arange(count), numbers)
        place, kinds = np.empty(series.size, np.int64), np.full(series.size, STEP)
        which = way[series]
        for own_way, found in ((2, fine[0]), (3, rough[0])):
            place[which == own_way] = found[_places(bounds[:-1], np.where(way == own_way, numbers, 0))]
        rows = _places(np.arange(count) * MOST_BREAKS, np.where(broken, numbers, 0))
        place[which == 1], kinds[which == 1] = places.ravel()[rows], line_kinds.ravel()[rows]
        order = np.lexsort((place, series))
        place, kinds = place[order], kinds[order]
    told = np.empty((4, series.size))
    describe_all(
        values, indptr, scores, times, known, bounds, np.vstack([series, place]), kinds, broken,
        np.ascontiguousarray(memories), told,
    )  # fmt: skip
    return LevelChanges(series, known[bounds[series] + place], *told)


def _places(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """starts[0], starts[0] + 1, … counts[0] of them, then those of the next."""
    return np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
