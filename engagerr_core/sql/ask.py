"""Asking: a query that may be asked is planned without rows, gets the tables that it needs, and is run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.sql.frames import frame_of
from engagerr_core.sql.permitted import Question, permitted
from engagerr_core.sql.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from engagerr_core.workspace import Workspace

Parameters = Mapping[str, Any] | Sequence[Any]

LARGEST = 2_000_000_000  # bytes of an answer; more is a table to export, not one to look at
BATCH = 100_000  # rows fetched at once: between two batches Ctrl-C is heard
TRIES = 5  # until nobody ingests while the tables are fetched
_PLAN = "EXPLAIN (FORMAT json) "
_CONFIGURATION: dict[str, Any] = {
    "enable_external_access": "false", "autoload_known_extensions": "false", "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false", "allow_persistent_secrets": "false", "python_enable_replacements": "false",
    "temp_directory": "", "memory_limit": "2GB",
    "threads": "1",  # sums of several threads differ in their last digits from run to run
    "ieee_floating_point_ops": "false", "error_on_division_by_zero": "false",  # what is divided by 0 is unknown
}  # fmt: skip


def sql(
    workspace: "Workspace", query: str, parameters: Parameters | None = None, creator: str | None = None
) -> "pd.DataFrame":
    """Ask both stores in SQL (DuckDB's dialect); nothing is changed and nothing outside the workspace is read.

    Parameters
    ----------
    query : one SELECT (or WITH, FROM, VALUES, EXPLAIN, DESCRIBE, SUMMARIZE, SHOW TABLES) over the tables of
        `engagerr_core.sql.tables`. Days of instants are those of the workspace's time zone.
    parameters : values by name for ``$name``, or in order for ``?``. Never write values into the query yourself.
    creator : only this one's rows.

    Returns
    -------
    The rows, in the order that the query gives them. What is unknown is missing; so is what is divided by 0.

    Raises
    ------
    InvalidArgument
        The query is at fault or does more than read; the message says where.
    UnknownName
        There is no such table or creator.
    """
    if creator is not None:
        workspace.require_creator(creator)
    if parameters is not None and isinstance(parameters, str | bytes):
        raise InvalidArgument("parameters is a text. Give a dict for $name, or a list for ?.")
    values = dict(parameters) if isinstance(parameters, Mapping) else list(parameters or ())
    with _connected(workspace) as connection:
        asked = permitted(connection, query, TABLES)
        looked_up = TABLES if asked.looks_around else asked.tables
        for name in sorted(looked_up):
            connection.register(name, TABLES[name].schema(workspace).empty_table())
        connection.execute("SET lock_configuration = true")
        needed = _columns(connection, asked, values)  # with every mistake named before a row is read
        if not asked.describes:
            _fill(workspace, connection, asked, values, creator, needed)
        with _named_faults(workspace, asked):
            return frame_of(_fetched(connection, asked.query, values))


@contextmanager
def _connected(workspace: "Workspace") -> Iterator["DuckDBPyConnection"]:
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIGURATION)
    try:
        connection.execute(f"SET TimeZone = '{workspace.settings.time_zone}'")
        yield connection
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as problem:
        raise _refusal(problem) from None
    except RuntimeError as problem:
        if str(problem) == "Query interrupted":  # how DuckDB tells of Ctrl-C
            raise KeyboardInterrupt from None
        raise
    finally:
        connection.close()


def _columns(connection: "DuckDBPyConnection", asked: Question, values: Any) -> frozenset[str]:
    """The columns that the query reads, of whichever table, as DuckDB's plan of it says."""
    plan = connection.execute(_PLAN + asked.inner, values).fetchall()[0][1]
    found: set[str] = set()
    waiting = list(json.loads(plan))
    while waiting:
        step = waiting.pop()
        waiting.extend(step["children"])
        read = step["extra_info"].get("Projections", ()) if "ARROW_SCAN" in step["name"] else ()
        found.update([read] if isinstance(read, str) else read)
    return frozenset(found)


def _fill(
    workspace: "Workspace",
    connection: "DuckDBPyConnection",
    asked: Question,
    values: Any,
    creator: str | None,
    needed: frozenset[str],
) -> None:
    """Put the rows into the tables that the query names, all of one state of the workspace.

    With rows DuckDB may plan otherwise than without: should it then read a column more, all are fetched.
    """
    for _ in range(TRIES):
        before = _state(workspace)
        for name in sorted(asked.tables):
            connection.register(name, TABLES[name].rows(workspace, creator, needed))
        if _state(workspace) == before:
            break
    if not _columns(connection, asked, values) <= needed:
        everything = frozenset(name for table in asked.tables for name in TABLES[table].schema(workspace).names)
        _fill(workspace, connection, asked, values, creator, everything)


def _state(workspace: "Workspace") -> tuple[Any, ...]:
    from sqlalchemy import func, select

    from engagerr_core.store.tables import Run

    with workspace.catalogue.reading() as connection:
        return workspace.version, connection.execute(select(func.max(Run.run))).scalar()


def _fetched(connection: "DuckDBPyConnection", query: str, values: Any) -> "pa.Table":
    import pyarrow as pa

    reader = connection.sql(query, params=values).to_arrow_reader(BATCH)
    batches, size = [], 0
    for batch in reader:
        batches.append(batch)
        size += batch.nbytes
        if size > LARGEST:
            raise InvalidArgument(
                f"The answer is larger than {LARGEST / 1e9:g} GB. Aggregate, name fewer columns, or ask for a part."
            )
    return pa.Table.from_batches(batches, schema=reader.schema)


@contextmanager
def _named_faults(workspace: "Workspace", asked: Question) -> Iterator[None]:
    """A Parquet file that cannot be read is named by the lake itself."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError):
        if "statements" in asked.tables:
            workspace.lake.files()
        raise


def _refusal(problem: Exception) -> InvalidArgument:
    import duckdb

    if isinstance(problem, duckdb.OutOfMemoryException):
        return InvalidArgument(
            f"The query needs more than {_CONFIGURATION['memory_limit']} of memory. Filter first, name the columns "
            "that you need, or aggregate."
        )
    if isinstance(problem, duckdb.InternalException | duckdb.FatalException):
        return InvalidArgument("DuckDB failed on the query. Write it another way; the stores were not touched.")
    said = _as_written(str(problem))
    if "expression depth" in said:
        return InvalidArgument("The query cannot be answered: it is nested too deeply. Break it up with WITH.")
    return InvalidArgument(f"The query cannot be answered. {said}\nMend it there; DESCRIBE table tells its columns.")


def _as_written(said: str) -> str:
    """DuckDB's words with the mark under the place at fault, the query as it was asked."""
    lines = said.strip().splitlines()
    for number, line in enumerate(lines[:-1]):
        if line.startswith(f"LINE 1: {_PLAN}"):
            lines[number : number + 2] = [line.replace(_PLAN, "", 1), lines[number + 1].removeprefix(" " * len(_PLAN))]
    return "\n".join(lines)
