"""What happens to exports on their way: saved again, cut, reordered, translated, packed.

A `Sheet` is one table of an export, taken apart with nothing but the standard library and python-calamine. A damage
turns a `Copy` of it, what is to be written and how, into another; `write` then makes the file.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from engagerr_core.simulation.exports import ExportFile
from tests.sources.languages import LANGUAGES, PROSE, translated

READERS = {"instagram": "meta", "facebook": "meta"}
STACKED = ("meta audience", "DISCOVERY")  # several tables in one, or none: neither columns nor rows can move
ORDERED = ("tiktok overview", "tiktok viewers", "tiktok followers", "tiktok content")  # years are told by the order
KEYS = {  # columns without which a table is another table, by its header
    "Date", "Content", "Video", "Geography", "Cities", "City name", "Traffic source", "Viewer age", "Viewer gender",
    "Subscription status", "Device type", "Operating system", "Playback location", "Post ID", "Account ID", "Page ID",
    "Time", "Video link", "Post time", "Hour", "Gender", "Top territories", "Post id", "Tweet id", "time", "Primary",
    "Post link", "Post URL", "song", "date", "Top Demographics", "Value", "Song", "Song ID", "Album", "Sale Month",
    "Reporting Date", "Store", "Release", "Label", "ISRC", "Country", "Sales Type", "Currency",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of an export: its rows, where its header stands, and what the reader is told beside it."""

    shape: str
    platform: str
    name: str
    rows: list[list[str]]
    header: int
    exported_on: date
    period: tuple[date, date]
    sheet: str = ""

    @property
    def movable(self) -> bool:
        """Whether its columns are a plain table's."""
        return not any(word in self.shape for word in (*STACKED, "TOP POSTS"))

    @property
    def reader(self) -> str:
        """The stem of the platform's TOML file."""
        return READERS.get(self.platform, self.platform)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What is to be written, and how."""

    sheet: Sheet
    rows: list[list[str]]
    header: int
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    quoting: Any = csv.QUOTE_MINIMAL
    above: str = ""
    below: str = ""
    wrapped: bool = False
    container: str = ""
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


class NotApplicable(Exception):
    """That damage cannot happen to that table."""


def sheets_of(files: tuple[ExportFile, ...], period: tuple[date, date], most_rows: int) -> list[Sheet]:
    """One sheet for each shape among the files, cut to the first rows."""
    found: dict[tuple[str, ...], Sheet] = {}
    for file in files:
        if "cp1252" in file.warts or "double-encoded" in file.warts:
            continue
        for name, inner, rows in _tables(file):
            header = _header(rows)
            titles = [cell for row in rows[:header] for cell in row if cell and not inner]
            shape = f"{file.kind} › {inner or PurePosixPath(name).stem}" if name != file.name or inner else file.kind
            if shape.startswith("meta"):
                shape = f"{file.platform} {shape}"
            key = (file.platform, *titles, *rows[header])
            if key not in found and len(rows) > header + 1:
                alike = sum(sheet.shape.split(" (")[0] == shape for sheet in found.values())
                shape += f" ({alike + 1})" if alike else ""
                kept = rows if any(word in shape for word in STACKED) else rows[: header + 1 + most_rows]
                found[key] = Sheet(
                    shape=shape, platform=file.platform, name=name, rows=kept, header=header, sheet=inner,
                    exported_on=file.exported_on, period=period,
                )  # fmt: skip
    return list(found.values())


def _tables(file: ExportFile) -> list[tuple[str, str, list[list[str]]]]:
    """Name of the file, name of the sheet, rows."""
    if file.name.endswith(".xlsx"):
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
        return [
            (file.name, sheet, [[_plain(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python()])
            for sheet in book.sheet_names
        ]
    if file.name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            return [(member, "", _rows(archive.read(member))) for member in archive.namelist()]
    return [(file.name, "", _rows(file.data))]


def _plain(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _rows(data: bytes) -> list[list[str]]:
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return rows[1:] if rows[0][0].startswith("sep=") else rows


def _header(rows: list[list[str]]) -> int:
    """Below titles and below the last blank row among the first."""
    blank = max((i for i, row in enumerate(rows[:4]) if not any(row)), default=-1)
    return next(i for i, row in enumerate(rows) if i > blank and sum(map(bool, row)) > 1)


def clean(sheet: Sheet) -> Copy:
    """The sheet as plain UTF-8 CSV."""
    return Copy(sheet=sheet, rows=sheet.rows, header=sheet.header)


def write(copy: Copy, folder: Path) -> Path:
    """Make the file, under the name that the platform gave it."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = PurePosixPath(copy.sheet.name).stem
    if copy.container.startswith("xlsx"):
        path = folder / f"{stem}.xlsx"
        path.write_bytes(_as_workbook(copy))
        return path
    data = _as_text(copy)
    for level in range({"zip": 1, "nested zip": 2}.get(copy.container, 0)):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{stem}.csv" if not level else "export.zip", data)
        data = packed.getvalue()
    path = folder / ("download.zip" if copy.container else f"{stem}.csv")
    path.write_bytes(data)
    return path


def _as_text(copy: Copy) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=copy.delimiter, lineterminator=copy.line_end, quoting=copy.quoting)
    if copy.wrapped:
        for row in copy.rows:
            line = io.StringIO(newline="")
            csv.writer(line, delimiter=copy.delimiter, lineterminator="\n").writerow(row)
            out.write('"' + line.getvalue().removesuffix("\n").replace('"', '""') + '"' + copy.line_end)
    else:
        writer.writerows(copy.rows)
    text = copy.above + out.getvalue() + copy.below
    try:
        data = text.encode(copy.encoding.removesuffix("-bom"))
    except UnicodeEncodeError:
        raise NotApplicable(f"{copy.encoding} has not all its letters") from None
    marks = {"utf-8-bom": b"\xef\xbb\xbf", "utf-16-le-bom": b"\xff\xfe"}
    return marks.get(copy.encoding, b"") + data


def _as_workbook(copy: Copy) -> bytes:
    import xlsxwriter

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet(copy.sheet.sheet or "Sheet1")
        for i, row in enumerate(copy.rows):
            for j, cell in enumerate(row):
                if copy.container == "xlsx with numbers" and _is_figure(cell, copy, i):
                    sheet.write_number(i, j, float(cell))
                elif cell:
                    sheet.write_string(i, j, cell)
    return data.getvalue()


def _is_figure(cell: str, copy: Copy, row: int) -> bool:
    """What a careful person lets be a number: no id, nothing with leading zeros."""
    if row <= copy.header or len(cell) > 14 or (len(cell) > 1 and cell[0] == "0" and cell[1] != "."):
        return False
    return cell.removeprefix("-").replace(".", "", 1).isdecimal()


def _map_body(copy: Copy, change: Callable[[list[str]], list[str]]) -> Copy:
    rows = [*copy.rows[: copy.header], *(change(row) for row in copy.rows[copy.header :])]
    return replace(copy, rows=rows)


def _need(condition: bool, why: str) -> None:
    if not condition:
        raise NotApplicable(why)


def encoding(copy: Copy, rng: random.Random) -> Copy:
    """Another encoding."""
    return replace(copy, encoding=rng.choice(("utf-8", "utf-8-bom", "utf-16-le-bom", "cp1252", "cp1251")))


def delimiter(copy: Copy, rng: random.Random) -> Copy:
    """Another delimiter, other line ends, other quotes."""
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    return replace(copy, delimiter=rng.choice(",;\t"), line_end=rng.choice(("\n", "\r\n")), quoting=quoting)


def column_order(copy: Copy, rng: random.Random) -> Copy:
    """Columns in another order."""
    _need(copy.sheet.movable, "its columns have their places")
    order = list(range(len(copy.rows[copy.header])))
    rng.shuffle(order)
    return _map_body(copy, lambda row: [(row + [""] * len(order))[i] for i in order])


def unknown_column(copy: Copy, rng: random.Random) -> Copy:
    """A column of somebody's own."""
    _need(copy.sheet.movable, "its columns have their places")
    at, kind = rng.randrange(len(copy.rows[copy.header]) + 1), rng.choice(("remark", "figure", "empty"))
    cells = {"remark": "see mail, urgent", "figure": "17", "empty": ""}
    rows = [list(row) for row in copy.rows]
    for i, row in enumerate(rows[copy.header :]):
        row.insert(at, "Wiedervorlage 7" if not i else cells[kind])
    return replace(copy, rows=rows)


def missing_column(copy: Copy, rng: random.Random) -> Copy:
    """A column was deleted that is no key of the table."""
    _need(copy.sheet.movable, "its columns have their places")
    names = copy.rows[copy.header]
    able = [i for i, name in enumerate(names) if name not in KEYS and names.count(name) == 1]
    _need(bool(able) and len(names) > 2, "nothing can be left out")
    at = rng.choice(able)
    return replace(
        _map_body(copy, lambda row: row[:at] + row[at + 1 :]), removed=(*copy.removed, copy.rows[copy.header][at])
    )


def duplicated_rows(copy: Copy, rng: random.Random) -> Copy:
    """Some rows stand twice, one after the other."""
    _need(copy.sheet.shape != "royalty statement", "the lines of a statement add up, equal ones too")
    _need(not any(word in copy.sheet.shape for word in STACKED), "it has no rows of its own kind")
    twice = {rng.randrange(copy.header + 1, len(copy.rows)) for _ in range(3)}
    rows = [row for i, row in enumerate(copy.rows) for _ in range(2 if i in twice else 1)]
    return replace(copy, rows=rows)


def shuffled_rows(copy: Copy, rng: random.Random) -> Copy:
    """Rows in another order."""
    _need(copy.sheet.movable and not copy.sheet.shape.startswith(ORDERED), "their order has a meaning")
    body = copy.rows[copy.header + 1 :]
    rng.shuffle(body)
    return replace(copy, rows=[*copy.rows[: copy.header + 1], *body])


def no_total(copy: Copy, _: random.Random) -> Copy:
    """The row of totals was deleted."""
    rows = [row for row in copy.rows if not row or row[0] != "Total"]
    _need(len(rows) < len(copy.rows), "it has no total")
    return replace(copy, rows=rows, removed=(*copy.removed, "Total"))


def locale(copy: Copy, rng: random.Random) -> Copy:
    """Another language, as far as it is promised."""
    language = rng.choice(LANGUAGES)
    rows, known = translated(copy.rows, copy.header, copy.sheet.reader, language, rng.randrange(3))
    _need(known > 0 or rows != copy.rows, f"nothing of it is promised in {language}")
    return replace(copy, rows=rows, notes=(*copy.notes, f"{language}, {known:.0%} of headers"))


def decimal_comma(copy: Copy, _: random.Random) -> Copy:
    """Saved by a spreadsheet that writes decimal commas: 50,5 between semicolons."""

    def comma(row: list[str]) -> list[str]:
        return [
            cell.replace(".", ",") if cell.count(".") == 1 and cell.replace(".", "").isdecimal() and name not in PROSE
            else cell for cell, name in zip(row, copy.rows[copy.header] + [""] * len(row), strict=False)
        ]  # fmt: skip

    changed = _map_body(copy, comma)
    _need(changed.rows != copy.rows, "it has no decimals")
    return replace(changed, delimiter=";", line_end="\r\n")


def wrapped(copy: Copy, _: random.Random) -> Copy:
    """Encoded twice: every row is one quoted cell."""
    return replace(copy, wrapped=True)


def separator_line(copy: Copy, rng: random.Random) -> Copy:
    """A first line that declares the delimiter."""
    mark = rng.choice(",;\t")
    return replace(copy, delimiter=mark, above=f"sep={mark}{copy.line_end}")


def trailing(copy: Copy, rng: random.Random) -> Copy:
    """Blank lines at the end, and delimiters at the end of every line."""
    more = rng.randrange(3)
    rows = [row + [""] * more for row in copy.rows]
    return replace(copy, rows=rows, below=copy.line_end * rng.randrange(1, 4) + copy.delimiter * 3 + copy.line_end)


def workbook(copy: Copy, rng: random.Random) -> Copy:
    """Saved as XLSX, figures as text or as numbers."""
    return replace(copy, container=rng.choice(("xlsx", "xlsx with numbers")))


def packed(copy: Copy, rng: random.Random) -> Copy:
    """In an archive, or in an archive inside an archive."""
    return replace(copy, container=rng.choice(("zip", "nested zip")))


Damage = Callable[[Copy, random.Random], Copy]
OF_CONTENT: tuple[Damage, ...] = (  # these change what the cells are
    locale, decimal_comma, no_total, missing_column, unknown_column, column_order, duplicated_rows, shuffled_rows,
)  # fmt: skip
OF_FORM: tuple[Damage, ...] = (encoding, delimiter, wrapped, separator_line, trailing, workbook, packed)
