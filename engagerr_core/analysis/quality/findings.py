"""Findings: what is wrong or missing, as rows of one table."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

STAGES = ("schema", "ranges", "history", "completeness", "reconciliation")
SEVERITIES = ("error", "warning", "note")  # wrong as it stands · doubtful · good to know
FINDING_COLUMNS = (
    "severity", "stage", "rule", "creator", "platform", "account", "content", "metric", "period_start", "period_end",
    "value", "expected", "count", "finding", "advice", "file", "row",
)  # fmt: skip
_TYPES = {
    "period_start": "datetime64[us]", "period_end": "datetime64[us]", "value": "float64", "expected": "float64",
    "count": "int64", "row": "Int64",
}  # fmt: skip


def findings_table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Findings as a table, worst first, then by stage, subject and day.

    Each row names `severity` (error, warning, note), `stage`, `rule`, `finding` and `advice` (sentences); where it
    applies the subject, the metric with its `value` and what was `expected`, the period, file and row, and the `count`
    of cases that it stands for (1 where it is left out).
    """
    blank = dict.fromkeys(FINDING_COLUMNS, "") | {
        "period_start": pd.NaT, "period_end": pd.NaT, "value": float("nan"), "expected": float("nan"), "count": 1,
        "row": pd.NA,
    }  # fmt: skip
    table = pd.DataFrame([blank | row for row in rows], columns=list(FINDING_COLUMNS))
    table = table.astype({name: _TYPES.get(name, "str") for name in FINDING_COLUMNS})
    order = table.assign(
        severity=table["severity"].map(SEVERITIES.index), stage=table["stage"].map(STAGES.index)
    ).sort_values(
        ["severity", "stage", "rule", "creator", "platform", "account", "content", "metric", "period_start", "row"],
        kind="stable",
    )
    return table.loc[order.index].reset_index(drop=True)
