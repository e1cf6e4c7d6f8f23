"""Backing up: one state of a workspace into one file, while others go on ingesting."""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote
from zipfile import ZipFile

from engagerr_core import __version__
from engagerr_core.backup.archive import SETTINGS, ArchiveWriter, BackupSummary, Manifest
from engagerr_core.errors import InvalidArgument, WorkspaceBusy, WorkspaceDamaged
from engagerr_core.layout import CATALOGUE, FOLDERS, LAKE

if TYPE_CHECKING:
    from engagerr_core.store.lake import Lake
    from engagerr_core.workspace import Workspace

TRIES = 3  # where files were removed while they were being copied
_COMMIT = re.compile(r"(\d{20})\..+")
_ADDRESS = re.compile(r"^\s*#*\s*[\"']?catalogue[\"']?\s*=.*$", re.M)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s\"']*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One version of a lake: the files of its log, and the data that it names, relative to the lake's folder."""

    version: int
    rows: int
    log: tuple[str, ...]
    data: tuple[str, ...]


def backup(
    workspace: "Workspace",
    path: str | Path,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> BackupSummary:
    """Write the workspace into one file, from which `engagerr_core.backup.restore.restore` makes it again.

    The write lock is held for a moment only, in which the state is noted; others may ingest while its files are copied.
    The archive appears under its name when it is whole. Daily tables are left out, since they are computed again, and
    so is the address of the catalogue, which may hold a password.

    Parameters
    ----------
    path : the archive, outside the workspace.
    overwrite : replace a file that is there.
    progress : called with the name of each file that is copied.

    Raises
    ------
    InvalidArgument
        The path is taken or cannot be written to.
    WorkspaceDamaged
        A file that the lake names is missing; `engagerr doctor` says more.
    WorkspaceBusy
        Another process held the write lock, or removed files again and again while they were copied.
    """
    from engagerr_core.store import audit

    target = Path(path).absolute()
    _require_free(workspace, target, overwrite)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
            waiting = Path(scratch) / "archive"
            manifest = _written(workspace, waiting, Path(scratch) / CATALOGUE, progress)
            _require_free(workspace, target, overwrite)
            os.replace(waiting, target)
            _sync_folder(target.parent)
    except OSError as problem:
        raise InvalidArgument(
            f"The archive {target} cannot be written: {problem}. Nothing stands under that name that did not before; "
            "make room or choose another place."
        ) from problem
    summary = manifest.summary(target)
    detail = f"{target}, lake version {summary.lake_version}, {summary.rows} rows"
    audit.enter(workspace.catalogue, "backed up", detail)
    return summary


def _require_free(workspace: "Workspace", target: Path, overwrite: bool) -> None:
    if target.resolve().is_relative_to(workspace.path.resolve()):
        raise InvalidArgument(f"{target} lies in the workspace and would be lost with it. Choose another place.")
    if not target.parent.is_dir():
        raise InvalidArgument(f"There is no folder {target.parent}. Make it first, or choose another place.")
    if target.is_dir() or (target.exists() and not overwrite):
        raise InvalidArgument(f"{target} is there already. Choose another name, or say that it may be overwritten.")


def _written(
    workspace: "Workspace", archive: Path, catalogue: Path, progress: Callable[[str], None] | None
) -> Manifest:
    """Write the archive. Starts again where a compaction removed a file that was noted."""
    for _ in range(TRIES):
        try:
            return _write(workspace, archive, catalogue, progress)
        except FileNotFoundError as problem:
            vanished = problem
    raise WorkspaceBusy(
        f"{vanished.filename} was removed while it was copied, {TRIES} times. No archive was made; try again when "
        "nothing is being compacted."
    )


def _write(workspace: "Workspace", archive: Path, catalogue: Path, progress: Callable[[str], None] | None) -> Manifest:
    from engagerr_core.store.copying import snapshot
    from engagerr_core.store.migrations import HEAD
    from engagerr_core.store.reconcile import reconcile

    reconcile(workspace.catalogue, workspace.lake)
    with ExitStack() as held:
        with workspace.catalogue.writing():
            write_catalogue = held.enter_context(snapshot(workspace.catalogue))
            noted = note(workspace.lake)
        catalogue.unlink(missing_ok=True)
        write_catalogue(catalogue)
    with open(archive, "wb") as file:
        with ZipFile(file, "w", allowZip64=True) as zip_file:
            writer = ArchiveWriter(zip_file)
            for name, source in _sources(workspace, catalogue, noted):
                if progress is not None:
                    progress(name)
                with source:
                    writer.add(name, source)
            manifest = Manifest(
                engagerr=__version__,
                catalogue=HEAD,
                lake_version=noted.version,
                rows=noted.rows,
                members=tuple(writer.members),
            )
            writer.finish(manifest)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def note(lake: "Lake") -> Noted:
    """The lake's present version: its log, and all files that the log names and that are still there.

    Files that a compaction took out of the present version stay reachable by older versions: as long as they are there
    they belong to the table. Raises `WorkspaceDamaged` where a file of the present version is missing.
    """
    import pyarrow as pa
    from deltalake import DeltaTable

    version = lake.version
    actions = pa.table(DeltaTable(str(lake.folder), version=version).get_add_actions())
    active = set(actions["path"].to_pylist())
    if missing := sorted(name for name in active if not (lake.folder / name).is_file()):
        raise WorkspaceDamaged(
            f"{lake.folder / missing[0]} is missing, so that no whole backup can be made. Look with "
            "`engagerr doctor`, and restore the file from an earlier backup."
        )
    log = _log(lake.folder / "_delta_log", version)
    earlier = {name for entry in log if entry.suffix == ".json" for name in _added(entry)}
    kept = {name for name in earlier if (lake.folder / name).is_file()}
    return Noted(
        version=version,
        rows=sum(actions["num_records"].to_pylist()),
        log=tuple(f"_delta_log/{entry.name}" for entry in log),
        data=tuple(sorted(active | kept)),
    )


def _log(folder: Path, version: int) -> list[Path]:
    """The log's files up to a version, and the note of its last checkpoint where that is not newer."""
    entries = [
        path for path in folder.iterdir() if (found := _COMMIT.fullmatch(path.name)) and int(found[1]) <= version
    ]
    hint = folder / "_last_checkpoint"
    if hint.is_file() and json.loads(hint.read_bytes()).get("version", version + 1) <= version:
        entries.append(hint)
    return sorted(entries)


def _added(entry: Path) -> Iterator[str]:
    """Paths that a commit adds; none where it cannot be read: then only versions before the present one need it."""
    with suppress(ValueError):
        for line in entry.read_text(encoding="utf-8").splitlines():
            if (added := json.loads(line).get("add")) is not None:
                yield unquote(added["path"])


def _sources(workspace: "Workspace", catalogue: Path, noted: Noted) -> Iterator[tuple[str, BinaryIO]]:
    """The archive's members in their order, each opened when it is due."""
    yield SETTINGS, BytesIO(without_address((workspace.path / SETTINGS).read_text(encoding="utf-8")).encode())
    yield CATALOGUE, open(catalogue, "rb")  # noqa: SIM115 - closed by who writes it
    for folder in FOLDERS:
        for file in _own_files(workspace.path / folder):
            yield file.relative_to(workspace.path).as_posix(), open(file, "rb")  # noqa: SIM115 - as above
    for name in (*noted.log, *noted.data):
        yield f"{LAKE}/{name}", open(workspace.lake.folder / name, "rb")  # noqa: SIM115 - as above


def _own_files(folder: Path) -> list[Path]:
    """The analyst's files, in order. Links are not followed, and what Jupyter keeps for itself is left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    kept = (path for path in found if ".ipynb_checkpoints" not in path.parts)
    return sorted(path for path in kept if not any(above.is_symlink() for above in path.relative_to(folder).parents))


def without_address(settings: str) -> str:
    """The text of `workspace.toml` without the catalogue's address, in comments too.

    >>> without_address('time_zone = "UTC"\\ncatalogue = "postgresql://ada:secret@host/db"\\n')
    'time_zone = "UTC"\\n\\n'
    """
    wanted = {name: value for name, value in tomllib.loads(settings).items() if name != "catalogue"}
    text = _CREDENTIALS.sub("", _ADDRESS.sub("", settings))
    try:
        if tomllib.loads(text) == wanted:
            return text
    except tomllib.TOMLDecodeError:  # the address went over several lines
        pass
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in wanted.items())


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
