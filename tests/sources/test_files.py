"""Folders and archives: what is looked at, in which order, and what is refused."""

import io
import os
import stat
import zipfile
from datetime import date, datetime
from hashlib import sha256

import pytest
import xlsxwriter

from engagerr_core.errors import InvalidArgument, UnknownName, UnreadableFile
from engagerr_core.sources import Limits, read
from tests.sources.exports import YOUTUBE_TABLE, YOUTUBE_TOTALS, csv_text, only, written, zipped

TOTALS = csv_text(YOUTUBE_TOTALS).encode()


def test_a_missing_path_is_refused_at_once(tmp_path):
    written(tmp_path / "Totals.csv", YOUTUBE_TOTALS)
    with pytest.raises(UnreadableFile, match="nowhere"):
        read([tmp_path, tmp_path / "nowhere"])


def test_arguments_are_checked_at_once(tmp_path):
    with pytest.raises(UnknownName):
        read(tmp_path, platform="friendster")
    with pytest.raises(InvalidArgument):
        read(tmp_path, period=(date(2026, 2, 1), date(2026, 1, 1)))


def test_what_is_no_data_passes_in_silence(tmp_path):
    for name in (
        "README.md",
        "SOURCES.md",
        "readme.txt",
        "LICENSE",
        ".hidden.csv",
        "photo.jpg",
        "notes.py",
        "~$a.xlsx",
    ):
        (tmp_path / name).write_bytes(b"x,y\n1,2\n")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "Totals.csv").write_bytes(TOTALS)
    zipped(tmp_path / "a.zip", {"__MACOSX/._Totals.csv": b"x", ".DS_Store": b"x", "readme.txt": b"x"})
    assert list(read(tmp_path)) == []


@pytest.mark.parametrize("name", ["a.json", "a.ods", "a.parquet", "a.csv"])
def test_what_looks_like_data_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"fruit,price\napple,1\n")
    (reading,) = read(tmp_path)
    assert reading.failure
    assert reading.path.endswith(name)


def test_a_file_asked_for_by_name_is_never_silent(tmp_path):
    (tmp_path / "README.md").write_text("hello")
    (reading,) = read(tmp_path / "README.md")
    assert ".md" in reading.failure


def test_the_order_is_fixed_and_the_hash_is_of_the_bytes(tmp_path):
    for name in ("b/Totals.csv", "a/Totals.csv", "Totals.csv"):
        written(tmp_path / name, YOUTUBE_TOTALS)
    readings = list(read(tmp_path))
    assert [os.path.relpath(r.path, tmp_path) for r in readings] == ["Totals.csv", "a/Totals.csv", "b/Totals.csv"]
    assert {r.file for r in readings} == {sha256(TOTALS).hexdigest()}


def test_an_archive_inside_an_archive(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"x/Totals.csv": TOTALS}).read_bytes()
    path = zipped(tmp_path / "outer.zip", {"inner.zip": inner})
    reading = only(path)
    assert reading.path == f"{path} › inner.zip › x/Totals.csv"
    assert reading.file == sha256(TOTALS).hexdigest()
    deep = zipped(tmp_path / "deep.zip", {"outer.zip": path.read_bytes()})
    (refused,) = read(deep)
    assert "nested too deeply" in refused.failure


@pytest.mark.parametrize(
    "name", ["../Totals.csv", "/etc/Totals.csv", "a/../../Totals.csv", "..\\Totals.csv", "C:/Totals.csv"]
)
def test_members_that_lead_outside_are_refused_and_the_others_read(tmp_path, name):
    good, bad = sorted(
        read(zipped(tmp_path / "a.zip", {name: TOTALS, "b/Totals.csv": TOTALS})), key=lambda r: r.failure
    )
    assert not good.failure
    assert "outside" in bad.failure


def test_links_in_archives_are_refused(tmp_path):
    link = zipfile.ZipInfo("Totals.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    (reading,) = read(path)
    assert "symbolic link" in reading.failure


def test_links_in_folders_are_not_followed(tmp_path):
    secret = written(tmp_path / "secret" / "Totals.csv", YOUTUBE_TOTALS)
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "Totals.csv").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (reading,) = read(folder)
    assert "symbolic link" in reading.failure
    assert not only(folder / "Totals.csv").failure  # asked for by name


def test_a_bomb_is_refused_without_being_unpacked(tmp_path):
    path = zipped(tmp_path / "a.zip", {"Totals.csv": b"0" * 30_000_000})
    (reading,) = read(path)
    assert "times its size" in reading.failure


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(members=1), "2 files"),
        (Limits(archive_bytes=50), "unpacks to"),
        (Limits(file_bytes=70), "unpacks to more"),
    ],
)
def test_limits_of_archives(tmp_path, limits, message):
    if limits.file_bytes == 70:
        limits = Limits(file_bytes=400)
        path = zipped(tmp_path / "a.zip", {"Totals.csv": b"Date,Views\n" * 50, "b.csv": b"Date,Views\n" * 50})
    else:
        path = zipped(tmp_path / "a.zip", {"Totals.csv": TOTALS, "b.csv": TOTALS})
    readings = list(read(path, limits=limits))
    assert readings
    assert all(message in reading.failure for reading in readings)


def test_a_member_that_lies_about_its_size(tmp_path):
    path = zipped(tmp_path / "a.zip", {"Totals.csv": TOTALS})
    data = bytearray(path.read_bytes())
    size = len(TOTALS).to_bytes(4, "little")
    assert data.count(size) >= 1
    path.write_bytes(bytes(data).replace(size, (5).to_bytes(4, "little")))
    (reading,) = read(path)
    assert reading.failure


@pytest.mark.parametrize("cut", [3, 30, 60, -30, -5])
def test_a_half_written_archive(tmp_path, cut):
    path = zipped(tmp_path / "a.zip", {"Totals.csv": TOTALS})
    path.write_bytes(path.read_bytes()[:cut])
    (reading,) = read(path)
    assert reading.failure


def workbook(path, rows, sheet="Table data", far=False):
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(sheet)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            page.write(i, j, cell)
    if far:
        page.write(1_048_575, 16_383, "far")
    book.close()
    return path


def test_a_workbook_says_the_same_as_the_csv(tmp_path):
    numbers = [YOUTUBE_TABLE[0]] + [
        [float(cell) if cell.replace(".", "", 1).removeprefix("-").isdigit() else cell or None for cell in row]
        for row in YOUTUBE_TABLE[1:]
    ]
    plain = only(written(tmp_path / "a.csv", YOUTUBE_TABLE))
    sheet = only(workbook(tmp_path / "a.xlsx", numbers))
    assert sheet.path.endswith("a.xlsx › Table data")
    assert sheet.observations.drop(columns="file").equals(plain.observations.drop(columns="file"))
    assert sheet.contents.drop(columns="file").equals(plain.contents.drop(columns="file"))


def test_ids_stored_as_numbers_are_refused_not_rounded(tmp_path):
    rows = [["Post id", "Date", "Post text", "Post Link", "Impressions"],
            [1948626036742397028, "Fri, Jul 25, 2025", "a", "https://x.com/a", 5]]  # fmt: skip
    reading = only(workbook(tmp_path / "a.xlsx", rows))
    assert reading.observations.empty
    assert "rounded" in reading.rejected["reason"][0]


def test_durations_and_days_of_a_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet()
    page.write_row(0, 0, ["Date", "Views", "Watch time (hours)", "Average view duration"])
    page.write_datetime(1, 0, datetime(2026, 2, 19), book.add_format({"num_format": "yyyy-mm-dd"}))
    page.write_row(1, 1, [5, 1.5])
    page.write_number(1, 3, 274 / 86_400, book.add_format({"num_format": "[h]:mm:ss"}))
    book.close()
    row = only(path).observations.iloc[0]
    assert row["period_start"].date() == date(2026, 2, 19)
    assert row["average_view_seconds"] == 274
    assert row["watch_minutes"] == 90


def test_a_sheet_that_spans_the_world_is_refused_before_it_is_read(tmp_path):
    (reading,) = read(workbook(tmp_path / "a.xlsx", YOUTUBE_TOTALS, far=True))
    assert "1,048,576 rows" in reading.failure


@pytest.mark.parametrize(
    "data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_damaged_old_workbook(tmp_path, data):
    (tmp_path / "a.xls").write_bytes(data)
    (reading,) = read(tmp_path / "a.xls")
    assert "password" in reading.failure


def test_a_damaged_new_workbook(tmp_path):
    path = workbook(tmp_path / "a.xlsx", YOUTUBE_TOTALS)
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:40] if "sheet1" in name else old.read(name))
    path.write_bytes(out.getvalue())
    (reading,) = read(path)
    assert reading.failure


def test_one_bad_file_does_not_stop_the_batch(tmp_path):
    written(tmp_path / "a" / "Totals.csv", YOUTUBE_TOTALS)
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "c.csv").write_bytes(b"\0")
    os.mkfifo(tmp_path / "d.csv")
    assert [bool(reading.failure) for reading in read(tmp_path)] == [True, True, True, False]
