"""Exact change points against ruptures, and the whole of `change_points`, on one thread.

    python -m tests.benchmarks.change_points [--repeat 30]

Series of 365 values from few changes to many, and noise, in which nothing can be dropped early. Every contender gets
the same z-scores and the same penalty and must find the same change points. Contenders take turns; the best turn of
each counts, ruptures' plain Python only two turns. Figures go to `results/change_points.json`.
"""

import argparse
import json
import platform as machine
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engagerr_core.analysis.timeseries.change_points import change_points
from engagerr_core.analysis.timeseries.series_set import SeriesSet
from engagerr_core.kernels.change_points import optimal_partition

RESULTS = Path(__file__).parent / "results" / "change_points.json"
LENGTH, SHORTEST, SEED = 365, 7, 20_261_130
SERIES = 300  # of the whole function, in one call


def levels(changes: int, size: float) -> Callable[[np.random.Generator], np.ndarray]:
    """Normal noise about levels that alternate by `size` standard deviations."""

    def make(rng: np.random.Generator) -> np.ndarray:
        piece = np.arange(LENGTH) * (changes + 1) // LENGTH
        return rng.normal(size=LENGTH) + size * (piece % 2)

    return make


def walk(rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(rng.normal(size=LENGTH))


SIGNALS: dict[str, tuple[Callable[[np.random.Generator], np.ndarray], float]] = {  # and the penalty in log n
    "noise, no change": (levels(0, 0.0), 8.0),
    "2 changes": (levels(2, 4.0), 8.0),
    "8 changes": (levels(8, 5.0), 3.0),
    "24 changes": (levels(24, 8.0), 2.0),
    "random walk": (walk, 2.0),
}


def counts(kind: str) -> Callable[[np.random.Generator], np.ndarray]:
    """Daily counts with a week in them: nothing else, growth, memory, a shift."""

    def make(rng: np.random.Generator) -> np.ndarray:
        day = np.arange(LENGTH)
        level = 5 + 0.3 * np.isin(day % 7, [5, 6]) + rng.normal(0, 0.25, LENGTH)
        level += {"growth": day / LENGTH, "shift": 0.6 * (day > 200)}.get(kind, 0)
        if kind == "memory":
            wander = 0.0
            for i in range(LENGTH):
                wander = 0.7 * wander + rng.normal(0, 0.25)
                level[i] += wander
        values = rng.poisson(np.exp(level)).astype(float)
        values[rng.random(LENGTH) < 0.03] = np.nan
        return values

    return make


def contenders(values: np.ndarray, penalty: float) -> dict[str, Callable[[], list[int]]]:
    """Name → change points of z-scores, the end left out."""
    from ruptures import KernelCPD, Pelt

    column = values.reshape(-1, 1)
    return {
        "ours": lambda: optimal_partition(values, penalty, SHORTEST).tolist(),
        "KernelCPD": lambda: KernelCPD("linear", min_size=SHORTEST).fit(column).predict(pen=penalty)[:-1],
        "Pelt": lambda: Pelt("l2", min_size=SHORTEST, jump=1).fit(values).predict(pen=penalty)[:-1],
    }


def measure(signal: str, repeat: int, seed: int = SEED) -> dict[str, Any]:
    """Best seconds of each contender and the ratios to ours; that all found the same is made sure of."""
    make, factor = SIGNALS[signal]
    values = make(np.random.default_rng(seed))
    values = (values - values.mean()) / values.std()
    runs = contenders(values, factor * np.log(LENGTH))
    found = runs["ours"]()
    seconds = dict.fromkeys(runs, np.inf)
    for turn in range(repeat):
        for name, run in runs.items():
            if name == "Pelt" and turn > 1:
                continue
            began = time.perf_counter()
            theirs = run()
            seconds[name] = min(seconds[name], time.perf_counter() - began)
            if theirs != found:
                raise AssertionError(f"{signal}: {name} found {theirs}, we {found}")
    return {
        "signal": signal, "changes": len(found),
        "microseconds": {name: round(1e6 * value, 1) for name, value in seconds.items()},
        "ratios": {name: round(seconds[name] / seconds["ours"], 1) for name in ("KernelCPD", "Pelt")},
    }  # fmt: skip


def measure_whole(kind: str, repeat: int, series: int = SERIES) -> dict[str, Any]:
    """Microseconds a series of `change_points` on counts, preparation and tests included, and how many it found."""
    rng = np.random.default_rng(SEED)
    given = SeriesSet.from_arrays([counts(kind)(rng) for _ in range(series)])
    found, best = change_points(given, threads=1), np.inf
    for _ in range(repeat):
        began = time.perf_counter()
        change_points(given, threads=1)
        best = min(best, time.perf_counter() - began)
    return {"counts": kind, "found": len(found) / series, "microseconds": round(1e6 * best / series, 1)}


def main() -> None:
    """Measure everything and write the figures down."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeat", type=int, default=30)
    repeat = options.parse_args().repeat
    kernels = [measure(signal, repeat) for signal in SIGNALS]
    for one in kernels:
        print(f"{one['signal']:20}{one['changes']:4} changes  {one['microseconds']}  {one['ratios']}", flush=True)
    whole = [measure_whole(kind, repeat) for kind in ("level", "growth", "memory", "shift")]
    for one in whole:
        print(f"{one['counts']:20}{one['found']:8.2f} a series  {one['microseconds']} µs", flush=True)
    report = {
        "date": date.today().isoformat(), "machine": f"{machine.machine()}, {machine.system()}", "length": LENGTH,
        "versions": {name: version(name) for name in ("numba", "ruptures")}, "kernels": kernels, "whole": whole,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
