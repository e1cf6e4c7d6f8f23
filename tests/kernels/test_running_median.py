"""Running median and deviation against windows sorted anew, and against pandas, bit by bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels import running_median as module
from engagerr_core.kernels.baseline import median_of_others
from tests.naive import running_median as naive

VALUE = st.one_of(st.just(np.nan), st.integers(-3, 3).map(float), st.floats(-1e300, 1e300))


def medians(values, window):
    values = np.asarray(values, float)
    found, again, deviations = (np.empty(values.size) for _ in range(3))
    work = np.empty(max(1, values.size))
    module.running_median(values, window, found, work)
    module.running_deviation(values, window, again, deviations, work)
    np.testing.assert_array_equal(found, again)
    return found, deviations


def others(values, window):
    values = np.asarray(values, float)
    found = np.empty(values.size)
    median_of_others(values, 0, values.size, 1, window, found, np.empty(max(1, values.size)))
    return found


def compare(values, window):
    found, deviations = medians(values, window)
    np.testing.assert_array_equal(found, naive.running_median(values, window))
    np.testing.assert_array_equal(deviations, naive.running_deviation(values, window))
    np.testing.assert_array_equal(others(values, window), naive.median_of_others(values, window))


@pytest.mark.parametrize("length", [0, 1, 2, 3, 90])
@pytest.mark.parametrize("window", [1, 2, 3, 7, 8, 21, 75, 400])
def test_by_hand_and_by_pandas(length, window):
    rng = np.random.default_rng([length, window])
    for values in (rng.normal(size=length), rng.integers(0, 4, length).astype(float), np.full(length, 7.0)):
        values[rng.random(length) < 0.1] = np.nan
        compare(values, window)
        rolling = pd.Series(values).rolling(window, center=True, min_periods=1)
        np.testing.assert_array_equal(medians(values, window)[0], rolling.median().to_numpy())


@pytest.mark.parametrize("window", [3, 4])
def test_a_hole_at_each_position(window):
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])
    for hole in range(values.size):
        compare(np.where(np.arange(values.size) == hole, np.nan, values), window)


@given(values=st.lists(VALUE, max_size=30), window=st.integers(1, 70))
def test_any_values(values, window):
    compare(np.array(values, float), window)


def test_long_windows_are_searched():
    rng = np.random.default_rng(20_261_130)
    values = rng.integers(0, 50, 200).astype(float)
    values[rng.random(200) < 0.05] = np.nan
    compare(values, 99)


def test_huge_values_do_not_overflow():
    assert medians([1.7e308, 1.7e308], 3)[0].tolist() == [1.7e308, 1.7e308]
