"""A workspace that is backed up, and its archive."""

import pytest

from engagerr_core.backup.make import backup
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading
from tests.workspace.faults import batch
from tests.workspace.steps import state, store


def opened_state(folder):
    with Workspace.open(folder) as ws:
        return state(ws)


@pytest.fixture
def filled(ws):
    store(ws, *batch())
    store(
        ws, reading("bo", daily("bo", 40, likes=1.5), contents=posts("bo", ("p1",), title=["Grüße 🎬"])), creator="Bo"
    )
    (ws.path / "context" / "events.csv").write_text("creator,from,kind,note\nAda,2026-01-03,release,Neu\n", "utf-8")
    (ws.path / "notebooks" / "mine").mkdir()
    (ws.path / "notebooks" / "mine" / "a note.ipynb").write_text("{}")
    return ws


@pytest.fixture
def archive(filled, tmp_path):
    backup(filled, tmp_path / "a.zip")
    return tmp_path / "a.zip"
