"""Data quality in a table: what a reader must know before trusting the figures."""

import pandas as pd

from engagerr_core.analysis.freshness import freshness
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.platforms import platforms

FINDING_COLUMNS = ("severity", "subject", "finding", "advice")


def findings(
    daily: pd.DataFrame, posts: pd.DataFrame, reconciliation: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """What limits the figures of a period: severity (error, warning, note), subject, finding, advice.

    Parameters
    ----------
    daily : all account rows of single days.
    posts : lifetimes of all posts.
    reconciliation : see `reconciliation.reconcile`.
    """
    rows: list[tuple[str, str, str, str]] = []
    reported = set(daily["platform"])
    for name in sorted(set(posts["platform"]) - reported):
        title = platforms()[name].title
        rows.append((
            "note", title,
            "Its files hold posts but no daily account figures, so it is not in the totals of the period.",
            "Export the account's daily overview as well.",
        ))  # fmt: skip
    for line in freshness(daily).to_dict("records"):
        title = platforms()[line["platform"]].title
        if line["last_day"] < end:
            rows.append(
                (
                    "warning",
                    title,
                    f"The data end on {line['last_day']:%d %b %Y}, before the period does.",
                    "Export again.",
                )
            )
        if line["missing_days"]:
            are = "day is" if line["missing_days"] == 1 else "days are"
            between = f"between {line['first_day']:%d %b %Y} and {line['last_day']:%d %b %Y}"
            rows.append(
                (
                    "warning",
                    title,
                    f"{line['missing_days']} {are} missing {between}.",
                    "Export these days again.",
                )
            )
    unexplained = (
        reconciliation[reconciliation["reason"].str.startswith("unexplained")]
        if len(reconciliation)
        else reconciliation
    )
    for line in unexplained.to_dict("records"):
        rows.append((
            "warning", platforms()[line["platform"]].title,
            f"{metrics()[line['metric']].title} by {line['parts']} add up to {line['ours']:,.0f}, "
            f"the platform's own total is {line['platform_total']:,.0f}.",
            "Export both tables on the same day.",
        ))  # fmt: skip
    unknown = posts["age_days"].isna().sum() if len(posts) else 0
    if unknown:
        rows.append(
            (
                "note",
                "Posts",
                f"The age of {unknown} {'post' if unknown == 1 else 'posts'} is unknown, "
                "since the files do not tell the day of export.",
                "Give --exported-on when ingesting.",
            )
        )
    order = {"error": 0, "warning": 1, "note": 2}
    rows.sort(key=lambda r: (order[r[0]], r[1], r[2]))
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
