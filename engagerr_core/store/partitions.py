"""Partitions of the lake: one platform's rows of one month, read as far as daily tables need them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engagerr_core.store.lake import Lake
from engagerr_core.vocabulary.observation import METRICS, observation_schema


class Partition(NamedTuple):
    """One partition: its files (names in the lake's folder, sorted) and how many rows they hold."""

    platform: str
    month: str
    files: tuple[str, ...]
    rows: int


def partitions(lake: Lake) -> list[Partition]:
    """The partitions of the lake as it stands now, by platform and month."""
    with lake._named_faults():
        actions = pa.table(lake._table().get_add_actions(flatten=True))
    names = ("partition.platform", "partition.month", "path", "num_records")
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for platform, month, path, rows in zip(*(actions[name].to_pylist() for name in names), strict=True):
        found.setdefault((platform, month), []).append((path, rows or 0))
    return [
        Partition(platform, month, tuple(sorted(path for path, _ in files)), sum(rows for _, rows in files))
        for (platform, month), files in sorted(found.items())
    ]


def read_partitions(
    lake: Lake,
    chosen: Sequence[Partition],
    dimensions: Sequence[str],
    *,
    creator: str | None = None,
    as_of: datetime | None = None,
    without: Collection[str] = (),
) -> pa.Table:
    """Rows of some partitions of one platform, split by these dimensions only (empty = totals).

    All columns of an observation, but only those metrics that one of the files has. `as_of` leaves out what was
    ingested later, `without` the rows of some source files.
    """
    schema = observation_schema()
    with lake._named_faults():
        paths = [lake.folder / name for partition in chosen for name in partition.files]
        tables = [_rows(path, dimensions, creator, as_of, without) for path in paths]
    empty = pa.schema([f for f in schema if f.name not in METRICS and f.name != "platform"]).empty_table()
    table = pa.concat_tables([empty, *tables], promote_options="default")
    name = chosen[0].platform if chosen else ""
    table = table.append_column(schema.field("platform"), pa.repeat(name, len(table)))
    return table.select([f.name for f in schema if f.name in table.column_names])


def _rows(
    path: Path, dimensions: Sequence[str], creator: str | None, as_of: datetime | None, without: Collection[str]
) -> pa.Table:
    table = pq.ParquetFile(path).read()
    inside = pc.is_in(table["dimension"], pa.array(dimensions, pa.string()))
    if creator is not None:
        inside = pc.and_(inside, pc.equal(table["creator"], creator))
    if as_of is not None:
        inside = pc.and_(inside, pc.less_equal(table["known_at"], pa.scalar(as_of, pa.timestamp("us", tz="UTC"))))
    if without:
        inside = pc.and_not(inside, pc.is_in(table["file"], pa.array(sorted(without), pa.string())))
    return table.filter(inside)


def without_empty_metrics(table: pa.Table) -> pa.Table:
    """The same rows without the metrics of which nothing is known."""
    empty = [n for n in table.column_names if n in METRICS and table[n].null_count == len(table)]
    return table.drop_columns(empty) if empty else table


def renamed(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """The same rows with other names for some accounts."""
    at = table.column_names.index("account")
    given = table["account"].combine_chunks().dictionary_encode()
    if not any(name in names for name in given.dictionary.to_pylist()):
        return table
    told = pa.array([names.get(name, name) for name in given.dictionary.to_pylist()], pa.string())
    return table.set_column(at, table.schema.field(at), pc.take(told, given.indices))
