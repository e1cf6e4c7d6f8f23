"""Exports that the tests write themselves, in the shapes of the platforms' own files."""

import csv
import io
import zipfile
from pathlib import Path

from engagerr_core.sources import Reading, read
from tests.sources.exports_linkedin import LINKEDIN
from tests.sources.exports_meta import ALL as META
from tests.sources.exports_spotify import SPOTIFY
from tests.sources.exports_tiktok_x import TIKTOK_AND_X
from tests.sources.exports_youtube import YOUTUBE

VIDEO_A, VIDEO_B = "dQw4w9WgXcQ", "-abcdefghi_"

YOUTUBE_TABLE = [
    ["Content", "Video title", "Video publish time", "Duration", "Views", "Watch time (hours)", "Subscribers",
     "Average view duration", "Impressions", "Impressions click-through rate (%)", "Estimated revenue (USD)"],
    ["Total", "", "", "", "1500", "50.5", "-3", "0:02:01", "9000", "5.5", "12.34"],
    [VIDEO_A, "Jan 5, 2020", "Feb 19, 2026", "170", "1000", "40.25", "-5", "0:02:25", "8000", "6.1", "10.00"],
    [VIDEO_B, "Two, \"three\"", "Mar 1, 2024", "61.0", "400", "10", "2", "0:01:30", "", "", ""],
]  # fmt: skip
YOUTUBE_CHART = [
    ["Date", "Content", "Video title", "Video publish time", "Duration", "Views"],
    *([day, VIDEO_A, "Jan 5, 2020", "Feb 19, 2026", "170", views]
      for day, views in (("2026-02-17", "0"), ("2026-02-18", "0"), ("2026-02-19", "0"), ("2026-02-20", "7"))),
    *([day, VIDEO_B, "Two", "Mar 1, 2024", "61", views]
      for day, views in (("2026-02-17", "0"), ("2026-02-18", "3"), ("2026-02-19", "0"), ("2026-02-20", "4"))),
]  # fmt: skip
YOUTUBE_TOTALS = [
    ["Date", "Views"],
    ["2026-02-17", "10"],
    ["2026-02-18", "13"],
    ["2026-02-19", "0"],
    ["2026-02-20", "11"],
]
INSTAGRAM = [
    ["Post ID", "Account ID", "Account username", "Account name", "Description", "Duration (sec)", "Publish time",
     "Permalink", "Post type", "Data comment", "Date", "Views", "Reach", "Likes", "Shares", "Follows", "Comments",
     "Saves"],
    ["18021268413391012", "17844252116672251", "ada.l", "Ada", "A caption,\nin two lines", "12", "05/03/2026 18:24",
     "https://www.instagram.com/reel/x/", "IG reel", "", "Lifetime", "7014", "5379", "279", "34", "12", "18", "91"],
    ["18021268413391013", "17844252116672251", "ada.l", "Ada", "", "0", "12/31/2025 23:59",
     "https://www.instagram.com/p/y/", "IG image", "", "2026-01-04", "15", "--", "1", "", "0", "0", ""],
]  # fmt: skip
FACEBOOK = [
    ["Post ID", "Page ID", "Page name", "Title", "Description", "Duration (sec)", "Publish time", "Permalink",
     "Post type", "Date", "Views", "Reach", "Reactions, Comments and Shares", "Reactions", "Comments", "Shares",
     "Total clicks", "Link Clicks", "Seconds viewed", "Average Seconds viewed", "Estimated earnings (USD)", "Views"],
    ["12290035871581478", "100099308280774", "Ada", "Guess", "", "", "10/28/2026 19:30", "https://www.facebook.com/a/1",
     "Photos", "Lifetime", "3880", "2975", "86", "69", "9", "8", "58", "4", "", "", "", "3880"],
    ["12290035871581479", "100099308280774", "Ada", "", "Only this", "40", "10/26/2026 11:07", "https://www.facebook.com/reel/2",
     "Reels", "Lifetime", "100", "90", "5", "3", "1", "1", "6", "0", "600", "6.0", "1.25", "100"],
]  # fmt: skip
TIKTOK_OVERVIEW = [
    ["Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"],
    ["December 30", "100", "5", "9", "1", "0"],
    ["December 31", "110", "6", "8", "2", "1"],
    ["January 1", "120", "7", "7", "3", "2"],
]
TIKTOK_CONTENT = [
    ["Time", "Video title", "Video link", "Post time", "Total likes", "Total comments", "Total shares", "Total views"],
    [
        "November 2",
        "Hello",
        "https://www.tiktok.com/@ada/video/7702594344074656026",
        "October 30",
        "671",
        "23",
        "50",
        "11344",
    ],
    ["November 2", "Old", "https://www.tiktok.com/@ada/video/7200000000000000001", "February 14", "1", "2", "3", "444"],
]
X_CONTENT = [
    ["Post id", "Date", "Post text", "Post Link", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares",
     "New follows", "Replies", "Reposts", "Profile visits", "Detail Expands", "URL Clicks", "Hashtag Clicks",
     "Permalink Clicks"],
    ["1948626036742397028", "Fri, Jul 25, 2025", "=Still thinking", "https://x.com/ada/status/1948626036742397028",
     "4109", "36", "125", "8", "77", "1", "8", "5", "6", "49", "10", "1", "1"],
]  # fmt: skip
X_OVERVIEW = [
    ["Date", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares", "New follows", "Unfollows", "Replies",
     "Reposts", "Profile visits", "Create Post", "Video views", "Media views"],
    ["Sat, Aug 2, 2026", "1503", "25", "74", "6", "0", "1", "0", "2", "3", "9", "1", "0", "5"],
    ["Fri, Aug 1, 2026", "2147", "38", "117", "7", "0", "0", "0", "6", "4", "23", "1", "0", "8"],
]  # fmt: skip
ALL = {
    "youtube table": YOUTUBE_TABLE,
    "youtube chart": YOUTUBE_CHART,
    "youtube totals": YOUTUBE_TOTALS,
    **YOUTUBE,
    "instagram": INSTAGRAM,
    "facebook": FACEBOOK,
    "tiktok overview": TIKTOK_OVERVIEW,
    "tiktok content": TIKTOK_CONTENT,
    "x content": X_CONTENT,
    "x overview": X_OVERVIEW,
    **TIKTOK_AND_X,
    **LINKEDIN,
    **META,
    **SPOTIFY,
}


def csv_text(rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def written(path: Path, rows: list[list[str]]) -> Path:
    """A CSV file of these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_text(rows).encode())
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    """An archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def only(path: Path, **known) -> Reading:
    """The one reading of a path, which must have succeeded."""
    (reading,) = read(path, **known)
    assert not reading.failure, reading.failure
    return reading
