"""Is anything stored that was not there? An oracle that knows the files, and none of the readers.

It collects every number that the text of a row can be read as, in whatever notation, and asks of each stored figure
whether it is one of them, perhaps in another unit. It accepts more than is true, never less: what it finds is false.
"""

import io
import re
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from engagerr_core.sources import Reading
from engagerr_core.vocabulary import observation

FACTORS = (1.0, 60.0, 3600.0, 1 / 60, 1 / 60_000, 0.01, 0.001)
RECORD_LINES = 1_000  # that a record can run over
MOST_SUMS = 50_000  # beyond it nearly every number is a sum of some
MOST_GROUPS = 7  # groups of digits in one number
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "cp932", "mac_roman")
TELLING = ("account", "content")
_ATOM = re.compile(r"\d+(?:[.:/-]\d+)*")
_SCIENTIFIC = re.compile(r"\d+(?:\.\d*)?[eE][+-]?\d{1,3}")


def normal(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[float]:
    """Everything that digits in the text can mean: groups joined, with a decimal mark, as hours, minutes, seconds.

    What a point, a colon, a stroke or a hyphen holds together is not taken apart: ``1.5`` is no 1, ``0:30`` no 0.
    """
    found = {float(match[0]) for match in _SCIENTIFIC.finditer(text)}
    atoms = list(_ATOM.finditer(text))
    for first, atom in enumerate(atoms):
        window = [atom[0]]
        _add(found, window)
        if atom[0].isdecimal() and text[: atom.start()].endswith((".", ",")):
            found.add(float("0." + atom[0]))
        for before, after in zip(atoms[first:], atoms[first + 1 : first + MOST_GROUPS], strict=False):
            if after.start() - before.end() > 2:
                break
            window.append(after[0])
            _add(found, window)
    return frozenset(found)


def runs(text: str) -> frozenset[float]:
    """The runs of digits, as days are told."""
    return frozenset(float(run) for run in re.findall(r"\d+", text))


def _add(found: set[float], atoms: list[str]) -> None:
    joined = " ".join(atoms)
    if "-" in joined or "/" in joined:
        return
    groups = re.findall(r"\d+", joined)
    if ":" in joined:
        found.add(_seconds(groups[-3:]))
        found.add(_seconds(groups[-4:-1]) + float("0." + groups[-1]))
        return
    if "." not in joined or len(groups) > 2 or len(groups[-1]) == 3:
        found.add(float("".join(groups)))
    if len(groups) > 1:
        found.add(float("".join(groups[:-1]) + "." + groups[-1]))


def _seconds(clock: list[str]) -> float:
    total = 0.0
    for unit in clock:
        total = total * 60 + float(unit)
    return total


@dataclass(frozen=True)
class Evidence:
    """What a file holds, taken apart without the readers: as UTF-8, or as any encoding that somebody may see in it."""

    data: bytes
    in_all_encodings: bool = True

    @cached_property
    def decoded(self) -> list[str]:
        parts = _parts(self.data)
        if self.in_all_encodings:
            return [text for part in parts for text in _decodings(part)]
        return [part.decode(errors="replace") for part in parts]

    @cached_property
    def texts(self) -> list[str]:
        return [normal(text) for text in self.decoded]

    @cached_property
    def lines(self) -> list[list[str]]:
        return [re.split("\r\n|\r|\n", text) for text in self.decoded]

    @cached_property
    def all_numbers(self) -> frozenset[float]:
        return frozenset().union(*map(numbers, self.texts))

    @cached_property
    def all_runs(self) -> frozenset[float]:
        return frozenset().union(*map(runs, self.texts))

    def near(self, row: int) -> frozenset[float]:
        """The numbers of the record that begins in that line and runs on until its quotation marks close."""
        records = (_record(lines, row - 1) for lines in self.lines if 0 < row <= len(lines))
        return frozenset().union(*(numbers(normal(record)) for record in records))

    @cached_property
    def letters(self) -> list[str]:
        return [letters(text) for text in self.texts]

    def holds(self, text: str) -> bool:
        """Whether the letters and digits of an id stand in the file; some ids are made of titles."""
        return any(letters(normal(text)) in one for one in self.letters)


def _record(lines: list[str], first: int) -> str:
    record = lines[first]
    for line in lines[first + 1 : first + RECORD_LINES]:
        if record.count('"') % 2 == 0:
            break
        record += "\n" + line
    return record


def _parts(data: bytes) -> list[bytes]:
    """The file itself, and what lies in it where it is packed."""
    found = [data]
    if b"PK\x05\x06" not in data:
        return found
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                with suppress(Exception):
                    found += _parts(archive.read(name))
    except Exception:  # so broken that nobody can unpack it
        return found
    return found


def _decodings(data: bytes) -> list[str]:
    found = {data[shift:].decode(encoding, errors="replace") for encoding in ENCODINGS for shift in (0, 1)}
    for text in sorted(found):
        for encoding in ("cp1252", "cp1251"):
            found.add(text.encode(encoding, errors="replace").decode("utf-8", errors="replace"))
    return sorted(found)


def unfounded(reading: Reading, data: bytes, *, by_line: bool) -> list[str]:
    """What the reading stores and the file does not hold; empty where all is well."""
    if not _unfounded(reading, Evidence(data, in_all_encodings=False), by_line):
        return []
    return _unfounded(reading, Evidence(data), by_line)


def _unfounded(reading: Reading, evidence: Evidence, by_line: bool) -> list[str]:
    problems = []
    stored = reading.observations
    summed = {
        role.partition(".")[0] for _, role, _ in reading.columns if "." in role
    }  # metrics told in several columns
    for row in stored[stored["row"] > 0].to_dict("records"):  # row 0 is put together from several
        known = evidence.near(row["row"]) if by_line else evidence.all_numbers
        for name in observation.METRICS:
            value = row.get(name, float("nan"))
            if not np.isnan(value) and not _derivable(name, value, known, evidence, summed):
                problems.append(f"{name} = {value!r} in row {row['row']}")
    problems += [
        f"{name} {told!r}"
        for name in TELLING
        for told in {*stored[name], *reading.contents.get(name, ())}
        if told and not evidence.holds(told)
    ]
    for name in ("period_start", "period_end"):
        days = stored[name].dropna().unique()
        problems += [f"{name} {day:%Y-%m-%d}" for day in days if not _told(pd.Timestamp(day), evidence.all_runs)]
    return problems


def _derivable(name: str, value: float, known: frozenset[float], evidence: Evidence, summed: set[str]) -> bool:
    if not np.isfinite(value):
        return False
    if any(_among(abs(value) / factor, known) for factor in FACTORS):
        return True
    if name in summed:
        return _is_sum(value, known)
    if name == "followers_net":  # the difference of two levels, told in different rows
        return any(level + abs(value) in evidence.all_numbers for level in evidence.all_numbers)
    return False


def _is_sum(value: float, known: frozenset[float]) -> bool:
    """Whether some of the numbers add up to it, as far as that can be told soon."""
    reached = {0.0}
    for part in known:
        if part.is_integer():
            reached |= {total + part for total in reached if total + part <= value}
        if len(reached) > MOST_SUMS:
            return True
    return value in reached


def _among(value: float, known: frozenset[float]) -> bool:
    return value in known or any(abs(value - one) <= 1e-9 * max(abs(value), 1e-6) for one in known)


def _told(day: pd.Timestamp, known: frozenset[float]) -> bool:
    """A day stands in the text with its number at least, alone or in a compact date, or as a spreadsheet's serial."""
    serial = (day - pd.Timestamp(1899, 12, 30)).days
    compact = float(f"{day:%Y%m%d}")
    return bool({float(day.day), compact, float(serial)} & known) or any(
        0 <= one - serial < 1 or one // 1_000_000 == compact for one in known
    )
