"""A simulated world: creators, accounts, contents, families, audiences and daily flows, all known."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zlib import crc32

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.simulation.audience import Audience, draw_association, extended_association, joint_audience
from engagerr_core.simulation.effects import Effect
from engagerr_core.simulation.flows import AccountFlows, account_flows
from engagerr_core.simulation.later import LaterPress
from engagerr_core.simulation.plans import Profile
from engagerr_core.simulation.profiles import FAMILY_NAMES, GIVEN_NAMES, PROFILES
from engagerr_core.simulation.publishing import Account, Content, Edge, Press, open_accounts, react

FIRST_PLATFORMS = ("youtube", "instagram", "facebook", "tiktok", "x")  # of one creator, these share random streams
ADDED_PLATFORMS = ("linkedin", "spotify")  # each draws from a stream of its own and leaves the first as they were
PLATFORMS = FIRST_PLATFORMS + ADDED_PLATFORMS
DAYS_TO_EXPORT = 3  # the creators export three days after the window ends


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Everything that truly happened between `start` and `end`, and on until the day before `exported_on`.

    `flows` is keyed by (creator slug, platform); `audiences` by creator slug, over start to end.
    """

    seed: int
    start: date
    end: date
    exported_on: date
    creators: tuple[Profile, ...] = field(repr=False)
    accounts: tuple[Account, ...] = field(repr=False)
    contents: tuple[Content, ...] = field(repr=False)
    edges: tuple[Edge, ...] = field(repr=False)
    effects: tuple[Effect, ...] = field(repr=False)
    flows: dict[tuple[str, str], AccountFlows] = field(repr=False)
    audiences: dict[str, Audience] = field(repr=False)
    family_audiences: dict[int, Audience] = field(repr=False)

    @property
    def days(self) -> int:
        """Days from `start` to `end`, both included."""
        return (self.end - self.start).days + 1

    def profile(self, slug: str) -> Profile:
        """The plan of one creator."""
        return next(p for p in self.creators if p.slug == slug)


def simulate(
    seed: int,
    *,
    creators: int = 6,
    platforms: tuple[str, ...] = PLATFORMS,
    start: date = date(2025, 5, 1),
    end: date = date(2026, 10, 31),
) -> World:
    """Simulate creators over a window of days, with the truth about everything.

    The first six creators are the ones of `profiles.py`; more repeat their stories under new names.
    Creators that have none of the `platforms` are left out. Each creator draws from a stream of its own:
    asking for fewer creators leaves the others as they were, apart from who responds to whom.

    >>> world = simulate(1, creators=1, start=date(2026, 1, 1), end=date(2026, 1, 31))
    >>> world.creators[0].name, world.audiences["zoe-okafor-lindqvist"].platforms
    ('Zoë Okafor-Lindqvist', ('youtube', 'instagram', 'tiktok', 'x'))
    """
    unknown = sorted(set(platforms) - set(PLATFORMS))
    if unknown:
        raise InvalidArgument(
            f"The simulation was asked for {', '.join(unknown)}. It writes exports of "
            f"{', '.join(PLATFORMS)} only. Choose among these."
        )
    if creators < 1 or end < start:
        raise InvalidArgument(
            f"{creators} creators from {start} to {end} make no world. At least one creator and one day are needed."
        )
    exported_on = end + timedelta(days=DAYS_TO_EXPORT)
    days = (exported_on - start).days
    profiles = [p for p in (_profile(i) for i in range(creators)) if set(p.channels) & set(platforms)]
    contents: list[Content] = []
    edges: list[Edge] = []
    accounts: dict[str, dict[str, Account]] = {}
    for profile in profiles:
        rng = _stream(seed, profile.slug, "publishing")
        first = tuple(p for p in FIRST_PLATFORMS if p in platforms)
        accounts[profile.slug] = open_accounts(profile, FIRST_PLATFORMS, first, rng)
        press = Press(profile, accounts[profile.slug], start, exported_on, len(contents), rng)
        press.run()
        contents += press.contents
        edges += press.edges
    contents, reactions = react(contents, _stream(seed, "everybody", "reactions"))
    edges += reactions
    for profile in profiles:
        for platform in (p for p in ADDED_PLATFORMS if p in platforms and p in profile.channels):
            rng = _stream(seed, profile.slug, platform, "publishing")
            own = open_accounts(profile, (platform,), (platform,), rng)
            later = LaterPress(profile, own, start, exported_on, len(contents), rng)
            later.run_after([c for c in contents if c.creator == profile.slug])
            accounts[profile.slug] |= own
            contents += later.contents
            edges += later.edges

    flows, effects = {}, []
    for profile in profiles:
        for platform, account in accounts[profile.slug].items():
            mine = [c for c in contents if c.creator == profile.slug and c.platform == platform]
            flows[profile.slug, platform], planted = account_flows(
                profile, account, mine, start, end, days, _stream(seed, profile.slug, platform)
            )
            effects += planted
    audiences: dict[str, Audience] = {}
    families: dict[int, Audience] = {}
    for profile in profiles:
        own_flows = {p: flows[profile.slug, p] for p in PLATFORMS if (profile.slug, p) in flows}
        window = (end - start).days + 1
        audience, association = _creator_audience(own_flows, window, seed, profile.slug)
        audiences[profile.slug] = audience
        families |= _family_audiences(own_flows, audience, association, window)
    return World(
        seed=seed,
        start=start,
        end=end,
        exported_on=exported_on,
        creators=tuple(profiles),
        accounts=tuple(a for by_platform in accounts.values() for a in by_platform.values()),
        contents=tuple(contents),
        edges=tuple(edges),
        effects=tuple(effects),
        flows=flows,
        audiences=audiences,
        family_audiences=families,
    )


def _profile(position: int) -> Profile:
    """The plan at a position; beyond the last one they repeat, renamed."""
    profile, round_ = PROFILES[position % len(PROFILES)], position // len(PROFILES)
    if not round_:
        return profile
    pairs = len(GIVEN_NAMES) * len(FAMILY_NAMES)
    given = GIVEN_NAMES[position % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[(position // len(GIVEN_NAMES) + 5 * position) % len(FAMILY_NAMES)]
    slug = f"creator-{position + 1:04d}"
    suffix = "" if position < pairs else f" {position // pairs + 1}"
    channels = {
        name: replace(channel, handle=f"{channel.handle}.{position + 1}", title=f"{given} {family}{suffix}")
        for name, channel in profile.channels.items()
    }
    return replace(profile, name=f"{given} {family}{suffix}", slug=slug, channels=channels)


def _stream(seed: int, *names: str) -> np.random.Generator:
    """A random stream of its own for each name, whatever else is simulated."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


def _creator_audience(
    flows: dict[str, AccountFlows], days: int, seed: int, creator: str
) -> tuple[Audience, np.ndarray]:
    """Different people over the whole window: at least as many as on the best day, at most all daily reaches summed."""
    rng = _stream(seed, creator, "audience")
    association = draw_association(len(FIRST_PLATFORMS), rng)
    sizes = {}
    for platform in PLATFORMS:
        if platform in ADDED_PLATFORMS:
            rng = _stream(seed, creator, platform, "audience")
            association = extended_association(association, rng)
        views_per_person = rng.uniform(2.5, 6.0)
        if platform in flows:
            reach = flows[platform].reach[:days]
            views = int(flows[platform].total(flows[platform].views_metric)[:days].sum())
            sizes[platform] = int(np.clip(views / views_per_person, 1.3 * reach.max(initial=1), max(2, reach.sum())))
    chosen = [PLATFORMS.index(p) for p in sizes]
    association = association[np.ix_(chosen, chosen)]
    universe = int(3 * max(sizes.values()) + 100)
    return joint_audience(sizes, universe, association), association


def _family_audiences(
    flows: dict[str, AccountFlows], creator: Audience, association: np.ndarray, days: int
) -> dict[int, Audience]:
    """Different people each family of two or more pieces reached, platform by platform and together.

    On one platform the pieces of a family meet people independently of one another.
    """
    reach: dict[int, dict[str, float]] = {}
    pieces: dict[int, int] = {}
    for platform, account in flows.items():
        views = account.daily[account.views_metric][:, :days].sum(axis=1)
        size = max(1, creator.sizes[platform])
        for content, seen, frequency in zip(account.contents, views, account.views_per_viewer, strict=True):
            share = min(0.95, seen / frequency / size)
            missed = reach.setdefault(content.family, {}).get(platform, 1.0) * (1 - share)
            reach[content.family][platform] = missed
            pieces[content.family] = pieces.get(content.family, 0) + 1
    audiences = {}
    for family in sorted(f for f, count in pieces.items() if count > 1):
        sizes = {p: round((1 - missed) * creator.sizes[p]) for p, missed in reach[family].items()}
        sizes = {p: size for p, size in sizes.items() if size > 0}
        if sizes:
            chosen = [creator.platforms.index(p) for p in sizes]
            audiences[family] = joint_audience(sizes, creator.universe, association[np.ix_(chosen, chosen)])
    return audiences
