"""Instagram and Facebook: every kind of table, every language, and what spreadsheets did to them, value by value."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.sources import read
from engagerr_core.sources.limits import DEFAULT_LIMITS
from engagerr_core.sources.platforms.meta import split
from engagerr_core.sources.tables import read_delimited
from tests.sources.exports import FACEBOOK, INSTAGRAM, csv_text, only, written
from tests.sources.exports_meta import (
    FACEBOOK_NEWER,
    FACEBOOK_OLDER,
    FACEBOOK_VIDEOS,
    INSTAGRAM_OLDER,
    INSTAGRAM_STORIES,
    PAGE_BY_DAY,
    figures,
    line_by_line,
    with_breakdowns,
)

EXPORTED = date(2026, 11, 3)
QUIET = settings(deadline=20_000, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def changed(rows, at, **cells):
    """The rows with some cells of one row replaced, by header."""
    names = [name.casefold() for name in rows[0]]
    kept = [list(row) for row in rows]
    for name, value in cells.items():
        kept[at][names.index(name.replace("_", " "))] = value
    return kept


def without(rows, *headers):
    kept = [i for i, header in enumerate(rows[0]) if header not in headers]
    return [[row[i] for i in kept] for row in rows]


def test_plays_are_views_and_a_picture_has_none(tmp_path):
    reading = only(written(tmp_path / "a.csv", INSTAGRAM_OLDER))
    assert (reading.platform, reading.kind) == ("instagram", "content")
    assert figures(reading, "impressions", "reach", "views", "likes", "comments", "shares", "saves") == [
        (None, 1110, 1621, 120, 9, 7, 30),
        (950, 720, None, 64, 3, 1, 12),
    ]
    assert any("Plays" in warning for warning in reading.warnings)


def test_plays_beside_views_are_kept_apart(tmp_path):
    rows = [[*row, more] for row, more in zip(INSTAGRAM_OLDER, ["Views", "2000", "1100"], strict=True)]
    assert figures(only(written(tmp_path / "a.csv", rows)), "views", "video_views") == [(2000, 1621), (1100, None)]


def test_stories_and_what_is_too_small_to_be_told(tmp_path):
    reading = only(written(tmp_path / "a.csv", INSTAGRAM_STORIES))
    names = ("views", "reach", "likes", "comments", "shares", "profile_visits", "link_clicks", "followers_gained")
    assert figures(reading, *names) == [(412, 388, 6, 2, 1, 4, 11, 0)]
    assert reading.contents["format"].tolist() == ["story", "story"]
    assert any("Navigation" in column for column in reading.unknown_columns)


def test_facebook_of_2026(tmp_path):
    reading = only(written(tmp_path / "a.csv", FACEBOOK_NEWER))
    assert (reading.platform, reading.kind) == ("facebook", "posts")
    names = ("impressions", "reach", "views", "engagements", "likes", "saves", "revenue", "average_view_seconds")
    assert figures(reading, *names) == [(1300, 1020, 1250, 61, 50, 2, 1.5, 11.2), (240, 180, 200, 6, 6, 0, None, None)]
    assert reading.observations["watch_minutes"].tolist()[0] == pytest.approx(14000.4 / 60)
    assert reading.observations["currency"].unique().tolist() == ["USD"]
    assert reading.contents["format"].tolist() == ["short_video", "image"]
    both = [[*row, more] for row, more in zip(FACEBOOK_NEWER, ["Reach", "900", "170"], strict=True)]
    assert figures(only(written(tmp_path / "b.csv", both)), "reach") == [(900,), (170,)]


def test_facebook_before_views(tmp_path):
    nameless = ["" for _ in FACEBOOK_OLDER[0]]
    nameless[15:18] = ["An error occurred while computing metadata.", "Lifetime", "51"]
    reading = only(written(tmp_path / "a.csv", [*FACEBOOK_OLDER, nameless]))
    assert figures(reading, "impressions", "reach", "engagements", "clicks", "link_clicks") == [
        (6970, 5969, 309, 142, None),
        (3019, 3019, 66, 38, 32),
    ]
    assert reading.rejected["reason"].tolist() == ["no id of the post"]
    assert reading.contents["format"].tolist() == ["image", "link"]


def test_videos_are_lifetime_stocks_and_their_short_views_are_no_views(tmp_path):
    reading = only(written(tmp_path / "a.csv", FACEBOOK_VIDEOS), exported_on=EXPORTED)
    assert (reading.platform, reading.kind, reading.account) == ("facebook", "videos", "100099308280774")
    assert "views" not in reading.observations
    names = (
        "three_second_views",
        "one_minute_views",
        "average_view_seconds",
        "revenue",
        "ad_impressions",
        "engagements",
    )
    assert figures(reading, *names) == [(1488, 0, 5.404, 0, 0, 27), (2111, 40, 8.321, 2.75, 12, 107)]
    assert reading.observations["watch_minutes"].tolist() == pytest.approx([14321.4 / 60, 32976.6 / 60])
    assert reading.observations["currency"].unique().tolist() == ["EUR"]
    assert reading.observations["basis"].unique().tolist() == ["stock"]
    assert any("ids of their own" in warning for warning in reading.warnings)


@pytest.mark.parametrize("turned", [False, True])
def test_retention_countries_and_audience_of_videos(tmp_path, turned):
    rows = with_breakdowns(FACEBOOK_VIDEOS)
    path = written(tmp_path / "a.csv", [row[::-1] for row in rows] if turned else rows)
    found = {reading.kind: reading for reading in read(path)}
    assert list(found) == ["videos", "retention of videos", "video views by country", "video views by age and gender"]
    assert not any(reading.failure for reading in found.values())
    assert len({reading.file for reading in found.values()}) == 4
    keys = ["content", "dimension", "dimension_value"]
    curve = found["retention of videos"].observations.sort_values(["row", "dimension_value"])
    assert curve["dimension"].unique().tolist() == ["retention_interval"]
    assert curve[["row", "dimension_value", "audience_retention"]].values.tolist() == [
        [2, "0", 1], [2, "1", 0.98], [2, "2", 0.5], [3, "0", 1], [3, "1", 1], [3, "40", 0.01]]  # fmt: skip
    countries = found["video views by country"].observations
    assert sorted(map(tuple, countries[[*keys, "three_second_views"]].values.tolist())) == [
        ("1143661437958712", "country", "BA", 11),
        ("1143661437958712", "country", "BG", 2100),
        ("4388442338054561", "country", "BG", 1386),
    ]
    people = found["video views by age and gender"].observations
    assert sorted(people["dimension_value"] + people["three_second_views"].map(" {:.0f}".format)) == [
        "45-54|male 283", "45-54|male 5", "65+|female 79"]  # fmt: skip
    totals = found["videos"].observations
    assert totals["dimension"].unique().tolist() == [""]
    assert "audience_retention" not in totals
    assert any("15 seconds" in warning for warning in found["videos"].warnings)


def test_a_retention_in_percent_is_refused(tmp_path):
    rows = [[*row, more] for row, more in zip(FACEBOOK_VIDEOS, ["Percentage of total views at interval 1", "98", "1"],
                                              strict=True)]  # fmt: skip
    _, curve = read(written(tmp_path / "a.csv", rows))
    assert figures(curve, "audience_retention") == [(1,)]
    assert "percent or fraction" in curve.rejected["reason"].tolist()[0]


def test_ragged_rows_stay_ragged_beside_wide_columns(tmp_path):
    rows = with_breakdowns(FACEBOOK_VIDEOS)
    rows[1] = rows[1][:-3]
    readings = list(read(written(tmp_path / "a.csv", rows)))
    assert readings[0].rejected["row"].tolist() == [2]
    assert all("4388442338054561" not in set(reading.observations["content"]) for reading in readings)


def test_a_page_day_by_day(tmp_path):
    reading = only(written(tmp_path / "a.csv", PAGE_BY_DAY))
    assert (reading.platform, reading.kind, reading.account) == ("facebook", "page by day", "100099308280774")
    assert figures(reading, "accounts_engaged") == [(620,), (443,)]
    assert reading.observations["period_start"].dt.date.tolist() == [date(2026, 2, 10), date(2026, 2, 11)]
    assert reading.observations["basis"].unique().tolist() == ["flow"]


def test_older_page_insights_have_two_header_rows_and_rolling_weeks(tmp_path):
    rows = [
        ["Date", "Lifetime Total Likes", "Daily New Likes", "Daily Page Engaged Users", "Weekly Page Engaged Users",
         "Daily Total Reach", "28 Days Total Reach", "Daily Total Impressions"],
        ["", "Lifetime: The total number of people who have liked your Page.", "Daily: New people",
         "Daily: The number of people who engaged", "Weekly: The number", "Daily: people", "28 Days: people", "Daily"],
        ["11/13/2017", "1,204", "3", "41", "300", "822", "9,120", "1,500"],
        ["11/14/2017", "1,206", "2", "", "310", "790", "9,200", "1,410"],
    ]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    assert (reading.platform, reading.kind, reading.rows_read) == ("facebook", "page by day", 2)
    assert figures(reading, "accounts_engaged", "reach", "impressions") == [(41, 822, 1500), (None, 790, 1410)]
    assert "followers" not in reading.observations
    assert reading.rejected.empty
    assert reading.observations["row"].tolist() == [3, 4]


def test_older_posts(tmp_path):
    rows = [
        ["Post ID", "Permalink", "Post Message", "Type", "Countries", "Languages", "Posted", "Audience Targeting",
         "Lifetime Post Total Reach", "Lifetime Post Total Impressions", "Lifetime Engaged Users"],
        ["", "", "", "", "", "", "", "", "Lifetime: The total number of people your post was served.", "Lifetime", ""],
        ["36034285_10154994967", "https://www.facebook.com/ada/posts/1", "Hello", "Photo", "", "", "10/30/17 9:30 AM",
         "", "1204", "1,890", "77"],
    ]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows))
    assert (reading.platform, reading.kind) == ("facebook", "older posts")
    assert figures(reading, "reach", "impressions", "accounts_engaged") == [(1204, 1890, 77)]
    assert reading.contents["published_on"].dt.date.tolist() == [date(2017, 10, 30)]
    assert reading.contents["title"].tolist() == ["Hello"]
    assert reading.warnings == ()


def test_views_twice_and_different_are_read_by_neither(tmp_path):
    rows = [[*row[:-1], row[-1] if i == 0 else "37"] for i, row in enumerate(FACEBOOK)]
    reading = only(written(tmp_path / "a.csv", rows))
    assert "views" not in reading.observations
    assert any("stands twice" in warning for warning in reading.warnings)


def test_views_below_the_reach_were_not_counted(tmp_path):
    rows = changed(FACEBOOK_NEWER, 2, views="0")
    reading = only(written(tmp_path / "a.csv", rows))
    assert figures(reading, "views", "reach") == [(1250, 1020), (None, 180)]
    rows = changed(rows, 2, views="0", viewers="0")
    assert figures(only(written(tmp_path / "b.csv", rows)), "views", "reach") == [(1250, 1020), (0, 0)]


def test_a_picture_has_no_watch_time_even_where_it_says_0(tmp_path):
    names = ("watch_minutes", "average_view_seconds")
    rows = changed(FACEBOOK_NEWER, 2, seconds_viewed="0", average_seconds_viewed="0")
    assert figures(only(written(tmp_path / "a.csv", rows)), *names)[1] == (None, None)
    reel = changed(FACEBOOK_NEWER, 1, seconds_viewed="0", average_seconds_viewed="0")
    assert figures(only(written(tmp_path / "b.csv", reel)), *names)[0] == (0, 0)


@pytest.mark.parametrize(("duration", "expected"), [("13", ["short_video", "rule"]), ("900", ["long_video", "native"])])
def test_a_short_video_at_a_reels_address_is_short(tmp_path, duration, expected):
    rows = [list(row) for row in FACEBOOK_NEWER]
    rows[1][rows[0].index("Post type")], rows[1][rows[0].index("Duration (sec)")] = "Videos", duration
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.contents[["format", "format_origin"]].values.tolist()[0] == expected


def test_a_post_that_stands_twice_counts_once(tmp_path):
    reading = only(written(tmp_path / "a.csv", [*INSTAGRAM, INSTAGRAM[1]]))
    assert reading.rows_read == 3
    assert len(reading.observations) == 2
    assert any("counted once" in warning for warning in reading.warnings)
    other = [*INSTAGRAM[1][:11], "7015", *INSTAGRAM[1][12:]]
    differing = only(written(tmp_path / "b.csv", [*INSTAGRAM, other]))
    assert len(differing.observations) == 3
    assert any("differ" in warning for warning in differing.warnings)


def test_without_dates_each_post_is_its_lifetime_unless_it_repeats(tmp_path):
    rows = without(INSTAGRAM, "Date")
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["basis"].tolist() == ["stock", "stock"]
    assert any("Date" in warning for warning in reading.warnings)
    again = [*rows[1][:10], "9", *rows[1][11:]]
    (refused,) = read(written(tmp_path / "b.csv", [*rows, again]))
    assert "Date is missing" in refused.failure


@pytest.mark.parametrize(
    ("rows", "platform", "kind"), [(INSTAGRAM, "instagram", "content"), (FACEBOOK, "facebook", "posts")]
)
def test_where_no_column_names_the_account_addresses_tell_the_platform(tmp_path, rows, platform, kind):
    few = without(rows, "Account ID", "Account username", "Account name", "Page ID", "Page name")
    reading = only(written(tmp_path / "a.csv", few), account="me")
    assert (reading.platform, reading.kind, reading.account) == (platform, kind, "me")
    assert figures(reading, "likes") == figures(only(written(tmp_path / "b.csv", rows)), "likes")
    nowhere = [row if i == 0 else [c.replace("https://www.", "https://not") for c in row] for i, row in enumerate(few)]
    (unclear,) = read(written(tmp_path / "c.csv", nowhere))
    assert "--platform" in unclear.failure


def test_a_word_for_lifetime_that_is_not_known_and_the_same_everywhere(tmp_path):
    rows = [row if i == 0 else [*row[:10], "Doživotno", *row[11:]] for i, row in enumerate(INSTAGRAM)]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["basis"].tolist() == ["stock", "stock"]
    assert any("Doživotno" in warning for warning in reading.warnings)
    unknown = [row if i == 0 else [*row[:10], "undefined", *row[11:]] for i, row in enumerate(INSTAGRAM)]
    assert only(written(tmp_path / "c.csv", unknown)).observations.empty
    mixed = [rows[0], rows[1], [*rows[2][:10], "2026-01-04", *rows[2][11:]]]
    assert only(written(tmp_path / "b.csv", mixed)).rejected["row"].tolist() == [2]


def test_days_of_publication_in_other_languages_must_be_told_by_the_column(tmp_path):
    def days(*cells):
        rows = [["Heure de publication" if cell == "Publish time" else cell for cell in INSTAGRAM[0]]]
        rows += [
            [f"1802126841339{i:04}", *INSTAGRAM[1][1:6], cell, *INSTAGRAM[1][7:]] for i, cell in enumerate(cells, 1)
        ]
        reading = only(written(tmp_path / "a.csv", rows))
        return [None if d != d else d.date() for d in reading.contents["published_on"]], reading

    assert days("05/03/2026 18:24", "06/21/2026 08:00")[0] == [date(2026, 5, 3), date(2026, 6, 21)]
    assert days("05/03/2026 18:24", "21/06/2026 08:00")[0] == [date(2026, 3, 5), date(2026, 6, 21)]
    assert days("05/03/2026 18:24", "06/06/2026 08:00", "2026-03-04")[0] == [None, date(2026, 6, 6), date(2026, 3, 4)]
    unclear = days("05/03/2026 18:24")[1]
    assert len(unclear.observations) == 1
    assert any("month first or day first" in warning for warning in unclear.warnings)
    assert days("05/03/2026", "soon")[1].rejected["value"].tolist() == ["soon"]


@pytest.mark.parametrize("rows", [INSTAGRAM, FACEBOOK, INSTAGRAM_OLDER, with_breakdowns(FACEBOOK_VIDEOS)])
def test_lines_that_became_cells_are_put_together(tmp_path, rows):
    (tmp_path / "a.csv").write_bytes(line_by_line(rows))
    plain = list(read(written(tmp_path / "b" / "a.csv", rows)))
    found = list(read(tmp_path / "a.csv"))
    assert [r.kind for r in found] == [r.kind for r in plain]
    for one, other in zip(found, plain, strict=True):
        assert one.observations.drop(columns="file").equals(other.observations.drop(columns="file"))
        assert one.contents["title"].tolist() == other.contents["title"].tolist()


CAPTIONS = st.lists(
    st.text(alphabet=st.sampled_from('ab,;" \n#é'), min_size=1, max_size=30).map(lambda s: s.replace("\n", "\nx")),
    min_size=1, max_size=4,
)  # fmt: skip


@QUIET
@given(captions=CAPTIONS)
def test_figures_survive_whatever_the_captions_hold(tmp_path, captions):
    body = [[f"1802126841339{i:04}", *INSTAGRAM[1][1:4], text, *INSTAGRAM[1][5:]] for i, text in enumerate(captions, 1)]
    (tmp_path / "a.csv").write_bytes(line_by_line([INSTAGRAM[0], *body]))
    for reading in read(tmp_path / "a.csv"):
        got = reading.observations
        assert set(got.get("views", [])) <= {7014}
        assert set(got["content"]) <= {row[0] for row in body}
        assert not reading.failure
        assert len(got) + len(reading.rejected) >= len(body)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Views\n2026-01-01,5\n",
        "Reach\n",
        "Followers\n12\n",
        "post_id,page_id,permalink,date,_fivetran_synced\n1,2,3,4,5\n",
        csv_text([["Post ID", "Author", "Text"], ["1", "a", "b"]]),
        csv_text(INSTAGRAM),  # nothing is to be done
    ],
)
def test_tables_that_need_no_cutting_are_left_as_they_are(text):
    assert split(read_delimited(text.encode(), DEFAULT_LIMITS)) == []


@pytest.mark.parametrize("left_out", [{"Post ID"}, {"Post ID", "Account ID", "Page ID"}])
@pytest.mark.parametrize("rows", [INSTAGRAM_OLDER, FACEBOOK_OLDER, FACEBOOK_NEWER])
def test_posts_without_ids_are_no_days_of_an_account(tmp_path, rows, left_out):
    kept = [i for i, name in enumerate(rows[0]) if name not in left_out]
    (reading,) = read(written(tmp_path / "a.csv", [[row[i] for i in kept] for row in rows]))
    assert "Post ID" in reading.failure
    assert reading.observations.empty


def test_instagram_and_facebook_in_one_table_are_told_apart(tmp_path):
    header = list(dict.fromkeys([*INSTAGRAM_OLDER[0], *FACEBOOK_OLDER[0]]))
    rows = [header]
    for table in (INSTAGRAM_OLDER, FACEBOOK_OLDER):
        cells = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
        rows += [[row.get(name, "") for name in header] for row in cells]
    rows.append([""] * (len(header) - 1) + ["12"])
    readings = list(read(written(tmp_path / "a.csv", rows)))
    assert [(r.platform, r.kind, r.account) for r in readings] == [
        ("instagram", "content", "17844252116672251"), ("facebook", "posts", "100099308280774")]  # fmt: skip
    for reading, table in zip(readings, (INSTAGRAM_OLDER, FACEBOOK_OLDER), strict=True):
        alone = only(written(tmp_path / "b.csv", table))
        assert figures(reading, "content", "likes", "reach", "comments") == figures(
            alone, "content", "likes", "reach", "comments"
        )
    assert [len(r.rejected) for r in readings] == [1, 0]


def test_an_empty_column_of_the_other_platform_changes_nothing(tmp_path):
    rows = [[*row, "Page ID" if i == 0 else ""] for i, row in enumerate(INSTAGRAM_OLDER)]
    reading = only(written(tmp_path / "a.csv", [*rows, [""] * (len(rows[0]) - 2) + ["12", ""]]))
    assert (reading.platform, reading.kind, len(reading.rejected)) == ("instagram", "content", 1)
    assert figures(reading, "likes") == figures(only(written(tmp_path / "b.csv", INSTAGRAM_OLDER)), "likes")


def test_an_average_below_one_second_is_no_part_of_a_day(tmp_path):
    place = FACEBOOK_NEWER[0].index("Average Seconds viewed")
    rows = [FACEBOOK_NEWER[0], [*FACEBOOK_NEWER[1][:place], "0.734", *FACEBOOK_NEWER[1][place + 1 :]]]
    assert figures(only(written(tmp_path / "a.csv", rows)), "average_view_seconds") == [(0.734,)]


def test_a_column_date_without_a_word_is_as_if_missing(tmp_path):
    place = INSTAGRAM_OLDER[0].index("Date")
    rows = [INSTAGRAM_OLDER[0], *[[*row[:place], "", *row[place + 1 :]] for row in INSTAGRAM_OLDER[1:]]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert (set(reading.observations["basis"]), len(reading.rejected)) == ({"stock"}, 0)
    assert any("lifetime" in warning for warning in reading.warnings)
    rows.append([*INSTAGRAM_OLDER[1][:place], "", *INSTAGRAM_OLDER[1][place + 1 : -1], "31"])
    (reading,) = read(written(tmp_path / "b.csv", rows))
    assert "several rows" in reading.failure
