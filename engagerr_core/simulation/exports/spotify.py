"""Spotify for Artists: songs over a period, the timeline of a song, and the audience's timeline."""

from datetime import UTC, date, timedelta

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import reported
from engagerr_core.simulation.world import World

SONGS_COLUMNS = ("song", "listeners", "streams", "saves", "release_date")
TIMELINES = 3  # songs whose timelines were downloaded
LONGEST_EXPORT = 365  # days


def spotify_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """Songs over the last year, the audience, and the timelines of the best songs."""
    first = max(world.start, world.end - timedelta(days=LONGEST_EXPORT - 1))
    files = [songs(world, flows, first, world.end, "1year"), audience(world, flows)]
    played = flows.daily["streams"][:, : world.days].sum(axis=1)
    best = np.argsort(-played, kind="stable")[:TIMELINES]
    return [*files, *(timeline(world, flows, int(i)) for i in best)]


def songs(
    world: World, flows: AccountFlows, first: date, last: date, label: str, *, with_total: bool = False
) -> ExportFile:
    """Listeners, streams and saves of each song over a period that only the file's name hints at."""
    listed = [i for i, c in enumerate(flows.contents) if c.published.astimezone(UTC).date() <= last]
    streams, saves = (_window(world, flows.daily[m], first, last).sum(axis=1) for m in ("streams", "saves"))
    listeners = np.ceil(streams / flows.views_per_viewer).astype(np.int64)
    rows: list[Row] = []
    for i in sorted(listed, key=lambda i: -int(streams[i])):
        content = flows.contents[i]
        row = (int(listeners[i]), int(streams[i]), int(saves[i]))
        rows.append((content.title, *row, content.published.astimezone(UTC).date()))
    if with_total:
        everybody = min(world.audiences[flows.account.creator].sizes["spotify"], int(streams.sum()))
        rows.insert(0, ("Total", everybody, int(streams.sum()), int(saves.sum()), None))
    return _file(world, flows, "spotify songs", f"{flows.account.handle}-songs-{label}.csv", SONGS_COLUMNS, rows, first)


def timeline(world: World, flows: AccountFlows, position: int) -> ExportFile:
    """Daily streams of one song, whose title stands in the file's name alone."""
    content = flows.contents[position]
    first = max(world.start, content.published.astimezone(UTC).date())
    streams = _window(world, flows.daily["streams"][position], first, world.end)
    rows: list[Row] = [(first + timedelta(days=d), int(n)) for d, n in enumerate(streams)]
    return _file(world, flows, "spotify song timeline", timeline_name(content.title), ("date", "streams"), rows, first)


def timeline_name(title: str) -> str:
    """What the timeline of a song is called.

    >>> timeline_name("¿Y mañana?")
    '_Y mañana_-timeline.csv'
    """
    kept = "".join(c if c.isalnum() or c in " -'()" else "_" for c in title)
    return f"{kept}-timeline.csv"


def audience(world: World, flows: AccountFlows, *, newer: bool = False) -> ExportFile:
    """Daily listeners, streams and followers; the newer shape has saves and additions to playlists as well."""
    names = {"listeners": flows.reach, "streams": flows.total("streams")}
    if newer:
        names |= {"playlist adds": flows.total("playlist_adds"), "saves": flows.total("saves")}
    columns = [_window(world, counts, world.start, world.end) for counts in names.values()]
    columns.append(flows.followers[: world.days])
    rows: list[Row] = [
        (world.start + timedelta(days=d), *(int(n) for n in counts))
        for d, counts in enumerate(zip(*columns, strict=True))
    ]
    header = ("date", *names, "followers")
    name = f"{flows.account.handle}-audience-timeline.csv"
    return _file(world, flows, "spotify audience", name, header, rows, world.start)


def _window(world: World, counts: np.ndarray, first: date, last: date) -> np.ndarray:
    said = reported(counts, "spotify", world.start, world.exported_on)
    return said[..., (first - world.start).days : (last - world.start).days + 1]


def _file(
    world: World, flows: AccountFlows, kind: str, name: str, header: tuple[str, ...], rows: list[Row], first: date
) -> ExportFile:
    return ExportFile(
        creator=flows.account.creator,
        platform="spotify",
        kind=kind,
        name=name,
        data=b"\xef\xbb\xbf" + delimited([header, *rows]).encode(),
        exported_on=world.exported_on,
        period_start=first,
        period_end=world.end,
        rows=len(rows),
        warts="bom lower-case",
    )
