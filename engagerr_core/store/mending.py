"""Mending: what a repair does about the damage that was found. Nothing is deleted; what is taken out is set aside.

The lake's commit decides here, too. A repair that takes rows out of the lake is a numbered run of it: whatever happens
after the commit, the catalogue sees when it is opened that it has to follow.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction
from sqlalchemy import Connection, func, select

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.store import audit
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.compaction import write_part
from engagerr_core.store.damage import LOST_CATALOGUE, disagreement, inspect, total
from engagerr_core.store.delta_log import log_state
from engagerr_core.store.findings import Finding
from engagerr_core.store.inventory import Part, exchange, open_table, parts_of
from engagerr_core.store.lake import Lake
from engagerr_core.store.lake_damage import APPEND_ONLY, derived_tables, first_line, leftovers, sources_of
from engagerr_core.store.parts import ROWS
from engagerr_core.store.reconcile import mend
from engagerr_core.store.tables import Run

# Without these nothing can be compared, and so nothing mended.
_NEEDED = ("lake missing", "broken log", "catalogue newer", "catalogue unreadable")
FOLDER = "damaged"  # in the workspace: one folder a repair
AGAIN = "ingest-again.txt"  # in that folder: paths of exported files, one a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a repair did.

    Attributes
    ----------
    mended, remaining : findings that are gone, and those that are there now.
    again : paths, as they were shown when they were ingested, of the exported files to ingest again: with them the
        workspace is as it was before the damage.
    unknown_sources : whether rows were lost of which nobody can say from which exported files they came, since the
        catalogue was lost as well.
    aside : folder in the workspace with what was taken out; None where nothing was.
    """

    mended: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    again: tuple[str, ...]
    unknown_sources: bool
    aside: Path | None


class _Aside:
    """The folder of one repair, made when the first thing is put there. Paths stay as they are in the workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.folder = workspace / FOLDER / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"

    def move(self, path: Path) -> None:
        """Take a file or folder out of the workspace."""
        if path.exists():
            shutil.move(path, self._place(path))

    def keep(self, path: Path) -> None:
        """Keep a second name of a file that others may still read."""
        try:
            os.link(path, self._place(path))
        except OSError:  # another disk, or one that knows no links
            shutil.copy2(path, self._place(path))

    def keep_database(self, path: Path) -> None:
        """Keep a copy of an SQLite database as it stands."""
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(self._place(path))) as copy:
            source.backup(copy)

    def note(self, name: str, lines: Iterable[str]) -> None:
        """Write a list."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{audit.one_line(line)}\n" for line in lines)
        (self.folder / name).write_text(text, encoding="utf-8")

    def _place(self, path: Path) -> Path:
        inside = path.is_relative_to(self.workspace)
        place = self.folder / (path.relative_to(self.workspace) if inside else path.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def repair(lake: Lake, catalogue: Catalogue, workspace: Path, deep: bool = False) -> Repair:
    """Mend what can be mended, under the write lock.

    Parameters
    ----------
    workspace : the folder in which `FOLDER` is made for what is taken out.
    deep : look for damage as `inspect` does with `deep`.

    Raises
    ------
    WorkspaceBusy
        Another process holds the write lock.
    WorkspaceDamaged
        The repair itself could not be written, for instance on a full disk. What it did until then holds; run it again.
    """
    found = inspect(lake, catalogue, deep)
    kinds = {one.kind for one in found if one.mendable}
    if not kinds or any(one.kind in _NEEDED and not one.mendable for one in found):
        return Repair(mended=(), remaining=tuple(found), again=(), unknown_sources=False, aside=None)
    aside = _Aside(workspace)
    try:
        rebuilt = bool(kinds & set(LOST_CATALOGUE))
        if rebuilt:
            _take_out_catalogue(catalogue, aside)
        catalogue.prepare(create=rebuilt)
        with catalogue.writing() as connection:
            if catalogue.path is not None and not rebuilt:
                aside.keep_database(catalogue.path)
            state = log_state(lake.folder)
            for path in state.in_the_way:
                aside.move(path)
            again, lost = _mend_lake(connection, lake, aside, deep)
            lost = lost or any(path.suffix == ".json" for path in state.in_the_way)
            mend(connection, lake)
            if "daily table damaged" in kinds:
                for folder in derived_tables(lake):
                    aside.move(folder)
            for path in leftovers(lake):
                aside.move(path)
            for one in found:
                if one.mendable:
                    audit.enter(connection, "repaired", f"{one.kind}: {one.where}")
    except (DeltaError, pa.ArrowException, OSError, sqlite3.Error) as problem:
        raise WorkspaceDamaged(
            f"The repair of {workspace} stopped: {first_line(problem)}. What it took out is in {aside.folder}; "
            "mend the disk or its permissions and run it again."
        ) from problem
    remaining = inspect(lake, catalogue, deep)
    left = {(one.kind, one.where) for one in remaining}
    return Repair(
        mended=tuple(one for one in found if (one.kind, one.where) not in left),
        remaining=tuple(remaining),
        again=tuple(again),
        unknown_sources=rebuilt and lost,
        aside=aside.folder if aside.folder.is_dir() else None,
    )


def _take_out_catalogue(catalogue: Catalogue, aside: _Aside) -> None:
    catalogue.close()
    if catalogue.path is not None:
        for suffix in ("", "-wal", "-shm"):
            aside.move(catalogue.path.with_name(catalogue.path.name + suffix))


def _mend_lake(connection: Connection, lake: Lake, aside: _Aside, deep: bool) -> tuple[list[str], bool]:
    """Take out of the lake what cannot be read, and the other rows of the exported files that lost rows with it.

    So they can be ingested again as a whole. Returns the paths of those files, and whether anything was unreadable.
    """
    whole, damaged = sources_of(lake, parts_of(open_table(lake)), deep)
    held, last = total(whole.values()), _last_run(connection)
    differ = disagreement(connection, held)
    again = differ.again
    if not damaged and last != lake.last_run:  # one of the two is older: what the lake holds is held, as on opening
        again = {file: path for file, path in again.items() if file not in held}
    if again:
        aside.note(AGAIN, sorted(again.values()))
    touched = [part for part, sources in whole.items() if sources.keys() & again.keys()]
    if damaged or touched or (last == lake.last_run and (again or differ.unlisted)):
        for part in touched:
            aside.keep(lake.folder / part.path)
        made = [new for part in touched if (new := _without(lake, part, again.keys())) is not None]
        _lift_protection(lake)
        run = max(last, lake.last_run) + 1
        exchange(open_table(lake), [*damaged, *touched], made, rows_change=True, about="repair", run=run)
        for part in damaged:
            aside.move(lake.folder / part.path)
    _protect(lake)
    return sorted(again.values()), bool(damaged)


def _last_run(connection: Connection) -> int:
    return connection.execute(select(func.max(Run.run)).where(Run.rows_stored > 0)).scalar() or 0


def _without(lake: Lake, part: Part, sources: Iterable[str]) -> AddAction | None:
    """A file of the lake written again without the rows of some exported files; None where no row is left."""
    path, unwanted = lake.folder / part.path, pa.array(sorted(sources), pa.string())
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        kept = (
            rows.filter(pc.invert(pc.is_in(rows["file"], unwanted)))
            for batch in file.iter_batches(ROWS)
            for rows in [pa.Table.from_batches([batch])]
        )
        full = (rows for rows in kept if len(rows))
        made = write_part(lake, part.partition, path.name.split("-")[0], file.schema_arrow, full)
    if pq.read_metadata(lake.folder / made.path).num_rows:
        return made
    (lake.folder / made.path).unlink()
    return None


def _lift_protection(lake: Lake) -> None:
    """Allow that rows go. Delta asks for it, and says so in the log; `_protect` takes it back."""
    table = open_table(lake)
    if table.metadata().configuration.get(APPEND_ONLY) == "true":
        table.alter.set_table_properties({APPEND_ONLY: "false"})


def _protect(lake: Lake) -> None:
    table = open_table(lake)
    if table.metadata().configuration.get(APPEND_ONLY) != "true":
        table.alter.set_table_properties({APPEND_ONLY: "true"})
