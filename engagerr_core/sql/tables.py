"""The tables that SQL may ask, one line each: what stands in them, their columns, and where the rows come from."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset as ds

    from engagerr_core.workspace import Workspace

    Rows: TypeAlias = pa.Table | ds.Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes
    ----------
    about : what one row is.
    schema : its columns, found without reading rows.
    rows : the rows of one creator, or of all (None). The columns named are those that the query needs; the others have
        to be there, but may be unknown.
    """

    about: str
    schema: "Callable[[Workspace], pa.Schema]"
    rows: "Callable[[Workspace, str | None, frozenset[str]], Rows]"


def _observation_schema(workspace: "Workspace") -> "pa.Schema":
    from engagerr_core.vocabulary.observation import observation_schema

    return observation_schema()


def _statement_schema(workspace: "Workspace") -> "pa.Schema":
    import pyarrow as pa

    return _observation_schema(workspace).append(pa.field("month", pa.string()))


def _content_schema(workspace: "Workspace") -> "pa.Schema":
    import pyarrow as pa

    from engagerr_core.vocabulary.content import content_schema
    from engagerr_core.vocabulary.context import LABELS, origin_of

    schema = content_schema()
    for name in (name for label in LABELS for name in (label, origin_of(label))):
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.string()))
    return schema


def _event_schema(workspace: "Workspace") -> "pa.Schema":
    import pyarrow as pa

    from engagerr_core.vocabulary.context import EVENT_COLUMNS

    days = ("start", "end")
    return pa.schema([pa.field(name, pa.date32() if name in days else pa.string()) for name in EVENT_COLUMNS])


def _observations(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "pa.Table":
    """The resolved rows. Columns that are not needed cost neither time nor memory: they are one unknown, repeated."""
    import pyarrow as pa

    schema = _observation_schema(workspace)
    read = [name for name in schema.names if name in needed] or ["row"]
    table = workspace.observation_table(creator=creator, columns=read)
    for field in schema:
        if field.name not in read:
            ends = [len(table)] if len(table) else []
            unknown = pa.RunEndEncodedArray.from_arrays(pa.array(ends, pa.int32()), pa.nulls(len(ends), field.type))
            table = table.append_column(field.name, unknown)
    return table.select(schema.names)


def _statements(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "ds.Dataset":
    """The lake itself: DuckDB asks it for the columns and partitions that it needs."""
    import pyarrow.dataset as ds
    from deltalake import DeltaTable

    version = workspace.lake.version  # names a lake that cannot be read
    stored = DeltaTable(str(workspace.lake.folder), version=version).to_pyarrow_dataset()
    dataset = stored.replace_schema(_statement_schema(workspace))  # metrics that this lake does not know yet
    return dataset if creator is None else dataset.filter(ds.field("creator") == creator)


def _contents(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "pa.Table":
    return _arrow(workspace.contents(creator), _content_schema(workspace))


def _events(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "pa.Table":
    return _arrow(workspace.events(creator), _event_schema(workspace))


def _arrow(frame: "pd.DataFrame", schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    told = pa.schema([field for field in schema if field.name in frame.columns])
    return _conformed(pa.Table.from_pandas(frame[told.names], schema=told, preserve_index=False), schema)


def _conformed(table: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    """The table with these columns; what it does not have is unknown."""
    import pyarrow as pa

    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(schema.names).cast(schema)


def _from_catalogue(about: str, name: str, *order: str, hidden: tuple[str, ...] = ()) -> Table:
    """A table of the catalogue as it stands there, sorted; of one creator where it tells whose its rows are."""

    def shown(workspace: "Workspace") -> "pa.Schema":
        import pyarrow as pa

        from engagerr_core.store.tables import Base

        columns = (column for column in Base.metadata.tables[name].c if column.name not in hidden)
        return pa.schema([pa.field(column.name, _arrow_type(column.type)) for column in columns])

    def rows(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "pa.Table":
        import pyarrow as pa
        from sqlalchemy import select

        from engagerr_core.store.tables import Base

        schema, table = shown(workspace), Base.metadata.tables[name]
        query = select(*(table.c[column] for column in schema.names)).order_by(*(table.c[column] for column in order))
        if creator is not None:
            query = query.where(_whose(name, creator))
        with workspace.catalogue.reading() as connection:
            found = connection.execute(query).fetchall()
        return pa.table(
            [pa.array([row[place] for row in found], field.type) for place, field in enumerate(schema)], schema=schema
        )

    return Table(about=about, schema=shown, rows=rows)


def _whose(table: str, creator: str) -> Any:
    """The rows that belong to a creator. What was refused has no owner and is told to everybody."""
    from sqlalchemy import select

    from engagerr_core.store.tables import Base, File, Rejected, Run

    if table == "runs":
        return Run.run.in_(select(File.run).where(File.creator == creator))
    if table == "rejected":
        return Rejected.file.not_in(select(File.file).where(File.creator != creator))
    return Base.metadata.tables[table].c.creator == creator


def _arrow_type(kind: Any) -> "pa.DataType":
    import pyarrow as pa
    from sqlalchemy import JSON, Date, Double, Float, Integer

    from engagerr_core.store.tables import Instant

    if isinstance(kind, Instant):
        return pa.timestamp("us", tz="UTC")
    if isinstance(kind, Date):
        return pa.date32()
    if isinstance(kind, Integer):
        return pa.int64()
    if isinstance(kind, Double | Float):
        return pa.float64()
    return pa.list_(pa.string()) if isinstance(kind, JSON) else pa.string()


def _vocabulary(about: str, records: "Callable[[Workspace], Iterable[dict[str, Any]]]", fields: str) -> Table:
    """A small table made from what the package knows; `fields` are its columns, those that are no text as name:type."""

    def schema(workspace: "Workspace") -> "pa.Schema":
        import pyarrow as pa

        kinds = {"days": pa.date32(), "number": pa.float64(), "whole": pa.int64(), "yes": pa.bool_()}
        kinds |= {"list": pa.list_(pa.string())}
        named = (field.partition(":") for field in fields.split())
        return pa.schema([pa.field(name, kinds.get(kind, pa.string())) for name, _, kind in named])

    def rows(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "pa.Table":
        import pyarrow as pa

        said = [{key: None if value == "" else value for key, value in one.items()} for one in records(workspace)]
        return pa.Table.from_pylist(said, schema=schema(workspace))

    return Table(about=about, schema=schema, rows=rows)


def _daily(about: str, name: str) -> Table:
    """One of the daily tables as it holds now: read where it is up to date, else made in memory."""

    def schema(workspace: "Workspace") -> "pa.Schema":
        import pyarrow as pa

        own = workspace.days.tables[name].schema
        return pa.schema([pa.field("platform", pa.string()), *(field for field in own if field.name != "platform")])

    def rows(workspace: "Workspace", creator: str | None, needed: frozenset[str]) -> "Rows":
        from engagerr_core.analysis.daily import platform_days

        days, shown = workspace.days, schema(workspace)
        if name == "contents":
            return _arrow(days.contents(workspace.coefficients, creator), shown)
        accounts = days.accounts(workspace.coefficients, creator)
        if name == "accounts":
            return _arrow(accounts, shown)
        return _conformed(platform_days(_arrow(accounts, TABLES["accounts_daily"].schema(workspace))), shown)

    return Table(about=about, schema=schema, rows=rows)


def _terms(workspace: "Workspace") -> Iterable[dict[str, Any]]:
    chosen = workspace.coefficients
    return [{"coefficient_set": chosen.label, **asdict(term)} for term in chosen.terms]


def _metrics(workspace: "Workspace") -> Iterable[dict[str, Any]]:
    from engagerr_core.vocabulary.metrics import AXES, metrics

    rules = {one.name: {f"over_{axis}": one.over.get(axis, "never") for axis in AXES} for one in metrics().values()}
    return [{**asdict(one), **rules[one.name]} for one in metrics().values()]


def _definitions(workspace: "Workspace") -> Iterable[dict[str, Any]]:
    from engagerr_core.vocabulary.definitions import definitions

    return [{"definition": one.name, **asdict(one), "formats": list(one.formats)} for one in definitions()]


TABLES: dict[str, Table] = {
    "observations": Table(
        about="a figure as it holds now: the latest known values of a subject, dimension, basis and period",
        schema=_observation_schema, rows=_observations,
    ),
    "statements": Table(
        about="a stored row, as its file said it", schema=_statement_schema, rows=_statements
    ),
    "contents": Table(
        about="a post: the latest known of it, with its labels", schema=_content_schema, rows=_contents
    ),
    "contents_daily": _daily("what a post did on a day", "contents"),
    "accounts_daily": _daily("what an account did on a day, with standard metrics", "accounts"),
    "platforms_daily": _daily("what all accounts of a platform did on a day", "platforms"),
    "accounts": _from_catalogue("an account on a platform", "accounts", "creator", "platform", "account"),
    "creators": _from_catalogue("somebody who publishes", "creators", "creator"),
    "files": _from_catalogue("a stored table and where it came from", "files", "run", "path", "file"),
    "runs": _from_catalogue("an ingest batch", "runs", "run"),
    "rejected": _from_catalogue("a row in quarantine, or a whole file", "rejected", "path", "id", hidden=("id",)),
    "events": Table(
        about="something that happened to accounts: the analyst's events and definition changes",
        schema=_event_schema, rows=_events,
    ),
    "coefficients": _vocabulary(
        "a term of the coefficient set in force", _terms,
        "coefficient_set platform native standard value:number origin alternative:whole optional:yes low:number "
        "high:number note",
    ),
    "metrics": _vocabulary(
        "a metric and how it may be aggregated", _metrics,
        "name title kind unit meaning numerator denominator over_time over_content over_platform over_creator",
    ),
    "definitions": _vocabulary(
        "what a platform means by a metric, and since when", _definitions,
        "definition platform metric formats:list valid_from:days valid_to:days text comparable_to",
    ),
}  # fmt: skip
