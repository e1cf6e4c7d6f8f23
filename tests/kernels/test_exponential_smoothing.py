"""Exponential smoothing against one forecast at a time, and against statsmodels with the same parameters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.kernels.exponential_smoothing import (
    ALPHA,
    BETA,
    DAMPED,
    GAMMA,
    LEVEL,
    LINEAR,
    LOSS,
    MODEL,
    NO_TREND,
    PHI,
    SLOPE,
    search,
    smoothing_forecasts,
    smoothing_loss,
    smoothing_variance,
    usual_error,
)
from tests.naive import exponential_smoothing as naive

NAN, INF = np.nan, np.inf
VALUES = st.lists(st.sampled_from([0.0, 1.0, -3.5, 7.0, 1e6, NAN, 2.0, 2.0]), max_size=12)
SHARE = st.sampled_from([0.0, 0.1, 0.5, 1.0])
MODELS = st.tuples(
    SHARE, SHARE, SHARE, st.sampled_from([0.8, 0.98, 1.0]), st.sampled_from([-2.0, 0.0, 5.0]),
    st.sampled_from([0.0, 0.5, -1.0]), st.sampled_from([[0.0], [1.0, -1.0], [0.5, -2.0, 1.5]]),
    st.sampled_from([INF, 3.0, 0.5]),
)  # fmt: skip


def loss_of(values, model, enough=INF):
    alpha, beta, gamma, phi, level, slope, season, limit = model
    season = np.array(season)
    return smoothing_loss(
        values, len(values), alpha, beta, gamma, phi, level, slope, season, np.empty(season.size), limit, enough
    )


def forecasts_of(values, model, first, every, count, horizon):
    alpha, beta, gamma, phi, level, slope, season, limit = model
    season, made = np.array(season), np.full((count, horizon), -9.0)
    expected = np.full(len(values), -9.0)
    packed = np.array([alpha, beta, gamma, phi, level, slope, 0.0])
    smoothing_forecasts(values, packed, season, np.empty(season.size), limit, first, every, made, expected)
    return made, expected


@settings(max_examples=150, deadline=None)
@given(values=VALUES, model=MODELS)
def test_any_model(values, model):
    values = np.array(values)
    expected = naive.loss(values, *model)
    np.testing.assert_allclose(loss_of(values, model), expected, rtol=1e-9)
    if expected > 0:
        assert loss_of(values, model, expected / 2) > expected / 2
    n = len(values)
    every = 2 if n >= 2 else 1
    count = n // every + 1
    first = n - (count - 1) * every
    made, one_step = forecasts_of(values, model, first, every, count, 4)
    for row in range(count):
        np.testing.assert_allclose(made[row], naive.forecast(values, first + row * every, 4, *model), rtol=1e-9)
    if n:
        np.testing.assert_allclose((values - one_step), naive.errors(values, *model), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("position", range(9))
def test_nothing_is_learnt_at_a_gap(position):
    values = np.array([3.0, 5.0, 4.0, 6.0, 8.0, 7.0, 9.0, 9.0, 12.0])
    values[position] = NAN
    model = (0.4, 0.1, 0.2, 0.95, 3.0, 0.5, [0.5, -0.5], INF)
    made, _ = forecasts_of(values, model, 9, 1, 1, 3)
    np.testing.assert_allclose(made[0], naive.forecast(values, 9, 3, *model))


@pytest.mark.parametrize(("alpha", "beta", "gamma", "phi"), [(0.3, 0, 0, 1), (0.3, 0.1, 0, 1), (0.5, 0.2, 0.1, 0.9)])
@pytest.mark.parametrize("period", [1, 3])
def test_variance_is_that_of_shocks_carried_on(alpha, beta, gamma, phi, period):
    gamma = gamma if period > 1 else 0.0
    growth = np.empty(9)
    smoothing_variance(np.array([alpha, beta, gamma, phi, 0.0, 0.0, 0.0]), period, growth)
    np.testing.assert_allclose(growth, naive.variance(alpha, beta, gamma, phi, period, 9))


@pytest.mark.parametrize(("trend", "phi"), [(None, 1.0), ("add", 1.0), ("add", 0.9)])
@pytest.mark.parametrize("seasonal", [False, True])
def test_statsmodels_expects_and_forecasts_the_same(trend, phi, seasonal):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    rng = np.random.default_rng(5)
    values = 50 + np.cumsum(rng.normal(size=60)) + np.resize([3.0, 0.0, -2.0, -1.0], 60)
    alpha, beta, gamma = 0.4, 0.1 if trend else 0.0, 0.2 if seasonal else 0.0
    season = [3.0, 0.5, -2.5, -1.0] if seasonal else [0.0]
    slope = 0.3 if trend else 0.0
    model = ETSModel(
        pd.Series(values), error="add", trend=trend, damped_trend=phi < 1, seasonal="add" if seasonal else None,
        seasonal_periods=4 if seasonal else None, initialization_method="known", initial_level=48.0,
        initial_trend=slope if trend else None, initial_seasonal=season if seasonal else None,
    )  # fmt: skip
    given_ = [alpha] + ([beta] if trend else []) + ([gamma] if seasonal else []) + ([phi] if phi < 1 else [])
    peer = model.smooth(given_)
    made, expected = forecasts_of(values, (alpha, beta, gamma, phi, 48.0, slope, season, INF), 60, 1, 1, 10)
    np.testing.assert_allclose(expected, peer.fittedvalues, rtol=1e-8)
    np.testing.assert_allclose(made[0], peer.forecast(10), rtol=1e-8)
    growth = np.empty(10)
    smoothing_variance(np.array([alpha, beta, gamma, phi, 0, 0, 0]), len(season), growth)
    told = peer.get_prediction(60, 69).forecast_variance
    np.testing.assert_allclose(growth, told / told[0], rtol=1e-6)


def fitted(values, season, trend, limit=INF, slope=0.0):
    model, point = np.zeros(MODEL), np.empty(4)
    model[LEVEL], model[SLOPE] = np.nanmedian(values[:8]), 0.0
    search(values, len(values), season, np.empty(season.size), limit, NO_TREND, point, model)
    if trend != NO_TREND:
        model[SLOPE] = slope
        search(values, len(values), season, np.empty(season.size), limit, trend, point, model)
    return model


@pytest.mark.parametrize("trend", [NO_TREND, DAMPED, LINEAR])
@pytest.mark.parametrize("seasonal", [False, True])
def test_search_finds_what_a_general_minimiser_finds(trend, seasonal):
    from scipy.optimize import minimize

    rng = np.random.default_rng([3, trend, seasonal])
    values = np.cumsum(rng.normal(size=48) + np.cumsum(rng.normal(size=48)) * 0.1) + rng.normal(size=48)
    season = np.zeros(1)
    if seasonal:
        values += np.resize([4.0, 0.0, -4.0], 48)
        season = np.array([3.5, 0.0, -3.5])
    values[7] = NAN
    model = fitted(values, season, trend)

    def loss(x):
        u, v, w, phi = np.clip(x, [0.02, 0, 0, 0.8], [1, 1, 1, 0.98])
        v, phi = (0.0, 1.0) if trend == NO_TREND else (v, phi if trend == DAMPED else 1.0)
        w = w if seasonal else 0.0
        alpha = u * u
        return loss_of(
            values, (alpha, alpha * v * v, (1 - alpha) * w * w, phi, model[LEVEL], model[SLOPE], season, INF)
        )

    starts = ([0.5, 0.3, 0.3, 0.9], [0.9, 0.1, 0.1, 0.97], [0.3, 0.6, 0.5, 0.85])
    least = min(minimize(loss, start, method="Nelder-Mead").fun for start in starts)
    assert model[LOSS] <= 1.03 * least
    own = (*model[[ALPHA, BETA, GAMMA, PHI, LEVEL, SLOPE]], season, INF)
    np.testing.assert_allclose(loss_of(values, own), model[LOSS])
    assert (model[PHI] == 1.0) == (trend != DAMPED)
    assert (model[BETA] > 0) <= (trend != NO_TREND)
    assert (model[GAMMA] > 0) <= seasonal


def test_an_outlier_is_learnt_from_only_up_to_the_limit():
    values = np.append(np.full(20, 10.0), 1000.0)
    model = (0.5, 0.0, 0.0, 1.0, 10.0, 0.0, [0.0], 4.0)
    made, _ = forecasts_of(values, model, 21, 1, 1, 1)
    assert made[0, 0] == 12.0
    assert loss_of(values, model) == 2 * 4 * 990 - 16


@settings(max_examples=60, deadline=None)
@given(values=VALUES, level=st.sampled_from([0.0, 2.0]), season=st.sampled_from([[0.0], [1.0, -1.0]]))
def test_usual_error(values, level, season):
    values = np.array(values)
    found = usual_error(values, len(values), level, np.array(season), np.empty(len(values) + 1))
    np.testing.assert_allclose(found, naive.usual_error(values, level, season), rtol=1e-9)


def test_constant_values_and_nothing():
    for values in (np.zeros(30), np.full(30, 7.0), np.full(30, 1e300)):
        model = fitted(values, np.zeros(1), DAMPED)
        made, _ = forecasts_of(values, (*model[:6], [0.0], INF), 30, 1, 1, 5)
        np.testing.assert_allclose(made[0], values[0])
        assert model[LOSS] == 0
    for values in (np.empty(0), np.full(3, NAN)):
        assert loss_of(values, (0.5, 0.1, 0.0, 1.0, 1.0, 1.0, [0.0], INF)) == 0
