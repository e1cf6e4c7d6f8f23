"""An executed notebook as PDF, through typst: no browser, no system library."""

from functools import cache
from pathlib import Path
from typing import Any

from engagerr_core.reports.outputs import blocks_of, title_of
from engagerr_core.reports.templates import fonts_folder


@cache
def _fonts() -> Any:
    """The shipped fonts first; the system's only for scripts that they lack."""
    import typst

    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[str(fonts_folder())])


def to_pdf(executed: Any, template: Path, kind: str = "Report") -> bytes:
    """The document: A4, vector charts, page numbers, contents, bookmarks. Same notebook, same bytes on one machine.

    The blocks are handed to the template as JSON, so text from data is never read as markup.

    Parameters
    ----------
    executed : the executed notebook.
    template : a typst template; the shipped one is ``reports/templates/report.typ``.
    kind : what the reader holds, such as ``Creator report``.
    """
    import json

    import typst

    blocks = blocks_of(executed)
    title = title_of(blocks)
    heading = " · ".join(filter(None, (title["creator"], kind, title["subtitle"].split(",")[0])))
    report = {"heading": heading, "kind": kind, "blocks": blocks}
    compiler = typst.Compiler(root=str(template.absolute().parent), font_paths=_fonts())
    document = compiler.compile(
        str(template.absolute()),
        format="pdf",
        sys_inputs={"report": json.dumps(report, allow_nan=False)},
        timestamp=0,
    )
    if not isinstance(document, bytes):
        raise TypeError("typst made no document.")
    return document
