"""YouTube Studio's tables, value by value."""

from datetime import UTC, date, datetime
from math import isnan

import pandas as pd
import pytest

from engagerr_core.sources import read
from tests.sources.exports import (
    VIDEO_A,
    VIDEO_B,
    YOUTUBE_CHART,
    YOUTUBE_TABLE,
    YOUTUBE_TOTALS,
    csv_text,
    only,
    written,
    zipped,
)

PERIOD = (date(2026, 2, 17), date(2026, 2, 20))


def test_the_table_by_content(tmp_path):
    reading = only(written(tmp_path / "a.csv", YOUTUBE_TABLE), period=PERIOD, exported_on=date(2026, 2, 22))
    assert (reading.platform, reading.kind, reading.period, reading.period_from) == (
        "youtube", "table by content", PERIOD, "caller")  # fmt: skip
    assert (reading.rows_read, len(reading.rejected), reading.unknown_columns) == (3, 0, ())
    total, first, second = (row for _, row in reading.observations.iterrows())
    assert (total["content"], total["dimension"], total["dimension_value"], total["basis"]) == ("", "", "", "flow")
    assert (total["views"], total["followers_net"], total["average_view_seconds"]) == (1500, -3, 121)
    assert first["content"] == VIDEO_A
    assert first["watch_minutes"] == pytest.approx(40.25 * 60)
    assert first["click_through_rate"] == pytest.approx(0.061)
    assert (first["revenue"], first["currency"], first["row"]) == (10, "USD", 3)
    assert first["observed_at"] == datetime(2026, 2, 22, tzinfo=UTC)
    assert (first["period_start"].date(), first["period_end"].date()) == PERIOD
    assert isnan(second["impressions"])
    assert isnan(second["revenue"])
    assert second["content"] == VIDEO_B
    contents = reading.contents.set_index("content")
    assert contents.index.tolist() == [VIDEO_A, VIDEO_B]
    assert contents.loc[VIDEO_A, "title"] == "Jan 5, 2020"
    assert contents.loc[VIDEO_B, "title"] == 'Two, "three"'
    assert contents["published_on"].dt.date.tolist() == [date(2026, 2, 19), date(2024, 3, 1)]
    assert contents["published_at"].isna().all()
    assert contents["duration"].tolist() == [170, 61]


def test_a_short_is_told_by_the_rule_of_its_day(tmp_path):
    cases = [("Oct 14, 2024", "61", "long_video"), ("Oct 15, 2024", "61", "short_video"),
             ("Oct 14, 2024", "60", "short_video"), ("Oct 15, 2024", "180", "short_video"),
             ("Oct 15, 2024", "181", "long_video"), ("", "100", ""),
             ("", "181", "long_video"), ("", "60", "short_video"),
             ("Oct 15, 2024", "", "")]  # fmt: skip
    rows = [["Content", "Video title", "Video publish time", "Duration", "Views"]]
    rows += [[f"{i:011}", "t", day, seconds, "1"] for i, (day, seconds, _) in enumerate(cases)]
    contents = only(written(tmp_path / "a.csv", rows)).contents
    assert contents["format"].tolist() == [expected for *_, expected in cases]
    assert contents["format_origin"].tolist() == ["rule" if expected else "" for *_, expected in cases]


@pytest.mark.parametrize("beside", ["Totals.csv", "Chart data.csv", "Diagrammdaten.csv"])
def test_the_period_comes_from_the_days_beside(tmp_path, beside):
    written(tmp_path / "Table data.csv", YOUTUBE_TABLE)
    written(tmp_path / beside, YOUTUBE_TOTALS if beside == "Totals.csv" else YOUTUBE_CHART)
    table = next(r for r in read(tmp_path) if r.kind == "table by content")
    assert (table.period, table.period_from) == (PERIOD, beside)
    assert set(table.observations["period_end"].dt.date) == {PERIOD[1]}


def test_the_caller_comes_first_then_the_days_then_the_name_then_nothing(tmp_path):
    name = "Content 2025-05-01_2026-10-31 Channel.zip"
    members = {"Table data.csv": csv_text(YOUTUBE_TABLE).encode(), "Totals.csv": csv_text(YOUTUBE_TOTALS).encode()}
    both = zipped(tmp_path / name, members)

    def table(path, **known):
        return next(r for r in read(path, **known) if r.kind == "table by content")

    said = (date(2026, 1, 1), date(2026, 1, 31))
    assert table(both, period=said).period == said
    assert table(both).period == PERIOD
    alone = zipped(tmp_path / name, {"Table data.csv": members["Table data.csv"]})
    assert table(alone).period == (date(2025, 5, 1), date(2026, 10, 31))
    assert name in table(alone).period_from
    nameless = table(zipped(tmp_path / "a.zip", {"Table data.csv": members["Table data.csv"]}))
    assert nameless.period is None
    assert nameless.observations["period_start"].isna().all()
    assert any("period" in warning and "--period" in warning for warning in nameless.warnings)


def test_two_periods_beside_are_not_guessed_between(tmp_path):
    written(tmp_path / "Table data.csv", YOUTUBE_TABLE)
    written(tmp_path / "Totals.csv", YOUTUBE_TOTALS)
    written(tmp_path / "Totals (1).csv", YOUTUBE_TOTALS[:3])
    table = next(r for r in read(tmp_path) if r.kind == "table by content")
    assert table.period is None
    assert any("different periods" in warning for warning in table.warnings)


def test_zeros_before_publication_are_not_figures(tmp_path):
    reading = only(written(tmp_path / "a.csv", YOUTUBE_CHART))
    got = reading.observations
    assert got[got["content"] == VIDEO_A]["views"].tolist() == [0, 7]  # its own day of publication counts
    assert got[got["content"] == VIDEO_B]["views"].tolist() == [0, 3, 0, 4]
    assert any(warning.startswith("2 zeros") for warning in reading.warnings)
    assert reading.period == PERIOD
    assert (reading.rows_read, len(got)) == (8, 6)


def test_zeros_before_the_channel_are_not_figures_but_zeros_within_are(tmp_path):
    rows = [["Date", "Geography", "Views"]]
    rows += [[f"2026-01-0{day}", where, views] for day, where, views in
             [(1, "AD", "0"), (1, "US", "0"), (2, "AD", "0"), (2, "US", "5"),
              (3, "AD", "1"), (3, "US", "0")]]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["views"].tolist() == [0, 5, 1, 0]
    assert reading.period == (date(2026, 1, 1), date(2026, 1, 3))


@pytest.mark.parametrize("metric", ["Hypes", "Subscribers"])
def test_zeros_of_rare_things_do_not_tell_when_a_channel_began(tmp_path, metric):
    reading = only(written(tmp_path / "a.csv", [["Date", metric], ["2026-01-01", "0"], ["2026-01-02", "3"]]))
    assert reading.observations.iloc[:, -1].tolist() == [0, 3]


def test_a_chart_of_nothing_but_zeros_is_kept(tmp_path):
    reading = only(written(tmp_path / "a.csv", [["Date", "Views"], ["2026-01-01", "0"], ["2026-01-02", "0"]]))
    assert reading.observations["views"].tolist() == [0, 0]


def test_a_table_by_day_has_daily_flows_and_a_total_over_them(tmp_path):
    rows = [
        ["Date", "Views", "Watch time (hours)"],
        ["Total", "30", "3"],
        ["2026-01-02", "20", "2"],
        ["2026-01-01", "10", "1"],
    ]
    reading = only(written(tmp_path / "a.csv", rows))
    got = reading.observations
    assert got["period_start"].dt.date.tolist() == [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 1)]
    assert got["period_end"].dt.date.tolist() == [date(2026, 1, 2), date(2026, 1, 2), date(2026, 1, 1)]
    assert (got["content"] == "").all()
    assert (got["dimension"] == "").all()


@pytest.mark.parametrize(("step", "last"), [("W", date(2026, 3, 1)), ("M", date(2026, 4, 30))])
def test_charts_by_week_and_month(tmp_path, step, last):
    days = [f"2026-02-{day:02}" for day in (2, 9, 16, 23)] if step == "W" else [f"2026-{m:02}-01" for m in (1, 2, 3, 4)]
    reading = only(written(tmp_path / "a.csv", [["Date", "Views"], *([day, "5"] for day in days)]))
    assert reading.period is not None
    assert reading.period[1] == last
    assert reading.observations["period_end"].iloc[-1].date() == last
    assert any("apart" in warning for warning in reading.warnings)


def test_dimensions_are_account_level(tmp_path):
    rows = [["Traffic source", "Views"], ["Total", "9"], ["YouTube search", "5"], ["External", "4"]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension"].tolist() == ["", "traffic_source", "traffic_source"]
    assert got["dimension_value"].tolist() == ["", "YouTube search", "External"]
    assert (got["content"] == "").all()


def test_namibia_is_a_country(tmp_path):
    got = only(written(tmp_path / "a.csv", [["Geography", "Views"], ["NA", "5"]])).observations
    assert got["dimension_value"].tolist() == ["NA"]


def test_demographics_are_shares(tmp_path):
    rows = [["Viewer age", "Viewer gender", "Views (%)", "Watch time (hours) (%)"],
            ["13–17 years", "Female", "2.5", "< 1%"], ["65+ years", "User-specified", "0", "3"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension"].tolist() == ["age|gender"] * 2
    assert got["dimension_value"].tolist() == ["13-17|female", "65+|user-specified"]
    assert got["views_share"].tolist() == [0.025, 0]
    assert got["watch_minutes_share"].isna().tolist() == [True, False]
    assert "views" not in got


def test_cities_of_one_name_stay_two(tmp_path):
    rows = [["Cities", "City name", "Views"], ["0x1", "Portland", "5"], ["0x2", "Portland", "4"], ["0x3", "Wien", "3"]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension_value"].tolist() == ["Portland (0x1)", "Portland (0x2)", "Wien"]


def test_doubled_headers(tmp_path):
    same = only(written(tmp_path / "a.csv", [["Geography", "Views", "Views"], ["US", "5", "5"]]))
    assert same.observations["views"].tolist() == [5]
    rows = [["Geography", "Views", "Views", "Likes"], ["US", "5", "5", "1"], ["DE", "4", "6", "2"]]
    differing = only(written(tmp_path / "b.csv", rows))
    assert "views" not in differing.observations
    assert any("differ, first in line 3" in warning for warning in differing.warnings)
    (refused,) = read(written(tmp_path / "c.csv", [["Geography", "Geography", "Views"], ["US", "DE", "5"]]))
    assert "double" in refused.failure


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [("Content", "#NAME?", "spreadsheet"), ("Content", "", "no id"), ("Views", "-4", "below zero"),
     ("Views", "1.2K", "rounded"), ("Average view duration", "0.0031", "fraction of a day"),
     ("Video publish time", "someday", "not a day"), ("Watch time (hours)", "1,234,5", "not a number")],
)  # fmt: skip
def test_what_cannot_be_trusted_goes_to_quarantine_alone(tmp_path, column, value, reason):
    rows = [list(row) for row in YOUTUBE_TABLE]
    rows[3][rows[0].index(column)] = value
    path = written(tmp_path / "a.csv", rows)
    reading = only(path, period=PERIOD)
    (rejected,) = reading.rejected.to_dict("records")
    assert (rejected["file"], rejected["row"], rejected["column"], rejected["value"]) == (str(path), 4, column, value)
    assert reason in rejected["reason"]
    assert rejected["advice"]
    assert VIDEO_B not in set(reading.observations["content"]) | set(reading.contents["content"])
    assert len(reading.observations) == 2


def test_rows_about_the_same_thing_that_differ_are_told(tmp_path):
    reading = only(
        written(tmp_path / "a.csv", [["Geography", "Views"], ["US", "5"], ["US", "6"], ["DE", "1"], ["DE", "1"]])
    )
    (warning,) = [w for w in reading.warnings if "differ" in w]
    assert "2 rows" in warning
    assert "lines 2, 3" in warning


def test_new_columns_are_kept_aside_and_reported(tmp_path):
    reading = only(written(tmp_path / "a.csv", [["Geography", "Views", "Astonishment"], ["US", "5", "9"]]))
    assert reading.unknown_columns == ("Astonishment",)


def test_two_currencies_are_not_mixed(tmp_path):
    rows = [["Geography", "Estimated revenue (USD)", "YouTube ad revenue (EUR)"], ["US", "5", "9"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["currency"].tolist() == ["USD"]
    assert "ad_revenue" not in reading.observations
    assert "second currency" in reading.unknown_columns[0]


def test_the_older_video_column_and_a_deleted_total(tmp_path):
    rows = [["Video", "Video title", "Views"], [VIDEO_A, "a", "5"]]
    assert only(written(tmp_path / "a.csv", rows)).observations["content"].tolist() == [VIDEO_A]


BULK = ["date", "channel_id", "video_id", "live_or_on_demand", "subscribed_status", "country_code", "views", "likes",
        "watch_time_minutes", "average_view_duration_percentage"]  # fmt: skip


def test_bulk_reports_add_up_and_keep_deleted_videos(tmp_path):
    rows = [BULK,
            ["20260101", "UC1", VIDEO_A, "on_demand", "subscribed", "US", "10", "1", "5", "50"],
            ["20260101", "UC1", VIDEO_A, "on_demand", "not_subscribed", "ZZ", "30", "", "15", "10"],
            ["20260101", "UC1", "", "live", "subscribed", "DE", "4", "2", "1", "100"]]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.account == "UC1"
    got = reading.observations.set_index(["content", "dimension_value"])
    assert got.loc[(VIDEO_A, "unknown|on_demand|not_subscribed"), "views"] == 30
    assert got.loc[("", "deleted|DE|live|subscribed"), "dimension"] == (
        "content_state|country|live_or_on_demand|subscription_status")  # fmt: skip
    video, account = got.loc[(VIDEO_A, "")], got.loc[("", "")]
    assert (video["views"], video["likes"], video["watch_minutes"], video["row"]) == (40, 1, 20, 0)
    assert video["average_viewed_share"] == pytest.approx((10 * 0.5 + 30 * 0.1) / 40)
    assert video["average_viewed_share"] != pytest.approx(0.3)  # the mean of the two rows is not the whole's
    assert (account["views"], account["likes"]) == (44, 3)
    assert reading.contents["content"].tolist() == [VIDEO_A]


def test_an_unknown_count_stays_unknown_in_a_sum(tmp_path):
    rows = [BULK, ["2026-01-01", "UC1", VIDEO_A, "live", "subscribed", "US", "10", "", "5", ""]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["likes"].isna().all()
    assert got["average_viewed_share"].isna().all()
    pd.testing.assert_series_equal(got["views"], pd.Series([10.0] * 3, name="views"))


def test_days_with_a_midnight_are_still_days_of_totals(tmp_path):
    rows = [["", "Date", "Views"], ["0", "2026-02-17 00:00:00", "3.0"], ["1", "2026-02-18 00:00:00", "4.0"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert (reading.kind, reading.observations["views"].tolist()) == ("totals by day", [3, 4])
