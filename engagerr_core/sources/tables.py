"""Text to records of cells with their lines: a short table at once, a long one only as far as somebody looks."""

import codecs
import csv
import io
import re
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from engagerr_core.errors import HostileFile
from engagerr_core.sources.columns import Body, body_of_bytes, body_of_rows, is_blank
from engagerr_core.sources.delimiters import HEAD_RECORDS, declared_delimiter, guessed_delimiter, unwrapped
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.text import decode

LONG = 1024 * 1024  # bytes from which a table is cut only where somebody looks
HEAD = 256 * 1024  # bytes of a long table that are cut at once

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_csv_field_limit = threading.RLock()  # the csv module keeps it for the whole process


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The records of one table, blank ones left out; the header is one of the first.

    `lines` holds for each record the line on which it begins, counted from 1. `sheet` is empty outside workbooks.
    `platform` is the one that a title above the header names, empty where there is none.
    `has_nulls` says that some cell holds a null character, which only a damaged file does.

    Of a long table the first records cost nothing; whoever looks further has all of them cut.
    """

    rows: Sequence[list[str]]
    lines: Sequence[int]
    sheet: str = ""
    platform: str = ""
    has_nulls: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def head(self) -> "Table":
        """The first records of a long table; a short one is its own head."""
        if not isinstance(self.rows, _Lazy):
            return self
        head = self.rows.text.head
        return replace(self, rows=[record.cells for record in head], lines=[record.line for record in head])

    def body(self, header: int, wanted: Collection[int]) -> Body:
        """What stands below a header, as columns: those in the wanted places."""
        if isinstance(self.rows, _Lazy) and (body := self.rows.text.body(header, wanted)) is not None:
            return body
        rows, lines = list(self.rows[header + 1 :]), self.lines[header + 1 :]
        return body_of_rows(rows, lines, len(self.rows[header]), wanted, has_nulls=self.has_nulls)


def read_delimited(data: bytes, limits: Limits) -> Table:
    """Read CSV and its relatives.

    Raises
    ------
    UnreadableFile
        The bytes are no text.
    HostileFile
        More rows, columns or characters in a cell than the limits allow; of a long table its body may say so.
    """
    start = _plain_from(data) if len(data) >= LONG else None
    if start is None:
        decoded = decode(data)
        text, warnings = decoded.text, (decoded.warning,) if decoded.warning else ()
        if len(data) < LONG:
            return _short(text, limits, warnings)
        data, start = text.encode(), 0
        del decoded, text
    else:
        warnings = ()
    if (long := _long(data, start, limits)) is None:
        return _short(data[start:].decode(), limits, warnings)
    return Table(rows=_Lazy(long, "cells"), lines=_Lazy(long, "line"), warnings=warnings)


def _short(text: str, limits: Limits, warnings: tuple[str, ...]) -> Table:
    rows, lines = _cut(text, limits)
    return Table(rows=rows, lines=lines, has_nulls="\0" in text, warnings=warnings)


def _cut(text: str, limits: Limits) -> tuple[list[list[str]], list[int]]:
    """All records, blank ones left out, and the line on which each begins."""
    text, delimiter, skipped = declared_delimiter(text)
    with _field_limit(limits.cell_characters):
        delimiter = delimiter or guessed_delimiter(text)
        rows: list[list[str]] = []
        lines: list[int] = []
        for row, line, _ in _records(io.StringIO(text, newline=""), delimiter, limits, skipped):
            rows.append(row)
            lines.append(line)
            if len(rows) > limits.rows + 1:  # the header is none
                raise _too_long(limits)
    return unwrapped(rows, delimiter), lines


def _records(
    lines: Iterator[str], delimiter: str, limits: Limits, skipped: int
) -> Iterator[tuple[list[str], int, int]]:
    """Each record that is not blank, the line on which it begins and the one on which the next begins."""
    reader = csv.reader(lines, delimiter=delimiter)
    line, blank = skipped + 1, 0
    try:
        for row in reader:
            after = reader.line_num + skipped + 1
            if len(row) > limits.columns:
                raise HostileFile(f"Line {line} has {len(row):,} cells; at most {limits.columns:,} are read.")
            if not is_blank(row):
                yield row, line, after
            elif (blank := blank + 1) > limits.rows:
                raise HostileFile(f"It has more than {limits.rows:,} blank lines. Delete them, or export it again.")
            line = after
    except csv.Error as problem:
        raise HostileFile(
            f"Line {line} begins a cell of more than {limits.cell_characters:,} characters ({problem}): "
            "a quotation mark that never closes? Export it again."
        ) from None


def _too_long(limits: Limits) -> HostileFile:
    return HostileFile(f"It has more than {limits.rows:,} rows. Split it, or raise limits.rows.")


@contextmanager
def _field_limit(characters: int) -> Iterator[None]:
    with _csv_field_limit:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of a long text's head, its line, and where the records below it begin: line and byte."""

    cells: list[str]
    line: int
    next_line: int
    next_byte: int


@dataclass(frozen=True)
class _LongText:
    """A long table of which only the head was cut."""

    data: bytes  # UTF-8
    start: int
    delimiter: str
    head: list[_Record]
    limits: Limits

    @cached_property
    def everything(self) -> tuple[list[list[str]], list[int]]:
        """All records and their lines."""
        return _cut(self.data[self.start :].decode(), self.limits)

    def body(self, header: int, wanted: Collection[int]) -> Body | None:
        """Columns below a header; None where the records must be cut one by one."""
        if header >= len(self.head) or "everything" in self.__dict__:
            return None
        above = self.head[header]
        body = body_of_bytes(
            self.data,
            above.next_byte,
            above.next_line,
            delimiter=self.delimiter,
            width=len(above.cells),
            wanted=wanted,
            limits=self.limits,
        )
        if body is not None and header + len(body) > self.limits.rows:
            raise _too_long(self.limits)
        return body


class _Lazy(Sequence[Any]):
    """Records of a long table, or their lines: the head is there, the rest is cut when somebody asks for it."""

    def __init__(self, text: _LongText, name: Literal["cells", "line"]) -> None:
        self.text, self._name = text, name
        self._head: list[Any] = [getattr(record, name) for record in text.head]

    def __getitem__(self, at: Any) -> Any:
        last = at.stop if isinstance(at, slice) else at
        first = at.start or 0 if isinstance(at, slice) else at
        known = last is not None and first >= 0 and 0 <= last <= len(self._head) - (not isinstance(at, slice))
        return (self._head if known else self._all)[at]

    def __len__(self) -> int:
        return len(self._all)

    def __bool__(self) -> bool:
        return True  # else Python would ask for the length

    @property
    def _all(self) -> list[Any]:
        return self.text.everything[self._name == "line"]


def _plain_from(data: bytes) -> int | None:
    """Where text begins that is UTF-8 as it stands; None where it must be decoded to be known.

    What `decode` repairs it repairs as a whole or not at all, so one line beyond ASCII tells.
    """
    start = 0
    while data.startswith(codecs.BOM_UTF8, start):
        start += len(codecs.BOM_UTF8)
    sample = data[: data.rfind(b"\n", 0, HEAD) + 1]
    if not data.isascii() and (beyond := _BEYOND_ASCII.search(data, start)):
        if not _is_utf_8(data):
            return None
        end = data.find(b"\n", beyond.start())
        sample += data[data.rfind(b"\n", 0, beyond.start()) + 1 : end if end >= 0 else len(data)]
    told = decode(sample) if sample else None
    return start if told is not None and told.encoding == "utf-8" and not told.warning else None


def _is_utf_8(data: bytes) -> bool:
    import pyarrow as pa

    ends = pa.array([0, len(data)], pa.int64()).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _long(data: bytes, start: int, limits: Limits) -> _LongText | None:
    """A text whose body can wait; None where its head shows oddities, which concern every record."""
    if b"\0" in data or data.count(b"\r") != data.count(b"\r\n"):
        return None
    end = data.rfind(b"\n", start, start + HEAD) + 1
    text = data[start:end].decode()
    rest, delimiter, skipped = declared_delimiter(text)
    with _field_limit(limits.cell_characters):
        delimiter = delimiter or guessed_delimiter(rest)
        begin = start + len(text[: len(text) - len(rest)].encode())
        head = list(_head(data, begin, end, delimiter, limits, skipped))[:-1]  # the last may be cut off
    rows = [record.cells for record in head]
    if len(head) <= HEAD_RECORDS or not delimiter.isascii() or unwrapped(rows, delimiter) != rows:
        return None
    return _LongText(data, start, delimiter, head, limits)


def _head(data: bytes, begin: int, end: int, delimiter: str, limits: Limits, skipped: int) -> Iterator[_Record]:
    at = begin

    def lines() -> Iterator[str]:
        nonlocal at
        for line in _LINE.finditer(data, begin, end):
            at = line.end()
            yield line[0].decode()

    for row, line, after in _records(lines(), delimiter, limits, skipped):
        yield _Record(row, line, after, at)
