"""Spotify for Artists, value by value."""

import codecs
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.sources import Reading, read
from engagerr_core.sources.platforms.spotify import song_id
from tests.sources.exports import csv_text, only, written
from tests.sources.exports_spotify import AUDIENCE, AUDIENCE_NEWER, PLAYLISTS, SONGS, TIMELINE


def failure(path: Path) -> Reading:
    (reading,) = read(path)
    assert reading.platform == "spotify"
    assert reading.observations.empty
    return reading


def songs(path: Path, *rows: list[str]) -> Reading:
    return only(written(path, [SONGS[0], *rows]))


def test_songs_are_a_flow_of_a_period_that_only_the_caller_knows(tmp_path):
    path = tmp_path / "Ada-songs-28day.csv"
    path.write_bytes(codecs.BOM_UTF8 + csv_text(SONGS).encode())
    reading = only(path, period=(date(2026, 10, 1), date(2026, 10, 28)))
    assert (reading.platform, reading.kind, reading.rows_read) == ("spotify", "songs", 2)
    got = reading.observations
    assert got["content"].tolist() == ["who_said_that_", "two__three"]
    assert got["basis"].tolist() == ["flow", "flow"]
    assert (got["listeners"].tolist(), got["streams"].tolist(), got["saves"].tolist()) == ([30, 20], [70, 30], [5, 0])
    assert set(got["period_end"].dt.date) == {date(2026, 10, 28)}
    assert reading.contents["title"].tolist() == ["Who said that?", "Two, three"]
    assert reading.contents["published_on"].isna().tolist() == [False, True]
    assert reading.contents["published_on"][0].date() == date(2025, 4, 1)
    alone = only(path)
    assert alone.period is None
    assert any("--period" in warning for warning in alone.warnings)


def test_timelines_beside_it_do_not_tell_the_period_of_the_songs(tmp_path):
    written(tmp_path / "Ada-songs-28day.csv", SONGS)
    written(tmp_path / "Ada-audience-timeline.csv", AUDIENCE)
    by_kind = {reading.kind: reading for reading in read(tmp_path)}
    assert by_kind["audience timeline"].period == (date(2026, 10, 30), date(2026, 10, 31))
    assert by_kind["songs"].period is None


def test_the_pseudo_song_total_is_the_account(tmp_path):
    reading = songs(tmp_path / "a.csv", ["Total", "40", "100", "5", ""], *SONGS[1:])
    total = reading.observations[reading.observations["content"] == ""]
    assert (total["streams"].tolist(), total["listeners"].tolist(), total["dimension"].tolist()) == ([100], [40], [""])
    assert reading.contents["content"].tolist() == ["who_said_that_", "two__three"]


def test_a_song_called_total_is_a_song(tmp_path):
    reading = songs(tmp_path / "a.csv", ["Total", "40", "200", "5", "2024-01-01"], *SONGS[1:])
    assert reading.observations["content"].tolist() == ["total", "who_said_that_", "two__three"]


def test_a_total_below_what_it_should_hold_is_refused(tmp_path):
    reading = songs(tmp_path / "a.csv", ["Total", "40", "99", "5", ""], *SONGS[1:])
    assert reading.rejected["reason"].tolist() == ["a total below what it should hold"]
    assert (reading.observations["content"] != "").all()


def test_over_all_time_listeners_and_saves_are_false_zeros(tmp_path):
    path = tmp_path / "Ada-songs-all.csv"
    reading = songs(path, ["One", "0", "70", "0", "2025-04-01"], ["Two", "0", "0", "0", "2025-04-02"])
    assert reading.observations["streams"].tolist() == [70, 0]
    assert reading.observations[["listeners", "saves"]].isna().all(axis=None)
    assert reading.observations["basis"].tolist() == ["stock", "stock"]
    assert not any("--period" in warning for warning in reading.warnings)


def test_a_single_false_zero_takes_no_others_with_it(tmp_path):
    reading = songs(
        tmp_path / "a.csv", ["One", "0", "70", "0", ""], ["Two", "3", "9", "0", ""], ["Three", "0", "0", "0", ""]
    )
    assert reading.observations["listeners"].isna().tolist() == [True, False, False]
    assert reading.observations["saves"].tolist() == [0, 0, 0]


def test_two_songs_of_one_title_are_set_aside_and_the_same_row_twice_is_not(tmp_path):
    one, other = ["Same", "1", "2", "3", "2026-01-01"], ["Same", "4", "5", "6", "2026-02-01"]
    reading = songs(tmp_path / "a.csv", one, other, SONGS[1])
    assert reading.observations["content"].tolist() == ["who_said_that_"]
    assert reading.rejected[["row", "column", "value"]].values.tolist() == [[2, "song", "Same"], [3, "song", "Same"]]
    assert set(songs(tmp_path / "b.csv", one, one).observations["streams"]) == {2}


def test_a_release_date_that_may_mean_two_days_costs_no_figures(tmp_path):
    reading = songs(tmp_path / "a.csv", ["One", "1", "2", "3", "1/2/2026"])
    assert reading.observations["streams"].tolist() == [2]
    assert reading.contents["published_on"].isna().all()
    assert any("release dates" in warning for warning in reading.warnings)


def test_the_audience_by_day(tmp_path):
    reading = only(written(tmp_path / "Ada-audience-timeline.csv", AUDIENCE))
    assert (reading.kind, reading.period) == ("audience timeline", (date(2026, 10, 30), date(2026, 10, 31)))
    got = reading.observations
    assert (got["listeners"].tolist(), got["streams"].tolist(), got["followers"].tolist()) == (
        [5, 6],
        [9, 11],
        [100, 99],
    )
    assert (got["content"] == "").all()
    (row,) = only(written(tmp_path / "b" / "x.csv", AUDIENCE_NEWER)).observations.to_dict("records")
    assert (row["listeners"], row["monthly_listeners"], row["monthly_active_listeners"]) == (84, 1579, 686)
    assert (row["super_listeners"], row["playlist_adds"], row["saves"], row["followers"]) == (39, 11, 5, 564)


def test_the_timeline_of_a_song_takes_the_song_from_the_name_and_drops_its_padding(tmp_path):
    reading = only(written(tmp_path / "Two, three-timeline.csv", TIMELINE))
    assert reading.kind == "timeline"
    assert reading.observations["content"].tolist() == ["two__three", "two__three"]
    assert reading.observations["period_start"].dt.date.tolist() == [date(2026, 10, 30), date(2026, 10, 31)]
    assert reading.observations["streams"].tolist() == [7, 0]
    assert reading.contents["title"].tolist() == ["Two, three"]
    assert any("2 zeros" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "name", ["Who said that_-timeline.csv", "Who said that_-timeline (1).csv", "Who said that_-timeline-2026-11-02.csv"]
)
def test_a_name_that_lost_its_punctuation_still_leads_to_the_song(tmp_path, name):
    reading = only(written(tmp_path / name, TIMELINE))
    assert set(reading.observations["content"]) == {song_id(SONGS[1][0])}
    assert reading.contents["title"].tolist() == [""]  # the title in the table of songs is the true one


@pytest.mark.parametrize("name", ["export.csv", "timeline.csv", "-timeline.csv", "Ada-audience-timeline.csv"])
def test_streams_by_day_of_nobody_in_particular_are_refused_with_the_way_out(tmp_path, name):
    assert "-timeline.csv" in failure(written(tmp_path / name, TIMELINE)).failure


def test_a_cut_audience_timeline_is_the_accounts_by_its_name(tmp_path):
    rows = [row[:3] for row in AUDIENCE]
    assert set(only(written(tmp_path / "Ada-audience-timeline.csv", rows)).observations["content"]) == {""}
    failure(written(tmp_path / "b" / "Ada.csv", rows))


def test_a_song_never_heard_keeps_its_zeros(tmp_path):
    rows = [TIMELINE[0], *TIMELINE[1:3]]
    assert only(written(tmp_path / "One-timeline.csv", rows)).observations["streams"].tolist() == [0, 0]


def test_playlists_are_told_apart_by_their_authors(tmp_path):
    reading = only(written(tmp_path / "Ada-playlists-1year.csv", PLAYLISTS))
    assert reading.observations["dimension"].unique().tolist() == ["playlist"]
    assert reading.observations["dimension_value"].tolist() == ["Dark (Ada)", "Dark (Grace)", "Morning"]
    assert reading.observations["streams"].tolist() == [340, 9, 4]
    assert reading.contents.empty


@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=60))
def test_an_id_survives_the_name_of_a_file(title):
    told = "".join("_" if c in '\\/:*?"<>|' else c for c in title)
    assert song_id(told) == song_id(title) == song_id(song_id(title))
    assert not any(c.isspace() for c in song_id(title))


@pytest.mark.parametrize("lost", ["listeners", "streams", "saves"])
def test_songs_without_a_column_are_songs(tmp_path, lost):
    at = SONGS[0].index(lost)
    total = ["Total", "1000", "1000", "1000", ""]
    reading = only(written(tmp_path / "a.csv", [row[:at] + row[at + 1 :] for row in [*SONGS, total]]))
    assert (reading.kind, len(reading.contents)) == ("songs", 2)
    assert lost not in reading.observations
    assert reading.observations["content"].tolist().count("") == 1


def test_a_timeline_of_another_service_is_told_how_it_is_read(tmp_path):
    path = written(tmp_path / "days.csv", [["Date", "Streams", "Listeners"], ["2026-10-01", "5", "2"]])
    (reading,) = read(path)
    assert "--platform" in reading.failure
    (said,) = read(path, platform="deezer")
    assert (said.platform, said.failure) == ("deezer", "")
