"""Exported files into a workspace, on one core: rows a second, peak memory, and many small files.

    python -m tests.benchmarks.ingestion [--rows 1000000] [--files 500]

Every figure is of a fresh process that may use one core. A peer reads the same file and writes it as one Parquet file,
without telling whose figures they are, setting wrong cells aside, keeping them apart by month, or entering posts in a
catalogue. Figures go to `results/ingestion.json`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks.exports import SHAPES, many_small_files

RESULTS = Path(__file__).parent / "results" / "ingestion.json"
MEMORY_AT = (0.25, 1.0, 1.99)  # × --rows; two million is the most that a table may have
MEBIBYTE = 1024 * 1024


def _ours(place: Path, out: Path) -> Callable[[], int]:
    from engagerr_core import Workspace

    workspace = Workspace.open(out / "workspace", create=True)
    warm = out / "warm.csv"
    warm.write_text("Date,Views\n2026-01-01,5\n2026-01-02,6\n", encoding="utf-8")
    workspace.ingest(warm, creator="Warm")  # libraries are loaded

    def run() -> int:
        files = workspace.ingest(place, creator="Ada", exported_on="2026-11-03").files
        assert set(files["status"]) == {"stored"}, files["reasons"].tolist()
        return int(files["rows_read"].sum())

    return run


def _pandas(place: Path, out: Path) -> Callable[[], int]:
    import pandas as pd

    def run() -> int:
        frames = [pd.read_csv(path) for path in sorted(place.glob("*.csv"))]
        for number, frame in enumerate(frames):
            frame.to_parquet(out / f"{number}.parquet")
        return sum(map(len, frames))

    return run


def _polars(place: Path, out: Path) -> Callable[[], int]:
    os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is imported
    import polars as pl

    def run() -> int:
        rows = 0
        for number, path in enumerate(sorted(place.glob("*.csv"))):
            pl.scan_csv(path, infer_schema_length=1_000).sink_parquet(out / f"{number}.parquet")
            rows += pl.scan_parquet(out / f"{number}.parquet").select(pl.len()).collect().item()
        return rows

    return run


CONTENDERS = {"ours": _ours, "pandas": _pandas, "Polars": _polars}


def _resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def alone(contender: str, place: Path) -> dict[str, float]:
    """Seconds, rows and peak memory beyond an idle process of one contender, in this process, on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as out:
        run = CONTENDERS[contender](place, Path(out))
        idle = _resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        start, work = time.perf_counter(), time.process_time()
        rows = run()
        seconds, processor = time.perf_counter() - start, time.process_time() - work
        peak = _resident("VmHWM") - idle
    return {"rows": rows, "seconds": seconds, "processor_seconds": processor, "peak_bytes": peak}


def measured(contender: str, place: Path) -> dict[str, float]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "tests.benchmarks.ingestion", "--alone", contender, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def speeds(rows: int) -> Iterator[dict[str, Any]]:
    """Rows a second of each shape, and how many times a peer's seconds ours are."""
    for shape, write in SHAPES.items():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            write(place / "export.csv", rows)
            found = {name: measured(name, place) for name in CONTENDERS}
            size = (place / "export.csv").stat().st_size
        assert {result["rows"] for result in found.values()} == {found["ours"]["rows"]}
        ours = found["ours"]
        yield {
            "shape": shape,
            "rows": int(ours["rows"]),
            "file_mebibytes": round(size / MEBIBYTE, 1),
            "rows_per_second": round(ours["rows"] / ours["seconds"]),
            "rows_per_processor_second": round(ours["rows"] / ours["processor_seconds"]),
            "peak_memory_over_file": round(ours["peak_bytes"] / size, 2),
            "seconds": {name: round(result["seconds"], 2) for name, result in found.items()},
            "times_the_peer": {
                name: round(ours["seconds"] / result["seconds"], 2) for name, result in found.items() if name != "ours"
            },
            "peak_mebibytes": {name: round(result["peak_bytes"] / MEBIBYTE) for name, result in found.items()},
        }


def memory(rows: int) -> dict[str, Any]:
    """Peak memory at several lengths of one shape, and how many bytes a row more costs."""
    shape, write = next(iter(SHAPES.items()))
    points = []
    for share in MEMORY_AT:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "export.csv", int(rows * share))
            points.append(measured("ours", Path(folder)))
    first, last = points[0], points[-1]
    slope = (last["peak_bytes"] - first["peak_bytes"]) / (last["rows"] - first["rows"])
    return {
        "shape": shape,
        "peak_mebibytes": {f"{int(point['rows']):,} rows": round(point["peak_bytes"] / MEBIBYTE) for point in points},
        "bytes_a_row": round(slope),
    }


def small_files(files: int) -> dict[str, float]:
    """Seconds for many small files of all platforms, half of them in archives."""
    with tempfile.TemporaryDirectory() as folder:
        many_small_files(Path(folder), files)
        found = measured("ours", Path(folder))
    return {
        "files": files,
        "rows": int(found["rows"]),
        "seconds": round(found["seconds"], 2),
        "milliseconds_a_file": round(1000 * found["seconds"] / files, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--alone", nargs=2, metavar=("CONTENDER", "PLACE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        contender, place = arguments.alone
        print(json.dumps(alone(contender, Path(place))))
        return
    load = os.getloadavg()[0]
    report = {
        "date": date.today().isoformat(),
        "load_before": round(load, 1),
        "speeds": list(speeds(arguments.rows)),
        "memory": memory(arguments.rows),
        "small_files": small_files(arguments.files),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
