"""Tables of warehouses, told by shipped mappings: days that begin or end at seven, media of one kind, levels."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engagerr_core import Workspace
from engagerr_core.sources import read
from tests.sources.exports import only, written
from tests.sources.exports_mappings import failure

PAGE_DAYS = ["date", "page_id", "_fivetran_synced", "page_fan_adds", "page_fans", "page_impressions",
             *(f"page_actions_post_reactions_{name}_total" for name in ("like", "love", "wow"))]  # fmt: skip


def test_a_day_that_ends_at_seven_is_the_day_before(tmp_path):
    rows = [
        PAGE_DAYS,
        ["2026-04-10 07:00:00 UTC", "51", "2026-04-12 15:00:00 UTC", "1", "256", "66", "1", "2", "3"],
        ["2026-01-10 08:00:00 UTC", "51", "2026-04-12 15:00:00 UTC", "0", "250", "", "1", "", "3"],
        ["2026-01-11 23:00:00 UTC", "51", "2026-04-12 15:00:00 UTC", "0", "251", "1", "0", "0", "0"],
    ]
    got = only(written(tmp_path / "a.csv", rows))
    assert (got.platform, got.kind, got.account) == ("facebook", "page insights by day", "51")
    assert got.observations["period_start"].dt.date.tolist() == [date(2026, 4, 9), date(2026, 1, 9), date(2026, 1, 11)]
    assert (got.observations["period_start"] == got.observations["period_end"]).all()
    likes = got.observations["likes"]
    assert (likes[0], likes[2]) == (6, 0)
    assert np.isnan(likes[1]), "a sum with an unknown part is unknown"
    assert got.observations["followers"].tolist() == [256, 250, 251]
    assert got.observations["basis"].unique().tolist() == ["flow"]


TWEETS = ["account_id", "date", "organic_tweet_id", "placement", "_fivetran_synced", "engagements", "impressions"]


def test_a_day_that_begins_at_seven_is_that_day_and_all_placements_are_the_total(tmp_path):
    when = "2026-10-06T07:47:23.745"
    rows = [
        TWEETS,
        ["18ce", "2026-07-10T07:00:00", "664569014195085312", "ALL_ON_TWITTER", when, "0", "9"],
        ["18ce", "2026-07-10T22:00:00", "664569014195085312", "SPOTLIGHT", when, "1", "4"],
    ]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["period_start"].dt.date.tolist() == [date(2026, 7, 10), date(2026, 7, 11)]
    assert got[["dimension", "dimension_value"]].to_numpy().tolist() == [["", ""], ["placement", "SPOTLIGHT"]]
    assert got["engagements"].tolist() == [0, 1]


MEDIA = ["id", "_fivetran_synced", "like_count", "carousel_album_reach", "story_reach", "video_photo_reach",
         "reel_reach", "reel_shares", "story_shares"]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "reach", "shares", "kind"),
    [
        (["", "", "", "41", "5", ""], 41, 5, "short_video"),
        (["", "33", "", "", "", ""], 33, None, "story"),
        (["0", "0", "0", "41", "5", "0"], 41, 5, "short_video"),
        (["", "", "12", "", "", ""], 12, None, ""),
        (["47", "33", "43", "41", "5", "2"], None, None, ""),
        (["", "", "", "", "", ""], None, None, ""),
        (["0", "0", "0", "0", "0", "0"], None, None, ""),
    ],
)
def test_a_medium_is_of_one_kind(tmp_path, cells, reach, shares, kind):
    rows = [MEDIA, ["178", "2026-10-27T14:22:01", "3", *cells]]
    got = only(written(tmp_path / "a.csv", rows))
    row = got.observations.iloc[0]
    assert row["likes"] == 3
    for name, value in (("reach", reach), ("shares", shares)):
        assert row[name] == value or (value is None and np.isnan(row[name]))
    assert got.contents["format"].tolist() == [kind]
    assert bool(got.warnings) == (sum(cell not in ("",) for cell in cells) > 1 and reach is None)


def test_followers_are_a_level_of_the_day_they_were_seen(tmp_path):
    rows = [["id", "ig_id", "media_count", "followers_count", "name", "_fivetran_synced"],
            ["178", "39", "5", "390", "Ada", "2026-10-27T14:22:01.177"],
            ["178", "39", "5", "", "Ada", "2026-10-28T14:22:01.177"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows))
    assert got.observations["followers"].tolist() == [390]
    assert got.observations["period_end"].dt.date.tolist() == [date(2026, 10, 27)]
    assert (got.account, got.account_title) == ("178", "Ada")


def test_tables_of_posts_alone_have_contents_and_no_observations(tmp_path):
    rows = [["id", "author", "commentary", "first_published_at", "lifecycle_state", "_fivetran_synced"],
            ["urn:li:share:7", "urn:li:organization:42", "Hello", "2026-10-13 17:32:47.678000 UTC", "PUBLISHED", ""],
            ["", "urn:li:organization:42", "Hello", "2026-10-13 17:32:47.678000 UTC", "PUBLISHED", ""]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows))
    assert got.observations.empty
    assert got.contents[["content", "account", "title"]].to_numpy().tolist() == [["urn:li:share:7", "42", "Hello"]]
    assert got.contents["published_on"].dt.date.tolist() == [date(2026, 10, 13)]
    assert got.contents["published_at"].notna().all()
    assert got.rejected["reason"].tolist() == ["no id of the post"]


def test_tables_that_hold_nothing_for_us_are_refused_with_their_reason(tmp_path):
    rows = [["organiation_id", "ugc_post_id", "_fivetran_synced"], ["1", "2", ""]]
    assert "link table" in failure(written(tmp_path / "a.csv", rows))


# The real warehouse tables


REAL = Path(__file__).parents[3] / "shared" / "real" / "exports"
FOLDERS = [f for f in (sorted(REAL.iterdir()) if REAL.is_dir() else []) if f.name.startswith("fivetran")]
# What the seeds say, counted by the csv module: file → column of theirs, metric of ours.
CHECKED = {
    "facebook_pages_daily_page_metrics_total_data.csv": [
        ("page_impressions", "impressions"),
        ("page_views_total", "profile_visits"),
    ],
    "facebook_pages_lifetime_post_metrics_total_data.csv": [
        ("post_impressions", "impressions"),
        ("post_clicks", "clicks"),
    ],
    "facebook_pages_post_history_data.csv": [("share_count", "shares")],
    "instagram_business_media_insights_data.csv": [("like_count", "likes"), ("comment_count", "comments")],
    "instagram_business_user_history_data.csv": [("followers_count", "followers")],
    "linkedin_pages_share_statistic_data.csv": [
        ("like_count", "likes"),
        ("share_count", "shares"),
        ("impression_count", "impressions"),
    ],
    "organic_tweet_report.csv": [("impressions", "impressions"), ("engagements", "engagements")],
    "tweet.csv": [("favorite_count", "likes"), ("retweet_count", "shares")],
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_real_warehouse_tables_are_read_or_refused_with_their_reason(folder):
    found = {Path(reading.path).name: reading for reading in read(folder)}
    assert set(found) == {path.name for path in folder.glob("*.csv")}
    for name, reading in found.items():
        assert reading.rejected.empty, name
        assert not reading.failure or "holds n" in reading.failure
        with (folder / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for theirs, ours in CHECKED.get(name, ()):
            figures = [float(row[theirs]) for row in rows if row[theirs]]
            assert reading.observations[ours].sum() == sum(figures), (name, ours)
            assert reading.observations[ours].notna().sum() == len(figures), (name, ours)


def test_posts_alone_are_stored_as_posts(tmp_path):
    rows = [["id", "author", "commentary", "first_published_at", "lifecycle_state", "_fivetran_synced"],
            ["urn:li:share:7", "urn:li:organization:42", "Hi", "2026-10-13 17:32:47 UTC", "PUBLIC", ""]]  # fmt: skip
    path = written(tmp_path / "exports" / "posts.csv", rows)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert ws.ingest(path, creator="Ada").exit_code == 0
        assert ws.contents()[["account", "content", "title"]].to_numpy().tolist() == [["42", "urn:li:share:7", "Hi"]]
        assert ws.observations().empty
