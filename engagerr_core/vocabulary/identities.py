"""Identities: what must hold between the figures of one row."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from engagerr_core.vocabulary.tables import shipped

Relation = Literal["<=", ">=", "=="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One relation between metrics.

    Attributes
    ----------
    name : as a finding names it.
    left, relation, right : `right` holds metrics that are added; one with a minus before it is taken away.
    severity : ``warning`` or ``note``, where it is broken.
    meaning : one sentence on why it must hold.
    platforms : where it holds; empty = everywhere.
    tolerance : share of the larger side by which rounding may break it.
    """

    name: str
    left: str
    relation: Relation
    right: tuple[str, ...]
    severity: str
    meaning: str
    platforms: tuple[str, ...] = ()
    tolerance: float = 0.0


@cache
def identities() -> tuple[Identity, ...]:
    """All identities, in the order of the table."""
    rows = shipped("identities.toml")["identity"]
    return tuple(
        Identity(**{**row, "right": tuple(row["right"]), "platforms": tuple(row.get("platforms", ()))}) for row in rows
    )
