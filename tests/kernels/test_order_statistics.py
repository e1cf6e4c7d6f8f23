"""Selecting and sorting in place against Python's sort; what lies outside the stretch stays."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels.order_statistics import DEEPEST, SHORT, median, select, sort
from tests.naive import order_statistics as naive

NUMBERS = st.lists(st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1.7e308, -1.7e308])))
LONG = st.lists(st.integers(-5, 5).map(float), min_size=SHORT, max_size=10 * SHORT)  # many are equal


def framed(values):
    """The values between two others, which nobody may touch."""
    return np.array([-math.pi, *values, math.e])


@given(values=st.one_of(NUMBERS, LONG))
def test_sorting(values):
    work = framed(values)
    sort(work, 1, work.size - 1)
    np.testing.assert_array_equal(work, framed(sorted(values)))


@given(values=st.one_of(NUMBERS, LONG), data=st.data())
def test_selecting(values, data):
    work = framed([*values, 0.5])
    k = data.draw(st.integers(0, len(values)))
    assert select(work, 1, work.size - 1, k) == naive.select([*values, 0.5], k)
    assert (work[0], work[-1]) == (-math.pi, math.e)
    assert sorted(work[1:-1]) == sorted([*values, 0.5])
    assert work[1 : 1 + k].max(initial=-math.inf) <= work[1 + k] <= work[1 + k : -1].min(initial=math.inf)


@given(values=st.one_of(NUMBERS, LONG))
def test_median(values):
    work = framed(values)
    found = median(work, 1, work.size - 1)
    if any(abs(value) > 1e300 for value in values):
        assert math.isfinite(found)
        assert min(values) <= found <= max(values)
    else:
        np.testing.assert_allclose(found, naive.median(values), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("kind", ["rising", "falling", "organ pipe", "constant", "saw"])
def test_orders_that_make_quicksort_slow(kind):
    n = 2_000
    values = {
        "rising": np.arange(n), "falling": -np.arange(n), "organ pipe": -abs(np.arange(n) - n / 2),
        "constant": np.ones(n), "saw": np.arange(n) % 7,
    }[kind].astype(float)  # fmt: skip
    work = values.copy()
    sort(work, 0, n)
    np.testing.assert_array_equal(work, np.sort(values))
    assert median(values.copy(), 0, n) == np.median(values)


def test_stretches_put_aside_never_overflow():
    assert np.iinfo(np.int64).max < 2**DEEPEST
