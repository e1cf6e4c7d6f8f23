"""X, value by value."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import engagerr_core.sources.platforms as platforms
from engagerr_core.sources import read
from engagerr_core.sources.detection import detect
from engagerr_core.sources.platforms import readers
from engagerr_core.sources.platforms.x import EPOCH_MILLISECONDS, milliseconds
from tests.sources.exports import X_CONTENT, X_OVERVIEW, only, written
from tests.sources.exports_tiktok_x import POSTED, TWEETS, TWEETS_BY_DAY, X_VIDEOS, X_VIDEOS_BY_DAY, post

EXPORTED = date(2026, 11, 3)
TRANSLATIONS = tomllib.loads((Path(platforms.__file__).parent / "translations" / "x.toml").read_text(encoding="utf-8"))
TABLES = {
    "content": X_CONTENT[0],
    "account overview": X_OVERVIEW[0],
    "tweet activity": TWEETS[0],
    "daily tweet activity": TWEETS_BY_DAY[0],
}


def values(reading, metric):
    """The figures of a metric, unknown as None."""
    return [None if value != value else value for value in reading.observations[metric]]


def test_content(tmp_path):
    reading = only(written(tmp_path / "a.csv", X_CONTENT), exported_on=EXPORTED)
    assert (reading.platform, reading.kind, reading.account_title) == ("x", "content", "")
    (row,) = reading.observations.to_dict("records")
    assert (row["basis"], row["content"], row["impressions"]) == ("stock", "1948626036742397028", 4109)
    assert (row["comments"], row["shares"], row["saves"]) == (8, 5, 8)  # reposts, not the menu's 77
    assert (row["link_clicks"], row["detail_expands"], row["permalink_clicks"]) == (10, 49, 1)
    (made,) = reading.contents.to_dict("records")
    assert (made["title"], made["format"]) == ("=Still thinking", "")
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(1948626036742397028 >> 22) + 1288834974657)
    assert made["published_at"] == expected
    assert made["published_on"].date() == date(2025, 7, 25)
    assert any("share menu" in column for column in reading.unknown_columns)


def test_content_by_its_text_or_by_its_address_alone(tmp_path):
    at = X_CONTENT[0].index
    for dropped in ("Post Link", "Post id", "Post text"):
        rows = [[cell for i, cell in enumerate(row) if i != at(dropped)] for row in X_CONTENT]
        reading = only(written(tmp_path / f"{dropped}.csv", rows))
        assert reading.kind == "content"
        assert reading.contents["content"].tolist() == ["1948626036742397028"]


@pytest.mark.parametrize("id_", ["1.94863E+18", "1948626036742390000", "", "1,94863E+18"])
def test_an_id_that_a_spreadsheet_rounded_is_told_by_the_address(tmp_path, id_):
    rows = [X_CONTENT[0], [id_, *X_CONTENT[1][1:]]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.rejected.empty
    assert reading.observations["content"].tolist() == ["1948626036742397028"]


@pytest.mark.parametrize("id_", ["1.94863E+18", "1948626036742390000", "", "a post"])
def test_without_an_address_it_is_refused(tmp_path, id_):
    link = X_CONTENT[0].index("Post Link")
    rows = [X_CONTENT[0], [id_, *X_CONTENT[1][1:]]]
    rows = [[cell for i, cell in enumerate(row) if i != link] for row in rows]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations.empty
    assert reading.rejected["column"].tolist() == ["Post id"]
    assert reading.rejected["advice"].str.contains("spreadsheet").all()


def test_a_whole_id_that_ends_in_zeros_stays_beside_others(tmp_path):
    link = X_CONTENT[0].index("Post Link")
    rows = [X_CONTENT[0], *([id_, *X_CONTENT[1][1:]] for id_ in ("1948626036742397000", "1948626036742397028"))]
    rows = [[cell for i, cell in enumerate(row) if i != link] for row in rows]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["content"].tolist() == ["1948626036742397000", "1948626036742397028"]


def test_overview_newest_first(tmp_path):
    reading = only(written(tmp_path / "a.csv", X_OVERVIEW))
    assert (reading.kind, reading.period) == ("account overview", (date(2026, 8, 1), date(2026, 8, 2)))
    assert values(reading, "impressions") == [1503, 2147]
    assert values(reading, "views") == [0, 0]
    assert values(reading, "posts_created") == [1, 1]
    assert values(reading, "followers_lost") == [0, 0]
    assert reading.observations["basis"].unique().tolist() == ["flow"]


def test_overview_with_blanks_and_fewer_columns(tmp_path):
    rows = [
        ["Date", "Impressions", "Likes", "Engagements", "New follows", "Reposts"],
        ["Tue, Aug 25, 2026", "", "10", "20", "", "7"],
        ["Mon, Aug 24, 2026", "50", "5", "10", "2", "1"],
    ]
    reading = only(written(tmp_path / "a.csv", rows))
    assert values(reading, "impressions") == [None, 50]
    assert values(reading, "followers_gained") == [None, 2]
    assert values(reading, "shares") == [7, 1]


def test_an_id_that_does_not_fit_its_day_tells_no_instant(tmp_path):
    rows = [list(row) for row in X_CONTENT]
    rows[1][1] = "Fri, Jul 25, 2014"
    strange = only(written(tmp_path / "b.csv", rows))
    assert strange.contents["published_at"].isna().all()
    assert strange.contents["published_on"].dt.date.tolist() == [date(2014, 7, 25)]
    assert any("do not fit" in warning for warning in strange.warnings)


def test_video_overview_below_its_title(tmp_path):
    reading = only(written(tmp_path / "a.csv", [["Video overview", "", "", "", "", ""], *X_VIDEOS_BY_DAY]))
    assert (reading.kind, reading.period) == ("video overview", (date(2026, 8, 1), date(2026, 8, 2)))
    assert values(reading, "views") == [10, 0]
    assert values(reading, "watch_minutes") == [1.5, 0]
    assert values(reading, "average_view_seconds") == [9, None]
    assert "revenue" not in reading.observations
    assert any("currency" in column for column in reading.unknown_columns)


def test_older_activity_keeps_the_promoted_figures_apart(tmp_path):
    reading = only(written(tmp_path / "a.csv", TWEETS))
    assert reading.kind == "tweet activity"
    (row,) = reading.observations.to_dict("records")
    assert (row["impressions"], row["engagements"], row["shares"], row["comments"]) == (312, 12, 1, 0)
    assert (row["platform_engagement_rate"], row["followers_gained"], row["media_views"]) == (0.0384, 1, 46)
    assert values(reading, "likes") == [None]
    assert (row["dimension"], len(reading.observations)) == ("", 1)  # what was promoted enters no total
    assert sum("(paid, and counted apart)" in column for column in reading.unknown_columns) == 18
    assert not any(column.startswith("impressions") for column in reading.unknown_columns)
    assert reading.contents["published_at"].tolist() == [datetime(2019, 1, 31, 22, 8, tzinfo=UTC)]
    assert reading.contents["published_on"].dt.date.tolist() == [date(2019, 1, 31)]


def test_the_oldest_activity_calls_likes_favorites(tmp_path):
    rows = [
        ["Tweet id", "Tweet permalink", "Tweet text", "time", "impressions", "engagements", "engagement rate",
         "retweets", "replies", "favorites"],
        ["6.49E+17", f"https://twitter.com/ada/status/{post(POSTED)}", "t", "2015-09-30 18:49 +0000", "424", "3",
         "0.007", "12", "0", "2"],
    ]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.contents["content"].tolist() == [post(POSTED)]
    assert values(reading, "likes") == [2]


def test_older_activity_by_day(tmp_path):
    reading = only(written(tmp_path / "a.csv", TWEETS_BY_DAY))
    assert (reading.kind, reading.period) == ("daily tweet activity", (date(2021, 8, 1), date(2021, 8, 2)))
    assert reading.contents.empty
    assert values(reading, "posts_created") == [3, 0]
    assert values(reading, "impressions") == [4000, 0]
    assert values(reading, "platform_engagement_rate") == [0.011, None]
    assert values(reading, "likes") == [9, 0]


def test_older_activity_by_video(tmp_path):
    reading = only(written(tmp_path / "a.csv", X_VIDEOS))
    assert reading.kind == "video activity"
    assert (values(reading, "views"), values(reading, "watch_minutes")) == ([120], [30.5])


def test_an_id_tells_when_its_post_was_made():
    assert milliseconds(post(POSTED)) == POSTED.replace(tzinfo=UTC).timestamp() * 1000
    assert milliseconds("20") is None


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("kind", TABLES)
def test_headers_in_every_language(language, kind):
    shape = next(reader.shape for reader in readers() if reader.shape.name == "x")
    told = TRANSLATIONS[language]["headers"]
    for form in range(3):
        header = []
        for cell in TABLES[kind]:
            words = told.get(shape.column(cell).header, cell)
            header.append(words if isinstance(words, str) else words[min(form, len(words) - 1)])
        match = detect([header], readers())
        assert (match.kind.platform, match.kind.name) == ("x", kind)
        assert None not in [shape.column(cell) for cell in header]


def test_a_japanese_export_as_it_comes(tmp_path):
    header = (
        "ポストID,日付,ポスト本文,ポストのリンク,インプレッション数,いいね,エンゲージメント,ブックマーク,共有された回数\\,"
        "新しいフォロー,返信,リポスト,プロフィールへのアクセス数,詳細のクリック数,URLのクリック数,ハッシュタグのクリック数,"
        "パーマリンクのクリック数"
    )
    rows = [header.split(","), X_CONTENT[1]]
    reading, english = only(written(tmp_path / "a.csv", rows)), only(written(tmp_path / "b.csv", X_CONTENT))
    assert reading.observations.drop(columns="file").equals(english.observations.drop(columns="file"))
    assert reading.unknown_columns == ("共有された回数\\ (uses of the share menu; reposts are the shares)",)


ODD = [(1_785_000_000_000 - EPOCH_MILLISECONDS + 86_400_000 * n << 22) + 1_000_003 * (n + 1) for n in range(5)]


def rounded_by(program, numbers, link):
    """An export whose ids a program has kept as doubles, with the address of each post or without."""
    rows = [["Post id", "Date", "Post text", "Impressions", "Likes", *["Post Link"] * link]]
    for number in numbers:
        day = f"{datetime.fromtimestamp(milliseconds(str(number)) / 1000, UTC):%Y-%m-%d}"
        rows.append([program(number), day, "Hi", "3", "1", *[f"https://x.com/ada/status/{number}"] * link])
    return rows


@pytest.mark.parametrize("program", [lambda n: str(int(float(n))), lambda n: str(int(Decimal(repr(float(n)))))])
def test_ids_kept_as_doubles_are_told_by_the_address_or_refused(tmp_path, program):
    reading = only(written(tmp_path / "a.csv", rounded_by(program, ODD, link=True)))
    assert reading.contents["content"].tolist() == [str(number) for number in ODD]
    (lost,) = read(written(tmp_path / "b.csv", rounded_by(program, ODD, link=False)))
    assert (len(lost.rejected), len(lost.observations)) == (5, 0)
    assert set(lost.rejected["reason"]) == {"no id of the post, or one that a spreadsheet has rounded"}


def test_ids_that_end_in_zero_bits_by_themselves_are_whole(tmp_path):
    even = [number >> 12 << 12 for number in ODD]
    reading = only(written(tmp_path / "a.csv", rounded_by(str, even, link=False)))
    assert reading.contents["content"].tolist() == [str(number) for number in even]


@pytest.mark.parametrize(
    ("header", "platform", "kind"),
    [
        (["Post id", "Date", "Impressions", "Engagements"], None, "content"),
        (["Date", "Impressions", "Likes", "New follows", "Unfollows"], None, "account overview"),
        (["Date", "Impressions", "Likes"], "x", "account overview"),
    ],
)
def test_few_columns_are_enough(tmp_path, header, platform, kind):
    cells = {"Post id": str(ODD[0]), "Date": "Sat, Jul 25, 2026"}
    rows = [header, [cells.get(name, "5") for name in header]]
    reading = only(written(tmp_path / "a.csv", rows), platform=platform)
    assert (reading.platform, reading.kind, reading.observations["impressions"].tolist()) == ("x", kind, [5])
