"""How many labelled spikes are found: against an oracle that knows the noise, and on real mentions of companies.

    python -m tests.benchmarks.spikes [--series 200] [--seeds 3]

Every kind of world of `spiky_worlds`, with seeds kept out of development, at the default threshold; all series of a
world in one call, and each alone. The oracle knows level, season and the noise's distribution, and flags by Benjamini
and Hochberg at 0.05 (`oracle`) or by Bonferroni in each series (`bonferroni`); `best` is F1 at the threshold that only
the labels can tell. Where the real series are present: which labelled windows are hit, and alarms a week outside them
(alarms within an hour count as one), for several ways to ask. Figures go to `results/spikes.json`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries import SeriesSet, anomalies
from tests.analysis.timeseries.spiky_worlds import WORLDS, Shape, World, best_f1, f1, make, oracle

RESULTS = Path(__file__).parent / "results" / "spikes.json"
TWEETS = Path(__file__).parents[3] / "shared" / "real" / "series" / "tweets_5min"
WAYS = (("5min", 288), ("5min", 2016), ("1h", 24), ("1h", 168))
ALONE = 60  # series that are judged alone


def flagged(world: World) -> np.ndarray:
    table = anomalies(SeriesSet(world.values, world.indptr))
    found = np.zeros(world.values.size, bool)
    found[world.indptr[table["series"].to_numpy(int)] + table["index"].to_numpy(int)] = True
    return found


def part(world: World, position: int) -> World:
    """One series of a world."""
    start, stop = world.indptr[position : position + 2]
    return World(
        values=world.values[start:stop], indptr=np.array([0, stop - start]), spike=world.spike[start:stop],
        noise=world.noise[start:stop], tail=world.tail[start:stop],
    )  # fmt: skip


def row(worlds: list[World]) -> dict[str, float]:
    """F1 of a kind of world, over seeds."""
    truth = np.concatenate([world.spike for world in worlds])
    found = np.concatenate([flagged(world) for world in worlds])
    first = worlds[0]
    alone = np.concatenate([flagged(part(first, i)) for i in range(min(ALONE, len(first.indptr) - 1))])
    knows = np.concatenate([oracle(world) for world in worlds])
    strict = np.concatenate([world.tail < 0.05 * (len(world.indptr) - 1) / world.tail.size for world in worlds])
    own, best = f1(found, truth), max(f1(knows, truth), f1(strict, truth))
    figures = {
        "f1": own, "precision": float((found & truth).sum() / max(1, found.sum())),
        "recall": float((found & truth).sum() / truth.sum()), 
        "f1, each series alone": f1(alone, first.spike[: alone.size]),
        "oracle": f1(knows, truth), "bonferroni": f1(strict, truth),
        "best": float(np.mean([best_f1(world) for world in worlds])), "share of the better oracle": own / best,
    }  # fmt: skip
    return {name: round(figure, 3) for name, figure in figures.items()}


def noise_alone(series: int) -> dict[str, int]:
    """Alarms in worlds without a spike."""
    found = {}
    for noise in ("gaussian", "t3", "laplace", "lognormal"):
        shape = Shape(noise=noise, share=0.0, multiplicative=noise != "lognormal", size=0.05)
        found[noise] = int(flagged(make(np.random.default_rng([41, len(noise)]), shape, series)).sum())
    return found


def mentions() -> list[dict[str, Any]]:
    """Windows hit and alarms a week outside, for each way and company."""
    found: list[dict[str, Any]] = []
    windows = json.loads((TWEETS / "anomaly_windows.json").read_text())
    for step, season in WAYS:
        frames = [pd.read_csv(TWEETS / name, parse_dates=["timestamp"], index_col="timestamp") for name in windows]
        series = [frame["value"].resample(step).sum(min_count=1).astype(float) for frame in frames]
        table = anomalies(SeriesSet.from_arrays([one.to_numpy() for one in series]), season)
        for place, (name, one) in enumerate(zip(windows, series, strict=True)):
            spans = [tuple(pd.Timestamp(end) for end in span) for span in windows[name]]
            width = pd.Timedelta(one.index[1] - one.index[0])
            alarms = {
                "in one call": table.loc[table["series"] == place, "index"],
                "alone": anomalies(one, season)["index"],
            }
            for how, index in alarms.items():
                times = one.index[index]
                inside = [(times + width > start) & (times <= end) for start, end in spans]
                outside = times[~np.any(inside, axis=0)]
                count = int((np.diff(outside) > np.timedelta64(1, "h")).sum()) + (len(outside) > 0)
                found.append({
                    "company": name.removesuffix(".csv").rpartition("_")[2], "step": step, "season": season, "how": how,
                    "windows": len(spans), "hit": int(sum(hit.any() for hit in inside)),
                    "alarms a week outside": round(count / ((one.index[-1] - one.index[0]) / pd.Timedelta("7D")), 2),
                })  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    figures: dict[str, Any] = {"series": given.series, "seeds": given.seeds, "worlds": {}}
    for number, (name, shape) in enumerate(WORLDS.items()):
        worlds = [make(np.random.default_rng([31, seed, number]), shape, given.series) for seed in range(given.seeds)]
        figures["worlds"][name] = row(worlds)
        print(name, figures["worlds"][name], flush=True)
    figures["alarms in noise alone"] = noise_alone(given.series)
    if TWEETS.is_dir():
        figures["mentions"] = mentions()
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps({name: figures[name] for name in list(figures)[3:]}, indent=1))


if __name__ == "__main__":
    main()
