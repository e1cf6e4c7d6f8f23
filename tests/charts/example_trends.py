"""Trends with all that a picture can show: growth, a step, odd days, a new definition, events, holes."""

from functools import cache

import numpy as np
import pandas as pd

from engagerr_core.analysis.events import no_events
from engagerr_core.analysis.trends import Trends
from tests.analysis.example_days import rows_of, trends_of, usual
from tests.analysis.examples import contents
from tests.charts.example_overview import HOSTILE

FIRST, DAYS = "2026-01-01", 262  # to 19 September 2026
EVENTS = (
    ("youtube", "2026-03-02", "2026-03-02", "collaboration", HOSTILE),
    ("", "2026-07-01", "2026-07-20", "campaign", "Summer campaign"),
)
POSTS = [
    {"content": "long", "format": "long_video", "published": "2025-01-01", "title": "How we build the studio"},
    {"platform": "instagram", "content": "star", "format": "short_video", "published": "2025-06-01", "title": HOSTILE},
]


def events() -> pd.DataFrame:
    """The analyst's, one of a day and one of some weeks."""
    rows = [
        {"creator": "Ada", "platform": platform, "account": "", "start": pd.Timestamp(start), "end": pd.Timestamp(end),
         "kind": kind, "note": note, "origin": "analyst"}
        for platform, start, end, kind, note in EVENTS
    ]  # fmt: skip
    return pd.DataFrame(rows).astype(no_events().dtypes)


@cache
def example_trends() -> Trends:
    """YouTube grows and begins to count differently, Instagram has an odd day of one post, TikTok a step and holes."""
    engaged = usual(DAYS, 9000.0, growth=0.003)
    late = pd.date_range(FIRST, periods=DAYS) >= "2026-08-24"
    youtube = rows_of("youtube", np.where(late, np.round(1.4 * engaged), engaged), observed_at="2026-09-20T00:00:00Z")
    for row, value in zip(youtube, engaged, strict=True):
        row["engaged_views"] = value
    instagram, star = usual(DAYS, 4000.0, seed=5), np.full(DAYS, 150.0)
    star[200], instagram[200] = 40_000.0, instagram[200] + 39_850.0
    tiktok = usual(DAYS, 3000.0, seed=6)
    tiktok[:90] /= 2.5
    tiktok[30:33] = np.nan
    rows = [*youtube, *rows_of("instagram", instagram), *rows_of("instagram", star, content="star"),
            *rows_of("tiktok", tiktok)]  # fmt: skip
    return trends_of(rows, contents(POSTS), events=events())
