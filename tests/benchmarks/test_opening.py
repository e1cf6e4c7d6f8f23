"""The benchmark of a growing workspace in small: every wait is measured, of a workspace that holds what it should."""

from engagerr_core import Workspace
from tests.benchmarks.opening import EARLIER_POSTS, day_of_posts, grown, measure


def test_a_workspace_has_one_run_a_day(tmp_path):
    grown(tmp_path / "ws", tmp_path / "exports", 3)
    with Workspace.open(tmp_path / "ws") as ws:
        assert len(ws.runs()) == 3
        assert len(ws.observations(columns=["content", "views"])) == 3 * EARLIER_POSTS
        file = day_of_posts(tmp_path / "whole.csv", 3, 50)
        assert ws.ingest(file, creator="Ada").files["rows_stored"].tolist() == [50]
        assert len(ws.contents()) == 50


def test_every_wait_is_measured():
    found = measure(runs=2, posts=30, repeat=1)
    assert len(found) == 7
    assert found["open"] > 0
    assert all(value >= 0 for value in found.values())
