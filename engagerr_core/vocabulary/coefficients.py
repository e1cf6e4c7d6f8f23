"""Coefficient sets: how native counts become standard metrics."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.platforms import platforms
from engagerr_core.vocabulary.tables import shipped

ORIGINS = ("given", "assumed", "calibrated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient: standard metric += value × native metric.

    `alternative` 1 is preferred, 2 is used where 1 cannot be formed. `optional` terms are left out where the native
    metric is unknown. `origin` is given (by the product's owner), assumed (our choice, the note says why) or
    calibrated.
    """

    platform: str
    native: str
    standard: str
    value: float
    origin: str
    alternative: int = 1
    optional: bool = False
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class CoefficientSet:
    """A versioned set of terms; every figure names the version that made it."""

    name: str
    version: str
    terms: tuple[Term, ...]
    note: str = ""

    @property
    def label(self) -> str:
        """Name and version, as figures carry it."""
        return f"{self.name} {self.version}"

    @cached_property
    def alternatives(self) -> dict[tuple[str, str], tuple[dict[str, float], ...]]:
        """Per (platform, standard metric) the ways to form it, best first: native metric → value.

        A way with optional terms is followed by the same way without them.
        """
        found: dict[tuple[str, str], tuple[dict[str, float], ...]] = {}
        keyed = sorted(self.terms, key=lambda t: (t.platform, t.standard, t.alternative))
        for (platform, standard, _), group in groupby(keyed, key=lambda t: (t.platform, t.standard, t.alternative)):
            terms = list(group)
            ways = [{t.native: t.value for t in terms}]
            if any(t.optional for t in terms):
                ways.append({t.native: t.value for t in terms if not t.optional})
            found[platform, standard] = (*found.get((platform, standard), ()), *ways)
        return found


def _check(term: Term, label: str) -> Term:
    where = f"Coefficient set {label}, {term.platform} {term.native} → {term.standard}"
    if term.platform not in platforms():
        raise InvalidArgument(f"{where}: there is no platform {term.platform!r}.")
    if term.native not in metrics() or metrics()[term.native].kind not in ("native", "estimated"):
        raise InvalidArgument(f"{where}: {term.native!r} is not a native metric.")
    if term.standard not in metrics() or metrics()[term.standard].kind != "standard":
        raise InvalidArgument(f"{where}: {term.standard!r} is not a standard metric.")
    if not 0 <= term.value < float("inf"):
        raise InvalidArgument(f"{where}: the value {term.value!r} is not a number from 0 up.")
    if term.origin not in ORIGINS:
        raise InvalidArgument(f"{where}: origin {term.origin!r} is none of {', '.join(ORIGINS)}.")
    if term.origin == "assumed" and not term.note:
        raise InvalidArgument(f"{where}: an assumed value needs a note that says why.")
    return term


def coefficient_set_from(table: dict[str, Any]) -> CoefficientSet:
    """Build and check a set from a parsed TOML table. Raises `InvalidArgument` naming the term at fault."""
    label = f"{table.get('name', '?')} {table.get('version', '?')}"
    try:
        terms = tuple(_check(Term(**row), label) for row in table["term"])
        made = CoefficientSet(
            name=table["name"], version=str(table["version"]), terms=terms, note=table.get("note", "")
        )
    except (KeyError, TypeError) as problem:
        raise InvalidArgument(
            f"Coefficient set {label}: {problem}. Compare it with the shipped default.toml."
        ) from problem
    keys = [(t.platform, t.native, t.standard, t.alternative) for t in terms]
    twice = next((k for k in keys if keys.count(k) > 1), None)
    if twice:
        raise InvalidArgument(f"Coefficient set {label}: {' '.join(map(str, twice))} stands twice.")
    return made


def load_coefficient_set(name: str = "default", folder: Path | None = None) -> CoefficientSet:
    """Load a set by name: from `folder` (a workspace's own) where it is there, else the shipped one.

    Raises `InvalidArgument` when there is none of that name, or when its file is at fault.
    """
    if folder is not None and (own := folder / f"{name}.toml").is_file():
        try:
            return coefficient_set_from(tomllib.loads(own.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as problem:
            raise InvalidArgument(f"{own} is not TOML: {problem}.") from problem
    if not name.isidentifier():
        raise InvalidArgument(f"A coefficient set's name is letters, digits and underscores, not {name!r}.")
    try:
        return coefficient_set_from(shipped(f"coefficients/{name}.toml"))
    except FileNotFoundError:
        raise InvalidArgument(f"There is no coefficient set {name!r}, neither shipped nor in {folder}.") from None
