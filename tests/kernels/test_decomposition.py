"""Trend and season in turns, and the baseline that follows steps, against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels import baseline as module
from engagerr_core.kernels.decomposition import decompose, fill_between, seasonal_medians
from tests.naive import decomposition as naive

VALUE = st.one_of(st.just(np.nan), st.integers(-20, 20).map(float))


def parts(values, season, window):
    trend, seasonal, work = np.empty(values.size), np.empty(values.size), np.empty(2 * values.size)
    decompose(values, season, window, trend, seasonal, work)
    return trend, seasonal


def baseline(values, season, window, periods):
    n = values.size
    level, seasonal, rest, other, spare = (np.empty(m) for m in (n, n, n, n, 2 * n))
    steps = np.empty(max(n, 1), np.int64)
    count = module.baseline(values, season, window, periods, level, seasonal, steps, rest, other, spare)
    return level, seasonal, steps[:count].tolist()


def compare(values, season, window, periods=13):
    for found, expected in zip(parts(values, season, window), naive.decompose(values, season, window), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    found, expected = baseline(values, season, window, periods), naive.baseline(values, season, window, periods)
    assert found[2] == expected[2]
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-9, atol=1e-9)


def series(rng, length, missing=0.1):
    day = np.arange(length)
    values = rng.normal(size=length) + 0.02 * day + 3 * np.sin(day) * (day % 7 > 4) + 8 * (day > 0.6 * length)
    values[rng.random(length) < missing] = np.nan
    return values


@pytest.mark.parametrize("length", [0, 1, 2, 6, 7, 20, 75])
@pytest.mark.parametrize(("season", "window"), [(7, 21), (1, 21), (0, 4), (3, 9), (7, 500)])
def test_as_by_hand(length, season, window):
    rng = np.random.default_rng([length, season, window])
    compare(series(rng, length), season, window)
    compare(np.full(length, 5.0), season, window)
    compare(np.zeros(length), season, window)
    compare(np.full(length, np.nan), season, window)


def test_a_hole_at_each_position():
    values = series(np.random.default_rng(3), 30, missing=0)
    for hole in range(values.size):
        compare(np.where(np.arange(values.size) == hole, np.nan, values), 7, 7, 3)


@given(values=st.lists(VALUE, max_size=40), season=st.integers(0, 6), window=st.integers(1, 12))
def test_any_values(values, season, window):
    values = np.array(values, float)
    for found, expected in zip(parts(values, season, window), naive.decompose(values, season, window), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_spikes_and_steps_leave_trend_and_season_as_they_are():
    week = np.array([3.0, 1.0, 0.0, 0.0, 0.0, -2.0, -2.0])
    clean = np.tile(week, 10) + np.where(np.arange(70) < 35, 10.0, 20.0)
    spiked = clean.copy()
    spiked[[5, 20, 50]] += [100, -100, 1e6]
    trend, seasonal = parts(spiked, 7, 21)
    np.testing.assert_allclose(trend[:35], 10, atol=0.5)
    np.testing.assert_allclose(trend[35:], 20, atol=0.5)
    np.testing.assert_allclose(seasonal[:7] - seasonal[2], week, atol=1e-9)


def test_a_gap_longer_than_the_window_is_bridged():
    values = np.concatenate([np.full(9, 1.0), np.full(20, np.nan), np.full(9, 3.0)])
    trend, _ = parts(values, 1, 5)
    assert ((np.diff(trend[5:33]) >= 0) & np.isfinite(trend[5:33][1:])).all()
    filled = np.array([np.nan, 1.0, np.nan, np.nan, 4.0, np.nan])
    fill_between(filled)
    assert filled.tolist() == [1, 1, 2, 3, 4, 4]


def test_a_phase_without_values_has_no_season():
    values, seasonal = np.array([1.0, np.nan, 3.0, np.nan, 1.0]), np.empty(5)
    seasonal_medians(values, np.zeros(5), 2, seasonal, np.empty(5))
    assert seasonal.tolist() == [0, 0, 0, 0, 0]


def test_steps_are_found_where_they_are():
    values = np.concatenate([np.full(30, 1.0), np.full(30, 9.0), np.full(30, 4.0)])
    values += np.random.default_rng(5).normal(size=90) * 0.1
    level, _, steps = baseline(values, 1, 21, 13)
    assert steps == [30, 60]
    np.testing.assert_allclose(level, np.repeat([1, 9, 4], 30), atol=0.2)


def test_a_season_that_grows_is_followed():
    day = np.arange(280)
    values = (day % 7 == 6) * day / 10 + np.random.default_rng(6).normal(size=280) * 0.3
    compare(values, 7, 21, 5)
    fixed = parts(values, 7, 21)
    changing = baseline(values, 7, 21, 5)[:2]
    rest = [np.abs(values - trend - seasonal).mean() for trend, seasonal in (fixed, changing)]
    assert rest[1] < 0.6 * rest[0]


def test_steps_near_one_another_and_beside_gaps():
    rng = np.random.default_rng(8)
    for _ in range(5):
        values = np.repeat(rng.integers(0, 9, 12) * 1.0, 8) + rng.normal(size=96) * 0.05
        values[rng.random(96) < 0.15] = np.nan
        found = np.empty(96, np.int64)
        count = module.find_steps(values, 7, 2.0, found, np.empty(192))
        assert found[:count].tolist() == naive.find_steps(values, 7, 2.0)
