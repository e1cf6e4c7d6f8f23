"""The benchmark of change points in small: contenders agree, and a disagreement would be noticed."""

import numpy as np
import pytest

from tests.benchmarks import change_points as benchmark


@pytest.mark.parametrize("signal", ["noise, no change", "2 changes"])
def test_contenders_find_the_same(signal, monkeypatch):
    monkeypatch.setattr(benchmark, "LENGTH", 100)
    found = benchmark.measure(signal, 1)
    assert set(found["ratios"]) == {"KernelCPD", "Pelt"}
    assert found["changes"] == (0 if signal.startswith("noise") else 2)


def test_a_disagreement_is_noticed(monkeypatch):
    monkeypatch.setattr(benchmark, "LENGTH", 60)
    monkeypatch.setattr(benchmark, "optimal_partition", lambda values, penalty, shortest: np.array([30]))
    with pytest.raises(AssertionError, match=r"found \[\], we \[30\]"):
        benchmark.measure("noise, no change", 1)


def test_the_whole_function():
    assert benchmark.measure_whole("shift", 1, series=2)["found"] == 1
