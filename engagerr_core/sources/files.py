"""Folders and archives to the bytes of files, in a fixed order, each with the place where it lies."""

import stat
import unicodedata
import zipfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path, PurePosixPath

from engagerr_core.errors import EngagerrError, HostileFile, UnreadableFile
from engagerr_core.sources.archives import (
    BROKEN,
    EMPTY_ZIP_MAGIC,
    ZIP_MAGIC,
    check_member,
    check_members,
    directory,
    open_archive,
    read_member,
    read_within,
)
from engagerr_core.sources.limits import MEBIBYTE, Limits
from engagerr_core.sources.markup import is_markup

TABLE_SUFFIXES = frozenset([".csv", ".tsv", ".txt", ".xlsx", ".xls"])
ARCHIVE_SUFFIX = ".zip"
UNREAD_SUFFIXES = frozenset([".json", ".jsonl", ".ods", ".xlsb", ".xlsm", ".numbers", ".parquet", ".gz", ".rar", ".7z"])
NOT_DATA = ("readme", "license", "licence", "sources", "notice", "changelog", "copying", "truth")
INSIDE = " › "  # between an archive and what lies in it, in a path as shown
_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they turn the text around them


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


def shown(name: str) -> str:
    """A name without what a terminal would obey: control characters, turned text, bytes that are no text."""
    return "".join(c.encode("unicode_escape").decode() if _is_obeyed(c) else c for c in name)


def _is_obeyed(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNING


def existing(paths: str | PathLike[str] | Sequence[str | PathLike[str]]) -> list[Path]:
    """The paths as given. Raises `UnreadableFile` for one that does not exist."""
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    found = [Path(path) for path in several]
    for path in found:
        try:
            path.stat()
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise UnreadableFile(f"{shown(str(path))} cannot be opened ({reason}). Check the path.") from None
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
        yield [_failed(shown(str(folder)), str(folder), f"The folder cannot be opened ({problem.strerror}).")]
        return
    seen = [entry for entry in entries if not _is_hidden(entry.name)]
    yield from _grouped([entry for entry in seen if entry.is_symlink() or not entry.is_dir()], limits, asked=False)
    for entry in seen:
        if entry.is_dir() and not entry.is_symlink():
            yield from _folder(entry, limits)


def _grouped(files: list[Path], limits: Limits, *, asked: bool) -> Iterator[list[FoundFile]]:
    """Files of one folder: the tables as one list, then what each archive holds."""
    tables: list[FoundFile] = []
    archives: list[FoundFile] = []
    for file in files:
        if asked or _is_data(file.name):
            found = _from_disk(file, limits, asked=asked)
            (archives if _is_archive(found) and not found.failure else tables).append(found)
    if tables:
        yield tables
    for archive in archives:
        yield from _archive(archive, limits, depth=1)


def _from_disk(file: Path, limits: Limits, *, asked: bool) -> FoundFile:
    path, place = shown(str(file)), str(file.parent)
    try:
        about = file.stat() if asked else file.lstat()
        if stat.S_ISLNK(about.st_mode):
            return _failed(path, place, "It is a symbolic link; links in folders are not followed. Name it yourself.")
        if not stat.S_ISREG(about.st_mode):
            return _failed(path, place, "It is no regular file.")
        if about.st_size > limits.file_bytes:
            return _failed(path, place, f"It is larger than {limits.file_bytes // MEBIBYTE:,} MiB.")
        if file.suffix.lower() not in (*TABLE_SUFFIXES, ARCHIVE_SUFFIX):
            return _failed(path, place, _unread(file.suffix))
        with file.open("rb") as stream:
            data = read_within(stream, limits.file_bytes, limits)
    except OSError as problem:
        return _failed(path, place, f"It cannot be opened ({problem.strerror}).")
    except EngagerrError as problem:
        return _failed(path, place, str(problem))
    return FoundFile(path=path, place=place, names=(file.name, file.parent.resolve().name), data=data)


def _failed(path: str, place: str, failure: str) -> FoundFile:
    return FoundFile(path=path, place=place, names=(), failure=failure)


def _unread(suffix: str) -> str:
    kind = f"Files of the kind {shown(suffix)}" if suffix else "Files without a suffix"
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
    """Whether it is an archive, whatever its name says; a damaged one is known by its name."""
    if found.data.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC)):
        return not is_workbook(found.data)
    named = PurePosixPath(found.names[0] if found.names else "").suffix.lower() == ARCHIVE_SUFFIX
    return named and not found.data[:4096].isascii()


def _archive(outer: FoundFile, limits: Limits, *, depth: int) -> Generator[list[FoundFile], None, int]:
    """What an archive holds, one list for each folder in it. Returns the bytes unpacked."""
    unpacked = 0
    try:
        with open_archive(outer.data, limits) as archive:
            members = check_members(archive, limits)
            unpacked = sum(member.file_size for member in members)
            places: dict[str, list[FoundFile]] = {}
            for member in sorted(members, key=lambda member: member.filename):
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                if not parts or any(_is_hidden(part) and part != ".." for part in parts) or not _is_data(parts[-1]):
                    continue
                found = _unpacked(archive, member, outer, limits)
                if not found.failure and _is_archive(found):
                    if depth < limits.nesting:
                        left = replace(limits, archive_bytes=limits.archive_bytes - unpacked)
                        unpacked += yield from _archive(found, left, depth=depth + 1)
                        continue
                    found = _failed(found.path, found.place, "Archives are nested too deeply. Unpack them first.")
                places.setdefault(found.place, []).append(found)
    except HostileFile as problem:
        yield [_failed(outer.path, outer.place, str(problem))]
    except BROKEN as problem:
        yield [_failed(outer.path, outer.place, f"The archive is damaged ({problem}). Download it again.")]
    else:
        yield from places.values()
    return unpacked


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, outer: FoundFile, limits: Limits) -> FoundFile:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    place = f"{outer.path}{INSIDE}{path.parent}"
    whole = f"{outer.path}{INSIDE}{shown(member.filename)}"
    try:
        check_member(member, limits)
        if path.suffix.lower() in UNREAD_SUFFIXES:
            return _failed(whole, place, _unread(path.suffix))
        data = read_member(archive, member, limits)
    except EngagerrError as problem:
        return _failed(whole, place, str(problem))
    folders = tuple(reversed(path.parent.parts))
    return FoundFile(path=whole, place=place, names=(path.name, *folders, *outer.names), data=data)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a workbook: XLSX, or a page that a spreadsheet has saved under such a name."""
    if data.startswith(ZIP_MAGIC):
        return b"xl/workbook.xml" in directory(data)
    return is_markup(data)
