"""The audit: entries are added, one line each, without secrets, by a known user; nobody changes them."""

import ast
import os
import pwd
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from engagerr_core.errors import InvalidArgument, WorkspaceBusy
from engagerr_core.store import audit
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def catalogue(url):
    made = Catalogue(url, lock_timeout=0.2)
    made.prepare(create=True)
    yield made
    made.close()


def test_an_entry_tells_when_who_and_what(catalogue):
    before = datetime.now(UTC)
    audit.enter(catalogue, "exported", "report of Ada")
    found = audit.entries(catalogue)
    assert found.columns.tolist() == ["at", "actor", "action", "detail"]
    assert found["action"].tolist() == ["migrated", "exported"]
    last = found.iloc[-1]
    assert (last["actor"], last["detail"]) == (pwd.getpwuid(os.geteuid()).pw_name, "report of Ada")
    assert before <= last["at"] <= datetime.now(UTC)
    assert str(found["at"].dtype) == "datetime64[us, UTC]"


def test_entries_of_older_versions_have_no_actor(catalogue):
    with catalogue.writing() as connection:
        connection.execute(
            text("INSERT INTO audit (at, action, detail) VALUES ('2026-01-01 00:00:00', 'migrated', 'to 0001')")
        )
    found = audit.entries(catalogue)
    assert found["actor"].isna().tolist() == [False, True]


def test_an_entry_stands_or_falls_with_its_transaction(catalogue):
    def fail():
        with catalogue.writing() as connection:
            audit.enter(connection, "compacted", "12 files")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert audit.entries(catalogue)["action"].tolist() == ["migrated"]


def test_an_entry_that_cannot_be_written_is_no_silence(url, catalogue):
    other = Catalogue(url, lock_timeout=0.1)
    with catalogue.writing(), pytest.raises(WorkspaceBusy):
        audit.enter(other, "exported", "report of Ada")
    other.close()


def test_an_unknown_action_is_refused(catalogue):
    with pytest.raises(InvalidArgument, match=r"no audited action 'sold'.*exported"):
        audit.enter(catalogue, "sold", "everything")
    assert len(audit.entries(catalogue)) == 1


def test_changes_are_entered_when_they_happen(catalogue):
    for label in ("default 1", "default 1", "mine 2", "default 1"):
        with catalogue.writing() as connection:
            audit.enter_change(connection, "coefficients changed", label)
    found = audit.entries(catalogue)
    assert found["detail"].tolist()[1:] == ["default 1", "mine 2", "default 1"]


HOSTILE = [
    "a\nb", "a\r\nb", "\x1b[2Jgone", "a\x00b", "a\u2028b", "\u202egnp.exe", "back\\nslash", "a\tb", "\ud800",
    "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("detail", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_can_pass_for_another_entry(catalogue, detail):
    audit.enter(catalogue, "exported", detail)
    (line,) = audit.entries(catalogue)["detail"].tolist()[1:]
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert len(line) <= audit.LONGEST


@given(st.text(st.characters(exclude_characters=":=@"), max_size=audit.LONGEST // 10))
def test_the_text_can_be_read_from_its_line(detail):
    line = audit.one_line(detail)
    assert line.isprintable()
    assert line.encode("ascii", "backslashreplace").decode("unicode_escape") == detail


SECRETS = [
    "postgresql+psycopg://ada:hunter2@host/db",
    "from postgresql://ada:p@hunter2@host/db to here",
    "password=hunter2",
    "Password: hunter2, and more",
    "api_key = 'hunter2 with spaces'",
    "https://host/path?access_token=hunter2&x=1",
    'client_secret="hunter2"',
]


@pytest.mark.parametrize("detail", SECRETS)
def test_secrets_are_left_out(catalogue, detail):
    audit.enter(catalogue, "exported", detail)
    line = audit.entries(catalogue)["detail"].iloc[-1]
    assert "hunter2" not in line
    assert "***" in line


def test_addresses_without_secrets_are_kept(catalogue):
    kept = "https://www.tiktok.com/@ada/video/1 and ada@example.org"
    audit.enter(catalogue, "exported", kept)
    assert audit.entries(catalogue)["detail"].iloc[-1] == kept


def test_opening_a_workspace_is_audited_once(tmp_path):
    for _ in range(2):
        with Workspace.open(tmp_path / "ws", create=True) as ws:
            found = audit.entries(ws.catalogue)
    assert found["action"].tolist() == ["migrated"]


WITHOUT_A_NAME = """
import os, sys
from engagerr_core.store import audit
if os.geteuid() == 0:
    os.setuid(54321)
    assert audit._actor() == "user 54321", audit._actor()
"""


def test_a_user_without_a_name_is_told_by_number():
    subprocess.run([sys.executable, "-c", WITHOUT_A_NAME], cwd=ROOT, check=True)


def _changes_of_audit(source):
    """Calls of update() or delete() that name the audit's table, and SQL text that does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "update",
            "delete",
        ):
            yield from (name for name in ast.walk(node) if getattr(name, "id", getattr(name, "attr", "")) == "Audit")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.casefold().split()
            if {"update", "delete", "drop"} & set(words[:1]) and "audit" in words:
                yield node


def test_nothing_in_the_package_changes_an_entry():
    found = {
        str(path): len(list(_changes_of_audit(path.read_text(encoding="utf-8"))))
        for path in (ROOT / "engagerr_core").rglob("*.py")
    }
    assert len(found) > 100
    assert {path: n for path, n in found.items() if n} == {}


@pytest.mark.parametrize(
    "source", ["update(Audit).values(detail='')", "delete(tables.Audit)", "text('DELETE FROM audit')"]
)
def test_the_search_for_changes_finds_them(source):
    assert list(_changes_of_audit(source))


def test_only_the_audit_writes_entries():
    writers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "engagerr_core").rglob("*.py")
        if "insert(Audit)" in path.read_text(encoding="utf-8")
    }
    assert writers == {"engagerr_core/store/audit.py"}


def test_entries_are_in_the_order_in_which_they_were_made(catalogue):
    for number in range(5):
        audit.enter(catalogue, "exported", str(number))
    found = audit.entries(catalogue)
    assert found["detail"].tolist()[1:] == list("01234")
    assert found["at"].is_monotonic_increasing
    assert isinstance(found, pd.DataFrame)
