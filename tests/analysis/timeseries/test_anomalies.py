"""Spikes whose places are known, in noise that is known: found as often as one finds them who knows the noise."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries import SeriesSet, anomalies
from engagerr_core.analysis.timeseries.anomalies import window_of
from engagerr_core.errors import InvalidArgument
from tests.analysis.timeseries.spiky_worlds import WORLDS, Shape, World, f1, make, oracle

TWEETS = Path(__file__).parents[4] / "shared" / "real" / "series" / "tweets_5min"
DAYS = pd.date_range("2026-01-01", periods=70)


def flagged(world: World) -> np.ndarray:
    table = anomalies(SeriesSet(world.values, world.indptr))
    found = np.zeros(world.values.size, bool)
    found[world.indptr[table["series"].to_numpy(int)] + table["index"].to_numpy(int)] = True
    return found


def by_normal_critical_values(world: World) -> np.ndarray:
    """The famous rule: z-scores from mean and standard deviation, three of them are an anomaly."""
    found = np.zeros(world.values.size, bool)
    for start, stop in zip(world.indptr[:-1], world.indptr[1:], strict=True):
        values = np.log1p(np.maximum(world.values[start:stop], 0))
        found[start:stop] = np.abs(values - np.nanmean(values)) > 3 * np.nanstd(values)
    return found


# Monte Carlo: 40 series have some 145 spikes; one more or less is 0.003 to 0.007 of F1
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("gaussian", 0.95), ("gaussian, additive", 0.95), ("t5", 0.92), ("laplace", 0.93), ("persistent 0.9", 0.95),
        ("wandering level", 0.95), ("growing season", 0.95), ("long gap", 0.94), ("counts near zero", 0.94),
    ],
)  # fmt: skip
def test_spikes_are_found_and_nothing_else(name, least):
    world = make(np.random.default_rng([20_261_130, len(name)]), WORLDS[name], 40)
    assert f1(flagged(world), world.spike) >= least
    if name != "counts near zero":  # whose season hardly shows
        assert f1(by_normal_critical_values(world), world.spike) < 0.9  # negative control


@pytest.mark.long
@pytest.mark.parametrize("name", WORLDS)
def test_as_often_as_who_knows_the_noise(name):
    """Kept-out seeds; against Benjamini and Hochberg with the true distribution, in 300 series."""
    world = make(np.random.default_rng([99, len(name)]), WORLDS[name], 300)
    least = 0.93 if name in ("steps", "short", "short, t3", "lognormal") else 0.97
    assert f1(flagged(world), world.spike) >= least * f1(oracle(world), world.spike)


@pytest.mark.parametrize("noise", ["gaussian", "t3", "laplace", "lognormal"])
def test_noise_alone_raises_no_alarm(noise):
    shape = Shape(noise=noise, share=0.0, multiplicative=noise != "lognormal", size=0.05)
    world = make(np.random.default_rng(4), shape, 60)
    assert flagged(world).sum() <= 2  # of 21,000 values
    if noise != "gaussian":  # negative control: even the true level and size do not help who takes noise for normal
        assert (np.abs(world.noise) > 4).sum() > 30


def test_columns_and_their_meaning():
    views = np.tile([100.0, 104, 96, 101, 99, 60, 55], 10)
    views[[24, 40]] = [400.0, 5.0]
    table = anomalies(pd.Series(views, index=DAYS))
    assert list(table.columns) == ["series", "index", "time", "value", "expected", "score", "p_value", "q_value"]
    assert table["index"].tolist() == [24, 40]
    assert table["time"].tolist() == [DAYS[24], DAYS[40]]
    assert table["value"].tolist() == [400.0, 5.0]
    np.testing.assert_allclose(table["expected"], [101, 60], atol=1)
    assert table["score"][0] > 3.5
    assert table["score"][1] < -3.5
    assert (table["p_value"] <= table["q_value"]).all()
    assert table.summary == "2 anomalies, 1 of them high, in 1 of 1 series tested."


def test_a_step_is_no_spike():
    rng = np.random.default_rng(2)
    views = np.exp(5 + 0.05 * rng.normal(size=200))
    for start in (100, 195, 197):  # in the middle, and a few days before the end
        stepped = np.where(np.arange(200) >= start, 3.0, 1.0) * views
        assert anomalies(stepped).empty
    stepped = np.where(np.arange(200) < 4, 3.0, 1.0) * views
    assert anomalies(stepped).empty
    spiked = np.where(np.arange(200) == 199, 3.0, 1.0) * views  # one day alone may be a spike
    assert anomalies(spiked)["index"].tolist() == [199]


def test_values_below_zero_counts_and_constants():
    rng = np.random.default_rng(3)
    gained = rng.normal(size=150) * 10
    gained[60] = -300
    assert anomalies(gained)["index"].tolist() == [60]
    rare = np.where(rng.random(200) < 0.1, 1.0, 0.0)
    rare[50] = 40
    assert anomalies(rare)["index"].tolist() == [50]
    constant = np.full(100, 7.25)
    assert anomalies(constant).empty
    constant[10] = 9
    assert anomalies(constant)["index"].tolist() == [10]
    exact = np.full(100, np.pi)
    exact[30] = 5
    assert anomalies(exact)["index"].tolist() == [30]


def test_hours_of_a_day():
    rng = np.random.default_rng(6)
    hour = np.arange(24 * 30)
    views = rng.poisson(40 * (1.2 + np.sin(2 * np.pi * hour / 24))).astype(float)
    views[[100, 500]] += 60
    assert anomalies(views, 24)["index"].tolist() == [100, 500]
    assert anomalies(views, season=None).empty  # negative control: the day's rhythm is taken for noise


def test_thin_series_are_not_tested():
    assert anomalies([1.0, 2.0, 900.0]).summary == "No anomalies: none of 1 series could be tested."
    assert anomalies(SeriesSet([], [0])).empty
    assert anomalies(np.full(50, np.nan)).empty


def test_refusals():
    for wrong in (0, -7, 2.5, True):
        with pytest.raises(InvalidArgument, match=r"season was .*24 for hours"):
            anomalies([1.0], season=wrong)
    for wrong in (0, 1, -0.1):
        with pytest.raises(InvalidArgument, match=r"alpha was .*between 0 and 1"):
            anomalies([1.0], alpha=wrong)


def test_windows_are_odd_multiples_of_the_season():
    assert [window_of(season) for season in (None, 1, 7, 24, 5, 30, 168)] == [21, 21, 21, 25, 25, 31, 169]


@pytest.mark.parametrize("folder", [TWEETS] if TWEETS.is_dir() else [], ids=lambda folder: folder.name)
def test_mentions_of_companies(folder):
    """Labelled windows of three companies: hit in two of three, with less than one alarm a week outside."""
    windows = json.loads((folder / "anomaly_windows.json").read_text())
    series = [pd.read_csv(folder / name, parse_dates=["timestamp"]) for name in windows]
    given = SeriesSet.from_arrays([one["value"].to_numpy(float) for one in series])
    table, good = anomalies(given, 288), 0
    for place, (frame, spans) in enumerate(zip(series, windows.values(), strict=True)):
        times = frame["timestamp"].iloc[table.loc[table["series"] == place, "index"]]
        inside = [times.between(*(pd.Timestamp(end) for end in span)) for span in spans]
        outside = times[~np.any(inside, axis=0)]
        alarms = (outside.diff() > pd.Timedelta("1h")).sum() + (len(outside) > 0)
        weeks = (frame["timestamp"].iloc[-1] - frame["timestamp"].iloc[0]) / pd.Timedelta("7D")
        good += bool(np.sum([hit.any() for hit in inside]) >= 2 and alarms <= weeks)
    assert good >= 2
