"""Weights, blends, widths and scores of a back-test against numpy."""

import numpy as np
import pytest
from scipy.special import ndtri

from engagerr_core.kernels import forecast_combination as combination
from engagerr_core.kernels.forecast_combination import SCORES, blend_of, judge, learn_weights, learn_widths, naive_error
from tests.naive import forecast_combination as naive

NAN = np.nan
LEVELS = np.array([0.8, 0.95])
NORMAL = ndtri((1 + LEVELS) / 2)


def world(seed, candidates=4, origins=5, horizon=3):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(origins, horizon))
    forecasts = truth + rng.normal(size=(candidates, origins, horizon)) * np.arange(1, candidates + 1)[:, None, None]
    if seed % 2:
        truth[rng.random(truth.shape) < 0.3] = NAN
        forecasts[2] = NAN
        forecasts[1, 3] = NAN
    return forecasts, truth


def weights_of(forecasts, truth, squared=False):
    found = np.empty(len(forecasts))
    learn_weights(forecasts, truth, 0, len(truth), squared, found)
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("squared", [False, True])
def test_weights_and_blends(seed, squared):
    forecasts, truth = world(seed)
    found = weights_of(forecasts, truth, squared)
    expected = naive.weights(forecasts, truth, squared, combination.SHARPNESS, combination.DROPPED)
    np.testing.assert_allclose(found, expected)
    blend = np.empty(truth.shape)
    blend_of(forecasts, found, blend)
    np.testing.assert_allclose(blend, naive.blend(forecasts, found))


def test_weights_of_the_extremes():
    forecasts, truth = world(0)
    np.testing.assert_allclose(weights_of(forecasts, np.full(truth.shape, NAN)), 0.25)  # nothing known: equal
    forecasts[1] = truth
    np.testing.assert_allclose(weights_of(forecasts, truth), [0, 1, 0, 0])  # one was exact
    found = np.empty(4)
    learn_weights(forecasts, truth, 0, 0, False, found)
    np.testing.assert_allclose(found, 0.25)
    blend = np.empty(truth.shape)
    blend_of(np.full(forecasts.shape, NAN), found, blend)
    assert np.isnan(blend).all()


def widths_of(gaps, folds, growth, errors):
    found = np.empty((2, len(growth)))
    sizes = np.array(errors, float)
    learn_widths(
        gaps, 0, len(gaps), folds, growth, sizes.copy(), len(sizes), LEVELS, NORMAL, np.empty(max(gaps.size, 1)), found
    )
    return found


def expected_widths(gaps, folds, growth, errors):
    c = combination
    return naive.widths(
        gaps, folds, growth, errors, LEVELS, NORMAL, c.SIZE, c.GROWTH, c.TAILS, c.EMPIRICAL, c.UNCERTAIN, c.STEEPEST
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("folds", [0.0, 1.0, 5.0])
def test_widths(seed, folds):
    rng = np.random.default_rng(seed)
    gaps = np.abs(rng.normal(size=(7, 4))) * np.arange(1, 5)
    if seed % 2:
        gaps[rng.random(gaps.shape) < 0.3] = NAN
    if seed == 4:
        gaps[:, 1] = 0.0
    growth, errors = np.cumsum(rng.uniform(0.2, 1, 6)), np.abs(rng.standard_t(3, size=40))
    found = widths_of(gaps, folds, growth, errors)
    np.testing.assert_allclose(found, expected_widths(gaps, folds, growth, errors))
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found[1] >= found[0]).all()


def test_widths_without_errors_or_tests():
    growth = np.array([1.0, 2.0, 3.0])
    nothing, zeros = np.empty((0, 2)), np.zeros((4, 2))
    for gaps, errors in ((nothing, []), (nothing, [0.0, 0.0]), (zeros, [0.0]), (np.full((2, 2), NAN), [])):
        assert (widths_of(gaps, 3.0, growth, errors) == 0).all()
    for gaps, errors in ((zeros, [1.0, 2.0]), (np.ones((4, 2)), []), (np.ones((4, 2)), [0.0])):
        found = widths_of(gaps, 3.0, growth, errors)
        np.testing.assert_allclose(found, expected_widths(gaps, 3.0, growth, errors))
        assert (found > 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_scores(seed):
    forecasts, truth = world(seed)
    blend = np.ascontiguousarray(forecasts[0])
    widths = np.array([0.5, 1.0])[:, None, None]
    low, high = blend - widths, blend + 2 * widths
    found = np.empty(SCORES + 2)
    judge(blend, low, high, truth, 2, LEVELS, 0.7, found)
    np.testing.assert_allclose(found, naive.scores(blend[2:], low[:, 2:], high[:, 2:], truth[2:], LEVELS, 0.7))
    judge(blend, low, high, np.full(truth.shape, NAN), 0, LEVELS, 0.7, found)
    assert found[:2].tolist() == [0, 3]
    assert np.isnan(found[2:]).all()


def test_naive_error():
    values = np.array([1.0, 4.0, NAN, 9.0, 2.0])
    assert naive_error(values, 5, 1) == 5.0
    assert naive_error(values, 5, 2) == 5.0
    for nothing in (np.zeros(9), np.full(4, NAN), np.empty(0), np.ones(1)):
        assert np.isnan(naive_error(nothing, len(nothing), 1))
