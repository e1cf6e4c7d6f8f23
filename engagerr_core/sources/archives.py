"""Archives (.zip) of strangers: what may be unpacked, and how much of it."""

import io
import struct
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import IO

from engagerr_core.errors import EngagerrError, HostileFile, UnreadableFile
from engagerr_core.sources.limits import MEBIBYTE, Limits
from engagerr_core.sources.markup import is_markup
from engagerr_core.sources.text import no_table

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old workbook (.xls)
BROKEN = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError, OverflowError, struct.error)
RATIO_FROM = 16 * MEBIBYTE  # unpacked bytes of all members from which the archive's own ratio counts
LINE_CELLS = 8  # a line is at most as long as that many of the longest cells

_ENTRY = b"PK\x01\x02"  # begins each entry of the directory at an archive's end
_END = struct.Struct("<4s4H2LH")
_SYMBOLIC_LINK = 0o120000
_TYPE_MASK = 0o170000


def directory(data: bytes) -> bytes:
    """The directory at the end of an archive, as far as its length is told; else all the bytes."""
    end = data.rfind(EMPTY_ZIP_MAGIC)
    if end < 0 or end + _END.size > len(data):
        return data
    size = _END.unpack_from(data, end)[5]
    return data[max(end - size, 0) : end] if size < 2**32 - 1 else data


def open_archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """An archive to look into. Its members are counted before zipfile makes an object of each.

    Raises
    ------
    HostileFile
        It has too many members.
    zipfile.BadZipFile, and the others of `BROKEN`
        It is damaged.
    """
    if (members := directory(data).count(_ENTRY)) > limits.members:
        raise HostileFile(f"It holds {members:,} files; at most {limits.members:,} are unpacked.")
    return zipfile.ZipFile(io.BytesIO(data))


def check_members(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    """The members that are files, once the archive as a whole is within limits. Raises `HostileFile`."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.members:
        raise HostileFile(f"It holds {len(members):,} files; at most {limits.members:,} are unpacked.")
    if (size := sum(member.file_size for member in members)) > limits.archive_bytes:
        raise HostileFile(
            f"It unpacks to {size // MEBIBYTE:,} MiB; at most {limits.archive_bytes // MEBIBYTE:,} MiB are unpacked."
        )
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > MEBIBYTE and ratio > limits.compression_ratio:
            raise HostileFile(
                f"Its member {member.filename!r} unpacks to {ratio:,.0f} times its size; at most "
                f"{limits.compression_ratio} times is unpacked. Unpack it yourself if you trust it."
            )
    packed = sum(member.compress_size for member in members)
    if size > RATIO_FROM and size > limits.compression_ratio * packed:
        raise HostileFile(
            f"It unpacks to {size / max(packed, 1):,.0f} times its size; at most {limits.compression_ratio} times is "
            "unpacked. Unpack it yourself if you trust it."
        )
    _check_places(members)
    return members


def _check_places(members: Sequence[zipfile.ZipInfo]) -> None:
    """Members that share bytes make one packed block unpack to many."""
    spans = sorted((member.header_offset, member.header_offset + member.compress_size) for member in members)
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise HostileFile("Its members lie over one another, as no program packs them; it was not unpacked.")


def check_member(member: zipfile.ZipInfo, limits: Limits) -> None:
    """Refuse a member that leads outside, is a link or is too large. Raises `HostileFile`."""
    name = member.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise HostileFile("Its name leads outside the archive; it was not unpacked.")
    if (member.external_attr >> 16) & _TYPE_MASK == _SYMBOLIC_LINK:
        raise HostileFile("It is a symbolic link; links in archives are not followed.")
    if member.file_size > limits.file_bytes:
        raise HostileFile(f"It unpacks to more than {limits.file_bytes // MEBIBYTE:,} MiB.")


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits, *, part: bool = False) -> bytes:
    """The bytes of one member, never more than it declares; a part of a workbook is no table of its own.

    Raises
    ------
    HostileFile, UnreadableFile
        See `read_within`, or it cannot be unpacked.
    """
    if member.flag_bits & 1:
        raise UnreadableFile("It is locked by a password. Unpack the archive and read the folder.")
    try:
        with archive.open(member) as stream:
            most = min(member.file_size, limits.file_bytes) + 1
            data = stream.read(most) if part else read_within(stream, most, limits)
    except EngagerrError:
        raise
    except Exception as problem:  # every decompressor has its own errors
        raise UnreadableFile(f"It cannot be unpacked ({problem}). Export it again.") from None
    if len(data) > member.file_size:
        raise HostileFile("It unpacks to more than it declares; it was not read.")
    return data


def read_within(stream: IO[bytes], most: int, limits: Limits) -> bytes:
    """The first bytes of a file, at most so many; of what is no table, or a hostile one, not even those.

    Raises
    ------
    UnreadableFile
        It begins as no table does.
    HostileFile
        A line is longer than any table's: one enormous cell, or a million columns.
    """
    step = LINE_CELLS * limits.cell_characters
    data = stream.read(min(step, most))
    is_text = not data.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC, OLE_MAGIC)) and not is_markup(data)
    if is_text and (what := no_table(data)):
        raise UnreadableFile(f"It holds {what}, not a table. Export it again as CSV or XLSX.")
    parts = [data]
    while data and (most := most - len(data)) > 0:
        if is_text and len(data) == step and b"\n" not in data and b"\r" not in data:
            raise HostileFile(
                f"A line of it has more than {step:,} characters: an enormous cell, or columns without end. "
                "Export it again."
            )
        parts.append(data := stream.read(min(step, most)))
    return b"".join(parts)
