"""Derived tables: parts named by what is in them, replaced as one and by one process at a time, readable by anybody."""

import os
import shutil
import subprocess
import sys
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.store import derived
from engagerr_core.store.derived import DerivedTable, Overtaken, Part

ROOT = Path(__file__).parents[2]
SCHEMA = pa.schema(
    {"creator": pa.string(), "day": pa.date32(), "made": pa.int8(), "views": pa.float64(), "views_accounts": pa.int32()}
)


def days(*views, creator="Ada"):
    """Days of an account, one a value; None is unknown."""
    count = len(views)
    known = [int(view is not None) for view in views]
    return pa.table(
        {
            "creator": pa.array([creator] * count, pa.string()),
            "day": pa.array(range(count), pa.int32()).cast(pa.date32()),
            "made": pa.array([0] * count, pa.int8()),
            "views": pa.array(views, pa.float64()),
            "views_accounts": pa.array(known, pa.int32()),
        }
    )


def put(table, rows, month="2026-01", inputs="a", platform="youtube", instead_of=()):
    """Write one part and let it count."""
    part = table.write(rows, platform, month, month, inputs)
    table.replace([part], instead_of, table.made())
    return part


@pytest.fixture
def table(tmp_path):
    return DerivedTable(tmp_path / "daily" / "accounts", SCHEMA)


def test_a_table_that_was_never_made_is_empty(table):
    assert table.look() == (-1, [])
    assert table.parts() == []
    rows = table.read([])
    assert len(rows) == 0
    assert set(rows.column_names) == {"platform", *SCHEMA.names} - {f.name for f in SCHEMA if f.type == pa.float64()}
    table.clean()
    assert not table.folder.exists()
    assert table.made() == table.made() == 0
    assert table.look() == (0, [])
    assert table.replace([], [], 0) == 0


def test_a_parts_name_tells_all_of_it_and_comes_back_from_its_path(table):
    part = put(table, days(1, 2), inputs="0123456789abcdef")
    assert part.path == f"platform=youtube/month=2026-01/2026-01.0123456789abcdef.{part.content}.parquet"
    assert Part.of(part.path) == part
    assert table.parts() == [part]
    assert DerivedTable(table.folder, SCHEMA).parts() == [part]


def test_equal_rows_have_equal_parts_and_others_have_others(tmp_path):
    first, second = (DerivedTable(tmp_path / name, SCHEMA) for name in ("first", "second"))
    told = [days(1, 2), days(1, 2, creator="Bo"), days(1, 3), days(1, None), days(1)]
    parts = [[table.write(rows, "youtube", "2026-01", "2026-01", "i") for rows in told] for table in (first, second)]
    assert parts[0] == parts[1]
    assert len(set(parts[0])) == len(told)
    for part in parts[0]:
        assert (first.folder / part.path).read_bytes() == (second.folder / part.path).read_bytes()


@settings(max_examples=30)
@given(
    views=st.lists(st.one_of(st.none(), st.floats(0, 10)), min_size=1, max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=4),
)
def test_neither_chunks_nor_the_order_of_columns_change_a_part(tmp_path_factory, views, cuts):
    table = DerivedTable(tmp_path_factory.mktemp("daily"), SCHEMA)
    rows = days(*views)
    ends = [0, *sorted(min(cut, len(views)) for cut in cuts), len(views)]
    pieces = [rows.slice(first, last - first) for first, last in pairwise(ends)]
    again = pa.concat_tables(pieces).select(SCHEMA.names[::-1])
    assert table.write(again, "x", "2026-01", "2026-01", "i") == table.write(rows, "x", "2026-01", "2026-01", "i")


def test_chunks_change_no_part_of_many_rows(table):
    size = 300_000
    many = pa.table(
        {
            "creator": pa.array([f"creator {i % 5000}" for i in range(size)]),
            "day": pa.array([i % 20_000 for i in range(size)], pa.int32()).cast(pa.date32()),
            "made": pa.array([i % 3 for i in range(size)], pa.int8()),
            "views": pa.array([i / 7 for i in range(size)]),
        }
    )
    cut = pa.concat_tables([many.slice(0, 17), many.slice(17, 150_000), many.slice(150_017)])
    parts = {table.write(rows, "x", "2026-01", "2026-01", "i") for rows in (many, cut)}
    assert len(parts) == 1


def test_metrics_of_which_nothing_is_known_are_left_out_and_come_back_unknown(table):
    part = put(table, days(None, None))
    assert pq.ParquetFile(table.folder / part.path).schema_arrow.names == ["creator", "day", "made"]
    assert "views" not in table.read([part]).column_names
    asked = table.read([part], ["views", "day"])
    assert asked.column_names == ["views", "day", "platform"]
    assert asked["views"].null_count == 2
    both = table.read([part, table.write(days(5), "youtube", "2026-02", "2026-02", "b")])
    assert both["views"].to_pylist() == [None, None, 5]


def test_rows_come_back_as_they_were_with_their_platform(table):
    rows = days(1, None, 3)
    part = put(table, rows, platform="tiktok")
    found = table.read([part])
    assert found["platform"].to_pylist() == ["tiktok"] * 3
    assert found.drop_columns("platform").to_pylist() == rows.to_pylist()
    assert found.schema.field("views").type == pa.float64()
    assert table.read([part], wanted=ds.field("views") > 2)["views"].to_pylist() == [3]


def test_a_part_of_no_rows_is_a_part(table):
    part = put(table, days())
    assert table.parts() == [part]
    assert len(table.read([part])) == 0


def test_what_is_written_does_not_count_before_it_is_let(table):
    written = table.write(days(1), "youtube", "2026-01", "2026-01", "a")
    assert table.parts() == []
    table.replace([written], [], table.made())
    assert table.parts() == [written]


def test_parts_replace_one_another_in_one_commit(table):
    old = put(table, days(1))
    stays = put(table, days(7), month="2026-02")
    version, parts = table.look()
    assert (version, parts) == (2, [old, stays])
    new = table.write(days(2), "youtube", "2026-01", "2026-01", "b")
    assert table.replace([new], [old], version) == 3
    assert table.look() == (3, [new, stays])
    assert table.read(table.parts())["views"].to_pylist() == [2, 7]


def test_a_part_that_is_taken_away_and_given_again_stays(table):
    part = put(table, days(1))
    assert table.replace([part], [part], 1) == 1
    assert table.look() == (1, [part])


def test_parts_are_taken_away_alone(table):
    part, other = put(table, days(1)), put(table, days(2), month="2026-02")
    table.replace([], [part], 2)
    assert table.parts() == [other]


CONFLICTS = {
    "the same part again": lambda t, old: (t.write(days(2), "youtube", "2026-01", "2026-01", "b"), [old]),
    "another part of the month": lambda t, old: (t.write(days(3), "youtube", "2026-01", "2026-01", "c"), [old]),
    "another month": lambda t, old: (t.write(days(4), "youtube", "2026-07", "2026-07", "d"), []),
}


@pytest.mark.parametrize("kind", CONFLICTS)
def test_who_looked_before_another_process_replaced_is_overtaken(table, kind):
    """Also where the parts have nothing in common: what is to be made depends on all that was seen."""
    old = put(table, days(1))
    version, _ = table.look()
    code = f"""
import pyarrow as pa
from pathlib import Path
from tests.store.test_derived import SCHEMA, days, put
from engagerr_core.store.derived import DerivedTable
table = DerivedTable(Path({str(table.folder)!r}), SCHEMA)
put(table, days(2), inputs="b", instead_of=table.parts())
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    theirs = table.look()
    assert theirs[0] == version + 1
    mine, removed = CONFLICTS[kind](table, old)
    with pytest.raises(Overtaken):
        table.replace([mine], removed, version)
    assert table.look() == theirs
    assert table.read(table.parts())["views"].to_pylist() == [2]
    table.replace([mine], [part for part in theirs[1] if mine.month == part.month and part != mine], theirs[0])
    assert mine in table.parts()


def test_two_that_make_the_table_at_once_do_not_both_count(table):
    one, other = (table.write(days(n), "youtube", "2026-01", "2026-01", f"i{n}") for n in (1, 2))
    seen = [DerivedTable(table.folder, SCHEMA).made() for _ in range(2)]
    assert table.replace([one], [], seen[0]) == 1
    with pytest.raises(Overtaken):
        table.replace([other], [], seen[1])
    assert table.parts() == [one]


def spoil(path, how):
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.write_bytes(whole[:-60] + bytes(60))


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("how", ["gone", "empty", "cut", "overwritten"])
def test_a_damaged_part_is_named_and_the_way_out(table, how, filtered):
    part = put(table, days(1, 2, 3))
    whole = put(table, days(4), month="2026-02")
    spoil(table.folder / part.path, how)
    with pytest.raises(WorkspaceDamaged, match=r"observations are untouched.*engagerr doctor --repair") as problem:
        table.read([part], wanted=ds.field("views") > 0 if filtered else None)
    assert str(table.folder) in str(problem.value)
    assert Path(part.path).name in str(problem.value)
    assert table.read([whole])["views"].to_pylist() == [4]


@pytest.mark.parametrize("log", [b"", b"{", b'{"nonsense": 1}\n'])
def test_a_damaged_log_is_damage_not_emptiness(table, log):
    put(table, days(1))
    (table.folder / "_delta_log" / "00000000000000000001.json").write_bytes(log)
    (table.folder / "_delta_log" / "00000000000000000000.json").write_bytes(log)
    with pytest.raises(WorkspaceDamaged, match=str(table.folder)):
        table.parts()


def test_a_folder_that_cannot_be_written_is_named(table):
    table.folder.parent.mkdir(parents=True)
    table.folder.write_text("a file where a folder should be")
    with pytest.raises(WorkspaceDamaged, match=str(table.folder)):
        table.write(days(1), "youtube", "2026-01", "2026-01", "a")


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_was_replaced_stays_for_those_who_read_it_and_goes_an_hour_later(table):
    old = put(table, days(1))
    place = table.folder / old.path
    age(place, 10 * derived.KEPT_SECONDS)  # made long ago, replaced now
    new = put(table, days(2), inputs="b", instead_of=[old])
    table.clean()
    assert table.read([old])["views"].to_pylist() == [1]
    age(place, derived.KEPT_SECONDS + 60)
    age(table.folder / new.path, 10 * derived.KEPT_SECONDS)
    table.clean()
    assert not place.exists()
    assert table.read(table.parts())["views"].to_pylist() == [2]


def test_what_a_killed_process_left_goes_an_hour_later(table):
    put(table, days(1))
    written = table.write(days(2), "youtube", "2026-01", "2026-01", "b")
    waiting = (table.folder / written.path).with_name(".3f2a.parquet")
    waiting.write_bytes(b"half")
    table.clean()
    assert waiting.exists()
    assert (table.folder / written.path).exists()
    for path in (waiting, table.folder / written.path):
        age(path, derived.KEPT_SECONDS + 60)
    table.clean()
    assert not waiting.exists()
    assert not (table.folder / written.path).exists()
    assert len(table.read(table.parts())) == 1


def test_names_of_creators_and_platforms_stay_data(table):
    """Only platforms of the vocabulary become folders; a creator may be called anything."""
    rows = days(1, creator="../../=month 'x\"\n☃")
    part = put(table, rows)
    assert table.read([part])["creator"].to_pylist() == rows["creator"].to_pylist()
    assert {path.name for path in table.folder.iterdir()} == {"_delta_log", "platform=youtube"}


def test_anybody_can_read_it(table):
    """Deltalake's own reading, Polars and DuckDB see the same rows, and not those that were replaced."""
    old = put(table, days(100, 200))
    put(table, days(1, None, 3), inputs="b", instead_of=[old])
    put(table, days(4), month="2026-02", platform="tiktok")
    delta = DeltaTable(str(table.folder))
    dataset = delta.to_pyarrow_dataset()
    own = dataset.to_table(filter=ds.field("platform") == "youtube").sort_by("day")
    assert own["views"].to_pylist() == [1, None, 3]
    assert own["day"].to_pylist()[0] == date(1970, 1, 1)
    assert set(own["month"].to_pylist()) == {"2026-01"}
    whole = pl.scan_delta(str(table.folder)).select(pl.col("views").sum(), pl.len()).collect()
    assert whole.rows() == [(8.0, 4)]
    with duckdb.connect() as connection:
        connection.register("days", dataset)
        found = connection.execute("SELECT platform, sum(views), count(*) FROM days GROUP BY 1 ORDER BY 1").fetchall()
    assert found == [("tiktok", 4.0, 1), ("youtube", 4.0, 3)]
    assert sorted(pa.table(delta.get_add_actions())["num_records"].to_pylist()) == [1, 3]


def test_a_copy_of_the_folder_is_the_table(table, tmp_path):
    part = put(table, days(1))
    shutil.copytree(table.folder, tmp_path / "copy")
    copy = DerivedTable(tmp_path / "copy", SCHEMA)
    assert copy.parts() == [part]
    assert copy.read([part]).equals(table.read([part]))
    assert copy.size(part) == table.size(part) == (table.folder / part.path).stat().st_size
