"""Mutated exports: no crash, no hang, nothing stored that was not there. Seeds are fixed, so that a failure repeats."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from engagerr_core.sources import read
from tests.sources.exports import ALL, csv_text
from tests.sources.mutations import Specimen, corpus, mutated
from tests.sources.soundness import numbers, unfounded
from tests.sources.test_robustness import SMALL, check_readings

QUICK, LONG, ROUND = 1_000, 20_000, 100
ALLOWED_SECONDS = 5  # of computing, for one file
CORPUS = corpus()


class Hung(BaseException):
    """A file took longer than any may. No reader catches it."""


@contextmanager
def watched() -> Iterator[None]:
    """Stop after some seconds of computing; time in which others compute does not count."""

    def stop(*_: object) -> None:
        raise Hung

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, ALLOWED_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def tried(specimen: Specimen, data: bytes, folder: Path) -> Counter[str]:
    """Read one file under watch and hold every reading to the contract. Returns how the readings ended."""
    path = folder / f"a{specimen.suffix}"
    path.write_bytes(data)
    try:
        with watched():
            readings = list(read(folder, limits=SMALL))
    finally:
        path.unlink()
    check_readings(readings)
    ends: Counter[str] = Counter()
    for reading in readings:
        ends["refused" if reading.failure else "read"] += 1
        packed = not specimen.is_text or data.startswith((b"PK", b"<"))
        assert not (found := unfounded(reading, data, by_line=not packed)), found[:5]
    return ends


def run(seeds: range, folder: Path) -> Counter[str]:
    """Try one mutated file a seed."""
    ends: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(seed)
        specimen = CORPUS[seed % len(CORPUS)]
        data = mutated(specimen, CORPUS, rng)
        try:
            ends += tried(specimen, data, folder)
        except BaseException as problem:
            if isinstance(problem, KeyboardInterrupt):
                raise
            problem.add_note(f"seed {seed}: {specimen.name}")
            raise
    return ends


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2026-11-03").mkdir()
    return tmp_path / "2026-11-03"


@pytest.mark.parametrize("start", range(0, QUICK, ROUND))
def test_mutated_files(folder, start):
    ends = run(range(start, start + ROUND), folder)
    assert ends["read"] > ROUND // 10  # mutations that leave nothing to read would test nothing
    assert ends["refused"] > ROUND // 50


@pytest.mark.long
@pytest.mark.parametrize("start", range(QUICK, QUICK + LONG, 1_000))
def test_many_mutated_files(folder, start):
    assert run(range(start, start + 1_000), folder)["read"] > 100


def test_the_corpus_itself_is_sound(folder):
    for specimen in CORPUS:
        assert tried(specimen, specimen.data, folder), specimen.name


def test_the_watch_stops_a_hang():
    with pytest.raises(Hung), watched():
        _compute_for_ever()


def _compute_for_ever() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0.01)
    while True:
        pass


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_oracle_finds_what_is_false(folder, name):
    """Unknown figures turned into zeros, digits lost, figures of other rows and other ids are all found."""
    data = csv_text(ALL[name]).encode()
    (folder / "a.csv").write_bytes(data)
    (reading,) = read(folder)
    assert not unfounded(reading, data, by_line=True)
    stored = reading.observations
    metrics = [column for column in stored if stored[column].dtype == float]
    for metric, change in product(
        metrics[:1], (lambda x: x + 54_321, lambda x: x * 1.0001 + 0.5, lambda x: np.full_like(x, 8_765_432.0))
    ):
        wrong = stored.assign(**{metric: change(stored[metric].to_numpy())})
        assert unfounded(replace(reading, observations=wrong), data, by_line=True)
    if (stored["content"] != "").any():
        wrong = stored.assign(content=stored["content"].str[::-1] + "7q")
        assert unfounded(replace(reading, observations=wrong), data, by_line=True)


def test_the_oracle_finds_false_zeros():
    assert 0.0 not in numbers("2026-01-05,7,--,0:30,10.0,100,Feb 00-0")
    assert 0.0 in numbers("2026-01-05,7,0,12:30")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234", 1234), ("1.5", 1.5), ("1,5", 1.5), ("0:02:25", 145), ("1.234.567,8", 1234567.8), ("1e3", 1000),
     (".5", 0.5), ("12 345", 12345), ("0:04.5", 4.5)],
)  # fmt: skip
def test_numbers_are_read_in_every_notation(text, value):
    assert value in numbers(text)
