"""Archives (.zip) of strangers: what may be unpacked, and how much of it."""

import zipfile
from pathlib import PurePosixPath

from engagerr_core.errors import HostileFile, UnreadableFile
from engagerr_core.sources.limits import MEBIBYTE, Limits

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
_SYMBOLIC_LINK = 0o120000
_TYPE_MASK = 0o170000


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
    return members


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


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> bytes:
    """The bytes of one member, never more than it declares. Raises `HostileFile` or `UnreadableFile`."""
    if member.flag_bits & 1:
        raise UnreadableFile("It is locked by a password. Unpack the archive and read the folder.")
    try:
        with archive.open(member) as stream:
            data = stream.read(min(member.file_size, limits.file_bytes) + 1)
    except Exception as problem:  # every decompressor has its own errors
        raise UnreadableFile(f"It cannot be unpacked ({problem}). Export it again.") from None
    if len(data) > member.file_size:
        raise HostileFile("It unpacks to more than it declares; it was not read.")
    return data
