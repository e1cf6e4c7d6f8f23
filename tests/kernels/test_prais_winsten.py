"""Generalised least squares with gaps against full covariance matrices."""

import numpy as np
import pytest

from engagerr_core.kernels.prais_winsten import EFFECTIVE, ERROR, FREEDOM, RHO, slope_errors
from tests.naive import trend as naive


def errors(*series, seasons=None):
    lengths = [len(one) for one in series]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    figures = np.empty((len(series), 4))
    seasons = np.array(seasons or [1] * len(series), np.int64)
    slope_errors(np.concatenate([np.empty(0), *series]).astype(float), indptr, seasons, figures)
    return figures


def noise(rng, length, phi, gaps):
    values = rng.standard_normal(length)
    for i in range(1, length):
        values[i] += phi * values[i - 1]
    values[rng.random(length) < gaps] = np.nan
    return values


@pytest.mark.parametrize("phi", [-0.5, 0.0, 0.5, 0.9])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("season", [1, 4, 7])
def test_full_covariance(phi, gaps, season):
    rng = np.random.default_rng(int(100 * phi + 1000 * gaps) % 997 + season)
    for length in (24, 45):
        values = noise(rng, length, phi, gaps)
        told = errors(values, seasons=[season])[0]
        error, freedom, effective, rho = naive.slope_error(values.tolist(), season)
        assert told[RHO] == pytest.approx(rho, abs=1e-3)
        assert told[ERROR] == pytest.approx(error, rel=2e-2)
        assert told[EFFECTIVE] == pytest.approx(effective, rel=2e-2, abs=0.02)
        assert told[FREEDOM] == pytest.approx(freedom, rel=2e-2, abs=0.02)


def test_several_series_and_seasons_as_each_alone():
    rng = np.random.default_rng(8)
    series = [noise(rng, length, 0.4, 0.2) for length in (30, 9, 50, 41)]
    seasons = [7, 1, 7, 5]
    together = errors(*series, seasons=seasons)
    for row, values, season in zip(together, series, seasons, strict=True):
        assert errors(values, seasons=[season])[0].tobytes() == row.tobytes()


def test_a_phase_without_values_and_a_gap_of_whole_seasons():
    rng = np.random.default_rng(9)
    values = noise(rng, 42, 0.3, 0.0)
    values[3::7] = np.nan  # a weekday never known
    values[14:20] = np.nan  # neighbours a week apart: the same phase
    values[20] = 1.0
    values[13] = 0.5
    told = errors(values, seasons=[7])[0]
    error, freedom, _, _ = naive.slope_error(values.tolist(), 7)
    assert told[ERROR] == pytest.approx(error, rel=1e-2)
    assert told[FREEDOM] == pytest.approx(freedom, rel=1e-2)


@pytest.mark.parametrize("values", [[], [np.nan] * 4, [1.0], [np.nan, 2.0, np.nan], [1.0, 2.0]])
def test_too_little_is_unknown(values):
    assert np.isnan(errors(np.array(values))[0, [ERROR, FREEDOM]]).all()


def test_no_noise_has_no_error():
    assert errors(np.zeros(20))[0, ERROR] == 0
