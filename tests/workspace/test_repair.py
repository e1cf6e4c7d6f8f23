"""Repair: what can be mended is, nothing is thrown away, and with the files named the workspace is as it was."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.doctor import examine
from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store import audit
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.compaction import compact
from engagerr_core.store.damage import inspect
from engagerr_core.store.lake import Lake
from engagerr_core.store.mending import AGAIN, FOLDER, repair
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, rejected, sha
from tests.workspace.faults import COMPACTION_POINTS, REPAIR_POINTS, WARM
from tests.workspace.steps import NOW, state, store
from tests.workspace.test_damage import LOG, last_commit, make_daily, parquet
from tests.workspace.test_faults import start

# Three exports over three months, each ingested on its own day, and one that has only rows to reject.
EXPORTS = {
    "a": lambda: reading("a", daily("a", 90), contents=posts("a", ("a1",))),
    "b": lambda: reading("b", daily("b", 20, likes=[7.0] * 20), contents=posts("b", ("b1", "b2"))),
    "c": lambda: reading("c", daily("c", 60), rejected=rejected("c", 4)),
    "d": lambda: reading("d", daily("d", 31, start="2026-02-01", platform="tiktok"), platform="tiktok"),
}


def ingest(ws, names="abcd"):
    """Ingest exports, each with the instant that it always had."""
    for name in names:
        store(ws, EXPORTS[name](), known_at=NOW.replace(day=1 + "abcd".index(name)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A workspace to copy, and what it answers."""
    folder = tmp_path_factory.mktemp("whole") / "ws"
    with Workspace.open(folder, create=True) as ws:
        ingest(ws)
        return folder, state(ws)


@pytest.fixture
def folder(whole, tmp_path):
    return Path(shutil.copytree(whole[0], tmp_path / "ws"))


@pytest.fixture
def undisturbed(whole):
    return whole[1]


def mended(folder, deep=False):
    catalogue = Catalogue(f"sqlite:///{folder / CATALOGUE}", 5.0)
    try:
        return repair(Lake(folder / LAKE), catalogue, folder, deep)
    finally:
        catalogue.close()


def kinds(findings):
    return sorted(one.kind for one in findings)


def assert_restored(folder, done, undisturbed):
    """What is named, ingested again, gives the state of a workspace that was never disturbed."""
    assert done.remaining == ()
    with Workspace.open(folder) as ws:
        ingest(ws, [Path(path).stem for path in done.again])
        assert state(ws) == undisturbed
        version = ws.version
        ingest(ws)  # and nothing of it once more
        assert (state(ws), ws.version) == (undisturbed, version)
        assert ws.lake.last_run == ws.runs()["run"].max()
    catalogue = Catalogue(f"sqlite:///{folder / CATALOGUE}")
    assert inspect(Lake(folder / LAKE), catalogue, deep=True) == []
    catalogue.close()


HARMS = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "emptied": lambda path: path.write_bytes(b""),
    "lost": lambda path: path.unlink(),
    "overwritten": lambda path: path.write_bytes(b"x" * path.stat().st_size),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("victim", range(7))
def test_a_harmed_file_of_the_lake(folder, undisturbed, harm, victim):
    path = parquet(folder)[victim]
    HARMS[harm](path)
    done = mended(folder)
    assert len(done.again) == 1
    assert kinds(done.mended) == ["missing file" if harm == "lost" else "damaged file", "rows missing"]
    assert (done.aside / path.relative_to(folder)).exists() == (harm != "lost")
    with Workspace.open(folder) as ws:  # what was not touched is there before anything is ingested
        rows = ws.observations(resolved=False)
        lost = {sha(Path(path).stem) for path in done.again}
        assert set(rows["file"]) == {sha(name) for name in "abcd"} - lost
    assert_restored(folder, done, undisturbed)


def test_a_harmed_file_that_holds_many_exports(folder, undisturbed):
    """After a compaction one file has rows of all; their rows elsewhere must not be doubled."""
    with Workspace.open(folder) as ws:
        compact(ws.lake, ws.catalogue, WARM)
    february = [path for path in parquet(folder) if "youtube" in str(path)][1]
    HARMS["truncated"](february)
    done = mended(folder)
    assert [Path(path).stem for path in done.again] == ["a", "c"]  # b ends in January, d is another platform's
    with Workspace.open(folder) as ws:
        assert set(ws.observations(resolved=False)["file"]) == {sha("b"), sha("d")}
        files = ws.files()
        assert set(files.loc[files["rows_stored"] > 0, "file"]) == {sha("b"), sha("d")}
    assert_restored(folder, done, undisturbed)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(victims=st.sets(st.integers(0, 6), min_size=1), compacted=st.booleans(), harm=st.sampled_from(sorted(HARMS)))
def test_any_files_harmed(whole, tmp_path_factory, victims, compacted, harm):
    folder = Path(shutil.copytree(whole[0], tmp_path_factory.mktemp("any") / "ws"))
    if compacted:
        with Workspace.open(folder) as ws:
            compact(ws.lake, ws.catalogue, WARM)
    paths = parquet(folder)
    for victim in victims:
        if paths[victim % len(paths)].exists():
            HARMS[harm](paths[victim % len(paths)])
    assert_restored(folder, mended(folder), whole[1])


def test_turned_bytes_in_a_page(folder, undisturbed):
    with Workspace.open(folder) as ws:
        compact(ws.lake, ws.catalogue, WARM)
    victim = parquet(folder)[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 3] ^= 0xFF
    victim.write_bytes(data)
    done = mended(folder, deep=True)
    assert "damaged file" in kinds(done.mended)
    assert_restored(folder, done, undisturbed)


@pytest.mark.parametrize("keep", [0, 10, -3])
def test_a_torn_commit(folder, undisturbed, keep):
    torn = last_commit(folder)
    torn.write_bytes(torn.read_bytes()[:keep])
    done = mended(folder)
    assert [Path(path).stem for path in done.again] == ["d"]
    assert (done.aside / torn.relative_to(folder)).is_file()
    assert_restored(folder, done, undisturbed)


def test_a_gap_in_the_log(folder, undisturbed):
    (folder / LOG / f"{3:020d}.json").unlink()
    done = mended(folder)
    assert [Path(path).stem for path in done.again] == ["c", "d"]
    assert_restored(folder, done, undisturbed)


def test_a_commit_that_lost_a_line(folder, undisturbed):
    path = folder / LOG / f"{1:020d}.json"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if "month=2026-03" not in line))
    done = mended(folder)
    assert [Path(path).stem for path in done.again] == ["a"]
    assert_restored(folder, done, undisturbed)


def test_a_broken_checkpoint(folder, undisturbed):
    DeltaTable(folder / LAKE).create_checkpoint()
    (path,) = (folder / LOG).glob("*.checkpoint.parquet")
    path.write_bytes(b"PAR1")
    done = mended(folder)
    assert done.again == ()
    assert_restored(folder, done, undisturbed)


@pytest.mark.parametrize("rest", [b"", b"no database" * 500])
def test_a_lost_catalogue(folder, undisturbed, rest):
    (folder / CATALOGUE).write_bytes(rest)
    done = mended(folder)
    assert (done.remaining, done.again, done.unknown_sources) == ((), (), False)
    assert (done.aside / CATALOGUE).read_bytes() == rest
    with Workspace.open(folder) as ws:
        assert state(ws)["observations"] == undisturbed["observations"]
        ingest(ws)
        assert state(ws) == undisturbed


def test_a_missing_catalogue(folder, undisturbed):
    (folder / CATALOGUE).unlink()
    assert kinds(mended(folder).mended) == ["catalogue missing"]
    with Workspace.open(folder) as ws:
        ingest(ws)
        assert state(ws) == undisturbed


def test_catalogue_and_a_file_lost_together(folder):
    (folder / CATALOGUE).unlink()
    parquet(folder)[0].unlink()
    done = mended(folder)
    assert done.unknown_sources
    assert done.remaining == ()
    with Workspace.open(folder) as ws:
        assert set(ws.files()["file"]) == {sha(name) for name in "abcd"}
    said = examine(folder, repair=True)  # nothing more to do, and nothing more is done
    assert not said["check"].str.startswith("mended").any()


def test_numbers_of_rows_that_differ(folder, undisturbed):
    for statement in (
        "UPDATE files SET rows_stored = 1 WHERE path LIKE '%a.csv'",
        "DELETE FROM files WHERE path LIKE '%b.csv'",
    ):
        with sqlite3.connect(folder / CATALOGUE) as connection:
            connection.execute(statement)
        connection.close()
    done = mended(folder)
    assert kinds(done.mended) == ["files unlisted", "rows doubled"]
    assert [Path(path).stem for path in done.again] == ["a"]
    with Workspace.open(folder) as ws:
        ingest(ws)
        assert state(ws)["observations"] == undisturbed["observations"]
        assert state(ws)["files"] == undisturbed["files"]


def test_an_older_catalogue_forgets_nothing(folder, undisturbed, tmp_path):
    shutil.copy(folder / CATALOGUE, tmp_path / "old")
    with Workspace.open(folder) as ws:
        store(ws, reading("e"), known_at=NOW.replace(day=9))
    shutil.copy(tmp_path / "old", folder / CATALOGUE)
    done = mended(folder)
    assert (kinds(done.mended), done.again) == (["runs differ"], ())
    with Workspace.open(folder) as ws:
        assert sha("e") in set(ws.observations(resolved=False)["file"])


def test_an_older_lake_names_what_it_does_not_hold(folder, undisturbed, tmp_path):
    version = max((folder / LOG).glob("*.json"))
    version.rename(tmp_path / version.name)
    done = mended(folder)
    assert (kinds(done.mended), [Path(path).stem for path in done.again]) == (["runs differ"], ["d"])
    assert_restored(folder, done, undisturbed)


def test_a_lost_protection(folder, undisturbed):
    DeltaTable(folder / LAKE).alter.set_table_properties({"delta.appendOnly": "false"})
    done = mended(folder)
    assert kinds(done.mended) == ["lake unprotected"]
    assert DeltaTable(folder / LAKE).metadata().configuration["delta.appendOnly"] == "true"
    assert_restored(folder, done, undisturbed)


def test_a_repair_that_takes_rows_out_protects_again(folder):
    parquet(folder)[0].unlink()
    mended(folder)
    table = DeltaTable(folder / LAKE)
    assert table.metadata().configuration["delta.appendOnly"] == "true"
    said = [one.get("engagerr") for one in table.history()]
    assert said.count("repair") == 1


def test_daily_tables_and_leftovers_are_set_aside(folder, undisturbed):
    path = make_daily(folder)
    path.write_bytes(b"")
    stray = parquet(folder)[0].with_name("part-stray.zstd.parquet")
    stray.write_bytes(b"half")

    os.utime(stray, (time.time() - 100_000,) * 2)
    done = mended(folder)
    assert kinds(done.mended) == ["daily table damaged", "leftover"]
    assert not (folder / "lake" / "daily" / "contents").exists()
    assert (done.aside / stray.relative_to(folder)).read_bytes() == b"half"
    assert_restored(folder, done, undisturbed)


def test_what_cannot_be_mended_is_left_as_it_is(folder):
    shutil.rmtree(folder / LAKE)
    (folder / CATALOGUE).write_bytes(b"")
    done = mended(folder)
    assert done.mended == ()
    assert kinds(done.remaining) == ["catalogue empty", "lake missing"]
    assert (folder / CATALOGUE).read_bytes() == b""
    assert not (folder / FOLDER).exists()


def test_a_whole_workspace_is_left_as_it_is(folder, undisturbed):
    version = DeltaTable(folder / LAKE).version()
    done = mended(folder, deep=True)
    assert (done.mended, done.remaining, done.aside) == ((), (), None)
    assert DeltaTable(folder / LAKE).version() == version


def test_it_is_audited_and_a_list_is_left(folder):
    victim = parquet(folder)[0]
    victim.unlink()
    done = mended(folder)
    assert (done.aside / AGAIN).read_text() == "exports/Ada/a.csv\n"
    assert (done.aside / CATALOGUE).is_file()
    with Workspace.open(folder) as ws:
        said = audit.entries(ws.catalogue)
        assert f"missing file: {victim}" in said["detail"].tolist()


def test_a_disk_that_takes_nothing_stops_the_repair(folder, monkeypatch):
    parquet(folder)[0].unlink()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engagerr_core.store.mending.exchange", full)
    with pytest.raises(WorkspaceDamaged, match="No space left on device"):
        mended(folder)
    monkeypatch.undo()
    assert [Path(path).stem for path in mended(folder).again] == ["a"]


@pytest.mark.parametrize("point", REPAIR_POINTS)
def test_killed_while_repairing(folder, undisturbed, point):
    parquet(folder)[0].unlink()
    process = start("die repairing", folder, point)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    again = [path.read_text() for path in (folder / FOLDER).glob(f"*/{AGAIN}")]
    assert again == ["exports/Ada/a.csv\n"]
    mended(folder)
    with Workspace.open(folder) as ws:
        ingest(ws)
        assert state(ws) == undisturbed
        assert DeltaTable(folder / LAKE).metadata().configuration["delta.appendOnly"] == "true"


@pytest.mark.parametrize("point", COMPACTION_POINTS)
def test_killed_while_compacting(folder, undisturbed, point):
    process = start("die compacting", folder, point)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    with Workspace.open(folder) as ws:
        assert state(ws) == undisturbed
        compact(ws.lake, ws.catalogue, WARM)
        assert state(ws) == undisturbed
        assert len(compact(ws.lake, ws.catalogue, WARM)) == 0


def kill_compactions(whole, folder, trials, seed):
    """Kill compactions at random moments, one after the other; each next one goes on with what is there."""
    shutil.copytree(whole[0], folder)
    rng = np.random.default_rng(seed)
    for _ in range(trials):
        with start("compact", folder, 1, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == "compacting\n"
            time.sleep(rng.uniform(0, 0.25))
            process.kill()
        with Workspace.open(folder) as ws:
            assert state(ws) == whole[1]
    with Workspace.open(folder) as ws:
        compact(ws.lake, ws.catalogue, WARM)
        assert state(ws) == whole[1]


@pytest.mark.parametrize("seed", range(3))
def test_compactions_killed_at_any_moment(whole, tmp_path, seed):
    kill_compactions(whole, tmp_path / "ws", 4, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 30))
def test_many_compactions_killed_at_any_moment(whole, tmp_path, seed):
    kill_compactions(whole, tmp_path / "ws", 4, seed)


def test_ingesting_and_compacting_at_once(tmp_path):
    names = [f"f{i}" for i in range(10)]
    with Workspace.open(tmp_path / "ws", create=True):
        pass
    processes = [
        start("ingest", tmp_path / "ws", *names),
        *(start("compact", tmp_path / "ws", 8, stdout=subprocess.DEVNULL) for _ in range(2)),
    ]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    with Workspace.open(tmp_path / "ws") as ws:
        rows = ws.observations(resolved=False)
        assert len(rows) == 5 * len(names)
        assert not rows.duplicated(["file", "row"]).any()
        assert set(rows["file"]) == {sha(name) for name in names}
        assert ws.lake.last_run == len(ws.runs()) == len(names)


def test_of_an_archive_the_doctor_names_the_whole(tmp_path):
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws:
        for name in "ab":
            store(ws, reading(name, path=f"exports/all.zip › {name}.csv"))
    for path in parquet(folder):
        path.unlink()
    said = examine(folder, repair=True)
    assert said[said["check"] == "ingest again"]["found"].tolist() == ["exports/all.zip"]


def test_the_doctor_repairs_and_names_what_to_do(folder, undisturbed):
    parquet(folder)[0].unlink()
    said = examine(folder, repair=True)
    told = dict(zip(said["check"], said["ok"], strict=True))
    assert told["mended: missing file"]
    assert told["set aside"]
    assert not told["ingest again"]
    assert said[said["check"] == "ingest again"]["found"].tolist() == ["exports/Ada/a.csv"]
    with Workspace.open(folder) as ws:
        ingest(ws)
        assert state(ws) == undisturbed
    last = examine(folder).iloc[-1]
    assert (last["check"], last["ok"]) == ("workspace", True)
    assert last["found"].startswith("1 creators, 201 rows")
