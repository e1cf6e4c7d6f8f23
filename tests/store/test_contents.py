"""The latest that is known of a post."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.conform import conform_contents
from engagerr_core.store.contents import enter_contents, forget_contents, known_contents, latest_contents
from engagerr_core.store.tables import Confirmation, Content, Creator, File, Run
from engagerr_core.vocabulary.content import COLUMNS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(**changed):
    return {
        **dict.fromkeys((*COLUMNS, "observed_at")),
        "creator": "Ada",
        "platform": "youtube",
        "account": "a",
        "content": "v1",
        "known_at": NOON,
        "file": "f",
        "row": 2,
        **changed,
    }


def latest(*records):
    frame = pd.DataFrame(list(records), columns=[*COLUMNS, "observed_at", "known_at"])
    for name in ("observed_at", "known_at", "published_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return latest_contents(frame).to_dict("records")


def test_a_later_file_without_a_title_takes_none_away():
    (row,) = latest(record(title="First"), record(known_at=NOON + timedelta(1), url="https://x.org", file="g", row=7))
    assert (row["title"], row["url"], row["file"], row["row"]) == ("First", "https://x.org", "g", 7)


def test_a_new_title_wins_by_when_it_was_seen_not_by_when_it_arrived():
    new = record(title="New", observed_at=NOON - timedelta(1))
    old = record(title="Old", observed_at=NOON - timedelta(9), known_at=NOON + timedelta(9))
    assert latest(new, old)[0]["title"] == latest(old, new)[0]["title"] == "New"


@pytest.mark.parametrize(
    ("origins", "winner"),
    [
        (("native", "rule"), "native"),
        (("metadata", "native"), "metadata"),
        (("rule", "native"), "native"),
        (("rule", None), "rule"),
    ],
)
def test_an_analysts_word_goes_before_the_platforms_before_a_rule(origins, winner):
    formats = {"native": "short_video", "rule": "long_video", "metadata": "audio", None: None}
    many = [record(format=formats[o], format_origin=o, known_at=NOON + timedelta(i)) for i, o in enumerate(origins)]
    (row,) = latest(*many)
    assert (row["format"], row["format_origin"]) == (formats[winner], winner)


def test_the_same_id_on_two_accounts_is_two_posts():
    assert len(latest(record(), record(account="b"), record(platform="tiktok"), record(creator="Bo"))) == 4


def test_order_of_records_does_not_matter():
    many = [record(title=t, known_at=NOON + timedelta(i), row=i) for i, t in enumerate([None, "A", None, "B", None])]
    assert latest(*many) == latest(*reversed(many))


def test_nothing():
    assert latest() == []


# A store that keeps every statement is what ours must answer like.

TITLES, DAYS, FILES = (None, "A", "B"), (None, 1, 2, 3), "abcdefgh"
FORMATS = ((None, None), ("image", "native"), ("audio", "rule"), ("image", "rule"))
one_post = st.tuples(
    st.sampled_from(("v1", "v2", "v3")), st.sampled_from(TITLES), st.sampled_from(FORMATS), st.sampled_from((None, 9.5))
)
one_file = st.tuples(st.sampled_from(DAYS), st.integers(0, 5), st.lists(one_post, min_size=1, max_size=4))


def at(day):
    return None if day is None else NOON + timedelta(day)


def statements_of(name, observed, known, told):
    """The statements of one file: lines 2, 3 …"""
    for line, (content, title, (kind, origin), duration) in enumerate(told, start=2):
        fields = {"title": title, "format": kind, "format_origin": origin, "duration": duration}
        yield record(content=content, **fields, observed_at=at(observed), known_at=at(known), file=name, row=line)


def frame_of(records):
    frame = pd.DataFrame(records, columns=[*COLUMNS, "observed_at", "known_at"])
    for name in ("observed_at", "known_at", "published_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({"duration": "float64"})


def enter(connection, name, observed, known, told):
    rows = frame_of(list(statements_of(name, observed, known, told))).drop(columns=["observed_at", "known_at"])
    enter_contents(connection, conform_contents(rows), at(observed), at(known))


def same(found, expected):
    expected = expected.astype({"row": "int64"})
    assert found.astype({"row": "int64"}).astype(object).where(found.notna(), None).to_dict("records") == (
        expected.astype(object).where(expected.notna(), None).to_dict("records")
    )


@pytest.fixture
def catalogue(url):
    with closing(Catalogue(url)) as made:
        made.prepare(create=True)
        with made.writing() as connection:
            connection.execute(insert(Creator).values(creator="Ada", added_at=NOON))
        yield made


def cleared(catalogue):
    with catalogue.writing() as connection:
        for table in (Content, Confirmation, File, Run):
            connection.execute(delete(table))
        connection.execute(insert(Run).values(run=1, known_at=NOON, rows_stored=0, lake_version=0))


def supersede(connection, name, known):
    told = {"kind": "", "path": "", "platform": "youtube", "rows_stored": 0, "warnings": [], "columns_aside": []}
    stored = {"status": "stored", "run": 1, "ingested_at": NOON, "table_hash": name, "superseded_at": at(known)}
    values = {"file": name} | told | stored
    connection.execute(insert(File).values(values))


@given(
    files=st.lists(one_file, min_size=1, max_size=8),
    without=st.dictionaries(st.sampled_from(FILES), st.integers(0, 6), max_size=3),
    forgotten=st.sets(st.sampled_from(FILES), max_size=2),
    as_of=st.sampled_from((None, 0, 1, 2, 3, 4, 5)),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_are_those_of_a_store_that_keeps_every_statement(catalogue, files, without, forgotten, as_of):
    cleared(catalogue)
    everything = []
    with catalogue.writing() as connection:
        for name, (observed, known, told) in zip(FILES, files, strict=False):
            enter(connection, name, observed, known, told)
            everything += statements_of(name, observed, known, told)
        for name in sorted(forgotten):
            forget_contents(connection, name)
        for name, known in without.items():
            supersede(connection, name, known)
    gone = forgotten | {name for name, known in without.items() if as_of is None or known <= as_of}
    counted = [row for row in everything if row["file"] not in gone and (as_of is None or row["known_at"] <= at(as_of))]
    same(known_contents(catalogue, as_of=at(as_of)), latest_contents(frame_of(counted)))
