"""Rhythms that are there are found, and persistence is not taken for one."""

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries import SeriesSet, seasonality
from engagerr_core.analysis.timeseries.seasonality import autocorrelation, months_by_years
from engagerr_core.errors import InvalidArgument
from tests.naive import seasonality as naive


def persistent(rng: np.random.Generator, length: int, coefficient: float, noise: str = "normal") -> np.ndarray:
    new = rng.normal(size=length + 100) if noise == "normal" else rng.standard_t(3, length + 100)
    for i in range(1, length + 100):
        new[i] += coefficient * new[i - 1]
    return new[100:]


def many(series: list[np.ndarray], start: str | None = None, step: str = "1D") -> SeriesSet:
    indptr = np.concatenate([[0], np.cumsum([one.size for one in series])])
    times = None
    if start is not None:
        times = np.concatenate([pd.date_range(start, periods=one.size, freq=step).to_numpy() for one in series])
    return SeriesSet(np.concatenate(series), indptr, times)


def by_kruskal(values: np.ndarray, period: int) -> float:
    from scipy.stats import kruskal

    return float(kruskal(*(values[phase::period] for phase in range(period))).pvalue)


def test_noise_that_alternates_is_no_rhythm_of_two():
    """Negative control: Kruskal and Wallis on the same values take it for one."""
    rng = np.random.default_rng(20_261_130)
    series = [persistent(rng, 365, -0.7) for _ in range(200)]
    table = seasonality(many(series), periods=[2, 7, 30])
    sizes = (table["p_value"] < 0.05).groupby(table["period"]).mean()
    assert sizes.max() <= 0.12  # 200 repetitions of a test of size 0.06: below in 99.9 %
    assert np.mean([by_kruskal(one, 2) < 0.05 for one in series]) > 0.3


def test_noise_that_persists_is_no_rhythm_and_hides_none():
    rng = np.random.default_rng(20_261_130)
    series = [persistent(rng, 365, 0.9) for _ in range(100)]
    assert (seasonality(many(series))["p_value"] < 0.05).mean() <= 0.12
    weekly = [one + 0.8 * (np.arange(365) % 7 == 3) for one in series]
    found = seasonality(many(weekly), periods=[7])["p_value"] < 1e-3
    assert found.mean() > 0.9
    assert np.mean([by_kruskal(one, 7) < 1e-3 for one in weekly]) < 0.2  # negative control: hidden by the wandering


@pytest.mark.long
@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.9, 0.98, -0.4])
@pytest.mark.parametrize("noise", ["normal", "t3"])
def test_the_level_is_held(coefficient, noise):
    rng = np.random.default_rng([7, int(100 * coefficient) + 50])
    series = many([persistent(rng, 800, coefficient, noise) for _ in range(2_000)], "2024-01-01")
    table = seasonality(series)
    sizes = (table["p_value"] < 0.05).groupby(table["period"]).mean()
    assert sizes.drop("month").max() <= 0.08
    assert sizes["month"] <= 0.13  # two years compared; a wandering level's months differ twice alike by chance


def test_rhythms_are_found_with_their_strength():
    rng = np.random.default_rng(3)
    day = np.arange(365)
    weekly = [100 + 10 * (day % 7 == 2) + 3 * rng.normal(size=365) for _ in range(20)]
    table = seasonality(many(weekly))
    sevens, thirties = table[table["period"] == 7], table[table["period"] == 30]
    assert (sevens["p_value"] < 1e-6).all()
    assert sevens["strength"].between(0.4, 0.75).all()  # 12.2 of 12.2 + 9
    assert (thirties["p_value"] > 0.001).all()
    assert table["period"].dtype == np.int64
    assert table.summary.startswith("20 of 20 series with a rhythm of 7 or 30")


def test_dates_decide_where_they_are_known():
    rng = np.random.default_rng(4)
    days = pd.date_range("2022-03-05", periods=1_100)
    values = rng.normal(size=1_100) + 3 * (days.day == 1) + 1.5 * (days.month == 12) + 0.02 * np.arange(1_100)
    table = seasonality(pd.Series(values, index=days)).set_index("period")
    assert list(table.index) == [7, 30, "day of month", "month"]
    assert (table.loc[["day of month", "month"], "p_value"] < 1e-4).all()
    assert (table.loc[[7, 30], "p_value"] > 0.001).all()


def test_hours_and_weeks():
    rng = np.random.default_rng(5)
    hours = pd.date_range("2026-01-01", periods=24 * 40, freq="h")
    values = rng.normal(size=hours.size) + 2 * np.isin(hours.hour, [20, 21]) + (hours.day_of_week == 6)
    table = seasonality(pd.Series(values, index=hours))
    assert table["period"].tolist() == [24, 168]
    assert (table["p_value"] < 1e-6).all()
    words = seasonality(pd.Series(values, index=hours), periods=["weekday"])
    assert words["p_value"][0] < 1e-6
    weeks = pd.Series(rng.normal(size=120), index=pd.date_range("2024-01-01", periods=120, freq="7D"))
    assert seasonality(weeks)["period"].tolist() == ["month"]
    quarters = SeriesSet(rng.normal(size=40), [0, 40], np.datetime64("2000-01-01") + 90 * np.arange(40))
    assert seasonality(quarters)["period"].tolist() == [12]
    odd = SeriesSet(rng.normal(size=40), [0, 40], np.datetime64("2000-01-01") + 2 * np.arange(40))
    assert seasonality(odd)["period"].tolist() == [7, 30]


def test_what_cannot_be_tested_has_a_p_value_of_one():
    short = seasonality([1.0, 5.0, 2.0] * 4, periods=[7, 3])
    assert short["p_value"][0] == 1
    assert np.isnan(short["strength"][0])
    assert short["p_value"][1] < 0.001
    for values in (np.full(60, 3.0), np.full(60, np.nan), np.zeros(60), [1.0]):
        table = seasonality(values)
        assert (table["p_value"] == 1).all()
        assert table["strength"].isna().all()
    first_year = pd.Series(np.random.default_rng(1).normal(size=365), index=pd.date_range("2026-01-01", periods=365))
    assert seasonality(first_year, periods=["month"])["p_value"][0] == 1


def test_a_spike_is_no_rhythm():
    values = np.random.default_rng(6).normal(size=140)
    values[[10, 24, 38]] += 500  # the same weekday, thrice in twenty weeks
    assert seasonality(values, periods=[7])["p_value"][0] > 0.001


def test_autocorrelation_and_its_bound():
    rng = np.random.default_rng(8)
    noise = many([rng.normal(size=365) for _ in range(200)])
    table = autocorrelation(noise, lags=(1, 7), level=0.9)
    outside = (table["correlation"].abs() > table["bound"]).groupby(table["lag"]).mean()
    assert outside.between(0.03, 0.17).all()
    weekly = autocorrelation(np.tile([5.0, 1, 1, 1, 1, 1, 3], 20))
    assert weekly["lag"].tolist() == [7, 30]
    assert weekly["correlation"][0] > 0.8 > weekly["bound"][0]
    assert weekly.summary == "1 of 1 series correlated with themselves beyond the bound."
    assert autocorrelation([1.0, 2.0]).iloc[:, 2:].isna().all(axis=None)
    assert autocorrelation(np.full(50, 2.0)).iloc[:, 2:].isna().all(axis=None)


def test_months_by_years():
    rng = np.random.default_rng(7)
    months = np.repeat(np.arange(38), 6)
    rests = rng.normal(size=228) + (months % 12 == 5)
    rests[rng.random(228) < 0.1] = np.nan
    rests[:5] = np.nan  # a scrap of a month at the beginning
    np.testing.assert_allclose(months_by_years(rests, months, 2), naive.months_by_years(rests, months, 2))
    rests[months == 20] = np.nan  # the second of three years falls out
    np.testing.assert_allclose(months_by_years(rests, months, 2), naive.months_by_years(rests, months, 2))
    rests[months == 30] = np.nan
    assert np.isnan(months_by_years(rests, months, 2)[0])
    assert naive.months_by_years(rests, months, 2) is None
    years = np.repeat(np.arange(24), 3)
    assert np.isinf(months_by_years(years % 12 * 1.0, years, 1)[0])
    assert np.isnan(months_by_years(np.zeros(72), years, 1)[0])


def test_refusals():
    for wrong, words in (
        (1, "whole number of steps from 2"),
        ("fortnight", "weekday, day of month, month"),
        (2.5, "2.5"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            seasonality([1.0], periods=[wrong])
    with pytest.raises(InvalidArgument, match=r"without times.*Give times"):
        seasonality([1.0], periods=["month"])
    for lags, level in (((0,), 0.95), ((7,), 1.0)):
        with pytest.raises(InvalidArgument, match="whole number of steps from 1"):
            autocorrelation([1.0], lags=lags, level=level)
