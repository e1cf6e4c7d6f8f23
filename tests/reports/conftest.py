"""What the tests of reports share: an executed notebook put together by hand, without a kernel."""

from dataclasses import replace
from typing import Any

import nbformat
import pandas as pd
import pytest

from engagerr_core.reports import creator as section
from engagerr_core.reports.creator import CreatorReport
from engagerr_core.shipped import shipped_folder
from engagerr_core.vocabulary.coefficients import load_coefficient_set
from tests.charts.example_overview import example_overview
from tests.charts.example_trends import example_trends

SECTIONS = ("first_page", "key_figures", "reach", "platforms", "content", "trend", "outlook", "quality", "provenance")
HTML = shipped_folder("reports") / "templates" / "report.html.j2"
PDF = shipped_folder("reports") / "templates" / "report.typ"


def example_report(**replaced: Any) -> CreatorReport:
    """A report on a made-up overview and trends; any field of the overview may be replaced by name, `trends` too."""
    trends = replaced.pop("trends") if "trends" in replaced else example_trends()
    overview = example_overview()
    contents = overview.contents.assign(kind_rate=0.05, q_short=0.5)
    contents.loc[contents.index[9:12], ["q_short", "mature"]] = [0.001, True]
    overview = replace(
        overview, contents=contents, changes=overview.changes.assign(title="YouTube"), **replaced
    ) if not {"contents", "changes"} & set(replaced) else replace(overview, **replaced)  # fmt: skip
    files = pd.DataFrame(
        {
            "path": ["youtube/Table data.csv"], "kind": ["table by content"],
            "rows_stored": [191], "rows_rejected": [0],
            "file": ["fd5b38ffcfdb29cabe3a3fa6a8253bfffed8b7adc29f0da7c3f86471c2c6ee70"],
        }
    )  # fmt: skip
    return CreatorReport(
        overview=overview, coefficients=load_coefficient_set(), files=files, version="lake 1", trends=trends
    )  # fmt: skip


def executed(*blocks: Any) -> Any:
    """A notebook whose cells show these blocks."""
    notebook = nbformat.v4.new_notebook()
    for number, block in enumerate(blocks):
        output = nbformat.v4.new_output("execute_result", data=block._repr_mimebundle_(), execution_count=number + 1)
        notebook.cells.append(nbformat.v4.new_code_cell("show()", outputs=[output], id=f"cell-{number}"))
    return notebook


def executed_report(report: CreatorReport) -> Any:
    """The creator report as its notebook would show it."""
    return executed(*(getattr(section, name)(report) for name in SECTIONS))


@pytest.fixture(scope="session")
def example_notebook() -> Any:
    return executed_report(example_report())
