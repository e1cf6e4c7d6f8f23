"""What lies behind lines over time: the shaded period before, the events, and the definition changes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engagerr_core.charts.specification import Specification, data, tooltip
from engagerr_core.charts.theme import CONTEXT, SECONDARY, SHADE
from engagerr_core.charts.wording import one_line, platform_title

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

LABEL_CHARACTERS = 34  # of an event; the whole note is in the tooltip
LEAST_SHADE = 0.15  # of the width; a narrower strip of the period before has no room for its name


def annotations(overview: "Overview", drawn: "pd.DataFrame") -> list[Specification]:
    """Layers for the days that `drawn` (from `lines.lines`) spans; they expect the day on x from outside."""
    import pandas as pd

    first, last, start = drawn["day"].min(), drawn["day"].max(), pd.Timestamp(overview.start, tz="UTC")
    layers = []
    compared = pd.Timestamp(overview.compared_start, tz="UTC")
    if compared - first > pd.Timedelta(days=7):  # the picture reaches further back than the comparison
        layers += _this_period(start, last)
    elif first < start <= last and (start - first) > (last - first) * LEAST_SHADE:
        layers += _period_before(first, start)
    changes = overview.changes.assign(day=pd.to_datetime(overview.changes["day"], utc=True).dt.as_unit("ms"))
    changes = changes[changes["day"].between(first, last) & changes["platform"].isin(drawn["platform"])]
    changes = changes.sort_values(["day", "platform"]).drop_duplicates(["day", "platform"])
    events = events_in(overview.events, first, last, drawn["platform"].unique())
    marks = marks_of(changes, events)
    late = marks["day"] > first + (last - first) * 0.6
    return [
        *layers,
        *bands(events[events["until"] > events["day"]]),
        *labelled_marks(marks[~late], "left", 4),
        *labelled_marks(marks[late], "right", -4),
    ]


def _this_period(start: "pd.Timestamp", last: "pd.Timestamp") -> list[Specification]:
    begun, ended = start.timestamp() * 1000, last.timestamp() * 1000
    shade = {"values": [{"day": begun, "until": ended}]}
    text = {"type": "text", "align": "right", "baseline": "top", "dx": -4, "color": SECONDARY, "fontStyle": "italic"}
    name = {"values": [{"day": begun, "name": "this period"}]}
    return [
        {"data": shade, "mark": {"type": "rect", "color": SHADE}, "encoding": {"x2": {"field": "until"}}},
        {"data": name, "mark": text, "encoding": {"y": {"value": 3}, "text": {"field": "name"}}},
    ]


def _period_before(first: "pd.Timestamp", start: "pd.Timestamp") -> list[Specification]:
    begun, ended = first.timestamp() * 1000, start.timestamp() * 1000
    shade = {"values": [{"day": begun, "until": ended}]}
    names = {"values": [{"day": begun, "name": "period before"}, {"day": ended, "name": "this period"}]}
    text = {"type": "text", "align": "left", "baseline": "top", "dx": 4, "color": SECONDARY, "fontStyle": "italic"}
    return [
        {"data": shade, "mark": {"type": "rect", "color": SHADE}, "encoding": {"x2": {"field": "until"}}},
        {"data": names, "mark": text, "encoding": {"y": {"value": 3}, "text": {"field": "name"}}},
    ]


def events_in(
    events: "pd.DataFrame", first: "pd.Timestamp", last: "pd.Timestamp", platforms: "Iterable[str]"
) -> "pd.DataFrame":
    """Events of these platforms, cut to the days drawn: day, until (one day later than the last), note, kind."""
    import pandas as pd

    day = pd.to_datetime(events["start"], utc=True).dt.as_unit("ms")
    end = pd.to_datetime(events["end"], utc=True).dt.as_unit("ms")
    shown = (day <= last) & (end >= first) & events["platform"].isin(["", *platforms])
    return events.assign(day=day.mask(day < first, first), until=end.mask(end > last, last))[shown]


def marks_of(changes: "pd.DataFrame", events: "pd.DataFrame") -> "pd.DataFrame":
    """One mark a definition change and an event, in order of days: day, label, text, and how high the label stands."""
    import pandas as pd

    redefined = pd.DataFrame({
        "day": changes["day"],
        "label": [f"{platform_title(p)}: new definition" for p in changes["platform"]],
        "text": [one_line(text, 200) for text in changes["text"]],
    })  # fmt: skip
    kinds = [kind.replace("_", " ") for kind in events["kind"]]
    words = [note or kind for note, kind in zip(events["note"], kinds, strict=True)]
    happened = pd.DataFrame({
        "day": events["day"],
        "label": [one_line(word, LABEL_CHARACTERS) for word in words],
        "text": [f"{kind}: {one_line(word, 200)}" for kind, word in zip(kinds, words, strict=True)],
    })  # fmt: skip
    marks = pd.concat([redefined, happened], ignore_index=True).sort_values("day", kind="stable", ignore_index=True)
    return marks.assign(place=[18.0 + 13 * (i % 4) for i in range(len(marks))])


def bands(events: "pd.DataFrame") -> list[Specification]:
    """A pale band for an event of several days."""
    if events.empty:
        return []
    band = {"type": "rect", "color": CONTEXT, "opacity": 0.12}
    return [{"data": data(events[["day", "until"]]), "mark": band, "encoding": {"x2": {"field": "until"}}}]


def labelled_marks(marks: "pd.DataFrame", align: str, shift: int) -> list[Specification]:
    """Dashed lines with a short label each, on the side where there is room; the whole text is in the tooltip."""
    if marks.empty:
        return []
    tip = tooltip({"label": "What", "text": "Now"})
    place = {"field": "place", "type": "quantitative", "scale": None, "axis": None}
    label = {"type": "text", "align": align, "baseline": "top", "dx": shift, "color": SECONDARY}
    rule = {"type": "rule", "strokeDash": [4, 3], "color": CONTEXT}
    return [
        {"data": data(marks), "mark": rule, "encoding": {"tooltip": tip}},
        {"data": data(marks), "mark": label, "encoding": {"y": place, "text": {"field": "label"}, "tooltip": tip}},
    ]
