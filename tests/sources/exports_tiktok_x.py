"""Exports of TikTok and X that the tests write themselves, in the platforms' own shapes."""

from datetime import UTC, datetime

PROMOTED = (
    "impressions", "engagements", "engagement rate", "retweets", "replies", "likes", "user profile clicks",
    "url clicks", "hashtag clicks", "detail expands", "permalink clicks", "app opens", "app installs", "follows",
    "email tweet", "dial phone", "media views", "media engagements",
)  # fmt: skip


def video(uploaded: datetime, handle: str = "ada") -> str:
    """The address of a video uploaded then."""
    return f"https://www.tiktok.com/@{handle}/video/{(int(uploaded.replace(tzinfo=UTC).timestamp()) << 32) + 0xADA}"


def post(made: datetime) -> str:
    """The id of a post made then."""
    return str(((int(made.replace(tzinfo=UTC).timestamp() * 1000) - 1_288_834_974_657) << 22) + 5)


NEW_YEARS_EVE, SUMMER = datetime(2025, 12, 31, 22, 5), datetime(2025, 7, 16, 9)
LEAP, POSTED = datetime(2024, 2, 29, 12), datetime(2019, 1, 31, 22, 8, 30)

VIEWERS = [
    ["Date", "Total Viewers", "New Viewers", "Returning Viewers"],
    ["October 30", "undefined", "0", "0"],
    ["October 31", "0", "0", "0"],
    ["November 1", "5", "3", "2"],
    ["November 2", "undefined", "0", "0"],
]
FOLLOWERS = [
    ["Date", "Followers", "Difference in followers from previous day"],
    ["October 28", "undefined", "0"],
    ["October 29", "100", "0"],
    ["October 30", "104", "77"],
    ["November 1", "103", "-1"],
    ["November 2", "101", "0"],
]
ACTIVITY = [
    ["Date", "Hour", "Active followers"],
    *(["November 1", str(hour), str(hour % 3)] for hour in range(24)),
    *(["November 2", str(hour), str(0 if hour in (0, 3) or hour >= 15 else hour * 10)] for hour in range(24)),
]
GENDER = [["Gender", "Distribution"], ["Female", "0.59"], ["Male", "0.41"], ["Other", "0"]]
TERRITORIES = [["Top territories", "Distribution"], ["US", "0.462"], ["AT", "0.327"], ["Others", "0.211"]]
BUSINESS_DAYS = [
    ["Date", "Video views", "Reached audience", "Profile views", "Likes", "Shares", "Comments", "Phone number clicks ",
     "Leads submission", "Net growth ", "New followers", "Lost followers"],
    ["2025/10/31", "715", "NAN", "25", "26", "4", "7", "0", "0", "-2", "1", "3"],
    ["2025/11/01", "75155", "75134", "539", "845", "244", "-1", "0", "0", "100", "100", "0"],
]  # fmt: skip
BUSINESS_AUDIENCE = [
    ["Date", "New followers", "Total followers", "Reached audience", "Engaged audience"],
    ["2025/10/31", "10", "--", "NAN", "NAN"],
    ["2025/11/01", "100", "5120", "75134", "1801"],
]
BUSINESS_VIDEOS = [
    ["Video title", "Video link", "Post time", "Video views", "Likes", "Comments", "Shares", "Add to Favorites"],
    ["One, two", video(NEW_YEARS_EVE), "2025/12/31 23:05:10", "172353", "1774", "42", "413", "180"],
    ["Three", video(SUMMER), "2025/07/16 11:00:00", "3382", "135", "4", "3", "--"],
]
STUDIO_VIDEOS = [
    ["Time", "Video title", "Video link", "Post time", "Total likes", "Total comments", "Total shares", "Total views",
     "Total favorites", "Reached audience", "Average watch time", "Watched full video", "Total play time", "For You",
     "Following"],
    ["February 28", "Eve", video(NEW_YEARS_EVE), "December 31", "53", "1", "9", "23807", "17", "20001", "10.23",
     "3.6%", "243545.6", "84.3%", "5%"],
    ["February 28", "", video(SUMMER), "July 16", "533", "32", "16", "191265", "", "undefined", "0:12", "", "", "", ""],
    ["February 28", "Leap", video(LEAP), "February 29", "1", "0", "0", "12", "0", "11", "--", "--", "60", "1", "0"],
]  # fmt: skip
LIVE = [["Date", "Diamonds"], ["2026-10-31", "12"]]
MARKETPLACE = [
    ["Creator name", "Video link", "Video views", "Likes"],
    ["Ada", video(SUMMER), "12", "1"],
    ["Bob", video(LEAP, "bob"), "13", "2"],
]

X_VIDEOS_BY_DAY = [
    ["Date", "Views", "Watch Time (ms)", "Completion Rate", "Average Watch Time (ms)", "Estimated Revenue"],
    ["Sun, Aug 2, 2026", "10", "90000", "0.2", "9000", "0"],
    ["Sat, Aug 1, 2026", "0", "0", "-", "-", "0"],
]
TWEETS = [
    ["Tweet id", "Tweet permalink", "Tweet text", "time", "impressions", "engagements", "engagement rate", "retweets",
     "replies", "likes", "user profile clicks", "url clicks", "hashtag clicks", "detail expands", "permalink clicks",
     "app opens", "app installs", "follows", "email tweet", "dial phone", "media views", "media engagements",
     *(f"promoted {name}" for name in PROMOTED)],
    [post(POSTED), f"https://twitter.com/ada/status/{post(POSTED)}", "Hi", "2019-01-31 22:08 +0000", "312.0", "12.0",
     "0.0384", "1.0", "0.0", "-", "2.0", "4.0", "0.0", "5.0", "0.0", "0", "0", "1", "0", "0", "46", "46", "900", "90",
     "0.1", "8", *["-"] * 14],
]  # fmt: skip
TWEETS_BY_DAY = [
    ["Date", "Tweets published", *TWEETS[0][4:]],
    ["2021-08-01", "3", "4000.0", "44.0", "0.011", "2.0", "5.0", "9.0", "6.0", "7.0", "0.0", "8.0", "0.0", "0", "0",
     "1", "0", "0", "3", "3", *["-"] * 18],
    ["2021-08-02", "0", "0.0", "0.0", "-", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0", "0", "0", "0",
     "0", "0", "0", *["-"] * 18],
]  # fmt: skip
X_VIDEOS = [
    ["Tweet id", "Tweet permalink", "Tweet text", "time", "Video views", "Minutes viewed", "Completion rate"],
    [post(POSTED), f"https://twitter.com/ada/status/{post(POSTED)}", "Hi", "2019-01-31 22:08 +0000", "120", "30.5",
     "0.25"],
]  # fmt: skip

TIKTOK_AND_X = {
    "tiktok viewers": VIEWERS,
    "tiktok follower history": FOLLOWERS,
    "tiktok follower activity": ACTIVITY,
    "tiktok follower gender": GENDER,
    "tiktok follower territories": TERRITORIES,
    "tiktok business center by day": BUSINESS_DAYS,
    "tiktok business center audience": BUSINESS_AUDIENCE,
    "tiktok business center by video": BUSINESS_VIDEOS,
    "tiktok content with more columns": STUDIO_VIDEOS,
    "x video overview": X_VIDEOS_BY_DAY,
    "x tweet activity": TWEETS,
    "x daily tweet activity": TWEETS_BY_DAY,
    "x video activity": X_VIDEOS,
}
