"""Volatility recovered from simulation, with spikes and weeks that mislead the plain standard deviation."""

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries.series_set import SeriesSet
from engagerr_core.analysis.timeseries.volatility import volatility
from engagerr_core.errors import InvalidArgument
from tests.analysis.timeseries.trending_worlds import as_set

NAN = np.nan


def walks(rng, repetitions, length, swing, spikes=0.0):
    values = np.exp(5 + np.cumsum(swing * rng.standard_normal((repetitions, length)), axis=1))
    values *= np.where(np.arange(length) % 7 >= 5, 2.0, 1.0)
    return values * np.where(rng.random(values.shape) < spikes, 30, 1)


def test_swings_are_recovered_where_the_standard_deviation_is_misled():
    values = walks(np.random.default_rng(1), 300, 200, 0.1, spikes=0.02)
    table = volatility(as_set(values))
    assert table["volatility"].median() == pytest.approx(0.1, rel=0.05)
    plain = np.diff(np.log(values), axis=1).std(axis=1)
    assert np.median(plain) > 0.3  # the famous wrong method: the week and the spikes


def test_recent_swings_follow_a_change():
    rng = np.random.default_rng(2)
    swings = np.repeat([0.05, 0.2], [150, 50])
    values = np.exp(5 + np.cumsum(swings * rng.standard_normal((200, 200)), axis=1))
    table = volatility(as_set(values))
    assert table["recent_volatility"].median() == pytest.approx(0.2, rel=0.1)
    assert table["volatility"].median() < 0.08
    assert (table["ratio"] > 1.5).mean() > 0.95
    slow = volatility(as_set(values), half_life=1e9)["recent_volatility"]
    assert slow.median() == pytest.approx(np.sqrt((swings**2).mean()), rel=0.1)


def test_zeros_and_gaps():
    rng = np.random.default_rng(3)
    values = rng.poisson(4, 300).astype(float)
    values[rng.random(300) < 0.2] = NAN
    row = volatility(values).loc[0]
    assert 0.2 < row["volatility"] < 2
    assert row["returns"] == (np.isfinite(values[1:]) & np.isfinite(values[:-1])).sum()


def test_thin_data_and_constants():
    series = SeriesSet.from_arrays([[], [NAN] * 9, [1.0], [1.0, 2.0, 3.0], [5.0] * 20, [0.0] * 20, [-1.0] * 20])
    table = volatility(series)
    np.testing.assert_array_equal(table["volatility"], [NAN, NAN, NAN, NAN, 0, 0, NAN])
    assert table["ratio"].isna().all()
    assert table["returns"].tolist() == [0, 0, 0, 2, 19, 19, 0]
    assert "none is known" in str(volatility([]))
    assert str(table).startswith("Volatility of 7 series: the middle one swings by 0.0% a step.")


def test_columns_and_threads():
    rng = np.random.default_rng(4)
    series = SeriesSet.from_arrays([rng.poisson(3, n) for n in rng.integers(0, 90, 200)])
    whole = volatility(series, threads=1)
    assert list(whole.columns) == ["series", "volatility", "recent_volatility", "ratio", "returns"]
    pd.testing.assert_frame_equal(whole, volatility(series, threads=2), check_exact=True)


@pytest.mark.parametrize(
    ("arguments", "words"), [({"season": 2.5}, "season was 2.5"), ({"half_life": 0}, "half_life was 0")]
)
def test_refusals(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        volatility([1.0, 2.0], **arguments)
