"""The whole time-series core over many series at once: seconds, threads, memory, and the first start.

    python -m tests.benchmarks.bulk [--series 100000] [--only jobs threads memory start]

Series of 365 days with a week, a trend, dependence, spikes and 3 % of days unknown. Every job is one call of the public
function, the table that it returns included. Seconds are measured warm, memory and starts in fresh processes. Figures
go to `results/bulk.json`.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis import timeseries
from engagerr_core.analysis.timeseries import SeriesSet
from engagerr_core.kernels.dispatch import warmup

RESULTS = Path(__file__).parent / "results" / "bulk.json"
DAYS, UNKNOWN = 365, 0.03

JOBS: dict[str, Callable[[SeriesSet, int], pd.DataFrame]] = {
    "growth": lambda series, threads: timeseries.growth(series, threads=threads),
    "trend": lambda series, threads: timeseries.trend(series, threads=threads),
    "seasonality": lambda series, threads: timeseries.seasonality(series, threads=threads),
    "change_points": lambda series, threads: timeseries.change_points(series, threads=threads),
    "anomalies": lambda series, threads: timeseries.anomalies(series, threads=threads),
    "volatility": lambda series, threads: timeseries.volatility(series, threads=threads),
    "decompose": lambda series, threads: timeseries.decompose(series, threads=threads),
    "forecast, analytic": lambda series, threads: timeseries.forecast(series, intervals="analytic", threads=threads),
}
BACKTESTED = "forecast, backtested"
JOBS_WITH_BACKTEST = JOBS | {BACKTESTED: lambda series, threads: timeseries.forecast(series, threads=threads)}


def make_series(count: int, days: int = DAYS, seed: int = 20_261_130) -> SeriesSet:
    """Counts of all sizes: level, weekday pattern, trend, first-order dependence, spikes, steps, and unknown days."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    values = np.empty((count, days))
    for first in range(0, count, 1_000):  # in pieces, so that making the data needs little memory
        rows = slice(first, min(first + 1_000, count))
        n = len(values[rows])
        week = rng.normal(0, 0.25, (n, 7))[:, day % 7]
        noise = rng.normal(0, 0.2, (n, days))
        for i in range(1, days):
            noise[:, i] += 0.4 * noise[:, i - 1]
        slope = rng.normal(0, 0.6, (n, 1)) * (day / days)
        step = (day >= rng.integers(60, days + 200, (n, 1))) * rng.normal(0, 0.7, (n, 1))
        spikes = (rng.random((n, days)) < 0.005) * rng.exponential(1.5, (n, days))
        logs = rng.normal(5, 2, (n, 1)) + week + noise + slope + step + spikes
        values[rows] = np.floor(np.exp(logs))
        values[rows][rng.random((n, days)) < UNKNOWN] = np.nan
    return SeriesSet(values.ravel(), np.arange(count + 1) * days)


def seconds_of_jobs(series: SeriesSet, threads: int, jobs: dict[str, Any]) -> dict[str, float]:
    """Job → seconds of one call."""
    found = {}
    for name, job in jobs.items():
        began = time.perf_counter()
        job(series, threads)
        found[name] = round(time.perf_counter() - began, 2)
    return found


def scaling(series: SeriesSet, repeat: int) -> dict[str, float]:
    """Job → how many times quicker two threads are than one; the best of some turns that alternate."""
    times: dict[tuple[str, int], float] = {}
    for _ in range(repeat):
        for name, job in JOBS_WITH_BACKTEST.items():
            part = series[: len(series) // 10] if name == BACKTESTED else series
            for threads in (1, 2):
                began = time.perf_counter()
                job(part, threads)
                key = name, threads
                times[key] = min(times.get(key, np.inf), time.perf_counter() - began)
    ratios = {name: round(times[name, 1] / times[name, 2], 2) for name in JOBS_WITH_BACKTEST}
    ratios["all with analytic intervals"] = round(
        sum(times[name, 1] for name in JOBS) / sum(times[name, 2] for name in JOBS), 2
    )
    return ratios


def memory_of(count: int) -> dict[str, float]:
    """Peak resident MiB beyond the series themselves and an idle process: of each job, its table included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_memory_of, (count,))


def _resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def _memory_of(count: int) -> dict[str, float]:
    warmup()
    small = make_series(20)
    for job in JOBS_WITH_BACKTEST.values():
        job(small, 2)
    series = make_series(count)
    found = {}
    for name, job in JOBS.items():
        before = _resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        table = job(series, 2)
        own = table.memory_usage(index=False).sum() / 2**20
        found[name] = round(_resident("VmHWM") - before, 1)
        found[f"{name}, its table"] = round(own, 1)
    return found


_START = """
import json, time
began = time.perf_counter()
from engagerr_core.kernels.dispatch import warmup
rows = warmup()
print(json.dumps({"seconds": time.perf_counter() - began, "kernels": [[r.name, r.seconds, r.cached] for r in rows]}))
"""


def first_start() -> dict[str, Any]:
    """Compiling every kernel of the package in a fresh process and cache, and loading them in the next process."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"ENGAGERR_CACHE_DIR": cache}
        runs = []
        for _ in range(4):
            done = subprocess.run(
                [sys.executable, "-c", _START], env=environment, capture_output=True, text=True, check=True
            )
            runs.append(json.loads(done.stdout))
    cold, warm = runs[0], min(runs[1:], key=lambda run: run["seconds"])
    slowest = max(cold["kernels"], key=lambda row: row[1])
    return {
        "kernels": len(cold["kernels"]),
        "compiling all": round(cold["seconds"], 2),
        "slowest kernel": slowest[0],
        "slowest kernel, seconds": round(slowest[1], 2),
        "from cache in a new process": round(warm["seconds"], 2),
        "compiled in the new process": sum(not row[2] for row in warm["kernels"]),
    }


def keep(figures: dict[str, Any]) -> None:
    """Write the figures measured so far, with date and machine: a long run that is interrupted keeps them."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    told = {"date": date.today().isoformat(), "machine": models[0].partition(": ")[2] if models else ""} | figures
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", choices=("jobs", "threads", "memory", "start"))
    arguments = parser.parse_args()
    wanted = arguments.only or ["start", "threads", "memory", "jobs"]
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept = {name: value for name, value in kept.items() if name not in ("date", "machine")}
    kept["load_before"] = round(os.getloadavg()[0], 1)
    if "start" in wanted:
        kept["start"] = first_start()
        keep(kept)
    warmup()
    few = make_series(50)
    for job in JOBS_WITH_BACKTEST.values():
        job(few, 2)
    if "threads" in wanted:
        kept["two_threads"] = scaling(make_series(arguments.series // 10), 3)
        keep(kept)
    if "memory" in wanted:
        kept["memory"] = {str(n): memory_of(n) for n in (arguments.series // 10, arguments.series)}
        keep(kept)
    if "jobs" in wanted:
        series = make_series(arguments.series)
        kept["series"] = arguments.series
        kept["seconds"] = seconds_of_jobs(series, 2, JOBS)
        kept["seconds"]["all with analytic intervals"] = round(sum(kept["seconds"].values()), 1)
        keep(kept)
        kept["seconds"] |= seconds_of_jobs(series, 2, {BACKTESTED: JOBS_WITH_BACKTEST[BACKTESTED]})
        keep(kept)
    print(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
