"""A workspace of two creators that SQL asks."""

import numpy as np
import pytest

from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading
from tests.workspace.faults import batch
from tests.workspace.steps import store


def fill(ws):
    store(ws, *batch())
    store(ws, reading("bo", daily("bo", 40, likes=np.arange(40.0)), contents=posts("bo", ("p1", "p2"))), creator="Bo")
    return ws


@pytest.fixture
def changing(ws):
    """A workspace that the test may change."""
    return fill(ws)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A workspace that is only asked."""
    with Workspace.open(tmp_path_factory.mktemp("asked") / "ws", create=True) as ws:
        yield fill(ws)
