"""Meta result cards: one metric of an Instagram or Facebook account, day by day, in UTF-16; and its audience."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.profiles import AGE_BANDS
from engagerr_core.simulation.reporting import reported
from engagerr_core.simulation.world import World


def result_cards(world: World, flows: AccountFlows, cards: Sequence[str]) -> list[ExportFile]:
    """The chosen cards of one account, among Views, Reach and Follows."""
    platform = flows.account.platform
    counts = {
        "Views": flows.total("views"),
        "Reach": flows.reach,
        "Follows": flows.total("followers_gained"),
    }
    files = []
    for card in cards:
        # follows cards name their platform, most others leave it to the folder they lie in
        title = f"{platform.capitalize()} follows" if card == "Follows" else card
        said = reported(counts[card], platform, world.start, world.exported_on)[: world.days]
        files.append(_card(world, flows, f"{card}.csv", title, said))
    return files


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


def audience_card(world: World, flows: AccountFlows) -> ExportFile:
    """Age, gender and top cities of the followers, as stacked blocks."""
    profile = world.profile(flows.account.creator)
    blocks = ["sep=,\r\n", "Age & gender\r\n"]
    rows: list[tuple[object, ...]] = [("", "Women", "Men")]
    for band, share in zip(AGE_BANDS[1:], profile.ages[1:], strict=True):
        part = 100 * share / sum(profile.ages[1:])
        rows.append((band, f"{part * profile.women:.1f}", f"{part * (1 - profile.women):.1f}"))
    blocks += [delimited(rows, quote_all=True, line_end="\r\n"), "\r\n", "Top cities\r\n"]
    cities = [[name for name, _ in profile.cities], [f"{100 * share:.1f}" for _, share in profile.cities]]
    blocks.append(delimited(cities, quote_all=True, line_end="\r\n"))
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
