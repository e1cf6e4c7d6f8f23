"""Workbooks as spreadsheets save them: the cells mean what the sheet shows."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from engagerr_core.sources import read
from tests.sources.exports import YOUTUBE_TABLE, YOUTUBE_TOTALS, only, written
from tests.sources.old_workbook import old_workbook

HEADER = ["Date", "Views", "Watch time (hours)", "Average view duration", "Impressions click-through rate (%)"]


def saved(path, rows, formats=None, prepare=None):
    """A workbook by openpyxl, which writes as Excel and Google's sheets do; formats by column letter."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for letter, form in (formats or {}).items():
        for cell in sheet[letter][1:]:
            cell.number_format = form
    if prepare:
        prepare(book, sheet)
    book.save(path)
    return path


def row_of(path):
    return only(path).observations.iloc[0]


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        (date(2026, 2, 19), "yyyy-mm-dd"),
        (date(2026, 2, 19), "d. mmm yyyy"),
        (datetime(2026, 2, 19, 20, 1), "dd/mm/yyyy hh:mm"),
        ("2026-02-19", "@"),
        ("'2026-02-19", "@"),
        ("Feb 19, 2026", "General"),
        (46072, "General"),
    ],
)
def test_days(tmp_path, cell, form):
    path = saved(tmp_path / "a.xlsx", [HEADER[:4], [cell, 5, 1, "0:01:00"]], {"A": form})
    assert row_of(path)["period_start"].date() == date(2026, 2, 19)


@pytest.mark.parametrize(
    ("cell", "form"), [(5.5, "General"), (5.5, "0.0"), (0.055, "0.0%"), (0.055, "0%"), ("5.5", "@"), ("5.5%", "@"),
                       (0.055, '0.00" per cent, "%'), (5.5, '0.0"%"')],
)  # fmt: skip
def test_percentages_are_what_the_sheet_shows(tmp_path, cell, form):
    path = saved(tmp_path / "a.xlsx", [HEADER, ["2026-02-19", 5, 1, "0:01:00", cell], ["2026-02-20"]], {"E": form})
    name = next(c for c in only(path).observations if "click" in c)
    assert row_of(path)[name] == pytest.approx(0.055)


def test_percentages_of_one_sheet_do_not_touch_another(tmp_path):
    def second(book, sheet):
        other = book.create_sheet("Other")
        for row in ([*HEADER], ["2026-02-19", 5, 1, "0:01:00", 5.5]):
            other.append(row)

    path = saved(tmp_path / "a.xlsx", [HEADER, ["2026-02-19", 5, 1, "0:01:00", 0.055]], {"E": "0.0%"}, second)
    for reading in read(path):
        name = next(c for c in reading.observations if "click" in c)
        assert reading.observations[name].tolist() == pytest.approx([0.055])


@pytest.mark.parametrize("cell", [timedelta(minutes=4, seconds=34), time(0, 4, 34), "0:04:34", 274 / 86_400])
def test_durations(tmp_path, cell):
    path = saved(tmp_path / "a.xlsx", [HEADER[:4], ["2026-02-19", 5, 1.5, cell]], {"D": "[h]:mm:ss"})
    assert row_of(path)["average_view_seconds"] == 274


def test_a_duration_without_its_format_is_read_only_where_it_can_be_nothing_else(tmp_path):
    reading = only(saved(tmp_path / "a.xlsx", [HEADER[:4], ["2026-02-19", 5, 1.5, 274 / 86_400]]))
    assert reading.observations["average_view_seconds"].tolist() == [274]
    reading = only(saved(tmp_path / "b.xlsx", [HEADER[:4], ["2026-02-19", 5, 1.5, 0.5]]))
    assert reading.observations.empty
    assert "fraction of a day" in reading.rejected["reason"][0]


@pytest.mark.parametrize("cell", ["1234", "1,234", 1234, 1234.0, " 1234\xa0"])
def test_numbers_kept_as_text(tmp_path, cell):
    rows = [HEADER[:2], ["2026-02-19", cell], ["2026-02-20", "12"]]
    assert row_of(saved(tmp_path / "a.xlsx", rows, {"B": "@"}))["views"] == 1234


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!"])
def test_error_cells_are_never_figures(tmp_path, error):
    reading = only(saved(tmp_path / "a.xlsx", [HEADER[:2], ["2026-02-19", error], ["2026-02-20", 7]]))
    assert reading.observations["views"].tolist() == [7]


def test_titles_above_merged_cells_and_hidden_sheets(tmp_path):
    def dress(book, sheet):
        sheet.insert_rows(1, 3)
        sheet["A1"] = "My channel"
        sheet.merge_cells("A1:B1")
        hidden = book.create_sheet("Notes")
        hidden.append(["remember", "this"])
        hidden.sheet_state = "hidden"
        book.create_sheet("Empty")

    path = saved(tmp_path / "a.xlsx", [HEADER[:2], ["2026-02-19", 5]], prepare=dress)
    read_, refused = read(path)
    assert (read_.rows_read, read_.observations["row"].tolist()) == (1, [5])
    assert "Notes" in refused.path
    assert refused.failure


def test_formulas_have_the_values_last_computed(tmp_path):
    """A programme that never computed them leaves them unknown."""
    reading = only(saved(tmp_path / "a.xlsx", [HEADER[:2], ["2026-02-19", "=1+1"], ["2026-02-20", 3]]))
    assert reading.observations["views"].tolist() == [3]


def test_an_old_workbook_says_the_same_as_the_csv(tmp_path):
    numbers = [YOUTUBE_TABLE[0]] + [
        [float(cell) if cell.replace(".", "", 1).removeprefix("-").isdigit() else cell or None for cell in row]
        for row in YOUTUBE_TABLE[1:]
    ]
    plain = only(written(tmp_path / "a.csv", YOUTUBE_TABLE))
    (tmp_path / "a.xls").write_bytes(old_workbook(numbers))
    sheet = only(tmp_path / "a.xls")
    assert sheet.observations.drop(columns="file").equals(plain.observations.drop(columns="file"))
    days = [YOUTUBE_TOTALS[0], *([date.fromisoformat(day), float(views)] for day, views in YOUTUBE_TOTALS[1:])]
    (tmp_path / "b.xls").write_bytes(old_workbook(days))
    assert only(tmp_path / "b.xls").period == (date(2026, 2, 17), date(2026, 2, 20))


PAGE = """<html><head><title>No table</title><style>td {{ color: red }}</style></head><body>
<TABLE border=1><tr><th>{header}</th></tr>{rows}</TABLE></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.xlsx"])
def test_a_page_saved_under_the_name_of_a_workbook(tmp_path, name, encoding):
    rows = [[cell.replace('"', "&quot;") for cell in row] for row in YOUTUBE_TABLE]
    rows[2][1] = "Caf&eacute; <b>Münster</b><br>&amp; Söhne"
    body = "".join("<tr><td>" + "</td><td>".join(row) + "</td></tr>\n" for row in rows[1:])
    text = PAGE.format(header="</th><th>".join(rows[0]), rows=body)
    (tmp_path / name).write_bytes(text.encode(encoding))
    reading = only(tmp_path / name)
    plain = only(written(tmp_path / "plain" / "a.csv", YOUTUBE_TABLE))
    assert reading.observations["views"].tolist() == plain.observations["views"].tolist()
    assert "Café Münster\n& Söhne" in reading.contents["title"].tolist()


def test_xml_of_2003(tmp_path):
    cell = '<Cell{}><Data ss:Type="{}">{}</Data></Cell>'
    rows = [cell.format("", "String", "Date") + cell.format(' ss:Index="3"', "String", "Views")]
    rows += [cell.format("", "String", "2026-02-19") + cell.format(' ss:Index="3"', "Number", "7")]
    text = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    text += '<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><ss:Worksheet ss:Name="Mine"><Table>'
    text += "".join(f"<Row>{row}</Row>" for row in rows) + "</Table></ss:Worksheet></ss:Workbook>"
    (tmp_path / "a.xls").write_text(text)
    reading = only(tmp_path / "a.xls")
    assert reading.path.endswith("Mine")
    assert reading.observations["views"].tolist() == [7]


def test_an_empty_workbook_is_not_silent(tmp_path):
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    (reading,) = read(tmp_path)
    assert "nothing in it" in reading.failure
