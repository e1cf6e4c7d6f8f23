"""The command `engagerr`. Each command parses, calls one function of the package, prints, and picks the exit code.

Exit codes: 0 done · 1 done in part, what is missing is named · 2 refused, nothing was done.
"""

import json
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagerr_core.errors import EngagerrError, InvalidArgument, UnknownName
from engagerr_core.terminal import Progress, print_frame, print_line

if TYPE_CHECKING:
    from engagerr_core.ingest_summary import IngestSummary
    from engagerr_core.workspace import Workspace

app = typer.Typer(
    help="One honest, deduplicated, cross-platform report per creator, from a folder of exported files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

INTERRUPTED = 130  # how typer ends on Ctrl-C
DEFAULT_WORKSPACE = Path("data/workspace")
MARKS = {"error": "✗", "warning": "!", "note": "·"}
SHOWN_ROWS = 20  # rejected rows named on the terminal; all are in the quarantine
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="ENGAGERR_WORKSPACE", help="Folder of the workspace.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programmes instead of tables.")]
CreatorOption = Annotated[str | None, typer.Option("--creator", "-c", help="Whose files or figures.")]
StartOption = Annotated[str | None, typer.Option("--start", help="First day of the period, YYYY-MM-DD.")]
EndOption = Annotated[str | None, typer.Option("--end", help="Last day of the period, YYYY-MM-DD.")]


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    pdf = "pdf"
    xlsx = "xlsx"


def main() -> None:
    """Entry point: an `EngagerrError` becomes one message and its exit code; Ctrl-C leaves stored data as they are."""
    try:
        app()
    except EngagerrError as problem:
        print_line(f"engagerr: {problem}", style="bold", stderr=True)
        sys.exit(problem.exit_code)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            said = "engagerr: stopped. What was stored stays stored; run the same command again to go on."
            print(said, file=sys.stderr)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _open(workspace: Path, *, create: bool = False) -> "Workspace":
    from engagerr_core.workspace import Workspace

    return Workspace.open(workspace, create=create)


def _period(text: str | None) -> tuple[date, date] | None:
    if text is None:
        return None
    try:
        first, last = (date.fromisoformat(part.strip()) for part in text.split(".."))
    except ValueError:
        raise InvalidArgument(f"--period {text!r} is no period. Write it as 2026-01-01..2026-03-31.") from None
    if last < first:
        raise InvalidArgument(f"--period {text!r} ends before it begins. Swap the days.")
    return first, last


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(f"{option} {text!r} is no day. Write it as 2026-11-03.") from None


@app.command()
def init(workspace: Annotated[Path, typer.Argument(help="Folder to make.")] = DEFAULT_WORKSPACE) -> None:
    """Make a workspace: its stores, settings, and copies of the notebooks that you may change."""
    from engagerr_core.shipped import copy_notebooks

    with _open(workspace, create=True) as ws:
        copied = copy_notebooks(ws.path / "notebooks")
    print(f"Workspace ready in {workspace}. {len(copied)} notebooks copied to {workspace / 'notebooks'}.")
    print(f"Next: engagerr ingest PATHS… --creator NAME --workspace {workspace}")


@app.command()
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
    found, span, day = existing(paths), _period(period), _day(exported_on, "--exported-on")
    with _open(workspace, create=True) as ws, Progress("Reading") as step:
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


@app.command()
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
    span, day = _period(period), _day(exported_on, "--exported-on")
    with _open(workspace) as ws:
        found = ws.preview(paths, platform=platform, period=span, exported_on=day, mapping=mapping)
    if as_json:
        print_frame(found.to_frame(), as_json=True)
    else:
        print_line(str(found))
    raise typer.Exit(found.exit_code)


@app.command()
def mapping(
    path: Annotated[Path, typer.Argument(help="A file whose table is not recognised.")],
    platform: Annotated[str, typer.Option(help="Whose table it is.")],
    name: Annotated[str, typer.Option(help="What such a table is called.")] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Draft a mapping for a table that is not recognised; you correct it. A file that exists is left alone."""
    from engagerr_core.sources.mappings.drafting import file_name, write_new

    with _open(workspace) as ws:
        text = ws.draft_mapping(path, name or path.stem, platform)
        target = write_new(ws.path / "mappings" / file_name(name or path.stem), text)
    print_line(f"A draft is in {target}. Correct it, then look: engagerr preview {path} --workspace {workspace}")


@app.command()
def metrics(
    names: Annotated[list[str] | None, typer.Option("--metric", "-m", help="A metric; may be repeated.")] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help="A key; may be repeated.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    start: StartOption = None,
    end: EndOption = None,
    freq: Annotated[str | None, typer.Option(help="D, W, M, or the whole period.")] = None,
    basis: Annotated[str | None, typer.Option(help="flow or stock.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Figures by key and period, each with interval, basis, origin and definition."""
    from engagerr_core.questions import FIGURE_METRICS

    with _open(workspace) as ws:
        found = ws.metrics(
            by=by or ["platform"],
            metrics=names or FIGURE_METRICS,
            start=start,
            end=end,
            freq=freq,
            creator=creator,
            basis=basis,
        )
    if as_json:
        print_frame(found, as_json=True)
        return
    print_frame(found.drop(columns=["definition", "coefficient_set"]), as_json=False)
    print("Definitions and the coefficient set: --json." if len(found) else "No figures in that period.")


@app.command()
def quality(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE, creator: CreatorOption = None, as_json: JsonOption = False
) -> None:
    """What to mind in the data: refused files, impossible figures, gaps, totals that differ. Exit 1 on an error."""
    with _open(workspace) as ws:
        found = ws.quality(creator)
    if as_json:
        print_frame(found.findings, as_json=True)
    else:
        told = found.findings.drop_duplicates(["severity", "creator", "platform", "file", "finding"])
        for row in told.to_dict("records"):
            about = " ".join(part for part in (row["creator"], row["platform"]) if part) or row["file"]
            print_line(f"{MARKS[row['severity']]} {about}: {row['finding']} {row['advice']}".rstrip())
        for line in str(found).splitlines():
            print_line(line)
    raise typer.Exit(found.exit_code)


@app.command()
def report(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    everyone: Annotated[bool, typer.Option("--all", help="One report for each creator.")] = False,
    formats: Annotated[
        str, typer.Option("--format", "-f", help="html, pdf, xlsx, separated by commas.")
    ] = "html,pdf,xlsx",
    start: StartOption = None,
    end: EndOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; default: reports inside the workspace.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make one report per creator."""
    from engagerr_core.reports.batch import make_reports

    with _open(workspace) as ws:
        known = list(ws.creators()["creator"])
    if not known:
        raise InvalidArgument(f"{workspace} holds no creator yet, so there is nothing to report. Ingest files first.")
    if everyone == (creator is not None):
        raise InvalidArgument(f"Whose report? Give --creator NAME or --all. Known are {', '.join(known)}.")
    if creator is not None and creator not in known:
        raise UnknownName(f"There is no creator {creator!r} in {workspace}. Known are {', '.join(known)}.")
    with Progress("Making reports") as step:
        made = make_reports(
            workspace, known if creator is None else [creator], start=start, end=end, formats=_formats(formats),
            folder=output or workspace / "reports", progress=step,
        )  # fmt: skip
    if as_json:
        print_frame(made, as_json=True)
    else:
        for row in made.to_dict("records"):
            mark = "✗" if row["problem"] else "✓"
            print_line(f"{mark} {row['creator']}: {row['problem'] or ', '.join(row['paths'])}")
    failed = int((made["problem"] != "").sum())
    raise typer.Exit(0 if not failed else 2 if failed == len(made) else 1)


def _formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    wrong = [n for n in names if n not in list(Format)]
    if wrong or not names:
        raise InvalidArgument(f"--format {text!r} cannot be made. Choose from {', '.join(Format)}.")
    return names


@app.command()
def warmup() -> None:
    """Compile the kernels now, so that the first report need not."""
    from engagerr_core.kernels.dispatch import warmup as warm

    with Progress("Compiling") as step:
        done = warm(lambda i, n, name: step(f"{i}/{n} {name}"))
    compiled = [one for one in done if not one.cached]
    print(f"{len(done)} kernels ready, {len(compiled)} compiled in {sum(one.seconds for one in compiled):.1f} s.")


@app.command()
def doctor(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Check what the workbench needs, and say how to mend what is missing."""
    from engagerr_core.doctor import examine

    found = examine(workspace)
    print_frame(found, as_json=as_json)
    raise typer.Exit(0 if found["ok"].all() else 1)


@app.command()
def demo(
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the demo.")] = Path("data/demo"),
) -> None:
    """Read the sample exports of six invented creators and make their reports."""
    from engagerr_core.demo import run_demo

    raise typer.Exit(run_demo(workspace, say=lambda line: print(line, flush=True)))


@app.command()
def lab(workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Open JupyterLab on the workspace's notebooks."""
    import subprocess

    from engagerr_core.shipped import copy_notebooks

    if not (workspace / "workspace.toml").is_file() and (Path("data/demo") / "workspace.toml").is_file():
        workspace = Path("data/demo")
    with _open(workspace) as ws:
        folder = ws.path / "notebooks"
        copy_notebooks(folder)
        environment = {**os.environ, "ENGAGERR_WORKSPACE": str(ws.path)}
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}", "overview.ipynb"]
    raise typer.Exit(subprocess.call(command, env=environment))  # noqa: S603


if __name__ == "__main__":
    main()
