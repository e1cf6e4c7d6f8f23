"""The archive: a zip of a workspace's files and a manifest that names each with its size and SHA-256.

==================  ===============================================================================================
`catalogue.sqlite`  the catalogue, whatever database it was in
`lake/observations/`  the log of the Delta table up to one version, and the Parquet files that it names
`workspace.toml`    the settings without the catalogue's address
other folders       the analyst's own: coefficients, context, mappings, notebooks, reports
`manifest.json`     last: what is above, and which versions wrote it
==================  ===============================================================================================
"""

import json
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from engagerr_core.analysis.results import Result
from engagerr_core.errors import HostileFile, InvalidArgument, UnreadableFile
from engagerr_core.layout import CATALOGUE, FOLDERS, LAKE

FORMAT = 1
MANIFEST = "manifest.json"
SETTINGS = "workspace.toml"
CHUNK = 1 << 20
LARGEST_MANIFEST = 200_000_000  # bytes: a million members
EXPANSION, EXPANSION_FREE = 100, 1_000_000_000  # times the archive's size, above so many bytes: a bomb, not a backup

Member = tuple[str, int, str]  # name, bytes, SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary(Result):
    """What an archive holds.

    Attributes
    ----------
    path : the archive.
    members : files in it, the manifest not counted.
    bytes : their size together, unpacked.
    lake_version : version of the lake.
    rows : stored rows in that version.
    catalogue : number of the catalogue's form, such as ``0004``.
    engagerr : the version that wrote it.
    """

    path: Path
    members: int
    bytes: int
    lake_version: int
    rows: int
    catalogue: str
    engagerr: str

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.rows:,} rows of lake version {self.lake_version} in {self.members:,} files, "
            f"{self.bytes / 1e6:,.1f} MB unpacked, written by engagerr {self.engagerr}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the archive says of itself."""

    engagerr: str
    catalogue: str
    lake_version: int
    rows: int
    members: tuple[Member, ...]

    def summary(self, path: Path) -> BackupSummary:
        """The same for a reader."""
        return BackupSummary(
            path=path,
            members=len(self.members),
            bytes=sum(size for _, size, _ in self.members),
            lake_version=self.lake_version,
            rows=self.rows,
            catalogue=self.catalogue,
            engagerr=self.engagerr,
        )

    def to_json(self) -> bytes:
        """As it stands in the archive."""
        said = {
            "format": FORMAT,
            "engagerr": self.engagerr,
            "catalogue": self.catalogue,
            "lake_version": self.lake_version,
            "rows": self.rows,
            "members": [{"name": name, "bytes": size, "sha256": digest} for name, size, digest in self.members],
        }
        return json.dumps(said, indent=1, ensure_ascii=False).encode()


class ArchiveWriter:
    """An archive being written; `members` are those written so far."""

    def __init__(self, zip_file: ZipFile) -> None:
        self._zip = zip_file
        self.members: list[Member] = []

    def add(self, name: str, source: BinaryIO) -> None:
        """Write one member from an open file."""
        _require_safe(name)
        digest, size = sha256(), 0
        with self._zip.open(_entry(name), "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.members.append((name, size, digest.hexdigest()))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self._zip.writestr(_entry(MANIFEST), manifest.to_json())


def verify(archive: str | Path) -> BackupSummary:
    """Read an archive from end to end and compare every member with the manifest. Nothing is written.

    Raises
    ------
    UnreadableFile
        It cannot be opened, is cut off, or a member is not as the manifest says.
    HostileFile
        It leads outside its folder, holds links, or would unpack to far more than it is.
    InvalidArgument
        A newer version of engagerr wrote it.
    """
    with opened(Path(archive)) as (zip_file, manifest):
        for member in manifest.members:
            for _ in contents(zip_file, member):
                pass
        return manifest.summary(Path(archive))


@contextmanager
def opened(path: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """The archive and its manifest, checked against each other."""
    try:
        with ZipFile(path) as zip_file:
            manifest = _manifest(zip_file, path)
            _check_entries(zip_file, manifest, path)
            yield zip_file, manifest
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
        raise UnreadableFile(
            f"The archive {path} cannot be read: {problem}. It is no whole backup; use another one."
        ) from problem


def contents(zip_file: ZipFile, member: Member) -> Iterator[bytes]:
    """The bytes of a member, in pieces. Raises `UnreadableFile` at its end where it is not as the manifest says."""
    name, size, wanted = member
    digest, read = sha256(), 0
    with zip_file.open(name) as source:
        while chunk := source.read(CHUNK):
            read += len(chunk)
            if read > size:
                break
            digest.update(chunk)
            yield chunk
    if read != size or digest.hexdigest() != wanted:
        raise UnreadableFile(f"{name} in the archive is not as its manifest says: it was damaged. Use another backup.")


def safe_name(name: str) -> bool:
    """Whether a member's name lies where a workspace keeps something, and nowhere else."""
    parts = name.split("/")
    if not all(parts) or any(part in (".", "..") or "\\" in part or not part.isprintable() for part in parts):
        return False
    if len(name) > 1000 or PurePosixPath(name).is_absolute():
        return False
    if len(parts) == 1:
        return name in (CATALOGUE, SETTINGS)
    return parts[0] in FOLDERS or (name.startswith(f"{LAKE}/") and len(parts) > 3)


def _require_safe(name: str) -> None:
    if not safe_name(name):
        raise InvalidArgument(f"{name!r} cannot stand in an archive. Rename that file, then back up again.")


def _entry(name: str) -> ZipInfo:
    """The same name gives the same bytes. Parquet files are compressed already."""
    info = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_STORED if name.endswith(".parquet") else ZIP_DEFLATED
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    return info


def _manifest(zip_file: ZipFile, path: Path) -> Manifest:
    try:
        info = zip_file.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise HostileFile(f"The manifest of {path} is {info.file_size:,} bytes long. That is no backup.")
        said = json.loads(zip_file.read(info))
        if said["format"] > FORMAT:
            raise InvalidArgument(f"{path} was written by a newer version of engagerr. Update engagerr, then restore.")
        members = tuple((str(m["name"]), int(m["bytes"]), str(m["sha256"])) for m in said["members"])
        return Manifest(
            engagerr=str(said["engagerr"]),
            catalogue=str(said["catalogue"]),
            lake_version=int(said["lake_version"]),
            rows=int(said["rows"]),
            members=members,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise UnreadableFile(
            f"The archive {path} has no manifest that can be read ({type(problem).__name__}). "
            "It is no backup of a workspace; use another one."
        ) from problem


def _check_entries(zip_file: ZipFile, manifest: Manifest, path: Path) -> None:
    """Refuse names, kinds and sizes of members that no backup has."""
    entries = {info.filename: info for info in zip_file.infolist()}
    names = [name for name, _, _ in manifest.members]
    if len(entries) != len(zip_file.infolist()) or len(set(names)) != len(names):
        raise HostileFile(f"{path} holds a file twice. Nothing was placed; use another backup.")
    if outside := next((name for name in (*names, *sorted({*entries} - {MANIFEST})) if not safe_name(name)), None):
        raise HostileFile(f"{path} holds {outside!r}, which no workspace has. Nothing was placed; use another backup.")
    if missing := sorted({*names, MANIFEST} ^ {*entries}):
        raise UnreadableFile(f"In {path} {missing[0]} does not match the manifest. It was damaged; use another backup.")
    if any(_is_odd(info) for info in entries.values()):
        raise HostileFile(f"{path} holds a link, or a file in a form that no backup has. Nothing was placed.")
    for name, size, _ in manifest.members:
        if entries[name].file_size != size:
            raise UnreadableFile(f"{name} in {path} is not as long as its manifest says. Use another backup.")
    packed, whole = sum(info.compress_size for info in entries.values()), path.stat().st_size
    if packed > whole or sum(info.file_size for info in entries.values()) > max(EXPANSION_FREE, EXPANSION * whole):
        raise HostileFile(f"{path} would unpack to far more than it is. Nothing was placed; that is no backup.")


def _is_odd(info: ZipInfo) -> bool:
    mode: Any = info.external_attr >> 16
    odd_kind = bool(stat.S_IFMT(mode)) and not stat.S_ISREG(mode)
    return odd_kind or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or bool(info.flag_bits & 1) or info.is_dir()
