"""Ten million observations: refresh of the daily tables, one new day, and the questions they answer.

    python -m tests.benchmarks.days [--rows 10000000] [--keep FOLDER]

Ten creators publish on four platforms, with one account on each (five at ten million rows); two platforms report days
of posts, two show lifetime counters that are exported every day. Observations enter the store month by month. Every
figure is of a fresh process that may use two cores; the question's is the median of five, each with another last day,
after a first. DuckDB does the same with SQL on the same files, in the same run; `days_peer.py` says what it leaves
out. Figures go to `results/days.json`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engagerr_core import Workspace
    from engagerr_core.sources.reading import Reading

RESULTS = Path(__file__).parent / "results" / "days.json"
FIRST, CREATORS, DAYS = date(2024, 1, 1), 10, 1000
PLATFORMS = {  # platform → whether it shows lifetime counters, and its metrics
    "youtube": (False, ("views", "likes", "comments", "shares", "watch_minutes")),
    "x": (False, ("impressions", "likes", "comments", "shares", "saves")),
    "instagram": (True, ("views", "likes", "comments", "shares", "saves")),
    "tiktok": (True, ("views", "likes", "comments", "shares")),
}


def size_of(rows: int, days: int) -> tuple[int, int]:
    """Accounts of one creator on one platform, and posts of one account."""
    accounts = max(1, rows // 2_000_000)
    return accounts, max(1, rows // (CREATORS * len(PLATFORMS) * accounts * days))


def readings(creator: int, first: int, last: int, accounts: int, posts: int) -> "Iterator[Reading]":
    """What one creator exports of some days (numbers from `FIRST`): one table a platform."""
    import pandas as pd

    from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading

    span = np.arange(first, last + 1)
    day = np.datetime64(FIRST, "us") + np.tile(span, accounts * posts).astype("timedelta64[D]")
    number = np.repeat(np.arange(accounts * posts), len(span))
    for place, (platform, (counts, names)) in enumerate(PLATFORMS.items()):
        rng = np.random.default_rng([creator, place])
        size = np.exp(rng.normal(5, 1, accounts * posts))
        account = pd.Categorical.from_codes(number // posts, [f"{platform}-{creator}-{a}" for a in range(accounts)])
        content = pd.Categorical.from_codes(number, [f"p{n}" for n in range(accounts * posts)])
        file = sha256(f"{creator} {platform} {first} {last}".encode()).hexdigest()
        rows: dict[str, Any] = {"account": account, "content": content, "row": np.arange(2, len(day) + 2)}
        rows |= {"platform": platform, "dimension": "", "dimension_value": "", "file": file}
        moment = pd.DatetimeIndex(day).tz_localize("UTC")
        if counts:
            rows |= {"basis": "stock", "observed_at": moment}
        else:
            rows |= {"basis": "flow", "period_start": day, "period_end": day, "observed_at": moment[-1]}
        for share, name in enumerate(names):
            daily = size[number] / 3**share
            wobble = 1 + 0.5 * np.sin(np.tile(span, accounts * posts) + number)
            rows[name] = np.floor(daily * (np.tile(span, accounts * posts) + 1) if counts else daily * wobble)
        frame = pd.DataFrame(rows)
        contents = pd.DataFrame({
            "platform": platform, "account": account[:: len(span)], "content": content[:: len(span)],
            "format": "short_video", "format_origin": "native", "published_on": pd.Timestamp(FIRST),
            "file": file, "row": 2,
        })  # fmt: skip
        yield Reading(
            path=f"{platform}-{creator}-{last}.csv", file=file, platform=platform, kind="content", observations=frame,
            contents=contents if first == 0 else contents[:0], rejected=pd.DataFrame(columns=list(REJECTED_COLUMNS)),
            rows_read=len(frame), period=(FIRST + timedelta(first), FIRST + timedelta(last)),
        )  # fmt: skip


def store(workspace: "Workspace", first: int, last: int, accounts: int, posts: int) -> None:
    """Store what all creators export of some days."""
    from engagerr_core.ingest import Owner, ingest

    known_at = datetime.combine(FIRST + timedelta(last + 1), datetime.min.time(), UTC)
    for creator in range(CREATORS):
        made = readings(creator, first, last, accounts, posts)
        owner = Owner(creator=f"Creator {creator}")
        ingest(workspace.lake, workspace.catalogue, made, owner=owner, known_at=known_at + timedelta(seconds=creator))


def fill(folder: Path, rows: int, days: int = DAYS) -> None:
    """A workspace with so many observations, stored month by month; its last day is left for later."""
    from engagerr_core import Workspace

    with Workspace.open(folder, create=True) as workspace:
        first = 0
        while first < days - 1:
            month = FIRST + timedelta(first)
            end = (month.replace(day=1) + timedelta(32)).replace(day=1)
            last = min((end - FIRST).days - 1, days - 2)
            store(workspace, first, last, *size_of(rows, days))
            first = last + 1


_STEP = """
import json, resource, time, sys
from pathlib import Path
from tests.benchmarks.days import DAYS, store
from engagerr_core import Workspace
import pandas, pyarrow.dataset, deltalake, sqlalchemy, alembic.config, pydantic_settings
from engagerr_core.kernels.dispatch import warmup
warmup()
began = time.perf_counter()
ws = Workspace.open({folder!r})
opened = time.perf_counter() - began
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{prepare}
began = time.perf_counter()
{work}
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"seconds": took, "opened": opened, "above": (peak - before) / 1024, "peak": peak / 1024}}))
"""


def step(folder: Path, work: str, prepare: str = "") -> dict[str, float]:
    """Run one step in a fresh process."""
    code = _STEP.format(folder=str(folder), work=work, prepare=prepare)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


QUESTION = 'ws.metrics(by=["platform"], freq="M")'
WARM = """
import statistics
def asked(day):
    began = time.perf_counter(); ws.metrics(by=["platform"], freq="M", end=f"2026-09-{day:02}")
    return time.perf_counter() - began
first = asked(20); runs = [asked(day) for day in range(21, 26)]
"""


def measure(folder: Path, rows: int, days: int = DAYS) -> dict[str, float]:
    """Name of a step → seconds or mebibytes."""
    fill(folder, rows, days)
    found: dict[str, float] = {}
    made = step(folder, "ws.refresh()")
    found["full refresh, s"], found["full refresh, peak MiB"] = made["seconds"], made["peak"]
    found["nothing to refresh, s"] = step(folder, "ws.refresh()")["seconds"]
    accounts, posts = size_of(rows, days)
    new = step(folder, f"store(ws, {days - 1}, {days - 1}, {accounts}, {posts})")
    found["one new day of all posts, storing, s"] = new["seconds"]
    new = step(folder, "ws.refresh()")
    found["one new day of all posts, refresh, s"], found["one new day, peak MiB"] = new["seconds"], new["peak"]
    found["opening, s"] = new["opened"]
    asked = step(folder, QUESTION)
    found["month × platform, first of a process, s"] = asked["seconds"]
    warm = step(folder, "time.sleep(statistics.median(runs))", WARM)
    found["month × platform, warm, s"] = warm["seconds"]
    with tempfile.TemporaryDirectory(dir=folder.parent) as out:
        peer = "from tests.benchmarks import days_peer; took = days_peer.{}; began = time.perf_counter() - took"
        asked = step(folder, peer.format(f"refresh(Path({str(folder)!r}), Path({out!r}))"))
        found["full refresh, DuckDB, s"], found["full refresh, DuckDB, peak MiB"] = asked["seconds"], asked["peak"]
        asked = step(folder, peer.format(f"question(Path({str(folder)!r}))"))
        found["month × platform, DuckDB from raw rows, s"] = asked["seconds"]
    return {name: round(value, 3) for name, value in found.items()}


def main() -> None:
    """Measure both sizes and write the figures down."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    found = {}
    for rows in (given.rows // 10, given.rows):
        with tempfile.TemporaryDirectory() as folder:
            found[str(rows)] = measure((given.keep or Path(folder)) / str(rows), rows)
        for name, value in found[str(rows)].items():
            print(f"{rows:>12,} rows  {value:10.3f}  {name}", flush=True)
    RESULTS.write_text(json.dumps({"date": date.today().isoformat(), "figures": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
