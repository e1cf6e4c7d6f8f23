"""The creator report on the sample: every format, the same bytes, failures apart, plain papermill too."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from pypdf import PdfReader

from engagerr_core.errors import InvalidArgument, ReportFailed, UnknownName, WorkspaceMissing
from engagerr_core.reports.batch import make_reports
from engagerr_core.reports.kernel import WarmKernel
from engagerr_core.reports.make import make_report
from engagerr_core.reports.outputs import blocks_of, walk
from engagerr_core.reports.templates import definition
from engagerr_core.shipped import shipped_folder

CREATOR = "Tomasz Wierzbicki-Hale"
NOTEBOOK = shipped_folder("notebooks") / "creator_report.ipynb"


@pytest.fixture(scope="module")
def kernel():
    with WarmKernel() as warm:
        yield warm


def made_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_inputs_give_the_same_bytes(sample_workspace, tmp_path, kernel):
    formats = ("html", "pdf", "xlsx")
    first = make_report(sample_workspace, CREATOR, formats=formats, folder=tmp_path / "a", kernel=kernel)
    with WarmKernel() as other:
        make_report(sample_workspace, CREATOR, formats=formats, folder=tmp_path / "b", kernel=other)
    assert made_in(tmp_path / "a") == made_in(tmp_path / "b")
    assert [p.suffix for p in first] == [".html", ".pdf", ".xlsx"]
    assert [p.name for p in (tmp_path / "a").iterdir() if p.name.startswith(".")] == []
    page = first[0].read_text(encoding="utf-8")
    assert page.count("<h1>Tomasz Wierzbicki-Hale</h1>") == 1
    assert str(sample_workspace) not in page  # no folder of this machine in what a client reads
    assert len(PdfReader(first[1]).pages) >= 4


def test_the_period_asked_for_is_the_period_reported(sample_workspace, tmp_path, kernel):
    made = make_report(sample_workspace, CREATOR, "2026-07-01", "2026-07-31", ("ipynb",), tmp_path, kernel=kernel)
    assert made[0].name == "tomasz-wierzbicki-hale_2026-07-01_2026-07-31.ipynb"
    blocks = list(walk(blocks_of(nbformat.read(made[0], 4))))
    assert [b["name"] for b in blocks if b["type"] == "section"] == [
        "first-page", "key-figures", "reach", "platforms", "content", "trend", "outlook", "quality",
        "provenance",
    ]  # fmt: skip
    assert len(next(b for b in blocks if b["type"] == "sentences")["items"]) == 5
    shas = [row[-1] for b in blocks if b.get("name") == "Files" for row in b["data"]["rows"]]
    assert shas
    assert all(len(sha) == 64 for sha in shas)


def test_a_failed_report_is_named_and_the_others_go_on(sample_workspace, tmp_path):
    seen: list[str] = []
    made = make_reports(
        sample_workspace, ["Nobody", CREATOR], formats=("xlsx",), folder=tmp_path, progress=seen.append, jobs=1
    )
    assert list(made["creator"]) == ["Nobody", CREATOR] == seen
    assert "There is no creator 'Nobody'" in made["problem"][0]
    assert "of Nobody stopped in cell In [3]" in made["problem"][0]
    assert str(tmp_path / "nobody_failed.ipynb") in made["problem"][0]
    assert nbformat.read(tmp_path / "nobody_failed.ipynb", 4).cells
    assert made["problem"][1] == ""
    assert [Path(p).exists() for p in made["paths"][1]] == [True]
    assert made["paths"][0] == []


def test_a_failure_leaves_the_last_good_report_and_a_success_removes_the_failed_notebook(
    own_workspace, tmp_path, kernel
):
    (good,) = make_report(own_workspace, CREATOR, formats=("html",), folder=tmp_path / "out", kernel=kernel)
    before = good.read_bytes()
    with pytest.raises(ReportFailed, match="is not a day"):
        make_report(own_workspace, CREATOR, start="soon", formats=("html",), folder=tmp_path / "out", kernel=kernel)
    assert good.read_bytes() == before
    assert (tmp_path / "out" / "tomasz-wierzbicki-hale_failed.ipynb").exists()
    make_report(own_workspace, CREATOR, formats=("html",), folder=tmp_path / "out", kernel=kernel)
    assert made_in(tmp_path / "out") == {good.name: before}


def test_the_workspaces_own_notebook_and_definition_come_first(own_workspace, tmp_path, kernel):
    (own_workspace / "reports" / "definitions").mkdir(parents=True)
    shipped = (shipped_folder("reports") / "definitions" / "creator_report.toml").read_text(encoding="utf-8")
    own = shipped.replace("Creator report", "Media kit").replace("creator_report.ipynb", "kit.ipynb")
    (own_workspace / "reports" / "definitions" / "kit.toml").write_text(own, encoding="utf-8")
    notebook = nbformat.read(NOTEBOOK, 4)
    notebook.cells = notebook.cells[:4]  # the first page alone
    nbformat.write(notebook, own_workspace / "notebooks" / "kit.ipynb")
    (made,) = make_report(own_workspace, CREATOR, formats=("html",), folder=tmp_path, report="kit", kernel=kernel)
    page = made.read_text(encoding="utf-8")
    assert "<header><p>Media kit</p></header>" in page
    assert "<h2" not in page


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"formats": ("docx",)}, InvalidArgument, "cannot be written as"),
        ({"report": "nothing"}, UnknownName, r"no definitions/nothing\.toml"),
        ({"creator": ""}, InvalidArgument, "Name the creator"),
        ({"workspace": "/nowhere/at/all"}, WorkspaceMissing, "There is no workspace"),
    ],
)
def test_what_cannot_be_made_is_refused(sample_workspace, tmp_path, given, error, message):
    asked = {"workspace": sample_workspace, "creator": CREATOR, "folder": tmp_path, **given}
    with pytest.raises(error, match=message):
        make_report(**asked)


def test_no_jobs_are_refused(sample_workspace):
    with pytest.raises(InvalidArgument, match="0 jobs"):
        make_reports(sample_workspace, [CREATOR], jobs=0)


def test_a_definition_that_lacks_an_entry_is_refused(tmp_path):
    (tmp_path / "reports" / "definitions").mkdir(parents=True)
    (tmp_path / "reports" / "definitions" / "odd.toml").write_text('title = "Odd"\n', encoding="utf-8")
    with pytest.raises(InvalidArgument, match=r"odd\.toml: 'notebook'"):
        definition("odd", tmp_path)


def test_plain_papermill_runs_the_notebook(sample_workspace, tmp_path):
    output = tmp_path / "plain.ipynb"
    command = [
        sys.executable, "-m", "papermill", str(NOTEBOOK), str(output), "--no-progress-bar",
        "-p", "workspace", str(sample_workspace), "-p", "creator", CREATOR,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(blocks_of(nbformat.read(output, 4))) == 9
