"""The demo: six invented creators, from their exported files to their reports."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

SEED = 20261103  # of the committed sample, which an installed package makes anew


def run_demo(workspace: Path, say: Callable[[str], None]) -> int:
    """Ingest the sample and make one report per creator; run again, it changes nothing that is already stored.

    Parameters
    ----------
    workspace : folder of the demo's workspace.
    say : called with each line for the reader.

    Returns
    -------
    Exit code: 0, or 1 where a file or a report failed; each is named.
    """
    from engagerr_core.kernels.dispatch import warmup
    from engagerr_core.reports.batch import make_reports
    from engagerr_core.shipped import copy_notebooks
    from engagerr_core.workspace import Workspace

    began = perf_counter()
    say("Compiling the kernels (once) …")
    warmup()
    sample = _sample(workspace, say)
    creators = list(csv.DictReader((sample / "creators.csv").read_text(encoding="utf-8").splitlines()))
    code = 0
    with Workspace.open(workspace, create=True) as ws:
        copy_notebooks(ws.path / "notebooks")
        for row in creators:
            stored = files = 0
            for platform in row["platforms"].split():
                summary = ws.ingest(
                    [sample / row["slug"] / platform],
                    creator=row["name"],
                    platform=platform,
                    exported_on=date.fromisoformat(row["exported_on"]),
                )
                refused = summary.files[summary.files["status"] == "refused"]
                for line in refused.itertuples():
                    say(f"  ✗ {line.path}: {line.reasons}")
                    code = 1
                stored += int(summary.files["rows_stored"].sum())
                files += len(summary.files)
            say(f"{row['name']}: {files} tables read, {stored:,} new rows stored.")
        names = [row["name"] for row in creators]
    say("Making six reports …")
    made = make_reports(workspace, names, folder=workspace / "reports")
    for one in made.to_dict("records"):
        say(f"  ✗ {one['creator']}: {one['problem']}" if one["problem"] else f"  ✓ {one['paths'][0]}")
        code = max(code, int(bool(one["problem"])))
    say(f"Done in {perf_counter() - began:.0f} s. The reports lie in {workspace / 'reports'} (HTML, PDF, XLSX).")
    say(f"Open the dashboards: .venv/bin/engagerr lab --workspace {workspace}")
    return code


def _sample(workspace: Path, say: Callable[[str], None]) -> Path:
    """The committed sample beside the package; without a checkout it is simulated into the workspace."""
    committed = Path(__file__).parents[1] / "data" / "sample"
    if (committed / "creators.csv").is_file():
        return committed
    made = workspace / "sample"
    if not (made / "creators.csv").is_file():
        from engagerr_core.simulation import simulate, write_exports

        say("Simulating six creators …")
        write_exports(simulate(SEED), made)
    return made
