"""Tables of a report: what is printed, and the full data behind it for sheets."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.blocks import Block
from engagerr_core.reports.formats import FORMATS, NUMBERS, UNKNOWN, plain, written, written_range

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN_NOTE = "– is unknown: the files do not tell. It is not 0."


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes
    ----------
    name : of the frame's column.
    title : as readers see it.
    format : one of `formats.FORMATS`.
    format_from : name of a column that tells each row's format, where rows differ; empty = `format` for all.
    low, high : names of columns with the interval, printed below the value; empty = none.
    below : name of a text column printed below the value; empty = none.
    link : name of a column with addresses; only http and https become links.
    wide : takes the width that the others leave.
    printed : False keeps the column for sheets alone.
    """

    name: str
    title: str
    format: str = "text"
    format_from: str = ""
    low: str = ""
    high: str = ""
    below: str = ""
    link: str = ""
    wide: bool = False
    printed: bool = True

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise InvalidArgument(
                f"Column {self.name!r}: there is no format {self.format!r}. Choose from {', '.join(FORMATS)}."
            )

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers, aligned at the right."""
        return bool(self.format_from) or self.format in NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetChart:
    """A native chart beside the table in a sheet: columns by name; `series` splits the rows, empty = one series."""

    kind: Literal["line", "bar"]
    title: str
    x: str
    y: str
    y_title: str
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableBlock(Block):
    """A table.

    Attributes
    ----------
    name : of the native table in a sheet: letters, digits, underscores; unique in a report.
    title : its caption.
    columns : which columns, in order.
    frame : the data, full precision.
    note : sentences below it; that "–" is unknown is added where one is printed.
    shown : rows printed; None = all, 0 = the table is in the sheet only.
    chart : the native chart in a sheet, or None.
    sheet : a sheet of its own in the workbook; empty = its section's.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    frame: "pd.DataFrame"
    note: str = ""
    shown: int | None = None
    chart: SheetChart | None = None
    sheet: str = ""

    def to_json(self) -> dict[str, Any]:
        """Printed cells (`rows`: text, below, href) and the data behind them (`data`: columns, formats, rows)."""
        records = self.frame.to_dict("records")
        printed = [c for c in self.columns if c.printed]
        rows = [[_cell(c, record) for c in printed] for record in records[: self.shown]]
        kept = self._kept()
        tellers = sorted({o for *_, o in kept if o})
        return {
            "type": "table",
            "name": self.name,
            "title": self.title,
            "note": " ".join(filter(None, (self.note, UNKNOWN_NOTE if _any_unknown(rows) else ""))),
            "columns": [
                {"title": c.title, "number": c.is_number, "wide": c.wide, "day": c.format == "day"} for c in printed
            ],
            "rows": rows,
            "more": len(records) - len(rows) if self.shown != 0 else 0,
            "hidden": self.shown == 0,
            "sheet": self.sheet,
            "data": {
                "columns": [{"name": n, "title": t, "format": f, "format_from": o} for n, t, f, o in kept],
                "rows": [[plain(record[n]) for n, *_ in kept] for record in records],
                "formats": [{teller: record[teller] for teller in tellers} for record in records],
            },
            "chart": None if self.chart is None else {k: getattr(self.chart, k) for k in self.chart.__slots__},
        }

    def _kept(self) -> list[tuple[str, str, str, str]]:
        """Name, title, format and format's column of everything a sheet holds, intervals and notes included."""
        kept: dict[str, tuple[str, str, str, str]] = {}
        for c in self.columns:
            kept.setdefault(c.name, (c.name, c.title, c.format, c.format_from))
            for extra, words in ((c.low, "lowest"), (c.high, "highest")):
                if extra:
                    kept.setdefault(extra, (extra, f"{c.title}, {words}", c.format, c.format_from))
            if c.below:
                kept.setdefault(c.below, (c.below, c.below.replace("_", " ").capitalize(), "text", ""))
            if c.link:
                kept.setdefault(c.link, (c.link, "Address", "text", ""))
        return list(kept.values())

    def to_html(self) -> str:
        """A ``<table>`` with caption and header cells; nothing where the table is for sheets only."""
        block = self.to_json()
        if block["hidden"]:
            return ""
        head = "".join(f'<th scope="col"{_class(column)}>{escape(column["title"])}</th>' for column in block["columns"])
        body = "".join(_html_row(row, block["columns"]) for row in block["rows"])
        more = f"{block['more']:,} more rows are in the Excel file." if block["more"] else ""
        note = " ".join(filter(None, (block["note"], more)))
        return (
            f'<div class="table"><table><caption>{escape(self.title)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>" + (f'<p class="note">{escape(note)}</p>' if note else "")
        )

    def to_text(self) -> str:
        """One line: the caption and how many rows."""
        return f"{self.title}: {len(self.frame):,} rows"


def _cell(column: Column, record: dict) -> dict[str, str]:
    form = record[column.format_from] if column.format_from else column.format
    if form not in FORMATS:
        form = "number"
    if column.low or column.high:
        text, below = written_range(record[column.name], record.get(column.low), record.get(column.high), form)
    else:
        text, below = written(record[column.name], form), ""
    if column.below:
        extra = written(record[column.below], "text")
        below = " · ".join(filter(None, (below, "" if extra == UNKNOWN else extra)))
    href = str(record[column.link]) if column.link else ""
    return {"text": text, "below": below, "href": href if href.startswith(("https://", "http://")) else ""}


def _any_unknown(rows: list[list[dict[str, str]]]) -> bool:
    return any(cell["text"] == UNKNOWN for row in rows for cell in row)


def _class(column: dict[str, Any]) -> str:
    kind = next((kind for kind in ("number", "wide", "day") if column[kind]), "")
    return f' class="{kind}"' if kind else ""


def _html_row(row: list[dict[str, str]], columns: list[dict[str, Any]]) -> str:
    cells = (_html_cell(place, cell, columns[place]) for place, cell in enumerate(row))
    return f"<tr>{''.join(cells)}</tr>"


def _html_cell(place: int, cell: dict[str, str], column: dict[str, Any]) -> str:
    text = escape(cell["text"])
    if cell["text"] == UNKNOWN:
        text = f'<span role="img" aria-label="unknown" title="unknown">{UNKNOWN}</span>'
    if cell["href"]:
        text = f'<a href="{escape(cell["href"], quote=True)}" rel="noopener noreferrer">{text}</a>'
    below = f'<span class="below" style="display:block">{escape(cell["below"])}</span>' if cell["below"] else ""
    tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
    return f"<{tag}{scope}{_class(column)}>{text}{below}</{tag}>"
