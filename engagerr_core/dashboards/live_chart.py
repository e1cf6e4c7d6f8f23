"""A figure as a live chart in the notebook, with a brush over its days; everything it runs on lies in the package."""

from collections.abc import Callable
from datetime import date, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from engagerr_core.charts.lines import BRUSHED

if TYPE_CHECKING:
    from engagerr_core.charts.figure import Figure

BRUSH = "period"
BRUSH_WAIT = 250  # milliseconds without movement before a brush counts: one computation, not one a pixel
_DAY = 86_400_000  # milliseconds
_SELECT = {"name": BRUSH, "select": {"type": "interval", "encodings": ["x"]}}


class LiveChart:
    """A line chart that is redrawn in place. `widget` is Altair's `JupyterChart`.

    `brushed` is called with what a brush marks: ``{"day": [from, to]}`` in milliseconds since 1970 (UTC), empty when it
    is cleared. A redrawn chart has no brush.
    """

    def __init__(self, brushed: Callable[[dict[str, Any]], None]) -> None:
        import altair as alt

        alt.JupyterChart.enable_offline()  # once per process; the libraries come from vl-convert, not from a host
        alone = {"data": {"values": []}, "mark": "point", "encoding": {"x": {"field": "day", "type": "temporal"}}}
        blank = alt.Chart.from_dict({**alone, "params": [_SELECT]})
        self.widget = alt.JupyterChart(
            blank, debounce_wait=BRUSH_WAIT, max_wait=False, embed_options={"actions": False}
        )
        self.widget.selections.observe(lambda change: brushed(dict(change.new.value or {})), names=[BRUSH])

    def draw(self, figure: "Figure") -> None:
        """Show another figure, straight to the browser: through Altair it would be validated anew, slowly."""
        spec = {**figure.spec, "description": figure.alt}  # the browser reads the description aloud
        brush = "layer" in spec
        if brush:
            spec["params"] = [{**_SELECT, "views": [BRUSHED]}]
        with self.widget.hold_sync():
            self.widget.spec = spec
            self.widget._vl_selections = {BRUSH: {"value": None, "store": []}} if brush else {}


def brushed_days(value: dict[str, Any], first: date, last: date) -> tuple[date, date]:
    """The days whose points lie in a brush, within the drawn period; a cleared brush means the whole of it."""
    ends = value.get("day")
    if not ends:
        return first, last
    low, high = sorted(float(end) for end in ends)
    start, end = (date(1970, 1, 1) + timedelta(days=n) for n in (ceil(low / _DAY), floor(high / _DAY)))
    if end < start:  # between two days: the nearer one
        start = end = date(1970, 1, 1) + timedelta(days=round((low + high) / 2 / _DAY))
    start, end = max(start, first), min(end, last)
    return (start, end) if start <= end else (first, last)
