"""Change points of many series: preparation and tests against plain rules, and which model wins where."""

from itertools import pairwise

import numpy as np
import pytest

from engagerr_core.kernels.broken_lines import BEND, STEP
from engagerr_core.kernels.level_changes import describe_all, level_changes, standardise_all
from tests.naive import level_changes as naive

NAN = np.nan
WEEK = np.array([1.4, 1.0, 0.9, 0.9, 0.9, 1.0, 1.3])


def bounds_of(series):
    return np.cumsum([0, *(one.size for one in series)])


def prepared(series, season=7):
    """(z-scores, times, places) of each series."""
    values, indptr = np.concatenate(series), bounds_of(series)
    scores, times = np.empty(values.size), np.empty(values.size)
    known, bounds = np.empty(values.size, np.int64), np.empty(len(series) + 1, np.int64)
    standardise_all(values, indptr, season, scores, times, known, bounds, np.empty((2, max(season, 1))))
    return [(scores[a:b], times[a:b], known[a:b]) for a, b in pairwise(bounds)]


def changes_of(*series, season=0, penalty=NAN, price=(8.0, 1.5), coarse=8.0):
    found = level_changes(np.concatenate(series), bounds_of(series), season, penalty, price, coarse)
    return [found.place[found.series == i].tolist() for i in range(len(series))]


def weekly(rng, n, level=200.0):
    return rng.poisson(level * WEEK[np.arange(n) % 7]).astype(float)


@pytest.mark.parametrize("seed", range(12))
def test_standardised_as_written_out(seed):
    rng = np.random.default_rng(seed)
    series = [weekly(rng, 40), rng.normal(0, 3, 33), rng.poisson(2, 30).astype(float), np.full(20, 3.0), np.empty(0)]
    for one in series[:3]:
        one[rng.random(one.size) < rng.choice([0.0, 0.1, 0.5])] = NAN
    for season in (0, 4, 7):
        for one, (scores, times, known) in zip(series, prepared(series, season), strict=True):
            expected, places = naive.standardised(one, season)
            assert known.tolist() == places.tolist()
            np.testing.assert_allclose(scores, expected, atol=1e-9)
            if known.size:
                assert times[0] == -1
                assert times[-1] == 1
                np.testing.assert_allclose(np.diff(times) / np.diff(known), 2 / (known[-1] - known[0]))


def test_a_week_is_taken_out_and_chance_is_not():
    rng = np.random.default_rng(1)
    values = weekly(rng, 42)
    with_week, without = prepared([values], 7)[0][0], prepared([values], 0)[0][0]
    assert np.abs(np.corrcoef(with_week, without)[0, 1]) < 0.9
    noise = rng.normal(0, 1, 42)
    np.testing.assert_array_equal(prepared([noise], 7)[0][0], prepared([noise], 0)[0][0])
    np.testing.assert_array_equal(prepared([values[:27]], 7)[0][0], prepared([values[:27]], 0)[0][0])  # too short


def test_nan_at_every_position():
    rng = np.random.default_rng(2)
    values = np.r_[rng.normal(50, 2, 9), rng.normal(80, 2, 10)]
    assert changes_of(values) == [[9]]
    for place in range(values.size):
        holes = values.copy()
        holes[place] = NAN
        assert changes_of(holes) == [[10 if place == 9 else 9]]


def test_a_segment_needs_seven_known_values():
    values = np.r_[np.full(12, 50.0), np.full(9, 80.0)] + np.tile([0, 1, 2], 7)
    assert changes_of(values) == [[12]]
    holes = values.copy()
    holes[13:16] = NAN
    assert changes_of(holes) != [[12]]  # six known values after it
    assert changes_of(holes[:19]) == [[]]


@pytest.mark.parametrize(
    "values",
    [
        [], [1.0], [1.0, 2.0], [NAN] * 30, [3.0] * 30, [0.0] * 30, [1e300] * 30, [5.0, NAN] * 30, [-2.0] * 20,
        [0.1 + 0.2, 0.3] * 10, [1.0] * 13, [1e-300] * 20,
    ],
)  # fmt: skip
def test_nothing_changes(values):
    assert changes_of(np.array(values, float), season=7) == [[]]


@pytest.mark.parametrize("scale", [1e-250, 1e-5, 1.0, 1e9, 1e300])
def test_any_size(scale):
    rng = np.random.default_rng(3)
    values = np.r_[rng.normal(-5, 1, 20), rng.normal(5, 1, 20)]
    found = level_changes(values * scale, np.array([0, 40]), 0, NAN, (8.0, 1.5), 8.0)
    assert found.place.tolist() == [20]
    np.testing.assert_allclose(found.before / scale, values[:20].mean())
    np.testing.assert_allclose(found.after / scale, values[20:].mean())
    counts = np.abs(np.r_[rng.normal(3, 0.2, 20), rng.normal(9, 0.2, 20)])
    assert changes_of(counts * scale) == [[20]]


def test_without_noise_the_score_is_large_and_finite():
    found = level_changes(np.repeat([2.0, 4.0], 12), np.array([0, 24]), 7, NAN, (8.0, 1.5), 8.0)
    assert found.place.tolist() == [12]
    assert found.score[0] > 1e3
    assert np.isfinite(found.score).all()
    assert (found.freedom >= 1).all()


def test_a_penalty_asks_for_the_exact_partition_alone():
    line = np.arange(40.0) - 20
    assert changes_of(line) == [[]]  # a trend explains it
    assert changes_of(line, penalty=5.0) == [[14, 27]]
    assert changes_of(line, penalty=20.0) == [[20]]


def test_levels_lines_and_trends():
    rng = np.random.default_rng(5)
    time = np.arange(60.0)
    noise = rng.normal(0, 1, (6, 60))
    series = [
        noise[0], time + noise[1], (time >= 30) * 8 + noise[2], time * 0.5 + (time >= 30) * 12 + noise[3],
        np.abs(time - 30) + noise[4], np.repeat([0.0, 9.0, 0.0, 9.0], 15) + noise[5],
    ]  # fmt: skip
    found = changes_of(*[one - 40 for one in series])
    assert [len(one) for one in found] == [0, 0, 1, 1, 1, 3]
    assert all(abs(one[0] - 30) <= 1 for one in found[2:5])
    assert found == [changes_of(one - 40)[0] for one in series]


def test_a_walk_is_cut_coarsely_and_a_trend_that_wanders_is_not():
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(0, 1, 120))
    found = level_changes(walk, np.array([0, 120]), 0, NAN, (8.0, 1.5), 8.0)
    assert [found.place.tolist()] == changes_of(walk, penalty=8 * np.log(120)) != [[]]
    assert found.freedom.max() < 20  # a walk holds few independent values
    steep = np.cumsum(rng.normal(2, 0.5, 150))
    assert changes_of(steep) == [[]]


@pytest.mark.parametrize("seed", range(8))
def test_tests_as_written_out(seed):
    rng = np.random.default_rng(seed)
    n = 40
    values = rng.normal(0, 1, n) + np.repeat([0.0, 2.0], 20)
    values[rng.random(n) < 0.1] = NAN
    ((scores, times, known),) = prepared([values], 0)
    m, memory = scores.size, float(rng.choice([-0.3, 0.0, 0.5, 2.0]))
    changes = np.array([[0, 0], [m // 3, 2 * m // 3]])
    for broken in (False, True):
        kinds = np.array([STEP, BEND if broken else STEP])
        told = np.empty((4, 2))
        describe_all(
            values, np.array([0, n]), scores, times, known, np.array([0, m]), changes, kinds, np.array([broken]),
            np.array([memory]), told,
        )  # fmt: skip
        edges = [0, *changes[1], m]
        for k in range(2):
            a, b, c = edges[k : k + 3]
            score, free = naive.student(scores[a:c], times[a:c], b - a, kinds[k] == BEND, broken)
            worth = (1 - np.clip(memory, 0, 0.99)) / (1 + np.clip(memory, 0, 0.99))
            assert told[2, k] == pytest.approx(score * np.sqrt(worth))
            assert told[3, k] == pytest.approx(max((c - a) * worth - (c - a - free), 1))
            assert told[0, k] == pytest.approx(values[known[a:b]].mean())
            assert told[1, k] == pytest.approx(values[known[b:c]].mean())
