"""Control of false discoveries over everything that was tested."""

import numpy as np


def q_values(p_values: np.ndarray) -> np.ndarray:
    """Adjusted p-values of Benjamini and Hochberg (1995), in the order given.

    Rejecting where q ≤ α keeps the expected share of false claims at α or below. NaN (not testable) stays NaN and does
    not count as a test.
    """
    p = np.asarray(p_values, float)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    m = len(order)
    scaled = p[order] * m / np.arange(1, m + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
