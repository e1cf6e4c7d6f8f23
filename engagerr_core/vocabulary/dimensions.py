"""Dimensions: what an observation can be split by."""

from dataclasses import dataclass
from functools import cache

from engagerr_core.vocabulary.tables import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension.

    `part_of` says whether its values are parts that add up to the total, `audience` whether it describes people.
    """

    name: str
    title: str
    part_of: bool
    audience: bool = False


@cache
def dimensions() -> dict[str, Dimension]:
    """All dimensions by name. Two at once are written ``age|gender``, in alphabetical order."""
    return {name: Dimension(name=name, **row) for name, row in shipped("dimensions.toml").items()}


def title_of(name: str) -> str:
    """A dimension, or two joined by a bar, as readers call it; the name itself where nobody defined it."""
    titles = [dimensions()[one].title if one in dimensions() else one for one in name.split("|")]
    return " and ".join([titles[0], *(title.lower() for title in titles[1:])])
