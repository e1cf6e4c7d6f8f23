"""Rests on the chosen scale, and their histogram, against the steps one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels import spikes as module
from tests.naive import spikes as naive


def judge(values, season=7, window=21, periods=13):
    expected, sizes, histograms = module.judge(values, np.array([0, values.size]), season, window, periods)
    assert np.isnan(sizes[np.isnan(values)]).all()
    return expected, None if np.isnan(sizes).all() else sizes, histograms[0]


def compare(values, **how):
    expected, sizes, histogram = judge(values, **how)
    told, rests = naive.judge(values, **{"season": 7, "window": 21, "periods": 13} | how)
    np.testing.assert_allclose(expected, told, rtol=1e-9, atol=1e-9)
    assert (sizes is None) == (rests is None)
    if rests is not None:
        np.testing.assert_allclose(sizes, rests, rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(histogram, naive.histogram(sizes[~np.isnan(sizes)]))
        assert histogram.sum() == np.count_nonzero(~np.isnan(values))
    else:
        assert not histogram.any()


def worlds(rng, length):
    day = np.arange(length)
    noise = rng.normal(size=length)
    yield np.exp(5 + 0.2 * noise + 0.3 * (day % 7 > 4))
    yield 100 + 30 * noise
    yield np.rint(np.exp(1 + 0.5 * noise))
    yield rng.poisson(6, length).astype(float)
    yield noise
    yield np.round(noise, 2)
    yield np.where(rng.random(length) < 0.8, 0.0, np.abs(noise))


@pytest.mark.parametrize("length", [1, 2, 20, 90])
def test_as_step_by_step(length):
    rng = np.random.default_rng(length)
    for values in worlds(rng, length):
        values[rng.random(length) < 0.05] = np.nan
        compare(values)
        compare(values, season=1, window=9, periods=5)


@pytest.mark.parametrize("length", [0, 1, 2, 30])
def test_nothing_to_be_seen(length):
    for values in (np.full(length, np.nan), np.full(length, np.pi)):
        assert judge(values)[1] is None


def test_a_hole_at_each_position():
    values = np.exp(np.random.default_rng(2).normal(size=25))
    for hole in range(25):
        compare(np.where(np.arange(25) == hole, np.nan, values), season=3, window=9, periods=3)


@given(values=st.lists(st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), min_size=1, max_size=25))
def test_any_values_give_finite_sizes(values):
    values = np.array(values, float)
    _, sizes, histogram = judge(values, season=3, window=9, periods=3)
    if sizes is not None:
        assert np.isfinite(sizes[~np.isnan(values)]).all()
        assert histogram.sum() == np.count_nonzero(~np.isnan(values))


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([1, 5, 1e12], 1),
        ([0.25, 1], 0.01),
        ([0.1, 0.123456], 1e-6),
        ([np.pi], 0),
        ([np.nan], 1),
        ([], 1),
        ([-2.5], 0.1),
    ],
)
def test_resolution(values, unit):
    assert module.resolution(np.array(values, float)) == pytest.approx(unit)
    assert naive.resolution(np.array(values, float)) == pytest.approx(unit)


def test_bins_at_their_edges():
    sizes = np.array([0, 0.99, 1, -1, 199.9, 200, -201, 1e300, np.inf])
    assert module.bins_of(sizes).tolist() == [0, 0, 1, 1, 36, 37, 37, 37, 37]


def test_a_block_is_its_series():
    rng = np.random.default_rng(12)
    parts = [*worlds(rng, 40), np.empty(0), np.full(5, np.nan), rng.normal(size=7)]
    indptr = np.concatenate([[0], np.cumsum([part.size for part in parts])]).astype(np.int64)
    whole = module.judge(np.concatenate(parts), indptr, 7, 21, 13, fewest=10)
    for part, start, stop, histogram in zip(parts, indptr[:-1], indptr[1:], whole.histograms, strict=True):
        if part.size < 10:
            assert np.isnan(whole.sizes[start:stop]).all()
            assert not histogram.any()
            continue
        expected, sizes, own = judge(part)
        np.testing.assert_array_equal(whole.expected[start:stop], expected)
        np.testing.assert_array_equal(whole.sizes[start:stop], sizes)
        np.testing.assert_array_equal(histogram, own)


def test_multiplied_noise_is_judged_by_logarithms_and_added_noise_is_not():
    """Negative control: on the wrong scale the same noise is lopsided."""
    rng = np.random.default_rng(9)
    added = 100 + 28 * rng.normal(size=400)
    added = added[added > 0]
    expected, sizes, _ = judge(added, season=1)
    np.testing.assert_allclose(sizes * np.median(np.abs(added - expected)), added - expected, atol=4)
    wrong = np.log1p(added) - np.log1p(expected)
    assert abs(np.percentile(wrong, 99) / np.percentile(wrong, 1)) < 0.6
    assert abs(np.percentile(sizes, 99) / np.percentile(sizes, 1)) > 0.7
