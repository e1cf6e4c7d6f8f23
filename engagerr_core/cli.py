"""The command `engagerr`. The commands themselves lie in `engagerr_core.commands`.

Exit codes: 0 done · 1 done in part, what is missing is named · 2 refused, nothing was done.
"""

import os
import sys

import typer

from engagerr_core.commands import asking, caring, reporting, storing
from engagerr_core.errors import EngagerrError
from engagerr_core.terminal import print_line

app = typer.Typer(
    help="One honest, deduplicated, cross-platform report per creator, from a folder of exported files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    storing.init, storing.ingest, storing.preview, storing.mapping, storing.refresh,
    asking.metrics, asking.trends, asking.quality, asking.delays, asking.explain, asking.sql, reporting.report,
    caring.compact, caring.backup, caring.restore, caring.audit, caring.doctor, caring.warmup, caring.demo, caring.lab,
)  # fmt: skip
INTERRUPTED = 130  # how typer ends on Ctrl-C

for command in COMMANDS:
    app.command()(command)


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


if __name__ == "__main__":
    main()
