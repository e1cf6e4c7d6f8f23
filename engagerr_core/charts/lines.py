"""Figures per platform and day as lines: made ready, and drawn."""

from typing import TYPE_CHECKING

from engagerr_core.charts.specification import UTC, Specification, data, palette, tooltip
from engagerr_core.charts.theme import SERIES, WHOLE, in_order
from engagerr_core.charts.wording import day, platform_title
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DIRECT_LABELS = 3  # more lines get a legend
WIDTH, HEIGHT = 640, 240
BRUSHED = "trend"  # the name of the layer on which a live chart may put a brush


def lines(frame: "pd.DataFrame", metric: str) -> "pd.DataFrame":
    """The rows of one metric, ready to draw: gaps opened, settled and pale parts apart, days in UTC."""
    import pandas as pd

    rows = frame.loc[frame["metric"] == metric].copy()
    weekly = "complete" in rows
    rows["day"] = pd.to_datetime(rows["day"], utc=True).dt.as_unit("ms")
    twice = rows.duplicated(["platform", "day"])
    if twice.any():
        first = rows.loc[twice].iloc[0]
        raise InvalidArgument(
            f"{metric} of {first['platform']} has two figures for {day(first['day'])}. "
            "A line has one a day: resolve the observations first (ws.metrics does)."
        )
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce").astype(float)
    rows["provisional"] = rows["provisional"].eq(True) if "provisional" in rows else False
    rows["unsure"] = rows["provisional"] | (rows["complete"].eq(False) if weekly else False)
    groups = rows.sort_values("day").groupby("platform", sort=False, observed=True)
    parts = [_one_line(str(name), part, 7 if weekly else 1) for name, part in groups]
    drawn = pd.concat(parts, ignore_index=True) if parts else _one_line("", rows, 1)
    drawn["metric"] = metric
    drawn["told"] = [("week of " if weekly else "") + day(d) for d in drawn["day"]]
    return drawn[["platform", "day", "metric", "value", "provisional", "unsure", "settled", "pale", "lonely", "told"]]


def _one_line(platform: str, part: "pd.DataFrame", step: int) -> "pd.DataFrame":
    """One platform's rows, sorted by day, on every `step`-th day from its first to its last."""
    import numpy as np
    import pandas as pd

    given = part["day"].to_numpy("datetime64[D]").astype(np.int64)
    days = np.union1d(np.arange(given[0], given[-1] + 1, step), given) if len(given) else given
    at = np.searchsorted(days, given)
    value = np.full(len(days), np.nan)
    provisional, unsure = np.zeros((2, len(days)), dtype=bool)
    value[at], provisional[at], unsure[at] = part["value"], part["provisional"], part["unsure"]
    known = ~np.isnan(value)
    return pd.DataFrame(
        {
            "platform": platform,
            "day": pd.to_datetime(days, unit="D", utc=True).as_unit("ms"),
            "value": value,
            "provisional": provisional,
            "unsure": unsure,
            "settled": np.where(unsure, np.nan, value),
            # Pale reaches to the settled neighbour, so that the line does not break between them.
            "pale": np.where(unsure | _beside(unsure), value, np.nan),
            "lonely": known & ~_beside(known),
        }
    )


def _beside(flags: "np.ndarray") -> "np.ndarray":
    """Whether the day before or the day after is flagged."""
    import numpy as np

    padded = np.concatenate(([False], flags, [False]))
    return padded[:-2] | padded[2:]


def line_drawing(
    drawn: "pd.DataFrame",
    own: dict[str, str],
    measure: str,
    behind: list[Specification] | None = None,
    hover: bool = False,
) -> Specification:
    """The layers of a line chart: what lies `behind`, the lines, their labels, and points that answer the pointer.

    `drawn` comes from `lines`; `own` gives each platform its colour; `measure` names the axis.
    """
    shown = in_order(drawn["platform"])
    table = drawn[["platform", "day", "value", "unsure", "settled", "pale", "lonely", "told"]]
    front = [own[p] == SERIES[0] for p in table["platform"]]  # the line that stands out lies on top
    table = table.assign(name=table["platform"].map(platform_title), front=front)
    table = table.sort_values(["front", "platform", "day"], ignore_index=True).drop(columns=["platform", "front"])
    low, high = _domain(drawn)
    legend = {"title": None, "offset": 24} if DIRECT_LABELS < len(own) <= len(SERIES) else None
    colour = {"field": "name", "type": "nominal", "legend": legend,
              "scale": palette([platform_title(p) for p in shown], [own[p] for p in shown])}  # fmt: skip

    def layer(mark: Specification, field: str, only: str = "") -> Specification:
        y = {"field": field, "type": "quantitative", "title": measure, "axis": {"labelExpr": WHOLE, "tickCount": 5},
             "scale": {"domain": [low, high], "nice": False}}  # fmt: skip
        return {"transform": [{"filter": only}] if only else [], "mark": mark, "encoding": {"y": y, "color": colour}}

    first = {"name": BRUSHED, **layer({"type": "line"}, "settled")}
    layers = [first, layer({"type": "line", "opacity": 0.35}, "pale")]
    if drawn["lonely"].any():
        layers.append(layer({"type": "point", "filled": True, "size": 24, "opacity": 1}, "value", "datum.lonely"))
    if hover:
        points = layer({"type": "point", "filled": True, "size": 90, "opacity": 0}, "value", "isValid(datum.value)")
        tip = tooltip({"name": "Platform", "told": "When", "unsure": "Provisional"})
        exact = {"field": "value", "type": "quantitative", "title": measure, "format": ",.0f"}
        points["encoding"]["tooltip"] = [*tip[:2], exact, tip[2]]
        layers.append(points)
    days = (drawn["day"].max() - drawn["day"].min()).days
    axis = {"format": "%b %Y" if days > 300 else "%-d %b", "title": None, "tickCount": 7, "labelFlush": True}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "encoding": {"x": {"field": "day", "type": "temporal", "scale": UTC, "axis": axis}},
        "layer": [*(behind or []), {"data": data(table), "layer": layers}, *_end_labels(drawn, own, low, high)],
    }


def _domain(drawn: "pd.DataFrame") -> tuple[float, float]:
    """From zero (or below it, where likes were withdrawn) to a little above the highest, room for labels left."""
    low, high = min(0.0, drawn["value"].min()), max(0.0, drawn["value"].max())
    return low, high + (high - low or 1.0) * 0.22


def _end_labels(drawn: "pd.DataFrame", own: dict[str, str], low: float, high: float) -> list[Specification]:
    """Names at the end of the lines, pushed apart where they would lie on one another."""
    if DIRECT_LABELS < len(own) <= len(SERIES):
        return []
    known = drawn[drawn["value"].notna()]
    ends = known.sort_values("day").groupby("platform", sort=False).tail(1).sort_values("value")
    if len(own) > len(SERIES):
        ends = ends[[own[p] == SERIES[0] for p in ends["platform"]]]
    gap, place, places = (high - low) * 13 / HEIGHT, float("-inf"), []
    for value in ends["value"]:
        place = max(value, place + gap)
        places.append(place)
    shown = ends.assign(
        day=drawn["day"].max(),
        place=places,
        name=[platform_title(p) for p in ends["platform"]],
        colour=[own[p] for p in ends["platform"]],
    )[["day", "place", "name", "colour"]]
    mark = {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold", "fontSize": 11.5}
    encoding = {
        "y": {"field": "place", "type": "quantitative"},
        "text": {"field": "name"},
        "color": {"field": "colour", "type": "nominal", "scale": None},
    }
    return [{"data": data(shown), "mark": mark, "encoding": encoding}]
