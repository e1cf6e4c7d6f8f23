"""Growth: windows, zeros, holes, the compound rate recovered, acceleration told from noise and from the week."""

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries.growth import growth
from engagerr_core.analysis.timeseries.series_set import SeriesSet
from engagerr_core.errors import InvalidArgument
from tests.analysis.timeseries.trending_worlds import as_set, autocorrelated

COLUMNS = ["series", "day_change", "week_change", "month_change", "year_change", "compound_rate", "acceleration",
           "acceleration_error"]  # fmt: skip
NAN = np.nan


def test_changes_compare_the_last_window_with_the_one_before():
    values = np.repeat([10.0, 20.0, 30.0], [700, 28, 28])
    row = growth(values).loc[0]
    assert row[["day_change", "week_change", "month_change"]].tolist() == [0, 0, 0.5]
    assert row["year_change"] == pytest.approx((10 * 308 + 20 * 28 + 30 * 28) / 3640 - 1)


def test_days_not_yet_final_do_not_count():
    values = [*[10.0] * 7, *[20.0] * 7]
    assert growth([*values, NAN, NAN]).loc[0, "week_change"] == growth(values).loc[0, "week_change"] == 1


def test_half_of_a_window_must_be_known():
    values = np.array([10.0] * 7 + [20.0] * 7)
    values[7:10] = NAN
    assert growth(values).loc[0, "week_change"] == 1
    values[10] = NAN
    assert np.isnan(growth(values).loc[0, "week_change"])


def test_from_nothing_there_is_no_percentage():
    table = growth(SeriesSet.from_arrays([[0.0] * 7 + [5.0] * 7, [0.0] * 14, [5.0] * 7 + [0.0] * 7, [-1.0] * 14]))
    np.testing.assert_array_equal(table["week_change"], [NAN, 0, -1, NAN])


@pytest.mark.parametrize(("step", "known"), [("1h", "dwm"), ("1D", "dwm"), ("7D", "wm"), ("36h", "")])
def test_windows_follow_the_step(step, known):
    times = pd.date_range("2026-01-01", periods=1400, freq=step)
    row = growth(SeriesSet(np.arange(1.0, 1401), [0, 1400], times)).loc[0]
    changes = row[["day_change", "week_change", "month_change"]].astype(float)
    assert [not value for value in np.isnan(changes)] == [letter in known for letter in "dwm"]
    if step == "7D":
        assert row["week_change"] == pytest.approx(1400 / 1399 - 1)


def test_compound_rate_is_recovered_from_spikes_and_weeks_where_first_to_last_fails():
    rng, t = np.random.default_rng(1), np.arange(200)
    noise = autocorrelated(rng, 300, 200, 0.4) * 0.1
    values = 100 * np.exp(0.004 * t + 0.5 * (t % 7 == 5) + noise)
    values[rng.random(values.shape) < 0.03] *= 20
    values[rng.random(values.shape) < 0.1] = NAN
    rates = growth(as_set(values))["compound_rate"]
    assert rates.median() == pytest.approx(np.expm1(0.004), abs=1e-4)
    assert np.abs(rates - np.expm1(0.004)).max() < 0.0015
    first = values[np.arange(300), np.argmax(~np.isnan(values), axis=1)]
    last = values[np.arange(300), 199 - np.argmax(~np.isnan(values[:, ::-1]), axis=1)]
    assert np.abs((last / first) ** (1 / 199) - 1 - np.expm1(0.004)).max() > 0.01  # the famous wrong method


@pytest.mark.parametrize("phi", [0.0, 0.4])
def test_acceleration_and_its_error(phi):
    rng, t = np.random.default_rng(2), np.arange(56)
    noise = autocorrelated(rng, 1_500, 56, phi) * 0.1
    values = np.exp(5 + 0.01 * t + 0.02 * np.maximum(t - 27.5, 0) + 0.4 * (t % 7 == 5) + noise)
    table = growth(as_set(values))
    z = (table["acceleration"] - 0.02) / table["acceleration_error"]
    assert table["acceleration"].mean() == pytest.approx(0.02, abs=0.001)
    assert 0.85 <= z.std() <= 1.2
    assert (np.abs(z) > 2).mean() <= 0.1


def test_columns_threads_and_nothing():
    rng = np.random.default_rng(3)
    series = SeriesSet.from_arrays([rng.poisson(3, n) for n in rng.integers(0, 90, 200)])
    whole = growth(series, threads=1)
    assert list(whole.columns) == COLUMNS
    pd.testing.assert_frame_equal(whole, growth(series, threads=2), check_exact=True)
    assert "above the month before" in str(whole)
    for short in ([], [NAN], [1.0], [1.0, 2.0]):
        table = growth(short)
        assert table.drop(columns=["series", "day_change"]).isna().all(axis=None)
        assert "none can be compared" in str(table)
    assert growth([1.0, 2.0]).loc[0, "day_change"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"season": 0}, "season was 0"), ({"window": 10}, "window was 10"),
     ({"window": 4, "season": None}, "window was 4"),
     ({"window": 28.5}, "window was 28.5")],
)  # fmt: skip
def test_refusals(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        growth([1.0, 2.0], **arguments)
