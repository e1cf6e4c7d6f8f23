"""Counters of posts as daily flows: falls make neither a negative headline nor a spike."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.counters import Counted, count_days
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.counters import UNKNOWN_DAY

FIRST = 20_000
DAILY = np.arange(FIRST, FIRST + 30, dtype=np.int32)
NOBODY_KNOWS = np.array([UNKNOWN_DAY], np.int32)


def counted(counter, day=DAILY, *, published=NOBODY_KNOWS, breaks=(), carry=None) -> Counted:
    """Daily views of one post."""
    return count_days(
        np.zeros(len(day), np.int32), np.array(day, np.int32), {"views": np.array(counter, float)}, posts=1,
        published=published, breaks={"views": np.array(breaks, np.int32)}, carry=carry,
    )  # fmt: skip


def flows(made: Counted, day=DAILY) -> np.ndarray:
    """Views of each day from the first to the last, NaN where unknown."""
    return pd.Series(made.columns["views"], made.day).reindex(range(int(day[0]), int(day[-1]) + 1)).to_numpy()


def usual_growth(seed=3, days=30, level=20_000.0):
    growth = np.random.default_rng(seed).poisson(200, days).astype(float)
    return growth, level + np.cumsum(growth)


def kinds(made: Counted) -> list[str]:
    return made.drops["kind"].tolist()


def test_a_correction_gives_neither_a_negative_month_nor_a_spike():
    growth, counter = usual_growth()
    counter[15:] = np.round(counter[15:] - 0.12 * counter[14])
    made = counted(counter)
    found = flows(made)
    assert np.isnan(found[[0, 15]]).all()  # before the first snapshot, and the day of the correction
    rest = np.delete(np.arange(30), [0, 15])
    np.testing.assert_allclose(found[rest], growth[rest])
    assert kinds(made) == ["correction"]
    assert made.drops["day"].tolist() == [FIRST + 15]
    famous = np.diff(counter, prepend=counter[0])  # differences as they come: the wrong answer
    clipped = np.maximum.accumulate(counter)
    assert famous.min() < -2000
    assert (np.diff(clipped) == 0).mean() > 0.3  # never falling: weeks without a view
    assert np.nansum(found) > 0.9 * growth[1:].sum()
    assert np.nansum(found) - famous.sum() > 2000


@pytest.mark.parametrize("days_gone", [1, 2, 10, 29, 60])
def test_a_glitch_to_zero_and_back_is_undone(days_gone):
    growth, counter = usual_growth(days=90)
    day = np.arange(FIRST, FIRST + 90, dtype=np.int32)
    counter[5 : 5 + days_gone] = 0.0
    made = counted(counter, day)
    found = flows(made, day)
    back = 5 + days_gone
    assert np.isnan(found[5:back]).all()
    assert found[back] == pytest.approx((counter[back] - counter[4]) / (days_gone + 1))
    np.testing.assert_array_equal(found[back + 1 :], growth[back + 1 :])
    assert kinds(made) == ["reset", "rebound"]
    assert np.nanmax(found) <= growth.max()
    assert made.made[made.day == FIRST + back] == 2


def test_a_counter_gone_for_a_quarter_tells_nothing_of_it():
    made = counted([1000, 0, 0, 1500], [FIRST, FIRST + 1, FIRST + 50, FIRST + 100])
    assert np.isnan(made.columns["views"]).all()
    assert kinds(made) == ["reset", "rebound"]


def test_a_partial_return_is_unknown_and_a_counter_begun_anew_counts():
    assert np.isnan(flows(counted([1000, 500, 900], FIRST + np.arange(3)), DAILY[:3])).all()
    anew = flows(counted([1000, 0, 20, 45], FIRST + np.arange(4)), DAILY[:4])
    np.testing.assert_array_equal(anew, [np.nan, np.nan, 20, 25])


def test_two_falls_in_a_row_are_one_and_give_no_spike():
    found = flows(counted([1000, 500, 100, 1010, 1020], FIRST + np.arange(5)), DAILY[:5])
    np.testing.assert_array_equal(found, [np.nan, np.nan, np.nan, 5, 10])
    again = flows(counted([1000, 880, 0, 885], FIRST + np.arange(4)), DAILY[:4])
    assert np.isnan(again).all()  # where the counter stood between the falls is unknown


def test_usual_growth_past_the_earlier_value_ends_the_watch():
    counter = [1000, 880, 940, 990, 1010, 1500]
    assert kinds(counted([1000, 880, 1500], FIRST + np.arange(3))) == ["correction", "rebound"]
    slow = counted([1000, 880, 930, 980, 1010, 1500], FIRST + np.arange(6))
    assert kinds(slow) == ["correction"]
    assert flows(slow, DAILY[:6])[5] == 490
    assert kinds(counted(counter, FIRST + np.arange(6))) == ["correction", "rebound"]


def test_after_thirty_days_a_rise_is_a_rise():
    day = FIRST + np.array([0, 1, 31, 32, 33])
    assert kinds(counted([1000, 700, 710, 711, 1000], day)) == ["correction"]
    assert kinds(counted([1000, 700, 710, 1000, 1001], day - [0, 0, 1, 1, 1])) == ["correction", "rebound"]


def test_weekly_snapshots_are_spread_and_said_to_be_estimated():
    growth, counter = usual_growth(days=36)
    day = np.arange(FIRST, FIRST + 36, dtype=np.int32)
    weekly = counted(counter[::7], day[::7])
    assert (weekly.made == 2).all()
    found = flows(weekly, day)
    np.testing.assert_allclose(found[1:8], growth[1:8].mean())
    assert np.nansum(found) == pytest.approx(counter[35] - counter[0])
    assert weekly.drops.empty


def test_a_rounded_counter_is_left_alone_but_named():
    made = counted([12_100, 12_200, 12_300, 12_200, 12_300], FIRST + np.arange(5))
    np.testing.assert_array_equal(flows(made, DAILY[:5]), [np.nan, 100, 100, -100, 100])
    assert kinds(made) == ["rounding step"]


def test_withdrawn_likes_stay_in_the_flow():
    made = counted([1000, 998, 1003], FIRST + np.arange(3))
    np.testing.assert_array_equal(flows(made, DAILY[:3]), [np.nan, -2, 5])
    assert made.drops.empty


@pytest.mark.parametrize("after", [5000.0, 300.0, 1010.0])
def test_a_definition_change_is_unknown_whatever_the_sign(after):
    made = counted([990, 1000, after, after + 10], FIRST + np.arange(4), breaks=[FIRST + 2])
    np.testing.assert_array_equal(flows(made, DAILY[:4]), [np.nan, 10, np.nan, 10])
    assert kinds(made) == ["definition change"]
    assert kinds(counted([990, 1000], FIRST + np.arange(2), breaks=[FIRST, FIRST + 2])) == []


def test_a_change_since_publication_leaves_the_first_flow_unknown():
    since = np.array([FIRST - 4], np.int32)
    for change, unknown in ((FIRST - 4, False), (FIRST - 3, True), (FIRST, True), (FIRST + 1, False)):
        made = counted([500], [FIRST], published=since, breaks=[change])
        assert np.isnan(made.columns["views"]).tolist() == [unknown] * 5


def test_a_leap_stays_and_is_named():
    made = counted([100, 1300], FIRST + np.arange(2))
    assert made.columns["views"].tolist() == [1200.0]
    assert made.drops.drop(columns="post").to_dict("records") == [
        {"metric": "views", "day": FIRST + 1, "previous_day": FIRST, "value": 1300.0, "previous": 100.0, "kind": "leap"}
    ]


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf, -5.0])
def test_what_is_no_count_is_skipped(strange):
    made = counted([100, strange, 120], FIRST + np.arange(3))
    assert made.columns["views"].tolist() == [10.0, 10.0]
    assert made.made.tolist() == [2, 2]
    assert made.drops.empty


def test_posts_do_not_touch_each_other():
    post, day = np.array([0, 0, 2, 2], np.int32), np.array([FIRST, FIRST + 1] * 2, np.int32)
    made = count_days(
        post, day, {"likes": np.array([10.0, 12, 500, 100])}, posts=3, published=np.full(3, UNKNOWN_DAY, np.int32),
        breaks={},
    )  # fmt: skip
    assert made.post.tolist() == [0, 2]
    np.testing.assert_array_equal(made.columns["likes"], [2, np.nan])
    assert made.drops["post"].tolist() == [2]
    assert np.isnan(made.carry["likes"][1]).all()


COUNTER = st.lists(st.sampled_from([0.0, 3.0, 100.0, 880.0, 1000.0, 1010.0, 12_200.0, 12_300.0, np.nan]), max_size=8)


@given(COUNTER, COUNTER, st.integers(0, 8), st.lists(st.integers(0, 8), max_size=2).map(sorted))
def test_pieces_with_their_carry_give_the_same_days(views, likes, cut, breaks):
    size = min(len(views), len(likes))
    columns = {"views": np.array(views[:size]), "likes": np.array(likes[:size])}
    day = (FIRST + np.cumsum(1 + np.arange(size) % 3)).astype(np.int32)
    told = {
        "posts": 1, "published": np.array([FIRST - 1], np.int32),
        "breaks": {"likes": np.array(breaks, np.int32) + np.int32(FIRST), "saves": np.array([FIRST], np.int32)},
    }  # fmt: skip
    zeros = np.zeros(size, np.int32)
    whole = count_days(zeros, day, columns, **told)
    first = count_days(zeros[:cut], day[:cut], {n: c[:cut] for n, c in columns.items()}, **told)
    rest = {n: c[cut:].copy() for n, c in reversed(columns.items())}
    second = count_days(zeros[cut:], day[cut:], rest, **told, carry=first.carry)
    for name in columns:
        pieces = np.concatenate([first.columns[name], second.columns[name]])
        assert pieces.tobytes() == whole.columns[name].tobytes()
        assert second.carry[name].tobytes() == whole.carry[name].tobytes()
    assert np.concatenate([first.day, second.day]).tobytes() == whole.day.tobytes()
    assert np.concatenate([first.made, second.made]).tobytes() == whole.made.tobytes()
    key = ["day", "metric"]
    drops = pd.concat([first.drops, second.drops]).sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(drops, whole.drops.sort_values(key).reset_index(drop=True))


def test_refusals():
    with pytest.raises(InvalidArgument, match="carry spoke of likes"):
        counted([1.0], [FIRST], carry={"likes": np.full((1, 4), np.nan)})
    with pytest.raises(InvalidArgument, match=r"carry\['views'\] was float64 of shape \(1, 3\)"):
        counted([1.0], [FIRST], carry={"views": np.full((1, 3), np.nan)})
    with pytest.raises(InvalidArgument, match="published told of 2 posts, posts said 1"):
        counted([1.0], [FIRST], published=np.zeros(2, np.int32))
    with pytest.raises(InvalidArgument, match="not in order"):
        counted([1.0, 2.0], [FIRST, FIRST])
