"""What the pictures of trends show: the finding, marked days, odd days, intervals; and what they say with nothing."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from engagerr_core.analysis.trends import Trends
from engagerr_core.charts import Figure, plot
from engagerr_core.charts.plot import TRENDS_CHARTS
from engagerr_core.charts.trends import DAYS_DRAWN
from engagerr_core.errors import InvalidArgument
from tests.analysis.example_days import rows_of, trends_of, usual
from tests.charts.example_trends import example_trends
from tests.charts.test_figure import Tags, addresses

MOST_MARKS = 5000
CHARTS = tuple(TRENDS_CHARTS)


def drawn_in(spec: object) -> list[dict]:
    """Every row of every data set in a specification."""
    if isinstance(spec, dict):
        own = spec["data"]["values"] if isinstance(spec.get("data"), dict) and "values" in spec["data"] else []
        return [*own, *(row for name, part in spec.items() if name != "data" for row in drawn_in(part))]
    return [row for part in spec for row in drawn_in(part)] if isinstance(spec, list) else []


def marks_of(spec: dict) -> int:
    """How many values are drawn: each row once for every field that a mark takes from it."""
    return sum(sum(value is not None for name, value in row.items() if name != "day") for row in drawn_in(spec))


def series() -> list[Trends]:
    found = example_trends()
    return [found, *(found.of(name) for name in found.platforms)]


@pytest.fixture(scope="module", params=[(i, chart) for i in range(5) for chart in CHARTS], ids=str)
def figure(request: pytest.FixtureRequest) -> Figure:
    i, chart = request.param
    return plot(series()[i], chart)


def test_every_picture_keeps_the_promises_of_pictures(figure: Figure) -> None:
    assert figure.chart.to_dict()  # raises where the schema is not met
    assert 1 <= len(figure.title.split()) <= 10
    assert re.fullmatch(r"[A-Z].+ of .+ where .+", figure.alt)
    assert not re.search(r"\b(because|caused?|due to|thanks to|led to|drove|driven)\b", figure.title + figure.alt)
    assert len(figure.data) > 0
    assert marks_of(figure.drawing) <= MOST_MARKS
    assert figure.to_svg() == figure.to_svg()
    assert addresses(figure.to_svg()) == []
    names = [tag for tag, _ in Tags(figure.to_html_fragment()).tags]
    assert "script" not in names
    assert "img" not in names
    assert figure.to_png(1).startswith(b"\x89PNG")


def test_years_of_days_stay_below_the_most_marks() -> None:
    long = trends_of(rows_of("tiktok", usual(1500)))
    for chart in CHARTS:
        figure = plot(long, chart)
        assert marks_of(figure.drawing) <= MOST_MARKS
        assert len(figure.data) <= DAYS_DRAWN


def test_the_direction_is_told_only_where_it_is_claimed() -> None:
    found = example_trends()
    assert "rising" in plot(found.of("youtube"), "trend").title
    level = found.trend.assign(direction="unclear", claimed=False)
    assert plot(replace(found, trend=level), "trend").title == "All platforms: no direction stands out from chance"
    for direction, words in (("stable", "stable"), ("cyclical", "up and down"), ("not testable", "too few days")):
        assert words in plot(replace(found, trend=level.assign(direction=direction)), "trend").title


def test_definitions_events_and_levels_are_marked_lines() -> None:
    rows = drawn_in(plot(example_trends(), "trend").drawing)
    labels = [str(row["label"]) for row in rows if "label" in row]
    assert "YouTube: new definition" in labels
    assert "Summer campaign" in labels
    assert any("</script>" in label for label in labels)  # text of a stranger, drawn as text
    levels = [
        label
        for label in (str(r.get("label", "")) for r in drawn_in(plot(example_trends().of("tiktok")).drawing))
        if "→" in label
    ]
    assert levels


def test_an_odd_day_far_above_the_others_stands_at_the_edge_with_its_figure() -> None:
    figure = plot(example_trends().of("instagram"), "trend")
    beyond = [row for row in drawn_in(figure.drawing) if row.get("beyond")]
    assert beyond
    assert any(int(row["said"].replace(",", "")) > 40_000 for row in beyond)
    highest = max(row["sure"] for row in drawn_in(figure.drawing) if row.get("sure") is not None)
    assert highest < 10_000
    assert figure.data["value"].max() > 40_000  # the table behind it is whole


def test_provisional_days_are_apart_and_said() -> None:
    figure = plot(example_trends().of("youtube"), "trend")
    assert "may still restate" in figure.note
    assert "counts differently since 24 Aug 2026" in figure.note
    late = figure.data.loc[figure.data["why"] == "provisional", "day"]
    for row in drawn_in(figure.drawing):
        if "sure" in row and pd.Timestamp(row["day"], unit="ms", tz="UTC") in set(late):
            assert row["sure"] is None


def test_the_forecast_has_both_intervals_and_its_back_test() -> None:
    figure = plot(example_trends(), "forecast")
    assert {"mean", "lo_80", "hi_80", "lo_95", "hi_95"} <= set(figure.data)
    assert len(figure.data) == example_trends().horizon
    assert (figure.data["lo_95"] >= 0).all()
    assert "tried on earlier days" in figure.note
    assert "in 80 of 100 cases" in figure.alt


def test_the_season_is_told_only_where_it_is_claimed() -> None:
    found = example_trends()
    assert "are strongest" in plot(found, "season").title
    chance = replace(found, seasonality=found.seasonality.assign(claimed=False))
    assert plot(chance, "season").title == "All platforms: no weekday stands out from chance"
    assert plot(chance, "decomposition").title == "All platforms: no weekly season beyond chance"
    assert plot(found, "season").data["name"].tolist()[0] == "Monday"


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("days", [0, 1, 3])
def test_with_almost_nothing_it_says_what_is_missing(chart: str, days: int) -> None:
    rows = rows_of("tiktok", [5.0, 6.0, 7.0][:days]) or rows_of("tiktok", [5.0], metric="likes")
    figure = plot(trends_of(rows), chart)
    assert figure.to_svg()
    assert figure.chart.to_dict()
    if not days:
        assert "Too few days of standard views to draw" in figure.title
        assert "Export" in figure.note


def test_another_picture_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="trend, forecast, season, decomposition"):
        plot(example_trends(), "timeline")
