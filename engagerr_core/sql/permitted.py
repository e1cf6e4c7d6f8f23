"""Which queries may be asked: one SELECT over known tables, and how it is planned.

DuckDB's own parser says what stands in a query; what is not known to be harmless is refused. Behind this stands its
configuration, which opens no file, loads no extension and changes no setting.
"""

import json
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from engagerr_core.errors import InvalidArgument, UnknownName

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST = 100_000  # characters of a query

ONLY = "Write one SELECT, WITH, FROM, VALUES, EXPLAIN, DESCRIBE, SUMMARIZE or SHOW TABLES"
# Tables that a function makes: numbers and the parts of a value, nothing from outside.
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
# Functions that show or change what is not the workspace's data, or run text as a query.
NOT_FUNCTIONS = frozenset(
    {
        "current_setting", "getenv", "getvariable", "nextval", "currval", "setval", "setseed", "write_log", "sleep_ms",
        "pg_sleep", "json_serialize_sql", "json_serialize_plan", "json_deserialize_sql", "json_execute_serialized_sql",
    }
)  # fmt: skip
QUERY_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
TABLE_REFERENCES = frozenset(
    {
        "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "PIVOT",
        "SHOW_REF", "COLUMN_DATA", "CTE",
    }
)  # fmt: skip
CATALOGUE_VIEWS = frozenset({"tables", "columns"})  # of information_schema

_EXPLAIN = re.compile(r"\s*EXPLAIN(\s+ANALYZE)?\s+(?=\w|\()", re.I)


class Question(NamedTuple):
    """A query that may be asked.

    `query` is what is run, `inner` the same without EXPLAIN. `tables` are those that it names, `looks_around` says that
    it asks which tables and columns there are, `describes` that it asks for nothing but these.
    """

    query: str
    inner: str
    tables: frozenset[str]
    looks_around: bool
    describes: bool


def permitted(connection: "DuckDBPyConnection", query: str, known: Iterable[str]) -> Question:
    """The query, if it may be asked.

    Raises
    ------
    InvalidArgument
        It is no query, more than one, or does something else than read the workspace's tables.
    UnknownName
        It names a table that there is not.
    """
    if not isinstance(query, str) or not query.strip():
        raise InvalidArgument(f"There is no query. {ONLY}.")
    if len(query) > LONGEST:
        raise InvalidArgument(f"The query has {len(query):,} characters; {LONGEST:,} are read. Shorten it.")
    if "\0" in query:
        raise InvalidArgument("The query holds a null character. Take it out.")
    inner, explained = query, _EXPLAIN.match(query)
    if explained:
        inner = query[explained.end() :]
    inner = _only_statement(connection, inner)
    parsed = _parsed(connection, inner)
    shown = {node["show_type"] for node in _nodes(parsed) if node.get("type") == "SHOW_REF"}
    tables, looks_around = _tables(connection, parsed, known)
    return Question(
        query=f"EXPLAIN{explained[1] or ''} {inner}" if explained else inner,
        inner=inner,
        tables=tables,
        looks_around=looks_around or "SHOW_SPECIAL" in shown,
        describes=bool(shown) and "SUMMARY" not in shown,
    )


def _tables(
    connection: "DuckDBPyConnection", parsed: dict[str, Any], known: Iterable[str]
) -> tuple[frozenset[str], bool]:
    """The known tables that a query names, and whether it reads the list of tables and columns."""
    names, found, looks_around = {name.casefold(): name for name in known}, set(), False
    common = {name.casefold() for node in _nodes(parsed) for name in _named_queries(node)}
    for node in _nodes(parsed):
        _check(node)
        if node.get("type") != "BASE_TABLE":
            continue
        place, name = (node["catalog_name"], node["schema_name"].casefold()), node["table_name"].casefold()
        if place == ("", "information_schema") and name in CATALOGUE_VIEWS:
            looks_around = True
        elif place == ("", "") and name in names:
            found.add(names[name])
        elif place != ("", "") or name not in common or _internal(connection, name):
            raise _unknown(node, names.values())
    return frozenset(found), looks_around


def _only_statement(connection: "DuckDBPyConnection", query: str) -> str:
    import duckdb

    statements = connection.extract_statements(query)
    if len(statements) != 1:
        said = "no statement" if not statements else f"{len(statements)} statements"
        raise InvalidArgument(f"The query holds {said}. {ONLY}, and ask one after the other.")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        advice = " A PIVOT needs its columns listed: FROM … PIVOT (… FOR … IN (…))." if _pivots(query) else ""
        raise InvalidArgument(f"{kind.name} is not among what may be asked: the stores are only read. {ONLY}.{advice}")
    return str(statements[0].query)


def _pivots(query: str) -> bool:
    return re.search(r"\bPIVOT(_WIDER)?\b", query, re.I) is not None


def _parsed(connection: "DuckDBPyConnection", query: str) -> dict[str, Any]:
    """The query as DuckDB's parser understood it."""
    answer = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()[0][0]
    try:
        parsed = json.loads(answer)
    except RecursionError:
        raise InvalidArgument("The query is nested too deeply. Break it up with WITH.") from None
    if parsed["error"]:
        raise InvalidArgument(f"The query cannot be asked: {parsed.get('error_message', 'not a SELECT')} {ONLY}.")
    return dict(parsed)


def _nodes(parsed: Any) -> Iterator[dict[str, Any]]:
    """Every object of the parsed query, in no particular order."""
    waiting = [parsed]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
        if isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _named_queries(node: dict[str, Any]) -> Iterator[str]:
    """Names that WITH gives."""
    entries = node.get("cte_map") or {}
    yield from (entry["key"] for entry in entries.get("map", ()))
    if node.get("type") in ("RECURSIVE_CTE_NODE", "CTE_NODE"):
        yield node.get("cte_name", "")


def _check(node: dict[str, Any]) -> None:
    """Refuse what is not known to be harmless."""
    kind = str(node.get("type", ""))
    if kind.endswith("_NODE") and kind not in QUERY_NODES:
        raise InvalidArgument(f"{kind.split('_')[0]} stands inside the query, but the stores are only read. {ONLY}.")
    if "sample" in node and "alias" in node and "class" not in node and kind not in TABLE_REFERENCES:
        raise InvalidArgument(f"The query reads from {kind}, which is no table of the workspace. {ONLY}.")
    if kind == "TABLE_FUNCTION":
        name = _function_name(node["function"])
        if name not in TABLE_FUNCTIONS:
            raise InvalidArgument(
                f"The table function {name} may not be used here: it can read what is not the workspace's. "
                f"There are {', '.join(sorted(TABLE_FUNCTIONS))}, and the tables that SHOW TABLES names."
            )
    if node.get("class") == "FUNCTION" and ((name := _function_name(node)) in NOT_FUNCTIONS or name.startswith("__")):
        raise InvalidArgument(f"The function {name} may not be used here: it does more than compute. Leave it out.")
    if kind == "SHOW_REF" and node["query"] is None and node["table_name"] != '"tables"':
        raise InvalidArgument("SHOW names the tables only. Write SHOW TABLES, or DESCRIBE table for its columns.")


def _function_name(node: dict[str, Any]) -> str:
    return str(node["function_name"]).casefold()


def _internal(connection: "DuckDBPyConnection", name: str) -> bool:
    """Whether DuckDB has a view of its own of that name: it must not be reached under the cover of WITH."""
    found = "SELECT count(*) FROM duckdb_views() WHERE lower(view_name) = ?"
    return bool(connection.execute(found, [name]).fetchall()[0][0])


def _unknown(node: dict[str, Any], known: Iterable[str]) -> UnknownName:
    said = ".".join(part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part)
    names = sorted(known)
    near = get_close_matches(node["table_name"].casefold(), names, 2)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return UnknownName(f"There is no table {said!r}. {hint}Known are {', '.join(names)}.")
