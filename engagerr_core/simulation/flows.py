"""What people did: daily true counts of every piece of content, and of the older pieces nobody lists."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engagerr_core.simulation.accumulation import CURVES, daily_shares
from engagerr_core.simulation.effects import (
    STARTS_COUNTED_FROM,
    STARTS_PER_ENGAGED_VIEW,
    Effect,
    account_course,
    moment,
)
from engagerr_core.simulation.plans import Channel, Profile
from engagerr_core.simulation.publishing import Account, Content

# actions per view (per impression on X); a piece's own rates scatter around these
RATES = {
    "youtube": {"likes": 0.034, "comments": 0.0036, "shares": 0.0042, "followers_gained": 0.0025},
    "instagram": {
        "likes": 0.047,
        "comments": 0.0021,
        "shares": 0.0058,
        "saves": 0.0079,
        "followers_gained": 0.0016,
        "profile_visits": 0.006,
    },
    "facebook": {
        "likes": 0.021,
        "comments": 0.0019,
        "shares": 0.0024,
        "link_clicks": 0.004,
        "photo_clicks": 0.002,
        "other_clicks": 0.011,
        "followers_gained": 0.0006,
    },
    "tiktok": {
        "likes": 0.058,
        "comments": 0.0027,
        "shares": 0.0046,
        "saves": 0.0061,
        "followers_gained": 0.0021,
        "profile_visits": 0.009,
    },
    "x": {
        "likes": 0.012,
        "comments": 0.0014,
        "shares": 0.0018,
        "sends": 0.0004,
        "saves": 0.0016,
        "profile_visits": 0.0048,
        "detail_expands": 0.011,
        "link_clicks": 0.0032,
        "hashtag_clicks": 0.0002,
        "permalink_clicks": 0.0011,
        "followers_gained": 0.0006,
    },
    "linkedin": {
        "likes": 0.017,
        "comments": 0.0023,
        "shares": 0.0009,
        "clicks": 0.021,
        "followers_gained": 0.0011,
    },
    "spotify": {"saves": 0.031, "playlist_adds": 0.019, "followers_gained": 0.0035},
}
PRIMARY = {
    "youtube": "engaged_views",
    "instagram": "views",
    "facebook": "views",
    "tiktok": "views",
    "x": "impressions",
    "linkedin": "impressions",
    "spotify": "streams",
}
MAIN_COUNT = PRIMARY | {"youtube": "views"}  # what the platform shows first
FORMAT_RATE = {"carousel": 1.35, "story": 0.25, "link": 0.7}  # on all rates
WATCHED_SHARE = {"long_video": 0.37, "short": 0.74}  # of the duration, per view
FROM_THUMBNAIL, CLICK_THROUGH = 0.62, 0.052  # of long-form views; of impressions
CENTS_PER_VIEW = {"long_video": 0.31, "short": 0.006}
TAIL_SHARE = 0.06  # of the account's views, to pieces that no export lists
BEFORE_DAYS = 60
CHURN = 0.00012  # of the followers, a day
VIEWS_PER_VIEWER = {  # of one piece
    "youtube": 1.30,
    "instagram": 1.38,
    "facebook": 1.25,
    "tiktok": 1.22,
    "x": 1.15,
    "linkedin": 1.55,
    "spotify": 2.60,
}
SPONSORED_SHARE = 0.4  # of LinkedIn's impressions during a campaign
PLAYED_SHARE = 0.36  # of the impressions of a LinkedIn video
TRAFFIC_SOURCES = (
    ("Browse features", 0.36),
    ("Suggested videos", 0.24),
    ("YouTube search", 0.17),
    ("Shorts feed", 0.12),
    ("External", 0.04),
    ("Direct or unknown", 0.03),
    ("Channel pages", 0.02),
    ("Playlists", 0.01),
    ("Notifications", 0.01),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFlows:
    """Everything that truly happened on one account, by day of the window.

    `daily[metric]` has a row for each of `contents` and a column for each day; `tail[metric]` is what
    went to pieces no export lists. The account's own flow is, by construction, their sum. `reach` is
    different people on each day. `corrections` are shares taken out of lifetime counters from a day on:
    position of the content (-1: followers) → (day, share).
    """

    account: Account
    contents: tuple[Content, ...]
    daily: dict[str, np.ndarray]
    tail: dict[str, np.ndarray]
    reach: np.ndarray
    new_viewers: np.ndarray
    followers: np.ndarray
    followers_lost: np.ndarray
    views_per_viewer: np.ndarray
    countries: np.ndarray
    traffic_sources: np.ndarray
    corrections: dict[int, tuple[int, float]] = field(default_factory=dict)

    @property
    def views_metric(self) -> str:
        """The platform's main count: impressions on X and LinkedIn, streams on Spotify, views elsewhere."""
        return MAIN_COUNT[self.account.platform]

    def total(self, metric: str) -> np.ndarray:
        """The account's flow: all contents and the tail, day by day."""
        return self.daily[metric].sum(axis=0) + self.tail[metric]


def account_flows(
    profile: Profile,
    account: Account,
    contents: list[Content],
    start: date,
    end: date,
    days: int,
    rng: np.random.Generator,
) -> tuple[AccountFlows, list[Effect]]:
    """Simulate one account over `days` days from `start`; effects are planted between `start` and `end`."""
    platform, channel = account.platform, profile.channels[account.platform]
    course, effects = account_course(channel, profile.slug, platform, start, end, days, rng)
    expected, earlier, planted = _expected_views(channel, account, contents, course, start, end, days, rng)
    effects += planted + _constant_effects(channel, profile.slug, platform, start, end)
    effects += _definition_effects(profile.slug, platform, contents, start, end)
    # gamma noise per cell: neighbours of the same piece and day differ more than Poisson allows
    primary = rng.poisson(expected * rng.gamma(18.0, 1 / 18.0, expected.shape))
    level = max(1.0, TAIL_SHARE * expected.sum() / days)
    tail_primary = rng.poisson(level * course / course.mean() + earlier)

    daily = {PRIMARY[platform]: primary}
    tail = {PRIMARY[platform]: tail_primary}
    formats = np.array([FORMAT_RATE.get(c.format, 1.0) for c in contents])
    for metric, rate in RATES[platform].items():
        own = rate * formats * np.exp(rng.normal(0, 0.28, len(contents)))
        if metric == "saves":
            own *= np.array([0.0 if c.format == "story" else 1.0 for c in contents])
        daily[metric] = np.minimum(rng.poisson(primary * own[:, None]), primary)
        tail[metric] = np.minimum(rng.poisson(tail_primary * rate), tail_primary)
    _watching(platform, contents, daily, tail, rng)
    if platform == "youtube":
        _youtube_counts(contents, daily, tail, start, days, rng)
    if platform == "linkedin":
        _linkedin_counts(contents, daily, tail, effects, start, rng)

    gained = daily["followers_gained"].sum(axis=0) + tail["followers_gained"]
    followers, lost, corrections, more = _followers(channel, account, gained, start, end, rng)
    effects += more
    position = _correct_one_counter(channel, profile.slug, contents, primary, start, end, corrections, effects)
    corrections.update(position)

    views = daily[MAIN_COUNT[platform]].sum(axis=0) + tail[MAIN_COUNT[platform]]
    frequency = rng.uniform(1.2, 1.5) * np.exp(rng.normal(0, 0.02, days))
    reach = np.minimum(views, np.ceil(views / np.maximum(frequency, 1.0)).astype(np.int64))
    new_share = rng.uniform(0.45, 0.7)
    flows = AccountFlows(
        account=account,
        contents=tuple(contents),
        daily=daily,
        tail=tail,
        reach=reach,
        new_viewers=rng.binomial(reach, new_share),
        followers=followers,
        followers_lost=lost,
        views_per_viewer=1 + (VIEWS_PER_VIEWER[platform] - 1) * rng.gamma(6.0, 1 / 6.0, len(contents)),
        countries=rng.multinomial(views, [share for _, share in _with_rest(profile.countries)]),
        traffic_sources=rng.multinomial(views, [share for _, share in TRAFFIC_SOURCES]),
        corrections=corrections,
    )
    return flows, effects


def _expected_views(
    channel: Channel,
    account: Account,
    contents: list[Content],
    course: np.ndarray,
    start: date,
    end: date,
    days: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, list[Effect]]:
    """Expected views of each piece and day, and those of the pieces published shortly before the window."""
    midnight, zone = datetime.combine(start, time()), ZoneInfo(account.day_zone)
    expected = np.zeros((len(contents), days))
    published_days = np.zeros(len(contents))
    earlier = np.zeros(days)
    for row, content in enumerate(contents):
        local = content.published.astimezone(zone).replace(tzinfo=None)
        published_days[row] = (local - midnight) / timedelta(days=1)
        views = channel.levels.get(content.format, min(channel.levels.values())) * content.appeal
        curve = CURVES[account.platform, content.format]
        expected[row] = views * daily_shares(curve, published_days[row], days) * course
        if not channel.catalogue and published_days[row] < BEFORE_DAYS:
            # the weeks before the window looked like the first weeks inside it
            earlier += views * daily_shares(curve, published_days[row] - BEFORE_DAYS, days) * course
    effects = []
    for planned in channel.effects:
        day = (moment(start, end, planned.at) - start).days
        if planned.kind == "spike" and len(contents):
            row = int(np.argmax(expected[:, day] * (published_days < day)))
            length = min(planned.days, days - day)
            fading = 1 + (planned.size - 1) * 0.55 ** np.arange(length)
            # measured on the account's usual day of the last four weeks, or a quiet day would hide the spike
            usual = expected[:, max(0, day - 28) : day + 1].sum(axis=0).mean()
            expected[row, day : day + length] += usual * (fading - 1)
            last = min(end, start + timedelta(days=day + length - 1))
            effects.append(
                _content_effect(
                    "spike",
                    contents[row],
                    start + timedelta(days=day),
                    last,
                    planned.size,
                    "factor on the account's usual day, then fading",
                    planned.note,
                )
            )
        if planned.kind == "collaboration" and len(contents):
            long_enough = [i for i, c in enumerate(contents) if c.format == "long_video" and published_days[i] >= 0]
            if long_enough:
                row = min(long_enough, key=lambda i: abs(published_days[i] - day))
                expected[row] *= planned.size
                first = start + timedelta(days=int(published_days[row]))
                effects.append(
                    _content_effect(
                        "collaboration", contents[row], first, end, planned.size, "factor on this content", planned.note
                    )
                )
    return expected, earlier, effects


def _content_effect(kind: str, content: Content, first: date, last: date, size: float, unit: str, note: str) -> Effect:
    return Effect(
        kind=kind,
        creator=content.creator,
        platform=content.platform,
        content_id=content.id,
        start=first,
        end=last,
        metric="views",
        size=size,
        unit=unit,
        note=note,
    )


def _constant_effects(channel: Channel, creator: str, platform: str, start: date, end: date) -> list[Effect]:
    return [
        Effect(
            kind=p.kind,
            creator=creator,
            platform=platform,
            content_id="",
            start=start,
            end=end,
            metric="views",
            size=p.size,
            unit="factor",
            note=f"{p.detail}: {p.note}",
        )
        for p in channel.effects
        if p.kind in ("topic", "publishing_time")
    ]


def _definition_effects(creator: str, platform: str, contents: list[Content], start: date, end: date) -> list[Effect]:
    formats = {c.format for c in contents}
    return [
        Effect(
            kind="definition_change",
            creator=creator,
            platform=platform,
            content_id="",
            start=day,
            end=end,
            metric="views",
            size=STARTS_PER_ENGAGED_VIEW[form],
            unit="factor",
            note=f"{form}: every start counts; engaged views go on as before",
        )
        for (where, form), day in STARTS_COUNTED_FROM.items()
        if where == platform and form in formats and start < day <= end
    ]


def _watching(platform: str, contents: list[Content], daily: dict, tail: dict, rng: np.random.Generator) -> None:
    if platform not in ("youtube", "facebook"):
        return
    primary = daily[PRIMARY[platform]]
    watched = np.array([c.duration * WATCHED_SHARE.get(c.format, 0.0) for c in contents])
    watched *= np.exp(rng.normal(-0.02, 0.2, len(contents)))
    longest = np.array([c.duration for c in contents], dtype=float)
    seconds = primary * np.minimum(watched, longest)[:, None]
    daily["watch_seconds"] = np.floor(seconds).astype(np.int64)
    mean = seconds.sum() / max(1, primary.sum())
    tail["watch_seconds"] = np.floor(tail[PRIMARY[platform]] * mean).astype(np.int64)


def _youtube_counts(
    contents: list[Content], daily: dict, tail: dict, start: date, days: int, rng: np.random.Generator
) -> None:
    """Impressions, revenue, and views under the definition of their day."""
    engaged, tail_engaged = daily["engaged_views"], tail["engaged_views"]
    from_thumbnail = np.array([0.0 if c.format == "short" else FROM_THUMBNAIL for c in contents])
    rate = CLICK_THROUGH * np.exp(rng.normal(0, 0.25, len(contents)))
    clicks = rng.binomial(engaged, from_thumbnail[:, None])
    daily["impression_clicks"] = clicks
    daily["impressions"] = clicks + rng.poisson(clicks * (1 / rate - 1)[:, None])
    tail["impression_clicks"] = rng.binomial(tail_engaged, FROM_THUMBNAIL)
    tail["impressions"] = tail["impression_clicks"] + rng.poisson(tail["impression_clicks"] * (1 / CLICK_THROUGH - 1))
    cents = np.array([CENTS_PER_VIEW[c.format] for c in contents])
    daily["revenue_cents"] = rng.poisson(engaged * cents[:, None])
    tail["revenue_cents"] = rng.poisson(tail_engaged * CENTS_PER_VIEW["long_video"])

    views, tail_views = engaged.copy(), tail_engaged.copy()
    dates = np.array([start + timedelta(days=d) for d in range(days)])
    for content_format, ratio in STARTS_PER_ENGAGED_VIEW.items():
        counted = dates >= STARTS_COUNTED_FROM["youtube", content_format]
        rows = np.array([c.format == content_format for c in contents], dtype=bool)
        own = (ratio - 1) * np.exp(rng.normal(0, 0.12, rows.sum()))
        more = rng.poisson(engaged[rows] * own[:, None])
        views[rows] += np.where(counted, more, 0)
        if content_format == "long_video":
            tail_views = tail_views + np.where(counted, rng.poisson(tail_engaged * (ratio - 1)), 0)
    daily["views"], tail["views"] = views, tail_views


def _linkedin_counts(
    contents: list[Content], daily: dict, tail: dict, effects: list[Effect], start: date, rng: np.random.Generator
) -> None:
    """Views of videos, and the part of the impressions that was paid for."""
    impressions = daily["impressions"]
    played = np.array([PLAYED_SHARE if c.format == "short" else 0.0 for c in contents])
    daily["views"] = rng.binomial(impressions, played[:, None])
    paid = np.zeros(impressions.shape[1])
    for effect in effects:
        if effect.kind == "campaign":
            paid[(effect.start - start).days : (effect.end - start).days + 1] = SPONSORED_SHARE
    daily["sponsored_impressions"] = rng.binomial(impressions, paid[None, :])
    tail["views"] = tail["sponsored_impressions"] = np.zeros_like(tail["impressions"])


def _followers(
    channel: Channel, account: Account, gained: np.ndarray, start: date, end: date, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, dict, list[Effect]]:
    followers, lost = np.zeros(len(gained), np.int64), np.zeros(len(gained), np.int64)
    corrections, effects = {}, []
    for planned in channel.effects:
        if planned.kind == "counter_correction" and planned.detail == "followers":
            corrections[-1] = ((moment(start, end, planned.at) - start).days, planned.size)
    stock = account.followers
    for day in range(len(gained)):
        lost[day] = min(stock, rng.poisson(CHURN * stock))
        stock += int(gained[day] - lost[day])
        if -1 in corrections and corrections[-1][0] == day:
            stock = round(stock * (1 + corrections[-1][1]))
            when = start + timedelta(days=day)
            effects.append(
                Effect(
                    kind="counter_correction",
                    creator=account.creator,
                    platform=account.platform,
                    content_id="",
                    start=when,
                    end=when,
                    metric="followers",
                    size=corrections[-1][1],
                    unit="share of the lifetime counter",
                    note="automatic accounts removed overnight",
                )
            )
        followers[day] = stock
    return followers, lost, corrections, effects


def _correct_one_counter(
    channel: Channel,
    creator: str,
    contents: list[Content],
    primary: np.ndarray,
    start: date,
    end: date,
    taken: dict,
    effects: list[Effect],
) -> dict[int, tuple[int, float]]:
    """The best short piece a while before the planted day loses a share of its lifetime counter."""
    corrections = {}
    for planned in channel.effects:
        if planned.kind == "counter_correction" and planned.detail != "followers":
            when = moment(start, end, planned.at)
            day = (when - start).days
            before = primary[:, : max(1, day - 60)].sum(axis=1) * np.array([c.format == "short" for c in contents])
            if before.any():
                row = int(np.argmax(before))
                corrections[row] = (day, planned.size)
                effects.append(
                    _content_effect(
                        "counter_correction",
                        contents[row],
                        when,
                        when,
                        planned.size,
                        "share of the lifetime counter",
                        planned.note,
                    )
                )
    return corrections


def _with_rest(shares: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """The shares with a last, unlisted country that takes the rest."""
    return (*shares, ("ZZ", max(0.0, 1.0 - sum(share for _, share in shares))))
