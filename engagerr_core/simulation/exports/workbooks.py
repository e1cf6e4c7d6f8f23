"""Workbooks whose bytes are the same on every machine and every day."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from engagerr_core.simulation.exports.files import Row


def workbook(sheets: Mapping[str, Sequence[Row]], made_on: date, *, text_only: bool = False) -> bytes:
    """An XLSX workbook of these sheets; None is an empty cell. `text_only` writes figures as text, as LinkedIn does."""
    import xlsxwriter

    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        book.set_properties({"created": datetime.combine(made_on, time(12))})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for position, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, int | float) and not text_only:
                        sheet.write_number(position, column, cell)
                    elif cell is not None:
                        sheet.write_string(position, column, str(cell))
    return data.getvalue()
