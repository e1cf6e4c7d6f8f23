"""What the overview shows, as plain text and frames: no widget, no markup."""

from collections.abc import Hashable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from engagerr_core.charts.wording import (
    count,
    day,
    one_line,
    percent,
    percent_within,
    period,
    platform_title,
    signed_percent,
    told,
)
from engagerr_core.dashboards.state import SORTS
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

POSTS_SHOWN = 10
ARROWS = {"up": "▲", "down": "▼", "": ""}
_VERDICTS = {True: "more than the usual swing", False: "within the usual swing", None: "too little history to tell"}
_SORT_COLUMNS = dict(zip(SORTS, ("standard_views", "standard_engagements", "shrunk_low", "published_on"), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One key figure in words.

    Attributes
    ----------
    metric, title, value : what it is, and its value with an interval where it has one.
    direction : ``up``, ``down``, or empty where there is no change to tell.
    change, verdict : change with interval, and whether it is real, in words; empty where unknown.
    note : one sentence on coverage.
    provenance : pairs of label and text: basis, origin, definition, coefficient set.
    """

    metric: str
    title: str
    value: str
    direction: str = ""
    change: str = ""
    verdict: str = ""
    note: str = ""
    provenance: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverviewView:
    """All texts of the overview, and its posts in the order asked for.

    `posts` holds title, url (empty unless http or https), platform, published, views, engagements, rate, comparable;
    posts too young to be compared stand after the others, except by date.
    """

    heading: str
    sentences: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]
    posts: "pd.DataFrame"
    posts_in_all: int
    findings: tuple[tuple[str, str, str, str], ...]


def overview_view(overview: "Overview", sort: str = SORTS[0]) -> OverviewView:
    """Put an overview into words. Raises `InvalidArgument` for an unknown way to sort."""
    return OverviewView(
        heading=f"{one_line(overview.creator, 60)}, {period(overview.start, overview.end)}, against "
        f"{period(overview.compared_start, overview.compared_end)}",
        sentences=tuple((one_line(s.text), one_line(s.evidence)) for s in overview.sentences),
        cards=(*(_card(row) for row in overview.cards.to_dict("records")), *_best_platform(overview.platforms)),
        posts=sorted_posts(overview.contents, sort).head(POSTS_SHOWN).pipe(_posts_said),
        posts_in_all=len(overview.contents),
        findings=tuple(
            (one_line(f.severity), one_line(f.subject), one_line(f.finding), one_line(f.advice))
            for f in overview.findings.itertuples()
        ),
    )


def sorted_posts(contents: "pd.DataFrame", sort: str) -> "pd.DataFrame":
    """Posts, best first and unknown last; young ones after the mature, since a post gathers views for days.

    Rates are ranked by the lower bound of the shrunk rate: ten likes of ten views are no record.
    """
    if sort not in _SORT_COLUMNS:
        raise InvalidArgument(f"Posts cannot be sorted by {sort!r}. Take one of {', '.join(SORTS)}.")
    by = [_SORT_COLUMNS[sort]] if sort == "Newest first" else ["mature", _SORT_COLUMNS[sort]]
    posts = contents.assign(mature=contents["mature"].eq(True))
    return posts.sort_values(by, ascending=False, na_position="last", kind="stable", ignore_index=True)


def safe_url(url: Any) -> str:
    """The address where it is http or https, else nothing: no ``javascript:``, no ``data:``."""
    text = one_line(url)
    return text if text.lower().startswith(("https://", "http://")) and " " not in text else ""


def _card(row: dict[Hashable, Any]) -> Card:
    change, moved = row["change"], row["change"] is not None and isfinite(row["change"])
    low, high = row["change_low"], row["change_high"]
    interval = f" ({signed_percent(low)} to {signed_percent(high)})" if isfinite(low) and isfinite(high) else ""
    return Card(
        metric=row["metric"],
        title=one_line(row["title"]),
        value=_value(row),
        direction=("up" if change > 0 else "down" if change < 0 else "") if moved else "",
        change=signed_percent(change) + interval if moved else "",
        verdict=_VERDICTS[told(row["real"])] if moved else "",
        note=one_line(row["note"]),
        provenance=tuple(
            (label, one_line(row[name]) or "none")
            for label, name in (
                ("Basis", "basis"), ("Origin", "origin"), ("Definition", "definition"),
                ("Coefficients", "coefficient_set"),
            )
        ),
    )  # fmt: skip


def _value(row: dict[Hashable, Any]) -> str:
    """The value; with its interval where it has one; the interval or one bound alone where it has no value."""
    said = percent if row["unit"] == "fraction" else count
    value, low, high = row["value"], row["low"], row["high"]
    if not isfinite(value):
        if isfinite(low) and isfinite(high):
            return said(low) if low == high else f"{said(low)} to {said(high)}"
        return f"{said(low)} or more" if isfinite(low) else said(value)
    if row["unit"] == "fraction":
        return percent_within(value, low, high)
    bounded = isfinite(low) and isfinite(high) and low < high
    return f"{said(value)} ({said(low)} to {said(high)})" if bounded else said(value)


def _best_platform(platforms: "pd.DataFrame") -> tuple[Card, ...]:
    """The platform with the most standard views, and how engaged its posts are."""
    known = platforms[platforms["standard_views"].notna()]
    if known.empty:
        return ()
    best = known.sort_values("standard_views", ascending=False, kind="stable").iloc[0]
    share = (
        f"{percent(best['share_of_views'])} of standard views" if isfinite(best["share_of_views"]) else "only one known"
    )
    rate = f"; engagement rate {percent(best['engagement_rate'])}" if isfinite(best["engagement_rate"]) else ""
    left_out = len(platforms) - len(known)
    return (
        Card(
            metric="best_platform",
            title="Best platform, by standard views",
            value=platform_title(best["platform"]),
            note=share + rate + (f"; {left_out} without daily figures" if left_out else ""),
            provenance=(("Basis", "flow"), ("Origin", "derived"), ("From", "standard views by platform")),
        ),
    )


def _posts_said(posts: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    rates = zip(posts["engagement_rate"], posts["rate_low"], posts["rate_high"], strict=True)
    return pd.DataFrame(
        {
            "title": [one_line(t, 90) or f"untitled ({one_line(c, 24)})"
                      for t, c in zip(posts["title"], posts["content"], strict=True)],
            "url": [safe_url(u) for u in posts["url"]],
            "platform": [platform_title(p) for p in posts["platform"]],
            "published": [day(d) for d in posts["published_on"]],
            "views": [count(v) for v in posts["standard_views"]],
            "engagements": [count(v) for v in posts["standard_engagements"]],
            "rate": [percent_within(r, low, high) for r, low, high in rates],
            "comparable": posts["mature"].tolist(),
        }
    )  # fmt: skip
