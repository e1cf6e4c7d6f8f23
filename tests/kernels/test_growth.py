"""Growth against its definition: holes at every place, zeros, negatives, short series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.kernels.growth import ACCELERATION, CHANGES, ERROR, RATE, grow, window_change
from tests.naive import growth as naive

NAN = np.nan
WINDOWS = (1, 3, 7, 0)


def figures_of(*series, season=3, window=8):
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in series])]).astype(np.int64)
    figures = np.empty((len(series), CHANGES + len(WINDOWS)))
    values = np.concatenate([np.empty(0), *series]).astype(float)
    grow(values, indptr, season, window, np.array(WINDOWS, np.int64), figures)
    return figures


def agrees(values, season=3, window=8):
    found = figures_of(np.array(values), season=season, window=window)[0]
    values = list(map(float, values))
    np.testing.assert_allclose(found[RATE], naive.compound_slope(values, season), rtol=1e-9, atol=1e-12)
    changes = [naive.change(values, size) for size in WINDOWS[:3]]
    np.testing.assert_allclose(found[CHANGES:-1], changes, rtol=1e-9, atol=1e-12)
    assert np.isnan(found[-1])
    difference, error = naive.acceleration(values, window, season)
    np.testing.assert_allclose(found[ACCELERATION], difference, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found[ERROR], error, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 6, 7, 15, 16, 17, 40])
@pytest.mark.parametrize("season", [1, 3])
def test_random_series(length, season):
    rng = np.random.default_rng(length)
    for gaps in (0.0, 0.3):
        values = np.exp(rng.normal(3, 1, length))
        values[rng.random(length) < gaps] = NAN
        agrees(values, season)


def test_a_hole_at_every_place():
    values = np.exp(np.random.default_rng(1).normal(3, 1, 20))
    for hole in range(20):
        agrees(np.where(np.arange(20) == hole, NAN, values))


@settings(max_examples=60)
@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 4.0, 50.0, -2.0, NAN, 1e12]), max_size=20))
def test_any_values(values):
    found = figures_of(np.array(values, float))[0]
    np.testing.assert_allclose(found[RATE], naive.compound_slope(values, 3), rtol=1e-9, atol=1e-12)
    changes = [naive.change(values, size) for size in WINDOWS[:3]]
    np.testing.assert_allclose(found[CHANGES:-1], changes, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [(3, 2, 0.5), (0, 2, -1), (0, 0, 0), (1, 0, NAN), (-1, 0, NAN), (1, -2, NAN), (-1, 2, -1.5), (NAN, 1, NAN),
     (1, NAN, NAN), (NAN, 0, NAN), (0, NAN, NAN)],
)  # fmt: skip
def test_changes_from_nothing(now, before, change):
    values = np.array([before, now], float)
    np.testing.assert_equal(window_change(values, 0, 2, 1), float(change))


def test_constants_and_exact_growth():
    constant, doubling, zeros = figures_of(np.full(40, 5.0), 2.0 ** np.arange(40), np.zeros(40))
    np.testing.assert_allclose(constant[:-1], 0, atol=1e-12)
    np.testing.assert_allclose(zeros[:-1], 0, atol=1e-12)
    np.testing.assert_allclose(doubling[[RATE, ACCELERATION, CHANGES]], [np.log(2), 0, 1], atol=1e-12)


def test_huge_and_tiny_values():
    for factor in (1e-300, 1e300):
        values = np.exp(np.random.default_rng(2).normal(0, 0.2, 40)) * factor
        assert np.isfinite(figures_of(values)[0, :-1]).all()


def test_nothing():
    assert figures_of().shape == (0, 7)
