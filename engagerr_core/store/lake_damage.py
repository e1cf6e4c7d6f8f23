"""Damage to the folder of the lake: its log, its files, the tables derived from it, and what lies about."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from engagerr_core.store.compaction import UNNAMED_DAYS, scratch_folders
from engagerr_core.store.delta_log import LOG, log_state
from engagerr_core.store.findings import Finding
from engagerr_core.store.inventory import Part, open_table, parts_of, unnamed_files
from engagerr_core.store.lake import Lake
from engagerr_core.store.parts import ROWS

_WRITING = ("*.tmp", "*#*")  # names of commits and checkpoints while they are written
APPEND_ONLY = "delta.appendOnly"
MISSING = "are in a file that is missing"


def lake_findings(lake: Lake, deep: bool = False) -> Iterator[Finding]:
    """What is wrong with the observations' table. `deep` reads each file to its end instead of its ends only."""
    if in_log := [*_log_findings(lake)]:
        yield from in_log
        return
    try:
        table = open_table(lake)
        parts = parts_of(table)
    except (DeltaError, OSError) as problem:
        yield Finding(
            kind="broken log",
            where=str(lake.folder / LOG),
            what=f"The table does not open: {first_line(problem)}.",
            consequence="No figure can be read.",
            mendable=False,
            how="Update engagerr, or restore the folder from a backup.",
        )
        return
    if table.metadata().configuration.get(APPEND_ONLY) != "true":
        yield Finding(
            kind="lake unprotected",
            where=str(lake.folder),
            what="The table does not say any more that rows may only be added.",
            consequence="Other programs could change rows; a repair was interrupted, or somebody changed the table.",
            mendable=True,
            how="The repair says so again.",
        )
    for part in parts:
        if fault := part_damage(lake, part, deep):
            yield part_finding(lake, part, fault)


def part_finding(lake: Lake, part: Part, problem: str) -> Finding:
    """What to say of a file of the lake, given what `part_damage` says."""
    return Finding(
        kind="missing file" if problem == MISSING else "damaged file",
        where=str(lake.folder / part.path),
        what=f"{part.rows:,} rows of {part.platform} in {part.month} {problem}.",
        consequence="They cannot be read, nor can what includes them.",
        mendable=True,
        how="Restore the file from a backup, which loses nothing. Otherwise the repair lets the lake forget it and "
        "tells which exported files to ingest again.",
    )


def _log_findings(lake: Lake) -> Iterator[Finding]:
    state = log_state(lake.folder)
    if state.last is None:
        yield Finding(
            kind="lake missing",
            where=str(lake.folder),
            what="There is no whole log of the table." if lake.folder.is_dir() else "The folder is missing.",
            consequence="No figure can be read.",
            mendable=False,
            how="Restore the folder from a backup. If there is none: move it away, run `engagerr init` on the "
            "workspace, and ingest the exported files again.",
        )
        return
    lost = f"Back to version {state.last}; exported files that were stored later must be ingested again."
    for path in state.broken:
        yield Finding(
            kind="broken log",
            where=str(path),
            what="Missing, half-written or unreadable.",
            consequence="The lake cannot be read, or not all of it.",
            mendable=True,
            how=lost if path.suffix == ".json" else "Set aside: the commits tell the same.",
        )


def part_damage(lake: Lake, part: Part, deep: bool = False) -> str:
    """What is wrong with one file of the lake, empty where nothing is."""
    path = lake.folder / part.path
    if not path.is_file():
        return MISSING
    if (size := path.stat().st_size) != part.size:
        return f"are in a file of {size:,} bytes instead of {part.size:,}"
    return parquet_damage(path, part.rows, deep)


def parquet_damage(path: Path, rows: int, deep: bool) -> str:
    """What is wrong with a Parquet file that should have so many rows, empty where nothing is.

    `deep` reads all of it, with the checksums of its pages where it has any, and looks at every text.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            found = file.metadata.num_rows
            if deep:
                found = 0
                for batch in file.iter_batches(ROWS):
                    batch.validate(full=True)
                    found += len(batch)
    except (pa.ArrowException, OSError, ValueError) as problem:
        return f"are in a damaged file ({first_line(problem)})"
    return "" if found == rows else f"are in a file of {found:,} rows"


def sources_of(
    lake: Lake, parts: Iterable[Part], deep: bool = False
) -> tuple[dict[Part, Counter[str]], dict[Part, str]]:
    """Of the files that can be read, how many rows each has of which exported file; of the others, what is wrong."""
    whole, damaged = {}, {}
    for part in parts:
        problem = part_damage(lake, part, deep)
        if not problem:
            try:
                whole[part] = _rows_by_source(lake, part)
            except (pa.ArrowException, OSError) as fault:
                problem = f"are in a damaged file ({first_line(fault)})"
        if problem:
            damaged[part] = problem
    return whole, damaged


def _rows_by_source(lake: Lake, part: Part) -> Counter[str]:
    counts: Counter[str] = Counter()
    with pq.ParquetFile(lake.folder / part.path, read_dictionary=["file"], page_checksum_verification=True) as file:
        for batch in file.iter_batches(ROWS, columns=["file"]):
            for entry in batch.column(0).value_counts().to_pylist():
                counts[entry["values"]] += entry["counts"]
    return counts


def derived_findings(lake: Lake, deep: bool = False) -> Iterator[Finding]:
    """What is wrong with the tables beside the observations, which are made from them."""
    for folder in derived_tables(lake):
        problem = _derived_damage(folder, deep)
        if problem:
            yield Finding(
                kind="daily table damaged",
                where=str(folder),
                what=problem,
                consequence="Figures that use it cannot be made.",
                mendable=True,
                how="The repair sets the daily tables aside; `engagerr refresh` makes them again.",
            )


def derived_tables(lake: Lake) -> list[Path]:
    """Folders of tables beside the observations, at any depth."""
    found = {log.parent for log in lake.folder.parent.rglob(LOG)}
    return sorted(folder for folder in found if folder != lake.folder)


def _derived_damage(folder: Path, deep: bool) -> str:
    if log_state(folder).broken or log_state(folder).last is None:
        return "Its log is broken."
    try:
        rows = pa.table(DeltaTable(str(folder)).get_add_actions(flatten=True)).to_pylist()
    except (DeltaError, OSError) as problem:
        return f"It does not open: {first_line(problem)}."
    for row in rows:
        path = folder / row["path"]
        if not path.is_file():
            return f"{row['path']} is missing."
        if path.stat().st_size != row["size_bytes"]:
            return f"{row['path']} has {path.stat().st_size:,} bytes instead of {row['size_bytes']:,}."
        if fault := parquet_damage(path, row["num_records"], deep):
            return f"The rows of {row['path']} {fault}."
    return ""


def leftover_findings(lake: Lake, now: float | None = None) -> Iterator[Finding]:
    """Files and folders of processes that died at least `UNNAMED_DAYS` ago."""
    for path in leftovers(lake, now):
        yield Finding(
            kind="leftover",
            where=str(path),
            what="Left behind by a process that died.",
            consequence="It takes up room; nothing reads it.",
            mendable=True,
            how="The repair sets it aside.",
        )


def leftovers(lake: Lake, now: float | None = None) -> list[Path]:
    """What no commit names and nobody can still be writing."""
    oldest = (time.time() if now is None else now) - UNNAMED_DAYS * 86_400
    found = [*scratch_folders(lake), *(p for form in _WRITING for p in lake.folder.parent.rglob(f"{LOG}/{form}"))]
    with suppress(DeltaError, OSError):  # without a log nobody can say what it names
        found += unnamed_files(lake, open_table(lake))
    return sorted(path for path in found if path.stat().st_mtime < oldest)


def first_line(problem: BaseException) -> str:
    """The first line of a message: libraries add their own stack to it."""
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
