"""YouTube Studio's breakdowns and newer columns, value by value: what is kept, what is unknown, what is refused."""

from datetime import date
from math import isnan

import pytest

from engagerr_core.sources import read
from engagerr_core.sources.platforms.youtube import plain_age
from engagerr_core.sources.shapes import load_shape
from tests.sources.exports import only, written
from tests.sources.exports_meta import figures
from tests.sources.exports_youtube import (
    VIDEO_C,
    VIDEO_D,
    YOUTUBE_AGES,
    YOUTUBE_AUDIENCE,
    YOUTUBE_CITIES,
    YOUTUBE_SOURCES,
    YOUTUBE_SUGGESTED,
)

PEOPLE = ["reach", "unique_new_viewers", "unique_returning_viewers", "unique_regular_viewers"]


def test_people_whom_youtube_did_not_count_are_unknown(tmp_path):
    reading = only(written(tmp_path / "a.csv", YOUTUBE_AUDIENCE))
    total, first, second = (row for _, row in reading.observations.iterrows())
    assert total[PEOPLE].isna().all()  # four zeros above blank cells
    assert (total["unique_reach"], total["views"]) == (900, 500)
    assert isnan(second["reach"])  # nobody, in 180 views?
    assert isnan(second["unique_reach"])
    assert first["unique_reach"] == 610
    assert any(warning.startswith("6 zeros of viewers") for warning in reading.warnings)
    assert reading.unknown_columns == ("Average views per viewer (views by unique viewers)",)


@pytest.mark.parametrize(
    ("new", "returning", "total"),
    [(("0", "0"), ("3", "4"), 0), (("0", "2"), ("3", "0"), None), (("", ""), ("3", "1"), None)],
)
def test_a_zero_of_people_that_can_be_is_kept(tmp_path, new, returning, total):
    rows = [["Content", "New viewers", "Returning viewers", "Views"], ["Total", "0", "9", "9"]]
    rows += [[f"{i:011}", new[i], returning[i], "5"] for i in range(2)]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert (None if isnan(got["unique_new_viewers"][0]) else got["unique_new_viewers"][0]) == total
    assert got["unique_returning_viewers"].tolist() == [9, *map(float, returning)]


def test_new_and_returning_viewers_are_not_both_nobody_beside_views(tmp_path):
    rows = [["Content", "New viewers", "Returning viewers", "Casual viewers", "Views"],
            [VIDEO_C, "0", "0", "0", "7"], [VIDEO_D, "0", "0", "0", "0"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows)).observations.filter(like="unique_")
    assert got.iloc[0].isna().all()
    assert got.iloc[1].tolist() == [0, 0, 0]


def test_withdrawn_hypes_and_likes_are_below_zero(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_AUDIENCE)).observations
    assert (got["hypes"][1], got["hype_points"][1], got["likes"][1]) == (-1, -350, -4)


def test_thumbnail_impressions_are_the_impressions(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_AUDIENCE)).observations
    assert got["impressions"].tolist() == [4000, 3000, 1000]
    assert got["click_through_rate"].tolist() == pytest.approx([0.025, 0.024, 0.028])


def test_an_id_that_begins_with_a_hyphen_loses_the_blank_before_it(tmp_path):
    rows = [["Content", "Video title", "Views"], [" -abcdefghi_", "a", "5"]]
    assert only(written(tmp_path / "a.csv", rows)).observations["content"].tolist() == ["-abcdefghi_"]


def test_what_brings_money_and_clicks(tmp_path):
    rows = [
        ["Content", "Ad impressions", "Estimated monetized playbacks", "Playback-based CPM (EUR)",
         "YouTube Premium (EUR)", "Transaction revenue (EUR)", "YouTube Premium watch time (hours)",
         "YouTube Premium views", "Card clicks", "Cards shown", "End screen element clicks",
         "End screen elements shown", "Remix count", "Watch Page ads (EUR)"],
        [VIDEO_C, "70", "60", "4.5", "1.25", "-2", "0.5", "30", "3", "40", "2", "50", "1", "9"],
    ]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    (got,) = reading.observations.to_dict("records")
    expected = {
        "ad_impressions": 70, "monetized_playbacks": 60, "cost_per_thousand_playbacks": 4.5, "premium_revenue": 1.25,
        "transaction_revenue": -2, "premium_watch_minutes": 30, "premium_views": 30, "card_clicks": 3,
        "cards_shown": 40, "end_screen_clicks": 2, "end_screens_shown": 50, "remixes": 1, "currency": "EUR",
    }  # fmt: skip
    assert {name: got[name] for name in expected} == expected
    assert reading.unknown_columns == ("Watch Page ads (EUR) (a part of the advertising revenue)",)


def test_blank_cells_of_a_source_stay_unknown(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_SOURCES)).observations.set_index("dimension_value")
    assert isnan(got.loc["Notifications", "impressions"])
    assert isnan(got.loc["Channel pages", "views"])
    assert (got.loc["Channel pages", "impressions"], got.loc["", "views"]) == (1, 90)


def test_details_of_a_source_are_never_the_account_s_total(tmp_path):
    reading = only(written(tmp_path / "a.csv", YOUTUBE_SUGGESTED))
    got = reading.observations
    assert set(got["dimension"]) == {"traffic_source|traffic_source_detail"}
    assert got["dimension_value"].tolist() == [
        f"Suggested videos|Night sky ({VIDEO_C})", f"Suggested videos|Night sky ({VIDEO_D})",
        "Suggested videos|aaaaaaaaaaa"]  # fmt: skip
    assert got["views"].tolist() == [50, 21, 10]
    assert 81 not in got["views"].tolist()
    assert any("looked into" in warning for warning in reading.warnings)


def test_the_total_of_cities_stands_in_the_column_of_ids(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_CITIES)).observations
    assert got["dimension"].tolist() == ["", "city", "city"]
    assert got["dimension_value"].tolist() == ["", "Graz, Austria", "Wels, Austria"]


def test_ages_are_read_from_their_figures(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_AGES)).observations
    assert got["dimension_value"].tolist() == ["13-17", "65+"]
    assert got["views_share"].tolist() == [0.025, 0.975]
    assert got["average_view_seconds"].tolist() == [130, 280]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("13–17 years", "13-17"), ("18 a 24 anos", "18-24"), ("65 Jahre und älter", "65+"), ("65 歳以上", "65+"),
     ("25～34歳", "25-34"), ("Больше 65 лет", "65+"), ("65-", "65+"), ("55 – 64", "55-64"), ("Unknown", "unknown"),
     ("2024", "2024")],
)  # fmt: skip
def test_age_groups(text, plain):
    assert plain_age(text) == plain


def test_content_types_are_formats_where_there_is_one(tmp_path):
    rows = [["Content type", "Views"], ["Total", "9"], ["Shorts", "5"], ["Videos", "4"], ["Live stream", "0"]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert set(got["dimension"]) == {"", "content_type"}
    assert got["dimension_value"].tolist() == ["", "short_video", "long_video", "live stream"]


def test_the_format_by_rule_splits_no_figures(tmp_path):
    got = only(written(tmp_path / "a.csv", YOUTUBE_AUDIENCE)).observations
    assert (got["dimension"] == "").all()


def test_playlists_of_one_title_stay_two(tmp_path):
    rows = [["Playlist", "Playlist title", "Views"], ["PL1", "Mix", "5"], ["PL2", "Mix", "4"], ["PL3", "", "3"]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension_value"].tolist() == ["Mix (PL1)", "Mix (PL2)", "PL3"]


def test_zeros_before_publication_are_padding_whatever_is_counted(tmp_path):
    rows = [["Date", "Content", "Video title", "Video publish time", "Estimated revenue (USD)"]]
    rows += [[f"2026-02-{day}", VIDEO_C, "a", "Feb 19, 2026", money] for day, money in
             [("17", "0"), ("18", "0"), ("19", "0"), ("20", "1.5")]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["revenue"].tolist() == [0, 1.5]


def test_posts_have_ids_of_their_own(tmp_path):
    rows = [["Post", "Post impressions", "Post likes"], ["UgkxAbCdEfGhIjKlMnOp_-12", "50", "4"], ["My post", "9", "1"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["post_impressions"].tolist() == [50]
    assert reading.rejected["value"].tolist() == ["My post"]


def test_a_column_post_without_any_id_is_not_youtubes(tmp_path):
    rows = [["Post", "Post impressions", "Post likes"], ["My post", "9", "1"], ["Another", "5", "0"]]
    (refused,) = read(written(tmp_path / "a.csv", rows))
    assert "no id of a YouTube post" in refused.failure


@pytest.mark.parametrize(("second", "kept"), [("0", []), ("3", [0, 3])])
def test_days_on_which_nobody_at_all_was_new_were_not_counted(tmp_path, second, kept):
    rows = [["Date", "New viewers"], ["2026-02-01", "0"], ["2026-02-02", second]]
    (reading,) = read(written(tmp_path / "a.csv", rows))
    got = reading.observations
    assert (got["unique_new_viewers"].dropna().tolist() if len(got) else []) == kept
    assert any("did not count people" in warning for warning in reading.warnings) == (not kept)


@pytest.mark.parametrize(
    "header",
    [["Video title", "Video publish time", "Views"], ["Video title", "Views", "Watch time (hours)"],
     ["Date", "Video title", "Views"], ["Date", "Video title", "Views", "Watch time (hours)"],
     ["Titel", "Videotitel", "Veröffentlichungszeitpunkt des Videos", "Aufrufe"]],
)  # fmt: skip
def test_titles_without_ids_are_refused_by_the_column_they_lack(tmp_path, header):
    body = ["2026-01-01" if name == "Date" else "5" for name in header]
    (refused,) = read(written(tmp_path / "a.csv", [header, body]))
    assert "column Content" in refused.failure
    assert refused.platform == "youtube"
    assert refused.observations.empty


def test_a_column_that_is_not_known_may_split_the_days(tmp_path):
    rows = [
        ["Date", "Mood", "Views", "Watch time (hours)"],
        ["2026-01-01", "glad", "5", "1"],
        ["2026-01-01", "sad", "4", "1"],
    ]
    (refused,) = read(written(tmp_path / "a.csv", rows))
    assert "Mood" in refused.failure
    doubled = [*rows[:2], rows[1], ["2026-01-02", "glad", "6", "2"]]
    assert only(written(tmp_path / "b.csv", doubled)).observations["views"].tolist() == [5, 5, 6]


def test_days_of_video_views_alone_are_nobody_s(tmp_path):
    (refused,) = read(written(tmp_path / "a.csv", [["Date", "Video views"], ["2026-01-01", "5"]]))
    assert "TikTok" in refused.failure


def test_every_breakdown_of_studio_is_a_table_and_a_chart():
    names = {kind.name for kind in load_shape("youtube").kinds}
    tables = {name.removeprefix("table by ") for name in names if name.startswith("table by ")}
    charts = {name.removeprefix("chart by ") for name in names if name.startswith("chart by ")}
    assert tables - charts == {"day", "age and gender"}
    assert charts - tables == set()


OLDER = ["Video Title", "External Video ID", "Video Length", "Views", "Video Likes Added", "Video Likes Removed",
         "Average View Percentage", "Average Watch Time"]  # fmt: skip


def test_the_older_chart_by_video(tmp_path):
    rows = [["Date", *OLDER], ["19 Jan 2022", "Tides", VIDEO_D, "2191", "13", "2", "1", "0.0691", "0.5"]]
    reading = only(written(tmp_path / "a.csv", rows))
    (got,) = reading.observations.to_dict("records")
    assert (got["content"], got["views"], got["likes"], got["average_view_seconds"]) == (VIDEO_D, 13, 2, 0.5)
    assert got["average_viewed_share"] == 0.0691
    assert reading.period == (date(2022, 1, 19), date(2022, 1, 19))
    assert reading.contents["format"].tolist() == ["long_video"]


def test_the_older_table_by_country_and_subscription(tmp_path):
    rows = [[*OLDER, "Country Code", "Is Subscribed"],
            ["Tides", VIDEO_D, "51", "13", "2", "1", "0.5", "20", "NA", "True"],
            ["Tides", VIDEO_D, "51", "4", "0", "0", "0.5", "20", "", "False"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension_value"].tolist() == ["NA|subscribed", "unknown|not_subscribed"]


def test_the_older_table_by_video_keeps_minutes(tmp_path):
    rows = [["video_id", "video_title", "watch_time_minutes", "views"], [VIDEO_D, "Tides", "5.5", "10"]]
    (got,) = only(written(tmp_path / "a.csv", rows)).observations.to_dict("records")
    assert (got["watch_minutes"], got["views"]) == (5.5, 10)


def test_bulk_reports_write_days_as_numbers(tmp_path):
    rows = [["date", "channel_id", "video_id", "live_or_on_demand", "subscribed_status", "country_code", "views",
             "watch_time_minutes", "red_views", "card_impressions"],
            ["20260101", "UC1", VIDEO_C, "live", "subscribed", "ZZ", "10", "5", "3", "8"],
            ["20260102", "UC1", "", "live", "subscribed", "", "4", "1", "0", "2"]]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    got = reading.observations.set_index(["content", "dimension_value"])
    assert reading.period == (date(2026, 1, 1), date(2026, 1, 2))
    assert got.loc[("", "deleted|unknown|live|subscribed"), "views"] == 4
    assert got.loc[(VIDEO_C, ""), "premium_views"] == 3
    assert got.loc[("", ""), "cards_shown"].tolist() == [8, 2]


@pytest.mark.parametrize("word", ["Grand Total", "Sum", "AVERAGE", "Mittelwert", "Sous-total", "Σ"])
@pytest.mark.parametrize("dimension", ["Geography", "Traffic source", "Viewer age", "Device type"])
def test_lines_that_a_spreadsheet_worked_out_are_no_values(tmp_path, dimension, word):
    rows = [[dimension, "Views"], ["One", "3"], ["Two", "4"], [word, "7"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert figures(reading, "views") == [(3,), (4,)]
    assert reading.rejected[["row", "value"]].values.tolist() == [[4, word]]


def test_a_search_for_the_average_is_a_search(tmp_path):
    rows = [["Traffic source", "Source title", "Views"], ["YT_SEARCH.average", "average", "3"]]
    assert figures(only(written(tmp_path / "a.csv", rows)), "views") == [(3,)]
