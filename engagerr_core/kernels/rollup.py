"""Standardise, derive and sum by group in one pass over the observations.

Rows are taken in slabs small enough to stay in the cache. In each slab rows are standardised in
blocks, then every column of the result is summed by its own task. A column is thus always summed
in the same order, whatever the number of threads, and no partial sums are kept: memory is the
input, the output and one slab.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.arrays import matrix_of, require_array, require_codes, require_columns
from engagerr_core.kernels.dispatch import block_bounds, kernel, run_blocks
from engagerr_core.kernels.standardise import standardise_rows, weight_tables
from engagerr_core.kernels.stretches import MIXED, find_stretches

SLAB = 1 << 18  # rows of a slab
BLOCK = 1 << 15  # rows of a block in it
LANES = 4  # sums that go on side by side, written out, so that they stay in registers
MOST_GROUPS = 2**31 - 1


# In the kernels below, `group` holds the groups of a slab and `starts` and `kinds` its stretches. Groups
# are unsigned, which spares a test for negative indices: -1 becomes 2^32 - 1, beyond every sum.


@kernel("void(const float64[::1], const uint32[::1], const int64[::1], const int64[::1], float64[:, ::1])")
def _add_known(values, group, starts, kinds, sums):
    """Add the known values to their groups; `sums` (G, 2) holds sum and count, side by side in one cache line.

    In a long run, row i goes to lane i % 4 and the lanes are added at the end: four additions at once.
    """
    for stretch in range(kinds.size):
        piece, places = values[starts[stretch] : starts[stretch + 1]], group[starts[stretch] : starts[stretch + 1]]
        if kinds[stretch] == MIXED:
            for i in range(piece.size):
                place, value = places[i], piece[i]
                if place < sums.shape[0]:
                    sums[place, 0] += value if value == value else 0.0
                    sums[place, 1] += 1.0 if value == value else 0.0
        elif kinds[stretch] >= 0:
            total_0 = total_1 = total_2 = total_3 = 0.0
            count_0 = count_1 = count_2 = count_3 = 0.0
            whole = piece.size - piece.size % LANES
            for i in range(0, whole, LANES):
                value_0, value_1, value_2, value_3 = piece[i], piece[i + 1], piece[i + 2], piece[i + 3]
                total_0 += value_0 if value_0 == value_0 else 0.0
                total_1 += value_1 if value_1 == value_1 else 0.0
                total_2 += value_2 if value_2 == value_2 else 0.0
                total_3 += value_3 if value_3 == value_3 else 0.0
                count_0 += 1.0 if value_0 == value_0 else 0.0
                count_1 += 1.0 if value_1 == value_1 else 0.0
                count_2 += 1.0 if value_2 == value_2 else 0.0
                count_3 += 1.0 if value_3 == value_3 else 0.0
            for i in range(whole, piece.size):
                total_0 += piece[i] if piece[i] == piece[i] else 0.0
                count_0 += 1.0 if piece[i] == piece[i] else 0.0
            sums[kinds[stretch], 0] += total_0 + total_1 + total_2 + total_3
            sums[kinds[stretch], 1] += count_0 + count_1 + count_2 + count_3


@kernel(
    "void(const float64[::1], const float64[::1], const uint32[::1], const int64[::1], const int64[::1],"
    " float64[:, ::1])"
)
def _add_pairs(numerator, denominator, group, starts, kinds, sums):
    """Add the rows that know both to their groups; `sums` (G, 3) holds numerator, denominator and count."""
    for stretch in range(kinds.size):
        start, stop = starts[stretch], starts[stretch + 1]
        above, below, places = numerator[start:stop], denominator[start:stop], group[start:stop]
        if kinds[stretch] == MIXED:
            for i in range(above.size):
                place, top, bottom = places[i], above[i], below[i]
                if place < sums.shape[0]:
                    both = (top == top) & (bottom == bottom)
                    sums[place, 0] += top if both else 0.0
                    sums[place, 1] += bottom if both else 0.0
                    sums[place, 2] += 1.0 if both else 0.0
        elif kinds[stretch] >= 0:
            top_0 = top_1 = top_2 = top_3 = 0.0
            bottom_0 = bottom_1 = bottom_2 = bottom_3 = 0.0
            count_0 = count_1 = count_2 = count_3 = 0.0
            whole = above.size - above.size % LANES
            for i in range(0, whole, LANES):
                both_0 = (above[i] == above[i]) & (below[i] == below[i])
                both_1 = (above[i + 1] == above[i + 1]) & (below[i + 1] == below[i + 1])
                both_2 = (above[i + 2] == above[i + 2]) & (below[i + 2] == below[i + 2])
                both_3 = (above[i + 3] == above[i + 3]) & (below[i + 3] == below[i + 3])
                top_0 += above[i] if both_0 else 0.0
                top_1 += above[i + 1] if both_1 else 0.0
                top_2 += above[i + 2] if both_2 else 0.0
                top_3 += above[i + 3] if both_3 else 0.0
                bottom_0 += below[i] if both_0 else 0.0
                bottom_1 += below[i + 1] if both_1 else 0.0
                bottom_2 += below[i + 2] if both_2 else 0.0
                bottom_3 += below[i + 3] if both_3 else 0.0
                count_0 += 1.0 if both_0 else 0.0
                count_1 += 1.0 if both_1 else 0.0
                count_2 += 1.0 if both_2 else 0.0
                count_3 += 1.0 if both_3 else 0.0
            for i in range(whole, above.size):
                both = (above[i] == above[i]) & (below[i] == below[i])
                top_0 += above[i] if both else 0.0
                bottom_0 += below[i] if both else 0.0
                count_0 += 1.0 if both else 0.0
            sums[kinds[stretch], 0] += top_0 + top_1 + top_2 + top_3
            sums[kinds[stretch], 1] += bottom_0 + bottom_1 + bottom_2 + bottom_3
            sums[kinds[stretch], 2] += count_0 + count_1 + count_2 + count_3


@kernel("void(const int8[::1], const uint32[::1], const int64[::1], const int64[::1], int64[::1])")
def _count_positive(numbers, group, starts, kinds, counts):
    """Count the positive numbers of each group."""
    for stretch in range(kinds.size):
        piece, places = numbers[starts[stretch] : starts[stretch + 1]], group[starts[stretch] : starts[stretch + 1]]
        if kinds[stretch] == MIXED:
            for i in range(piece.size):
                if places[i] < counts.size:
                    counts[places[i]] += piece[i] > 0
        elif kinds[stretch] >= 0:
            count = 0
            for i in range(piece.size):
                count += piece[i] > 0
            counts[kinds[stretch]] += count


@kernel("void(const int32[::1], const int32[::1], const int32[::1], int64, int64, int32[::1])")
def _group_by_period(entity, day, period_of_day, first_day, n_periods, group):
    for i in range(entity.size):
        period = period_of_day[day[i] - first_day]
        if entity[i] < 0 or period < 0:
            group[i] = -1
        else:
            group[i] = entity[i] * n_periods + period


class Rollup(NamedTuple):
    """Sums by group. A sum over nothing known is NaN; counts are exact.

    m native and s standard metrics, R ratios, G groups.
    """

    native: np.ndarray
    """float64 (m, G): sums of the native metrics."""
    native_known: np.ndarray
    """int64 (m, G): rows that entered each sum."""
    standard: np.ndarray
    """float64 (s, G): sums of the standard metrics."""
    standard_known: np.ndarray
    """int64 (s, G): rows that entered each sum."""
    estimated: np.ndarray
    """int64 (s, G): of these, rows whose value came from an alternative other than the first."""
    numerators: np.ndarray
    """float64 (R, G): sums over the rows that know numerator and denominator."""
    denominators: np.ndarray
    """float64 (R, G): sums over the same rows; a ratio is numerators / denominators."""
    pairs: np.ndarray
    """int64 (R, G): how many rows these are."""
    rows: np.ndarray
    """int64 (G): rows of each group, known or not."""


def rollup(
    native,
    group: np.ndarray,
    rule: np.ndarray,
    weights: np.ndarray,
    numerators: np.ndarray,
    denominators: np.ndarray,
    n_groups: int,
    threads: int | None = None,
) -> Rollup:
    """Sum native metrics, standard metrics and the two sides of each ratio by group.

    `native`, `rule` and `weights` are those of `standardise`: m metrics of n rows, the rule of each
    row, weights (r, s, a, m). `group` is int32 (n), 0 to `n_groups` - 1, or -1 for a row to leave
    out. `numerators` and `denominators` are int32 (R): positions among the m native metrics
    followed by the s standard ones. A row that lacks either side of a ratio enters neither.

    The result is the same to the last bit for any number of threads. Sums of whole numbers below
    2^53 are exact; others are added in an order that depends on the rows alone, with a relative error
    of at most (rows of the group) × 1.1e-16 where no term is negative. Infinite values are known and
    follow IEEE arithmetic: inf and -inf in one group make NaN, told from unknown by its count.

    Raises `InvalidArgument` for other dtypes, shapes and codes out of range.
    """
    require_array("weights", weights, np.float64, (None,) * 4)
    if not 0 <= n_groups <= MOST_GROUPS:
        raise InvalidArgument(f"n_groups was {n_groups}. Groups are numbered by an int32. Give 0 to {MOST_GROUPS}.")
    require_codes("group", group, None, below=n_groups)
    require_codes("rule", rule, group.size, below=len(weights))

    def rows_of(rows: slice, slab_group: np.ndarray) -> np.ndarray:
        slab_group[:] = group[rows]
        return rule[rows]

    return _rollup(native, group.size, rows_of, weights, (numerators, denominators), n_groups, threads)


def rollup_by_period(
    native,
    entity: np.ndarray,
    day: np.ndarray,
    period_of_day: np.ndarray,
    first_day: int,
    n_entities: int,
    n_periods: int,
    rule_of_entity: np.ndarray,
    weights: np.ndarray,
    numerators: np.ndarray,
    denominators: np.ndarray,
    threads: int | None = None,
) -> Rollup:
    """`rollup` by entity and period; group = entity × `n_periods` + period, found slab by slab.

    `entity` is int32 (n), -1 to leave a row out, `day` int32 (n) in days since 1970-01-01,
    `period_of_day` int32, the period of `first_day` and of each day after it, -1 for a day to leave
    out (see `calendar.periods`). `rule_of_entity` is int32 (`n_entities`). Everything else, and the
    result, as in `rollup`. Raises `InvalidArgument` also for a day outside `period_of_day`.
    """
    require_array("weights", weights, np.float64, (None,) * 4)
    n_groups = n_entities * n_periods
    if n_groups > MOST_GROUPS:
        raise InvalidArgument(
            f"{n_entities} entities × {n_periods} periods make {n_groups} groups. An int32 numbers at most "
            f"{MOST_GROUPS}. Roll up fewer entities or longer periods at a time."
        )
    require_codes("entity", entity, None, below=n_entities)
    require_array("day", day, np.int32, (entity.size,))
    require_codes("period_of_day", period_of_day, None, below=n_periods)
    require_codes("rule_of_entity", rule_of_entity, n_entities, below=len(weights))
    last_day = first_day + period_of_day.size - 1
    if day.size and (day.min() < first_day or day.max() > last_day):
        raise InvalidArgument(
            f"day ran from {day.min()} to {day.max()}, period_of_day from {first_day} to {last_day}. "
            "Every day needs a period. Widen period_of_day, with -1 for days to leave out."
        )
    no_entity = np.append(rule_of_entity, np.int32(-1))  # picked by entity -1

    def rows_of(rows: slice, slab_group: np.ndarray) -> np.ndarray:
        _group_by_period(entity[rows], day[rows], period_of_day, first_day, n_periods, slab_group)
        return no_entity[entity[rows]]

    return _rollup(native, day.size, rows_of, weights, (numerators, denominators), n_groups, threads)


def _rollup(
    native,
    length: int,
    rows_of: Callable[[slice, np.ndarray], np.ndarray],
    weights: np.ndarray,
    ratios: tuple[np.ndarray, np.ndarray],
    n_groups: int,
    threads: int | None,
) -> Rollup:
    """The one pass; `rows_of` writes the groups of a range of rows and returns their rules."""
    columns = require_columns("native", native, length)
    n_native = len(columns)
    tables = weight_tables(weights, n_native)
    n_standard = len(tables)
    for name, side in zip(("numerators", "denominators"), ratios, strict=True):
        require_array(name, side, np.int32, (np.size(ratios[0]),))
        if side.size and (side.min() < 0 or side.max() >= n_native + n_standard):
            raise InvalidArgument(
                f"{name} ran from {side.min()} to {side.max()}. They are positions among {n_native} native and "
                f"{n_standard} standard metrics. Count from 0."
            )
    n_ratios = ratios[0].size
    column_sums, pair_sums = np.zeros((n_native + n_standard, n_groups, 2)), np.zeros((n_ratios, n_groups, 3))
    estimated, rows = np.zeros((n_standard, n_groups), np.int64), np.zeros(n_groups, np.int64)
    has_fallback = ~np.isnan(tables[:, 1:, -1]).all(axis=(1, 2))

    group, values = np.empty(SLAB, np.int32), np.empty((n_standard, SLAB))
    alternative, every_row = np.empty((n_standard, SLAB), np.int8), np.ones(SLAB, np.int8)
    starts, kinds = np.empty(SLAB + 1, np.int64), np.empty(SLAB, np.int64)
    # the longest first, so that threads end together
    tasks = [("pair", row) for row in range(n_ratios)] + [("column", row) for row in range(len(column_sums))]
    tasks += [("estimated", int(row)) for row in np.flatnonzero(has_fallback)] + [("rows", 0)]

    for start, stop in block_bounds(length, SLAB):
        blocks = block_bounds(stop - start, BLOCK)
        stacked = [column[start:stop] for column in columns] + [row[: stop - start] for row in values]

        def prepare(block: int, start=start, blocks=blocks) -> None:
            here, end = blocks[block]
            rule = rows_of(slice(start + here, start + end), group[here:end])
            matrix, first = matrix_of(columns, start + here, start + end)
            standardise_rows(tables, matrix, first, rule, values, alternative, here)

        run_blocks(prepare, len(blocks), threads)
        stretches = find_stretches(group[: stop - start], starts, kinds)
        rows_in = group[: stop - start].view(np.uint32), starts[: stretches + 1], kinds[:stretches]

        def add(task: int, rows_in=rows_in, stacked=stacked) -> None:
            kind, row = tasks[task]
            if kind == "pair":
                _add_pairs(stacked[ratios[0][row]], stacked[ratios[1][row]], *rows_in, pair_sums[row])
            elif kind == "column":
                _add_known(stacked[row], *rows_in, column_sums[row])
            elif kind == "estimated":
                _count_positive(alternative[row], *rows_in, estimated[row])
            else:
                _count_positive(every_row, *rows_in, rows)

        run_blocks(add, len(tasks), threads)

    sums, known = _apart(column_sums, threads)
    (tops, bottoms), pairs = _apart(pair_sums, threads)
    native_sums, standard_sums = sums[0, :n_native], sums[0, n_native:]
    return Rollup(native_sums, known[:n_native], standard_sums, known[n_native:], estimated, tops, bottoms, pairs, rows)


def _apart(joined: np.ndarray, threads: int | None) -> tuple[np.ndarray, np.ndarray]:
    """From (rows, G, sums and a count) to sums (sums, rows, G), NaN where the count is 0, and counts (rows, G)."""
    n_rows, n_groups, width = joined.shape
    sums, counts = np.empty((width - 1, n_rows, n_groups)), np.empty((n_rows, n_groups), np.int64)

    def part(row: int) -> None:
        counts[row] = joined[row, :, -1]
        for one, total in enumerate(sums[:, row]):
            total[:] = joined[row, :, one]
            total[counts[row] == 0] = np.nan

    run_blocks(part, n_rows, threads)
    return sums, counts
