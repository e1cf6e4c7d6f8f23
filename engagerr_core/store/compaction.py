"""Compaction: the many small files of a platform's month become one, sorted. No row is added, changed or lost.

New files are written beside the old ones and count from one commit on, a commit a partition; who reads at that moment
goes on with the old ones, which stay for a week. A process that dies leaves files that no commit names.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction

from engagerr_core.errors import WorkspaceBusy, WorkspaceDamaged
from engagerr_core.store import audit
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.inventory import (
    Part,
    by_partition,
    exchange,
    last_day,
    open_table,
    parts_of,
    removed_files,
    unnamed_files,
)
from engagerr_core.store.lake import Lake
from engagerr_core.store.parts import PARTITIONS, _Statistics
from engagerr_core.store.sorting import joint_schema, sorted_rows
from engagerr_core.store.tiers import Tier, tier
from engagerr_core.vocabulary.observation import observation_schema

MANY = 64  # files of an active month, above which it is compacted, too
LEVELS: dict[Tier, int] = {"active": 3, "warm": 3, "cold": 15}  # of zstd
REMOVED_DAYS = 7  # readers and older versions may use a removed file for so long
UNNAMED_DAYS = 1  # a file that no commit names may be on its way for so long
SCRATCH = "sorting-"  # how folders begin in which a compaction sorts, beside the lake
COLUMNS = (
    "platform", "month", "tier", "files_before", "files_after", "bytes_before", "bytes_after", "bytes_freed",
)  # fmt: skip


def compact(
    lake: Lake,
    catalogue: Catalogue,
    on: date | None = None,
    *,
    clean: bool = True,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Write each warm and cold month, and active months of very many files, as one sorted file a platform.

    Every answer stays the same. It takes about 1 GB of memory, however large a month is, and room on the disk for one
    month twice. The write lock is held for the commits only; who ingests at the same time waits a moment.

    Parameters
    ----------
    on : the day from which ages are counted; None = the last day on which anything was ingested.
    clean : remove files that have not counted for a week, and those of processes that died a day ago or earlier.
    progress : called with each platform and month when it is begun.

    Returns
    -------
    What was done: platform, month, tier, files_before, files_after, bytes_before, bytes_after, and bytes_freed by
    removing old files. A second time there is nothing to do.

    Raises
    ------
    WorkspaceDamaged
        A file cannot be read, or the disk is full; what was compacted before stays, the rest is as it was.
    WorkspaceBusy
        Another process held the write lock for longer than `lock_timeout`.
    """
    with _named_faults(lake):
        parts = parts_of(open_table(lake))
        day = on or last_day(parts)
        done = {}
        for partition, held in by_partition(parts).items():
            kept_as = tier(partition[1], day or date.min)
            if _due(held, kept_as):
                if progress is not None:
                    progress(" ".join(partition))
                done[partition] = _compact(lake, catalogue, held, kept_as)
        if written := sum(made is not None for made in done.values()):
            _tidy_log(lake)
            audit.enter(catalogue, "compacted", f"months of platforms written as one file each: {written}")
        freed = remove_unused(lake) if clean else {}
    rows = []
    for partition in sorted({*done, *freed}):
        before = by_partition(parts).get(partition, [])
        made = done.get(partition)
        after = [part.size for part in before] if made is None else [made.size]
        counts = len(before), len(after), sum(part.size for part in before), sum(after)
        rows.append((*partition, tier(partition[1], day or date.min), *counts, freed.get(partition, 0)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def remove_unused(lake: Lake, now: float | None = None) -> dict[tuple[str, str], int]:
    """Remove files that no reader can want any more. Returns the bytes freed, by platform and month.

    Those that a commit removed go `REMOVED_DAYS` later: older versions of the table that need them can then no longer
    be opened. Those that no commit ever named, and folders of a sort that died, go `UNNAMED_DAYS` after they were
    written.
    """
    table = open_table(lake)
    oldest = (time.time() if now is None else now) - UNNAMED_DAYS * 86_400
    unnamed = [path for path in unnamed_files(lake, table) if path.stat().st_mtime < oldest]
    removed = [path for name in removed_files(table, REMOVED_DAYS) if (path := lake.folder / name).is_file()]
    freed: dict[tuple[str, str], int] = {}
    for path in [*unnamed, *removed]:
        platform, month, _ = path.relative_to(lake.folder).parts
        partition = platform.partition("=")[2], month.partition("=")[2]
        freed[partition] = freed.get(partition, 0) + path.stat().st_size
        path.unlink()
    for folder in scratch_folders(lake):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder)
    return freed


def scratch_folders(lake: Lake) -> list[Path]:
    """Folders in which a compaction sorts, or sorted when it died."""
    return sorted(lake.folder.parent.glob(f"{SCRATCH}*"))


def write_part(
    lake: Lake, partition: tuple[str, str], name: str, schema: pa.Schema, groups: Iterator[pa.Table], level: int = 3
) -> AddAction:
    """Write row groups as one file of a partition, with checksums. It does not count before it is committed.

    `name` is what the file's name begins with. Nothing of it is left where writing fails.
    """
    values = dict(zip(PARTITIONS, partition, strict=True))
    place = lake.folder.joinpath(*(f"{key}={value}" for key, value in values.items()))
    path = place / f"{name}-{uuid4()}.zstd.parquet"
    statistics = _Statistics()
    try:
        with pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=level, store_schema=False, write_page_checksum=True
        ) as writer:
            for group in groups:
                writer.write_table(group)
                statistics.add(group)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    about = path.relative_to(lake.folder).as_posix(), path.stat().st_size, values, time.time_ns() // 1_000_000
    return AddAction(*about, False, statistics.as_json())


def _due(held: Sequence[Part], kept_as: Tier) -> bool:
    if kept_as == "active":
        return len(held) > MANY
    return len(held) > 1 or not Path(held[0].path).name.startswith(f"{kept_as}-")


def _compact(lake: Lake, catalogue: Catalogue, held: Sequence[Part], kept_as: Tier) -> AddAction | None:
    """Write and commit one partition. None where another process changed its old files in between: it is left so."""
    paths = [lake.folder / part.path for part in held]
    schema = joint_schema(paths, observation_schema())
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=lake.folder.parent) as scratch:
        groups = sorted_rows(paths, schema, Path(scratch))
        made = write_part(lake, held[0].partition, kept_as, schema, groups, LEVELS[kept_as])
    path = lake.folder / made.path
    try:
        _require_all_rows(path, held)
        with catalogue.writing():
            table = open_table(lake)
            if committed := set(held) <= set(parts_of(table)):
                exchange(table, held, [made], rows_change=False, about="compaction", run=None)
    except (WorkspaceBusy, pa.ArrowException):  # after any other fault it may have been committed all the same
        path.unlink()
        raise
    if committed:
        return made
    path.unlink()
    return None


def _require_all_rows(path: Path, held: Sequence[Part]) -> None:
    found, wanted = pq.read_metadata(path).num_rows, sum(part.rows for part in held)
    if found != wanted:
        raise pa.ArrowInvalid(f"{' '.join(held[0].partition)} has {found} rows in its files and {wanted} in the log")


def _tidy_log(lake: Lake) -> None:
    """Write the log's state down in one piece, and remove commits of more than a month ago (Delta's own rule)."""
    table = open_table(lake)
    table.create_checkpoint()
    table.cleanup_metadata()


@contextmanager
def _named_faults(lake: Lake) -> Iterator[None]:
    try:
        yield
    except (DeltaError, pa.ArrowException, duckdb.Error, OSError) as problem:
        words = str(problem).strip().splitlines()[0]
        raise WorkspaceDamaged(
            f"The lake at {lake.folder} cannot be compacted: {words}. Every row is where it was; free space or mend "
            "the disk, look with `engagerr doctor --deep`, then compact again."
        ) from problem
