"""Inventory: the files that the lake's log names, without opening any of them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.transaction import AddAction, RemoveAction

from engagerr_core.store.lake import _APPLICATION, Lake
from engagerr_core.store.parts import PARTITIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Parquet file of the lake, as the log tells it.

    Attributes
    ----------
    path : relative to the lake's folder.
    platform, month : its partition.
    rows, size : rows and bytes that it must have.
    latest : the greatest `known_at` in it; None where it has no rows.
    """

    path: str
    platform: str
    month: str
    rows: int
    size: int
    latest: datetime | None

    @property
    def partition(self) -> tuple[str, str]:
        return self.platform, self.month


def open_table(lake: Lake) -> DeltaTable:
    """The lake's Delta table at its latest version."""
    return DeltaTable(str(lake.folder))


def parts_of(table: DeltaTable) -> list[Part]:
    """All files of a table's version, by partition and name."""
    rows = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    found = [
        Part(
            path=row["path"],
            platform=row["partition.platform"],
            month=row["partition.month"],
            rows=row["num_records"],
            size=row["size_bytes"],
            latest=row.get("max.known_at"),
        )
        for row in rows
    ]
    return sorted(found, key=lambda part: (part.partition, part.path))


def by_partition(parts: Iterable[Part]) -> dict[tuple[str, str], list[Part]]:
    """The files of each platform and month."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        found.setdefault(part.partition, []).append(part)
    return found


def last_day(parts: Iterable[Part]) -> date | None:
    """The latest day on which anything was ingested; None for an empty lake."""
    return max((part.latest.date() for part in parts if part.latest is not None), default=None)


def removed_files(table: DeltaTable, days: int = 0) -> set[str]:
    """Files that older versions have and this one has not, since at least so many days, as far as the log remembers."""
    return set(table.vacuum(retention_hours=24 * days, enforce_retention_duration=False, dry_run=True))


def unnamed_files(lake: Lake, table: DeltaTable) -> list[Path]:
    """Parquet files that no version names, which the log remembers: a process died before its commit."""
    named = {part.path for part in parts_of(table)} | removed_files(table)
    found = lake.folder.glob("platform=*/month=*/*.parquet")
    return sorted(path for path in found if path.relative_to(lake.folder).as_posix() not in named)


def exchange(
    table: DeltaTable, old: Sequence[Part], new: Sequence[AddAction], *, rows_change: bool, about: str, run: int | None
) -> None:
    """Commit once: the new files instead of the old ones. Only to be called under the catalogue's write lock.

    Delta does not notice when two commits remove the same file: the lock is what keeps rows from being doubled.

    Parameters
    ----------
    rows_change : whether rows come or go; False = they are arranged anew.
    about : what is done, for the log.
    run : number of the run that the lake is to remember as its last. None = the same as before.
    """
    at = time.time_ns() // 1_000_000
    gone = [
        RemoveAction(part.path, rows_change, at, part.size, dict(zip(PARTITIONS, part.partition, strict=True)))
        for part in old
    ]
    numbered = None if run is None else [Transaction(_APPLICATION, run)]
    table.create_write_transaction(
        [*gone, *new],
        mode="append",
        schema=table.schema(),
        partition_by=list(PARTITIONS),
        commit_properties=CommitProperties(custom_metadata={"engagerr": about}, app_transactions=numbered),
    )
