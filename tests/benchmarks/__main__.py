"""`python -m tests.benchmarks`: every benchmark, one after the other; results go to `results/`."""

import subprocess
import sys

for name in ("rollup", "responses", "ingestion", "opening", "days"):
    subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)
