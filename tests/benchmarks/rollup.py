"""Standardise, derive and sum by month: our kernel against Polars, DuckDB and pandas.

    python -m tests.benchmarks.rollup [--rows 10000000] [--repeat 3] [--only 0 1]

Ten native metrics of accounts (or contents) on five platforms over 18 months of days, a tenth of
the values unknown; four standard metrics with fallbacks, four ratios. Every contender starts from
its own layout in memory and must give the same figures. Contenders take turns, so that a busy
machine hurts them alike; the best of `--repeat` turns counts. Figures go to `results/rollup.json`.
"""

import argparse
import json
import multiprocessing
import os
import platform as machine
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engagerr_core.kernels.calendar import Periods, periods
from engagerr_core.kernels.dispatch import warmup
from engagerr_core.kernels.rollup import Rollup, rollup_by_period

RESULTS = Path(__file__).parent / "results" / "rollup.json"
FIRST_DAY, DAYS, THREADS, UNKNOWN = 20_089, 546, 2, 0.1  # from 2025-01-01, 18 months
NATIVES = ["views", "impressions", "likes", "comments", "shares", "saves", "clicks", "watch_seconds", "completed"]
NATIVES += ["followers_gained"]
STANDARDS = ["standard_views", "standard_engagements", "standard_shares", "standard_watch"]
RATIOS = [("standard_engagements", "standard_views"), ("standard_shares", "standard_views"),
          ("standard_watch", "standard_views"), ("completed", "views")]  # fmt: skip
RULES: list[dict[str, list[dict[str, float]]]] = [  # platform by platform: standard metric, alternatives, weights
    {"standard_views": [{"views": 1}], "standard_engagements": [{"likes": 1, "comments": 5}],
     "standard_shares": [{"shares": 10}], "standard_watch": [{"watch_seconds": 1 / 60}]},
    {"standard_views": [{"views": 1}, {"impressions": 0.8}],
     "standard_engagements": [{"likes": 0.9, "comments": 4.5, "saves": 15}, {"likes": 0.9, "comments": 4.5}]},
    {"standard_views": [{"views": 1}], "standard_engagements": [{"likes": 0.85, "comments": 4.8}],
     "standard_shares": [{"shares": 12}], "standard_watch": [{"watch_seconds": 1 / 60}]},
    {"standard_views": [{"views": 1}, {"impressions": 0.8}],
     "standard_engagements": [{"likes": 1, "comments": 5, "saves": 3}], "standard_shares": [{"shares": 10}]},
    {"standard_views": [{"impressions": 1}], "standard_engagements": [{"likes": 1, "comments": 5, "clicks": 2}],
     "standard_shares": [{"shares": 10}]},
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Observations and rules, in the kernel's layout."""

    native: np.ndarray
    entity: np.ndarray
    day: np.ndarray
    platform: np.ndarray
    rule_of_entity: np.ndarray
    weights: np.ndarray
    table: Periods
    threads: int = THREADS
    natives = NATIVES
    standards = STANDARDS
    ratio_names = RATIOS
    n_platforms = len(RULES)

    @property
    def ratios(self) -> np.ndarray:
        stacked = [*self.natives, *self.standards]
        return np.array([[stacked.index(side) for side in pair] for pair in self.ratio_names], np.int32)


def make_world(rows: int, entities: int, order: str, seed: int = 20_261_120) -> World:
    """Counts of heavy-tailed sizes; `order` is how they lie: "exported" (month, account, day), "daily", "shuffled"."""
    rng = np.random.default_rng(seed)
    entity = rng.integers(0, entities, rows, dtype=np.int32)
    day = rng.integers(FIRST_DAY, FIRST_DAY + DAYS, rows, dtype=np.int32)
    table = periods(FIRST_DAY, FIRST_DAY + DAYS - 1, "month")
    if order == "exported":
        place = np.lexsort((day, entity, table.of_day[day - FIRST_DAY]))
    elif order == "daily":
        place = np.lexsort((entity, day))
    else:
        place = np.arange(rows)
    native = np.empty((len(NATIVES), rows))
    for row in native:
        row[:] = np.floor(rng.lognormal(5, 2, rows))
        row[rng.random(rows) < UNKNOWN] = np.nan
    rule_of_entity = rng.integers(0, len(RULES), entities, dtype=np.int32)
    weights = np.full((len(RULES), len(STANDARDS), 2, len(NATIVES)), np.nan)
    for number, rules in enumerate(RULES):
        for standard, alternatives in rules.items():
            for choice, alternative in enumerate(alternatives):
                for name, weight in alternative.items():
                    weights[number, STANDARDS.index(standard), choice, NATIVES.index(name)] = weight
    entity, day = entity[place], day[place]
    return World(
        native=native, entity=entity, day=day, platform=rule_of_entity[entity], rule_of_entity=rule_of_entity,
        weights=weights, table=table,
    )  # fmt: skip


def ours(world: World, threads: int, native: Any = None, day: np.ndarray | None = None) -> Rollup:
    top, bottom = np.ascontiguousarray(world.ratios.T)
    return rollup_by_period(
        world.native if native is None else native, world.entity, world.day if day is None else day,
        world.table.of_day, FIRST_DAY, world.rule_of_entity.size, world.table.starts.size, world.rule_of_entity,
        world.weights, top, bottom, threads,
    )  # fmt: skip


def ours_from_pandas(frame: Any, world: World) -> Rollup:
    """Columns as pandas holds them, and days from its dates."""
    native = [frame[name].to_numpy() for name in world.natives]
    return ours(world, world.threads, native, frame["day"].to_numpy().astype("datetime64[D]").astype(np.int32))


def named(result: Rollup, world: World) -> dict[str, np.ndarray]:
    """Our result under the names of `columns_of`."""
    metrics = [*world.natives, *world.standards]
    found = dict(zip(metrics, [*result.native, *result.standard], strict=True))
    known = [*result.native_known, *result.standard_known]
    found |= {f"known_{name}": row for name, row in zip(metrics, known, strict=True)}
    found |= {f"estimated_{name}": row for name, row in zip(world.standards, result.estimated, strict=True)}
    for number in range(len(world.ratios)):
        found |= {f"top_{number}": result.numerators[number], f"bottom_{number}": result.denominators[number]}
        found[f"both_{number}"] = result.pairs[number]
    return found | {"rows": result.rows}


def check_equal(result: Rollup, peer: Any, world: World) -> None:
    """Every figure of every group: counts exactly, sums to 1e-9; the peer may leave empty groups out."""
    table = peer.to_pandas() if hasattr(peer, "to_pandas") else peer
    month = table["month"].to_numpy()
    if month.dtype.kind not in "iu":
        month = month.astype("datetime64[M]").astype(np.int64)
    begin = np.datetime64(FIRST_DAY, "D").astype("datetime64[M]").astype(np.int64)
    place = table["account"].to_numpy().astype(np.int64) * world.table.starts.size + month - begin
    for name, found in named(result, world).items():
        want = table[name].to_numpy().astype(float)
        have = found[place].astype(float)
        unknown = np.isnan(have)
        assert (np.isnan(want[unknown]) | (want[unknown] == 0)).all(), name  # some say 0 for a sum of nothing
        np.testing.assert_allclose(have[~unknown], want[~unknown], rtol=1e-9, err_msg=name)
    assert result.rows.sum() == table["rows"].sum()


def peak_memory(rows: int, entities: int, order: str) -> float:
    """Peak resident memory of our pass over the size of its input, both beyond an idle process, in a fresh one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_memory, (rows, entities, order))


def _resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def _peak_memory(rows: int, entities: int, order: str) -> float:
    warmup()
    ours(make_world(1_000, 10, order), THREADS)
    idle = _resident("VmRSS")
    world = make_world(rows, entities, order)
    given = world.native.nbytes + world.entity.nbytes + world.day.nbytes
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of making the data
    ours(world, THREADS)
    return (_resident("VmHWM") - idle) / given


def measure(rows: int, entities: int, order: str, repeat: int, contenders: dict[str, Any]) -> dict[str, Any]:
    """Seconds of every contender on one world, and the ratio of the best form of each library to ours.

    Processor seconds, over all threads, are less at the mercy of what else the machine does.
    """
    world = make_world(rows, entities, order)
    expected = ours(world, THREADS)
    runs: dict[str, Callable[[], Any]] = {
        "ours": partial(ours, world, THREADS),
        "ours, 1 thread": partial(ours, world, 1),
    }
    forms: dict[str, list[str]] = {}
    layouts: dict[Callable[..., Any], Any] = {}
    for library, variants in contenders.items():
        for form, lay_out, run in variants:
            name = f"{library}: {form}"
            laid_out = layouts[lay_out] if lay_out in layouts else layouts.setdefault(lay_out, lay_out(world))
            runs[name] = partial(run, laid_out, world)
            forms.setdefault(library, []).append(name)
            check_equal(expected, runs[name](), world)
            if library == "pandas":
                runs["ours, from pandas"] = partial(ours_from_pandas, laid_out, world)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    processor: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            start, work = time.perf_counter(), time.process_time()
            run()
            seconds[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - work)
    best = {name: min(turns) for name, turns in seconds.items()}
    work_best = {name: min(turns) for name, turns in processor.items()}

    def ratios(figures: dict[str, float]) -> dict[str, float]:
        return {
            library: round(min(figures[name] for name in names) / figures["ours"], 1)
            for library, names in forms.items()
        }

    return {
        "rows": rows,
        "entities": entities,
        "order": order,
        "groups": int(expected.rows.size),
        "repeat": repeat,
        "seconds": {name: round(value, 3) for name, value in best.items()},
        "ratios": ratios(best),
        "processor_seconds": {name: round(value, 3) for name, value in work_best.items()},
        "processor_ratios": ratios(work_best),
    }


SCENARIOS = ((4_000, "exported"), (4_000, "daily"), (4_000, "shuffled"), (100_000, "exported"))


def report(scenarios: list[dict[str, Any]]) -> dict[str, Any]:
    """The measured scenarios with machine, date and versions."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    cpu = models[0].partition(": ")[2] if models else machine.processor()
    libraries = ("numba", "numpy", "polars", "duckdb", "pandas")
    return {
        "date": date.today().isoformat(),
        "machine": f"{cpu}, {os.cpu_count()} cores",
        "threads": THREADS,
        "versions": {"python": machine.python_version()} | {name: version(name) for name in libraries},
        "scenarios": scenarios,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the scenarios to measure, the others are kept")
    arguments = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when polars is imported
    from tests.benchmarks.rollup_peers import CONTENDERS

    warmup()
    kept = json.loads(RESULTS.read_text())["scenarios"] if arguments.only and RESULTS.exists() else []
    for entities, order in [SCENARIOS[number] for number in arguments.only or range(len(SCENARIOS))]:
        load = os.getloadavg()[0]
        scenario = measure(arguments.rows, entities, order, arguments.repeat, CONTENDERS)
        scenario["peak_memory_over_input"] = round(peak_memory(arguments.rows, entities, order), 2)
        scenario["load_before"] = round(load, 1)
        kept = [old for old in kept if (old["entities"], old["order"]) != (entities, order)] + [scenario]
        kept.sort(key=lambda old: SCENARIOS.index((old["entities"], old["order"])))
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(report(kept), indent=1) + "\n")
        print(json.dumps(scenario, indent=1), flush=True)


if __name__ == "__main__":
    main()
