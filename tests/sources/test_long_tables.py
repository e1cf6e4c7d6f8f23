"""Long tables: cut only where somebody looks, and never otherwise than a short one would be."""

import codecs
import csv
import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagerr_core.errors import HostileFile
from engagerr_core.sources import Limits, batch, columns, read, tables
from engagerr_core.sources.limits import DEFAULT_LIMITS
from engagerr_core.sources.tables import Table, read_delimited
from tests.sources.exports import ALL, INSTAGRAM, csv_text, only, written

HEADER = ["Date", "Geography", "Views"]
HEAD = [[f"2026-01-{1 + i % 28:02}", "US", str(i)] for i in range(80)]  # enough for the head to tell the delimiter


def is_uncut(table: Table) -> bool:
    """Whether nobody has asked for all records of a long table."""
    return "everything" not in table.rows.text.__dict__


def both_ways(data: bytes, monkeypatch, limits: Limits = DEFAULT_LIMITS) -> tuple[Table, Table]:
    """The table as a long one and as a short one."""
    monkeypatch.setattr(tables, "LONG", len(data) + 1)
    short = read_delimited(data, limits)
    monkeypatch.setattr(tables, "LONG", 1)
    return read_delimited(data, limits), short


def same_below(long: Table, short: Table, header: int = 0) -> None:
    """Whether both have the same records below a header, on the same lines."""
    width = len(short.rows[header])
    left, right = (table.body(header, range(width)) for table in (long, short))
    assert left.lines.tolist() == right.lines.tolist()
    assert left.uneven == right.uneven
    for place in range(width):
        one, other = left.columns[place], right.columns[place]
        assert [one.at(row) for row in range(len(one))] == [other.at(row) for row in range(len(other))]
    assert len(left) == len(short.rows) - header - 1


CELLS = st.one_of(
    st.sampled_from(["", " ", "a", "1", '"', 'x"y', "a\nb", "a\r\nb", "a,b", "é", "😀", "\u00a0", "a,b,c", "'", "\t"]),
    st.text(alphabet='ab,"\n\r ;\x0b\x1c\u2028', max_size=6),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=0, max_size=5), max_size=12),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.sampled_from([columns.BLOCK, 300]),
    cut=st.integers(0, 12),
)
def test_long_and_short_are_cut_alike(monkeypatch, rows, ending, quoting, block, cut):
    monkeypatch.setattr(columns, "BLOCK", block)
    out = io.StringIO()
    csv.writer(out, lineterminator=ending, quoting=quoting).writerows([HEADER, *HEAD, *rows, *HEAD])
    data = out.getvalue().encode()
    same_below(*both_ways(data[: len(data) - cut], monkeypatch))


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet='ab1,";\n\r \t\0é', max_size=60))
def test_whatever_follows_the_head(monkeypatch, text):
    data = (csv_text([HEADER, *HEAD]) + text).encode()
    same_below(*both_ways(data, monkeypatch))


@pytest.mark.parametrize("name", ALL)
def test_every_export_reads_the_same_when_it_is_long(tmp_path, monkeypatch, name):
    rows = [ALL[name][0], *(row for _ in range(70) for row in ALL[name][1:])]
    path = written(tmp_path / "2026-11-03" / "a.csv", rows)
    short = only(path)
    monkeypatch.setattr(tables, "LONG", 1)
    long = only(path)
    assert long.observations.equals(short.observations)
    assert long.contents.equals(short.contents)
    assert (long.kind, long.warnings, long.rows_read) == (short.kind, short.warnings, short.rows_read)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: text.encode("cp1252"),
        lambda text: text.encode().decode("cp1252").encode(),  # saved in a wrong encoding
        lambda text: b"sep=,\r\n" + text.encode(),
    ],
)
def test_encodings(monkeypatch, encode):
    data = encode(csv_text([HEADER, *HEAD, ["2026-01-01", "Café, Ü", "3"], *HEAD]))
    long, short = both_ways(data, monkeypatch)
    assert long.warnings == short.warnings
    same_below(long, short)
    assert long.rows[1] == short.rows[1]
    assert long.lines[1] == short.lines[1]


def test_a_clean_long_table_is_never_cut_as_a_whole(monkeypatch):
    monkeypatch.setattr(tables, "LONG", 1)
    quoted = ["2026-01-01", "a\nb", "5"]
    ragged = [["2026-01-01"], ["2026-01-01", "US", "1", "2"]]
    table = read_delimited(
        csv_text([HEADER, *HEAD, quoted, [], ["", "", ""], ragged[1], *HEAD]).encode(), DEFAULT_LIMITS
    )
    assert table.rows
    assert table.rows[:20] == [HEADER, *HEAD][:20]
    assert table.head.rows[0] == HEADER
    body = table.body(0, [1, 2])
    assert is_uncut(table)
    assert body.uneven == [(86, ragged[1])]
    assert body.lines[81] == 87
    assert len(table.rows) == 163  # now somebody asked
    assert not is_uncut(table)


@pytest.mark.parametrize("reading", ["youtube chart", "youtube totals", "instagram", "x content", "tiktok content"])
def test_recognising_does_not_cut(tmp_path, monkeypatch, reading):
    """Detection and the modules' own cutting look at the head only."""
    monkeypatch.setattr(tables, "LONG", 1)
    seen = []
    monkeypatch.setattr(batch, "read_delimited", lambda *given: seen.append(read_delimited(*given)) or seen[-1])
    rows = [ALL[reading][0], *(row for _ in range(70) for row in ALL[reading][1:])]
    only(written(tmp_path / "2026-11-03" / "a.csv", rows))
    assert seen
    assert all(is_uncut(table) for table in seen)


@pytest.mark.parametrize(
    ("rows", "limits", "message"),
    [
        ([["a", "b", "c"]], Limits(rows=100), "more than 100 rows"),
        ([["a", "b", "x" * 50]], Limits(cell_characters=40), "Line 82 begins a cell of more than 40"),
        ([["1", "2", "3", "4", "5"]], Limits(columns=4), "Line 82 has 5 cells"),
    ],
)
def test_limits_below_the_head(monkeypatch, rows, limits, message):
    monkeypatch.setattr(tables, "LONG", 1)
    monkeypatch.setattr(tables, "HEAD", len(csv_text([HEADER, *HEAD])))
    table = read_delimited(csv_text([HEADER, *HEAD, *rows, *HEAD]).encode(), limits)
    with pytest.raises(HostileFile, match=message):
        table.body(0, [0])


def test_reading_makes_no_python_object_a_row(tmp_path):
    """What Python and numpy allocate while a long table is read stays below 150 bytes a row; lists of text take 400."""
    days = [f"20{y}-{m:02}-{d:02}" for y in range(10, 26) for m in range(1, 13) for d in range(1, 29)]
    rows = [HEADER, *([day, f"{a}{b}", "7"] for a in "ABCDE" for b in "ABCDE" for day in days)]
    path = written(tmp_path / "a.csv", rows)
    list(read(path))
    tracemalloc.start()
    try:
        (reading,) = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reading.rows_read == len(rows) - 1
    assert (peak - 2 * path.stat().st_size) / reading.rows_read < 150


def test_a_long_posts_table_keeps_captions_with_line_breaks(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "LONG", 1)
    body = [[str(18021268413391012 + i), *INSTAGRAM[1][1:]] for i in range(200)]
    reading = only(written(tmp_path / "a.csv", [INSTAGRAM[0], *body]))
    assert reading.contents["title"].unique().tolist() == ["A caption,\nin two lines"]
    assert reading.observations["row"].tolist() == list(range(2, 402, 2))
