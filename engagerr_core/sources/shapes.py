"""What a platform's tables look like: columns and kinds of tables, as its TOML file declares them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.headers import normal, split_currency
from engagerr_core.sources.values import PARSERS
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import native
from engagerr_core.vocabulary.observation import BASES
from engagerr_core.vocabulary.platforms import platforms

FIELDS = (
    "content", "title", "url", "format", "published", "duration", "account", "account_title", "day", "observed",
    "covers", "card", "description", "country_name", "city_id",
)  # fmt: skip
PERIODS = ("day", "chosen", "unknown", "none")
UNITS = (*PARSERS, "day", "month_first_day", "instant")
_UNIT_OF_FIELD = {
    "content": "id", "account": "id", "published": "day", "duration": "clock", "day": "day", "observed": "day",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a platform writes.

    Exactly one of `metric`, `dimension`, `field` and `left_out` says what it is; `left_out` is the reason why a known
    column is not kept. `unit` is how its cells are written. `negative` allows figures below zero.
    """

    header: str
    metric: str = ""
    dimension: str = ""
    field: str = ""
    left_out: str = ""
    unit: str = ""
    negative: bool = False

    @property
    def role(self) -> str:
        """What the column is to a table: the name of its metric, dimension or field; empty where left out."""
        return self.metric or self.dimension or self.field

    @property
    def written_as(self) -> str:
        """The unit in force, given or usual."""
        return self.unit or ("count" if self.metric else _UNIT_OF_FIELD.get(self.field, "text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of table.

    Attributes
    ----------
    name : as a reader sees it, such as ``table by country``.
    requires : roles that the header must hold.
    excludes : roles that it must not hold.
    exact : whether every column must be known, for headers that anybody might write.
    basis : of its observations.
    period : where a row's period comes from: its ``day``, the period ``chosen`` in the platform (the file does not
        tell), ``unknown`` for good, or ``none`` for a stock.
    asked : whether it is considered only where the platform is named, since its headers do not tell it.
    total : the cell by which a row of totals is known, in English; empty where there is none.
    contents : whether it lists posts or accounts without any figure.
    notice : what the reader should always be told.
    """

    platform: str
    name: str
    requires: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    exact: bool = False
    asked: bool = False
    basis: str
    period: str
    total: str = ""
    contents: bool = False
    notice: str = ""


@dataclass(frozen=True)
class Shape:
    """The columns and kinds of one TOML file, and what other languages call them.

    `headers` and `words` lead from the normal form of a translation to the English header, or to the English word of a
    cell such as ``Total``.
    """

    name: str
    columns: tuple[Column, ...]
    kinds: tuple[Kind, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Columns by their normal header, in every language."""
        english = {normal(column.header): column for column in self.columns}
        return {**{told: english[normal(header)] for told, header in self.headers.items()}, **english}

    def word(self, cell: str) -> str:
        """The English word of a translated cell; the cell itself where it is no such word."""
        return self.words.get(normal(cell), cell)

    def column(self, header: str) -> Column | None:
        """The column of that header, its currency aside; None where the platform has none such."""
        bare, currency = split_currency(header)
        found = self.by_header.get(normal(bare if currency else header))
        if found is not None and currency and found.written_as != "money":
            return None
        return found


def shape_from(table: dict[str, Any], name: str, translations: dict[str, Any] | None = None) -> Shape:
    """Build and check a shape from parsed TOML tables. Raises `InvalidArgument` naming the entry at fault.

    `translations` holds for each language ``headers`` (English header → what that language writes, one or several) and
    ``words`` (English word of a cell, such as ``Total`` → the same).
    """
    try:
        columns = tuple(Column(**row) for row in table["columns"])
        kinds = tuple(
            Kind(**{**row, "requires": tuple(row["requires"]), "excludes": tuple(row.get("excludes", ()))})
            for row in table["kinds"]
        )
    except (KeyError, TypeError) as problem:
        raise InvalidArgument(f"Table of columns {name}: {problem}. Compare it with youtube.toml.") from problem
    for column in columns:
        _check_column(column, name)
    roles = {column.role for column in columns}
    for kind in kinds:
        _check_kind(kind, roles, name)
    headers = [normal(column.header) for column in columns]
    if twice := next((h for h in headers if headers.count(h) > 1), None):
        raise InvalidArgument(f"Table of columns {name}: the header {twice!r} stands twice.")
    headers_told, words = _translated(columns, translations or {}, name)
    return Shape(name, columns, kinds, headers_told, words)


def _translated(
    columns: tuple[Column, ...], translations: dict[str, Any], name: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Translations of headers and words, all languages together; `InvalidArgument` where one means two things."""
    english = {normal(column.header): column for column in columns}
    headers: dict[str, str] = {}
    words: dict[str, str] = {}
    for language, part in translations.items():
        where = f"Translations of {name}, {language}"
        for header, told in part.get("headers", {}).items():
            if normal(header) not in english:
                raise InvalidArgument(f"{where}: there is no column {header!r}.")
            for one in [told] if isinstance(told, str) else told:
                meant = english.get(normal(one)) or english.get(normal(headers.get(normal(one), "")))
                if meant is not None and meant.role != english[normal(header)].role:
                    raise InvalidArgument(f"{where}: {one!r} means {header!r} and {meant.header!r}.")
                headers.setdefault(normal(one), header)
        for word, told in part.get("words", {}).items():
            for one in [told] if isinstance(told, str) else told:
                if words.setdefault(normal(one), word) != word:
                    raise InvalidArgument(f"{where}: {one!r} means {word!r} and {words[normal(one)]!r}.")
    return headers, words


def _check_column(column: Column, name: str) -> None:
    where = f"Table of columns {name}, {column.header!r}"
    if sum(map(bool, (column.metric, column.dimension, column.field, column.left_out))) != 1:
        raise InvalidArgument(f"{where}: say exactly one of metric, dimension, field and left_out.")
    if column.metric and column.metric not in native():
        raise InvalidArgument(f"{where}: {column.metric!r} is not a native metric.")
    if column.dimension and column.dimension not in dimensions():
        raise InvalidArgument(f"{where}: {column.dimension!r} is not a dimension.")
    if column.field and column.field not in FIELDS:
        raise InvalidArgument(f"{where}: {column.field!r} is none of {', '.join(FIELDS)}.")
    if column.written_as not in UNITS:
        raise InvalidArgument(f"{where}: {column.unit!r} is none of the units {', '.join(UNITS)}.")


def _check_kind(kind: Kind, roles: set[str], name: str) -> None:
    where = f"Table of columns {name}, kind {kind.name!r}"
    if kind.platform not in platforms():
        raise InvalidArgument(f"{where}: there is no platform {kind.platform!r}.")
    if unknown := [role for role in (*kind.requires, *kind.excludes) if role not in roles]:
        raise InvalidArgument(f"{where}: no column is called {unknown[0]!r}.")
    if kind.basis not in BASES or kind.period not in PERIODS:
        raise InvalidArgument(f"{where}: basis {kind.basis!r} or period {kind.period!r} is not known.")


@cache
def load_shape(name: str) -> Shape:
    """The shape that the TOML file of that name, beside the platforms' modules, declares, with its translations."""
    folder = files("engagerr_core.sources.platforms")
    table = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    other = folder.joinpath("translations", f"{name}.toml")
    translations = tomllib.loads(other.read_text(encoding="utf-8")) if other.is_file() else {}
    return shape_from(table, name, translations)
