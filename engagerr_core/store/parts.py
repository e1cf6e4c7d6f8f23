"""Parts: rows to Parquet files, one for each platform and month, ready to be committed to the lake."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from engagerr_core.store.conform import widen
from engagerr_core.vocabulary.observation import METRICS, observation_schema

PARTITIONS = ("platform", "month")
NO_MONTH = "unknown"
ROWS = 131_072  # of a row group: bounds memory at about 40 MB
STATISTICS = ("creator", "period_start", "known_at")  # by which files are passed over when they are read

Piece = tuple[pa.Table, np.ndarray]  # a table, and the positions of some of its rows


def write_parts(tables: Iterable[pa.Table], folder: Path) -> list[AddAction]:
    """Write conforming tables, one file for each platform and month, with the metric columns that it needs.

    Nothing refers to the files before the lake commits them: those of a process that dies are never looked at.
    """
    parts: dict[tuple[str, str], list[Piece]] = {}
    for table in tables:
        for key, rows in _divided(table):
            parts.setdefault(key, []).append((table, rows))
    return [_write(folder, dict(zip(PARTITIONS, key, strict=True)), parts[key]) for key in sorted(parts)]


def month(table: pa.Table) -> pa.Array:
    """The partition of each row: the month a flow starts in or a stock was observed in, such as ``2026-03``.

    Rows whose source tells no day are in ``unknown``.
    """
    flow = pc.equal(table["basis"], "flow")
    first = pc.if_else(flow, table["period_start"], table["observed_at"].cast(pa.date32(), safe=False))
    days = first.combine_chunks().dictionary_encode()
    names = pa.array([month_of(day) for day in days.dictionary.to_pylist()], pa.string())
    return names.take(days.indices).fill_null(NO_MONTH)


def month_of(day: date) -> str:
    """The name of a day's month."""
    return f"{day.year:04d}-{day.month:02d}"


def _divided(table: pa.Table) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """The positions of the rows of each platform and month, in their order."""
    if not len(table):
        return
    platform, months = (_encoded(column) for column in (table["platform"].combine_chunks(), month(table)))
    code = platform.indices.to_numpy().astype(np.int32) * len(months.dictionary) + months.indices.to_numpy()
    order = np.argsort(code, kind="stable").astype(np.int32)
    for rows in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
        first = int(rows[0])
        yield (platform[first].as_py(), months[first].as_py()), rows


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _write(folder: Path, partition: dict[str, str], pieces: Sequence[Piece]) -> AddAction:
    """One file, and what the lake writes down about it."""
    told = {name for table, _ in pieces for name in table.column_names}
    kept = [f for f in observation_schema() if f.name not in PARTITIONS and (f.name in told or f.name not in METRICS)]
    place = folder.joinpath(*(f"{name}={value}" for name, value in partition.items()))
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"part-{uuid4()}.zstd.parquet"
    statistics = _Statistics()
    with pq.ParquetWriter(
        path, pa.schema(kept), compression="zstd", store_schema=False, write_page_checksum=True
    ) as writer:
        for group in _row_groups(pieces, pa.schema(kept)):
            writer.write_table(group)
            statistics.add(group)
    about = path.relative_to(folder).as_posix(), path.stat().st_size, partition, time.time_ns() // 1_000_000
    return AddAction(*about, True, statistics.as_json())


def _row_groups(pieces: Sequence[Piece], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of all pieces in groups of `ROWS`, only one of which is written out in full at a time."""
    waiting: list[pa.Table] = []
    for table, rows in pieces:
        for at in range(0, len(rows), ROWS):
            waiting.append(widen(table.take(pa.array(rows[at : at + ROWS])), schema))
            if sum(map(len, waiting)) >= ROWS:
                yield pa.concat_tables(waiting)
                waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


class _Statistics:
    """Rows of a file, and the least and greatest values of some columns, as Delta wants them."""

    def __init__(self) -> None:
        self.rows = 0
        self.unknown = dict.fromkeys(STATISTICS, 0)
        self.known: dict[str, list[Any]] = {name: [] for name in STATISTICS}

    def add(self, group: pa.Table) -> None:
        self.rows += len(group)
        for name in STATISTICS:
            self.unknown[name] += group[name].null_count
            bounds = pc.min_max(group[name]).as_py()
            self.known[name] += [bound for bound in bounds.values() if bound is not None]

    def as_json(self) -> str:
        told = {name: values for name, values in self.known.items() if values}
        return json.dumps(
            {
                "numRecords": self.rows,
                "minValues": {name: _written(min(values)) for name, values in told.items()},
                "maxValues": {name: _written(max(values)) for name, values in told.items()},
                "nullCount": self.unknown,
            }
        )


def _written(value: str | date | datetime) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    return value if isinstance(value, str) else value.isoformat()
