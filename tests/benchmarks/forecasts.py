"""Forecasts: accuracy and coverage from rolling origins on real series, and seconds beside statsmodels.

    python -m tests.benchmarks.forecasts [--series 200] [--repeat 5]

Accuracy is of the real series kept beside the project; without them it is left out. MASE and MSIS are in units of the
in-sample error of the naive forecast of the season before; beside ours stands what repeating the last season gets.
Seconds are of one thread, warm, for series of 365 days; statsmodels fits the same family in the same process, once with
one model given, once with the best of six by AICc. Figures go to `results/forecasts.json`.
"""

import argparse
import csv
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries import SeriesSet, forecast

RESULTS = Path(__file__).parent / "results" / "forecasts.json"
REAL = Path(__file__).parents[3] / "shared" / "real" / "series"
DAYS, HORIZON, LEVELS = 365, 30, (80, 95)
WAYS = ("backtested", "analytic")


def wikipedia() -> list[np.ndarray]:
    """Daily views of ten pages."""
    pages: dict[str, list[float]] = {}
    with (REAL / "wikipedia_daily" / "wikipedia_traffic_daily.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pages.setdefault(row["Page"], []).append(float(row["value"]))
    return [np.array(page) for page in pages.values()]


def wikipedia_logs() -> list[np.ndarray]:
    """Two long series of logarithms of daily views, with gaps."""
    found = []
    for name in ("example_wp_log_R.csv", "example_wp_log_peyton_manning.csv"):
        frame = pd.read_csv(REAL / "wikipedia_daily" / name, parse_dates=["ds"]).drop_duplicates("ds").sort_values("ds")
        found.append(SeriesSet.from_frame(frame, time="ds", value="y").array(0))
    return found


def tweets() -> list[np.ndarray]:
    """Mentions of three firms, by the hour."""
    found = []
    for file in sorted((REAL / "tweets_5min").glob("*.csv")):
        frame = pd.read_csv(file, parse_dates=["timestamp"], index_col="timestamp")
        found.append(frame["value"].resample("h").sum().to_numpy(float))
    return found


# name → series, horizon, seasons, shortest past, distance of origins
SETS: dict[str, tuple[Callable[[], list[np.ndarray]], int, tuple[int, ...], int, int]] = {
    "wikipedia daily": (wikipedia, 30, (7,), 240, 30),
    "wikipedia daily, logarithms": (wikipedia_logs, 30, (7,), 400, 120),
    "tweets hourly": (tweets, 48, (24, 168), 700, 53),
}


def accuracy(
    arrays: list[np.ndarray], horizon: int, seasons: tuple[int, ...], shortest: int, every: int
) -> dict[str, Any]:
    """MASE, MSIS at 95 % and coverages from rolling origins; each origin is a series of its own."""
    cuts = [array[:stop] for array in arrays for stop in range(shortest + horizon, array.size + 1, every)]
    known = SeriesSet.from_arrays([cut[:-horizon] for cut in cuts])
    truth, season = np.array([cut[-horizon:] for cut in cuts]), seasons[0]
    unit = np.array([np.nanmean(np.abs(cut[season:-horizon] - cut[: -horizon - season])) for cut in cuts])[:, None]
    last = np.array([np.resize(cut[-horizon - seasons[-1] : -horizon], horizon) for cut in cuts])
    found: dict[str, Any] = {"origins": len(cuts), "horizon": horizon, "seasons": seasons}
    found["mase of the last season repeated"] = round(float(np.nanmean(np.abs(last - truth) / unit)), 3)
    for way in WAYS:
        table = forecast(known, horizon, seasons, LEVELS, intervals=way)
        columns = {
            name: table[name].to_numpy().reshape(truth.shape) for name in table if name[:2] in ("me", "lo", "hi")
        }
        low, high, seen = columns["lo_95"], columns["hi_95"], ~np.isnan(truth)
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        found[way] = {
            "mase": round(float(np.nanmean(np.abs(columns["mean"] - truth) / unit)), 3),
            "msis": round(float(np.nanmean((high - low + 40 * outside) / unit)), 2),
        } | {
            f"coverage {k}": round(
                float(((columns[f"lo_{k}"] <= truth) & (truth <= columns[f"hi_{k}"]))[seen].mean()), 3
            )
            for k in LEVELS
        }
    return found


def made_up(count: int, days: int = DAYS, seed: int = 20_261_130) -> SeriesSet:
    """Positive daily series with a course of the week, a wandering level, noise, and 3 % of days unknown."""
    rng = np.random.default_rng(seed)
    week = rng.normal(0, 0.25, (count, 7))[:, np.arange(days) % 7]
    level = np.cumsum(rng.normal(0, 0.03, (count, days)), axis=1) + rng.normal(6, 1, (count, 1))
    values = np.round(np.exp(level + week + rng.normal(0, 0.2, (count, days))))
    values[rng.random((count, days)) < 0.03] = np.nan
    return SeriesSet.from_arrays(list(values))


def peer(values: np.ndarray, family: bool) -> None:
    """statsmodels: exponential smoothing with intervals at both levels, one model or the best of six by AICc."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    series = pd.Series(pd.Series(values).interpolate(limit_direction="both").to_numpy())
    models = [("add", damped, "add") for damped in (True, False)] + [(None, False, "add")]
    models += [("add", damped, None) for damped in (True, False)] + [(None, False, None)]
    fitted = []
    for trend, damped, seasonal in models if family else [(None, False, "add")]:
        periods = 7 if seasonal else None
        model = ETSModel(series, "add", trend, damped, seasonal, seasonal_periods=periods)
        fitted.append(model.fit(disp=False))
    best = min(fitted, key=lambda each: each.aicc)
    told = best.get_prediction(DAYS, DAYS + HORIZON - 1)
    for level in LEVELS:
        told.summary_frame(alpha=1 - level / 100)


def processor_seconds(work: Callable[[], object], repeat: int) -> float:
    """Least processor seconds of some turns."""
    least = np.inf
    for _ in range(repeat):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return least


def speed(series: int, repeat: int) -> dict[str, float]:
    """Milliseconds a series, ours and the peer's, their ratios, and how much two threads gain."""
    bulk = made_up(series)
    found: dict[str, float] = {}
    for way in WAYS:
        forecast(bulk[:2], HORIZON, intervals=way, threads=1)
        seconds = processor_seconds(lambda way=way: forecast(bulk, HORIZON, intervals=way, threads=1), repeat)  # type: ignore[misc]
        found[f"{way}, ms a series"] = round(seconds / series * 1e3, 3)
    one = bulk[0]
    single = processor_seconds(lambda: forecast(one, HORIZON, intervals="analytic", threads=1), 20 * repeat)
    found["analytic, ms for one alone"] = round(single * 1e3, 3)
    for family, name in ((False, "statsmodels, one model"), (True, "statsmodels, best of six")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer(bulk.array(0), family)
            seconds = processor_seconds(lambda family=family: [peer(bulk.array(i), family) for i in range(3)], 1) / 3  # type: ignore[misc]
        found[f"{name}, ms a series"] = round(seconds * 1e3, 1)
        found[f"{name}, times ours"] = round(seconds * 1e3 / found["analytic, ms a series"], 1)
        found[f"{name}, times ours for one alone"] = round(seconds / single, 1)
    return found


def threads(series: int, repeat: int) -> dict[str, float]:
    """How many times quicker two threads are than one, by the clock; the best of turns that alternate."""
    bulk, found = made_up(series), {}
    for way in WAYS:
        best = {1: np.inf, 2: np.inf}
        for _ in range(repeat):
            for count in best:
                began = time.perf_counter()
                forecast(bulk, HORIZON, intervals=way, threads=count)
                best[count] = min(best[count], time.perf_counter() - began)
        found[way] = round(best[1] / best[2], 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=5)
    chosen = parser.parse_args()
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    report: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{models[0].partition(': ')[2] if models else platform.processor()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("numba", "numpy", "pandas", "statsmodels")},
        "accuracy": {
            name: accuracy(read(), horizon, seasons, shortest, every)
            for name, (read, horizon, seasons, shortest, every) in SETS.items()
            if REAL.is_dir()
        },
        "speed": speed(chosen.series, chosen.repeat),
        "two threads": threads(4 * chosen.series, 2),
    }
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    print(f"{datetime.now():%H:%M} {json.dumps(report, indent=2)}")


if __name__ == "__main__":
    main()
