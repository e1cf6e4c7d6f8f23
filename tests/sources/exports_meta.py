"""Instagram's and Facebook's exports in the shapes of Meta Business Suite, its forerunners and its other languages."""

import codecs
import csv
import io
from pathlib import Path

from engagerr_core.sources import Reading

PAGE = ["100099308280774", "Ada"]
ACCOUNT = ["17844252116672251", "ada.l", "Ada"]

# reels and pictures before views replaced plays and impressions
INSTAGRAM_OLDER = [
    ["Post ID", "Account ID", "Account username", "Account name", "Description", "Duration (sec)", "Publish time",
     "Permalink", "Post type", "Data comment", "Date", "Impressions", "Reach", "Shares", "Follows", "Likes",
     "Comments", "Plays", "Saves"],
    ["18021268413391031", *ACCOUNT, "A reel", "31", "03/19/2024 08:25", "https://www.instagram.com/reel/a/",
     "IG reel", "", "Lifetime", "", "1110", "7", "2", "120", "9", "1621", "30"],
    ["18021268413391032", *ACCOUNT, "A picture", "0", "03/25/2024 01:02", "https://www.instagram.com/p/b/",
     "IG image", "", "Lifetime", "950", "720", "1", "0", "64", "3", "0", "12"],
]  # fmt: skip
INSTAGRAM_STORIES = [
    ["Post ID", "Account ID", "Account username", "Account name", "Description", "Duration (sec)", "Publish time",
     "Permalink", "Post type", "Data comment", "Date", "Views", "Reach", "Likes", "Shares", "Profile visits",
     "Replies", "Navigation", "Link clicks", "Sticker taps", "Follows"],
    ["18021268413391041", *ACCOUNT, "", "15", "06/20/2026 21:14", "https://www.instagram.com/stories/ada.l/1/",
     "IG story", "", "Lifetime", "412", "388", "6", "1", "4", "2", "430", "11", "3", "0"],
    ["18021268413391042", *ACCOUNT, "", "0", "06/21/2026 08:00", "https://www.instagram.com/stories/ada.l/2/",
     "IG story", "", "Lifetime", "--", "--", "", "", "", "", "", "", "", ""],
]  # fmt: skip
# the generation of 2026: viewers for reach, interactions for the sum, no word of clicks
FACEBOOK_NEWER = [
    ["Post ID", "Page ID", "Page name", "Title", "Duration (sec)", "Publish time", "Permalink", "Post type",
     "Data comment", "Date", "Comments", "Distribution", "Approximate earnings (USD)", "Stars (USD)", "Impressions",
     "Interactions", "Reactions", "Saves", "Shares", "Viewers", "Views", "Average Seconds viewed", "Seconds viewed"],
    ["12290035871581501", *PAGE, "A reel", "45", "09/27/2026 18:30", "https://www.facebook.com/reel/1/", "Reel", "",
     "Lifetime", "4", "+4x", "1.50", "0", "1300", "61", "50", "2", "5", "1020", "1250", "11.2", "14000.4"],
    ["12290035871581502", *PAGE, "A picture", "", "09/28/2026 10:00", "https://www.facebook.com/ada/posts/2", "Photo",
     "", "Lifetime", "0", "--", "", "", "240", "6", "6", "0", "0", "180", "200", "", ""],
]  # fmt: skip
# before views: impressions, post types in the singular, and a post whose details could not be computed
FACEBOOK_OLDER = [
    ["Post ID", "Page ID", "Page name", "Title", "Description", "Duration (sec)", "Publish time", "Caption type",
     "Permalink", "Is crosspost", "Is share", "Post type", "Languages", "Custom labels", "Funded content status",
     "Data comment", "Date", "IMPRESSION:UNIQUE_USERS", "Reach", "Impressions", "Reactions, Comments and Shares",
     "Reactions", "Comments", "Shares", "Total clicks", "Matched Audience Targeting Consumption (Photo Click)",
     "Other Clicks", "Link Clicks", "Negative feedback from users: Hide all"],
    ["12290035871581511", *PAGE, "", "Good morning", "0", "12/12/2023 01:12", "N/A", "https://www.facebook.com/a/1",
     "0", "0", "Photo", "", "", "", "", "Lifetime", "", "5969", "6970", "309", "236", "9", "64", "142", "32",
     "110", "", ""],
    ["12290035871581512", *PAGE, "", "Look here", "0", "03/04/2024 08:03", "N/A", "https://www.facebook.com/a/2",
     "0", "0", "Link", "", "", "", "", "Lifetime", "", "3019", "3019", "66", "48", "2", "16", "38", "", "6", "32", ""],
]  # fmt: skip
FACEBOOK_VIDEOS = [
    ["Video asset ID", "Universal video ID", "Page ID", "Page name", "Title", "Duration (sec)", "Publish time",
     "Custom labels", "Data comment", "Date", "Reach", "3-second video views", "1-minute video views",
     "Seconds viewed", "Average Seconds viewed", "3-second viewers", "1-minute viewers",
     "Reactions, comments and shares", "Reactions", "Comments", "Shares", "Seconds viewed from Followers",
     "Estimated earnings (EUR)", "Ad CPM (EUR)", "Ad impressions"],
    ["4388442338054561", "", *PAGE, "", "10", "11/01/2025 11:04", "", "", "Lifetime", "2222", "1488", "0", "14321.4",
     "5.404", "1432", "0", "27", "24", "1", "2", "3104.439", "0", "", "0"],
    ["1143661437958712", "", *PAGE, "Sauce", "95", "10/31/2025 11:01", "", "", "Lifetime", "1196", "2111", "40",
     "32976.6", "8.321", "1902", "38", "107", "95", "3", "9", "12691.146", "2.75", "1.1", "12"],
]  # fmt: skip
PAGE_BY_DAY = [
    ["Page ID", "Page name", "Data comment", "Date", "Unique user engagements", "Overall negative feedback",
     "Unique negative feedback from users"],
    [*PAGE, "", "02/10/2026", "620", "0", "0"],
    [*PAGE, "", "02/11/2026", "443", "0", "0"],
    [*PAGE, "", "02/28/2026", "", "0", "0"],
]  # fmt: skip
ALL = {
    "instagram older": INSTAGRAM_OLDER,
    "instagram stories": INSTAGRAM_STORIES,
    "facebook newer": FACEBOOK_NEWER,
    "facebook older": FACEBOOK_OLDER,
    "facebook videos": FACEBOOK_VIDEOS,
    "facebook page": PAGE_BY_DAY,
}
INTERVALS = {0: "1", 1: "0.98", 2: "0.5", 40: ""}


def with_breakdowns(rows: list[list[str]]) -> list[list[str]]:
    """The same videos with retention, countries and audience beside, as wide columns."""
    more = [
        [f"Percentage of total views at interval {n}" for n in INTERVALS]
        + ["Percentage of 15-second views at interval 3", "3-second video views by top audience (M, 45-54)",
           "3-second video views by top audience (F, 65+)", "3-second video views by country (Bulgaria (BG))",
           "3-second video views by country (Bosnia and Herzegovina (BA))"],
        [*INTERVALS.values(), "1", "283", "79", "1386", ""],
        ["1", "1", "", "0.01", "1", "5", "", "2100", "11"],
    ]  # fmt: skip
    return [row + extra for row, extra in zip(rows, more, strict=True)]


def line_by_line(rows: list[list[str]]) -> bytes:
    """What a spreadsheet with semicolons makes of a comma file: each line becomes one cell, quoted where it must be."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    kept = io.StringIO()
    csv.writer(kept, delimiter=";", lineterminator="\n").writerows([line] for line in out.getvalue().splitlines())
    return kept.getvalue().encode()


def card(path: Path, *blocks: tuple[str, list[list[str]]], delimiter: str = ",", encoding: str = "utf-16") -> Path:
    """Titled blocks, an empty line between, as Meta writes cards and audiences."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    out.write(f"sep={delimiter}\r\n")
    for i, (title, rows) in enumerate(blocks):
        out.write("\r\n" if i else "")
        write.writerows([[title], *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    text = out.getvalue()
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding))
    return path


def figures(reading: Reading, *names: str) -> list[tuple]:
    """Figures as rows, unknown as None."""
    columns = reading.observations.reindex(columns=list(names))
    return [tuple(None if v != v else v for v in row) for row in columns.itertuples(index=False)]
