"""LinkedIn's sheets after spreadsheets and people: other orders of days and columns, columns added or gone."""

from datetime import date, timedelta

import pytest

from engagerr_core.sources import read
from tests.sources.exports import only, written
from tests.sources.exports_linkedin import (
    DEMOGRAPHICS,
    ENGAGEMENT,
    FOLLOWERS,
    FOLLOWERS_BY_LOCATION,
    LINK,
    NOTE,
    PAGE_METRICS,
    PAGE_POSTS,
    POST_A,
    same,
    whole,
)

DAYS = [date(2026, 10, 1) + timedelta(days=i) for i in range(12)]


def shares(path, rows) -> dict[str, float]:
    readings = list(read(written(path, rows)))
    assert not any(reading.failure for reading in readings)
    return {
        value: share
        for reading in readings
        for value, share in reading.observations[["dimension_value", "followers_share"]].to_numpy().tolist()
    }


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_consecutive_days_of_a_page_tell_their_order(tmp_path, form):
    rows = [["Date", "Impressions (organic)", "Impressions (total)"], *([f"{d:{form}}", "1", "2"] for d in DAYS)]
    reading = only(written(tmp_path / "a.csv", rows))
    assert whole(reading)["period_start"].dt.date.tolist() == DAYS


def test_a_row_of_a_page_without_a_day_is_set_aside_once(tmp_path):
    total = ["Total", *PAGE_METRICS[2][1:]]
    reading = only(written(tmp_path / "a.csv", [*PAGE_METRICS[1:], total, PAGE_METRICS[1], ["", *total[1:]]]))
    assert reading.rejected["row"].tolist() == [6, 7, 8]
    assert reading.rows_read == 7
    assert same(reading, only(written(tmp_path / "b.csv", PAGE_METRICS[1:])))


def test_the_id_of_a_post_tells_month_from_day(tmp_path):
    header = ["Post title", "Post link", "Post type", "Created date", "Impressions"]
    row = ["Hello", LINK + "7390800000000000003", "Organic", "02/11/2025", "5"]  # made on 2025-11-02
    reading = only(written(tmp_path / "a.csv", [header, row]))
    assert reading.contents["published_on"].dt.date.tolist() == [date(2025, 11, 2)]
    assert reading.contents["published_at"].notna().all()


@pytest.mark.parametrize("lost", ["Created date", "Impressions"])
def test_posts_without_a_column_are_posts(tmp_path, lost):
    at = PAGE_POSTS[0].index(lost)
    reading = only(written(tmp_path / "a.csv", [NOTE, *(row[:at] + row[at + 1 :] for row in PAGE_POSTS)]))
    assert (reading.platform, reading.kind) == ("linkedin", "page posts")
    assert reading.contents["content"].tolist()[0] == POST_A
    assert reading.observations["likes"].tolist() == [42, 20, 1]


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("added", [None, "", "Remark"])
def test_demographics_in_any_order_with_a_column_of_somebodys(tmp_path, places, added):
    rows = [[row[i] for i in places] for row in DEMOGRAPHICS]
    if added is not None:
        rows = [[added if i == 0 else "7", *row] for i, row in enumerate(rows)]
    assert shares(tmp_path / "a.csv", rows) == {"Engineer": 0.12, "11-50 employees": 0.31}


@pytest.mark.parametrize("at", [0, 1, 3])
def test_engagement_with_a_column_of_somebodys(tmp_path, at):
    rows = [[*row[:at], "Remark" if i == 0 else "x", *row[at:]] for i, row in enumerate(ENGAGEMENT)]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.kind == "creator engagement by day"
    assert same(reading, only(written(tmp_path / "b.csv", ENGAGEMENT)))


@pytest.mark.parametrize("stranger", ["Bookmarks", "Likes", "Reach"])
def test_engagement_beside_a_column_of_a_platforms_is_not_taken_for_linkedins(tmp_path, stranger):
    rows = [[*row, stranger if i == 0 else "1"] for i, row in enumerate(ENGAGEMENT)]
    assert all(reading.platform != "linkedin" for reading in read(written(tmp_path / "a.csv", rows)))


def test_engagement_by_days_with_their_weekday_is_not_linkedins(tmp_path):
    rows = [ENGAGEMENT[0], ["Sat, Aug 1, 2026", "5", "1"], ["Sun, Aug 2, 2026", "6", "1"]]
    assert [reading.platform for reading in read(written(tmp_path / "a.csv", rows))] == [""]


def test_a_line_that_is_no_day_costs_no_other_line_of_engagement(tmp_path):
    rows = [*ENGAGEMENT, ENGAGEMENT[0], ["Total", "2800", "14"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert len(reading.observations) == len(ENGAGEMENT) - 1
    assert reading.rejected["reason"].tolist() == ["not a day", "not a day"]


def test_engagement_with_month_names_of_a_spreadsheet(tmp_path):
    rows = [ENGAGEMENT[0], ["1-Oct-26", "5", "1"], ["2-Oct-26", "6", "1"]]
    assert only(written(tmp_path / "a.csv", rows)).period == (date(2026, 10, 1), date(2026, 10, 2))


@pytest.mark.parametrize("header", ["Impressions", "Engagements", "New followers"])
def test_a_column_by_day_alone_is_refused_by_name_and_read_where_it_is_said(tmp_path, header):
    path = written(tmp_path / "a.csv", [["Date", header], ["10/30/2026", "5"], ["10/31/2026", "6"]])
    (reading,) = read(path)
    assert "linkedin" in reading.failure
    assert "--platform" in reading.failure
    (said,) = read(path, platform="linkedin")
    assert (said.platform, said.failure) == ("linkedin", "")
    assert said.period == (date(2026, 10, 30), date(2026, 10, 31))


def test_followers_by_day_with_a_column_of_somebodys(tmp_path):
    rows = [FOLLOWERS[0], [], ["Remark", *FOLLOWERS[2]], *(["x", *row] for row in FOLLOWERS[3:])]
    assert same(only(written(tmp_path / "a.csv", rows)), only(written(tmp_path / "b.csv", FOLLOWERS)))


@pytest.mark.parametrize("told", ["2-Oct", "02-Oct", "10. Feb", "2026-10-02", "2/10/2026"])
def test_a_company_size_that_became_a_day(tmp_path, told):
    rows = [["Company size", "Total followers"], [told, "20"], ["11-50", "30"], ["10001+", "1"], ["1", "2"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["dimension_value"].tolist() == ["2-10", "11-50", "10001+", "1"]


def test_other_words_of_dimensions_stay_as_they_are(tmp_path):
    rows = [FOLLOWERS_BY_LOCATION[0], ["2-Oct", "1"]]
    assert only(written(tmp_path / "a.csv", rows)).observations["dimension_value"].tolist() == ["2-Oct"]


def test_a_total_of_followers_that_cannot_be_trusted_costs_no_day(tmp_path):
    rows = [["Total de seguidores em 02/11/2026:", "2.571"], [], ["Data", "Novos seguidores"]]
    reading = only(written(tmp_path / "a.csv", [*rows, ["01/11/2026", "3"], ["02/11/2026", "4"]]))
    assert reading.observations["followers_gained"].tolist() == [3, 4]
    assert reading.rejected["value"].tolist() == ["2.571"]


def test_demographics_saved_as_csv_are_named_by_category(tmp_path):
    readings = read(written(tmp_path / "DEMOGRAPHICS.csv", DEMOGRAPHICS))
    assert [reading.path.split(" › ")[1:] for reading in readings] == [["Job title"], ["Company size"]]
