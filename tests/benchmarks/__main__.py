"""`python -m tests.benchmarks`: every benchmark, one after the other; results go to `results/`."""

import subprocess
import sys

for name in (
    "rollup", "responses", "ingestion", "opening", "days",
    "trend_size", "change_points", "decomposition", "spikes", "forecasts", "bulk",
):  # fmt: skip
    subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)
