"""The catalogue: everything a workspace knows that is not an observation, in SQLite or PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import (
    URL,
    Connection,
    Date,
    Engine,
    Integer,
    Select,
    Text,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from engagerr_core.errors import InvalidArgument, WorkspaceBusy, WorkspaceDamaged
from engagerr_core.store import audit
from engagerr_core.store.migrations import HEAD
from engagerr_core.store.tables import Instant

_PG_LOCK = 0x656E6761  # "enga": the advisory lock of one database's catalogue
_BUSY = ("database is locked", "database table is locked", "lock timeout", "could not obtain lock")


class Catalogue:
    """One workspace's catalogue.

    Readers never wait. There is one writer at a time: `writing` is the workspace's write lock, held from the first look
    at what is stored until the lake and the catalogue both have the new rows; it falls when the process does.
    """

    def __init__(self, url: str | URL, lock_timeout: float = 60.0) -> None:
        self.lock_timeout = lock_timeout
        try:
            self.url = make_url(url)
            self._engine = self._connectable()
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as problem:
            raise InvalidArgument(
                f"The catalogue's address cannot be used: {problem}. Write it like "
                "postgresql+psycopg://user@host/database, or leave it out for the SQLite file in the workspace."
            ) from problem

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None where the catalogue lies on a server."""
        return Path(self.url.database) if self.url.get_backend_name() == "sqlite" and self.url.database else None

    def prepare(self, create: bool = False) -> bool:
        """Bring the tables to this version's form. Returns whether anything was done.

        Raises
        ------
        WorkspaceDamaged
            There is no catalogue and `create` is False, it cannot be read, or a newer version wrote it.
        """
        if self.path is not None and not self.path.is_file() and not create:
            raise WorkspaceDamaged(
                f"The catalogue {self._name} is missing. Restore it from a backup, or open the workspace with "
                "create=True to rebuild it from the lake."
            )
        with self._named_faults():
            if create:
                self._use_write_ahead_log()
            with self._engine.connect() as connection:
                version = _version(connection)
        if version == HEAD:
            return False
        if version is None and not create:
            raise WorkspaceDamaged(
                f"The catalogue {self._name} has no tables. Restore it from a backup, or open the workspace with "
                "create=True to rebuild it from the lake."
            )
        with self.writing() as connection:
            if _version(connection) != HEAD:  # another process may have been quicker
                self._migrate(connection)
                audit.enter(connection, "migrated", f"tables brought to version {HEAD}")
        return True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state throughout."""
        with self._named_faults(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The write lock and its transaction: all that is written, or nothing where the block raises.

        Raises `WorkspaceBusy` where another process holds it for longer than `lock_timeout` seconds.
        """
        with self._named_faults(), self._engine.connect() as connection:
            connection = connection.execution_options(engagerr_writing=True)
            with connection.begin():
                if self.url.get_backend_name() == "postgresql":
                    timeout = text("SELECT set_config('lock_timeout', :milliseconds, true)")
                    connection.execute(timeout, {"milliseconds": str(int(self.lock_timeout * 1000))})
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
                yield connection

    def frame(self, statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
        """The rows of a query as a frame: text as text, days and instants as such, unknown as missing."""
        with self.reading() as connection:
            result = connection.execute(statement)
            rows = result.fetchall()
        columns = {}
        for position, column in enumerate(statement.selected_columns):
            columns[str(column.key)] = pd.Series([row[position] for row in rows], dtype=_dtype(column.type))
        return pd.DataFrame(columns)

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    @property
    def _name(self) -> str:
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    def _connectable(self) -> Engine:
        if self.url.get_backend_name() != "sqlite":
            return create_engine(self.url)
        engine = create_engine(self.url, connect_args={"timeout": self.lock_timeout})

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # transactions begin where we say, below
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            writing = connection.get_execution_options().get("engagerr_writing")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine

    def _use_write_ahead_log(self) -> None:
        if self.path is None:
            return
        raw = self._engine.raw_connection()
        try:
            raw.execute("PRAGMA journal_mode = WAL")  # kept in the file; readers then never wait
        finally:
            raw.close()

    def _migrate(self, connection: Connection) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        config = Config()
        config.set_main_option("script_location", "engagerr_core.store:migrations")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, HEAD)
        except CommandError as problem:
            raise WorkspaceDamaged(
                f"The catalogue {self._name} was written by a newer version of engagerr ({problem}). "
                "Update engagerr; nothing was changed."
            ) from problem

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, sqlite3.Error) as problem:
            words = str(problem.orig if isinstance(problem, DBAPIError) else problem)
            if any(sign in words for sign in _BUSY):
                raise WorkspaceBusy(
                    f"Another process is writing to the catalogue {self._name} and did not finish within "
                    f"{self.lock_timeout:g} seconds. Nothing was changed; run the command again when it is done."
                ) from problem
            raise WorkspaceDamaged(
                f"The catalogue {self._name} cannot be read or written: {words}. Nothing stored earlier was changed; "
                "restore it from a backup, or mend its permissions or disk."
            ) from problem


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _dtype(kind: Any) -> str:
    if isinstance(kind, Instant):
        return "datetime64[us, UTC]"
    if isinstance(kind, Date):
        return "datetime64[us]"
    if isinstance(kind, Integer):
        return "Int64"
    if isinstance(kind, Text):
        return "str"
    return "float64" if kind.python_type is float else "object"
