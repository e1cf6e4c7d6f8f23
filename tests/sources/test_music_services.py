"""Tables of music services, told by shipped mappings."""

from datetime import date

import pytest

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
