"""Text to rows of cells with their line numbers: delimiters, quotes and what spreadsheets make of them."""

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engagerr_core.errors import HostileFile
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.text import decode

DELIMITERS = (",", ";", "\t")

_csv_field_limit = threading.RLock()  # the csv module keeps it for the whole process


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The records of one table, blank ones left out; the header is one of the first.

    `lines` holds for each record the line on which it begins, counted from 1. `sheet` is empty outside workbooks.
    `platform` is the one that a title above the header names, empty where there is none.
    `has_nulls` says that some cell holds a null character, which only a damaged file does.
    """

    rows: list[list[str]]
    lines: list[int]
    sheet: str = ""
    platform: str = ""
    has_nulls: bool = False
    warnings: tuple[str, ...] = ()


def read_delimited(data: bytes, limits: Limits) -> Table:
    """Read CSV and its relatives.

    Raises
    ------
    UnreadableFile
        The bytes are no text.
    HostileFile
        More rows, columns or characters in a cell than the limits allow.
    """
    decoded = decode(data)
    text, delimiter, skipped = _declared_delimiter(decoded.text)
    with _field_limit(limits.cell_characters):
        delimiter = delimiter or _guessed_delimiter(text)
        rows, lines = _records(text, delimiter, limits, skipped)
    rows = _unwrapped(rows, delimiter)
    has_nulls = "\0" in text
    return Table(rows=rows, lines=lines, has_nulls=has_nulls, warnings=(decoded.warning,) if decoded.warning else ())


def _declared_delimiter(text: str) -> tuple[str, str, int]:
    """Text without a first line ``sep=;``, the delimiter it declares (or empty), and the lines taken off."""
    first, _, rest = text.partition("\n")
    declared = first.strip().strip('"').removeprefix("\ufeff")
    if declared.lower().startswith("sep=") and len(declared) == 5:
        return rest, declared[4], 1
    if declared.lower() == "sep=" and first.rstrip("\r").endswith("\t"):
        return rest, "\t", 1
    return text, "", 0


@contextmanager
def _field_limit(characters: int) -> Iterator[None]:
    with _csv_field_limit:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _guessed_delimiter(text: str) -> str:
    """The delimiter that cuts the first records into most cells; the comma where none does."""
    cells = dict.fromkeys(DELIMITERS, 1)
    head = text[:65_536]
    for delimiter in DELIMITERS:
        try:
            for number, row in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)):
                cells[delimiter] = max(cells[delimiter], len(row) if any(row) else 1)
                if number == 2:
                    break
        except csv.Error:
            continue
    if max(cells.values()) == 1:  # perhaps whole rows wrapped in one quoted cell
        first = next(csv.reader(io.StringIO(head, newline="")), [""])
        return max(DELIMITERS, key=(first[0] if first else "").count)
    return max(DELIMITERS, key=cells.__getitem__)


def _records(text: str, delimiter: str, limits: Limits, skipped: int) -> tuple[list[list[str]], list[int]]:
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 0
    try:
        for row in reader:
            if len(row) > limits.columns:
                raise HostileFile(
                    f"Line {line + 1 + skipped} has {len(row):,} cells; at most {limits.columns:,} are read."
                )
            if row and (row[0].strip() or "".join(row).strip()):
                rows.append(row)
                lines.append(line + 1 + skipped)
                if len(rows) > limits.rows:
                    raise HostileFile(f"It has more than {limits.rows:,} rows. Split it, or raise limits.rows.")
            line = reader.line_num
    except csv.Error as problem:
        raise HostileFile(
            f"Line {line + 1 + skipped} begins a cell of more than {limits.cell_characters:,} characters ({problem}): "
            "a quotation mark that never closes? Export it again."
        ) from None
    return rows, lines


def _unwrapped(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Undo a second encoding, in which each record became one quoted cell."""
    if min(map(len, rows), default=2) > 1:
        return rows
    width = max((len(row) for row in rows[:5]), default=0)
    wrapped = [i for i, row in enumerate(rows) if len(row) == 1 and delimiter in row[0]]
    if not wrapped or (width > 1 and len(wrapped) < len(rows) - 1):
        return rows
    rows = list(rows)
    for i in wrapped:
        inner = next(csv.reader([rows[i][0]], delimiter=delimiter), [])
        if width <= 1 or len(inner) == width:
            rows[i] = inner
    return rows
