"""Which platform's table is this? Told from the headers alone, since names are translated and renamed."""

from collections.abc import Sequence
from dataclasses import dataclass

from engagerr_core.errors import UnknownFormat
from engagerr_core.sources.headers import normal
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.shapes import Column, Kind, Shape

HEADER_WITHIN = 5  # records, from the top, in which a header is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A table recognised: who reads it, as what, and in which record its header stands."""

    platform: Platform
    kind: Kind
    header: int


def detect(rows: Sequence[Sequence[str]], readers: Sequence[Platform], *, platform: str | None = None) -> Match:
    """Find the kind of a table.

    The first record that fits any kind is the header; of several kinds the one that requires most wins. `platform`
    leaves only the kinds of that platform.

    Raises
    ------
    UnknownFormat
        No kind fits, or kinds of two platforms fit equally well. The message names what was seen and what to do.
    """
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        fits = [
            (_strength(kind, reader.shape, row), reader, kind)
            for reader in readers
            for kind in reader.shape.kinds
            if (platform == kind.platform or (platform is None and not kind.asked)) and _fits(kind, reader.shape, row)
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


def _fits(kind: Kind, shape: Shape, row: Sequence[str]) -> bool:
    columns = [shape.column(cell) for cell in row if cell.strip()]
    roles = {column.role for column in columns if column is not None}
    if not roles.issuperset(kind.requires) or roles.intersection(kind.excludes):
        return False
    if kind.exact and None in columns:
        return False
    return kind.contents or any(column is not None and column.metric for column in columns)


def _strength(kind: Kind, shape: Shape, row: Sequence[str]) -> tuple[int, int]:
    known: list[Column | None] = [shape.column(cell) for cell in row]
    return len(kind.requires), sum(column is not None for column in known)


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
    if platform is not None:
        try:
            other = detect(rows, readers)
        except UnknownFormat:
            pass
        else:
            return f"{start} It looks like {other.kind.platform} ({other.kind.name}): leave --platform {platform} away."
    return f"{start} See docs/file-formats.md for what is read; an exported file must keep its row of headers."
