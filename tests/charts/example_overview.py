"""Overviews put together by hand: what the pictures and dashboards are tested on, without a store or an analysis."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from engagerr_core.analysis.audience import ReachEstimate
from engagerr_core.analysis.events import no_events
from engagerr_core.analysis.overview import Overview, Sentence

END = date(2026, 9, 20)
LEVELS = {"youtube": 9000.0, "instagram": 4200.0, "tiktok": 6100.0, "x": 800.0, "linkedin": 1500.0, "spotify": 300.0}
METRICS = ("standard_views", "standard_engagements")
HOSTILE = '</script><script>alert(\'x\')</script> "quoted" & =HYPERLINK("http://evil.example") \x01\x1b\u202e'


SENTENCES = (
    ("people", "Between 180,000 and 386,000 different people were reached."),
    ("change", "Standard views rose 12% (4% to 21%) against the 28 days before, more than its usual swing."),
    ("carried", "YouTube holds 47% of standard views."),
    ("disappointed", "TikTok had 17,080 standard views fewer than before."),
    ("next", "Publish short videos on YouTube again: their rate is highest so far."),
)


def daily_rows(platforms: tuple[str, ...], first: date, last: date, seed: int = 7) -> pd.DataFrame:
    days = pd.date_range(first, last, freq="D")
    rng = np.random.default_rng(seed)
    rows = []
    for platform in platforms:
        trend = np.linspace(0.8, 1.2, len(days)) * (1 + 0.25 * np.sin(np.arange(len(days)) * 2 * np.pi / 7))
        views = np.round(LEVELS[platform] * trend * rng.lognormal(0, 0.12, len(days)))
        for metric, factor in zip(METRICS, (1.0, 0.05), strict=True):
            rows.append(
                pd.DataFrame(
                    {
                        "platform": platform,
                        "day": days,
                        "metric": metric,
                        "value": views * factor,
                        "provisional": np.arange(len(days)) >= len(days) - 3,
                        "definition": f"{platform}.views",
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def weekly_rows(daily: pd.DataFrame) -> pd.DataFrame:
    monday = daily["day"] - pd.to_timedelta(daily["day"].dt.day_of_week, unit="D")
    keys = ["platform", "day", "metric"]
    grouped = daily.assign(day=monday).groupby(keys, sort=False)
    weekly = grouped.agg(
        value=("value", "sum"),
        provisional=("provisional", "any"),
        definition=("definition", "last"),
        n=("value", "size"),
    ).reset_index()
    return weekly.assign(complete=weekly["n"] == 7).drop(columns="n")


def cards(**changed: object) -> pd.DataFrame:
    shared = {"origin": "derived", "definition": "youtube.views since 2025-03-31", "coefficient_set": "default 1"}
    unknown = np.nan
    rows = [
        ("impressions", "count", 812_345.0, unknown, unknown, 790_000.0, 0.028, -0.05, 0.11, False, "flow", ""),
        ("standard_views", "count", 543_210.0, unknown, unknown, 484_100.0, 0.122, 0.04, 0.21, True, "flow", "All."),
        ("reach", "people", unknown, 120_000.0, 310_000.0, unknown, unknown, unknown, unknown, None, "flow", "Bounds."),
        ("standard_engagements", "count", 25_100.0, unknown, unknown, 26_600.0, -0.056, -0.12, -0.01, True, "flow", ""),
        ("engagement_rate", "fraction", 0.0462, 0.0411, 0.0513, 0.0549, -0.158, unknown, unknown, None, "stock", ""),
    ]
    titles = ["Impressions", "Standard views", "Different people", "Standard engagements", "Engagement rate"]
    columns = ["metric", "unit", "value", "low", "high", "previous", "change", "change_low", "change_high", "real",
               "basis", "note"]  # fmt: skip
    shared["title"] = titles  # type: ignore[assignment]
    frame = pd.DataFrame(rows, columns=columns).assign(**shared)
    for name, value in changed.items():
        frame.loc[frame["metric"] == "standard_views", name] = value
    return frame


def platform_rows(platforms: tuple[str, ...], first: date, last: date) -> pd.DataFrame:
    views = {p: LEVELS[p] * 28 for p in platforms}
    total = sum(views.values())
    rows = []
    for i, (platform, known) in enumerate(sorted(views.items(), key=lambda item: -item[1])):
        previous = known * (1.1 if i % 2 else 0.85)
        rows.append(
            {
                "platform": platform, "title": platform.title(), "standard_views": known,
                "share_of_views": known / total, "standard_engagements": known * 0.05, "previous_views": previous,
                "change": known / previous - 1, "contribution": known - previous, "posts": 12 + i,
                "engagement_rate": 0.05 / (i + 1), "rate_low": 0.04 / (i + 1), "rate_high": 0.065 / (i + 1),
                "first_day": pd.Timestamp(first), "last_day": pd.Timestamp(last),
                "provisional_from": pd.Timestamp(last) - pd.Timedelta(2, "D"), "note": "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def content_rows(platforms: tuple[str, ...], last: date, posts: int = 24) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    titles = ["How we build the studio, part {}", "A day in forty seconds {}", HOSTILE + " {}", "Ask me anything {}"]
    rows = []
    for i in range(posts):
        views = float(np.round(90_000 * 0.8**i + rng.integers(10, 300)))
        rate = float(rng.uniform(0.01, 0.09))
        rows.append(
            {
                "platform": platforms[i % len(platforms)], "account": "acc", "content": f"73219283746510{i:04d}",
                "title": titles[i % 4].format(i), "format": "short_video",
                "url": "javascript:alert(1)" if i % 4 == 2 else f"https://example.org/p/{i}",
                "published_on": pd.Timestamp(last) - pd.Timedelta(i % 27, "D"), "age_days": float(i % 27),
                "standard_views": views, "standard_engagements": views * rate, "engagement_rate": rate,
                "rate_low": rate * 0.8, "rate_high": rate * 1.2, "shrunk_rate": rate, "shrunk_low": rate * 0.85,
                "shrunk_high": rate * 1.15, "mature": i % 27 > 6, "basis": "stock", "origin": "derived", "note": "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("standard_views", ascending=False, ignore_index=True)


def definition_changes(platforms: tuple[str, ...]) -> pd.DataFrame:
    rows = [("youtube", "views", pd.Timestamp("2026-08-24"), "Every start counts as a view.", "engaged_views")]
    rows = [row for row in rows if row[0] in platforms]
    frame = pd.DataFrame(rows, columns=["platform", "metric", "day", "text", "comparable_to"])
    frame["how"] = "bridged through engaged views"
    return frame.astype({"day": "datetime64[ns]"})


def reach_bounds(platforms: tuple[str, ...]) -> ReachEstimate:
    sizes = {p: LEVELS[p] * 20 for p in platforms}
    low, high = max(sizes.values()), sum(sizes.values())
    return ReachEstimate(
        total=float("nan"), low=low, high=high, lower_bound=low, upper_bound=high, sizes=sizes, method="sizes only",
        flags=("No overlap between the platforms is known.",),
    )  # fmt: skip


def example_overview(
    platforms: tuple[str, ...] = ("youtube", "instagram", "tiktok"),
    days: int = 28,
    creator: str = "Ada",
    end: date = END,
    history: int = 800,
    **replaced: object,
) -> Overview:
    """A whole overview; any field may be replaced by name."""
    start = end - timedelta(days - 1)
    before = start - timedelta(days)
    daily = daily_rows(platforms, end - timedelta(history - 1), end)
    fields: dict[str, object] = {
        "creator": creator, "start": start, "end": end, "compared_start": before,
        "compared_end": start - timedelta(1),
        "sentences": tuple(Sentence(topic=topic, text=text, evidence="Example.") for topic, text in SENTENCES),
        "cards": cards(), "daily": daily[daily["day"] >= pd.Timestamp(before)],
        "weekly": weekly_rows(daily[daily["day"] > pd.Timestamp(end - timedelta(365))]),
        "platforms": platform_rows(platforms, end - timedelta(history - 1), end),
        "contents": content_rows(platforms, end), "changes": definition_changes(platforms),
        "events": no_events(),
        "reach": reach_bounds(platforms),
        "findings": pd.DataFrame(
            [("warning", "tiktok", "Watch time is unknown.", "TikTok Studio does not export it.")],
            columns=["severity", "subject", "finding", "advice"],
        ),
        "coefficient_set": "default 1",
    }  # fmt: skip
    return Overview(**{**fields, **replaced})
