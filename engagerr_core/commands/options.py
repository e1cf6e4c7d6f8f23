"""What the commands share: their options, and how a workspace, a period and a day are read from them."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    from engagerr_core.workspace import Workspace

DEFAULT_WORKSPACE = Path("data/workspace")
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="ENGAGERR_WORKSPACE", help="Folder of the workspace.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programmes instead of tables.")]
CreatorOption = Annotated[str | None, typer.Option("--creator", "-c", help="Whose files or figures.")]
StartOption = Annotated[str | None, typer.Option("--start", help="First day of the period, YYYY-MM-DD.")]
EndOption = Annotated[str | None, typer.Option("--end", help="Last day of the period, YYYY-MM-DD.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="As known at the end of a day, YYYY-MM-DD.")]


def opened(workspace: Path, *, create: bool = False) -> "Workspace":
    from engagerr_core.workspace import Workspace

    return Workspace.open(workspace, create=create)


def period_of(text: str | None) -> tuple[date, date] | None:
    if text is None:
        return None
    try:
        first, last = (date.fromisoformat(part.strip()) for part in text.split(".."))
    except ValueError:
        raise InvalidArgument(f"--period {text!r} is no period. Write it as 2026-01-01..2026-03-31.") from None
    if last < first:
        raise InvalidArgument(f"--period {text!r} ends before it begins. Swap the days.")
    return first, last


def day_of(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(f"{option} {text!r} is no day. Write it as 2026-11-03.") from None
