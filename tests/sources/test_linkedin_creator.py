"""LinkedIn's workbooks of a creator and of one post, value by value."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.sources import Reading, read
from tests.sources.exports import only, written
from tests.sources.exports_linkedin import (
    CREATOR,
    DEMOGRAPHICS,
    ENGAGEMENT,
    FOLLOWERS,
    LINK,
    PERFORMANCE,
    POST_A,
    POST_B,
    POST_DEMOGRAPHICS,
    TOP_POSTS,
    by_sheet,
    workbook,
)

QUIET = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def creator(tmp_path_factory) -> dict[str, Reading]:
    name = "AggregateAnalytics_Ada_2026-10-27_2026-11-02.xlsx"
    return by_sheet(workbook(tmp_path_factory.mktemp("creator") / name, CREATOR, text_only=True))


def test_the_creators_period_as_a_whole(creator):
    reading = creator["DISCOVERY"]
    assert (reading.kind, reading.period) == ("creator discovery", (date(2026, 10, 27), date(2026, 11, 2)))
    (row,) = reading.observations.to_dict("records")
    assert (row["impressions"], row["reach"], row["basis"]) == (4821, 2187, "flow")
    assert (row["period_start"].date(), row["period_end"].date()) == reading.period


def test_the_creators_days(creator):
    days = creator["ENGAGEMENT"]
    assert (days.kind, days.rows_read) == ("creator engagement by day", 7)
    assert days.observations["impressions"].tolist() == [100, 200, 300, 400, 500, 600, 700]
    assert days.observations["engagements"].tolist() == [-1, 0, 1, 2, 3, 4, 5]
    assert days.period == (date(2026, 10, 27), date(2026, 11, 2))
    followers = creator["FOLLOWERS"].observations
    assert followers["followers_gained"].tolist() == [1, 2]
    assert followers["followers"].isna().tolist() == [True, False]
    assert followers["followers"].max() == 2571


def test_a_total_of_a_later_day_stands_for_itself(tmp_path):
    rows = [["Total followers on 11/5/2026:", "2600"], *FOLLOWERS[1:]]
    reading = only(written(tmp_path / "a.csv", rows))
    got = reading.observations.sort_values("period_start")
    assert got["period_start"].dt.date.tolist() == [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 5)]
    assert got["followers"].tolist()[-1] == 2600
    assert got["followers_gained"].isna().tolist() == [False, False, True]
    assert reading.period == (date(2026, 11, 1), date(2026, 11, 2))


def test_the_top_posts_stand_side_by_side_and_are_joined_by_their_addresses(creator):
    reading = creator["TOP POSTS"]
    assert (reading.kind, reading.rows_read) == ("creator top posts", 3)
    got = reading.observations.set_index("content")
    assert got.loc[POST_A, ["engagements", "impressions"]].tolist() == [31, 800]
    assert got.loc[POST_B, ["engagements", "impressions"]].tolist() == [12, 900]
    assert got["engagements"].isna().tolist() == [False, False, True]  # not among the 50: not 0
    assert set(got["basis"]) == {"flow"}
    assert reading.period == (date(2026, 10, 27), date(2026, 11, 2))
    assert reading.contents["published_on"].dt.date.tolist() == [
        date(2025, 10, 30),
        date(2025, 11, 1),
        date(2025, 11, 2),
    ]


def test_the_period_of_top_posts_is_the_callers_first(tmp_path):
    path = workbook(tmp_path / "Content_2026-10-27_2026-11-02_Ada.xlsx", {"TOP POSTS": TOP_POSTS})
    said = (date(2026, 10, 1), date(2026, 10, 2))
    assert only(path, period=said).period == said
    assert only(path).period == (date(2026, 10, 27), date(2026, 11, 2))
    unnamed = only(workbook(tmp_path / "a" / "posts.xlsx", {"TOP POSTS": TOP_POSTS}))
    assert unnamed.period is None
    assert len(unnamed.observations) == 3


def test_the_creators_audience(creator):
    titles, sizes = creator["DEMOGRAPHICS › Job title"], creator["DEMOGRAPHICS › Company size"]
    assert (titles.kind, titles.rows_read, sizes.rows_read) == ("followers by job title", 2, 1)
    assert titles.observations["dimension_value"].tolist() == ["Engineer"]  # less than 1 % is not known
    assert titles.observations["followers_share"].tolist() == [0.12]
    assert sizes.observations["followers_share"].tolist() == [0.31]
    assert titles.file != sizes.file


def test_shares_of_viewers_are_not_shares_of_followers(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"CONTENT DEMOGRAPHICS": DEMOGRAPHICS})
    found = by_sheet(path, period=(date(2026, 10, 27), date(2026, 11, 2)))["CONTENT DEMOGRAPHICS › Job title"]
    assert found.kind == "viewers by job title"
    assert found.observations[["reach_share", "basis"]].values.tolist() == [[0.12, "flow"]]


def test_one_post(tmp_path):
    name = f"PostAnalytics_AdaLovelace_{POST_A}.xlsx"
    found = by_sheet(workbook(tmp_path / name, {"PERFORMANCE": PERFORMANCE, "TOP DEMOGRAPHICS": POST_DEMOGRAPHICS}))
    (row,) = found["PERFORMANCE"].observations.to_dict("records")
    assert found["PERFORMANCE"].kind == "post performance"
    assert (row["content"], row["basis"], row["impressions"], row["reach"]) == (POST_A, "stock", 1316, 940)
    assert (row["engagements"], row["likes"], row["comments"], row["shares"]) == (82, 42, 7, 3)
    assert (row["saves"], row["followers_gained"]) == (12, 2)
    assert found["PERFORMANCE"].contents["published_on"].dt.date.tolist() == [date(2025, 10, 30)]
    assert any("private" in column for column in found["PERFORMANCE"].unknown_columns)
    places = found["TOP DEMOGRAPHICS › Location"].observations
    assert places[["content", "dimension_value", "reach_share"]].values.tolist() == [[POST_A, "Graz", 0.22]]
    refused = read(workbook(tmp_path / "b" / "mine.xlsx", {"TOP": POST_DEMOGRAPHICS}))
    assert ["PostAnalytics_" in reading.failure for reading in refused] == [True, True]


def test_a_creators_workbook_in_other_languages(tmp_path):
    """Days are day first; where the words are not known the form of the sheet tells."""
    sheets = {
        "Descoberta": [["Desempenho geral", "03/10/2025 - 02/10/2026"], ["Impressões", "289"],
                       ["Usuários alcançados", "59"]],
        "発見": [["全体", "2026/10/27 - 2026/11/2"], ["表示回数", "289"], ["リーチ", "59"]],
        "Engajamento": [["Data", "Impressões", "Engajamentos"], ["01/11/2026", "5", "-28"], ["02/11/2026", "0", "0"]],
        "Seguidores": [["Total de seguidores em 02/11/2026:", "2571"], ["Data", "Novos seguidores"],
                       ["01/11/2026", "1"], ["02/11/2026", "2"]],
        "Publicações mais em alta": [["Máximo de 50"], ["URL", "Dia", "A", "", "URL", "Dia", "B"],
                                     ["", "", "", "", LINK + POST_A, "03/10/2025", "21"]],
        "Dados demográficos do público": [["Principais dados", "Valor", "Porcentagem"], ["Cargo", "Engenheira", "2%"],
                                          ["Cargo", "Reitora", "menos de 1%"]],
        "Dados demográficos do conteúdo": [["Principais dados", "Valor", "Porcentagem"], ["Setor", "Ensino", "7%"]],
    }  # fmt: skip
    sheets["Dados demográficos do público"][0][0] = "Principais dados demográficos"
    found = by_sheet(workbook(tmp_path / "AggregateAnalytics_Ada_2025-10-03_2026-10-02.xlsx", sheets, text_only=True))
    assert found["Descoberta"].period == (date(2025, 10, 3), date(2026, 10, 2))
    assert found["Descoberta"].observations[["impressions", "reach"]].values.tolist() == [[289, 59]]
    assert found["発見"].period == (date(2026, 10, 27), date(2026, 11, 2))
    assert found["発見"].observations[["impressions", "reach"]].values.tolist() == [[289, 59]]
    assert found["Engajamento"].period == (date(2026, 11, 1), date(2026, 11, 2))
    assert found["Engajamento"].observations["engagements"].tolist() == [-28, 0]
    assert found["Seguidores"].observations["followers"].max() == 2571
    top = found["Publicações mais em alta"]
    assert top.observations[["content", "impressions"]].values.tolist() == [[POST_A, 21]]
    assert top.observations["engagements"].isna().all()
    assert top.contents["published_on"].dt.date.tolist() == [date(2025, 10, 3)]
    assert found["Dados demográficos do público › Job title"].observations["followers_share"].tolist() == [0.02]
    assert found["Dados demográficos do conteúdo › Industry"].observations["reach_share"].tolist() == [0.07]


@QUIET
@given(first=st.dates(date(2020, 1, 1), date(2026, 1, 1)), length=st.integers(2, 40), month_first=st.booleans())
def test_days_are_told_from_their_order_in_whatever_order_they_are_written(tmp_path, first, length, month_first):
    days = [first + timedelta(days=i) for i in range(length)]
    form = "{0.month}/{0.day}/{0.year}" if month_first else "{0.day}/{0.month}/{0.year}"
    rows = [ENGAGEMENT[0], *([form.format(day), str(i), "0"] for i, day in enumerate(days))]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations["period_start"].dt.date.tolist() == days


def test_followers_without_days_still_tell_the_total(tmp_path):
    reading = only(written(tmp_path / "a.csv", FOLLOWERS[:3]))
    assert reading.observations["followers"].tolist() == [2571]
    assert reading.observations["period_start"].dt.date.tolist() == [date(2026, 11, 2)]
