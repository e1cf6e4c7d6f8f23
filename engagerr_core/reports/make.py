"""One report: execute its notebook, then write every format from the executed one."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engagerr_core.errors import InvalidArgument, ReportFailed
from engagerr_core.reports.kernel import WarmKernel
from engagerr_core.reports.names import file_name
from engagerr_core.reports.outputs import blocks_of, title_of
from engagerr_core.reports.run import run_report
from engagerr_core.reports.templates import Definition, checked_formats, definition


def make_report(
    workspace: Path | str,
    creator: str,
    start: str = "",
    end: str = "",
    formats: Sequence[str] = (),
    folder: Path | str | None = None,
    report: str = "creator_report",
    kernel: WarmKernel | None = None,
    as_of: str = "",
) -> list[Path]:
    """Make one creator's report.

    Parameters
    ----------
    workspace : its folder.
    creator : whose report.
    start, end : first and last day, ISO; empty = the latest 28 days that all platforms have reported finally.
    formats : html, pdf, xlsx, ipynb (the executed notebook); none = what the definition says.
    folder : where the files go; None = ``reports/out`` in the workspace.
    report : name of the definition; the workspace's own comes before the shipped one.
    kernel : a kernel kept for several reports; None = one for this report alone.
    as_of : as known at the end of this day, ISO; empty = now. It stands in the files' names, too.

    Returns
    -------
    The files, named ``<creator>_<start>_<end>.<format>``, in the order of `formats`. Same inputs, same bytes.

    Raises
    ------
    ReportFailed
        A cell raised; the partly executed notebook is kept in `folder`, and no other file is touched.
    """
    place = Path(workspace).absolute()
    found = definition(report, place)
    wanted = checked_formats(tuple(formats)) if formats else found.formats
    target = Path(folder).absolute() if folder is not None else place / "reports" / "out"
    target.mkdir(parents=True, exist_ok=True)
    if not creator:
        raise InvalidArgument("Whose report? Name the creator; `ws.creators()` lists them.")
    own_name = file_name(creator, _creators(place))
    parameters = {"workspace": str(place), "creator": creator, "start": start, "end": end}
    if as_of:  # a report of the analyst's own need not know it
        parameters["as_of"] = as_of
    with TemporaryDirectory(prefix=".making-", dir=target) as work:
        running = Path(work) / "executed.ipynb"
        kept = target / f"{own_name}_failed.ipynb"
        try:
            executed = run_report(found.notebook, parameters, running, kernel)
        except ReportFailed as failed:
            os.replace(running, kept)
            raise ReportFailed(str(failed).replace(str(running), str(kept))) from failed
        kept.unlink(missing_ok=True)  # of an earlier attempt
        title = title_of(blocks_of(executed))
        known = f"known-{as_of}" if as_of else ""
        name = "_".join(filter(None, (own_name, title["start"], title["end"], known)))
        made = []
        for form in wanted:  # all of them beside, then put in place: a reader never sees half a report
            made.append(Path(work) / f"{name}.{form}")
            made[-1].write_bytes(_exported(executed, found, form))
        for beside in made:
            os.replace(beside, target / beside.name)
    return [target / beside.name for beside in made]


def _creators(workspace: Path) -> list[str]:
    from engagerr_core.workspace import Workspace

    with Workspace.open(workspace) as ws:
        return list(ws.creators()["creator"])


def _exported(executed: Any, found: Definition, form: str) -> bytes:
    match form:
        case "html":
            from engagerr_core.reports.html import to_html

            return to_html(executed, found.html, found.title)
        case "pdf":
            from engagerr_core.reports.pdf import to_pdf

            return to_pdf(executed, found.pdf, found.title)
        case "xlsx":
            from engagerr_core.reports.sheet import to_xlsx

            return to_xlsx(executed, found.title)
        case _:
            import nbformat

            return str(nbformat.writes(executed)).encode("utf-8")
