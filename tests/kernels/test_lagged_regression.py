"""Regression on lags against numpy's least squares; the slope of Theta against polyfit."""

import numpy as np
import pytest

from engagerr_core.kernels.lagged_regression import fit_lags, lagged_forecasts, repeating_lag
from engagerr_core.kernels.theta import trend_slope
from tests.naive import lagged_regression as naive

NAN = np.nan


def coefficients_of(values, lags, ridge):
    found = np.full(len(lags), -9.0)
    done = fit_lags(np.array(values, float), len(values), np.array(lags), ridge, found)
    return found, done


@pytest.mark.parametrize("lags", [[1], [1, 2], [1, 3, 7], [2, 5]])
@pytest.mark.parametrize("ridge", [0.5, 20.0])
@pytest.mark.parametrize("length", [0, 1, 2, 9, 14, 40])
def test_least_squares_with_a_ridge(lags, ridge, length):
    rng = np.random.default_rng([len(lags), length])
    values = rng.normal(size=length)
    for t in range(2, length):
        values[t] += 0.6 * values[t - 1] - 0.3 * values[t - 2]
    found, done = coefficients_of(values, lags, ridge)
    np.testing.assert_allclose(found, naive.fit(values, lags, ridge), atol=1e-8)
    assert done == (length - max(lags) >= 2 * len(lags) + 3)


def test_nothing_to_fit():
    for values in (np.zeros(30), np.full(30, 1e200)):
        found, done = coefficients_of(values, [1, 2], 1.0)
        assert not done
        assert (found == 0).all()


def test_the_process_is_recovered_and_without_a_lag_it_is_not():
    rng = np.random.default_rng(11)
    values = np.zeros(1000)
    for t in range(2, 1000):
        values[t] = 0.3 * values[t - 1] + 0.6 * values[t - 2] + rng.normal()
    both, _ = coefficients_of(values, [1, 2], 2.0)
    np.testing.assert_allclose(both, [0.3, 0.6], atol=0.06)
    alone, _ = coefficients_of(values, [1], 2.0)
    assert alone[0] > 0.6  # negative control: what the other lag does is laid at the door of this one


def test_forecasts_step_by_step():
    rng = np.random.default_rng(2)
    values, lags, coefficients = rng.normal(size=12), [1, 4, 9], np.array([0.9, -0.4, 0.7])
    for limit in (np.inf, 0.5):
        made = np.empty((3, 7))
        lagged_forecasts(values, np.array(lags), coefficients, limit, 2, 5, made)
        for row, origin in enumerate((2, 7, 12)):
            np.testing.assert_allclose(made[row], naive.forecast(values, origin, 7, lags, coefficients, limit))


@pytest.mark.parametrize("seed", range(6))
def test_repeating_lag(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=60) + (np.resize(rng.normal(size=11), 60) if seed % 2 else 0)
    for errors in (0.0, 4.0):
        found = repeating_lag(values, 60, 3, 20, errors)
        assert found == naive.repeating_lag(values, 3, 20, errors)
    assert repeating_lag(values, 60, 3, 3, 0.0) == 0
    assert repeating_lag(np.zeros(20), 20, 1, 9, 4.0) == 0


def test_a_season_that_nobody_named_is_found_and_none_in_noise():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=300)
    assert repeating_lag(noise + np.resize(rng.normal(size=26), 300), 300, 14, 100, 4.0) in (26, 52, 78)
    assert repeating_lag(noise, 300, 14, 100, 4.0) == 0


@pytest.mark.parametrize("position", [None, *range(8)])
def test_trend_slope(position):
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
    if position is not None:
        values[position] = NAN
    known = np.flatnonzero(~np.isnan(values))
    np.testing.assert_allclose(trend_slope(values, 8), np.polyfit(known, values[known], 1)[0])
    assert trend_slope(values[:2], 2) == 0
    assert trend_slope(np.full(5, NAN), 5) == 0
    assert abs(trend_slope(np.full(5, 7.0), 5)) < 1e-12
