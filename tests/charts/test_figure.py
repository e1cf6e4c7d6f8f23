"""What every picture promises: a title, an alternative text, stable bytes, no host, nothing unescaped."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.charts import Figure, plot
from engagerr_core.charts.figure import nothing_to_draw
from engagerr_core.charts.plot import OVERVIEW_CHARTS
from engagerr_core.charts.sparkline import sparkline_figure
from engagerr_core.errors import InvalidArgument
from tests.charts.example_overview import HOSTILE, LEVELS, example_overview

PLATFORM_SETS = (
    ("youtube",),
    ("youtube", "instagram", "tiktok"),
    ("youtube", "instagram", "tiktok", "x"),
    tuple(LEVELS),
)
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def figures() -> list[Figure]:
    made = [plot(example_overview(platforms), chart) for platforms in PLATFORM_SETS for chart in OVERVIEW_CHARTS]
    daily = example_overview().daily
    return [*made, sparkline_figure(daily[daily["platform"] == "tiktok"], "standard_views")]


@pytest.fixture(scope="module", params=range(4 * len(OVERVIEW_CHARTS) + 1))
def figure(request: pytest.FixtureRequest) -> Figure:
    if not hasattr(request.config, "_figures"):
        request.config._figures = figures()  # type: ignore[attr-defined]
    return request.config._figures[request.param]  # type: ignore[attr-defined]


def addresses(svg: str) -> list[str]:
    """What a browser would fetch: every reference in an attribute, and every url() or @import in a style."""
    found = []
    for element in ElementTree.fromstring(svg).iter():  # noqa: S314 - our own SVG
        for name, value in element.attrib.items():
            if name.rpartition("}")[2] in ("href", "src", "style", "fill", "clip-path", "filter", "mask"):
                found += re.findall(r"(?:https?:)?//[^\s)\"']+", value)
        found += re.findall(r"@import[^;]*", element.text or "") if element.tag.endswith("style") else []
    return found


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_specification_is_valid_vega_lite(figure: Figure) -> None:
    assert figure.chart.to_dict()  # raises where the schema is not met


def test_title_alternative_text_and_data(figure: Figure) -> None:
    assert 1 <= len(figure.title.split()) <= 10
    assert re.fullmatch(r"[A-Z].+ of .+ where .+", figure.alt)
    assert len(figure.data) > 0
    assert not re.search(r"\b(because|caused?|due to|thanks to|led to|drove|driven)\b", figure.title + figure.alt)


def test_same_bytes_twice(figure: Figure) -> None:
    assert figure.to_svg() == figure.to_svg()
    assert figure.to_png(1) == figure.to_png(1)
    assert figure.to_png(1).startswith(b"\x89PNG")


def test_no_host(figure: Figure) -> None:
    svg = figure.to_svg()
    assert addresses(svg) == []
    assert set(re.findall(r"xmlns(?::\w+)?=\"([^\"]+)\"", svg)) <= NAMESPACES


def test_the_address_finder_finds() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://host.example/a.png"/></svg>'
    assert addresses(svg) == ["https://host.example/a.png"]


def test_fragment_is_one_labelled_figure_without_script(figure: Figure) -> None:
    parsed = Tags(figure.to_html_fragment())
    names = [tag for tag, _ in parsed.tags]
    assert names.count("figure") == names.count("svg") == 1
    assert "script" not in names
    assert "img" not in names
    attributes = parsed.tags[0][1]
    assert attributes["role"] == "img"
    assert (attributes["aria-label"] or "").startswith(figure.alt[:20])
    assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)


def test_ids_of_two_figures_on_a_page_differ() -> None:
    first, second = (plot(example_overview(days=days)).to_svg() for days in (28, 14))
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (first, second)]
    assert not ids[0] & ids[1]
    for svg in (first, second):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r'\bid="([^"]+)"', svg))


@pytest.mark.parametrize("chart", OVERVIEW_CHARTS)
def test_hostile_names_everywhere(chart: str) -> None:
    """A platform, a definition, a note and a creator that are markup: drawn as text, or not at all."""
    overview = example_overview(creator=HOSTILE)
    frames = {}
    for name in ("daily", "weekly", "platforms", "contents", "changes"):
        frame = getattr(overview, name).copy()
        for column in ("platform", "note", "text", "title"):
            if column in frame:
                frame[column] = frame[column].astype(object).where(frame.index % 2 == 0, HOSTILE)
        if name in ("daily", "weekly"):
            frame = frame.drop_duplicates(["platform", "day", "metric"])
        frames[name] = frame
    figure = plot(replace(overview, **frames), chart)
    names = [tag for tag, _ in Tags(figure.to_html_fragment()).tags]
    assert "script" not in names
    assert addresses(figure.to_svg()) == []
    assert figure.to_png(1)


@given(st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_any_title_of_a_post_can_be_drawn(title: str) -> None:
    contents = example_overview().contents.head(3).assign(title=title, mature=True)
    svg = plot(example_overview(contents=contents), "content").to_svg()
    ElementTree.fromstring(svg)  # noqa: S314 - our own SVG; raises where it is not XML


@pytest.mark.parametrize("title", ["", "one two three four five six seven eight nine ten eleven"])
def test_title_out_of_measure_is_refused(title: str) -> None:
    with pytest.raises(InvalidArgument, match="words"):
        Figure(drawing={}, title=title, alt="Chart of data where it is so", data=pd.DataFrame())


@pytest.mark.parametrize("alt", ["", "A nice chart", "Chart of data"])
def test_alternative_text_is_required(alt: str) -> None:
    with pytest.raises(InvalidArgument, match="alternative text"):
        Figure(drawing={}, title="Finding", alt=alt, data=pd.DataFrame())


@pytest.mark.parametrize("scale", [0, -1, 9, float("nan")])
def test_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(InvalidArgument, match="1 to 8"):
        nothing_to_draw("Nothing", kind="Chart", of="data", advice="Do it.").to_png(scale)


def test_notebook_shows_html_and_text() -> None:
    bundle = plot(example_overview())._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith('<figure role="img" aria-label="Line chart of ')


def test_the_process_theme_does_not_show_and_is_not_touched() -> None:
    import altair as alt

    before, plain = alt.theme.active, plot(example_overview()).to_svg()
    with alt.theme.enable("dark"):
        assert plot(example_overview()).to_svg() == plain
    assert alt.theme.active == before


def test_unknown_results_are_refused_with_the_known_named() -> None:
    with pytest.raises(InvalidArgument, match=r"dict.*Overview, Trends, ReachEstimate"):
        plot({})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"'pie'.*timeline, trend, platforms"):
        plot(example_overview(), "pie")
    with pytest.raises(InvalidArgument, match="one picture"):
        plot(example_overview().reach, "timeline")
    with pytest.raises(InvalidArgument, match="DataFrame"):
        plot(pd.DataFrame({"a": [1]}))


def test_importing_charts_and_drawing_needs_no_altair() -> None:
    code = (
        "import sys; from tests.charts.example_overview import example_overview; "
        "from engagerr_core.charts import plot; plot(example_overview()).to_svg(); "
        "assert 'altair' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
