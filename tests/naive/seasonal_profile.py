"""Profiles and medians of a season, from slices and numpy."""

import numpy as np


def profile(values, period):
    """Median difference per phase from the mean of a whole season, centred; how often each phase is known at least."""
    n = len(values)
    left = []
    for t, value in enumerate(values):
        begins = min(max(t - period // 2, 0), max(n - period, 0))
        window = values[begins : begins + period]
        window = window[~np.isnan(window)]
        left.append(value - window.mean() if len(window) else np.nan)
    left = np.array(left)
    phases = [left[phase::period][~np.isnan(left[phase::period])] for phase in range(period)]
    fewest = min(len(phase) for phase in phases)
    if period < 2 or fewest < 2:
        return np.zeros(period), 0
    medians = np.array([np.median(phase) for phase in phases])
    return medians - medians.mean(), fewest


def known_median(values, start, stop, most, season):
    left = values - np.resize(season, len(values))
    known = left[start:stop][~np.isnan(left[start:stop])][:most]
    return float(np.median(known)) if len(known) else np.nan
