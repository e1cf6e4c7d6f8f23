"""Instagram, Facebook, TikTok and X, value by value."""

import codecs
from datetime import UTC, date, datetime, timedelta

import pytest

from engagerr_core.sources import read
from tests.sources.exports import (
    FACEBOOK,
    INSTAGRAM,
    TIKTOK_CONTENT,
    TIKTOK_OVERVIEW,
    X_CONTENT,
    X_OVERVIEW,
    YOUTUBE_TOTALS,
    csv_text,
    only,
    written,
    zipped,
)

EXPORTED = date(2026, 11, 3)


def test_instagram_lifetime_is_a_stock_and_a_day_is_a_flow(tmp_path):
    reading = only(written(tmp_path / "a.csv", INSTAGRAM), exported_on=EXPORTED)
    assert (reading.platform, reading.kind, reading.account, reading.account_title) == (
        "instagram", "content", "17844252116672251", "Ada")  # fmt: skip
    stock, flow = (row for _, row in reading.observations.iterrows())
    assert (stock["basis"], stock["content"], stock["account"]) == ("stock", "18021268413391012", "17844252116672251")
    assert reading.observations["period_start"].isna().tolist() == [True, False]
    assert (flow["basis"], flow["period_start"].date(), flow["period_end"].date()) == (
        "flow",
        date(2026, 1, 4),
        date(2026, 1, 4),
    )
    assert (stock["views"], stock["reach"], stock["saves"], stock["followers_gained"]) == (7014, 5379, 91, 12)
    assert flow[["reach", "saves", "shares"]].isna().all()
    assert flow["comments"] == 0
    reel, image = (row for _, row in reading.contents.iterrows())
    assert reel["title"] == "A caption,\nin two lines"
    assert (reel["format"], reel["format_origin"], reel["duration"]) == ("short_video", "native", 12)
    assert reel["published_on"].date() == date(2026, 5, 3)  # month first, as Meta writes
    assert image["format"] == "image"
    assert reading.contents["duration"].isna().tolist() == [False, True]
    assert reading.observations["observed_at"].dt.date.tolist() == [EXPORTED, EXPORTED]
    assert stock["row"] == 2
    assert flow["row"] == 4


@pytest.mark.parametrize("value", ["", "always"])
def test_instagram_dates_that_are_neither_are_refused(tmp_path, value):
    rows = [list(row) for row in INSTAGRAM]
    rows[2][10] = value
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.rejected["reason"].tolist() == ["neither Lifetime nor a day"]
    assert len(reading.observations) == 1


def test_ids_that_a_spreadsheet_rounded_are_refused_all(tmp_path):
    rows = [list(row) for row in INSTAGRAM]
    rows[1][0], rows[2][0] = "18021268413391100", "18021268413391200"
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations.empty
    assert reading.rejected["column"].tolist() == ["Post ID", "Post ID"]


def test_facebook_posts(tmp_path):
    reading = only(written(tmp_path / "a.csv", FACEBOOK))
    assert (reading.platform, reading.kind, reading.account) == ("facebook", "posts", "100099308280774")
    photo, reel = (row for _, row in reading.observations.iterrows())
    assert (photo["views"], photo["engagements"], photo["likes"], photo["clicks"], photo["link_clicks"]) == (
        3880,
        86,
        69,
        58,
        4,
    )
    assert reading.observations["watch_minutes"].isna().tolist() == [True, False]
    assert (reel["watch_minutes"], reel["average_view_seconds"], reel["revenue"], reel["currency"]) == (
        10,
        6,
        1.25,
        "USD",
    )
    assert reading.contents["title"].tolist() == ["Guess", "Only this"]
    assert reading.contents["format"].tolist() == ["image", "short_video"]
    assert reading.observations["observed_at"].isna().all()


def card(path, title, rows=(("2026-05-25T00:00:00", "7"), ("2026-05-26T00:00:00", ""))):
    text = "sep=,\r\n" + title + "\r\n" + csv_text([["Date", "Primary"], *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    return path


def test_a_card_that_names_its_platform(tmp_path):
    reading = only(card(tmp_path / "Follows.csv", "Instagram follows"))
    assert (reading.platform, reading.kind) == ("instagram", "card")
    assert reading.observations["followers_gained"].tolist() == [7]
    assert reading.observations["row"].tolist() == [4]
    assert reading.period == (date(2026, 5, 25), date(2026, 5, 26))


def test_a_card_that_does_not_is_meta_unless_the_platform_is_said(tmp_path):
    path = card(tmp_path / "Reach.csv", "Reach")
    alone = only(path)
    assert alone.platform == "meta"
    assert any("--platform" in warning for warning in alone.warnings)
    assert only(path, platform="facebook").platform == "facebook"
    (refused,) = read(card(tmp_path / "Follows.csv", "Instagram follows"), platform="facebook")
    assert "instagram" in refused.failure


def test_a_card_takes_platform_and_account_from_the_files_beside(tmp_path):
    card(tmp_path / "Reach.csv", "Reach")
    written(tmp_path / "content.csv", INSTAGRAM)
    reach = next(r for r in read(tmp_path) if r.kind == "card")
    assert (reach.platform, reach.account) == ("instagram", "17844252116672251")
    written(tmp_path / "posts.csv", FACEBOOK)
    reach = next(r for r in read(tmp_path) if r.kind == "card")
    assert (reach.platform, reach.account) == ("meta", "")


def test_the_audience_in_blocks(tmp_path):
    text = 'sep=,\nAge & gender\n"","Women","Men"\n"18-24","20.0","8.2"\n"65+","1.5","--"\n'
    text += '\nTop cities\n"Wien","Graz"\n"24.0","17.5"\n'
    path = tmp_path / "Audience.csv"
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    people, cities = read(path, platform="instagram")
    assert people.file != cities.file
    assert people.observations["dimension"].unique().tolist() == ["age|gender"]
    assert people.observations["dimension_value"].tolist() == ["18-24|female", "18-24|male", "65+|female"]
    assert people.observations["followers_share"].tolist() == pytest.approx([0.2, 0.082, 0.015])
    assert cities.observations["dimension_value"].tolist() == ["Wien", "Graz"]
    assert people.observations["basis"].unique().tolist() == ["stock"]


def test_tiktok_overview_over_the_turn_of_the_year(tmp_path):
    reading = only(zipped(tmp_path / "Overview_2026-01-02.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()}))
    assert (reading.platform, reading.kind) == ("tiktok", "overview")
    assert reading.period == (date(2025, 12, 30), date(2026, 1, 1))
    assert reading.observations["profile_visits"].tolist() == [5, 6, 7]
    assert reading.observations["basis"].unique().tolist() == ["flow"]


def test_tiktok_without_the_export_day_stores_nothing_and_says_how(tmp_path):
    reading = only(written(tmp_path / "x" / "Overview.csv", TIKTOK_OVERVIEW))
    assert reading.observations.empty
    assert len(reading.rejected) == 3
    assert reading.rejected["advice"].str.contains("--exported-on").all()


def test_a_day_in_the_name_dates_its_own_file_within_a_batch(tmp_path):
    zipped(tmp_path / "Overview_2025-01-02.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()})
    zipped(tmp_path / "Overview.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()})
    periods = [r.period[0].year for r in read(tmp_path, exported_on=date(2026, 1, 2)) if r.period]
    assert periods == [2025, 2024]


def test_tiktok_content_is_a_stock_of_its_snapshot_day(tmp_path):
    reading = only(written(tmp_path / "a.csv", TIKTOK_CONTENT), exported_on=EXPORTED)
    assert (reading.account, reading.account_title) == ("", "")  # as of the tables by day, which lie beside it
    got = reading.observations
    assert got["basis"].tolist() == ["stock", "stock"]
    assert got["content"].tolist() == ["7702594344074656026", "7200000000000000001"]
    assert got["observed_at"].dt.date.tolist() == [date(2026, 11, 2)] * 2
    first, old = (row for _, row in reading.contents.iterrows())
    assert first["published_at"] == datetime.fromtimestamp(7702594344074656026 >> 32, UTC)
    assert first["published_on"].date() == date(2026, 10, 30)
    assert old["published_on"].date() == date(2023, 2, 14)  # the id knows the year


def test_an_id_that_does_not_fit_its_day_tells_nothing(tmp_path):
    rows = [list(row) for row in TIKTOK_CONTENT[:2]]
    rows[1][3] = "July 1"
    reading = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED)
    assert reading.contents["published_at"].isna().all()
    assert reading.contents["published_on"].dt.date.tolist() == [date(2026, 7, 1)]


def test_tiktok_undefined_viewers_take_their_false_zeros_with_them(tmp_path):
    rows = [["Date", "Total Viewers", "New Viewers", "Returning Viewers"],
            ["October 31", "0", "0", "0"], ["November 1", "5", "3", "2"],
            ["November 2", "undefined", "0", "0"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED).observations
    assert got["reach"].tolist() == [0, 5]
    assert got["unique_new_viewers"].tolist() == [0, 3]


def test_tiktok_followers_are_differenced_anew(tmp_path):
    rows = [["Date", "Followers", "Difference in followers from previous day"],
            ["October 29", "100", "99"], ["October 30", "104", "77"],
            ["November 1", "103", "-1"], ["November 2", "101", "0"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED).observations
    assert got["followers"].tolist() == [100, 104, 103, 101]
    assert got["followers_net"].isna().tolist() == [True, False, True, False]
    assert got["followers_net"].dropna().tolist() == [4, -2]


def test_tiktok_shares_of_followers_and_hours(tmp_path):
    gender = only(written(tmp_path / "a.csv", [["Gender", "Distribution"], ["Female", "0.57"], ["Male", "0.43"]]))
    assert gender.observations["dimension_value"].tolist() == ["female", "male"]
    assert gender.observations["followers_share"].tolist() == [0.57, 0.43]
    rows = [["Date", "Hour", "Active followers"], *(["November 2", str(h), str(h * 10)] for h in range(24))]
    hours = only(written(tmp_path / "b.csv", rows), exported_on=EXPORTED)
    assert hours.observations["dimension_value"].tolist() == [str(h) for h in range(24)]
    assert set(hours.observations["period_start"].dt.date) == {date(2026, 11, 2)}


def test_tiktok_business_center(tmp_path):
    rows = [
        ["Date", "Net growth ", "New followers", "Lost followers", "Add to Favorites"],
        ["2025/10/31", "-2", "1", "3", "NAN"],
    ]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["followers_net"].tolist() == [-2]
    assert got["saves"].isna().all()


def test_x_content(tmp_path):
    reading = only(written(tmp_path / "a.csv", X_CONTENT), exported_on=EXPORTED)
    assert (reading.platform, reading.kind, reading.account_title) == ("x", "content", "")
    (row,) = reading.observations.to_dict("records")
    assert (row["basis"], row["content"], row["impressions"]) == ("stock", "1948626036742397028", 4109)
    assert (row["comments"], row["shares"], row["saves"], row["link_clicks"]) == (
        8,
        5,
        8,
        10,
    )  # reposts, not the menu's 77
    (post,) = reading.contents.to_dict("records")
    assert post["title"] == "=Still thinking"
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(1948626036742397028 >> 22) + 1288834974657)
    assert post["published_at"] == expected
    assert post["published_on"].date() == date(2025, 7, 25)
    assert any("share menu" in column for column in reading.unknown_columns)


def test_x_overview_and_an_id_that_does_not_fit(tmp_path):
    reading = only(written(tmp_path / "a.csv", X_OVERVIEW))
    assert reading.period == (date(2026, 8, 1), date(2026, 8, 2))
    assert reading.observations["views"].tolist() == [0, 0]
    assert reading.observations["posts_created"].tolist() == [1, 1]
    rows = [list(row) for row in X_CONTENT]
    rows[1][1] = "Fri, Jul 25, 2014"
    strange = only(written(tmp_path / "b.csv", rows))
    assert strange.contents["published_at"].isna().all()
    assert any("do not fit" in warning for warning in strange.warnings)


def test_x_older_activity(tmp_path):
    rows = [["Tweet id", "Tweet permalink", "Tweet text", "time", "impressions", "engagements", "engagement rate",
             "retweets", "replies", "likes", "user profile clicks", "promoted impressions"],
            ["1090969000000000001", "https://twitter.com/ada/status/1090969000000000001", "Hi",
             "2019-01-31 22:08 +0000",
             "312.0", "12.0", "0.0384", "1.0", "0.0", "-", "2.0", "-"]]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    (row,) = reading.observations.to_dict("records")
    assert (row["impressions"], row["shares"], row["comments"], row["platform_engagement_rate"]) == (312, 1, 0, 0.0384)
    assert reading.observations["likes"].isna().all()
    assert reading.contents["published_at"].tolist() == [datetime(2019, 1, 31, 22, 8, tzinfo=UTC)]


def test_a_platform_that_is_said_is_held_to(tmp_path):
    path = written(tmp_path / "a.csv", YOUTUBE_TOTALS)
    (refused,) = read(path, platform="tiktok")
    assert "looks like youtube" in refused.failure
    assert only(path, platform="youtube").kind == "totals by day"


def test_the_callers_account_stands_where_the_file_has_none(tmp_path):
    assert only(written(tmp_path / "a.csv", YOUTUBE_TOTALS), account="UC1").account == "UC1"
    assert only(written(tmp_path / "b.csv", INSTAGRAM), account="UC1").account == "17844252116672251"
