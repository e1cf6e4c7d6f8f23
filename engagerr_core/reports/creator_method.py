"""The creator report's last sections: what to mind in the data, and how the figures were made."""

from typing import TYPE_CHECKING

from engagerr_core.reports.blocks import Findings, Paragraph, Section
from engagerr_core.reports.tables import Column, TableBlock

if TYPE_CHECKING:
    from engagerr_core.reports.creator import CreatorReport


def quality(report: "CreatorReport") -> Section:
    """What to mind in these data, how far they reach, and what would mend it."""
    coverage = TableBlock(
        name="Coverage",
        title="How far each platform's days reach",
        frame=report.overview.platforms,
        columns=(
            Column(name="title", title="Platform", below="note", wide=True),
            Column(name="first_day", title="First day", format="day"),
            Column(name="last_day", title="Last day", format="day"),
            Column(name="provisional_from", title="May still change from", format="day"),
        ),
    )
    blocks = (Findings(report.overview.findings), coverage)
    return Section(name="quality", title="Data quality and coverage", sheet="Quality", blocks=blocks)


def provenance(report: "CreatorReport") -> Section:
    """How the figures were made: definitions, coefficients and which of them we assumed, data version, files."""
    import pandas as pd

    from engagerr_core.charts.wording import platform_title
    from engagerr_core.vocabulary.metrics import metrics

    o, names = report.overview, set(report.overview.platforms["platform"])
    terms = pd.DataFrame(
        [
            (
                platform_title(t.platform),
                metrics()[t.native].title,
                metrics()[t.standard].title,
                t.value,
                t.origin,
                t.note,
            )
            for t in report.coefficients.terms
            if t.platform in names
        ],
        columns=["platform", "native", "standard", "value", "origin", "note"],
    )
    assumed = int(terms["origin"].eq("assumed").sum())
    text = (
        "Standard metrics make platforms comparable: each native count is multiplied by a coefficient. In force is the "
        f"set {o.coefficient_set}; {assumed} of the {len(terms)} coefficients of these platforms are our assumption "
        f"and are marked so. Data version: {report.version}. Unknown figures stay unknown; they are never counted as 0."
    )
    definitions = o.cards.loc[o.cards["definition"] != "", ["title", "basis", "origin", "definition"]]
    blocks = (
        Paragraph(text),
        TableBlock(
            name="Definitions", title="Definitions in force", frame=definitions,
            columns=(
                Column(name="title", title="Figure"), Column(name="basis", title="Basis"),
                Column(name="origin", title="Origin"), Column(name="definition", title="Made from", wide=True),
            ),
        ),
        TableBlock(
            name="Coefficients", title=f"Coefficients, set {o.coefficient_set}", frame=terms,
            columns=(
                Column(name="platform", title="Platform"), Column(name="native", title="Native"),
                Column(name="standard", title="Standard metric"), Column(name="value", title="Times", format="number"),
                Column(name="origin", title="Origin", below="note", wide=True),
            ),
        ),
        TableBlock(
            name="Files", title="Tables these figures came from", frame=report.files,
            columns=(
                Column(name="path", title="File", wide=True), Column(name="kind", title="Table"),
                Column(name="rows_stored", title="Rows", format="count"),
                Column(name="rows_rejected", title="Rejected", format="count"),
                Column(name="file", title="SHA-256", format="hash"),
            ),
        ),
        *_lineage(report),
    )  # fmt: skip
    return Section(name="provenance", title="Method and provenance", sheet="Provenance", blocks=blocks)


def _lineage(report: "CreatorReport") -> tuple[TableBlock, ...]:
    """Each key figure with the files it came from, and the text by which it can be asked for again."""
    if report.lineage is None:
        return ()
    table = TableBlock(
        name="Lineage", title="Where the key figures come from", frame=report.lineage, sheet="Lineage",
        columns=(
            Column(name="figure", title="Figure", below="predicate", wide=True),
            Column(name="value", title="Value", format_from="unit", low="low", high="high"),
            Column(name="rows", title="Rows", format="count"),
            Column(name="files", title="From", wide=True),
        ),
        note=(
            "The small text below a figure states exactly which one it is, and what was known when it was made. Given, "
            "between quotes, to the command engagerr explain, it lists every row, coefficient and definition behind "
            "the figure, and makes it again."
        ),
    )  # fmt: skip
    return (table,)
