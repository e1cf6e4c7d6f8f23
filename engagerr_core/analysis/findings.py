"""Data quality in a table: what a reader must know before trusting the figures of a period."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engagerr_core.analysis.freshness import freshness
from engagerr_core.analysis.quality.agreement import agreement_findings
from engagerr_core.analysis.quality.completeness import gaps, without_age, without_days
from engagerr_core.analysis.quality.findings import SEVERITIES
from engagerr_core.vocabulary.platforms import platforms

OVERVIEW_COLUMNS = ("severity", "subject", "finding", "advice")


def findings(
    daily: pd.DataFrame, posts: pd.DataFrame, reconciliation: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """What limits the figures of a period: severity (error, warning, note), subject, finding, advice.

    Parameters
    ----------
    daily : all account rows of single days.
    posts : lifetimes of all posts.
    reconciliation : see `reconciliation.reconcile`.
    start, end : the period; only gaps that touch it are told.
    """
    found = [
        *without_days(daily, posts),
        *_ends_early(daily, end),
        *(gap for gap in gaps(daily) if gap["period_start"] <= end and start <= gap["period_end"]),
        *agreement_findings(reconciliation),
        *without_age(posts),
    ]
    rows = [(one["severity"], _subject(one), one["finding"], one["advice"]) for one in found]
    rows.sort(key=lambda row: (SEVERITIES.index(row[0]), *row[1:]))
    return pd.DataFrame(rows, columns=list(OVERVIEW_COLUMNS))


def _subject(finding: dict[str, Any]) -> str:
    return platforms()[finding["platform"]].title if finding.get("platform") else "Posts"


def _ends_early(daily: pd.DataFrame, end: pd.Timestamp) -> Iterator[dict[str, Any]]:
    for line in freshness(daily).to_dict("records"):
        if line["last_day"] < end:
            yield {
                "severity": "warning",
                "platform": line["platform"],
                "finding": f"The data end on {line['last_day']:%d %b %Y}, before the period does.",
                "advice": "Export again.",
            }
