"""A line as small as a word, for cards and tables."""

from math import isfinite
from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.lines import lines
from engagerr_core.charts.specification import UTC, Specification, data
from engagerr_core.charts.theme import SERIES, TEXT
from engagerr_core.charts.wording import count, day, one_line, percent
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.metrics import metric as metric_named

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 120, 28


def sparkline_figure(daily: "pd.DataFrame", metric: str, highest: float | None = None) -> Figure:
    """The line of one platform with its last value in figures; provisional days paler, gaps left open.

    Parameters
    ----------
    daily : rows of one platform as in `Overview.daily`.
    metric : which of its metrics.
    highest : top of the scale where several sparklines share one; None = its own. The alternative text says which.

    Raises
    ------
    InvalidArgument
        For several platforms in the frame, or a `highest` that is not a positive number.
    """
    drawn, title = lines(daily, metric), metric_named(metric)
    known = drawn[drawn["value"].notna()]
    if len(names := known["platform"].unique()) > 1:
        raise InvalidArgument(
            f"A sparkline shows one platform, not {len(names)}. "
            "Keep one: daily[daily['platform'] == 'youtube'], or take timeline_figure for several."
        )
    if highest is not None and not (isfinite(highest) and highest > 0):
        raise InvalidArgument(
            f"The top of a shared scale is a number above 0, not {highest!r}. Leave it out for its own."
        )
    if known.empty:
        return nothing_to_draw(f"No {title.title.lower()}", kind="Sparkline", of=title.title.lower(),
                               advice="No figures", width=WIDTH)  # fmt: skip
    last = known.iloc[-1]
    said = percent(last["value"]) if title.unit == "fraction" else count(last["value"])
    finding = f"{said} on {day(last['day'], year=False)}"
    scale_said = f"shared up to {count(highest)}" if highest is not None else "its own"
    top = highest if highest is not None else max(known["value"].max(), 0) or 1
    drawn["end"] = drawn.index == known.index[-1]
    scale = {"domain": [min(0, known["value"].min()), top], "nice": False, "clamp": highest is not None}

    def layer(mark: Specification, field: str, of: str = "") -> Specification:
        y = {"field": field, "type": "quantitative", "scale": scale, "axis": None}
        return {"transform": [{"filter": of}] if of else [], "mark": {"color": SERIES[0], **mark}, "encoding": {"y": y}}

    text = layer({"type": "text", "align": "left", "dx": 7, "fontSize": 11, "color": TEXT}, "value", "datum.end")
    text["encoding"]["text"] = {"value": said}
    drawing = {
        "width": WIDTH,
        "height": HEIGHT,
        "data": data(drawn[["day", "value", "settled", "pale", "lonely", "end"]]),
        "encoding": {"x": {"field": "day", "type": "temporal", "scale": UTC, "axis": None}},
        "layer": [
            layer({"type": "line", "strokeWidth": 1.5}, "settled"),
            layer({"type": "line", "strokeWidth": 1.5, "opacity": 0.35}, "pale"),
            layer({"type": "point", "filled": True, "size": 18, "opacity": 1}, "value", "datum.end || datum.lonely"),
            text,
        ],
    }
    return Figure(
        drawing=drawing,
        title=finding,
        alt=f"Sparkline of {title.title.lower()} on {one_line(last['platform'])} where the last value is {finding}; "
        f"scale: {scale_said}",
        data=drawn[["platform", "day", "metric", "value", "provisional"]],
        note="" if highest is None else f"Scale {scale_said}.",
    )
