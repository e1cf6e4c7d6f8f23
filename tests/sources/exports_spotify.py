"""Spotify for Artists' exports in their native shapes, with invented figures."""

SONGS = [
    ["song", "listeners", "streams", "saves", "release_date"],
    ["Who said that?", "30", "70", "5", "2025-04-01"],
    ["Two, three", "20", "30", "0", "n/a"],
]
AUDIENCE = [
    ["date", "listeners", "streams", "followers"],
    ["2026-10-30", "5", "9", "100"],
    ["2026-10-31", "6", "11", "99"],
]
AUDIENCE_NEWER = [
    ["date", "listeners", "monthly listeners", "monthly active listeners", "super listeners", "streams",
     "playlist adds", "saves", "followers"],
    ["2026-10-30", "84", "1579", "686", "39", "123", "11", "5", "564"],
]  # fmt: skip
TIMELINE = [
    ["date", "streams"],
    ["2026-10-28", "0"],
    ["2026-10-29", "0"],
    ["2026-10-30", "7"],
    ["2026-10-31", "0"],
]
PLAYLISTS = [
    ["title", "author", "listeners", "streams", "date_added"],
    ["Dark", "Ada", "120", "340", "2026-01-02"],
    ["Dark", "Grace", "7", "9", "n/a"],
    ["Morning", "", "3", "4", "-"],
]
SPOTIFY = {
    "spotify songs": SONGS,
    "spotify audience": AUDIENCE,
    "spotify audience newer": AUDIENCE_NEWER,
    "spotify playlists": PLAYLISTS,
}
