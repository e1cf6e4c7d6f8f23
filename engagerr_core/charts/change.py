"""What each platform adds to the change of standard views against the period before."""

from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.specification import Specification, data, palette, title, tooltip
from engagerr_core.charts.theme import COMPACT, CONTEXT, DOWN, TEXT, UP
from engagerr_core.charts.wording import count, one_line, period, platform_title, signed_count, signed_percent, told

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

WIDTH, ROW = 420, 30
SIGNED = f"(datum.value > 0 ? '+' : '') + {COMPACT}"


def change_figure(overview: "Overview") -> Figure:
    """Bars to the right (blue, +) and to the left (vermilion, −) of no change, in views; the largest first.

    A platform whose change is unknown keeps its row and says so. Platforms whose definition changed are named in the
    note, with what their bar was bridged through.
    """
    span, before = period(overview.start, overview.end), period(overview.compared_start, overview.compared_end)
    rows = _rows(overview.platforms)
    known = rows[rows["contribution"].notna()]
    if known.empty:
        return nothing_to_draw(
            "No change can be told for this period",
            kind="Bar chart",
            of="change of standard views by platform",
            advice=f"The period before ({before}) has no figures. Ingest older exports, or choose a later period.",
        )
    finding = _finding(known, overview.cards)
    subtitle = f"Change of standard views by platform · {len(known)} of {len(rows)} platforms · {span} against {before}"
    bridged = overview.changes["how"].str.startswith("bridged") & overview.changes["platform"].isin(rows["platform"])
    crossed = overview.changes[bridged].drop_duplicates(["platform", "how"])
    return Figure(
        drawing={"title": title(finding, subtitle), **_drawing(rows)},
        title=finding,
        alt=f"Bar chart of the change of standard views by platform, {span} against {before}, where {finding}",
        data=rows.drop(columns=["said", "direction"]),
        note=" ".join(
            f"{one_line(platform_title(name))} changed its definition: its bar is like for like, {one_line(how)}."
            for name, how in zip(crossed["platform"], crossed["how"], strict=True)
        ),
    )


def _rows(platforms: "pd.DataFrame") -> "pd.DataFrame":
    rows = platforms[["platform", "previous_views", "standard_views", "change", "contribution"]].copy()
    rows["size"] = rows["contribution"].abs()
    rows = rows.sort_values("size", ascending=False, na_position="last", kind="stable").drop(columns="size")
    return rows.assign(
        title=[platform_title(p) for p in rows["platform"]],
        said=[_said(c, r) for c, r in zip(rows["contribution"], rows["change"], strict=True)],
        direction=["less" if c < 0 else "more" for c in rows["contribution"]],
    )


def _said(contribution: float, change: float) -> str:
    relative = f" ({signed_percent(change)})" if abs(change) < float("inf") else ""
    return signed_count(contribution) + relative


def _finding(known: "pd.DataFrame", cards: "pd.DataFrame") -> str:
    first = known.iloc[0]
    if first["contribution"] == 0:
        return "No platform changed against the period before"
    said = f"{first['title']} {signed_count(first['contribution'])} standard views"
    card = cards[cards["metric"] == "standard_views"]
    if not card.empty and told(card["real"].iloc[0]) is not True:
        return f"No clear change in total; {said}"
    return f"Largest change: {said}"


def _domain(lowest: float, highest: float, letters: int) -> list[float]:
    """From the largest loss to the largest gain, with room beyond each for a label of that many letters."""
    low, high = min(0.0, lowest), max(0.0, highest)
    label = min(0.3, (letters * 6.5 + 12) / WIDTH)
    size = (high - low or 1.0) / (1 - label * ((low < 0) + (high > 0 or low == 0)))
    return [low - label * size if low else 0.0, high + label * size if high or not low else 0.0]


def _drawing(rows: "pd.DataFrame") -> Specification:
    known = rows["contribution"].dropna()
    scale = {"domain": _domain(known.min(), known.max(), int(rows["said"].str.len().max())), "nice": False}
    axis = {"labelExpr": SIGNED, "tickCount": 5, "grid": True, "title": "Standard views more or less than before"}
    place = {"field": "title", "type": "nominal", "sort": list(rows["title"]), "title": None,
             "axis": {"labelColor": TEXT, "labelPadding": 8}}  # fmt: skip
    shown = rows.assign(
        before=[count(v) for v in rows["previous_views"]],
        now=[count(v) for v in rows["standard_views"]],
        end=rows["contribution"].fillna(0.0),
    )[["title", "contribution", "end", "said", "direction", "before", "now"]]
    bars = {
        "mark": {"type": "bar", "height": 14},
        "encoding": {
            "x": {"field": "contribution", "type": "quantitative", "scale": scale, "axis": axis},
            "color": {
                "field": "direction",
                "type": "nominal",
                "legend": None,
                "scale": palette(["more", "less"], [UP, DOWN]),
            },
        },
    }
    zero = {"data": {"values": [{}]}, "mark": {"type": "rule", "color": CONTEXT}, "encoding": {"x": {"datum": 0}}}
    tip = tooltip({"title": "Platform", "said": "Change", "before": "Before", "now": "Now"})
    rows_drawn = {
        "data": data(shown),
        "encoding": {"y": place, "tooltip": tip},
        "layer": [bars, _labels("more", "left", 6), _labels("less", "right", -6)],
    }
    return {"width": WIDTH, "height": ROW * len(rows), "layer": [rows_drawn, zero]}


def _labels(direction: str, align: str, shift: int) -> Specification:
    return {
        "transform": [{"filter": {"field": "direction", "equal": direction}}],
        "mark": {"type": "text", "align": align, "dx": shift},
        "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "said"}},
    }
