"""Where does this come from: choosing a figure names its files and rows, and nothing in them can run."""

import pytest

from engagerr_core import Workspace
from engagerr_core.dashboards.lineage_panel import NOTHING
from engagerr_core.dashboards.overview import OverviewDashboard
from tests.dashboards.example_source import ExampleSource


@pytest.fixture
def dashboard(example_workspace):
    with Workspace.open(example_workspace) as ws:
        yield OverviewDashboard(ws)


def _choose(dashboard, title):
    dashboard.lineage.figure.value = dict(dashboard.lineage.figure.options)[title]


def test_nothing_is_traced_until_a_figure_is_chosen(dashboard):
    assert dashboard.lineage.figure.label == NOTHING
    assert dashboard.lineage.told.value == ""
    titles = [title for title, _ in dashboard.lineage.figure.options]
    assert "Standard views" in titles
    assert "TikTok: engagement rate" in titles


def test_a_figure_is_traced_to_its_files_and_rows(dashboard):
    _choose(dashboard, "Standard views")
    page = dashboard.lineage.told.value
    card = dashboard._overview.cards.set_index("metric").loc["standard_views", "value"]
    assert f"{card:,.0f}, from 56 rows of 2 files." in page
    assert "exports/Overview.csv" in page
    assert "exports/account_overview_analytics.csv" in page
    assert "46 more." in page


def test_another_period_traces_its_own_figure(dashboard):
    _choose(dashboard, "Standard views")
    before = dashboard.lineage.told.value
    dashboard.preset.value = "Last 7 days"
    assert dashboard.lineage.figure.label == "Standard views"
    assert "from 14 rows of 2 files." in dashboard.lineage.told.value != before


def test_back_to_nothing_clears_the_panel(dashboard):
    _choose(dashboard, "Standard views")
    dashboard.lineage.figure.value = None
    assert dashboard.lineage.told.value == ""


def test_hostile_names_stay_text(dashboard):
    _choose(dashboard, "Standard views")
    assert "</script><b>" not in dashboard.lineage.told.value
    assert "&lt;/script&gt;" in dashboard.lineage.told.value


def test_a_problem_is_told_where_the_lineage_would_stand(dashboard, example_workspace):
    (example_workspace / "workspace.toml").write_text('coefficient_set = "mine"\n')
    own = example_workspace / "coefficients" / "mine.toml"
    own.write_text('name = "mine"\nversion = "1"\n[[term]]\nplatform = "x"\nnative = "views"\n'
                   'standard = "standard_views"\nvalue = 1.0\norigin = "given"\n')  # fmt: skip
    with Workspace.open(example_workspace) as other:
        dashboard._source = other
        _choose(dashboard, "TikTok: standard views")
    assert 'role="alert"' in dashboard.lineage.told.value
    assert "coefficient_set in workspace.toml" in dashboard.lineage.told.value


def test_figures_that_nobody_can_trace_are_not_offered():
    made_up = OverviewDashboard(ExampleSource())
    assert made_up.lineage.widget.layout.display == "none"
    assert [title for title, _ in made_up.lineage.figure.options] == [NOTHING]


def test_an_unknown_figure_says_so(dashboard):
    _choose(dashboard, "TikTok: engagement rate")
    assert "unknown, from 0 rows of 0 files." in dashboard.lineage.told.value
