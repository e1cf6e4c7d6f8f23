"""Damage: what is wrong with a workspace's stores, found without changing anything."""

import pkgutil
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy import inspect as look

from engagerr_core.errors import WorkspaceBusy, WorkspaceDamaged
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.findings import Finding
from engagerr_core.store.inventory import open_table, parts_of
from engagerr_core.store.lake import Lake
from engagerr_core.store.lake_damage import (
    derived_findings,
    first_line,
    lake_findings,
    leftover_findings,
    part_finding,
    sources_of,
)
from engagerr_core.store.migrations import HEAD, versions
from engagerr_core.store.tables import Base, File, Run

LITTLE_SPACE = 200_000_000  # bytes: about what one batch of an ingest, or one month's compaction, needs
LOCK_SECONDS = 1.0  # to wait for the write lock before it counts as held
_CORRUPT = ("malformed", "not a database", "corrupt")  # what SQLite says of a file that no permission would mend
# Kinds of findings after which the catalogue is made anew from the lake.
LOST_CATALOGUE = ("catalogue missing", "catalogue empty", "catalogue damaged")


def inspect(lake: Lake, catalogue: Catalogue, deep: bool = False) -> list[Finding]:
    """Look at everything that a workspace keeps. Changes nothing.

    Parameters
    ----------
    deep : read every file of the lake to its end and check every page and index of the catalogue; otherwise their
        sizes, their ends and their numbers of rows.
    """
    in_lake = [*lake_findings(lake, deep)]
    in_catalogue = [*_catalogue_findings(catalogue, deep)]
    found = [*_room_findings(lake, catalogue), *in_catalogue, *in_lake]
    readable = not {one.kind for one in in_catalogue} - {"locked"}
    if readable and not {one.kind for one in in_lake} & {"lake missing", "broken log"}:
        told = {one.where for one in in_lake}
        found += [one for one in _disagreements(lake, catalogue, deep or bool(told)) if one.where not in told]
    return [*found, *derived_findings(lake, deep), *leftover_findings(lake)]


def _room_findings(lake: Lake, catalogue: Catalogue) -> Iterator[Finding]:
    """Whether there is room and leave to write."""
    folders = {lake.folder, *([catalogue.path.parent] if catalogue.path is not None else [])}
    for folder in sorted(folders):
        if not folder.is_dir():
            continue
        if (free := shutil.disk_usage(folder).free) < LITTLE_SPACE:
            yield Finding(
                kind="little space",
                where=str(folder),
                what=f"{free // 1_000_000} MB are free on this disk.",
                consequence="An ingest or a compaction may have to stop; what is stored stays.",
                mendable=False,
                how="Free space.",
            )
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"\0" * 4096)
        except OSError as problem:
            yield Finding(
                kind="not writable",
                where=str(folder),
                what=f"Nothing can be written here: {problem.strerror}.",
                consequence="Nothing can be ingested.",
                mendable=False,
                how="Mend the folder's permissions or the disk.",
            )


def _catalogue_findings(catalogue: Catalogue, deep: bool) -> Iterator[Finding]:
    path, name = catalogue.path, catalogue.url.render_as_string(hide_password=True)
    where = str(path or name)
    rebuild = (
        "The repair rebuilds it from the lake; ingest the exported files again to bring back titles and quarantine."
    )
    if path is not None and not path.is_file():
        yield Finding(
            kind="catalogue missing",
            where=where,
            what="The file is missing.",
            consequence="The workspace does not open.",
            mendable=True,
            how=f"Restore it from a backup. Otherwise: {rebuild}",
        )
        return
    try:
        with catalogue.reading() as connection:
            faults, version = _faults(connection, deep), _version(connection)
    except WorkspaceDamaged as problem:
        faults, version = [str(problem.__cause__)], HEAD
        if path is None or not any(sign in str(problem) for sign in _CORRUPT):
            yield Finding(
                kind="catalogue unreadable",
                where=where,
                what=f"It cannot be read: {first_line(problem.__cause__ or problem)}.",
                consequence="The workspace does not open.",
                mendable=False,
                how="Mend the permissions, the disk or the server; nothing of it is lost by that.",
            )
            return
    if faults:
        yield Finding(
            kind="catalogue damaged",
            where=where,
            what=f"The database is corrupt: {'; '.join(faults[:3]).splitlines()[0]}.",
            consequence="The workspace does not open, or not all of it can be read.",
            mendable=True,
            how=f"Restore it from a backup. Otherwise: {rebuild}",
        )
    elif version is None:
        yield Finding(
            kind="catalogue empty",
            where=where,
            what="The database has no tables.",
            consequence="The workspace does not open.",
            mendable=True,
            how=f"Restore it from a backup. Otherwise: {rebuild}",
        )
    elif version != HEAD:
        older = any(module.name.startswith(f"{version}_") for module in pkgutil.iter_modules(versions.__path__))
        yield Finding(
            kind="catalogue older" if older else "catalogue newer",
            where=where,
            what=f"Its tables have version {version}; this engagerr writes {HEAD}.",
            consequence="The workspace opens all the same." if older else "The workspace does not open.",
            mendable=older,
            how="Opening the workspace brings it up to date." if older else "Update engagerr.",
        )
    if version is not None:  # an empty database would be written to
        yield from _lock_findings(catalogue, where)


def _lock_findings(catalogue: Catalogue, where: str) -> Iterator[Finding]:
    probe = Catalogue(catalogue.url, min(LOCK_SECONDS, catalogue.lock_timeout))
    try:
        with probe.writing():
            pass
    except WorkspaceBusy:
        yield Finding(
            kind="locked",
            where=where,
            what="Another process is writing at this moment, or hangs.",
            consequence="Nothing can be ingested or repaired until it ends; reading goes on.",
            mendable=False,
            how="Look again when it is done. The lock falls when that process ends.",
        )
    except WorkspaceDamaged:
        pass  # what is wrong was told above, or the folder cannot be written
    finally:
        probe.close()


def _faults(connection: Connection, deep: bool) -> list[str]:
    """What the database says of itself, as far as it can be asked."""
    if connection.dialect.name != "sqlite":
        return []
    check = "integrity_check" if deep else "quick_check"
    said = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {check}")]
    faults = [line for line in said if line != "ok"]
    tables = set(look(connection).get_table_names())
    if _version(connection) == HEAD and (missing := sorted(set(Base.metadata.tables) - tables)):
        faults.append(f"the tables {', '.join(missing)} are missing")
    return faults


def _version(connection: Connection) -> str | None:
    if not look(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Where lake and catalogue differ about exported files (SHA-256).

    Attributes
    ----------
    incomplete : files of which the lake has fewer rows than the catalogue says, or none, with their paths.
    doubled : files of which it has more, with their paths.
    unlisted : files that only the lake knows.
    """

    incomplete: Mapping[str, str]
    doubled: Mapping[str, str]
    unlisted: frozenset[str]

    @property
    def again(self) -> dict[str, str]:
        """Files that must be ingested again, with their paths."""
        return {**self.incomplete, **self.doubled}


def total(counts: Iterable[Counter[str]]) -> Counter[str]:
    """All counts together."""
    held: Counter[str] = Counter()
    for count in counts:
        held.update(count)
    return held


def disagreement(connection: Connection, held: Mapping[str, int]) -> Disagreement:
    """Compare the rows of each exported file in the lake with what the catalogue says."""
    listed = connection.execute(select(File.file, File.path, File.rows_stored)).all()
    paths = {row.file: row.path or f"the file whose SHA-256 is {row.file}" for row in listed}
    count = {row.file: row.rows_stored for row in listed}
    return Disagreement(
        incomplete={file: paths[file] for file, rows in count.items() if held.get(file, 0) < rows},
        doubled={file: paths[file] for file, rows in count.items() if held.get(file, 0) > rows},
        unlisted=frozenset(held.keys() - count.keys()),
    )


def _disagreements(lake: Lake, catalogue: Catalogue, closely: bool) -> Iterator[Finding]:
    """Runs, then rows: their sum, and where that differs or `closely` is asked, file by file."""
    where = str(catalogue.path or lake.folder)
    with catalogue.reading() as connection:
        last = connection.execute(select(func.max(Run.run)).where(Run.rows_stored > 0)).scalar() or 0
        rows = connection.execute(select(func.sum(File.rows_stored))).scalar() or 0
        parts = parts_of(open_table(lake))
        if last != lake.last_run:
            yield Finding(
                kind="runs differ",
                where=where,
                what=f"The last run in the lake is {lake.last_run}, in the catalogue {last}.",
                consequence="A process died between the two, or one of them was restored from a backup.",
                mendable=True,
                how="Opening the workspace enters what the lake holds.",
            )
            return
        if not closely and sum(part.rows for part in parts) == rows:
            return
        whole, damaged = sources_of(lake, parts)
        differ = disagreement(connection, total(whole.values()))
    yield from (part_finding(lake, part, problem) for part, problem in damaged.items())
    named = (
        ("rows missing", differ.incomplete, "The lake has fewer of their rows than were stored."),
        ("rows doubled", differ.doubled, "The lake has more of their rows than were stored."),
    )
    for kind, files, what in named:
        if files:
            yield Finding(
                kind=kind,
                where=_shown(files),
                what=what,
                consequence="Figures from them are wrong or unknown.",
                mendable=True,
                how="The repair takes what is left of them out of the lake; ingest them again.",
            )
    if differ.unlisted:
        yield Finding(
            kind="files unlisted",
            where=where,
            what=f"{len(differ.unlisted)} exported files have rows in the lake and are not listed.",
            consequence="Ingested again they would be doubled.",
            mendable=True,
            how="The repair lists them.",
        )


def _shown(files: Mapping[str, str]) -> str:
    paths = sorted(files.values())
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more
