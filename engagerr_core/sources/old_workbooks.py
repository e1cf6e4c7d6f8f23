"""Old workbooks (.xls) before they are read: how far their cells lie, since a reader allocates all that lie between."""

import struct
from collections.abc import Iterator

from engagerr_core.errors import UnreadableFile

ENTRY = 128  # bytes of a directory entry
_CELLS = frozenset([0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406])
_SEVERAL = (0x00BD, 0x00BE)  # records of several cells in a row: the last column stands at their end
_LARGEST_SECTOR = 0xFFFFFFFA  # beyond it stand marks, such as the end of a chain


def extent(data: bytes) -> tuple[int, int, int]:
    """Cells in use, and rows and columns that the sheets span. Raises `UnreadableFile` for what is no workbook."""
    try:
        stream = _Container(data).stream("workbook", "book")
    except (struct.error, IndexError, KeyError, ValueError):
        raise UnreadableFile(
            "The workbook cannot be read. Is it damaged, or locked by a password? Save it again as XLSX or CSV."
        ) from None
    cells, rows, columns = 0, 0, 0
    at = 0
    while at + 8 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if kind in _CELLS and length >= 4:
            cells += 1
            row, column = struct.unpack_from("<2H", stream, at + 4)
            if kind in _SEVERAL and at + 4 + length <= len(stream):
                (last,) = struct.unpack_from("<H", stream, at + 2 + length)
                cells += max(last - column, 0)
                column = max(column, last)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += 4 + length
    return cells, rows, columns


class _Container:
    """The compound file in which old workbooks lie: chains of sectors, told by tables of the next one."""

    def __init__(self, data: bytes):
        self.data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in (9, 12):
            raise ValueError("sector size")
        self.sector = 1 << shift
        self.first_entry, _, self.cutoff, self.first_small, _, first_more, _ = struct.unpack_from("<7I", data, 48)
        tables = [number for number in struct.unpack_from("<109I", data, 76) if number <= _LARGEST_SECTOR]
        tables += self._further_tables(first_more)
        per_sector = self.sector // 4
        self.next = [n for table in tables for n in struct.unpack_from(f"<{per_sector}I", data, self._at(table))]

    def _at(self, number: int) -> int:
        return (number + 1) * self.sector

    def _further_tables(self, number: int) -> Iterator[int]:
        per_sector = self.sector // 4
        for _ in range(len(self.data) // self.sector):
            if number > _LARGEST_SECTOR:
                return
            *told, number = struct.unpack_from(f"<{per_sector}I", self.data, self._at(number))
            yield from (sector for sector in told if sector <= _LARGEST_SECTOR)

    def _chain(self, number: int) -> bytes:
        parts = []
        for _ in range(len(self.data) // self.sector + 1):
            if number > _LARGEST_SECTOR:
                break
            parts.append(self.data[self._at(number) : self._at(number) + self.sector])
            number = self.next[number]
        return b"".join(parts)

    def stream(self, *names: str) -> bytes:
        """The first of the named streams. Raises `KeyError` where there is none."""
        entries = self._chain(self.first_entry)
        if len(entries) % ENTRY:
            raise ValueError("cut off")
        found: dict[str, tuple[int, int]] = {}
        for at in range(0, len(entries) - ENTRY + 1, ENTRY):
            length, start, size = struct.unpack_from("<64xH50x2I", entries, at)
            name = entries[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", errors="replace")
            found.setdefault(name.lower(), (start, size))
        start, size = found[next((name for name in names if name in found), names[0])]
        if size >= self.cutoff:
            return self._chain(start)[:size]
        root_start, _ = struct.unpack_from("<2I", entries, 116)
        return self._small_chain(self._chain(root_start), start)[:size]

    def _small_chain(self, stream: bytes, number: int) -> bytes:
        table = self._chain(self.first_small)
        parts = []
        for _ in range(len(stream) // 64 + 1):
            if number > _LARGEST_SECTOR:
                break
            parts.append(stream[number * 64 : number * 64 + 64])
            (number,) = struct.unpack_from("<I", table, 4 * number)
        return b"".join(parts)
