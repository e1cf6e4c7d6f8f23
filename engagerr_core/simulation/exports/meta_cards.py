"""Meta result cards: one metric of an Instagram or Facebook account, day by day, in UTF-16; and its audience."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.plans import AGE_BANDS
from engagerr_core.simulation.reporting import reported
from engagerr_core.simulation.world import World


def result_cards(world: World, flows: AccountFlows, cards: Sequence[str]) -> list[ExportFile]:
    """The chosen cards of one account, among those that `card_counts` has."""
    platform = flows.account.platform
    counts = card_counts(flows)
    files = []
    for card in cards:
        # follows cards name their platform, most others leave it to the folder they lie in
        title = f"{platform.capitalize()} follows" if card == "Follows" else card
        said = reported(counts[card], platform, world.start, world.exported_on)[: world.days]
        files.append(_card(world, flows, f"{card}.csv", title, said))
    return files


def card_counts(flows: AccountFlows) -> dict[str, np.ndarray]:
    """What each card of an account counts, day by day."""
    interactions = [m for m in ("likes", "comments", "shares", "saves") if m in flows.daily]
    counts = {
        "Views": flows.total("views"),
        "Reach": flows.reach,
        "Viewers": flows.reach,
        "Follows": flows.total("followers_gained"),
        "Unfollows": flows.followers_lost,
        "Content interactions": np.sum([flows.total(m) for m in interactions], axis=0),
    }
    if "profile_visits" in flows.daily:
        counts["Visits"] = flows.total("profile_visits")
    if "link_clicks" in flows.daily:
        counts["Link clicks"] = flows.total("link_clicks")
    return counts


def _card(world: World, flows: AccountFlows, name: str, title: str, counts: np.ndarray) -> ExportFile:
    days: list[date] = [world.start + timedelta(days=d) for d in range(world.days)]
    rows = [("Date", "Primary"), *((f"{day}T00:00:00", int(n)) for day, n in zip(days, counts, strict=True))]
    text = f"sep=,\r\n{title}\r\n" + delimited(rows, quote_all=True, line_end="\r\n")
    return ExportFile(
        creator=flows.account.creator,
        platform=flows.account.platform,
        kind=f"meta card {title}",
        name=name,
        data=b"\xff\xfe" + text.encode("utf-16-le"),
        exported_on=world.exported_on,
        period_start=world.start,
        period_end=world.end,
        rows=len(days),
        warts="utf-16 sep-line title-line",
    )


def audience_card(world: World, flows: AccountFlows, *, with_countries: bool = False) -> ExportFile:
    """Age, gender and top cities of the followers, as stacked blocks; sometimes the top countries too."""
    profile = world.profile(flows.account.creator)
    blocks = ["sep=,\r\n", "Age & gender\r\n"]
    rows: list[tuple[object, ...]] = [("", "Women", "Men")]
    for band, share in zip(AGE_BANDS[1:], profile.ages[1:], strict=True):
        part = 100 * share / sum(profile.ages[1:])
        rows.append((band, f"{part * profile.women:.1f}", f"{part * (1 - profile.women):.1f}"))
    blocks += [delimited(rows, quote_all=True, line_end="\r\n"), "\r\n", "Top cities\r\n"]
    cities = [[name for name, _ in profile.cities], [f"{100 * share:.1f}" for _, share in profile.cities]]
    blocks.append(delimited(cities, quote_all=True, line_end="\r\n"))
    if with_countries:
        listed = profile.countries[:5]
        countries = [[code for code, _ in listed], [f"{100 * share:.1f}" for _, share in listed]]
        blocks += ["\r\n", "Top countries\r\n", delimited(countries, quote_all=True, line_end="\r\n")]
    return ExportFile(
        creator=flows.account.creator,
        platform=flows.account.platform,
        kind="meta audience",
        name="Audience.csv",
        data=b"\xff\xfe" + "".join(blocks).encode("utf-16-le"),
        exported_on=world.exported_on,
        rows=len(rows) + 1,
        warts="utf-16 sep-line stacked-blocks",
    )
