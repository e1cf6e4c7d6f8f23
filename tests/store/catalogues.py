"""Catalogues to test: SQLite always, PostgreSQL where a server is installed."""

import itertools

import pytest
from sqlalchemy import create_engine, text

from tests.store.postgres_server import INSTALLED, server

BACKENDS = ["sqlite", "postgresql"] if INSTALLED else ["sqlite"]
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres():
    """The address of a running server's first database."""
    with server() as address:
        yield address


@pytest.fixture(params=BACKENDS)
def url(request, tmp_path):
    """The address of a catalogue that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'c.sqlite'}"
    address = request.getfixturevalue("postgres")
    name = f"engagerr_{next(_numbers)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.replace("/postgres?", f"/{name}?")
