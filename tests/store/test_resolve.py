"""Resolve against a naive oracle, and the laws it must keep."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.store.conform import widen
from engagerr_core.store.resolve import MONEY, in_order, resolve
from engagerr_core.vocabulary.observation import METRICS, observation_schema
from tests.naive.resolve import naive_resolve

METRIC_NAMES = ("views", "likes", "reach", *MONEY[:2])
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def instants():
    return st.sampled_from([NOON + timedelta(hours=h) for h in (0, 1, 11, 12, 13, 30)])


@st.composite
def rows(draw):
    basis = draw(st.sampled_from(["flow", "stock", "cohort"]))
    start = draw(st.sampled_from([None, date(2026, 2, 1), date(2026, 2, 2)])) if basis == "flow" else None
    row = {
        "creator": draw(st.sampled_from(["Ada", "Bo"])),
        "platform": "youtube",
        "account": draw(st.sampled_from(["a", "b"])),
        "content": draw(st.sampled_from(["", "00123456789012345678"])),
        "dimension": "",
        "dimension_value": "",
        "basis": basis,
        "period_start": start,
        "period_end": start,
        "cohort_days": draw(st.sampled_from([1, 7])) if basis == "cohort" else None,
        "observed_at": draw(st.none() | instants()),
        "known_at": draw(instants()),
        "file": draw(st.sampled_from(["f", "g"])),
        "row": 0,
        "currency": draw(st.sampled_from(["", "EUR", "USD"])),
    }
    for name in METRIC_NAMES:
        row[name] = draw(st.none() | st.integers(0, 9).map(float))
    return row


def tables(minimum=0):
    """Rows with distinct row numbers, since one line of a file says one thing."""
    numbered = st.lists(rows(), min_size=minimum, max_size=10)
    return numbered.map(lambda many: [{**row, "row": number} for number, row in enumerate(many)])


def table(many):
    schema = observation_schema()
    names = [name for name in schema.names if name not in METRICS or name in METRIC_NAMES]
    return pa.Table.from_pylist(many, schema=pa.schema([schema.field(name) for name in names]))


def sorted_rows(many):
    return sorted(many, key=lambda row: [str(value) for value in row.values()])


@settings(max_examples=200, deadline=None)
@given(tables())
def test_agrees_with_the_oracle(many):
    found = resolve(table(many)).to_pylist()
    assert sorted_rows(found) == sorted_rows(naive_resolve(many, METRIC_NAMES, MONEY[:2]))


@settings(max_examples=100, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(many, random):
    shuffled = list(many)
    random.shuffle(shuffled)
    assert resolve(table(shuffled)).equals(resolve(table(many)))


@settings(max_examples=100, deadline=None)
@given(tables())
def test_twice_changes_nothing(many):
    once = resolve(table(many))
    assert resolve(once).equals(once)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_the_same_file_appended_twice_changes_nothing(many):
    assert resolve(table(many + many)).equals(resolve(table(many)))


@settings(max_examples=100, deadline=None)
@given(tables(minimum=1), instants())
def test_as_of_equals_what_was_there_then(many, as_of):
    then = [row for row in many if row["known_at"] <= as_of]
    assert resolve(table(many), as_of).equals(resolve(table(then)))


@settings(max_examples=50, deadline=None)
@given(tables())
def test_in_order_keeps_every_row(many):
    ordered = in_order(table(many)).to_pylist()
    assert sorted_rows(ordered) == sorted_rows(many)


def one(**changed):
    return {
        **dict.fromkeys(METRIC_NAMES),
        "creator": "Ada",
        "platform": "youtube",
        "account": "a",
        "content": "",
        "dimension": "",
        "dimension_value": "",
        "basis": "flow",
        "period_start": date(2026, 2, 1),
        "period_end": date(2026, 2, 1),
        "cohort_days": None,
        "observed_at": None,
        "known_at": NOON,
        "file": "f",
        "row": 1,
        "currency": "",
        **changed,
    }


def test_an_unknown_never_replaces_a_known_value():
    later = one(known_at=NOON + timedelta(days=1), views=None, likes=7.0)
    (row,) = resolve(table([one(views=5.0, likes=6.0), later])).to_pylist()
    assert (row["views"], row["likes"], row["reach"]) == (5.0, 7.0, None)
    assert row["known_at"] == NOON + timedelta(days=1)


def test_an_old_export_ingested_late_does_not_win():
    fresh = one(observed_at=NOON, views=9.0)
    stale = one(observed_at=NOON - timedelta(days=9), known_at=NOON + timedelta(days=9), views=3.0)
    assert resolve(table([stale, fresh]))["views"].to_pylist() == [9.0]


def test_stocks_of_two_days_stay_two_snapshots():
    stock = {"basis": "stock", "period_start": None, "period_end": None}
    many = [one(**stock, observed_at=NOON + timedelta(days=d), views=10.0 - d) for d in (0, 1)]
    assert resolve(table(many))["views"].to_pylist() == [10.0, 9.0]


def test_money_is_never_mixed_between_currencies():
    first, second = MONEY[:2]
    old = one(currency="EUR", views=4.0, **{first: 10.0, second: 20.0})
    new = one(currency="USD", known_at=NOON + timedelta(days=1), **{first: 11.0})
    (row,) = resolve(table([old, new])).to_pylist()
    assert (row["currency"], row[first], row[second], row["views"]) == ("USD", 11.0, None, 4.0)


def test_a_later_row_without_money_keeps_amount_and_currency():
    old = one(currency="EUR", **{MONEY[0]: 10.0})
    new = one(known_at=NOON + timedelta(days=1), views=3.0)
    (row,) = resolve(table([old, new])).to_pylist()
    assert (row["currency"], row[MONEY[0]], row["views"]) == ("EUR", 10.0, 3.0)


@pytest.mark.parametrize("name", ["creator", "platform", "account", "content", "dimension_value", "cohort_days"])
def test_every_part_of_the_key_keeps_rows_apart(name):
    base = one(dimension="country", basis="cohort", cohort_days=1, views=1.0)
    other = {**base, name: {"platform": "tiktok", "cohort_days": 7}.get(name, "zz"), "views": 2.0}
    assert sorted(resolve(table([base, other]))["views"].to_pylist()) == [1.0, 2.0]


def test_nothing_in_nothing_out():
    assert resolve(widen(table([]))).equals(widen(table([])))


def test_wide_keys_do_not_collide():
    """More distinct values per column than fit into one 64-bit number when multiplied."""
    n = 3_000
    many = pa.Table.from_pylist([one(views=1.0)] * 1, schema=table([one()]).schema)
    wide = pa.concat_tables([many] * n)
    rng = np.random.default_rng(20261121)
    for name in ("creator", "account", "content", "dimension", "dimension_value"):
        column = pa.array([f"{name}{v}" for v in rng.permutation(n)])
        wide = wide.set_column(wide.column_names.index(name), wide.schema.field(name), column)
    days = pa.array(rng.permutation(n).astype(np.int32)).cast(pa.date32())
    wide = wide.set_column(wide.column_names.index("period_start"), wide.schema.field("period_start"), days)
    assert len(resolve(pa.concat_tables([wide, wide]))) == n


def test_a_million_rows_are_resolved():
    n = 1_000_000
    schema = observation_schema()
    base = one()
    columns = {name: pa.repeat(pa.scalar(base.get(name), schema.field(name).type), n) for name in schema.names}
    columns["content"] = pa.array([f"v{i}" for i in range(1_000)]).take(pa.array(np.arange(n) // 1_000))
    columns["period_start"] = columns["period_end"] = pa.array((np.arange(n) % 900).astype(np.int32)).cast(pa.date32())
    columns["views"] = pa.array(np.arange(n, dtype=float))
    columns["row"] = pa.array(np.arange(n, dtype=np.int32))
    found = resolve(pa.table(columns, schema=schema))
    assert len(found) == 900_000


def test_the_latest_line_wins_within_a_file():
    many = [one(row=9, views=1.0), one(row=10, views=2.0), one(row=2, views=3.0)]
    assert resolve(table(many))["views"].to_pylist() == [2.0]


def test_the_naive_oracle_itself_sees_a_difference():
    """Negative control: a resolve that lets unknowns win would be caught."""
    many = [one(views=5.0), one(known_at=NOON + timedelta(1), views=None)]
    (right,) = naive_resolve(many, METRIC_NAMES, MONEY[:2])
    assert right["views"] == 5.0
    assert right != {**many[-1]}
