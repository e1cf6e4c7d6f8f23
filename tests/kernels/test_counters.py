"""Counters to daily flows against plain rules, in one piece and in two, on any number of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import counters
from engagerr_core.kernels.counters import KINDS, STATE, UNKNOWN_DAY, daily_flows
from tests.naive import counters as naive

NAN = np.nan
FIRST = 20_000
VALUES = [0.0, 1.0, 3.0, 4.0, 99.0, 100.0, 500.0, 880.0, 890.0, 940.0, 1000.0, 1003.0, 1005.0, 1010.0, 1200.0, 1100.0,
          12_200.0, 12_300.0, 5.5, 1e15, NAN, NAN, np.inf, -1.0]  # fmt: skip
GAPS = [1, 1, 1, 1, 2, 7, 29, 31, 92, 93]
METRICS = 2

SNAPSHOT = st.tuples(st.sampled_from(GAPS), *[st.sampled_from(VALUES)] * METRICS)
POST = st.tuples(
    st.lists(SNAPSHOT, max_size=10), st.one_of(st.none(), st.sampled_from([-100, -92, -91, -3, -1, 0, 1, 2, 40]))
)
BREAKS = st.lists(st.lists(st.integers(0, 60), max_size=2).map(sorted), min_size=METRICS, max_size=METRICS)


def arrays(posts):
    """Codes, days, counters and days of publication of posts given as ([(gap, *values)], published)."""
    post = np.repeat(np.arange(len(posts), dtype=np.int32), [len(rows) for rows, _ in posts])
    day = np.concatenate([np.empty(0), *[FIRST + np.cumsum([gap for gap, *_ in rows]) for rows, _ in posts]])
    native = np.array([values for rows, _ in posts for _, *values in rows], float).reshape(-1, METRICS).T
    published = [UNKNOWN_DAY if since is None else FIRST + since for _, since in posts]
    return post, day.astype(np.int32), np.ascontiguousarray(native), np.array(published, np.int32)


def no_carry(posts, metrics=METRICS):
    return np.full((metrics, posts, STATE), NAN)


def days_of(breaks):
    return [np.array([FIRST + day for day in own], np.int32) for own in breaks]


@settings(max_examples=300)
@given(posts=st.lists(POST, max_size=3), breaks=BREAKS)
def test_any_counters(posts, breaks):
    post, day, native, published = arrays(posts)
    breaks = days_of(breaks)
    found = daily_flows(post, day, native, published, breaks, no_carry(len(posts)))
    rows, unusual = [], []
    for code, since in enumerate(published.tolist()):
        own = post == code
        days, told = naive.post_days(
            day[own].tolist(), native[:, own].tolist(), None if since == UNKNOWN_DAY else since,
            [one.tolist() for one in breaks],
        )  # fmt: skip
        rows += [(code, *one) for one in days]
        unusual += [(code, *one) for one in told]
    assert list(zip(found.post.tolist(), found.day.tolist(), strict=True)) == [row[:2] for row in rows]
    assert found.made.tolist() == [row[3] for row in rows]
    np.testing.assert_array_equal(found.flows.T, np.array([row[2] for row in rows]).reshape(-1, METRICS))
    steps = found.steps
    kinds = [KINDS[kind] for kind in steps.kind]
    told = zip(post[steps.row].tolist(), day[steps.row].tolist(), steps.metric.tolist(), kinds, strict=True)
    assert list(told) == unusual


@given(posts=st.lists(POST, min_size=1, max_size=3), breaks=BREAKS, cuts=st.lists(st.integers(0, 10), min_size=3))
def test_in_two_pieces_as_in_one(posts, breaks, cuts):
    post, day, native, published = arrays(posts)
    breaks = days_of(breaks)
    whole = daily_flows(post, day, native, published, breaks, no_carry(len(posts)))
    place = np.arange(post.size) - np.searchsorted(post, post)
    early = place < np.array(cuts)[post]
    state, pieces = no_carry(len(posts)), []
    for part in (early, ~early):
        pieces.append(
            daily_flows(post[part], day[part], np.ascontiguousarray(native[:, part]), published, breaks, state)
        )
        state = pieces[-1].state
    order = np.argsort(np.concatenate([piece.post for piece in pieces]), kind="stable")
    for name in ("post", "day", "made"):
        assert np.concatenate([getattr(p, name) for p in pieces])[order].tobytes() == getattr(whole, name).tobytes()
    flows = np.ascontiguousarray(np.concatenate([piece.flows for piece in pieces], axis=1)[:, order])
    assert flows.tobytes() == whole.flows.tobytes()
    assert state.tobytes() == whole.state.tobytes()
    told = {
        (int(post[part][row]), int(day[part][row]), int(metric), int(kind), value, previous, int(on))
        for part, piece in zip((early, ~early), pieces, strict=True)
        for row, metric, kind, value, previous, on in zip(*piece.steps, strict=True)
    }
    steps = whole.steps
    assert told == {
        (int(post[row]), int(day[row]), int(metric), int(kind), value, previous, int(on))
        for row, metric, kind, value, previous, on in zip(*steps, strict=True)
    }
    assert len(told) == steps.row.size


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blocks_and_threads_change_nothing(monkeypatch, threads):
    rng = np.random.default_rng(20_261_121)
    sizes = rng.integers(0, 40, 60)
    post = np.repeat(np.arange(60, dtype=np.int32), sizes)
    day = np.concatenate([FIRST + np.cumsum(rng.choice(GAPS, size)) for size in sizes]).astype(np.int32)
    native = rng.choice(VALUES, (METRICS, post.size))
    published = (FIRST - rng.integers(0, 200, 60)).astype(np.int32)
    breaks, carry = days_of([[30], []]), no_carry(60)
    whole = daily_flows(post, day, native, published, breaks, carry, threads=1)
    monkeypatch.setattr(counters, "BLOCK", 16)
    assert len(counters._blocks(post)) > 10
    for given_as in (native, [column.copy() for column in native]):
        cut = daily_flows(post, day, given_as, published, breaks, carry, threads=threads)
        for one, other in zip([*whole[:5], *whole.steps], [*cut[:5], *cut.steps], strict=True):
            assert one.tobytes() == other.tobytes()
    assert np.isnan(carry).all()


def of_one(day, counter, published=UNKNOWN_DAY, breaks=()):
    return daily_flows(
        np.zeros(len(day), np.int32), np.array(day, np.int32), np.array([counter], float),
        np.array([published], np.int32), [np.array(breaks, np.int32)], no_carry(1, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("previous", "value", "kind"),
    [
        (1000, 995, None), (1000, 994, "correction"), (100, 97, None), (100, 96, "correction"), (3, 0, None),
        (4, 0, "reset"), (1000, 500, "correction"), (1000, 499, "reset"), (12_300, 12_200, "rounding step"),
        (12_300, 12_100, "correction"), (12_310, 12_210, "correction"), (1200, 1100, "rounding step"),
        (1000, 900, "correction"), (1.3e6, 1.2e6, "rounding step"), (110, 100, "rounding step"),
        (100, 90, "correction"), (100, 1100, None), (100, 1101, "leap"), (99, 5000, None), (0, 1e6, None),
        (1000, 1000, None),
    ],
)  # fmt: skip
def test_kinds_at_their_edges(previous, value, kind):
    found = of_one([FIRST, FIRST + 1], [previous, value])
    assert [KINDS[k] for k in found.steps.kind] == ([kind] if kind else [])
    unknown = kind in ("correction", "reset")
    np.testing.assert_array_equal(found.flows, [[NAN if unknown else value - previous]])


def test_gaps_are_spread_up_to_a_quarter():
    assert of_one([FIRST, FIRST + 92], [0, 920]).flows.tolist() == [[10.0] * 92]
    assert of_one([FIRST, FIRST + 93], [0, 930]).day.size == 0
    assert of_one([FIRST, FIRST + 2**30], [0, 930]).day.size == 0


@pytest.mark.parametrize(
    ("published", "days", "made"), [(FIRST, 1, 1), (FIRST - 1, 2, 1), (FIRST - 2, 3, 2), (FIRST - 92, 93, 2)]
)
def test_the_first_snapshot_tells_of_the_days_since_publication(published, days, made):
    found = of_one([FIRST], [93 * days], published)
    assert found.flows.tolist() == [[93.0] * days]
    assert found.made.tolist() == [made] * days
    assert found.day.tolist() == list(range(published, FIRST + 1))


@pytest.mark.parametrize("published", [UNKNOWN_DAY, FIRST - 93, FIRST + 1, 2**31 - 1])
def test_a_first_snapshot_alone_tells_no_flow(published):
    assert of_one([FIRST], [500], published).day.size == 0


def test_a_rise_of_exactly_half_the_fall_undoes_it_and_less_does_not():
    for fall in (6.0, 120.0, 0.75e9):
        before = fall * 8
        for rise, kind in ((fall / 2, "rebound"), (fall / 2 - max(1.0, fall * 1e-6), None)):
            found = of_one([FIRST, FIRST + 1, FIRST + 2], [before, before - fall, before - fall + rise])
            assert [KINDS[k] for k in found.steps.kind[1:]] == ([kind] if kind else [])


def test_a_metric_that_comes_late_does_not_rewrite_days():
    day = np.array([FIRST, FIRST + 2, FIRST + 4], np.int32)
    native = np.array([[10.0, 20.0, 30.0], [100.0, NAN, 140.0]])
    found = daily_flows(
        np.zeros(3, np.int32), day, native, np.array([UNKNOWN_DAY], np.int32), days_of([[], []]), no_carry(1)
    )
    np.testing.assert_array_equal(found.flows, [[5, 5, 5, 5], [NAN, NAN, 10, 10]])


def test_a_metric_first_told_after_publication_begins_with_it():
    """Clocks differ: a snapshot may be older than the day of publication."""
    day = np.array([FIRST, FIRST + 5], np.int32)
    native = np.array([[10.0, 20.0], [NAN, 30.0]])
    found = daily_flows(
        np.zeros(2, np.int32), day, native, np.array([FIRST + 3], np.int32), days_of([[], []]), no_carry(1)
    )
    np.testing.assert_array_equal(found.flows, [[2, 2, 2, 2, 2], [NAN, NAN, 10, 10, 10]])


def test_nothing():
    for posts in (0, 3):
        found = daily_flows(
            np.empty(0, np.int32), np.empty(0, np.int32), np.empty((2, 0)), np.zeros(posts, np.int32),
            days_of([[], []]), no_carry(posts),
        )  # fmt: skip
        assert found.flows.shape == (2, 0)
        assert found.steps.row.size == 0
        assert found.state.shape == (2, posts, STATE)


def test_refusals():
    one, published, none = np.zeros(2, np.int32), np.zeros(1, np.int32), np.empty(0, np.int32)
    day, native, carry = np.array([1, 2], np.int32), np.ones((1, 2)), no_carry(1, 1)
    for post, days in ((one, day[::-1].copy()), (one, one), (np.array([1, 0], np.int32), day), (one - 1, day)):
        with pytest.raises(InvalidArgument, match=r"not in order of post and day.*Sort them"):
            daily_flows(post, days, native, np.zeros(2, np.int32), [none], no_carry(2, 1))
    with pytest.raises(InvalidArgument, match="post held codes"):
        daily_flows(one + 1, day, native, published, [none], carry)
    with pytest.raises(InvalidArgument, match="day was int64"):
        daily_flows(one, day.astype(np.int64), native, published, [none], carry)
    with pytest.raises(InvalidArgument, match=r"carry was float64 of shape \(1, 2, 4\)"):
        daily_flows(one, day, native, published, [none], no_carry(2, 1))
    with pytest.raises(InvalidArgument, match="breaks spoke of 2 metrics"):
        daily_flows(one, day, native, published, [none, none], carry)
    with pytest.raises(InvalidArgument, match=r"breaks\[0\] was not in order"):
        daily_flows(one, day, native, published, [np.array([5, 4], np.int32)], carry)
