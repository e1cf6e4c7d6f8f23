"""The sections of the quality notebook: what to mind, how far the days reach, totals, files, rows set aside."""

from typing import TYPE_CHECKING

from engagerr_core.reports.blocks import FigureBlock, Findings, Paragraph, Section
from engagerr_core.reports.names import last_parts
from engagerr_core.reports.tables import Column, TableBlock

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.quality.report import QualityReport

SHEET = "Quality"
SHOWN = 60  # findings and rows printed; the frames hold all


def first_page(quality: "QualityReport") -> Section:
    """Three sentences and the picture of known days."""
    from engagerr_core.charts import plot

    told = tuple(Paragraph(line, lead=place == 0) for place, line in enumerate(str(quality).splitlines()))
    return Section(name="first-page", title="", sheet=SHEET, blocks=(*told, FigureBlock.of(plot(quality))))


def findings(quality: "QualityReport") -> Section:
    """What to mind, worst first, and what to do about it; findings that say the same stand once."""
    found = quality.findings
    told = found.assign(subject=_subjects(found)).drop_duplicates(["severity", "subject", "finding"])
    more = len(told) - SHOWN
    rest = (Paragraph(f"{more:,} more are in ws.quality().findings."),) if more > 0 else ()
    return Section(
        name="findings", title="What to mind", sheet=SHEET, blocks=(Findings(told.head(SHOWN)), *rest)
    )  # fmt: skip


def freshness(quality: "QualityReport") -> Section:
    """How far each account's days reach."""
    table = TableBlock(
        name="Freshness", title="How far each account’s days reach", frame=_named(quality.freshness),
        columns=(
            Column(name="creator", title="Creator", below="account", wide=True),
            Column(name="title", title="Platform"),
            Column(name="first_day", title="First day", format="day"),
            Column(name="last_day", title="Last day", format="day"),
            Column(name="last_final_day", title="Final up to", format="day"),
            Column(name="days", title="Days", format="count"),
            Column(name="missing_days", title="Missing", format="count"),
            Column(name="exported_on", title="Exported on", format="day"),
        ),
    )  # fmt: skip
    return Section(name="freshness", title="Freshness", sheet=SHEET, blocks=(table,))


def totals(quality: "QualityReport") -> Section:
    """Our totals beside the platforms' own, what agrees exactly last."""
    from engagerr_core.analysis.quality.agreement import parts_said
    from engagerr_core.vocabulary.metrics import metrics

    lines = quality.reconciliation
    shown = _named(lines).assign(
        metric=[metrics()[name].title for name in lines["metric"]],
        parts=[parts_said(parts).capitalize() for parts in lines["parts"]],
        agrees=lines["difference"] == 0,
    )
    shown = shown.sort_values(["agrees", "creator", "title", "parts", "metric"], kind="stable")
    table = TableBlock(
        name="Totals", title="What parts add up to, beside the platform’s own total", frame=shown, shown=SHOWN,
        columns=(
            Column(name="creator", title="Creator"), Column(name="title", title="Platform"),
            Column(name="period_start", title="From", format="day"),
            Column(name="period_end", title="To", format="day"),
            Column(name="metric", title="Metric"), Column(name="parts", title="By"),
            Column(name="ours", title="Parts", format="count"),
            Column(name="platform_total", title="Platform", format="count"),
            Column(name="difference", title="Difference", format="signed count"),
            Column(name="share", title="Share", format="change"),
            Column(name="reason", title="Reason", wide=True),
        ),
    )  # fmt: skip
    return Section(name="totals", title="Totals", sheet=SHEET, blocks=(table,))


def files(quality: "QualityReport") -> Section:
    """The stored tables and what became of their rows."""
    shown = quality.files.assign(path=quality.files["path"].map(last_parts))
    table = TableBlock(
        name="Tables", title="Stored tables", frame=shown, shown=SHOWN,
        columns=(
            Column(name="path", title="File", wide=True), Column(name="platform", title="Platform"),
            Column(name="kind", title="Table"),
            Column(name="period_start", title="From", format="day"),
            Column(name="period_end", title="To", format="day"),
            Column(name="rows_read", title="Rows", format="count"),
            Column(name="rows_stored", title="Stored", format="count"),
            Column(name="rows_rejected", title="Set aside", format="count"),
        ),
    )  # fmt: skip
    return Section(name="files", title="Files", sheet=SHEET, blocks=(table,))


def quarantine(quality: "QualityReport") -> Section:
    """Rows and files that were not stored, with reason and advice."""
    shown = quality.quarantine.assign(path=quality.quarantine["path"].map(last_parts))
    table = TableBlock(
        name="Quarantine", title="Rows set aside and files refused", frame=shown, shown=SHOWN,
        note="A file without a row number was refused as a whole.",
        columns=(
            Column(name="path", title="File"), Column(name="row", title="Line", format="count"),
            Column(name="column", title="Column"), Column(name="value", title="Value"),
            Column(name="reason", title="Reason", below="advice", wide=True),
        ),
    )  # fmt: skip
    return Section(name="quarantine", title="Quarantine", sheet=SHEET, blocks=(table,))


def _named(frame: "pd.DataFrame") -> "pd.DataFrame":
    from engagerr_core.charts.wording import platform_title

    return frame.assign(title=[platform_title(name) for name in frame["platform"]])


def _subjects(found: "pd.DataFrame") -> list[str]:
    """Whose figures, or which file, a finding speaks of."""
    from engagerr_core.charts.wording import platform_title

    names = zip(found["creator"], found["platform"], found["file"], strict=True)
    return [
        " · ".join(part for part in (creator, platform_title(platform) if platform else "") if part) or last_parts(file)
        for creator, platform, file in names
    ]
