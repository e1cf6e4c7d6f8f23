"""As known on: whatever is stored later, every answer of an earlier moment can be had again, to the last bit."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engagerr_core.errors import EngagerrError
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading, sha
from tests.workspace.steps import store
from tests.workspace.test_refresh import AGAIN, FILE, FIRST, JULY, QUESTIONS, STANDARD, a_file, ingest

CREATORS = ("Ada", "Bo")
TURNS = 4


def refusal(problem):
    return f"{type(problem).__name__}: {problem}"


def asked(ws, turn, as_of=None):
    """Answers that take `as_of`: name → a call's result, or the refusal in words. Dear ones take turns."""
    creator = CREATORS[turn % 2]
    cheap = [
        ("contents", ws.contents, {}),
        ("observations", ws.observations, {}),
        ("every row", ws.observations, {"resolved": False}),
        ("freshness", ws.freshness, {}),
    ]
    dear = [
        ("overview", ws.overview, {"creator": creator, **JULY}),
        ("quality", ws.quality, {"creator": creator if turn % 8 < 4 else None}),
        ("latest overview", ws.overview, {"creator": "Ada"}),
        ("reach", ws.reach, {"creator": creator, **JULY}),
        ("reconciliation", ws.reconciliation, {}),
        ("window", ws.metrics, {"by": ["platform"], "metrics": STANDARD, "window": "30d", "compare": "previous"}),
        ("audience", ws.audience, {"latest": False}),
    ]
    dear += [(f"metrics {one}", ws.metrics, one) for one in QUESTIONS]
    return {name: answer(ask, {**said, "as_of": as_of}) for name, ask, said in cheap + dear[turn % TURNS :: TURNS]}


def answer(ask, said):
    try:
        return ask(**said)
    except EngagerrError as problem:
        return refusal(problem)


def require_equal(found, expected, where):
    """Equal through and through, frames to the last bit."""
    assert type(found) is type(expected), where
    if isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=where)
    elif is_dataclass(found):
        for field in fields(found):
            require_equal(getattr(found, field.name), getattr(expected, field.name), f"{where}, {field.name}")
    elif isinstance(found, tuple | list):
        assert len(found) == len(expected), where
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            require_equal(one, other, f"{where} {place}")
    else:
        assert repr(found) == repr(expected), where


def require_all_equal(found, expected):
    for name, one in found.items():
        require_equal(one, expected[name], name)


def known_before(found):
    """The answers in which every creator was known already: who is not known yet is refused otherwise."""
    return {name: one for name, one in found.items() if "There is no creator" not in str(one)[:120]}


def follow(folder, operations):
    """Store one after another; at the end ask again as known at each moment."""
    readings, moments, at = [], {}, {}
    Workspace.open(folder, create=True).close()
    for number, one in enumerate(operations):
        with Workspace.open(folder) as ws:
            if one == "refresh":
                ws.refresh()
                continue
            ingest(ws, readings, number, one)
            moments[number] = known_before(asked(ws, number + len(operations)))
            at[number] = FIRST + timedelta(hours=number)
    with Workspace.open(folder) as ws:
        for number, expected in moments.items():
            again = asked(ws, number + len(operations), at[number])
            require_all_equal({name: again[name] for name in expected}, expected)


FOLDED = [
    a_file("snapshot", "2026-07-31", ""),
    "refresh",
    a_file("days", "2026-07-31"),
    a_file("days", "2026-08-02", "2"),
]
RESTATED = [a_file("days", "2026-07-31"), "refresh", a_file("days", "2026-08-02"), (0, "day"), (0, "account")]
HANDED_ON = [
    a_file("days", "2026-07-31", "", seed=3),
    a_file("snapshot", "2026-07-31", ""),
    (0, "account"),
    (0, "creator"),
]


@settings(max_examples=2)
@given(st.lists(st.one_of(FILE, FILE, AGAIN, st.just("refresh")), min_size=3, max_size=4))
@example(FOLDED)
@example(RESTATED)
@example(HANDED_ON)
def test_every_answer_can_be_had_again(tmp_path_factory, operations):
    follow(tmp_path_factory.mktemp("any") / "ws", operations)


@pytest.mark.long
@settings(max_examples=100)
@given(st.lists(st.one_of(FILE, FILE, AGAIN, st.just("refresh")), min_size=4, max_size=15))
def test_every_answer_can_be_had_again_after_long_sequences(tmp_path_factory, operations):
    follow(tmp_path_factory.mktemp("long") / "ws", operations)


def flows(ws, name, value, known_at, day="2026-07-01"):
    store(ws, reading(name, daily(name, 3, day, views=[value] * 3), account="UC1"), known_at=known_at)


def views(ws, **said):
    return ws.metrics(by=["platform"], metrics=["views"], **said)["value"].tolist()


def test_a_day_ends_where_the_workspace_is(tmp_path):
    """In Auckland the second of October begins at 11:00 of the first, in UTC."""
    folder = tmp_path / "ws"
    Workspace.open(folder, create=True).close()
    (folder / "workspace.toml").write_text('time_zone = "Pacific/Auckland"\n', encoding="utf-8")
    before, after = datetime(2026, 10, 1, 10, 59, 59, tzinfo=UTC), datetime(2026, 10, 1, 11, tzinfo=UTC)
    with Workspace.open(folder) as ws:
        flows(ws, "a", 10.0, before)
        expected = asked(ws, 1)
        flows(ws, "b", 11.0, after)
        for turn in range(TURNS):
            first, instant = (asked(ws, turn, as_of) for as_of in (date(2026, 10, 1), before))
            require_all_equal(first, instant)
        require_all_equal(asked(ws, 1, "2026-10-01"), expected)
        assert views(ws, as_of="2026-10-01") == [30.0]
        assert views(ws, as_of="2026-10-02") == views(ws) == [33.0]
        assert views(ws, as_of="2026-09-30") == []
    (folder / "workspace.toml").write_text('time_zone = "UTC"\n', encoding="utf-8")
    with Workspace.open(folder) as ws:  # negative control: another zone, another day
        assert views(ws, as_of="2026-10-01") == [33.0]


def test_without_as_of_the_answers_are_others(ws):
    """Negative control: what is compared above does change."""
    store(ws, *first_files(), known_at=FIRST)
    earlier = [asked(ws, turn) for turn in range(TURNS)]
    flows(ws, "c", 99.0, FIRST + timedelta(hours=1), "2026-07-30")
    named = {"title": ["Another title"], "published_on": [pd.Timestamp("2026-07-02")]}
    more = daily("d", 1, "2026-07-02", views=[5.0]).assign(content="p")
    store(
        ws, reading("d", more, account="UC1", contents=posts("d", ("p",), **named)), known_at=FIRST + timedelta(hours=2)
    )
    ws.refresh()
    for turn, expected in enumerate(earlier):
        require_all_equal(asked(ws, turn, FIRST), expected)
    expected = {name: one for answers in earlier for name, one in answers.items()}
    now = asked(ws, 0) | asked(ws, 2)
    for name in ("contents", "observations", "every row", "overview", "latest overview", "freshness"):
        with pytest.raises(AssertionError):
            require_equal(now[name], expected[name], name)


def first_files():
    rows = daily("a", 60, "2026-06-01", views=range(60), likes=range(60))
    content = daily("b", 2, "2026-07-01", views=[4.0, 5.0]).assign(content="p")
    said = {"title": ["A title"], "published_on": [pd.Timestamp("2026-07-01")]}
    return reading("a", rows, account="UC1"), reading("b", content, account="UC1", contents=posts("b", ("p",), **said))


def test_a_folded_name_is_folded_only_since_its_account_is_known(ws):
    made_up, real = daily("a", 1, "2026-07-01", views=[5.0]), daily("b", 1, "2026-07-02", views=[7.0])
    store(ws, reading("a", made_up), known_at=FIRST)
    store(ws, reading("b", real, account="UC1"), known_at=FIRST + timedelta(hours=1))
    by = {"by": ["account"], "metrics": ["views"]}
    for _ in range(2):
        assert ws.metrics(**by)[["account", "value"]].values.tolist() == [["UC1", 12.0]]
        assert ws.metrics(**by, as_of=FIRST)[["account", "value"]].values.tolist() == [["Ada/youtube", 5.0]]
        ws.refresh()


def test_an_account_that_changes_hands_was_anothers_before(ws):
    """What is folded under an account then does not depend on who has it now."""
    kept = daily("a", 1, "2026-07-01", views=[5.0])
    one = reading("a", kept, table_hash=sha("a"))
    store(ws, one, creator=None, account="UC1", known_at=FIRST)  # the folder says Ada
    store(ws, reading("b", daily("b", 1, "2026-07-02", views=[7.0])), known_at=FIRST + timedelta(hours=1))
    by, at = {"by": ["creator", "account"], "metrics": ["views"]}, FIRST + timedelta(hours=1)
    before = ws.metrics(**by)
    assert before[["creator", "account", "value"]].values.tolist() == [["Ada", "UC1", 12.0]]
    store(ws, one, creator="Bo", known_at=FIRST + timedelta(hours=2))
    now = ws.metrics(**by)[["creator", "account", "value"]].values.tolist()
    assert now == [["Ada", "Ada/youtube", 7.0], ["Bo", "UC1", 5.0]]
    require_equal(ws.metrics(**by, as_of=at), before, "as of then")


def test_a_publication_day_learnt_later_was_not_known_before(ws):
    def counted(name, day, value):
        frame = daily(name, 1, day, views=[value]).assign(content="p", basis="stock", period_start=pd.NaT)
        frame = frame.assign(period_end=pd.NaT, observed_at=pd.Timestamp(day, tz="UTC").as_unit("us"))
        return frame.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})

    other = counted("a", "2026-07-01", 1.0).assign(content="q")  # the account's first export
    store(ws, reading("a", other, account="UC1"), known_at=FIRST)
    store(ws, reading("b", counted("b", "2026-07-10", 40.0), account="UC1"), known_at=FIRST + timedelta(hours=1))
    by = {"by": ["content"], "metrics": ["views"], "basis": "flow", "freq": "D"}
    before, at = ws.metrics(**by), FIRST + timedelta(hours=1)
    named = posts("c", ("p",), published_on=[pd.Timestamp("2026-07-07")])
    store(ws, reading("c", other[:0], account="UC1", contents=named), known_at=FIRST + timedelta(hours=2))
    assert ws.metrics(**by)["value"].tolist() == [10.0] * 4
    assert before["value"].tolist() == []
    ws.refresh()
    assert ws.metrics(**by)["value"].tolist() == [10.0] * 4
    require_equal(ws.metrics(**by, as_of=at), before, "as of then")
