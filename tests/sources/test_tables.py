"""Bytes to rows: encodings, delimiters, double encoding, line numbers, limits."""

import codecs
import csv
import random

import pytest

from engagerr_core.errors import HostileFile, UnreadableFile
from engagerr_core.sources import Limits, read
from engagerr_core.sources.limits import DEFAULT_LIMITS
from engagerr_core.sources.tables import read_delimited
from tests.sources.exports import ALL, INSTAGRAM, YOUTUBE_TABLE, YOUTUBE_TOTALS, csv_text, only, written

ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "cp1252": lambda text: text.encode("cp1252", errors="replace"),
}
DELIMITERS = [",", ";", "\t"]
FIGURES = ["period_start", "content", "dimension", "dimension_value", "basis", "row"]


def same(one, other):
    """Whether two readings say the same, files aside."""
    left, right = one.observations.drop(columns="file"), other.observations.drop(columns="file")
    assert left.equals(right)
    assert one.rejected.drop(columns="file").equals(other.rejected.drop(columns="file"))
    assert (one.platform, one.kind, one.rows_read) == (other.platform, other.kind, other.rows_read)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("name", ALL)
def test_every_export_in_every_encoding_and_delimiter(tmp_path, name, delimiter, encoding):
    plain = only(written(tmp_path / "2026-11-03" / "a.csv", ALL[name]))
    path = tmp_path / "2026-11-03" / "b.csv"
    path.write_bytes(ENCODINGS[encoding](csv_text(ALL[name], delimiter)))
    same(only(path), plain)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("name", ALL)
def test_declared_delimiter_double_encoding_and_full_quotes(tmp_path, name, delimiter):
    folder = tmp_path / "2026-11-03"
    plain = only(written(folder / "a.csv", ALL[name]))
    text = csv_text(ALL[name], delimiter)
    quoted = csv_text(ALL[name], delimiter, csv.QUOTE_ALL)
    twice = csv_text([[csv_text([row], delimiter).removesuffix("\r\n")] for row in ALL[name]], quoting=csv.QUOTE_ALL)
    for what in (quoted, twice):
        (folder / "b.csv").write_text(what, newline="")
        same(only(folder / "b.csv"), plain)
    (folder / "b.csv").write_text(f"sep={delimiter}\r\n{text}", newline="")
    declared = only(folder / "b.csv")
    assert (declared.observations["row"] == plain.observations["row"] + 1).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ALL)
def test_order_of_columns_does_not_matter(tmp_path, name, seed):
    order = list(range(len(ALL[name][0])))
    random.Random(seed).shuffle(order)
    folder = tmp_path / "2026-11-03"
    plain = only(written(folder / "a.csv", ALL[name]))
    same(only(written(folder / "b.csv", [[row[i] for i in order] for row in ALL[name]])), plain)


def test_line_numbers_count_the_lines_inside_quoted_cells_and_blank_ones():
    table = read_delimited(b'a,b\r\n\r\n"one\r\ntwo",1\r\nx,2\r\n', DEFAULT_LIMITS)
    assert table.lines == [1, 3, 5]
    assert table.rows[1] == ["one\r\ntwo", "1"]


def test_cyrillic_resaved_by_a_spreadsheet(tmp_path):
    rows = [list(row) for row in YOUTUBE_TABLE]
    rows[2][1] = "Как я провёл лето"
    path = tmp_path / "a.csv"
    path.write_bytes(csv_text(rows, ";").encode("cp1251"))
    reading = only(path)
    assert "Как я провёл лето" in reading.contents["title"].tolist()
    assert "Windows-1251" in reading.warnings[0]


def test_western_letters_and_a_broken_byte(tmp_path):
    rows = [list(row) for row in INSTAGRAM]
    rows[1][3] = "Café Münster"
    path = tmp_path / "a.csv"
    path.write_bytes(csv_text(rows).encode("cp1252"))
    assert only(path).account_title == ""  # two names in one file
    assert "Windows-1252" in only(path).warnings[0]
    rows[2][3] = "Café Münster"
    path.write_bytes(csv_text(rows).encode() + "é".encode()[:1])
    assert "Café Münster" not in only(path).rejected["reason"].tolist()


def test_ragged_rows_are_set_aside_with_their_line(tmp_path):
    path = tmp_path / "Totals.csv"
    path.write_text("Date,Views\n2026-01-01,5\n2026-01-02\n2026-01-03,7,8\n2026-01-04,9,,\n2026-01-05,\x00\n")
    reading = only(path)
    assert reading.rejected["row"].tolist() == [3, 4, 6]
    assert reading.rejected["reason"].tolist()[:2] == [
        "1 cells where the header has 2",
        "3 cells where the header has 2",
    ]
    assert reading.observations["views"].tolist() == [5, 9]
    assert reading.rows_read == 5
    assert reading.rejected["advice"].str.len().min() > 20


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(rows=2), "more than 2 rows"),
        (Limits(columns=1), "2 cells; at most 1"),
        (Limits(cell_characters=5), "more than 5 characters"),
        (Limits(file_bytes=10), "larger than"),
    ],
)
def test_limits_refuse_by_name(tmp_path, limits, message):
    path = written(tmp_path / "Totals.csv", YOUTUBE_TOTALS)
    (reading,) = read(path, limits=limits)
    assert message in reading.failure
    assert reading.path == str(path)
    assert csv.field_size_limit() >= 131_072


def test_a_quote_that_never_closes_does_not_hang(tmp_path):
    path = tmp_path / "Totals.csv"
    path.write_text('Date,Views\n2026-01-01,"5\n' + "2026-01-02,6\n" * 20_000)
    (reading,) = read(path)
    assert "never closes" in reading.failure


@pytest.mark.parametrize(
    "data", [b"", b"\n\n\n", b" , , \n", b"\x00\x01\x02", codecs.BOM_UTF16_LE + b"a", b"PK\x03\x04broken"]
)
def test_nothing_usable_says_so(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    (reading,) = read(path)
    assert reading.failure
    assert reading.observations.empty
    assert reading.contents.empty


def test_errors_of_the_lower_level_are_typed():
    with pytest.raises(UnreadableFile):
        read_delimited(b"\x00" * 10, DEFAULT_LIMITS)
    with pytest.raises(HostileFile):
        read_delimited(b"a,b,c\n", Limits(columns=2))
