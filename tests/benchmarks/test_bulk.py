"""The bulk benchmark in small: its series are what it says, every job is measured, results are the same bytes."""

import numpy as np

from tests.benchmarks.bulk import JOBS_WITH_BACKTEST, make_series, seconds_of_jobs


def test_series_are_as_told():
    series = make_series(30)
    assert series.lengths.tolist() == [365] * 30
    assert 0.02 < np.isnan(series.values).mean() < 0.04
    known = series.values[~np.isnan(series.values)]
    assert (known >= 0).all()
    assert (known == np.floor(known)).all()
    np.testing.assert_array_equal(series.values, make_series(30).values)


def test_every_job_is_measured():
    found = seconds_of_jobs(make_series(3, days=60), 1, JOBS_WITH_BACKTEST)
    assert list(found) == list(JOBS_WITH_BACKTEST)
    assert all(value >= 0 for value in found.values())
