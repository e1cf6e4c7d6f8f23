"""Seasonal profiles and medians against slices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.kernels.seasonal_profile import known_median, median_forecasts, seasonal_profile
from tests.naive import seasonal_profile as naive

NAN = np.nan
VALUES = st.lists(st.sampled_from([0.0, 1.0, -3.5, 7.0, 100.0, NAN, NAN, 2.0]), max_size=20)


def profile_of(values, period):
    season = np.full(period, -9.0)
    known = seasonal_profile(values, len(values), season, np.empty(len(values) + 1))
    return season, known


@settings(max_examples=150, deadline=None)
@given(values=VALUES, period=st.integers(1, 5))
def test_any_values(values, period):
    values = np.array(values, float)
    season, known = profile_of(values, period)
    expected, fewest = naive.profile(values, period)
    np.testing.assert_allclose(season, expected, atol=1e-9)
    assert known == fewest


@pytest.mark.parametrize("position", range(21))
def test_a_profile_survives_an_outlier_anywhere(position):
    values = np.resize([3.0, 0.0, -3.0], 21) + 10
    values[position] += 1e4
    season, _ = profile_of(values, 3)
    plain = np.array([values[phase::3].mean() for phase in range(3)])
    assert np.abs(season - season.mean()).max() < 4000  # the centred mean is moved by it, the median of it is not
    assert np.abs(plain - plain.mean()).max() > 900  # means by phase are wrong by hundreds
    clean, _ = profile_of(np.resize([3.0, 0.0, -3.0], 21) + 10, 3)
    np.testing.assert_allclose(clean, [3, 0, -3])


@settings(max_examples=100, deadline=None)
@given(values=VALUES, start=st.integers(0, 9), most=st.integers(1, 9), season=st.sampled_from([[0.0], [1.0, -1.0]]))
def test_known_median(values, start, most, season):
    values, season = np.array(values, float), np.array(season)
    found = known_median(values, min(start, len(values)), len(values), most, season, np.empty(len(values) + 1))
    np.testing.assert_allclose(found, naive.known_median(values, start, len(values), most, season))


def test_median_forecasts():
    values = np.array([1.0, 5.0, 2.0, 6.0, NAN, 90.0, 3.0, 7.0])
    season, made = np.array([-2.0, 2.0]), np.empty((3, 3))
    median_forecasts(values, season, 3, np.empty(8), 4, 2, made)
    for row, origin in enumerate((4, 6, 8)):
        level = naive.known_median(values, origin - 3, origin, 3, season)
        np.testing.assert_allclose(made[row], [level + season[(origin + step) % 2] for step in range(3)])
    median_forecasts(np.full(4, NAN), season, 3, np.empty(8), 4, 1, made[:1])
    assert np.isnan(made[0]).all()
