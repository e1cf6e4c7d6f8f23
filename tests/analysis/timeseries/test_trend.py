"""Trends recovered from simulation, at their level under autocorrelation, where the famous tests fail."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, theilslopes

from engagerr_core.analysis.timeseries.series_set import SeriesSet
from engagerr_core.analysis.timeseries.trend import trend
from engagerr_core.errors import InvalidArgument
from tests.analysis.timeseries.trending_worlds import (
    as_set,
    mann_kendall,
    oracle_p_values,
    telling_slope,
    trend_free_prewhitened,
    world,
)

COLUMNS = ["series", "slope", "slope_low", "slope_high", "p_value", "direction", "strength", "r_squared", "n_effective"]
NAN = np.nan


def size(table, level=0.05):
    return (table["p_value"] < level).mean()


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
@pytest.mark.parametrize(("length", "weekly", "gaps"), [(30, False, 0.3), (60, True, 0.0), (120, True, 0.3)])
def test_level_is_held_under_autocorrelation(phi, length, weekly, gaps):
    """The bound is .08 plus two Monte Carlo errors of 600 repetitions; every cell with 2,000 is in trend_size.json."""
    values = world(np.random.default_rng(20_261_130), 600, length, phi, weekly=weekly, gaps=gaps)
    table = trend(as_set(values), season=7 if weekly else None)
    assert size(table) <= 0.102
    assert not table["p_value"].isna().any()


def test_mann_kendall_and_trend_free_prewhitening_do_not_hold_it():
    """The negative control: same series, the famous wrong methods."""
    values = world(np.random.default_rng(1), 600, 120, 0.9)
    table = trend(as_set(values), season=None)
    assert size(table) <= 0.102
    assert (mann_kendall(values) < 0.05).mean() > 0.5
    assert (trend_free_prewhitened(values, table["slope"].to_numpy()) < 0.05).mean() > 0.5


@pytest.mark.long
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.8, 0.9])
@pytest.mark.parametrize("length", [30, 45, 90, 200, 365])
@pytest.mark.parametrize("noise", ["normal", "t2.5"])
def test_level_is_held_in_cells_not_tuned_on(phi, length, noise):
    """Other lengths, gaps and seeds than the benchmark's, 3,000 repetitions each."""
    for weekly in (False, True):
        for gaps in (0.0, 0.2):
            rng = np.random.default_rng([int(10 * phi), length, weekly, int(10 * gaps)])
            values = world(rng, 3_000, length, phi, weekly=weekly, gaps=gaps, noise=noise)
            assert size(trend(as_set(values), season=7 if weekly else None)) <= 0.08


@pytest.mark.parametrize(("phi", "share"), [(0.0, 0.95), (0.6, 0.93), (0.8, 0.85)])
def test_power_against_the_test_that_knows_the_noise(phi, share):
    values = world(np.random.default_rng(2), 400, 365, phi, weekly=True, slope=telling_slope(365, phi))
    own, oracle = size(trend(as_set(values))), (oracle_p_values(values, phi, True) < 0.05).mean()
    assert own >= share * oracle - 0.03


@pytest.mark.parametrize("noise", ["t2.5", "lognormal", "spikes"])
def test_heavy_tails_cost_least_squares_more_than_us(noise):
    rng = np.random.default_rng(3)
    values = world(rng, 400, 120, 0.0, slope=telling_slope(120, 0.0) * 1.3, noise=noise)
    assert size(trend(as_set(values), season=None)) > (oracle_p_values(values, 0.0, False) < 0.05).mean() + 0.1
    values = world(rng, 600, 120, 0.6, noise=noise)
    assert size(trend(as_set(values), season=None)) <= 0.102


def test_intervals_cover_and_agree_with_the_test():
    values = world(np.random.default_rng(4), 800, 120, 0.5, weekly=True, gaps=0.1, slope=0.01)
    table = trend(as_set(values))
    covered = (table["slope_low"] <= 0.01) & (table["slope_high"] >= 0.01)
    assert 0.925 <= covered.mean() <= 0.975
    without_zero = (table["slope_low"] > 0) | (table["slope_high"] < 0)
    pd.testing.assert_series_equal(without_zero, table["p_value"] < 0.05, check_names=False)


def test_slope_and_strength_are_scipys():
    values = np.random.default_rng(5).standard_normal(80)
    table = trend(values, season=None)
    assert table.loc[0, "slope"] == pytest.approx(theilslopes(values)[0], rel=1e-12)
    assert table.loc[0, "strength"] == pytest.approx(abs(kendalltau(np.arange(80), values).statistic), rel=1e-12)


def test_error_is_that_of_generalised_least_squares_in_statsmodels():
    """Prais–Winsten at the same rho, where no value is pulled in: their error times that of Theil–Sen over theirs."""
    from statsmodels.api import GLS, add_constant

    values = np.sin(np.arange(300) * 2.4) + np.random.default_rng(6).uniform(-1, 1, 300)  # no tails to pull in
    values = np.convolve(values, [0.5, 0.5], "valid")
    row = trend(values, season=None).loc[0]
    rho = (299 - row["n_effective"]) / (299 + row["n_effective"])
    covariance = rho ** np.abs(np.subtract.outer(np.arange(299), np.arange(299)))
    theirs = GLS(values, add_constant(np.arange(299.0)), sigma=covariance).fit().bse[1]
    from scipy.stats import t

    quantile = t.ppf(0.975, row["n_effective"] - 2)
    assert (row["slope_high"] - row["slope"]) / quantile == pytest.approx(theirs * np.sqrt(np.pi / 3), rel=0.01)


def test_statsmodels_engine_agrees_on_a_long_series():
    values = world(np.random.default_rng(7), 1, 250, 0.5, weekly=True, gaps=0.05, slope=0.02)[0]
    own, theirs = trend(values).loc[0], trend(values, engine="statsmodels").loc[0]
    assert theirs["slope"] == pytest.approx(own["slope"], abs=0.003)
    assert theirs["slope_high"] - theirs["slope"] == pytest.approx(own["slope_high"] - own["slope"], rel=0.3)
    assert theirs["n_effective"] == pytest.approx(own["n_effective"], rel=0.35)
    assert theirs["direction"] == own["direction"] == "rising"


@pytest.mark.parametrize(
    ("values", "direction", "p_value"),
    [([1.0, 2.0, 4.0, NAN], "not testable", 1), ([4.0] * 12, "stable", 1), (2.0 * np.arange(30), "rising", 0)],
)
def test_statsmodels_engine_knows_its_limits(values, direction, p_value):
    row = trend(values, engine="statsmodels").loc[0]
    assert (row["direction"], row["p_value"]) == (direction, p_value)


HARD = {
    "empty": [],
    "unknown": [NAN] * 30,
    "one": [3.0],
    "two": [1.0, 2.0],
    "three": [1.0, 2.0, 4.0],
    "five": [NAN, 1.0, 2.0, 1.0, 3.0, 2.5],
    "constant": [5.0] * 40,
    "zeros": [0.0] * 40,
    "one spike": [0.0] * 20 + [1e9] + [0.0] * 20,
    "line": list(range(40)),
    "huge": [1e308, -1e308] * 20,
    "tiny": [5e-324, 0.0, 1e-320] * 10,
    "infinite": [1.0, np.inf, 2.0, -np.inf] * 10,
    "walk": np.cumsum(np.random.default_rng(8).standard_normal(200)).tolist(),
    "alternating": [1.0, -1.0] * 30,
    "far apart": [1.0, *[NAN] * 400, 2.0, *[NAN] * 300, 2.5, NAN, 3.0, 5.0],
    "two levels": [0.0] * 20 + [1.0] * 20,
    "a week known": [*range(7), *[NAN] * 50],
}


@pytest.mark.parametrize("season", [None, 1, 7, 24])
def test_every_input_has_a_p_value_and_a_word(season):
    table = trend(SeriesSet.from_arrays(list(HARD.values()), ids=list(HARD)), season=season).set_index("series")
    assert table["p_value"].between(0, 1).all()
    assert (table.loc[table["n_effective"] < 4, "p_value"] == 1).all()
    assert (table.loc[table["slope_low"].isna(), "p_value"] == 1).all()
    untestable = table.index[table["direction"] == "not testable"]
    assert {"empty", "unknown", "one", "two", "three"} <= set(untestable)
    assert table.loc[["constant", "zeros"], "direction"].tolist() == ["stable", "stable"]
    assert table.loc["line", ["p_value", "slope", "direction", "r_squared"]].tolist() == [0, 1, "rising", 1]
    assert table.loc[["empty", "unknown", "one"], "slope"].isna().all()


def test_words():
    rng, t = np.random.default_rng(9), np.arange(365)
    table = trend(SeriesSet.from_arrays([
        0.02 * t + rng.standard_normal(365), -0.02 * t + rng.standard_normal(365), np.round(3 * rng.random(365)),
        np.sin(2 * np.pi * t / 73) + 0.3 * rng.standard_normal(365), np.cumsum(rng.standard_normal(90)),
        rng.standard_normal(30),
    ]))  # fmt: skip
    assert table["direction"].tolist() == ["rising", "falling", "stable", "cyclical", "not testable", "unclear"]
    assert str(table).startswith("Trends of 6 series: 1 rising, 1 falling, 1 stable, 1 cyclical, 1 unclear, 1 not")


def test_the_band_decides_what_is_stable():
    values = np.random.default_rng(10).standard_normal(200)
    words = [trend(values, season=None, band=band).loc[0, "direction"] for band in (0, 3)]
    assert words == ["unclear", "stable"]


def test_noise_is_seldom_called_cyclical():
    table = trend(as_set(world(np.random.default_rng(11), 1_000, 200, 0.7)), season=None)
    assert (table["direction"] == "cyclical").mean() <= 0.03


def test_slower_noise_than_an_autoregression_widens_the_error():
    """AR(1) noise under white noise: an AR(1) fitted to both is too quick, and a test that believes it too sure."""
    rng = np.random.default_rng(14)
    values = world(rng, 600, 1_000, 0.9) + 1.5 * rng.standard_normal((600, 1_000))
    table = trend(as_set(values), season=None)
    assert size(table) <= 0.12
    naive_rho = np.array([np.corrcoef(row[1:], row[:-1])[0, 1] for row in values[:100]])
    assert table["n_effective"][:100].median() < 0.6 * np.median(1_000 * (1 - naive_rho) / (1 + naive_rho))


def test_a_week_hides_a_trend_only_without_a_season():
    """The same weekly series with and without its season: the right answer and the wrong one differ."""
    t = np.arange(42)
    values = 10.0 * (t % 7 >= 5) + 0.02 * t + np.random.default_rng(12).normal(0, 0.2, 42)
    assert trend(values).loc[0, "direction"] == "rising"
    assert trend(values, season=None).loc[0, "direction"] != "rising"


def test_columns_threads_and_blocks():
    rng = np.random.default_rng(13)
    series = SeriesSet.from_arrays([rng.standard_normal(n) for n in rng.integers(0, 90, 300)])
    whole = trend(series, threads=1)
    assert list(whole.columns) == COLUMNS
    pd.testing.assert_frame_equal(whole, trend(series, threads=2), check_exact=True)
    part = trend(series[100:200]).drop(columns="series")
    expected = pd.DataFrame(whole).iloc[100:200].drop(columns="series").reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(part), expected, check_exact=True)
    assert list(trend([]).columns) == COLUMNS
    assert str(trend(series[0:0])).startswith("Trends of no series.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"season": 0}, "season was 0"), ({"season": 6.5}, "season was 6.5"), ({"level": 95}, "level was 95"),
     ({"band": -1}, "band was -1"), ({"engine": "fast"}, "engine was 'fast'")],
)  # fmt: skip
def test_refusals(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        trend([1.0, 2.0], **arguments)


def test_statsmodels_takes_one_series():
    with pytest.raises(InvalidArgument, match="trend was asked for 2 series"):
        trend(SeriesSet.from_arrays([[1.0], [2.0]]), engine="statsmodels")
