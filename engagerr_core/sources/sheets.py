"""Workbooks (.xlsx, .xls) to tables of text, one a sheet."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from engagerr_core.errors import EngagerrError, HostileFile, UnreadableFile
from engagerr_core.sources.archives import check_members, read_member
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.tables import Table

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXACT = 2**53  # a sheet keeps numbers as doubles: whole numbers are exact up to here

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,4})(\d{1,8})["']""")


def read_sheets(data: bytes, limits: Limits) -> Iterator[Table]:
    """Read every sheet that holds something.

    Raises
    ------
    UnreadableFile
        Damaged, or locked by a password.
    HostileFile
        Beyond the limits.
    """
    if not data.startswith(OLE_MAGIC):
        _check_workbook(data, limits)
    try:
        yield from _sheets(data, limits)
    except EngagerrError:
        raise
    except BaseException as problem:  # calamine's own errors, and panics, which are no Exception
        if isinstance(problem, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise UnreadableFile(
            f"The workbook cannot be read ({problem}). Is it locked by a password? Save it again as XLSX or CSV."
        ) from None


def _check_workbook(data: bytes, limits: Limits) -> None:
    """Look at the sheets before they are unpacked: a cell far away makes a reader allocate all cells before it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as workbook:
            for member in check_members(workbook, limits):
                if not member.filename.lower().startswith("xl/worksheets/"):
                    continue
                rows, columns = 0, 0
                for match in _REFERENCE.finditer(read_member(workbook, member, limits)):
                    rows = max(rows, int(match[2]))
                    columns = max(columns, _column_number(match[1]))
                if rows * columns > limits.sheet_cells:
                    raise HostileFile(
                        f"The sheet {member.filename} spans {rows:,} rows and {columns:,} columns; at most "
                        f"{limits.sheet_cells:,} cells are read. Delete what lies far away, or save as CSV."
                    )
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as problem:
        raise UnreadableFile(f"The workbook is damaged ({problem}). Save it again as XLSX or CSV.") from None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)


def _sheets(data: bytes, limits: Limits) -> Iterator[Table]:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        for about in workbook.sheets_metadata:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.height > limits.rows or sheet.width > limits.columns:
                raise HostileFile(
                    f"The sheet {about.name} has {sheet.height:,} rows and {sheet.width:,} columns; at most "
                    f"{limits.rows:,} and {limits.columns:,} are read."
                )
            if not sheet.height:
                continue
            rows, lines = [], []
            for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
                cells = [_text(cell) for cell in row]
                if any(cells):
                    rows.append(cells)
                    lines.append(number)
            yield Table(rows=rows, lines=lines, sheet=about.name)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float | int):
        whole = float(cell).is_integer() and abs(cell) < EXACT
        return str(int(cell)) if whole else f"{cell:.14e}" if abs(cell) >= EXACT else repr(cell)
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
