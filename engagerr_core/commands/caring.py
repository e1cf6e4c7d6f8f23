"""Commands that look after a workspace and the workbench."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from engagerr_core.commands.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, opened
from engagerr_core.terminal import Progress, print_frame, print_line


def warmup() -> None:
    """Compile the kernels now, so that the first report need not."""
    from engagerr_core.kernels.dispatch import warmup as warm

    with Progress("Compiling") as step:
        done = warm(lambda i, n, name: step(f"{i}/{n} {name}"))
    compiled = [one for one in done if not one.cached]
    print(f"{len(done)} kernels ready, {len(compiled)} compiled in {sum(one.seconds for one in compiled):.1f} s.")


def doctor(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended; nothing is thrown away.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every stored file to its end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check what the workbench needs and what a workspace keeps; mend what can be mended if asked."""
    from engagerr_core.doctor import examine

    found = examine(workspace, repair=repair, deep=deep)
    print_frame(found, as_json=as_json)
    raise typer.Exit(0 if found["ok"].all() else 1)


def compact(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    on: Annotated[str | None, typer.Option("--on", help="Count ages from this day, YYYY-MM-DD.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Remove no file that is out of use.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the files of old months together; no answer changes."""
    with opened(workspace) as ws, Progress("Compacting") as step:
        done = ws.compact(on=on, clean=not keep, progress=step)
    print_frame(done, as_json=as_json)


def demo(
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the demo.")] = Path("data/demo"),
) -> None:
    """Read the sample exports of six invented creators and make their reports."""
    from engagerr_core.demo import run_demo

    raise typer.Exit(run_demo(workspace, say=lambda line: print(line, flush=True)))


def lab(workspace: WorkspaceOption = DEFAULT_WORKSPACE) -> None:
    """Open JupyterLab on the workspace's notebooks."""
    import subprocess

    from engagerr_core.shipped import copy_notebooks

    if not (workspace / "workspace.toml").is_file() and (Path("data/demo") / "workspace.toml").is_file():
        workspace = Path("data/demo")
    with opened(workspace) as ws:
        folder = ws.path / "notebooks"
        copy_notebooks(folder)
        environment = {**os.environ, "ENGAGERR_WORKSPACE": str(ws.path)}
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}", "overview.ipynb"]
    raise typer.Exit(subprocess.call(command, env=environment))  # noqa: S603


def backup(
    archive: Annotated[Path, typer.Argument(help="The file to write, outside the workspace.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write the whole workspace into one file that can be checked and restored."""
    from engagerr_core.backup.make import backup as make

    with opened(workspace) as ws, Progress("Backing up") as step:
        made = make(ws, archive, overwrite=overwrite, progress=step)
    print_line(str(made))


def restore(
    archive: Annotated[Path, typer.Argument(help="A file that `engagerr backup` wrote.")],
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or an empty one.")],
    catalogue: Annotated[str | None, typer.Option(help="Address of an empty database for the catalogue.")] = None,
) -> None:
    """Make a workspace again from a backup, all of it or nothing."""
    from engagerr_core.backup.restore import restore as make

    with Progress("Restoring") as step:
        made = make(archive, folder, catalogue=catalogue, progress=step)
    print_line(f"Restored to {folder}. {made}")
    print_line(f"Next: engagerr refresh --workspace {folder}")


def audit(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    """Say what was done to the workspace, when and by whom."""
    with opened(workspace) as ws:
        print_frame(ws.audit(), as_json=as_json)
