"""Files made to exhaust the reader: each refused by name, at the cost of a small file."""

import io
import os
import struct
import zipfile
import zlib

import pytest

from engagerr_core.sources import Limits, read
from engagerr_core.sources.files import shown
from tests.sources.exports import YOUTUBE_TOTALS, csv_text, only, written, zipped
from tests.sources.old_workbook import old_workbook, old_workbook_of_cells

TOTALS = csv_text(YOUTUBE_TOTALS).encode()
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
LAUGHS = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{LAUGHS}]>'


def workbook_of(*, sheet: str = ROW, start: str = "", strings: str = "", text: str = "Date", place: str = "") -> bytes:
    """A workbook written by hand, with a part of it as told."""
    place = place or "worksheets/sheet1.xml"
    strings = strings or 'count="1" uniqueCount="1"'
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="{place}"/></Relationships>',
        "xl/workbook.xml": f'{start}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        f"xl/{place}": f'{start}<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'{start}<sst xmlns="{MAIN}" {strings}><si><t>{text}</t></si></sst>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def overlapping() -> bytes:
    """One packed block that several members of an archive's directory point to."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packed.compress(TOTALS) + packed.flush()
    about = (20, 0, 8, 0, 0, zlib.crc32(TOTALS), len(block), len(TOTALS), 5, 0)
    data = b"PK\x03\x04" + struct.pack("<5H3I2H", *about) + b"a.csv" + block
    entries = b"".join(
        b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, *about[:9], 0, 0, 0, 0, 0, 0) + f"{letter}.csv".encode()
        for letter in "abc"
    )
    return data + entries + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 3, 3, len(entries), len(data), 0)


def crowded(count: int, told: int) -> bytes:
    """An archive with that many empty members, whose end tells another number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", b"")
    data = bytearray(out.getvalue())
    struct.pack_into("<2H", data, len(data) - 14, told, told)
    return bytes(data)


def nested(levels: int) -> bytes:
    data = TOTALS
    for level in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{level}.zip" if level else "Totals.csv", data)
        data = out.getvalue()
    return data


def many_alike(size: int, count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", b"0" * size)
    return out.getvalue()


BOMBS = {
    "overlapping.zip": (overlapping, "over one another"),
    "crowded.zip": (lambda: crowded(10_050, 3), "10,050 files"),
    "nested.zip": (lambda: nested(4), "nested too deeply"),
    "many alike.zip": (lambda: many_alike(1_000_000, 40), "times its size"),
    "nothing but nulls.csv": (lambda: bytes(5_000_000), "binary data"),
    "columns.csv": (lambda: b"a," * 1_000_000 + b"a\n", "line of it"),
    "few more columns.csv": (lambda: b"a," * 2_000 + b"a\n", "2,001 cells"),
    "enormous cell.csv": (lambda: b"Date,Views\n2026-01-01," + b"7" * 3_000_000, "line of it"),
    "enormous cell inside.zip": (lambda: packed_csv(b"Date,Views\n2026-01-01," + os.urandom(2_000_000).hex().encode()),
                                 "line of it"),
    "endless quotation.csv": (lambda: b'Date,Views\n2026-01-01,"' + b"7\n" * 100_000, "never closes"),
    "entities.xlsx": (lambda: workbook_of(start=LAUGHS, text="&j;"), "declares entities"),
    "outside entity.xlsx": (
        lambda: workbook_of(start='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', text="&a;"),
        "declares entities",
    ),
    "texts.xlsx": (lambda: workbook_of(strings='count="1" uniqueCount="4294967295"'), "declares 4,294,967,295 texts"),
    "far.xlsx": (lambda: workbook_of(sheet=ROW + '<row r="9"><c r="XFD1048576"/></row>'), "1,048,576 rows"),
    "far, in single quotes.xlsx": (lambda: workbook_of(sheet="<row><c\n s='1' r = 'XFD99999'/></row>"), "99,999 rows"),
    "far, in a part of another name.xlsx": (
        lambda: workbook_of(sheet=ROW + '<row><c r="ZZ999999"/></row>', place="media/picture.xml"), "999,999 rows"),
    "far by row.xlsx": (lambda: workbook_of(sheet='<row r="1"><c r="CV1"/></row><row r="1048576"/>'), "1,048,576 rows"),
    "far.xls": (lambda: old_workbook_of_cells({(0, 0): 1, (65_535, 60_000): 2}), "65,536 rows"),
    "far and empty.xls": (lambda: old_workbook_of_cells({(0, 0): 1, (65_535, 250): 2}), "2 cells of them in use"),
    "deep.xls": (lambda: b"<table>" * 100_000, "nothing in it"),
    "endless tag.xls": (lambda: b"<table><td " + b"a" * 300_000, "A tag of it"),
    "wide.xls": (lambda: b"<table><tr>" + b"<td>a" * 5_000, "more than 1,000 cells"),
    "covering.xls": (lambda: b"<table><tr>" + b'<td colspan="999999">a' * 5, "more than 1,000 cells"),
    "skipping.xls": (lambda: b'<Workbook><Table><Row><Cell ss:Index="999999"/></Row></Table>', "more than 1,000 cells"),
    "enormous cell.xls": (lambda: b"<table><tr><td>" + b"a" * 200_000, "131,072 characters"),
}  # fmt: skip


def packed_csv(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Totals.csv", data)
    return out.getvalue()


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_by_name(tmp_path, name):
    make, named = BOMBS[name]
    path = tmp_path / name
    path.write_bytes(make())
    readings = list(read(tmp_path))
    assert readings
    for reading in readings:
        assert named in reading.failure, reading.failure
        assert str(path) in reading.path
        assert reading.observations.empty


def test_the_harmless_forms_of_the_same_files_are_read(tmp_path):
    """So that the refusals above are of what was made hostile, not of how the tests write files."""
    for name, data in {
        "a.xlsx": workbook_of(sheet='<row r="1"><c r="A1" t="inlineStr"><is><t>Date</t></is></c>'
                              '<c r="B1" t="inlineStr"><is><t>Views</t></is></c></row>'
                              '<row r="2"><c r="A2" t="inlineStr"><is><t>2026-02-17</t></is></c>'
                              '<c r="B2"><v>10</v></c></row>'),
        "b.xls": old_workbook(YOUTUBE_TOTALS),
        "c.zip": nested(2),
        "d.xls": b"<table>" + b"".join(b"<tr><td>%b<td>%b" % tuple(map(str.encode, row)) for row in YOUTUBE_TOTALS),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        assert only(tmp_path / name).observations["views"].iloc[0] == 10, name


def test_archives_inside_an_archive_share_its_allowance(tmp_path):
    inner = packed_csv(b"Date,Views\n" + b"2026-01-01,5\n" * 2_000)
    path = zipped(tmp_path / "a.zip", {f"{i}.zip": inner for i in range(4)})
    failures = [reading.failure for reading in read(path, limits=Limits(archive_bytes=70_000))]
    assert sum("unpacks to" in failure for failure in failures) == 2
    assert failures.count("") == 2


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "a.xlsx"])
def test_what_is_no_file_is_not_opened(tmp_path, name):
    os.mkfifo(tmp_path / name)
    (tmp_path / "b.csv").symlink_to("/dev/zero")
    (tmp_path / "c.csv").mkdir()
    readings = list(read(tmp_path))
    assert [reading.failure.split(".")[0].split(";")[0] for reading in readings] == [
        "It is no regular file",
        "It is a symbolic link",
    ]
    (asked,) = read(tmp_path / "b.csv")
    assert "no regular file" in asked.failure


@pytest.mark.parametrize(
    "name", ["\x1b]0;owned\x07.csv", "a\u202evsc.exe.csv", "a\nb.csv", "a\u2028b.csv", "\udcff.csv"]
)
def test_names_cannot_speak_to_the_terminal(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"fruit,price\n1,2\n")
    (reading,) = read(tmp_path)
    assert reading.path == str(tmp_path) + "/" + shown(name)
    assert reading.path.isprintable()
    assert reading.path.encode()
    if name.encode("utf-8", "replace").decode() == name:
        (packed,) = read(zipped(tmp_path.parent / "names.zip", {name: b"fruit,price\n1,2\n"}))
        assert packed.path.isprintable()


def test_shown_leaves_ordinary_names_alone():
    for name in ("Überblick – März.csv", "日本語.csv", "👨‍👩‍👧.zip", "a b\xa0c.csv"):
        assert shown(name) == name


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.xlsx", "a.xls"])
def test_an_archive_or_a_workbook_under_another_name(tmp_path, name):
    (tmp_path / name).write_bytes(packed_csv(TOTALS))
    assert only(tmp_path / name).rows_read == 4
    (tmp_path / name).write_bytes(old_workbook(YOUTUBE_TOTALS))
    assert only(tmp_path / name).rows_read == 4


def test_a_table_under_the_name_of_an_archive(tmp_path):
    assert only(written(tmp_path / "a.zip", YOUTUBE_TOTALS)).rows_read == 4


def test_lines_of_nothing_but_delimiters_are_counted(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Date,Views\n" + ",\n" * 101 + "2026-10-01,5\n")
    (refused,) = read(file, limits=Limits(rows=100))
    assert "blank lines" in refused.failure
    (fine,) = read(file, limits=Limits(rows=101))
    assert fine.observations["views"].tolist() == [5]
