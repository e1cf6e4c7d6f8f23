"""The report's sections on time: what is told, in which formats, and what thin data leave to say."""

import re
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from engagerr_core.reports.creator import outlook, trend
from engagerr_core.reports.html import to_html
from engagerr_core.reports.outputs import walk
from engagerr_core.reports.pdf import to_pdf
from engagerr_core.reports.sheet import to_xlsx
from tests.analysis.example_days import rows_of, trends_of, usual
from tests.charts.test_figure import Tags
from tests.reports.conftest import HTML, PDF, example_report, executed


@pytest.fixture(scope="module")
def notebook():
    report = example_report()
    return executed(trend(report), outlook(report))


def tables(section) -> dict[str, dict]:
    return {block["name"]: block for block in walk([section.to_json()]) if block["type"] == "table"}


def words(section) -> str:
    return " ".join(block["text"] for block in walk([section.to_json()]) if block["type"] == "paragraph")


def test_one_sentence_a_series_the_pictures_and_the_tables():
    report = example_report()
    told, found = trend(report), tables(trend(report))
    for name in ("YouTube", "Instagram", "TikTok"):
        assert f"Standard views, {name}:" in words(told)
    assert "Standard views on all platforms:" in words(told)
    assert next(b["title"] for b in walk([told.to_json()]) if b["type"] == "figure").startswith("All platforms:")
    assert {"Daily", "Directions", "DefinitionChanges", "Levels", "AllOddDays", "Parts"} <= set(found)
    assert {found[name]["sheet"] for name in ("Directions", "AllOddDays")} == {"Trends"}
    assert found["Directions"]["hidden"]
    headings = [column["title"] for column in found["Directions"]["data"]["columns"]]
    assert {"Basis", "Origin", "Definition", "Coefficient set"} <= set(headings)


def test_days_of_both_periods_that_stand_out_are_printed_with_what_carries_them():
    section = trend(example_report(compared_start=date(2026, 7, 1)))
    table = tables(section)["OddDays"]
    cells = [[cell["text"] for cell in row] for row in table["rows"]]
    assert ["20 Jul 2026", "All platforms"] in [row[:2] for row in cells]
    assert any("Instagram holds" in row[-1] for row in cells)
    assert "Summer campaign" in str(table["rows"])
    assert "stands out from what was to be expected" not in words(section)


def test_the_outlook_has_its_interval_and_its_back_test():
    section = outlook(example_report())
    assert "are forecast for" in words(section)
    assert "80%: " in words(section)
    found = tables(section)
    assert len(found["Forecast"]["data"]["rows"]) == 4 * 28
    (first, *_) = found["Backtest"]["rows"]
    assert " to " in first[2]["below"]


def test_parts_in_the_sheet_add_up_to_their_day():
    found = tables(trend(example_report()))
    names = [column["name"] for column in found["Parts"]["data"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in found["Parts"]["data"]["rows"]]
    odd = {(row[1], row[0]): row for row in found["AllOddDays"]["data"]["rows"]}
    columns = [column["name"] for column in found["AllOddDays"]["data"]["columns"]]
    assert rows
    for key in {(row["series"], row["day"], row["dimension"]) for row in rows}:
        mine = [row["deviation"] for row in rows if (row["series"], row["day"], row["dimension"]) == key]
        assert sum(mine) == pytest.approx(odd[key[:2]][columns.index("deviation")], rel=1e-9)


def test_hostile_titles_are_text_in_every_format(notebook):
    page = to_html(notebook, HTML).decode()
    assert "<script>alert" not in page
    assert "script" not in [tag for tag, attributes in Tags(page).tags if "src" in attributes]
    book = load_workbook(BytesIO(to_xlsx(notebook)))
    assert {"Daily", "Trends", "Parts", "Outlook"} <= set(book.sheetnames)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(notebook, PDF))).pages)
    assert "Outlook" in text
    assert re.search(r"forecast\s+for", text)


def test_thin_data_say_what_is_missing_and_leave_no_empty_section():
    few = example_report(trends=trends_of(rows_of("tiktok", [5.0])))
    assert "cannot be tested yet, from 1 day" in words(trend(few))
    assert "There are too few days for a forecast" in words(outlook(few))
    nothing = example_report(trends=trends_of(rows_of("tiktok", [5.0], metric="likes")))
    assert outlook(nothing).blocks
    assert "Directions" not in tables(trend(nothing))
    assert to_html(executed(trend(nothing), outlook(nothing)), HTML)


def test_a_report_without_trends_says_that_none_were_made():
    none = example_report(trends=None)
    assert "No forecast was made" in words(outlook(none))
    assert "Directions" not in tables(trend(none))


def test_a_quiet_period_says_so():
    quiet = example_report(trends=trends_of(rows_of("tiktok", usual(200, weekly=0.0))))
    said = words(trend(quiet))
    assert "No day of this period or the one before stands out" in said
    assert "No series changed its level for good" in said
