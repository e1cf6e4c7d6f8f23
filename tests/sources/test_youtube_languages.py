"""YouTube Studio's tables in nine languages: every kind is recognised, words in cells are brought to English."""

import tomllib
from importlib.resources import files

import pytest

from engagerr_core.sources.detection import detect
from engagerr_core.sources.headers import normal
from engagerr_core.sources.platforms import readers
from engagerr_core.sources.shapes import load_shape
from tests.sources.exports import only, written
from tests.sources.exports_youtube import VIDEO_C, VIDEO_D, YOUTUBE_GERMAN

TRANSLATIONS = tomllib.loads(
    files("engagerr_core.sources.platforms").joinpath("translations", "youtube.toml").read_text(encoding="utf-8")
)
LANGUAGES = [name for name in TRANSLATIONS if name != "british"]
USUAL = ["Content", "Video title", "Video publish time", "Duration", "Views", "Watch time (hours)", "Subscribers",
         "Average view duration", "Impressions", "Impressions click-through rate (%)", "Estimated revenue (USD)",
         "Average percentage viewed (%)", "Unique viewers", "Likes", "Shares", "Comments added", "Subscribers gained",
         "Subscribers lost", "New viewers", "Returning viewers", "Engaged views", "Stayed to watch (%)"]  # fmt: skip
BREAKDOWNS = ["Geography", "Cities", "City name", "Traffic source", "Subscription status", "Viewer age",
              "Viewer gender", "Device type", "Operating system", "Playback location", "Content type",
              "Date"]  # fmt: skip


def told(language: str, english: str) -> list[str]:
    """What the language writes for an English header; the header itself where it says the same."""
    bare, _, currency = english.partition(" (USD)")
    found = TRANSLATIONS[language]["headers"].get(bare, bare)
    every = [found] if isinstance(found, str) else found
    return [one + (" (USD)" if currency or english.endswith("(USD)") else "") for one in every]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_columns_and_breakdowns_are_all_known(language):
    shape = load_shape("youtube")
    for english in (*USUAL, *BREAKDOWNS):
        for written_so in told(language, english):
            column = shape.column(written_so)
            assert column is not None, written_so
            assert column.role == shape.column(english).role, written_so


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_words_that_no_language_changes_are_left_in_english(language):
    same = {english for english in (*USUAL, *BREAKDOWNS) if told(language, english) == [english]}
    assert same <= {"Video title", "Likes", "Impressions", "Date", "Estimated revenue (USD)", "Shares"}
    assert "Views" not in same


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in load_shape("youtube").kinds if "without ids" not in kind.name],
                         ids=lambda kind: kind.name)  # fmt: skip
def test_every_kind_is_recognised(language, kind):
    columns = {column.role: column.header for column in reversed(load_shape("youtube").columns)}
    english = [columns[role] for role in kind.requires]
    english += [header for header in ("Views",) if "views" not in kind.requires]
    for choice in range(3):
        header = [options[choice % len(options)] for options in (told(language, name) for name in english)]
        match = detect([header], readers())
        assert (match.kind.platform, match.kind.name) == ("youtube", kind.name), header


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_total_in_any_language_is_the_account_s(tmp_path, language):
    content, views = told(language, "Content")[0], told(language, "Views")[0]
    words = TRANSLATIONS[language]["words"]["Total"]
    for word in [words] if isinstance(words, str) else words:
        got = only(written(tmp_path / "a.csv", [[content, views], [word, "9"], [VIDEO_C, "5"]])).observations
        assert got["content"].tolist() == ["", VIDEO_C]
        assert got["views"].tolist() == [9, 5]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("header", "words"),
    [("Viewer gender", ["Female", "Male", "User-specified"]), ("Subscription status", ["Subscribed", "Not subscribed"]),
     ("Traffic source", ["YouTube search", "Suggested videos", "Browse features", "External", "Notifications"]),
     ("Device type", ["Mobile phone", "Computer", "Tablet", "TV", "Game console"])],
)  # fmt: skip
def test_words_of_cells_are_brought_to_english(tmp_path, language, header, words):
    said = [TRANSLATIONS[language]["words"].get(word, word) for word in words]
    cells = [one if isinstance(one, str) else one[0] for one in said]
    rows = [[told(language, header)[0], told(language, "Views")[0]], *([cell, "5"] for cell in cells)]
    got = only(written(tmp_path / "a.csv", rows)).observations["dimension_value"].tolist()
    assert got == ([word.casefold() for word in words] if header == "Viewer gender" else words)


def test_the_german_table_value_by_value(tmp_path):
    reading = only(written(tmp_path / "a.csv", YOUTUBE_GERMAN))
    assert (reading.kind, reading.unknown_columns, len(reading.rejected)) == ("table by content", (), 0)
    total, first, second = (row for _, row in reading.observations.iterrows())
    assert (total["content"], total["views"], total["followers_gained"]) == ("", 700, 5)
    assert (first["watch_minutes"], first["revenue"], first["currency"]) == (585, 3.01, "EUR")
    assert (first["average_view_seconds"], first["click_through_rate"]) == (70, 0.01)
    assert second[["views", "likes", "watch_minutes", "revenue"]].isna().all()
    assert (second["impressions"], second["click_through_rate"]) == (7, 0)
    assert reading.contents["content"].tolist() == [VIDEO_C, VIDEO_D]
    assert str(reading.contents["published_on"][0].date()) == "2026-08-22"


def test_soft_hyphens_do_not_hide_a_header():
    assert normal("Veröffent\u00adlichungszeitpunkt des Videos") == normal("Veröffentlichungszeitpunkt des Videos")
