"""Text as spreadsheets, tools and hands leave it: read as before, or refused by name."""

import codecs
import csv
import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources import read
from engagerr_core.sources.delimiters import declared_delimiter, guessed_delimiter, unwrapped
from engagerr_core.sources.limits import DEFAULT_LIMITS
from engagerr_core.sources.tables import read_delimited
from engagerr_core.sources.text import decode
from tests.sources.exports import ALL, INSTAGRAM, YOUTUBE_TABLE, csv_text, only, written
from tests.sources.test_tables import same

NAMES = sorted(ALL)


def as_one_cell(row: list[str], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    return csv_text([row], delimiter, quoting).removesuffix("\r\n")


def read_text(folder, text: str, encoding: str = "utf-8"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "b.csv").write_bytes(text.encode(encoding))
    return only(folder / "b.csv")


def plain_and_folder(tmp_path, name):
    folder = tmp_path / "2026-11-03"
    return only(written(folder / "a.csv", ALL[name])), folder


@pytest.mark.parametrize(("outer", "inner"), [",,", ";;", "\t\t", ";,", ",;"])
@pytest.mark.parametrize("name", NAMES)
def test_rows_wrapped_in_one_cell(tmp_path, name, outer, inner):
    """All, all but the header, all but one below, only one, and all twice; with what a spreadsheet adds behind."""
    plain, folder = plain_and_folder(tmp_path, name)
    rows = ALL[name]
    once = [[as_one_cell(row, inner)] for row in rows]
    read_again = {"all": once, "twice": [[as_one_cell(row, outer, csv.QUOTE_ALL)] for row in once]}
    if inner == outer:
        read_again["body"] = [rows[0], *once[1:]]
        read_again["one"] = [*rows[:-1], once[-1]]
        read_again["all but one"] = [*once[:-1], rows[-1]]
    else:
        read_again["padded"] = [[*row, "", ""] for row in once]
    for how, table in read_again.items():
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            reading = read_text(folder, csv_text(table, outer, quoting))
            assert reading.rejected.empty, how
            same(reading, plain)


@pytest.mark.parametrize("name", NAMES)
def test_rows_without_quotes_stay_bare_when_a_spreadsheet_wraps_the_others(tmp_path, name):
    plain, folder = plain_and_folder(tmp_path, name)
    lines = [as_one_cell(row) for row in ALL[name]]
    wrapped = ['"' + line.replace('"', '""') + '"' if '"' in line else line for line in lines]
    same(read_text(folder, "\r\n".join(wrapped) + "\r\n"), plain)


def test_a_caption_alone_in_its_line_is_not_taken_apart():
    rows = [["a", "b", "c"], ["1", "2", "3"], ["well, one, two", "", ""], ["x,y"], ["4", "5", "6"]]
    assert unwrapped(rows, ",") == [*rows[:2], ["well", " one", " two"], *rows[3:]]
    assert unwrapped([["a", "b"], ["1,2", "3"]], ",") == [["a", "b"], ["1,2", "3"]]
    assert unwrapped([["only"], ["one"], ["column"]], ",") == [["only"], ["one"], ["column"]]
    assert unwrapped([['"a,b\rc"x'], ['"']], ",") == [['"a,b\rc"x'], ['"']]


@pytest.mark.parametrize(
    ("delimiter", "line_end"), [(",", "\r"), (";", "\n"), ("\t", "\n\n"), ("|", "\r\n"), ("|", "\r")]
)
@pytest.mark.parametrize("name", NAMES)
def test_line_ends_and_delimiters(tmp_path, name, delimiter, line_end):
    plain, folder = plain_and_folder(tmp_path, name)
    rows = [[cell.replace("\n", " ") for cell in row] for row in ALL[name]]
    text = csv_text(rows, delimiter).replace("\r\n", line_end)
    for start in ("", f"sep={delimiter}{line_end}", f'"sep={delimiter}"{line_end}'):
        found = read_text(folder, start + text).observations
        assert found.drop(columns=["file", "row"]).equals(plain.observations.drop(columns=["file", "row"]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_declared_delimiter_in_every_encoding(encoding, delimiter):
    text = f"sep={delimiter}\r\n" + csv_text([["Date", "Views"], ["2026-01-01", "7"]], delimiter)
    for mark in ("", "\ufeff") if encoding == "utf-8" else ("",):
        table = read_delimited((mark + text).encode(encoding), DEFAULT_LIMITS)
        assert table.rows == [["Date", "Views"], ["2026-01-01", "7"]]
        assert table.lines == [2, 3]


def test_a_declaration_that_the_lines_contradict():
    assert declared_delimiter("sep=,\r\na;b\r\n1;2\r\n") == ("a;b\r\n1;2\r\n", "", 1)
    assert declared_delimiter("sep=#\na#b\n1#2\n")[1] == "#"
    assert declared_delimiter("sep=x\naxb\n1x2\n")[1] == ""
    assert declared_delimiter("sep=,,,\r\na,b\r\n1,2\r\n")[1] == ","
    assert declared_delimiter("separate,me\n") == ("separate,me\n", "", 0)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", NAMES)
def test_utf_16_without_its_mark(tmp_path, name, encoding):
    plain, folder = plain_and_folder(tmp_path, name)
    same(read_text(folder, csv_text(ALL[name]), encoding), plain)
    (folder / "b.csv").write_bytes(csv_text(ALL[name]).encode(encoding) + b"\n")
    same(only(folder / "b.csv"), plain)


TITLES = {
    "cp1251": "Как я провёл лето, часть вторая",
    "cp1252": "Überraschung à la française",
    "cp932": "日本語のタイトルとサムネイル",
    "mac_roman": "Überraschung à la française",
}


@pytest.mark.parametrize("encoding", TITLES)
def test_saved_again_in_the_encoding_of_the_system(tmp_path, encoding):
    rows = [list(row) for row in YOUTUBE_TABLE]
    rows[2][1] = TITLES[encoding]
    text = csv_text(rows, ";")
    reading = read_text(tmp_path, text.replace("\r\n", "\r") if encoding == "mac_roman" else text, encoding)
    assert TITLES[encoding] in reading.contents["title"].tolist()
    assert "not UTF-8" in reading.warnings[0]
    assert reading.observations["views"].sum() == 2900


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "title", ["Über die Brücke – €5", "Как я провёл лето", "日本語のタイトル", "Được rồi 👍", "café"]
)
@pytest.mark.parametrize("wrong", ["cp1252", "cp1251"])
def test_letters_saved_in_a_wrong_encoding_are_put_right(title, wrong, times):
    from engagerr_core.sources.text import _UNDEFINED  # the bytes that Windows-1252 leaves undefined stay as they are

    def damaged(text: str) -> str:
        if wrong == "cp1252":
            return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode())
        return text.encode().decode("cp1251")

    assert codecs.lookup_error(_UNDEFINED)
    text = f"Título,Views\n{title},5\n"
    broken = text
    try:
        for _ in range(times):
            broken = damaged(broken)
    except UnicodeDecodeError:  # a byte that Windows-1251 leaves undefined: nobody could have saved that
        return
    decoded = decode(broken.encode())
    assert decoded.text == text
    assert "put right" in decoded.warning


@pytest.mark.parametrize(
    "text", ["Ã¼ber, Ünder", "naïve £5 – café", "Ünder Ã", "Привет", "日本", "Ð•Ñ‰Ñ‘ и ещё", "Â", "½Ã", "a"]
)
def test_letters_that_may_be_right_are_left(text):
    decoded = decode(text.encode())
    assert (decoded.text, decoded.warning) == (text, "")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=60))
def test_text_survives_decoding(text):
    try:
        assert decode(b"Date,Views\n" + text.encode()).text == "Date,Views\n" + text
    except (UnreadableFile, AssertionError):
        control = sum(c < " " and c not in "\t\n\v\f\r" for c in text)
        assert control or text != decode(text.encode()).text  # refused for control characters, or put right


@pytest.mark.parametrize(("delimiter", "lines"), [(",", 1), (";", 4), ("\t", 10), (",", 10)])
@pytest.mark.parametrize("name", NAMES)
def test_lines_above_the_header(tmp_path, name, delimiter, lines):
    """Titles and remarks, as people and tools put them above a table, padded to its width or not."""
    plain, folder = plain_and_folder(tmp_path, name)
    remarks = ["My report", "Date range: Jan 1, 2026 - Feb 1, 2026", "", "Created by Ada; for Bo", "Account: @ada"]
    above = [[remarks[i % len(remarks)]] for i in range(lines)]
    for rows in (above, [row + [""] * (len(ALL[name][0]) - 1) for row in above]):
        reading = read_text(folder, csv_text([*rows, *ALL[name]], delimiter))
        assert reading.kind == plain.kind
        assert reading.rows_read == plain.rows_read
        assert reading.observations["row"].tolist() == (plain.observations["row"] + lines).tolist()


@pytest.mark.parametrize("name", NAMES)
def test_a_first_column_of_row_numbers(tmp_path, name):
    plain, folder = plain_and_folder(tmp_path, name)
    numbered = [["", *ALL[name][0]], *([str(i), *row] for i, row in enumerate(ALL[name][1:]))]
    same(read_text(folder, csv_text(numbered)), plain)


@pytest.mark.parametrize("blank", ["\xa0", "\u200b", "\ufeff", "\u202f", "\u3000", "  "])
@pytest.mark.parametrize("name", NAMES)
def test_blanks_and_invisible_characters_around_cells(tmp_path, name, blank):
    plain, folder = plain_and_folder(tmp_path, name)
    rows = [[cell and blank + cell + blank for cell in row] for row in ALL[name]]
    reading = read_text(folder, csv_text(rows))
    assert reading.kind == plain.kind
    assert reading.rejected.empty
    metrics = [c for c in plain.observations if plain.observations[c].dtype == float]
    assert reading.observations[metrics].equals(plain.observations[metrics])
    assert reading.observations["content"].equals(plain.observations["content"])


@pytest.mark.parametrize("caption", ["a\x85b", "a\vb", "a\fb", "a\u2028b", "a\x1cb", "a\rb", "a\n\rb"])
def test_odd_line_breaks_inside_a_caption(tmp_path, caption):
    rows = [list(row) for row in INSTAGRAM]
    rows[1][4] = caption
    reading = only(written(tmp_path / "a.csv", rows))
    assert reading.rejected.empty
    assert reading.observations["likes"].tolist() == [279, 1]
    assert reading.contents["title"].tolist()[0].startswith("a")


@pytest.mark.parametrize("name", NAMES)
def test_trailing_delimiters(tmp_path, name):
    plain, folder = plain_and_folder(tmp_path, name)
    same(read_text(folder, csv_text([[*row, "", ""] for row in ALL[name]])), plain)
    same(read_text(folder, csv_text([ALL[name][0], *([*row, ""] for row in ALL[name][1:])])), plain)


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=9)


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=2, max_size=8), st.sampled_from(",;\t|"))
def test_the_delimiter_is_found_where_no_cell_holds_another(rows, delimiter):
    rows = [[cell.translate(dict.fromkeys(map(ord, ",;\t|\"'"))) or "x" for cell in row] for row in rows]
    assert guessed_delimiter(csv_text(rows, delimiter)) == delimiter


@pytest.mark.parametrize("seed", range(40))
def test_unwrapping_never_raises(seed):
    rng = random.Random(seed)
    cells = ["".join(rng.choices('a,;"\r\n\t', k=rng.randint(0, 12))) for _ in range(30)]
    rows = [rng.choices(cells, k=rng.randint(0, 3)) for _ in range(9)]
    for delimiter in ",;\t|":
        assert len(unwrapped(rows, delimiter)) == len(rows)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b'[{"a": 1}]', "JSON"),
        (b'\xef\xbb\xbf {"a": 1}', "JSON"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b"\x00" * 1000, "binary"),
        (bytes(range(256)), "binary"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path, data, named):
    (tmp_path / "a.csv").write_bytes(data)
    (reading,) = read(tmp_path / "a.csv")
    assert named in reading.failure


def test_frames_of_pandas_are_read(tmp_path):
    frame = pd.DataFrame(YOUTUBE_TABLE[1:], columns=YOUTUBE_TABLE[0])
    frame.to_csv(tmp_path / "a.csv")
    assert only(tmp_path / "a.csv").observations["views"].sum() == 2900
