"""What SQL may not do, and what is said to who tries."""

import os
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from engagerr_core.errors import InvalidArgument, UnknownName
from engagerr_core.sql import ask, permitted
from engagerr_core.sql.ask import sql

ROOT = Path(__file__).parents[2]


ATTEMPTS = [
    "INSERT INTO creators VALUES ('Eve', now())",
    "UPDATE creators SET creator = 'Eve'",
    "DELETE FROM creators",
    "WITH gone AS (DELETE FROM creators RETURNING *) SELECT * FROM gone",
    "WITH more AS (INSERT INTO creators VALUES ('Eve', now()) RETURNING *) FROM more",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE MACRO mine() AS 1",
    "CREATE SECRET (TYPE s3)",
    "DROP VIEW creators",
    "ALTER TABLE creators RENAME TO mine",
    "ATTACH '{folder}/new.db' AS mine",
    "DETACH memory",
    "COPY creators TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/out.parquet'",
    "COPY creators FROM '{secret}'",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}/out'",
    "EXPLAIN ANALYZE COPY creators TO '{folder}/out.csv'",
    "EXPLAIN CREATE TABLE mine AS SELECT 1",
    "EXPLAIN SELECT * FROM read_text('{secret}')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET threads",
    "SET VARIABLE mine = 1",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "PREPARE mine AS SELECT 1",
    "EXECUTE mine",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY creators TO '{folder}/out.csv'",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{folder}/**')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM '{secret}'",
    'FROM "{secret}"',
    "FROM '{secret}' AS creators",
    "DESCRIBE '{secret}'",
    "SUMMARIZE '{secret}'",
    "SHOW '{secret}'",
    "SELECT (SELECT content FROM read_text('{secret}'))",
    "SELECT * FROM creators, LATERAL (FROM read_text('{secret}'))",
    "SELECT * FROM creators WHERE creator IN (SELECT content FROM read_text('{secret}'))",
    "WITH x AS (FROM read_text('{secret}')) FROM x",
    "SELECT * FROM query('SELECT content FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "SELECT json_serialize_plan('SELECT 1')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM python_map_function(1)",
    "FROM enable_logging('QueryLog', storage = 'file', storage_path = '{folder}/log')",
    "FROM enable_profiling(save_location = '{folder}/profile.json')",
    "SELECT write_log('mine')",
    "SELECT getenv('ENGAGERR_SECRET')",
    "SELECT current_setting('home_directory')",
    "SELECT 'secret_directory'.current_setting()",
    "SELECT system.main.current_setting('temp_directory')",
    "SELECT getvariable('mine')",
    "FROM duckdb_settings()",
    "FROM duckdb_secrets()",
    "FROM duckdb_logs",
    "FROM pg_catalog.pg_settings",
    "FROM system.main.duckdb_views",
    "SELECT * FROM (WITH pg_settings AS (SELECT 1 AS a) FROM pg_settings), pg_settings",
    "SHOW DATABASES",
    "SHOW VARIABLES",
    "FROM information_schema.schemata",
    "FROM local_frame",
    "FROM local_table",
    "SELECT sleep_ms(60000)",
    "SELECT nextval('mine')",
    "FROM audit",
    "FROM alembic_version",
    "FROM readings",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_else_can_be_reached(asked, tmp_path, monkeypatch, attempt):
    monkeypatch.setenv("ENGAGERR_SECRET", "hunter2")
    secret = tmp_path / "secret.csv"
    secret.write_text("hunter2\n")
    local_frame, local_table = pd.DataFrame({"a": ["hunter2"]}), asked.observation_table()  # noqa: F841
    before = sorted(tmp_path.rglob("*")), os.environ.copy(), asked.version
    with pytest.raises((InvalidArgument, UnknownName)) as caught:
        sql(asked, attempt.format(folder=tmp_path, secret=secret))
    assert "hunter2" not in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert (sorted(tmp_path.rglob("*")), os.environ.copy(), asked.version) == before
    assert secret.read_text() == "hunter2\n"
    assert sql(asked, "FROM creators")["creator"].tolist() == ["Ada", "Bo"]


def test_duckdb_itself_opens_nothing_should_a_name_slip_through(asked, tmp_path, monkeypatch):
    """The second wall: with the first one open, files, settings and Python's variables stay out of reach."""
    monkeypatch.setattr(permitted, "_check", lambda node: None)
    secret = tmp_path / "secret.csv"
    secret.write_text("hunter2\n")
    for table in (f"read_text('{secret}')", f"read_csv('{secret}')", f"glob('{tmp_path}/*')", f"sniff_csv('{secret}')"):
        with pytest.raises(InvalidArgument, match=r"Permission|disabled|Cannot"):
            sql(asked, f"SELECT * FROM {table}")
    with ask._connected(asked) as connection:
        local_frame = pd.DataFrame({"a": [1]})  # noqa: F841
        connection.execute("SET lock_configuration = true")
        for statement in (
            "FROM local_frame", "SET threads = 4", "SET enable_external_access = true", "INSTALL httpfs",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", f"ATTACH '{tmp_path}/new.db'", "SELECT getenv('HOME')",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                connection.execute(statement).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", r"no query.*Write one SELECT"),
        ("  -- nothing", r"no statement"),
        ("SELEC 1", r'syntax error at or near "SELEC"[\s\S]*LINE 1: SELEC 1\n *\^'),
        ("SELECT vews FROM observations", r'"vews" not found[\s\S]*"views"[\s\S]*LINE 1: SELECT vews FROM'),
        ("SELECT a,\n  vews FROM observations", r"not found"),
        ("SELECT platform, sum(views) FROM observations", r"GROUP BY"),
        ("SELECT CAST(title AS INTEGER) FROM contents", r"Could not convert"),
        ("SELECT 1 AS a, 2 AS a", r"Two columns are called 'a'.*AS"),
        ("SELECT 170141183460469231731687303715884105727 AS big", r"'big' holds a number that fits no 64 bits"),
        ("SELECT 'x'::BLOB AS b", r"'b' is of type binary.*CAST"),
        ("PIVOT runs ON run USING sum(rows_stored)", r"PIVOT needs its columns listed"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, r"nested too deeply"),
        ("SELECT '" + "x" * 200_000 + "'", r"200,009 characters"),
        ("SELECT 'a\0b'", r"null character"),
    ],
)
def test_mistakes_are_named_with_the_way_out(asked, question, said):
    with pytest.raises(InvalidArgument, match=said) as caught:
        sql(asked, question)
    assert str(ROOT) not in str(caught.value)
    assert "EXPLAIN (FORMAT" not in str(caught.value)


def test_the_mark_stands_under_the_mistake(asked):
    with pytest.raises(InvalidArgument) as caught:
        sql(asked, "SELECT title, nope FROM contents")
    lines = str(caught.value).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("LINE 1"))
    assert lines[at + 1].index("^") == lines[at].index("nope")


def test_an_unknown_table_names_the_known_ones(asked):
    with pytest.raises(UnknownName, match=r"'contens'. Did you mean contents.*Known are accounts, accounts_daily,"):
        sql(asked, "FROM contens")


def test_a_question_that_needs_too_much_memory_is_refused(asked, monkeypatch):
    monkeypatch.setitem(ask._CONFIGURATION, "memory_limit", "50MB")
    with pytest.raises(InvalidArgument, match=r"more than 50MB of memory.*aggregate") as caught:
        sql(asked, "SELECT * FROM range(100000000) ORDER BY 1 DESC")
    assert "temp_directory" not in str(caught.value)


def test_an_answer_too_large_is_refused(asked, monkeypatch):
    monkeypatch.setattr(ask, "LARGEST", 1_000_000)
    with pytest.raises(InvalidArgument, match=r"larger than 0\.001 GB.*Aggregate"):
        sql(asked, "SELECT * FROM range(10000000)")
