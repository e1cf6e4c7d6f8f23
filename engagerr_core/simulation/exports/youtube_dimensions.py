"""YouTube Studio: the tables by dimensions that the sample's creators did not choose."""

from collections.abc import Sequence

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row
from engagerr_core.simulation.exports.splits import shares_of
from engagerr_core.simulation.exports.youtube import Channel, clock, hours
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.plans import AGE_BANDS
from engagerr_core.simulation.world import World

COLUMNS = {
    "subscription_status": "Subscription status",
    "device": "Device type",
    "operating_system": "Operating system",
    "playback_location": "Playback location",
}


def dimension_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """A zip for each dimension that the sample's creators did not choose."""
    channel = Channel(world, flows, world.exported_on, world.end)
    files = [_parts(channel, (header,), [(v,) for v, _ in shares_of(channel.profile, name)], name)
             for name, header in COLUMNS.items()]  # fmt: skip
    cities = [(f"0x{1000 + i:x}:0x{77 * (i + 3):x}", name) for i, (name, _) in enumerate(channel.profile.cities)]
    return [*files, _parts(channel, ("Cities", "City name"), cities, "city"), _age_and_gender(channel)]


def daily_parts(channel: Channel, dimension: str) -> np.ndarray:
    """Views by value (rows) and day: the account's, cut by the shares, rounded down."""
    shares = np.array([share for _, share in shares_of(channel.profile, dimension)])
    return np.floor(shares[:, None] * channel.total["views"]).astype(np.int64)


def _parts(channel: Channel, header: tuple[str, ...], values: Sequence[tuple[str, ...]], dimension: str) -> ExportFile:
    counts = daily_parts(channel, dimension)
    views, seconds = int(channel.total["views"].sum()), int(channel.total["watch_seconds"].sum())
    table: list[Row] = [
        (*header, "Views", "Watch time (hours)", "Average view duration"),
        ("Total", *("" for _ in header[1:]), views, hours(seconds), clock(seconds, views)),
    ]
    chart: list[Row] = [("Date", *header, "Views")]
    for value, daily in zip(values, counts, strict=True):
        mine = int(daily.sum())
        part = seconds * mine // max(1, views)
        table.append((*value, mine, hours(part), clock(part, mine)))
        chart += [(day, *value, int(n)) for day, n in zip(channel.dates, daily, strict=True)]
    return channel.packed(header[-1], table, chart)


def _age_and_gender(channel: Channel) -> ExportFile:
    table: list[Row] = [("Viewer age", "Viewer gender", "Views (%)", "Watch time (hours) (%)")]
    for band, share in zip(AGE_BANDS, channel.profile.ages, strict=True):
        for gender, part in (("Female", channel.profile.women), ("Male", 1 - channel.profile.women)):
            said = f"{100 * share * part:.2f}"
            table.append((f"{band.replace('-', '–')} years", gender, said, said))
    return channel.packed("Viewer age and gender", table, [])
