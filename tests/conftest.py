"""What all tests share: no network by accident, quick deterministic hypothesis, no skipped test where CI says so."""

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]

hypothesis.settings.register_profile(
    "engagerr", deadline=None, derandomize=True, max_examples=60, print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("engagerr")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failure on CI: `.ci/run` installs what tests need."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the whole committed sample, made once. Tests that write take a copy (`own_workspace`)."""
    import csv
    from datetime import date

    from engagerr_core import Workspace

    folder = tmp_path_factory.mktemp("sample") / "workspace"
    sample = ROOT / "data" / "sample"
    with Workspace.open(folder, create=True) as ws:
        for row in csv.DictReader((sample / "creators.csv").read_text(encoding="utf-8").splitlines()):
            for platform in row["platforms"].split():
                ws.ingest(
                    [sample / row["slug"] / platform], creator=row["name"], platform=platform,
                    exported_on=date.fromisoformat(row["exported_on"]),
                )  # fmt: skip
    return folder


@pytest.fixture
def own_workspace(sample_workspace: Path, tmp_path: Path) -> Path:
    """A copy of the sample workspace that a test may change."""
    import shutil

    return Path(shutil.copytree(sample_workspace, tmp_path / "workspace"))
