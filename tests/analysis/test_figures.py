"""Figures: the classic traps of the field, with data in which the right answer and the famous wrong one differ."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.figures import figures, question
from engagerr_core.analysis.subjects import lifetimes, with_one_account
from engagerr_core.errors import InvalidArgument, MixedBases, NotAdditive, UnknownName
from tests.analysis.examples import COEFFICIENTS, contents, days, frame, observation


def ask(rows, content=(), **asked) -> pd.DataFrame:
    return figures(frame(rows), contents(content), question(**asked), COEFFICIENTS)


def value(found: pd.DataFrame, metric: str, **keys) -> float:
    rows = found[found["metric"] == metric]
    for key, wanted in keys.items():
        rows = rows[rows[key] == wanted]
    assert len(rows) == 1, found
    return rows["value"].iloc[0]


WEEK = days("2026-09-07", "2026-09-13")


# ---- reach is never summed


@pytest.mark.parametrize("freq", ["W", "M", None])
def test_weekly_reach_is_not_the_sum_of_days(freq):
    rows = [observation(day=d, reach=100.0, views=150.0) for d in WEEK]
    with pytest.raises(NotAdditive, match=r"reach does not add over time.*ws\.reach"):
        ask(rows, by=["platform"], metrics=["reach"], freq=freq)
    assert value(ask(rows, by=["platform"], metrics=["views"], freq=freq), "views") == 1050


def test_daily_reach_of_one_account_is_shown_as_it_is():
    found = ask(
        [observation(day=d, reach=100.0 + i) for i, d in enumerate(WEEK)], by=["platform"], metrics=["reach"], freq="D"
    )
    assert list(found["value"]) == [100, 101, 102, 103, 104, 105, 106]
    assert set(found["origin"]) == {"native"}


def test_reach_of_two_accounts_of_one_platform_is_refused_and_kept_apart_by_account():
    rows = [observation(day=WEEK[0], reach=100.0), observation(day=WEEK[0], reach=70.0, account="second")]
    with pytest.raises(NotAdditive, match="over content"):
        ask(rows, by=["platform"], metrics=["reach"], freq="D")
    found = ask(rows, by=["platform", "account"], metrics=["reach"], freq="D")
    assert sorted(found["value"]) == [70, 100]


def test_reach_over_platforms_is_refused_even_if_only_one_is_there():
    with pytest.raises(NotAdditive, match="over platforms"):
        ask([observation(day=WEEK[0], reach=100.0)], metrics=["reach"], freq="D")


def test_reach_of_a_whole_period_is_taken_from_the_platforms_own_total():
    rows = [observation(day=d, reach=100.0) for d in WEEK] + [observation(start=WEEK[0], end=WEEK[-1], reach=420.0)]
    found = ask(rows, by=["account"], metrics=["reach"], start=WEEK[0], end=WEEK[-1])
    assert value(found, "reach") == 420  # neither 700 nor 1120
    with pytest.raises(NotAdditive):
        ask(rows, by=["account"], metrics=["reach"], start=WEEK[0], end=WEEK[-2])


# ---- bases are never mixed


def test_a_lifetime_total_never_joins_the_days():
    rows = [observation(day=d, views=10.0) for d in WEEK]
    rows += [observation(content="a", basis="stock", observed_at="2026-09-14T00:00:00Z", views=900.0)]
    posts = [{"content": "a", "published": WEEK[0]}]
    assert value(ask(rows, posts, by=["platform"], metrics=["views"]), "views") == 70
    assert value(ask(rows, posts, by=["platform"], metrics=["views"], basis="stock"), "views") == 900
    assert set(ask(rows, posts, by=["platform"], metrics=["views"], basis="stock")["basis"]) == {"stock"}


def test_another_basis_is_refused():
    with pytest.raises(MixedBases, match=r"flow.*stock"):
        question(basis="both")


def test_a_period_total_does_not_join_the_days_it_covers():
    rows = [observation(day=d, views=10.0) for d in WEEK] + [observation(start=WEEK[0], end=WEEK[-1], views=71.0)]
    assert value(ask(rows, by=["platform"], metrics=["views"], start=WEEK[0], end=WEEK[-1]), "views") == 70


def test_parts_of_a_dimension_do_not_join_the_total():
    rows = [observation(day=WEEK[0], views=10.0)]
    rows += [observation(day=WEEK[0], views=6.0, dimension="country", dimension_value=c) for c in ("DE", "FR")]
    assert value(ask(rows, by=["platform"], metrics=["views"]), "views") == 10
    by_country = ask(rows, by=["platform", "country"], metrics=["views"])
    assert dict(zip(by_country["country"], by_country["value"], strict=True)) == {"DE": 6, "FR": 6}


def test_a_youtube_table_counts_as_lifetime_only_for_videos_published_inside_its_period():
    table = {"start": "2026-09-01", "end": "2026-09-30"}
    rows = [observation(content=c, views=v, **table) for c, v in (("new", 500.0), ("old", 7000.0))]
    posts = [{"content": "new", "published": "2026-09-10"}, {"content": "old", "published": "2024-01-01"}]
    found = ask(rows, posts, by=["content"], metrics=["views"])
    assert list(found["content"]) == ["new"]
    assert value(found, "views") == 500


# ---- NULL is never 0


def test_a_sum_over_nothing_known_is_unknown_and_coverage_says_so():
    rows = [observation(day=d, views=10.0, likes=np.nan) for d in WEEK]
    found = ask(rows, by=["platform"], metrics=["views", "likes"], start=WEEK[0], end=WEEK[-1])
    assert np.isnan(value(found, "likes"))
    assert dict(zip(found["metric"], found["coverage"], strict=True)) == {"views": 1.0, "likes": 0.0}


def test_a_missing_day_lowers_coverage_and_is_no_zero():
    rows = [observation(day=d, views=10.0) for d in WEEK if d != WEEK[3]]
    found = ask(rows, by=["platform"], metrics=["views"], start=WEEK[0], end=WEEK[-1])
    assert value(found, "views") == 60
    assert found["coverage"].iloc[0] == pytest.approx(6 / 7)


def test_standard_engagements_are_unknown_while_a_part_is():
    rows = [
        observation(day=WEEK[0], views=100.0, likes=10.0),
        observation("tiktok", WEEK[0], views=100.0, likes=10.0, comments=0.0),
    ]
    found = ask(rows, by=["platform"], metrics=["standard_engagements"])
    assert np.isnan(value(found, "standard_engagements", platform="youtube"))
    assert value(found, "standard_engagements", platform="tiktok") == pytest.approx(8.5)


def test_a_known_zero_stays_zero():
    assert value(ask([observation(day=WEEK[0], views=0.0)], by=["platform"], metrics=["views"]), "views") == 0


@pytest.mark.parametrize("hole", range(7))
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_hole_at_any_day_touches_only_its_own_week(hole, bad):
    rows = [observation(day=d, views=10.0, likes=1.0, comments=0.0) for d in WEEK]
    rows[hole]["likes"] = bad
    rows += [observation(day="2026-09-14", views=10.0, likes=1.0, comments=0.0)]
    found = ask(rows, by=["platform"], metrics=["views", "likes", "engagement_rate"], freq="W")
    second = found[found["period"] == "2026-09-14"].set_index("metric")["value"]
    assert list(second) == [10, 1, 0.1]
    first = found[found["period"] == "2026-09-07"].set_index("metric")["value"]
    assert first["views"] == 70
    assert first["likes"] == (6 if np.isnan(bad) else bad)


# ---- rates


def test_a_rate_is_the_ratio_of_sums_not_the_mean_of_rates():
    rows = [
        observation(day=WEEK[0], views=1000.0, likes=10.0, comments=0.0),
        observation(day=WEEK[1], views=10.0, likes=5.0, comments=0.0),
    ]
    found = ask(rows, by=["platform"], metrics=["engagement_rate"])
    assert value(found, "engagement_rate") == pytest.approx(15 / 1010)  # the mean of the rates would be 0.255


def test_a_day_lacking_one_side_enters_neither_side_of_the_rate():
    rows = [observation(day=WEEK[0], views=1000.0, likes=10.0, comments=0.0), observation(day=WEEK[1], views=9000.0)]
    assert value(ask(rows, by=["platform"], metrics=["engagement_rate"]), "engagement_rate") == pytest.approx(0.01)


def test_averages_are_weighted():
    rows = [
        observation(day=WEEK[0], views=1000.0, average_view_seconds=60.0),
        observation(day=WEEK[1], views=10.0, average_view_seconds=600.0),
    ]
    found = ask(rows, by=["platform"], metrics=["average_view_seconds"], freq="W")
    assert value(found, "average_view_seconds") == pytest.approx((60_000 + 6_000) / 1010)


def test_watch_time_from_averages_is_called_estimated():
    rows = [
        observation(day=WEEK[0], views=100.0, average_view_seconds=30.0),
        observation(day="2026-09-14", watch_minutes=80.0),
    ]
    found = ask(rows, by=["platform"], metrics=["standard_watch_minutes"], freq="W")
    assert list(found["value"]) == [50, 80]
    assert list(found["origin"]) == ["estimated", "derived"]


def test_simpson_the_pooled_rate_stands_beside_those_of_its_strata():
    day = WEEK[0]
    rows = [
        observation(day=day, views=100.0, likes=30.0, comments=0.0),
        observation("tiktok", day, views=1000.0, likes=100.0, comments=0.0),
    ]
    apart, pooled = ask(rows, by=["platform"], metrics=["engagement_rate"]), ask(rows, metrics=["engagement_rate"])
    assert value(apart, "engagement_rate", platform="youtube") == pytest.approx(0.30)
    assert value(apart, "engagement_rate", platform="tiktok") == pytest.approx(0.085)
    assert value(pooled, "engagement_rate") == pytest.approx((30 + 85) / 1100)


# ---- standard metrics, levels, provenance


def test_views_add_over_platforms_only_as_standard_views():
    rows = [observation(day=WEEK[0], views=100.0), observation("x", WEEK[0], impressions=1000.0)]
    with pytest.raises(NotAdditive, match="standard_views"):
        ask(rows, metrics=["views"])
    found = ask(rows, metrics=["standard_views"])
    assert value(found, "standard_views") == 900
    assert found["origin"].iloc[0] == "estimated"  # impressions × 0.8 is an assumption
    assert found["coefficient_set"].iloc[0] == COEFFICIENTS.label


def test_instagram_impressions_serve_only_where_views_are_missing():
    rows = [
        observation("instagram", WEEK[0], views=100.0, impressions=900.0),
        observation("instagram", WEEK[1], impressions=900.0),
    ]
    found = ask(rows, by=["platform"], metrics=["standard_views"], freq="D")
    assert list(found["value"]) == [100, 720]
    assert list(found["origin"]) == ["derived", "estimated"]


def test_followers_are_a_level_the_last_known_day_is_read():
    rows = [observation(day=d, followers=v) for d, v in zip(WEEK, (10, 20, 30, 40, 50, 60, np.nan), strict=True)]
    assert value(ask(rows[::-1], by=["platform"], metrics=["followers"], freq="W"), "followers") == 60
    with pytest.raises(NotAdditive, match="level"):
        ask(rows, metrics=["followers"])


def test_the_definition_in_force_is_named_and_a_change_inside_a_period_is_seen():
    rows = [observation(day=d, views=10.0) for d in days("2026-08-20", "2026-09-10")]
    found = ask(rows, by=["platform"], metrics=["views"], freq="M")
    assert list(found["definition"]) == ["youtube.views | youtube.views@2026-08-24", "youtube.views@2026-08-24"]
    daily = ask(rows, by=["platform"], metrics=["views"], freq="D").set_index("period")["definition"]
    assert daily[pd.Timestamp("2026-08-23")] == "youtube.views"
    assert daily[pd.Timestamp("2026-08-24")] == "youtube.views@2026-08-24"


def test_weeks_are_iso_weeks_and_cross_the_year():
    rows = [observation(day=d, views=1.0) for d in days("2025-12-29", "2026-01-05")]
    found = ask(rows, by=["platform"], metrics=["views"], freq="W")
    assert list(found["period"].dt.date) == [date(2025, 12, 29), date(2026, 1, 5)]
    assert list(found["value"]) == [7, 1]


# ---- questions


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"metrics": ["veiws"]}, UnknownName, "views"),
        ({"metrics": []}, InvalidArgument, "at least one"),
        ({"by": ["planet"]}, InvalidArgument, "planet"),
        ({"by": ["platform", "platform"]}, InvalidArgument, "once"),
        ({"by": ["country", "age"]}, InvalidArgument, "one dimension"),
        ({"freq": "Q"}, InvalidArgument, "D \\(day\\)"),
        ({"start": "2026-02-01", "end": "2026-01-01"}, InvalidArgument, "Swap"),
    ],
)
def test_wrong_questions_are_refused_with_the_way_out(asked, kind, message):
    with pytest.raises(kind, match=message):
        question(**asked)


def test_no_rows_give_unknown_figures_with_the_right_columns():
    found = ask([], by=["platform"], metrics=["views"], freq="D")
    assert list(found.columns) == [
        "platform", "period", "metric", "value", "low", "high", "basis", "origin", "definition", "coefficient_set",
        "coverage",
    ]  # fmt: skip
    assert found.empty


def test_order_of_rows_does_not_matter():
    rng = np.random.default_rng(3)
    rows = [
        observation(p, d, views=float(rng.integers(1000)), likes=3.0, comments=1.0)
        for p in ("youtube", "tiktok")
        for d in days("2026-07-01", "2026-09-30")
    ]
    shuffled = [rows[i] for i in rng.permutation(len(rows))]
    for freq in ("D", "W", "M", None):
        pd.testing.assert_frame_equal(
            ask(rows, by=["platform"], freq=freq), ask(shuffled, by=["platform"], freq=freq), rtol=1e-12
        )


def test_equal_account_names_on_two_platforms_are_never_merged():
    rows = [observation(p, d, views=v, account="ada") for p, v in (("tiktok", 100.0), ("youtube", 7.0)) for d in WEEK]
    with pytest.raises(NotAdditive, match="standard_views"):
        ask(rows, by=["account"], metrics=["views"])
    apart = ask(rows, by=["platform", "account"], metrics=["views"])
    assert sorted(apart["value"]) == [49, 700]


def test_a_sliver_of_known_days_does_not_hide_the_platforms_own_total():
    rows = [observation(day=d, views=10.0) for d in WEEK[:2]] + [observation(start=WEEK[0], end=WEEK[-1], views=5000.0)]
    found = ask(rows, by=["platform"], metrics=["views"], start=WEEK[0], end=WEEK[-1])
    assert value(found, "views") == 5000


def test_lifetimes_are_not_split_by_a_dimension():
    with pytest.raises(MixedBases, match="flow"):
        question(by=["country"], basis="stock")
    assert question(by=["content", "country"]).basis == "flow"


@pytest.mark.parametrize("day", ["2026-13-01", "soon", "2026-10-01T00:00:00+02:00"])
def test_what_is_no_day_is_refused_in_words(day):
    with pytest.raises(InvalidArgument, match=r"is not a day\. Write it like"):
        question(start=day)


def test_the_latest_statement_of_a_post_wins_even_if_its_export_day_is_unknown():
    rows = [
        observation(content="a", basis="stock", observed_at="2026-06-01T00:00:00Z", views=100.0),
        observation(content="a", basis="stock", views=900.0),
    ]
    rows[0]["known_at"], rows[1]["known_at"] = "2026-06-02T00:00:00Z", "2026-10-20T00:00:00Z"
    posts = [{"content": "a", "published": "2026-05-01"}]
    for ordered in (rows, rows[::-1]):
        assert value(ask(ordered, posts, by=["content"], metrics=["views"]), "views") == 900


def test_a_post_is_no_older_than_its_export():
    row = observation(content="a", start="2026-01-01", end="2026-12-31", observed_at="2026-11-03T00:00:00Z", views=5.0)
    made = lifetimes(frame([row]), contents([{"content": "a", "published": "2026-11-01"}]))
    assert made["age_days"].tolist() == [2]
    late = observation(content="a", basis="stock", observed_at="2026-10-31T22:00:00Z", views=5.0)
    assert lifetimes(frame([late]), contents([{"content": "a", "published": "2026-11-01"}]))["age_days"].tolist() == [0]


def test_figures_under_a_made_up_account_are_the_real_accounts_own():
    told = (("Ada/youtube", "2026-11-01T00:00:00Z"), ("UC1", "2026-11-02T00:00:00Z"))
    rows = [observation(day=d, views=10.0, account=name, known_at=at) for d in WEEK for name, at in told]
    rows[0]["likes"] = 3.0
    both, posts = with_one_account(frame(rows), contents())
    found = figures(both, posts, question(by=["platform"], metrics=["views", "likes"]), COEFFICIENTS)
    assert value(found, "views") == 70  # not 140
    assert value(found, "likes") == 3
    several = [*rows, observation(day=WEEK[0], views=1.0, account="UC2")]
    assert set(with_one_account(frame(several), contents())[0]["account"]) == {"Ada/youtube", "UC1", "UC2"}
