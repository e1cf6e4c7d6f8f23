"""The exact median slope against all pairs: ties, gaps, wrong guesses, and scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from engagerr_core.kernels.theil_sen import ROOM, median_slopes, slopes_below, slopes_up_to
from tests.naive import trend as naive


def found(places, values, guess=0.0, width=1.0, room=ROOM):
    """Median slope and balance of one series among others."""
    grid = np.full(max(places, default=-1) + 1, np.nan)
    grid[list(places)] = values
    series = np.concatenate([[3.0, 1.0], grid, [np.nan]])
    figures = np.empty((3, 2))
    indptr = np.array([0, 2, 2 + grid.size, 3 + grid.size], np.int64)
    median_slopes(series, indptr, np.array([[0.0, 1.0], [guess, width], [0.0, 1.0]]), figures, room)
    assert figures[0].tolist() == [-2, -1]
    assert np.isnan(figures[2]).all()
    return figures[1]


def agrees(places, values, **told):
    slope, balance = found(places, values, **told)
    expected, rising = naive.median_slope(places, values)
    largest = max(map(abs, values), default=0)
    np.testing.assert_allclose(slope, expected, rtol=1e-12, atol=4e-15 * largest)
    np.testing.assert_allclose(balance, rising, rtol=1e-12)


KINDS = {
    "normal": lambda rng, at: rng.standard_normal(at.size),
    "heavy": lambda rng, at: rng.standard_cauchy(at.size),
    "counts": lambda rng, at: rng.poisson(0.7, at.size) * 1.0,
    "two values": lambda rng, at: rng.integers(0, 2, at.size) * 1.0,
    "step": lambda rng, at: (at > at[at.size // 2]) * 1.0,
    "line": lambda rng, at: 2.0 * at - 7.0,
    "stairs": lambda rng, at: np.round(at / 3),
    "fork": lambda rng, at: np.where(rng.random(at.size) < 0.5, at, -at) * 1.0,
    "constant": lambda rng, at: np.full(at.size, 3.25),
    "walk": lambda rng, at: np.cumsum(rng.standard_normal(at.size)),
    "far away": lambda rng, at: 1e6 + rng.standard_normal(at.size),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [2, 3, 4, 5, 7, 8, 9, 17, 40, 61])
@pytest.mark.parametrize(("guess", "width"), [(0.0, 1.0), (50.0, 1e-9), (-0.3, 0.0)])
def test_all_pairs(kind, length, guess, width):
    rng = np.random.default_rng(length)
    at = np.sort(rng.choice(3 * length, length, replace=False))
    agrees(at.tolist(), KINDS[kind](rng, at).tolist(), guess=guess, width=width)


@given(
    steps=st.lists(st.integers(1, 4), max_size=14),
    values=st.lists(st.sampled_from([0.0, 1.0, -1.0, 2.5, 1e-3, 7.0]), min_size=14, max_size=14),
)
def test_any_values(steps, values):
    places = np.cumsum([0, *steps]).tolist()[: len(values)]
    agrees(places, values[: len(places)])


def test_little_room_narrows_the_bracket():
    rng = np.random.default_rng(3)
    for kind in ("normal", "heavy", "line", "counts"):
        at = np.arange(50)
        agrees(at.tolist(), KINDS[kind](rng, at).tolist(), guess=1.0, width=30.0, room=1)


def test_nothing_and_one_value():
    assert np.isnan(found([], [])).all()
    assert np.isnan(found([4], [1.0])).all()


def test_same_as_scipy_to_the_last_bit():
    rng = np.random.default_rng(20_261_130)
    at, values = np.arange(90), rng.standard_normal(90)
    assert found(at, values, 0.01, 0.02)[0] == theilslopes(values, at)[0]


def test_counting_and_gathering_agree():
    rng = np.random.default_rng(5)
    at, values = np.arange(30), rng.standard_normal(30)
    scratch = np.empty(30), np.empty(30, np.int64), np.empty(30), np.empty(30, np.int64)
    slopes, order = np.empty(500), scratch[1]
    all_slopes = np.array([(values[j] - values[i]) / (j - i) for i in range(30) for j in range(i + 1, 30)])
    below = slopes_below(-0.1, at, values, 30, *scratch)
    assert below == (all_slopes < -0.1).sum()
    assert (np.diff(scratch[0]) >= 0).all()
    inside = slopes_up_to(at, values, 30, 0.2, scratch[0], order, slopes, 500)
    np.testing.assert_array_equal(
        np.sort(slopes[:inside]), np.sort(all_slopes[(all_slopes >= -0.1) & (all_slopes < 0.2)])
    )
