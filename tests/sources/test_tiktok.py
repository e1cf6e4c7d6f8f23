"""TikTok Studio and the Business Center, value by value."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engagerr_core.sources.platforms as platforms
from engagerr_core.sources import read
from engagerr_core.sources.dates import read_day
from engagerr_core.sources.detection import detect
from engagerr_core.sources.platforms import readers
from engagerr_core.sources.platforms.tiktok_days import publication
from tests.sources.exports import TIKTOK_CONTENT, TIKTOK_OVERVIEW, csv_text, only, written, zipped
from tests.sources.exports_tiktok_x import (
    ACTIVITY,
    BUSINESS_AUDIENCE,
    BUSINESS_DAYS,
    BUSINESS_VIDEOS,
    FOLLOWERS,
    GENDER,
    LEAP,
    LIVE,
    MARKETPLACE,
    NEW_YEARS_EVE,
    STUDIO_VIDEOS,
    SUMMER,
    TERRITORIES,
    VIEWERS,
    video,
)

EXPORTED = date(2026, 11, 3)
TRANSLATIONS = tomllib.loads(
    (Path(platforms.__file__).parent / "translations" / "tiktok.toml").read_text(encoding="utf-8")
)
TABLES = {
    "overview": TIKTOK_OVERVIEW[0],
    "content": TIKTOK_CONTENT[0],
    "viewers": VIEWERS[0],
    "follower history": FOLLOWERS[0],
    "follower activity": ACTIVITY[0],
    "follower gender": GENDER[0],
    "follower territories": TERRITORIES[0],
    "business center by day": ["Date", "Video Views", "Profile Views", "Net growth", "New followers", "Lost followers"],
    "business center by video": BUSINESS_VIDEOS[0],
}


def values(reading, metric):
    """The figures of a metric, unknown as None."""
    return [None if value != value else value for value in reading.observations[metric]]


def test_overview_over_the_turn_of_the_year(tmp_path):
    reading = only(zipped(tmp_path / "Overview_2026-01-02.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()}))
    assert (reading.platform, reading.kind) == ("tiktok", "overview")
    assert reading.period == (date(2025, 12, 30), date(2026, 1, 1))
    assert values(reading, "profile_visits") == [5, 6, 7]
    assert values(reading, "views") == [100, 110, 120]
    assert values(reading, "shares") == [0, 1, 2]
    assert reading.observations["basis"].unique().tolist() == ["flow"]


def test_overview_newest_first_over_the_turn_of_the_year(tmp_path):
    rows = [TIKTOK_OVERVIEW[0], *TIKTOK_OVERVIEW[:0:-1]]
    reading = only(written(tmp_path / "a.csv", rows), exported_on=date(2026, 1, 2))
    days = reading.observations["period_start"].dt.date.tolist()
    assert days == [date(2026, 1, 1), date(2025, 12, 31), date(2025, 12, 30)]
    assert values(reading, "views") == [120, 110, 100]


def test_overview_of_a_whole_year_ends_the_day_before_the_export(tmp_path):
    days = [date(2025, 2, 28) + timedelta(days=n) for n in range(365)]
    rows = [TIKTOK_OVERVIEW[0], *([f"{day:%B} {day.day}", str(n), "1", "1", "1", "1"] for n, day in enumerate(days))]
    reading = only(written(tmp_path / "a.csv", rows), exported_on=date(2026, 2, 28))
    assert reading.observations["period_start"].dt.date.tolist() == days


def test_overview_around_a_leap_day(tmp_path):
    rows = [TIKTOK_OVERVIEW[0], *([f"{day} de febrero", "1", "1", "1", "1", "1"] for day in (27, 28, 29)),
            ["1 de marzo", "1", "1", "1", "1", "1"]]  # fmt: skip
    reading = only(written(tmp_path / "a.csv", rows), exported_on=date(2025, 1, 5))
    assert reading.period == (date(2024, 2, 27), date(2024, 3, 1))


def test_withdrawn_comments_stay_negative(tmp_path):
    rows = [TIKTOK_OVERVIEW[0], ["1 мая", "330", "3", "13", "-1", "-2"]]
    reading = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED)
    assert (values(reading, "comments"), values(reading, "shares")) == ([-1], [-2])


def test_without_the_export_day_nothing_by_day_is_stored_and_the_way_out_is_said(tmp_path):
    reading = only(written(tmp_path / "x" / "Overview.csv", TIKTOK_OVERVIEW))
    assert reading.observations.empty
    assert len(reading.rejected) == 3
    assert reading.rejected["advice"].str.contains("--exported-on").all()


def test_a_day_in_the_name_dates_its_own_file_within_a_batch(tmp_path):
    zipped(tmp_path / "Overview_2025-01-02.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()})
    zipped(tmp_path / "Overview.zip", {"Overview.csv": csv_text(TIKTOK_OVERVIEW).encode()})
    periods = [r.period[0].year for r in read(tmp_path, exported_on=date(2026, 1, 2)) if r.period]
    assert periods == [2025, 2024]


def test_tiktoks_own_name_holds_the_first_day_and_the_end_of_the_period(tmp_path):
    days = [date(2025, 8, 28) + timedelta(days=n) for n in range(365)]
    rows = [TIKTOK_OVERVIEW[0], *([f"{day.day} {day:%B}", str(n), "1", "1", "1", "1"] for n, day in enumerate(days))]
    ends = datetime(2026, 8, 27, 14, 37, 8, tzinfo=UTC)
    name = f"Overview_2025-08-28_{int(ends.timestamp())}_ada"
    zipped(tmp_path / f"{name}.zip", {"Overview.csv": csv_text(rows).encode()})
    written(tmp_path / name / "Overview.csv", rows)
    for exported_on in (None, date(2026, 9, 2)):
        for reading in read(tmp_path, exported_on=exported_on):
            assert reading.observations["period_start"].dt.date.tolist() == days
            assert reading.period == (days[0], days[-1])
            assert (reading.observations["observed_at"] == ends).all()


def test_the_end_in_tiktoks_own_name_may_be_yesterday_elsewhere(tmp_path):
    ends = int(datetime(2026, 1, 1, 23, tzinfo=UTC).timestamp())  # 2 January in Tokyo
    rows = [TIKTOK_OVERVIEW[0], *([f"1月{day}日", "1", "1", "1", "1", "1"] for day in (1, 2))]
    path = zipped(tmp_path / f"Overview_2026-01-01_{ends}_ada.zip", {"Overview.csv": csv_text(rows).encode()})
    assert only(path).period == (date(2026, 1, 1), date(2026, 1, 2))


@pytest.mark.parametrize("turned", [False, True])
def test_a_spreadsheet_that_gave_all_days_one_year_is_not_believed(tmp_path, turned):
    days = [date(2025, 12, 20) + timedelta(days=n) for n in range(30)]
    body = [[f"2026-{day:%m-%d}", "1", "1", "1", "1", "1"] for day in days]
    path = written(tmp_path / "x" / "a.csv", [TIKTOK_OVERVIEW[0], *(reversed(body) if turned else body)])
    assert only(path, exported_on=date(2026, 1, 20)).period == (days[0], days[-1])
    undated = only(path)
    assert undated.observations.empty
    assert set(undated.rejected["reason"]) == {"a spreadsheet gave all days the year in which it was opened"}
    assert undated.rejected["advice"].str.contains("--exported-on").all()


def test_a_table_with_few_columns_is_tiktoks_only_where_that_is_said(tmp_path):
    path = written(tmp_path / "a.csv", [["Date", "Video Views"], ["2026-10-01", "5"]])
    (refused,) = read(path)
    assert refused.failure
    assert values(only(path, platform="tiktok"), "views") == [5]


def test_content_is_a_stock_of_its_snapshot_day(tmp_path):
    reading = only(written(tmp_path / "a.csv", TIKTOK_CONTENT), exported_on=EXPORTED)
    assert (reading.account, reading.account_title) == ("", "")  # as of the tables by day, which lie beside it
    got = reading.observations
    assert got["basis"].tolist() == ["stock", "stock"]
    assert got["content"].tolist() == ["7702594344074656026", "7200000000000000001"]
    assert got["observed_at"].dt.date.tolist() == [date(2026, 11, 2)] * 2
    assert values(reading, "views") == [11344, 444]
    first, old = (row for _, row in reading.contents.iterrows())
    assert first["published_at"] == datetime.fromtimestamp(7702594344074656026 >> 32, UTC)
    assert first["published_on"].date() == date(2026, 10, 30)
    assert old["published_on"].date() == date(2023, 2, 14)  # the id knows the year


@pytest.mark.parametrize("exported_on", [None, date(2026, 3, 1)])
def test_content_without_an_export_day_is_stored_and_its_day_of_observation_unknown(tmp_path, exported_on):
    reading = only(written(tmp_path / "a.csv", STUDIO_VIDEOS), exported_on=exported_on)
    assert reading.rejected.empty
    assert values(reading, "views") == [23807, 191265, 12]
    assert values(reading, "saves") == [17, None, 0]
    assert values(reading, "reach") == [20001, None, 11]
    assert values(reading, "average_view_seconds") == [10.23, 12, None]
    assert values(reading, "watch_minutes") == [pytest.approx(4059.0933), None, 1]
    assert any("84.3" not in column and "traffic source" in column for column in reading.unknown_columns)
    assert any(column.startswith("Watched full video (a rate") for column in reading.unknown_columns)
    observed = reading.observations["observed_at"]
    if exported_on:
        assert observed.dt.date.tolist() == [date(2026, 2, 28)] * 3
    else:
        assert observed.isna().all()
        assert any("--exported-on" in warning for warning in reading.warnings)
    contents = reading.contents
    assert contents["published_on"].dt.date.tolist() == [date(2025, 12, 31), date(2025, 7, 16), date(2024, 2, 29)]
    assert contents["published_at"].dt.tz_localize(None).tolist() == [NEW_YEARS_EVE, SUMMER, LEAP]


def test_an_export_day_before_the_newest_upload_is_not_believed(tmp_path):
    reading = only(written(tmp_path / "a.csv", STUDIO_VIDEOS), exported_on=date(2025, 12, 1))
    assert values(reading, "views") == [23807, 191265, 12]
    assert reading.observations["observed_at"].isna().all()
    assert any("uploaded on 2025-12-31" in warning for warning in reading.warnings)


def test_an_id_that_does_not_fit_its_day_tells_nothing(tmp_path):
    rows = [list(row) for row in TIKTOK_CONTENT[:2]]
    rows[1][3] = "July 1"
    reading = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED)
    assert reading.contents[["published_at", "published_on"]].isna().all(axis=None)
    assert any("do not fit" in warning for warning in reading.warnings)


def test_rows_with_a_broken_day_or_address_are_set_aside(tmp_path):
    rows = [list(row) for row in STUDIO_VIDEOS]
    rows[1][3], rows[2][0], rows[3][2] = "Eve", "soon", "https://vm.tiktok.com/ZMabc/"
    reading = only(written(tmp_path / "a.csv", rows), exported_on=date(2026, 3, 1))
    assert reading.observations.empty
    assert sorted(reading.rejected["row"]) == [2, 3, 4]
    assert set(reading.rejected["column"]) == {"Time", "Post time", "Video link"}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    uploaded=st.datetimes(datetime(2018, 1, 1), datetime(2030, 1, 1)),
    later=st.integers(-1, 30),
    months=st.sampled_from(["%B {day}", "{day} %B", "{day}. %b", "%b {day}"]),
)
def test_the_year_of_a_publication_is_the_uploads(uploaded, later, months):
    day = (uploaded + timedelta(days=later)).date()
    assert publication(read_day(f"{day:{months}}".format(day=day.day)), uploaded) == day


def test_viewers_that_are_undefined_take_their_false_zeros_with_them(tmp_path):
    reading = only(written(tmp_path / "a.csv", VIEWERS), exported_on=EXPORTED)
    assert reading.kind == "viewers"
    assert values(reading, "reach") == [0, 5]
    assert values(reading, "unique_new_viewers") == [0, 3]
    assert values(reading, "unique_returning_viewers") == [0, 2]
    assert reading.observations["period_start"].dt.date.tolist() == [date(2026, 10, 31), date(2026, 11, 1)]


@pytest.mark.parametrize("turned", [False, True])
def test_followers_are_differenced_anew(tmp_path, turned):
    rows = [FOLLOWERS[0], *(reversed(FOLLOWERS[1:]) if turned else FOLLOWERS[1:])]
    got = only(written(tmp_path / "a.csv", rows), exported_on=EXPORTED).observations.sort_values("period_start")
    assert got["followers"].tolist() == [100, 104, 103, 101]
    assert [None if value != value else value for value in got["followers_net"]] == [None, 4, None, -2]


def test_hours_that_had_not_come_are_unknown(tmp_path):
    reading = only(written(tmp_path / "a.csv", ACTIVITY), exported_on=EXPORTED)
    got = reading.observations
    last = got[got["period_start"].dt.date == date(2026, 11, 2)]
    assert last["dimension_value"].tolist() == [str(hour) for hour in range(15)]
    assert last["active_followers"].tolist() == [0, 10, 20, 0, *(10.0 * hour for hour in range(4, 15))]
    before = got[got["period_start"].dt.date == date(2026, 11, 1)]
    assert before["active_followers"].tolist() == [hour % 3 for hour in range(24)]  # real zeros stay
    assert any("The last 9 hours" in warning for warning in reading.warnings)


def test_shares_of_followers(tmp_path):
    gender = only(written(tmp_path / "a.csv", GENDER))
    assert gender.observations["dimension_value"].tolist() == ["female", "male", "other"]
    assert values(gender, "followers_share") == [0.59, 0.41, 0]
    assert gender.observations["basis"].unique().tolist() == ["stock"]
    places = only(written(tmp_path / "b.csv", TERRITORIES))
    assert places.observations["dimension"].unique().tolist() == ["country"]
    assert places.observations["dimension_value"].tolist() == ["US", "AT", "other"]
    assert values(places, "followers_share") == [0.462, 0.327, 0.211]


def test_names_of_places_are_not_translated(tmp_path):
    rows = [["Top cities", "Distribution"], ["Nam", "0.5"], ["Frauen", "0.25"], ["Andere", "0.25"]]
    got = only(written(tmp_path / "a.csv", rows)).observations
    assert got["dimension_value"].tolist() == ["Nam", "Frauen", "other"]


@pytest.mark.parametrize("sign", ["%", ""])
def test_shares_as_percentages(tmp_path, sign):
    rows = [TERRITORIES[0], ["US", f"99.2{sign}"], ["AT", f"0.5{sign}"], ["Others", f"0.3{sign}"]]
    assert values(only(written(tmp_path / "a.csv", rows)), "followers_share") == pytest.approx([0.992, 0.005, 0.003])


def test_shares_that_make_more_than_a_whole_are_refused(tmp_path):
    reading = only(written(tmp_path / "a.csv", [GENDER[0], ["Female", "80"], ["Male", "70"], ["Other", "0.2"]]))
    assert reading.rejected["value"].tolist() == ["80.0", "70.0"]
    assert values(reading, "followers_share") == [0.2]


def test_genders_in_all_languages(tmp_path):
    for language, part in TRANSLATIONS.items():
        for english, told in part["words"].items():
            for word in [told] if isinstance(told, str) else told:
                reading = only(written(tmp_path / "a.csv", [["Gender", "Distribution"], [word, "1"]]))
                assert reading.observations["dimension_value"].tolist() == [english.casefold()], (language, word)


def test_business_center_by_day(tmp_path):
    reading = only(written(tmp_path / "a.csv", BUSINESS_DAYS))
    assert (reading.kind, reading.period) == ("business center by day", (date(2025, 10, 31), date(2025, 11, 1)))
    assert values(reading, "reach") == [None, 75134]
    assert values(reading, "followers_net") == [-2, 100]
    assert values(reading, "comments") == [7, -1]
    assert values(reading, "followers_lost") == [3, 0]
    assert set(reading.unknown_columns) == {
        "Leads submission (a figure of the shop)",
        "Phone number clicks (clicks on buttons of the profile)",
    }


def test_business_center_audience(tmp_path):
    reading = only(written(tmp_path / "a.csv", BUSINESS_AUDIENCE))
    assert reading.kind == "business center audience by day"
    assert values(reading, "followers") == [None, 5120]
    assert values(reading, "followers_gained") == [10, 100]
    assert values(reading, "reach") == [None, 75134]


def test_business_center_by_video(tmp_path):
    reading = only(written(tmp_path / "a.csv", BUSINESS_VIDEOS))
    assert (reading.kind, reading.period) == ("business center by video", None)
    assert values(reading, "views") == [172353, 3382]
    assert values(reading, "saves") == [180, None]
    assert reading.observations["observed_at"].isna().all()
    assert reading.contents["published_on"].dt.date.tolist() == [date(2025, 12, 31), date(2025, 7, 16)]
    assert reading.contents["published_at"].dt.tz_localize(None).tolist() == [NEW_YEARS_EVE, SUMMER]


@pytest.mark.parametrize(("rows", "name"), [(LIVE, "LIVE sessions"), (MARKETPLACE, "Creator Marketplace")])
def test_tables_that_are_refused_by_name(tmp_path, rows, name):
    (refused,) = read(written(tmp_path / "a.csv", rows))
    assert name in refused.failure
    assert "TikTok Studio" in refused.failure
    assert refused.observations.empty


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("kind", TABLES)
def test_headers_in_every_language(language, kind):
    told = TRANSLATIONS[language]["headers"]
    for form in range(3):
        header = []
        for column in TABLES[kind]:
            words = told.get(column, column)
            header.append(words if isinstance(words, str) else words[min(form, len(words) - 1)])
        match = detect([header], readers())
        assert (match.kind.platform, match.kind.name) == ("tiktok", kind)
        assert None not in [match.platform.shape.column(cell) for cell in header]


def test_a_video_and_its_helper_agree():
    assert video(SUMMER).endswith(str((int(SUMMER.replace(tzinfo=UTC).timestamp()) << 32) + 0xADA))
