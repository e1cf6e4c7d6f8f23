"""Text to rows of cells with their line numbers: delimiters, quotes and what spreadsheets make of them."""

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engagerr_core.errors import HostileFile
from engagerr_core.sources.delimiters import declared_delimiter, guessed_delimiter, unwrapped
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.text import decode

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
    text, delimiter, skipped = declared_delimiter(decoded.text)
    with _field_limit(limits.cell_characters):
        delimiter = delimiter or guessed_delimiter(text)
        rows, lines = _records(text, delimiter, limits, skipped)
    rows = unwrapped(rows, delimiter)
    has_nulls = "\0" in text
    return Table(rows=rows, lines=lines, has_nulls=has_nulls, warnings=(decoded.warning,) if decoded.warning else ())


@contextmanager
def _field_limit(characters: int) -> Iterator[None]:
    with _csv_field_limit:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)


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
