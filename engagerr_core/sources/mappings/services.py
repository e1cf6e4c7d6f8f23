"""Music services as royalty statements name them: which platform they are, and whether they stream or sell."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.headers import normal
from engagerr_core.vocabulary.platforms import platforms

OTHER = "other_music"  # the platform of services that have none of their own
COUNTED = ("streams", "purchases", "neither")  # what a service's units are


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Names of services, in normal form, to their platform and to what their units are."""

    known: dict[str, tuple[str, str]]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that a line may be of, in a fixed order."""
        return tuple(sorted({platform for platform, _ in self.known.values()} | {OTHER}))

    def platform(self, name: str) -> str:
        """The platform of a service."""
        return self.known.get(normal(name), (OTHER, ""))[0]

    def counts(self, name: str) -> str:
        """What the units of a service are: ``streams``, ``purchases``, ``neither``; empty where it is not known."""
        return self.known.get(normal(name), (OTHER, ""))[1]


@cache
def _shipped() -> dict[str, tuple[str, str]]:
    table = tomllib.loads(files(__package__).joinpath("services.toml").read_text(encoding="utf-8"))
    return {
        normal(name): (platform, counted)
        for platform, groups in table.items()
        for counted, names in groups.items()
        for name in names
    }


def services_of(own: Any, mapping: str) -> Services:
    """The shipped services, and those that a mapping adds: name → platform. Raises `InvalidArgument`."""
    where = f"Table of columns {mapping}, services"
    if not isinstance(own, dict):
        raise InvalidArgument(f'{where}: write them as {{"Name of the service" = "platform"}}.')
    for name, platform in own.items():
        if platform not in platforms():
            raise InvalidArgument(f"{where}: there is no platform {platform!r}, as {name!r} has it.")
    added = {
        normal(name): (platform, _shipped().get(normal(name), ("", "streams"))[1]) for name, platform in own.items()
    }
    return Services(known={**_shipped(), **added})
