"""Lines through blocks of series against their definition, NaN at every place, and cycles."""

import numpy as np
import pytest

from engagerr_core.kernels import trend_lines
from engagerr_core.kernels.theil_sen import ROOM, median_slopes
from engagerr_core.kernels.trend_lines import (
    EXPLAINED,
    EXPONENT,
    FIGURES,
    KNOWN,
    NOISELESS,
    SCATTER,
    SPAN,
)
from tests.naive import trend as naive

SLOPE, STRENGTH = FIGURES, FIGURES + 1  # columns that `lines` puts after the figures

NAN = np.nan


def lines(*series, season=7):
    """Figures with slope and strength before them, rests, and seasons used."""
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in series])]).astype(np.int64)
    values = np.concatenate([np.empty(0), *series]).astype(float)
    rest, seasons, figures = np.empty(values.size), np.empty(len(series), np.int64), np.empty((len(series), FIGURES))
    guesses, slopes = np.empty((len(series), 2)), np.empty((len(series), 2))
    trend_lines.seasonless(values, indptr, season, rest, seasons, guesses, figures)
    median_slopes(rest, indptr, guesses, slopes, ROOM)
    trend_lines.around_lines(rest, indptr, slopes, figures)
    slopes[:, 0] = np.ldexp(slopes[:, 0], figures[:, EXPONENT].astype(int))
    return np.hstack([figures, slopes[:, :1], np.abs(slopes[:, 1:])]), np.split(rest, indptr[1:-1]), seasons


def agrees(values, season):
    figures, rests, seasons = lines(np.array(values), season=season)
    slope, strength, explained, scatter, span, known, used, rest = naive.line(list(values), season)
    largest = np.nanmax(np.abs(values)) or 1.0
    np.testing.assert_allclose(figures[0, SLOPE], slope, rtol=1e-9, atol=1e-13 * largest)
    np.testing.assert_allclose(figures[0, STRENGTH], strength, rtol=1e-12)
    np.testing.assert_allclose(figures[0, EXPLAINED], explained, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(figures[0, SCATTER], scatter, rtol=1e-9, atol=1e-13 * largest)
    assert figures[0, [SPAN, KNOWN]].tolist() == [span, known]
    assert seasons[0] == used
    if not figures[0, NOISELESS]:
        scale = np.ldexp(1.0, -int(figures[0, EXPONENT]))
        np.testing.assert_allclose(rests[0], rest * scale, rtol=1e-7, atol=1e-10)
    else:
        assert np.isnan(rests[0]).all()


@pytest.mark.parametrize("season", [1, 3, 7])
@pytest.mark.parametrize("length", [2, 3, 9, 14, 40])
def test_random_series(season, length):
    rng = np.random.default_rng(length * 10 + season)
    for gaps in (0.0, 0.3):
        values = rng.standard_normal(length) + 3 * (np.arange(length) % 7 == 2) + 0.1 * np.arange(length)
        values[1:-1][rng.random(length - 2) < gaps] = NAN
        agrees(values, season)


def test_a_hole_at_every_place():
    values = np.random.default_rng(1).standard_normal(21)
    for hole in range(21):
        agrees(np.where(np.arange(21) == hole, NAN, values), 7)


@pytest.mark.parametrize("factor", [1e-300, 1.0, 1e300])
def test_size_changes_nothing_but_size(factor):
    values = np.random.default_rng(2).standard_normal(30)
    one, many = lines(values)[0][0], lines(values * factor)[0][0]
    np.testing.assert_allclose(many[[SLOPE, SCATTER]] / factor, one[[SLOPE, SCATTER]], rtol=1e-12)
    np.testing.assert_allclose(many[[STRENGTH, EXPLAINED]], one[[STRENGTH, EXPLAINED]], rtol=1e-9)


def test_constants_lines_and_zeros_leave_no_noise():
    figures, rests, _ = lines(np.full(20, 7.0), 3.0 * np.arange(20), np.zeros(20), np.arange(30) + (np.arange(30) % 7))
    assert figures[:, NOISELESS].tolist() == [1, 1, 1, 1]
    np.testing.assert_allclose(figures[:, SLOPE], [0, 3, 0, 1])
    assert all(np.isnan(rest).all() for rest in rests)
    assert np.isnan(figures[[0, 2], EXPLAINED]).all()
    assert figures[1, EXPLAINED] == 1


def test_more_than_half_on_the_line_and_nothing_is_pulled_in():
    values = np.zeros(30)
    values[[5, 20]] = 8.0
    agrees(values, 1)
    assert np.nanmax(lines(values, season=1)[1][0]) == pytest.approx(8 / 8 * 0.5, abs=0.1)


def test_far_values_are_pulled_in():
    values = np.random.default_rng(4).standard_normal(40)
    values[11] = 1e6
    agrees(values, 1)
    _, (rest,), _ = lines(values, season=1)
    assert np.nanmax(rest) * 2**20 < 10


@pytest.mark.parametrize("values", [[], [NAN], [NAN] * 9, [1.0], [NAN, 4.0, NAN]])
def test_fewer_than_two_values_have_no_line(values):
    figures, (rest,), seasons = lines(np.array(values, float))
    assert np.isnan(figures[0, [SLOPE, STRENGTH, EXPLAINED]]).all()
    assert figures[0, SPAN] == 0
    assert figures[0, KNOWN] == np.isfinite(values).sum()
    assert np.isnan(rest).all()
    assert seasons.tolist() == [1]


def cycles(*rests, seasons, rho):
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in rests])]).astype(np.int64)
    peaks = np.empty((len(rests), 4))
    trend_lines.powers_of_cycles(
        np.concatenate([np.empty(0), *rests]), indptr, np.array(seasons, np.int64), np.array(rho, float), peaks
    )
    return peaks


@pytest.mark.parametrize(("season", "rho"), [(1, 0.0), (1, 0.7), (3, 0.4), (7, 0.0)])
def test_cycles_against_the_transform(season, rho):
    rng = np.random.default_rng(season)
    rest = rng.standard_normal(60) + np.sin(2 * np.pi * np.arange(60) / 15)
    rest[[0, 7, 8, 30, 59]] = NAN
    told = naive.powers_of_cycles(rest.tolist(), season, rho)
    short = naive.powers_of_cycles(rest[:5].tolist(), season, rho)
    found = cycles(rest, rest[:5], np.full(30, NAN), seasons=[season] * 3, rho=[rho] * 3)
    np.testing.assert_allclose(found, [told, short, [0, 0, 0, 0]], rtol=1e-9)


def test_nothing():
    assert lines()[0].shape == (0, FIGURES + 2)
    assert cycles(seasons=[], rho=[]).shape == (0, 4)
