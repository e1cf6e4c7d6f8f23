"""Exports that were damaged on their way are read as before, or refused by name; never is anything false stored."""

import math
import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engagerr_core.simulation import simulate
from engagerr_core.simulation.exports.more import every_shape
from engagerr_core.simulation.world import PLATFORMS
from engagerr_core.sources import Reading, read
from engagerr_core.vocabulary import observation
from tests.sources.damage import (
    OF_CONTENT,
    OF_FORM,
    Copy,
    Damage,
    NotApplicable,
    Sheet,
    clean,
    locale,
    sheets_of,
    write,
)

ROWS = 24  # of each table
UNNAMED = ("instagram", "facebook")  # Meta's cards do not name their platform
MONEY = ("revenue", "ad_revenue", "revenue_per_thousand_views", "cost_per_thousand_impressions")
KEY = ("platform", "account", "content", "dimension", "dimension_value", "basis", "period_start", "period_end",
       "observed_at")  # fmt: skip
# of the tables that can be damaged so, the share that must be read as before; the others are refused by name
FLOORS = {
    "encoding": 1.0, "delimiter": 1.0, "separator_line": 1.0, "trailing": 1.0, "workbook": 1.0, "packed": 1.0,
    "duplicated_rows": 1.0, "shuffled_rows": 1.0, "no_total": 1.0, "locale": 1.0,
    "wrapped": 0.95,  # Meta's audience, whose blocks differ in width
    "column_order": 0.9,  # result cards and LinkedIn's demographics, whose columns have their places
    "unknown_column": 0.7,  # tables that are known only by having no other column
    "missing_column": 0.6,  # every kind has figures without which it is not known
    "decimal_comma": 0.8,
}  # fmt: skip
TWINS = re.compile("meta card (?:Viewers|Unfollows|Content|Visits|Link)|youtube (?:Subscription|Device|Operating|Play)")

Figures = dict[tuple[object, ...], frozenset[float]]


@cache
def sheets() -> tuple[Sheet, ...]:
    """Every shape, from seven weeks of a small world."""
    world = simulate(7, platforms=PLATFORMS, start=date(2026, 8, 1), end=date(2026, 9, 18))
    return tuple(sheets_of(every_shape(world), (world.start, world.end), ROWS))


@cache
def undamaged(position: int) -> Figures:
    """What a sheet's clean copy stores."""
    with TemporaryDirectory() as folder:
        return figures(read_copy(clean(sheets()[position]), Path(folder)))


def figures(readings: Iterable[Reading]) -> Figures:
    """What is stored: each figure under its subject, split, span and name."""
    found: dict[tuple[object, ...], set[float]] = {}
    for reading in readings:
        for row in reading.observations.to_dict("records"):
            key = tuple(str(row[name]) for name in KEY)
            for metric in observation.METRICS:
                value = row.get(metric)
                if value is not None and not math.isnan(value):
                    currency = row["currency"] if metric in MONEY else ""
                    found.setdefault((*key, currency, metric), set()).add(round(value, 9))
    return {key: frozenset(values) for key, values in found.items()}


def read_copy(copy: Copy, folder: Path) -> list[Reading]:
    """Write a copy and read it."""
    sheet = copy.sheet
    platform = sheet.platform if sheet.platform in UNNAMED else None
    path = write(copy, folder)
    return list(read(path, platform=platform, period=sheet.period, exported_on=sheet.exported_on))


def outcome(sheet: Sheet, expected: Figures, copy: Copy, folder: Path) -> str:
    """`equal` or `refused`; fails where something false was stored, or something was lost without a word."""
    readings = read_copy(copy, folder)
    stored = figures(readings)
    false = {key: values for key, values in stored.items() if not values <= expected.get(key, frozenset())}
    assert not false, f"{sheet.shape}: stored what was not there: {list(false.items())[:3]}"
    named = [r.failure for r in readings if r.failure] + [r for r in readings if len(r.rejected)]
    missing = {key: values for key, values in expected.items() if stored.get(key) != values}
    if copy.removed:  # a column takes its figures with it, and those reckoned from it
        kept = {(key[-1], key[4]) for key in stored}  # metric and value of the dimension
        missing = {key: v for key, v in missing.items() if (key[-1], key[4]) in kept and "Total" not in copy.removed}
    if missing:
        assert named, f"{sheet.shape}: lost without a word: {list(missing.items())[:3]}"
        return "refused"
    return "refused" if not stored and expected else "equal"


def tried(position: int, damages: tuple[Damage, ...], seed: int, folder: Path) -> str:
    """What comes of a sheet after those of the damages that can happen to it, drawn from the seed.

    `equal`, `refused`, or `not applicable` where none can.
    """
    sheet, rng = sheets()[position], random.Random(seed)
    copy, happened = clean(sheet), False
    for damage in sorted(damages, key=lambda damage: damage is locale):  # which columns are keys is told in English
        try:
            copy, happened = damage(copy, rng), True
        except NotApplicable:
            continue
    try:
        return outcome(sheet, undamaged(position), copy, folder) if happened else "not applicable"
    except NotApplicable:
        return "not applicable"


def test_every_shape_is_read_when_nothing_happened_to_it():
    unread = [sheet.shape for position, sheet in enumerate(sheets()) if not undamaged(position)]
    assert not unread
    assert len(sheets()) >= 60


def outcomes_of(damage: Damage, positions: list[int], draws: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """How often each outcome, and which shapes were refused."""
    outcomes: Counter[str] = Counter()
    refused = set()
    for position in positions:
        for draw in range(draws):
            said = tried(position, (damage,), 31 * position + draw, folder / f"{position}-{draw}")
            outcomes[said] += 1
            refused |= {sheets()[position].shape} if said == "refused" else set()
    return outcomes, sorted(refused)


def check_floor(damage: Damage, outcomes: Counter[str], refused: list[str]) -> None:
    """Read as before at least as often as the floor says."""
    share = outcomes["equal"] / (outcomes["equal"] + outcomes["refused"])
    print(f"{damage.__name__}: {dict(outcomes)}, read as before {share:.1%}")
    assert share >= FLOORS[damage.__name__], refused


@pytest.mark.parametrize("damage", OF_FORM + OF_CONTENT, ids=lambda damage: damage.__name__)
def test_one_damage(damage, tmp_path):
    """Every shape that has no near twin, once; other languages twice."""
    positions = [i for i, sheet in enumerate(sheets()) if not TWINS.search(sheet.shape)]
    check_floor(damage, *outcomes_of(damage, positions, 2 if damage.__name__ == "locale" else 1, tmp_path))


@pytest.mark.long
@pytest.mark.parametrize("damage", OF_FORM + OF_CONTENT, ids=lambda damage: damage.__name__)
def test_one_damage_many_times(damage, tmp_path):
    check_floor(damage, *outcomes_of(damage, list(range(len(sheets()))), 12, tmp_path))


chains = st.tuples(
    st.integers(0, 200),
    st.lists(st.sampled_from(OF_CONTENT), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(OF_FORM), max_size=2, unique=True),
    st.integers(0, 2**32),
)


def check_chain(position: int, of_content: list[Damage], of_form: list[Damage], seed: int) -> None:
    """Several damages at once: equal or refused, whatever the mixture."""
    with TemporaryDirectory() as folder:
        said = tried(position % len(sheets()), (*of_content, *of_form), seed, Path(folder))
    event(said)
    for damage in (*of_content, *of_form):
        event(f"{damage.__name__}: {said}")


@settings(max_examples=120)
@given(chains)
def test_several_damages(asked):
    check_chain(*asked)


@pytest.mark.long
@settings(max_examples=20_000, derandomize=False)
@given(chains)
def test_many_damages(asked):
    check_chain(*asked)


def test_a_false_figure_fails(tmp_path):
    """The assertion behind all this notices a digit changed, and a row lost."""
    position = next(i for i, sheet in enumerate(sheets()) if sheet.shape == "x overview")
    copy = clean(sheets()[position])
    changed = [[*row[:1], row[1] + "1", *row[2:]] if i == 3 else row for i, row in enumerate(copy.rows)]
    for rows, words in ((changed, "not there"), (copy.rows[:-1], "without a word")):
        worse = Copy(sheet=copy.sheet, rows=rows, header=copy.header)
        with pytest.raises(AssertionError, match=words):
            outcome(copy.sheet, undamaged(position), worse, tmp_path / words.replace(" ", ""))
