"""Standard metrics against the rule applied one cell at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import standardise as module
from engagerr_core.kernels.standardise import standardise
from tests.kernels.observations import N_NATIVE, WEIGHTS, observations
from tests.naive import standardise as naive

COUNT = st.one_of(st.just(np.nan), st.sampled_from([0.0, -0.0, np.inf, -np.inf]), st.floats(-1e9, 1e9))


def compare(native, rule, weights, threads=None):
    values, alternative = standardise(native, rule, weights, threads)
    expected, chosen = naive.standardise(native, rule, weights)
    shape = (weights.shape[1], len(rule))
    np.testing.assert_array_equal(values, np.array(expected).reshape(shape))
    np.testing.assert_array_equal(alternative, np.array(chosen, np.int8).reshape(shape))
    assert (values.dtype, alternative.dtype) == (np.float64, np.int8)


@pytest.mark.parametrize("rows", [0, 1, 2, 300])
@pytest.mark.parametrize("unknown", [0.0, 0.3, 1.0])
def test_as_by_hand(rows, unknown):
    native, _, rule = observations(rows, unknown=unknown)
    compare(native, rule, WEIGHTS)


@given(data=st.data(), rows=st.integers(0, 6), n_native=st.integers(1, 3), n_rules=st.integers(1, 3))
def test_any_weights_and_counts(data, rows, n_native, n_rules):
    weight = st.one_of(st.just(np.nan), st.floats(-10, 10))
    shape = (n_rules, data.draw(st.integers(0, 2)), data.draw(st.integers(1, 3)), n_native)
    size = int(np.prod(shape))
    weights = np.array(data.draw(st.lists(weight, min_size=size, max_size=size)), float).reshape(shape)
    counts = data.draw(st.lists(COUNT, min_size=rows * n_native, max_size=rows * n_native))
    native = np.array(counts, float).reshape(n_native, rows)
    rule = np.array(data.draw(st.lists(st.integers(-1, n_rules - 1), min_size=rows, max_size=rows)), np.int32)
    compare(native, rule, weights)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_a_hole_at_each_position(hole):
    native, _, rule = observations(4, unknown=0.0)
    for metric in range(N_NATIVE):
        for row in range(4):
            holed = native.copy()
            holed[metric, row] = hole
            compare(holed, rule, WEIGHTS)


def test_a_lost_count_falls_back_to_the_next_alternative():
    native = np.array([[np.nan, 100.0, np.nan], [200.0, 200.0, np.nan], [1.0, 1.0, 1.0], [2.0, 2.0, np.nan]])
    values, alternative = standardise(native, np.zeros(3, np.int32), WEIGHTS)
    np.testing.assert_array_equal(values, [[160.0, 100.0, np.nan], [11.0, 11.0, 1.5]])
    assert alternative.tolist() == [[1, 0, -1], [0, 0, 1]]


def test_infinities_that_cancel_are_no_number():
    weights = np.array([[[[1.0, 1.0], [2.0, np.nan]]]])
    values, alternative = standardise(np.array([[np.inf], [-np.inf]]), np.zeros(1, np.int32), weights)
    assert values[0, 0] == np.inf
    assert alternative[0, 0] == 1


@given(runs=st.lists(st.tuples(st.integers(-1, 2), st.sampled_from([1, 3, 31, 32, 70]))), seed=st.integers(0, 99))
def test_any_mixture_of_long_and_short_runs_of_a_rule(runs, seed):
    rule = np.repeat(np.array([number for number, _ in runs], np.int32), [length for _, length in runs])
    compare(observations(rule.size, seed)[0], rule, WEIGHTS)


def test_one_rule_over_many_tiles():
    native, _, _ = observations(2 * module.TILE + 5)
    compare(native, np.ones(native.shape[1], np.int32), WEIGHTS)


def test_blocks_tiles_columns_and_threads_change_nothing(monkeypatch):
    rows = 2 * module.TILE + 77
    native, _, rule = observations(rows)
    expected = standardise(native, rule, WEIGHTS, threads=1)
    monkeypatch.setattr(module, "BLOCK", 1_000)
    for threads in (1, 2, 3, 7):
        for columns in (native, list(native), tuple(column.copy() for column in native)):
            values, alternative = standardise(columns, rule, WEIGHTS, threads)
            assert values.tobytes() == expected[0].tobytes()
            assert alternative.tobytes() == expected[1].tobytes()


def test_read_only_columns_are_read():
    native, _, rule = observations(10)
    native.flags.writeable = rule.flags.writeable = False
    compare(native, rule, WEIGHTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n, r, w: (n.astype(np.float32), r, w), r"native was float32 of shape \(4, 6\)\. Wanted is .* float64"),
        (lambda n, r, w: (np.asfortranarray(n), r, w), "native was not contiguous.*ascontiguousarray"),
        (lambda n, r, w: (n[0], r, w), r"native was float64 of shape \(6,\).*\(any, any\)"),
        (lambda n, r, w: ([*n[:3], n[3][:5]], r, w), r"native\[3\] was float64 of shape \(5,\).*\(6\)"),
        (lambda n, r, w: ({"views": n[0]}, r, w), "native was a dict"),
        (lambda n, r, w: ([n[0].tolist()], r, w), r"native\[0\] was a list.*numpy\.asarray"),
        (lambda n, r, w: (n, r.astype(np.int64), w), "rule was int64.*int32"),
        (lambda n, r, w: (n, r[:5], w), r"rule was int32 of shape \(5,\).*\(6\)"),
        (lambda n, r, w: (n, np.full(6, 3, np.int32), w), r"rule held codes from 3 to 3.*-1 \(none\) to 2"),
        (lambda n, r, w: (n, np.full(6, -2, np.int32), w), "rule held codes from -2"),
        (lambda n, r, w: (n, r, w[..., :3].copy()), r"weights was float64 of shape .*\(any, any, any, 4\)"),
        (lambda n, r, w: (n, r, np.where(w == 1, np.inf, w)), "weights held an infinity"),
        (lambda n, r, w: (n, r, np.zeros((3, 2, 0, 4))), "weights held 0 alternatives"),
        (lambda n, r, w: (n, r, np.zeros((3, 1, 128, 4))), "weights held 128 alternatives"),
    ],
)
def test_refusals(change, message):
    native, _, rule = observations(6)
    with pytest.raises(InvalidArgument, match=message):
        standardise(*change(native, rule, WEIGHTS))
