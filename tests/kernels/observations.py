"""Small observations and rules for the tests of standardising and rolling up."""

import numpy as np

N_NATIVE, N_GROUPS = 4, 5
NAN = np.nan

WEIGHTS = np.array(
    [  # rules × standard metrics × alternatives × native metrics
        [[[1, NAN, NAN, NAN], [NAN, 0.8, NAN, NAN]], [[NAN, NAN, 1.0, 5.0], [NAN, NAN, 1.5, NAN]]],
        [[[NAN, 1, NAN, NAN], [NAN, NAN, NAN, NAN]], [[NAN, NAN, NAN, NAN], [0.5, NAN, NAN, 2.0]]],
        [[[NAN, NAN, NAN, NAN], [NAN, NAN, NAN, NAN]], [[0.0, NAN, 0.85, 4.8], [NAN, NAN, 0.9, NAN]]],
    ]
)
NUMERATORS, DENOMINATORS = np.array([5, 2, 0], np.int32), np.array([4, 0, 5], np.int32)


def observations(rows: int, seed: int = 20_261_120, unknown: float = 0.2):
    """Native counts, groups and rules at random, with unknown counts and rows that are left out."""
    rng = np.random.default_rng(seed)
    native = rng.integers(0, 1_000, (N_NATIVE, rows)).astype(float)
    native[rng.random(native.shape) < unknown] = NAN
    group = rng.integers(-1, N_GROUPS, rows).astype(np.int32)
    rule = rng.integers(-1, len(WEIGHTS), rows).astype(np.int32)
    return native, group, rule
