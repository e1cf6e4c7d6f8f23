"""How much a series swings from step to step: robustly over all of it, and lately."""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.growth import logarithms
from engagerr_core.kernels.order_statistics import median

USUAL, RECENT, RETURNS = 0, 1, 2  # columns
NORMAL = 1.482602218505602  # median absolute deviation to standard deviation
FEWEST_RETURNS = 3


@kernel("int64(float64[::1], int64, int64, float64[::1])")
def remove_phases(returns, length, season, work):
    """Take the median of its phase (place % season) from each return; how many are left.

    Of a phase with a single return nothing can be told, and it becomes NaN. All returns are one phase where fewer than
    two seasons of them are known.
    """
    known = 0
    for i in range(length):
        known += returns[i] == returns[i]
    step = season if known >= 2 * season else 1
    for phase in range(min(step, length)):
        found = 0
        for i in range(phase, length, step):
            work[found] = returns[i]
            found += returns[i] == returns[i]
        centre = median(work, 0, found) if found > 1 else np.nan
        known -= found == 1
        for i in range(phase, length, step):
            returns[i] -= centre
    return known


@kernel("void(const float64[::1], const int64[::1], int64, float64, float64[:, ::1])")
def volatilities(values, indptr, season, kept, figures):
    """Robust and recent standard deviation of the seasonless log returns of each series, and their number.

    A return is the difference of the logarithms of two neighbours that are both known. The recent one weighs squares
    by `kept` to the power of their age in steps. NaN where fewer than `FEWEST_RETURNS` are known.
    """
    longest = 1
    for s in range(indptr.size - 1):
        longest = max(longest, indptr[s + 1] - indptr[s])
    returns, work = np.empty(longest), np.empty(longest)
    for s in range(indptr.size - 1):
        end = logarithms(values, indptr[s], indptr[s + 1], returns)
        for i in range(end - 1, 0, -1):
            returns[i] -= returns[i - 1]
        if end:
            returns[0] = np.nan
        known = remove_phases(returns, end, season, work)
        figures[s, USUAL], figures[s, RECENT], figures[s, RETURNS] = np.nan, np.nan, known
        if known < FEWEST_RETURNS:
            continue
        found, total, weights = 0, 0.0, 0.0
        for i in range(end):
            total *= kept
            weights *= kept
            if returns[i] == returns[i]:
                work[found] = abs(returns[i])
                found += 1
                total += returns[i] * returns[i]
                weights += 1.0
        figures[s, USUAL] = NORMAL * median(work, 0, found)
        figures[s, RECENT] = np.sqrt(total / weights)
