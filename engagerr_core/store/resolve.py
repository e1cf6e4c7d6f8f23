"""Resolve: from all that was ever said to the one table that holds now, or that held as known on a day.

A row is overwritten by nobody. Several files may speak about the same figure; the resolve step takes, metric by metric,
the latest known value. An unknown never replaces a known one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS, SPAN, SPLIT, SUBJECT

MONEY: tuple[str, ...] = tuple(name for name in METRICS if metrics()[name].unit == "money")
KEY = (*SUBJECT, *SPLIT, *SPAN)


def resolve(table: pa.Table, as_of: datetime | None = None) -> pa.Table:
    """One row per subject, dimension, basis and period, and for stocks per observed day.

    Each metric is the latest known value, in the order of: when the platform showed it (`observed_at`, or `known_at`
    where the source does not tell), when it was ingested, file, row. Money is taken in the currency that was used last;
    amounts in another currency are unknown, never converted and never mixed. The stamps `observed_at`, `known_at`,
    `file` and `row` are those of the latest row that speaks about the subject, whatever metrics it had.

    Parameters
    ----------
    table : canonical observations in any order; metric columns may be missing, and `currency` where no money is.
    as_of : leave out what was ingested after this instant. None = all.

    Returns
    -------
    The same columns, sorted by subject, dimension, basis, period and observed day. The order of the rows given does not
    matter; resolving twice changes nothing.
    """
    if as_of is not None:
        table = table.filter(pc.less_equal(table["known_at"], pa.scalar(as_of, pa.timestamp("us", tz="UTC"))))
    group = _groups(table)
    order = _order(table, group)
    history = _History.of(group[order])
    money = [name for name in MONEY if name in table.column_names]
    currency, same_currency = history.last, np.ones(len(table), bool)
    if "currency" in table.column_names:
        currency = history.latest(_any_known(table, money)[order], otherwise_last=True)
        same_currency = history.spread(_ranks(table["currency"])[0][order], currency)
    columns = []
    for name in table.column_names:
        column = table[name]
        if name not in METRICS:
            columns.append(_take(column, order, currency if name == "currency" else history.last))
        elif column.null_count == len(table):
            columns.append(pa.nulls(history.groups, column.type))
        else:
            known = pc.is_valid(column).to_numpy()[order]
            columns.append(_take(column, order, history.latest(known & same_currency if name in MONEY else known)))
    return pa.table(columns, schema=table.schema)


def in_order(table: pa.Table) -> pa.Table:
    """The same rows, unresolved, sorted as `resolve` sorts and then from the oldest to the latest."""
    return table.take(pa.array(_order(table, _groups(table))))


def _seen(table: pa.Table) -> pa.Array:
    return pc.coalesce(table["observed_at"], table["known_at"])


def _ranks(values: pa.ChunkedArray | pa.Array) -> tuple[np.ndarray, int]:
    """Rank of each value among the distinct ones (null is lowest), and how many ranks there are."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    encoded = values.dictionary_encode()
    rank = np.zeros(len(encoded.dictionary) + 1, np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(1, len(encoded.dictionary) + 1)
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return rank[codes], len(encoded.dictionary) + 1


def _groups(table: pa.Table) -> np.ndarray:
    """Number of each row's group: equal keys have equal numbers, and numbers are in the order of the keys."""
    day = pc.if_else(
        pc.equal(table["basis"], "stock"), _seen(table).cast(pa.date32(), safe=False), pa.scalar(None, pa.date32())
    )
    return numbered([*(table[name] for name in KEY), day])


def numbered(columns: Sequence[pa.ChunkedArray | pa.Array]) -> np.ndarray:
    """A number for each row of some columns: equal rows have equal ones, in the order of the rows; null is lowest."""
    group, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        rank, count = _ranks(column)
        if size > np.iinfo(np.int64).max // count:
            distinct, group = np.unique(group, return_inverse=True)
            size = len(distinct)
        group = group * count + rank
        size *= count
    return group


def _order(table: pa.Table, group: np.ndarray) -> np.ndarray:
    """Indices that sort by group, then from the oldest statement to the latest."""
    instants = [column.cast(pa.int64()).to_numpy() for column in (_seen(table), table["known_at"])]
    return np.lexsort((table["row"].to_numpy(), _ranks(table["file"])[0], instants[1], instants[0], group))


def _any_known(table: pa.Table, names: Sequence[str]) -> np.ndarray:
    known = np.zeros(len(table), bool)
    for name in names:
        known |= pc.is_valid(table[name]).to_numpy()
    return known


@dataclass(frozen=True, slots=True)
class _History:
    """Sorted rows in groups, each from the oldest statement to the latest.

    Most groups have one row; only those with several (`contested`) are searched.
    """

    last: np.ndarray  # position of each group's last row
    contested: np.ndarray  # bool per group: several rows
    positions: np.ndarray  # of the rows of contested groups
    starts: np.ndarray  # where in `positions` each contested group begins
    sizes: np.ndarray  # rows per group

    @classmethod
    def of(cls, group: np.ndarray) -> "_History":
        first = np.flatnonzero(np.diff(group, prepend=-1))
        sizes = np.diff(first, append=len(group))
        contested = sizes > 1
        starts = np.cumsum(sizes[contested]) - sizes[contested]
        return cls(first + sizes - 1, contested, np.flatnonzero(np.repeat(contested, sizes)), starts, sizes)

    @property
    def groups(self) -> int:
        return len(self.last)

    def latest(self, known: np.ndarray, otherwise_last: bool = False) -> np.ndarray:
        """Position of the last known row of each group; −1, or the last row, where none is known."""
        rows = np.where(known[self.last], self.last, -1)
        if len(self.starts):
            candidates = np.where(known[self.positions], self.positions, -1)
            rows[self.contested] = np.maximum.reduceat(candidates, self.starts)
        return np.where(rows < 0, self.last, rows) if otherwise_last else rows

    def spread(self, codes: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Whether each row has the code of its group's chosen row."""
        return codes == np.repeat(codes[chosen], self.sizes)


def _take(column: pa.ChunkedArray, order: np.ndarray, rows: np.ndarray) -> pa.Array:
    """The values at sorted positions; unknown where the position is −1."""
    unknown = rows < 0
    indices = pa.array(order[rows], mask=unknown) if unknown.any() else pa.array(order[rows])
    return column.combine_chunks().take(indices)
