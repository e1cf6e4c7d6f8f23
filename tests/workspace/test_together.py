"""Several processes at once: writers, a refresh, a compaction and readers. Nothing is lost, nothing is there twice."""

import json
import os
import shutil
import time
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest

from engagerr_core.errors import WorkspaceBusy
from engagerr_core.refresh import TABLES
from engagerr_core.store import records
from engagerr_core.store.derived import DerivedTable
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, reading
from tests.workspace.killing import WARM, compact, fork, nursery
from tests.workspace.steps import store

PATIENCE = 10  # seconds for which a writer waits for somebody to read, before it writes on
OWNERS = [(creator, platform) for creator in ("Ada", "Bo") for platform in ("tiktok", "youtube")]
MOVED = ("Ada", "instagram")  # tables of this one are told of another account after they were stored
BATCHES = 10
FIRST, SECOND = range(1, 7), range(4, BATCHES)  # what each of two writers brings; three batches are brought by both
FIRST_DAY, LAST_DAY = "2026-01-01", "2026-03-31"
BASE, ROWS = 8, 2  # batch n has ROWS times BASE ** n views of everybody: a sum tells which batches are in it


# ---- what each process does --------------------------------------------------------------------------------------


def table(number, creator, platform, **said):
    """One table of a batch."""
    name, start = f"{creator}-{platform}-{number}", f"2026-{1 + number % 3:02}-{3 + number:02}"
    rows = daily(name, ROWS, start, platform, views=[float(BASE**number)] * ROWS)
    return reading(name, rows, platform=platform, path=f"exports/{creator}/{name}.csv", **said)


def batch(number):
    """What belongs together, and is stored at once."""
    return [table(number, *owner, account=" ".join(owner)) for owner in OWNERS]


def patiently(work):
    """Do something, again where the workspace was busy. Returns what it gave."""
    while True:
        try:
            return work()
        except WorkspaceBusy:
            continue


def write(folder, numbers, moved):
    """Store batches, and after some of them a table of which it is told later that another account is meant."""

    def keep(*tables, **said):
        with Workspace.open(folder) as ws:
            summary = store(ws, *tables, creator=None, known_at=None, **said)
        assert "refused" not in set(summary.files["status"]), summary.files.to_string()
        return summary.files["status"].tolist()

    done = Counter()
    for number in numbers:
        await_an_answer(folder)
        done.update(patiently(lambda n=number: keep(*batch(n))))
        if number in moved:
            for account in ("first", "second"):
                done.update(patiently(lambda n=number, a=account: keep(table(n, *MOVED), account=a)))
    return done


def refresh_again_and_again(folder):
    """Bring the daily tables up to date until all is written."""
    done = Counter()
    with Workspace.open(folder) as ws:
        while not finished(folder):
            done["made"] += len(patiently(ws.refresh).parts)
            done["refreshes"] += 1
    return done


def compact_once(folder):
    """Write each month as one file when half of what comes is there."""
    with Workspace.open(folder) as ws:
        while len(ws.runs()) < BATCHES // 2:
            time.sleep(0.01)
        done = patiently(lambda: compact(ws.lake, ws.catalogue, WARM))
    return {"files_before": int(done["files_before"].sum()), "files_after": int(done["files_after"].sum())}


def read_with_one(folder):
    """Ask the same open workspace again and again."""
    with Workspace.open(folder) as ws:
        return read(folder, lambda question: question(ws))


def read_anew(folder):
    """Open the workspace for every question."""

    def ask(question):
        with Workspace.open(folder) as ws:
            return question(ws)

    return read(folder, ask)


def read(folder, ask):
    """Ask until all is written. Each answer is of one state, and what was there once must not go again."""
    before, seen = set(), Counter()
    questions = cycle(QUESTIONS)
    while not finished(folder):
        question = next(questions)
        found = patiently(lambda asked=question: ask(asked))
        assert before <= found, f"{question.__name__}: {before - found} are gone"
        with tally(folder).open("ab") as answered:
            answered.write(b".")
        seen["answers"] += 1
        seen["news"] += found != before
        before = found
    return seen


def by_figures(ws):
    """What the figures say is there."""
    figures = ws.metrics(by=["creator", "platform"], metrics=["views"])
    return there({(row.creator, row.platform): row.value for row in figures.itertuples()})


def by_rows(ws):
    """What the observations say is there."""
    rows = ws.observations(columns=["creator", "platform", "file", "row", "views"])
    assert not rows.duplicated(["file", "row"]).any()
    return there(rows.groupby(["creator", "platform"])["views"].sum().to_dict())


def by_overview(ws):
    """What the overview of one creator says is there."""
    shown = ws.overview("Ada", FIRST_DAY, LAST_DAY).daily
    shown = shown[(shown["metric"] == "standard_views") & (shown["day"] >= FIRST_DAY)]
    sums = shown.groupby("platform")["value"].sum()
    return there({(creator, name): value for creator in ("Ada", "Bo") for name, value in sums.items()})


QUESTIONS = (by_figures, by_rows, by_overview)


def there(sums):
    """What the sums of views by creator and platform hold: each batch in all of them or in none, and once."""
    everybody = [digits(sums.get(owner, 0.0)) for owner in OWNERS]
    assert all(one == everybody[0] for one in everybody), f"half a batch: {dict(zip(OWNERS, everybody, strict=True))}"
    return everybody[0] | {f"{number} moved" for number in digits(sums.get(MOVED, 0.0))}


def digits(views):
    """The batches whose views are in a sum; none may be there twice or in part."""
    rest, found = int(views), set()
    assert rest == views
    for number in range(BATCHES):
        rest, digit = divmod(rest, BASE)
        assert digit in (0, ROWS), f"batch {number} is there {digit / ROWS} times"
        if digit:
            found.add(number)
    assert rest == 0
    return found


# ---- all of them at once -----------------------------------------------------------------------------------------


def finished(folder):
    """Whether all is written."""
    return flag(folder).exists()


def flag(folder):
    """The file that tells that all is written."""
    return Path(f"{folder}-is-written")


def tally(folder):
    """The file with a byte for each answer that somebody got."""
    return Path(f"{folder}-answers")


def await_an_answer(folder):
    """Wait until somebody got another answer: so it is read and written in turns, and at once."""
    before, until = tally(folder).stat().st_size, time.monotonic() + PATIENCE
    while tally(folder).stat().st_size == before and time.monotonic() < until:
        time.sleep(0.002)


def at_once(folder, writers, others, environment):
    """Run processes together: `others` go on until the writers are done. Says what each one told."""
    os.environ.update(environment)
    ended(begun("make", {"folder": folder}))
    tally(folder).touch()
    waiting = [begun(name, {"folder": folder, **given}) for name, given in others]
    told = [ended(one) for one in [begun(name, {"folder": folder, **given}) for name, given in writers]]
    flag(folder).touch()
    return told + [ended(one) for one in waiting]


def make(folder):
    """Make a workspace with a first batch."""
    with Workspace.open(folder, create=True) as ws:
        store(ws, *batch(0), creator=None, known_at=None)


def begun(name, given):
    """Begin something in a process of its own."""
    work = globals()[name]
    return fork(lambda pipe: os.write(pipe, json.dumps(work(**given)).encode()))


def ended(begun):
    """What a process told when it had ended; None = it failed."""
    child, pipe = begun
    with open(pipe, encoding="utf-8") as said:
        found = said.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else None


@pytest.fixture(scope="module")
def nurse():
    with nursery(__name__) as call:
        yield call


def test_two_write_two_read_one_refreshes_and_one_compacts(nurse, tmp_path, url, monkeypatch):
    folder, environment = tmp_path / "ws", {"ENGAGERR_CATALOGUE": url, "ENGAGERR_LOCK_TIMEOUT": "2"}
    monkeypatch.setenv("ENGAGERR_CATALOGUE", url)
    writers = [
        ("write", {"numbers": [*FIRST], "moved": [1, 3]}),
        ("write", {"numbers": [*SECOND], "moved": [7, 9]}),
    ]
    others = ["read_with_one", "read_anew", "refresh_again_and_again", "compact_once"]
    told = nurse(
        "at_once", folder=str(folder), writers=writers, others=[(name, {}) for name in others], environment=environment
    )
    assert None not in told, "one of them failed; see the standard error"
    print(told)  # shown with `pytest -rP`
    stored = sum(one["stored"] for one in told[:2])
    assert stored == (BATCHES - 1) * len(OWNERS) + 2 * 4
    again = sum(one.get("already stored", 0) for one in told[:2])
    assert again == (len(FIRST) + len(SECOND) - BATCHES + 1) * len(OWNERS)
    assert all(one["news"] > 1 for one in told[2:4])  # they read while it was written
    assert told[4]["refreshes"] > 1
    with Workspace.open(folder) as ws:
        whole = {*range(BATCHES), *(f"{number} moved" for number in (1, 3, 7, 9))}
        assert all(question(ws) == whole for question in QUESTIONS)
        rows = ws.lake.read().to_pandas()
        assert len(rows) == ROWS * (stored + len(OWNERS))
        assert not rows.duplicated(["file", "row"]).any()
        assert ws.lake.last_run == len(ws.runs()) == BATCHES + 2 * 4
        assert set(ws.accounts()["account"]) == {" ".join(owner) for owner in OWNERS} | {"first", "second"}
        assert_as_from_scratch(ws)


def parts(ws):
    """The parts of the daily tables that count."""
    return {name: ws.days.tables[name].parts() for name in TABLES}


def assert_as_from_scratch(ws):
    """The daily tables have the parts that they have when they are made anew."""
    ws.refresh()
    found = parts(ws)
    shutil.rmtree(ws.days.tables.folder)
    ws.refresh()
    assert parts(ws) == found


@pytest.fixture
def other(ws):
    """The same workspace, as another process has it open; it holds a batch, and its daily tables are made."""
    store(ws, *batch(0), creator=None, known_at=None)
    ws.refresh()
    with Workspace.open(ws.path) as another:
        yield another


def in_between(monkeypatch, name, method, work):
    """Do something once, just before a process calls a method of the daily table of a name."""
    real, waiting = getattr(DerivedTable, method), [work]

    def late(table, *given, **named):
        if table.folder.name == name and waiting:
            waiting.pop()()
        return real(table, *given, **named)

    monkeypatch.setattr(DerivedTable, method, late)


@pytest.mark.parametrize("table", ["contents", "accounts", "platforms"])
def test_a_refresh_that_is_overtaken_looks_again(ws, other, monkeypatch, table):
    store(ws, *batch(1), creator=None, known_at=None)

    def overtake():
        store(ws, *batch(4), creator=None, known_at=None)
        ws.refresh()

    in_between(monkeypatch, table, "replace", overtake)
    other.refresh()
    monkeypatch.undo()
    assert by_figures(ws) == by_figures(other) == {0, 1, 4}
    found = parts(ws)
    assert all(len({part[:3] for part in those}) == len(those) for those in found.values())
    assert len(ws.refresh().parts) == 0
    assert_as_from_scratch(ws)
    assert parts(ws) == found


@pytest.mark.parametrize("age", [0, 100_000])
def test_what_is_being_read_stays_when_it_is_replaced(ws, other, monkeypatch, age):
    paths = list(ws.days.tables.folder.rglob("platform=*/month=*/*.parquet"))
    for path in paths:
        os.utime(path, (time.time() - age,) * 2)

    def replace():
        store(ws, *batch(3), creator=None, known_at=None)
        assert len(ws.refresh().parts) >= len(paths)

    in_between(monkeypatch, "accounts", "read", replace)
    assert by_figures(other) == {0, 3}
    assert all(path.is_file() for path in paths)
    assert by_figures(ws) == {0, 3}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_is_of_one_state_of_both_stores(ws, other, monkeypatch, question, moment):
    store(ws, table(2, *MOVED), account="first", known_at=None)
    real, waiting = records.superseded, ["second"]

    def disturbed(*given):
        found = real(*given)
        if waiting:
            store(ws, table(2, *MOVED), account=waiting.pop(), known_at=None)
        return found if moment == "before" else real(*given)

    monkeypatch.setattr(records, "superseded", disturbed)
    assert question(other) == {0, "2 moved"}
    assert waiting == []
    assert len(other.files()) == len(OWNERS) + 2
