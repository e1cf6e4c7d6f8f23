"""Copying: a catalogue as one SQLite file, and back into a catalogue of either kind."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, func, insert, inspect, select, text

from engagerr_core.errors import HostileFile, InvalidArgument, UnreadableFile
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.migrations import HEAD
from engagerr_core.store.tables import Base

COPIED_AT_ONCE = 5_000  # rows; bounds memory


def sqlite_catalogue(path: Path) -> Catalogue:
    """The catalogue in an SQLite file."""
    return Catalogue(URL.create("sqlite", database=str(path)))


@contextmanager
def snapshot(catalogue: Catalogue) -> Iterator[Callable[[Path], None]]:
    """Fix the catalogue's present state. Gives the function that writes it as an SQLite file.

    The state stays fixed while the block lasts, whatever others write in the meantime; nobody waits for it.
    """
    if catalogue.path is not None:
        with closing(sqlite3.connect(catalogue.path, timeout=catalogue.lock_timeout, isolation_level=None)) as held:
            held.execute("BEGIN")
            held.execute("SELECT count(*) FROM sqlite_master").fetchall()  # the first look fixes the state
            yield lambda path: _copy_pages(held, path)
        return
    with catalogue._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SELECT 1"))
        yield lambda path: _write_rows(connection, path)


def fill(connection: Connection, catalogue: Catalogue, source: Path) -> None:
    """Fill an empty catalogue from an SQLite file of this version's form, inside the catalogue's write transaction.

    Raises `InvalidArgument` where the catalogue holds tables already.
    """
    taken = sorted({*inspect(connection).get_table_names()} & {*Base.metadata.tables, "alembic_version"})
    if taken:
        raise InvalidArgument(
            f"The catalogue {catalogue.url.render_as_string(hide_password=True)} is not empty: it holds the table "
            f"{taken[0]}. Name an empty database; nothing was changed."
        )
    catalogue._migrate(connection)
    with closing(sqlite_catalogue(source)) as held, held.reading() as rows:
        copy_rows(rows, connection)


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table, as it stands; the target's tables are there and empty."""
    for table in Base.metadata.sorted_tables:
        found = source.execution_options(yield_per=COPIED_AT_ONCE).execute(select(table).order_by(*table.primary_key))
        for rows in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
        if target.dialect.name == "postgresql":
            _go_on_counting(target, table)


def check_catalogue(path: Path) -> None:
    """Refuse an SQLite file that is damaged, acts by itself, or was written by a newer version.

    Raises
    ------
    UnreadableFile
        It is no whole SQLite database.
    HostileFile
        It holds triggers or views, which run when it is used.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone()
            whole = found is not None or connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as problem:
        raise UnreadableFile(f"The catalogue in the archive cannot be read: {problem}. Use another backup.") from None
    if found is not None:
        raise HostileFile(f"The catalogue in the archive holds {found[0]!r}, which acts by itself. Nothing was placed.")
    if not whole:
        raise UnreadableFile("The catalogue in the archive is damaged. Use another backup.")
    if version is None or str(version[0]) > HEAD:
        raise InvalidArgument("The archive was written by a newer version of engagerr. Update engagerr, then restore.")


def _copy_pages(source: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)


def _write_rows(source: Connection, path: Path) -> None:
    with closing(sqlite_catalogue(path)) as target:
        target._use_write_ahead_log()
        with target.writing() as connection:
            target._migrate(connection)
            copy_rows(source, connection)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL counts on from the last id that it gave itself: tell it of those copied."""
    column: Any = table.autoincrement_column
    if column is None or (last := connection.execute(select(func.max(column))).scalar()) is None:
        return
    counter = func.pg_get_serial_sequence(table.name, column.name)
    connection.execute(select(func.setval(counter, last)))
