"""Which platform's table is this? Told from the headers alone, since names are translated and renamed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engagerr_core.errors import UnknownFormat
from engagerr_core.sources.headers import is_unnamed, normal
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.shapes import Column, Kind

STRONG_EVIDENCE = 4  # columns; where a kind asks for fewer, most of the others must be known too
ROWS_LOOKED_AT = 3  # below a header, for how days are written; the first may be a row of totals
HEADER_WITHIN = 20  # records, from the top, in which a header is looked for
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?: 00:00:00)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A table recognised: who reads it, as what, and in which record its header stands."""

    platform: Platform
    kind: Kind
    header: int


def detect(rows: Sequence[Sequence[str]], readers: Sequence[Platform], *, platform: str | None = None) -> Match:
    """Find the kind of a table.

    The first record that fits any kind is the header; of several kinds the one that requires most wins, then the one
    that knows most columns, then the analyst's own. `platform` leaves only the kinds of that platform.

    Raises
    ------
    UnknownFormat
        No kind fits, or kinds of two platforms fit equally well. The message names what was seen and what to do.
    """
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        fits = [
            (_strength(kind, reader, columns), reader, kind)
            for reader, columns in _read_as(row, readers)
            for kind in reader.shape.kinds
            if (
                platform == kind.platform
                or (platform is None and not kind.asked and _dated(kind, reader, rows, number))
            )
            and _fits(kind, columns)
        ]
        if not fits:
            continue
        best = max(strength for strength, _, _ in fits)
        winners = [(reader, kind) for strength, reader, kind in fits if strength == best]
        if len({kind.platform for _, kind in winners}) > 1:
            names = " or ".join(sorted({kind.platform for _, kind in winners}))
            raise UnknownFormat(f"Its columns fit {names} alike. Say which, with --platform.")
        reader, kind = winners[0]
        return Match(platform=reader, kind=kind, header=number)
    raise UnknownFormat(_not_recognised(rows, readers, platform))


def _read_as(row: Sequence[str], readers: Sequence[Platform]) -> Iterator[tuple[Platform, list[Column | None]]]:
    """What each reader takes the cells of a header for."""
    cells = [cell for cell in row if not is_unnamed(cell)]
    for reader in readers:
        yield reader, [reader.shape.column(cell) for cell in cells]


def _fits(kind: Kind, columns: Sequence[Column | None]) -> bool:
    roles = {column.role for column in columns if column is not None}
    if not roles.issuperset(kind.requires) or roles.intersection(kind.excludes):
        return False
    if kind.headers:
        headers = {normal(column.header) for column in columns if column is not None}
        if not headers.issuperset(map(normal, kind.headers)):
            return False
    unknown = sum(column is None for column in columns)
    weak = len(kind.requires) + len(kind.headers) < STRONG_EVIDENCE and not kind.contents and not kind.refused
    if unknown and (kind.exact or (weak and 2 * unknown > len(columns))):
        return False
    return kind.contents or any(column is not None and column.metric for column in columns)


def _dated(kind: Kind, reader: Platform, rows: Sequence[Sequence[str]], header: int) -> bool:
    """Whether the days below the header are written as the platform writes them, where the kind asks for that."""
    below = rows[header + 1 : header + 1 + ROWS_LOOKED_AT]
    if not kind.iso_days or not below:
        return True
    columns = [reader.shape.column(cell) for cell in rows[header]]
    day = next((place for place, column in enumerate(columns) if column and column.role == "day"), None)
    return day is not None and any(_ISO_DAY.fullmatch(row[day].strip()) for row in below if len(row) > day)


def _strength(kind: Kind, reader: Platform, columns: Sequence[Column | None]) -> tuple[int, int, bool]:
    return len(kind.requires) + len(kind.headers), sum(column is not None for column in columns), reader.own


def _asked_for(rows: Sequence[Sequence[str]], readers: Sequence[Platform]) -> list[str]:
    """Platforms whose tables it may be, though its headers alone do not tell."""
    found = {
        kind.platform
        for row in rows[:HEADER_WITHIN]
        for reader, columns in _read_as(row, readers)
        for kind in reader.shape.kinds
        if (kind.asked or kind.iso_days) and _fits(kind, columns)
    }
    return sorted(found)


def _not_recognised(rows: Sequence[Sequence[str]], readers: Sequence[Platform], platform: str | None) -> str:
    if not rows:
        return "It is empty. Export it again."
    seen = [" ".join(cell.split()) for cell in rows[0] if cell.strip()]
    shown = ", ".join(f"“{cell[:40]}”" for cell in seen[:8]) + (f" and {len(seen) - 8} more" if len(seen) > 8 else "")
    wanted = f"{platform} export" if platform else "platform's export"
    start = f"No {wanted} that is known here has the columns {shown}."
    if any(normal(cell).startswith("fivetran") for cell in seen):
        return (
            f"{start} It is a warehouse table of a platform's programming interface, not an exported file. "
            "Export the figures from the platform's own analytics page instead."
        )
    if platform is None and (named := _asked_for(rows, readers)):
        if len(named) == 1:
            return f"{start} It may be {named[0]}’s: say so, with --platform {named[0]}."
        return f"{start} It may be a table of one of {', '.join(named)}: say which, with --platform."
    if platform is not None:
        try:
            other = detect(rows, readers)
        except UnknownFormat:
            pass
        else:
            return f"{start} It looks like {other.kind.platform} ({other.kind.name}): leave --platform {platform} away."
    return (
        f"{start} See docs/file-formats.md for what is read; an exported file must keep its row of headers. "
        "For a table of your own write a mapping: engagerr mapping."
    )
