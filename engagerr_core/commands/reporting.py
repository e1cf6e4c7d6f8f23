"""The command that makes reports."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engagerr_core.commands.options import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    CreatorOption,
    EndOption,
    JsonOption,
    StartOption,
    WorkspaceOption,
    opened,
)
from engagerr_core.errors import InvalidArgument, UnknownName
from engagerr_core.terminal import Progress, print_frame, print_line


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    pdf = "pdf"
    xlsx = "xlsx"


def report(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    everyone: Annotated[bool, typer.Option("--all", help="One report for each creator.")] = False,
    formats: Annotated[
        str, typer.Option("--format", "-f", help="html, pdf, xlsx, separated by commas.")
    ] = "html,pdf,xlsx",
    start: StartOption = None,
    end: EndOption = None,
    as_of: AsOfOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; default: reports inside the workspace.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make one report per creator."""
    from engagerr_core.reports.batch import make_reports
    from engagerr_core.store import audit

    with opened(workspace) as ws:
        known = list(ws.creators()["creator"])
    if not known:
        raise InvalidArgument(f"{workspace} holds no creator yet, so there is nothing to report. Ingest files first.")
    if everyone == (creator is not None):
        raise InvalidArgument(f"Whose report? Give --creator NAME or --all. Known are {', '.join(known)}.")
    if creator is not None and creator not in known:
        raise UnknownName(f"There is no creator {creator!r} in {workspace}. Known are {', '.join(known)}.")
    with Progress("Making reports") as step:
        made = make_reports(
            workspace, known if creator is None else [creator], start=start, end=end, as_of=as_of,
            formats=_formats(formats), folder=output or workspace / "reports", progress=step,
        )  # fmt: skip
    with opened(workspace) as ws, ws.catalogue.writing() as connection:
        for row in made[made["problem"] == ""].to_dict("records"):
            told = f"report of {row['creator']}, {ws.version}: {', '.join(row['paths'])}"
            audit.enter(connection, "exported", told)
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
