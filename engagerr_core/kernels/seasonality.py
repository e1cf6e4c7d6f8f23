"""Whether the phases of a turn (weekdays, hours, days of the month) differ by more than their noise.

The values' rests from a running median are compared between phases by analysis of variance, after two precautions that
each keep the test's level: rests are drawn in to `CLIP` median sizes, so that no spike decides, and made independent by
an autoregression that is fitted to what the phases leave, since persistent noise alone makes phases differ.
"""

import numpy as np

from engagerr_core.kernels.decomposition import fill_between
from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median
from engagerr_core.kernels.running_median import running_median

CLIP = 5.0  # in median sizes: 3.4 standard deviations of normal noise
FEWEST = 2  # known values in a phase; others do not enter


@kernel("int64(const float64[::1], int64, float64[::1], float64[::1])")
def rests_from_median(values, window, rests, work):
    """Values less their running median, drawn in to `CLIP` median sizes; how many are known."""
    n = values.size
    running_median(values, min(window, 2 * n + 1), rests, work)
    fill_between(rests)
    known = 0
    for i in range(n):
        rests[i] = values[i] - rests[i]
        if rests[i] == rests[i]:
            work[known] = abs(rests[i])
            known += 1
    most = CLIP * median(work, 0, known)
    if most > 0.0:
        for i in range(n):
            if rests[i] == rests[i]:
                rests[i] = min(max(rests[i], -most), most)
    return known


@kernel("void(const float64[::1], const int64[::1], float64[::1], float64[::1])")
def phase_means(rests, codes, means, counts):
    """Mean and number of known rests of each phase; NaN for a phase without `FEWEST`. A code below 0 is no phase."""
    for phase in range(means.size):
        means[phase] = 0.0
        counts[phase] = 0.0
    for i in range(rests.size):
        if codes[i] >= 0 and rests[i] == rests[i]:
            means[codes[i]] += rests[i]
            counts[codes[i]] += 1.0
    for phase in range(means.size):
        means[phase] = means[phase] / counts[phase] if counts[phase] >= FEWEST else np.nan


@kernel("void(const float64[::1], float64[::1])")
def autocovariances(rests, covariances):
    """Mean product of rests so many steps apart, for 0 up to the size of `covariances`; pairs with a NaN are skipped.

    Divided by the number of values, not of pairs, so that they belong to some stationary process; 0 without a pair.
    """
    n = rests.size
    known = 0
    for i in range(n):
        known += rests[i] == rests[i]
    for lag in range(covariances.size):
        total, pairs = 0.0, 0
        for i in range(lag, n):
            product = rests[i] * rests[i - lag]
            if product == product:
                total += product
                pairs += 1
        covariances[lag] = total / pairs * max(n - lag, 0) / n if pairs else 0.0


@kernel("void(const float64[::1], float64[::1], float64[::1])")
def autoregression(covariances, coefficients, before):
    """Coefficients of the autoregression with these autocovariances (Levinson and Durbin); `before` is scratch."""
    error = covariances[0]
    for order in range(coefficients.size):
        if not error > 0.0:
            coefficients[order] = 0.0
            continue
        rest = covariances[order + 1]
        for j in range(order):
            rest -= coefficients[j] * covariances[order - j]
        last = min(max(rest / error, -0.99), 0.99)
        for j in range(order):
            before[j] = coefficients[j]
        for j in range(order):
            coefficients[j] = before[j] - last * before[order - 1 - j]
        coefficients[order] = last
        error *= 1.0 - last * last


@kernel("void(const float64[::1], const int64[::1], const float64[::1], const float64[::1], float64, float64[::1])")
def variance_between(rests, codes, means, counts, spent, found):
    """Analysis of variance: fills F, its two degrees of freedom, and 1 - variance within ÷ variance in all."""
    total, known, groups = 0.0, 0.0, 0
    for phase in range(means.size):
        if means[phase] == means[phase]:
            total += means[phase] * counts[phase]
            known += counts[phase]
            groups += 1
    found[0], found[1], found[2], found[3] = np.nan, groups - 1.0, known - groups - spent, np.nan
    if groups < 2 or not found[2] >= 1.0:
        return
    centre, between, within = total / known, 0.0, 0.0
    for phase in range(means.size):
        if means[phase] == means[phase]:
            between += counts[phase] * (means[phase] - centre) ** 2
    for i in range(rests.size):
        if codes[i] >= 0:
            rest = rests[i] - means[codes[i]]
            if rest == rest:
                within += rest * rest
    if within > 1e-24 * between:
        found[0] = between / found[1] / (within / found[2])
    elif between > 0.0:
        found[0] = np.inf
    if between + within > 0.0:
        found[3] = between / (between + within)


@kernel(
    "void(const float64[::1], const int64[::1], int64, float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1])"
)
def seasonal_test(values, codes, window, found, means, counts, rests, work):
    """One series, one kind of phases: F of independent rests, its degrees of freedom, and the strength of the season.

    `found` has room for 4 and is NaN where nothing can be told; `means` and `counts` have room for each phase, `rests`
    and `work` for each value.
    """
    covariances, coefficients, before = np.empty(4), np.empty(3), np.empty(3)
    found[0], found[1], found[2], found[3] = np.nan, 0.0, 0.0, np.nan
    if rests_from_median(values, window, rests, work) < 4:
        return
    phase_means(rests, codes, means, counts)
    variance_between(rests, codes, means, counts, 0.0, found)
    strength = found[3]
    for i in range(rests.size):
        work[i] = rests[i] - means[codes[i]] if codes[i] >= 0 else np.nan
    autocovariances(work[: rests.size], covariances)
    autoregression(covariances, coefficients, before)
    for i in range(rests.size):  # what each rest adds to what those before it made likely; an unknown one counts as 0
        work[i] = rests[i]
        for j in range(min(coefficients.size, i)):
            if rests[i - 1 - j] == rests[i - 1 - j]:
                work[i] -= coefficients[j] * rests[i - 1 - j]
    phase_means(work[: rests.size], codes, means, counts)
    variance_between(work[: rests.size], codes, means, counts, coefficients.size, found)
    found[3] = strength
