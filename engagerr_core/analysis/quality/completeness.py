"""Stage 4: days, accounts and kinds of tables that are missing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from engagerr_core.analysis.freshness import freshness, known_stretches
from engagerr_core.analysis.subjects import ACCOUNT

STALE_DAYS = 14  # an account that ends so much before its creator's freshest one was not exported with it
_SHOWN = 3  # gaps named one by one


def completeness_findings(daily: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """What is not there: missing days, accounts left behind, posts without days, posts without an age.

    Parameters
    ----------
    daily : account rows of single days, as `subjects.daily_flows` gives them.
    posts : lifetimes of posts, as `subjects.lifetimes` gives them.
    accounts : the accounts known: creator, platform, account.
    """
    yield from gaps(daily)
    yield from left_behind(daily)
    yield from without_days(daily, posts)
    yield from without_figures(daily, posts, accounts)
    yield from without_age(posts)


def gaps(daily: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Days missing between an account's first and last."""
    stretches = known_stretches(daily)
    for line in freshness(daily).to_dict("records"):
        if not line["missing_days"]:
            continue
        mine = stretches[(stretches[ACCOUNT] == [line[key] for key in ACCOUNT]).all(axis=1)]
        spans = [
            (last + pd.Timedelta(days=1), first - pd.Timedelta(days=1))
            for last, first in zip(mine["last_day"].iloc[:-1], mine["first_day"].iloc[1:], strict=True)
            if (first - last).days > 1  # provisional days follow final ones without a gap
        ]
        named = "; ".join(_span(*span) for span in spans[:_SHOWN]) + (" …" if len(spans) > _SHOWN else "")
        are = "day is" if line["missing_days"] == 1 else "days are"
        yield {
            **_account(line), "severity": "warning", "rule": "missing days", "count": int(line["missing_days"]),
            "period_start": spans[0][0], "period_end": spans[-1][1],
            "finding": f"{line['missing_days']:,} {are} missing between {_day(line['first_day'])} and "
                       f"{_day(line['last_day'])}: {named}.",
            "advice": "Export these days again.",
        }  # fmt: skip


def left_behind(daily: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Accounts whose days end long before those of the same creator's other accounts."""
    reached = freshness(daily)
    freshest = reached.groupby("creator")["last_day"].transform("max")
    behind = (freshest - reached["last_day"]).dt.days
    for line, days in zip(reached.to_dict("records"), behind, strict=True):
        if days > STALE_DAYS:
            ends = _day(line["last_day"])
            yield {
                **_account(line), "severity": "warning", "rule": "account left behind", "value": float(days),
                "expected": float(STALE_DAYS), "period_end": line["last_day"],
                "finding": f"Its days end on {ends}, {days} days before the creator’s other accounts.",
                "advice": "Export this account again, or leave it out of the report.",
            }  # fmt: skip


def without_days(daily: pd.DataFrame, posts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Platforms of which only posts are known: they are in no total of a period."""
    known = set(daily[["creator", "platform"]].itertuples(index=False, name=None))
    pairs = posts[["creator", "platform"]].drop_duplicates().sort_values(["creator", "platform"])
    for creator, platform in pairs.itertuples(index=False, name=None):
        if (creator, platform) not in known:
            yield {
                "stage": "completeness", "severity": "note", "rule": "no daily figures", "creator": creator,
                "platform": platform,
                "finding": "Its files hold posts but no daily account figures, "
                           "so it is not in the totals of the period.",
                "advice": "Export the account's daily overview as well.",
            }  # fmt: skip


def without_figures(daily: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Accounts of which neither days nor posts are known."""
    known = set(daily[ACCOUNT].itertuples(index=False, name=None)) | set(
        posts[ACCOUNT].itertuples(index=False, name=None)
    )
    for row in accounts[ACCOUNT].itertuples(index=False, name=None):
        if row not in known:
            yield {
                **_account(dict(zip(ACCOUNT, row, strict=True))), "severity": "note", "rule": "no figures",
                "finding": "The account is known, but neither days nor posts of it: it has shares or parts only.",
                "advice": "Export its overview and its posts.",
            }  # fmt: skip


def without_age(posts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Posts that cannot be compared at equal age."""
    unknown = posts[posts["age_days"].isna()]
    for creator, count in unknown.groupby("creator", sort=True).size().items():
        yield {
            "stage": "completeness", "severity": "note", "rule": "age unknown", "creator": creator,
            "count": int(count),
            "finding": f"The age of {count:,} {'post' if count == 1 else 'posts'} is unknown, "
                       "since the files do not tell the day of export or of publication.",
            "advice": "Give --exported-on when ingesting.",
        }  # fmt: skip


def _account(line: Mapping[Any, Any]) -> dict[str, Any]:
    return {"stage": "completeness", **{key: line[key] for key in ACCOUNT}}


def _day(day: pd.Timestamp) -> str:
    return f"{day:%d %b %Y}"


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"
