"""Archives that are damaged, hostile or newer are refused, and nothing is placed."""

import json
import random
import sqlite3
import stat
import warnings
import zipfile
from contextlib import closing
from hashlib import sha256

import pytest

from engagerr_core.backup.archive import FORMAT, MANIFEST, verify
from engagerr_core.backup.restore import restore
from engagerr_core.errors import (
    EngagerrError,
    HostileFile,
    InvalidArgument,
    UnreadableFile,
)
from engagerr_core.layout import CATALOGUE, LAKE
from tests.workspace.backups import opened_state


@pytest.mark.parametrize("taken", ["a file", "a folder with something in it", "a link"])
def test_a_folder_that_is_taken_is_refused(archive, tmp_path, taken):
    target = tmp_path / "new"
    if taken == "a file":
        target.write_text("mine")
    elif taken == "a link":
        (tmp_path / "elsewhere").mkdir()
        target.symlink_to(tmp_path / "elsewhere")
    else:
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    with pytest.raises(InvalidArgument, match="holds something already"):
        restore(archive, target)
    if taken == "a folder with something in it":
        assert [path.name for path in target.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(archive, tmp_path):
    (tmp_path / "new").mkdir()
    restore(archive, tmp_path / "new")
    assert opened_state(tmp_path / "new")


def refused(archive, tmp_path):
    """The error with which an archive is refused, after which nothing is there."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(EngagerrError) as caught:
        restore(archive, tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before
    return caught.value


def test_an_archive_cut_off_anywhere_is_refused(archive, tmp_path):
    whole = archive.read_bytes()
    for share in (0, 0.001, 0.1, 0.3, 0.5, 0.9, 0.99, 0.9999):
        archive.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(UnreadableFile, match=r"a\.zip"):
            verify(archive)
        assert isinstance(refused(archive, tmp_path), UnreadableFile)


def test_a_changed_byte_is_found_or_changes_nothing(filled, archive, tmp_path):
    whole, made, random_ = archive.read_bytes(), verify(archive), random.Random(4)
    found = 0
    for _ in range(120):
        at = random_.randrange(len(whole))
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << random_.randrange(8))]) + whole[at + 1 :])
        try:
            assert verify(archive) == made  # an idle byte of the zip's own headers
        except (UnreadableFile, HostileFile, InvalidArgument):
            found += 1
    assert found > 100


def rewrite(archive, change):
    """The same archive after `change(members)`: name → bytes or (ZipInfo, bytes); the manifest follows."""
    with zipfile.ZipFile(archive) as held:
        manifest = json.loads(held.read(MANIFEST))
        members = {name: held.read(name) for name in held.namelist() if name != MANIFEST}
    change(members, manifest)
    if "members" not in manifest.pop("fixed", ()):
        manifest["members"] = [
            {"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in members.items()
        ]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
        made.writestr(MANIFEST, json.dumps(manifest))


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt", "notebooks/../../evil.txt", "/etc/evil", "notebooks//evil", "notebooks/./evil", "..\\evil.txt",
        "notebooks\\evil", "evil.txt", "lake/evil.parquet", "lake/daily/evil/x.parquet", "lake/observations/evil",
        "notebooks", "C:/evil", "notebooks/a\x00b", "notebooks/a\nb", "lake/observations/../../../evil", ".git/config",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(archive, tmp_path, name):
    rewrite(archive, lambda members, _: members.update({name: b"evil"}))
    assert isinstance(refused(archive, tmp_path), HostileFile | UnreadableFile)
    assert not list(tmp_path.rglob("evil*"))


def test_links_are_refused(archive, tmp_path):
    link = zipfile.ZipInfo("notebooks/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    rewrite(archive, lambda members, _: members.update({"notebooks/link": b"/etc/passwd"}))
    _replace_entry(archive, link, b"/etc/passwd")
    assert isinstance(refused(archive, tmp_path), HostileFile)


def _replace_entry(archive, info, data):
    with zipfile.ZipFile(archive) as held:
        others = {name: held.read(name) for name in held.namelist() if name != info.filename}
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(info, data)
        for name, kept in others.items():
            made.writestr(name, kept)


def test_a_file_that_stands_twice_is_refused(archive, tmp_path):
    with zipfile.ZipFile(archive, "a") as held, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held.writestr("workspace.toml", 'time_zone = "Asia/Tokyo"')
    assert isinstance(refused(archive, tmp_path), HostileFile)


def test_a_file_more_or_less_is_refused(archive, tmp_path):
    whole = archive.read_bytes()
    with zipfile.ZipFile(archive, "a") as held:
        held.writestr("notebooks/more.ipynb", "{}")
    assert isinstance(refused(archive, tmp_path), UnreadableFile)
    archive.write_bytes(whole)

    def without_one(members, manifest):
        manifest["fixed"] = ["members"]
        del members["notebooks/mine/a note.ipynb"]

    rewrite(archive, without_one)
    assert isinstance(refused(archive, tmp_path), UnreadableFile)


def test_another_content_of_the_same_length_is_refused(archive, tmp_path):
    def exchanged(members, manifest):
        manifest["fixed"] = ["members"]
        members["notebooks/mine/a note.ipynb"] = b"[]"

    rewrite(archive, exchanged)
    assert "a note.ipynb" in str(refused(archive, tmp_path))


def test_bombs_are_refused_before_they_unpack(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("engagerr_core.backup.archive.EXPANSION_FREE", 1_000_000)
    rewrite(archive, lambda members, _: members.update({"notebooks/bomb": b"\0" * 100_000_000}))
    assert "far more than it is" in str(refused(archive, tmp_path))


def test_what_finds_no_room_is_refused(archive, tmp_path):
    def huge(members, manifest):
        manifest["fixed"] = ["members"]
        manifest["members"][0]["bytes"] = 1 << 60

    rewrite(archive, huge)
    assert isinstance(refused(archive, tmp_path), UnreadableFile)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"format": FORMAT + 1}, InvalidArgument, "newer version"),
        ({"format": "1"}, UnreadableFile, "no manifest"),
        ({"members": None, "fixed": ["members"]}, UnreadableFile, "no manifest"),
        ({"members": [{"name": 1}], "fixed": ["members"]}, UnreadableFile, "no manifest"),
        ({"lake_version": 99}, UnreadableFile, "version 2, and its manifest says 99"),
        ({"lake_version": None}, UnreadableFile, "no manifest"),
    ],
)
def test_manifests_that_do_not_fit_are_refused(archive, tmp_path, change, error, said):
    rewrite(archive, lambda _, manifest: manifest.update(change))
    problem = refused(archive, tmp_path)
    assert isinstance(problem, error)
    assert said in str(problem)


def change_catalogue(archive, tmp_path, *statements):
    def change(members, _):
        path = tmp_path / "changed.sqlite"
        path.write_bytes(members[CATALOGUE])
        with closing(sqlite3.connect(path)) as held:
            for statement in statements:
                held.execute(statement)
            held.commit()
            held.execute("PRAGMA journal_mode = DELETE")
        members[CATALOGUE] = path.read_bytes()
        path.unlink()

    rewrite(archive, change)


@pytest.mark.parametrize(
    ("statement", "error", "said"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON audit BEGIN DELETE FROM files; END", HostileFile, "acts by itself"),
        ("CREATE VIEW evil AS SELECT 1", HostileFile, "acts by itself"),
        ("UPDATE alembic_version SET version_num = '9999'", InvalidArgument, "newer version"),
        ("DROP TABLE alembic_version", UnreadableFile, "cannot be read"),
    ],
)
def test_catalogues_that_do_not_fit_are_refused(archive, tmp_path, statement, error, said):
    change_catalogue(archive, tmp_path, statement)
    problem = refused(archive, tmp_path)
    assert isinstance(problem, error)
    assert said in str(problem)


def test_a_damaged_catalogue_is_refused(archive, tmp_path):
    rewrite(archive, lambda members, _: members.update({CATALOGUE: b"no database" * 1000}))
    assert "catalogue in the archive" in str(refused(archive, tmp_path))


def test_a_lake_that_names_foreign_files_is_refused(archive, tmp_path):
    outside = tmp_path / "outside.parquet"
    outside.write_bytes(b"not yours")

    def lead_outside(members, _):
        commit = f"{LAKE}/_delta_log/{2:020d}.json"
        lines = [json.loads(line) for line in members[commit].decode().splitlines()]
        for line in lines:
            if "add" in line:
                line["add"]["path"] = f"file://{outside}"
        members[commit] = "\n".join(map(json.dumps, lines)).encode()

    rewrite(archive, lead_outside)
    assert isinstance(refused(archive, tmp_path), HostileFile | UnreadableFile)


def test_no_archive_at_all(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as other:
        other.writestr("hello.txt", "hello")
    for name in ("a.txt", "b.zip", "none.zip", "."):
        with pytest.raises(UnreadableFile):
            verify(tmp_path / name)
        with pytest.raises(UnreadableFile):
            restore(tmp_path / name, tmp_path / "new")
    assert not (tmp_path / "new").exists()
