"""Killed, disturbed, damaged: nothing is lost, nothing is there twice, and the thing at fault is named."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sqlalchemy import select

from engagerr_core.errors import WorkspaceBusy, WorkspaceDamaged
from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store.tables import Audit
from engagerr_core.workspace import Workspace
from tests.store.example_readings import reading, sha
from tests.workspace.faults import POINTS, batch
from tests.workspace.steps import state, store

ROOT = Path(__file__).parents[2]


def start(*arguments, **given):
    command = [sys.executable, "-m", "tests.workspace.faults", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **given)


@pytest.fixture
def undisturbed(tmp_path):
    with Workspace.open(tmp_path / "undisturbed", create=True) as ws:
        store(ws, *batch())
        return state(ws)


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_run_again_is_as_if_undisturbed(tmp_path, undisturbed, point):
    process = start("die", tmp_path / "ws", point)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        assert state(ws) == undisturbed
        version = ws.version
        store(ws, *batch())
        assert (state(ws), ws.version) == (undisturbed, version)


def test_killed_after_the_lakes_commit_the_rows_are_there_at_once(tmp_path, undisturbed):
    start("die", tmp_path / "ws", "after the lake").communicate(timeout=120)
    with Workspace.open(tmp_path / "ws") as ws:
        assert state(ws)["observations"] == undisturbed["observations"]
        assert set(ws.files()["status"]) == {"recovered"}
        assert set(ws.files()["file"]) == {sha(name) for name in "abc"}
        assert ws.accounts()["account"].tolist() == ["Ada/youtube", "UC1"]
    with Workspace.open(tmp_path / "ws") as ws:  # mended once, not each time
        assert len(ws.runs()) == 1
        assert ws.catalogue.frame(select(Audit.__table__))["action"].tolist() == ["migrated", "reconciled"]


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.4])
def test_killed_at_any_moment(tmp_path, delay):
    names = [f"f{i}" for i in range(6)]
    process = start("ingest", tmp_path / "ws", *names)
    catalogue = tmp_path / "ws" / CATALOGUE
    give_up = time.monotonic() + 60
    while not catalogue.exists() and time.monotonic() < give_up:
        time.sleep(0.005)
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=120)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *[reading(name) for name in names])
        assert ws.files()["file"].tolist() == ws.files()["file"].unique().tolist()
        assert set(ws.files()["file"]) == {sha(name) for name in names}
        assert len(ws.observations(resolved=False)) == 5 * len(names)


def test_two_processes_at_once_lose_and_double_nothing(tmp_path):
    first, second = [f"f{i}" for i in range(8)], [f"f{i}" for i in range(4, 12)]
    processes = [start("ingest", tmp_path / "ws", *names) for names in (first, second)]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    with Workspace.open(tmp_path / "ws") as ws:
        assert len(ws.observations(resolved=False)) == 5 * 12
        assert sorted(ws.files()["file"]) == sorted({sha(f"f{i}") for i in range(12)})
        runs = ws.runs()
        assert runs["known_at"].is_monotonic_increasing
        assert len(runs) == 12
        assert ws.lake.version in (12, 13)  # both may have made the empty lake


def test_a_busy_workspace_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGERR_LOCK_TIMEOUT", "0.2")
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws, Workspace.open(folder) as other, ws.catalogue.writing():
        with pytest.raises(WorkspaceBusy, match="Another process is writing"):
            store(other, reading("a"))
        assert other.observations().empty  # reading never waits


def stored(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        return tmp_path / "ws", state(ws)


def test_a_lost_catalogue_is_rebuilt_from_the_lake(tmp_path, undisturbed):
    folder, _ = stored(tmp_path)
    (folder / CATALOGUE).unlink()
    with pytest.raises(WorkspaceDamaged, match=rf"{CATALOGUE} is missing.*create=True"):
        Workspace.open(folder)
    with Workspace.open(folder, create=True) as ws:
        assert state(ws)["observations"] == undisturbed["observations"]
        store(ws, *batch())
        assert state(ws) == undisturbed


def test_who_owns_recovered_rows_cannot_be_said_otherwise(tmp_path):
    folder, _ = stored(tmp_path)
    (folder / CATALOGUE).unlink()
    with Workspace.open(folder, create=True) as ws:
        store(ws, *batch(), creator="Bo", account="other")
        assert ws.creators()["creator"].tolist() == ["Ada"]
        assert set(ws.contents()["creator"]) == {"Ada"}
        assert set(ws.accounts()["account"]) == {"Ada/youtube", "UC1"}
        assert set(ws.files()["status"]) == {"stored"}


def test_an_older_catalogue_catches_up(tmp_path):
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws:
        store(ws, reading("a"))
    shutil.copy(folder / CATALOGUE, tmp_path / "backup")
    with Workspace.open(folder) as ws:
        store(ws, reading("b"))
    shutil.copy(tmp_path / "backup", folder / CATALOGUE)
    with Workspace.open(folder) as ws:
        assert set(ws.files()["file"]) == {sha("a"), sha("b")}
        store(ws, reading("b"), reading("c"))
        assert len(ws.observations(resolved=False)) == 15


def test_an_older_lake_lets_its_files_in_again(tmp_path):
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws:
        store(ws, reading("a"))
    shutil.copytree(folder / LAKE, tmp_path / "backup")
    with Workspace.open(folder) as ws:
        store(ws, reading("b"))
    shutil.rmtree(folder / LAKE)
    shutil.copytree(tmp_path / "backup", folder / LAKE)
    with Workspace.open(folder) as ws:
        assert ws.files()["status"].tolist() == ["stored", "lost"]
        assert store(ws, reading("b")).files["status"].tolist() == ["stored"]
        assert len(ws.observations(resolved=False)) == 10


def test_a_copied_folder_is_a_backup(tmp_path):
    folder, before = stored(tmp_path)
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    with Workspace.open(tmp_path / "copy") as ws:
        assert state(ws) == before


def test_a_damaged_catalogue_leaves_the_lake_alone(tmp_path):
    folder, _ = stored(tmp_path)
    (folder / CATALOGUE).write_bytes(b"no database" * 1000)
    with pytest.raises(WorkspaceDamaged, match=CATALOGUE):
        Workspace.open(folder)
    assert DeltaTable(folder / LAKE).version() == 1


def test_a_missing_lake_is_named(tmp_path):
    folder, _ = stored(tmp_path)
    shutil.rmtree(folder / LAKE)
    with pytest.raises(WorkspaceDamaged, match=str(folder / LAKE)):
        Workspace.open(folder)


def test_a_damaged_parquet_file_is_named(tmp_path):
    folder, _ = stored(tmp_path)
    victim = Path(DeltaTable(folder / LAKE).file_uris()[0])
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    with Workspace.open(folder) as ws, pytest.raises(WorkspaceDamaged, match=victim.name):
        ws.observations()


READ_ONLY = """
import os, sys
from tests.workspace.steps import store
from tests.store.example_readings import reading
from engagerr_core.workspace import Workspace
from engagerr_core.errors import WorkspaceDamaged
with Workspace.open(sys.argv[2], create=True) as ws:  # imports what nobody may not read any more
    store(ws, reading("z"))
    ws.observations(), ws.contents()
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    with Workspace.open(sys.argv[1]) as ws:
        store(ws, reading("z"))
except WorkspaceDamaged as problem:
    print(problem)
"""


def test_a_read_only_workspace_is_named(tmp_path):
    """Root may write anywhere: the program becomes nobody first."""
    folder = Path("/tmp") / f"engagerr-read-only-{os.getpid()}"  # noqa: S108 - nobody cannot enter pytest's own folder
    with Workspace.open(folder, create=True) as ws:
        store(ws, reading("a"))
    try:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [sys.executable, "-c", READ_ONLY, str(folder), str(tmp_path / "other")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert str(folder) in done.stdout
        assert "cannot be read or written" in done.stdout
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(folder)
