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
from itertools import accumulate

import numpy as np
import pandas as pd

from engagerr_core.sources import Reading
from engagerr_core.vocabulary import observation

FACTORS = (1.0, 60.0, 3600.0, 1 / 60, 1 / 60_000, 0.01, 0.001)
RECORD_LINES = 40  # that a record can run over
MOST_RUNS = 7  # groups of digits in one number
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "cp932", "mac_roman")
TELLING = ("account", "content")
_RUN = re.compile(r"\d+")
_SCIENTIFIC = re.compile(r"\d+(?:\.\d*)?[eE][+-]?\d{1,3}")


def normal(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[float]:
    """Everything that digits in the text can mean: groups joined, with a decimal mark, as hours, minutes, seconds."""
    found = {0.0} if re.search(r"(?<!\d)0+(?!\d)", text) else set()
    runs = list(_RUN.finditer(text))
    for first in range(len(runs)):
        groups = [runs[first][0]]
        _add(found, groups)
        if text[: runs[first].start()].endswith((".", ",")):
            found.add(_float("0." + groups[0]))
        for before, run in zip(runs[first:], runs[first + 1 : first + MOST_RUNS], strict=False):
            if run.start() - before.end() > 2:
                break
            groups.append(run[0])
            _add(found, groups)
    found |= {_float(match[0]) for match in _SCIENTIFIC.finditer(text)}
    return frozenset(found)


def _add(found: set[float], groups: list[str]) -> None:
    found.add(_float("".join(groups)))
    if len(groups) > 1:
        found.add(_float("".join(groups[:-1]) + "." + groups[-1]))
        *clock, last = [_float(group) for group in groups[-4:]]
        for seconds in (last, _float(f"0.{groups[-1]}")):
            *units, part = (*clock, seconds) if seconds == last else (*clock, seconds)
            total = list(accumulate(units, lambda sum_, unit: sum_ * 60 + unit))[-1]
            found.add(total * 60 + part if seconds == last else total + part)


def _float(digits: str) -> float:
    return float(digits) if len(digits) < 40 else float("inf")


@dataclass(frozen=True)
class Evidence:
    """What a file holds, taken apart without the readers."""

    data: bytes

    @cached_property
    def texts(self) -> list[str]:
        return [normal(text) for part in _parts(self.data) for text in _decodings(part)]

    @cached_property
    def lines(self) -> list[list[str]]:
        return [re.split("\r\n|\r|\n", text) for part in _parts(self.data) for text in _decodings(part)]

    @cached_property
    def all_numbers(self) -> frozenset[float]:
        return frozenset().union(*map(numbers, self.texts))

    def near(self, row: int) -> frozenset[float]:
        """The numbers of the record that begins in that line, and of few lines more."""
        below = ("\n".join(lines[max(row - 1, 0) : row + RECORD_LINES]) for lines in self.lines if row <= len(lines))
        return frozenset().union(*(numbers(normal(text)) for text in below))

    def holds(self, text: str) -> bool:
        return any(normal(text) in one for one in self.texts)


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


def unfounded(reading: Reading, evidence: Evidence, *, by_line: bool) -> list[str]:
    """What the reading stores and the file does not hold; empty where all is well."""
    problems = []
    stored = reading.observations
    for row in stored[stored["row"] > 0].to_dict("records"):  # row 0 is put together from several
        known = evidence.near(row["row"]) if by_line else evidence.all_numbers
        for name in observation.METRICS:
            value = row.get(name, float("nan"))
            if not np.isnan(value) and not _derivable(name, value, known, evidence):
                problems.append(f"{name} = {value!r} in row {row['row']}")
    problems += [
        f"{name} {told!r}"
        for name in TELLING
        for told in {*stored[name], *reading.contents.get(name, ())}
        if told and not evidence.holds(told)
    ]
    for name in ("period_start", "period_end"):
        days = stored[name].dropna().unique()
        problems += [f"{name} {day:%Y-%m-%d}" for day in days if not _told(pd.Timestamp(day), evidence.all_numbers)]
    return problems


def _derivable(name: str, value: float, known: frozenset[float], evidence: Evidence) -> bool:
    if not np.isfinite(value):
        return False
    if any(_among(abs(value) / factor, known) for factor in FACTORS):
        return True
    if name == "followers_net":  # the difference of two levels, told in different rows
        return any(level + abs(value) in evidence.all_numbers for level in evidence.all_numbers)
    return False


def _among(value: float, known: frozenset[float]) -> bool:
    if value in known or round(value) in known and abs(value - round(value)) <= 1e-9 * max(value, 1):
        return True
    return any(abs(value - one) <= 1e-9 * max(abs(value), 1e-6) for one in known)


def _told(day: pd.Timestamp, known: frozenset[float]) -> bool:
    """A day stands in the text with its number at least, alone or in a compact date, or as a spreadsheet's serial."""
    serial = (day - pd.Timestamp(1899, 12, 30)).days
    compact = float(f"{day:%Y%m%d}")
    return bool({float(day.day), compact, float(serial)} & known) or any(
        0 <= one - serial < 1 or one // 1_000_000 == compact for one in known
    )
