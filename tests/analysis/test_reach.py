"""Bounds of different people: they always hold, for any overlap."""

from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.audience import estimate_reach
from engagerr_core.analysis.audience import reach_bounds as bounds_of
from engagerr_core.errors import InvalidArgument

SIZES = st.dictionaries(st.sampled_from(["youtube", "tiktok", "x", "instagram"]), st.integers(0, 10**9), min_size=1)


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=40))
def test_bounds_hold_for_any_real_audience(people):
    table = np.array(people)
    names = ["youtube", "tiktok", "x"]
    made = estimate_reach(dict(zip(names, table.sum(axis=0).tolist(), strict=True)))
    union = int(table.any(axis=1).sum())
    assert made.lower_bound <= union <= made.upper_bound


@given(SIZES, st.integers(0, 10**9))
def test_invariants(sizes, more):
    made = estimate_reach(sizes)
    assert max(sizes.values()) == made.lower_bound <= made.upper_bound == sum(sizes.values())
    assert estimate_reach(dict(reversed(sizes.items()))).upper_bound == made.upper_bound
    assert estimate_reach(sizes | {"spotify": 0}).upper_bound == made.upper_bound
    wider = estimate_reach(sizes | {"spotify": more})
    assert wider.lower_bound >= made.lower_bound  # adding a platform never lowers the union
    assert isnan(made.total) == (len(sizes) > 1)


def test_unknown_sizes_leave_the_lower_bound_and_open_the_upper():
    made = estimate_reach({"youtube": 100, "tiktok": nan})
    assert (made.lower_bound, made.upper_bound, made.unbounded) == (100, inf, ("tiktok",))
    assert "At least 100" in str(made)
    assert "TikTok" in made.flags[0]
    assert isnan(estimate_reach({"tiktok": nan}).lower_bound)
    assert "unknown" in str(estimate_reach({}))


@pytest.mark.parametrize("size", [-1, (5, 3), inf])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(InvalidArgument, match="tiktok"):
        estimate_reach({"youtube": 10, "tiktok": size})


def _days(reach, views, platform="tiktok"):
    return pd.DataFrame({"platform": platform, "account": "a", "reach": reach, "views": views}, dtype=object).astype(
        {"reach": float, "views": float}
    )


NOTHING = _days([], [])


def reach_bounds(daily, totals, posts, days):
    counted = {"tiktok": ("views",), "x": ("impressions",)}
    return bounds_of(daily, totals, posts, days, {name: counted[name] for name in set(daily["platform"])})


def test_a_platform_of_which_nothing_is_known_opens_the_upper_bound():
    assert bounds_of(NOTHING, NOTHING, NOTHING, 3, {"tiktok": ("views",)})[0] == {"tiktok": (0, inf)}


def test_video_views_do_not_bound_the_people_of_a_platform_that_counts_displays():
    """On X `views` are of videos only: a text seen by thousands has none."""
    rows = _days([nan, nan], [0, 0], "x").assign(impressions=[900.0, 1100.0])
    assert reach_bounds(rows, NOTHING, NOTHING, 2)[0] == {"x": (0, 2000)}


def test_days_bound_the_period_from_both_sides():
    found, flags = reach_bounds(_days([50, 80, 60], [70, 100, 90]), NOTHING, NOTHING, 3)
    assert found == {"tiktok": (80, 190)}
    assert "best day" in flags[0]


def test_a_day_missing_opens_the_upper_bound_and_views_close_it():
    assert reach_bounds(_days([50, nan, 60], [70, nan, 90]), NOTHING, NOTHING, 3)[0] == {"tiktok": (60, inf)}
    assert reach_bounds(_days([50, nan, 60], [70, 100, 90]), NOTHING, NOTHING, 3)[0] == {"tiktok": (60, 260)}
    assert reach_bounds(_days([50, 60], [70, 90]), NOTHING, NOTHING, 3)[0] == {"tiktok": (60, inf)}


def test_the_platforms_own_figure_for_the_period_wins():
    assert reach_bounds(_days([50, 80, 60], [70, 100, 90]), _days([120], [260]), NOTHING, 3)[0] == {
        "tiktok": (120, 120)
    }


def test_a_post_lifts_the_lower_bound():
    found, flags = reach_bounds(_days([50, 80, 60], [70, 100, 90]), NOTHING, _days([95], [110]), 3)
    assert found == {"tiktok": (95, 190)}
    assert "most seen post" in flags[0]


def test_an_account_that_nothing_bounds_opens_the_platform():
    """One account's own total is not the platform's, where another account speaks too."""
    other = _days([5000, 5000, 5000], [9000, 9000, 9000]).assign(account="b")
    assert reach_bounds(other, _days([1000], [2000]), NOTHING, 3)[0] == {"tiktok": (5000, 16_000)}
    post = _days([3], [4]).assign(account="c")
    assert reach_bounds(_days([5, 5, 5], [7, 7, 7]), NOTHING, post, 3)[0] == {"tiktok": (5, inf)}


def test_contradicting_figures_are_said_and_not_shown_as_exact_by_stealth():
    found, flags = reach_bounds(_days([500, nan, nan], [10, 10, 10]), NOTHING, NOTHING, 3)
    assert found == {"tiktok": (500, 500)}
    assert "contradict" in flags[0]
