"""The usual course of a season, by medians: its profile, and the forecast that the latest median goes on in it."""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median


@kernel("int64(const float64[::1], int64, float64[::1], float64[::1])")
def seasonal_profile(values, stop, season, work):
    """Write the median difference of each phase from a centred mean over one season; return how often each is known.

    Zero throughout, and 0 returned, where some phase is known less than twice. Near the ends the mean is of the nearest
    whole season. `work` is as long as the values.
    """
    period = season.size
    before = period // 2
    total, known, last = 0.0, 0, -1
    for t in range(min(period, stop)):
        if values[t] == values[t]:
            total += values[t]
            known += 1
    for t in range(stop):  # the window moves by one value at most
        begins = min(max(t - before, 0), max(stop - period, 0))
        if begins > max(last, 0):
            gone, come = values[begins - 1], values[begins + period - 1]
            if gone == gone:
                total -= gone
                known -= 1
            if come == come:
                total += come
                known += 1
        last = begins
        work[t] = values[t] - total / known if known > 0 else np.nan
    gathered, fewest, mean = np.empty((stop + period - 1) // period), stop, 0.0
    for phase in range(period):
        count = 0
        for t in range(phase, stop, period):
            if work[t] == work[t]:
                gathered[count] = work[t]
                count += 1
        fewest = min(fewest, count)
        season[phase] = median(gathered, 0, count)
        mean += season[phase] / period
    if fewest < 2 or period < 2:
        fewest = 0
    for phase in range(period):
        season[phase] = season[phase] - mean if fewest > 0 else 0.0
    return fewest


@kernel("float64(const float64[::1], int64, int64, int64, const float64[::1], float64[::1])")
def known_median(values, start, stop, most, season, work):
    """Median of the first `most` known values of `values[start:stop]`, less their season; NaN where none is known."""
    count = 0
    for t in range(start, stop):
        value = values[t] - season[t % season.size]
        if value == value:
            work[count] = value
            count += 1
            if count == most:
                break
    return median(work, 0, count)


@kernel("void(const float64[::1], const float64[::1], int64, float64[::1], int64, int64, float64[:, ::1])")
def median_forecasts(values, season, width, work, first, every, forecasts):
    """Median of the last `width` values less their season, carried on in it, from each of the origins.

    Origins are `first`, `first + every`, …, one row of `forecasts` each; NaN where none of the values is known.
    """
    for row in range(forecasts.shape[0]):
        origin = first + row * every
        level = known_median(values, max(0, origin - width), origin, width, season, work)
        for step in range(forecasts.shape[1]):
            forecasts[row, step] = level + season[(origin + step) % season.size]
