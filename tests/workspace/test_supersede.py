"""The same bytes with something new said of them: the statement takes the place of the stored one, from then on."""

import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from engagerr_core.layout import CATALOGUE, LAKE
from engagerr_core.store.contents import known_contents
from engagerr_core.store.records import superseded
from engagerr_core.store.resolve import resolve
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, rejected, sha
from tests.workspace.steps import NOW, store

ROOT = Path(__file__).parents[2]
LATER = NOW + timedelta(days=1)
SHOWN = datetime(2026, 2, 20, tzinfo=UTC)
JANUARY, LONGER = (date(2026, 1, 1), date(2026, 1, 31)), (date(2025, 12, 30), date(2026, 1, 31))
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
COUNTRIES = "Geography,Views\nTotal,5\nDE,3\nFR,2\n"


def card(name="a", day=None, period=None, path=None, **said):
    """A table of one total, with or without a day of export and a period that the caller says."""
    rows = daily(name, 1)
    if day is not None:
        rows["observed_at"] = pd.Timestamp(day)
    first, last = period or (pd.NaT, pd.NaT)
    rows = rows.assign(period_start=pd.Timestamp(first), period_end=pd.Timestamp(last))
    file = sha(f"{sha(name)} {period}") if period else sha(name)
    return reading(
        name,
        rows.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"}).assign(file=file),
        path=path or f"exports/{name}.csv",
        file=file,
        table_hash=sha(name),
        exported_on=day,
        period=period,
        period_from="caller" if period else "",
        contents=posts(name, ("v1",)).assign(file=file),
        **said,
    )


def answers(ws, as_of=None):
    """What counts: rows without where they stand and when they came, and posts."""
    with ws.catalogue.reading() as connection:
        without = superseded(connection, as_of)
    rows = resolve(ws.lake.read(as_of=as_of, without=without)).to_pandas()
    known = known_contents(ws.catalogue, as_of=as_of)
    return rows.drop(columns=["file", "known_at"]).to_csv(index=False), known.drop(columns="file").to_csv(index=False)


def rows_of(ws, as_of=None):
    with ws.catalogue.reading() as connection:
        return ws.lake.read(as_of=as_of, without=superseded(connection, as_of)).to_pandas()


def outcome(ws, one, **said):
    (row,) = store(ws, one, **said).files.to_dict("records")
    return row


def test_a_missing_day_is_mended_and_the_first_statement_counts_before(ws):
    store(ws, card())
    before = answers(ws)
    row = outcome(ws, card(day=SHOWN), known_at=LATER)
    assert (row["status"], row["rows_stored"]) == ("stored", 1)
    assert "replaces the same table as stored on 2026-03-01 from exports/a.csv" in row["warnings"]
    assert "exported on 2026-02-20, stored was none" in row["warnings"]
    assert rows_of(ws)["observed_at"].tolist() == [pd.Timestamp(SHOWN)]
    assert answers(ws, LATER - timedelta(microseconds=1)) == before
    assert answers(ws, LATER) == answers(ws) != before
    old, new = ws.files().to_dict("records")
    assert (old["file"], old["superseded_by"], old["superseded_at"]) == (sha("a"), new["file"], pd.Timestamp(LATER))
    assert pd.isna(new["superseded_by"])
    assert new["table_hash"] == old["table_hash"] == sha("a")


@pytest.mark.parametrize("again", [card(), card(day=SHOWN), card(path="elsewhere/b.csv")])
def test_the_same_again_changes_nothing(ws, again):
    store(ws, card())
    store(ws, card(day=SHOWN), known_at=LATER)
    version, files = ws.lake.version, ws.files()
    assert outcome(ws, again, known_at=None)["status"] == "already stored"
    assert ws.lake.version == version
    pd.testing.assert_frame_equal(ws.files(), files)


def test_another_day_replaces_and_the_first_can_come_back(ws):
    days = [SHOWN, SHOWN - timedelta(3), SHOWN, SHOWN - timedelta(3)]
    for number, day in enumerate(days):
        row = outcome(ws, card(day=day), known_at=NOW + timedelta(hours=number))
        assert row["status"] == "stored"
        assert rows_of(ws)["observed_at"].tolist() == [pd.Timestamp(day)]
    assert len(ws.files()) == 4
    for number, day in enumerate(days):
        assert rows_of(ws, NOW + timedelta(hours=number))["observed_at"].tolist() == [pd.Timestamp(day)]


def test_a_day_after_the_table_was_stored_is_not_its_day(ws):
    """Whoever ingests a folder every day with the day of today speaks of the new files."""
    store(ws, card("a", day=SHOWN), card("b"))
    today = NOW + timedelta(days=9)
    summary = store(ws, card("a", day=today), card("b", day=today), card("c", day=today), known_at=today)
    assert summary.files["status"].tolist() == ["already stored", "already stored", "stored"]


def test_periods_that_overlap_replace_and_others_stand_side_by_side(ws):
    store(ws, card(period=JANUARY))
    assert outcome(ws, card(period=FEBRUARY), known_at=LATER)["warnings"] == ""
    assert len(rows_of(ws)) == 2
    row = outcome(ws, card(period=LONGER), known_at=LATER + timedelta(1))
    assert "period 2025-12-30 to 2026-01-31, stored was 2026-01-01 to 2026-01-31" in row["warnings"]
    assert sorted(rows_of(ws)["period_start"]) == [date(2025, 12, 30), date(2026, 2, 1)]
    for period in (LONGER, FEBRUARY, None):
        assert outcome(ws, card(period=period), known_at=None)["status"] == "already stored"


def test_an_assumed_creator_is_mended_and_a_named_one_keeps_its_own(ws):
    assert "not named" in outcome(ws, card(), creator=None)["warnings"]
    assert outcome(ws, card(), creator="Ada", known_at=LATER)["status"] == "stored"
    assert rows_of(ws)["creator"].tolist() == ["Ada"]
    assert outcome(ws, card(), creator="Bo", known_at=LATER + timedelta(1))["status"] == "stored"
    assert sorted(rows_of(ws)["creator"]) == ["Ada", "Bo"]
    for creator in ("Ada", "Bo", None):
        assert outcome(ws, card(), creator=creator, known_at=None)["status"] == "already stored"


def test_an_account_is_mended_with_its_posts(ws):
    store(ws, card())
    row = outcome(ws, card(), account="UC1", known_at=LATER)
    assert "account UC1, stored was Ada/youtube" in row["warnings"]
    assert rows_of(ws)["account"].tolist() == ["UC1"]
    assert known_contents(ws.catalogue)["account"].tolist() == ["UC1"]
    assert known_contents(ws.catalogue, as_of=NOW)["account"].tolist() == ["Ada/youtube"]


def test_a_table_that_names_its_account_is_not_given_another(ws):
    store(ws, card(account="UC1"))
    assert outcome(ws, card(account="UC1"), account="UC2", known_at=LATER)["status"] == "already stored"


def test_a_post_that_another_table_names_too_stays(ws):
    store(ws, card("a"), card("b"))
    store(ws, card("a"), account="UC1", known_at=LATER)
    assert sorted(known_contents(ws.catalogue)["account"]) == ["Ada/youtube", "UC1"]


def test_what_is_refused_replaces_nothing(ws):
    store(ws, card(account="UC9"), creator="Bo")
    store(ws, card("b"))
    row = outcome(ws, card("b"), account="UC9", known_at=LATER)
    assert row["status"] == "refused"
    assert "belongs to Bo" in row["reasons"]
    assert ws.files()["superseded_by"].isna().all()


MENDS = (
    {"one": {"day": SHOWN}},
    {"one": {"period": JANUARY}},
    {"account": "UC1"},
    {"creator": "Ada"},
)


def test_the_order_of_mending_does_not_matter(tmp_path):
    found = set()
    for number, order in enumerate(list(permutations(MENDS))[::4]):
        with Workspace.open(tmp_path / str(number), create=True) as ws:
            store(ws, card(), creator=None)
            known = [answers(ws)]
            for step, mend in enumerate(order, start=1):
                said = {"creator": None, **{name: value for name, value in mend.items() if name != "one"}}
                row = outcome(ws, card(**mend.get("one", {})), known_at=NOW + timedelta(hours=step), **said)
                assert row["status"] == "stored"
                known.append(answers(ws))
            for step, answer in enumerate(known):
                assert answers(ws, NOW + timedelta(hours=step)) == answer
            found.add(known[-1])
    assert len(found) == 1


DIES = """
import os, signal, sys
from engagerr_core.store.lake import Lake
from engagerr_core.workspace import Workspace
from tests.workspace.steps import store
from tests.workspace.test_supersede import LATER, SHOWN, card, first
with Workspace.open(sys.argv[1], create=True) as ws:
    store(ws, *first())
    append = Lake.append
    Lake.append = lambda *given: (append(*given), os.kill(os.getpid(), signal.SIGKILL))
    store(ws, card(day=SHOWN), known_at=LATER)
"""


def first():
    return card(), card("b"), reading("c", rejected=rejected("c", 7))


def state(ws):
    files = ws.files().drop(columns="run").sort_values("file", ignore_index=True)
    return answers(ws), answers(ws, NOW), files.to_csv(index=False), ws.accounts().to_csv(index=False)


@pytest.fixture
def undisturbed(tmp_path):
    with Workspace.open(tmp_path / "undisturbed", create=True) as ws:
        store(ws, *first())
        store(ws, card(day=SHOWN), known_at=LATER)
        return state(ws)


def test_killed_between_the_lakes_commit_and_the_catalogues(tmp_path, undisturbed):
    command = [sys.executable, "-c", DIES, str(tmp_path / "ws")]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    with Workspace.open(tmp_path / "ws") as ws:  # the lake remembers what was replaced
        assert answers(ws)[0] == undisturbed[0][0]
        assert ws.files()["superseded_by"].notna().sum() == 1
        assert outcome(ws, card(day=SHOWN), known_at=LATER + timedelta(9))["status"] == "already stored"
        assert state(ws) == undisturbed


def test_a_lost_catalogue_comes_back_with_what_was_replaced(tmp_path, undisturbed):
    folder = tmp_path / "undisturbed"
    (folder / CATALOGUE).unlink()
    with Workspace.open(folder, create=True) as ws:
        assert answers(ws)[0] == undisturbed[0][0]
        assert answers(ws, NOW)[0] == undisturbed[1][0]
        store(ws, *first(), known_at=LATER + timedelta(9))
        assert answers(ws)[0] == undisturbed[0][0]
        assert len(ws.lake.read()) == 8


def test_a_lake_from_before_brings_the_first_statement_back(tmp_path):
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws:
        store(ws, *first())
        before = answers(ws)
    shutil.copytree(folder / LAKE, tmp_path / "backup")
    with Workspace.open(folder) as ws:
        store(ws, card(day=SHOWN), known_at=LATER)
    shutil.rmtree(folder / LAKE)
    shutil.copytree(tmp_path / "backup", folder / LAKE)
    with Workspace.open(folder) as ws:
        assert answers(ws) == before
        assert outcome(ws, card(day=SHOWN), known_at=LATER)["status"] == "stored"


def test_what_an_older_version_did_not_write_down_is_found_in_the_lake(ws):
    store(ws, card("a", day=SHOWN), card("b"))
    store(ws, card("c"), creator=None)
    with ws.catalogue.writing() as connection:
        connection.execute(text("UPDATE files SET said = NULL, exported_at = NULL"))
        connection.execute(text("UPDATE contents SET digest = NULL"))
    assert outcome(ws, card("a", day=SHOWN), known_at=None)["status"] == "already stored"
    assert outcome(ws, card("b", day=SHOWN), known_at=LATER)["status"] == "stored"
    assert outcome(ws, card("b"), creator="Bo", known_at=LATER)["warnings"] == ""
    assert "creator Bo" in outcome(ws, card("c"), creator="Bo", known_at=LATER)["warnings"]


def test_real_files_with_a_day_and_a_period_said_later(tmp_path):
    file = tmp_path / "exports" / "Table data.csv"
    file.parent.mkdir()
    file.write_text(COUNTRIES, encoding="utf-8")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(file, creator="Ada")
        before, then = answers(ws), ws.runs()["known_at"].max()
        said = ({"exported_on": "2026-04-02"}, {"period": ("2026-03-01", "2026-03-31")}, {})
        states = [ws.ingest(file, **one).files["status"].tolist() for one in said]
        assert states == [["stored"], ["stored"], ["already stored"]]
        rows = rows_of(ws)
        assert set(rows["observed_at"].astype(str)) == {"2026-04-02 00:00:00+00:00"}
        assert set(rows["period_end"]) == {date(2026, 3, 31)}
        assert len(rows) == 3
        assert answers(ws, then) == before
