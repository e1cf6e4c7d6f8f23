"""The creator report's section on posts."""

from typing import TYPE_CHECKING

from engagerr_core.reports.blocks import Block, Paragraph, Section
from engagerr_core.reports.tables import Column, TableBlock

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.reports.creator import CreatorReport

POSTS_SHOWN = 8  # a printed list is read to the end only while it is short


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


def content(report: "CreatorReport") -> Section:
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
                "Their engagement rate lies below what is usual on that platform and format; at most "
                f"{FALSE_DISCOVERIES:.0%} of this list is expected to be luck. Rates are drawn towards the usual where "
                "a post had few views.",
            )
        )  # fmt: skip
    return Section(name="content", title="Posts", sheet="Content", blocks=tuple(blocks))
