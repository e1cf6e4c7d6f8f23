"""A mapping's TOML text to a reader."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.mappings.refining import refine
from engagerr_core.sources.mappings.services import Services, services_of
from engagerr_core.sources.mappings.statements import ITS_OWN, UNITS_SOLD, split_by_service
from engagerr_core.sources.mappings.totals import complete
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.shapes import Column, Kind, Shape, shape_from

ENTRIES = ("columns", "kinds", "services")


def parsed_mapping(text: str, name: str, *, own: bool = False) -> Platform:
    """The reader that a mapping describes. Raises `InvalidArgument` naming the mapping and the entry at fault."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise InvalidArgument(f"The mapping {name} is not TOML: {problem}.") from None
    if strange := [entry for entry in table if entry not in ENTRIES]:
        raise InvalidArgument(f"The mapping {name} has {strange[0]!r}; it may have {', '.join(ENTRIES)}.")
    for entry in ("columns", "kinds"):
        if not isinstance(table.get(entry), list) or not all(isinstance(row, dict) for row in table[entry]):
            raise InvalidArgument(f"The mapping {name} needs a list of {entry}, such as {entry} = [{{…}}].")
    shape = shape_from({"columns": table["columns"], "kinds": _one_a_platform(table["kinds"])}, name)
    shape = replace(shape, columns=tuple(map(_read_leniently, shape.columns)))
    services = services_of(table.get("services", {}), name)
    for kind in shape.kinds:
        _check(kind, shape)
    if any(kind.statement for kind in shape.kinds):
        shape = _with_services(shape, services)
    return Platform(
        shape=shape,
        refine=partial(refine, services=services),
        split=partial(split_by_service, shape, services) if _tells_service(shape) else None,
        complete=complete,
        own=own,
    )


def _read_leniently(column: Column) -> Column:
    """A release's code is not always needed: whether a damaged one costs its line is told when the line is tidied."""
    return replace(column, unit="text") if column.field == "release_id" and not column.unit else column


def _one_a_platform(kinds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A kind of several ``platforms`` is one of each, and is considered only where the platform is named."""
    single = [row for row in kinds if "platforms" not in row]
    several = [row for row in kinds if "platforms" in row]
    return single + [
        {**{key: value for key, value in row.items() if key != "platforms"}, "platform": platform, "asked": True}
        for row in several
        for platform in row["platforms"]
    ]


def _tells_service(shape: Shape) -> bool:
    return any(kind.statement for kind in shape.kinds) and any(c.dimension == "service" for c in shape.columns)


def _with_services(shape: Shape, services: Services) -> Shape:
    """A statement's kind once for each service that its lines may be of, and the units that were sold, not streamed."""
    kinds = list(shape.kinds)
    if _tells_service(shape):
        for kind in shape.kinds:
            if kind.statement:
                others = [name for name in services.platforms if name != kind.platform]
                kinds += [replace(kind, platform=name, asked=True) for name in others]
    columns = shape.columns
    if not any(column.metric == "purchases" for column in columns):
        columns = (*columns, Column(header=UNITS_SOLD, metric="purchases", negative=True))
    if not any(column.dimension == "statement" for column in columns):
        columns = (*columns, Column(header=ITS_OWN, dimension="statement"))
    return replace(shape, kinds=tuple(kinds), columns=columns)


_PERIOD_COLUMNS: Mapping[str, tuple[set[str], ...]] = {
    "told": ({"month"}, {"period"}, {"period_start", "period_end"}, {"day_begins"}, {"day_ends"}),
    "observed": ({"observed"},),
    "day": ({"day"},),
}


def _check(kind: Kind, shape: Shape) -> None:
    """Refuse a kind whose rows could not tell their period."""
    ways = _PERIOD_COLUMNS.get(kind.period, ())
    if ways and not kind.refused and not any(way.issubset(kind.requires) for way in ways):
        asked = " or ".join(" and ".join(sorted(way)) for way in ways)
        where = f"Table of columns {shape.name}, kind {kind.name!r}"
        raise InvalidArgument(f"{where}: period {kind.period!r} needs {asked} among its requires.")
