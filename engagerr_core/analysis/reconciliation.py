"""Our totals beside the platform's own, with the difference and its reason."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

RECONCILIATION_COLUMNS = (
    "creator", "platform", "account", "period_start", "period_end", "metric", "parts", "ours", "platform_total",
    "difference", "share", "reason",
)  # fmt: skip
ROUNDING = 0.005  # a difference below this share is rounding of the parts
CAPPED_ROWS = 500


def reconcile(observations: pd.DataFrame) -> pd.DataFrame:
    """Compare what parts add up to with the total that the platform itself gave for the same account and period.

    The parts are the account's days, its posts, or the values of a dimension. Only metrics that add are compared.

    Returns
    -------
    One row a total, metric and kind of part: `ours` (sum of the known parts), `platform_total`, `difference` (ours −
    platform), `share` (difference ÷ platform's total, NaN where that is 0) and `reason`, a sentence.
    """
    flows = observations[(observations["basis"] == "flow") & observations["period_start"].notna()]
    spans = pd.to_datetime(flows["period_start"]) < pd.to_datetime(flows["period_end"])
    account = flows["content"] == ""
    total = flows["dimension"] == ""
    totals = flows[spans & account & total]
    added = [
        m
        for m in METRICS
        if m in flows and metrics()[m].rule("content") == "sum" and flows.loc[totals.index, m].notna().any()
    ]
    found = []
    for whole in totals.itertuples():
        same = flows[(flows[ACCOUNT] == [whole.creator, whole.platform, whole.account]).all(axis=1)]
        inside = (same["period_start"] >= whole.period_start) & (same["period_end"] <= whole.period_end)
        exact = (same["period_start"] == whole.period_start) & (same["period_end"] == whole.period_end)
        single = same["period_start"] == same["period_end"]
        plain, own = same["dimension"] == "", same["content"] == ""
        parts = {"days": same[inside & single & plain & own], "posts": same[exact & plain & ~own]}
        for name, rows in same[exact & own & ~plain].groupby("dimension", sort=True):
            if name in dimensions() and dimensions()[name].part_of:
                parts[str(name)] = rows
        length = (pd.Timestamp(whole.period_end) - pd.Timestamp(whole.period_start)).days + 1
        for name, rows in parts.items():
            for one in added:
                given = getattr(whole, one)
                values = rows[one].to_numpy(float) if len(rows) else np.empty(0)
                known = values[np.isfinite(values)]
                if not np.isfinite(given) or not len(known):
                    continue
                ours = float(known.sum())
                restated = len(set(rows["file"]) - {whole.file}) > 0 and name == "days" and _later(rows, whole)
                short = len(known) < (length if name == "days" else len(values))
                found.append(
                    (
                        whole.creator, whole.platform, whole.account, whole.period_start, whole.period_end, one, name, ours, given,
                        ours - given, (ours - given) / given if given else np.nan,
                        _reason(one, name, ours, given, len(values), len(known), length, short=short, restated=restated),
                    )
                )  # fmt: skip
    return pd.DataFrame(found, columns=list(RECONCILIATION_COLUMNS))


def _later(rows: pd.DataFrame, whole) -> bool:
    """Whether any of the parts was exported, or else ingested, after the total."""
    parts = rows["observed_at"].fillna(rows["known_at"]).max()
    own = whole.observed_at if pd.notna(whole.observed_at) else whole.known_at
    return bool(parts > own)


def _reason(
    metric: str, parts: str, ours: float, given: float, rows: int, known: int, length: int, *, short: bool, restated: bool
) -> str:  # fmt: skip
    difference = ours - given
    if difference == 0:
        return "agrees"
    if parts == "days" and known < length:
        return f"{length - known} of {length} days are not known"
    if abs(difference) <= ROUNDING * abs(given):
        return "rounding, or days restated between the two tables"
    if parts == "posts" and metric == "followers_net":
        return "posts are credited with those who came through them; only the total knows who came otherwise or left"
    if restated:
        return "days were restated in an export later than that of the total"
    if parts == "posts" and difference < 0:
        if rows >= CAPPED_ROWS:
            return (
                f"the export is capped at about {CAPPED_ROWS} posts; the rest, and deleted ones, are only in the total"
            )
        return "posts outside the export (deleted, private, or cut off) are only in the total"
    if short:
        return f"{rows - known} of {rows} rows do not give the metric"
    if parts not in ("days", "posts") and difference < 0:
        return f"values of {parts} that the platform withholds or lumps together are only in the total"
    return "unexplained: the parts exceed the total; the tables may have been exported on different days"
