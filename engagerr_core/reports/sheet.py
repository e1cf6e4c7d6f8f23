"""An executed notebook as a workbook: native tables and charts with full precision."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

from engagerr_core.reports.outputs import blocks_of, title_of
from engagerr_core.reports.sheet_charts import insert_chart

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
CREATED = datetime(2000, 1, 1)  # fixed, so that the same notebook gives the same bytes
LONGEST_CELL = 32_767  # Excel's limit of characters
WIDEST = 60  # characters
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet may run such text as a formula once it is edited

NUMBER_FORMATS = {
    "count": "#,##0",
    "people": "#,##0",
    "signed count": "+#,##0;−#,##0;0",
    "fraction": "0.00%",
    "change": "+0.0%;−0.0%;0.0%",
    "minutes": "#,##0.0",
    "seconds": "#,##0.0",
    "money": "#,##0.00",
    "number": "General",
    "day": "yyyy-mm-dd",
}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "font_size": 12, "font_color": "#0072B2"},
    "bold": {"bold": True},
    "note": {"font_color": "#595959", "italic": True},
}
UNKNOWN_NOTE = "Empty cells are unknown: the files do not tell. They are not 0."


def to_xlsx(executed: Any, kind: str = "Report") -> bytes:
    """The workbook: one sheet per `sheet` named by the sections. Same notebook, same bytes.

    Text is written as text whatever it begins with; unknown is an empty cell and said so above the table.

    Parameters
    ----------
    executed : the executed notebook.
    kind : what the reader holds, such as ``Creator report``.
    """
    import xlsxwriter

    blocks = blocks_of(executed)
    title = title_of(blocks)
    held = BytesIO()
    book = xlsxwriter.Workbook(held, OPTIONS)
    book.set_properties({"title": f"{title['creator']} · {kind}", "author": "", "created": CREATED})
    sheets: dict[str, _Sheet] = {}
    for section in (b for b in blocks if b["type"] == "section"):
        for name, part in _parts(section):
            if name not in sheets:
                sheets[name] = _Sheet(book, name, f"{title['creator']} · {title['subtitle']}")
            sheets[name].section(part)
    for sheet in sheets.values():
        sheet.finish()
    book.close()
    return held.getvalue()


def _parts(section: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """A section by sheet: what stays on its own, then each block that has a sheet of its own."""
    apart = [block for block in section["blocks"] if block.get("sheet")]
    stays = [block for block in section["blocks"] if not block.get("sheet")]
    whole = (section["sheet"], {**section, "blocks": stays})
    return [whole, *((block["sheet"], {**section, "title": "", "blocks": [block]}) for block in apart)]


class _Sheet:
    """One sheet, filled from top to bottom."""

    def __init__(self, book: Any, name: str, head: str) -> None:
        self.book, self.sheet, self.row = book, book.add_worksheet(name), 2
        self.widths: dict[int, int] = {}
        self.frozen = 1
        self.formats: dict[str, Any] = {}
        self._text(0, 0, head, "title")

    def section(self, section: dict[str, Any]) -> None:
        """The section's heading and blocks, pictures left out: charts are native here."""
        if section["title"]:
            self._line(section["title"], "heading")
        for block in section["blocks"]:
            self._block(block)
        self.row += 1

    def finish(self) -> None:
        """Column widths, frozen header, printing."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, min(max(width, 9), WIDEST) + 2)
        self.sheet.freeze_panes(self.frozen, 0)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)

    def _block(self, block: dict[str, Any]) -> None:
        match block["type"]:
            case "paragraph" | "heading":
                self._line(block["text"], "bold" if block.get("lead") or block["type"] == "heading" else "text")
            case "sentences":
                for item in block["items"]:
                    self._text(self.row, 0, item["label"], "bold")
                    self._text(self.row, 1, item["text"])
                    self.row += 1
                self.row += 1
            case "findings":
                self._table("Findings", "Findings", ("severity", "subject", "finding", "advice"), block["rows"])
            case "table":
                self._block_table(block)

    def _line(self, text: str, style: str) -> None:
        self._text(self.row, 0, text, style)
        self.row += 1

    def _table(self, name: str, title: str, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
        described = [{"name": c, "title": c.capitalize(), "format": "text", "format_from": ""} for c in columns]
        data = {"columns": described, "rows": [[r[c] for c in columns] for r in rows], "formats": [{} for _ in rows]}
        self._block_table({"name": name, "title": title, "note": "", "data": data, "chart": None})

    def _block_table(self, block: dict[str, Any]) -> None:
        data = block["data"]
        columns, rows = data["columns"], data["rows"]
        self._line(block["title"], "bold")
        counted = [place for place, column in enumerate(columns) if column["format"] not in ("text", "title")]
        unknown = any(row[place] is None for row in rows for place in counted)
        self._line(UNKNOWN_NOTE if unknown else "", "note")
        if not rows:
            self._line("No rows.", "note")
            return
        first = self.row
        if self.frozen == 1 and first <= 6:
            self.frozen = first + 1
        headers = [{"header": title} for title in _headers(columns)]
        look = {"name": block["name"], "style": "Table Style Light 1", "columns": headers}
        self.sheet.add_table(first, 0, first + len(rows), len(columns) - 1, look)
        for place, column in enumerate(columns):
            self._widen(place, len(column["title"]) + 2)
        for offset, (row, formats) in enumerate(zip(rows, data["formats"], strict=True), start=1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(first + offset, place, value, formats.get(column["format_from"], column["format"]))
        if block["chart"]:
            insert_chart(self.book, self.sheet, block["chart"], data, first)
        self.row = first + len(rows) + 2

    def _cell(self, row: int, column: int, value: Any, form: str) -> None:
        if value is None:
            self.sheet.write_blank(row, column, None, self._style("text"))
        elif isinstance(value, bool):
            self._text(row, column, "yes" if value else "no")
        elif isinstance(value, int | float):
            self.sheet.write_number(row, column, value, self._style(form if form in NUMBER_FORMATS else "number"))
            self._widen(column, 12)
        elif form == "day":
            self.sheet.write_datetime(row, column, date.fromisoformat(value), self._style("day"))
            self._widen(column, 11)
        else:
            self._text(row, column, value)
            self._widen(column, len(value))

    def _text(self, row: int, column: int, text: str, style: str = "text") -> None:
        self.sheet.write_string(row, column, text[:LONGEST_CELL], self._style(style, text.startswith(RISKY)))

    def _style(self, name: str, quoted: bool = False) -> Any:
        """One format per name; `quoted` keeps risky text a text even after somebody edits the cell."""
        key = f"{name}{' quoted' if quoted else ''}"
        if key not in self.formats:
            number = {"num_format": NUMBER_FORMATS[name]} if name in NUMBER_FORMATS else {}
            look = {**LOOKS.get(name, {}), **number, "quote_prefix": quoted, "valign": "top"}
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]

    def _widen(self, column: int, width: int) -> None:
        self.widths[column] = max(self.widths.get(column, 0), width)


def _headers(columns: list[dict[str, Any]]) -> list[str]:
    """Titles, made unique as native tables need them."""
    seen: dict[str, int] = {}
    headers = []
    for title in (c["title"] for c in columns):
        seen[title.casefold()] = seen.get(title.casefold(), 0) + 1
        headers.append(title if seen[title.casefold()] == 1 else f"{title} {seen[title.casefold()]}")
    return headers
