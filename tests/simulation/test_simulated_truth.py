"""The truth agrees with itself: identities over seeds, windows and platforms."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.simulation import simulate
from engagerr_core.simulation.flows import PRIMARY
from engagerr_core.simulation.identifiers import linkedin_instant, tiktok_instant, x_instant
from engagerr_core.simulation.reporting import lifetime, lifetime_reach, reported
from engagerr_core.simulation.world import PLATFORMS

# the arguments, not the world: what fails is then printed in one line
arguments = st.tuples(
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.lists(st.sampled_from(PLATFORMS), min_size=2, unique=True).map(tuple),
    st.dates(date(2025, 5, 1), date(2026, 9, 1)),
    st.integers(2, 45),
)


def short_world(seed, creators, platforms, start, days):
    return simulate(seed, creators=creators, platforms=platforms, start=start, end=start + timedelta(days=days))


@settings(max_examples=12, deadline=None)
@given(arguments)
def test_parts_never_exceed_their_totals(asked):
    world = short_world(*asked)
    for flows in world.flows.values():
        views = flows.total(flows.views_metric)
        primary = PRIMARY[flows.account.platform]
        for metric in flows.daily:
            assert (flows.daily[metric] >= 0).all()
            assert (flows.total(metric) == flows.daily[metric].sum(axis=0) + flows.tail[metric]).all()
        assert (flows.reach <= views).all()
        assert (flows.new_viewers <= flows.reach).all()
        actions = "saves" if flows.account.platform == "spotify" else "likes"
        assert (flows.daily[actions] <= flows.daily[primary]).all()
        if flows.account.platform == "linkedin":
            assert (flows.daily["sponsored_impressions"] <= flows.daily["impressions"]).all()
            assert (flows.daily["views"] <= flows.daily["impressions"]).all()
        assert (flows.countries.sum(axis=1) == views).all()
        assert (flows.traffic_sources.sum(axis=1) == views).all()
        if flows.account.platform == "youtube":
            assert (flows.daily["engaged_views"] <= flows.daily["views"]).all()
            assert (flows.daily["impression_clicks"] <= flows.daily["impressions"]).all()
            longest = flows.daily["engaged_views"] * np.array([[c.duration] for c in flows.contents]).reshape(-1, 1)
            assert (flows.daily["watch_seconds"] <= longest).all()
        if -1 not in flows.corrections:
            steps = flows.total("followers_gained") - flows.followers_lost
            assert (flows.followers == flows.account.followers + np.cumsum(steps)).all()


@settings(max_examples=12, deadline=None)
@given(arguments)
def test_audiences_are_joint_distributions(asked):
    world = short_world(*asked)
    for creator, audience in world.audiences.items():
        sizes = audience.sizes
        assert (audience.cells >= 0).all()
        assert max(sizes.values()) <= audience.union <= min(sum(sizes.values()), audience.universe)
        assert sum(audience.exclusive.values()) <= audience.union
        for (a, b), both in audience.pairs.items():
            assert both <= min(sizes[a], sizes[b])
            assert both >= sizes[a] + sizes[b] - audience.universe
        for platform, size in sizes.items():
            reach = world.flows[creator, platform].reach[: world.days]
            assert reach.max() <= size + 2  # whole people: rounding moves a margin by one or two
            assert size <= max(2, reach.sum()) + 2
    for family, audience in world.family_audiences.items():
        whole = world.audiences[world.contents[family].creator]
        assert audience.union <= whole.union
        for platform, size in audience.sizes.items():
            assert size <= whole.sizes[platform] + 2


@settings(max_examples=12, deadline=None)
@given(arguments)
def test_families_are_trees_in_time(asked):
    world = short_world(*asked)
    parents = {}
    for edge in world.edges:
        source, target = world.contents[edge.source], world.contents[edge.target]
        assert source.published < target.published
        if edge.type in ("child", "derivative", "repurposed", "reference") or source.creator == target.creator:
            assert source.family == target.family
            assert target.number not in parents, "two parents"
            parents[target.number] = source.number
        else:
            assert edge.type == "reaction"
        if edge.type == "child":
            assert target.duration < source.duration
        if edge.type == "repurposed" and source.format == target.format == "short":
            assert abs(target.duration - source.duration) <= 3
    assert [c.number for c in world.contents] == list(range(len(world.contents)))
    assert len({c.id for c in world.contents}) == len(world.contents)


@settings(max_examples=12, deadline=None)
@given(arguments)
def test_identifiers_tell_the_posting_instant_where_the_platform_does(asked):
    world = short_world(*asked)
    lengths = {"youtube": 11, "instagram": 17, "facebook": 17, "tiktok": 19, "x": 19, "linkedin": 19, "spotify": 22}
    for content in world.contents:
        assert len(content.id) == lengths[content.platform]
        if content.platform == "tiktok":
            assert tiktok_instant(content.id) == content.published
        if content.platform in ("x", "linkedin"):
            instant = x_instant(content.id) if content.platform == "x" else linkedin_instant(content.id)
            assert timedelta(0) <= instant - content.published < timedelta(seconds=1)


def test_what_is_reported_grows_into_the_truth(small_world):
    start = small_world.start
    for flows in small_world.flows.values():
        platform, views = flows.account.platform, flows.total(flows.views_metric)
        early = reported(views, platform, start, start + timedelta(days=20))
        late = reported(views, platform, start, start + timedelta(days=30))
        assert len(early) == 20
        assert (early <= late[:20]).all()
        assert (late[:20] == views[:20]).all()
        if platform in ("youtube", "instagram", "tiktok") and views[19] > 10:
            assert early[19] < views[19]
        counters = lifetime(flows, flows.views_metric, start, start + timedelta(days=30))
        assert (lifetime_reach(flows, start, start + timedelta(days=30)) <= counters).all()


def test_nothing_is_seen_before_it_is_published(sample_world):
    for flows in sample_world.flows.values():
        views = flows.daily[flows.views_metric]
        for row, content in enumerate(flows.contents):
            day = (content.published.date() - sample_world.start).days
            if day > 1:
                assert not views[row, : day - 1].any()


def test_a_platform_left_out_leaves_no_trace():
    world = simulate(2, creators=1, platforms=("tiktok", "x"), start=date(2026, 6, 1), end=date(2026, 6, 30))
    assert {c.platform for c in world.contents} == {"tiktok", "x"}
    assert not any("youtube.com" in c.title for c in world.contents if c.title[0] != "=")


@pytest.mark.parametrize("position", range(6))
def test_survey_of_the_pairs_is_near_the_truth(sample_world, position):
    from engagerr_core.simulation.truth import SURVEYED, audience_pairs

    slug = sample_world.creators[position].slug
    for row in audience_pairs(sample_world)[1:]:
        if row[0] == slug:
            share = row[5] / row[6]
            assert abs(row[8] / SURVEYED - share) < 4.5 * np.sqrt(share * (1 - share) / SURVEYED) + 1 / SURVEYED
