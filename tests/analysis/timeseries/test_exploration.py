"""statsmodels for one series: gaps, refusals, thin data, and what SARIMAX gets back from simulations."""

import subprocess
import sys

import numpy as np
import pytest

from engagerr_core.analysis.timeseries import exploration
from engagerr_core.analysis.timeseries.exploration import require_one_series, sarimax_forecast, stl_decomposition
from engagerr_core.analysis.timeseries.series_set import SeriesSet
from engagerr_core.errors import InvalidArgument

WEEK = np.array([5.0, 1.0, -2.0, -2.0, -2.0, -1.0, 1.0])


def weekly(rng, n=140, noise=0.5):
    days = np.arange(n)
    return 50 + 0.05 * days + 3 * WEEK[days % 7] + rng.normal(0, noise, n)


def test_the_parts_add_up_and_the_week_comes_back():
    values = weekly(np.random.default_rng(1))
    parts = stl_decomposition(values, (7,))
    np.testing.assert_allclose(parts.trend + parts.seasonal + parts.residual, values, atol=1e-9)
    np.testing.assert_allclose(parts.seasonal[70:77], 3 * WEEK, atol=1.2)
    assert abs(parts.trend[70] - 53.5) < 0.5


def test_a_gap_is_filled_inside_and_stays_unknown_in_the_residual():
    values = weekly(np.random.default_rng(2))
    holes = values.copy()
    holes[[0, 33, 34, 35, 70, 139]] = np.nan
    holes[90] = np.inf
    parts = stl_decomposition(holes, (7,))
    assert np.flatnonzero(np.isnan(parts.residual)).tolist() == [0, 33, 34, 35, 70, 90, 139]
    assert np.isfinite(parts.trend).all()
    assert np.isfinite(parts.seasonal).all()
    inside = [33, 34, 35, 70, 90]
    np.testing.assert_allclose((parts.trend + parts.seasonal)[inside], values[inside], atol=2)
    straight = np.interp(inside, np.flatnonzero(np.isfinite(holes)), holes[np.isfinite(holes)])
    assert np.abs(straight - values[inside]).max() > 4  # negative control: a straight line does not know the week


def test_a_spike_stays_out_of_the_trend():
    values = weekly(np.random.default_rng(3))
    values[64] += 100
    parts = stl_decomposition(values, (7,))
    assert parts.residual[64] > 90


def test_two_seasons_and_none():
    hours = np.arange(24 * 40)
    values = 20 + 5 * np.sin(2 * np.pi * hours / 24) + 3 * np.sin(2 * np.pi * hours / 168)
    parts = stl_decomposition(values, (168, 24))
    assert parts.seasonal.shape == values.shape
    assert np.abs(parts.residual[200:-200]).max() < 0.5
    parts = stl_decomposition(np.arange(50.0), ())
    np.testing.assert_allclose(parts.trend, np.arange(50.0), atol=1e-6)
    assert not parts.seasonal.any()


def test_a_season_that_is_not_there_twice_is_left_out():
    assert not stl_decomposition(np.arange(13.0), (7,)).seasonal.any()
    np.testing.assert_allclose(stl_decomposition(np.full(40, 3.0), (7,)).trend, 3.0)


@pytest.mark.parametrize("values", [[], [1.0], [np.nan] * 30, [1.0, np.nan] * 5])
def test_thin_data_are_unknown(values):
    parts = stl_decomposition(np.array(values), (7,))
    for part in parts:
        assert part.size == len(values)
        assert np.isnan(part).all()
    found = sarimax_forecast(np.array(values), 3, (7,))
    assert np.isnan(found.mean).all()
    assert found.mean.size == 3
    assert found.model == "none"
    assert "known values, 8 wanted" in found.flags[0]


def test_a_constant_goes_on():
    found = sarimax_forecast(np.full(40, 12.0), 3, (7,))
    assert found.model == "constant"
    assert found.mean.tolist() == found.intervals[95][1].tolist() == [12.0] * 3


def test_a_week_and_its_gaps_are_carried_on():
    rng = np.random.default_rng(4)
    values = weekly(rng, 161)
    holes = values[:140].copy()
    holes[[17, 60, 61, 100]] = np.nan
    found = sarimax_forecast(holes, 21, (7,), (80, 95))
    assert found.model.endswith("[7]")
    assert found.flags == ()
    assert np.abs(found.mean - values[140:]).mean() < 1
    low, high = found.intervals[95]
    assert ((low < values[140:]) & (values[140:] < high)).mean() > 0.8
    assert (low < found.intervals[80][0]).all()
    assert (found.intervals[80][1] < high).all()
    without = sarimax_forecast(holes, 21, ())
    assert np.abs(without.mean - values[140:]).mean() > 3  # negative control: the week was needed
    assert "[7]" not in without.model


def test_a_long_season_enters_as_waves():
    days = np.arange(200)
    rng = np.random.default_rng(5)
    values = 1e6 + 1e5 * np.sin(2 * np.pi * days / 30) + rng.normal(0, 1e4, 200)
    found = sarimax_forecast(values[:160], 40, (30,))
    assert found.model.endswith("+ Fourier[30]")
    assert np.abs(found.mean - values[160:]).mean() < 2e4


def test_the_scale_does_not_matter():
    values = weekly(np.random.default_rng(6), 80)
    small, large = sarimax_forecast(values, 7), sarimax_forecast(values * 2**30, 7)
    assert small.model == large.model
    np.testing.assert_allclose(large.mean, small.mean * 2**30, rtol=1e-6)


def test_no_convergence_is_said(monkeypatch):
    monkeypatch.setattr(exploration, "ITERATIONS", 1)
    found = sarimax_forecast(weekly(np.random.default_rng(7), 80), 7)
    assert found.flags == ("no model converged; the intervals are a rough guide",)
    assert np.isfinite(found.mean).all()


def test_where_nothing_can_be_fitted_a_random_walk_is_shown(monkeypatch):
    fit = exploration._fit

    def failing(values, order, seasonal_order, differences, season, waves, exog):
        if season or order != (0, 0):
            return exploration._Candidate(False, np.inf, "", None, order, False)
        return fit(values, order, seasonal_order, differences, season, waves, exog)

    monkeypatch.setattr(exploration, "_fit", failing)
    values = weekly(np.random.default_rng(8), 80)
    found = sarimax_forecast(values, 3)
    assert found.model == "SARIMAX(0,1,0)"
    np.testing.assert_allclose(found.mean, values[-1], rtol=1e-6)
    assert found.flags == ("no model could be fitted; a random walk is shown",)


def test_a_model_that_cannot_be_computed_is_no_candidate():
    found = exploration._fit(np.arange(3.0), (2, 2), (1, 1), (1, 1), 7, [], None)
    assert not found.converged
    assert found.aicc == np.inf


def test_refusals():
    series = SeriesSet.from_arrays([np.arange(9.0), np.arange(9.0)])
    with pytest.raises(InvalidArgument, match=r'forecast was asked for 2 series with engine="statsmodels".*compiled'):
        require_one_series(series, "forecast")
    assert require_one_series(series[1:], "forecast").tolist() == list(range(9))
    with pytest.raises(InvalidArgument, match=r"seasons was \(1,\).*from 2"):
        stl_decomposition(np.arange(30.0), (1,))
    with pytest.raises(InvalidArgument, match="horizon was 0"):
        sarimax_forecast(np.arange(30.0), 0)
    with pytest.raises(InvalidArgument, match=r"levels were \(100,\)"):
        sarimax_forecast(np.arange(30.0), 3, levels=(100,))


def test_importing_it_does_not_import_statsmodels():
    code = "import sys, engagerr_core.analysis.timeseries.exploration; print('statsmodels' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
