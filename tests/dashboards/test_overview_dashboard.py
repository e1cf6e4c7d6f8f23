"""The overview dashboard without a browser: controls are set, texts and pictures are read."""

import csv
import io
import re
from base64 import b64decode
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.dashboards.download import csv_text, download_link
from engagerr_core.dashboards.live_chart import brushed_days
from engagerr_core.dashboards.overview import OverviewDashboard
from engagerr_core.dashboards.state import CUSTOM, PRESETS, SORTS, preset_period
from engagerr_core.dashboards.view import overview_view, safe_url, sorted_posts
from engagerr_core.errors import InvalidArgument
from tests.charts.example_overview import HOSTILE, cards, example_overview
from tests.dashboards.example_source import ExampleSource

DAY = 86_400_000


def moment(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


@pytest.fixture
def source() -> ExampleSource:
    return ExampleSource()


@pytest.fixture
def dashboard(source: ExampleSource) -> OverviewDashboard:
    return OverviewDashboard(source)


def brush(dashboard: OverviewDashboard, first: date, last: date) -> None:
    value = {"day": [moment(first), moment(last)]}
    dashboard.chart.widget._vl_selections = {"period": {"value": value, "store": []}}


class Page(HTMLParser):
    def __init__(self, *html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        for part in html:
            self.feed(part)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(dashboard: OverviewDashboard) -> Page:
    parts = (dashboard.message, dashboard.opening, dashboard.cards, dashboard.note, dashboard.posts, dashboard.findings,
             dashboard.downloads)  # fmt: skip
    return Page(*(part.value for part in parts))


def test_opens_on_the_latest_period_of_the_first_creator(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    assert source.asked == [("Ada", None, None, None)]
    assert (dashboard.start.value, dashboard.end.value) == (date(2026, 8, 24), date(2026, 9, 20))
    assert dashboard.preset.value == "Last 28 days"
    shown = page(dashboard)
    assert "Between 180,000 and 386,000 different people were reached." in shown.text
    assert "Best platform, by standard views" in shown.text
    assert "Watch time is unknown." in shown.text
    assert dashboard.chart.widget.spec["title"]["text"] == "Standard views rose 12% against the period before"
    assert dashboard.chart.widget.spec["description"].startswith("Line chart of standard views per day on ")


def test_a_preset_sets_days_figures_and_picture(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    dashboard.preset.value = "Last 7 days"
    assert source.asked[-1] == ("Ada", date(2026, 9, 14), date(2026, 9, 20), None)
    assert dashboard.start.value == date(2026, 9, 14)
    assert "14 Sep to 20 Sep 2026" in dashboard.opening.value
    assert "14 Sep to 20 Sep 2026" in dashboard.chart.widget.spec["description"]


@pytest.mark.parametrize("preset", [p for p in PRESETS if p not in (CUSTOM, "Last 28 days")])
def test_every_preset(dashboard: OverviewDashboard, source: ExampleSource, preset: str) -> None:
    dashboard.preset.value = preset
    assert len(source.asked) == 2
    assert dashboard.message.value == ""
    assert (dashboard.state.start, dashboard.state.end) == preset_period(preset, date(2024, 7, 13), date(2026, 9, 20))


def test_days_set_by_hand_make_the_period_custom(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    dashboard.start.value = date(2026, 9, 1)
    assert dashboard.preset.value == CUSTOM
    assert source.asked[-1][1:3] == (date(2026, 9, 1), date(2026, 9, 20))
    assert len(source.asked) == 2


def test_days_in_the_wrong_order_are_refused_in_words(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    dashboard.start.value = date(2027, 1, 1)
    assert "lies after the last" in dashboard.message.value
    assert len(source.asked) == 1
    dashboard.end.value = date(2027, 1, 5)
    assert dashboard.message.value == ""


def test_a_brush_moves_the_figures_and_leaves_the_picture(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    spec = dashboard.chart.widget.spec
    brush(dashboard, date(2026, 9, 1), date(2026, 9, 5))
    assert source.asked[-1][1:3] == (date(2026, 9, 1), date(2026, 9, 5))
    assert (dashboard.start.value, dashboard.end.value) == (date(2026, 9, 1), date(2026, 9, 5))
    assert dashboard.chart.widget.spec is spec
    assert "Marked: 1 Sep to 5 Sep 2026" in dashboard.note.value
    brush(dashboard, date(2026, 9, 1), date(2026, 9, 5))
    assert len(source.asked) == 2
    dashboard.chart.widget._vl_selections = {"period": {"value": {}, "store": []}}
    assert dashboard.start.value == date(2026, 8, 24)
    assert "Marked" not in dashboard.note.value


def test_a_brush_works_after_a_redraw(dashboard: OverviewDashboard) -> None:
    dashboard.preset.value = "Last 7 days"
    dashboard.metric.value = "standard_engagements"
    brush(dashboard, date(2026, 9, 15), date(2026, 9, 16))
    assert (dashboard.state.start, dashboard.state.end) == (date(2026, 9, 15), date(2026, 9, 16))
    assert "standard engagements" in dashboard.chart.widget.spec["description"]


def test_another_measure_clears_the_brush(dashboard: OverviewDashboard) -> None:
    brush(dashboard, date(2026, 9, 1), date(2026, 9, 5))
    dashboard.metric.value = "standard_engagements"
    assert (dashboard.state.start, dashboard.state.end) == (date(2026, 8, 24), date(2026, 9, 20))
    assert dashboard.chart.widget.spec["title"]["text"].startswith("Standard engagements fell 5.6%")


def test_platform_buttons_narrow_figures_and_keep_colours(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    assert list(dashboard.platforms) == ["youtube", "instagram", "tiktok"]
    dashboard.platforms["youtube"].value = False
    assert source.asked[-1][3] == ["instagram", "tiktok"]
    assert "#009E73" in str(dashboard.chart.widget.spec["layer"])
    assert "#0072B2" not in str(dashboard.chart.widget.spec["layer"])
    dashboard.platforms["youtube"].value = True
    assert source.asked[-1][3] is None


def test_no_platform_says_what_to_do(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    for button in dashboard.platforms.values():
        button.value = False
    assert "Press at least one" in dashboard.message.value
    assert dashboard._results.layout.display == "none"
    dashboard.platforms["tiktok"].value = True
    assert dashboard.message.value == ""
    assert dashboard._results.layout.display == ""


def test_another_creator_starts_afresh(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    dashboard.platforms["youtube"].value = False
    dashboard.preset.value = "Last 7 days"
    dashboard.creator.value = "Grace"
    assert source.asked[-1] == ("Grace", None, None, None)
    assert dashboard.preset.value == "Last 28 days"
    assert all(button.value for button in dashboard.platforms.values())
    assert "Grace" in dashboard.opening.value


def test_figures_as_known_on_an_earlier_day(dashboard: OverviewDashboard, source: ExampleSource) -> None:
    dashboard.preset.value = "Last 7 days"
    dashboard.as_of.value = date(2026, 9, 1)
    assert (source.asked[-1], source.known[-1]) == (("Ada", None, None, None), date(2026, 9, 1))
    dashboard.preset.value = "Last 90 days"
    dashboard.creator.value = "Grace"
    assert source.known[-2:] == [date(2026, 9, 1)] * 2
    dashboard.as_of.value = None
    assert source.known[-1] is None


def test_provenance_is_shown_on_demand(dashboard: OverviewDashboard) -> None:
    assert "Coefficients" not in dashboard.cards.value
    dashboard.provenance.value = True
    for said in ("Basis", "flow", "Origin", "derived", "Definition", "default 1"):
        assert said in dashboard.cards.value


def test_sorting(dashboard: OverviewDashboard) -> None:
    by_views = dashboard.posts.value
    for sort in SORTS[1:]:
        dashboard.sort.value = sort
        assert dashboard.posts.value != by_views


@pytest.mark.parametrize("sort", SORTS[:3])
def test_young_posts_never_stand_above_mature_ones(sort: str) -> None:
    ranked = sorted_posts(example_overview().contents, sort)["mature"].tolist()
    assert ranked == sorted(ranked, reverse=True)
    assert True in ranked
    assert False in ranked


def test_rates_are_ranked_by_their_lower_bound() -> None:
    posts = example_overview().contents.head(2).assign(mature=True, engagement_rate=[0.9, 0.1], shrunk_low=[0.01, 0.08])
    assert sorted_posts(posts, SORTS[2])["engagement_rate"].tolist() == [0.1, 0.9]


def test_unknown_sort_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="cannot be sorted"):
        sorted_posts(example_overview().contents, "luck")


def test_errors_are_shown_escaped_and_controls_stay(dashboard: OverviewDashboard) -> None:
    dashboard.start.value = date(2023, 1, 1)
    dashboard.end.value = date(2023, 2, 1)
    assert 'role="alert"' in dashboard.message.value
    assert "&lt;b&gt;Ada&lt;/b&gt;" in dashboard.message.value
    dashboard.preset.value = "Last 28 days"
    assert dashboard.message.value == ""


def test_empty_workspace_says_what_to_do() -> None:
    dashboard = OverviewDashboard(ExampleSource(creators=()))
    assert "ws.ingest" in dashboard.message.value
    assert dashboard._results.layout.display == "none"


def test_unknown_creator_says_who_is_there_and_can_be_mended() -> None:
    dashboard = OverviewDashboard(ExampleSource(), creator="Nobody")
    assert "Ada, Grace" in dashboard.message.value
    dashboard.creator.value = "Grace"
    assert dashboard.message.value == ""


def test_period_without_figures() -> None:
    class Silent(ExampleSource):
        def overview(self, creator, start=None, end=None, platforms=None, as_of=None):
            empty = example_overview()
            return example_overview(
                daily=empty.daily.head(0), weekly=empty.weekly.head(0), contents=empty.contents.head(0)
            )

    dashboard = OverviewDashboard(Silent())
    assert dashboard.chart.widget.spec["title"]["text"] == "No standard views in this period"
    assert "No post published in this period" in dashboard.posts.value
    dashboard.chart.widget._vl_selections = {}


def test_hostile_text_is_text_everywhere() -> None:
    overview = example_overview(creator=HOSTILE)
    frames = {
        "cards": overview.cards.assign(title=HOSTILE, note=HOSTILE, definition=HOSTILE),
        "contents": overview.contents.assign(title=HOSTILE, url="javascript:alert(1)"),
        "findings": overview.findings.assign(finding=HOSTILE, advice=HOSTILE, subject=HOSTILE),
    }

    class Hostile(ExampleSource):
        def overview(self, creator, start=None, end=None, platforms=None, as_of=None):
            return example_overview(creator=HOSTILE, **frames)

    dashboard = OverviewDashboard(Hostile(creators=(HOSTILE,)))
    dashboard.provenance.value = True
    shown = page(dashboard)
    assert {"script", "img", "b"}.isdisjoint(tag for tag, _ in shown.tags)
    for tag, attributes in shown.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        if tag == "a":
            assert (attributes["href"] or "").startswith("data:text/csv;")
    assert "\x01" not in str(dashboard.chart.widget.spec)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/p?a=1&b=2", True), ("HTTP://example.org", True), ("javascript:alert(1)", False),
        ("data:text/html,x", False), ("//example.org", False), ("", False), (None, False), (float("nan"), False),
        ("java\nscript:alert(1)", False), ("https://a b", False), (" https://example.org ", True),
    ],
)  # fmt: skip
def test_links_are_http_only(url: object, kept: bool) -> None:
    assert bool(safe_url(url)) is kept


def test_links_of_posts_open_without_a_way_back(dashboard: OverviewDashboard) -> None:
    links = [attrs for tag, attrs in Page(dashboard.posts.value).tags if tag == "a"]
    assert links
    assert all((a["href"] or "").startswith("https://example.org/p/") for a in links)
    assert all(a["rel"] == "noopener noreferrer" for a in links)


def test_downloads_hold_what_is_shown_and_no_formula(dashboard: OverviewDashboard) -> None:
    links = [attrs for tag, attrs in Page(dashboard.downloads.value).tags if tag == "a"]
    assert [link["download"] for link in links] == [
        f"{what}-Ada-2026-08-24-2026-09-20.csv" for what in ("key-figures", "trend", "posts")
    ]
    posts = b64decode((links[2]["href"] or "").split(",")[1]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(posts)))
    assert len(rows) == 24
    assert {len(row["content"]) for row in rows} == {18}


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_no_cell_of_a_download_is_a_formula(texts: list[str]) -> None:
    frame = pd.DataFrame({"text": pd.Series(texts, dtype=object), "=number": range(len(texts))})
    rows = list(csv.reader(io.StringIO(csv_text(frame), newline="")))
    assert len(rows) == len(texts) + 1
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


def test_downloads_keep_numbers_negative_unknown_and_exact() -> None:
    text = csv_text(pd.DataFrame({"n": [-1.5, float("nan"), 0.1 + 0.2], "s": ["=1", None, "-"]}))
    assert text == "n,s\r\n-1.5,'=1\r\n,\r\n0.30000000000000004,'-\r\n"


def test_download_names_are_harmless() -> None:
    link = download_link(pd.DataFrame({"a": [1]}), "<b>", "../../etc", 'x" onclick="y')
    attributes = Page(link).tags[0][1]
    assert attributes["download"] == "etc-x-onclick-y.csv"
    assert len(Page(link).tags) == 1


def test_cards_say_direction_interval_and_verdict() -> None:
    by_name = {card.metric: card for card in overview_view(example_overview()).cards}
    views = by_name["standard_views"]
    assert (views.value, views.change, views.direction) == ("543,210", "+12% (+4.0% to +21%)", "up")
    assert views.verdict == "more than the usual swing"
    assert by_name["impressions"].verdict == "within the usual swing"
    assert by_name["engagement_rate"].verdict == "too little history to tell"
    assert by_name["engagement_rate"].value == "4.62% (4.11% to 5.13%)"
    assert by_name["reach"].value == "120,000 to 310,000"
    assert by_name["reach"].change == ""
    assert by_name["best_platform"].value == "YouTube"


def test_unknown_is_said_and_never_zero() -> None:
    nothing = cards(value=float("nan"), change=float("nan"))
    card = overview_view(example_overview(cards=nothing)).cards[1]
    assert (card.value, card.change, card.verdict) == ("unknown", "", "")


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ({}, (date(2026, 1, 1), date(2026, 1, 31))),
        ({"day": [moment(date(2026, 1, 5)), moment(date(2026, 1, 5))]}, (date(2026, 1, 5), date(2026, 1, 5))),
        ({"day": [moment(date(2026, 1, 5)) + 1, moment(date(2026, 1, 8)) - 1]}, (date(2026, 1, 6), date(2026, 1, 7))),
        ({"day": [moment(date(2026, 1, 8)), moment(date(2026, 1, 5))]}, (date(2026, 1, 5), date(2026, 1, 8))),
        ({"day": [moment(date(2026, 1, 5)) + 1, moment(date(2026, 1, 5)) + 2]}, (date(2026, 1, 5), date(2026, 1, 5))),
        ({"day": [moment(date(2025, 12, 1)), moment(date(2026, 1, 3))]}, (date(2026, 1, 1), date(2026, 1, 3))),
        ({"day": [moment(date(2025, 12, 1)), moment(date(2025, 12, 3))]}, (date(2026, 1, 1), date(2026, 1, 31))),
    ],
)
def test_days_of_a_brush(value: dict, days: tuple[date, date]) -> None:
    assert brushed_days(value, date(2026, 1, 1), date(2026, 1, 31)) == days


@pytest.mark.parametrize(
    ("preset", "start"),
    [
        ("Last 7 days", date(2024, 2, 23)), ("Last 28 days", date(2024, 2, 2)), ("Last 90 days", date(2023, 12, 2)),
        ("Last 12 months", date(2023, 3, 1)), ("Year to date", date(2024, 1, 1)), ("All", date(2022, 5, 5)),
    ],
)  # fmt: skip
def test_presets_end_on_the_last_day(preset: str, start: date) -> None:
    assert preset_period(preset, date(2022, 5, 5), date(2024, 2, 29)) == (start, date(2024, 2, 29))


def test_custom_has_no_days_of_its_own() -> None:
    with pytest.raises(InvalidArgument, match="no preset"):
        preset_period(CUSTOM, date(2024, 1, 1), date(2024, 2, 1))


def test_nothing_of_the_page_comes_from_a_host(dashboard: OverviewDashboard) -> None:
    import altair as alt

    assert not re.search(r"""(?:from|import)\s*\(?["']https?://""", alt.JupyterChart._esm)
    for tag, attributes in page(dashboard).tags:
        assert "src" not in attributes, tag
        assert tag != "link"
