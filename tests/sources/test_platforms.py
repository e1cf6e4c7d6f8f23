"""Instagram and Facebook, value by value, and what holds for every platform."""

import codecs
from datetime import date

import pytest

from engagerr_core.sources import read
from tests.sources.exports import (
    FACEBOOK,
    INSTAGRAM,
    YOUTUBE_TOTALS,
    csv_text,
    only,
    written,
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


def test_a_platform_that_is_said_is_held_to(tmp_path):
    path = written(tmp_path / "a.csv", YOUTUBE_TOTALS)
    (refused,) = read(path, platform="tiktok")
    assert "looks like youtube" in refused.failure
    assert only(path, platform="youtube").kind == "totals by day"


def test_the_callers_account_stands_where_the_file_has_none(tmp_path):
    assert only(written(tmp_path / "a.csv", YOUTUBE_TOTALS), account="UC1").account == "UC1"
    assert only(written(tmp_path / "b.csv", INSTAGRAM), account="UC1").account == "17844252116672251"
