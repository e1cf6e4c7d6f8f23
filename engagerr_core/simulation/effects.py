"""Planted effects: what happened to an account or a piece of content, when, and how strongly."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engagerr_core.simulation.plans import Channel

# (platform, formats, first day, ratio of starts to engaged views): from that day `views` count every start
STARTS_COUNTED_FROM = {
    ("youtube", "short"): date(2025, 3, 31),
    ("youtube", "long_video"): date(2026, 8, 24),
}
STARTS_PER_ENGAGED_VIEW = {"short": 1.42, "long_video": 1.27}

# platform, metric, format, first day, what changed, what continues the older notion
DEFINITION_CHANGES = (
    ("youtube", "views", "short", date(2025, 3, 31), "every start of a Short counts", "engaged_views"),
    ("instagram", "impressions", "all", date(2025, 4, 21), "impressions and plays ended in favour of views", ""),
    ("facebook", "impressions", "all", date(2025, 11, 15), "impressions ended in favour of views", ""),
    ("youtube", "views", "long_video", date(2026, 8, 24), "every start counts, all formats", "engaged_views"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One planted effect, as the truth tells it. `size` is a factor, a weekly rate or a share, as `unit` says."""

    kind: str
    creator: str
    platform: str
    content_id: str
    start: date
    end: date
    metric: str
    size: float
    unit: str
    note: str


def moment(start: date, end: date, fraction: float) -> date:
    """The day at a fraction of the window."""
    return start + timedelta(days=round(fraction * (end - start).days))


def account_course(
    channel: Channel, creator: str, platform: str, start: date, end: date, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, list[Effect]]:
    """The factor on everything an account gets, day by day, and the effects it is made of.

    Trend, change points, campaigns and outages multiply; weekday, time of year and a short-memory
    noise come on top and are the same kind for everybody.
    """
    day = np.arange(days)
    dates = [start + timedelta(days=int(d)) for d in day]
    effects = []

    def plant(kind: str, first: date, last: date, size: float, unit: str, note: str) -> None:
        effects.append(
            Effect(
                kind=kind,
                creator=creator,
                platform=platform,
                content_id="",
                start=first,
                end=last,
                metric="views",
                size=size,
                unit=unit,
                note=note,
            )
        )

    log_course = np.log1p(channel.weekly_growth) * day / 7
    if channel.weekly_growth:
        plant("trend", start, end, channel.weekly_growth, "rate per week", "growth of the whole account")
    for planned in channel.effects:
        first = moment(start, end, planned.at)
        position = (first - start).days
        if planned.kind == "change_point":
            log_course[position:] += np.log(planned.size)
            plant("change_point", first, end, planned.size, "factor", planned.note)
        elif planned.kind in ("campaign", "outage"):
            log_course[position : position + planned.days] += np.log(planned.size)
            last = min(end, first + timedelta(days=planned.days - 1))
            plant(planned.kind, first, last, planned.size, "factor", planned.note)
    weekday = 0.10 * np.sin(2 * np.pi * (np.array([d.weekday() for d in dates]) - rng.uniform(0, 7)) / 7)
    year = 0.12 * np.cos(2 * np.pi * (np.array([d.timetuple().tm_yday for d in dates]) - 15) / 365.25)
    noise = np.zeros(days)
    shocks = rng.normal(0, 0.05, days)
    for d in range(1, days):
        noise[d] = 0.6 * noise[d - 1] + shocks[d]
    return np.exp(log_course + weekday + year + noise), effects


def publishing_factor(channel: Channel, hour: int, weekday: int, topic: str) -> float:
    """How much better a piece does for its hour, weekday (Monday is 0) and topic."""
    factor = 1.0
    for planned in channel.effects:
        if planned.kind == "topic" and planned.detail == topic:
            factor *= planned.size
        if planned.kind == "publishing_time":
            what, _, span = planned.detail.partition(" ")
            first, last = (int(part) for part in span.split("-"))
            if first <= (hour if what == "hours" else weekday) <= last:
                factor *= planned.size
    return factor
