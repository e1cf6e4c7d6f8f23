"""The benchmark of forecasts in small: origins hold back what they are judged by, and both sides do the same work."""

import numpy as np

from tests.benchmarks.forecasts import LEVELS, WAYS, accuracy, made_up, peer, processor_seconds


def test_accuracy_is_of_what_was_held_back():
    week = np.resize([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0], 140)
    noise = np.random.default_rng(1).normal(0, 0.5, 140)
    found = accuracy([week + noise], 14, (7,), 70, 28)
    assert found["origins"] == 3
    for way in WAYS:
        assert 0.4 < found[way]["mase"] < 1.0  # the noise cannot be foretold, the week can
        assert found[way]["mase"] < found["mase of the last season repeated"]
        assert all(0.5 < found[way][f"coverage {level}"] <= 1 for level in LEVELS)


def test_series_are_as_said():
    made = made_up(3, 100)
    assert made.lengths.tolist() == [100] * 3
    assert 0 < np.isnan(made.values).mean() < 0.1
    np.testing.assert_array_equal(made.values, made_up(3, 100).values)


def test_the_peer_runs():
    assert processor_seconds(lambda: peer(made_up(1).array(0), False), 1) > 0
