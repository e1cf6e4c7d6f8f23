"""A writer of old workbooks (.xls, BIFF8), small enough for one screen: text and numbers, days by a number format."""

import struct
from collections.abc import Sequence
from datetime import date

SECTOR = 512
DAY_FORMAT = 1  # the second of the two cell formats written


def old_workbook(rows: Sequence[Sequence[object]], sheet: str = "Table data") -> bytes:
    """A workbook of one sheet; None leaves a cell out."""
    cells = {(i, j): cell for i, row in enumerate(rows) for j, cell in enumerate(row) if cell is not None}
    return old_workbook_of_cells(cells, sheet)


def old_workbook_of_cells(cells: dict[tuple[int, int], object], sheet: str = "Table data") -> bytes:
    body = _record(0x0809, struct.pack("<4H2I", 0x0600, 0x0010, 0, 0, 0, 0))
    body += b"".join(_cell(row, column, value) for (row, column), value in sorted(cells.items()))
    body += _record(0x000A)
    start = _record(0x0809, struct.pack("<4H2I", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, struct.pack("<H", 1200))
    start += b"".join(_record(0x00E0, struct.pack("<3H14x", 0, form, 0)) for form in (0, 14))
    name = sheet.encode("utf-16-le")
    there = len(start) + 4 + 8 + len(name) + 4
    start += _record(0x0085, struct.pack("<I2H2B", there, 0, 0, 0, 1)[:6] + struct.pack("<2B", len(sheet), 1) + name)
    start += _record(0x000A)
    assert len(start) == there
    return compound_file("Workbook", start + body)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


def _cell(row: int, column: int, value: object) -> bytes:
    if isinstance(value, date):
        serial = (value - date(1899, 12, 30)).days
        return _record(0x0203, struct.pack("<3Hd", row, column, DAY_FORMAT, serial))
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<3Hd", row, column, 0, value))
    text = str(value).encode("utf-16-le")
    return _record(0x0204, struct.pack("<3HHB", row, column, 0, len(text) // 2, 1) + text)


def compound_file(name: str, stream: bytes) -> bytes:
    """The container of old workbooks, with one stream in it."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // SECTOR)
    stream = stream.ljust(count * SECTOR, b"\0")
    tables = -(-(count + 2) // (SECTOR // 4 - 1))
    first = tables + 1  # tables, directory, stream
    following = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    following += [*range(first + 1, first + count), 0xFFFFFFFE]
    following += [0xFFFFFFFF] * (tables * SECTOR // 4 - len(following))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<16x5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *range(tables), *[0xFFFFFFFF] * (109 - tables))
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry(name, 2, first, len(stream))
    return header + struct.pack(f"<{len(following)}I", *following) + folder.ljust(SECTOR, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le")
    ids = struct.pack("<3I", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<H2B", len(text) + 2, kind, 1)
        + ids
        + bytes(36)
        + struct.pack("<2I4x", start, size)
    )
