"""Whatever lies in a file: `read` answers, soon, without raising, and never loses a digit of an id."""

import random
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.sources import Limits, Reading, read
from engagerr_core.sources.reading import REJECTED_COLUMNS
from engagerr_core.vocabulary import content, observation
from tests.sources.exports import ALL, FACEBOOK, INSTAGRAM, TIKTOK_CONTENT, X_CONTENT, csv_text, only, written

SMALL = Limits(file_bytes=1_000_000, archive_bytes=2_000_000, rows=2_000, sheet_cells=100_000)
FIXED = ("platform", "account", "content", "dimension", "dimension_value", "basis", "period_start", "period_end",
         "cohort_days", "observed_at", "file", "row", "currency")  # fmt: skip


def check(path: Path) -> None:
    """Read and hold every reading to the contract."""
    check_readings(read(path, limits=SMALL))


def check_readings(readings: Iterable[Reading]) -> None:
    """Hold every reading to the contract."""
    for reading in readings:
        assert tuple(reading.observations.columns[: len(FIXED)]) == FIXED
        rest = tuple(reading.observations.columns[len(FIXED) :])
        assert rest == tuple(name for name in observation.METRICS if name in rest)
        assert tuple(reading.contents.columns) == tuple(c for c in content.COLUMNS if c != "creator")
        assert tuple(reading.rejected.columns) == REJECTED_COLUMNS
        assert reading.contents["content"].is_unique
        assert (reading.contents["content"] != "").all()
        text = [c for c in FIXED if c in ("account", "content", "dimension", "dimension_value", "basis", "currency")]
        assert not reading.observations[text].isna().any(axis=None)
        if reading.failure:
            assert reading.observations.empty
        else:
            assert reading.rejected["row"].nunique() <= reading.rows_read
        assert str(reading.observations["period_start"].dtype) == "datetime64[us]"
        assert str(reading.observations["observed_at"].dtype) == "datetime64[us, UTC]"


QUIET = settings(deadline=20_000, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".txt", ".zip", ".xlsx", ".xls"]))
def test_arbitrary_bytes(tmp_path, data, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    check(path)


@QUIET
@given(
    name=st.sampled_from(sorted(ALL)),
    edits=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 20), st.one_of(
            st.text(max_size=12), st.sampled_from(["", "Total", "0", "-1", "1e400", "\x00", '"', "=1+1", "2026-02-30"])
        )), max_size=8),
    drop=st.lists(st.integers(0, 20), max_size=2),
    cut=st.integers(0, 60),
)  # fmt: skip
def test_mutated_exports(tmp_path, name, edits, drop, cut):
    rows = [list(row) for row in ALL[name]]
    for i, j, text in edits:
        row = rows[i % len(rows)]
        row[j % len(row)] = text
    rows = [[cell for j, cell in enumerate(row) if j not in drop] for row in rows]
    data = csv_text(rows).encode("utf-8", errors="replace")
    folder = tmp_path / "2026-11-03"
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_bytes(data[: len(data) - cut])
    check(folder)


@pytest.mark.parametrize("seed", range(25))
def test_mutated_bytes_of_a_workbook_and_an_archive(tmp_path, seed):
    import xlsxwriter

    rng = random.Random(seed)
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    for i, row in enumerate(X_CONTENT):
        page.write_row(i, 0, row)
    book.close()
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("Totals.csv", csv_text(ALL["youtube totals"]))
    for suffix, data in ((".xlsx", bytearray(out.getvalue())), (".zip", bytearray(archive.getvalue()))):
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / f"a{suffix}"
        path.write_bytes(bytes(data))
        check(path)


@QUIET
@given(ids=st.lists(st.integers(10**16, 10**19 - 1).filter(lambda n: n % 10), min_size=1, max_size=20, unique=True))
@pytest.mark.parametrize("rows", [INSTAGRAM, FACEBOOK, X_CONTENT], ids=["instagram", "facebook", "x"])
def test_ids_keep_all_their_digits(tmp_path, rows, ids):
    body = [[cell.replace(rows[1][0], str(number)) for cell in rows[1]] for number in ids]
    reading = only(written(tmp_path / "a.csv", [rows[0], *body]))
    assert reading.observations["content"].tolist() == [str(number) for number in ids]
    assert reading.contents["content"].tolist() == [str(number) for number in ids]


@QUIET
@given(ids=st.lists(st.integers(10**18, 10**19 - 1), min_size=1, max_size=20, unique=True))
def test_ids_in_addresses_keep_all_their_digits(tmp_path, ids):
    body = [
        ["November 2", "t", f"https://www.tiktok.com/@a/video/{n}?is_copy_url=1", "October 1", "1", "1", "1", "1"]
        for n in ids
    ]
    folder = tmp_path / "2026-11-03"
    reading = only(written(folder / "a.csv", [TIKTOK_CONTENT[0], *body]))
    assert reading.observations["content"].tolist() == [str(number) for number in ids]


@pytest.mark.parametrize("name", sorted(ALL))
def test_headers_alone_are_no_failure(tmp_path, name):
    reading = only(written(tmp_path / "a.csv", ALL[name][:1]))
    assert reading.rows_read == 0
    assert reading.observations.empty
    check(tmp_path / "a.csv")


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_same_file_gives_the_same_reading(tmp_path, name):
    path = written(tmp_path / "2026-11-03" / "a.csv", ALL[name])
    one, other = only(path), only(path)
    assert one.observations.equals(other.observations)
    assert one.contents.equals(other.contents)
    assert (one.file, one.warnings, one.period) == (other.file, other.warnings, other.period)


@pytest.mark.parametrize("name", sorted(ALL))
def test_readings_fit_the_canonical_schemas(tmp_path, name):
    import pyarrow as pa

    reading = only(written(tmp_path / "2026-11-03" / "a.csv", ALL[name]))
    for frame, schema in (
        (reading.observations, observation.observation_schema()),
        (reading.contents, content.content_schema()),
    ):
        fields = pa.schema([schema.field(name) for name in frame.columns])
        table = pa.Table.from_pandas(frame, schema=fields, preserve_index=False)
        assert table.num_rows == len(frame)
        for column in fields:
            if not column.nullable:
                assert table[column.name].null_count == 0


def test_a_large_chart_is_read_whole(tmp_path):
    days = [f"2021-{1 + i // 28 % 12:02}-{1 + i % 28:02}" for i in range(336)]
    rows = [
        ["Date", "Geography", "Views"],
        *([day, f"{a}{b}", "7"] for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUV" for day in days),
    ]
    path = written(tmp_path / "a.csv", rows)
    reading = only(path)
    assert len(reading.observations) == 73_920
