"""One look for every picture: colours that keep their contrast on white and apart for colour-blind readers."""

from collections.abc import Iterable
from typing import Any

from engagerr_core.vocabulary.platforms import platforms

SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # in this order; contrast on white 5.2, 3.9, 3.4, 3.1
AREAS = ("#E69F00", "#56B4E9")  # too light for lines and text
CONTEXT, TEXT, SECONDARY, GRID = "#767676", "#333333", "#595959", "#D9D9D9"
SHADE = "#F4F4F4"
UP, DOWN = SERIES[0], SERIES[1]  # never red and green

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the first is bundled with vl-convert: same bytes everywhere

COMPACT = "replace(format(datum.value, '~s'), 'G', 'B')"  # 12k, 3M, and B as readers say it instead of G
WHOLE = f"datum.value === floor(datum.value) ? {COMPACT} : ''"  # counts: no tick between two whole numbers


def theme() -> dict[str, Any]:
    """Vega-Lite's ``config``; every figure carries it, so that no setting of the process or the notebook shows."""
    label = {"labelColor": SECONDARY, "labelFontSize": 11, "labelLimit": 260}
    title = {"titleColor": SECONDARY, "titleFontSize": 11, "titleFontWeight": "normal"}
    lines = {"domainColor": GRID, "tickColor": GRID, "gridColor": GRID, "gridOpacity": 0.7}
    return {
        "background": "white",
        "font": FONT,
        "aria": False,  # the figure carries one alternative text instead of one label a mark
        "view": {"stroke": None},
        "title": {
            "anchor": "start", "color": TEXT, "fontSize": 15, "fontWeight": "bold", "frame": "group",
            "subtitleColor": SECONDARY, "subtitleFontSize": 11.5, "subtitleLineHeight": 15,
            "subtitlePadding": 5, "offset": 14,
        },
        "axis": {**label, **title, **lines, "labelAngle": 0},
        "axisX": {"grid": False},
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": 0, "titleY": -10,
                  "domain": False, "ticks": False},
        "legend": {**label, **title, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 3},
        "line": {"strokeWidth": 2, "strokeJoin": "round"},
        "text": {"color": TEXT, "fontSize": 11},
        "range": {"category": list(SERIES)},
    }  # fmt: skip


def in_order(names: Iterable[str]) -> list[str]:
    """Platform names once each, in the vocabulary's order, strangers last: no place depends on figures."""
    place = {name: i for i, name in enumerate(platforms())}
    return sorted(set(names), key=lambda name: (place.get(name, len(place)), name))


def colours(names: Iterable[str], highlight: str | None = None) -> dict[str, str]:
    """Colour of each platform: its own among up to four; of more, `highlight` (or the first) stands out from grey."""
    ordered = in_order(names)
    if len(ordered) <= len(SERIES):
        return dict(zip(ordered, SERIES, strict=False))
    chosen = highlight if highlight in ordered else ordered[0]
    return {name: SERIES[0] if name == chosen else CONTEXT for name in ordered}
