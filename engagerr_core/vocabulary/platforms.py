"""Platforms: their names, how they cut their days, and how late they report."""

from dataclasses import dataclass
from functools import cache

from engagerr_core.errors import UnknownName
from engagerr_core.vocabulary.tables import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform.

    Attributes
    ----------
    name : the name used in every table, such as ``youtube``.
    title : as a reader sees it.
    day_zone : IANA zone in which the platform cuts its days, or ``account``.
    provisional_days : the last days before an export that may still be restated.
    post : what one published item is called.
    permalink : template of an item's address, or None where the address cannot be formed from the id.
    """

    name: str
    title: str
    day_zone: str
    provisional_days: int
    post: str
    permalink: str | None = None


@cache
def platforms() -> dict[str, Platform]:
    """All platforms by name, in the order of the table."""
    return {name: Platform(name=name, **row) for name, row in shipped("platforms.toml").items()}


def platform(name: str) -> Platform:
    """One platform. Raises `UnknownName`, listing the known ones."""
    try:
        return platforms()[name]
    except KeyError:
        raise UnknownName(f"There is no platform {name!r}. Known are {', '.join(platforms())}.") from None
