"""Regression of a series on its own past values at chosen lags, shrunk, and forecasts carried on step by step.

Series have no gaps here and lie around 0.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel


@kernel("boolean(const float64[::1], int64, const int64[::1], float64, float64[::1])")
def fit_lags(values, stop, lags, ridge, coefficients):
    """Least squares of a series around 0, without gaps, on its values `lags` ago; False where there is nothing to fit.

    `ridge` is the number of observations' worth of evidence for 0 that each coefficient meets (Hoerl and Kennard,
    1970). `lags` rise. Solved by Cholesky's decomposition.
    """
    count, longest = lags.size, lags[lags.size - 1]
    for i in range(count):
        coefficients[i] = 0.0
    if stop - longest < 2 * count + 3:
        return False
    gram, known = np.zeros((count, count)), stop - longest
    for t in range(longest, stop):
        value = values[t]
        for i in range(count):
            past = values[t - lags[i]]
            coefficients[i] += past * value
            for j in range(i + 1):
                gram[i, j] += past * values[t - lags[j]]
    most = 0.0
    for i in range(count):
        most = max(most, gram[i, i])
    if not 0.0 < most < np.inf:
        for i in range(count):
            coefficients[i] = 0.0
        return False
    for i in range(count):
        gram[i, i] += ridge * most / known
    for i in range(count):
        for j in range(i + 1):
            rest = gram[i, j]
            for k in range(j):
                rest -= gram[i, k] * gram[j, k]
            gram[i, j] = np.sqrt(max(rest, 1e-12 * most)) if i == j else rest / gram[j, j]
    for i in range(count):
        for k in range(i):
            coefficients[i] -= gram[i, k] * coefficients[k]
        coefficients[i] /= gram[i, i]
    for back in range(count):
        i = count - 1 - back
        for k in range(i + 1, count):
            coefficients[i] -= gram[k, i] * coefficients[k]
        coefficients[i] /= gram[i, i]
    return True


@kernel("void(const float64[::1], const int64[::1], const float64[::1], float64, int64, int64, float64[:, ::1])")
def lagged_forecasts(values, lags, coefficients, limit, first, every, forecasts):
    """Forecasts from the origins `first`, `first + every`, …, one row an origin, held within ± `limit`."""
    origins, horizon = forecasts.shape
    for row in range(origins):
        origin = first + row * every
        for step in range(horizon):
            total = 0.0
            for i in range(lags.size):
                back = step - lags[i]
                if back >= 0:
                    total += coefficients[i] * forecasts[row, back]
                elif origin + back >= 0:
                    total += coefficients[i] * values[origin + back]
            forecasts[row, step] = min(max(total, -limit), limit)


@kernel("int64(const float64[::1], int64, int64, int64, float64)")
def repeating_lag(values, stop, first, last, errors):
    """The lag from `first` to before `last` at which the first `stop` values repeat most; 0 where none is clear.

    Clear is an autocorrelation of more than so many standard `errors`, 1 ÷ √stop each.
    """
    squares = 0.0
    for t in range(stop):
        squares += values[t] * values[t]
    strongest, found = errors / np.sqrt(max(stop, 1)) * squares, 0
    for lag in range(first, last):
        total = 0.0
        for t in range(lag, stop):
            total += values[t] * values[t - lag]
        if total > strongest:
            strongest, found = total, lag
    return found
