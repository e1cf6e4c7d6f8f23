"""From native counts to standard metrics: weighted sums, with fallbacks where a count is unknown."""

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.arrays import matrix_of, require_array, require_codes, require_columns
from engagerr_core.kernels.dispatch import block_bounds, kernel, run_blocks
from engagerr_core.kernels.stretches import MIXED, find_stretches

BLOCK = 1 << 15  # rows of a block
TILE = 2048  # rows; a few columns of a tile fit the nearest cache


@kernel("void(const float64[::1], const float64[::1], const int32[::1], float64[::1])")
def _add_part(weights, counts, rule, total):
    """Add one part, weight × count, to the rows' totals; a NaN weight says that the rule has no such part."""
    if np.isnan(weights).all():
        return
    for i in range(total.size):
        weight = weights[rule[i]]
        if weight == weight:
            total[i] += weight * counts[i]


@kernel("void(const float64[:, ::1], const float64[:, ::1], int64, int64, float64[::1])")
def _weigh_run(table, native, first, kind, total):
    """Weighted sum of rows from `first` on that share one rule, which has a part at least."""
    begun = False
    for k in range(native.shape[0]):
        weight = table[k, kind]
        if weight != weight:
            continue
        counts = native[k, first : first + total.size]
        if begun:
            for i in range(total.size):
                total[i] += weight * counts[i]
        else:
            for i in range(total.size):
                total[i] = 0.0 + weight * counts[i]
            begun = True


@kernel(
    "void(const float64[:, :, :, ::1], const float64[:, ::1], int64, int64,"
    " float64[:, ::1], int8[:, ::1], int64, int64, float64[::1])"
)
def _standardise_run(tables, native, first, kind, values, alternative, at, end, room):
    """Standardise rows that share one rule: nothing is looked up row by row, and absent parts cost nothing."""
    n_standard, n_alternatives, n_native = tables.shape[0], tables.shape[1], native.shape[0]
    for standard in range(n_standard):
        value, chosen = values[standard, at:end], alternative[standard, at:end]
        settled = False  # whether an alternative has written the rows
        for number in range(n_alternatives):
            table = tables[standard, number]
            if np.isnan(table[n_native, kind]):
                continue
            if not settled:
                _weigh_run(table, native, first, kind, value)
                for i in range(value.size):
                    chosen[i] = number if value[i] == value[i] else -1
                settled = True
            else:
                total = room[: end - at]
                _weigh_run(table, native, first, kind, total)
                for i in range(value.size):
                    if chosen[i] < 0 and total[i] == total[i]:
                        value[i] = total[i]
                        chosen[i] = number
        if not settled:
            for i in range(value.size):
                value[i] = np.nan
                chosen[i] = -1


@kernel(
    "void(const float64[:, :, :, ::1], const float64[:, ::1], int64, const int32[::1],"
    " float64[:, ::1], int8[:, ::1], int64)"
)
def standardise_rows(tables, native, first, rule, values, alternative, at):
    """Standardise the rows of `native` from `first` on, one for each rule; write from column `at` on.

    `tables` are those of `weight_tables`; see `standardise` for the rest.
    """
    n_standard, n_alternatives, n_native = tables.shape[0], tables.shape[1], native.shape[0]
    starts, kinds, room = np.empty(rule.size + 1, np.int64), np.empty(rule.size, np.int64), np.empty(TILE)
    for stretch in range(find_stretches(rule, starts, kinds)):
        kind = kinds[stretch]
        for start in range(starts[stretch], starts[stretch + 1], TILE):
            stop = min(start + TILE, starts[stretch + 1])
            if kind != MIXED:
                _standardise_run(tables, native, first + start, kind, values, alternative, at + start, at + stop, room)
                continue
            codes = rule[start:stop]
            for standard in range(n_standard):
                value = values[standard, at + start : at + stop]
                chosen = alternative[standard, at + start : at + stop]
                for number in range(n_alternatives):
                    table = tables[standard, number]
                    beginning = table[n_native]
                    if number > 0 and np.isnan(beginning).all():
                        continue
                    total = value if number == 0 else room[: stop - start]
                    for i in range(total.size):
                        total[i] = beginning[codes[i]]
                    for k in range(n_native):
                        _add_part(table[k], native[k, first + start : first + stop], codes, total)
                    if number == 0:
                        for i in range(value.size):
                            chosen[i] = 0 if value[i] == value[i] else -1
                    else:
                        for i in range(value.size):
                            if chosen[i] < 0 and total[i] == total[i]:
                                value[i] = total[i]
                                chosen[i] = number


def weight_tables(weights: object, n_native: int) -> np.ndarray:
    """Weights (r, s, a, m), checked, as tables over rules (s, a, m + 1, r + 1).

    The last rule, which -1 picks, stands for none. The last metric holds where a sum begins: 0, or
    NaN where the rule has no part in the alternative, since a sum of nothing is unknown. Raises
    `InvalidArgument`.
    """
    array = require_array("weights", weights, np.float64, (None, None, None, n_native))
    n_rules, n_standard, n_alternatives, _ = array.shape
    if not 1 <= n_alternatives <= 127:
        raise InvalidArgument(f"weights held {n_alternatives} alternatives. Wanted are 1 to 127. Add or merge some.")
    if np.isinf(array).any():
        raise InvalidArgument("weights held an infinity. A weight is a finite number, or NaN for no part. Correct it.")
    tables = np.full((n_standard, n_alternatives, n_native + 1, n_rules + 1), np.nan)
    tables[:, :, :-1, :-1] = array.transpose(1, 2, 3, 0)
    tables[:, :, -1][~np.isnan(tables).all(axis=2)] = 0.0
    return tables


def standardise(
    native, rule: np.ndarray, weights: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Standard metrics of each row, and which alternative each came from.

    `native` holds m native metrics of n rows: a float64 (m, n) array or a sequence of m columns,
    NaN for unknown. `rule` is int32 (n): the row's rule (platform × content type), -1 for none.
    `weights` is float64 (r, s, a, m): for each rule and standard metric up to a alternatives in
    order of preference, each a weighted sum of native metrics; NaN: not a part.

    Each row takes, for each standard metric, the first alternative that has a part and whose parts
    are all known. Returns `values`, float64 (s, n), NaN where no alternative serves, and
    `alternative`, int8 (s, n), its number, -1 for none.

    Infinite counts are known and follow IEEE arithmetic; where they cancel (inf - inf, 0 × inf)
    the sum is not a number, and that alternative counts as unknown. Parts are added in the order
    of the native metrics, so a value carries at most m roundings; rows do not touch each other and
    the number of threads changes nothing. Raises `InvalidArgument` for other dtypes, shapes, codes.
    """
    columns = require_columns("native", native)
    tables = weight_tables(weights, len(columns))
    require_codes("rule", rule, len(columns[0]) if len(columns) else None, below=tables.shape[3] - 1)
    values = np.empty((len(tables), rule.size))
    alternative = np.empty(values.shape, np.int8)
    blocks = block_bounds(rule.size, BLOCK)

    def run(block: int) -> None:
        start, stop = blocks[block]
        matrix, first = matrix_of(columns, start, stop)
        standardise_rows(tables, matrix, first, rule[start:stop], values, alternative, start)

    run_blocks(run, len(blocks), threads)
    return values, alternative
