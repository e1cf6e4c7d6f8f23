"""The test of a season against textbook parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels import seasonality as module
from tests.naive import seasonality as naive


def test(values, codes, window, phases):
    found, n = np.empty(4), values.size
    means, counts = np.empty(phases), np.empty(phases)
    module.seasonal_test(values, codes, window, found, means, counts, np.empty(n), np.empty(max(n, 1)))
    return found


test.__test__ = False


@pytest.mark.parametrize("length", [28, 60, 90])
@pytest.mark.parametrize("persistence", [0.0, 0.8])
def test_as_by_the_book(length, persistence):
    rng = np.random.default_rng(length)
    values = rng.normal(size=length)
    for i in range(1, length):
        values[i] += persistence * values[i - 1]
    values[rng.random(length) < 0.1] = np.nan
    values[3] = 1e4
    codes = np.arange(length) % 7
    np.testing.assert_allclose(test(values, codes, 21, 7), naive.seasonal_test(values, codes, 21), rtol=1e-8)
    codes[codes == 6] = -1  # no phase
    assert np.isfinite(test(values, codes, 21, 7)).all()


def test_a_hole_at_each_position():
    values, codes = np.random.default_rng(2).normal(size=25), np.arange(25) % 5
    for hole in range(25):
        holed = np.where(np.arange(25) == hole, np.nan, values)
        np.testing.assert_allclose(test(holed, codes, 15, 5), naive.seasonal_test(holed, codes, 15), rtol=1e-8)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5])
def test_too_little_tells_nothing(length):
    values = np.arange(length) * 1.0
    assert np.isnan(test(values, np.arange(length) % 7, 21, 7)[0])
    assert np.isnan(test(np.full(length, np.nan), np.arange(length) % 7, 21, 7)[0])


def test_constants_tell_nothing_and_pure_seasons_all():
    codes = np.arange(70) % 7
    assert np.isnan(test(np.full(70, 3.0), codes, 21, 7)[[0, 3]]).all()
    assert np.isnan(test(np.zeros(70), codes, 21, 7)[[0, 3]]).all()
    found = test((codes == 3) * 100.0, codes, 21, 7)
    assert found[0] > 100 or np.isinf(found[0])
    assert found[3] > 0.95


@given(values=st.lists(st.one_of(st.just(np.nan), st.floats(-1e9, 1e9)), max_size=40), period=st.integers(2, 8))
def test_any_values(values, period):
    values = np.array(values, float)
    found = test(values, np.arange(values.size) % period, 9, period)
    assert np.isnan(found[0]) or found[0] >= 0
    assert np.isnan(found[3]) or 0 <= found[3] <= 1


def test_autocovariances_and_their_autoregression():
    rng = np.random.default_rng(4)
    values = rng.normal(size=50)
    values[[3, 17]] = np.nan
    for longest in (3, 60):
        covariances = np.empty(longest + 1)
        module.autocovariances(values, covariances)
        np.testing.assert_allclose(covariances, naive.autocovariances(values, longest), rtol=1e-9, atol=1e-12)
    coefficients = np.empty(3)
    module.autoregression(np.zeros(4), coefficients, np.empty(3))
    assert coefficients.tolist() == [0, 0, 0]
