"""`ws.trends` on the sample workspace, on an empty one, and as known earlier."""

import pytest

from engagerr_core import Workspace
from engagerr_core.errors import InvalidArgument, NotAdditive, UnknownName

CREATOR = "Kaito Mensah"


@pytest.fixture(scope="module")
def ws(sample_workspace):
    with Workspace.open(sample_workspace) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def found(ws):
    return ws.trends(CREATOR)


def test_the_sample_has_a_series_a_platform_and_one_of_all(found):
    assert found.platforms == ("", "tiktok", "youtube")
    assert (found.trend["days"] > 500).all()
    assert list(found.definitions["platform"]) == ["youtube"]
    assert found.definitions["bridged"].all()
    assert found.coefficient_set
    assert len(found.forecast) == 3 * 28


def test_days_are_those_of_the_metrics(ws, found):
    """What was reported of a day is what `ws.metrics` says of it."""
    days = ws.metrics(["platform"], ["standard_views"], "2026-07-01", "2026-07-31", freq="D", creator=CREATOR)
    told = found.series.set_index(["platform", "day"])["reported"]
    for row in days.to_dict("records"):
        assert told[row["platform"], row["period"]] == pytest.approx(row["value"])


def test_every_explained_day_adds_up(found):
    for (platform, day), parts in found.contributions.groupby(["platform", "day"]):
        whole = found.anomalies[(found.anomalies["platform"] == platform) & (found.anomalies["day"] == day)]
        for _, mine in parts.groupby("dimension"):
            assert mine["deviation"].to_numpy().sum() == pytest.approx(whole["deviation"].iloc[0], rel=1e-9)


def test_platforms_and_last_day_narrow_it(ws):
    found = ws.trends(CREATOR, platforms=["youtube"], end="2026-06-30", horizon=7)
    assert found.platforms == ("youtube",)
    assert str(found.end) == "2026-06-30"
    assert found.definitions.empty  # the change came later
    assert str(found.forecast["day"].max().date()) == "2026-07-07"
    assert ws.trends(CREATOR, platforms="youtube").platforms == ("youtube",)


def test_another_metric(ws):
    found = ws.trends(CREATOR, metric="standard_engagements")
    assert found.metric == "standard_engagements"
    assert "Standard engagements" in str(found)


def test_wrong_questions(ws):
    with pytest.raises(UnknownName, match="Kaito"):
        ws.trends("Kaito Mensa")
    with pytest.raises(InvalidArgument, match="No creator was named"):
        ws.trends()
    with pytest.raises(InvalidArgument, match=r"no figures on facebook.*tiktok, youtube"):
        ws.trends(CREATOR, platforms=["facebook"])
    with pytest.raises(NotAdditive, match="reach"):
        ws.trends(CREATOR, metric="reach")
    with pytest.raises(InvalidArgument, match="not a day"):
        ws.trends(CREATOR, end="soon")


def test_an_empty_workspace_says_what_to_do(tmp_path):
    with (
        Workspace.open(tmp_path / "ws", create=True) as empty,
        pytest.raises(InvalidArgument, match="Ingest files first"),
    ):
        empty.trends()


def test_one_day_of_one_account(tmp_path):
    (tmp_path / "Totals.csv").write_text("Date,Views\n2026-10-01,10\n")
    with Workspace.open(tmp_path / "ws", create=True) as small:
        small.ingest(tmp_path / "Totals.csv", creator="Ada", platform="youtube", exported_on="2026-11-03")
        found = small.trends()
    assert found.trend["days"].tolist() == [1]
    assert not found.trend["claimed"].any()
    assert "cannot be tested yet, from 1 day" in str(found)
    assert "too few days" in str(found)


def test_as_known_before_anything_was(ws):
    found = ws.trends(CREATOR, as_of="2020-01-01")
    assert found.trend.empty
    assert "No file holds daily standard views" in str(found)
