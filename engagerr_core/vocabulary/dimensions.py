"""Dimensions: what an observation can be split by."""

from dataclasses import dataclass
from functools import cache

from engagerr_core.vocabulary.tables import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension; `part_of` says whether its values are parts that add up to the total."""

    name: str
    title: str
    part_of: bool


@cache
def dimensions() -> dict[str, Dimension]:
    """All dimensions by name. Two at once are written ``age|gender``, in alphabetical order."""
    return {name: Dimension(name=name, **row) for name, row in shipped("dimensions.toml").items()}
