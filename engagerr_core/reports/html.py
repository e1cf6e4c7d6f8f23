"""An executed notebook as one self-contained page."""

from pathlib import Path
from typing import Any

from engagerr_core.reports.outputs import blocks_of, title_of


def to_html(executed: Any, template: Path, kind: str = "Report") -> bytes:
    """The page: code hidden, blocks only, no address that a browser would fetch. Same notebook, same bytes.

    The fragments in the outputs were escaped where they were made; the template escapes what it adds.

    Parameters
    ----------
    executed : the executed notebook.
    template : a Jinja template for nbconvert; the shipped one is ``reports/templates/report.html.j2``.
    kind : what the reader holds, such as ``Creator report``.
    """
    from nbconvert.exporters import TemplateExporter

    blocks = blocks_of(executed)
    title = title_of(blocks)
    heading = " · ".join(filter(None, (title["creator"], kind, title["subtitle"].split(",")[0])))
    exporter = TemplateExporter(template_file=str(template.absolute()), template_name="base")
    sections = [b for b in blocks if b["type"] == "section" and b["title"]]
    report = {"heading": heading, "kind": kind, "sections": sections}
    page, _ = exporter.from_notebook_node(executed, resources={"report": report})
    return page.encode("utf-8")
