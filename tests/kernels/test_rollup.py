"""Sums by group against lists of values; whole counts must agree exactly, other sums to the stated error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import rollup as module
from engagerr_core.kernels.calendar import periods
from engagerr_core.kernels.rollup import Rollup, rollup, rollup_by_period
from tests.kernels.observations import DENOMINATORS, N_GROUPS, N_NATIVE, NUMERATORS, WEIGHTS, observations
from tests.naive import rollup as naive

FLOATS = ("native", "standard", "numerators", "denominators")


def compare(native, group, rule, weights=WEIGHTS, ratios=(NUMERATORS, DENOMINATORS), n_groups=N_GROUPS):
    result = rollup(native, group, rule, weights, *ratios, n_groups)
    expected = naive.rollup(native, group, rule, weights, *ratios, n_groups)
    for name, found in result._asdict().items():
        want = np.array(expected[name]).reshape(found.shape)
        if name in FLOATS:
            tolerance = max(len(group), 1) * 2.0**-53
            np.testing.assert_allclose(found, want, rtol=tolerance, atol=0, err_msg=name)
        else:
            assert found.dtype == np.int64
            np.testing.assert_array_equal(found, want, err_msg=name)
    whole = np.where(np.isfinite(native), native, 0) % 1 == 0
    if np.all(whole):
        np.testing.assert_array_equal(result.native, np.array(expected["native"]).reshape(result.native.shape))
    return result


def same_bytes(one: Rollup, other: Rollup) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("rows", [0, 1, 2, 400])
@pytest.mark.parametrize("unknown", [0.0, 0.2, 1.0])
def test_as_by_hand(rows, unknown):
    compare(*observations(rows, unknown=unknown))


@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(0, 30),
    n_groups=st.integers(1, 40),
    n_ratios=st.integers(0, 3),
)
def test_any_groups_and_ratios(seed, rows, n_groups, n_ratios):
    native, _, rule = observations(rows, seed)
    rng = np.random.default_rng(seed)
    group = rng.integers(-1, n_groups, rows).astype(np.int32)
    ratios = rng.integers(0, N_NATIVE + WEIGHTS.shape[1], (2, n_ratios)).astype(np.int32)
    compare(native, group, rule, ratios=(ratios[0], ratios[1]), n_groups=n_groups)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_a_hole_at_each_position(hole):
    rows = 6
    native, _, rule = observations(rows, unknown=0.0)
    group = np.array([0, 1, 1, -1, 2, 1], np.int32)
    for metric in range(N_NATIVE):
        for row in range(rows):
            holed = native.copy()
            holed[metric, row] = hole
            compare(holed, group, rule)


def test_opposite_infinities_are_told_from_unknown_by_their_count():
    native = np.array([[np.inf, -np.inf, np.nan]] * N_NATIVE)
    result = rollup(
        native, np.array([0, 0, 1], np.int32), np.full(3, -1, np.int32), WEIGHTS, NUMERATORS, DENOMINATORS, 2
    )
    assert np.isnan(result.native).all()
    assert result.native_known.tolist() == [[2, 0]] * N_NATIVE


def test_nothing_known_is_not_zero():
    native = np.full((N_NATIVE, 3), np.nan)
    native[0, 2] = 0.0
    result = compare(native, np.array([0, 0, 1], np.int32), np.zeros(3, np.int32))
    assert np.isnan(result.native[0, 0])
    assert result.native[0, 1] == 0.0
    assert result.rows.tolist() == [2, 1, 0, 0, 0]


def test_a_row_that_lacks_one_side_enters_neither_sum():
    native = np.array([[100.0, np.nan], [np.nan, np.nan], [10.0, 30.0], [1.0, 2.0]])
    ratio = (np.array([2], np.int32), np.array([0], np.int32))
    result = compare(native, np.zeros(2, np.int32), np.zeros(2, np.int32), ratios=ratio, n_groups=1)
    assert (result.numerators[0, 0], result.denominators[0, 0], result.pairs[0, 0]) == (10.0, 100.0, 1)
    assert result.native[2, 0] / result.native[0, 0] == 0.4  # the famous wrong rate: ratio of all that is known


def test_constant_and_one_group_each():
    compare(np.full((N_NATIVE, 50), 7.0), np.zeros(50, np.int32), np.zeros(50, np.int32), n_groups=1)
    native, _, rule = observations(50)
    compare(native, np.arange(50, dtype=np.int32), rule, n_groups=50)


RUNS = st.lists(st.tuples(st.integers(-1, N_GROUPS - 1), st.integers(-1, 2), st.sampled_from([1, 3, 31, 32, 35, 70])))


def in_runs(runs, seed=1):
    """Observations whose groups and rules come in runs of given lengths."""
    lengths = [length for _, _, length in runs]
    native, _, _ = observations(sum(lengths), seed)
    group, rule = (np.repeat(np.array([run[i] for run in runs], np.int32), lengths) for i in (0, 1))
    return native, group, rule


@given(runs=RUNS, seed=st.integers(0, 99))
def test_any_mixture_of_long_and_short_runs(runs, seed):
    compare(*in_runs(runs, seed))


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_a_hole_at_each_position_of_a_long_run(hole):
    native, group, rule = in_runs([(1, 0, 39), (0, 0, 2)])
    native[:] = np.arange(native.size).reshape(native.shape)
    for row in range(41):
        holed = native.copy()
        holed[row % N_NATIVE, row] = hole
        compare(holed, group, rule)


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    rng = np.random.default_rng(5)
    lengths = rng.choice([1, 2, 5, 40, 90], 60)
    runs = zip(rng.integers(-1, N_GROUPS, 60), rng.integers(-1, 3, 60), lengths, strict=True)
    native, group, rule = in_runs(list(runs))
    native *= 0.1  # sums now round, so that another order would show
    arguments = (group, rule, WEIGHTS, NUMERATORS, DENOMINATORS, N_GROUPS)
    exact = naive.rollup(native, group, rule, WEIGHTS, NUMERATORS, DENOMINATORS, N_GROUPS)["native"]
    for slab, block in ((1 << 18, 64), (100, 7), (333, 333)):
        monkeypatch.setattr(module, "SLAB", slab)
        monkeypatch.setattr(module, "BLOCK", block)
        expected = rollup(native, *arguments, threads=1)
        np.testing.assert_allclose(expected.native, exact, rtol=1e-12)
        for threads in (2, 3, 7):
            assert same_bytes(rollup(native, *arguments, threads=threads), expected)
        assert same_bytes(rollup([column.copy() for column in native], *arguments), expected)


def test_by_period_is_by_group(monkeypatch):
    monkeypatch.setattr(module, "SLAB", 128)
    rows, n_entities = 500, 6
    rng = np.random.default_rng(3)
    native, _, _ = observations(rows)
    table = periods(20_000, 20_100, "month")
    of_day = table.of_day.copy()
    of_day[:5] = -1
    entity = rng.integers(-1, n_entities, rows).astype(np.int32)
    day = rng.integers(20_000, 20_101, rows).astype(np.int32)
    rule_of_entity = rng.integers(-1, len(WEIGHTS), n_entities).astype(np.int32)
    ratios = (NUMERATORS, DENOMINATORS)
    n_periods = table.starts.size
    found = rollup_by_period(
        native, entity, day, of_day, 20_000, n_entities, n_periods, rule_of_entity, WEIGHTS, *ratios
    )
    period = of_day[day - 20_000]
    group = np.where((entity < 0) | (period < 0), -1, entity * n_periods + period).astype(np.int32)
    rule = np.where(entity < 0, -1, rule_of_entity[entity]).astype(np.int32)
    assert same_bytes(found, rollup(native, group, rule, WEIGHTS, *ratios, n_entities * n_periods))
    assert found.rows.sum() == (group >= 0).sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": np.zeros(6)}, "group was float64.*int32"),
        ({"group": np.full(6, N_GROUPS, np.int32)}, r"group held codes from 5 to 5\. Wanted .* -1 \(none\) to 4"),
        ({"group": np.full(6, -2, np.int32)}, "group held codes from -2"),
        ({"group": np.zeros(5, np.int32)}, r"shape \(6,\)\. Wanted .*\(5\)"),
        ({"rule": np.full(6, 3, np.int32)}, "rule held codes from 3"),
        ({"weights": WEIGHTS[0]}, "weights was float64 of shape"),
        ({"weights": None}, "weights was a NoneType"),
        ({"numerators": np.array([6, 0, 0], np.int32)}, "numerators ran from 0 to 6.*4 native and 2 standard"),
        ({"denominators": np.array([-1, 0, 0], np.int32)}, "denominators ran from -1"),
        ({"denominators": np.array([0], np.int32)}, r"denominators was int32 of shape \(1,\).*\(3\)"),
        ({"numerators": [0, 1, 2]}, "numerators was a list"),
        ({"n_groups": -1}, "n_groups was -1"),
        ({"threads": 0}, "threads was 0"),
    ],
)
def test_refusals(change, message):
    native, group, rule = observations(6)
    arguments = {
        "native": native,
        "group": group,
        "rule": rule,
        "weights": WEIGHTS,
        "numerators": NUMERATORS,
        "denominators": DENOMINATORS,
        "n_groups": N_GROUPS,
    }
    with pytest.raises(InvalidArgument, match=message):
        rollup(**(arguments | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"day": np.array([20_000, 20_010], np.int32)}, "day ran from 20000 to 20010, period_of_day .* to 20009"),
        ({"day": np.array([19_999, 20_000], np.int32)}, "day ran from 19999"),
        ({"day": np.array([20_000], np.int32)}, r"day was int32 of shape \(1,\).*\(2\)"),
        ({"entity": np.array([0, 2], np.int32)}, "entity held codes from 0 to 2"),
        ({"period_of_day": np.full(10, 1, np.int32)}, "period_of_day held codes from 1 to 1"),
        ({"rule_of_entity": np.zeros(3, np.int32)}, r"rule_of_entity was int32 of shape \(3,\)"),
        ({"rule_of_entity": np.full(2, 9, np.int32)}, "rule_of_entity held codes from 9"),
        ({"n_periods": 2_000_000_000}, "groups. An int32 numbers at most"),
    ],
)
def test_refusals_by_period(change, message):
    arguments = {
        "native": np.zeros((N_NATIVE, 2)),
        "entity": np.zeros(2, np.int32),
        "day": np.full(2, 20_000, np.int32),
        "period_of_day": np.zeros(10, np.int32),
        "first_day": 20_000,
        "n_entities": 2,
        "n_periods": 1,
        "rule_of_entity": np.zeros(2, np.int32),
        "weights": WEIGHTS,
        "numerators": NUMERATORS,
        "denominators": DENOMINATORS,
    }
    with pytest.raises(InvalidArgument, match=message):
        rollup_by_period(**(arguments | change))
