"""Planted effects are in the data, with the size that the truth tells."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engagerr_core.simulation.effects import STARTS_PER_ENGAGED_VIEW
from engagerr_core.simulation.flows import FORMAT_RATE, PRIMARY, RATES
from engagerr_core.simulation.reporting import lifetime


def effects(world, kind):
    found = [e for e in world.effects if e.kind == kind]
    assert found, kind
    return found


def position(world, day):
    return (day - world.start).days


@pytest.mark.parametrize("kind", ["outage", "campaign"])
def test_short_effects_stand_out_by_their_factor(sample_world, kind):
    for effect in effects(sample_world, kind):
        flows = sample_world.flows[effect.creator, effect.platform]
        course = flows.tail[flows.views_metric].astype(float)  # nothing is published in the tail
        first, last = position(sample_world, effect.start), position(sample_world, effect.end)
        before = np.median(course[first - 14 : first])
        assert course[first : last + 1].mean() / before == pytest.approx(effect.size, rel=0.35)


def test_change_points_shift_the_level(sample_world):
    for effect in effects(sample_world, "change_point"):
        flows = sample_world.flows[effect.creator, effect.platform]
        engaged = flows.tail[PRIMARY[effect.platform]].astype(float)
        day = position(sample_world, effect.start)
        assert engaged[day : day + 42].mean() / engaged[day - 42 : day].mean() == pytest.approx(effect.size, rel=0.25)


def test_spikes_lift_one_piece_and_with_it_the_account(sample_world):
    for effect in effects(sample_world, "spike"):
        flows = sample_world.flows[effect.creator, effect.platform]
        row = [c.id for c in flows.contents].index(effect.content_id)
        day, views = position(sample_world, effect.start), flows.total(flows.views_metric)
        usual = views[day - 28 : day].mean()
        assert 0.6 * effect.size < views[day] / usual < 1.6 * effect.size
        assert flows.daily[flows.views_metric][row, day] > 3 * flows.daily[flows.views_metric][row, day - 1]


def test_collaborations_beat_their_neighbours(sample_world):
    for effect in effects(sample_world, "collaboration"):
        flows = sample_world.flows[effect.creator, effect.platform]
        month = flows.daily["engaged_views"]
        worth = {}
        for row, content in enumerate(flows.contents):
            day = position(sample_world, content.published.date())
            if content.format == "long_video" and abs(day - position(sample_world, effect.start)) < 75:
                worth[content.id] = month[row, max(0, day) : day + 28].sum() / content.appeal
        mine = worth.pop(effect.content_id)
        assert mine / np.median(list(worth.values())) == pytest.approx(effect.size, rel=0.45)


def test_trends_are_in_the_course_and_not_in_flat_accounts(sample_world):
    growing = sample_world.flows["zoe-okafor-lindqvist", "tiktok"].tail["views"]
    fading = sample_world.flows["kaito-mensah", "youtube"].tail["engaged_views"]
    quarter = 91  # a year apart, so that the season cancels
    weekly = [
        np.log(tail[365 + quarter : 365 + 2 * quarter].sum() / tail[quarter : 2 * quarter].sum()) / (365 / 7)
        for tail in (growing.astype(float), fading.astype(float))
    ]
    assert weekly[0] == pytest.approx(np.log1p(0.012), abs=0.003)
    assert weekly[1] == pytest.approx(np.log1p(-0.011) + np.log(0.62) / (365 / 7), abs=0.003)


@pytest.mark.parametrize(("content_format", "crossed"), [("long_video", date(2026, 8, 24)), ("short", None)])
def test_views_count_starts_from_the_day_of_the_change(sample_world, content_format, crossed):
    """The jump is in views, and only there: engaged views go on as before."""
    for (_, platform), flows in sample_world.flows.items():
        if platform != "youtube":
            continue
        rows = [c.format == content_format for c in flows.contents]
        views, engaged = (flows.daily[m][rows].sum(axis=0) for m in ("views", "engaged_views"))
        day = position(sample_world, crossed) if crossed else 0
        ratio = STARTS_PER_ENGAGED_VIEW[content_format]
        assert (views[:day] == engaged[:day]).all()
        assert views[day:].sum() / engaged[day:].sum() == pytest.approx(ratio, rel=0.12)


def test_a_definition_change_outside_the_window_is_no_effect(small_world, sample_world):
    assert {e.start for e in effects(small_world, "definition_change")} == {date(2026, 8, 24)}
    assert {e.platform for e in effects(sample_world, "definition_change")} == {"youtube"}


def test_corrections_take_a_share_out_of_a_lifetime_counter(sample_world):
    views, followers = sorted(effects(sample_world, "counter_correction"), key=lambda e: e.metric == "followers")
    flows = sample_world.flows[views.creator, views.platform]
    row = [c.id for c in flows.contents].index(views.content_id)
    before, after = (lifetime(flows, "views", sample_world.start, views.start + timedelta(days=d))[row] for d in (0, 1))
    assert after / before == pytest.approx(0.88, abs=0.02)
    assert (flows.daily["views"][row] >= 0).all()  # the daily flows know nothing of it
    stock = sample_world.flows[followers.creator, followers.platform].followers
    day = position(sample_world, followers.start)
    assert stock[day] / stock[day - 1] == pytest.approx(0.88, abs=0.01)


def test_topics_and_hours_do_better_by_their_factor(sample_world):
    """Appeal carries the planted factor: recovered on average over many pieces."""
    for effect in effects(sample_world, "topic") + effects(sample_world, "publishing_time"):
        what = effect.note.split(":")[0]
        flows = sample_world.flows[effect.creator, effect.platform]
        zone = ZoneInfo(flows.account.zone)
        inside, outside = [], []
        for content in flows.contents:
            local = content.published.astimezone(zone)
            if effect.kind == "topic":
                member = content.topic == what
            else:
                name, _, span = what.partition(" ")
                low, high = map(int, span.split("-"))
                member = low <= (local.hour if name == "hours" else local.weekday()) <= high
            (inside if member else outside).append(np.log(content.appeal))
        error = np.sqrt(np.var(inside) / len(inside) + np.var(outside) / len(outside))
        assert abs(np.mean(inside) - np.mean(outside) - np.log(effect.size)) < 3.5 * error
        assert np.mean(inside) - np.mean(outside) > 0


def test_rates_are_recovered_per_platform(sample_world):
    for platform in {account.platform for account in sample_world.accounts}:
        rates, primary = RATES[platform], PRIMARY[platform]
        action = "likes" if "likes" in rates else "saves"
        logs = [
            np.log(actions / views) - np.log(rates[action] * FORMAT_RATE.get(c.format, 1.0))
            for (_, where), flows in sample_world.flows.items()
            if where == platform
            for c, actions, views in zip(
                flows.contents, flows.daily[action].sum(axis=1), flows.daily[primary].sum(axis=1), strict=True
            )
            if views > 3000
        ]
        assert abs(np.mean(logs)) < 4 * 0.28 / np.sqrt(len(logs)) + 0.01
