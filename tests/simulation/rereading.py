"""Exports read back with nothing but the standard library."""

import csv
import io
import zipfile


def read_rows(data: bytes, *, encoding: str = "utf-8-sig", delimiter: str = ",", skip: int = 0) -> list[list[str]]:
    """A delimited file as Python's csv module reads it, first lines left out."""
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter))[skip:]


def zipped_rows(data: bytes, member: int | str = 0) -> list[list[str]]:
    """The rows of one member of a zip: by position or by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = archive.namelist()[member] if isinstance(member, int) else member
        return read_rows(archive.read(name))


def as_records(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
