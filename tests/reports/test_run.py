"""Executing notebooks: this interpreter, an empty namespace, failures kept and named."""

import os
import signal
import sys
from pathlib import Path

import nbformat
import pytest

from engagerr_core.errors import InvalidArgument, ReportFailed
from engagerr_core.reports.kernel import WarmKernel
from engagerr_core.reports.run import run_report


@pytest.fixture(scope="module")
def kernel():
    with WarmKernel() as warm:
        yield warm


def write(folder: Path, *sources: str) -> Path:
    """A notebook with a parameters cell and these cells."""
    first = nbformat.v4.new_code_cell('creator: str = "nobody"', metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[first, *map(nbformat.v4.new_code_cell, sources)])
    path = folder / "made.ipynb"
    nbformat.write(notebook, path)
    return path


def shown(notebook) -> list[str]:
    return [o["data"]["text/plain"].strip("'") for c in notebook.cells for o in c.get("outputs", []) if "data" in o]


def test_runs_here_with_the_parameters_in_the_notebooks_folder(kernel, tmp_path):
    made = write(tmp_path, "creator", "import sys; sys.executable", "import os; os.getcwd()")
    executed = run_report(made, {"creator": "007"}, tmp_path / "out" / "executed.ipynb", kernel)
    assert shown(executed) == ["007", sys.executable, str(tmp_path)]
    assert shown(nbformat.read(tmp_path / "out" / "executed.ipynb", 4)) == shown(executed)
    assert "widgets" not in executed.metadata


def test_the_next_notebook_finds_an_empty_namespace(kernel, tmp_path):
    run_report(write(tmp_path, "left_behind = 1"), {}, tmp_path / "first.ipynb", kernel)
    executed = run_report(write(tmp_path, "'left_behind' in globals()"), {}, tmp_path / "second.ipynb", kernel)
    assert shown(executed) == ["False"]
    assert [c.execution_count for c in executed.cells] == [1, 2]


def test_a_failed_report_is_kept_and_names_creator_and_cell(kernel, tmp_path):
    made = write(tmp_path, "1 + 1", "# the bad one\nraise ValueError('no such month.')", "3 + 3")
    kept = tmp_path / "kept.ipynb"
    with pytest.raises(
        ReportFailed, match=r"of Ada stopped in cell In \[4\], `# the bad one`: ValueError: no such month\. The"
    ) as told:
        run_report(made, {"creator": "Ada"}, kept, kernel)
    assert str(kept) in str(told.value)
    notebook = nbformat.read(kept, 4)
    assert shown(notebook) == ["2"]  # what ran is kept, what followed did not run
    assert [o.ename for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"] == ["ValueError"]


def test_after_a_failure_the_kernel_serves_the_next(kernel, tmp_path):
    with pytest.raises(ReportFailed):
        run_report(write(tmp_path, "1 / 0"), {}, tmp_path / "a.ipynb", kernel)
    assert shown(run_report(write(tmp_path, "1 + 1"), {}, tmp_path / "b.ipynb", kernel)) == ["2"]


def test_a_kernel_that_died_is_replaced(tmp_path):
    with WarmKernel() as kernel:
        before = int(shown(run_report(write(tmp_path, "import os; os.getpid()"), {}, tmp_path / "a.ipynb", kernel))[0])
        os.kill(before, signal.SIGKILL)
        kernel._manager.provisioner.process.wait(timeout=30)
        after = int(shown(run_report(write(tmp_path, "import os; os.getpid()"), {}, tmp_path / "b.ipynb", kernel))[0])
    assert after != before
    with pytest.raises(ProcessLookupError):
        os.kill(after, 0)


def test_refused_parameters_run_nothing(tmp_path):
    with pytest.raises(InvalidArgument, match="'creator' was given as 7"):
        run_report(write(tmp_path, "1"), {"creator": 7}, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_a_cell_that_ends_the_kernel_is_a_failed_report(kernel, tmp_path):
    kept = tmp_path / "kept.ipynb"
    with pytest.raises(ReportFailed, match=r"`import os; os\._exit\(1\)`: DeadKernel: the kernel ended in this cell"):
        run_report(write(tmp_path, "1 + 1", "import os; os._exit(1)", "2"), {"creator": "Ada"}, kept, kernel)
    assert shown(nbformat.read(kept, 4)) == ["2"]
    assert shown(run_report(write(tmp_path, "3"), {}, tmp_path / "next.ipynb", kernel)) == ["3"]
