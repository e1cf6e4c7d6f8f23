"""What is published when, and what is made from what."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engagerr_core.simulation.effects import publishing_factor
from engagerr_core.simulation.identifiers import account_identifier, content_identifier, permalink
from engagerr_core.simulation.plans import Profile
from engagerr_core.simulation.wording import HOSTILE, Subject, compose, draw_subject

CATALOGUE_YEARS = 5
ENOUGH_FOR_HOSTILE = 60  # hostile texts stay a small minority
COPIED_TITLE = 0.55  # share of re-posts that keep the words
DURATIONS = {"long_video": (420, 3300), "short": (14, 58), "song": (130, 290)}  # seconds
DAY_ZONES = {"youtube": "America/Los_Angeles", "x": "UTC", "linkedin": "UTC", "spotify": "UTC"}  # else the account's
WAKING_HOURS = np.arange(8, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of a creator. `day_zone` is where the platform's own days begin."""

    creator: str
    platform: str
    id: str
    handle: str
    title: str
    zone: str
    day_zone: str
    followers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One published piece. `number` is its position in the world; `appeal` the factor on its expected views."""

    number: int
    creator: str
    platform: str
    id: str
    format: str
    title: str
    link: str
    topic: str
    published: datetime
    duration: int
    family: int
    appeal: float
    catalogue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`target` was made from `source` (numbers of contents), or responds to it."""

    source: int
    target: int
    type: str


def open_accounts(
    profile: Profile, drawn: tuple[str, ...], platforms: tuple[str, ...], rng: np.random.Generator
) -> dict[str, Account]:
    """The accounts of a creator on the chosen ones of the platforms drawn."""
    accounts = {}
    for platform, channel in profile.channels.items():
        if platform not in drawn:
            continue
        identifier = account_identifier(platform, rng)
        if platform in platforms:
            day_zone = DAY_ZONES.get(platform, profile.zone)
            accounts[platform] = Account(
                creator=profile.slug,
                platform=platform,
                id=identifier,
                handle=channel.handle,
                title=channel.title,
                zone=profile.zone,
                day_zone=day_zone,
                followers=channel.followers,
            )
    return accounts


class Press:
    """Publishes for one creator and keeps what was published."""

    def __init__(
        self,
        profile: Profile,
        accounts: dict[str, Account],
        start: date,
        until: date,
        first_number: int,
        rng: np.random.Generator,
    ):
        self.profile, self.accounts, self.rng = profile, accounts, rng
        self.start, self.until, self.first_number = start, until, first_number
        self.contents: list[Content] = []
        self.edges: list[Edge] = []
        self.ends = datetime.combine(until, time(), UTC) - timedelta(hours=14)  # over in every zone

    def run(self) -> None:
        """Publish everything: families, pieces that stand alone, older catalogue, hostile texts."""
        weeks = (self.until - self.start).days // 7 + 1
        per_week, episode = self.profile.root[2], 40
        for week in range(weeks):
            for _ in range(int(per_week) + (self.rng.random() < per_week % 1)):
                episode += 1
                self._publish_family(week, episode)
        for platform, channel in self.profile.channels.items():
            if platform in self.accounts:
                for content_format, rate in channel.alone:
                    for week in range(weeks):
                        for _ in range(self.rng.poisson(rate)):
                            self.publish_alone(platform, content_format, week, episode)
                self.publish_catalogue(platform, channel.catalogue)
        self.vandalise()

    def local(self, day: date, hour: int) -> datetime:
        """An instant within that hour where the creator lives."""
        instant = datetime.combine(
            day, time(hour, int(self.rng.integers(60)), int(self.rng.integers(60))), ZoneInfo(self.profile.zone)
        )
        return instant.astimezone(UTC)

    def publish(
        self,
        platform: str,
        content_format: str,
        role: str,
        subject: Subject,
        published: datetime,
        family: int | None,
        family_appeal: float,
        catalogue: bool = False,
        copied: Content | None = None,
    ) -> Content | None:
        """One piece, unless its platform is not simulated, it falls outside the window, or there it is unknown."""
        if platform not in self.accounts or published >= self.ends:
            return None
        if not catalogue and published.astimezone(ZoneInfo(self.accounts[platform].day_zone)).date() < self.start:
            return None
        rng, account, number = self.rng, self.accounts[platform], self.first_number + len(self.contents)
        identifier = content_identifier(platform, published, rng)
        local = published.astimezone(ZoneInfo(self.profile.zone))
        factor = publishing_factor(self.profile.channels[platform], local.hour, local.weekday(), subject.topic)
        shortest, longest = DURATIONS.get(content_format, (0, 0))
        title, duration = compose(self.profile.vertical, role, subject, rng), int(rng.integers(shortest, longest + 1))
        if copied and copied.format == content_format:
            duration = max(shortest, copied.duration - int(rng.integers(3)))
            title = copied.title.replace(" #shorts", "") if rng.random() < COPIED_TITLE else title
        content = Content(
            number=number,
            creator=self.profile.slug,
            platform=platform,
            id=identifier,
            format=content_format,
            title=title,
            link=permalink(platform, content_format, identifier, account.handle),
            topic=subject.topic,
            published=published,
            duration=duration,
            family=number if family is None else family,
            appeal=family_appeal * factor * float(np.exp(rng.normal(-0.125, 0.5))),
            catalogue=catalogue,
        )
        self.contents.append(content)
        return content

    def _publish_family(self, week: int, episode: int) -> None:
        rng, profile = self.rng, self.profile
        platform, content_format, _, weekday, hour = profile.root
        subject = draw_subject(profile.vertical, episode, rng)
        appeal = float(np.exp(rng.normal(-0.1, 0.45)))
        if rng.random() > 0.7:
            weekday, hour = int(rng.integers(7)), int(rng.choice(WAKING_HOURS))
        monday = self.start - timedelta(days=self.start.weekday())
        published = self.local(monday + timedelta(days=7 * week + weekday), hour)
        root = self.publish(platform, content_format, "root", subject, published, None, appeal)
        made: list[Content | None] = []
        for branch in profile.branches:
            wanted = rng.random() < branch.probability
            source = made[branch.source] if branch.source >= 0 else root
            source = source or root
            lag = branch.lag_days * rng.gamma(2.0, 0.5)
            before = source.published if source else published
            instant = self.local((before + timedelta(days=lag)).date(), int(rng.choice(WAKING_HOURS)))
            if instant <= before:
                instant += timedelta(days=1)
            piece = None
            if wanted:
                role = "reaction" if branch.relation == "reaction" else branch.format
                piece = self.publish(
                    branch.platform,
                    branch.format,
                    role,
                    subject,
                    instant,
                    source.family if source else None,
                    appeal,
                    copied=source if branch.relation == "repurposed" else None,
                )
            if piece and source:
                # without the intermediate cut, the piece was cut from the root itself
                relation = "child" if branch.source >= 0 and source is root else branch.relation
                self.edges.append(Edge(source=source.number, target=piece.number, type=relation))
                if root and rng.random() < 0.35 and branch.platform in ("x", "facebook", "instagram"):
                    self.retitle(piece, f"{piece.title}\n\n{root.link}")
            made.append(piece)

    def publish_alone(self, platform: str, content_format: str, week: int, episode: int) -> None:
        """A piece made from nothing, on some day of the week."""
        rng = self.rng
        subject = draw_subject(self.profile.vertical, int(rng.integers(2, episode + 2)), rng)
        published = self.local(
            self.start + timedelta(days=7 * week + int(rng.integers(7))), int(rng.choice(WAKING_HOURS))
        )
        self.publish(platform, content_format, "alone", subject, published, None, 1.0)

    def publish_catalogue(self, platform: str, pieces: int) -> None:
        """What was published in the years before."""
        rng = self.rng
        for age in np.sort(3 + CATALOGUE_YEARS * 365 * rng.random(pieces) ** 1.6)[::-1]:  # more of the recent ones
            subject = draw_subject(self.profile.vertical, int(rng.integers(1, 41)), rng)
            published = self.local(self.start - timedelta(days=int(age)), int(rng.choice(WAKING_HOURS)))
            content_format = "long_video" if rng.random() < 0.8 else "short"
            if platform == "spotify":
                content_format = "song"
            self.publish(
                platform,
                content_format,
                "song" if content_format == "song" else "root",
                subject,
                published,
                None,
                float(np.exp(rng.normal(-0.3, 0.6))),
                catalogue=True,
            )

    def vandalise(self) -> None:
        """Give a few pieces of each account a hostile text; the pieces that families hang on keep theirs."""
        linked = {edge.source for edge in self.edges} | {edge.target for edge in self.edges}
        for platform in self.accounts:
            mine = [c for c in self.contents if c.platform == platform]
            loose = sorted(mine, key=lambda c: (c.number in linked, c.catalogue, c.number))
            if len(mine) >= ENOUGH_FOR_HOSTILE:
                for content, text in zip(loose[: len(HOSTILE)], HOSTILE, strict=True):
                    self.retitle(content, text)

    def retitle(self, content: Content, title: str) -> None:
        """Give a piece another title."""
        index = content.number - self.first_number
        self.contents[index] = replace(self.contents[index], title=title)


def react(contents: list[Content], rng: np.random.Generator, each: int = 3) -> tuple[list[Content], list[Edge]]:
    """Creators respond to one another: some pieces that stood alone become reactions to somebody's recent root.

    Returns the contents with their new titles, and the edges.
    """
    contents, edges = list(contents), []
    roots = [c for c in contents if c.family == c.number and c.format == "long_video" and not c.catalogue]
    for creator in dict.fromkeys(c.creator for c in contents):
        alone = [
            c
            for c in contents
            if c.creator == creator
            and c.format in ("text", "image", "link")
            and c.family == c.number
            and "\n" not in c.title
            and c.title not in HOSTILE
        ]
        rng.shuffle(alone)
        for content in alone[:each]:
            recent = [
                r
                for r in roots
                if r.creator != creator and timedelta(hours=6) < content.published - r.published < timedelta(days=20)
            ]
            if recent:
                root = recent[int(rng.integers(len(recent)))]
                contents[content.number] = replace(content, title=f"My answer to “{root.title}”")
                edges.append(Edge(source=root.number, target=content.number, type="reaction"))
    return contents, edges
