"""Partitions: the lake's files by platform and month, and their rows as daily tables need them."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.store.conform import conform
from engagerr_core.store.lake import Lake
from engagerr_core.store.partitions import Partition, partitions, read_partitions, renamed, without_empty_metrics
from engagerr_core.vocabulary.observation import COLUMNS, METRICS
from tests.store.example_readings import daily, sha

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake")


def store(lake, *frames, known_at=NOW, creator="Ada", account="UC1"):
    given = [frame.assign(creator=creator, account=account) for frame in frames]
    lake.append([conform(frame, known_at) for frame in given], lake.last_run + 1)


def all_of(lake, dimensions=("",), **said):
    return read_partitions(lake, partitions(lake), dimensions, **said)


def test_an_empty_lake_has_none(lake):
    assert partitions(lake) == []
    assert len(read_partitions(lake, [], [""])) == 0


def test_one_for_each_platform_and_month_with_all_its_files(lake):
    store(lake, daily("a", 3, "2026-01-30"), daily("b", 2, "2026-01-01", platform="tiktok"))
    store(lake, daily("c", 1, "2026-01-05"))
    found = partitions(lake)
    assert [(one.platform, one.month, len(one.files), one.rows) for one in found] == [
        ("tiktok", "2026-01", 1, 2),
        ("youtube", "2026-01", 2, 3),
        ("youtube", "2026-02", 1, 1),
    ]
    assert all(one.files == tuple(sorted(one.files)) for one in found)
    again = Lake(lake.folder)
    store(again, daily("d", 1, "2026-02-05"))
    after = partitions(lake)  # what is stored elsewhere is seen at once
    assert after[:2] == found[:2]
    assert set(found[2].files) < set(after[2].files)


def test_rows_are_those_that_the_lake_reads(lake):
    frames = daily("a", 40, "2026-01-10"), daily("b", 40, "2026-01-10", likes=range(40), reach=range(40))
    store(lake, *frames)
    mine, whole = all_of(lake), lake.read()
    assert mine.column_names == [name for name in COLUMNS if name not in METRICS or name in ("views", "likes", "reach")]
    keys = [("file", "ascending"), ("row", "ascending")]
    assert mine.sort_by(keys).to_pylist() == whole.select(mine.column_names).sort_by(keys).to_pylist()


def test_only_the_dimensions_asked_for(lake):
    split = daily("a", 3).assign(dimension="country", dimension_value="DE")
    other = daily("c", 3).assign(dimension="statement", dimension_value="x")
    store(lake, split, daily("b", 3), other)
    assert set(all_of(lake)["file"].to_pylist()) == {sha("b")}
    assert set(all_of(lake, ("", "statement"))["file"].to_pylist()) == {sha("b"), sha("c")}
    assert len(all_of(lake, ())) == 0


def test_by_creator_instant_and_file(lake):
    store(lake, daily("a"))
    store(lake, daily("b"), known_at=NOW + timedelta(hours=1), creator="Bo", account="UC2")
    assert set(all_of(lake, creator="Bo")["file"].to_pylist()) == {sha("b")}
    assert len(all_of(lake, creator="Nobody")) == 0
    for instant, files in ((NOW - timedelta(microseconds=1), set()), (NOW, {sha("a")}), (None, {sha("a"), sha("b")})):
        assert set(all_of(lake, as_of=instant)["file"].to_pylist()) == files
    assert set(all_of(lake, without={sha("a"), sha("c")})["file"].to_pylist()) == {sha("b")}
    assert len(all_of(lake, creator="Ada", as_of=NOW, without=[sha("a")])) == 0


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_damaged_file_is_named(lake, how):
    store(lake, daily("a"))
    (part,) = partitions(lake)
    path = lake.folder / part.files[0]
    whole = path.read_bytes()
    path.unlink()
    if how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WorkspaceDamaged, match=path.name):
        read_partitions(lake, [part], [""])


def test_metrics_of_which_nothing_is_known_go_and_zeros_stay():
    table = pa.table(
        {
            "account": ["a", "b"],
            "views": pa.array([None, None], pa.float64()),
            "likes": pa.array([0.0, None]),
            "currency": pa.array([None, None], pa.string()),
        }
    )
    assert without_empty_metrics(table).column_names == ["account", "likes", "currency"]
    known = table.select(["account", "likes"])
    assert without_empty_metrics(known) is known


@pytest.mark.parametrize("chunks", [1, 3])
def test_accounts_get_their_real_names_and_nothing_else_changes(chunks):
    rows = pa.table({"row": [1, 2, 3], "account": ["Ada/youtube", "UC2", "Ada/youtube"], "views": [1.0, None, 3.0]})
    rows = pa.concat_tables([rows.slice(0, 3)] if chunks == 1 else [rows.slice(i, 1) for i in range(3)])
    found = renamed(rows, {"Ada/youtube": "UC1", "Bo/youtube": "UC9"})
    assert found["account"].to_pylist() == ["UC1", "UC2", "UC1"]
    assert found.schema == rows.schema
    assert found.drop_columns("account").equals(rows.drop_columns("account"))
    assert renamed(rows, {"Bo/youtube": "UC9"}).equals(rows)
    assert renamed(rows.slice(0, 0), {"Ada/youtube": "UC1"}).equals(rows.slice(0, 0))


def test_rows_without_a_day_are_a_partition_of_their_own(lake):
    undated = daily("a", 2).assign(period_start=pd.NaT, period_end=pd.NaT)
    undated = undated.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})
    store(lake, undated, daily("b", 1))
    assert [one.month for one in partitions(lake)] == ["2026-01", "unknown"]
    assert pc.sum(pc.is_null(all_of(lake)["period_start"])).as_py() == 2
    assert isinstance(partitions(lake)[0], Partition)
