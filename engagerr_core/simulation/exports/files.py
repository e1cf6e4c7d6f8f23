"""Bytes of files: delimited text and archives that are the same on every machine and every day."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A file to be written, and what the truth says about it.

    `period_start` and `period_end` are what the figures refer to (empty for lifetime counters);
    `warts` names, separated by blanks, what makes the file hard to read.
    """

    creator: str
    platform: str
    name: str
    kind: str
    data: bytes
    exported_on: date
    period_start: date | None = None
    period_end: date | None = None
    rows: int = 0
    warts: str = ""


def delimited(rows: Iterable[Row], *, delimiter: str = ",", quote_all: bool = False, line_end: str = "\n") -> str:
    """Rows as delimited text; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()


def archive(members: dict[str, bytes], exported_on: date) -> bytes:
    """A zip archive whose entries carry noon of the export day."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, (exported_on.year, exported_on.month, exported_on.day, 12, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            packed.writestr(entry, content)
    return data.getvalue()
