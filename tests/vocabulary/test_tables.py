"""The shipped tables mean what they say and contradict nobody."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from engagerr_core.errors import InvalidArgument, NotAdditive, UnknownName
from engagerr_core.vocabulary.benchmarks import COLUMNS, benchmarks
from engagerr_core.vocabulary.coefficients import coefficient_set_from, load_coefficient_set
from engagerr_core.vocabulary.definitions import (
    definition_changes,
    definition_in_force,
    definitions,
    definitions_of,
)
from engagerr_core.vocabulary.metrics import AXES, derived, metric, metrics, native, require_additive, standard
from engagerr_core.vocabulary.platforms import platform, platforms

RULES = {"sum", "last", "weighted", "estimate", "never"}
# The table that the product's owner gave: platform, native, standard, value.
GIVEN = {
    ("youtube", "views", "standard_views"): 1.0, ("youtube", "watch_minutes", "standard_watch_minutes"): 1.0,
    ("youtube", "likes", "standard_engagements"): 1.0, ("youtube", "comments", "standard_engagements"): 5.0,
    ("youtube", "shares", "standard_shares"): 10.0, ("instagram", "impressions", "standard_views"): 0.8,
    ("instagram", "views", "standard_views"): 1.0, ("instagram", "likes", "standard_engagements"): 0.9,
    ("instagram", "comments", "standard_engagements"): 4.5, ("instagram", "saves", "standard_engagements"): 15.0,
    ("tiktok", "views", "standard_views"): 1.0, ("tiktok", "watch_minutes", "standard_watch_minutes"): 1.0,
    ("tiktok", "likes", "standard_engagements"): 0.85, ("tiktok", "comments", "standard_engagements"): 4.8,
    ("tiktok", "shares", "standard_shares"): 12.0, ("linkedin", "likes", "standard_engagements"): 1.0,
    ("linkedin", "comments", "standard_engagements"): 5.0, ("linkedin", "shares", "standard_shares"): 10.0,
    ("linkedin", "clicks", "standard_engagements"): 2.0, ("x", "likes", "standard_engagements"): 1.0,
    ("x", "comments", "standard_engagements"): 5.0, ("x", "shares", "standard_shares"): 10.0,
    ("x", "quotes", "standard_engagements"): 8.0, ("x", "saves", "standard_engagements"): 3.0,
}  # fmt: skip


@pytest.mark.parametrize("one", metrics().values(), ids=lambda m: m.name)
def test_every_metric_declares_only_known_rules(one):
    assert set(one.over) <= set(AXES)
    assert {one.rule(axis) for axis in AXES} <= RULES
    assert one.kind in {"native", "estimated", "standard", "derived"}
    assert one.unit in {"count", "people", "minutes", "seconds", "money", "fraction"}
    assert one.name.isidentifier()
    assert one.meaning.endswith(".")


def test_no_people_and_no_rate_is_ever_summed():
    for one in metrics().values():
        if one.unit in ("people", "fraction", "seconds"):
            assert "sum" not in {one.rule(axis) for axis in AXES}, one.name


def test_native_counts_do_not_add_over_platforms_and_standard_ones_do():
    for name in native():
        if metric(name).unit in ("count", "minutes"):
            with pytest.raises(NotAdditive, match=r"ws\.|standard_views|keep"):
                require_additive(name, over="platform")
    for name in standard():
        require_additive(name, over="platform")


def test_weights_and_sides_of_ratios_are_metrics_that_add_over_time():
    for one in metrics().values():
        for axis in AXES:
            if one.weight(axis):
                assert metric(one.weight(axis)).rule(axis) == "sum", one.name
    for name in derived():
        one = metric(name)
        assert metric(one.numerator).rule("time") == metric(one.denominator).rule("time") == "sum"


def test_refusal_says_what_was_asked_why_not_and_what_instead():
    with pytest.raises(NotAdditive, match=r"sum of reach.*does not add over content.*estimate_reach"):
        require_additive("reach", over="content")
    with pytest.raises(UnknownName, match=r"no metric 'veiws'.*views"):
        metric("veiws")
    with pytest.raises(UnknownName, match="youtube"):
        platform("youtub")


def test_given_coefficients_are_the_given_table_and_nothing_else_is_called_given():
    terms = {(t.platform, t.native, t.standard): t for t in load_coefficient_set().terms}
    given = {key: t.value for key, t in terms.items() if t.origin == "given"}
    assert given == GIVEN
    assert all(t.note for t in terms.values() if t.origin == "assumed")


def test_every_platform_has_a_way_to_standard_views():
    ways = load_coefficient_set().alternatives
    assert [p for p in platforms() if p != "meta" and (p, "standard_views") not in ways] == []


def test_optional_terms_give_a_second_way_without_them():
    first, second = load_coefficient_set().alternatives["x", "standard_engagements"]
    assert "quotes" in first
    assert second == {k: v for k, v in first.items() if k != "quotes"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"platform": "myspace"}, "no platform 'myspace'"),
        ({"native": "standard_views"}, "not a native metric"),
        ({"standard": "likes"}, "not a standard metric"),
        ({"value": float("nan")}, "not a number from 0 up"),
        ({"value": -1.0}, "not a number from 0 up"),
        ({"origin": "guessed"}, "none of given, assumed, calibrated"),
        ({"origin": "assumed", "note": ""}, "needs a note"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_faulty_coefficient_set_names_the_term(change, message):
    term = {"platform": "x", "native": "likes", "standard": "standard_engagements", "value": 1.0, "origin": "given"}
    with pytest.raises(InvalidArgument, match=message):
        coefficient_set_from({"name": "own", "version": "1", "term": [term | change]})


def test_a_workspace_overrides_a_set_and_a_missing_or_outside_one_is_refused(tmp_path):
    text = (
        'name = "own"\nversion = "3"\n[[term]]\nplatform = "x"\nnative = "likes"\nstandard = "standard_engagements"\n'
    )
    (tmp_path / "own.toml").write_text(text + 'value = 2.0\norigin = "calibrated"\n')
    assert load_coefficient_set("own", tmp_path).label == "own 3"
    with pytest.raises(InvalidArgument, match="no coefficient set 'other'"):
        load_coefficient_set("other", tmp_path)
    with pytest.raises(InvalidArgument, match="letters, digits"):
        load_coefficient_set("../default")
    (tmp_path / "torn.toml").write_text("name = ")
    with pytest.raises(InvalidArgument, match=r"torn\.toml is not TOML"):
        load_coefficient_set("torn", tmp_path)


def test_definitions_follow_each_other_without_gap_or_overlap():
    for key in {(d.platform, d.metric, d.formats) for d in definitions()}:
        chain = sorted(
            (d for d in definitions() if (d.platform, d.metric, d.formats) == key),
            key=lambda d: d.valid_from or date.min,
        )
        for one, following in pairwise(chain):
            assert one.valid_to + timedelta(1) == following.valid_from


def test_definition_in_force_on_each_side_of_a_change_and_across_it():
    before, after = date(2026, 8, 23), date(2026, 8, 24)
    assert definition_in_force("youtube", "views", before, before) == "youtube.views"
    assert definition_in_force("youtube", "views", after, after) == "youtube.views@2026-08-24"
    assert definition_in_force("youtube", "views", before, after) == "youtube.views | youtube.views@2026-08-24"
    assert definition_in_force("tiktok", "likes", before, after) == "tiktok.likes"
    assert definitions_of("youtube", "views", "short_video")[1].valid_from == date(2025, 3, 31)


def test_the_changes_that_the_field_knows_are_all_there():
    found = {(c.platform, c.metric, c.day) for c in definition_changes()}
    assert {
        ("youtube", "views", date(2025, 3, 31)), ("youtube", "views", date(2026, 8, 24)),
        ("instagram", "views", date(2025, 4, 21)), ("instagram", "impressions", date(2025, 4, 21)),
        ("facebook", "impressions", date(2025, 11, 15)), ("facebook", "impressions", date(2026, 6, 15)),
    } <= found  # fmt: skip
    assert definition_changes(("tiktok",)) == ()


def test_benchmarks_carry_their_source_and_never_mix_percent_with_fractions():
    table = benchmarks()
    assert list(table.columns) == list(COLUMNS)
    assert table[["platform", "metric", "denominator", "statistic", "source"]].notna().all().all()
    assert set(table["platform"]) <= set(platforms())
    rates = table[table["metric"] == "engagement_rate"]
    assert rates["mid"].between(0, 0.2).all()
    assert not table.duplicated(
        ["platform", "metric", "denominator", "statistic", "segment", "period_start", "source"]
    ).any()
