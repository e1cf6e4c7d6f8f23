"""Programs that ingest and are disturbed: run as processes of their own."""

import os
import resource
import signal
import sys
from datetime import date
from pathlib import Path

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store import compaction, mending, parts
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.lake import Lake
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, rejected
from tests.workspace.steps import store


def die(*_, **__):
    """As a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def batch():
    """What every program here ingests: observations over three months, posts, a rejected row."""
    many = [reading(name, daily(name, 90), contents=posts(name, (f"{name}1",))) for name in "ab"]
    return [*many, reading("c", account="UC1", account_title="Ada Makes", rejected=rejected("c", 4))]


def _first_of(groups):
    yield next(groups)
    die()


def kill_at(point):
    """Arrange that the process dies at a point of the ingest."""
    if point == "while making the catalogue":
        Catalogue._migrate = die
    elif point == "before the lake":
        Lake.append = die
    elif point == "within the lake's files":
        groups = parts._row_groups
        parts._row_groups = lambda *given: _first_of(groups(*given))
    elif point == "after the lake":
        append = Lake.append
        Lake.append = lambda *given: (append(*given), die())
    else:
        raise ValueError(point)


POINTS = ("while making the catalogue", "before the lake", "within the lake's files", "after the lake")
COMPACTION_POINTS = ("while sorting", "before the commit", "after the commit", "after the first of two")
REPAIR_POINTS = ("before the commit", "after the commit", "before the catalogue")
WARM = date(2026, 9, 1)  # on this day the months of `batch` are warm


def kill_compaction_at(point):
    """Arrange that the process dies at a point of a compaction."""
    if point == "while sorting":
        sort = compaction.sorted_rows
        compaction.sorted_rows = lambda *given: _first_of(sort(*given))
    elif point == "before the commit":
        compaction.exchange = die
    elif point == "after the commit":
        exchange = compaction.exchange
        compaction.exchange = lambda *given, **named: (exchange(*given, **named), die())
    elif point == "after the first of two":
        write, made = compaction.write_part, []
        compaction.write_part = lambda *given: die() if made else made.append(write(*given)) or made[0]
    else:
        raise ValueError(point)


def kill_repair_at(point):
    """Arrange that the process dies at a point of a repair."""
    if point == "before the commit":
        mending.exchange = die
    elif point == "after the commit":
        exchange = mending.exchange
        mending.exchange = lambda *given, **named: (exchange(*given, **named), die())
    elif point == "before the catalogue":
        mending.mend = die
    else:
        raise ValueError(point)


def ingest_one_by_one(folder, names):
    """Ingest some files, each by itself, opening the workspace anew each time."""
    for name in names:
        with Workspace.open(folder, create=True) as ws:
            store(ws, reading(name, contents=posts(name, ("v1",))), known_at=None)


def compact_again_and_again(folder, times):
    """Compact a workspace over and over, all months as if they were warm."""
    for _ in range(int(times)):
        with Workspace.open(folder) as ws:
            print("compacting", flush=True)
            compaction.compact(ws.lake, ws.catalogue, WARM)


def without_room(folder, what):
    """Do something while no file may grow beyond a few bytes, as on a full disk; print what is said."""
    with Workspace.open(folder) as ws:
        ws.observations(), ws.contents()  # imports, compiles and caches what it needs
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, resource.RLIM_INFINITY))
        try:
            if what == "ingest":
                store(ws, reading("z", daily("z", 90)))
            else:
                compaction.compact(ws.lake, ws.catalogue, WARM)
        except WorkspaceDamaged as problem:
            print(problem)


def hold_the_lock(folder):
    """Hold the write lock until somebody says something."""
    with Workspace.open(folder) as ws, ws.catalogue.writing():
        print("held", flush=True)
        sys.stdin.readline()


def main(command, folder, *rest):
    """Do what the command line says."""
    if command == "die":
        kill_at(rest[0])
        with Workspace.open(folder, create=True) as workspace:
            store(workspace, *batch())
    elif command == "die compacting":
        kill_compaction_at(rest[0])
        compact_again_and_again(folder, 1)
    elif command == "die repairing":
        kill_repair_at(rest[0])
        lake, catalogue = Lake(folder / LAKE), Catalogue(f"sqlite:///{folder / CATALOGUE}")
        mending.repair(lake, catalogue, folder)
    else:
        programs = {
            "ingest": lambda: ingest_one_by_one(folder, rest),
            "compact": lambda: compact_again_and_again(folder, *rest),
            "without room": lambda: without_room(folder, *rest),
            "hold the lock": lambda: hold_the_lock(folder),
        }
        programs[command]()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
