"""Commands that put something into a workspace."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagerr_core.commands.options import (
    DEFAULT_WORKSPACE,
    CreatorOption,
    JsonOption,
    WorkspaceOption,
    day_of,
    opened,
    period_of,
)
from engagerr_core.terminal import Progress, print_frame, print_line

if TYPE_CHECKING:
    from engagerr_core.ingest_summary import IngestSummary

SHOWN_ROWS = 20  # rejected rows named on the terminal; all are in the quarantine


def init(workspace: Annotated[Path, typer.Argument(help="Folder to make.")] = DEFAULT_WORKSPACE) -> None:
    """Make a workspace: its stores, settings, and copies of the notebooks that you may change."""
    from engagerr_core.shipped import copy_notebooks

    with opened(workspace, create=True) as ws:
        copied = copy_notebooks(ws.path / "notebooks")
    print(f"Workspace ready in {workspace}. {len(copied)} notebooks copied to {workspace / 'notebooks'}.")
    print(f"Next: engagerr ingest PATHS… --creator NAME --workspace {workspace}")


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Exported files, folders or zips.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    account: Annotated[str | None, typer.Option(help="Account, where the files do not tell.")] = None,
    platform: Annotated[str | None, typer.Option(help="Platform, where a file does not tell.")] = None,
    period: Annotated[str | None, typer.Option(help="Period of tables that do not tell, FIRST..LAST.")] = None,
    exported_on: Annotated[str | None, typer.Option(help="Day of the export, YYYY-MM-DD.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read exported files and store what they say. The same file twice changes nothing."""
    from engagerr_core.sources.files import existing

    # What must be refused is refused here, before a workspace is made for it.
    found, span, day = existing(paths), period_of(period), day_of(exported_on, "--exported-on")
    with opened(workspace, create=True) as ws, Progress("Reading") as step:
        summary = ws.ingest(
            found, creator=creator, account=account, platform=platform, period=span, exported_on=day, progress=step
        )
    if as_json:
        records = json.loads(summary.files.to_json(orient="records", date_format="iso"))
        rejected = json.loads(summary.rejected.to_json(orient="records", date_format="iso"))
        print(json.dumps({"summary": str(summary), "files": records, "rejected": rejected}, ensure_ascii=False))
    else:
        _say_ingest(summary)
    raise typer.Exit(summary.exit_code)


def _say_ingest(summary: "IngestSummary") -> None:
    print_frame(
        summary.files[["path", "platform", "kind", "status", "rows_read", "rows_stored", "rows_rejected"]],
        as_json=False,
    )
    for line in summary.files.to_dict("records"):
        if line["status"] == "refused":
            print_line(f"✗ {line['path']}: {line['reasons']}")
        for warning in line["warnings"].splitlines():
            print_line(f"! {line['path']}: {warning}", style="dim")
    for row in summary.rejected.head(SHOWN_ROWS).to_dict("records"):
        place = f"row {row['row']}" + (f", {row['column']}" if row["column"] else "")
        print_line(f"✗ {row['path']}, {place}: {row['value']!r}: {row['reason'].rstrip('.')}. {row['advice']}")
    if len(summary.rejected) > SHOWN_ROWS:
        print_line(f"… and {len(summary.rejected) - SHOWN_ROWS} more rejected rows; see ws.quarantine().")
    print_line(str(summary).splitlines()[0])


def preview(
    paths: Annotated[list[Path], typer.Argument(help="Exported files, folders or zips.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    mapping: Annotated[Path | None, typer.Option(help="A mapping to try, besides the workspace's own.")] = None,
    platform: Annotated[str | None, typer.Option(help="Platform, where a file does not tell.")] = None,
    period: Annotated[str | None, typer.Option(help="Period of tables that do not tell, FIRST..LAST.")] = None,
    exported_on: Annotated[str | None, typer.Option(help="Day of the export, YYYY-MM-DD.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how files would be read, and store nothing."""
    span, day = period_of(period), day_of(exported_on, "--exported-on")
    with opened(workspace) as ws:
        found = ws.preview(paths, platform=platform, period=span, exported_on=day, mapping=mapping)
    if as_json:
        print_frame(found.to_frame(), as_json=True)
    else:
        print_line(str(found))
    raise typer.Exit(found.exit_code)


def mapping(
    path: Annotated[Path, typer.Argument(help="A file whose table is not recognised.")],
    platform: Annotated[str, typer.Option(help="Whose table it is.")],
    name: Annotated[str, typer.Option(help="What such a table is called.")] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Draft a mapping for a table that is not recognised; you correct it. A file that exists is left alone."""
    from engagerr_core.sources.mappings.drafting import file_name, write_new

    with opened(workspace) as ws:
        text = ws.draft_mapping(path, name or path.stem, platform)
        target = write_new(ws.path / "mappings" / file_name(name or path.stem), text)
    print_line(f"A draft is in {target}. Correct it, then look: engagerr preview {path} --workspace {workspace}")


def refresh(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Bring the daily tables up to date, so that questions answer at once; only what changed is made again."""
    with opened(workspace) as ws, Progress("Refreshing") as step:
        made = ws.refresh(step)
    if as_json:
        print_frame(made.parts, as_json=True)
    else:
        print_line(str(made))
