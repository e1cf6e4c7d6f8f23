"""Workbooks (.xlsx, .xls) to tables of text, one a sheet."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from engagerr_core.errors import EngagerrError, HostileFile, UnreadableFile
from engagerr_core.sources.archives import BROKEN, OLE_MAGIC, check_members, open_archive, read_member
from engagerr_core.sources.files import shown
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.markup import is_markup, tables_of
from engagerr_core.sources.number_formats import percent_cells
from engagerr_core.sources.old_workbooks import extent
from engagerr_core.sources.tables import Table
from engagerr_core.sources.text import INVISIBLE, decode

HEAD = 4096  # bytes of a part within which it declares how many texts it holds
SPARSE = 100  # cells spanned ÷ cells in use; more means that one lies far away
SPARSE_FROM = 1_000_000  # cells spanned, from which that counts
EXACT = 2**53  # a sheet keeps numbers as doubles: whole numbers are exact up to here

_REFERENCE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^<]*?\br\s*=\s*["']([A-Za-z]{0,4})(\d{1,8})["']""")

_STRINGS = re.compile(rb"""<(?:\w+:)?sst\s[^<]*?\buniqueCount\s*=\s*["'](\d{1,40})["']""")


def read_sheets(data: bytes, limits: Limits) -> Iterator[Table]:
    """Read every sheet that holds something.

    Raises
    ------
    UnreadableFile
        Damaged, locked by a password, or empty.
    HostileFile
        Beyond the limits.
    """
    empty = True
    for table in _read(data, limits):
        empty = False
        yield table
    if empty:
        raise UnreadableFile("It is a workbook with nothing in it. Export it again.")


def _read(data: bytes, limits: Limits) -> Iterator[Table]:
    if is_markup(data):
        for name, rows in tables_of(decode(data, markup=True).text, limits):
            yield _table(name, rows)
        return
    percents: Mapping[str, frozenset[str]] = {}
    if data.startswith(OLE_MAGIC):
        _check_area("It", *extent(data), limits)
    else:
        percents = _checked(data, limits)
    try:
        yield from _sheets(data, percents, limits)
    except EngagerrError:
        raise
    except BaseException as problem:  # calamine's own errors, and panics, which are no Exception
        if isinstance(problem, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise UnreadableFile(
            f"The workbook cannot be read ({problem}). Is it locked by a password? Save it again as XLSX or CSV."
        ) from None


def _checked(data: bytes, limits: Limits) -> dict[str, frozenset[str]]:
    """The cells shown as percentages, once the sheets are found harmless.

    They are looked at before they are read: a cell far away makes a reader allocate all cells before it.
    """
    try:
        with open_archive(data, limits) as workbook:
            for member in check_members(workbook, limits):
                if member.filename.lower().endswith(".xml"):
                    _check_sheet(workbook, member, limits)
            return percent_cells(workbook, limits)
    except BROKEN as problem:
        raise UnreadableFile(f"The workbook is damaged ({problem}). Save it again as XLSX or CSV.") from None


def _check_sheet(workbook: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> None:
    """Any part may be a sheet, whatever its name. What a part only declares, the reader would allocate."""
    xml = read_member(workbook, member, limits, part=True)
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise HostileFile(f"Its part {member.filename!r} declares entities, as no spreadsheet does; it was not read.")
    if (declared := _STRINGS.search(xml[:HEAD])) and int(declared[1]) > len(xml):
        raise HostileFile(f"Its part {member.filename!r} declares {int(declared[1]):,} texts and holds fewer.")
    cells, rows, columns = 0, 0, 0
    for match in _REFERENCE.finditer(xml):
        cells += 1
        rows = max(rows, int(match[2]))
        columns = max(columns, _column_number(match[1]))
    _check_area(f"The sheet {member.filename!r}", cells, rows, columns, limits)


def _check_area(what: str, cells: int, rows: int, columns: int, limits: Limits) -> None:
    area = rows * columns
    if area > limits.sheet_cells or (area > SPARSE_FROM and area > SPARSE * cells):
        raise HostileFile(
            f"{what} spans {rows:,} rows and {columns:,} columns, {cells:,} cells of them in use; at most "
            f"{limits.sheet_cells:,} are read. Delete what lies far away, or save as CSV."
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)


def _sheets(data: bytes, percents: Mapping[str, frozenset[str]], limits: Limits) -> Iterator[Table]:
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
            rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            for place in percents.get(about.name, ()):
                _show_percent(rows, place)
            yield _table(about.name, rows)


def _show_percent(rows: list[list[str]], place: str) -> None:
    """Write a fraction as the sheet shows it, with its sign."""
    letters = place.rstrip("0123456789")
    row, column = int(place[len(letters) :]) - 1, _column_number(letters.encode()) - 1
    if row < len(rows) and column < len(rows[row]):
        with suppress(ValueError):
            rows[row][column] = f"{float(rows[row][column]) * 100:.12g}%"


def _table(name: str, rows: list[list[str]]) -> Table:
    """A sheet's records, blank ones left out, each as wide as the widest."""
    lines = [number for number, row in enumerate(rows, start=1) if any(row)]
    width = max(map(len, rows), default=0)
    whole = [row + [""] * (width - len(row)) for row in rows if any(row)]
    return Table(rows=whole, lines=lines, sheet=shown(name))


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip(INVISIBLE)
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
