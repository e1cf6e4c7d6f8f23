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
    "month", "period", "period_start", "period_end", "day_begins", "day_ends", "release_id", "reversal",
)  # fmt: skip
PERIODS = ("day", "chosen", "unknown", "none", "told", "observed")
UNITS = (*PARSERS, "day", "month_first_day", "instant")
_UNIT_OF_FIELD = {
    "content": "id", "account": "id", "published": "day", "duration": "clock", "day": "day", "observed": "day",
    "period_start": "day", "period_end": "day", "day_begins": "instant", "day_ends": "instant", "release_id": "id",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a platform writes.

    Exactly one of `metric`, `dimension`, `field` and `left_out` says what it is; `left_out` is the reason why a known
    column is not kept. `unit` is how its cells are written. `negative` allows figures below zero. `also` are other
    headers of the same column.

    Mappings know more: `currency` of the amounts, where it stands neither in the header nor in a column; `values`, what
    words in the cells mean; `part`, of a metric that is the sum of several columns; `variant`, of a metric that stands
    in one of several columns, as the kind of the post decides.
    """

    header: str
    values: Mapping[str, str] = field(default_factory=dict)  # above the attribute `field`, which hides the function
    metric: str = ""
    dimension: str = ""
    field: str = ""
    left_out: str = ""
    unit: str = ""
    negative: bool = False
    also: tuple[str, ...] = ()
    currency: str = ""
    part: str = ""
    variant: str = ""

    @property
    def role(self) -> str:
        """What the column is to a table: the name of its metric, dimension or field; empty where left out.

        One of several columns of a metric is called by both names, such as ``reach.story``.
        """
        return ".".join(filter(None, (self.metric or self.dimension or self.field, self.part or self.variant)))

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
    headers : headers that it must hold, where roles do not tell enough; those of columns left out count too.
    exact : whether every column must be known, for headers that anybody might write.
    basis : of its observations.
    period : where a row's period comes from: its ``day``, the period ``chosen`` in the platform (the file does not
        tell), ``unknown`` for good, or ``none`` for a stock. Mappings know two more: ``told`` (the row has its month or
        its first and last day) and ``observed`` (the day on which a level was observed).
    asked : whether it is considered only where the platform is named, since its headers do not tell it.
    total : the cell by which a row of totals is known, in English; empty where there is none.
    contents : whether it lists posts or accounts without any figure.
    iso_days : whether days written 2026-08-31 are part of the evidence, since the headers alone are anybody's.
    notice : what the reader should always be told.
    refused : why such a table is known and not read; empty = it is read.
    statement : whether its rows are lines of a royalty statement: lines about the same thing are added up, and totals
        of a song and of an account are put together from them.
    title_as_id : whether a song without an id is known by its release's id, else by its title.
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
    iso_days: bool = False
    notice: str = ""
    headers: tuple[str, ...] = ()
    refused: str = ""
    statement: bool = False
    title_as_id: bool = False


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
        english = {normal(header): column for column in self.columns for header in (column.header, *column.also)}
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
        columns = tuple(Column(**_with_tuples(row, "also")) for row in table["columns"])
        kinds = tuple(Kind(**_with_tuples(row, "requires", "excludes", "headers")) for row in table["kinds"])
    except (KeyError, TypeError) as problem:
        raise InvalidArgument(f"Table of columns {name}: {problem}. Compare it with youtube.toml.") from problem
    for column in columns:
        _check_column(column, name)
    roles = {column.role for column in columns}
    known = {normal(column.header) for column in columns}
    for kind in kinds:
        _check_kind(kind, roles, known, name)
    headers = [normal(header) for column in columns for header in (column.header, *column.also)]
    if twice := next((h for h in headers if headers.count(h) > 1), None):
        raise InvalidArgument(f"Table of columns {name}: the header {twice!r} stands twice.")
    headers_told, words = _translated(columns, translations or {}, name)
    return Shape(name, columns, kinds, headers_told, words)


def _with_tuples(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: tuple(row[name]) for name in names if name in row}}


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
    if (column.part or column.variant) and not (column.metric and bool(column.part) != bool(column.variant)):
        raise InvalidArgument(f"{where}: only a metric has a part or a variant, and not both.")
    if column.values and not (column.dimension or column.field):
        raise InvalidArgument(f"{where}: only a dimension or a field has values.")


def _check_kind(kind: Kind, roles: set[str], headers: set[str], name: str) -> None:
    where = f"Table of columns {name}, kind {kind.name!r}"
    if kind.platform not in platforms():
        raise InvalidArgument(f"{where}: there is no platform {kind.platform!r}.")
    if unknown := [role for role in (*kind.requires, *kind.excludes) if role not in roles]:
        raise InvalidArgument(f"{where}: no column is called {unknown[0]!r}.")
    if strange := [header for header in kind.headers if normal(header) not in headers]:
        raise InvalidArgument(f"{where}: no column has the header {strange[0]!r}.")
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
