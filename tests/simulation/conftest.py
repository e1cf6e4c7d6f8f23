"""Worlds shared by the tests of the simulation room."""

from datetime import date

import pytest

from engagerr_core.simulation import World, simulate
from engagerr_core.simulation.__main__ import SAMPLE_SEED
from engagerr_core.simulation.exports import ExportFile, export_files


@pytest.fixture(scope="session")
def sample_world() -> World:
    """The world behind the committed sample."""
    return simulate(SAMPLE_SEED)


@pytest.fixture(scope="session")
def small_world() -> World:
    """Seven weeks around the day on which YouTube changed what a view is."""
    return simulate(11, start=date(2026, 8, 1), end=date(2026, 9, 18))


@pytest.fixture(scope="session")
def sample_files(sample_world) -> tuple[ExportFile, ...]:
    return export_files(sample_world)


@pytest.fixture(scope="session")
def find(sample_files):
    """The export files of a creator (by the first letters of the slug) and kind."""

    def look(creator: str, kind: str) -> list[ExportFile]:
        return [f for f in sample_files if f.creator.startswith(creator) and f.kind == kind]

    return look
