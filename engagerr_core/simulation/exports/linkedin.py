"""LinkedIn: the page's workbook (Metrics, All posts) and the creator's workbook of five sheets."""

from datetime import UTC, date, timedelta
from itertools import zip_longest

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row
from engagerr_core.simulation.exports.splits import LINKEDIN_SPLITS, shares_of
from engagerr_core.simulation.exports.workbooks import workbook
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime, reported
from engagerr_core.simulation.world import World

LONGEST_EXPORT = 365  # days
TOP_POSTS = 50
METRICS_COLUMNS = (
    "Date",
    *(f"Impressions ({part})" for part in ("organic", "sponsored", "total")),
    "Unique impressions (organic)",
    *(
        f"{what} ({part})"
        for what in ("Clicks", "Reactions", "Comments", "Reposts", "Engagement rate")
        for part in ("organic", "sponsored", "total")
    ),
)
POSTS_COLUMNS = (
    "Post title",
    "Post link",
    "Post type",
    "Campaign name",
    "Posted by",
    "Created date",
    "Campaign start date",
    "Campaign end date",
    "Audience",
    "Impressions",
    "Views",
    "Offsite Views",
    "Clicks",
    "Click through rate (CTR)",
    "Likes",
    "Comments",
    "Reposts",
    "Follows",
    "Engagement rate",
    "Content Type",
)
CONTENT_TYPES = {"text": "", "carousel": "Document", "image": "Image", "link": "Article", "short": "Video"}
ENGAGEMENTS = ("likes", "comments", "shares", "clicks")


def spoken_day(day: date) -> str:
    """A day as the page's workbook writes it."""
    return f"{day:%m/%d/%Y}"


def short_day(day: date) -> str:
    """A day as the creator's workbook writes it.

    >>> short_day(date(2026, 8, 1))
    '8/1/2026'
    """
    return f"{day.month}/{day.day}/{day.year}"


def linkedin_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """The page's workbooks of the last year and of what came before."""
    return [page_workbook(world, flows, first, last) for first, last in _periods(world)]


def _periods(world: World) -> list[tuple[date, date]]:
    periods, last = [], world.end
    while last >= world.start:
        first = max(world.start, last - timedelta(days=LONGEST_EXPORT - 1))
        periods.append((first, last))
        last = first - timedelta(days=1)
    return periods[::-1]


def page_workbook(
    world: World, flows: AccountFlows, first: date, last: date, *, shares_word: str = "Reposts"
) -> ExportFile:
    """Daily figures, and the posts of the period with their counters; a note above each header."""
    note = f"Figures from {spoken_day(first)} to {spoken_day(last)}, days in UTC"
    header = tuple(name.replace("Reposts", shares_word) for name in METRICS_COLUMNS)
    metrics: list[Row] = [(note,), header, *_days(world, flows, first, last)]
    again = "" if shares_word == "Reposts" else " (1)"
    posts: list[Row] = [(note,), POSTS_COLUMNS, *_posts(world, flows, first, last)]
    return ExportFile(
        creator=flows.account.creator,
        platform="linkedin",
        kind="linkedin page",
        name=f"{flows.account.handle}_content_{first:%Y%m%d}_{last:%Y%m%d}{again}.xlsx",
        data=workbook({"Metrics": metrics, "All posts": posts}, world.exported_on),
        exported_on=world.exported_on,
        period_start=first,
        period_end=last,
        rows=len(metrics) + len(posts) - 4,
        warts="workbook note-above-header provisional-days",
    )


def _window(world: World, counts: np.ndarray, first: date, last: date) -> list[int]:
    said = reported(counts, "linkedin", world.start, world.exported_on)
    return [int(n) for n in said[(first - world.start).days : (last - world.start).days + 1]]


def _days(world: World, flows: AccountFlows, first: date, last: date) -> list[Row]:
    total = {m: _window(world, flows.total(m), first, last) for m in flows.daily}
    unique = _window(world, flows.reach, first, last)
    rows: list[Row] = []
    for d in range((last - first).days + 1):
        n = {metric: counts[d] for metric, counts in total.items()}
        organic = n["impressions"] - n["sponsored_impressions"]
        row: list[object] = [spoken_day(first + timedelta(days=d)), organic, n["sponsored_impressions"]]
        row += [n["impressions"], min(unique[d], organic)]
        for metric in ("clicks", "likes", "comments", "shares"):
            row += [n[metric], 0, n[metric]]  # nobody reacts to the paid part
        rate = _rate(sum(n[m] for m in ENGAGEMENTS), organic)
        rows.append([*row, rate, 0, _rate(sum(n[m] for m in ENGAGEMENTS), n["impressions"])])
    return rows


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0


def _posts(world: World, flows: AccountFlows, first: date, last: date) -> list[Row]:
    counters = {m: lifetime(flows, m, world.start, world.exported_on) for m in flows.daily}
    rows: list[Row] = []
    for i in _newest_first(flows, first, last):
        content, n = flows.contents[i], {m: int(values[i]) for m, values in counters.items()}
        rows.append(
            [
                content.title,
                content.link,
                "Organic",
                None,
                flows.account.title,
                spoken_day(content.published.astimezone(UTC).date()),
                None,
                None,
                "All followers",
                n["impressions"],
                n["views"] if content.format == "short" else None,
                None,
                n["clicks"],
                _rate(n["clicks"], n["impressions"]),
                n["likes"],
                n["comments"],
                n["shares"],
                n["followers_gained"],
                _rate(sum(n[m] for m in ENGAGEMENTS), n["impressions"]),
                CONTENT_TYPES[content.format] or None,
            ]
        )
    return rows


def _newest_first(flows: AccountFlows, first: date, last: date) -> list[int]:
    inside = [i for i, c in enumerate(flows.contents) if first <= c.published.astimezone(UTC).date() <= last]
    return sorted(inside, key=lambda i: flows.contents[i].published, reverse=True)


def creator_workbook(
    world: World, flows: AccountFlows, first: date, last: date, *, text_only: bool = False
) -> ExportFile:
    """Discovery, daily engagement, the top posts by engagements and by impressions, followers and demographics."""
    impressions = _window(world, flows.total("impressions"), first, last)
    engagements = _window(world, np.sum([flows.total(m) for m in ENGAGEMENTS], axis=0), first, last)
    gained = _window(world, flows.total("followers_gained"), first, last)
    days = [short_day(first + timedelta(days=d)) for d in range(len(impressions))]
    reached = world.audiences[flows.account.creator].sizes["linkedin"]
    followers = int(flows.followers[(last - world.start).days])
    sheets: dict[str, list[Row]] = {
        "DISCOVERY": [
            ("Overall Performance", f"{short_day(first)} - {short_day(last)}"),
            ("Impressions", sum(impressions)),
            ("Members reached", min(reached, sum(impressions))),
        ],
        "ENGAGEMENT": [("Date", "Impressions", "Engagements"), *zip(days, impressions, engagements, strict=True)],
        "TOP POSTS": _top_posts(world, flows, first, last),
        "FOLLOWERS": [
            (f"Total followers on {short_day(last)}:", followers),
            (),
            ("Date", "New followers"),
            *zip(days, gained, strict=True),
        ],
        "DEMOGRAPHICS": [("Top Demographics", "Value", "Percentage"), *_demographics(world, flows, text_only)],
    }
    name = flows.account.title.replace(" ", "")
    start = "AggregateAnalytics_" + name if text_only else "Content"
    end = "" if text_only else f"_{name}"
    return ExportFile(
        creator=flows.account.creator,
        platform="linkedin",
        kind="linkedin creator",
        name=f"{start}_{first}_{last}{end}.xlsx",
        data=workbook(sheets, world.exported_on, text_only=text_only),
        exported_on=world.exported_on,
        period_start=first,
        period_end=last,
        rows=sum(len(rows) - 1 for rows in sheets.values()),
        warts="workbook side-by-side" + (" figures-as-text" if text_only else ""),
    )


def _top_posts(world: World, flows: AccountFlows, first: date, last: date) -> list[Row]:
    """Two tables side by side, each in an order of its own: what posts, older ones too, got in the period."""
    said = {m: reported(flows.daily[m], "linkedin", world.start, world.exported_on) for m in flows.daily}
    span = slice((first - world.start).days, (last - world.start).days + 1)
    impressions = said["impressions"][:, span].sum(axis=1)
    engagements = np.sum([said[m][:, span].sum(axis=1) for m in ENGAGEMENTS], axis=0)

    def best(counts: np.ndarray) -> list[Row]:
        order = [int(i) for i in np.argsort(-counts, kind="stable")[:TOP_POSTS] if impressions[i]]
        days = [flows.contents[i].published.astimezone(UTC).date() for i in order]
        return [(flows.contents[i].link, short_day(day), int(counts[i])) for i, day in zip(order, days, strict=True)]

    header = ("Post URL", "Post publish date")
    rows: list[Row] = [(f"Maximum of {TOP_POSTS} posts available to include in this list",), ()]
    rows.append((*header, "Engagements", None, *header, "Impressions"))
    pairs = zip_longest(best(engagements), best(impressions), fillvalue=(None, None, None))
    return [*rows, *((*left, None, *right) for left, right in pairs)]


def _demographics(world: World, flows: AccountFlows, text_only: bool) -> list[Row]:
    profile = world.profile(flows.account.creator)
    rows: list[Row] = []
    for dimension, headings in LINKEDIN_SPLITS.items():
        heading = headings[text_only]
        for value, share in shares_of(profile, dimension):
            said: object = "< 1%" if share < 0.01 else f"{round(100 * share)}%" if text_only else round(share, 4)
            rows.append((heading, value, said))
    return rows
