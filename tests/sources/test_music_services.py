"""Tables of music services, told by shipped mappings."""

from datetime import date

import pytest

from engagerr_core import Workspace
from tests.sources.exports import only, written
from tests.sources.exports_mappings import failure, totals


def test_apple_music_is_told_by_its_shazams(tmp_path):
    rows = [["Song", "Plays", "Avg. Daily Listeners", "Shazam Count", "Purchases"], ["River", "120", "4", "3", "--"]]
    got = only(written(tmp_path / "songs.csv", rows), period=(date(2026, 3, 1), date(2026, 3, 31)))
    assert (got.platform, got.kind) == ("apple_music", "songs (Apple Music)")
    assert got.observations["streams"].tolist() == [120]
    assert got.observations["purchases"].isna().all()
    assert "listeners" not in got.observations
    assert got.observations["content"].tolist() == ["River"]


@pytest.mark.parametrize(
    ("header", "platform"),
    [
        (["Track", "Plays", "Likes", "Reposts", "Comments", "Downloads"], "soundcloud"),
        (["Song", "Plays", "Favorites", "Playlist Adds", "Re-Ups"], "audiomack"),
        (["Track", "Streams", "Listeners", "Thumbs Up", "Skips"], "pandora"),
        (["Song", "Streams", "Listeners", "Voice Requests"], "amazon_music"),
    ],
)
def test_services_that_tell_themselves(tmp_path, header, platform):
    got = only(written(tmp_path / "a.csv", [header, ["River", *("7" for _ in header[1:])]]))
    assert got.platform == platform
    assert got.observations["streams"].tolist() == [7]


@pytest.mark.parametrize("platform", ["deezer", "tidal", "qobuz", "napster", "youtube_music", "beatport"])
def test_other_services_are_read_once_they_are_named(tmp_path, platform):
    rows = [["Track", "Unique Listeners", "Streams"], ["River", "5", "7"], ["Total", "5", "7"]]
    path = written(tmp_path / "a.csv", rows)
    assert platform in failure(path)
    assert "--platform" in failure(path)
    got = only(path, platform=platform)
    assert got.platform == platform
    songs = got.observations[got.observations["content"] != ""]
    assert (songs["streams"].tolist(), songs["listeners"].tolist()) == ([7], [5])
    assert len(totals(got, False)) == 1


def test_reserved_dimensions_of_music(tmp_path):
    rows = [["Stream Source", "Streams"], ["Playlist", "5"], ["", "7"]]
    got = only(written(tmp_path / "a.csv", rows), platform="tidal")
    assert got.observations[["dimension", "dimension_value"]].to_numpy().tolist() == [["stream_source", "Playlist"]]
    assert got.rejected["row"].tolist() == [3]


APPLE = ["Song", "Artist", "Album", "Plays", "Average Daily Listeners", "Shazams", "Listeners"]
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def song(title: str, album: str, plays: str, listeners: str) -> list[str]:
    return [title, "Ada", album, plays, "4", "3", listeners]


def test_the_album_of_a_song_that_stands_once_is_no_split(tmp_path):
    rows = [APPLE, song("River", "Water", "120", "50"), song("Lake", "Water", "30", "9"), song("Sea", "", "1", "1")]
    path = written(tmp_path / "songs.csv", rows)
    got = only(path, period=MARCH)
    assert got.rejected.empty
    assert set(got.observations["dimension"]) == {""}
    assert got.observations["streams"].tolist() == [120, 30, 1]
    assert any(column.startswith("Album (") for column in got.unknown_columns)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(path, creator="Ada", period=MARCH)
        found = ws.observations()
        assert found.set_index("content")["streams"].to_dict() == {"River": 120, "Lake": 30, "Sea": 1}


def test_a_song_on_two_albums_is_split_and_has_its_total(tmp_path):
    rows = [APPLE, song("River", "Water", "120", "50"), song("River", "", "5", "4"), song("Lake", "Water", "30", "9"),
            song("Sea", "Salt", "7", "1"), song("Sea", "Water", "--", "1")]  # fmt: skip
    got = only(written(tmp_path / "songs.csv", rows), period=MARCH)
    found = got.observations
    parts = found[found["dimension"] == "release"].set_index(["content", "dimension_value"])["streams"]
    assert parts.dropna().to_dict() == {("River", "Water"): 120, ("River", "unknown"): 5, ("Sea", "Salt"): 7}
    whole = found[found["dimension"] == ""].set_index("content")
    assert whole["streams"].dropna().to_dict() == {"River": 125, "Lake": 30}
    assert whole["listeners"].dropna().to_dict() == {"Lake": 9}
    assert whole["row"].to_dict() == {"River": 0, "Lake": 4, "Sea": 0}
    assert any("2 songs stand in several rows" in warning for warning in got.warnings)


def test_a_row_set_aside_leaves_no_total_that_might_lack_it(tmp_path):
    rows = [APPLE, song("River", "Water", "120", "50"), song("River", "Salt", "5", "4"),
            song("Lake", "Water", "3", "1"), song("Lake", "Salt", "many", "1")]  # fmt: skip
    got = only(written(tmp_path / "songs.csv", rows), period=MARCH)
    assert got.rejected["row"].tolist() == [5]
    assert set(got.observations["dimension"]) == {"release"}


def test_a_song_twice_in_a_table_is_not_counted_twice(tmp_path):
    rows = [APPLE, song("River", "Water", "120", "50"), song("River", "Water", "120", "50"),
            song("River", "Salt", "5", "4")]  # fmt: skip
    got = only(written(tmp_path / "songs.csv", rows), period=MARCH).observations
    assert got.loc[got["dimension"] == "", "streams"].tolist() == [125]


def test_days_and_countries_tell_rows_of_a_song_apart_and_its_album_does_not(tmp_path):
    rows = [["Song", "Date", "Country", "Album", "Label", "Streams"],
            ["River", "2026-03-01", "DE", "Water", "Mine", "5"], ["River", "2026-03-02", "DE", "Water", "Mine", "6"],
            ["River", "2026-03-01", "FR", "Water", "Mine", "7"]]  # fmt: skip
    got = only(written(tmp_path / "a.csv", rows), platform="deezer").observations
    assert got[["dimension", "dimension_value", "streams"]].to_numpy().tolist() == [
        ["country", "DE", 5], ["country", "DE", 6], ["country", "FR", 7],
    ]  # fmt: skip
    rows.append(["River", "2026-03-01", "DE", "Salt", "Mine", "1"])
    got = only(written(tmp_path / "b.csv", rows), platform="deezer").observations
    assert set(got["dimension"]) == {"country|label|release"}
