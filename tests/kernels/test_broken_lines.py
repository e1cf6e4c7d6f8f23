"""Lines with steps and bends, and smooth trends, against least squares from scratch for every place."""

import numpy as np
import pytest

from engagerr_core.kernels.broken_lines import BEND, MOST_BREAKS, STEP, broken_lines, misfit, smooth_trends
from tests.naive import broken_lines as naive


def found_in(series, times=None, price=3.5, least_gain=2.5, shortest=7):
    """(breaks in order of finding, misfit, coefficient) of each series."""
    indptr, count = np.cumsum([0, *(one.size for one in series)]), len(series)
    longest = max(one.size for one in series)
    times = [np.linspace(-1, 1, one.size) for one in series] if times is None else times
    places, kinds = np.zeros((count + 1, MOST_BREAKS), np.int64), np.zeros((count + 1, MOST_BREAKS), np.int64)
    counts, told = np.empty(count, np.int64), np.empty((count, 2))
    prices = price * np.log([max(one.size, 1) for one in series])
    broken_lines(
        np.concatenate(series), np.concatenate(times), indptr, prices, least_gain, shortest, places, kinds, counts,
        told, np.empty((MOST_BREAKS + 3, longest)), np.empty((2, longest)),
    )  # fmt: skip
    return [
        (list(zip(places[i, :k].tolist(), kinds[i, :k].tolist(), strict=True)), *told[i])
        for i, k in enumerate(counts.tolist())
    ]


def world(rng, n):
    """A line with up to two breaks and noise that remembers."""
    values = rng.normal(0, 1) * np.linspace(0, 3, n)
    for _ in range(rng.integers(0, 3)):
        place = rng.integers(7, n - 6)
        later = np.arange(n) >= place
        values = values + rng.choice([later * rng.normal(0, 4), later * (np.arange(n) - place) * rng.normal(0, 0.4)])
    noise = rng.normal(0, 0.5, n)
    for i in range(1, n):
        noise[i] += rng.choice([0.0, 0.6]) * noise[i - 1]
    values = values + noise
    return (values - values.mean()) / values.std()


def assert_same(found, expected, values, times):
    breaks, told, memory = found
    squares = [
        float((naive.left_over(values, naive.columns(times, some)) ** 2).sum()) for some in (breaks, expected[2])
    ]
    assert squares[0] == pytest.approx(squares[1], rel=1e-7)
    assert told == pytest.approx(expected[0], rel=1e-7, abs=1e-6)
    assert memory == pytest.approx(expected[1], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_any_broken_line(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 36))
    values, times = world(rng, n), np.linspace(-1, 1, n)
    expected = naive.broken_line(values, times, 3.5, 2.5, 7)
    assert_same(found_in([values])[0], expected, values, times)


def test_uneven_times():
    rng = np.random.default_rng(20)
    day = np.sort(rng.choice(90, 34, replace=False))
    times = 2 * (day - day[0]) / (day[-1] - day[0]) - 1
    values = np.maximum(0, times) * 4 + rng.normal(0, 0.1, 34)
    values = (values - values.mean()) / values.std()
    found = found_in([values], [times])[0]
    assert_same(found, naive.broken_line(values, times, 3.5, 2.5, 7), values, times)
    assert [kind for _, kind in found[0]] == [BEND]


def test_a_step_a_bend_and_a_line():
    rng, time = np.random.default_rng(4), np.arange(60.0)
    step, bend = (time >= 30) * 5.0, np.maximum(0, time - 40) * 0.5
    for shape, expected in ((step, (30, STEP)), (bend, (40, BEND)), (time * 0, None)):
        values = time * 0.1 + shape + rng.normal(0, 0.3, 60)
        (breaks, _, _) = found_in([(values - values.mean()) / values.std()])[0]
        assert len(breaks) == (expected is not None)
        if expected:
            assert breaks[0][1] == expected[1]
            assert abs(breaks[0][0] - expected[0]) <= 2


def test_many_breaks_and_no_more_than_there_is_room_for():
    values = np.repeat(np.tile([1.0, -1.0], 8), 4) + np.random.default_rng(5).normal(0, 0.02, 64)
    found = found_in([values], price=0.1, least_gain=0.0, shortest=3)[0]
    assert 0 < len(found[0]) <= MOST_BREAKS
    places = sorted(place for place, _ in found[0])
    assert np.diff([0, *places, 64]).min() >= 3


def test_what_is_perfect_or_short_has_no_breaks():
    line = np.linspace(-1, 1, 30)
    found = found_in([line, np.zeros(30), line[:13], np.empty(0), line[:14]])
    assert [one[0] for one in found] == [[]] * 5
    assert found[2][1] == np.inf


def test_series_do_not_touch_one_another():
    rng = np.random.default_rng(6)
    series = [world(rng, n) for n in (30, 25, 40)]
    assert found_in(series) == [found_in([one])[0] for one in series]


@pytest.mark.parametrize("seed", range(6))
def test_any_smooth_trend(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(14, 60))
    day = np.sort(rng.choice(2 * n, n, replace=False)) if seed % 2 else np.arange(n)
    times = 2 * (day - day[0]) / (day[-1] - day[0]) - 1
    values = rng.normal(0, 1) * times + rng.normal(0, 2) * times**3 + rng.normal(0, 0.5, n)
    values = (values - values.mean()) / values.std()
    told = np.full((2, 3), np.nan)
    smooth_trends(
        np.concatenate([values, values]), np.concatenate([times, times]), np.array([0, n, 2 * n]),
        np.array([False, True]), 1.0, np.empty((4, n)), told,
    )  # fmt: skip
    assert np.isnan(told[0]).all()  # not wanted
    np.testing.assert_allclose(told[1], naive.smooth_trend(values, times, 1.0), rtol=1e-6)


def test_misfit():
    rng = np.random.default_rng(7)
    walk, noise = np.cumsum(rng.normal(size=40)), rng.normal(size=40)
    for rest in (walk, noise, np.tile([1.0, -1.0], 20), np.zeros(20), np.ones(2), np.array([3.0])):
        np.testing.assert_allclose(misfit(rest, rest.size, 2), naive.misfit(rest.tolist(), 2), rtol=1e-9)
    assert misfit(walk, 40, 1)[1] > 0.7 > misfit(noise, 40, 1)[1]
