"""From native counts to standard metrics: weighted sums, with fallbacks where a count is unknown."""

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.arrays import matrix_of, require_array, require_codes, require_columns
from engagerr_core.kernels.dispatch import block_bounds, kernel, run_blocks

BLOCK = 1 << 15  # rows of a block
TILE = 2048  # rows; the columns of a tile that are at work fit the nearest cache


@kernel(
    "void(const float64[:, :, :, ::1], const float64[:, ::1], int64, const int32[::1],"
    " float64[:, ::1], int8[:, ::1], int64)"
)
def standardise_rows(tables, native, first, rule, values, alternative, at):
    """Standardise the rows of `native` from `first` on, one for each rule; write from column `at` on.

    `tables` are those of `weight_tables`; see `standardise` for the rest.
    """
    n_standard, n_alternatives, _, n_rules = tables.shape
    places, total = np.empty(TILE, np.uint32), np.empty(TILE)  # unsigned: no test for negative indices
    for start in range(0, rule.size, TILE):
        size = min(TILE, rule.size - start)
        for i in range(size):
            places[i] = rule[start + i] if rule[start + i] >= 0 else n_rules - 1
        for standard in range(n_standard):
            target = values[standard, at + start : at + start + size]
            chosen = alternative[standard, at + start : at + start + size]
            _weigh(tables[standard, 0], native, first + start, places[:size], target)
            for i in range(size):
                chosen[i] = 0 if target[i] == target[i] else -1
            for number in range(1, n_alternatives):
                if _weigh(tables[standard, number], native, first + start, places[:size], total):
                    for i in range(size):
                        if chosen[i] < 0 and total[i] == total[i]:
                            target[i] = total[i]
                            chosen[i] = number


@kernel("boolean(const float64[:, ::1], const float64[:, ::1], int64, const uint32[::1], float64[::1])")
def _weigh(table, native, first, places, total):
    """One alternative: Σ weight × metric of each row, NaN where a part is unknown; False where nobody uses it."""
    beginning = table[native.shape[0]]
    for i in range(places.size):
        total[i] = beginning[places[i]]
    if np.isnan(beginning).all():
        return False
    for k in range(native.shape[0]):
        weights = table[k]
        if not np.isnan(weights).all():
            values = native[k, first : first + places.size]
            for i in range(places.size):
                weight = weights[places[i]]
                total[i] += weight * values[i] if weight == weight else 0.0
    return True


def weight_tables(weights: object, n_native: int) -> np.ndarray:
    """Weights (r, s, a, m), checked, as tables over rules (s, a, m + 1, r + 1).

    The last rule stands for none. The last metric holds where a sum begins: 0, or NaN where the rule
    has no part in the alternative, since a sum of nothing is unknown. Raises `InvalidArgument`.
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
