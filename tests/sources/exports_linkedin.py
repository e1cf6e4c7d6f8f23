"""LinkedIn's exports in their native shapes, with invented figures."""

from pathlib import Path
from typing import TYPE_CHECKING

from engagerr_core.sources import Reading, read

if TYPE_CHECKING:
    import pandas as pd

NOTE = ["Figures from 10/30/2026 to 11/02/2026"]
PARTS = ("organic", "sponsored", "total")
COUNTED = ("Clicks", "Reactions", "Comments", "Reposts", "Engagement rate")
POST_A, POST_B, POST_C = "7389700000000000001", "7390400000000000002", "7390800000000000003"  # made in November 2025
LINK = "https://www.linkedin.com/feed/update/urn:li:activity:"

PAGE_METRICS = [
    NOTE,
    [
        "Date",
        *(f"Impressions ({part})" for part in PARTS),
        "Unique impressions (organic)",
        *(f"{what} ({part})" for what in COUNTED for part in PARTS),
    ],
    [
        "10/30/2026",
        "100",
        "0",
        "100",
        "70",
        "10",
        "0",
        "10",
        "5",
        "0",
        "5",
        "1",
        "0",
        "1",
        "2",
        "0",
        "2",
        "0.18",
        "0",
        "0.18",
    ],
    [
        "10/31/2026",
        "200",
        "50",
        "250",
        "90",
        "12",
        "3",
        "15",
        "-1",
        "0",
        "-1",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0.055",
        "0.06",
        "0.056",
    ],
    ["11/01/2026", *["0"] * 19],
    ["11/02/2026", *[""] * 19],
]
PAGE_POSTS = [
    ["Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Campaign start date",
     "Campaign end date", "Audience", "Impressions", "Views", "Offsite Views", "Clicks", "Click through rate (CTR)",
     "Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"],
    ["Hello,\nworld", LINK + POST_A, "Organic", "", "Ada", "10/30/2025", "", "", "All followers", "1,316", "", "", "40",
     "0.0304", "42", "7", "3", "2", "0.0699", "Image"],
    ["A film", LINK + POST_B, "Organic", "", "Ada", "11/01/2025", "", "", "All followers", "900", "120", "4", "9",
     "0.01", "20", "0", "1", "0", "0.0333", "Video"],
    ["No film", LINK + POST_C + "/", "Organic", "", "Ada", "11/02/2025", "", "", "All followers", "80", "0", "0", "0",
     "0", "1", "0", "0", "0", "0.0125", ""],
]  # fmt: skip
PAGE_FOLLOWERS = [
    ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"],
    ["10/30/2026", "0", "4", "1", "5"],
    ["10/31/2026", "2", "-3", "0", "-1"],
]
FOLLOWERS_BY_LOCATION = [["Location", "Total followers"], ["Graz, Austria", "120"], ["Greater Vienna", "80"]]
VISITS = [f"{what} ({part})" for what in ("page views", "unique visitors") for part in ("desktop", "mobile", "total")]
PAGE_VISITORS = [
    ["Date", *(f"{page} {what}" for page in ("Overview", "Life", "Jobs", "Total") for what in VISITS)],
    ["10/30/2026", *["1"] * 18, "5", "10", "15", "3", "7", "9"],
    ["10/31/2026", *["0"] * 18, "0", "2", "2", "0", "1", "1"],
]
DISCOVERY = [["Overall Performance", "10/27/2026 - 11/2/2026"], ["Impressions", "4,821"], ["Members reached", "2187"]]
ENGAGEMENT = [
    ["Date", "Impressions", "Engagements"],
    *([f"{day}/2026", str(100 * i), str(i - 2)] for i, day in enumerate(
        ("10/27", "10/28", "10/29", "10/30", "10/31", "11/1", "11/2"), start=1)),
]  # fmt: skip
FOLLOWERS = [
    ["Total followers on 11/2/2026:", "2571"],
    [],
    ["Date", "New followers"],
    *([f"11/{day}/2026", str(day)] for day in (1, 2)),
]
TOP_POSTS = [
    ["Maximum of 50 posts available to include in this list"],
    [],
    ["Post URL", "Post publish date", "Engagements", "", "Post URL", "Post publish date", "Impressions"],
    [LINK + POST_A, "10/30/2025", "31", "", LINK + POST_B, "11/1/2025", "900"],
    [LINK + POST_B, "11/1/2025", "12", "", LINK + POST_A, "10/30/2025", "800"],
    ["", "", "", "", LINK + POST_C, "11/2/2025", "80"],
]
DEMOGRAPHICS = [
    ["Top Demographics", "Value", "Percentage"],
    ["Job titles", "Engineer", "0.12"],
    ["Job titles", "Founder", "< 1%"],
    ["Company size", "11-50 employees", "31%"],
]
PERFORMANCE = [
    ["Post URL", "https://www.linkedin.com/feed/update/urn:li:share:" + POST_A],
    ["Post Date", "Oct 30, 2025"],
    ["Post Publish Time", "11:53 AM"],
    [],
    ["Discovery"],
    ["Impressions", "1,316"],
    ["Members reached", "940"],
    ["Profile viewers from this post", "5"],
    ["Followers gained from this post", "2"],
    ["Social engagements", "82"],
    ["Reactions", "42"],
    ["Comments", "7"],
    ["Reposts", "3"],
    ["Saves", "12"],
    ["Sends on LinkedIn", "18"],
]
POST_DEMOGRAPHICS = [
    ["Category", "Value", "%"],
    ["Location", "Graz", "0.22"],
    ["Seniority", "Senior", "14%"],
]
SHARES = [
    ["Date", "ShareLink", "ShareCommentary", "SharedUrl", "MediaUrl", "Visibility"],
    ["2025-10-30 09:12:13", f"https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A{POST_A}", 'One"\n"two', "", "",
     "MEMBER_NETWORK"],
]  # fmt: skip
PAGE_CONTENT = {"Metrics": PAGE_METRICS, "All posts": [NOTE, *PAGE_POSTS]}
CREATOR = {
    "DISCOVERY": DISCOVERY, "ENGAGEMENT": ENGAGEMENT, "TOP POSTS": TOP_POSTS, "FOLLOWERS": FOLLOWERS,
    "DEMOGRAPHICS": DEMOGRAPHICS,
}  # fmt: skip
SHEETS = {
    **PAGE_CONTENT, **CREATOR, "New followers": PAGE_FOLLOWERS, "Location": FOLLOWERS_BY_LOCATION,
    "Visitor metrics": PAGE_VISITORS, "PERFORMANCE": PERFORMANCE,
}  # fmt: skip
LINKEDIN = {
    "linkedin page posts": PAGE_POSTS,
    "linkedin followers by location": FOLLOWERS_BY_LOCATION,
    "linkedin shares": SHARES,
}


def workbook(path: Path, sheets: dict[str, list[list[str]]], *, text_only: bool = False) -> Path:
    """An XLSX file of these sheets; whole and decimal numbers become numbers, as LinkedIn wrote them until 2026."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_numbers": not text_only, "strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for i, row in enumerate(rows):
                page.write_row(i, 0, row)
    return path


def by_sheet(path: Path, **known) -> dict[str, Reading]:
    """Readings of a workbook by the rest of their path, all of which must have succeeded."""
    found = {}
    for reading in read(path, **known):
        assert not reading.failure, reading.failure
        assert reading.platform == "linkedin"
        found[reading.path.split(" › ", 1)[1]] = reading
    return found


def whole(reading: Reading) -> "pd.DataFrame":
    """Observations that are not split."""
    return reading.observations[reading.observations["dimension"] == ""].reset_index(drop=True)


def part(reading: Reading, value: str) -> "pd.DataFrame":
    """Observations of one value of the dimension."""
    return reading.observations[reading.observations["dimension_value"] == value].reset_index(drop=True)


def same(one: Reading, other: Reading) -> bool:
    """Whether two readings tell the same, wherever it stood."""
    drop = ["file", "row"]
    return one.observations.drop(columns=drop).equals(other.observations.drop(columns=drop))
