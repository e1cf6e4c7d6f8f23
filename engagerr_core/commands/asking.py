"""Commands that ask a workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from engagerr_core.errors import InvalidArgument
from engagerr_core.terminal import print_frame, print_line

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.trends import Trends

SHOWN_ROWS = 20  # of those that a figure came from
MARKS = {"error": "✗", "warning": "!", "note": "·"}


def metrics(
    names: Annotated[list[str] | None, typer.Option("--metric", "-m", help="A metric; may be repeated.")] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help="A key; may be repeated.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    start: StartOption = None,
    end: EndOption = None,
    freq: Annotated[str | None, typer.Option(help="D, W, M, or the whole period.")] = None,
    basis: Annotated[str | None, typer.Option(help="flow or stock.")] = None,
    as_of: AsOfOption = None,
    window: Annotated[str | None, typer.Option(help="24h, 7d, 30d, 90d, 12m, ytd, all; instead of days.")] = None,
    compare: Annotated[str | None, typer.Option(help="With the previous period, or the same a year ago.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Figures by key and period, each with interval, basis, origin and definition."""
    from engagerr_core.questions import FIGURE_METRICS

    with opened(workspace) as ws:
        found = ws.metrics(
            by=by or ["platform"],
            metrics=names or FIGURE_METRICS,
            start=start,
            end=end,
            freq=freq,
            creator=creator,
            basis=basis,
            as_of=as_of,
            window=window,
            compare=compare,
        )
    if as_json:
        print_frame(found, as_json=True)
        return
    print_frame(found.drop(columns=["definition", "coefficient_set"]), as_json=False)
    print("Definitions and the coefficient set: --json." if len(found) else "No figures in that period.")


def trends(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    metric: Annotated[str, typer.Option("--metric", "-m", help="A metric that adds up.")] = "standard_views",
    platforms: Annotated[
        list[str] | None, typer.Option("--platform", "-p", help="Only these; may be repeated.")
    ] = None,
    horizon: Annotated[int, typer.Option("--horizon", help="Days to forecast.")] = 28,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Direction, season, changes of level, days that stand out with what carried them, and a forecast."""
    with opened(workspace) as ws:
        found = ws.trends(creator, metric, platforms, as_of, horizon)
    if as_json:
        print(found.to_json())
        return
    for line in found.sentences:
        print_line(line)
    for title, table in _trend_tables(found).items():
        if len(table):
            print_line(f"\n{title}")
            print_frame(table, as_json=False)


def _trend_tables(found: "Trends") -> "dict[str, pd.DataFrame]":
    """The tables of trends as a terminal shows them: few columns, the latest rows; all of it with --json."""
    from engagerr_core.analysis.trend_tables import series_title

    def short(table: "pd.DataFrame", *columns: str) -> "pd.DataFrame":
        return table.assign(series=[series_title(name) for name in table["platform"]])[["series", *columns]]

    changes, ahead = found.changes[found.changes["claimed"]], found.forecast
    every_week = ahead[(ahead["step"] % 7 == 0) & (ahead["platform"] == found.main)]
    return {
        "Directions": short(found.trend, "days", "level", "slope", "slope_low", "slope_high", "q_value", "direction"),
        "Changes of level": short(changes, "day", "before", "after", "change", "q_value").tail(SHOWN_ROWS),
        "Days that stand out": short(
            found.anomalies.sort_values("day", kind="stable"), "day", "value", "expected", "q_value", "explanation"
        ).tail(SHOWN_ROWS),
        "Forecast": short(every_week, "day", "mean", "lo_80", "hi_80", "lo_95", "hi_95", "model"),
    }  # fmt: skip


def quality(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """What to mind in the data: refused files, impossible figures, gaps, totals that differ. Exit 1 on an error."""
    with opened(workspace) as ws:
        found = ws.quality(creator, as_of)
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


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT, or SHOW TABLES, or DESCRIBE table.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    creator: CreatorOption = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows into this new file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask both stores in SQL; nothing can be changed."""
    from engagerr_core.dashboards.download import csv_text
    from engagerr_core.store import audit

    if csv is not None and csv.exists():
        raise InvalidArgument(f"{csv} exists already. Name a new file, or remove that one.")
    with opened(workspace) as ws:
        found = ws.sql(query, creator=creator)
        if csv is None:
            print_frame(found, as_json=as_json)
            return
        csv.write_bytes(csv_text(found).encode("utf-8-sig"))
        audit.enter(ws.catalogue, "exported", f"{csv.absolute()}: {len(found)} rows of {query}")
    print_line(f"{len(found):,} rows in {csv}.")


def delays(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE, creator: CreatorOption = None, as_json: JsonOption = False
) -> None:
    """How late platforms report, estimated from the days that they restated."""
    with opened(workspace) as ws:
        print_frame(ws.delays(creator), as_json=as_json)


def explain(
    figure: Annotated[str, typer.Argument(help="What a report prints below a figure, between quotes.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Where a figure comes from: every file, row, definition and coefficient behind it; it is made again."""
    with opened(workspace) as ws:
        found = ws.explain(figure)
    if as_json:
        print(found.to_json())
        return
    print_line(str(found))
    for number, step in enumerate(found.steps, 1):
        print_line(f"{number}. {step}")
    rows = found.rows[["path", "row", "content", "period_start", "period_end", *found.counts]]
    for table in (found.files.drop(columns="file"), rows.head(SHOWN_ROWS)):
        if len(table):
            print()
            print_frame(table, as_json=False)
    if len(rows) > SHOWN_ROWS:
        print_line(f"{len(rows) - SHOWN_ROWS:,} more rows: --json.")
