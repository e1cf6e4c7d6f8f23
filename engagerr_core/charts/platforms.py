"""The platforms side by side: how much, and how engaged."""

from math import isfinite
from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.specification import Specification, data, palette, title, tooltip
from engagerr_core.charts.theme import CONTEXT, TEXT, WHOLE, colours
from engagerr_core.charts.wording import count, day, one_line, percent, percent_within, period, platform_title

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

ROW = 30


def platforms_figure(overview: "Overview", among: list[str] | None = None) -> Figure:
    """Standard views from zero, and the engagement rate with its interval, one row a platform.

    `among` names the platforms that share the colours, where more than those drawn. An unknown figure leaves its place
    empty and says so.
    """
    rows = _rows(overview.platforms)
    span = period(overview.start, overview.end)
    if rows.empty or (rows["standard_views"].isna().all() and rows["engagement_rate"].isna().all()):
        return nothing_to_draw(
            "No platform has figures in this period",
            kind="Bar chart",
            of="standard views and engagement rate by platform",
            advice=f"Nothing is known for {span}. Choose another period, or ingest files that cover it.",
        )
    finding = _finding(rows)
    known = int(rows["standard_views"].notna().sum())
    subtitle = (
        f"Views: flow of the period, {known} of {len(rows)} platforms · {span}",
        "Rate: posts published in it, lifetime; grey line: 95% interval",
    )
    own = colours([*rows["platform"], *(among or [])], highlight=rows["platform"].iloc[0])
    return Figure(
        drawing={"title": title(finding, *subtitle), **_drawing(rows, own)},
        title=finding,
        alt=f"Bar chart of standard views and engagement rate by platform, {span}, where {finding}",
        data=rows.drop(columns=["views_said", "rate_said"]),
        note=" ".join(f"{t}: {n}" for t, n in zip(rows["title"], rows["note"], strict=True) if n),
    )


def _rows(platforms: "pd.DataFrame") -> "pd.DataFrame":
    rows = platforms.sort_values("standard_views", ascending=False, na_position="last", kind="stable")
    rows = rows[["platform", "standard_views", "share_of_views", "engagement_rate", "rate_low", "rate_high", "posts",
                 "last_day", "note"]]  # fmt: skip
    return rows.assign(
        title=[platform_title(p) for p in rows["platform"]],
        last_day=[day(d) for d in rows["last_day"]],
        note=[one_line(n) for n in rows["note"]],
        views_said=[count(v) for v in rows["standard_views"]],
        rate_said=[percent_within(r, low, high) for r, low, high in
                   zip(rows["engagement_rate"], rows["rate_low"], rows["rate_high"], strict=True)],
    )  # fmt: skip


def _finding(rows: "pd.DataFrame") -> str:
    first = rows.iloc[0]
    if not isfinite(first["standard_views"]):
        return "Standard views are unknown on every platform"
    if len(rows) > 1 and isfinite(first["share_of_views"]):
        return f"{first['title']} holds {percent(first['share_of_views'])} of standard views"
    return f"{first['title']}: {count(first['standard_views'])} standard views"


def _drawing(rows: "pd.DataFrame", own: dict[str, str]) -> Specification:
    tip = {"title": "Platform", "views_said": "Standard views", "rate_said": "Engagement rate", "posts": "Posts",
           "last_day": "Figures up to"}  # fmt: skip
    place = {"field": "title", "type": "nominal", "sort": list(rows["title"]), "title": None}
    colour = {"field": "title", "type": "nominal", "legend": None,
              "scale": palette(list(rows["title"]), [own[p] for p in rows["platform"]])}  # fmt: skip
    shared = {"tooltip": tooltip(tip), "color": colour}
    labelled = {**place, "axis": {"labelColor": TEXT, "labelPadding": 8}}
    shown = rows.assign(end=rows["standard_views"].fillna(0.0), start=0.0)
    return {
        "data": data(shown),
        "spacing": 28,
        "hconcat": [
            {"width": 330, "height": ROW * len(rows), "encoding": {"y": labelled, **shared}, "layer": _views(rows)},
            {"width": 210, "height": ROW * len(rows), "encoding": {"y": {**place, "axis": None}, **shared},
             "layer": _rates(rows)},
        ],
    }  # fmt: skip


def _views(rows: "pd.DataFrame") -> list[Specification]:
    known = rows["standard_views"].dropna()
    scale = {"domain": [min(0, known.min()), max(known.max(), 1) * 1.25] if len(known) else [0, 1]}
    length = {"field": "standard_views", "type": "quantitative", "title": "Standard views", "scale": scale,
              "axis": {"labelExpr": WHOLE, "tickCount": 4, "grid": True}}  # fmt: skip
    end = {"field": "end", "type": "quantitative", "scale": scale}
    return [
        {"mark": {"type": "bar", "height": 14}, "encoding": {"x": length}},
        {"mark": {"type": "text", "align": "left", "dx": 5},
         "encoding": {"x": end, "text": {"field": "views_said"}, "color": {"value": TEXT}}},
    ]  # fmt: skip


def _rates(rows: "pd.DataFrame") -> list[Specification]:
    ends = [v for name in ("rate_low", "rate_high", "engagement_rate") for v in rows[name] if isfinite(v)]
    scale = {"domain": [min([0.0, *ends]), (max(ends, default=0) or 1) * 1.05], "nice": False}
    rate = {"field": "engagement_rate", "type": "quantitative", "title": "Engagement rate", "scale": scale,
            "axis": {"format": "~%", "tickCount": 4, "grid": True}}  # fmt: skip
    interval = {"x": {"field": "rate_low", "type": "quantitative", "scale": scale}, "x2": {"field": "rate_high"},
                "color": {"value": CONTEXT}}  # fmt: skip
    missing = {"x": {"field": "start", "type": "quantitative", "scale": scale}, "text": {"field": "rate_said"},
               "color": {"value": CONTEXT}}  # fmt: skip
    return [
        {"mark": {"type": "rule", "size": 2}, "encoding": interval},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "encoding": {"x": rate}},
        {"transform": [{"filter": "!isValid(datum.engagement_rate)"}],
         "mark": {"type": "text", "align": "left", "dx": 4}, "encoding": missing},
    ]  # fmt: skip
