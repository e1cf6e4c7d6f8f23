"""Meta's result cards and audience, and everything of Meta's in every language, value by value."""

import tomllib
from datetime import date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.sources import read
from engagerr_core.sources.shapes import load_shape
from tests.sources.exports import FACEBOOK, INSTAGRAM, only, written
from tests.sources.exports_meta import card, figures

EXPORTED = date(2026, 11, 3)
QUIET = settings(deadline=20_000, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
TRANSLATIONS = tomllib.loads(
    files("engagerr_core.sources.platforms").joinpath("translations", "meta.toml").read_text(encoding="utf-8")
)
LANGUAGES = ("german", "french", "spanish", "portuguese", "italian", "vietnamese", "russian", "japanese")
TITLES = {
    "Reach": ("meta", "reach"),
    "Facebook Page reach": ("facebook", "reach"),
    "Instagram reach": ("instagram", "reach"),
    "Accounts reached": ("meta", "reach"),
    "Views": ("meta", "views"),
    "Instagram views": ("instagram", "views"),
    "Viewers": ("meta", "reach"),
    "Impressions": ("meta", "impressions"),
    "Facebook visits": ("facebook", "profile_visits"),
    "Instagram profile visits": ("instagram", "profile_visits"),
    "Facebook Page visits": ("facebook", "profile_visits"),
    "Page and profile visits": ("meta", "profile_visits"),
    "Facebook follows": ("facebook", "followers_gained"),
    "New Instagram followers": ("instagram", "followers_gained"),
    "Instagram new followers": ("instagram", "followers_gained"),
    "Unfollows": ("meta", "followers_lost"),
    "Net follows": ("meta", "followers_net"),
    "Instagram followers": ("instagram", "followers"),
    "Interactions": ("meta", "engagements"),
    "Content interactions": ("meta", "engagements"),
    "Facebook link clicks": ("facebook", "link_clicks"),
    "3-second views": ("meta", "three_second_views"),
    "1-minute video views": ("meta", "one_minute_views"),
    "Minutes viewed": ("meta", "watch_minutes"),
    "Accounts engaged": ("meta", "accounts_engaged"),
    "Reichweite auf Instagram": ("instagram", "reach"),
    "Couverture de la Page Facebook": ("facebook", "reach"),
    "Visitas al perfil de Instagram": ("instagram", "profile_visits"),
    "Cliques no link do Instagram": ("instagram", "link_clicks"),
    "Alcance no Facebook": ("facebook", "reach"),
    "Alcance do Instagram": ("instagram", "reach"),
    "Visitas ao Facebook": ("facebook", "profile_visits"),
    "Visitas ao perfil do Instagram": ("instagram", "profile_visits"),
    "Seguidos no Instagram": ("instagram", "followers_gained"),
    "Interações com o conteúdo": ("meta", "engagements"),
    "Interacciones con el contenido": ("meta", "engagements"),
    "Clics en el enlace de Instagram": ("instagram", "link_clicks"),
    "Seguidores do Facebook": ("facebook", "followers_gained"),
    "Visite al profilo Instagram": ("instagram", "profile_visits"),
    "Lượt xem trên Facebook": ("facebook", "views"),
    "Охват в Instagram": ("instagram", "reach"),
    "Instagramのリーチ": ("instagram", "reach"),
}


@pytest.mark.parametrize("title", TITLES)
def test_cards_by_their_titles(tmp_path, title):
    rows = [["Date", "Primary"], ["2026-05-25T00:00:00", "7"], ["2026-05-26T00:00:00", "--"]]
    reading = only(card(tmp_path / "a.csv", (title, rows)))
    platform, metric = TITLES[title]
    assert (reading.platform, reading.kind, reading.rows_read) == (platform, "card", 2)
    assert figures(reading, metric) == [(7,)]
    assert reading.observations["period_start"].dt.date.tolist() == [date(2026, 5, 25)]
    assert reading.observations["row"].tolist() == [4]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Watch time", "unit"),
        ("Facebook Page new likes", "not follows"),
        ("New messaging contacts", "no metric"),
        ("Content monetization", "currency"),
        ("Paid reach", "advertising"),
        ("Sunshine", "not known"),
    ],
)
def test_cards_that_are_not_read_say_why(tmp_path, title, reason):
    rows = [["Date", "Primary"], ["2026-05-25T00:00:00", "7"]]
    (reading,) = read(card(tmp_path / "a.csv", (title, rows)))
    assert title in reading.failure
    assert reason in reading.failure
    assert "Export" in reading.failure
    both = list(read(card(tmp_path / "b.csv", (title, rows), ("Reach", rows))))
    assert [r.kind for r in both] == ["card"]
    assert any(title in warning and reason in warning for warning in both[0].warnings)


def test_a_card_without_its_title_is_refused(tmp_path):
    (reading,) = read(written(tmp_path / "Reach.csv", [["Date", "Primary"], ["2026-05-25T00:00:00", "7"]]))
    assert "without its title" in reading.failure


def test_what_formats_brought_is_refused_with_its_reason(tmp_path):
    path = card(tmp_path / "a.csv", ("Views", [["Reels", "Photos"], ["572681", "22287"]]), encoding="utf-8")
    (reading,) = read(path)
    assert "unknown period" in reading.failure


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_blocks_of_one_file(tmp_path, delimiter, encoding):
    days = [["Date", "Primary"], ["2026-03-28T00:00:00", "5"], ["2026-03-29T00:00:00", "6"]]
    path = card(
        tmp_path / "Audience.csv",
        ("Facebook followers", [["12,345"]]),
        ("Age & gender", [["", "Women", "Men"], ["18-24", "20.5", "8.2"], ["65+", "1.5", "--"]]),
        ("Top towns/cities", [["Wien, Österreich"], ["24.0"]]),
        ("Top countries", [["Austria", "Germany", ""], ["70", "29.5", ""]]),
        ("Facebook follows", days),
        ("Facebook follows", days[:2]),
        ("Top Pages", [["a", "b"], ["1", "2"]]),
        delimiter=delimiter,
        encoding=encoding,
    )
    found = list(read(path, exported_on=EXPORTED))
    assert [reading.failure for reading in found] == [""] * len(found)
    assert {reading.platform for reading in found} == {"facebook"}
    assert len({reading.file for reading in found}) == len(found) == 6
    by_kind = {reading.kind: reading for reading in found}
    assert figures(by_kind["audience size"], "followers") == [(12345,)]
    people = by_kind["audience by age and gender"]
    assert people.observations["dimension_value"].tolist() == ["18-24|female", "18-24|male", "65+|female"]
    assert people.observations["followers_share"].tolist() == pytest.approx([0.205, 0.082, 0.015])
    assert figures(by_kind["audience by city"], "dimension_value", "followers_share") == [("Wien, Österreich", 0.24)]
    assert figures(by_kind["audience by country"], "dimension_value", "followers_share") == [
        ("Austria", 0.7),
        ("Germany", 0.295),
    ]
    assert sorted(len(r.observations) for r in found if r.kind == "card") == [1, 2]
    assert any("Top Pages" in warning for reading in found for warning in reading.warnings)


@QUIET
@given(
    first=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    shifts=st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=60),
    values=st.data(),
)
def test_changed_clocks_neither_double_nor_lose_a_day(tmp_path, first, shifts, values):
    counts = [values.draw(st.integers(0, 10**6)) for _ in shifts]
    midnight = datetime(first.year, first.month, first.day)
    instants = [midnight + timedelta(days=i, hours=shift) for i, shift in enumerate(shifts)]
    rows = [["Date", "Primary"], *([f"{at:%Y-%m-%dT%H:%M:%S}", str(n)] for at, n in zip(instants, counts, strict=True))]
    reading = only(card(tmp_path / "a.csv", ("Reach", rows)))
    days = [first + timedelta(days=i) for i in range(len(shifts))]
    assert reading.observations["period_start"].dt.date.tolist() == days
    assert reading.observations["reach"].tolist() == counts


def test_instants_at_the_end_of_time_are_set_aside(tmp_path):
    rows = [["Date", "Primary"], ["9999-12-31T23:00:00", "7"], ["2026-05-25T00:00:00", "8"]]
    reading = only(card(tmp_path / "a.csv", ("Views", rows)))
    assert figures(reading, "views") == [(8,)]
    assert reading.rejected["row"].tolist() == [4]


def test_a_card_with_a_comparison_keeps_the_period_itself(tmp_path):
    rows = [["Date", "Primary", "Comparison"], ["2026-05-25T00:00:00", "7", "4"]]
    reading = only(card(tmp_path / "a.csv", ("Views", rows)))
    assert figures(reading, "views") == [(7,)]
    assert any("Comparison" in warning for warning in reading.warnings)


def translated(language, header):
    told = TRANSLATIONS[language]["headers"].get(header, header)
    return told if isinstance(told, str) else told[0]


def word(language, english):
    told = TRANSLATIONS[language]["words"].get(english, english)
    return told if isinstance(told, str) else told[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_content_of_instagram_in_every_language(tmp_path, language):
    rows = [[translated(language, cell) for cell in INSTAGRAM[0]]]
    for row in INSTAGRAM[1:]:
        rows.append([word(language, "IG reel" if cell == "IG image" else cell) for cell in row])
        rows[-1][6] = "05/23/2026 18:24"
    reading, english = only(written(tmp_path / "a.csv", rows)), only(written(tmp_path / "b.csv", INSTAGRAM))
    assert (reading.platform, reading.kind) == ("instagram", "content")
    keys = ["content", "account", "basis", "period_start", *(m for m in english.observations if m in METRICS)]
    assert reading.observations[keys].equals(english.observations[keys])
    assert reading.contents["format"].tolist() == ["short_video", "short_video"]
    assert reading.contents["published_on"].dt.date.tolist() == [date(2026, 5, 23)] * 2
    assert not [column for column in reading.unknown_columns if "(" not in column]


@pytest.mark.parametrize("language", LANGUAGES)
def test_posts_of_facebook_in_every_language(tmp_path, language):
    rows = [[f"{translated(language, 'Estimated earnings')} (USD)" if cell.startswith("Estimated") else
             translated(language, cell) for cell in FACEBOOK[0]]]  # fmt: skip
    rows += [[word(language, cell) for cell in row] for row in FACEBOOK[1:]]
    reading, english = only(written(tmp_path / "a.csv", rows)), only(written(tmp_path / "b.csv", FACEBOOK))
    assert (reading.platform, reading.kind) == ("facebook", "posts")
    shared = [m for m in english.observations if m in METRICS and m in reading.observations]
    assert {"views", "reach", "engagements", "likes", "comments", "shares", "clicks", "revenue"} <= set(shared)
    assert reading.observations[shared].equals(english.observations[shared])
    assert reading.contents["format"].tolist() == ["image", "short_video"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("metric", ["Reach", "Views", "Follows", "Visits", "Link clicks"])
def test_cards_in_every_language(tmp_path, language, metric):
    told = TRANSLATIONS[language]["words"].get(metric, metric)
    rows = [[translated(language, "Date"), word(language, "Primary")], ["2026-05-25T00:00:00", "7"]]
    for title in [told] if isinstance(told, str) else told:
        reading = only(card(tmp_path / "a.csv", (title, rows)))
        assert figures(reading, load_shape("meta").column(f"Card: {metric}").metric) == [(7,)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_audience_in_every_language(tmp_path, language):
    path = card(
        tmp_path / "a.csv",
        (word(language, "Age & gender"), [["", word(language, "Women"), word(language, "Men")], ["18-24", "20", "8"]]),
        (word(language, "Top cities"), [["Wien", "Graz"], ["24", "17.5"]]),
        (word(language, "Top countries"), [["Austria"], ["99"]]),
    )
    people, cities, countries = read(path, platform="instagram")
    assert people.observations["dimension_value"].tolist() == ["18-24|female", "18-24|male"]
    assert figures(cities, "dimension_value", "followers_share") == [("Wien", 0.24), ("Graz", 0.175)]
    assert figures(countries, "dimension_value", "followers_share") == [("Austria", 0.99)]


METRICS = frozenset(
    ["views", "reach", "likes", "comments", "shares", "saves", "followers_gained", "engagements", "clicks",
     "link_clicks", "watch_minutes", "average_view_seconds", "revenue"]
)  # fmt: skip


@pytest.mark.parametrize(
    "order",
    [("Primary", "Date"), ("Date", "Primary", "Note"), ("Note", "Date", "Primary"), ("Primary", "Note", "Date")],
)
def test_the_columns_of_a_card_come_in_any_order(tmp_path, order):
    cells = {"Date": "2026-05-25T00:00:00", "Primary": "7", "Note": "3"}
    rows = [list(order), [cells[name] for name in order], [cells[name] for name in order][:-1]]
    reading = only(card(tmp_path / "a.csv", ("Instagram views", rows)))
    assert figures(reading, "views") == [(7,)] * (2 - len(reading.rejected))
    assert len(reading.rejected) == (order[-1] in ("Date", "Primary"))
    assert reading.observations["period_start"].dt.date.unique().tolist() == [date(2026, 5, 25)]
    assert any("Note" in warning for warning in reading.warnings) == ("Note" in order)


def test_lines_above_a_card_are_passed_over(tmp_path):
    rows = [["Our spring"], ["sep=,"], ["", "Facebook follows"], ["", "Date", "Primary"], ["0", "2026-05-25", "7"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert (reading.platform, figures(reading, "followers_gained")) == ("facebook", [(7,)])
    assert reading.observations["row"].tolist() == [5]
