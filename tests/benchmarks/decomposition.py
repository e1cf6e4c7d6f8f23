"""Decomposition and anomalies against statsmodels' robust STL; running medians against pandas.

    python -m tests.benchmarks.decomposition [--series 1000] [--repeat 5]

Daily series of a year with a weekly season, a trend, spikes, and a thirtieth of the days unknown. One thread, warm, all
contenders in turns in the same process, the best of `--repeat` turns. Running medians must be those of pandas, bit by
bit; pandas has no running median absolute deviation, so its median alone is compared with our median and deviation.
Figures go to `results/decomposition.json`.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries import SeriesSet, anomalies, decompose, seasonality
from engagerr_core.kernels import decomposition
from engagerr_core.kernels.running_median import running_deviation, running_median
from tests.analysis.timeseries.spiky_worlds import Shape, make

RESULTS = Path(__file__).parent / "results" / "decomposition.json"
LENGTH, WINDOWS, FEW = 365, (7, 21, 31, 91), 20  # series that the slow peers do


def best_of(repeat: int, contenders: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Shortest time of each, in seconds of this thread, so that others on the machine disturb little."""
    shortest = dict.fromkeys(contenders, np.inf)
    for turn in range(repeat + 1):
        for name, run in contenders.items():
            start = time.thread_time()
            run()
            if turn:  # the first warms up
                shortest[name] = min(shortest[name], time.thread_time() - start)
    return shortest


def stl(values: np.ndarray) -> None:
    from statsmodels.tsa.seasonal import STL

    STL(values, period=7, robust=True).fit()


def running(repeat: int, values: np.ndarray) -> dict[str, dict[str, float]]:
    """Microseconds a series of 365 by window, and how many times as fast as pandas."""
    found = {}
    medians, deviations, work = (np.empty(LENGTH) for _ in range(3))
    series = pd.Series(values)
    for window in WINDOWS:
        rolling = series.rolling(window, center=True, min_periods=1)
        running_median(values, window, medians, work)
        np.testing.assert_array_equal(medians, rolling.median().to_numpy())

        def times(run: Callable[[], Any]) -> Callable[[], None]:
            return lambda: [run() for _ in range(100)]  # type: ignore[func-returns-value]

        seconds = best_of(repeat, {
            "pandas": times(rolling.median),
            "median": times(lambda: running_median(values, window, medians, work)),  # noqa: B023
            "median and deviation": times(lambda: running_deviation(values, window, medians, deviations, work)),  # noqa: B023
        })  # fmt: skip
        row = {f"{name}, us": round(one * 1e4, 2) for name, one in seconds.items()}
        for name in ("median", "median and deviation"):
            row[f"{name}, times as fast as pandas"] = round(seconds["pandas"] / seconds[name], 1)
        found[str(window)] = row
    return found


def measure(series: int, repeat: int) -> dict[str, Any]:
    """All figures."""
    world = make(np.random.default_rng(20_261_130), Shape(), series)
    given = SeriesSet(world.values, world.indptr)
    filled = [pd.Series(given.array(i)).interpolate(limit_direction="both").to_numpy() for i in range(FEW)]
    trend, seasonal, work = (np.empty(size) for size in (LENGTH, LENGTH, 2 * LENGTH))

    def kernels() -> None:
        for i in range(series):
            decomposition.decompose(given.array(i), 7, 21, trend, seasonal, work)

    seconds = best_of(repeat, {
        "statsmodels, robust STL": lambda: [stl(values) for values in filled],
        "decompose, kernel": kernels,
        "decompose": lambda: decompose(given, threads=1),
        "anomalies": lambda: anomalies(given, threads=1),
        "seasonality": lambda: seasonality(given, threads=1),
    })  # fmt: skip
    each = {name: one / (FEW if "STL" in name else series) for name, one in seconds.items()}
    peer = each["statsmodels, robust STL"]
    return {
        "machine": {"cores": os.cpu_count(), "numpy": np.__version__, "pandas": pd.__version__,
                    "statsmodels": version("statsmodels"), "numba": version("numba")},
        "series": series, "values of a series": LENGTH, "threads": 1,
        "microseconds a series": {name: round(one * 1e6, 1) for name, one in each.items()},
        "times as fast as robust STL": {name: round(peer / one, 1) for name, one in each.items() if "STL" not in name},
        "running, window": running(repeat, np.ascontiguousarray(given.array(0))),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    figures = measure(given.series, given.repeat)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
