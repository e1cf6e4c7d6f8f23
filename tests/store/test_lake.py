"""The lake: what goes in comes out, once, and damage is named."""

import shutil
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.store import parts
from engagerr_core.store.conform import conform, widen
from engagerr_core.store.lake import Lake
from engagerr_core.store.parts import month
from engagerr_core.store.resolve import in_order
from engagerr_core.vocabulary.observation import COLUMNS, METRICS, observation_schema
from tests.store.example_readings import daily, sha

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake")


def table(name="a", days=5, known_at=NOW, creator="Ada", **fields):
    rows = daily(name, days).assign(creator=creator, account="a")
    return conform(rows.assign(**fields), known_at)


def test_what_goes_in_comes_out(lake):
    given = table(likes=[1.0, None, 0.0, 4.0, 5.0])
    lake.append([given, table("b", 40)], 1)
    found = lake.read()
    assert found.schema.equals(observation_schema())
    assert in_order(found).equals(in_order(widen(pa.concat_tables([given, table("b", 40)], promote_options="default"))))


def test_an_empty_lake_reads_empty(lake):
    assert lake.read().schema.equals(observation_schema())
    assert (len(lake.read()), lake.last_run, lake.version) == (0, 0, 0)


def test_one_commit_a_run_however_many_tables(lake):
    assert lake.append([table(name) for name in "abcde"], 7) == 1
    assert (lake.version, lake.last_run) == (1, 7)


def test_creating_again_keeps_everything(lake):
    lake.append([table()], 1)
    assert len(Lake.create(lake.folder).read()) == 5


def test_partitions_are_platform_and_month(lake):
    lake.append([table(days=40)], 1)
    found = {str(Path(uri).relative_to(lake.folder).parent) for uri in DeltaTable(lake.folder).file_uris()}
    assert found == {"platform=youtube/month=2026-01", "platform=youtube/month=2026-02"}


def test_month_of_flows_stocks_and_rows_without_a_day():
    flow = table(days=1)
    seen = pd.Timestamp("2025-12-31 23:30", tz="UTC")
    nothing = {"period_start": pd.NaT, "period_end": pd.NaT}
    stock = table(days=1, basis="stock", observed_at=seen, **nothing)
    unseen = table(days=1, basis="stock", **nothing)
    unknown = table(days=1, observed_at=seen, **nothing)
    months = [month(one).to_pylist()[0] for one in (flow, stock, unseen, unknown)]
    assert months == ["2026-01", "2025-12", "unknown", "unknown"]


def test_files_counts_rows(lake):
    lake.append([table("a", 3), table("b", 4)], 1)
    found = {row["file"]: row["rows"] for row in lake.files().to_pylist()}
    assert found == {sha("a"): 3, sha("b"): 4}
    assert lake.files()["known_at"].to_pylist() == [NOW, NOW]


def test_columns_come_in_the_order_asked(lake):
    lake.append([table()], 1)
    assert lake.read(["views", "content"]).column_names == ["views", "content"]


def naive_inside(row, start, end):
    if row["basis"] == "flow":
        return row["period_start"] is not None and start <= row["period_start"] and row["period_end"] <= end
    return start <= (row["observed_at"] or row["known_at"]).date() <= end


def test_start_and_end_agree_with_loops(lake):
    rng = np.random.default_rng(20261121)
    n = 400
    first = pd.Series(pd.Timestamp("2025-11-01") + pd.to_timedelta(rng.integers(0, 150, n), unit="D"))
    last = first + pd.to_timedelta(rng.integers(0, 45, n), unit="D")
    basis = rng.choice(["flow", "stock", "cohort"], n)
    unknown = (basis != "flow") | (rng.random(n) < 0.1)
    seen = pd.Series(first.dt.tz_localize("UTC") + pd.to_timedelta(rng.integers(0, 24, n), unit="h"))
    fields = {
        "basis": basis,
        "period_start": first.mask(unknown),
        "period_end": last.mask(unknown),
        "cohort_days": pd.Series(7, index=range(n), dtype="Int32").mask(basis != "cohort"),
        "observed_at": seen.mask(rng.random(n) < 0.3),
    }
    lake.append([table(days=n, **fields)], 1)
    everything = lake.read().to_pylist()
    for start, end in [
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2025, 12, 15), date(2026, 2, 3)),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date.min, date.max),
    ]:
        expected = {row["row"] for row in everything if naive_inside(row, start, end)}
        assert set(lake.read(start=start, end=end)["row"].to_pylist()) == expected
        assert expected
    assert len(lake.read(start=date(2031, 1, 1))) == 0


def test_filters(lake):
    later = datetime(2026, 4, 1, tzinfo=UTC)
    lake.append([table("a"), table("b", 3, creator="Bo"), table("c", 2, platform="tiktok", known_at=later)], 1)
    assert len(lake.read(creator="Bo")) == 3
    assert len(lake.read(platform="tiktok")) == 2
    assert len(lake.read(as_of=NOW)) == 8
    assert len(lake.read(creator="' OR 1=1 --")) == 0


def test_a_metric_that_the_vocabulary_gained_is_unknown_in_old_rows(tmp_path):
    schema = observation_schema()
    old = pa.schema([*(f for f in schema if f.name != "likes"), pa.field("month", pa.string(), nullable=False)])
    DeltaTable.create(str(tmp_path / "old"), old, partition_by=["platform", "month"])
    lake = Lake(tmp_path / "old")
    assert lake.read(["likes"])["likes"].null_count == 0
    lake.append([table("a", 2)], 1)
    lake.append([table("b", 2, likes=3.0)], 2)
    assert sorted(lake.read()["likes"].to_pylist(), key=str) == [3.0, 3.0, None, None]


def test_appending_fails_as_a_whole(lake):
    def tables():
        yield table("a")
        raise ValueError("the second table is broken")

    with pytest.raises((ValueError, WorkspaceDamaged)):
        lake.append(tables(), 1)
    assert (len(lake.read()), lake.last_run) == (0, 0)


def test_many_slices_in_one_commit(lake):
    n = 150_000
    fields = {"row": np.arange(n), "period_start": pd.Timestamp("2026-01-01"), "period_end": pd.Timestamp("2026-01-01")}
    lake.append([table(days=10).slice(0, 0), conform(wide_frame(n).assign(**fields), NOW)], 1)
    assert lake.version == 1
    assert sorted(lake.read(["row"])["row"].to_pylist()) == list(range(n))


def wide_frame(n):
    return daily("big", 1).iloc[np.zeros(n, int)].reset_index(drop=True).assign(creator="Ada", account="a")


def test_a_missing_lake_is_named(tmp_path):
    with pytest.raises(WorkspaceDamaged, match=f"{tmp_path / 'gone'} cannot be read"):
        Lake(tmp_path / "gone").read()


@pytest.mark.parametrize(
    "harm", [lambda p: p.write_bytes(b"PAR1 not parquet"), lambda p: p.unlink(), lambda p: p.write_bytes(b"")]
)
def test_a_damaged_parquet_file_is_named(lake, harm):
    lake.append([table("a", 40)], 1)
    lake.append([table("b", 1)], 2)
    victim = Path(DeltaTable(lake.folder).file_uris()[-1])
    harm(victim)
    with pytest.raises(WorkspaceDamaged, match=victim.name):
        lake.read()


def test_a_damaged_log_is_named(lake):
    lake.append([table()], 1)
    (lake.folder / "_delta_log" / "00000000000000000001.json").write_text("{ not json")
    with pytest.raises(WorkspaceDamaged, match="lake at"):
        lake.read(COLUMNS)


def test_a_checkpoint_keeps_rows_and_the_number_of_the_last_run(lake):
    for run in (1, 2, 3):
        lake.append([table(f"f{run}")], run)
    DeltaTable(lake.folder).create_checkpoint()
    for log in sorted((lake.folder / "_delta_log").glob("0*.json"))[:3]:
        log.unlink()  # as Delta does after a month
    assert (lake.last_run, len(lake.read()), lake.version) == (3, 15, 3)
    lake.append([table("g")], 4)
    assert (lake.last_run, len(lake.read())) == (4, 20)


def test_more_months_than_a_byte_counts(lake):
    n = 200
    months = pd.Series(pd.date_range("2008-01-01", periods=n, freq="MS", unit="us"))
    lake.append([conform(wide_frame(n).assign(row=np.arange(n), period_start=months, period_end=months), NOW)], 1)
    assert len(DeltaTable(lake.folder).file_uris()) == n
    for day, row in ((date(2008, 1, 1), 0), (date(2024, 8, 1), 199)):
        assert lake.read(["row"], start=day, end=day)["row"].to_pylist() == [row]


def test_many_small_tables_share_the_files_of_their_months(lake):
    lake.append([table(f"t{i}", 3, likes=float(i)) if i % 2 else table(f"t{i}", 3) for i in range(40)], 1)
    assert len(DeltaTable(lake.folder).file_uris()) == 1
    found = lake.read(["file", "views", "likes"])
    assert len(found) == 120
    assert found["likes"].null_count == 60


def test_a_part_of_several_groups_of_rows(lake, monkeypatch):
    monkeypatch.setattr(parts, "ROWS", 7)
    given = [table("a", 20), table("b", 3, likes=1.0), table("c", 5)]
    lake.append(given, 1)
    (uri,) = DeltaTable(lake.folder).file_uris()
    assert pq.ParquetFile(uri).num_row_groups > 2
    assert in_order(lake.read()).equals(in_order(pa.concat_tables([widen(one) for one in given])))


def test_only_the_metrics_told_are_written(lake):
    lake.append([table("a", 3)], 1)
    (uri,) = DeltaTable(lake.folder).file_uris()
    assert set(METRICS) & set(pq.read_schema(uri).names) == {"views"}


def test_statistics_pass_over_files_and_never_over_rows(lake):
    """Delta keeps the least and greatest values of a file; an instant cut to milliseconds would hide its last rows."""
    instant = NOW.replace(microsecond=123_456)
    lake.append([table("a", 3, known_at=instant, creator="Ada"), table("b", 2, known_at=instant, creator="Zoë")], 1)
    assert len(lake.read(as_of=instant)) == 5
    assert len(lake.read(as_of=instant.replace(microsecond=123_455))) == 0
    assert len(lake.read(creator="Zoë")) == 2
    assert pa.table(DeltaTable(lake.folder).get_add_actions(flatten=True))["num_records"].to_pylist() == [5]


def test_files_that_no_commit_names_are_not_read(lake, monkeypatch):
    def fails(*_, **__):
        raise DeltaError("the disk is full")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", fails)
    with pytest.raises(WorkspaceDamaged, match="disk is full"):
        lake.append([table("a")], 1)
    monkeypatch.undo()
    assert list(lake.folder.rglob("*.parquet"))
    assert len(lake.read()) == 0
    assert lake.append([table("a")], 1) == 1
    assert len(lake.read()) == 5


def test_without_some_files(lake):
    lake.append([table("a", 3), table("b", 4)], 1)
    assert set(lake.read(without={sha("a")})["file"].to_pylist()) == {sha("b")}
    assert len(lake.read(without={sha("a"), sha("b")}, creator="Ada")) == 0
    assert len(lake.read(without=())) == 7


def test_what_took_the_place_of_what_is_remembered_for_good(lake):
    lake.append([table("a")], 1)
    lake.append([table("b"), table("c")], 2, {sha("b"): sha("a")})
    lake.append([table("d")], 3, {sha("d"): sha("b")})
    DeltaTable(lake.folder).create_checkpoint()
    for log in sorted((lake.folder / "_delta_log").glob("0*.json"))[:3]:
        log.unlink()
    files = [sha(name) for name in "abcd"]
    for one in (lake, Lake(lake.folder)):
        assert one.replaced(files) == {sha("b"): sha("a"), sha("d"): sha("b")}
        assert one.replaced(files[1:]) == {sha("d"): sha("b")}
        assert one.replaced([]) == {}


def test_a_lake_sees_at_once_what_another_has_committed(lake):
    other = Lake(lake.folder)
    for run in (1, 2, 3):
        other.append([table(f"f{run}")], run)
        assert (lake.version, lake.last_run, len(lake.read())) == (run, run, 5 * run)


def test_another_lake_in_its_place_is_noticed(lake, tmp_path):
    lake.append([table("a")], 1)
    shutil.copytree(lake.folder, tmp_path / "backup")
    lake.append([table("b")], 2)
    shutil.rmtree(lake.folder)
    shutil.copytree(tmp_path / "backup", lake.folder)
    assert (lake.version, lake.last_run, len(lake.read())) == (1, 1, 5)
    assert lake.append([table("c", 2)], 2) == 2
    assert len(lake.read()) == 7


def test_threads_share_one_lake(lake):
    lake.append([table("f1")], 1)
    found: list[tuple[int, int]] = []

    def ask():
        for _ in range(20):
            version = lake.version
            found.append((version, len(lake.read(["row"]))))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for run in range(2, 8):
        Lake(lake.folder).append([table(f"f{run}")], run)
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(rows % 5 == 0 and 5 * version <= rows <= 35 for version, rows in found)
