"""Exports of YouTube Studio beyond the usual three, in its own shapes, with invented figures."""

VIDEO_C, VIDEO_D = "A1b2C3d4E5f", "_zyxwvutsr9"

YOUTUBE_AUDIENCE = [  # people were not counted for the long period chosen: zeros above blank cells
    ["Content", "Video title", "Video publish time", "Duration", "New viewers", "Returning viewers", "Regular viewers",
     "Unique viewers", "Unique reach", "Average views per viewer", "Hypes", "Hype points", "Likes", "Views",
     "Thumbnail impressions", "Thumbnail click-through rate (%)"],
    ["Total", "", "", "", "0", "0", "0", "0", "900", "0", "3", "70", "9", "500", "4000", "2.5"],
    [f" {VIDEO_C}", "Night sky", "Aug 22, 2026", "42", "", "", "", "", "610", "", "-1", "-350", "-4", "320",
     "3000", "2.4"],
    [VIDEO_D, "Tides", "", "977", "", "", "", "0", "0", "", "", "", "2", "180", "1000", "2.8"],
]  # fmt: skip
YOUTUBE_AGES = [
    ["Viewer age", "Views (%)", "Average view duration", "Average percentage viewed (%)", "Watch time (hours) (%)"],
    ["13–17 years", "2.5", "0:02:10", "40.5", "1.9"],
    ["65+ years", "97.5", "0:04:40", "52", "98.1"],
]
YOUTUBE_SOURCES = [
    ["Traffic source", "Views", "Watch time (hours)", "Average view duration", "Impressions",
     "Impressions click-through rate (%)"],
    ["Total", "90", "6.5", "0:04:20", "840", "2.5"],
    ["Suggested videos", "60", "4", "0:04:00", "684", "2.34"],
    ["Notifications", "30", "2.5", "0:05:00", "", ""],
    ["Channel pages", "", "", "", "1", "0"],
]  # fmt: skip
YOUTUBE_SUGGESTED = [
    ["Traffic source", "Source type", "Source title", "Impressions", "Views", "Watch time (hours)"],
    ["Total", "", "", "3193", "81", "20.5"],
    [f"YT_RELATED.{VIDEO_C}", "Content", "Night sky", "40", "50", "10"],
    [f"YT_RELATED.{VIDEO_D}", "Content", "Night sky", "30", "21", "8.5"],
    ["YT_RELATED.aaaaaaaaaaa", "Content", "", "20", "10", "2"],
]
YOUTUBE_CITIES = [
    ["Cities", "City name", "Views", "Watch time (hours)"],
    ["Total", "", "9", "2"],
    ["0x1a2b", "Graz, Austria", "5", "1"],
    ["0x3c4d", "Wels, Austria", "4", "1"],
]
YOUTUBE_GERMAN = [
    ["Videos", "Videotitel", "Veröffent\u00adlichungszeitpunkt des Videos", "Dauer", "Likes", "Gewonnene Abonnenten",
     "Aufrufe", "Durchschnittliche Wiedergabedauer", "Wiedergabezeit (Stunden)", "Geschätzter Umsatz (EUR)",
     "Impressionen", "Klickrate der Impressionen (%)"],
    ["Gesamt", "", "", "", "13", "5", "700", "0:01:15", "14.5", "3.21", "3832", "0.86"],
    [VIDEO_C, "Nachthimmel", "Aug 22, 2026", "42", "12", "5", "500", "0:01:10", "9.75", "3.01", "3000", "1"],
    [VIDEO_D, "", "", "", "", "", "", "", "", "", "7", "0"],
]  # fmt: skip
YOUTUBE = {
    "youtube audience": YOUTUBE_AUDIENCE,
    "youtube ages": YOUTUBE_AGES,
    "youtube sources": YOUTUBE_SOURCES,
    "youtube suggested": YOUTUBE_SUGGESTED,
    "youtube cities": YOUTUBE_CITIES,
    "youtube german": YOUTUBE_GERMAN,
}
