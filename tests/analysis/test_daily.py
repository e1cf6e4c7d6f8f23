"""Daily tables against plain loops; cut by months, in any order, with holes everywhere."""

from datetime import UTC, date, datetime, timedelta
from math import isclose

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.analysis import daily
from engagerr_core.analysis.normalize import STANDARD
from engagerr_core.vocabulary.coefficients import load_coefficient_set
from engagerr_core.vocabulary.definitions import definition_changes
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS, observation_schema
from tests.naive import daily as naive

FIRST = date(2025, 4, 15)  # Instagram's views mean something else since 2025-04-21
EPOCH = date(1970, 1, 1)
TOLD = ("views", "impressions", "likes", "comments", "shares", "saves", "watch_minutes", "average_view_seconds",
        "reach", "followers", "revenue")  # fmt: skip
COEFFICIENTS = load_coefficient_set()
BREAKS: dict[tuple[str, str], list[int]] = {}
for _change in definition_changes():
    BREAKS.setdefault((_change.platform, _change.metric), []).append((_change.day - EPOCH).days)


def _doubtful(platform, standard, native):
    return any(
        (t.platform, t.standard, t.native) == (platform, standard, native)
        and (t.origin == "assumed" or t.alternative > 1)
        for t in COEFFICIENTS.terms
    )


WAYS = {
    (platform, standard): [
        (weights, any(_doubtful(platform, standard, native) for native in weights)) for weights in alternatives
    ]
    for (platform, standard), alternatives in COEFFICIENTS.alternatives.items()
}

SUBJECTS = st.tuples(
    st.sampled_from(["Ada", "Bo"]), st.sampled_from(["instagram", "youtube"]), st.sampled_from(["a", "b"]),
    st.sampled_from(["", "p", "q"]),
)  # fmt: skip
DAY = st.one_of(st.integers(0, 8), st.integers(0, 8), st.integers(0, 110))
SPANS = st.one_of(
    DAY.map(lambda day: ("flow", day, day)),
    DAY.map(lambda day: ("stock", day, None)),
    DAY.map(lambda day: ("stock", day, None)),
    st.just(("stock", None, None)),
    st.just(("flow", None, None)),
    st.tuples(st.just("flow"), DAY, st.integers(111, 120)),
)
COUNT = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 1000), st.sampled_from([1e6, 5e6]))
FIGURES = st.dictionaries(st.sampled_from(TOLD), COUNT, max_size=4)
ROWS = st.dictionaries(st.tuples(SUBJECTS, SPANS), FIGURES, max_size=14)
PUBLISHED = st.dictionaries(SUBJECTS.filter(lambda one: one[3]), st.integers(-100, 110), max_size=6)


def number(day):
    return None if day is None else (FIRST - EPOCH).days + day


def as_rows(given_rows):
    """Rows for the loops."""
    rows = []
    for (subject, (basis, start, end)), figures in given_rows.items():
        flow = basis == "flow"
        rows.append(
            dict(zip(naive.SUBJECT, subject, strict=True))
            | {"basis": basis, "dimension": "", "start": number(start) if flow else None}
            | {"end": number(end) if flow else None, "seen": None if flow else number(start)}
            | {"observed_at": None if flow else instant(start)}
            | dict.fromkeys(TOLD) | {name: None if value is None else float(value) for name, value in figures.items()}
        )  # fmt: skip
    return rows


def instant(day):
    return None if day is None else datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=day, hours=9)


def as_table(rows, left_out=()):
    """The same rows as `resolve` would return them, without some metrics."""
    schema = observation_schema()
    names = [f.name for f in schema if f.name not in METRICS or (f.name in TOLD and f.name not in left_out)]
    made = [
        {**row, "dimension_value": "", "period_start": day_of(row["start"]), "period_end": day_of(row["end"])}
        | {"cohort_days": None, "known_at": instant(200), "file": "f", "row": 1, "currency": "EUR"}
        for row in rows
    ]
    return pa.Table.from_pylist(made, pa.schema([schema.field(name) for name in names]))


def day_of(day):
    return None if day is None else EPOCH + timedelta(days=day)


def as_published(given_days):
    rows = [(*subject, pd.Timestamp(FIRST) + pd.Timedelta(days=day)) for subject, day in given_days.items()]
    table = pd.DataFrame(rows, columns=[*naive.SUBJECT, "published_on"])
    return table.astype({"published_on": "datetime64[us]"})


def loops(rows, published):
    days = {subject: number(day) for subject, day in published.items()}
    return naive.build(rows, days, TOLD, [name for name in TOLD if name in daily.COUNTERS], BREAKS)


def by_loops(rows, published):
    reported, counted, _ = loops(rows, published)
    return naive.combined([reported, counted], TOLD)


def by_tables(rows, published):
    built = daily.build_days(as_table(rows), as_published(published))
    return daily.combined([built.reported, built.counted])


def require_same(table, expected, keys, figures):
    """The keys and counts are equal, the figures to the last digits."""
    found = table.to_pylist()
    for row in found:
        row["day"] = (row["day"] - EPOCH).days
    assert [tuple(row[name] for name in keys) for row in found] == [
        tuple(row[name] for name in keys) for row in expected
    ]
    for one, other in zip(found, expected, strict=True):
        for name in figures:
            mine, wanted = one.get(name), other.get(name)
            same = mine == wanted or (mine is not None and wanted is not None and isclose(mine, wanted, rel_tol=1e-12))
            assert same, (name, one, other)


def as_bytes(table):
    """What a table holds, to the last bit, whatever its chunks."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist(table.to_pylist(), table.schema)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


DAYS_KEYS = (*naive.SUBJECT, "day", "made")
ACCOUNT_KEYS = (*naive.ACCOUNT, "of_posts", "day", "posts", "made")
ESTIMATED = [f"{name}_estimated" for name in STANDARD]


@settings(max_examples=100)
@given(ROWS, PUBLISHED)
def test_days_are_those_of_the_loops(given_rows, published):
    rows = as_rows(given_rows)
    built = daily.build_days(as_table(rows), as_published(published))
    reported, counted, periods = loops(rows, published)
    require_same(built.reported, reported, DAYS_KEYS, (*TOLD, "observed_at"))
    require_same(built.counted, counted, DAYS_KEYS, TOLD)
    assert not set(built.counted.column_names) & {"reach", "revenue", "followers", "average_view_seconds"}
    assert len(built.periods) == len(periods)
    require_same(by_tables(rows, published), by_loops(rows, published), DAYS_KEYS, (*TOLD, "observed_at"))


@settings(max_examples=60)
@given(ROWS, PUBLISHED)
def test_accounts_and_platforms_are_those_of_the_loops(given_rows, published):
    rows = as_rows(given_rows)
    accounts = daily.account_days(by_tables(rows, published), COEFFICIENTS)
    expected = naive.account_days(by_loops(rows, published), WAYS, daily.OVER_POSTS)
    require_same(accounts, expected, ACCOUNT_KEYS, (*TOLD, *STANDARD, *ESTIMATED, "observed_at"))
    speaking = naive.own_or_of_posts(expected)
    require_same(daily.own_or_of_posts(accounts), speaking, ACCOUNT_KEYS, TOLD)
    over = (*daily.OVER_POSTS, *STANDARD)
    platforms = daily.platform_days(daily.own_or_of_posts(accounts))
    wanted = naive.platform_days(speaking, over)
    require_same(platforms, wanted, ("platform", "day", "accounts", "made"), (*over, *ESTIMATED, "observed_at"))
    for name in set(over) & set(platforms.column_names):
        known = platforms[f"{name}_accounts"].to_pylist()
        assert known == [row[f"{name}_accounts"] for row in wanted]
    unsummable = {"reach", "revenue", "followers", "average_view_seconds", "currency"}
    assert not unsummable & set(platforms.column_names)
    of_posts = accounts.filter(accounts["of_posts"])
    assert all(of_posts[name].null_count == len(of_posts) for name in unsummable & set(accounts.column_names))


@settings(max_examples=40)
@given(ROWS, PUBLISHED, st.dictionaries(SUBJECTS.filter(lambda one: one[3]), st.sampled_from(["f", "g"]), max_size=8))
def test_families_are_those_of_the_loops(given_rows, published, members):
    rows = as_rows(given_rows)
    names = [*naive.SUBJECT, "family"]
    table = pa.Table.from_pylist(
        [dict(zip(names, (*subject, family), strict=True)) for subject, family in members.items()],
        pa.schema(dict.fromkeys(names, pa.string()).items()),
    )
    found = daily.family_days(by_tables(rows, published), table, COEFFICIENTS)
    expected = naive.family_days(by_loops(rows, published), members, WAYS, daily.OVER_POSTS)
    keys = ("creator", "family", "platform", "day", "posts", "made")
    require_same(found, expected, keys, (*daily.OVER_POSTS, *STANDARD, *ESTIMATED))


def months_of(rows):
    """The rows by month, as the lake keeps them: a flow's first day, a stock's day."""
    found = {}
    for row in rows:
        day = row["start"] if row["basis"] == "flow" else row["seen"]
        if day is not None:
            found.setdefault(f"{day_of(day):%Y-%m}", []).append(row)
    return [found[month] for month in sorted(found)]


def one_by_one(pieces, published):
    built, carry = [], None
    for piece in pieces:
        built.append(daily.build_days(without_empty(as_table(piece)), as_published(published), carry))
        carry = built[-1].carry
    return built


def without_empty(table):
    return table.drop_columns([n for n in table.column_names if n in METRICS and table[n].null_count == len(table)])


@settings(max_examples=100)
@given(ROWS, PUBLISHED)
def test_months_one_by_one_give_the_same_as_all_at_once(given_rows, published):
    pieces = months_of(as_rows(given_rows))
    whole = one_by_one([[row for piece in pieces for row in piece]], published)
    parts = one_by_one(pieces, published)
    tables = [[table for one in built for table in (one.reported, one.counted)] for built in (whole, parts)]
    once, cut = (daily.combined(several) for several in tables)
    assert as_bytes(cut.select(sorted(cut.column_names))) == as_bytes(once.select(sorted(once.column_names)))
    if pieces:
        names = sorted(whole[-1].carry.column_names)
        assert sorted(parts[-1].carry.column_names) == names
        assert as_bytes(parts[-1].carry.select(names)) == as_bytes(whole[-1].carry.select(names))


@settings(max_examples=40)
@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(list(rows.items())))), PUBLISHED)
def test_the_order_of_the_rows_changes_nothing(both, published):
    given_rows, shuffled = both
    once, again = (
        daily.account_days(by_tables(as_rows(dict(rows)), published), COEFFICIENTS)
        for rows in (list(given_rows.items()), shuffled)
    )
    assert as_bytes(again) == as_bytes(once)


@settings(max_examples=40)
@given(ROWS, PUBLISHED)
def test_metrics_that_are_left_out_are_unknown(given_rows, published):
    rows = as_rows(given_rows)
    empty = [name for name in TOLD if all(row[name] is None for row in rows)]
    once, again = (
        daily.account_days(combined_of(daily.build_days(as_table(rows, out), as_published(published))), COEFFICIENTS)
        for out in ((), empty)
    )
    assert as_bytes(again) == as_bytes(once)


def combined_of(built):
    return daily.combined([built.reported, built.counted])


SUBJECT = ("Ada", "youtube", "a", "p")


def flow(day, content="p", **figures):
    return ((*SUBJECT[:3], content), ("flow", day, day)), figures


def stock(day, content="p", **figures):
    return ((*SUBJECT[:3], content), ("stock", day, None)), figures


def days_of(*given_rows, published=None):
    table = by_tables(as_rows(dict(given_rows)), published or {})
    return {(row["content"], (row["day"] - FIRST).days): row for row in table.to_pylist()}


@pytest.mark.parametrize("name", ["views", "likes", "reach", "revenue"])
@pytest.mark.parametrize("hole", range(4))
def test_a_hole_stays_a_hole(name, hole):
    rows = [flow(day, **{name: None if day == hole else 10 + day, "shares": 1}) for day in range(4)]
    found = days_of(*rows)
    assert [found["p", day][name] for day in range(4)] == [None if day == hole else 10 + day for day in range(4)]


def test_a_day_that_is_reported_and_counted_is_as_reported():
    found = days_of(stock(0, views=100, likes=10), stock(2, views=160, likes=12), flow(1, views=40))
    assert (found["p", 1]["views"], found["p", 1]["likes"]) == (40, 1)  # not 30, not 70
    assert found["p", 2]["views"] == 30
    assert found["p", 1]["made"] == daily.ESTIMATED  # its likes are


def test_a_counted_day_that_adds_nothing_leaves_the_reported_one_as_it_is():
    found = days_of(stock(0, views=100), stock(2, views=160), flow(1, views=40))
    assert (found["p", 1]["views"], found["p", 1]["made"]) == (40, daily.REPORTED)
    assert found["p", 2]["made"] == daily.ESTIMATED


def test_an_account_that_speaks_for_itself_is_not_the_sum_of_its_posts_anywhere():
    rows = [flow(0, "", views=100), flow(0, "p", views=30), flow(5, "p", views=31), flow(5, "q", views=1)]
    accounts = daily.account_days(by_tables(as_rows(dict(rows)), {}), COEFFICIENTS)
    found = daily.own_or_of_posts(accounts).to_pylist()
    assert [(row["of_posts"], row["views"]) for row in found] == [(False, 100)]
    assert sorted(accounts["views"].to_pylist()) == [30, 32, 100]
    later = accounts.filter(pc.greater(accounts["day"], FIRST))
    assert [row["views"] for row in daily.own_or_of_posts(later).to_pylist()] == [32]
    assert len(daily.own_or_of_posts(later, accounts.filter(pc.invert(accounts["of_posts"])))) == 0


def test_reach_money_levels_and_means_of_posts_are_never_added():
    figures = {"views": 10, "reach": 5, "revenue": 2, "followers": 7, "average_view_seconds": 30}
    rows = [flow(0, "p", **figures), flow(0, "q", **figures)]
    accounts = daily.account_days(by_tables(as_rows(dict(rows)), {}), COEFFICIENTS)
    (row,) = accounts.to_pylist()
    assert (row["views"], row["posts"], row["made"]) == (20, 2, daily.ESTIMATED)
    assert row["standard_watch_minutes"] == 10.0  # each post's own: 10 views of 30 seconds
    assert row["standard_watch_minutes_estimated"]
    for name in ("reach", "revenue", "followers", "average_view_seconds"):
        assert row.get(name) is None


def test_the_first_export_of_an_account_tells_no_beginning_and_later_ones_do():
    published = {SUBJECT: -1, (*SUBJECT[:3], "q"): 3}
    rows = [stock(0, "p", views=100), stock(4, "p", views=140), stock(4, "q", views=50)]
    found = days_of(*rows, published=published)
    assert {key: row["views"] for key, row in found.items()} == {("p", day): 10 for day in range(1, 5)} | {
        ("q", 3): 25, ("q", 4): 25,
    }  # fmt: skip
    followers = stock(-3, "", followers=1000)  # no counter of anything: not an export of posts
    again = days_of(followers, *rows, published=published)
    assert {key: row["views"] for key, row in again.items()} == {key: row["views"] for key, row in found.items()}


def test_nothing_gives_empty_tables_and_one_row_one_day():
    built = daily.build_days(as_table([]), as_published({}))
    days = daily.combined([built.reported, built.counted])
    accounts = daily.account_days(days, COEFFICIENTS)
    families = pa.schema(dict.fromkeys((*naive.SUBJECT, "family"), pa.string()).items()).empty_table()
    tables = (days, accounts, daily.own_or_of_posts(accounts), daily.platform_days(accounts), built.carry)
    assert [len(table) for table in (*tables, daily.family_days(days, families, COEFFICIENTS))] == [0] * 6
    assert daily.by_month(days) == []
    (row,) = daily.platform_days(
        daily.own_or_of_posts(daily.account_days(by_tables(as_rows(dict([flow(0, views=3)])), {}), COEFFICIENTS))
    ).to_pylist()
    assert (row["views"], row["accounts"], row["views_accounts"], row["day"]) == (3, 1, 1, FIRST)


def test_a_row_of_a_dimension_is_no_day():
    rows = as_rows(dict([flow(0, views=3)]))
    rows[0]["dimension"] = "country"
    assert len(by_tables(rows, {})) == 0


def test_what_adds_over_posts_adds_over_creators_and_time():
    """`platform_days` adds the accounts of all creators up."""
    for name in (*daily.OVER_POSTS, *STANDARD):
        assert {metrics()[name].rule(axis) for axis in ("time", "content", "creator")} == {"sum"}


@settings(max_examples=40)
@given(ROWS, PUBLISHED)
def test_frames_and_tables_say_the_same(given_rows, published):
    rows = as_rows(given_rows)
    table = as_table(rows)
    frame = table.to_pandas().astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})
    for name in (n for n in METRICS if n not in frame):
        frame[name] = np.nan
    accounts, posts = daily.days_of(frame, as_published(published), COEFFICIENTS)
    days = by_tables(rows, published)
    wanted = daily.own_or_of_posts(daily.account_days(days, COEFFICIENTS))
    assert accounts["account"].astype("str").tolist() == wanted["account"].to_pylist()
    for name in (n for n in (*TOLD, *STANDARD) if n in wanted.column_names and n in accounts):
        np.testing.assert_array_equal(accounts[name].to_numpy(float), wanted[name].to_pandas().to_numpy(float))
    assert len(posts) == pc.sum(pc.not_equal(days["content"], "")).as_py() or not len(days)


def test_months_of_changed_publication_days():
    rows = as_rows(dict([stock(0, "p", views=1), stock(40, "q", views=1), stock(90, "q", views=5)]))
    published = {SUBJECT: -1, (*SUBJECT[:3], "q"): 38}
    carry = daily.build_days(as_table(rows), as_published(published)).carry
    for changed, months in (
        ({}, set()),
        ({(*SUBJECT[:3], "q"): 39}, {"2025-05"}),
        ({SUBJECT: 0, (*SUBJECT[:3], "q"): 0}, {"2025-04", "2025-05"}),
        ({(*SUBJECT[:3], "unheard of"): 5}, set()),
    ):
        assert daily.republished(carry, as_published(published | changed)) == months
    assert daily.republished(carry, as_published({})) == {"2025-04", "2025-05"}
