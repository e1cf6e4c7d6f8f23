"""The creator report: one creator, one period. Each function turns what is known into one section."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.blocks import Block, Findings, Paragraph, Section, Sentences, Title
from engagerr_core.reports.blocks import FigureBlock as Picture
from engagerr_core.reports.tables import Column, SheetChart, TableBlock

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview
    from engagerr_core.vocabulary.coefficients import CoefficientSet

LABELS = {
    "people": "People",
    "change": "Change",
    "carried": "Carried by",
    "disappointed": "Fell short",
    "next": "Next",
}
POSTS_SHOWN = 8  # a printed list is read to the end only while it is short
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
    """

    overview: "Overview"
    coefficients: "CoefficientSet"
    files: "pd.DataFrame"
    version: str


def creator_report(workspace: str, creator: str = "", start: str = "", end: str = "") -> CreatorReport:
    """Read what a report needs.

    Parameters
    ----------
    workspace : its folder; empty = the one of this place, as `Workspace.open` finds it.
    creator : whose report; empty = the first by name.
    start, end : first and last day, ISO; empty = the latest 28 days that all platforms have reported finally.

    Raises
    ------
    InvalidArgument
        A parameter that is not text (papermill's ``-p creator 007`` gives a number: use ``-r``), a day that is none, or
        a workspace without creators.
    """
    from engagerr_core.workspace import Workspace

    _check_text(workspace=workspace, creator=creator, start=start, end=end)
    with Workspace.open(workspace) as ws:
        known = sorted(ws.creators()["creator"])
        if not known:
            raise InvalidArgument(
                f"{ws.path} holds no creator yet. Ingest exported files first: engagerr ingest FOLDER."
            )
        name = creator or known[0]
        files = ws.files()
        own = files[(files["creator"] == name) & (files["rows_stored"] > 0)].assign(path=files["path"].map(_last_parts))
        return CreatorReport(
            overview=ws.overview(name, start or None, end or None),
            coefficients=ws.coefficients,
            files=own.sort_values(["platform", "path", "file"], ignore_index=True),
            version=ws.version,
        )


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


def _last_parts(path: str) -> str:
    """Where a file lies, without the folders of the analyst's own machine."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])


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
            "Below a figure stands its 95% interval. A change is beyond the usual where it stands out from the creator’s own "
            "earlier swings; untested where too little is known."
        ),
    )
    return Section(name="key-figures", title="Key figures", sheet="Summary", blocks=(table,))


def _tested(real: object) -> str:
    import pandas as pd

    if real is None or pd.isna(real):
        return "untested"
    return "yes" if real else "no"


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
    missing = [name for name, size in estimate.sizes.items() if not size == size or name in estimate.unbounded]
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
            Column(name="engagement_rate", title="Engagement rate", format="fraction", low="rate_low", high="rate_high"),
            Column(name="standard_engagements", title="Standard engagements", format="count", printed=False),
            Column(name="first_day", title="First day", format="day", printed=False),
            Column(name="last_day", title="Last day", format="day", printed=False),
            Column(name="provisional_from", title="Provisional from", format="day", printed=False),
        ),
        note="Views, share and change are of the days in the period; the engagement rate is that of posts published in it.",
        chart=SheetChart(kind="bar", title="Standard views by platform", x="title", y="standard_views", y_title="Standard views"),
    )  # fmt: skip
    return Section(
        name="platforms", title="Platforms", sheet="Platforms", blocks=(table, Picture.of(plot(o, "change")))
    )


def _posts(name: str, title: str, frame: "pd.DataFrame", note: str, *, whole: bool = False) -> TableBlock:
    printed = (
        Column(name="title", title="Post", format="title", link="url", wide=True),
        Column(name="platform_title", title="Platform"),
        Column(name="published_on", title="Published", format="day"),
        Column(name="standard_views", title="Standard views", format="count"),
        Column(name="shrunk_rate", title="Engagement rate", format="fraction", low="shrunk_low", high="shrunk_high"),
        Column(name="kind_rate", title="Usual for its kind", format="fraction"),
    )
    kept = (
        Column(name="content", title="Content id"),
        Column(name="account", title="Account"),
        Column(name="format", title="Format"),
        Column(name="age_days", title="Age in days", format="count"),
        Column(name="standard_engagements", title="Standard engagements", format="count"),
        Column(name="engagement_rate", title="Rate, not shrunk", format="fraction", low="rate_low", high="rate_high"),
        Column(name="mature", title="Mature", format="flag"),
        Column(name="basis", title="Basis"),
        Column(name="origin", title="Origin"),
        Column(name="note", title="Note"),
    )
    return TableBlock(
        name=name, title=title, frame=frame, note=note, columns=printed + kept if whole else printed,
        shown=0 if whole else POSTS_SHOWN,
    )  # fmt: skip


def content(report: CreatorReport) -> Section:
    """The most viewed posts, and those that fell short of their kind; only settled posts are compared."""
    from engagerr_core.analysis.posts import MATURE_DAYS
    from engagerr_core.analysis.sentences import FALSE_DISCOVERIES
    from engagerr_core.charts.wording import platform_title

    o = report.overview
    if o.contents.empty:
        nothing = Paragraph(f"No post of {o.creator} was published in this period, as far as the files tell.")
        return Section(name="content", title="Posts", sheet="Content", blocks=(nothing,))
    posts = o.contents.assign(
        platform_title=o.contents["platform"].map(platform_title),
        title=o.contents["title"].where(
            o.contents["title"].notna() & (o.contents["title"] != ""), o.contents["content"]
        ),
    )
    settled = posts[posts["mature"].astype(bool)]
    short = settled[settled["q_short"] <= FALSE_DISCOVERIES].sort_values(["q_short", "shrunk_rate"])
    young = len(posts) - len(settled)
    left_out = f" Still growing and left out: {young}." if young else ""
    note = f"Compared are the {len(settled)} posts of at least {MATURE_DAYS} days.{left_out}"
    blocks: list[Block] = [
        _posts("AllPosts", "All posts of the period, lifetime to the export", posts, "", whole=True),
        _posts("MostViewed", "Most viewed", settled, note),
    ]
    if short.empty:
        blocks.append(Paragraph("No settled post fell short of its kind by more than luck explains."))
    else:
        blocks.append(
            _posts(
                "FellShort", "Fell short of their kind", short,
                f"Their engagement rate lies below what is usual on that platform and format; at most {FALSE_DISCOVERIES:.0%} of "
                "this list is expected to be luck. Rates are drawn towards the usual where a post had few views.",
            )
        )  # fmt: skip
    return Section(name="content", title="Posts", sheet="Content", blocks=tuple(blocks))


def trend(report: CreatorReport) -> Section:
    """Week by week over the last year, and the days on which a platform changed what it counts."""
    from engagerr_core.charts import plot
    from engagerr_core.charts.wording import platform_title

    o = report.overview
    days = o.daily.pivot(
        index=["platform", "day", "provisional"], columns="metric", values="value"
    ).reset_index().reindex(columns=["platform", "day", "standard_views", "standard_engagements", "provisional"])  # fmt: skip
    views = o.weekly[o.weekly["metric"] == "standard_views"]
    blocks: list[Block] = [
        TableBlock(
            name="Daily", title="Day by day, both periods", shown=0,
            frame=days.assign(platform=days["platform"].map(platform_title)).sort_values(["platform", "day"]),
            columns=(
                Column(name="platform", title="Platform"),
                Column(name="day", title="Day", format="day"),
                Column(name="standard_views", title="Standard views", format="count"),
                Column(name="standard_engagements", title="Standard engagements", format="count"),
                Column(name="provisional", title="Provisional", format="flag"),
            ),
            chart=SheetChart(
                kind="line", title="Standard views by day", x="day", y="standard_views", y_title="Standard views",
                series="platform",
            ),
        )
    ]  # fmt: skip
    if views.empty:
        blocks.append(
            Paragraph("No platform's files hold daily figures. Export each account's daily overview as well.")
        )
    else:
        blocks.append(Picture.of(plot(views)))
    if not o.changes.empty:
        blocks.append(
            TableBlock(
                name="DefinitionChanges", title="Definition changes in these periods", frame=o.changes,
                columns=(
                    Column(name="day", title="Day", format="day"),
                    Column(name="title", title="Platform"),
                    Column(name="metric", title="Metric"),
                    Column(name="text", title="What changed", wide=True),
                    Column(name="comparable_to", title="Older notion"),
                ),
                note="A jump on such a day is the platform counting differently, not growth.",
            )
        )  # fmt: skip
    return Section(name="trend", title="Trend", sheet="Daily", blocks=tuple(blocks))


def quality(report: CreatorReport) -> Section:
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


def provenance(report: CreatorReport) -> Section:
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
    assumed = int((terms["origin"] == "assumed").sum())
    text = (
        f"Standard metrics make platforms comparable: each native count is multiplied by a coefficient. In force is the set "
        f"{o.coefficient_set}; {assumed} of the {len(terms)} coefficients of these platforms are our assumption and are "
        f"marked so. Data version: {report.version}. Unknown figures stay unknown; they are never counted as 0."
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
    )  # fmt: skip
    return Section(name="provenance", title="Method and provenance", sheet="Provenance", blocks=blocks)
