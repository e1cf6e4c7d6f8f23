"""The project's own sample: every platform file is recognised, and rows are rejected only where a wart was planted."""

import csv
from pathlib import Path

import pytest

from engagerr_core.sources import read

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PLATFORMS = ("youtube", "instagram", "facebook", "tiktok", "x", "linkedin", "spotify")
FOLDERS = sorted(f for f in SAMPLE.glob("*/*") if f.is_dir() and f.name in PLATFORMS)
DAMAGED = "one-damaged-id"  # the wart of the truth that costs a row


def told() -> dict[str, dict[str, str]]:
    """What the sample's truth says of each file."""
    with (SAMPLE / "truth" / "files.csv").open(encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "/".join(folder.parts[-2:]))
def test_every_file_is_recognised(folder):
    truth = told()
    seen = set()
    for reading in read(folder):
        assert not reading.failure, reading.path
        assert reading.platform == folder.name
        path = str(Path(reading.path.split(" › ")[0]).relative_to(SAMPLE))
        seen.add(path)
        allowed = 1 if DAMAGED in truth[path]["warts"].split() else 0
        assert len(reading.rejected) <= allowed, reading.rejected.to_dict("records")
        if reading.path.endswith(".csv") and " › " not in reading.path:
            assert reading.rows_read == int(truth[path]["rows"])
        assert len(reading.observations) > 0 or reading.rows_read == 0
    assert seen == {path for path in truth if path.startswith("/".join(folder.parts[-2:]) + "/")}
