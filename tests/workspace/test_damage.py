"""Every kind of damage: what asks for the data says so clearly, what is whole stays, and the doctor finds it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from engagerr_core.doctor import examine
from engagerr_core.errors import WorkspaceBusy, WorkspaceDamaged
from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store import damage
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.compaction import compact
from engagerr_core.store.damage import inspect
from engagerr_core.store.delta_log import log_state
from engagerr_core.store.lake import Lake
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, reading
from tests.workspace.faults import WARM, batch
from tests.workspace.steps import NOW, state, store

ROOT = Path(__file__).parents[2]
LOG = f"{LAKE}/_delta_log"


@pytest.fixture
def folder(tmp_path):
    """A workspace of two runs."""
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        store(ws, reading("d", daily("d", 40)), known_at=NOW.replace(day=2))
    return tmp_path / "ws"


def found(folder, deep=False, timeout=60.0):
    catalogue = Catalogue(f"sqlite:///{folder / CATALOGUE}", timeout)
    try:
        return inspect(Lake(folder / LAKE), catalogue, deep)
    finally:
        catalogue.close()


def kinds(folder, deep=False):
    return sorted(one.kind for one in found(folder, deep))


def parquet(folder):
    """The lake's files by month, and in each by run."""
    actions = pa.table(DeltaTable(folder / LAKE).get_add_actions(flatten=True)).to_pylist()
    return [
        folder / LAKE / one["path"] for one in sorted(actions, key=lambda a: (a["partition.month"], a["min.known_at"]))
    ]


def last_commit(folder):
    return max((folder / LOG).glob("*.json"))


def test_a_whole_workspace_has_no_fault(folder):
    assert kinds(folder) == kinds(folder, deep=True) == []
    before = last_commit(folder)
    kinds(folder, deep=True)
    assert last_commit(folder) == before


def test_every_sentence_is_whole(folder):
    parquet(folder)[0].unlink()
    (folder / CATALOGUE).write_bytes(b"")
    for one in found(folder):
        for words in (one.what, one.consequence, one.how):
            assert words.endswith(".")
        assert str(one).startswith(one.where)


@pytest.mark.parametrize("keep", [0, 3, 4, 100, -1, -4, -9])
def test_a_truncated_file(folder, keep):
    victim = parquet(folder)[0]
    victim.write_bytes(victim.read_bytes()[:keep])
    one, sources = found(folder)
    assert (one.kind, one.where, one.mendable) == ("damaged file", str(victim), True)
    assert (sources.kind, sources.mendable) == ("rows missing", True)
    assert "exports/Ada/a.csv" in sources.where
    with Workspace.open(folder) as ws:
        assert len(ws.contents()) == 2
        with pytest.raises(WorkspaceDamaged, match=victim.name):
            ws.observations()
        assert len(ws.observations(start="2026-03-01", end="2026-03-31")) > 0  # other months are read as ever


def test_a_missing_file(folder):
    victim = parquet(folder)[-1]
    victim.unlink()
    one, sources = found(folder)
    assert (one.kind, one.where, sources.kind) == ("missing file", str(victim), "rows missing")
    with Workspace.open(folder) as ws, pytest.raises(WorkspaceDamaged, match=f"{victim.name} is missing"):
        ws.observations()


@pytest.mark.parametrize("at", [-1, -4, -8, -30, -200])
def test_a_byte_turned_in_the_footer(folder, at):
    victim = parquet(folder)[0]
    data = bytearray(victim.read_bytes())
    data[at] ^= 0x5A
    victim.write_bytes(data)
    said = kinds(folder, deep=True)
    assert said in (["damaged file", "rows missing"], []), said
    if said == []:  # a byte of the footer that says nothing about the rows, such as the name of the writer
        assert pq.read_table(victim, partitioning=None).num_rows


def test_bytes_turned_in_the_pages_of_a_compacted_file(folder):
    with Workspace.open(folder) as ws:
        compact(ws.lake, ws.catalogue, WARM)
    victim = parquet(folder)[0]
    whole = victim.read_bytes()
    columns = pq.read_metadata(victim).row_group(0)
    for number in range(0, columns.num_columns, 4):
        column = columns.column(number)
        data = bytearray(whole)
        data[column.data_page_offset + column.total_compressed_size - 2] ^= 0xFF
        victim.write_bytes(data)
        assert kinds(folder, deep=True)[0] == "damaged file", column.path_in_schema
    assert kinds(folder) == []  # only a look at all pages shows it
    victim.write_bytes(whole)
    assert kinds(folder, deep=True) == []


def test_another_file_in_its_place(folder):
    first, second = parquet(folder)[:2]
    rows = pq.read_table(first, partitioning=None)
    pq.write_table(rows.slice(0, len(rows) - 1), first)
    data = first.read_bytes()
    assert kinds(folder) == ["damaged file", "rows missing"]
    first.write_bytes(data[:4] + b"\0" * (len(data) - 8) + data[-4:])
    assert kinds(folder) == ["damaged file", "rows missing"]
    assert second.exists()


@pytest.mark.parametrize("keep", [1, 60, -3])
def test_a_torn_commit(folder, keep):
    torn = last_commit(folder)
    torn.write_bytes(torn.read_bytes()[:keep])
    (one,) = found(folder)
    assert (one.kind, one.where, one.mendable) == ("broken log", str(torn), True)
    assert "version 1" in one.how
    with pytest.raises(WorkspaceDamaged, match="lake at"):
        Workspace.open(folder)


def test_an_empty_commit_is_seen_although_the_table_opens(folder):
    last_commit(folder).write_bytes(b"")
    assert kinds(folder) == ["broken log", "runs differ"] or kinds(folder) == ["broken log"]


def test_a_commit_that_lost_whole_lines(folder):
    """It is JSON still, and Delta reads it: only the numbers of rows tell."""
    torn = last_commit(folder)
    lines = torn.read_text().splitlines()
    adds = [line for line in lines if '"add"' in line]
    torn.write_text("\n".join(line for line in lines if line != adds[-1]))
    (one,) = found(folder)
    assert (one.kind, one.where) == ("rows missing", "exports/Ada/d.csv")


def test_a_gap_in_the_log(folder):
    (folder / LOG / f"{1:020d}.json").unlink()
    (one,) = found(folder)
    assert one.kind == "broken log"
    assert log_state(folder / LAKE).last == 0
    assert [path.name for path in log_state(folder / LAKE).unreachable] == [f"{2:020d}.json"]


def test_a_broken_checkpoint_of_commits_that_are_there(folder):
    DeltaTable(folder / LAKE).create_checkpoint()
    (path,) = (folder / LOG).glob("*.checkpoint.parquet")
    path.write_bytes(path.read_bytes()[:50])
    assert kinds(folder) == ["broken log", "broken log"]  # and the note that points to it
    assert log_state(folder / LAKE).last == 2


def test_commits_before_a_checkpoint_are_not_missed(folder):
    DeltaTable(folder / LAKE).create_checkpoint()
    (folder / LOG / f"{0:020d}.json").unlink()
    (folder / LOG / f"{1:020d}.json").write_text("{")
    assert kinds(folder) == []


def test_a_lost_lake(folder):
    shutil.rmtree(folder / LAKE)
    (one,) = found(folder)
    assert (one.kind, one.mendable) == ("lake missing", False)
    assert "backup" in one.how


def test_a_lost_log(folder):
    shutil.rmtree(folder / LOG)
    assert kinds(folder) == ["lake missing"]


def test_a_table_that_only_a_newer_program_reads(folder):
    first = folder / LOG / f"{0:020d}.json"
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 99, "minWriterVersion": 99}
    first.write_text("\n".join(map(json.dumps, lines)))
    (one,) = found(folder)
    assert (one.kind, one.mendable) == ("broken log", False)


def test_a_lake_that_no_longer_protects_its_rows(folder):
    DeltaTable(folder / LAKE).alter.set_table_properties({"delta.appendOnly": "false"})
    assert kinds(folder) == ["lake unprotected"]


def test_a_lost_catalogue(folder):
    (folder / CATALOGUE).unlink()
    assert kinds(folder) == ["catalogue missing"]
    assert not (folder / CATALOGUE).exists()  # looking makes nothing


def test_an_empty_catalogue(folder):
    (folder / CATALOGUE).write_bytes(b"")
    assert kinds(folder) == ["catalogue empty"]


def close_catalogue(folder):
    """Bring the write-ahead log into the file."""
    with sqlite3.connect(folder / CATALOGUE) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_a_catalogue_of_other_bytes(folder):
    (folder / CATALOGUE).write_bytes(b"no database" * 1000)
    assert kinds(folder) == ["catalogue damaged"]


def test_a_catalogue_with_a_broken_page(folder):
    close_catalogue(folder)
    data = bytearray((folder / CATALOGUE).read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 12] = b"\xff" * 12
    (folder / CATALOGUE).write_bytes(data)
    assert kinds(folder) == ["catalogue damaged"]


def test_a_truncated_catalogue(folder):
    close_catalogue(folder)
    data = (folder / CATALOGUE).read_bytes()
    (folder / CATALOGUE).write_bytes(data[: len(data) // 2])
    assert kinds(folder) == ["catalogue damaged"]


def test_a_catalogue_without_a_table(folder):
    with sqlite3.connect(folder / CATALOGUE) as connection:
        connection.execute("DROP TABLE contents")
    connection.close()
    (one,) = found(folder)
    assert one.kind == "catalogue damaged"
    assert "contents" in one.what


@pytest.mark.parametrize(("version", "kind", "mendable"), [("0001", "older", True), ("9999", "newer", False)])
def test_a_catalogue_of_another_version(folder, version, kind, mendable):
    with sqlite3.connect(folder / CATALOGUE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])
    connection.close()
    (one,) = found(folder)
    assert (one.kind, one.mendable) == (f"catalogue {kind}", mendable)


def test_a_catalogue_that_another_process_writes(folder):
    command = [sys.executable, "-m", "tests.workspace.faults", "hold the lock", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        (one,) = found(folder, timeout=0.1)
        assert (one.kind, one.mendable) == ("locked", False)
        with Workspace.open(folder) as ws:
            assert len(ws.observations()) > 0
        other.communicate("go\n")
    assert kinds(folder) == []


def test_an_unreachable_server(folder):
    catalogue = Catalogue("postgresql+psycopg://nobody:secret@127.0.0.1:9/none?connect_timeout=1")
    said = inspect(Lake(folder / LAKE), catalogue)
    assert [(one.kind, one.mendable) for one in said] == [("catalogue unreadable", False)]
    assert "secret" not in str(said)


def test_an_older_catalogue(folder, tmp_path):
    shutil.copy(folder / CATALOGUE, tmp_path / "old")
    with Workspace.open(folder) as ws:
        store(ws, reading("e"), known_at=NOW.replace(day=3))
    shutil.copy(tmp_path / "old", folder / CATALOGUE)
    assert kinds(folder) == ["runs differ"]


def change(folder, statement):
    with sqlite3.connect(folder / CATALOGUE) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE files SET rows_stored = rows_stored + 1 WHERE path LIKE '%a.csv'", "rows missing"),
        ("UPDATE files SET rows_stored = rows_stored - 1 WHERE path LIKE '%a.csv'", "rows doubled"),
        ("DELETE FROM files WHERE path LIKE '%a.csv'", "files unlisted"),
    ],
)
def test_numbers_of_rows_that_differ(folder, statement, kind):
    change(folder, statement)
    assert kinds(folder) == [kind]


def test_what_a_dead_process_left(folder):
    old = time.time() - 100_000
    stray = parquet(folder)[0].with_name("part-stray.zstd.parquet")
    stray.write_bytes(b"half")
    torn = folder / LOG / "_commit_x.json.tmp"
    torn.write_text("{")
    scratch = folder / "lake" / "sorting-x"
    scratch.mkdir()
    assert kinds(folder) == []  # somebody may still be writing them
    for path in (stray, torn, scratch):
        os.utime(path, (old, old))
    assert sorted(one.where for one in found(folder)) == sorted(map(str, (stray, torn, scratch)))
    assert set(kinds(folder)) == {"leftover"}


def make_daily(folder):
    rows = pa.table({"day": [1, 2, 3], "views": [1.0, 2.0, 3.0]})
    from deltalake import write_deltalake

    write_deltalake(str(folder / "lake" / "daily" / "contents"), rows)
    (path,) = DeltaTable(folder / "lake" / "daily" / "contents").file_uris()
    return Path(path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
        lambda path: next(path.parent.glob("_delta_log/*.json")).write_text("{"),
    ],
)
def test_a_damaged_daily_table(folder, harm):
    path = make_daily(folder)
    assert kinds(folder, deep=True) == []
    harm(path)
    (one,) = found(folder)
    assert (one.kind, one.mendable) == ("daily table damaged", True)


def test_little_space(folder, monkeypatch):
    monkeypatch.setattr(damage, "LITTLE_SPACE", shutil.disk_usage(folder).total)
    assert set(kinds(folder)) == {"little space"}


def test_a_folder_in_which_nothing_can_be_written(folder, monkeypatch):
    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(damage.tempfile, "TemporaryFile", refused)
    assert set(kinds(folder)) == {"not writable"}
    assert "Read-only file system" in found(folder)[0].what


def without_room(folder, what):
    command = [sys.executable, "-m", "tests.workspace.faults", "without room", str(folder), what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("what", ["ingest", "compact"])
def test_no_room_left(folder, what):
    """A process whose files may not grow gets from the system what a full disk gives."""
    with Workspace.open(folder) as ws:
        before, version = state(ws), ws.version
    said = without_room(folder, what)
    assert "File too large" in said
    assert str(folder / LAKE) in said or CATALOGUE in said
    with Workspace.open(folder) as ws:
        assert (state(ws), ws.version) == (before, version)
    assert kinds(folder, deep=True) == []


def test_the_doctor_names_the_analysts_own_files(folder):
    (folder / "context" / "rules.toml").write_text("[[rule")
    (folder / "coefficients" / "mine.toml").write_text("= 3")
    (folder / "mappings" / "own.toml").write_text("name =")
    said = examine(folder).set_index("check")["ok"]
    assert said[["context", "coefficients mine", "mappings"]].tolist() == [False] * 3
    assert said["workspace"]


def test_the_doctor_names_settings_that_cannot_be_read(folder):
    (folder / "workspace.toml").write_text("time_zone = Mars")
    last = examine(folder).iloc[-1]
    assert (last["check"], last["ok"]) == ("settings", False)
    assert "workspace.toml" in last["found"]
    (folder / "workspace.toml").unlink()
    last = examine(folder).iloc[-1]
    assert "engagerr init" in last["found"]
    assert "every default" in last["found"]


def test_the_doctor_tells_each_fault(folder):
    parquet(folder)[0].unlink()
    told = examine(folder).iloc[-2:]
    assert told["check"].tolist() == ["missing file", "rows missing"]
    assert told["ok"].tolist() == [False, False]
    assert "backup" in told["found"].iloc[0]


def test_repairing_waits_for_nobody(folder, monkeypatch):
    monkeypatch.setenv("ENGAGERR_LOCK_TIMEOUT", "0.1")
    parquet(folder)[0].unlink()
    with Workspace.open(folder) as ws, ws.catalogue.writing(), pytest.raises(WorkspaceBusy):
        examine(folder, repair=True)
    assert not (folder / "damaged").exists()
