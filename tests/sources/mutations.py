"""Exports and the ways to break them: a corpus of small files, and mutations of their bytes and of their cells."""

import codecs
import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from tests.sources.exports import ALL, csv_text
from tests.sources.old_workbook import old_workbook

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "real" / "exports"
LONGEST = 6_000  # bytes of a file's beginning; what comes later is alike
FIRST_LINES = 25


@dataclass(frozen=True)
class Specimen:
    """One file of the corpus."""

    name: str
    suffix: str
    data: bytes

    @property
    def is_text(self) -> bool:
        return self.suffix == ".csv"


def corpus() -> list[Specimen]:
    """Every shape that the tests write, the samples, and the real files where they are at hand."""
    found = [Specimen(name, ".csv", csv_text(rows).encode()) for name, rows in sorted(ALL.items())]
    for number, (name, rows) in enumerate(sorted(ALL.items())):
        make = (_workbook, _old_workbook, _archive)[number % 3]
        found.append(Specimen(f"{name}, packed", *make(rows)))
    folders = [ROOT / "data" / "sample", *([REAL] if REAL.is_dir() else [])]
    seen = set()
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        start = path.read_bytes()[:200] if path.is_file() else b""
        if path.suffix == ".csv" and "truth" not in path.parts and start not in seen:
            seen.add(start)
            found.append(Specimen(str(path.relative_to(ROOT.parent)), ".csv", _first_lines(path.read_bytes())))
    return found


def _first_lines(data: bytes) -> bytes:
    line = b"\n\0" if data.startswith(codecs.BOM_UTF16_LE) else b"\n"
    cut = line.join(data.split(line)[:FIRST_LINES])
    return cut if len(cut) <= LONGEST else cut[: cut.rindex(line, 0, LONGEST) + len(line)]


def _workbook(rows: list[list[str]]) -> tuple[str, bytes]:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": True}
    )
    page = book.add_worksheet()
    for i, row in enumerate(rows):
        page.write_row(i, 0, row)
    book.close()
    return ".xlsx", out.getvalue()


def _old_workbook(rows: list[list[str]]) -> tuple[str, bytes]:
    return ".xls", old_workbook([[cell or None for cell in row] for row in rows])


def _archive(rows: list[list[str]]) -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("2026-11-03/a.csv", csv_text(rows))
        archive.writestr("2026-11-03/Totals.csv", csv_text(ALL["youtube totals"]))
    return ".zip", out.getvalue()


HOSTILE_BYTES = [
    b"\0", b'"', b'""', b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"'",
    b"sep=;\r\n", b"\xc3", b"\x80", b"\xe2\x80\x8b", b"\xe2\x80\xae", b"\xcc\x81", b"99999999999999999999", b"1e308",
    b"-", b"1e-400", b"NaN", b"%", b"\x1b[2J", b"=cmd|'/C calc'!A0", b"<table><tr><td>", b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\xc2\x85", b"\x0b", b"\x1c", b"\xd9\xa3", b"\xef\xbc\x91", b"\xc2\xbd", b"\xe2\x85\xab",
]  # fmt: skip
HOSTILE_CELLS = [
    "", "0", "-0", "-1", "1e400", "1E+18", "99999999999999999999", "9" * 400, "1.5", "1,5", "1.234", "1,234", "1.234,5",
    "12 345", "1'234", "½", "٣", "１２", "Ⅻ", "NaN", "inf", "-inf", "nan", "undefined", "--", "< 1%", "<1%", "1%",
    "101%", "#REF!", "#########", "TRUE", "Total", "Date", "Views", "=1+1", "\x00", '"', '""', "'5", "a,b", "a;b",
    "a\tb",
    "a\nb", "2026-02-29", "2026-02-30", "Feb 29", "February 29", "31/12/2026", "12/31/2026", "03/04/26", "45500",
    "2026-11-03",
    "9999-12-31", "0001-01-01", "19. Feb. 2026", "2026年2月30日", "8:01 PM", "0:00:61", "99999:59:59", "PT99999999H",
    "1:2:3", "https://www.tiktok.com/@a/video/99999999999999999999", "dQw4w9WgXcQ", "../../etc/passwd", "\u202e123",
    "\u200b7",
    "x" * 5_000, "１２３４５６７８９０１", "-5", "+5", "5-", "(5)", "$5", "5 €", "0x10", "1_000", "12.0", "12.50",
]  # fmt: skip


def mutated(specimen: Specimen, corpus_: list[Specimen], rng: random.Random) -> bytes:
    """The specimen after one to five mutations."""
    data = specimen.data
    for _ in range(rng.randint(1, 5)):
        if specimen.is_text and rng.random() < 0.6:
            data = _with_cells_changed(data, rng)
        else:
            data = rng.choice(BYTE_MUTATIONS)(data, corpus_, rng)
    return data


def _with_cells_changed(data: bytes, rng: random.Random) -> bytes:
    mark = codecs.BOM_UTF16_LE if data.startswith(codecs.BOM_UTF16_LE) else b""
    encoding = "utf-16-le" if mark else "utf-8"
    text = data[len(mark) :].decode(encoding, errors="replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return data
    if not any(rows):
        return data
    rng.choice(CELL_MUTATIONS)(rows, rng)
    return mark + csv_text(rows).encode(encoding, errors="replace")


def _at(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _flip(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _each in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _delete(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    start = _at(data, rng)
    return data[:start] + data[start + rng.choice([1, 2, 10, 100, 1000]) :]


def _duplicate(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    start = _at(data, rng)
    return data[:start] + data[start : start + rng.choice([1, 10, 300])] * rng.choice([2, 3, 20]) + data[start:]


def _splice(data: bytes, corpus_: list[Specimen], rng: random.Random) -> bytes:
    other = rng.choice(corpus_).data
    return data[: _at(data, rng)] + other[_at(other, rng) :]


def _append(data: bytes, corpus_: list[Specimen], rng: random.Random) -> bytes:
    return data + rng.choice(corpus_).data


def _truncate(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    return data[: _at(data, rng)]


def _insert(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    for _each in range(rng.randint(1, 4)):
        at = rng.choice([0, _at(data, rng), _at(data, rng)])
        data = data[:at] + rng.choice(HOSTILE_BYTES) * rng.choice([1, 1, 2, 50]) + data[at:]
    return data


def _replace_everywhere(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    return data.replace(rng.choice([b",", b"\n", b'"', b"0", b"-", b" ", b"."]), rng.choice(HOSTILE_BYTES))


def _saved_again(data: bytes, _: list[Specimen], rng: random.Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    return text.encode(
        rng.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "cp932", "utf-7"]), "replace"
    )


BYTE_MUTATIONS: list[Callable[[bytes, list[Specimen], random.Random], bytes]] = [
    _flip, _delete, _duplicate, _splice, _append, _truncate, _insert, _replace_everywhere, _saved_again,
]  # fmt: skip


def _set_cells(rows: list[list[str]], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 6)):
        row = rng.choice([row for row in rows if row])
        row[rng.randrange(len(row))] = rng.choice(HOSTILE_CELLS)


def _swap_cells(rows: list[list[str]], rng: random.Random) -> None:
    one, other = (rng.choice([row for row in rows if row]) for _ in range(2))
    i, j = rng.randrange(len(one)), rng.randrange(len(other))
    one[i], other[j] = other[j], one[i]


def _shift_row(rows: list[list[str]], rng: random.Random) -> None:
    row = rng.choice([row for row in rows if row])
    if rng.random() < 0.5:
        row.insert(rng.randrange(len(row) + 1), rng.choice(HOSTILE_CELLS))
    else:
        del row[rng.randrange(len(row))]


def _drop_column(rows: list[list[str]], rng: random.Random) -> None:
    at = rng.randrange(max(map(len, rows)))
    for row in rows:
        del row[at : at + 1]
    if not any(rows):
        rows.append([""])


def _double_column(rows: list[list[str]], rng: random.Random) -> None:
    at, to = (rng.randrange(max(map(len, rows))) for _ in range(2))
    for row in rows:
        if at < len(row):
            row.insert(to, row[at])


def _shuffle_columns(rows: list[list[str]], rng: random.Random) -> None:
    width = max(map(len, rows))
    order = rng.sample(range(width), width)
    rows[:] = [[row[i] for i in order if i < len(row)] for row in rows]


def _shuffle_rows(rows: list[list[str]], rng: random.Random) -> None:
    below = rows[1:]
    rng.shuffle(below)
    rows[1:] = below


def _repeat_row(rows: list[list[str]], rng: random.Random) -> None:
    rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def _lose_row(rows: list[list[str]], rng: random.Random) -> None:
    if len([row for row in rows if row]) > 1:
        rows.remove(rng.choice([row for row in rows if row]))


CELL_MUTATIONS: list[Callable[[list[list[str]], random.Random], None]] = [
    _set_cells, _set_cells, _set_cells, _swap_cells, _shift_row, _drop_column, _double_column, _shuffle_columns,
    _shuffle_rows, _repeat_row, _lose_row,
]  # fmt: skip
