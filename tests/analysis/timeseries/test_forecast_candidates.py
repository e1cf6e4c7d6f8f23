"""Candidates of a blend: what each sees, what it chooses, and that none knows what comes after its origin."""

import numpy as np
import pytest

from engagerr_core.analysis.timeseries.forecast_candidates import (
    CANDIDATES,
    MEDIANS,
    SMOOTHING,
    THETA,
    TWO_SEASONS,
    DoubleSmoothing,
    Origins,
    candidate_forecasts,
    corrected_akaike,
    fit_double_smoothing,
    fit_smoothing,
    lags_of,
    usable_season,
)
from tests.naive import double_seasonal as naive

NAN, INF = np.nan, np.inf


def world(seed, n=150, slope=0.0, walk=0.5):
    rng = np.random.default_rng(seed)
    season = np.resize([4.0, 1.0, -2.0, -3.0], n) + np.resize(np.repeat([2.0, 0.0, -2.0], 4), n)
    return 50 + season + slope * np.arange(n) + np.cumsum(rng.normal(0, walk, n)) + rng.normal(0, 1, n)


@pytest.mark.parametrize("seasons", [(), (4,), (4, 12)])
def test_no_forecast_knows_what_comes_after_its_origin(seasons):
    values, other = world(1), world(2)
    origins = Origins(90, 15, 4)
    made, again = (np.empty((len(CANDIDATES), 4, 10)) for _ in range(2))
    candidate_forecasts(values, 90, seasons, origins, made)
    for row in range(4):
        known = 90 + 15 * row
        changed = np.append(values[:known], other[known:])
        candidate_forecasts(changed, 90, seasons, origins, again)
        np.testing.assert_array_equal(made[:, : row + 1], again[:, : row + 1])
        if row < 3:
            there = ~np.isnan(made[:, row + 1, 0])
            assert (made[there, row + 1] != again[there, row + 1]).any(axis=1).all()
    assert np.isnan(made[TWO_SEASONS]).all() == (len(seasons) < 2)


def test_a_candidate_from_a_later_origin_is_that_of_the_last_one():
    values, rows, last = world(3), np.empty((len(CANDIDATES), 3, 8)), np.empty((len(CANDIDATES), 1, 8))
    candidate_forecasts(values, 100, (4, 12), Origins(100, 25, 3), rows)
    candidate_forecasts(values, 100, (4, 12), Origins(150, 1, 1), last)
    np.testing.assert_allclose(rows[:, 2], last[:, 0])


def chosen(values, period=4):
    work = np.empty(values.size + 1)
    profile = usable_season(values, values.size, (period,), work)
    return fit_smoothing(values, values.size, profile, INF, work).name


def test_the_family_is_chosen_as_the_series_was_made():
    rng = np.random.default_rng(9)
    season = np.resize([4.0, 1.0, -2.0, -3.0], 200)
    noise = rng.normal(size=200)
    assert chosen(noise) == "ETS(A,N,N)"
    assert chosen(season + noise) == "ETS(A,N,A)"
    assert chosen(np.arange(200.0) + noise).startswith("ETS(A,A")
    assert chosen(np.arange(200.0) + season + noise) in ("ETS(A,A,A)", "ETS(A,Ad,A)")


def test_theta_drifts_with_half_the_slope():
    values, made = 3.0 * np.arange(120.0) + np.resize([1.0, -1.0], 120), np.empty((len(CANDIDATES), 1, 20))
    candidate_forecasts(values, 120, (), Origins(120, 1, 1), made)
    np.testing.assert_allclose(np.diff(made[THETA, 0]), 1.5, rtol=0.01)
    np.testing.assert_allclose(np.diff(made[SMOOTHING, 0]), 3.0, rtol=0.15)  # the linear trend goes on in full


def test_medians_follow_the_season():
    values, made = np.resize([1.0, 5.0, 9.0], 60), np.empty((len(CANDIDATES), 1, 6))
    values[50] = 1e6
    candidate_forecasts(values, 60, (3,), Origins(60, 1, 1), made)
    np.testing.assert_allclose(made[MEDIANS, 0], [1, 5, 9, 1, 5, 9], rtol=1e-6)


def test_lags():
    assert lags_of((), 5, 100).tolist() == [1, 2, 3, 4, 5]
    assert lags_of((7,), 3, 100).tolist() == [1, 2, 3, 6, 7, 8, 14, 21, 28]
    assert lags_of((24, 168), 3, 400).tolist() == [1, 2, 3, 23, 24, 25, 48, 167, 168, 169]
    assert lags_of((7,), 3, 7).tolist() == [1, 2, 3, 6, 7]
    assert lags_of((2,), 1, 0).tolist() == []


def test_akaike_of_too_few_values():
    assert corrected_akaike(5.0, 4, 3) == INF
    assert corrected_akaike(5.0, 40, 3) == pytest.approx(40 * np.log(5 / 40) + 240 / 36)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_double_growth_is_that_of_shocks_carried_on(rho):
    model = np.array([0.2, 0.1, 0.3, rho, 0.0, 0.0])
    made = DoubleSmoothing(model, np.zeros(3), np.zeros(6), INF, 0.0).growth(14)
    effects = [1.0]
    for distance in range(1, 14):
        shocked = [1.0] + [NAN] * (distance - 1)
        effects.append(naive.forecast(shocked, distance, 1, 0.2, 0.1, 0.3, rho, 0.0, [0.0] * 3, [0.0] * 6, INF)[0])
    np.testing.assert_allclose(made, np.cumsum(np.square(effects)))


def test_double_smoothing_expects_one_step_ahead():
    values, work = world(4), np.empty(151)
    fitted = fit_double_smoothing(values, 150, (4, 12), INF, work)
    made = np.empty((1, 5))
    expected = fitted.run(values, Origins(150, 1, 1), made)
    own = (*fitted.model[:5], fitted.short, fitted.long, INF)
    np.testing.assert_allclose(values - expected, naive.run(values, *own)[-1])
    np.testing.assert_allclose(made[0], naive.forecast(values, 150, 5, *own))
    assert fit_double_smoothing(values, 20, (4, 12), INF, work) is None
    assert fit_double_smoothing(values, 150, (4,), INF, work) is None
