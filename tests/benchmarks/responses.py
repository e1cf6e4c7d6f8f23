"""How long people wait: import, reading, ingest, an overview. `python -m tests.benchmarks.responses`; needs the sample.

Every figure is the median of fresh processes, so that imports and caches count as they do for a user.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results" / "responses.json"
CHART = ROOT.parent / "shared/real/exports/CodingTrain-Happy-New-Year-2022/Chart data.csv"

_TIMED = "import time; began = time.perf_counter(); {work}; print(time.perf_counter() - began)"


def seconds(work: str, prepare: str = "", repeat: int = 5) -> float:
    """Median seconds of a piece of Python in fresh processes, after `prepare` in the same process."""
    code = f"{prepare}\n{_TIMED.format(work=work)}"
    runs = [
        float(
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()[-1]
        )
        for _ in range(repeat)
    ]
    return round(statistics.median(runs), 3)


def measure() -> dict[str, float]:
    """Name of a wait → seconds."""
    found = {"import engagerr_core, beyond pandas": seconds("import engagerr_core", "import pandas")}
    found["from engagerr_core import Workspace, beyond pandas"] = seconds(
        "from engagerr_core import Workspace", "import pandas"
    )
    with tempfile.TemporaryDirectory() as folder:
        chart = CHART if CHART.is_file() else _made_up_chart(Path(folder))
        read = f"readings = list(read([{str(chart)!r}]))"
        found["read 73,365 rows of Chart data"] = seconds(read, "import pandas; from engagerr_core.sources import read")
        place = f"{folder}/ws"
        opened = f"from engagerr_core import Workspace; import pandas; ws = Workspace.open({place!r}, create=True)"
        sample = ROOT / "data/sample/kaito-mensah"
        files = [str(sample / name) for name in ("youtube", "tiktok")]
        ingest = f"ws.ingest({files!r}, creator='Kaito', exported_on='2026-11-03')"
        found["ingest the files of one sample creator"] = seconds(ingest, opened, repeat=1)
        found["ingest them again"] = seconds(ingest, opened)
        found["open a workspace"] = seconds(f"Workspace.open({place!r})", opened)
        found["first overview of a process"] = seconds("ws.overview('Kaito')", opened)
        found["second overview"] = seconds("ws.overview('Kaito')", f"{opened}; ws.overview('Kaito')")
    return found


def _made_up_chart(folder: Path) -> Path:
    path = folder / "Chart data.csv"
    days = [date.fromordinal(date(2021, 1, 1).toordinal() + i).isoformat() for i in range(365)]
    countries = [a + b for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRST"][:201]
    lines = [f"{day},{country},7" for country in countries for day in days]
    path.write_text("\n".join(["Date,Geography,Views", *lines]) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    made = measure()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"date": date.today().isoformat(), "seconds": made}, indent=1) + "\n")
    for name, value in made.items():
        print(f"{value:8.3f} s  {name}")
