"""Backup and restore: every answer comes back, nothing half-made is left, and no archive leads outside."""

import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sqlalchemy import make_url

from engagerr_core.backup.archive import MANIFEST, verify
from engagerr_core.backup.make import backup, without_address
from engagerr_core.backup.restore import restore
from engagerr_core.errors import (
    InvalidArgument,
    WorkspaceBusy,
    WorkspaceDamaged,
)
from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store import audit
from engagerr_core.workspace import Workspace
from tests.store.example_readings import posts, reading, sha
from tests.workspace.backups import opened_state
from tests.workspace.faults import batch
from tests.workspace.steps import state, store
from tests.workspace.test_faults import start

ROOT = Path(__file__).parents[2]


def answers(ws):
    """What a workspace is asked, as bytes."""
    asked = {
        **state(ws),
        "resolved": ws.observations().to_csv(),
        "metrics": ws.metrics(by=["platform", "account"], metrics=["views", "likes"], freq="M").to_csv(),
        "posts": ws.metrics(by=["content"], metrics=["views"], basis="stock").to_csv(),
        "quality": ws.quality().findings.to_csv(),
        "runs": ws.runs().to_csv(),
        "events": ws.events().to_csv(),
    }
    return {name: text.encode() for name, text in asked.items()}


def test_every_answer_comes_back(filled, tmp_path):
    before = answers(filled)
    made = backup(filled, tmp_path / "a.zip")
    assert (made.rows, made.lake_version) == (225, 2)
    assert verify(tmp_path / "a.zip") == made
    assert restore(tmp_path / "a.zip", tmp_path / "new") == made
    with Workspace.open(tmp_path / "new") as ws:
        assert answers(ws) == before
    assert (tmp_path / "new" / "notebooks" / "mine" / "a note.ipynb").read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "new", "ws"]


def test_the_whole_sample_comes_back(own_workspace, tmp_path):
    with Workspace.open(own_workspace) as ws:
        backup(ws, tmp_path / "a.zip")
        restore(tmp_path / "a.zip", tmp_path / "new")
        with Workspace.open(tmp_path / "new") as other:
            assert other.observation_table(resolved=False).equals(ws.observation_table(resolved=False))
            for name in ("contents", "accounts", "files", "runs", "quarantine", "events"):
                assert getattr(other, name)().equals(getattr(ws, name)()), name
            assert other.metrics(by=["platform"], freq="M").equals(ws.metrics(by=["platform"], freq="M"))


def test_a_restored_workspace_goes_on(archive, tmp_path):
    restore(archive, tmp_path / "new")
    with Workspace.open(tmp_path / "new") as ws:
        assert set(store(ws, *batch()).files["status"]) == {"already stored"}
        assert store(ws, reading("z", contents=posts("z", ("z1",)))).files["status"].tolist() == ["stored"]
        assert len(ws.observations(resolved=False)) == 230


def test_both_are_audited_each_where_it_was_done(filled, archive, tmp_path):
    restore(archive, tmp_path / "new")
    here = audit.entries(filled.catalogue)
    assert here["action"].tolist()[-1] == "backed up"
    assert str(archive) in here["detail"].iloc[-1]
    with Workspace.open(tmp_path / "new") as ws:
        there = audit.entries(ws.catalogue)
    assert there["action"].tolist()[-1] == "restored"
    assert "backed up" not in there["action"].tolist()
    assert there.iloc[:-1].equals(here.iloc[:-1])


def test_a_catalogue_moves_between_databases(tmp_path, url, monkeypatch):
    """From a catalogue at an address to an embedded one and back to an address, with all its rows."""
    monkeypatch.setenv("ENGAGERR_CATALOGUE", url)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        before, audited = state(ws), audit.entries(ws.catalogue)
        backup(ws, tmp_path / "a.zip")
    with pytest.raises(InvalidArgument, match=r"not empty.*Name an empty database"):
        restore(tmp_path / "a.zip", tmp_path / "again", catalogue=url)
    assert not (tmp_path / "again").exists()
    monkeypatch.delenv("ENGAGERR_CATALOGUE")
    restore(tmp_path / "a.zip", tmp_path / "embedded")
    with Workspace.open(tmp_path / "embedded") as ws:
        assert ws.catalogue.path == tmp_path / "embedded" / CATALOGUE
        assert state(ws) == before
        assert audit.entries(ws.catalogue).iloc[:-1].equals(audited)
        backup(ws, tmp_path / "b.zip")


def test_an_embedded_catalogue_moves_to_an_address(archive, filled, tmp_path, url):
    before = state(filled)
    restore(archive, tmp_path / "new", catalogue=url)
    assert not (tmp_path / "new" / CATALOGUE).exists()
    with Workspace.open(tmp_path / "new") as ws:
        assert ws.catalogue.url == make_url(url)
        assert state(ws) == before
        # it counts on from the rows that it was given
        assert store(ws, reading("z", contents=posts("z", ("z1", "z2")))).files["status"].tolist() == ["stored"]
        assert audit.entries(ws.catalogue)["action"].tolist()[-1] == "restored"


def test_a_password_stays_out(tmp_path, url, monkeypatch):
    secret = url.replace("postgresql+psycopg://postgres@", "postgresql+psycopg://postgres:hunter2@")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        settings = ws.path / "workspace.toml"
    said = f'{settings.read_text()}catalogue = "{secret}"\n# catalogue = "postgresql://ada:hunter2@old/db"\n'
    settings.write_text(f"{said}# see https://ada:hunter2@wiki/x\nlock_timeout = 7\n")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, *batch())
        backup(ws, tmp_path / "a.zip")
        assert not any("hunter2" in one for one in audit.entries(ws.catalogue)["detail"])
    with zipfile.ZipFile(tmp_path / "a.zip") as held:
        assert [name for name in held.namelist() if b"hunter2" in held.read(name)] == []
    restore(tmp_path / "a.zip", tmp_path / "new")
    with Workspace.open(tmp_path / "new") as ws:
        assert ws.settings.lock_timeout == 7
        assert ws.settings.catalogue == ""


@pytest.mark.parametrize(
    "said",
    [
        'catalogue = "postgresql://ada:hunter2@host/db"',
        "catalogue='postgresql://ada:hunter2@host/db'",
        '"catalogue" = "postgresql://ada:hunter2@host/db"',
        'catalogue = """\npostgresql://ada:hunter2@host/db"""',
        'catalogue = """postgresql://ada:\\\n  hunter2@host/db"""',
        '  #catalogue = "postgresql://ada:hunter2@host/db"',
        "# postgresql://ada:hunter2@host/db",
    ],
)
def test_an_address_is_found_however_it_is_written(said):
    text = without_address(f'time_zone = "Asia/Tokyo"\n{said}\nlock_timeout = 3.5\n')
    assert "hunter2" not in text
    assert tomllib.loads(text) == {"time_zone": "Asia/Tokyo", "lock_timeout": 3.5}


def test_the_same_state_gives_the_same_members_in_the_same_order(filled, tmp_path):
    for name in ("a.zip", "b.zip"):
        backup(filled, tmp_path / name)
    with zipfile.ZipFile(tmp_path / "a.zip") as first, zipfile.ZipFile(tmp_path / "b.zip") as second:
        assert first.namelist() == second.namelist()
        assert first.namelist()[-1] == MANIFEST
        differing = [name for name in first.namelist() if first.read(name) != second.read(name)]
    assert differing == [CATALOGUE, MANIFEST]  # the first backup is audited in the second


def test_what_can_be_made_again_or_belongs_to_nobody_is_left_out(filled, tmp_path):
    (filled.path / "lake" / "daily").mkdir()
    (filled.path / "lake" / "daily" / "part.parquet").write_bytes(b"derived")
    (filled.path / LAKE / "platform=youtube" / "part-dead.zstd.parquet").write_bytes(b"of a process that died")
    (filled.path / "notebooks" / ".ipynb_checkpoints").mkdir()
    (filled.path / "notebooks" / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")
    (filled.path / "notes.txt").write_text("not ours")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("hunter2")
    (filled.path / "context" / "link.csv").symlink_to(outside / "secret.txt")
    (filled.path / "reports" / "linked").symlink_to(outside)
    backup(filled, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as held:
        names = held.namelist()
    assert [
        name for name in names if any(w in name for w in ("daily", "dead", "check", "-wal", "-shm", "link", "notes"))
    ] == []
    assert {name.split("/")[0] for name in names} == {
        "workspace.toml",
        CATALOGUE,
        "context",
        "notebooks",
        "lake",
        MANIFEST,
    }


def test_older_versions_of_the_lake_are_kept_as_far_as_they_are_there(filled, tmp_path):
    old = {Path(uri).name for uri in DeltaTable(filled.lake.folder).file_uris()}
    DeltaTable(filled.lake.folder).optimize.compact()
    table = DeltaTable(filled.lake.folder)
    assert table.version() == 3
    table.create_checkpoint()
    before = state(filled)
    backup(filled, tmp_path / "a.zip")
    restore(tmp_path / "a.zip", tmp_path / "new")
    assert opened_state(tmp_path / "new") == before
    for version, rows in ((1, 185), (2, 225), (3, 225)):
        assert DeltaTable(tmp_path / "new" / LAKE, version=version).to_pyarrow_dataset().count_rows() == rows
    gone = [path for path in filled.lake.folder.rglob("*.parquet") if path.name in old - _active(filled)]
    for path in gone:
        path.unlink()
    backup(filled, tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "newer")
    assert opened_state(tmp_path / "newer") == before
    assert gone
    assert verify(tmp_path / "b.zip").members == verify(tmp_path / "a.zip").members - len(gone)


def _active(ws):
    return {Path(uri).name for uri in DeltaTable(ws.lake.folder).file_uris()}


def test_others_ingest_while_files_are_copied(filled, tmp_path, monkeypatch):
    """The lock is not held then, and what they store is not in the archive."""
    before, late = state(filled), iter("yz")

    def ingest(_):
        for name in late:
            with Workspace.open(filled.path) as other:
                other.catalogue.lock_timeout = 0.1
                store(other, reading(name, contents=posts(name, ("v",))), known_at=None)

    backup(filled, tmp_path / "a.zip", progress=ingest)
    assert len(filled.files()) == 6
    restore(tmp_path / "a.zip", tmp_path / "new")
    assert opened_state(tmp_path / "new") == before
    assert verify(tmp_path / "a.zip").lake_version == 2


def test_backups_amid_ingests_are_each_of_one_moment(tmp_path):
    names = [f"f{i}" for i in range(6)]
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        process, made = start("ingest", tmp_path / "ws", *names), []
        while process.poll() is None:
            made.append(tmp_path / f"{len(made)}.zip")
            backup(ws, made[-1])
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert made
    for path in made:
        restore(path, path.with_suffix(""))
        with Workspace.open(path.with_suffix("")) as ws:
            assert "reconciled" not in audit.entries(ws.catalogue)["action"].tolist()
            assert set(ws.files()["file"]) == set(ws.observations(resolved=False)["file"])
            assert len(ws.contents()) == (1 if len(ws.files()) else 0)
            assert len(ws.runs()) == ws.lake.version == verify(path).lake_version


def test_a_catalogue_behind_its_lake_is_mended_first(filled, tmp_path):
    start("die", filled.path, "after the lake").communicate(timeout=120)
    with closing(sqlite3.connect(filled.path / CATALOGUE)) as held:
        held.execute("PRAGMA foreign_keys = OFF")
        held.execute("DELETE FROM files WHERE run = 2")
        held.execute("DELETE FROM runs WHERE run = 2")
        held.commit()
    backup(filled, tmp_path / "a.zip")
    restore(tmp_path / "a.zip", tmp_path / "new")
    with Workspace.open(tmp_path / "new") as ws:
        assert sha("bo") in ws.files()["file"].tolist()
        assert audit.entries(ws.catalogue)["action"].tolist().count("reconciled") == 1


def test_files_removed_while_they_are_copied(filled, tmp_path):
    """Once: it starts again with what is there. Again and again: it says so, and leaves nothing."""
    DeltaTable(filled.lake.folder).optimize.compact()
    old = sorted(p for p in filled.lake.folder.rglob("*.parquet") if p.name not in _active(filled))
    waiting = iter(old[:1])
    backup(filled, tmp_path / "a.zip", progress=lambda _: [path.unlink() for path in waiting])
    assert verify(tmp_path / "a.zip").rows == 225
    again = filled.path / "notebooks" / "z.ipynb"

    def vanish(name):
        if name.endswith("a note.ipynb"):
            again.unlink()
        elif name == CATALOGUE:
            again.write_text("{}")

    again.write_text("{}")
    with pytest.raises(WorkspaceBusy, match=r"removed while it was copied, 3 times"):
        backup(filled, tmp_path / "b.zip", progress=vanish)
    assert not (tmp_path / "b.zip").exists()


def test_a_missing_file_of_the_lake_is_named(filled, tmp_path):
    victim = Path(DeltaTable(filled.lake.folder).file_uris()[0])
    victim.unlink()
    with pytest.raises(WorkspaceDamaged, match=victim.name):
        backup(filled, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_place_that_cannot_be_used_is_refused(filled, archive, tmp_path):
    kept = archive.read_bytes()
    for place, said in (
        (archive, "is there already"),
        (tmp_path, "is there already|would be lost|lies in"),
        (tmp_path / "none" / "a.zip", "no folder"),
        (filled.path / "a.zip", "lies in the workspace"),
        (filled.path / "reports" / "a.zip", "lies in the workspace"),
    ):
        with pytest.raises(InvalidArgument, match=said):
            backup(filled, place)
    assert archive.read_bytes() == kept
    store(filled, reading("z"))
    backup(filled, archive, overwrite=True)
    assert verify(archive).rows == 230


def test_a_file_name_that_no_archive_holds_is_named(filled, tmp_path):
    (filled.path / "notebooks" / "a\nb.ipynb").write_text("{}")
    with pytest.raises(InvalidArgument, match=r"notebooks/a\\nb\.ipynb.*Rename"):
        backup(filled, tmp_path / "a.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ws"]


PROGRAM = """
import os, resource, signal, sys
from pathlib import Path
from engagerr_core.backup import archive, make, restore
from engagerr_core.workspace import Workspace
from tests.workspace.faults import die

command, first, second, point = sys.argv[1:]
if point == "at once":
    archive.ArchiveWriter.add = die
    restore._unpack = die
elif point == "before the manifest":
    archive.ArchiveWriter.finish = die
    restore._settle_catalogue = die
elif point == "before its name":
    os.replace = die
elif point == "disk full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if command == "backup":
    with Workspace.open(first) as ws:
        if point == "disk full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        make.backup(ws, second)
else:
    if point == "disk full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    restore.restore(first, second)
"""


def run(*arguments):
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("point", ["at once", "before the manifest", "before its name"])
def test_killed_while_backing_up_leaves_no_half_archive(filled, tmp_path, point):
    assert run("backup", filled.path, tmp_path / "a.zip", point).returncode == -signal.SIGKILL
    assert not (tmp_path / "a.zip").exists()
    before = state(filled)
    backup(filled, tmp_path / "a.zip")
    restore(tmp_path / "a.zip", tmp_path / "new")
    assert opened_state(tmp_path / "new") == before == state(filled)


@pytest.mark.parametrize("point", ["at once", "before the manifest", "before its name"])
def test_killed_while_restoring_leaves_no_workspace(filled, archive, tmp_path, point):
    assert run("restore", archive, tmp_path / "new", point).returncode == -signal.SIGKILL
    assert not (tmp_path / "new").exists()
    restore(archive, tmp_path / "new")
    assert opened_state(tmp_path / "new") == state(filled)


def test_killed_while_overwriting_leaves_the_old_archive(filled, archive, tmp_path):
    kept = archive.read_bytes()
    with Workspace.open(filled.path) as ws:
        store(ws, reading("z"))
    program = PROGRAM.replace("make.backup(ws, second)", "make.backup(ws, second, overwrite=True)")
    command = [sys.executable, "-c", program, "backup", str(filled.path), str(archive), "before its name"]
    assert subprocess.run(command, cwd=ROOT, timeout=120).returncode == -signal.SIGKILL
    assert archive.read_bytes() == kept


def test_a_full_disk_leaves_nothing(filled, archive, tmp_path):
    before = sorted(os.listdir(tmp_path))
    (filled.path / "notebooks" / "large.bin").write_bytes(os.urandom(1_000_000))
    for arguments, said in (
        (("backup", filled.path, tmp_path / "b.zip"), "b.zip cannot be written"),
        (("restore", archive, tmp_path / "new"), "new cannot be made"),
    ):
        done = run(*arguments, "disk full")
        assert "InvalidArgument" in done.stderr
        assert said in done.stderr
        assert sorted(os.listdir(tmp_path)) == before
