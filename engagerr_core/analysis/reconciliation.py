"""Our totals beside the platform's own, with the difference and its reason."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

RECONCILIATION_COLUMNS = (
    "creator", "platform", "account", "period_start", "period_end", "metric", "parts", "ours", "platform_total",
    "total_from", "difference", "share", "reason",
)  # fmt: skip
ROUNDING = 0.005  # a difference below this share is rounding of the parts
RESTATED = 0.02  # provisional days of one export may still move its total by so much
CAPPED_ROWS = 500
UNEXPLAINED = "unexplained"  # how the reason of such a line begins


def reconcile(observations: pd.DataFrame) -> pd.DataFrame:
    """Compare what parts add up to with the total that the platform itself gave for the same account and period.

    The parts are the account's days, its posts, or the values of a dimension (over a period, or day by day). The total
    is the platform's own row for the period; where there is none, its own days, if all of them are known. Only metrics
    that add are compared.

    Returns
    -------
    One row a total, metric and kind of part: `ours` (sum of the known parts), `platform_total`, `total_from` (total row
    or days), `difference` (ours − platform), `share` (difference ÷ platform's total, NaN where that is 0) and `reason`,
    a sentence.
    """
    flows = observations[(observations["basis"] == "flow") & observations["period_start"].notna()]
    flows = flows.assign(
        period_start=pd.to_datetime(flows["period_start"]), period_end=pd.to_datetime(flows["period_end"])
    )
    found = [(*account, *line) for account, rows in flows.groupby(ACCOUNT, sort=True) for line in _account(rows)]
    return pd.DataFrame(found, columns=list(RECONCILIATION_COLUMNS))


def unexplained(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of `reconcile` whose difference nothing known explains."""
    return lines[lines["reason"].astype("str").str.startswith(UNEXPLAINED)]


def _account(rows: pd.DataFrame) -> list[tuple]:
    """Lines of one account."""
    parts_of_total = [d.name for d in dimensions().values() if d.part_of]
    single = rows["period_start"] == rows["period_end"]
    whole = rows["dimension"] == ""
    account, posts = rows[(rows["content"] == "") & whole], rows[(rows["content"] != "") & whole & ~single]
    split = rows[(rows["content"] == "") & rows["dimension"].isin(parts_of_total)]
    days = account[account["period_start"] == account["period_end"]]
    lines: list[tuple] = []
    for start, end in sorted(set(rows.loc[~single, ["period_start", "period_end"]].itertuples(index=False, name=None))):
        total, listed, values = (_exactly(frame, start, end) for frame in (account, posts, split))
        covered = days[(days["period_start"] >= start) & (days["period_end"] <= end)]
        parts = {"days": covered, "posts": listed} if len(total) else {"posts": listed}
        parts |= {str(name): part for name, part in values.groupby("dimension", sort=True)}
        lines += _compare((start, end), parts, total, covered)
    daily = split[split["period_start"] == split["period_end"]]
    for name, part in daily.groupby("dimension", sort=True):
        start, end = part["period_start"].min(), part["period_end"].max()
        covered = days[(days["period_start"] >= start) & (days["period_end"] <= end)]
        lines += _compare((start, end), {f"{name}, day by day": part}, covered.iloc[:0], covered)
    return lines


def _exactly(rows: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    return rows[(rows["period_start"] == start) & (rows["period_end"] == end)]


def _compare(
    span: tuple[pd.Timestamp, pd.Timestamp], parts: dict[str, pd.DataFrame], total: pd.DataFrame, days: pd.DataFrame
) -> list[tuple]:
    length = (span[1] - span[0]).days + 1
    lines: list[tuple] = []
    for name, rows in parts.items():
        for one in METRICS:
            if one not in rows or metrics()[one].rule("content") != "sum":
                continue
            values = rows[one].to_numpy(float)
            known = values[np.isfinite(values)]
            given, origin = _total(one, total, days, length)
            if not np.isfinite(given) or not len(known):
                continue
            ours = float(known.sum())
            difference = ours - given
            share = difference / given if given else np.nan
            restated = name == "days" and len(total) > 0 and _later(rows, total)
            short = len(known) < (length if name == "days" else len(values))
            reason = _reason(one, name, ours, given, len(values), len(known), length, short=short, restated=restated)
            lines.append((*span, one, name, ours, given, origin, difference, share, reason))
    return lines


def _total(name: str, total: pd.DataFrame, days: pd.DataFrame, length: int) -> tuple[float, str]:
    """The platform's own total of a metric, and where it stands."""
    if len(total) and np.isfinite(given := float(total[name].iloc[-1])):
        return given, "total row"
    values = days[name].to_numpy(float)
    if len(values) == length and np.isfinite(values).all():
        return float(values.sum()), "days"
    return np.nan, ""


def _later(rows: pd.DataFrame, total: pd.DataFrame) -> bool:
    """Whether any of the parts was exported, or else ingested, after the total."""
    seen = [frame["observed_at"].fillna(frame["known_at"]).max() for frame in (rows, total)]
    return bool(seen[0] > seen[1])


def _reason(
    metric: str, parts: str, ours: float, given: float, rows: int, known: int, length: int,
    *, short: bool, restated: bool,
) -> str:  # fmt: skip
    difference = ours - given
    if difference == 0:
        return "agrees"
    if parts == "days" and known < length:
        return f"{length - known} of {length} days are not known"
    if parts == "days" and abs(difference) <= RESTATED * abs(given):
        return "days restated since: the latest ones were provisional in one of the two tables"
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
        dimension = parts.split(",")[0]
        return f"values of {dimension} that the platform withholds, lumps together or leaves out are only in the total"
    return f"{UNEXPLAINED}: the parts exceed the total; the tables may have been exported on different days"
