"""The trends dashboard without a browser: controls are set, texts and pictures are read."""

import pandas as pd
import pytest

from engagerr_core.analysis.trends import Trends
from engagerr_core.dashboards.trends import HORIZONS, PICTURES, TrendsDashboard, trends_view
from engagerr_core.errors import InvalidArgument
from tests.analysis.example_days import rows_of, trends_of
from tests.charts.example_trends import example_trends
from tests.charts.test_figure import Tags


class Source:
    def __init__(self, *names: str) -> None:
        self.names, self.asked = names, []  # fmt: skip

    def creators(self) -> pd.DataFrame:
        return pd.DataFrame({"creator": list(self.names)})

    def trends(self, creator: str, metric: str = "standard_views", *, horizon: int = 28) -> Trends:
        self.asked.append((creator, metric, horizon))
        if creator == "Nobody":
            raise InvalidArgument("There is no creator 'Nobody' <b>here</b>.")
        return trends_of(rows_of("tiktok", [5.0])) if creator == "Small" else example_trends()


@pytest.fixture
def dashboard() -> TrendsDashboard:
    return TrendsDashboard(Source("Ada", "Small"))


def test_the_first_creator_and_all_platforms_come_first(dashboard: TrendsDashboard) -> None:
    assert dashboard.state.creator == "Ada"
    assert dashboard.state.series == ""
    assert [value for _, value in dashboard.series.options] == list(example_trends().platforms)
    assert "Standard views on all platforms" in dashboard.sentences.value
    assert "<figure" in dashboard.drawing.value
    assert dashboard._repr_mimebundle_()


def test_another_series_is_shown_without_asking_again(dashboard: TrendsDashboard) -> None:
    before = len(dashboard._source.asked)
    dashboard.series.value = "instagram"
    assert "Standard views, Instagram" in dashboard.sentences.value
    assert "all platforms:" not in dashboard.sentences.value
    assert "What carries it" in dashboard.days.value
    assert len(dashboard._source.asked) == before


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture(dashboard: TrendsDashboard, picture: str) -> None:
    dashboard.picture.value = picture
    assert trends_view(example_trends(), "", picture).figure.alt.split(" where")[0] in dashboard.drawing.value.replace(
        "&#x27;", "'"
    )


def test_measure_and_horizon_are_asked_for(dashboard: TrendsDashboard) -> None:
    dashboard.metric.value = "standard_engagements"
    dashboard.horizon.value = HORIZONS[0]
    assert dashboard._source.asked[-1] == ("Ada", "standard_engagements", HORIZONS[0])


def test_another_creator_without_the_chosen_series(dashboard: TrendsDashboard) -> None:
    dashboard.series.value = "youtube"
    dashboard.creator.value = "Small"
    assert dashboard.state.series == "tiktok"
    assert "cannot be tested yet, from 1 day" in dashboard.sentences.value
    assert dashboard.days.value == ""


def test_strangers_text_is_text(dashboard: TrendsDashboard) -> None:
    dashboard.series.value = "instagram"
    html = "".join(part.value for part in (dashboard.sentences, dashboard.drawing, dashboard.days))
    tags = [tag for tag, _ in Tags(html).tags]
    assert "script" not in tags
    assert "img" not in tags


def test_problems_are_told_and_the_controls_stay() -> None:
    dashboard = TrendsDashboard(Source("Ada"), "Nobody")
    assert "There is no creator &#x27;Nobody&#x27; &lt;b&gt;here&lt;/b&gt;." in dashboard.sentences.value
    assert dashboard.drawing.value == ""
    dashboard.creator.value = "Ada"
    assert "<figure" in dashboard.drawing.value


def test_an_empty_workspace_says_what_to_do() -> None:
    dashboard = TrendsDashboard(Source())
    assert "There is no creator in this workspace yet" in dashboard.sentences.value
