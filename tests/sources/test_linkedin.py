"""LinkedIn's page and archive, value by value; what its sheets have in common."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.sources import Reading, read
from engagerr_core.sources.platforms.linkedin_sheets import split
from engagerr_core.sources.tables import Table
from tests.sources.exports import csv_text, only, written
from tests.sources.exports_linkedin import (
    DEMOGRAPHICS,
    ENGAGEMENT,
    FOLLOWERS_BY_LOCATION,
    LINK,
    PAGE_CONTENT,
    PAGE_FOLLOWERS,
    PAGE_METRICS,
    PAGE_POSTS,
    PAGE_VISITORS,
    POST_A,
    POST_B,
    POST_C,
    SHARES,
    SHEETS,
    TOP_POSTS,
    by_sheet,
    part,
    same,
    whole,
    workbook,
)
from tests.sources.test_robustness import check

QUIET = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> dict[str, Reading]:
    return by_sheet(workbook(tmp_path_factory.mktemp("page") / "ada_content_1793750400000.xlsx", PAGE_CONTENT))


def test_a_pages_days_are_whole_and_split_by_promotion(page):
    reading = page["Metrics"]
    assert (reading.kind, reading.rows_read) == ("page by day", 4)
    assert reading.period == (date(2026, 10, 30), date(2026, 11, 2))
    days = whole(reading)
    assert days["impressions"].tolist() == [100, 250, 0]  # the last day is empty, which is not 0
    assert days["clicks"].tolist() == [10, 15, 0]
    assert days["likes"].tolist() == [5, -1, 0]
    assert days["shares"].tolist() == [2, 0, 0]
    assert days["platform_engagement_rate"].tolist() == [0.18, 0.056, 0]
    assert set(reading.observations["dimension"]) == {"", "promotion"}
    assert part(reading, "organic")["impressions"].tolist() == [100, 200, 0]
    assert part(reading, "sponsored")["impressions"].tolist() == [0, 50, 0]
    assert reading.observations["row"].tolist() == [3, 3, 3, 4, 4, 4, 5, 5, 5]


def test_reach_is_of_organic_posts_and_whole_only_where_nothing_was_sponsored(page):
    reading = page["Metrics"]
    assert part(reading, "organic")["reach"].tolist() == [70, 90, 0]
    assert part(reading, "sponsored")["reach"].isna().all()
    assert whole(reading)["reach"].isna().tolist() == [False, True, False]
    assert whole(reading)["reach"].dropna().tolist() == [70, 0]


def test_older_pages_say_shares_and_plain_columns_are_whole(tmp_path):
    rows = [[cell.replace("Reposts", "Shares") for cell in row] for row in PAGE_METRICS]
    assert whole(only(written(tmp_path / "a.csv", rows)))["shares"].tolist() == [2, 0, 0]
    rows = [["Date", "Impressions (organic)", "Clicks", "Reactions"], ["2026-07-10", "1200", "45", "30"]]
    reading = only(written(tmp_path / "b.csv", rows))
    assert whole(reading)["clicks"].tolist() == [45]
    assert whole(reading)["impressions"].isna().all()
    assert part(reading, "organic")["impressions"].tolist() == [1200]


def test_a_page_whose_columns_name_no_part_is_whole(tmp_path):
    rows = [["Date", "Impressions", "Unique impressions", "Reposts"], ["07/10/2026", "100", "70", "2"]]
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.observations[["dimension", "impressions", "reach", "shares"]].values.tolist() == [["", 100, 70, 2]]


def test_without_totals_the_parts_are_added_where_both_are_known(tmp_path):
    keep = [i for i, cell in enumerate(PAGE_METRICS[1]) if "total" not in cell]
    rows = [[row[i] for i in keep] for row in PAGE_METRICS[1:]]
    rows[2][keep.index(5)] = ""  # sponsored clicks of the second day
    reading = only(written(tmp_path / "a.csv", rows))
    days = whole(reading)
    assert days["impressions"].tolist() == [100, 250, 0]
    assert days["clicks"].isna().tolist() == [False, True, False]
    assert days["platform_engagement_rate"].isna().all()


def test_a_pages_posts_are_stocks_of_the_instant_in_the_files_name(page):
    reading = page["All posts"]
    assert (reading.kind, reading.rows_read) == ("page posts", 3)
    got = reading.observations
    assert got["content"].tolist() == [POST_A, POST_B, POST_C]
    assert set(got["basis"]) == {"stock"}
    assert set(got["dimension"]) == {""}
    assert set(got["observed_at"]) == {datetime.fromtimestamp(1793750400, UTC)}
    assert got["impressions"].tolist() == [1316, 900, 80]
    assert (got["likes"].tolist(), got["comments"].tolist(), got["shares"].tolist()) == (
        [42, 20, 1],
        [7, 0, 0],
        [3, 1, 0],
    )
    assert (got["clicks"].tolist(), got["followers_gained"].tolist()) == ([40, 9, 0], [2, 0, 0])
    assert got["platform_engagement_rate"].tolist() == [0.0699, 0.0333, 0.0125]
    assert got["views"].isna().tolist() == [True, False, True]  # a post without a film has no views, not 0
    posts = reading.contents
    assert posts["title"].tolist() == ["Hello,\nworld", "A film", "No film"]
    assert posts["format"].tolist() == ["image", "long_video", ""]
    assert posts["published_on"].dt.date.tolist() == [date(2025, 10, 30), date(2025, 11, 1), date(2025, 11, 2)]
    assert posts["published_at"][0] == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(POST_A) >> 22)


def test_an_id_that_does_not_fit_its_day_tells_no_instant(tmp_path):
    rows = [list(row) for row in PAGE_POSTS[:2]]
    rows[1][5] = "10/30/2024"
    assert only(written(tmp_path / "a.csv", rows)).contents["published_at"].isna().all()


@pytest.mark.parametrize(
    "address",
    [
        "https://www.linkedin.com/feed/update/urn:li:ugcPost:{}/",
        "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A{}?x=1",
        "https://www.linkedin.com/posts/ada-lovelace_engines-activity-{}-AbCd",
        "https://www.linkedin.com/posts/ada_a-share-{}-x_1",
    ],
)
def test_the_id_of_a_post_is_in_its_address(tmp_path, address):
    rows = [PAGE_POSTS[0], [PAGE_POSTS[1][0], address.format(POST_A), *PAGE_POSTS[1][2:]]]
    assert only(written(tmp_path / "a.csv", rows)).observations["content"].tolist() == [POST_A]


def test_a_post_without_an_id_is_refused(tmp_path):
    rows = [PAGE_POSTS[0], [PAGE_POSTS[1][0], "https://www.linkedin.com/pulse/engines", *PAGE_POSTS[1][2:]]]
    assert only(written(tmp_path / "a.csv", rows)).rejected["reason"].tolist() == ["no id of the post in its address"]


def test_a_post_that_was_sponsored_too_is_split_and_its_parts_added(tmp_path):
    organic, paid = list(PAGE_POSTS[1]), list(PAGE_POSTS[1])
    paid[2], paid[9], paid[12], paid[14] = "Sponsored", "1000", "5", ""
    reading = only(written(tmp_path / "a.csv", [PAGE_POSTS[0], organic, paid, PAGE_POSTS[2]]))
    assert part(reading, "organic")["impressions"].tolist() == [1316]
    assert part(reading, "sponsored")["impressions"].tolist() == [1000]
    posts = whole(reading).set_index("content")
    assert (posts["impressions"][POST_A], posts["clicks"][POST_A], posts["row"][POST_A]) == (2316, 45, 0)
    assert posts.loc[POST_A, ["likes", "platform_engagement_rate"]].isna().all()  # half of it is not known
    assert posts["impressions"][POST_B] == 900
    assert len(reading.contents) == 2


def test_the_same_row_twice_is_one_post(tmp_path):
    reading = only(written(tmp_path / "a.csv", [PAGE_POSTS[0], PAGE_POSTS[1], PAGE_POSTS[1]]))
    assert whole(reading)["impressions"].tolist() == [1316]


def test_a_pages_followers_may_fall(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"New followers": PAGE_FOLLOWERS, "Location": FOLLOWERS_BY_LOCATION})
    found = by_sheet(path)
    days = found["New followers"]
    assert (days.kind, days.rows_read) == ("page followers by day", 2)
    assert whole(days)["followers_gained"].tolist() == [5, -1]
    assert part(days, "organic")["followers_gained"].tolist() == [4, -3]
    assert part(days, "auto-invited")["followers_gained"].tolist() == [1, 0]
    assert "followers" not in days.observations
    places = found["Location"].observations
    assert places["dimension_value"].tolist() == ["Graz, Austria", "Greater Vienna"]
    assert (places["followers"].tolist(), set(places["basis"]), set(places["dimension"])) == (
        [120, 80],
        {"stock"},
        {"location"},
    )


@pytest.mark.parametrize(
    ("header", "dimension"),
    [
        ("Job function", "job_function"),
        ("Seniority", "seniority"),
        ("Industry", "industry"),
        ("Company size", "company_size"),
    ],
)
def test_a_pages_people_are_split_in_five_ways(tmp_path, header, dimension):
    reading = only(written(tmp_path / "a.csv", [[header, "Total followers"], ["One", "3"], ["Two", ""]]))
    assert reading.kind == f"followers by {dimension.replace('_', ' ')}"
    assert reading.observations[["dimension", "followers"]].values.tolist() == [[dimension, 3]]
    visitors = only(written(tmp_path / "b.csv", [[header, "Total views"], ["One", "3"]]))
    assert visitors.observations[["dimension", "profile_visits", "basis"]].values.tolist() == [[dimension, 3, "flow"]]


def test_a_pages_visitors(tmp_path):
    reading = only(written(tmp_path / "a.csv", PAGE_VISITORS))
    assert (reading.kind, reading.rows_read) == ("page visitors by day", 2)
    assert whole(reading)["profile_visits"].tolist() == [15, 2]
    assert whole(reading)["unique_visitors"].tolist() == [9, 1]  # less than desktop and mobile together
    assert part(reading, "mobile")["profile_visits"].tolist() == [10, 2]
    assert set(reading.observations["dimension"]) == {"", "device"}
    assert len(reading.unknown_columns) == 6
    assert "reach" not in reading.observations


def test_the_archive_lists_posts_without_figures(tmp_path):
    reading = only(written(tmp_path / "Shares.csv", SHARES))
    assert reading.kind == "shares"
    assert reading.observations.empty
    (post,) = reading.contents.to_dict("records")
    assert (post["content"], post["title"]) == (POST_A, "One\ntwo")
    assert post["published_on"].date() == date(2025, 10, 30)


def test_a_comparison_of_pages_is_refused_with_its_reason(tmp_path):
    rows = [["10/27/2026", "11/2/2026"], ["Page", "New Followers", "Posts", "Reactions"], ["Ada", "3", "4", "5"]]
    (reading,) = read(written(tmp_path / "a.csv", rows))
    assert "compares pages" in reading.failure


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_saved_as_csv_tells_the_same(tmp_path, name):
    """Titles keep their place above the header; spreadsheets pad short rows."""
    width = max(map(len, SHEETS[name]))
    padded = [[*row, *[""] * (width - len(row))] for row in SHEETS[name]]
    folder = tmp_path / "AggregateAnalytics_Ada_2026-10-27_2026-11-02"
    inside = list(read(workbook(folder / "a.xlsx", {name: SHEETS[name]})))
    for delimiter in (",", ";", "\t"):
        path = tmp_path / "csv" / f"{ord(delimiter)}" / "AggregateAnalytics_Ada_2026-10-27_2026-11-02.csv"
        path.parent.mkdir(parents=True)
        path.write_text(csv_text(padded, delimiter), encoding="utf-8-sig")
        outside = list(read(path))
        assert [reading.failure for reading in outside] == [""] * len(inside)
        assert [reading.kind for reading in outside] == [reading.kind for reading in inside]
        if name != "TOP POSTS":  # whose period is in the name of the file, not of the folder
            assert all(same(one, other) for one, other in zip(inside, outside, strict=True))


PORTUGUESE = [
    ["Relatório agregado"],
    ["Data", "Impressões (orgânicas)", "Impressões (patrocinadas)", "Impressões (total)",
     "Impressões únicas (orgânicas)", "Cliques (orgânicos)", "Cliques (patrocinados)", "Cliques (total)",
     "Reações (total)", "Compartilhamentos (total)",
     "Taxa de engajamento (total)"],
    ["07/10/2026", "90", "10", "100", "70", "8", "2", "10", "5", "1", "0.17"],
]  # fmt: skip
SPANISH = [
    ["Fecha", "Impresiones (orgánicas)", "Impresiones (patrocinadas)", "Impresiones totales",
     "Impresiones únicas (orgánicas)", "Clics (orgánicos)", "Clics (patrocinados)", "Clics (Totales)",
     "Reacciones (total)", "Veces compartido (total)", "Tasa de interacción (total)"],
    PORTUGUESE[2],
]  # fmt: skip
GERMAN = [
    ["Datum", "Impressionen (organisch)", "Impressionen (gesponsert)", "Impressionen (gesamt)",
     "Eindeutige Impressionen (organisch)", "Klicks (organisch)", "Klicks (gesponsert)", "Klicks (gesamt)",
     "Reaktionen (gesamt)",
     "Reposts (gesamt)", "Engagement-Rate (gesamt)"],
    PORTUGUESE[2],
]  # fmt: skip


@pytest.mark.parametrize("rows", [PORTUGUESE, SPANISH, GERMAN], ids=["portuguese", "spanish", "german"])
def test_a_page_in_other_languages(tmp_path, rows):
    reading = only(written(tmp_path / "a.csv", rows))
    (day,) = whole(reading).to_dict("records")
    assert day["period_start"].date() == date(2026, 7, 10)  # a page's days are month first in every language
    assert (day["impressions"], day["clicks"], day["likes"], day["shares"]) == (100, 10, 5, 1)
    assert day["platform_engagement_rate"] == 0.17
    assert part(reading, "organic")["reach"].tolist() == [70]
    assert part(reading, "sponsored")[["impressions", "clicks"]].values.tolist() == [[10, 2]]


def test_posts_in_portuguese(tmp_path):
    header = ["Título da publicação", "Link da publicação", "Tipo de publicação", "Publicada por", "Criação",
              "Impressões", "Visualizações", "Visualizações fora do site", "Cliques", "Taxa de cliques (CTR)",
              "Gostaram", "Comentários", "Compartilhamentos", "Seguidores", "Taxa de engajamento",
              "Tipo de conteúdo"]  # fmt: skip
    row = [
        "Olá",
        LINK + POST_A,
        "Orgânico",
        "Ada",
        "10/30/2025",
        "100",
        "20",
        "0",
        "10",
        "0.1",
        "5",
        "1",
        "2",
        "0",
        "0.17",
        "Vídeo",
    ]
    reading = only(written(tmp_path / "a.csv", [["Relatório por publicação"], header, row]))
    (got,) = reading.observations.to_dict("records")
    assert (got["likes"], got["comments"], got["shares"], got["views"], got["followers_gained"]) == (5, 1, 2, 20, 0)
    assert (got["dimension"], reading.contents["format"].tolist()) == ("", ["long_video"])


@QUIET
@given(data=st.data())
@pytest.mark.parametrize("rows", [PAGE_METRICS[1:], PAGE_FOLLOWERS, PAGE_VISITORS, PAGE_POSTS])
def test_columns_come_in_any_order(tmp_path, rows, data):
    order = data.draw(st.permutations(range(len(rows[0]))))
    turned = only(written(tmp_path / "b.csv", [[row[i] for i in order] for row in rows]))
    assert same(only(written(tmp_path / "a.csv", rows)), turned)


@pytest.mark.parametrize(
    "rows",
    [
        [["Date", "Impressions", "Engagements"], ["Sat, Aug 1, 2026", "5", "1"]],  # X's, with columns taken away
        [["Post title", "Post link", "Posted", "", "Impressions", "Clicks", "Likes"],
         ["a", LINK + POST_A, "b", "", "1", "2", "3"]],
        [["Name", "Address"], ["Ada", "https://www.linkedin.com/in/ada"]],
        [["Date", "Total followers"], ["10/30/2026", "5"]],
        [["Report", "1/1/2026"], ["Date", "Sales"], ["1/1/2026", "5"]],
        [["Fruit", "Value", "Percentage"], ["Apple", "red", "5%"]],
    ],
)  # fmt: skip
def test_what_only_resembles_is_not_taken(tmp_path, rows):
    (reading,) = read(written(tmp_path / "a.csv", rows))
    assert reading.failure
    assert reading.observations.empty


@QUIET
@given(
    name=st.sampled_from(sorted(SHEETS)),
    edits=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 24), st.one_of(st.text(max_size=12), st.sampled_from(
        ["", "Total", "0", "-1", "1e400", "Date", LINK + POST_A, "10/30/2026", "13/30/2026", "< 1%", "2026-02-30"])
    )), max_size=8),
    drop=st.lists(st.integers(0, 24), max_size=2),
)  # fmt: skip
def test_mutated_sheets(tmp_path, name, edits, drop):
    rows = [list(row) for row in SHEETS[name] if row]
    for i, j, text in edits:
        row = rows[i % len(rows)]
        row[j % len(row)] = text
    rows = [[cell for j, cell in enumerate(row) if j not in drop] for row in rows]
    (tmp_path / "a.csv").write_bytes(csv_text(rows).encode("utf-8", errors="replace"))
    check(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["Metrics", "New followers", "ENGAGEMENT", "TOP POSTS", "FOLLOWERS", "DEMOGRAPHICS"])
def test_a_row_that_was_cut_off_is_set_aside(tmp_path, name):
    rows = [row for row in SHEETS[name] if row]
    cut = list(read(written(tmp_path / "a.csv", [*rows[:-1], rows[-1][:-1]])))
    assert [len(reading.rejected) for reading in cut] == [1, *[0] * (len(cut) - 1)]
    assert "cells where the header has" in cut[0].rejected["reason"][0]
    assert rows[-1][0] in cut[0].rejected["value"][0]
    assert not any((reading.observations["row"] == len(rows)).any() for reading in cut)


@pytest.mark.parametrize(
    "rows",
    [PAGE_METRICS[:2], PAGE_FOLLOWERS[:1], PAGE_VISITORS[:1], ENGAGEMENT[:1], TOP_POSTS[:3], DEMOGRAPHICS[:1]],
    ids=["page", "followers", "visitors", "engagement", "top posts", "demographics"],
)
def test_sheets_without_rows_are_no_failure(tmp_path, rows):
    reading = only(written(tmp_path / "a.csv", [row for row in rows if row]))
    assert reading.platform == "linkedin"
    assert (reading.rows_read, len(reading.observations)) == (0, 0)


@pytest.mark.parametrize("header", ["Klicks insgesamt", "Clic totali", "Total clicks"])
def test_a_word_for_all_without_brackets_is_not_linkedins(header):
    assert not split(Table(rows=[["Date", header], ["01.05.2026", "7"]], lines=[1, 2]))
    assert split(Table(rows=[["Date", "Impressions (total)"], ["05/01/2026", "7"]], lines=[1, 2]))
