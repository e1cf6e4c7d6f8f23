"""The posts with the most standard views."""

from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.specification import Specification, data, palette, title, tooltip
from engagerr_core.charts.theme import SERIES, WHOLE, colours, in_order
from engagerr_core.charts.wording import count, day, one_line, percent, period, platform_title
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

TITLE_LENGTH = 42
ROW = 24


def content_figure(overview: "Overview", top: int = 10, among: list[str] | None = None) -> Figure:
    """Horizontal bars of lifetime standard views of the posts published in the period, best first.

    Posts too young to be compared are paler and stand below the others, whatever their views. Titles are cut to 42
    characters, whole in the tooltip and in `data`.
    `top` posts at most (1 to 50); `among` names the platforms that share the colours. Raises `InvalidArgument` for
    another number of posts.
    """
    if not 1 <= top <= 50:
        raise InvalidArgument(f"A picture shows 1 to 50 posts, not {top!r}. For all of them take overview.contents.")
    known = overview.contents[overview.contents["standard_views"].notna()]
    span = period(overview.start, overview.end)
    if known.empty:
        return nothing_to_draw(
            "No post with known views in this period",
            kind="Bar chart",
            of="standard views by post",
            advice=f"No post published {span} has figures. Choose another period, or ingest the content exports.",
        )
    rows = _rows(known).sort_values(["mature", "standard_views"], ascending=False, kind="stable").head(top)
    rows["place"] = [str(i) for i in range(len(rows))]  # two posts may share a title: a bar's place is its own
    best = rows.iloc[0]
    finding = f"{best['platform_title']} has the top post: {count(best['standard_views'])} views"
    if not best["mature"]:
        finding = f"All posts are young; most views so far: {count(best['standard_views'])}"
    left_out = len(overview.contents) - len(known)
    subtitle = (
        f"Standard views, lifetime to the export day · {len(rows)} of {len(overview.contents)} posts published {span}"
    )
    young = int((~rows["mature"]).sum())
    said = [f"Paler: {young} too young to be compared with the others."] if young else []
    said += [f"{left_out} posts have no known views."] if left_out else []
    return Figure(
        drawing={
            "title": title(finding, subtitle),
            **_drawing(rows, [*overview.contents["platform"], *(among or [])]),
        },
        title=finding,
        alt=f"Bar chart of standard views of the top {len(rows)} posts, {span}, where {finding}",
        data=rows.drop(columns=["label", "place", "platform_title", "views_said", "rate_said"]),
        note=" ".join(said),
    )


def _rows(posts: "pd.DataFrame") -> "pd.DataFrame":
    names = [
        one_line(t) or f"untitled ({one_line(c, 20)})" for t, c in zip(posts["title"], posts["content"], strict=True)
    ]
    return posts.assign(
        title=[one_line(name, 500) for name in names],
        label=[one_line(name, TITLE_LENGTH) for name in names],
        platform_title=[platform_title(p) for p in posts["platform"]],
        published_on=[day(d) for d in posts["published_on"]],
        mature=posts["mature"].fillna(False).astype(bool),
        views_said=[count(v) for v in posts["standard_views"]],
        rate_said=[percent(r) for r in posts["engagement_rate"]],
    )[["platform", "content", "title", "published_on", "age_days", "standard_views", "engagement_rate", "mature",
       "label", "platform_title", "views_said", "rate_said"]]  # fmt: skip


def _drawing(rows: "pd.DataFrame", among: list[str]) -> Specification:
    own = colours(among)
    if many := len(own) > len(SERIES):  # then the colour cannot tell the platform: the label does
        names = zip(rows["platform_title"], rows["title"], strict=True)
        rows = rows.assign(label=[one_line(f"{p}: {name}", TITLE_LENGTH) for p, name in names])
        own = dict.fromkeys(own, SERIES[0])
    shown = in_order(rows["platform"])
    legend = {"title": None, "symbolType": "square", "symbolStrokeWidth": 0} if len(shown) > 1 and not many else None
    scale = {
        "domain": [min(0, rows["standard_views"].min()), max(rows["standard_views"].max(), 1) * 1.2],
        "nice": False,
    }
    length = {"field": "standard_views", "type": "quantitative", "scale": scale, "title": "Standard views",
              "axis": {"labelExpr": WHOLE, "tickCount": 5, "grid": True}}  # fmt: skip
    colour = {"field": "platform_title", "type": "nominal", "legend": legend,
              "scale": palette([platform_title(p) for p in shown], [own[p] for p in shown])}  # fmt: skip
    tip = {"title": "Post", "platform_title": "Platform", "published_on": "Published", "age_days": "Age in days",
           "views_said": "Standard views", "rate_said": "Engagement rate"}  # fmt: skip
    certain = {"field": "certain", "type": "quantitative", "scale": None}
    return {
        "width": 380,
        "height": ROW * len(rows),
        "data": data(rows.assign(certain=[1.0 if m else 0.45 for m in rows["mature"]])),
        # The label comes out of the data by place, never through an expression built from somebody's title.
        "encoding": {
            "y": {"field": "place", "type": "nominal", "sort": list(rows["place"]), "axis": None},
            "tooltip": tooltip(tip),
        },
        "layer": [
            {"mark": {"type": "bar", "height": 13}, "encoding": {"x": length, "color": colour, "opacity": certain}},
            {"mark": {"type": "text", "align": "right", "dx": -8},
             "encoding": {"text": {"field": "label"}, "x": {"value": 0}}},
            {"mark": {"type": "text", "align": "left", "dx": 5},
             "encoding": {"x": length, "text": {"field": "views_said"}}},
        ],
    }  # fmt: skip
