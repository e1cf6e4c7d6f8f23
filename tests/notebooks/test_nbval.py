"""Every shipped notebook runs cell by cell under nbval, with its own defaults, on the sample workspace."""

import os
import re
import shutil
import subprocess
import sys

from tests.conftest import ROOT


def test_all_notebooks_run_with_their_defaults(sample_workspace, tmp_path):
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert len(notebooks) >= 3
    for one in notebooks:
        shutil.copy(one, tmp_path / one.name)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {**os.environ, "ENGAGERR_WORKSPACE": str(sample_workspace), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", "-p", "no:benchmark", str(tmp_path)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    cells = sum(one.read_text(encoding="utf-8").count('"cell_type": "code"') for one in notebooks)
    assert re.search(rf"\b{cells} passed", done.stdout), done.stdout[-500:]
