"""Other music services and distributors: songs of Apple's kind, and a royalty statement by month, store and country.

What they count is what the simulation counts as Spotify's streams, so that the truth needs no second musician.
"""

from datetime import date

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.world import World

SONGS_COLUMNS = ("Song", "Song ID", "Artist", "Album", "Plays", "Average Daily Listeners", "Shazams", "Purchases")
STATEMENT_COLUMNS = (
    "Sale Month", "Reporting Date", "Store", "Artist", "Title", "Release", "Label", "ISRC", "UPC", "Country",
    "Sales Type", "Quantity", "Earnings", "Currency",
)  # fmt: skip
DOLLARS_PER_STREAM = 0.0031
LISTED_COUNTRIES = 4


def music_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """The songs of one service and the statement of one distributor."""
    return [_songs(world, flows), statement(world, flows)]


def recording_code(number: int) -> str:
    """The standard code of a recording, in a country that does not exist.

    >>> recording_code(17)
    'ZZSIM2600017'
    """
    return f"ZZSIM26{number % 100_000:05d}"


def _songs(world: World, flows: AccountFlows) -> ExportFile:
    plays = flows.daily["streams"][:, : world.days].sum(axis=1)
    listeners = flows.daily["streams"][:, : world.days].mean(axis=1) / flows.views_per_viewer
    rows: list[Row] = [SONGS_COLUMNS]
    for i in np.argsort(-plays, kind="stable"):
        song = flows.contents[int(i)]
        row = (song.title, 1_600_000_000 + song.number, flows.account.title, song.topic.title(), int(plays[i]))
        rows.append((*row, int(listeners[i]), int(plays[i]) // 900, int(plays[i]) // 4000))
    return _file(world, flows, "apple_music", "apple music songs", f"songs_{world.start}_{world.end}.csv", rows)


def statement(world: World, flows: AccountFlows) -> ExportFile:
    """Streams and earnings of each song by month and country."""
    countries = world.profile(flows.account.creator).countries[:LISTED_COUNTRIES]
    rows: list[Row] = [STATEMENT_COLUMNS]
    for month, days in _months(world).items():
        reported_on = date(month.year + month.month // 12, month.month % 12 + 1, 20)
        for i, song in enumerate(flows.contents):
            streams = int(flows.daily["streams"][i, days].sum())
            for country, share in countries:
                quantity = int(streams * share)
                if quantity:
                    rows.append((
                        f"{month:%Y-%m}", reported_on, "Spotify", flows.account.title, song.title, song.topic.title(),
                        "Patio Discos", recording_code(song.number), 1_900_000_000_000 + song.number, country,
                        "Streaming", quantity, f"{quantity * DOLLARS_PER_STREAM:.8f}", "USD",
                    ))  # fmt: skip
    return _file(world, flows, "other_music", "royalty statement", f"statement_{world.exported_on}.csv", rows)


def _months(world: World) -> dict[date, list[int]]:
    """The first day of each month of the window, and the positions of its days."""
    months: dict[date, list[int]] = {}
    for d in range(world.days):
        day = date.fromordinal(world.start.toordinal() + d)
        months.setdefault(day.replace(day=1), []).append(d)
    return months


def _file(world: World, flows: AccountFlows, platform: str, kind: str, name: str, rows: list[Row]) -> ExportFile:
    return ExportFile(
        creator=flows.account.creator,
        platform=platform,
        kind=kind,
        name=name,
        data=delimited(rows).encode(),
        exported_on=world.exported_on,
        period_start=world.start,
        period_end=world.end,
        rows=len(rows) - 1,
    )
