"""Parts that add up, and that a spike or a step does not move."""

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.timeseries import SeriesSet, decompose
from engagerr_core.errors import InvalidArgument

WEEK = np.array([5.0, 2, 0, 0, 0, -3, -4])


def test_parts_add_up_and_recover_the_truth():
    rng = np.random.default_rng(1)
    day = np.arange(210)
    truth = 50 + 0.1 * day
    values = truth + WEEK[day % 7] + rng.normal(size=210) * 0.5
    values[[30, 100]] = [500.0, np.nan]
    table = decompose(values)
    assert list(table.columns) == ["series", "index", "time", "value", "trend", "seasonal", "residual"]
    whole = table["trend"] + table["seasonal"] + table["residual"]
    np.testing.assert_allclose(whole.dropna(), table["value"].dropna())
    assert table["residual"].isna().sum() == 1
    assert np.abs(table["trend"] - truth)[10:-10].max() < 1
    np.testing.assert_allclose(table["seasonal"][:7], WEEK - WEEK.mean(), atol=0.4)
    mean = pd.Series(values).rolling(21, center=True, min_periods=1).mean()  # negative control: means follow the spike
    assert np.abs(mean - truth).max() > 10


def test_a_step_stays_a_step():
    values = np.where(np.arange(140) < 70, 10.0, 30.0) + WEEK[np.arange(140) % 7]
    trend = decompose(values)["trend"].to_numpy()
    np.testing.assert_allclose(trend[:70], trend[0], atol=1.5)
    np.testing.assert_allclose(trend[70:], trend[-1], atol=1.5)


def test_many_series_with_times_and_without_season():
    days = pd.date_range("2026-01-01", periods=30)
    frame = pd.concat([pd.DataFrame({"who": who, "day": days, "views": np.arange(30.0)}) for who in "ab"])
    table = decompose(SeriesSet.from_frame(frame, id="who", time="day", value="views"), season=None, window=5)
    assert table["series"].tolist() == ["a"] * 30 + ["b"] * 30
    assert (table["time"] == [*days, *days]).all()
    assert (table["seasonal"] == 0).all()
    np.testing.assert_allclose(table["trend"][2:28], np.arange(2.0, 28))
    assert table.summary == "2 series as trend, no season and residual."


def test_nothing_known():
    table = decompose(np.full(10, np.nan))
    assert table["trend"].isna().all()
    assert (table["seasonal"] == 0).all()
    assert decompose(SeriesSet([], [0])).empty


def test_stl_of_one_series():
    values = 20 + WEEK[np.arange(140) % 7]
    table = decompose(values, engine="statsmodels")
    np.testing.assert_allclose(table["seasonal"], decompose(values)["seasonal"], atol=0.1)
    assert decompose(values, season=None, engine="statsmodels")["seasonal"].eq(0).all()


def test_refusals():
    with pytest.raises(InvalidArgument, match="engine was 'fast'"):
        decompose([1.0], engine="fast")
    with pytest.raises(InvalidArgument, match="window was 0"):
        decompose([1.0], window=0)
    with pytest.raises(InvalidArgument, match="window was 9 with engine"):
        decompose([1.0], window=9, engine="statsmodels")
    with pytest.raises(InvalidArgument, match="asked for 2 series"):
        decompose(SeriesSet([1.0, 2.0], [0, 1, 2]), engine="statsmodels")
    with pytest.raises(InvalidArgument, match="season was 0"):
        decompose([1.0], season=0)
