"""Size and power of the trend test by simulation, cell by cell, beside the test that knows the noise and two bad ones.

    python -m tests.benchmarks.trend_size [--repetitions 2000]

Figures go to `results/trend_size.json`; docs/trends.md is written from them.
"""

import argparse
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engagerr_core.analysis.timeseries.trend import trend
from tests.analysis.timeseries.trending_worlds import (
    as_set,
    mann_kendall,
    oracle_p_values,
    telling_slope,
    trend_free_prewhitened,
    world,
)

RESULTS = Path(__file__).parent / "results" / "trend_size.json"
PHI = (0.0, 0.3, 0.6, 0.8, 0.9)
LENGTHS = (30, 60, 120, 365)
GAPS = (0.0, 0.1, 0.3)
HEAVY = ("t2.5", "lognormal", "spikes")
NOMINAL = 0.05


def cells() -> Iterator[dict[str, Any]]:
    """Every combination under normal noise; heavy tails for the weekly ones without gaps and with many."""
    for noise in ("normal", *HEAVY):
        for length in LENGTHS:
            for weekly in (False, True):
                for gaps in GAPS:
                    if noise == "normal" or (weekly and gaps != GAPS[1]):
                        yield from (
                            {"noise": noise, "length": length, "weekly": weekly, "gaps": gaps, "phi": phi}
                            for phi in PHI
                        )


def shares(cell: dict[str, Any], repetitions: int) -> dict[str, Any]:
    """Share of p-values below the nominal level without and with a trend, for one cell.

    The trend is one that the test knowing phi and normal noise finds in 80 % of complete series. The bad tests run
    where they are meant for: without gaps and without a week.
    """
    found: dict[str, Any] = dict(cell)
    rng = np.random.default_rng(zlib.crc32(json.dumps(cell, sort_keys=True).encode()))
    for name, slope in (("size", 0.0), ("power", telling_slope(cell["length"], cell["phi"]))):
        values = world(
            rng, repetitions, cell["length"], cell["phi"], weekly=cell["weekly"], gaps=cell["gaps"], slope=slope,
            noise=cell["noise"],
        )  # fmt: skip
        table = trend(as_set(values), season=7 if cell["weekly"] else None)
        assert table["p_value"].between(0, 1).all()
        found[name] = float((table["p_value"] < NOMINAL).mean())
        if name == "size":
            found["not_testable"] = float(table["slope_low"].isna().mean())
            found["cyclical"] = float((table["direction"] == "cyclical").mean())
        if cell["noise"] == "normal":
            found[f"oracle_{name}"] = float((oracle_p_values(values, cell["phi"], cell["weekly"]) < NOMINAL).mean())
            if name == "size" and not cell["weekly"] and cell["gaps"] == 0:
                found["mann_kendall_size"] = float((mann_kendall(values) < NOMINAL).mean())
                whitened = trend_free_prewhitened(values, table["slope"].to_numpy())
                found["trend_free_prewhitening_size"] = float((whitened < NOMINAL).mean())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2_000)
    repetitions = parser.parse_args().repetitions
    table = [shares(cell, repetitions) for cell in cells()]
    worst = max(table, key=lambda row: row["size"])
    report = {"nominal": NOMINAL, "repetitions": repetitions, "worst_size": worst["size"], "cells": table}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    print(f"{len(table)} cells, {repetitions:,} repetitions each: the greatest size is {worst['size']:.3f}, at {worst}")


if __name__ == "__main__":
    main()
