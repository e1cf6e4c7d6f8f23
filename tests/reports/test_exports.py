"""HTML, PDF and XLSX from one executed notebook: inert, complete, the same bytes."""

import re
from io import BytesIO

import numpy as np
import openpyxl
import pandas as pd
import pytest
from pypdf import PdfReader

from engagerr_core.reports.blocks import Paragraph, Section, Sentences
from engagerr_core.reports.html import to_html
from engagerr_core.reports.pdf import to_pdf
from engagerr_core.reports.sheet import UNKNOWN_NOTE, to_xlsx
from engagerr_core.reports.tables import Column, TableBlock
from tests.charts.example_overview import cards, example_overview
from tests.reports.conftest import HTML, PDF, example_report, executed, executed_report

TYPST = '#import "@preview/x:1" *bold* _it_ $x^2$ @cite <label> `raw` \\ [ ] { } // = - + #panic("no")'
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "<script>alert(1)</script>",
    TYPST,
]


def hostile_notebook():
    frame = pd.DataFrame({"title": HOSTILE, "views": np.arange(len(HOSTILE), dtype=float)})
    columns = (
        Column(name="title", title="Post", format="title", wide=True),
        Column(name="views", title="=V", format="count"),
    )
    table = TableBlock(name="Hostile", title="=1+1", frame=frame, columns=columns)
    blocks = (Paragraph(TYPST), Sentences((("=A", TYPST, "@b"),)), table)
    return executed(Section(name="first-page", title="=2+2", sheet="Content", blocks=blocks))


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def cells(data: bytes):
    book = openpyxl.load_workbook(BytesIO(data))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize(
    "export", [lambda n: to_html(n, HTML), lambda n: to_pdf(n, PDF), to_xlsx], ids=["html", "pdf", "xlsx"]
)
def test_same_notebook_same_bytes(export, example_notebook):
    first = export(example_notebook)
    again = executed_report(example_report())
    for number, cell in enumerate(again.cells):  # what differs between two runs must not show
        cell.id, cell.execution_count = f"other-{number}", 40 + number
        cell.metadata["papermill"] = {"start_time": "2026-11-20T00:00:00", "duration": number}
    again.metadata["papermill"] = {"output_path": "/elsewhere"}
    assert export(again) == first


def test_html_runs_no_script_and_fetches_nothing(example_notebook):
    for page in (to_html(example_notebook, HTML).decode(), to_html(hostile_notebook(), HTML).decode()):
        assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
        assert not re.search(r"<script|<iframe|<object|<link|<base|javascript:| on\w+=", page, re.I)
        assert set(re.findall(r'\ssrc="([^":]{0,30}):', page)) <= {"data"}
        assert not re.search(r"url\((?!#)|@import", page)
        assert set(re.findall(r"https?://[^\s\"'<&]+", page)) <= {f"https://example.org/p/{i}" for i in range(24)} | {
            "http://evil.example"
        }
        assert 'href="http://evil' not in page


def test_html_is_a_page_with_landmarks_and_contents(example_notebook):
    page = to_html(example_notebook, HTML, "Creator report").decode()
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Ada · Creator report · 24 Aug to 20 Sep 2026</title>" in page
    assert [page.count(tag) for tag in ("<main", "<h1", "<nav", "<header", "<footer")] == [1] * 5
    names = re.findall(r'<h2 id="([^"]+)"', page)
    assert [n for n in names if n != "contents"] == re.findall(r'<a href="#([^"]+)">', page)
    assert all(re.search(r'<img alt="[^"]+ of [^"]+ where [^"]+"', tag) for tag in re.findall(r"<img[^>]*>", page))
    assert "show()" not in page  # code is hidden


def test_pdf_shows_markup_as_it_is_written():
    words = re.sub(r"\s+", "", pdf_text(to_pdf(hostile_notebook(), PDF)).replace("\u200b", ""))
    assert re.sub(r"\s+", "", TYPST).replace("```", "") in words
    assert "=HYPERLINK(" in words
    assert "<script>alert(1)</script>" in words


def test_pdf_has_bookmarks_pages_and_a_first_page_of_its_own(example_notebook):
    reader = PdfReader(BytesIO(to_pdf(example_notebook, PDF, "Creator report")))
    marks = [str(mark["/Title"]) for mark in reader.outline]
    assert [m for m in marks if m in ("Key figures", "Platforms", "Method and provenance")] == [
        "Key figures", "Platforms", "Method and provenance",
    ]  # fmt: skip
    first = reader.pages[0].extract_text()
    assert "Ada" in first
    assert "Contents" not in first
    assert f"1 of {len(reader.pages)}" in first
    assert {round(float(v)) for v in reader.pages[0].mediabox[2:]} == {595, 842}  # A4
    assert "CreationDate" not in str(reader.metadata)


def test_no_sheet_holds_a_formula_or_an_address(example_notebook):
    for notebook in (hostile_notebook(), example_notebook):
        data = to_xlsx(notebook)
        assert {cell.data_type for cell in cells(data)} <= {"s", "n", "d"}
        assert not [cell for cell in cells(data) if cell.hyperlink]
    written = {cell.value for cell in cells(to_xlsx(hostile_notebook()))}
    assert set(HOSTILE[:5]) <= written
    quoted = [c for c in cells(to_xlsx(hostile_notebook())) if str(c.value).startswith(("=", "+", "-", "@", "\t"))]
    assert quoted
    assert all(c.quotePrefix for c in quoted if c.row > 3 and c.value not in ("=V",))


def test_sheets_hold_tables_charts_and_full_precision(example_notebook):
    report = example_report()
    book = openpyxl.load_workbook(BytesIO(to_xlsx(example_notebook)))
    sheets = "Summary Platforms Content Daily Trends Parts Outlook Quality Provenance"
    assert book.sheetnames == sheets.split()
    assert [len(book[name]._charts) for name in ("Platforms", "Daily")] == [1, 1]
    for name, table in (("Platforms", "Platforms"), ("Content", "AllPosts"), ("Daily", "Daily")):
        header = int(re.findall(r"\d+", book[name].tables[table].ref)[0])
        assert book[name].freeze_panes == f"A{header + 1}"
    views = [row[2].value for row in book["Platforms"].iter_rows() if isinstance(row[2].value, int | float)]
    assert views == list(report.overview.platforms["standard_views"])
    ids = {cell.value for cell in cells(to_xlsx(example_notebook))}
    assert set(report.overview.contents["content"]) <= ids  # all digits
    assert len({t for sheet in book for t in sheet.tables}) == sum(len(sheet.tables) for sheet in book)


def test_unknown_is_an_empty_cell_and_said():
    changed = example_report(cards=cards(value=np.nan, previous=np.nan))
    book = openpyxl.load_workbook(BytesIO(to_xlsx(executed_report(changed))))
    rows = [row for row in book["Summary"].iter_rows(values_only=True) if row[0] == "Standard views"]
    assert rows[0][2] is None
    assert UNKNOWN_NOTE in {row[0] for row in book["Summary"].iter_rows(values_only=True)}
    assert "–" in pdf_text(to_pdf(executed_report(changed), PDF))


def test_an_overview_of_nothing_still_makes_every_format():
    full = example_overview()
    empty = {
        name: getattr(full, name)[:0] for name in ("daily", "weekly", "platforms", "contents", "changes", "findings")
    }
    notebook = executed_report(example_report(**empty))
    page = to_html(notebook, HTML).decode()
    assert "Ingest files that cover it." in page
    assert "No post of Ada was published in this period" in page
    assert "Export each account&#x27;s daily overview as well." in page
    assert to_pdf(notebook, PDF).startswith(b"%PDF")
    assert cells(to_xlsx(notebook))


def test_a_long_word_breaks_instead_of_running_over():
    notebook = executed(Section(name="s", title="S", sheet="S", blocks=(Paragraph("x" * 3000),)))
    assert len(PdfReader(BytesIO(to_pdf(notebook, PDF))).pages) == 1
    assert pdf_text(to_pdf(notebook, PDF)).replace("\u200b", "").count("x") >= 3000


def test_two_columns_of_one_title_are_kept_apart():
    frame = pd.DataFrame({"a": [1.0], "b": [2.0]})
    table = TableBlock(
        name="T", title="T", frame=frame, columns=tuple(Column(name=n, title="Views", format="count") for n in "ab")
    )
    data = to_xlsx(executed(Section(name="s", title="S", sheet="S", blocks=(table,))))
    assert {"Views", "Views 2"} <= {cell.value for cell in cells(data)}
