"""Where a figure comes from: the rows and files named give exactly the figure, and no others do."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from engagerr_core import Workspace
from engagerr_core.analysis.predicate import Predicate, predicate_of
from engagerr_core.errors import InvalidArgument
from engagerr_core.explain import explain, explain_all, key_figures, latest_known
from tests.sources.exports import written
from tests.sources.exports_mappings import DISTROKID, line
from tests.store.example_readings import daily, posts, reading
from tests.workspace.steps import NOW, store
from tests.workspace.test_supersede import JANUARY, card

MONTH = {"start": "2026-08-01", "end": "2026-08-28"}
ADA = {"start": "2026-01-01", "end": "2026-01-05"}


def asked(ws, creator=None, metrics=("standard_views", "standard_engagements", "engagement_rate"), **more):
    """The frame of `ws.metrics`."""
    return ws.metrics(creator=creator, metrics=metrics, **more)


def stocks(name, content, values, first="2026-01-10", published=None, platform="tiktok"):
    """Lifetime counters of one post, one a day, and its content record."""
    days = pd.date_range(first, periods=len(values), freq="D", unit="us")
    rows = daily(name, len(values), platform=platform, views=values).assign(
        content=content, basis="stock", period_start=pd.NaT, period_end=pd.NaT, observed_at=days.tz_localize("UTC")
    )
    told = posts(name, (content,), platform, title=["A post"], published_on=[pd.Timestamp(published or first)])
    return reading(name, rows, contents=told, platform=platform)


@pytest.fixture(scope="module")
def sample(sample_workspace):
    with Workspace.open(sample_workspace) as ws:
        yield ws


ZOE, KAITO, MATEO = "Zoë Okafor-Lindqvist", "Kaito Mensah", "Mateo Quiñones Ibarra"
QUESTIONS = {
    "accounts' days": {"by": ["platform"], "creator": ZOE, **MONTH},
    "all platforms": {"creator": ZOE, "metrics": ["standard_shares", "engagement_rate"], **MONTH},
    "all creators": {"by": ["creator", "platform"], "metrics": ["views"], **MONTH},
    "no days named": {"by": ["platform"], "creator": MATEO, "metrics": ["standard_views", "streams"]},
    "weeks": {"by": ["platform"], "creator": MATEO, "freq": "W", "metrics": ["standard_views"], **MONTH},
    "days": {"by": ["platform", "account"], "creator": ZOE, "freq": "D", "metrics": ["reach", "impressions"],
             "start": "2026-08-26", "end": "2026-08-28"},
    "lifetimes": {"by": ["platform", "content"], "creator": KAITO, **MONTH},
    "formats": {"by": ["format"], "creator": ZOE, "metrics": ["engagement_rate", "share_rate"], **MONTH},
    "posts' days": {"by": ["platform", "content"], "creator": KAITO, "basis": "flow", "metrics": ["views"],
                    "start": "2026-08-01", "end": "2026-08-02"},
    "countries": {"by": ["platform", "country"], "creator": KAITO, "metrics": ["views", "watch_minutes"], **MONTH},
    "weighted means": {"by": ["platform"], "creator": KAITO, "metrics": ["average_view_seconds", "click_through_rate"],
                       **MONTH},
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_figure_is_made_again_exactly_from_rows_that_are_named(sample, name):
    frame = asked(sample, **QUESTIONS[name])
    rows = frame.iloc[:: max(1, len(frame) // 9)]
    known = 0
    for (_, row), told in zip(rows.iterrows(), explain_all(sample, [r for _, r in rows.iterrows()]), strict=True):
        assert told.value == row["value"] or (np.isnan(told.value) and np.isnan(row["value"]))
        assert told.agrees
        assert (len(told.rows) > 0) == (not np.isnan(told.value))
        assert len(told.files) == told.rows["file"].nunique()
        assert told.files["rows_entered"].sum() == len(told.rows)
        assert Predicate.parse(str(told.predicate)) == told.predicate
        known += not np.isnan(told.value)
    assert known


@pytest.mark.parametrize("name", ["accounts' days", "countries", "posts' days"])
def test_the_rows_named_add_up_to_the_figure_and_lie_inside_it(sample, name):
    frame = asked(sample, **{**QUESTIONS[name], "metrics": ["views"]})
    frame = frame[frame["value"].notna()]
    stored = sample.observations(resolved=False).set_index(["file", "row"])
    for told in explain_all(sample, [row for _, row in frame.head(8).iterrows()]):
        assert told.rows["views"].sum() == told.value
        assert told.rows["period_start"].between(*map(pd.Timestamp, MONTH.values())).all()
        for row in told.rows.head(5).itertuples():
            assert row.views in stored.loc[[(row.file, row.row)], "views"].tolist()


def test_lines_named_are_the_lines_of_the_file(ws, tmp_path):
    path = tmp_path / "Ada" / "Date 2026-08-01_2026-08-03" / "Table data.csv"
    path.parent.mkdir(parents=True)
    path.write_text("Date,Views\nTotal,60\n2026-08-01,10\n2026-08-02,20\n2026-08-03,30\n", encoding="utf-8")
    ws.ingest([path], creator="Ada", platform="youtube")
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["views"], **MONTH).iloc[0])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [float(lines[row - 1].split(",")[1]) for row in told.rows["row"]] == told.rows["views"].tolist()
    assert told.files["rows_read"].tolist() == [4]


def test_a_figure_of_earlier_is_made_again_though_more_is_known_now(ws):
    store(ws, reading("a"))
    then = asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA)
    store(ws, reading("b", daily("b", views=[1.0, 2.0, 3.0, 4.0, 500.0])), known_at=NOW + timedelta(1))
    now = asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA)
    assert (then["value"].iloc[0], now["value"].iloc[0]) == (15, 510)

    old = explain(ws, then.iloc[0])
    assert (old.value, len(old.superseded)) == (15, 0)
    assert old.files["path"].tolist() == ["exports/Ada/a.csv"]

    new = explain(ws, now.iloc[0])
    assert (new.value, new.agrees) == (510, True)
    assert new.files["path"].tolist() == ["exports/Ada/b.csv"]
    assert new.superseded["value_then"].tolist() == [1, 2, 3, 4, 5]
    assert new.superseded["value_now"].tolist() == [1, 2, 3, 4, 500]
    assert any("5 other statements" in step and "1 of them said anything else" in step for step in new.steps)


def test_a_statement_that_was_replaced_as_a_whole_is_shown_as_older(ws):
    store(ws, card(period=JANUARY))
    store(ws, card(period=JANUARY, day=datetime(2026, 2, 20, tzinfo=UTC)), known_at=NOW + timedelta(1))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["views"], start=JANUARY[0], end=JANUARY[1]).iloc[0])
    assert told.agrees
    assert len(told.rows) == 1
    assert told.superseded["known_at"].tolist() == [pd.Timestamp(NOW)]
    assert told.superseded["value_then"].tolist() == told.superseded["value_now"].tolist() == [1]


def test_a_text_from_a_report_is_enough(ws):
    store(ws, reading("a"))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA).iloc[0])
    again = explain(ws, str(told.predicate))
    assert again.value == 15
    assert again.rows.equals(told.rows)
    assert str(again) == str(told)


def test_each_metric_is_traced_to_the_file_that_told_it_last(ws):
    store(ws, reading("a", daily("a", views=[10.0] * 5, likes=[1.0] * 5, comments=[2.0] * 5)))
    likes = daily("b", likes=[3.0] * 5)
    store(ws, reading("b", likes), known_at=NOW + timedelta(1))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["engagement_rate"], **ADA).iloc[0])
    assert told.value == (3 + 5 * 2) / 10
    by_path = told.rows.groupby("path")[["views", "likes", "comments"]].count()
    assert by_path.loc["exports/Ada/a.csv"].tolist() == [5, 0, 5]
    assert by_path.loc["exports/Ada/b.csv"].tolist() == [0, 5, 0]
    assert told.superseded["metric"].tolist() == ["likes"] * 5
    terms = told.coefficients.set_index("native")
    assert terms.loc["comments", ["value", "origin", "rows"]].tolist() == [5.0, "given", 5]
    assert any("65 ÷ 50" in step for step in told.steps)


def test_a_day_that_lacks_one_side_of_a_ratio_does_not_enter(ws):
    rows = daily("a", views=[10.0] * 5, likes=[1.0, None, 1.0, 1.0, 1.0], comments=[1.0] * 5)
    store(ws, reading("a", rows))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["engagement_rate"], **ADA).iloc[0])
    assert told.rows["row"].tolist() == [2, 4, 5, 6]


def test_a_second_choice_is_named(ws):
    rows = daily("a", platform="instagram", views=[None, 8.0, None, None, None], impressions=[10.0] * 5)
    store(ws, reading("a", rows, platform="instagram"))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["standard_views"], **ADA).iloc[0])
    assert told.value == 4 * 8 + 8
    assert told.coefficients.set_index("native")[["value", "rows"]].to_dict("index") == {
        "views": {"value": 1.0, "rows": 1}, "impressions": {"value": 0.8, "rows": 4},
    }  # fmt: skip
    assert told.rows[["views", "impressions"]].notna().sum().tolist() == [1, 4]


def test_the_platforms_own_total_is_traced_to_its_row_not_to_the_days(ws):
    store(ws, reading("a", daily("a", days=3)))
    whole = daily("total", days=1, views=[100.0]).assign(period_end=pd.Timestamp("2026-01-05"))
    store(ws, reading("total", whole), known_at=NOW + timedelta(1))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA).iloc[0])
    assert told.value == 100
    assert told.files["path"].tolist() == ["exports/Ada/total.csv"]
    assert any("own total" in step for step in told.steps)


def test_a_difference_of_counters_is_traced_to_both_snapshots(ws):
    store(ws, stocks("s", "p1", [100.0, 130.0, 150.0, 155.0]))
    frame = asked(ws, "Ada", by=["platform", "content"], basis="flow", metrics=["views"], start="2026-01-12",
                  end="2026-01-12")  # fmt: skip
    told = explain(ws, frame.iloc[0])
    assert told.value == 20
    assert told.rows["views"].tolist() == [130, 150]
    assert any("difference of two lifetime counters" in step for step in told.steps)


def test_an_account_without_days_is_traced_to_the_counters_of_its_posts(ws):
    store(ws, stocks("s", "p1", [100.0, 130.0]), stocks("t", "p2", [10.0, 17.0]))
    frame = asked(ws, "Ada", by=["platform"], metrics=["views"], start="2026-01-11", end="2026-01-11")
    told = explain(ws, frame.iloc[0])
    assert told.value == 37
    assert sorted(told.rows["views"]) == [10, 17, 100, 130]
    assert set(told.rows["content"]) == {"p1", "p2"}
    assert set(told.rows["title"]) == {"A post"}


def test_a_lifetime_is_the_latest_and_the_earlier_ones_are_shown(ws):
    store(ws, stocks("s", "p1", [100.0, 130.0, 150.0]))
    frame = asked(ws, "Ada", by=["platform", "content"], metrics=["views"], start="2026-01-01", end="2026-01-31")
    told = explain(ws, frame.iloc[0])
    assert told.rows["views"].tolist() == [150]
    assert told.superseded["value_then"].tolist() == [100, 130]


def test_totals_of_statements_are_traced_to_their_lines(ws, tmp_path):
    for month, units in (("05", "1000"), ("06", "30")):
        rows = [DISTROKID, line("Spotify", units, "4.00", reported=f"2026-{month}-15")]
        ws.ingest(written(tmp_path / "exports" / f"{month}.csv", rows), creator="Ada")
    march = {"start": "2026-03-01", "end": "2026-03-31"}
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["streams"], **march).iloc[0])
    assert told.value == 1030
    assert sorted(told.rows["streams"]) == [30, 1000]
    assert len(told.files) == 2
    assert any("royalty statements" in step for step in told.steps)


def test_names_that_were_brought_together_are_told(ws):
    store(ws, reading("a", daily("a", days=2)))
    store(ws, reading("b", daily("b", days=3, start="2026-01-03")), account="UC1", known_at=NOW + timedelta(1))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA).iloc[0])
    assert told.value == 1 + 2 + 1 + 2 + 3
    assert set(told.rows["account"]) == {"Ada/youtube", "UC1"}
    assert any("Ada/youtube" in step for step in told.steps)


def test_a_row_that_was_changed_does_not_agree(ws):
    store(ws, reading("a"))
    frame = asked(ws, "Ada", by=["platform"], metrics=["views"], **ADA)
    told = explain(ws, frame.assign(value=16.0).iloc[0])
    assert (told.value, told.given, told.agrees) == (15, 16, False)


def test_what_is_unknown_names_no_rows(ws):
    store(ws, reading("a"))
    told = explain(ws, asked(ws, "Ada", by=["platform"], metrics=["likes"], **ADA).iloc[0])
    assert np.isnan(told.value)
    assert told.rows.empty
    assert told.files.empty
    assert "unknown" in str(told)


def test_another_coefficient_set_is_refused_with_its_name(ws):
    store(ws, reading("a"))
    text = "standard_views creator=Ada by platform=youtube 2026-01-01..2026-01-05 flow coefficients=default+1999.1"
    with pytest.raises(InvalidArgument, match=r"default 1999\.1.*2026\.1"):
        explain(ws, text)


def test_a_figure_that_is_not_there_is_refused(ws):
    store(ws, reading("a"))
    with pytest.raises(InvalidArgument, match="no figure"):
        explain(ws, "views creator=Ada by platform=tiktok 2026-01-01..2026-01-05 flow")


def test_a_predicate_with_a_second_metric_is_refused(ws):
    store(ws, reading("a"))
    with pytest.raises(InvalidArgument, match="one too many"):
        explain(ws, "views creator=Ada .. flow", "likes")


def test_what_is_known_is_the_last_ingestion_not_after_the_day_asked(ws):
    assert latest_known(ws) is None
    store(ws, reading("a"))
    store(ws, reading("b", daily("b", start="2026-02-01")), known_at=NOW + timedelta(days=10))
    assert latest_known(ws) == NOW + timedelta(days=10)
    assert latest_known(ws, NOW.date()) == NOW
    assert latest_known(ws, date(2020, 1, 1)) is None
    assert latest_known(ws, datetime(2099, 1, 1, tzinfo=UTC)) == NOW + timedelta(days=10)


def test_figures_of_an_overview_are_made_again(sample):
    o = sample.overview(ZOE)
    asked, values = [], []
    for table, names in (("cards", [None]), ("platforms", ["standard_views", "engagement_rate"]),
                         ("contents", ["standard_views", "engagement_rate"])):  # fmt: skip
        for _, row in getattr(o, table).head(5).iterrows():
            asked += [predicate_of(row, name) for name in names]
            values += [row[name or "value"] for name in names]
    for told, value in zip(explain_all(sample, asked), values, strict=True):
        assert told.value == value or (np.isnan(told.value) and np.isnan(value)), told
        assert len(told.rows) or (np.isnan(told.value) and np.isnan(told.low)), told
        if told.predicate.table == "reach":
            card = o.cards.set_index("metric").loc["reach"]
            assert (told.low, told.high) == (card["low"], card["high"])
            assert told.rows["reach"].max() == card["low"]


def test_key_figures_name_their_files(sample):
    o = sample.overview(KAITO)
    table = key_figures(sample, o)
    views = table.set_index("figure").loc["Standard views"]
    assert views["value"] == o.cards.set_index("metric").loc["standard_views", "value"]
    told = explain(sample, views["predicate"])
    assert told.value == views["value"]
    assert [count for _, count in views["files"]] == sorted(told.files["rows_entered"], reverse=True)
    assert views["rows"] == len(told.rows)


def test_a_narrower_choice_of_platforms_is_kept(sample):
    o = sample.overview(KAITO, platforms=["tiktok"])
    told = explain(sample, o.cards.set_index("metric").loc["standard_views"])
    assert told.agrees
    assert set(told.rows["platform"]) == {"tiktok"}


def test_hostile_names_are_text_everywhere(ws):
    title = '=HYPERLINK("http://x","<img src=x onerror=alert(1)>")'
    told = posts("a", ("p1",), "tiktok", title=[title], published_on=[pd.Timestamp("2026-01-10")])
    rows = stocks("a", "p1", [5.0], platform="tiktok").observations
    hostile = reading("a", rows, contents=told, platform="tiktok", path="exports/<script>alert(1)<b>.csv")
    store(ws, hostile, creator='A"d<a>')
    found = explain(ws, asked(ws, 'A"d<a>', by=["platform", "content"], metrics=["views"], start="2026-01-01",
                              end="2026-01-31").iloc[0])  # fmt: skip
    page = found._repr_html_()
    assert title in found.rows["title"].tolist()
    assert "<script" not in page
    assert "<img" not in page
    assert "<a>" not in page
    assert "&lt;script&gt;" in page
    assert explain(ws, str(found.predicate)).value == 5
