"""How many different people: each platform's own figure, and the bounds of all together."""

from math import inf, isfinite, isnan, nan
from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.specification import Specification, data, palette, title, tooltip
from engagerr_core.charts.theme import AREAS, CONTEXT, SERIES, TEXT, WHOLE, in_order
from engagerr_core.charts.wording import count, listed, platform_title

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.audience import ReachEstimate

WIDTH, ROW = 420, 30
TOGETHER = "Together, each once"


def reach_figure(reach: "ReachEstimate") -> Figure:
    """A bar from zero a platform, and the range that holds for all together; an unknown upper end stays open.

    The platforms' people are never added up: the last bar starts at the lower and ends at the upper bound, with the
    estimate and its interval on it where there is one.
    """
    rows = _rows(reach)
    finding = _finding(reach)
    if isnan(reach.lower_bound):
        return nothing_to_draw(
            finding,
            kind="Bar chart",
            of="different people reached",
            advice="No platform reports reach in these files. Export it where the platform offers it (spec: sources).",
        )
    told = sum(1 for size in reach.sizes.values() if isfinite(size))
    unknown = [platform_title(p) for p, size in reach.sizes.items() if not isfinite(size)]
    rest = ""
    if unknown:
        rest = (
            "; the others are bounded"
            if reach.bounds
            else f"; {listed(unknown)} {'does' if len(unknown) == 1 else 'do'} not"
        )
    subtitle = f"Different people · {told} of {len(reach.sizes)} platforms report the whole period{rest}"
    return Figure(
        drawing={"title": title(finding, subtitle), **_drawing(rows, reach)},
        title=finding,
        alt=f"Bar chart of different people reached per platform and together, where {_inside(finding)}",
        data=rows.drop(columns=["label"]),
        note=" ".join([_method(reach), *reach.flags]).strip(),
    )


def _inside(finding: str) -> str:
    return finding[0].lower() + finding[1:]


def _method(reach: "ReachEstimate") -> str:
    return f"Method: {reach.method.rstrip('.')}." if reach.method else ""


def _finding(reach: "ReachEstimate") -> str:
    if isnan(reach.lower_bound):
        return "Nobody tells how many different people were reached"
    if isfinite(reach.total) and reach.lower_bound < reach.upper_bound:
        return f"About {count(reach.total)} ({count(reach.low)} to {count(reach.high)}) different people reached"
    if reach.lower_bound == reach.upper_bound:
        return f"{count(reach.lower_bound)} different people reached"
    if not isfinite(reach.upper_bound):
        return f"At least {count(reach.lower_bound)} different people reached"
    return f"Between {count(reach.lower_bound)} and {count(reach.upper_bound)} different people reached"


def _rows(reach: "ReachEstimate") -> "pd.DataFrame":
    """One row a platform, as reported, and one for all together."""
    import pandas as pd

    ends = {p: reach.bounds.get(p, (size, size)) for p, size in ((p, reach.sizes[p]) for p in in_order(reach.sizes))}
    ordered = sorted(ends, key=lambda p: -ends[p][1] if isfinite(ends[p][1]) else inf)
    rows = [(platform_title(p), *_bar(*ends[p])) for p in ordered]
    low, high = reach.lower_bound, reach.upper_bound
    label = (
        count(low) if low == high else f"{count(low)} to {count(high)}" if isfinite(high) else f"{count(low)} or more"
    )
    rows.append((TOGETHER, 0.0 if low == high else low, high, label))
    return pd.DataFrame(rows, columns=["who", "from_people", "to_people", "label"])


def _bar(low: float, high: float) -> tuple[float, float, str]:
    """Beginning, end and label of one platform's bar: from zero where the size is reported, else its range."""
    if isnan(low) or (low == 0 and not isfinite(high)):
        return 0.0, nan, "not reported"
    if low == high:
        return 0.0, high, count(high)
    if not isfinite(high):
        return 0.0, low, f"{count(low)} or more"
    return low, high, f"{count(low)} to {count(high)}" if low > 0 else f"at most {count(high)}"


def _drawing(rows: "pd.DataFrame", reach: "ReachEstimate") -> Specification:
    ends = [v for v in (*rows["from_people"], *rows["to_people"], reach.high) if isfinite(v)]
    widest = max(ends) or 1.0
    open_end = not isfinite(reach.upper_bound)
    estimated = isfinite(reach.total) and reach.lower_bound < reach.upper_bound
    together = rows["who"] == TOGETHER
    shown = rows.assign(
        fades_from=widest * 1.17,
        kind=["together" if t else "platform" for t in together],
        end=rows["to_people"].where(rows["to_people"].map(isfinite), [widest * 1.25 if t else 0.0 for t in together]),
    )
    scale = {"domain": [0, widest * (1.3 if open_end else 1.05)], "nice": False}
    axis = {"labelExpr": WHOLE, "tickCount": 5, "grid": True}
    length = {"field": "from_people", "type": "quantitative", "title": "People", "scale": scale, "axis": axis}
    fills = [CONTEXT, AREAS[1] if estimated else SERIES[0]]  # lighter under the estimate's interval
    colour = {"field": "kind", "type": "nominal", "legend": None, "scale": palette(["platform", "together"], fills)}
    layers = [
        {"mark": {"type": "bar", "height": 14}, "encoding": {"x": length, "x2": {"field": "end"}, "color": colour}},
        {"mark": {"type": "text", "align": "left", "dx": 8},
         "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "label"}}},
    ]  # fmt: skip
    only = {"filter": {"field": "kind", "equal": "together"}}
    if open_end:
        fading = {"x": {"field": "fades_from", "type": "quantitative"}, "x2": {"field": "end"}}
        faded = {"type": "bar", "height": 14, "color": "white", "opacity": 0.6}
        layers.insert(1, {"transform": [only], "mark": faded, "encoding": fading})
    if estimated:
        interval = {"x": {"datum": reach.low}, "x2": {"datum": reach.high}}
        layers.append({"transform": [only], "mark": {"type": "rule", "color": TEXT, "size": 2}, "encoding": interval})
        dot = {"type": "point", "color": TEXT, "filled": True, "size": 60, "opacity": 1}
        layers.append({"transform": [only], "mark": dot, "encoding": {"x": {"datum": reach.total}}})
    return {
        "width": WIDTH,
        "height": ROW * len(rows),
        "data": data(shown),
        "encoding": {
            "y": {"field": "who", "type": "nominal", "sort": list(rows["who"]), "title": None,
                  "axis": {"labelColor": TEXT, "labelLimit": 220, "labelPadding": 8}},
            "tooltip": tooltip({"who": "Platform", "label": "Different people"}),
        },
        "layer": layers,
    }  # fmt: skip
