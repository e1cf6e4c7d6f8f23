"""The truth about a world, as tables."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from engagerr_core.simulation.accumulation import CURVES
from engagerr_core.simulation.effects import DEFINITION_CHANGES
from engagerr_core.simulation.exports import export_files
from engagerr_core.simulation.exports.files import Row, delimited
from engagerr_core.simulation.exports.splits import LINKEDIN_SPLITS, shares_of
from engagerr_core.simulation.flows import FORMAT_RATE, PRIMARY, RATES
from engagerr_core.simulation.plans import AGE_BANDS
from engagerr_core.simulation.world import World

DAILY_METRICS = (
    "views",
    "engaged_views",
    "impressions",
    "likes",
    "comments",
    "shares",
    "saves",
    "watch_seconds",
    "followers_gained",
    "revenue_cents",
)
LATER_METRICS = ("clicks", "sponsored_impressions", "streams", "playlist_adds")  # named where somebody has them


def accounts(world: World) -> list[Row]:
    """Accounts with the followers at both ends and the different people reached from start to end."""
    rows: list[Row] = [
        (
            "creator",
            "platform",
            "account_id",
            "handle",
            "title",
            "zone",
            "day_zone",
            "followers_start",
            "followers_end",
            "people_reached",
        )
    ]
    for account in world.accounts:
        flows = world.flows[account.creator, account.platform]
        rows.append(
            (
                account.creator,
                account.platform,
                account.id,
                account.handle,
                account.title,
                account.zone,
                account.day_zone,
                account.followers,
                int(flows.followers[world.days - 1]),
                world.audiences[account.creator].sizes[account.platform],
            )
        )
    return rows


def contents(world: World) -> list[Row]:
    """Every piece with its family, appeal, and true counts of the window (start to end)."""
    rows: list[Row] = [
        (
            "content_id",
            "creator",
            "platform",
            "format",
            "title",
            "topic",
            "published",
            "duration",
            "family",
            "catalogue",
            "views",
            "likes",
            "comments",
            "shares",
            "people_reached",
        )
    ]
    sums = {}
    for flows in world.flows.values():
        names = (flows.views_metric, "likes", "comments", "shares")
        columns = [flows.daily[name][:, : world.days].sum(axis=1) if name in flows.daily else None for name in names]
        for i, content in enumerate(flows.contents):
            counts = [None if column is None else int(column[i]) for column in columns]
            sums[content.number] = (*counts, int((counts[0] or 0) / flows.views_per_viewer[i]))
    for c in world.contents:
        rows.append(
            (
                c.id,
                c.creator,
                c.platform,
                c.format,
                c.title,
                c.topic,
                f"{c.published:%Y-%m-%dT%H:%M:%SZ}",
                c.duration or None,
                world.contents[c.family].id,
                int(c.catalogue),
                *sums[c.number],
            )
        )
    return rows


def edges(world: World) -> list[Row]:
    """What was made from what, and who responded to whom."""
    rows: list[Row] = [("source_platform", "source_id", "target_platform", "target_id", "type")]
    for edge in world.edges:
        source, target = world.contents[edge.source], world.contents[edge.target]
        rows.append((source.platform, source.id, target.platform, target.id, edge.type))
    return rows


def effects(world: World) -> list[Row]:
    """Planted effects."""
    rows: list[Row] = [("kind", "creator", "platform", "content_id", "start", "end", "metric", "size", "unit", "note")]
    return rows + [
        (e.kind, e.creator, e.platform, e.content_id, e.start, e.end, e.metric, e.size, e.unit, e.note)
        for e in world.effects
    ]


def definition_changes(world: World) -> list[Row]:
    """Days from which a platform counts differently; `inside` tells whether the window crosses it."""
    rows: list[Row] = [("platform", "metric", "format", "from", "inside", "change", "continued_by")]
    return rows + [
        (platform, metric, form, day, int(world.start < day <= world.end), change, continued)
        for platform, metric, form, day, change, continued in DEFINITION_CHANGES
    ]


def account_days(world: World) -> list[Row]:
    """True daily flows of every account: contents and tail; an empty cell is a metric the platform does not have."""
    later = [m for m in LATER_METRICS if any(m in flows.daily for flows in world.flows.values())]
    names = (*DAILY_METRICS, *later)
    rows: list[Row] = [("creator", "platform", "date", *names, "reach", "followers")]
    for (creator, platform), flows in world.flows.items():
        columns = [flows.total(m) if m in flows.daily else None for m in names]
        for d in range(world.days):
            rows.append(
                (
                    creator,
                    platform,
                    world.start + timedelta(days=d),
                    *(None if c is None else int(c[d]) for c in columns),
                    int(flows.reach[d]),
                    int(flows.followers[d]),
                )
            )
    return rows


def audience_cells(world: World) -> list[Row]:
    """People by the exact set of platforms, the universe's others included (empty set)."""
    rows: list[Row] = [("creator", "platforms", "people")]
    for creator, audience in world.audiences.items():
        for subset, people in enumerate(audience.cells):
            names = " ".join(p for i, p in enumerate(audience.platforms) if subset >> i & 1)
            rows.append((creator, names, int(people)))
    return rows


def audience_pairs(world: World) -> list[Row]:
    """True overlaps of two platforms' audiences, and what a survey of 400 of the union found."""
    rows: list[Row] = [
        (
            "creator",
            "platform_a",
            "platform_b",
            "people_a",
            "people_b",
            "people_both",
            "union_all",
            "surveyed",
            "surveyed_both",
        )
    ]
    for creator, audience in world.audiences.items():
        rng = np.random.default_rng([world.seed, len(creator), audience.union])
        shares = audience.cells[1:] / max(1, audience.union)
        answers = np.concatenate([[0], rng.multinomial(SURVEYED, shares)])
        subsets = np.arange(len(answers))
        for (a, b), both in audience.pairs.items():
            i, j = audience.platforms.index(a), audience.platforms.index(b)
            said = int(answers[(subsets >> i & 1) & (subsets >> j & 1) == 1].sum())
            rows.append((creator, a, b, audience.sizes[a], audience.sizes[b], both, audience.union, SURVEYED, said))
    return rows


def family_reach(world: World) -> list[Row]:
    """Different people that each family of several pieces reached: by platform, and together."""
    rows: list[Row] = [("family", "creator", "platforms", "people_by_platform", "people")]
    for family, audience in world.family_audiences.items():
        root = world.contents[family]
        rows.append(
            (
                root.id,
                root.creator,
                " ".join(audience.platforms),
                " ".join(str(size) for size in audience.sizes.values()),
                audience.union,
            )
        )
    return rows


def demographics(world: World) -> list[Row]:
    """Shares of each creator's audience by age, gender and country."""
    rows: list[Row] = [("creator", "dimension", "value", "share")]
    for p in world.creators:
        rows += [(p.slug, "age", band, share) for band, share in zip(AGE_BANDS, p.ages, strict=True)]
        rows += [(p.slug, "gender", "female", p.women), (p.slug, "gender", "male", round(1 - p.women, 4))]
        rows += [(p.slug, "country", code, share) for code, share in p.countries]
    return rows


def splits(world: World) -> list[Row]:
    """Shares of an account's audience by what only its own platform tells: job titles, industries and the like."""
    rows: list[Row] = [("creator", "platform", "dimension", "value", "share")]
    for account in world.accounts:
        for dimension in LINKEDIN_SPLITS if account.platform == "linkedin" else ():
            shares = shares_of(world.profile(account.creator), dimension)
            rows += [(account.creator, account.platform, dimension, value, share) for value, share in shares]
    return rows


def rates(world: World) -> list[Row]:
    """Mean actions per view of each platform and format; a piece's own rates scatter around them by a lognormal .28."""
    rows: list[Row] = [("platform", "format", "metric", "per", "rate")]
    for platform, form in _published(world):
        rows += [
            (platform, form, metric, PRIMARY[platform], round(rate * FORMAT_RATE.get(form, 1.0), 6))
            for metric, rate in RATES[platform].items()
            if (form, metric) != ("story", "saves")
        ]
    return rows


def curves(world: World) -> list[Row]:
    """How views accumulate with age a in days: (1 - evergreen) (1 - 0.5^((a / half_life)^shape)) + evergreen (…)."""
    rows: list[Row] = [("platform", "format", "half_life_days", "shape", "evergreen")]
    return rows + [(*key, CURVES[key].half_life, CURVES[key].shape, CURVES[key].evergreen) for key in _published(world)]


def _published(world: World) -> list[tuple[str, str]]:
    """Platforms and formats, of the platforms on which somebody is."""
    there = {account.platform for account in world.accounts}
    return [(platform, form) for platform, form in CURVES if platform in there]


def files(world: World) -> list[Row]:
    """What each export file is: kind, day of the export, period, data rows and warts."""
    rows: list[Row] = [
        ("path", "creator", "platform", "kind", "exported_on", "period_start", "period_end", "rows", "warts")
    ]
    return rows + [
        (
            f"{f.creator}/{f.platform}/{f.name}",
            f.creator,
            f.platform,
            f.kind,
            f.exported_on,
            f.period_start,
            f.period_end,
            f.rows,
            f.warts,
        )
        for f in export_files(world)
    ]


SURVEYED = 400
TABLES: dict[str, Callable[[World], list[Row]]] = {
    "accounts": accounts,
    "contents": contents,
    "edges": edges,
    "effects": effects,
    "definition_changes": definition_changes,
    "account_days": account_days,
    "audience_cells": audience_cells,
    "audience_pairs": audience_pairs,
    "family_reach": family_reach,
    "demographics": demographics,
    "splits": splits,
    "rates": rates,
    "curves": curves,
    "files": files,
}
COMPRESSED = ("account_days", "contents")  # the longest


def write_truth(world: World, folder: str | Path) -> list[Path]:
    """Write one CSV for each table of the truth that has rows; the longest two gzipped."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in TABLES.items():
        rows = table(world)
        if len(rows) == 1:
            continue
        data = delimited(rows).encode()
        path = folder / f"{name}.csv"
        if name in COMPRESSED:
            path, data = folder / f"{name}.csv.gz", gzip.compress(data, mtime=0)
        path.write_bytes(data)
        paths.append(path)
    return paths
