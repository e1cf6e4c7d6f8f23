"""Blocks: escaped, accessible, plain data without NaN."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.blocks import MIME, FigureBlock, Findings, Heading, Paragraph, Section, Sentences, Title
from engagerr_core.reports.outputs import blocks_of, title_of
from engagerr_core.reports.tables import UNKNOWN_NOTE, Column, TableBlock
from tests.reports.conftest import executed

EVIL = '<script>alert("1")</script> & \' "'


def table(frame: pd.DataFrame, *columns: Column, **more: object) -> TableBlock:
    return TableBlock(name="T", title="A table", frame=frame, columns=columns, **more)  # type: ignore[arg-type]


def every_block(text: str) -> Section:
    findings = pd.DataFrame([(text, text, text, text)], columns=["severity", "subject", "finding", "advice"])
    frame = pd.DataFrame({"a": [text], "b": [text], "url": [text]})
    day = date(2026, 10, 1)
    return Section(
        name="all", title=text, sheet="Summary",
        blocks=(
            Title(creator=text, start=day, end=day, compared_start=day, compared_end=day),
            Heading(text), Paragraph(text), Paragraph(text, lead=True), Sentences(((text, text, text),)),
            FigureBlock(title=text, alt=text, svg="<svg xmlns='http://www.w3.org/2000/svg'/>", note=text),
            TableBlock(
                name="T", title=text, note=text, frame=frame,
                columns=(Column(name="a", title=text, below="b", link="url"),),
            ),
            Findings(findings),
        ),
    )  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_nothing_from_data_becomes_markup(text):
    html = every_block(f"<b onload={text}>").to_html()
    assert "<b " not in html
    assert "&lt;b onload=" in html


def test_scripts_quotes_and_addresses_are_inert():
    html = every_block(EVIL).to_html()
    assert "<script" not in html
    assert 'alert("' not in html
    frame = pd.DataFrame({"a": ["x", "y"], "url": ["javascript:alert(1)", "https://example.org/?a=1&b='\"><i>"]})
    html = table(frame, Column(name="a", title="A", link="url")).to_html()
    assert "javascript:" not in html
    assert 'href="https://example.org/?a=1&amp;b=&#x27;&quot;&gt;&lt;i&gt;" rel="noopener noreferrer"' in html


@given(st.lists(st.one_of(st.floats(), st.none()), max_size=5))
def test_json_holds_no_nan_and_no_zero_for_unknown(values):
    block = table(pd.DataFrame({"v": pd.Series(values, dtype="float64")}), Column(name="v", title="V", format="count"))
    data = json.loads(json.dumps(block._repr_mimebundle_()[MIME], allow_nan=False))["block"]
    known = [v for v in values if v is not None and np.isfinite(v)]
    assert [row[0] for row in data["data"]["rows"] if row[0] is not None] == known
    assert sum(cell["text"] == "–" for row in data["rows"] for cell in row) == len(values) - len(known)
    assert (UNKNOWN_NOTE in data["note"]) == (len(known) < len(values))


def test_unknown_is_said_aloud():
    html = table(
        pd.DataFrame({"a": ["x"], "v": [np.nan]}), Column(name="a", title="A"), Column(name="v", title="V")
    ).to_html()
    assert '<span role="img" aria-label="unknown" title="unknown">–</span>' in html
    assert "It is not 0." in html


def test_a_table_is_accessible_and_aligned():
    frame = pd.DataFrame({"a": ["x"], "v": [1.0]})
    html = table(frame, Column(name="a", title="A"), Column(name="v", title="V", format="count")).to_html()
    assert "<caption>A table</caption>" in html
    assert '<th scope="col" class="number">V</th>' in html
    assert '<th scope="row">x</th><td class="number">1</td>' in html


def test_rows_beyond_those_shown_stay_in_the_data():
    frame = pd.DataFrame({"v": range(10)})
    block = table(frame, Column(name="v", title="V", format="count"), shown=3)
    data = block.to_json()
    assert (len(data["rows"]), data["more"], len(data["data"]["rows"])) == (3, 7, 10)
    assert "7 more rows are in the Excel file." in block.to_html()
    hidden = table(frame, Column(name="v", title="V", format="count"), shown=0)
    assert hidden.to_html() == ""
    assert len(hidden.to_json()["data"]["rows"]) == 10


def test_rows_may_have_formats_of_their_own():
    frame = pd.DataFrame({"v": [0.5, 3.0, 2.0], "unit": ["fraction", "people", "surprise"]})
    cells = table(frame, Column(name="v", title="V", format_from="unit")).to_json()["rows"]
    assert [row[0]["text"] for row in cells] == ["50%", "3", "2"]


def test_an_empty_table_is_a_table():
    block = table(pd.DataFrame({"v": []}), Column(name="v", title="V", format="count"))
    assert block.to_json()["rows"] == []
    assert "<tbody></tbody>" in block.to_html()


def test_a_format_that_is_none_is_refused():
    with pytest.raises(InvalidArgument, match=r"no format 'dollars'\. Choose from text"):
        Column(name="v", title="V", format="dollars")


def test_findings_come_worst_first_and_none_is_said():
    frame = pd.DataFrame(
        [("note", "a", "f", "d"), ("error", "b", "f", "d"), ("odd", "c", "f", "d")],
        columns=["severity", "subject", "finding", "advice"],
    )
    assert [r["severity"] for r in Findings(frame).to_json()["rows"]] == ["error", "note", "odd"]
    assert Findings(frame[:0]).to_html() == "<p>Nothing was found against these data.</p>"


def test_a_notebook_without_blocks_is_refused():
    with pytest.raises(InvalidArgument, match="shows no blocks"):
        blocks_of(executed())


def test_blocks_of_a_later_version_are_refused():
    notebook = executed(Paragraph("x"))
    notebook.cells[0].outputs[0].data[MIME]["version"] = 99
    with pytest.raises(InvalidArgument, match="blocks 99"):
        blocks_of(notebook)


def test_a_report_without_a_title_has_empty_words():
    assert title_of(blocks_of(executed(Paragraph("x")))) == {"creator": "", "start": "", "end": "", "subtitle": ""}
