"""Native charts of a workbook, beside their tables."""

from itertools import groupby
from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#767676")


def insert_chart(book: Any, sheet: Any, chart: dict[str, Any], data: dict[str, Any], header_row: int) -> None:
    """Put a line or bar chart at the right of a table; its series refer to the table's cells.

    Parameters
    ----------
    book, sheet : of XlsxWriter.
    chart : kind, title, x, y, y_title and series, as `tables.SheetChart` says.
    data : the table's columns and rows; rows of one series lie together.
    header_row : the table's header row, counted from 0.
    """
    names = [c["name"] for c in data["columns"]]
    x, y = names.index(chart["x"]), names.index(chart["y"])
    made = book.add_chart({"type": chart["kind"]})
    place = names.index(chart["series"]) if chart["series"] else None
    start = header_row + 1
    runs = groupby(data["rows"], key=lambda row: row[place] if place is not None else chart["y_title"])
    for number, (name, rows) in enumerate(runs):
        end = start + len(list(rows)) - 1
        colour = COLOURS[min(number, len(COLOURS) - 1)]
        made.add_series(
            {
                "name": str(name),
                "categories": [sheet.get_name(), start, x, end, x],
                "values": [sheet.get_name(), start, y, end, y],
                **(
                    {"line": {"color": colour, "width": 1.75}}
                    if chart["kind"] == "line"
                    else {"fill": {"color": colour}}
                ),
            }
        )
        start = end + 1
    made.set_title({"name": chart["title"], "name_font": {"size": 12}, "overlay": False})
    made.set_size({"width": 720, "height": 340})
    made.show_blanks_as("gap")
    grid = {"visible": True, "line": {"color": "#D9D9D9"}}
    if chart["kind"] == "line":
        made.set_x_axis({"date_axis": True, "num_format": "d mmm yyyy", "major_gridlines": {"visible": False}})
        made.set_y_axis({"name": chart["y_title"], "major_gridlines": grid, "num_format": "#,##0", "min": 0})
        made.set_legend({"position": "top"})
    else:
        made.set_x_axis({"name": chart["y_title"], "major_gridlines": grid, "num_format": "#,##0", "min": 0})
        made.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        made.set_legend({"none": True})
    alternative = f"Chart of {chart['title'].lower()}; its figures are in the table beside it."
    sheet.insert_chart(header_row, len(names) + 1, made, {"description": alternative})
