"""Parts of a deviation add up to it, and the part that carries it is named."""

from math import isclose, isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.contributions import (
    COLUMNS,
    OTHERS,
    REST,
    by_format,
    contributions,
    leading,
    no_contributions,
    period_contributions,
)
from engagerr_core.analysis.daily import days_of
from engagerr_core.analysis.expectations import expected_of_posts, like_posts
from engagerr_core.analysis.subjects import as_text
from engagerr_core.errors import InvalidArgument, NotAdditive
from tests.analysis.examples import COEFFICIENTS, contents, days, frame, observation
from tests.naive.contributions import divided, expectation

NUMBER = st.one_of(st.floats(-1e9, 1e9), st.integers(0, 10**12).map(float), st.sampled_from([0.0, nan]))


def parts_of(rows: list[tuple[str, float, float]], how: str = "") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["part", "value", "expected"])
    return table.assign(label=table["part"].str.upper(), how=how).astype({"value": float, "expected": float})


@st.composite
def wholes(draw):
    rows = draw(st.lists(st.tuples(NUMBER, NUMBER), max_size=12))
    return draw(NUMBER), draw(NUMBER), [(f"p{i}", v, e) for i, (v, e) in enumerate(rows)]


@given(wholes(), st.sampled_from([None, 0, 1, 3, 50]))
def test_parts_add_up_to_the_whole_whatever_is_unknown(whole, keep):
    value, expected, rows = whole
    made = contributions(value, expected, parts_of(rows), dimension="content", keep=keep)
    scale = np.nanmax(np.abs([1.0, value, expected, *made["value"], *made["expected"]]))
    for column, total in (("value", value), ("expected", expected), ("deviation", value - expected)):
        found = made[column].to_numpy().sum()
        assert (isnan(found) and isnan(total)) or abs(found - total) <= 1e-12 * scale
    known = made[made["how"] != REST]
    assert np.isfinite(known[["value", "expected", "deviation"]].to_numpy()).all()
    assert list(made["rank"]) == list(range(1, len(made) + 1))
    assert made["how"].iloc[-1] == REST


@given(wholes())
def test_as_the_naive_oracle(whole):
    value, expected, rows = whole
    made = contributions(value, expected, parts_of(rows), dimension="content")
    found = {row["label"] if row["how"] != REST else None: row for row in made.to_dict("records")}
    for label, moved, share in divided(value, expected, [(part.upper(), v, e) for part, v, e in rows]):
        assert np.isclose(found[label]["deviation"], moved, rtol=1e-9, atol=1e-3, equal_nan=True)
        assert np.isclose(found[label]["share"], share, rtol=1e-6, atol=1e-6, equal_nan=True) or abs(share) > 1e6


def test_ranked_in_the_direction_of_the_deviation():
    rows = [("a", 5, 10), ("b", 90, 10), ("c", 40, 10), ("d", 10, 10), ("e", nan, 3)]
    up = contributions(150, 50, parts_of(rows), dimension="content")
    assert list(up["label"]) == ["B", "C", "D", "A", "not told apart by post"]
    assert list(up["share"]) == [0.8, 0.3, 0.0, -0.05, pytest.approx(-0.05)]
    down = contributions(50, 150, parts_of([(p, e, v) for p, v, e in rows]), dimension="content")
    assert list(down["label"]) == ["B", "C", "D", "A", "not told apart by post"]
    assert down["deviation"].iloc[0] == -80


def test_small_parts_are_put_together_and_still_add_up():
    rows = [(f"p{i}", 10.0 + i, 5.0) for i in range(9)]
    made = contributions(200, 50, parts_of(rows), dimension="content", keep=3)
    assert list(made["label"]) == ["P8", "P7", "P6", "6 others", "not told apart by post"]
    assert list(made["how"]) == ["", "", "", OTHERS, REST]
    assert made["deviation"].to_numpy().sum() == 150
    two = contributions(200, 50, parts_of(rows[:4]), dimension="content", keep=3)
    assert OTHERS not in set(two["how"])  # one other is named


def test_leading_names_nobody_where_nothing_lies_in_its_direction():
    made = contributions(10, 50, parts_of([("a", 90, 10)]), dimension="content")
    assert leading(made, "content") is None
    assert leading(no_contributions(), "content") is None
    assert list(no_contributions().columns) == list(COLUMNS)


def test_wrong_questions_are_refused():
    with pytest.raises(InvalidArgument, match=r"given twice.*total_by"):
        contributions(1, 2, parts_of([("a", 1, 1), ("a", 2, 2)]), dimension="content")
    with pytest.raises(InvalidArgument, match="platform, content, format, definition"):
        contributions(1, 2, parts_of([]), dimension="weather")


POSTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.one_of(st.none(), st.integers(0, 60)),
        st.lists(st.one_of(st.floats(0, 1e6), st.just(nan)), min_size=1, max_size=60),
    ), min_size=1, max_size=14,
)  # fmt: skip


def as_rows(posts: list[dict]) -> pd.DataFrame:
    start = pd.Timestamp("2026-01-01")
    rows = [
        {
            "creator": "Ada", "platform": "youtube", "account": "x", "content": f"c{i}", "format": post["kind"],
            "published_on": pd.NaT if post["published"] is None else start + pd.Timedelta(days=post["published"]),
            "day": start + pd.Timedelta(days=day), "views": value,
        }
        for i, post in enumerate(posts) for day, value in post["days"].items()
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"published_on": "datetime64[us]", "day": "datetime64[us]"})


@given(POSTS, st.integers(0, 100))
def test_expectations_as_the_naive_oracle(drawn, day):
    posts = [
        {"kind": kind, "published": published, "days": {(published or 0) + i: v for i, v in enumerate(values)}}
        for kind, published, values in drawn
    ]
    wanted = np.array(["2026-01-01"], "datetime64[D]") + day
    found = expected_of_posts(as_rows(posts), wanted, "views")
    of_post = {row["content"]: row for row in found.to_dict("records")}
    for i, post in enumerate(posts):
        value = post["days"].get(day, nan)
        if isnan(value):
            assert f"c{i}" not in of_post
            continue
        number, how = expectation(day, post, posts)
        row = of_post[f"c{i}"]
        assert row["how"] == how
        assert row["value"] == value
        assert (isnan(number) and isnan(row["expected"])) or isclose(row["expected"], number, rel_tol=1e-12)


def test_nothing_is_expected_of_no_posts():
    assert expected_of_posts(as_rows([{"kind": "a", "published": 0, "days": {0: nan}}]), np.array([]), "views").empty


BEFORE = (pd.Timestamp("2026-09-01"), pd.Timestamp("2026-09-14"))
NOW = (pd.Timestamp("2026-09-15"), pd.Timestamp("2026-09-28"))


def asked(rows: list[dict], table: pd.DataFrame, name: str = "standard_views", **more):
    """`period_contributions` of hand-made observations."""
    accounts, posts = (as_text(one) for one in days_of(frame(rows), table, COEFFICIENTS))
    spans = {"before": BEFORE, "now": NOW, **more}
    return period_contributions(accounts, posts, table, COEFFICIENTS, name, **spans)


def daily(platform: str, views, content: str = "", first: str = "2026-09-01", **more) -> list[dict]:
    when = pd.date_range(first, periods=len(views)).strftime("%Y-%m-%d")
    return [observation(platform, day=d, content=content, views=v, **more) for d, v in zip(when, views, strict=True)]


def adds_up(found) -> None:
    for dimension in ("platform", "content", "format", "definition"):
        parts = found.of(dimension)
        assert parts["deviation"].to_numpy().sum() == pytest.approx(found.deviation, rel=1e-12)
        assert parts["how"].iloc[-1] == REST


def test_a_planted_post_carries_the_change_of_its_period():
    usual, spike = [100.0] * 28, [100.0] * 14 + [100.0] * 7 + [900.0] * 7
    rows = [
        *daily("tiktok", [2000.0] * 14 + [2010.0] * 14),
        *daily("instagram", [1000.0] * 21 + [1800.0] * 7),
        *daily("instagram", usual, "calm"), *daily("instagram", spike, "spike"),
        *daily("instagram", [50.0] * 7, "fresh", "2026-09-22"),
    ]  # fmt: skip
    table = contents([
        {"platform": "instagram", "content": "calm", "format": "image", "published": "2026-06-01"},
        {"platform": "instagram", "content": "spike", "format": "short_video", "published": "2026-06-01",
         "title": "Up"},
        {"platform": "instagram", "content": "fresh", "format": "image", "published": "2026-09-22"},
    ])  # fmt: skip
    found = asked(rows, table)
    adds_up(found)
    assert found.deviation == 5600 + 140
    assert leading(found.parts, "platform")["label"] == "Instagram"
    post = leading(found.parts, "content")
    assert (post["label"], post["deviation"], post["expected"]) == ("Up", 5600.0, 1400.0)
    fresh = found.of("content").set_index("part").loc["instagram/instagram-1/fresh"]
    assert (fresh["value"], fresh["expected"]) == (350.0, 0.0)  # it was not there before: known to be 0
    assert leading(found.parts, "format")["part"] == "short_video"
    assert "Instagram holds 98%" in str(found)
    assert "“Up” holds most, 98%" in str(found)


def test_an_unpublished_nobody_is_unknown_not_zero():
    rows = [*daily("instagram", [10.0] * 14 + [20.0] * 14), *daily("instagram", [5.0] * 7, "who", "2026-09-22")]
    found = asked(rows, contents([{"platform": "instagram", "content": "who"}]))
    adds_up(found)
    assert list(found.of("content")["how"]) == [REST]


def test_a_change_of_definition_is_told_as_such_and_not_as_growth():
    """YouTube counts every start since 24 August 2026; the files know both notions."""
    spans = {"before": (pd.Timestamp("2026-08-10"), pd.Timestamp("2026-08-23")),
             "now": (pd.Timestamp("2026-08-24"), pd.Timestamp("2026-09-06"))}  # fmt: skip
    table = contents([{"content": "long", "format": "long_video", "published": "2026-01-01"}])
    views, engaged = [1000.0] * 68 + [1400.0] * 14, [1000.0] * 68 + [1020.0] * 14
    rows = [
        {**row, "engaged_views": e} for row, e in zip(daily("youtube", views, first="2026-06-17"), engaged, strict=True)
    ]
    found = asked(rows, table, **spans)
    adds_up(found)
    assert found.deviation == 5600
    parts = found.of("definition").set_index("part")["deviation"]
    assert parts["audience"] == pytest.approx(280)
    assert parts["definition"] == pytest.approx(5320)
    assert "95% of it is the definition, not the audience" in str(found)


def test_what_cannot_be_bridged_is_not_divided():
    spans = {"before": (pd.Timestamp("2026-08-10"), pd.Timestamp("2026-08-23")),
             "now": (pd.Timestamp("2026-08-24"), pd.Timestamp("2026-09-06"))}  # fmt: skip
    table = contents([{"content": "long", "format": "long_video", "published": "2026-01-01"}])
    found = asked(daily("youtube", [1000.0] * 68 + [1400.0] * 14, first="2026-06-17"), table, **spans)
    adds_up(found)
    parts = found.of("definition")
    assert list(parts["label"]) == ["audience or definition, not told apart"]
    assert parts["deviation"].iloc[0] == found.deviation


def test_accounts_that_one_period_knows_too_little_of_are_left_out_and_named():
    rows = [*daily("tiktok", [10.0] * 28), *daily("x", [500.0] * 10, first="2026-09-19", impressions=500.0)]
    found = asked(rows, contents())
    adds_up(found)
    assert found.left_out == ("x",)
    assert found.deviation == 0
    assert "Without X" in str(found)
    nothing = asked(daily("tiktok", [10.0] * 14), contents())
    assert isnan(nothing.deviation)
    assert "unknown" in str(nothing)
    assert nothing.of("platform")["deviation"].isna().all()


def test_refusals():
    rows = daily("tiktok", [10.0] * 28)
    with pytest.raises(NotAdditive, match="reach does not add over time"):
        asked(rows, contents(), "reach")
    with pytest.raises(InvalidArgument, match=r"14 days.*15.*same length"):
        asked(rows, contents(), before=(pd.Timestamp("2026-08-31"), BEFORE[1]))


def test_formats_of_posts_of_unknown_format_are_in_the_rest():
    of_posts = pd.DataFrame({"value": [5.0, 7.0, nan], "expected": [1.0, 2.0, 3.0], "format": ["image", "", "image"]})
    assert by_format(of_posts, "standard_views")[["part", "value", "expected"]].to_numpy().tolist() == [["image", 5, 1]]


def test_posts_are_brought_into_the_notion_of_their_account_or_left_unknown():
    """A bridged account counts engaged views: a post's own stand in, else the account's share of that day does."""
    table = contents([{"content": "long", "format": "long_video", "published": "2026-01-01"}])
    when = days("2026-08-22", "2026-08-25")
    rows = [observation(day=d, content="long", views=100.0) for d in when]
    rows += [observation(day=d, views=1000.0, engaged_views=800.0) for d in when]
    accounts, posts = (as_text(one) for one in days_of(frame(rows), table, COEFFICIENTS))
    from engagerr_core.analysis.trend_series import daily_series

    series = daily_series(accounts, table, COEFFICIENTS, "standard_views")
    made = like_posts(posts, table, series.joints, series.factors, "standard_views", COEFFICIENTS)
    assert list(made["standard_views"]) == [100.0, 100.0, 80.0, 80.0]  # before, views were engaged views
    assert list(made["scaled"]) == [False, False, True, True]
    nothing = like_posts(posts, table, series.joints, series.factors.iloc[:0], "standard_views", COEFFICIENTS)
    assert list(nothing["standard_views"].isna()) == [False, False, True, True]
