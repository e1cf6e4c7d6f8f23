"""Volatility against its definition: holes at every place, zeros, negatives, short series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.kernels.volatility import RECENT, RETURNS, USUAL, volatilities
from tests.naive import growth as naive

NAN = np.nan


def figures_of(*series, season=3, kept=0.9):
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in series])]).astype(np.int64)
    figures = np.empty((len(series), 3))
    volatilities(np.concatenate([np.empty(0), *series]).astype(float), indptr, season, kept, figures)
    return figures


def agrees(values, season=3):
    found = figures_of(np.array(values, float), season=season)[0]
    expected = naive.volatility(list(map(float, values)), season, 0.9)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 7, 8, 30])
@pytest.mark.parametrize("season", [1, 3, 7])
def test_random_series(length, season):
    rng = np.random.default_rng(length)
    for gaps in (0.0, 0.3):
        values = np.exp(rng.normal(3, 1, length))
        values[rng.random(length) < gaps] = NAN
        agrees(values, season)


def test_a_hole_at_every_place():
    values = np.exp(np.random.default_rng(1).normal(3, 1, 12))
    for hole in range(12):
        agrees(np.where(np.arange(12) == hole, NAN, values))


@settings(max_examples=60)
@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, 4.0, 50.0, -2.0, NAN, 1e300, 1e-300]), max_size=20))
def test_any_values(values):
    agrees(values)


def test_constants_do_not_swing_and_two_returns_tell_nothing():
    found = figures_of(np.full(20, 3.0), np.zeros(20), np.array([1.0, 2.0, 3.0]), np.full(5, NAN), season=1)
    assert found[:2, [USUAL, RECENT]].tolist() == [[0, 0], [0, 0]]
    assert np.isnan(found[2:, [USUAL, RECENT]]).all()
    assert found[:, RETURNS].tolist() == [19, 19, 2, 0]


def test_a_phase_with_a_single_return_is_left_out():
    values = np.exp(np.random.default_rng(3).normal(0, 1, 30))
    values[5::3] = NAN
    agrees(values)
    values[8] = 2.0
    agrees(values)


def test_nothing():
    assert figures_of().shape == (0, 3)
