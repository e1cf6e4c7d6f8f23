"""Median and median absolute deviation of each centred window, sorted anew."""

import numpy as np


def windows(values, window):
    """The known values of each window, and for each the value in its middle."""
    back, ahead = window // 2, (window - 1) // 2
    for i, value in enumerate(values):
        inside = [float(x) for x in values[max(0, i - back) : i + ahead + 1] if not np.isnan(x)]
        yield value, inside


def middle(values):
    """The median, halves added so that huge values do not overflow."""
    ordered, half = sorted(values), len(values) // 2
    if not ordered:
        return np.nan
    return ordered[half] if len(ordered) % 2 else 0.5 * ordered[half - 1] + 0.5 * ordered[half]


def running_median(values, window):
    return np.array([middle(inside) for _, inside in windows(values, window)])


def running_deviation(values, window):
    medians = running_median(values, window)
    return np.array(
        [middle([abs(x - m) for x in inside]) for (_, inside), m in zip(windows(values, window), medians, strict=True)]
    )


def median_of_others(values, window):
    """The median of each window without the value in its middle."""
    found = []
    for value, inside in windows(values, window):
        if not np.isnan(value):
            inside.remove(value)
        found.append(middle(inside))
    return np.array(found)
