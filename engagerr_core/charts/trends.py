"""Pictures of trends: the days with their trend, the forecast, the weekdays, and the parts of a series."""

from typing import TYPE_CHECKING

from engagerr_core.analysis.sentences import number
from engagerr_core.analysis.trend_sentences import forecast_sentence, share_a_week
from engagerr_core.analysis.trend_tables import UNTESTED, WEEK, series_title
from engagerr_core.charts.annotations import bands, events_in, labelled_marks, marks_of
from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.lines import HEIGHT, WIDTH
from engagerr_core.charts.specification import UTC, Specification, data, tooltip
from engagerr_core.charts.specification import title as heading
from engagerr_core.charts.theme import AREAS, CONTEXT, SECONDARY, SERIES, WHOLE
from engagerr_core.charts.wording import count, day, one_line, percent, period, signed_percent
from engagerr_core.vocabulary.metrics import metric as metric_named

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.trends import Trends

DAYS_DRAWN = 730  # of a series; more are a brush of noise at 640 pixels, and two marks a day stay below 5,000
HISTORY_DRAWN = 112  # days before a forecast: 16 weeks
TREND_HEIGHT, LABELS = 290, 62  # pixels; the strip at the top is for the words of the marked days
OUT_OF_SIGHT = 2.0  # a day that stands out is drawn at the edge where it lies so many times above the others
PANEL = 76
LABEL_ROWS = 4
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Layers = list[Specification]


def trend_picture(trends: "Trends") -> Figure:
    """The days (paler) with their trend; changes of level, definitions and events as lines, odd days as circles.

    Of the main series: all platforms together, else the one with the highest level; `trends.of("youtube")` draws that
    one. The last two years at most. A day far above all others stands at the upper edge, with its figure.
    """
    rows = _drawn(trends)
    if rows is None:
        return _nothing(trends, "Line chart")
    one = trends.of(trends.main)
    finding = _direction_found(one)
    low, highest = min(0.0, float(rows["value"].min())), _highest(one, rows)
    high = low + (highest - low) * TREND_HEIGHT / (TREND_HEIGHT - LABELS)
    odd, axis = _odd_days(one, rows, highest), _measure(one, low, high)
    cut = rows.assign(sure=rows["sure"].clip(upper=highest), pale=rows["pale"].clip(upper=highest))
    x = {"x": {"field": "day", "type": "temporal", "scale": UTC, "axis": _days_axis(rows)}}
    layers: Layers = [
        *_marked_days(one, rows),
        {
            "data": data(cut[["day", "sure", "pale", "trend"]]),
            "layer": [
                {"mark": {"type": "line", "color": SERIES[0], "opacity": 0.4, "strokeWidth": 1},
                 "encoding": {"y": {"field": "sure", **axis}}},
                {"mark": {"type": "line", "color": SERIES[0], "opacity": 0.25, "strokeWidth": 1,
                          "strokeDash": [2, 2]}, "encoding": {"y": {"field": "pale", **axis}}},
                {"mark": {"type": "line", "color": SERIES[0], "strokeWidth": 2.5},
                 "encoding": {"y": {"field": "trend", **axis}}},
            ],
        },
        *_odd_marks(odd, axis),
    ]  # fmt: skip
    said = "Pale line: days · strong line: trend" + (" · circles: days that stand out" if len(odd) else "")
    return Figure(
        drawing={
            "title": heading(finding, _subtitle(one, rows), said), "width": WIDTH, "height": TREND_HEIGHT,
            "encoding": x, "layer": layers,
        },
        title=finding,
        alt=f"Line chart of {_of_what(one, rows)}, where {_inside(finding)}",
        data=rows[["platform", "day", "value", "trend", "masked", "why"]],
        note=_trend_note(one, rows),
    )  # fmt: skip


def forecast_picture(trends: "Trends") -> Figure:
    """The last 16 weeks, and what is to be expected with intervals of 80 and 95 %; of the main series."""
    rows = _drawn(trends)
    ahead = trends.forecast[trends.forecast["platform"] == trends.main]
    ahead = ahead[ahead["mean"].notna() & ahead["lo_80"].notna()]  # without an interval it is no forecast
    if rows is None or ahead.empty:
        return _nothing(trends, "Line chart")
    one = trends.of(trends.main)
    floor = 0.0 if not (rows["value"] < 0).any() else -float("inf")
    bounds = ["lo_80", "hi_80", "lo_95", "hi_95"]
    ahead = ahead.assign(day=_utc(ahead["day"]), **{name: ahead[name].clip(lower=floor) for name in bounds})
    rows = rows[rows["day"] > ahead["day"].min() - _days(HISTORY_DRAWN)]
    last = ahead.iloc[-1]
    name = series_title(trends.main)
    finding = f"{name}: {number(last['mean'])} a day forecast by {day(last['day'], year=False)}"
    both = [*rows["value"].dropna(), *ahead["mean"], *ahead["hi_80"].dropna()]
    high = max(*both, float(ahead["hi_95"].max()) if ahead["hi_95"].notna().any() else 0.0) * 1.08 or 1.0
    low = min(0.0, float(rows["value"].min()), *ahead["lo_95"].dropna())
    axis = _measure(one, low, high)
    begun = {"values": [{"day": ahead["day"].min().timestamp() * 1000, "name": "forecast"}]}
    band: Specification = {"type": "area", "color": AREAS[1], "line": False}
    line: Specification = {"type": "line", "color": SERIES[0], "strokeWidth": 1.5}

    def drawn(mark: Specification, field: str, other: str = "") -> Specification:
        to = {"y2": {"field": other}} if other else {}
        return {"mark": mark, "encoding": {"y": {"field": field, **axis}, **to}}

    layers: Layers = [
        {"data": data(ahead[["day", "mean", *bounds]]), "layer": [
            drawn({**band, "opacity": 0.25}, "lo_95", "hi_95"), drawn({**band, "opacity": 0.5}, "lo_80", "hi_80"),
            drawn({**line, "strokeWidth": 2.5}, "mean"),
        ]},
        {"data": data(rows[["day", "sure", "pale"]]), "layer": [
            drawn(line, "sure"), drawn({**line, "opacity": 0.35, "strokeDash": [2, 2]}, "pale"),
        ]},
        {"data": begun, "mark": {"type": "rule", "color": CONTEXT, "strokeDash": [2, 3]}},
        {"data": begun, "mark": {"type": "text", "align": "left", "baseline": "top", "dx": 4, "color": SECONDARY,
                                 "fontStyle": "italic"},
         "encoding": {"y": {"value": 3}, "text": {"field": "name"}}},
    ]  # fmt: skip
    measure = metric_named(one.metric).title
    subtitle = f"{measure} per day · line: mean · bands: intervals of 80 and 95%"
    x = {"x": {"field": "day", "type": "temporal", "scale": UTC, "axis": _days_axis(rows)}}
    return Figure(
        drawing={"title": heading(finding, subtitle), "width": WIDTH, "height": HEIGHT, "encoding": x, "layer": layers},
        title=finding,
        alt=f"Line chart of the forecast of {measure.lower()} per day, {_inside(name)}, "
        f"{period(ahead['day'].min(), last['day'])}, where {_inside(finding)}, "
        f"between {number(last['lo_80'])} and {number(last['hi_80'])} in 80 of 100 cases",
        data=ahead[["platform", "day", "mean", *bounds, "model"]],
        note=forecast_sentence(one),
    )  # fmt: skip


def season_picture(trends: "Trends") -> Figure:
    """How the weekdays differ from the trend: the typical one and the middle half of them; of the main series."""
    rows = trends.weekdays[(trends.weekdays["platform"] == trends.main) & trends.weekdays["typical"].notna()]
    if rows.empty:
        return _nothing(trends, "Dot chart")
    name, measure = series_title(trends.main), metric_named(trends.metric).title
    best = rows.iloc[int(rows["typical"].to_numpy().argmax())]
    finding = f"{name}: no weekday stands out from chance"
    if _week_claimed(trends):
        finding = f"{name}: {best['name']}s are strongest, {signed_percent(best['typical'])} against trend"
    rows = rows.assign(
        short=[SHORT_DAYS[i] for i in rows["weekday"]], said=[signed_percent(v) for v in rows["typical"]]
    )
    x = {"field": "short", "type": "ordinal", "sort": list(SHORT_DAYS), "title": None}
    axis = {"type": "quantitative", "title": f"{measure} against the trend", "axis": {"format": "+.0%", "tickCount": 5}}
    layers: Layers = [
        {"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "color": CONTEXT},
         "encoding": {"y": {"field": "zero", **axis}}},
        {"mark": {"type": "rule", "strokeWidth": 7, "color": AREAS[1], "opacity": 0.6},
         "encoding": {"x": x, "y": {"field": "low", **axis}, "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "color": SERIES[0], "opacity": 1},
         "encoding": {"x": x, "y": {"field": "typical", **axis}}},
        {"mark": {"type": "text", "dx": 10, "align": "left"},
         "encoding": {"x": x, "y": {"field": "typical", **axis}, "text": {"field": "said"}}},
    ]  # fmt: skip
    first, last = (
        trends.trend.loc[trends.trend["platform"] == trends.main, c].iloc[0] for c in ("first_day", "last_day")
    )
    subtitle = f"{measure} ÷ trend − 1 · dot: typical day · bar: middle half of the days · {period(first, last)}"
    return Figure(
        drawing={
            "title": heading(finding, subtitle), "width": WIDTH, "height": 200,
            "data": data(rows[["short", "typical", "low", "high", "said"]]), "layer": layers,
        },
        title=finding,
        alt=f"Dot chart of {measure.lower()} by weekday against the trend, {_inside(name)}, where {_inside(finding)}",
        data=rows[["platform", "weekday", "name", "typical", "low", "high", "days"]],
    )  # fmt: skip


def decomposition_picture(trends: "Trends") -> Figure:
    """A series and its parts below one another: days, trend, season, and the rest; of the main series."""
    rows = _drawn(trends)
    if rows is None or rows["trend"].isna().all():
        return _nothing(trends, "Line charts")
    one = trends.of(trends.main)
    rows = rows.assign(rest=rows["value"].mask(rows["masked"]) - rows["trend"] - rows["seasonal"])
    seasons = one.seasonality[one.seasonality["claimed"]]
    week = seasons[seasons["season"] == WEEK]["strength"]
    finding = f"{series_title(trends.main)}: no weekly season beyond chance"
    if len(week):
        finding = f"{series_title(trends.main)}: weekdays hold {percent(week.iloc[0])} of the swings"
    panels = (("sure", "Days"), ("trend", "Trend"), ("seasonal", "Season"), ("rest", "Rest"))
    x = {"field": "day", "type": "temporal", "scale": UTC}
    drawing = []
    for field, name in panels:
        below = field == panels[-1][0]
        zero = field in ("sure", "trend")
        y = {"field": field, "type": "quantitative", "title": name, "scale": {"zero": zero, "nice": True},
             "axis": {"labelExpr": WHOLE, "tickCount": 3}}  # fmt: skip
        line = {"type": "line", "color": SERIES[0], "strokeWidth": 2 if field == "trend" else 1}
        shown = _days_axis(rows) if below else {"labels": False, "title": None, "ticks": False, "domain": False}
        drawing.append({
            "width": WIDTH, "height": PANEL,
            "layer": [
                {"mark": line, "encoding": {"x": {**x, "axis": shown}, "y": y}},
                *([] if zero else [{"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "color": CONTEXT},
                                    "encoding": {"y": {"field": "zero", "type": "quantitative"}}}]),
            ],
        })  # fmt: skip
    return Figure(
        drawing={
            "title": heading(finding, _subtitle(one, rows)), "spacing": 22, "vconcat": drawing,
            "data": data(rows[["day", *(field for field, _ in panels)]]),
        },
        title=finding,
        alt=f"Line charts of {_of_what(one, rows)}, its trend, its season and the rest, where {_inside(finding)}",
        data=rows[["platform", "day", "value", "trend", "seasonal", "rest", "masked"]],
    )  # fmt: skip


def _drawn(trends: "Trends") -> "pd.DataFrame | None":
    """The days of the main series that are drawn: usable ones (`sure`) and masked ones (`pale`, to the next)."""
    import numpy as np

    rows = trends.series[trends.series["platform"] == trends.main]
    if rows.empty or rows["value"].isna().all():
        return None
    rows = rows.tail(DAYS_DRAWN).reset_index(drop=True)
    known, masked = rows["value"].notna(), rows["masked"]
    beside = masked.shift(-1, fill_value=False) | masked.shift(1, fill_value=False)
    return rows.assign(
        day=_utc(rows["day"]),
        sure=rows["value"].mask(masked),
        pale=rows["value"].where(known & (masked | beside), np.nan),
    )


def _utc(days: "pd.Series") -> "pd.Series":
    import pandas as pd

    return pd.to_datetime(days, utc=True).dt.as_unit("ms")


def _days(number: int) -> "pd.Timedelta":
    import pandas as pd

    return pd.Timedelta(number, "D")


def _nothing(trends: "Trends", kind: str) -> Figure:
    title = metric_named(trends.metric).title
    return nothing_to_draw(
        f"Too few days of {title.lower()} to draw",
        kind=kind, of=f"{title.lower()} per day", width=WIDTH,
        advice=" ".join(trends.sentences[:1]) or "Ingest files that hold each account's daily overview.",
    )  # fmt: skip


def _direction_found(one: "Trends") -> str:
    row = one.trend.iloc[0].to_dict()
    name = series_title(row["platform"])
    if row["direction"] == UNTESTED:
        return f"{name}: too few days to test a direction"
    if row["claimed"]:
        return f"{name}: {row['direction']}, {share_a_week(row)} a week"
    if row["direction"] in ("stable", "cyclical"):
        return f"{name}: {'stable' if row['direction'] == 'stable' else 'up and down without a lasting direction'}"
    return f"{name}: no direction stands out from chance"


def _week_claimed(trends: "Trends") -> bool:
    mine = trends.seasonality[trends.seasonality["platform"] == trends.main]
    return bool((mine["claimed"] & (mine["season"] == WEEK)).any())


def _highest(one: "Trends", rows: "pd.DataFrame") -> float:
    """The highest day that is drawn as it is: of all days, or of those that do not stand out far above the others."""
    odd = rows["day"].isin(_utc(one.anomalies["day"]))
    most, usual = (float(part.max()) for part in (rows["value"], rows["value"].mask(odd)))
    trend = float(rows["trend"].max())
    highest = max(usual, trend if trend == trend else usual) * 1.1 if most > OUT_OF_SIGHT * usual > 0 else most
    return highest if highest > 0 else 1.0


def _odd_days(one: "Trends", rows: "pd.DataFrame", highest: float) -> "pd.DataFrame":
    """The days that stand out; those above the highest that is drawn, at the edge."""
    odd = one.anomalies.assign(day=_utc(one.anomalies["day"]))
    odd = odd[odd["day"] >= rows["day"].min()]
    return odd.assign(
        place=odd["value"].clip(upper=highest),
        beyond=odd["value"] > highest,
        said=[count(v) for v in odd["value"]],
        told=[day(d) for d in odd["day"]],
        why=[one_line(text, 200) for text in odd["explanation"]],
    )[["day", "value", "place", "beyond", "said", "told", "why"]]


def _odd_marks(odd: "pd.DataFrame", axis: Specification) -> Layers:
    if odd.empty:
        return []
    tip = tooltip({"told": "Day", "said": "Figure", "why": "What carries it"})
    point = {"type": "point", "filled": False, "size": 60, "strokeWidth": 2, "color": SERIES[1], "opacity": 1}
    place = {"y": {"field": "place", **axis}}
    layers: Layers = [
        {"transform": [{"filter": "!datum.beyond"}], "mark": point, "encoding": {**place, "tooltip": tip}},
        {"transform": [{"filter": "datum.beyond"}], "mark": {**point, "shape": "triangle-up", "filled": True},
         "encoding": {**place, "tooltip": tip}},
    ]  # fmt: skip
    if odd["beyond"].any():
        highest = odd.loc[[odd["value"].idxmax()]]
        text = {"type": "text", "align": "left", "dx": 8, "color": SERIES[1]}
        layers.append({"data": data(highest), "mark": text, "encoding": {**place, "text": {"field": "said"}}})
    return [{"data": data(odd), "layer": layers}]


def _marked_days(one: "Trends", rows: "pd.DataFrame") -> Layers:
    """Definition changes and events as dashed lines with words, changes of level as green ones without a gap."""
    import pandas as pd

    first, last = rows["day"].min(), rows["day"].max()
    changes = one.definitions.assign(day=_utc(one.definitions["day"]))
    changes = changes[changes["day"].between(first, last)].drop_duplicates(["day", "platform"])
    platforms = [one.main] if one.main else list(one.events["platform"].unique())
    events = events_in(one.events, first, last, platforms)
    marks = marks_of(changes, events)
    steps = one.changes[one.changes["claimed"]]
    steps = steps.assign(day=_utc(steps["day"]))
    steps = steps[steps["day"].between(first, last)]
    levels = pd.DataFrame({
        "day": steps["day"], "text": "change of level",
        "label": [f"{count(b)} → {count(a)} a day" for b, a in zip(steps["before"], steps["after"], strict=True)],
    })  # fmt: skip
    both = pd.concat([marks.assign(level=False), levels.assign(level=True)], ignore_index=True)
    both = both.sort_values("day", kind="stable", ignore_index=True)
    both = both.assign(place=[3.0 + 13 * (i % LABEL_ROWS) for i in range(len(both))])
    late = both["day"] > first + (last - first) * 0.6
    layers = bands(events[events["until"] > events["day"]])
    for level, mark in ((False, {}), (True, {"strokeDash": [1, 0], "color": SERIES[2]})):
        for chosen, align, shift in ((~late, "left", 4), (late, "right", -4)):
            made = labelled_marks(both[chosen & (both["level"] == level)].drop(columns="level"), align, shift)
            layers += [{**m, "mark": {**m["mark"], **(mark if m["mark"]["type"] == "rule" else {})}} for m in made]
    return layers


def _measure(one: "Trends", low: float, high: float) -> Specification:
    return {
        "type": "quantitative", "title": f"{metric_named(one.metric).title} per day",
        "axis": {"labelExpr": WHOLE, "tickCount": 5}, "scale": {"domain": [low, high], "nice": False},
    }  # fmt: skip


def _days_axis(rows: "pd.DataFrame") -> Specification:
    long = (rows["day"].max() - rows["day"].min()).days > 300
    return {"format": "%b %Y" if long else "%-d %b", "title": None, "tickCount": 7, "labelFlush": True}


def _of_what(one: "Trends", rows: "pd.DataFrame") -> str:
    span = period(rows["day"].min(), rows["day"].max())
    return f"{metric_named(one.metric).title.lower()} per day, {_inside(series_title(one.main))}, {span}"


def _subtitle(one: "Trends", rows: "pd.DataFrame") -> str:
    like = " · like for like" if len(one.definitions) else ""
    return f"{metric_named(one.metric).title} per day{like} · {period(rows['day'].min(), rows['day'].max())}"


def _inside(finding: str) -> str:
    return finding[0].lower() + finding[1:] if finding.startswith("All ") else finding


def _trend_note(one: "Trends", rows: "pd.DataFrame") -> str:
    said = []
    if rows["provisional"].any():
        said.append("Dotted: days that a platform may still restate; they enter nothing.")
    for row in one.definitions.to_dict("records"):
        how = one_line(row["how"], 120)
        said.append(f"{row['title']} counts differently since {day(row['day'])}; {how}.")
    return " ".join(dict.fromkeys(said))
