"""Forecasts: what comes out of anything, what is refused, and recovery from simulations with wrong ways beside it."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries import SeriesSet, forecast
from engagerr_core.analysis.timeseries.backtest import plan
from engagerr_core.errors import InvalidArgument

NAN = np.nan
COLUMNS = ["series", "step", "time", "mean", "lo_80", "hi_80", "lo_95", "hi_95", "model"]
SCORES = ["series", "folds", "steps", "mase", "msis", "coverage_80", "coverage_95"]
WAYS = ("backtested", "analytic")
WIKIPEDIA = Path(__file__).parents[4] / "shared" / "real" / "series" / "wikipedia_daily" / "wikipedia_traffic_daily.csv"


def weekly(seed, n=120, noise=0.1):
    """Positive daily values with a course of the week and a wandering level."""
    rng = np.random.default_rng(seed)
    course = np.resize([0.3, 0.1, 0.0, -0.1, 0.0, -0.3, -0.2], n)
    return np.exp(5 + course + np.cumsum(rng.normal(0, 0.02, n)) + rng.normal(0, noise, n))


def bounds(found):
    return found[["lo_95", "lo_80", "mean", "hi_80", "hi_95"]].to_numpy()


# ---- what comes out -------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_columns_times_ids_and_scores(way):
    days = pd.date_range("2026-01-01", periods=60)
    frame = pd.concat([pd.DataFrame({"id": name, "day": days, "views": weekly(i, 60)}) for i, name in enumerate("ab")])
    found = forecast(SeriesSet.from_frame(frame, id="id", time="day", value="views"), 10, intervals=way)
    assert list(found.columns) == COLUMNS
    assert found["series"].tolist() == ["a"] * 10 + ["b"] * 10
    assert found["step"].tolist() == [*range(1, 11)] * 2
    assert found["time"].iloc[0] == pd.Timestamp("2026-03-02")
    assert found["time"].iloc[9] == pd.Timestamp("2026-03-11")
    assert list(found.scores.columns) == SCORES
    assert found.scores["series"].tolist() == ["a", "b"]
    assert (found.scores["folds"] >= 1).all()
    assert found.scores[["mase", "msis"]].gt(0).all(axis=None)
    assert found.scores[["coverage_80", "coverage_95"]].isin([NAN]).sum().sum() == 0
    assert repr(found).startswith("10 steps of 2 series; on 2 back-tests, intervals covered ")


def test_levels_name_the_columns():
    found = forecast(weekly(1), 3, levels=(50, 90, 99))
    assert list(found.columns[4:10]) == ["lo_50", "hi_50", "lo_90", "hi_90", "lo_99", "hi_99"]
    widths = [found[f"hi_{level}"] - found[f"lo_{level}"] for level in (50, 90, 99)]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seasons", [(), (7,), (3, 12)])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 6, 8, 15, 16, 17, 30])
def test_short_series(way, seasons, length):
    rng = np.random.default_rng(length)
    for values in (rng.normal(size=length), rng.poisson(2, length).astype(float)):
        found = forecast(values, 9, seasons=seasons, intervals=way)
        assert len(found) == 9
        assert found["mean"].notna().all() == (length > 0)
        known = bounds(found)
        if length < 3 and len(set(values)) != 1:
            assert found[["lo_80", "hi_95"]].isna().all(axis=None)
        if length > 2:
            assert (np.diff(known, axis=1) >= 0).all()
        assert (found.scores["folds"] > 0).all() == (length >= 16)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("position", [*range(0, 40, 3), 39])
def test_a_gap_anywhere(way, position):
    values = weekly(3, 40)
    whole = forecast(values, 5, intervals=way)
    for stop in (position + 1, min(position + 6, 40)):
        holed = values.copy()
        holed[position:stop] = NAN
        found = forecast(holed, 5, intervals=way)
        assert np.isfinite(bounds(found)).all()
        np.testing.assert_allclose(found["mean"], whole["mean"], rtol=0.5)
    infinite = values.copy()
    infinite[position] = np.inf
    holed = values.copy()
    holed[position] = NAN
    pd.testing.assert_frame_equal(forecast(infinite, 5, intervals=way), forecast(holed, 5, intervals=way))


@pytest.mark.parametrize("way", WAYS)
def test_constants_zeros_and_nothing(way):
    for value in (0.0, 7.0, -3.5, 1e300):
        found = forecast(np.full(30, value), 4, intervals=way)
        assert (bounds(found) == value).all()
        assert found["model"].iloc[0] == "constant"
        assert np.isnan(found.scores["mase"].iloc[0])
    found = forecast([NAN] * 30, 4, intervals=way)
    assert np.isnan(bounds(found)).all()
    assert found["model"].iloc[0] == "nothing known"
    assert repr(found).startswith("4 steps of 1 series, none of them back-tested")
    assert len(forecast(SeriesSet([], [0]), 4, intervals=way)) == 0
    rare = np.zeros(60)
    rare[[5, 31, 44]] = [1, 4, 2]
    found = forecast(rare, 4, intervals=way)
    assert (found["mean"] >= 0).all()
    assert (found["mean"] < 1).all()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1e-300, 1e-9, 1e9, 1e300])
def test_any_size(way, size):
    values = weekly(4, 60)
    values -= values.mean()
    plain, found = (forecast(each, 5, intervals=way) for each in (values, values * size))
    np.testing.assert_allclose(bounds(found) / size, bounds(plain), rtol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_never_negative_where_nothing_was_and_negative_where_it_was(way):
    rng = np.random.default_rng(8)
    falling = np.maximum(np.linspace(100, 2, 90) + rng.normal(0, 4, 90), 0)
    found = forecast(falling, 60, intervals=way)
    assert (bounds(found) >= 0).all()
    assert (bounds(forecast(falling - 50, 60, intervals=way)) < -40).any()


@pytest.mark.parametrize("way", WAYS)
def test_never_explosive(way):
    for values in (np.exp(np.arange(100) * 0.2), np.arange(200.0) ** 3, 1.5 ** np.arange(60)):
        found = bounds(forecast(values, 300, intervals=way))
        assert np.isfinite(found).all()
        assert found[:, 2].max() <= 2 * values.max()
        assert found.max() <= 4 * values.max()


@pytest.mark.parametrize("way", WAYS)
def test_intervals_do_not_narrow_with_the_step(way):
    rng = np.random.default_rng(9)
    values = np.cumsum(rng.normal(size=200))  # crosses 0: no logarithms
    found = forecast(values, 40, intervals=way)
    for level in (80, 95):
        width = (found[f"hi_{level}"] - found[f"lo_{level}"]).to_numpy()
        assert (np.diff(width) >= -1e-9).all()
        assert width[-1] > 2 * width[0]


@pytest.mark.parametrize("way", WAYS)
def test_neither_threads_nor_neighbours_matter(way, monkeypatch):
    from engagerr_core.analysis.timeseries import series_set

    arrays = [weekly(seed, 20 + 3 * seed) for seed in range(9)]
    whole = SeriesSet.from_arrays(arrays)
    first = forecast(whole, 6, intervals=way, threads=1)
    alone = [forecast(array, 6, intervals=way) for array in arrays]
    np.testing.assert_array_equal(bounds(first), np.concatenate([bounds(each) for each in alone]))
    monkeypatch.setattr(series_set, "BLOCK_SERIES", 2)
    again = forecast(whole, 6, intervals=way, threads=2)
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first.scores, again.scores)


def test_a_back_test_is_planned_inside_the_series():
    for length in range(16, 400, 7):
        for horizon in (1, 5, 30, 365):
            for season in (1, 7, 30, 168):
                tested, origins = plan(length, horizon, (season,))
                assert 1 <= tested <= horizon
                assert origins.last + tested == length
                assert origins.count <= 33
                assert origins.first >= min(length // 2, length - tested)
                assert origins.every == 1 or (origins.every % 7 and origins.every % 12)


# ---- recovery -------------------------------------------------------------------------------


def test_the_course_of_the_week_is_found_and_missing_it_costs():
    arrays = [weekly(seed, 140) for seed in range(12)]
    truth = np.array([array[126:] for array in arrays])
    known = SeriesSet.from_arrays([array[:126] for array in arrays])
    errors = {
        seasons: np.abs(forecast(known, 14, seasons=seasons)["mean"].to_numpy().reshape(12, 14) - truth).mean()
        for seasons in ((7,), (5,))
    }
    naive = np.mean([np.abs(np.resize(array[119:126], 14) - array[126:]).mean() for array in arrays])
    assert errors[(7,)] < 0.9 * naive
    assert errors[(5,)] > 1.2 * errors[(7,)]  # negative control: the wrong season


def hourly(seed, n=700):
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    day, week = np.sin(2 * np.pi * t / 24), np.resize(np.repeat([0.0, 0.1, 0.0, 0.2, 0.4, -1.2, -1.5], 24), n)
    error = np.zeros(n)
    for i in range(1, n):
        error[i] = 0.8 * error[i - 1] + rng.normal(0, 0.15)
    return 100 + 20 * (day + week + error)


def test_two_seasons_are_better_than_one():
    arrays = [hourly(seed) for seed in range(4)]
    truth = np.array([array[652:] for array in arrays])
    known = SeriesSet.from_arrays([array[:652] for array in arrays])
    both, one = (
        np.abs(forecast(known, 48, seasons=seasons)["mean"].to_numpy().reshape(4, 48) - truth).mean()
        for seasons in ((24, 168), (24,))
    )
    assert both < 0.85 * one


def test_an_outlier_moves_little():
    values = weekly(5, 90)
    wild = values.copy()
    wild[70] *= 50
    plain, found = (forecast(each, 7)["mean"].to_numpy() for each in (values, wild))
    assert np.abs(found / plain - 1).max() < 0.2
    naive = wild[63:91].mean() / values[63:91].mean()
    assert naive > 2  # negative control: a mean of four weeks


def covered(count, way, seed):
    """Coverage at 80 and 95 %, and at 95 % with the first step's width at every step."""
    rng = np.random.default_rng(seed)
    walks = np.cumsum(rng.normal(size=(count, 170)), axis=1) + rng.normal(size=(count, 170)) * 0.5
    found = forecast(SeriesSet.from_arrays(list(walks[:, :150])), 20, seasons=(), intervals=way)
    truth = walks[:, 150:].ravel()
    inside = [found[f"lo_{k}"].le(truth).mean() + found[f"hi_{k}"].ge(truth).mean() - 1 for k in (80, 95)]
    first = np.repeat((found["hi_95"] - found["lo_95"]).to_numpy().reshape(count, 20)[:, 0], 20) / 2
    return [*inside, np.mean(np.abs(truth - found["mean"]) <= first)]


@pytest.mark.parametrize("way", WAYS)
def test_coverage(way):
    at_80, at_95, without_growth = covered(80, way, 20261130)
    assert 0.72 <= at_80 <= 0.88
    assert 0.90 <= at_95 <= 0.985
    assert without_growth < 0.80  # negative control: the one-step width carried on


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_coverage_of_many(way):
    at_80, at_95, without_growth = covered(2_000, way, 7)
    assert 0.76 <= at_80 <= 0.86
    assert 0.92 <= at_95 <= 0.975
    assert without_growth < 0.75


@pytest.mark.parametrize("file", [WIKIPEDIA] if WIKIPEDIA.is_file() else [], ids=lambda file: file.name)
def test_wikipedia_pages_from_rolling_origins(file):
    pages = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pages.setdefault(row["Page"], []).append(float(row["value"]))
    cuts = [np.array(page[:stop]) for page in pages.values() for stop in range(280, 551, 90)]
    found = forecast(SeriesSet.from_arrays([cut[:-30] for cut in cuts]), 30)
    truth = np.array([cut[-30:] for cut in cuts]).ravel()
    unit = np.repeat([np.abs(cut[7:-30] - cut[:-37]).mean() for cut in cuts], 30)
    naive = np.concatenate([np.resize(cut[-37:-30], 30) for cut in cuts])
    error, of_naive = (float((np.abs(each - truth) / unit).mean()) for each in (found["mean"].to_numpy(), naive))
    assert error < 0.9 * of_naive
    inside = [((found[f"lo_{k}"] <= truth) & (truth <= found[f"hi_{k}"])).mean() for k in (80, 95)]
    assert 0.75 <= inside[0] <= 0.88
    assert 0.91 <= inside[1] <= 0.98


# ---- engines and refusals -------------------------------------------------------------------


def test_statsmodels_for_one_series():
    values = weekly(6, 70)
    found = forecast(values, 5, engine="statsmodels")
    assert list(found.columns) == COLUMNS
    assert found["model"].iloc[0].startswith("SARIMAX")
    np.testing.assert_allclose(found["mean"], forecast(values, 5)["mean"], rtol=0.3)
    assert found.scores["folds"].tolist() == [0]
    with pytest.raises(InvalidArgument, match=r"2 series.*one series"):
        forecast(SeriesSet.from_arrays([values, values]), 5, engine="statsmodels")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"horizon": 0}, "whole number of steps from 1"),
        ({"horizon": 2.5}, "whole number of steps from 1"),
        ({"horizon": True}, "whole number of steps from 1"),
        ({"seasons": (1,)}, "At most two"),
        ({"seasons": (7, 30, 365)}, "At most two"),
        ({"seasons": 7}, None),
        ({"seasons": (7.5,)}, "At most two"),
        ({"seasons": (30, 7)}, "shorter one comes first"),
        ({"seasons": (7, 7)}, "shorter one comes first"),
        ({"levels": ()}, "coverage in whole per cent"),
        ({"levels": (0.8,)}, "coverage in whole per cent"),
        ({"levels": (80, 100)}, "coverage in whole per cent"),
        ({"levels": (95, 80)}, "lower one comes first"),
        ({"intervals": "bootstrap"}, "one of backtested, analytic"),
        ({"engine": "prophet"}, "one of compiled, statsmodels"),
    ],
)
def test_refusals(wrong, words):
    if words is None:  # one season, said without a tuple
        pd.testing.assert_frame_equal(forecast(weekly(1), 2, **wrong), forecast(weekly(1), 2, seasons=(7,)))
        return
    with pytest.raises(InvalidArgument, match=words):
        forecast(weekly(1), **wrong)
