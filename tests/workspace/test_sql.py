"""SQL over both stores: right answers, typed frames, and nothing beyond the workspace's tables."""

import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from deltalake import DeltaTable
from sqlalchemy import text

from engagerr_core.errors import InvalidArgument, UnknownName, WorkspaceDamaged
from engagerr_core.sql.ask import sql
from engagerr_core.sql.tables import TABLES
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, rejected, sha
from tests.workspace.faults import batch
from tests.workspace.steps import store

ROOT = Path(__file__).parents[2]


QUESTIONS = [
    "SELECT * FROM observations",
    "SELECT platform, sum(views) AS views, count(*) AS n FROM observations GROUP BY platform",
    "SELECT count(*) AS n FROM observations WHERE views > 3",
    "SELECT o FROM observations o WHERE views = 1",
    "SELECT #1, #18 FROM observations",
    "SELECT COLUMNS('like.*') FROM observations",
    "SELECT * EXCLUDE (views) FROM observations",
    "SELECT a.views FROM observations a NATURAL JOIN observations b",
    "SELECT count(*) AS n FROM observations a JOIN observations b USING (period_start, likes)",
    "SELECT CASE WHEN true THEN account ELSE currency END AS x FROM observations WHERE row < 4",
    "FROM observations SELECT period_start UNION BY NAME SELECT views FROM observations",
    "SELECT sum(likes) FILTER (WHERE period_start >= DATE '2026-01-10') AS late FROM observations",
    "SELECT row_number() OVER (ORDER BY account, period_start, file) AS place, views FROM observations",
    "WITH big AS (SELECT * FROM observations WHERE views > 50) SELECT max(known_at) AS latest FROM big",
    "SELECT x.a FROM observations AS x(a, b, c) LIMIT 3",
    "SELECT views FROM observations WHERE false",
    "SELECT (SELECT max(likes) FROM observations) AS most",
    "SUMMARIZE observations",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_reads_what_it_needs_and_answers_as_if_it_had_read_everything(asked, question):
    """Columns that the plan does not read are left unread: every answer equals DuckDB's own over the whole table."""
    with duckdb.connect() as plain:
        plain.execute("SET TimeZone = 'UTC'; SET threads = 1")
        plain.register("observations", asked.observation_table())
        wanted = plain.sql(question).to_arrow_table().to_pylist()
    found = sql(asked, question)
    assert len(found) == len(wanted)
    for (_, row), expected in zip(found.iterrows(), wanted, strict=True):
        for value, known in zip(row, expected.values(), strict=True):
            assert _same(value, known)


def _same(value, known):
    if isinstance(known, dict):
        return all(_same(value[name], one) for name, one in known.items())
    if known is None:
        return value is None or pd.isna(value)
    if isinstance(known, date):
        return pd.Timestamp(value) == pd.Timestamp(known)
    return value == known or float(value) == pytest.approx(float(known))


def test_every_table_can_be_asked_described_and_listed(asked):
    listed = sql(asked, "SHOW TABLES")["name"].tolist()
    assert listed == sorted(TABLES)
    for name in TABLES:
        rows = sql(asked, f"SELECT * FROM {name}")
        described = sql(asked, f"DESCRIBE {name}")
        assert rows.columns.tolist() == described["column_name"].tolist(), name
        assert sql(asked, f"SELECT count(*) AS n FROM {name}")["n"].tolist() == [len(rows)]
    columns = sql(asked, "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = 'runs'")
    assert columns["column_name"].tolist() == ["run", "known_at", "rows_stored", "lake_version"]


def test_tables_hold_what_the_workspace_answers(asked):
    assert sql(asked, "FROM creators")["creator"].tolist() == ["Ada", "Bo"]
    pd.testing.assert_frame_equal(sql(asked, "FROM contents"), asked.contents(), check_dtype=False)
    pd.testing.assert_frame_equal(sql(asked, "FROM accounts"), asked.accounts(), check_dtype=False)
    assert sql(asked, "FROM files")["file"].tolist() == asked.files()["file"].tolist()
    assert sql(asked, "FROM rejected")["value"].tolist() == asked.quarantine()["value"].tolist()
    assert sql(asked, "SELECT sum(rows_stored) AS n FROM runs")["n"].tolist() == [225]
    assert len(sql(asked, "FROM statements")) == len(asked.observations(resolved=False)) == 225
    assert sql(asked, "FROM events")["note"].tolist() == asked.events()["note"].tolist()
    terms = sql(asked, "SELECT DISTINCT coefficient_set FROM coefficients")
    assert terms["coefficient_set"].tolist() == [asked.coefficients.label]
    assert sql(asked, "SELECT over_time FROM metrics WHERE name = 'reach'")["over_time"].tolist() != ["sum"]
    found = sql(asked, "SELECT formats FROM definitions WHERE definition = 'youtube.views[short_video]'")
    assert list(found["formats"][0]) == ["short_video"]


def test_daily_tables_say_what_the_figures_say(asked):
    """Before and after a refresh: their days add up to the figures of the same platform."""
    question = "SELECT sum(views) AS views, sum(standard_views) AS standard FROM {} WHERE platform = 'youtube'"
    known = asked.metrics(by=["platform"], metrics=["views"])["value"].tolist()
    for _ in range(2):
        for table in ("accounts_daily", "platforms_daily"):
            found = sql(asked, question.format(table))
            assert found["views"].tolist() == found["standard"].tolist() == known == [4095.0]
        by_creator = sql(asked, "SELECT sum(likes) AS likes FROM platforms_daily", creator="Bo")
        assert by_creator["likes"].tolist() == [sum(range(40))]
        asked.refresh()
    assert sql(asked, "SELECT DISTINCT creator FROM accounts_daily", creator="Bo")["creator"].tolist() == ["Bo"]


def test_both_stores_in_one_question(asked):
    found = sql(
        asked,
        """SELECT f.path, s.month, sum(s.views) AS views FROM statements s JOIN files f USING (file)
           WHERE f.creator = 'Ada' AND s.period_start BETWEEN $first AND $last GROUP BY ALL ORDER BY ALL""",
        {"first": date(2026, 1, 30), "last": "2026-02-02"},
    )
    assert found.to_dict("records") == [
        {"path": f"exports/Ada/{name}.csv", "month": month, "views": views}
        for name in "ab"
        for month, views in (("2026-01", 61.0), ("2026-02", 65.0))
    ]


def test_the_lake_is_asked_for_the_months_that_are_needed(changing):
    """Filters reach the lake: a damaged file of another month is never opened."""
    files = DeltaTable(str(changing.lake.folder)).file_uris()
    march = next(Path(name) for name in files if "month=2026-03" in name)
    march.write_bytes(b"no parquet")
    question = "SELECT count(*) AS n FROM statements WHERE month = $month"
    assert sql(changing, question, {"month": "2026-02"})["n"].tolist() == [65]
    with pytest.raises(WorkspaceDamaged, match=march.name):
        sql(changing, question, {"month": "2026-03"})


def test_a_damaged_file_is_named(changing):
    victim = Path(DeltaTable(str(changing.lake.folder)).file_uris()[0])
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    for table in ("statements", "observations"):
        with pytest.raises(WorkspaceDamaged, match=victim.name):
            sql(changing, f"SELECT sum(views) FROM {table}")


def test_one_creators_rows_only(asked):
    for table in ("observations", "statements", "contents", "accounts", "creators", "files"):
        found = sql(asked, f"SELECT DISTINCT creator FROM {table}", creator="Bo")
        assert found["creator"].tolist() == ["Bo"], table
    assert sql(asked, "FROM runs", creator="Bo")["run"].tolist() == [2]
    assert sql(asked, "FROM runs", creator="Ada")["run"].tolist() == [1]
    assert sql(asked, "FROM rejected", creator="Bo").empty
    assert len(sql(asked, "FROM rejected", creator="Ada")) == 1
    with pytest.raises(UnknownName, match=r"no creator 'Eve'.*Known are Ada, Bo"):
        sql(asked, "FROM creators", creator="Eve")


def test_types_do_not_depend_on_the_rows(asked):
    question = """SELECT period_start AS day, known_at AS instant, content AS id, row AS number, views, row > 3 AS late,
                  NULL AS nothing, 1.5 AS share, sum(row) OVER () AS total FROM observations"""
    kinds = {
        "day": "datetime64[us]", "instant": "datetime64[us, UTC]", "id": "str", "number": "Int64", "views": "float64",
        "late": "boolean", "nothing": "float64", "share": "float64", "total": "Int64",
    }  # fmt: skip
    for query in (question, f"{question} WHERE false", f"SELECT * FROM ({question}) LEFT JOIN range(3) ON true"):
        found = sql(asked, query).dtypes.astype(str).to_dict()
        assert {name: found[name] for name in kinds} == kinds


def test_ids_keep_all_their_digits(ws):
    ids = ("00123456789012345678", "9007199254740993")
    store(ws, reading("a", contents=posts("a", ids)))
    assert sql(ws, "SELECT content FROM contents ORDER BY 1")["content"].tolist() == sorted(ids)


def test_the_unknown_is_missing_and_never_0(asked):
    found = sql(asked, "SELECT sum(reach) AS reach, 1 / 0 AS ratio, 0.0 / 0 AS other FROM observations")
    assert found.isna().all(axis=None)
    assert sql(asked, "SELECT title, url FROM contents LIMIT 1").isna().to_numpy().tolist() == [[False, True]]


def test_days_are_those_of_the_workspaces_zone(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGERR_TIME_ZONE", "Pacific/Auckland")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, reading("a"), known_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
        found = sql(ws, "SELECT known_at, CAST(known_at AS DATE) AS day FROM runs")
    assert found["known_at"].tolist() == [pd.Timestamp("2026-03-01T12:30Z")]
    assert found["day"].tolist() == [pd.Timestamp("2026-03-02")]


def test_the_same_question_gives_the_same_bytes(asked):
    question = "SELECT account, sum(views / 3) AS a, avg(likes) AS b FROM statements GROUP BY account"
    first = sql(asked, question)
    for _ in range(5):
        assert sql(asked, question).to_csv() == first.to_csv()


@pytest.mark.parametrize(
    ("question", "values", "found"),
    [
        ("SELECT creator FROM creators WHERE creator = ?", ["Bo"], ["Bo"]),
        ("SELECT creator FROM creators WHERE creator = $name", {"name": "Bo"}, ["Bo"]),
        ("SELECT creator FROM creators WHERE creator = $name", {"name": "' OR true --"}, []),
        ("SELECT $name", {"name": "'; DROP TABLE creators; --"}, ["'; DROP TABLE creators; --"]),
        ("SELECT creator FROM creators WHERE creator IN (SELECT unnest($names))", {"names": ["Bo", "Eve"]}, ["Bo"]),
        ("EXPLAIN SELECT ?", [1], None),
    ],
)
def test_values_are_bound(asked, question, values, found):
    answer = sql(asked, question, values)
    assert found is None or answer.iloc[:, 0].tolist() == found


@pytest.mark.parametrize("values", [None, {"other": 1}, {"name": 1, "more": 2}, [1], "text", [object()]])
def test_values_that_do_not_fit_are_refused(asked, values):
    with pytest.raises(InvalidArgument):
        sql(asked, "SELECT $name AS x", values)


def test_nothing_is_written_beside(asked, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    sql(asked, "SELECT range % 1000 AS k, count(*) AS n FROM range(3000000) GROUP BY k ORDER BY n")
    assert list((tmp_path / "here").iterdir()) == []


def test_tables_of_one_question_are_of_one_moment(changing, monkeypatch):
    """Somebody ingests between two tables: they are fetched again, so that they agree."""
    fetch = TABLES["files"].rows
    late = iter([reading("late", daily("late", 7))])

    def disturbed(workspace, creator, needed):
        found = fetch(workspace, creator, needed)
        for one in late:
            with Workspace.open(changing.path) as other:
                store(other, one, known_at=None)
        return found

    monkeypatch.setitem(TABLES, "files", type(TABLES["files"])(about="", schema=TABLES["files"].schema, rows=disturbed))
    unknown = "SELECT count(*) AS n FROM statements ANTI JOIN files USING (file)"
    assert sql(changing, unknown)["n"].tolist() == [0]
    assert sha("late") in sql(changing, "FROM files")["file"].tolist()


INTERRUPTED = """
import sys
from engagerr_core.sql import ask, permitted
from engagerr_core.sql.ask import sql
from engagerr_core.workspace import Workspace
with Workspace.open(sys.argv[1]) as ws:
    sql(ws, "FROM creators")
    print("begun", flush=True)
    try:
        sql(ws, "SELECT sum(a.range * b.range) AS x FROM range(10000000) a, range(10000000) b")
    except KeyboardInterrupt:
        print("stopped", sql(ws, "FROM creators")["creator"].tolist(), flush=True)
"""


def test_ctrl_c_stops_a_question(asked):
    command = [sys.executable, "-c", INTERRUPTED, str(asked.path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    said, problem = process.communicate(timeout=60)
    assert said == "stopped ['Ada', 'Bo']\n", problem


def test_a_catalogue_elsewhere_answers_the_same(tmp_path, url, monkeypatch):
    with Workspace.open(tmp_path / "embedded", create=True) as ws:
        store(ws, *batch())
        embedded = {name: sql(ws, f"FROM {name}").to_csv() for name in TABLES}
    monkeypatch.setenv("ENGAGERR_CATALOGUE", url)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        assert {name: sql(ws, f"FROM {name}").to_csv() for name in TABLES} == embedded


def test_hostile_text_in_the_stores_stays_text(ws):
    titles = ["=HYPERLINK(1)", "'; DROP TABLE contents; --", "\u202eevil"]
    made = [reading(n, contents=posts(n, (f"p{n}",), title=[t])) for n, t in zip("abc", titles, strict=True)]
    store(ws, *made, reading("d", rejected=rejected("d", 3)))
    assert sql(ws, "SELECT title FROM contents ORDER BY content")["title"].tolist() == titles


def test_an_empty_workspace_has_empty_tables(ws):
    for name in ("observations", "statements", "contents", "files", "runs", "rejected"):
        found = sql(ws, f"FROM {name}")
        assert found.empty
        assert len(found.columns) > 3
    with ws.catalogue.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 0
