"""Executing a notebook with parameters, through papermill."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engagerr_core.errors import ReportFailed
from engagerr_core.reports.kernel import WarmKernel
from engagerr_core.reports.parameters import checked_parameters

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run_report(notebook: Path, parameters: Mapping[str, Any], output: Path, kernel: WarmKernel | None = None) -> Any:
    """Execute a notebook and keep the executed one.

    Parameters
    ----------
    notebook : the notebook; it runs in its own folder, as in JupyterLab.
    parameters : held to what the notebook declares (`parameters.checked_parameters`).
    output : where the executed notebook is written, also when a cell fails.
    kernel : a kernel that is kept for further notebooks; None = one for this notebook alone.

    Returns
    -------
    The executed notebook.

    Raises
    ------
    InvalidArgument
        A parameter that the notebook does not declare so.
    ReportFailed
        A cell raised; the message names creator, cell and error, and where the partly executed notebook lies.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from engagerr_core.reports.engine import NAME

    node = nbformat.read(notebook, as_version=4)
    given = checked_parameters(node, parameters)
    output.parent.mkdir(parents=True, exist_ok=True)
    own = kernel or WarmKernel()
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(output),
            parameters=given,
            kernel_name="python3",
            language="python",
            engine_name=NAME,
            manager=own.manager(notebook.absolute().parent),
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
    except PapermillExecutionError as stop:
        raise ReportFailed(_failure(stop, given, output)) from stop
    finally:
        if kernel is None:
            own.close()


def _failure(stop: Any, given: Mapping[str, Any], output: Path) -> str:
    whose = f" of {given['creator']}" if given.get("creator") else ""
    lines = [line for line in stop.source.splitlines() if line.strip()]
    said = _COLOURS.sub("", f"{stop.ename}: {stop.evalue}").rstrip(". ")
    return (
        f"The report{whose} stopped in cell In [{stop.exec_count}], `{lines[0] if lines else ''}`: {said}. "
        f"The partly executed notebook is kept at {output}: open it there, mend the cause, and run the report again."
    )
