"""A series as trend, season and rest, by medians: spikes and steps leave the trend and the season as they are."""

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median
from engagerr_core.kernels.running_median import running_median

ROUNDS = 2  # further rounds change nothing that matters


@kernel("void(float64[::1])")
def fill_between(values):
    """Replace NaN by straight lines between known neighbours, at both ends by the nearest known; all NaN stays."""
    n = values.size
    last = -1
    for i in range(n):
        if values[i] != values[i]:
            continue
        if last < 0:
            for j in range(i):
                values[j] = values[i]
        for j in range(last + 1, i if last >= 0 else 0):
            share = (j - last) / (i - last)
            values[j] = (1.0 - share) * values[last] + share * values[i]
        last = i
    if last >= 0:
        for j in range(last + 1, n):
            values[j] = values[last]


@kernel("void(const float64[::1], const float64[::1], int64, float64[::1], float64[::1])")
def seasonal_medians(values, trend, season, seasonal, work):
    """Median of values less trend for each phase (position % season), less their mean; 0 for a phase without any."""
    n = values.size
    total, phases = 0.0, 0
    for phase in range(min(season, n)):
        known = 0
        for i in range(phase, n, season):
            rest = values[i] - trend[i]
            if rest == rest:
                work[known] = rest
                known += 1
        seasonal[phase] = median(work, 0, known)
        if known:
            total += seasonal[phase]
            phases += 1
    for phase in range(min(season, n)):
        seasonal[phase] = seasonal[phase] - total / phases if seasonal[phase] == seasonal[phase] else 0.0
    for i in range(season, n):
        seasonal[i] = seasonal[i - season]


@kernel("void(const float64[::1], int64, int64, float64[::1], float64[::1], float64[::1])")
def decompose(values, season, window, trend, seasonal, work):
    """Running-median trend and seasonal medians of one series, each of what the other leaves, in turns.

    The rest is `values - trend - seasonal`. NaN are skipped; where a whole window is NaN the trend goes straight from
    one known neighbour to the other. A series without any value has a NaN trend. `season` 1 or less means none:
    `seasonal` is 0. `window` is in steps, best an odd multiple of the season. `work` holds twice as many numbers as
    the series.
    """
    n = values.size
    seasonal[:] = 0.0
    ordered, adjusted = work[:n], work[n : 2 * n]
    window = min(window, 2 * n + 1)
    for turn in range(ROUNDS + 1):
        for i in range(n):
            adjusted[i] = values[i] - seasonal[i]
        running_median(adjusted, window, trend, ordered)
        fill_between(trend)
        if season <= 1 or turn == ROUNDS:
            return
        seasonal_medians(values, trend, season, seasonal, ordered)
