"""The catalogue: migrations, one writer, typed frames, damage named. In SQLite and on a real PostgreSQL server."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text

import engagerr_core.store.migrations as migrations
from engagerr_core.errors import InvalidArgument, WorkspaceBusy, WorkspaceDamaged
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.conform import conform_contents
from engagerr_core.store.contents import enter_contents, known_contents
from engagerr_core.store.records import enter_rejected
from engagerr_core.store.tables import Account, Audit, Base, Content, Creator, File, Rejected

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "c.sqlite"


@pytest.fixture
def catalogue(url):
    made = Catalogue(url, lock_timeout=0.2)
    made.prepare(create=True)
    yield made
    made.close()


def test_migrations_make_exactly_the_tables(catalogue):
    with catalogue.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_head_is_the_newest_migration():
    assert ScriptDirectory(migrations.__path__[0]).get_heads() == [migrations.HEAD]


def test_migrating_is_audited_once(catalogue):
    catalogue.prepare(create=True)
    found = catalogue.frame(select(Audit.__table__))
    assert found["action"].tolist() == ["migrated"]


def test_preparing_twice_does_nothing(catalogue):
    assert catalogue.prepare() is False
    assert catalogue.prepare(create=True) is False


def test_a_missing_catalogue_is_not_made_silently(file):
    with pytest.raises(WorkspaceDamaged, match=r"c\.sqlite is missing.*create=True"):
        Catalogue(f"sqlite:///{file}").prepare()
    assert not file.exists()


def test_an_empty_database_is_no_catalogue(url, file):
    file.touch()
    with closing(Catalogue(url)) as catalogue, pytest.raises(WorkspaceDamaged, match="has no tables"):
        catalogue.prepare()


@pytest.mark.parametrize("create", [False, True])
def test_a_damaged_catalogue_is_named(file, create):
    file.write_bytes(b"this is no database at all, but long enough to be read as one" * 100)
    with pytest.raises(WorkspaceDamaged, match=r"c\.sqlite cannot be read.*not a database"):
        Catalogue(f"sqlite:///{file}").prepare(create)


def test_a_newer_catalogue_is_left_alone(catalogue):
    with catalogue.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceDamaged, match="newer version of engagerr"):
        catalogue.prepare()


def test_one_writer_at_a_time(url, catalogue):
    other = Catalogue(url, lock_timeout=0.1)
    with catalogue.writing(), pytest.raises(WorkspaceBusy, match=r"Another process.*0\.1 seconds"), other.writing():
        pass
    with other.writing():
        pass
    other.close()


def test_the_second_writer_waits(url, catalogue):
    other = Catalogue(url, lock_timeout=30)
    begun, order = threading.Event(), []

    def second():
        begun.set()
        with other.writing():
            order.append("second")

    with catalogue.writing():
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    other.close()


def test_readers_do_not_wait(url, catalogue):
    with catalogue.writing() as connection:
        connection.execute(insert(Creator).values(creator="Ada", added_at=NOW))
        assert catalogue.frame(select(Creator.__table__)).empty
    assert list(catalogue.frame(select(Creator.__table__))["creator"]) == ["Ada"]


def test_a_failed_block_writes_nothing(catalogue):
    def fail():
        with catalogue.writing() as connection:
            connection.execute(insert(Creator).values(creator="Ada", added_at=NOW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert catalogue.frame(select(Creator.__table__)).empty


def test_foreign_keys_hold(catalogue):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), catalogue.writing() as connection:
        connection.execute(insert(Account).values(platform="x", account="1", creator="nobody", added_at=NOW))


def test_types_survive(catalogue):
    zone = timezone(timedelta(hours=5))
    values = {"platform": "x", "account": "00123456789012345678", "content": "9007199254740993", "creator": "Ada"}
    with catalogue.writing() as connection:
        connection.execute(insert(Creator).values(creator="Ada", added_at=NOW))
        connection.execute(
            insert(Content).values(
                **values, known_at=NOW, published_at=NOW.astimezone(zone), file="f", row=1, title="a'\";--"
            )
        )
    frame = catalogue.frame(select(Content.__table__))
    (row,) = frame.to_dict("records")
    assert {name: row[name] for name in values} == values
    assert row["title"] == "a'\";--"
    assert row["published_at"] == NOW == row["known_at"]
    assert frame["duration"].isna().all()
    kinds = frame.dtypes.astype(str)
    assert (kinds["published_on"], kinds["row"], kinds["duration"]) == ("datetime64[us]", "Int64", "float64")
    assert kinds["known_at"] == "datetime64[us, UTC]"


def test_frames_without_rows_have_their_types(catalogue):
    empty = catalogue.frame(select(Content.__table__))
    assert str(empty["known_at"].dtype) == "datetime64[us, UTC]"
    assert str(empty["content"].dtype) == "str"


def test_an_instant_without_zone_is_refused(catalogue):
    from sqlalchemy.exc import StatementError

    with pytest.raises(StatementError, match="no time zone"), catalogue.writing() as connection:
        connection.execute(insert(Creator).values(creator="Ada", added_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("address", ["not an address", "nosuchdatabase://x", "postgresql+nosuchdriver://x"])
def test_an_address_that_cannot_be_used_is_refused(address):
    with pytest.raises(InvalidArgument, match="address cannot be used"):
        Catalogue(address)


def test_a_password_is_never_shown():
    address = "postgresql+psycopg://ada:secret@127.0.0.1:1/none"
    with pytest.raises(WorkspaceDamaged) as caught:
        Catalogue(address).prepare()
    assert "secret" not in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value)


def test_text_that_a_database_cannot_hold_is_cleaned(catalogue):
    """A null character is no text to PostgreSQL."""
    with catalogue.writing() as connection:
        rejected = pd.DataFrame(
            [(pd.NA, "Vi\0ews", "12\0", "no count", "")], columns=["row", "column", "value", "reason", "advice"]
        )
        enter_rejected(connection, "f", "a.csv", rejected, NOW)
    (row,) = catalogue.frame(select(Rejected.__table__)).to_dict("records")
    assert (row["column"], row["value"]) == ("Views", "12")
    assert pd.isna(row["row"])
    assert pd.isna(row["advice"])


OLDER = """
INSERT INTO creators VALUES ('Ada', '2026-03-01 12:00:00');
INSERT INTO runs VALUES (1, '2026-03-01 12:00:00', 1, 1);
INSERT INTO files (file, kind, path, platform, rows_stored, warnings, columns_aside, status, run, ingested_at)
    VALUES ('f', 'content', 'a.csv', 'youtube', 1, '[]', '[]', 'stored', 1, '2026-03-01 12:00:00');
INSERT INTO contents (creator, platform, account, content, title, known_at, file, row)
    VALUES ('Ada', 'youtube', 'a', 'v1', 'Old', '2026-03-01 12:00:00', 'f', 2)
"""


def make_older(catalogue):
    """Tables as the second version had them, with something in each."""
    config = Config()
    config.set_main_option("script_location", "engagerr_core.store:migrations")
    with catalogue.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in OLDER.split(";"):
            connection.execute(text(statement))


def test_a_catalogue_of_an_older_version_is_brought_up_to_date_with_all_it_holds(url):
    with closing(Catalogue(url)) as catalogue:
        make_older(catalogue)
        assert catalogue.prepare() is True
        (file,) = catalogue.frame(select(File.__table__)).to_dict("records")
        assert (file["table_hash"], file["said"]) == ("f", None)
        assert pd.isna(file["superseded_at"])
        again = pd.DataFrame({"creator": "Ada", "platform": "youtube", "account": "a", "content": ["v1"]})
        for number, (title, name) in enumerate([("Old", "g"), ("Old", "h"), ("New", "i")], start=1):
            with catalogue.writing() as connection:
                told = conform_contents(again.assign(title=title, file=name, row=7))
                enter_contents(connection, told, None, NOW + timedelta(number))
            assert known_contents(catalogue)[["title", "file"]].to_numpy().tolist() == [[title, name]]
        known = known_contents(catalogue, as_of=NOW)
        assert known[["title", "file", "row"]].to_numpy().tolist() == [["Old", "f", 2]]
        assert len(catalogue.frame(select(Content.__table__))) == 3
