"""Key figures of a report name their files, and the text printed with each is enough to make it again."""

import re
from dataclasses import replace
from io import BytesIO

import pandas as pd
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from engagerr_core import Workspace
from engagerr_core.explain import explain
from engagerr_core.reports.creator import creator_report, provenance
from engagerr_core.reports.html import to_html
from engagerr_core.reports.pdf import to_pdf
from engagerr_core.reports.sheet import to_xlsx
from tests.reports.conftest import HTML, PDF, example_report, executed_report

KAITO = "Kaito Mensah"
HOSTILE = 'exports/<script>alert(1)<b>/=HYPERLINK("http:x").csv: 3 rows'


def lineage(**replaced) -> pd.DataFrame:
    row = {
        "figure": "Standard views", "unit": "count", "value": 1234.0, "low": float("nan"), "high": float("nan"),
        "rows": 28, "files": "youtube/Table data.csv: 28 rows",
        "predicate": "standard_views creator=Ada 2026-10-01..2026-10-28 flow known 2026-11-02T09:30:00.000001Z",
    }  # fmt: skip
    return pd.DataFrame([{**row, **replaced}])


@pytest.fixture(scope="module")
def report(sample_workspace):
    return creator_report(str(sample_workspace), KAITO, "2026-08-01", "2026-08-28")


def test_every_key_figure_is_there_with_its_files(report):
    table = report.lineage.set_index("figure")
    assert set(report.overview.cards["title"]) <= set(table.index)
    assert {"YouTube: standard views", "TikTok: engagement rate"} <= set(table.index)
    known = table[table["value"].notna()]
    assert (known["rows"] > 0).all()
    assert known["files"].str.fullmatch(r"(?:[^/]+/[^/]+: [\d,]+ rows?(?:; )?)+").all()


def test_the_text_printed_makes_the_figure_again(report, sample_workspace):
    with Workspace.open(sample_workspace) as ws:
        for row in report.lineage.iloc[[1, 4, 5, 6]].itertuples():
            told = explain(ws, row.predicate)
            assert told.value == row.value
            assert len(told.rows) == row.rows


def test_a_text_copied_from_the_pdf_is_read(report):
    reader = PdfReader(BytesIO(to_pdf(executed_report(report), PDF)))
    words = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages).replace("\u200b", ""))
    for predicate in report.lineage["predicate"]:
        assert predicate.replace(" ", "") in words


def test_it_stands_at_the_end_of_the_method_and_not_on_the_first_page(report):
    blocks = provenance(report).to_json()["blocks"]
    assert [b["name"] for b in blocks if b["type"] == "table"][-1] == "Lineage"
    assert "known 2" not in PdfReader(BytesIO(to_pdf(executed_report(report), PDF))).pages[0].extract_text()


def test_the_workbook_has_a_sheet_of_it(report):
    book = CalamineWorkbook.from_filelike(BytesIO(to_xlsx(executed_report(report))))
    assert book.sheet_names[-1] == "Lineage"
    rows = book.get_sheet_by_name("Lineage").to_python()
    head = next(row for row in rows if row[0] == "Figure")
    assert head == ["Figure", "Predicate", "Value", "Value, lowest", "Value, highest", "Rows", "From"]
    values = {row[0]: row[2] for row in rows}
    assert values["Standard views"] == report.overview.cards.set_index("metric").loc["standard_views", "value"]
    others = book.get_sheet_by_name("Provenance").to_python()
    assert not any("Where the key figures come from" in str(row) for row in others)


def test_a_report_without_it_is_as_before():
    names = [b.get("name") for b in provenance(example_report()).to_json()["blocks"]]
    assert "Lineage" not in names


def test_hostile_file_names_are_text_in_every_format():
    shown = replace(example_report(), lineage=lineage(files=HOSTILE, figure="=1+1<img src=x>"))
    page = to_html(executed_report(shown), HTML).decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    book = to_xlsx(executed_report(shown))
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_name("Lineage").to_python()
    assert [rows[5][0], rows[5][6]] == ["=1+1<img src=x>", HOSTILE]
