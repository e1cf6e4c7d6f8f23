"""Refresh: whatever was stored, corrected, learnt late, deleted and in whatever order, the tables are those of one
refresh from nothing, and questions have the same answers with fresh tables, stale ones and none."""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engagerr_core.errors import EngagerrError
from engagerr_core.refresh import TABLES
from engagerr_core.workspace import Workspace
from tests.sources.exports import ALL, INSTAGRAM, written
from tests.store.example_readings import NO_CONTENTS, daily, posts, reading, sha
from tests.workspace.steps import store

ROOT = Path(__file__).parents[2]
FIRST = datetime(2026, 10, 1, 12, tzinfo=UTC)  # the first ingest
DAILY = Path("lake") / "daily"
# Ends of months, gaps over them and longer than a quarter, and the day on which YouTube's views change their meaning.
DAYS = ("2026-02-10", "2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01", "2026-07-31", "2026-08-02", "2026-08-23",
        "2026-08-24", "2026-08-26", "2026-09-30")  # fmt: skip
KINDS = ("days", "posts' days", "snapshot", "snapshot", "snapshot", "followers", "total", "statement", "countries",
         "publication")  # fmt: skip


# ---- files -----------------------------------------------------------------------------------------------------------


def made(kind, creator, platform, number, day, seed):
    """A reading; `number` "" = a file that does not name its account."""
    name = f"{kind} {creator} {platform} {number} {day} {seed}"
    rng = np.random.default_rng([seed, DAYS.index(day), KINDS.index(kind)])
    if kind == "statement":
        platform, number = "spotify", ""
    rows, contents = FILES[kind](name, platform, pd.Timestamp(day), rng)
    account = f"{creator}-{platform}-{number}" if number else ""
    return reading(
        name, rows.assign(platform=platform), platform=platform, account=account, contents=contents,
        table_hash=sha(name), period=None, kind=kind,
    )  # fmt: skip


def figures(rng, count):
    """Counts, and minutes that are no whole numbers; some unknown."""
    found = {
        "views": rng.integers(100, 5000, count).astype(float), "likes": rng.integers(0, 90, count).astype(float),
        "comments": rng.integers(0, 9, count).astype(float), "saves": rng.integers(0, 9, count).astype(float),
        "watch_minutes": rng.random(count) * 1000, "reach": rng.integers(50, 900, count).astype(float),
    }  # fmt: skip
    for values in found.values():
        values[rng.random(count) < 0.1] = np.nan
    return {name: values for name, values in found.items() if rng.random() < 0.8} or {"views": np.ones(count)}


def exported(rows, day):
    return rows.assign(observed_at=pd.Timestamp(day, tz="UTC").as_unit("us"))


def account_days(name, platform, day, rng):
    rows = daily(name, 40, day - pd.Timedelta(days=20), platform, **figures(rng, 40))
    return (exported(rows, day + pd.Timedelta(days=21)) if rng.random() < 0.7 else rows), NO_CONTENTS


def post_days(name, platform, day, rng):
    rows = pd.concat([daily(name, 3, day, platform, **figures(rng, 3)).assign(content=one) for one in "pq"])
    return rows.assign(row=range(len(rows))), described(name, platform, day, rng)


def described(name, platform, day, rng):
    days = [day - pd.Timedelta(days=int(rng.integers(0, 40))) for _ in range(3)]
    told = [one if rng.random() < 0.6 else pd.NaT for one in days]
    formats = [str(rng.choice(["short_video", "image"])) for _ in range(3)]
    said = {"title": [f"Title {one}" for one in "pqr"], "published_on": pd.Series(told, dtype="datetime64[us]")}
    return posts(name, tuple("pqr"), platform, **said, format=formats, format_origin=["native"] * 3)


def snapshot(name, platform, day, rng):
    """Lifetimes of three posts, growing with time; sometimes one was corrected, reset or left out."""
    age = (day - pd.Timestamp(DAYS[0])).days + 2.0
    frame = daily(
        name, 3, day, platform, views=age * np.array([100.0, 37.0, 11.0]), likes=age * np.array([9.0, 3.0, 1.0])
    )
    frame = frame.assign(content=["p", "q", "r"], basis="stock", period_start=pd.NaT, period_end=pd.NaT)
    frame = frame.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})
    frame.loc[int(rng.integers(3)), "views"] *= rng.choice([1, 1, 0.88, 0.3, 0, np.nan])
    frame = frame[rng.random(3) < 0.9] if rng.random() < 0.5 else frame
    return (exported(frame, day) if rng.random() < 0.9 else frame), described(name, platform, day, rng)


def followers(name, platform, day, rng):
    frame = daily(name, 1, day, platform, followers=[float(rng.integers(1000))]).assign(basis="stock")
    frame = frame.assign(period_start=pd.NaT, period_end=pd.NaT)
    return exported(frame.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"}), day), NO_CONTENTS


def total(name, platform, day, rng):
    """What the platform totalled itself, over the month of July or over some days."""
    first, last = ("2026-07-01", "2026-07-31") if rng.random() < 0.6 else (day, day + pd.Timedelta(days=9))
    frame = daily(name, 1, "2026-07-01", platform, **figures(rng, 1))
    frame = frame.assign(period_start=pd.Timestamp(first).as_unit("us"), period_end=pd.Timestamp(last).as_unit("us"))
    return exported(frame, day), NO_CONTENTS


def statement(name, _, day, rng):
    first = day.replace(day=1)
    rows = daily(name, 3, first, "spotify", streams=rng.integers(1, 900, 3).astype(float), revenue=rng.random(3))
    last = first + pd.offsets.MonthEnd(0)
    rows = rows.assign(period_start=first.as_unit("us"), period_end=last.as_unit("us"))
    rows = rows.assign(dimension="service|statement", dimension_value=[f"s|{name}|{i}" for i in range(3)])
    paid_in = str(rng.choice(["EUR", "EUR", "USD"]))
    return rows.assign(content=["song", "song", "tune"], currency=paid_in), NO_CONTENTS


def countries(name, platform, day, rng):
    rows = daily(name, 4, day, platform, **figures(rng, 4))
    return rows.assign(dimension="country", dimension_value=["DE", "FR", "DE", "US"]), NO_CONTENTS


def publication(name, platform, day, rng):
    """Posts' days of publication, and no figure."""
    return daily(name, 1, day, platform)[:0], described(name, platform, day, rng)


FILES = {
    "days": account_days, "posts' days": post_days, "snapshot": snapshot, "followers": followers, "total": total,
    "statement": statement, "countries": countries, "publication": publication,
}  # fmt: skip
FILE = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(["Ada", "Ada", "Bo"]), st.sampled_from(["youtube", "instagram"]),
    st.sampled_from(["", "1", "1", "2"]), st.sampled_from(DAYS), st.integers(0, 3),
)  # fmt: skip
SAID = st.sampled_from(["day", "another day", "account", "creator"])
AGAIN = st.tuples(st.integers(0, 9), SAID)


def said_again(one, what):
    """The same table with something new said of it, and what the caller says besides."""
    if what in ("account", "creator"):
        return one, {what: "later" if what == "account" else "Bo"}
    day = datetime(2026, 8, 5 if what == "day" else 25, tzinfo=UTC)
    return replace(one, exported_on=day, observations=exported(one.observations, day.date())), {}


def ingest(ws, readings, number, file):
    """Store a file, or say something new of one that was stored."""
    known_at = FIRST + timedelta(hours=number)
    if len(file) == 2:
        if readings:
            place, what = file
            (one, creator), said = readings[place % len(readings)], {}
            one, said = said_again(one, what)
            return store(ws, one, known_at=known_at, **{"creator": creator, **said})
        return None
    one = made(*file)
    creator = None if file[-1] == 3 else file[1]  # the folder says it: Ada
    readings.append((one, creator))
    return store(ws, one, creator=creator, known_at=known_at)


# ---- coefficient sets ------------------------------------------------------------------------------------------------


def use_coefficients(folder, number):
    """Write a set of the workspace's own, and choose it; 0 is the shipped one."""
    shipped = ROOT / "engagerr_core" / "vocabulary" / "coefficients" / "default.toml"
    text = shipped.read_text(encoding="utf-8").replace('name = "default"', 'name = "own"')
    text = text.replace("value = 5.0", f"value = {number}.25").replace("value = 0.9", f"value = {number / 3}")
    (folder / "coefficients" / "own.toml").write_text(text, encoding="utf-8")
    name = "own" if number else "default"
    (folder / "workspace.toml").write_text(f'coefficient_set = "{name}"\n', encoding="utf-8")


# ---- questions -------------------------------------------------------------------------------------------------------

JULY = {"start": "2026-07-01", "end": "2026-07-31"}
STANDARD = ["standard_views", "standard_engagements", "standard_shares", "standard_watch_minutes", "engagement_rate"]
QUESTIONS = (
    {"by": ["platform"], "metrics": STANDARD, "freq": "M"},
    {"by": ["platform"], "metrics": STANDARD},
    {"by": ["creator"], "metrics": STANDARD, "freq": "W"},
    {"metrics": STANDARD},
    {"by": ["account"], "metrics": ["views", "likes", "reach", "standard_watch_minutes", "streams"], "freq": "D"},
    {"by": ["platform", "account"], "metrics": ["views", "reach", "streams"], **JULY},
    {"by": ["account"], "metrics": ["views", "reach"]},
    {"by": ["content"], "metrics": ["views", "likes", "watch_minutes"], "freq": "D", "basis": "flow"},
    {"by": ["content"], "metrics": ["views", "reach"], "start": "2026-06-30", "end": "2026-08-24", "basis": "flow"},
    {"by": ["format"], "metrics": ["views", "engagement_rate"], "freq": "M", "basis": "flow"},
    {"by": ["content"], "metrics": ["views", "engagement_rate"]},
    {"by": ["country"], "metrics": ["views"], "freq": "M"},
    {"by": ["platform"], "metrics": STANDARD, "freq": "M", "creator": "Ada"},
)  # fmt: skip


def answer(ask, *given_arguments, **named):
    """A frame, or the refusal in words."""
    try:
        return ask(*given_arguments, **named)
    except EngagerrError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


def answers(folder, turn):
    """What a workspace, opened anew, says to a third of the questions; to all where it is nobody's turn."""
    questions = QUESTIONS if turn is None else QUESTIONS[turn % 3 :: 3]
    with Workspace.open(folder) as ws:
        return [(one, answer(ws.metrics, **one)) for one in questions] + [("freshness", answer(ws.freshness))]


def require_equal(found, expected):
    """Answers are equal to the last bit."""
    for (question, one), (_, other) in zip(found, expected, strict=True):
        if isinstance(other, str):
            assert one == other, question
            continue
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=str(question))
        for name in one.select_dtypes("float64"):
            left, right = (np.nan_to_num(frame[name].to_numpy(), nan=-1.5).tobytes() for frame in (one, other))
            assert left == right, (question, name)


def parts_of(folder):
    """The names of the parts that hold; they tell inputs and content."""
    with Workspace.open(folder) as ws:
        return {name: [part.path for part in ws.days.tables[name].parts()] for name in TABLES}


def refreshed(folder):
    with Workspace.open(folder) as ws:
        return ws.refresh()


def require_refreshed(folder, turn):
    """A refresh leaves what one from nothing would make, and no answer depends on the tables."""
    stale = answers(folder, turn)
    refreshed(folder)
    parts, fresh = parts_of(folder), answers(folder, turn)
    require_equal(stale, fresh)
    summary = refreshed(folder)
    assert len(summary.parts) == 0, summary.parts
    assert summary.unchanged == sum(map(len, parts.values()))
    aside = folder / "aside"
    if (folder / DAILY).exists():
        (folder / DAILY).rename(aside)
    require_equal(answers(folder, turn), fresh)
    refreshed(folder)
    assert parts_of(folder) == parts
    shutil.rmtree(folder / DAILY, ignore_errors=True)
    if aside.exists():
        aside.rename(folder / DAILY)


# a file · something said of one · refresh · delete a table · choose coefficients
OPERATION = st.one_of(FILE, FILE, FILE, FILE, AGAIN, st.just("refresh"), st.sampled_from(TABLES), st.integers(0, 2))


def follow(folder, operations):
    """Do all of it, and look after each refresh and at the end."""
    readings = []
    Workspace.open(folder, create=True).close()
    for number, one in enumerate([*operations, "refresh"]):
        if one == "refresh":
            require_refreshed(folder, number if number < len(operations) else None)
        elif isinstance(one, str):
            shutil.rmtree(folder / DAILY / one, ignore_errors=True)
        elif isinstance(one, int):
            use_coefficients(folder, one)
        else:
            with Workspace.open(folder) as ws:
                ingest(ws, readings, number, one)


def a_file(kind, day, number="1", seed=0, creator="Ada", platform="instagram"):
    return kind, creator, platform, number, day, seed


GAP = [a_file("snapshot", day) for day in ("2026-05-31", "2026-06-30", "2026-08-02")]
LATE = [GAP[2], "refresh", GAP[0], "refresh", GAP[1]]
FOLDED = [
    a_file("days", "2026-07-01", ""),
    a_file("snapshot", "2026-07-01", ""),
    "refresh",
    a_file("days", "2026-07-31"),
]
LEARNT = [*GAP, "refresh", a_file("publication", "2026-08-02", seed=1), "periods", a_file("publication", "2026-05-31")]
# Posts of which one does not know its likes, and no shares at all; a statement; accounts side by side over months.
HOLES = [a_file("posts' days", "2026-09-30", creator="Bo", seed=2), a_file("statement", "2026-06-30", seed=1)]
SIDE_BY_SIDE = [a_file("days", day, number, 2) for number in "12" for day in ("2026-07-31", "2026-08-26")]


@settings(max_examples=8)
@given(st.lists(OPERATION, min_size=4, max_size=10))
@example(LATE)
@example(FOLDED)
@example(LEARNT)
@example(HOLES)
@example(SIDE_BY_SIDE)
@example([])
def test_any_sequence_is_one_refresh_from_nothing(tmp_path_factory, operations):
    follow(tmp_path_factory.mktemp("any") / "ws", operations)


@pytest.mark.long
@settings(max_examples=300)
@given(st.lists(OPERATION, min_size=5, max_size=25))
def test_long_sequences_are_one_refresh_from_nothing(tmp_path_factory, operations):
    follow(tmp_path_factory.mktemp("long") / "ws", operations)


# ---- cases -----------------------------------------------------------------------------------------------------------


def contents_of(folder):
    """What is in each part, without the names of the lake's files."""
    with Workspace.open(folder) as ws:
        ws.refresh()
        parts = [(name, part) for name in TABLES for part in ws.days.tables[name].parts()]
    return [(name, part.platform, part.month, part.origin, part.content) for name, part in parts]


def test_the_order_of_files_does_not_matter(tmp_path):
    """Each file was known at its own instant; a store that is refilled takes them in another order."""
    files = [*GAP, a_file("days", "2026-07-01"), a_file("days", "2026-07-31", ""), a_file("posts' days", "2026-07-31")]
    known_at = {file: FIRST + timedelta(hours=number) for number, file in enumerate(files)}
    found = []
    for turn, order in enumerate((files, files[::-1], files[3:] + files[:3])):
        with Workspace.open(tmp_path / str(turn), create=True) as ws:
            for number, file in enumerate(order):
                store(ws, made(*file), known_at=known_at[file])
                if number % 2 == turn % 2:
                    ws.refresh()
        found.append(contents_of(tmp_path / str(turn)))
    assert found[0] == found[1] == found[2]
    assert {name for name, *_ in found[0]} == {"contents", "accounts", "platforms", "counters"}


def test_real_files_one_by_one(tmp_path):
    """Lifetimes exported three times, days of posts and of accounts; refreshed after each."""
    folder = tmp_path / "ws"
    lifetimes = [INSTAGRAM[0], [*INSTAGRAM[1]]]
    place = INSTAGRAM[0].index("Views")
    files = [("x.csv", ALL["x overview"], "2026-08-04"), ("chart/Chart data.csv", ALL["youtube chart"], "2026-02-22")]
    for day, views in (("2026-06-29", "7014"), ("2026-06-30", "7100"), ("2026-07-03", "7400")):
        lifetimes[1][place] = views
        files.append((f"{day}.csv", [row.copy() for row in lifetimes], day))
    Workspace.open(folder, create=True).close()
    for number, (name, rows, day) in enumerate(files):
        with Workspace.open(folder) as ws:
            summary = ws.ingest(written(tmp_path / "exports" / name, rows), creator="Ada", exported_on=day)
            assert summary.files["status"].tolist() == ["stored"]
        if number in (1, 3, 4):
            require_refreshed(folder, number)
    with Workspace.open(folder) as ws:
        days = ws.metrics(by=["platform"], metrics=["views"], freq="D", start="2026-06-01")
    days = days[days["platform"] == "instagram"]
    assert days["value"].tolist() == [86, 100, 100, 100]
    assert set(days["origin"]) == {"estimated"}  # the sum of posts


def test_what_is_made_again_and_why(tmp_path):
    folder = tmp_path / "ws"
    with Workspace.open(folder, create=True) as ws:
        assert str(ws.refresh()) == "Nothing to refresh: all 0 parts of the daily tables are up to date."
        for number, file in enumerate(GAP):
            store(ws, made(*file), known_at=FIRST + timedelta(hours=number))
        store(ws, made(*a_file("days", "2026-07-31", platform="youtube")), known_at=FIRST + timedelta(hours=5))
        first = ws.refresh()
        assert set(first.parts["reason"]) == {"new"}
        assert first.unchanged == 0
        assert len(ws.refresh().parts) == 0
        store(ws, made(*a_file("days", "2026-02-10", platform="youtube")), known_at=FIRST + timedelta(hours=6))
        late = ws.refresh()
        assert set(late.parts["platform"]) == {"youtube"}
        assert set(late.parts["month"]) == {"2026-01", "2026-02", "2026-03"}
        assert late.unchanged == len(first.parts)
    use_coefficients(folder, 1)
    with Workspace.open(folder) as ws:
        again = ws.refresh()
        assert set(again.parts["table"]) == {"accounts", "platforms"}
        assert set(again.parts["reason"]) == {"days or coefficients"}


def test_another_coefficient_set_elsewhere_does_not_change_the_answers_here(tmp_path):
    """Who opened the workspace with one set is not told figures of another, whoever refreshed last."""
    folder = tmp_path / "ws"
    use = {"by": ["platform"], "metrics": STANDARD, "freq": "M"}
    with Workspace.open(folder, create=True) as ws:
        store(ws, made(*a_file("days", "2026-07-31", platform="youtube")), known_at=FIRST)
        expected = ws.metrics(**use)
        ws.refresh()
    with Workspace.open(folder) as ws:
        ws.metrics(by=["account"], metrics=STANDARD)  # it has looked whether the tables are fresh
        use_coefficients(folder, 2)
        with Workspace.open(folder) as other:
            other.refresh()
            told = other.metrics(**use)
        pd.testing.assert_frame_equal(ws.metrics(**use), expected, check_exact=True)
        assert not told["value"].equals(expected["value"])
        assert set(told["coefficient_set"]) != set(expected["coefficient_set"])


TWO = """
import sys
from datetime import timedelta
from engagerr_core.workspace import Workspace
from tests.workspace.steps import store
from tests.workspace.test_refresh import DAYS, FIRST, a_file, made
folder, creator = sys.argv[1:]
with Workspace.open(folder) as ws:
    for number, day in enumerate(DAYS[1:4]):
        file = a_file("snapshot", day, "", creator=creator)
        store(ws, made(*file), creator=creator, known_at=FIRST + timedelta(hours=number))
        ws.refresh()
"""


def test_two_that_store_and_refresh_at_once(tmp_path):
    folder = tmp_path / "ws"
    Workspace.open(folder, create=True).close()
    given_to = [[sys.executable, "-c", TWO, str(folder), creator] for creator in ("Ada", "Bo")]
    running = [subprocess.Popen(command, cwd=ROOT) for command in given_to]
    assert [one.wait() for one in running] == [0, 0]
    require_refreshed(folder, 0)
    with Workspace.open(folder) as ws:
        assert len(ws.files()) == 6
        for name in TABLES:
            places = [part[:3] for part in ws.days.tables[name].parts()]
            assert len(set(places)) == len(places)  # no month twice
