"""Sorting: the rows of many Parquet files in one order, in bounded memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engagerr_core.store.conform import widen
from engagerr_core.store.parts import PARTITIONS, ROWS
from engagerr_core.store.resolve import KEY

MEMORY = "512MB"  # for sorting; what is beyond lies on disk. With the rows being read and written about 1 GB in all
_READ_AT_ONCE = 16_384  # rows
_POSITION = "position"  # of a row among all: rows that are equal in everything keep their order
_ORDER = (*KEY, "known_at", "observed_at", "file", "row")


def sorted_rows(paths: Sequence[Path], schema: pa.Schema, scratch: Path) -> Iterator[pa.Table]:
    """The rows of files of one partition, by subject, period and `known_at`: one post's history lies together.

    Parameters
    ----------
    paths : files, in any order.
    schema : columns to return; a file without one of them gives nulls. See `joint_schema`.
    scratch : folder for what does not fit into memory.

    Returns
    -------
    Tables of `ROWS` rows, the last one shorter.
    """
    numbered = schema.append(pa.field(_POSITION, pa.int64()))
    names = ", ".join(f'"{name}"' for name in schema.names)
    order = ", ".join(f'"{name}" NULLS FIRST' for name in (*_ORDER, _POSITION) if name in numbered.names)
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 1, "temp_directory": str(scratch)}) as connection:
        connection.register("rows", pa.RecordBatchReader.from_batches(numbered, _numbered(paths, schema)))
        for batch in connection.sql(f"SELECT {names} FROM rows ORDER BY {order}").to_arrow_reader(ROWS):  # noqa: S608
            yield pa.Table.from_batches([batch]).cast(schema)


def joint_schema(paths: Sequence[Path], canonical: pa.Schema) -> pa.Schema:
    """The columns that any of the files has, in canonical order; columns that nobody defines any more come last."""
    found = {field.name: field for path in paths for field in pq.read_schema(path)}
    known = [field for field in canonical if field.name in found and field.name not in PARTITIONS]
    return pa.schema([*known, *(found[name] for name in sorted(found) if name not in canonical.names)])


def _numbered(paths: Sequence[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    at = 0
    for path in sorted(paths):
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(_READ_AT_ONCE):
                table = widen(pa.Table.from_batches([batch]), schema)
                table = table.append_column(_POSITION, pa.array(np.arange(at, at + len(batch))))
                at += len(batch)
                yield from table.combine_chunks().to_batches()
