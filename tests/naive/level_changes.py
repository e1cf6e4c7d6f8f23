"""Z-scores of the logarithms of known values without their season, and Student's t of one change, written out."""

import numpy as np


def standardised(values, season):
    """(z-scores, places of known values); nothing where all are equal."""
    values = np.asarray(values, float)
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return np.empty(0), known
    told = values[known]
    if told.min() == told.max():
        return np.empty(0), known[:0]
    made = np.log1p(told) if told.min() >= 0 else told / np.abs(told).max()
    if season > 1 and known.size >= 4 * season:
        rest = []
        for place, value in zip(known, made, strict=True):
            low = max(min(place - season // 2, known[-1] - season + 1), known[0])
            rest.append(value - made[(known >= low) & (known < low + season)].mean())
        rest = np.array(rest)
        means = np.array([rest[known % season == phase].mean() for phase in range(season)])
        left = rest - means[known % season]
        free = season - 1
        ratio = ((rest**2).sum() - (left**2).sum()) / free / ((left**2).sum() / (known.size - season))
        bound = (1 - 2 / (9 * free) + 3 * np.sqrt(2 / (9 * free))) ** 3
        if ratio > bound:
            made = made - (means - means.mean())[known % season]
    return (made - made.mean()) / made.std(), known


def student(scores, times, place, bend, broken):
    """Student's t of the change beside level (and slope, in a broken line) by regression, and n − columns."""
    later = np.arange(len(scores)) >= place
    change = later * (times - times[place]) if bend else later.astype(float)
    matrix = np.column_stack([np.ones(len(scores)), *([times] if broken else []), change])
    coefficients, *_ = np.linalg.lstsq(matrix, scores, rcond=None)
    rest = scores - matrix @ coefficients
    free = len(scores) - matrix.shape[1]
    error = np.sqrt(rest @ rest / free * np.linalg.inv(matrix.T @ matrix)[-1, -1])
    return abs(coefficients[-1]) / error, free
