"""Compaction: fewer files, and not one answer differs."""

import os
import shutil
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.errors import WorkspaceBusy, WorkspaceDamaged
from engagerr_core.store import audit, compaction, sorting
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.compaction import compact, remove_unused
from engagerr_core.store.conform import conform
from engagerr_core.store.inventory import open_table, parts_of, unnamed_files
from engagerr_core.store.lake import Lake
from engagerr_core.store.resolve import in_order, resolve
from engagerr_core.store.sorting import joint_schema, sorted_rows
from engagerr_core.store.tiers import tier, tiers
from engagerr_core.vocabulary.observation import observation_schema
from tests.store.example_readings import daily

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
LATER = date(2026, 9, 1)  # January and February 2026 are warm then
MUCH_LATER = date(2027, 9, 1)  # and cold then


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "ws" / "lake" / "observations")


@pytest.fixture
def catalogue(tmp_path):
    found = Catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", lock_timeout=0.2)
    found.prepare(create=True)
    yield found
    found.close()


def table(name="a", days=5, known_at=NOW, creator="Ada", **fields):
    return conform(daily(name, days).assign(creator=creator, account="a", **fields), known_at)


def fill(lake, runs=4, days=40):
    """Several runs over two months, with other creators, posts and metrics each time."""
    for run in range(1, runs + 1):
        known_at = NOW + timedelta(days=run, microseconds=run)
        tables = [
            table(f"a{run}", days, known_at, likes=float(run)),
            table(f"b{run}", days, known_at, creator="Bo", content=[f"v{i % 7}" for i in range(days)]),
        ]
        lake.append(tables, lake.last_run + 1)


def answers(lake):
    """What a lake answers: every stored row, what holds, and as known at each instant."""
    rows = lake.read()
    instants = sorted(set(rows["known_at"].to_pylist()))
    asked = [lake.read(creator="Bo"), lake.read(start=date(2026, 1, 20), end=date(2026, 2, 2))]
    asked += [
        lake.read(as_of=at + timedelta(microseconds=shift), columns=None or rows.column_names)
        for at in instants
        for shift in (-1, 0)
    ]
    return [in_order(rows), resolve(rows), *map(in_order, asked)]


def files(lake):
    return {part.path for part in parts_of(open_table(lake))}


@pytest.mark.parametrize(
    ("month", "on", "expected"),
    [
        ("2026-11", date(2026, 11, 1), "active"),
        ("2027-05", date(2026, 11, 1), "active"),
        ("2026-08", date(2026, 11, 30), "active"),
        ("2026-08", date(2026, 12, 1), "warm"),
        ("2025-11", date(2026, 2, 28), "active"),
        ("2025-11", date(2026, 3, 1), "warm"),
        ("2025-08", date(2026, 8, 31), "warm"),
        ("2025-08", date(2026, 9, 1), "cold"),
        ("unknown", date(2030, 1, 1), "active"),
    ],
)
def test_tiers_turn_on_the_first_of_a_month(month, on, expected):
    assert tier(month, on) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 2000))
def test_what_is_warm_ended_ninety_days_ago(on, back):
    day = on - timedelta(days=back)
    ended = (pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date()
    if tier(f"{day:%Y-%m}", on) != "active":
        assert (on - ended).days > 90 - 1  # the shortest: the first of March for a month that ended in November
    elif ended < on:
        assert (on - ended).days <= 92


def test_tiers_count_from_the_last_day_of_ingestion(lake):
    fill(lake)
    found = tiers(lake)
    assert found.columns.tolist() == ["platform", "month", "tier", "rows", "files", "bytes"]
    assert found["tier"].tolist() == ["active", "active"]
    assert found["rows"].tolist() == [31 * 8, 9 * 8]
    assert found["files"].tolist() == [4, 4]
    assert found["bytes"].sum() == sum((lake.folder / name).stat().st_size for name in files(lake))
    assert tiers(lake, LATER)["tier"].tolist() == ["warm", "warm"]


def test_an_empty_lake_has_no_tiers(lake, catalogue):
    assert len(tiers(lake)) == 0
    assert len(compact(lake, catalogue)) == 0


def test_every_answer_stays(lake, catalogue):
    fill(lake)
    lake.append([table("s", 3, basis="stock", period_start=pd.NaT, period_end=pd.NaT)], 9)  # of no month
    before, version = answers(lake), lake.version
    done = compact(lake, catalogue, LATER)
    assert done["tier"].tolist() == ["warm", "warm"]
    assert done["files_before"].tolist() == [4, 4]
    assert done["files_after"].tolist() == [1, 1]
    assert (done["bytes_after"] < done["bytes_before"]).all()
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))
    assert (lake.version, lake.last_run) == (version + 2, 9)
    assert open_table(lake).metadata().configuration["delta.appendOnly"] == "true"


def test_older_versions_still_open(lake, catalogue):
    fill(lake)
    counts = [DeltaTable(str(lake.folder), version=v).to_pyarrow_table().num_rows for v in range(lake.version + 1)]
    last = lake.version
    compact(lake, catalogue, LATER)
    again = [DeltaTable(str(lake.folder), version=v).to_pyarrow_table().num_rows for v in range(last + 1)]
    assert again == counts == [0, 80, 160, 240, 320]


def test_a_second_time_there_is_nothing_to_do(lake, catalogue):
    fill(lake)
    compact(lake, catalogue, LATER)
    version = lake.version
    assert len(compact(lake, catalogue, LATER)) == 0
    assert lake.version == version


def test_cold_months_are_written_once_more(lake, catalogue):
    fill(lake)
    before = answers(lake)
    compact(lake, catalogue, LATER)
    done = compact(lake, catalogue, MUCH_LATER)
    assert done["tier"].tolist() == ["cold", "cold"]
    assert len(compact(lake, catalogue, MUCH_LATER)) == 0
    assert {Path(name).name.split("-")[0] for name in files(lake)} == {"cold"}
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))


def test_late_rows_join_the_others(lake, catalogue):
    fill(lake)
    compact(lake, catalogue, LATER)
    lake.append([table("late", 5, NOW + timedelta(days=200))], 5)
    before = answers(lake)
    done = compact(lake, catalogue, LATER)
    assert done[["month", "files_before", "files_after"]].to_numpy().tolist() == [["2026-01", 2, 1]]
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))


def test_active_months_are_left_alone_until_they_have_many_files(lake, catalogue, monkeypatch):
    fill(lake)
    assert len(compact(lake, catalogue)) == 0
    monkeypatch.setattr(compaction, "MANY", 3)
    assert compact(lake, catalogue)["tier"].tolist() == ["active", "active"]
    assert len(compact(lake, catalogue)) == 0


def test_one_posts_history_lies_together_from_the_oldest_to_the_latest(lake, catalogue):
    fill(lake)
    compact(lake, catalogue, LATER)
    for name in files(lake):
        rows = pq.read_table(lake.folder / name, partitioning=None).to_pylist()
        keys = [(r["creator"], r["account"], r["content"], r["period_start"], r["known_at"]) for r in rows]
        assert keys == sorted(keys)
        assert len(rows) > 30


def test_files_are_still_passed_over_by_their_statistics(lake, catalogue):
    fill(lake)
    compact(lake, catalogue, LATER)
    found = pa.table(open_table(lake).get_add_actions(flatten=True)).to_pylist()
    for one in found:
        rows = pq.read_table(lake.folder / one["path"], partitioning=None)
        assert one["num_records"] == len(rows)
        for name in ("creator", "period_start", "known_at"):
            assert one[f"min.{name}"] == min(rows[name].to_pylist())
            assert one[f"max.{name}"] == max(rows[name].to_pylist())
    assert len(lake.read(as_of=NOW + timedelta(days=1, microseconds=1))) == 80
    assert len(lake.read(as_of=NOW + timedelta(days=1))) == 0


def test_a_page_that_is_changed_later_is_noticed(lake, catalogue):
    """Compacted files carry a checksum of each page."""
    fill(lake)
    compact(lake, catalogue, LATER)
    path = lake.folder / min(files(lake))
    column = pq.read_metadata(path).row_group(0).column(6)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + column.total_compressed_size // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(OSError), pq.ParquetFile(path, page_checksum_verification=True) as file:  # noqa: PT011
        file.read()


def test_who_reads_meanwhile_goes_on(lake, catalogue):
    fill(lake)
    reading = open_table(lake).to_pyarrow_dataset()
    compact(lake, catalogue, LATER)
    assert reading.count_rows() == 320
    assert reading.to_table().num_rows == 320


def test_what_was_ingested_while_a_month_was_written_stays_beside_it(lake, catalogue, monkeypatch):
    fill(lake)
    write = compaction.write_part

    def overtaken(*arguments):
        made = write(*arguments)
        lake.append([table(f"new{lake.last_run}", 3)], lake.last_run + 1)
        return made

    monkeypatch.setattr(compaction, "write_part", overtaken)
    compact(lake, catalogue, LATER)
    assert len(lake.read()) == 320 + 2 * 3
    assert lake.last_run == 6


def test_of_two_compactions_at_once_one_yields(lake, catalogue, monkeypatch):
    fill(lake)
    write = compaction.write_part
    other = []

    def overtaken(*arguments):
        made = write(*arguments)
        if not other:
            other.append(True)
            other.append(compact(lake, catalogue, LATER))
        return made

    monkeypatch.setattr(compaction, "write_part", overtaken)
    before = answers(lake)
    done = compact(lake, catalogue, LATER)
    assert other[1]["files_after"].tolist() == [1, 1]
    assert done["files_after"].tolist() == [4, 4]  # it saw that it had been overtaken, both times
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))
    assert unnamed_files(lake, open_table(lake)) == []


def test_a_held_lock_ends_it_and_leaves_nothing(lake, catalogue):
    fill(lake)
    before = lake.version
    with catalogue.writing(), pytest.raises(WorkspaceBusy):
        compact(lake, catalogue, LATER)
    assert lake.version == before
    assert unnamed_files(lake, open_table(lake)) == []
    assert compaction.scratch_folders(lake) == []


def test_a_damaged_file_is_named_and_nothing_changes(lake, catalogue):
    fill(lake)
    version, victim = lake.version, lake.folder / min(files(lake))
    victim.write_bytes(victim.read_bytes()[:-40])
    with pytest.raises(WorkspaceDamaged, match=r"cannot be compacted.*doctor"):
        compact(lake, catalogue, LATER)
    assert lake.version == version
    assert unnamed_files(lake, open_table(lake)) == []


def test_a_file_with_fewer_rows_than_the_log_says_is_not_made_the_truth(lake, catalogue):
    fill(lake)
    version, victim = lake.version, lake.folder / min(files(lake))
    pq.write_table(pq.read_table(victim, partitioning=None).slice(0, 3), victim, store_schema=False)
    with pytest.raises(WorkspaceDamaged, match="2026-01 has 189 rows in its files and 248 in the log"):
        compact(lake, catalogue, LATER)
    assert lake.version == version


def test_a_commit_that_fails_leaves_everything_as_it_was(lake, catalogue, monkeypatch):
    fill(lake)
    before = answers(lake)

    def fails(*_, **__):
        raise DeltaError("the disk is full\n  0: <unknown>")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", fails)
    with pytest.raises(WorkspaceDamaged, match=r"the disk is full\. Every row"):
        compact(lake, catalogue, LATER)
    monkeypatch.undo()
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))


def test_removed_files_go_after_a_week(lake, catalogue, monkeypatch):
    fill(lake)
    old = files(lake)
    done = compact(lake, catalogue, LATER)
    assert done["bytes_freed"].tolist() == [0, 0]
    assert all((lake.folder / name).is_file() for name in old)
    before = answers(lake)
    size = sum((lake.folder / name).stat().st_size for name in old)
    monkeypatch.setattr(compaction, "REMOVED_DAYS", 0)
    done = compact(lake, catalogue, LATER)  # nothing to write, but to remove
    assert done["bytes_freed"].sum() == size
    assert done["files_before"].tolist() == done["files_after"].tolist() == [1, 1]
    assert not any((lake.folder / name).exists() for name in old)
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))


def test_files_that_no_commit_names_go_after_a_day(lake):
    fill(lake)
    named = lake.folder / min(files(lake))
    stray = named.with_name("part-stray.zstd.parquet")
    shutil.copy(named, stray)
    scratch = lake.folder.parent / "sorting-x"
    scratch.mkdir()
    assert remove_unused(lake) == {}
    assert stray.exists()
    size = stray.stat().st_size
    assert remove_unused(lake, time.time() + 86_401) == {("youtube", "2026-01"): size}
    assert not stray.exists()
    assert not scratch.exists()
    assert named.exists()


def test_cleaning_can_be_left_out(lake, catalogue, monkeypatch):
    monkeypatch.setattr(compaction, "REMOVED_DAYS", 0)
    fill(lake)
    old = files(lake)
    compact(lake, catalogue, LATER, clean=False)
    assert all((lake.folder / name).is_file() for name in old)


def test_the_log_is_tidied_and_remembers_the_last_run(lake, catalogue):
    fill(lake)
    log = lake.folder / "_delta_log"
    compact(lake, catalogue, LATER)
    first = lake.version
    assert [path.name for path in log.glob("*.checkpoint.parquet")] == [f"{first:020d}.checkpoint.parquet"]
    for path in log.iterdir():
        os.utime(path, (time.time() - 40 * 86_400,) * 2)
    lake.append([table("late", 5)], 5)
    before = answers(lake)
    compact(lake, catalogue, LATER)
    assert [path.name for path in log.glob(f"{1:020d}.*")] == []
    assert lake.last_run == 5
    assert all(a.equals(b) for a, b in zip(answers(lake), before, strict=True))
    fill(lake, runs=1)
    assert (lake.last_run, len(lake.read())) == (6, 405)


def test_it_is_audited_and_told(lake, catalogue):
    fill(lake)
    told = []
    compact(lake, catalogue, LATER, progress=told.append)
    assert told == ["youtube 2026-01", "youtube 2026-02"]
    last = audit.entries(catalogue).iloc[-1]
    assert (last["action"], last["detail"]) == ("compacted", "months of platforms written as one file each: 2")


def naive_key(row, names):
    return tuple((row[name] is not None, row[name] if row[name] is not None else 0) for name in names)


ROW = st.tuples(st.sampled_from(["", "v1", "v2", "é", "Z", "a'\"b"]), st.integers(0, 3), st.integers(0, 2))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(ROW, min_size=1, max_size=12), min_size=1, max_size=4))
def test_sorting_agrees_with_loops(tmp_path_factory, groups):
    """Equal rows keep their order; an unknown day comes first; text is ordered by its characters."""
    folder = tmp_path_factory.mktemp("sorting")
    paths, everything = [], []
    for number, rows in enumerate(groups):
        frame = daily(f"f{number}", len(rows)).assign(
            creator="Ada",
            account="a",
            content=[content for content, _, _ in rows],
            period_start=[pd.NaT if not day else pd.Timestamp(2026, 1, day) for _, day, _ in rows],
            row=[line for _, _, line in rows],
            views=np.arange(len(rows)) + 100.0 * number,
        )
        frame["period_end"] = frame["period_start"]
        given_rows = sorting.widen(conform(frame, NOW))
        path = folder / f"{number}.parquet"
        pq.write_table(given_rows.drop_columns(["platform"]), path, store_schema=False)
        paths.append(path)
        everything += given_rows.to_pylist()
    names = [name for name in sorting._ORDER if name != "platform"]
    schema = joint_schema(paths, observation_schema())
    found = pa.concat_tables(sorted_rows(paths[::-1], schema, folder)).to_pylist()
    wanted = sorted(everything, key=lambda row: naive_key(row, names))
    assert [row["views"] for row in found] == [row["views"] for row in wanted]
    assert [row["content"] for row in found] == [row["content"] for row in wanted]


def test_a_month_larger_than_the_memory_for_sorting_is_sorted_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "MEMORY", "24MB")
    rng = np.random.default_rng(20261121)
    n = 200_000
    rows = daily("big", 1).iloc[np.zeros(n, int)].reset_index(drop=True)
    rows = rows.assign(creator="Ada", account="a", content=rng.permutation(n).astype(str), row=np.arange(n))
    path = tmp_path / "big.parquet"
    pq.write_table(sorting.widen(conform(rows, NOW)).drop_columns(["platform"]), path, store_schema=False)
    schema = pa.schema([f for f in pq.read_schema(path) if f.name in ("content", "row", "file", "creator")])
    seen, used = [], []
    for group in sorted_rows([path], schema, tmp_path / "scratch"):
        assert len(group) <= sorting.ROWS
        used += list((tmp_path / "scratch").glob("*"))
        seen += group["content"].to_pylist()
    assert seen == sorted(map(str, range(n)))
    assert used, "it fitted into memory: the test says nothing"


def test_a_column_that_nobody_defines_any_more_is_kept(tmp_path):
    rows = sorting.widen(table("a", 3)).drop_columns(["platform"])
    pq.write_table(rows.append_column("retired_metric", pa.array([1.0, 2.0, 3.0])), tmp_path / "a", store_schema=False)
    pq.write_table(rows, tmp_path / "b", store_schema=False)
    paths = [tmp_path / "a", tmp_path / "b"]
    schema = joint_schema(paths, observation_schema())
    assert schema.names[-1] == "retired_metric"
    found = pa.concat_tables(sorted_rows(paths, schema, tmp_path))
    assert sorted(found["retired_metric"].to_pylist(), key=str) == [1.0, 2.0, 3.0, None, None, None]
