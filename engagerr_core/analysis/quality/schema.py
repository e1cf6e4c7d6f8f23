"""Stage 1: what could not be read or trusted, and what files leave out."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT


def schema_findings(
    observations: pd.DataFrame, files: pd.DataFrame, quarantine: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Refused files, rows set aside, columns kept aside, and rows whose period, export day or account is not told.

    Parameters
    ----------
    observations : resolved observation rows.
    files : the stored tables, as `Workspace.files` gives them.
    quarantine : rows and files that were not stored, as `Workspace.quarantine` gives them.
    """
    yield from _refused(quarantine[quarantine["row"].isna()])
    yield from _set_aside(quarantine[quarantine["row"].notna()])
    yield from _columns_aside(files)
    yield from _untold(
        observations[(observations["basis"] == "flow") & observations["period_start"].isna()], "period not told",
        "warning", "{} of its rows speak of a period that no file tells: they are in no figure of a period.",
        "Put the files of one export into one folder, or ingest them again with --period FIRST..LAST.",
    )  # fmt: skip
    yield from _untold(
        observations[(observations["basis"] == "stock") & observations["observed_at"].isna()], "export day not told",
        "note", "{} of its lifetime figures do not tell when they were exported: the age of the posts is not known.",
        "Name the folder after the day of the export, or ingest with --exported-on YYYY-MM-DD.",
    )  # fmt: skip
    yield from _untold(
        observations[_between_accounts(observations)], "account not told", "warning",
        "{} of its rows name no account, and the creator has several there: they are kept apart from all of them.",
        "Ingest these files again with --account.",
    )  # fmt: skip


def _between_accounts(observations: pd.DataFrame) -> pd.Series:
    """Rows without an account of their own where the creator has several on that platform."""
    made_up = observations["account"] == observations["creator"] + "/" + observations["platform"]
    real = observations[~made_up].groupby(["creator", "platform"])["account"].nunique()
    several = set(real[real > 1].index)
    owners = pd.Series(list(zip(observations["creator"], observations["platform"], strict=True)), observations.index)
    return made_up & owners.isin(several)


def _refused(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in rows.to_dict("records"):
        yield {
            "severity": "error", "stage": "schema", "rule": "file refused", "file": row["path"],
            "finding": row["reason"], "advice": _told(row["advice"]),
        }  # fmt: skip


def _set_aside(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One finding a file, column and reason."""
    for _, group in rows.groupby(["path", "column", "reason"], sort=True, dropna=False):
        row, where = group.iloc[0], ", ".join(str(int(line)) for line in group["row"].head(3))
        more = " …" if len(group) > 3 else ""
        cell = f" in the column {row['column']}" if _told(row["column"]) else ""
        yield {
            "severity": "warning", "stage": "schema", "rule": "rows set aside", "file": row["path"],
            "row": int(row["row"]), "count": len(group),
            "finding": f"{len(group)} {'row was' if len(group) == 1 else 'rows were'} set aside{cell}: {row['reason']} "
                       f"(line {where}{more}; first {_told(row['value'])!r}).",
            "advice": _told(row["advice"]),
        }  # fmt: skip


def _columns_aside(files: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Columns that nobody knows: their figures are in no report."""
    for row in files.to_dict("records"):
        if row["columns_aside"]:
            yield {
                "severity": "note", "stage": "schema", "rule": "columns kept aside", "creator": _told(row["creator"]),
                "platform": row["platform"], "account": _told(row["account"]), "file": row["path"],
                "count": len(row["columns_aside"]),
                "finding": f"Not read, since not known here: {', '.join(row['columns_aside'])}.",
                "advice": "If one of them matters, write a mapping (docs/mappings.md).",
            }  # fmt: skip


def _untold(rows: pd.DataFrame, rule: str, severity: str, finding: str, advice: str) -> Iterator[dict[str, Any]]:
    counted = rows.groupby(ACCOUNT, sort=True).size().reset_index(name="count")
    for creator, platform, account, count in counted.itertuples(index=False, name=None):
        yield {
            "severity": severity, "stage": "schema", "rule": rule, "creator": creator, "platform": platform,
            "account": account, "count": int(count), "advice": advice,
            "finding": finding.format(f"{count:,}"),
        }  # fmt: skip


def _told(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
