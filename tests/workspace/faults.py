"""Programs that ingest and are disturbed: run as processes of their own."""

import os
import signal
import sys
from pathlib import Path

from engagerr_core.store import parts
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


def ingest_one_by_one(folder, names):
    """Ingest some files, each by itself, opening the workspace anew each time."""
    for name in names:
        with Workspace.open(folder, create=True) as ws:
            store(ws, reading(name, contents=posts(name, ("v1",))), known_at=None)


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    if command == "die":
        kill_at(rest[0])
        with Workspace.open(Path(folder), create=True) as workspace:
            store(workspace, *batch())
    else:
        ingest_one_by_one(Path(folder), rest)
