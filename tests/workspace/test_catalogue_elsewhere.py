"""A workspace whose catalogue lies at an address: another file, or a PostgreSQL server."""

import pytest

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.layout import CATALOGUE
from engagerr_core.workspace import Workspace
from tests.store.example_readings import reading, sha
from tests.workspace.faults import batch
from tests.workspace.steps import state, store
from tests.workspace.test_faults import start


@pytest.fixture
def folder(tmp_path, url, monkeypatch):
    monkeypatch.setenv("ENGAGERR_CATALOGUE", url)  # the programs inherit it
    return tmp_path / "ws"


def test_answers_as_the_embedded_one_does(folder, tmp_path, monkeypatch):
    with Workspace.open(folder, create=True) as ws:
        store(ws, *batch())
        store(ws, *batch())
        found = state(ws)
        assert not (folder / CATALOGUE).exists()
    monkeypatch.delenv("ENGAGERR_CATALOGUE")
    with Workspace.open(tmp_path / "embedded", create=True) as ws:
        store(ws, *batch())
        assert state(ws) == found


def test_two_processes_at_once(folder):
    first, second = [f"f{i}" for i in range(4)], [f"f{i}" for i in range(2, 6)]
    processes = [start("ingest", folder, *names) for names in (first, second)]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    with Workspace.open(folder) as ws:
        assert sorted(ws.files()["file"]) == sorted(sha(f"f{i}") for i in range(6))
        assert len(ws.observations(resolved=False)) == 5 * 6


def test_killed_after_the_lakes_commit(folder):
    start("die", folder, "after the lake").communicate(timeout=120)
    with Workspace.open(folder) as ws:
        assert set(ws.files()["status"]) == {"recovered"}
        store(ws, *batch())
        assert set(ws.files()["status"]) == {"stored"}
        assert ws.lake.version == 1


def test_a_server_that_is_down_is_named(folder, monkeypatch):
    with Workspace.open(folder, create=True) as ws:
        store(ws, reading("a"))
    monkeypatch.setenv("ENGAGERR_CATALOGUE", "postgresql+psycopg://ada:secret@127.0.0.1:1/none")
    with pytest.raises(WorkspaceDamaged, match=r"127\.0\.0\.1:1/none cannot be read") as caught:
        Workspace.open(folder)
    assert "secret" not in str(caught.value)
