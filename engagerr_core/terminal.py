"""What is shown on a terminal: tables, lines and the progress of a command."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.status import Status

UNFOLDED = 10_000  # characters: wider than any table, for files and pipes


def print_frame(frame: "pd.DataFrame", *, as_json: bool) -> None:
    """Print a frame as JSON records (unknown is null) or as a table, folded only where a terminal's edge demands it."""
    if as_json:
        print(frame.to_json(orient="records", date_format="iso", double_precision=15, force_ascii=False))
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in frame.columns:
        heading = str(column).replace("_", " ")  # so that a narrow column breaks it between words
        table.add_column(heading, justify="right" if frame[column].dtype.kind in "fi" else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    console = _console()
    if not console.is_terminal:
        console.width = UNFOLDED
    console.print(table)


def print_line(text: str, *, style: str | None = None, stderr: bool = False) -> None:
    """Print text as it is, unbroken: what stands in it, such as a title in brackets, is never read as markup."""
    _console(stderr=stderr).print(text, style=style, highlight=False, markup=False, soft_wrap=True)


class Progress:
    """A line on a terminal that names what is being done; nothing where the output is no terminal.

    Used as a context, it gives the function that is told each thing done.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._status: Status | None = None

    def __enter__(self) -> Callable[[object], None]:
        console = _console(stderr=True)
        if console.is_terminal:
            self._status = console.status(f"{self._doing} …")
            self._status.start()
        return self._step

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def _step(self, what: object) -> None:
        if self._status is not None:
            from rich.markup import escape

            self._status.update(f"{self._doing} … {escape(str(what))}")


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def _cell(value: Any) -> Any:
    import pandas as pd
    from rich.text import Text

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return Text("–", style="dim")
    if isinstance(value, float):
        return Text(f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}")
    if isinstance(value, pd.Timestamp):
        return Text(f"{value:%Y-%m-%d}")
    return Text(str(value))  # Text, not str: a title must not be read as markup
