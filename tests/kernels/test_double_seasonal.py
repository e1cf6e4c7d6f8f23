"""Double seasonal smoothing against one value at a time."""

import numpy as np
import pytest

from engagerr_core.kernels.double_seasonal import (
    DOUBLE_MODEL,
    double_seasonal_forecasts,
    double_seasonal_loss,
    fit_double_seasonal,
)
from tests.naive import double_seasonal as naive

NAN, INF = np.nan, np.inf


def world(seed, n=72, short=3, long=12, noise=0.5):
    rng = np.random.default_rng(seed)
    days, weeks = rng.normal(size=short) * 4, rng.normal(size=long) * 3
    error, values = 0.0, np.empty(n)
    for t in range(n):
        error = 0.6 * error + rng.normal() * noise
        values[t] = 20 + days[t % short] + weeks[t % long] + error
    return values


@pytest.mark.parametrize("limit", [INF, 1.0])
@pytest.mark.parametrize("position", [None, 0, 5, 29])
def test_loss_and_forecasts(limit, position):
    values = world(1, 30)
    if position is not None:
        values[position] = NAN
    days, weeks = np.array([1.0, -1.0, 0.0]), np.linspace(-1, 1, 12)
    model = (0.1, 0.2, 0.3, 0.5, 19.0, days, weeks, limit)
    loss = double_seasonal_loss(values, 30, *model[:7], np.empty(3), np.empty(12), limit, INF)
    np.testing.assert_allclose(loss, naive.loss(values, *model))
    assert double_seasonal_loss(values, 30, *model[:7], np.empty(3), np.empty(12), limit, loss / 2) > loss / 2
    made = np.empty((3, 14))
    double_seasonal_forecasts(
        values, np.array([*model[:5], 0.0]), days, weeks, np.empty(3), np.empty(12), limit, 10, 10, made
    )
    for row, origin in enumerate((10, 20, 30)):
        np.testing.assert_allclose(made[row], naive.forecast(values, origin, 14, *model))


def fitted(values, short=3, long=12):
    days, weeks, model = np.empty(short), np.empty(long), np.zeros(DOUBLE_MODEL)
    done = fit_double_seasonal(
        values, len(values), days, weeks, np.empty(short), np.empty(long), np.empty(len(values)), INF, model
    )
    return done, days, weeks, model


def test_a_fit_forecasts_as_well_as_the_truth_allows_and_one_season_does_not():
    gaps, alone = [], []
    for seed in range(6):
        values = world(seed)
        done, days, weeks, model = fitted(values[:60])
        assert done
        own = (*model[:5], days, weeks, INF)
        np.testing.assert_allclose(naive.loss(values[:60], *own), model[5])
        gaps.append(np.abs(np.array(naive.forecast(values, 60, 12, *own)) - values[60:]).mean())
        only = values[:60] - np.resize(days, 60)
        alone.append(np.abs(values[60:] - np.resize(days, 12) - only.mean()).mean())
    assert np.mean(gaps) < 1.0  # the error's own spread is 0.6
    assert np.mean(alone) > 1.5  # negative control: the short season alone


@pytest.mark.parametrize("length", [0, 1, 2, 5, 23])
def test_too_short_for_two_of_each(length):
    assert not fitted(world(2)[:length])[0]


def test_constants_and_zeros():
    for value in (0.0, 5.0):
        done, days, weeks, model = fitted(np.full(40, value))
        assert done
        assert model[4] == value
        assert (days == 0).all()
        assert (weeks == 0).all()
        assert model[5] == 0
