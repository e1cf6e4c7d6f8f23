"""The creator report: one creator, one period. Each function turns what is known into one section."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.blocks import Block, Paragraph, Section, Sentences, Title
from engagerr_core.reports.blocks import FigureBlock as Picture
from engagerr_core.reports.creator_content import content
from engagerr_core.reports.creator_method import provenance, quality
from engagerr_core.reports.creator_trends import outlook, trend
from engagerr_core.reports.names import last_parts
from engagerr_core.reports.tables import Column, SheetChart, TableBlock

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.trends import Trends
    from engagerr_core.vocabulary.coefficients import CoefficientSet

__all__ = [
    "CreatorReport", "content", "creator_report", "first_page", "key_figures", "outlook", "platforms", "provenance",
    "quality", "reach", "trend",
]  # fmt: skip

LABELS = {
    "people": "People",
    "change": "Change",
    "carried": "Carried by",
    "disappointed": "Fell short",
    "next": "Next",
}
PEOPLE_ARE_COUNTED_IN = {
    "youtube": "the Studio table with Unique viewers ticked, for exactly this period",
    "instagram": "the Reach card of Meta Business Suite, for exactly this period",
    "facebook": "the Reach card of Meta Business Suite, for exactly this period",
    "tiktok": "Viewers of TikTok Studio, for exactly this period",
    "linkedin": "Unique impressions of the page's export, for exactly this period",
    "spotify": "the audience file with listeners, for exactly this period",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorReport:
    """What the sections are made from.

    Attributes
    ----------
    overview : of the creator and period.
    coefficients : the set in force.
    files : the tables these figures came from: path, platform, kind, rows_stored, rows_rejected, period_start,
        period_end, file (SHA-256).
    version : of the data.
    lineage : where the key figures come from: figure, unit, value, low, high, rows, files (in words), predicate; None =
        not asked.
    trends : the daily standard views up to the period's last day; None = not asked.
    """

    overview: "Overview"
    coefficients: "CoefficientSet"
    files: "pd.DataFrame"
    version: str
    lineage: "pd.DataFrame | None" = None
    trends: "Trends | None" = None


def creator_report(workspace: str, creator: str = "", start: str = "", end: str = "", as_of: str = "") -> CreatorReport:
    """Read what a report needs.

    Parameters
    ----------
    workspace : its folder; empty = the one of this place, as `Workspace.open` finds it.
    creator : whose report; empty = the first by name.
    start, end : first and last day, ISO; empty = the latest 28 days that all platforms have reported finally.
    as_of : as known at the end of this day, ISO; empty = now.

    Raises
    ------
    InvalidArgument
        A parameter that is not text (papermill's ``-p creator 007`` gives a number: use ``-r``), a day that is none, or
        a workspace without creators.
    """
    from engagerr_core.explain import key_figures as key_figures_explained
    from engagerr_core.workspace import Workspace

    _check_text(workspace=workspace, creator=creator, start=start, end=end, as_of=as_of)
    with Workspace.open(workspace) as ws:
        known = sorted(ws.creators()["creator"])
        if not known:
            raise InvalidArgument(
                f"{ws.path} holds no creator yet. Ingest exported files first: engagerr ingest FOLDER."
            )
        name = creator or known[0]
        files = ws.files()
        if (known_by := ws.known_by(as_of or None)) is not None:
            files = files[files["ingested_at"] <= known_by]
        own = files[(files["creator"] == name) & (files["rows_stored"] > 0)].assign(path=files["path"].map(last_parts))
        overview = ws.overview(name, start or None, end or None, as_of=as_of or None)
        sources = key_figures_explained(ws, overview)
        return CreatorReport(
            overview=overview,
            lineage=sources.assign(files=sources["files"].map(_files_said)),
            trends=ws.trends(name, as_of=as_of or None, end=overview.end),
            coefficients=ws.coefficients,
            files=own.sort_values(["platform", "path", "file"], ignore_index=True),
            version=f"{ws.version}, as known on {as_of}" if as_of else ws.version,
        )


def _files_said(files: "list[tuple[str, int]]") -> str:
    """Files and how many of their rows entered, as readers see them."""
    return "; ".join(f"{last_parts(path)}: {count:,} {'row' if count == 1 else 'rows'}" for path, count in files)


def _check_text(**given: object) -> None:
    for name, value in given.items():
        if not isinstance(value, str):
            raise InvalidArgument(
                f"{name} was given as {value!r}, a {type(value).__name__}, but is text. "
                f'Give {name}="{value}"; on papermill\'s command line use `-r {name} {value}` instead of `-p`.'
            )
        if name in ("start", "end") and value:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise InvalidArgument(f"{name} {value!r} is not a day. Write it as 2026-10-31.") from None


def first_page(report: CreatorReport) -> Section:
    """Five sentences and one picture."""
    from engagerr_core.charts import plot

    o = report.overview
    head = Title(
        creator=o.creator, start=o.start, end=o.end, compared_start=o.compared_start, compared_end=o.compared_end
    )
    told = Sentences(tuple((LABELS.get(s.topic, s.topic), s.text, s.evidence) for s in o.sentences))
    return Section(name="first-page", title="", sheet="Summary", blocks=(head, told, Picture.of(plot(o))))


def key_figures(report: CreatorReport) -> Section:
    """Each key figure with its change and interval."""
    cards = report.overview.cards.assign(tested=report.overview.cards["real"].map(_tested))
    table = TableBlock(
        name="KeyFigures",
        title="This period against the one before",
        frame=cards,
        columns=(
            Column(name="title", title="Figure", below="note", wide=True),
            Column(name="value", title="This period", format_from="unit", low="low", high="high"),
            Column(name="previous", title="Before", format_from="unit"),
            Column(name="change", title="Change", format="change", low="change_low", high="change_high"),
            Column(name="tested", title="Beyond the usual?"),
            Column(name="basis", title="Basis", printed=False),
            Column(name="origin", title="Origin", printed=False),
            Column(name="definition", title="Definition", printed=False),
            Column(name="coefficient_set", title="Coefficient set", printed=False),
        ),
        note=(
            "Below a figure stands its 95% interval. A change is beyond the usual where it stands out from the "
            "creator’s own earlier swings; untested where too little is known."
        ),
    )
    return Section(name="key-figures", title="Key figures", sheet="Summary", blocks=(table,))


def _tested(real: Any) -> str:
    from engagerr_core.charts.wording import told

    return {None: "untested", True: "yes", False: "no"}[told(real)]


def reach(report: CreatorReport) -> Section:
    """Different people: bounds in plain words, what they rest on, and what would narrow them."""
    from engagerr_core.charts import plot
    from engagerr_core.charts.wording import platform_title

    estimate = report.overview.reach
    blocks: list[Block] = [
        Paragraph(str(estimate), lead=True),
        Paragraph(
            "Each person counts once, however often and wherever they came. The bounds hold whatever the overlap."
        ),
        replace(Picture.of(plot(estimate)), note=""),  # the next paragraph says it
        Paragraph(
            f"Method: {estimate.method}. " + " ".join(f"{flag[:1].upper()}{flag[1:]}." for flag in estimate.flags)
        ),
    ]
    missing = [name for name, size in estimate.sizes.items() if size != size or name in estimate.unbounded]
    narrower = [f"{platform_title(n)}: {PEOPLE_ARE_COUNTED_IN[n]}" for n in missing if n in PEOPLE_ARE_COUNTED_IN]
    if narrower:
        blocks.append(Paragraph("What would narrow it: " + "; ".join(narrower) + "."))
    return Section(name="reach", title="Different people reached", sheet="Summary", blocks=tuple(blocks))


def platforms(report: CreatorReport) -> Section:
    """Platform by platform, and what each added to the change."""
    from engagerr_core.charts import plot

    o = report.overview
    if o.platforms.empty:
        nothing = Paragraph(f"No platform of {o.creator} has figures in this period. Ingest files that cover it.")
        return Section(name="platforms", title="Platforms", sheet="Platforms", blocks=(nothing,))
    table = TableBlock(
        name="Platforms",
        title="Platforms in this period",
        frame=o.platforms,
        columns=(
            Column(name="title", title="Platform", below="note", wide=True),
            Column(name="standard_views", title="Standard views", format="count"),
            Column(name="share_of_views", title="Share", format="fraction"),
            Column(name="previous_views", title="Before", format="count"),
            Column(name="change", title="Change", format="change"),
            Column(name="contribution", title="Added", format="signed count"),
            Column(name="posts", title="Posts", format="count"),
            Column(
                name="engagement_rate", title="Engagement rate", format="fraction", low="rate_low", high="rate_high"
            ),
            Column(name="standard_engagements", title="Standard engagements", format="count", printed=False),
            Column(name="first_day", title="First day", format="day", printed=False),
            Column(name="last_day", title="Last day", format="day", printed=False),
            Column(name="provisional_from", title="Provisional from", format="day", printed=False),
        ),
        note="Views, share and change are of the period's days; the engagement rate is that of posts published in it.",
        chart=SheetChart(
            kind="bar", title="Standard views by platform", x="title", y="standard_views", y_title="Standard views"
        ),
    )
    return Section(
        name="platforms", title="Platforms", sheet="Platforms", blocks=(table, Picture.of(plot(o, "change")))
    )
