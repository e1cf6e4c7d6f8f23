"""How long a workspace that grows every day keeps people waiting: opening it, and one more day of all posts.

    python -m tests.benchmarks.opening [--runs 1000] [--posts 10000]

The workspace holds one run a day, each of one file. Every figure is the median of fresh processes, beyond the imports.
Figures go to `results/opening.json`.
"""

import argparse
import csv
import json
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

from tests.benchmarks.responses import seconds
from tests.sources.exports import YOUTUBE_CHART

RESULTS = Path(__file__).parent / "results" / "opening.json"
FIRST_DAY = date(2023, 1, 1)
EARLIER_POSTS = 20  # of each earlier day
IMPORTS = (
    "import pandas, deltalake, sqlalchemy.dialects.sqlite, engagerr_core.ingest, engagerr_core.settings, "
    "engagerr_core.store.reconcile, engagerr_core.days, engagerr_core.analysis.daily"
)
OPEN = "from engagerr_core import Workspace; ws = Workspace.open({place!r})"


def day_of_posts(path: Path, number: int, posts: int) -> Path:
    """One day of all posts, as YouTube's chart data has it."""
    day = FIRST_DAY + timedelta(days=number)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(YOUTUBE_CHART[0])
        for post in range(posts):
            views = (post * 7919 + number * 104_729) % 5_000
            rows.writerow([day.isoformat(), f"v{post:010d}", f"Video {post}", "Feb 19, 2022", "170", views])
    return path


def grown(place: Path, files: Path, runs: int) -> None:
    """A workspace with so many runs."""
    from engagerr_core import Workspace

    with Workspace.open(place, create=True) as workspace:
        for number in range(runs):
            file = day_of_posts(files / f"{number}.csv", number, EARLIER_POSTS)
            assert workspace.ingest(file, creator="Ada").files["status"].tolist() == ["stored"]


def measure(runs: int, posts: int, repeat: int = 5) -> dict[str, float]:
    """Name of a wait → seconds."""
    with tempfile.TemporaryDirectory() as folder:
        place, files = str(Path(folder) / "ws"), Path(folder) / "exports"
        grown(Path(place), files, runs)
        ready = f"{IMPORTS}; {OPEN.format(place=place)}"
        found = {"open": seconds(OPEN.format(place=place), IMPORTS, repeat)}
        found["its version, asked again"] = seconds("ws.version", f"{ready}; ws.version", repeat)
        found["its posts"] = seconds("ws.contents()", ready, repeat)
        first = str(day_of_posts(files / "whole.csv", runs, posts))
        ingest = "assert ws.ingest({file!r}, creator='Ada').files['status'].tolist() == [{status!r}]"
        found["one day of all posts, which are new"] = seconds(ingest.format(file=first, status="stored"), ready, 1)
        more = [str(day_of_posts(files / f"more{i}.csv", runs + 1 + i, posts)) for i in range(repeat)]
        known = [seconds(ingest.format(file=file, status="stored"), ready, 1) for file in more]
        found["one more day of them"] = sorted(known)[repeat // 2]
        found["the same day again"] = seconds(ingest.format(file=more[-1], status="already stored"), ready, repeat)
        found["posts then"] = seconds("ws.contents()", ready, repeat)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--posts", type=int, default=10_000)
    arguments = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    made = measure(arguments.runs, arguments.posts)
    report = {"date": date.today().isoformat(), "load_before": load, **vars(arguments), "seconds": made}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    for name, value in made.items():
        print(f"{value:8.3f} s  {name}")


if __name__ == "__main__":
    main()
