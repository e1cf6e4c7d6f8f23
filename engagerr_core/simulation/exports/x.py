"""X: account overview and content files of at most 90 days, and the older tweet activity file."""

from datetime import UTC, date, timedelta

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime
from engagerr_core.simulation.world import World

LONGEST_EXPORT = 90  # days
OVERVIEW_COLUMNS = (
    "Date",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Unfollows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Create Post",
    "Video views",
    "Media views",
)
CONTENT_COLUMNS = (
    "Post id",
    "Date",
    "Post text",
    "Post Link",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Detail Expands",
    "URL Clicks",
    "Hashtag Clicks",
    "Permalink Clicks",
)
# our names in the order of the content file, from Bookmarks on
CONTENT_METRICS = (
    "saves",
    "sends",
    "followers_gained",
    "comments",
    "shares",
    "profile_visits",
    "detail_expands",
    "link_clicks",
    "hashtag_clicks",
    "permalink_clicks",
)
ENGAGEMENTS = ("likes", *CONTENT_METRICS)
ACTIVITY_METRICS = (
    "impressions",
    "engagements",
    "engagement rate",
    "retweets",
    "replies",
    "likes",
    "user profile clicks",
    "url clicks",
    "hashtag clicks",
    "detail expands",
    "permalink clicks",
    "app opens",
    "app installs",
    "follows",
    "email tweet",
    "dial phone",
    "media views",
    "media engagements",
)


def spoken_day(day: date) -> str:
    """A day as X writes it.

    >>> spoken_day(date(2026, 8, 1))
    'Sat, Aug 1, 2026'
    """
    return f"{day:%a, %b} {day.day}, {day.year}"


def x_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """Overview and content, 90 days a file; who writes about business kept the older activity files instead."""
    older = world.profile(flows.account.creator).vertical == "business"
    quarters, first = [], world.start
    while first <= world.end:
        last = min(world.end, first + timedelta(days=LONGEST_EXPORT - 1))
        quarters.append((first, last))
        first = last + timedelta(days=1)
    files = []
    for position, (first, last) in enumerate(reversed(quarters)):
        files.append(_overview_file(world, flows, first, last, position))
        if not older:
            files.append(_content_file(world, flows, first, last))
    if older:
        middle = world.start + timedelta(days=world.days // 2)
        files.append(activity_file(world, flows, world.start, middle - timedelta(days=1)))
        files.append(activity_file(world, flows, middle, world.end))
    return files


def _overview_file(world: World, flows: AccountFlows, first: date, last: date, position: int) -> ExportFile:
    """Daily counts of the account, newest first."""
    total = {m: flows.total(m) for m in flows.daily}
    engagements = np.sum([total[m] for m in ENGAGEMENTS], axis=0)
    posted = [c.published.astimezone(UTC).date() for c in flows.contents]
    rows: list[Row] = [OVERVIEW_COLUMNS]
    for day in reversed([first + timedelta(days=d) for d in range((last - first).days + 1)]):
        d = (day - world.start).days
        n = {m: int(counts[d]) for m, counts in total.items()}
        rows.append(
            (
                spoken_day(day),
                n["impressions"],
                n["likes"],
                int(engagements[d]),
                n["saves"],
                n["sends"],
                n["followers_gained"],
                int(flows.followers_lost[d]),
                n["comments"],
                n["shares"],
                n["profile_visits"],
                posted.count(day),
                0,
                n["detail_expands"] // 4,
            )
        )
    # a browser numbers the downloads of a name that it always meets again
    name = "account_overview_analytics.csv" if not position else f"account_overview_analytics ({position}).csv"
    return ExportFile(
        creator=flows.account.creator,
        platform="x",
        kind="x overview",
        name=name,
        data=delimited(rows).encode(),
        exported_on=world.exported_on,
        period_start=first,
        period_end=last,
        rows=len(rows) - 1,
        warts="newest-first 90-days",
    )


def _published_between(flows: AccountFlows, first: date, last: date) -> list[int]:
    rows = [i for i, c in enumerate(flows.contents) if first <= c.published.astimezone(UTC).date() <= last]
    return sorted(rows, key=lambda i: flows.contents[i].published, reverse=True)


def _counters(world: World, flows: AccountFlows) -> dict[str, np.ndarray]:
    counters = {m: lifetime(flows, m, world.start, world.exported_on) for m in flows.daily}
    counters["engagements"] = np.sum([counters[m] for m in ENGAGEMENTS], axis=0)
    return counters


def _content_file(world: World, flows: AccountFlows, first: date, last: date) -> ExportFile:
    """Posts of the period, newest first, with their counters."""
    counters = _counters(world, flows)
    rows: list[Row] = [CONTENT_COLUMNS]
    for i in _published_between(flows, first, last):
        content = flows.contents[i]
        rows.append(
            (
                content.id,
                spoken_day(content.published.astimezone(UTC).date()),
                content.title,
                content.link,
                *(int(counters[m][i]) for m in ("impressions", "likes", "engagements", *CONTENT_METRICS)),
            )
        )
    return ExportFile(
        creator=flows.account.creator,
        platform="x",
        kind="x content",
        name=f"account_analytics_content_{first}_{last}.csv",
        data=delimited(rows).encode(),
        exported_on=world.exported_on,
        rows=len(rows) - 1,
        warts="newest-first 90-days multi-line-text",
    )


def activity_file(world: World, flows: AccountFlows, first: date, last: date) -> ExportFile:
    """The older file: lower case, 40 columns, counts as "312.0", a dash for none."""
    counters, handle = _counters(world, flows), flows.account.handle
    header = (
        "Tweet id",
        "Tweet permalink",
        "Tweet text",
        "time",
        *ACTIVITY_METRICS,
        *(f"promoted {metric}" for metric in ACTIVITY_METRICS),
    )
    rows: list[Row] = [header]
    for i in _published_between(flows, first, last):
        content, n = flows.contents[i], {m: int(values[i]) for m, values in counters.items()}
        rate = n["engagements"] / n["impressions"] if n["impressions"] else 0.0
        cells = (
            f"{n['impressions']}.0",
            f"{n['engagements']}.0",
            f"{rate:.6f}",
            f"{n['shares']}.0",
            f"{n['comments']}.0",
            f"{n['likes']}.0",
            f"{n['profile_visits']}.0",
            f"{n['link_clicks']}.0",
            f"{n['hashtag_clicks']}.0",
            f"{n['detail_expands']}.0",
            f"{n['permalink_clicks']}.0",
            "0.0",
            "0",
            f"{n['followers_gained']}.0",
            "0",
            "0",
            "0.0",
            "0.0",
        )
        rows.append(
            (
                content.id,
                content.link,
                content.title,
                f"{content.published:%Y-%m-%d %H:%M} +0000",
                *cells,
                *("-" for _ in ACTIVITY_METRICS),
            )
        )
    name = f"tweet_activity_metrics_{handle}_{first:%Y%m%d}_{last + timedelta(days=1):%Y%m%d}_en.csv"
    return ExportFile(
        creator=flows.account.creator,
        platform="x",
        kind="x tweet activity",
        name=name,
        data=delimited(rows, quote_all=True).encode(),
        exported_on=world.exported_on,
        rows=len(rows) - 1,
        warts="older-shape decimal-counts dashes all-quoted",
    )
