"""Folders and archives to the bytes of files, in a fixed order, each with the place where it lies."""

import io
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePosixPath

from engagerr_core.errors import EngagerrError, HostileFile, UnreadableFile
from engagerr_core.sources.archives import ZIP_MAGIC, check_member, check_members, read_member
from engagerr_core.sources.limits import MEBIBYTE, Limits

TABLE_SUFFIXES = frozenset([".csv", ".tsv", ".txt", ".xlsx", ".xls"])
ARCHIVE_SUFFIX = ".zip"
UNREAD_SUFFIXES = frozenset([".json", ".jsonl", ".ods", ".xlsb", ".xlsm", ".numbers", ".parquet", ".gz", ".rar", ".7z"])
NOT_DATA = ("readme", "license", "licence", "sources", "notice", "changelog", "copying", "truth")
INSIDE = " › "  # between an archive and what lies in it, in a path as shown


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One file, unpacked where it lay in an archive.

    Attributes
    ----------
    path : as a message shows it.
    place : the folder or archive in which it lies; files with the same place lie beside one another.
    names : names that may tell a period or an export day, nearest first: its own, its folder's, its archive's.
    data : its bytes; empty where there is a failure.
    failure : why it was not read, and what to do.
    """

    path: str
    place: str
    names: tuple[str, ...]
    data: bytes = b""
    failure: str = ""


def existing(paths: str | PathLike[str] | Sequence[str | PathLike[str]]) -> list[Path]:
    """The paths as given. Raises `UnreadableFile` for one that does not exist."""
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    found = [Path(path) for path in several]
    for path in found:
        try:
            path.stat()
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise UnreadableFile(f"{path} cannot be opened ({reason}). Check the path.") from None
    return found


def walk(paths: Sequence[Path], limits: Limits) -> Iterator[list[FoundFile]]:
    """Every file worth looking at, one list for each place, in order of the paths and of names."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path, limits)
        else:
            yield from _grouped([path], limits, asked=True)


def _folder(folder: Path, limits: Limits) -> Iterator[list[FoundFile]]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as problem:
        yield [_failed(str(folder), str(folder), f"The folder cannot be opened ({problem.strerror}).")]
        return
    shown = [entry for entry in entries if not _is_hidden(entry.name)]
    yield from _grouped([entry for entry in shown if entry.is_symlink() or not entry.is_dir()], limits, asked=False)
    for entry in shown:
        if entry.is_dir() and not entry.is_symlink():
            yield from _folder(entry, limits)


def _grouped(files: list[Path], limits: Limits, *, asked: bool) -> Iterator[list[FoundFile]]:
    """Files of one folder: the tables as one list, then what each archive holds."""
    tables: list[FoundFile] = []
    archives: list[FoundFile] = []
    for file in files:
        if asked or _is_data(file.name):
            found = _from_disk(file, limits, asked=asked)
            (archives if _is_archive(found) else tables).append(found)
    if tables:
        yield tables
    for archive in archives:
        yield from _archive(archive, limits, depth=1)


def _from_disk(file: Path, limits: Limits, *, asked: bool) -> FoundFile:
    shown, place = str(file), str(file.parent)
    try:
        about = file.stat() if asked else file.lstat()
        if stat.S_ISLNK(about.st_mode):
            return _failed(shown, place, "It is a symbolic link; links in folders are not followed. Name it yourself.")
        if not stat.S_ISREG(about.st_mode):
            return _failed(shown, place, "It is no regular file.")
        if about.st_size > limits.file_bytes:
            return _failed(shown, place, f"It is larger than {limits.file_bytes // MEBIBYTE:,} MiB.")
        if file.suffix.lower() not in (*TABLE_SUFFIXES, ARCHIVE_SUFFIX):
            return _failed(shown, place, _unread(file.suffix))
        data = file.read_bytes()
    except OSError as problem:
        return _failed(shown, place, f"It cannot be opened ({problem.strerror}).")
    return FoundFile(path=shown, place=place, names=(file.name, file.parent.resolve().name), data=data)


def _failed(shown: str, place: str, failure: str) -> FoundFile:
    return FoundFile(path=shown, place=place, names=(), failure=failure)


def _unread(suffix: str) -> str:
    kind = f"Files of the kind {suffix}" if suffix else "Files without a suffix"
    return f"{kind} are not read. Export CSV or XLSX, alone or in a ZIP."


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _is_data(name: str) -> bool:
    """Whether a name found in a folder looks like data; readmes, pictures and code pass in silence."""
    path = PurePosixPath(name)
    if path.stem.lower().startswith(NOT_DATA) and path.suffix.lower() in (".txt", ".json", ""):
        return False
    return path.suffix.lower() in (*TABLE_SUFFIXES, *UNREAD_SUFFIXES, ARCHIVE_SUFFIX)


def _is_archive(found: FoundFile) -> bool:
    return PurePosixPath(found.names[0] if found.names else "").suffix.lower() == ARCHIVE_SUFFIX


def _archive(outer: FoundFile, limits: Limits, *, depth: int) -> Iterator[list[FoundFile]]:
    """What an archive holds, one list for each folder in it."""
    if outer.failure:
        yield [outer]
        return
    try:
        with zipfile.ZipFile(io.BytesIO(outer.data)) as archive:
            members = check_members(archive, limits)
            places: dict[str, list[FoundFile]] = {}
            for member in sorted(members, key=lambda member: member.filename):
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                if not parts or any(_is_hidden(part) and part != ".." for part in parts) or not _is_data(parts[-1]):
                    continue
                found = _unpacked(archive, member, outer, limits)
                if _is_archive(found) and not found.failure and depth < limits.nesting:
                    yield from _archive(found, limits, depth=depth + 1)
                    continue
                if _is_archive(found) and not found.failure:
                    found = _failed(found.path, found.place, "Archives are nested too deeply. Unpack them first.")
                places.setdefault(found.place, []).append(found)
    except HostileFile as problem:
        yield [_failed(outer.path, outer.place, str(problem))]
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError, OverflowError) as problem:
        yield [_failed(outer.path, outer.place, f"The archive is damaged ({problem}). Download it again.")]
    else:
        yield from places.values()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, outer: FoundFile, limits: Limits) -> FoundFile:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    shown = f"{outer.path}{INSIDE}{member.filename}"
    place = f"{outer.path}{INSIDE}{path.parent}"
    try:
        check_member(member, limits)
        if path.suffix.lower() in UNREAD_SUFFIXES:
            return _failed(shown, place, _unread(path.suffix))
        data = read_member(archive, member, limits)
    except EngagerrError as problem:
        return _failed(shown, place, str(problem))
    folders = tuple(reversed(path.parent.parts))
    return FoundFile(path=shown, place=place, names=(path.name, *folders, *outer.names), data=data)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a ZIP that holds an XLSX workbook."""
    if not data.startswith(ZIP_MAGIC):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, OverflowError):
        return False
