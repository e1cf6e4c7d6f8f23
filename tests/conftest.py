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
