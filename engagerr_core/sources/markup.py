"""Workbooks saved as a web page or as XML of 2003, under the names .xls, .xlsx or even .csv: their tables.

Python's own HTML parser reads both. It knows HTML's entities and no others, so nothing can be declared and expanded.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from engagerr_core.errors import HostileFile
from engagerr_core.sources.limits import Limits

HEAD = 65_536  # bytes within which the first table begins

_START = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe)?\s*\0?<", re.ASCII)
_TABLE = re.compile(rb"<(?:\w+:)?(?:table|workbook)[\s>]", re.IGNORECASE)
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "cell")
_UNSEEN = ("style", "script", "title")


def is_markup(data: bytes) -> bool:
    """Whether it is a page or an XML document with a table in it."""
    head = data[:HEAD]
    return bool(_START.match(head)) and bool(_TABLE.search(head.replace(b"\0", b"")))


def tables_of(text: str, limits: Limits) -> Iterator[tuple[str, list[list[str]]]]:
    """Each table: its sheet's name, empty where there is none, and its rows.

    Raises
    ------
    HostileFile
        Beyond the limits.
    """
    parser = _Tables(limits)
    for start in range(0, len(text), HEAD):
        parser.feed(text[start : start + HEAD])
        if len(parser.rawdata) > HEAD:
            raise HostileFile(f"A tag of it has more than {HEAD:,} characters; it was not read.")
    parser.close()
    yield from ((name, rows) for name, rows in parser.tables if any(map(any, rows)))


class _Tables(HTMLParser):
    """The outermost tables of a document, cell by cell."""

    def __init__(self, limits: Limits):
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.depth = 0  # of tables inside one another
        self.unseen = 0
        self.sheet = ""
        self.cell: list[str] | None = None
        self.characters = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        told = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag == "worksheet":
            self.sheet = told.get("name", "")
        elif tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append((self.sheet, []))
        elif tag in _UNSEEN:
            self.unseen += 1
        elif self.depth == 1 and tag in _ROWS:
            self._row(told)
        elif self.depth == 1 and tag in _CELLS:
            self._cell(told)
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "table":
            self._end_of_cell()
            self.depth = max(self.depth - 1, 0)
        elif tag in _UNSEEN:
            self.unseen = max(self.unseen - 1, 0)
        elif self.depth == 1 and tag in (*_ROWS, *_CELLS):
            self._end_of_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is None or self.unseen:
            return
        self.characters += len(data)
        if self.characters > self.limits.cell_characters:
            raise HostileFile(f"A cell of it has more than {self.limits.cell_characters:,} characters.")
        self.cell.append(data)

    def _row(self, told: dict[str, str]) -> None:
        self._end_of_cell()
        rows = self.tables[-1][1]
        if len(rows) >= self.limits.rows:
            raise HostileFile(f"It has more than {self.limits.rows:,} rows. Split it, or raise limits.rows.")
        rows.append([])

    def _cell(self, told: dict[str, str]) -> None:
        """Begin a cell, after those that the document leaves out before it or lets it cover."""
        self._end_of_cell()
        rows = self.tables[-1][1]
        if not rows:
            rows.append([])
        skipped = _number(told.get("index")) - 1 - len(rows[-1])
        if max(skipped, 0) + len(rows[-1]) >= self.limits.columns:
            raise HostileFile(f"A row of it has more than {self.limits.columns:,} cells.")
        rows[-1].extend([""] * skipped)
        self.cell = []
        self.characters = 0
        self.covered = min(_number(told.get("colspan")) or 1, self.limits.columns)

    def _end_of_cell(self) -> None:
        if self.cell is None:
            return
        row = self.tables[-1][1][-1]
        row.append("".join(self.cell).strip())
        row.extend([""] * (self.covered - 1))
        self.cell = None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0
