"""Stretches against `itertools`."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.kernels.stretches import LONG_RUN, MIXED, find_stretches
from tests.naive import stretches as naive

RUNS = st.lists(st.tuples(st.integers(-1, 3), st.sampled_from([1, 2, 7, LONG_RUN - 1, LONG_RUN, 2 * LONG_RUN])))


@given(runs=RUNS)
def test_any_runs(runs):
    codes = np.repeat(np.array([code for code, _ in runs], np.int32), [length for _, length in runs])
    starts, kinds = np.full(codes.size + 1, -9), np.full(codes.size, -9)
    n = find_stretches(codes, starts, kinds)
    expected = naive.find_stretches(codes.tolist(), LONG_RUN, MIXED)
    assert list(zip(starts[:n].tolist(), kinds[:n].tolist(), strict=True)) == expected
    assert starts[n] == codes.size
