"""Restoring: an archive back into a folder, all of it or nothing."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

from engagerr_core.backup.archive import SETTINGS, BackupSummary, Manifest, contents, opened
from engagerr_core.errors import HostileFile, InvalidArgument, UnreadableFile
from engagerr_core.layout import CATALOGUE, FOLDERS, LAKE


def restore(
    archive: str | Path,
    folder: str | Path,
    catalogue: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> BackupSummary:
    """Make a workspace again from an archive.

    Every file is compared with the manifest before anything stands under the folder's name. Answers are those of the
    workspace that was backed up; `engagerr refresh` makes the daily tables again.

    Parameters
    ----------
    archive : as `engagerr_core.backup.make.backup` wrote it.
    folder : where the workspace is to be: a folder that is not there, or an empty one.
    catalogue : address of an empty database for the catalogue, such as ``postgresql+psycopg://user@host/database``;
        None = an SQLite file in the folder. The settings keep the address without its password: give that by the
        variable ENGAGERR_CATALOGUE, or as PostgreSQL's own programs take it.
    progress : called with the name of each file that is unpacked.

    Raises
    ------
    UnreadableFile
        The archive is damaged or cut off.
    HostileFile
        It leads outside the folder, holds links, or would unpack to far more than it is.
    InvalidArgument
        The folder or the database holds something already, or a newer version wrote the archive.
    """
    target, source = Path(folder).absolute(), Path(archive)
    _require_empty(target)
    with opened(source) as (zip_file, manifest):
        try:
            _place(zip_file, manifest, source, target, catalogue, progress)
        except OSError as problem:
            raise InvalidArgument(
                f"The workspace {target} cannot be made: {problem}. Nothing was placed; make room, or choose another "
                "folder."
            ) from problem
        return manifest.summary(source)


def _place(
    zip_file: ZipFile,
    manifest: Manifest,
    source: Path,
    target: Path,
    catalogue: str | None,
    progress: Callable[[str], None] | None,
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    needed, free = sum(size for _, size, _ in manifest.members), shutil.disk_usage(target.parent).free
    if needed > free:
        raise InvalidArgument(
            f"{source} unpacks to {needed / 1e6:,.0f} MB, and {target.parent} has room for {free / 1e6:,.0f} MB. "
            "Nothing was placed; make room, or choose another folder."
        )
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        made = scratch / "workspace"
        _unpack(zip_file, manifest, made, progress)
        _check_lake(made, manifest)
        _settle_catalogue(made, source, catalogue)
        _sync(made)
        _require_empty(target)
        os.replace(made, target)  # takes the place of an empty folder
        _sync_one(target.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _require_empty(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise InvalidArgument(f"{target} holds something already. Name a folder that is not there, or an empty one.")


def _unpack(zip_file: ZipFile, manifest: Manifest, folder: Path, progress: Callable[[str], None] | None) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    for member in manifest.members:
        if progress is not None:
            progress(member[0])
        path = folder.joinpath(*member[0].split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            for chunk in contents(zip_file, member):
                file.write(chunk)


def _check_lake(folder: Path, manifest: Manifest) -> None:
    """The lake opens at the version that was noted, and its log names files of the archive only."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    held = {name for name, _, _ in manifest.members}
    try:
        table = DeltaTable(str(folder / LAKE))
        active = [Path(uri) for uri in table.file_uris()]
        version = table.version()
    except (DeltaError, OSError, ValueError) as problem:
        raise UnreadableFile(f"The lake in the archive cannot be opened: {problem}. Use another backup.") from problem
    for path in active:
        if not path.is_relative_to(folder) or path.relative_to(folder).as_posix() not in held:
            raise HostileFile(f"The lake's log in the archive names {path.name}, which the archive does not hold.")
    if version != manifest.lake_version:
        raise UnreadableFile(
            f"The lake in the archive is at version {version}, and its manifest says {manifest.lake_version}. "
            "Use another backup."
        )


def _settle_catalogue(folder: Path, archive: Path, address: str | None) -> None:
    """Bring the catalogue to this version's form and to its place, and enter where it comes from."""
    from engagerr_core.store import audit
    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.copying import check_catalogue, fill, sqlite_catalogue

    check_catalogue(folder / CATALOGUE)
    with closing(sqlite_catalogue(folder / CATALOGUE)) as held:
        held.prepare()
        if address is None:
            audit.enter(held, "restored", f"from {archive.absolute()}")
            return
    with closing(Catalogue(address)) as target:
        if target.path is not None:
            target._use_write_ahead_log()
        with target.writing() as connection:
            fill(connection, target, folder / CATALOGUE)
            audit.enter(connection, "restored", f"from {archive.absolute()}")
        shown = target.url.set(password=None).render_as_string()
    (folder / CATALOGUE).unlink()
    with open(folder / SETTINGS, "a", encoding="utf-8") as settings:
        settings.write(f'\ncatalogue = "{_quoted(shown)}"\n')


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _sync(folder: Path) -> None:
    """Make everything in the folder survive a power cut."""
    for path in (*folder.rglob("*"), folder):
        _sync_one(path)


def _sync_one(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
