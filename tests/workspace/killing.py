"""Processes that are killed at any moment or work at once: what they do, and what a workspace says then.

A new process needs seconds to import everything; the nursery is one process that has, but has used nothing yet: each
trial is a fork of it, within which the step begins at once. Delta's threads do not survive a fork, so the nursery
itself opens no workspace.
"""

import gc
import hashlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import deltalake
import pandas as pd
import psycopg  # noqa: F401 - imported before the fork
from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401 - imported before the fork
from sqlalchemy.engine.default import DefaultDialect

from engagerr_core import ingest as ingesting
from engagerr_core.kernels.dispatch import warmup
from engagerr_core.refresh import TABLES
from engagerr_core.store.compaction import compact
from engagerr_core.store.resolve import in_order
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, rejected
from tests.workspace.steps import NOW, state, store

ROOT = Path(__file__).parents[2]
WARM = date(2026, 9, 1)  # on this day all months of these workspaces are warm
SHOWN = datetime(2026, 2, 20, tzinfo=UTC)
ROOMS = ("engagerr_core", *(f"engagerr_core.{room}" for room in ("analysis", "sources", "store", "vocabulary")))
LATE = ("pandas.io.formats.csvs", "pyarrow.acero", "scipy.stats")  # imported by others when they are used
BATCH_ROWS = 25  # two of the tables below are a batch


# ---- what is stored ----------------------------------------------------------------------------------------------


def flows(name, start="2026-01-01", days=20, platform="youtube", creator="Ada", **columns):
    """Daily figures of an account, or of a post."""
    rows = daily(name, days, start, platform).assign(**columns)
    return reading(name, rows, platform=platform, path=f"exports/{creator}/{name}.csv", account=f"{creator} {platform}")


def counters(name, day, values, **fields):
    """Lifetime views of posts on one day."""
    rows = daily(name, len(values), platform="tiktok", views=[float(value) for value in values.values()])
    nowhen = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    rows = rows.assign(content=list(values), basis="stock", period_start=nowhen, period_end=nowhen)
    rows = rows.assign(observed_at=pd.Timestamp(day, tz="UTC"))
    return reading(name, rows, platform="tiktok", account="Ada tiktok", **fields)


def total(name, last):
    """What the platform totalled itself, from the first of January on."""
    return reading(name, daily(name, 1).assign(period_end=pd.Timestamp(last)), account="Ada youtube")


def first():
    """What every workspace here begins with: four exports, a week apart, of two creators, over two months."""
    return [
        [flows("a1"), flows("p1", content="v1"), total("s1", "2026-01-20"), counters("k1", "2026-01-08", {"t0": 90})],
        [flows("a2", "2026-01-18"), flows("b2", creator="Bo"), counters("k2", "2026-01-15", {"t0": 95, "t1": 100})],
        [flows("a3", "2026-02-01"), total("s3", "2026-02-20"), counters("k3", "2026-02-03", {"t0": 97, "t1": 119})],
        [flows("x1", days=3, platform="x"), flows("x2", days=3, platform="x", creator="Bo")],
    ]  # fmt: skip


def keep(ws, *tables, weeks=0, **said):
    """Ingest tables, none of which may be refused."""
    summary = store(ws, *tables, known_at=NOW + timedelta(weeks=weeks), **said)
    assert "refused" not in set(summary.files["status"]), summary.files.to_string()


def begin(ws):
    """Ingest what every workspace here begins with."""
    for week, tables in enumerate(first()):
        keep(ws, *tables, creator=None, weeks=week)


def more():
    """Six tables, two in a batch; one restates days, one has rows that were set aside, one tells of posts."""
    return [
        flows("a4", "2026-01-25", views=7.0), flows("b4", "2026-02-01", creator="Bo"),
        flows("x4", platform="x", creator="Bo"), flows("p4", "2026-02-01", content="v2"),
        flows("a5", "2026-02-21"), flows("r5", "2026-03-01", platform="x"),
    ]  # fmt: skip


def ingest_more(ws, tables=6):
    """Ingest the first of these tables, two by two."""
    told = more()
    told[3] = posts_told(told[3], "p4", "v2")
    told[5] = replace(told[5], rejected=rejected("exports/Ada/r5.csv", 33, 34))
    keep(ws, *told[:tables], creator=None, weeks=4)


def ingest_strangers(ws):
    """Ingest tables whose creators are only known by the folder."""
    keep(ws, flows("l6", platform="linkedin"), flows("l7", platform="linkedin", creator="Cy"), creator=None, weeks=4)


def posts_told(one, name, *ids, **fields):
    """The same table, which tells of posts, too."""
    return replace(one, contents=posts(name, ids, one.platform, **fields))


def unnamed(name, day=None, start="2026-01-01"):
    """A table that names no account and no day of export, unless it is said."""
    rows = daily(name, 13, start, "x", observed_at=pd.Timestamp(day)) if day else daily(name, 13, start, "x")
    return reading(name, rows.assign(views=5.0), platform="x", path=f"exports/Ada/{name}.csv", exported_on=day)


def begin_unnamed(ws):
    """Ingest tables of which not everything is said."""
    begin(ws)
    keep(ws, *(unnamed(f"u{i}", start=f"2026-01-{1 + i * 5:02}") for i in range(4)), weeks=3)


def say_more(ws, tables=4):
    """Say of these tables, two by two, of which account they are and when they were exported."""
    told = [unnamed(f"u{i}", SHOWN, f"2026-01-{1 + i * 5:02}") for i in range(4)]
    keep(ws, *told[:tables], account="Ada on X", weeks=4)


def begin_and_refresh(ws):
    """Ingest, and make the daily tables."""
    begin(ws)
    ws.refresh()


def begin_a_new_day(ws):
    """Ingest a new day after the daily tables were made, and tell when a post of an earlier month was published."""
    begin(ws)
    ws.refresh()
    since = posts_told(
        counters("k4", "2026-02-09", {"t0": 99, "t1": 130}), "k4", "t1", published_on=[pd.Timestamp("2026-01-11")]
    )
    keep(ws, flows("a6", "2026-02-22", 1), since, weeks=4)


def begin_a_correction(ws):
    """Correct what was said of a table after the daily tables were made; its creator names an account, too."""
    begin_unnamed(ws)
    ws.refresh()
    keep(ws, unnamed("u0", SHOWN), account="Ada on X", weeks=5)


def refresh(ws):
    """Bring the daily tables up to date."""
    ws.refresh()


def compact_all(ws):
    """Write each month as one file."""
    compact(ws.lake, ws.catalogue, WARM)


# What comes before a step, what its first batches do, and the whole of it.
STEPS: dict[str, list[Callable]] = {
    "ingest": [begin, lambda ws: ingest_more(ws, 2), lambda ws: ingest_more(ws, 4), ingest_more],
    "ingest strangers": [begin, ingest_strangers],
    "say more": [begin_unnamed, lambda ws: say_more(ws, 2), say_more],
    "refresh": [begin, refresh],
    "refresh a new day": [begin_a_new_day, refresh],
    "refresh a correction": [begin_a_correction, refresh],
    "compact": [begin_and_refresh, compact_all],
}


# ---- what a workspace says ---------------------------------------------------------------------------------------


def answers(ws):
    """What is asked of a workspace: rows, figures by day with all that is told of them, and those of an earlier day."""
    views = {"metrics": ["views"], "freq": "D"}
    asked = {
        "rows": in_order(ws.lake.read()).to_pandas(),
        "holds": ws.observations(),
        "by account": ws.metrics(by=["creator", "platform", "account"], **views),
        "by post": ws.metrics(by=["content"], basis="flow", **views),
        "by platform": ws.metrics(by=["platform"], freq="M"),
        "as of earlier": ws.metrics(by=["platform"], as_of=NOW + timedelta(days=10)),
    }
    return {name: frame.to_csv(index=False) for name, frame in asked.items()}


def parts(ws):
    """The parts of the daily tables that count."""
    return {name: ws.days.tables[name].parts() for name in TABLES}


def everything(ws):
    """All that a workspace says when its daily tables are up to date, and what is in these."""
    found = state(ws)
    ws.refresh()
    for name, those in parts(ws).items():
        found[f"parts of {name}"] = [(*part[:3], part.content) for part in those]
    return found | answers(ws)


def hashed(said):
    """What was said, each thing as the hash of its bytes."""
    return {name: hashlib.sha256(repr(value).encode()).hexdigest()[:12] for name, value in said.items()}


# ---- the nursery -------------------------------------------------------------------------------------------------


class Marks:
    """The commits of a process: before and after each it says so, and dies where it is told to."""

    def __init__(self, pipe, die_at=None):
        self.pipe, self.die_at, self.seen = pipe, die_at, 0

    def say(self, what):
        """Say that something was reached, and die there if told so."""
        os.write(self.pipe, f"{time.monotonic()} {what}\n".encode())
        if self.seen == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1

    def around(self, function, name):
        """The same function, with a mark before and after."""

        def marked(mine, *given, **named):
            self.say(f"before {name(mine)}")
            found = function(mine, *given, **named)
            self.say(f"after {name(mine)}")
            return found

        return marked

    def watch(self):
        """Mark every commit of a Delta table and of the catalogue in this process."""
        table, dialect = deltalake.DeltaTable, DefaultDialect
        write = self.around(table.create_write_transaction, lambda mine: Path(mine.table_uri).name)
        table.create_write_transaction = write
        dialect.do_commit = self.around(dialect.do_commit, lambda _: "catalogue")


def perform(step, folder, part=-1):
    """Do a step, or (0) what comes before it, or (1, 2 …) its first batches."""
    with Workspace.open(folder, create=True) as ws:
        STEPS[step][part](ws)


def fork(work):
    """Do something in a process of its own. Returns its number and the pipe on which it says what it reached."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child:
        os.close(writing_end)
        return child, reading_end
    try:
        os.close(reading_end)
        work(writing_end)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


def attempt(step, folder, part=-1, after=None, die_at=None):
    """Do a step in a process of its own, and say what it reached and in how many seconds.

    It is killed where `after` says: so many seconds after so many things that it reached; or dies itself at a mark.
    """

    def work(pipe):
        Marks(pipe, die_at).watch()
        os.write(pipe, f"{time.monotonic()} begun\n".encode())
        perform(step, folder, part)
        os.write(pipe, f"{time.monotonic()} done\n".encode())

    child, pipe = fork(work)
    with open(pipe, encoding="utf-8") as said:
        lines = []
        if after is not None:
            reached, seconds = after
            lines = [said.readline() for _ in range(reached)]
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        lines += said.readlines()
    _, status = os.waitpid(child, 0)
    reached = [line.strip().split(" ", 1) for line in lines if line]
    return {
        "killed": os.WIFSIGNALED(status),
        "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0,
        "reached": [what for _, what in reached],
        "seconds": [float(at) - float(reached[0][0]) for at, _ in reached],
    }


def told(folder, what):
    """What one of the functions above says of a workspace, by its hashes; it is looked at in a process of its own."""

    def work(pipe):
        with Workspace.open(folder) as ws:
            found = hashed(globals()[what](ws))
        os.write(pipe, json.dumps(found).encode())

    child, pipe = fork(work)
    with open(pipe, encoding="utf-8") as said:
        found = said.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else None


def main(address):
    """Be the nursery: import everything, then call the functions of a module as the standard input says."""
    in_rooms = [m for room in ROOMS for m in pkgutil.iter_modules(import_module(room).__path__, f"{room}.")]
    for name in [module.name for module in in_rooms if not module.ispkg] + [*LATE]:
        import_module(name)
    warmup()
    ingesting.BATCH_ROWS = BATCH_ROWS
    programs = import_module(address)
    gc.freeze()  # a fork then copies less
    print("ready", flush=True)
    for line in sys.stdin:
        name, given = json.loads(line)
        print(json.dumps(getattr(programs, name)(**given)), flush=True)
    os._exit(0)  # as its forks do


@contextmanager
def nursery(address=__name__):
    """A nursery for as long as the block lasts. Gives the function that has it call one of a module's own."""
    command = [sys.executable, "-c", f"from tests.workspace.killing import main; main({address!r})"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:

        def call(name, **given):
            process.stdin.write(json.dumps([name, given]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        assert process.stdout.readline() == "ready\n"
        yield call
        process.stdin.close()
