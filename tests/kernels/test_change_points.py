"""Exact partitions against all partitions, and against two peers, one of which is not always exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruptures import KernelCPD, Pelt

from engagerr_core.kernels.change_points import ROWS, optimal_partition, partition_all
from tests.naive import change_points as naive

VALUES = st.lists(st.sampled_from([0.0, 0.0, 1.0, 1.5, -2.0, 3.0, 7.0]), max_size=30)


def jumping(rng, n, share=0.1, size=4.0):
    return rng.normal(size=n) + np.cumsum((rng.random(n) < share) * rng.normal(0, size, n))


@settings(max_examples=60, deadline=None)
@given(values=VALUES, penalty=st.sampled_from([0.1, 1.0, 5.0, 30.0]), shortest=st.integers(1, 8))
def test_no_partition_is_cheaper(values, penalty, shortest):
    values = np.array(values)
    found = optimal_partition(values, penalty, shortest).tolist()
    best = naive.optimal_partition(values, penalty, shortest)
    assert naive.cost(values, found, penalty) <= naive.cost(values, best, penalty) + 1e-9
    assert (np.diff([0, *found, values.size]) >= min(shortest, values.size)).all()


@pytest.mark.parametrize("seed", range(25))
def test_the_same_partition_on_any_real_numbers(seed):
    rng = np.random.default_rng(seed)
    n, shortest = int(rng.integers(0, 50)), int(rng.integers(2, 8))
    values, penalty = jumping(rng, n), float(rng.choice([0.1, 1, 3, 10]))
    found = optimal_partition(values, penalty, shortest)
    assert found.dtype == np.int64
    assert found.tolist() == naive.optimal_partition(values, penalty, shortest)


def test_peers_find_the_same_or_something_dearer():
    """ruptures drops places at once, which is too early with a shortest segment; so its cost is never lower."""
    rng, dearer = np.random.default_rng(3), 0
    for _ in range(60):
        n, penalty = int(rng.integers(14, 45)), float(rng.choice([0.5, 2, 6]))
        values = jumping(rng, n, 0.15)
        found = optimal_partition(values, penalty, 7).tolist()
        assert found == naive.optimal_partition(values, penalty, 7)
        for peer, shaped in ((Pelt(model="l2", min_size=7, jump=1), values), (KernelCPD("linear", 7), values[:, None])):
            theirs = peer.fit(shaped).predict(pen=penalty)[:-1]
            if theirs != found:
                dearer += 1
                assert naive.cost(values, found, penalty) < naive.cost(values, theirs, penalty)
    assert 0 < dearer < 40  # the negative control: dropping places at once is wrong


@pytest.mark.parametrize("length", [0, 1, 2, 6, 13])
def test_too_short_for_two_segments(length):
    assert optimal_partition(np.arange(float(length)) ** 3, 0.1, 7).size == 0


def test_just_long_enough():
    assert optimal_partition(np.repeat([0.0, 9.0], 7), 1.0, 7).tolist() == [7]


def test_constants_zeros_and_scales():
    assert optimal_partition(np.zeros(40), 1.0).size == 0
    assert optimal_partition(np.full(40, 1e6), 1.0).size == 0
    values = np.repeat([0.0, 5.0, 2.0], 10)
    for scale, shift in ((1e-3, 0.0), (1.0, 1e5), (1e6, -1e6)):
        assert optimal_partition(values * scale + shift, scale**2).tolist() == [10, 20]


def test_of_equal_partitions_the_first():
    values = np.array([0.0] * 7 + [1.0] + [2.0] * 7)  # the middle value belongs to either side alike
    assert optimal_partition(values, 0.5, 7).tolist() == [7]


def test_many_changes_empty_the_list_of_places():
    values = np.repeat(np.tile([0.0, 10.0], 4), 9) + np.random.default_rng(1).normal(0, 0.1, 72)
    assert optimal_partition(values, 3.0, 7).tolist() == list(range(9, 72, 9))


def test_series_do_not_touch_one_another():
    rng = np.random.default_rng(2)
    series = [jumping(rng, n) for n in (0, 30, 1, 14, 40)]
    indptr = np.cumsum([0, *(one.size for one in series)])
    penalties = np.array([1.0, 1.0, 1.0, np.nan, 2.0])
    changes, counts, costs = np.full(indptr[-1], -1), np.full(5, -1), np.empty(42)
    partition_all(
        np.concatenate(series), indptr, penalties, 7, np.empty((ROWS, 41)), costs, costs.view(np.int64), changes, counts
    )
    for i, one in enumerate(series):
        alone = [] if np.isnan(penalties[i]) else optimal_partition(one, penalties[i], 7).tolist()
        assert changes[indptr[i] : indptr[i] + counts[i]].tolist() == alone


def test_the_scorer_knows_right_from_wrong():
    people = [[30, 60], [30], [31, 61]]
    assert naive.f1(people, [30, 60]) == 1
    assert naive.f1(people, [30, 60, 80]) == pytest.approx(2 * 0.75 / 1.75)
    assert naive.f1(people, []) == pytest.approx(2 * (1 / 3 + 1 / 2 + 1 / 3) / 3 / (1 + (1 / 3 + 1 / 2 + 1 / 3) / 3))
    assert naive.f1([[30]], [36]) == pytest.approx(0.5)  # six steps away is too far
    assert naive.f1([[30]], [29, 31]) == pytest.approx(2 * (2 / 3) / (5 / 3))  # one change is found once
    assert naive.covering([[50]], [50], 100) == 1
    assert naive.covering([[50]], [], 100) == pytest.approx(0.5)
    assert naive.covering([[]], [50], 100) == pytest.approx(0.5)
