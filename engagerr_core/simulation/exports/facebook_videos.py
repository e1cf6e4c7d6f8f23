"""Facebook: the videos file of Meta Business Suite, one row a video with its retention curve."""

from zoneinfo import ZoneInfo

import numpy as np

from engagerr_core.simulation.exports.facebook import ABOUT_POST
from engagerr_core.simulation.exports.files import ExportFile, Row, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime, lifetime_reach
from engagerr_core.simulation.world import World

INTERVALS = 41
SOURCES = ("Recommendations", "Followers", "Shares")
COLUMNS = (
    *ABOUT_POST,
    "3-second video views",
    "1-minute video views",
    "Reach",
    "Reactions, Comments and Shares",
    "Reactions",
    "Comments",
    "Shares",
    "Seconds viewed",
    "Average Seconds viewed",
    *(f"Seconds viewed from {source}" for source in SOURCES),
    *(f"3-second video views from {source}" for source in SOURCES),
    "Estimated earnings (USD)",
    *(f"Percentage of total views at interval {n}" for n in range(INTERVALS)),
)


def retention(position: int) -> np.ndarray:
    """The share of the views that is still there at each interval of a video; each video's falls a little otherwise."""
    at = np.linspace(0, 1, INTERVALS)
    floor = 0.16 + 0.02 * (position % 7)
    return floor + (1 - floor) * np.exp(-at * (2.4 + 0.3 * (position % 5)))


def videos_file(world: World, flows: AccountFlows) -> ExportFile:
    """Lifetime counters of every video of the window."""
    account = flows.account
    counters = {m: lifetime(flows, m, world.start, world.exported_on) for m in flows.daily}
    reach = lifetime_reach(flows, world.start, world.exported_on)
    rows: list[Row] = [COLUMNS]
    for i, content in enumerate(flows.contents):
        local = content.published.astimezone(ZoneInfo(account.zone))
        if content.format != "short" or local.date() > world.end:
            continue
        n = {metric: int(values[i]) for metric, values in counters.items()}
        seconds, views = n["watch_seconds"], n["views"]
        parts = (int(0.7 * seconds), int(0.2 * seconds), seconds - int(0.7 * seconds) - int(0.2 * seconds))
        plays = (int(0.7 * views), int(0.2 * views), views - int(0.7 * views) - int(0.2 * views))
        rows.append(
            (
                content.id,
                account.id,
                account.title,
                content.title.split("\n")[0],
                content.title if "\n" in content.title else "",
                content.duration,
                f"{local:%m/%d/%Y %H:%M}",
                None,
                content.link,
                0,
                0,
                "Reels",
                None,
                None,
                None,
                None,
                "Lifetime",
                views,
                None,  # none lasts a minute
                int(reach[i]),
                n["likes"] + n["comments"] + n["shares"],
                n["likes"],
                n["comments"],
                n["shares"],
                seconds,
                f"{seconds / views:.3f}" if views else None,
                *parts,
                *plays,
                None,
                *(f"{share:.4f}" if views else None for share in retention(i)),
            )
        )
    return ExportFile(
        creator=account.creator,
        platform="facebook",
        kind="facebook videos",
        name=f"Video-{world.start:%b-%d-%Y}_{world.end:%b-%d-%Y}_{int(account.id) % 10**12}.csv",
        data=b"\xef\xbb\xbf" + delimited(rows).encode(),
        exported_on=world.exported_on,
        rows=len(rows) - 1,
        warts="bom retention-curve",
    )
