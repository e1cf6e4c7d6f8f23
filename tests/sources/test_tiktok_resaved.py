"""TikTok's tables after spreadsheets and people: years made up, orders unclear, columns gone, exports put together."""

from datetime import date, datetime, timedelta

import pytest

from engagerr_core.sources import read
from tests.sources.exports import TIKTOK_CONTENT, only, written
from tests.sources.exports_tiktok_x import ACTIVITY, VIEWERS, video

OVERVIEW = ["Date", "Video Views", "Profile Views"]


def overview(days: list[str]) -> list[list[str]]:
    return [OVERVIEW, *([day, str(i), "1"] for i, day in enumerate(days, start=1))]


def content(rows: list[tuple[str, datetime, str]]) -> list[list[str]]:
    """Of each video its snapshot's day, its upload and its day of publication."""
    header = TIKTOK_CONTENT[0]
    return [
        header,
        *([seen, "A", video(made), told, "1", "1", "1", str(i)] for i, (seen, made, told) in enumerate(rows)),
    ]


def days_of(reading) -> list[date]:
    return reading.observations["period_start"].dt.date.tolist()


@pytest.mark.parametrize("order", [1, -1])
def test_days_after_the_export_are_of_the_year_before(tmp_path, order):
    december = [f"12/{day}/2026" for day in range(1, 32)][::order]
    reading = only(written(tmp_path / "a.csv", overview(december)), exported_on=date(2026, 1, 5))
    assert sorted(days_of(reading)) == [date(2025, 12, day) for day in range(1, 32)]
    assert reading.period == (date(2025, 12, 1), date(2025, 12, 31))
    assert "year before" in " ".join(reading.warnings)


def test_days_around_the_turn_of_the_year_in_any_order_lie_together_again(tmp_path):
    told = ["2026-12-30", "2026-01-02", "2026-12-31", "2026-01-01"]
    reading = only(written(tmp_path / "a.csv", overview(told)), exported_on=date(2026, 1, 5))
    assert days_of(reading) == [date(2025, 12, 30), date(2026, 1, 2), date(2025, 12, 31), date(2026, 1, 1)]


def test_days_after_a_day_of_export_that_lies_among_them_are_set_aside(tmp_path):
    told = [str(date(2026, 10, 1) + timedelta(days=i)) for i in range(20)]
    reading = only(written(tmp_path / "a.csv", overview(told)), exported_on=date(2026, 10, 10))
    assert days_of(reading) == [date(2026, 10, day) for day in range(1, 12)]
    assert set(reading.rejected["reason"]) == {"a day after that of the export"}
    assert len(reading.rejected) == 9


def test_a_videos_upload_corrects_the_year_that_a_spreadsheet_gave_its_day(tmp_path):
    rows = [
        ("1/25/2026", datetime(2025, 12, 24, 9), "12/24/2026"),
        ("1/25/2026", datetime(2026, 1, 20, 9), "1/20/2026"),
    ]
    reading = only(written(tmp_path / "a.csv", content(rows)), exported_on=date(2026, 1, 26))
    assert reading.contents["published_on"].dt.date.tolist() == [date(2025, 12, 24), date(2026, 1, 20)]
    assert reading.contents["published_at"].notna().all()
    assert set(reading.observations["observed_at"].dt.date) == {date(2026, 1, 25)}


@pytest.mark.parametrize("form", ["{0.month}/{0.day}/{0.year}", "{0.day:02}/{0.month:02}/{0.year}"])
def test_uploads_tell_month_from_day(tmp_path, form):
    days = [date(2026, 10, day) for day in (3, 5, 8)]
    rows = [(form.format(date(2026, 11, 1)), datetime(d.year, d.month, d.day, 12), form.format(d)) for d in days]
    reading = only(written(tmp_path / "a.csv", content(rows)), exported_on=date(2026, 11, 2))
    assert reading.rejected.empty
    assert reading.contents["published_on"].dt.date.tolist() == days
    assert set(reading.observations["observed_at"].dt.date) == {date(2026, 11, 1)}


def test_snapshots_put_together_are_each_compared_with_their_own_videos(tmp_path):
    old, new = datetime(2026, 9, 1, 9), datetime(2026, 10, 30, 9)
    rows = [("November 1", old, "September 1"), ("November 1", new, "October 30"), ("October 15", old, "September 1")]
    reading = only(written(tmp_path / "a.csv", content(rows)), exported_on=date(2026, 11, 2))
    seen = reading.observations["observed_at"].dt.date.tolist()
    assert seen == [date(2026, 11, 1), date(2026, 11, 1), date(2026, 10, 15)]
    assert not reading.warnings


def test_viewers_without_their_total_are_refused_by_name_and_read_where_it_is_said(tmp_path):
    path = written(tmp_path / "Viewers.csv", [[row[0], *row[2:]] for row in VIEWERS])
    (reading,) = read(path, exported_on=date(2026, 11, 3))
    assert "tiktok" in reading.failure
    assert "--platform" in reading.failure
    (said,) = read(path, exported_on=date(2026, 11, 3), platform="tiktok")
    assert (said.kind, said.failure) == ("viewers", "")
    assert said.observations["unique_new_viewers"].tolist() == [3]  # zeros may stand for what is undefined
    assert said.observations["unique_returning_viewers"].tolist() == [2]


def test_viewers_without_new_ones_are_known_by_those_who_return(tmp_path):
    path = written(tmp_path / "Viewers.csv", [[row[0], row[1], row[3]] for row in VIEWERS])
    reading = only(path, exported_on=date(2026, 11, 3))
    assert reading.kind == "viewers"
    assert reading.observations[["reach", "unique_returning_viewers"]].to_numpy().tolist() == [[0, 0], [5, 2]]


@pytest.mark.parametrize("lost", ["Time", "Total views"])
def test_content_without_a_column_stays_content(tmp_path, lost):
    at = TIKTOK_CONTENT[0].index(lost)
    path = written(tmp_path / "Content.csv", [row[:at] + row[at + 1 :] for row in TIKTOK_CONTENT])
    reading = only(path, exported_on=date(2026, 3, 2))
    assert (reading.platform, reading.kind) == ("tiktok", "content")
    assert len(reading.observations) == len(TIKTOK_CONTENT) - 1


@pytest.mark.parametrize("form", ["{}.0", "{}:00", "0{}:00:00"])
def test_hours_are_whole_numbers_however_they_were_saved(tmp_path, form):
    hours = [row for row in ACTIVITY if row[1] == "Hour" or len(row[1]) == 1]
    rows = [hours[0], *([day, form.format(hour), count] for day, hour, count in hours[1:])]
    plain = only(written(tmp_path / "a.csv", hours), exported_on=date(2026, 11, 3))
    saved = only(written(tmp_path / "b.csv", rows), exported_on=date(2026, 11, 3))
    assert set(saved.observations["dimension_value"]) <= set("0123456789")
    values = ["period_start", "dimension_value", "active_followers"]
    assert saved.observations[values].equals(plain.observations[values])


def test_an_hour_that_does_not_exist_is_set_aside(tmp_path):
    reading = only(written(tmp_path / "a.csv", [ACTIVITY[0], ["November 1", "24", "5"]]), exported_on=date(2026, 11, 3))
    assert reading.observations.empty
    assert reading.rejected["reason"].tolist() == ["no hour of the day"]
