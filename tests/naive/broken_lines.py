"""Lines with steps and bends by least squares from scratch for every place, and the likelihood written out."""

from itertools import pairwise
from math import log, sqrt

import numpy as np

STEP, BEND = 0, 1


def misfit(rest, parameters):
    """−2 log likelihood of a first-order autoregression with its scale maximised, and its corrected coefficient."""
    n = len(rest)
    whole = sum(r * r for r in rest)
    memory = sum(a * b for a, b in zip(rest[1:], rest[:-1], strict=True)) / whole if whole > 1e-12 * n else 0.0
    memory += (1 + 3 * memory + (parameters - 1)) / n
    held = min(max(memory, 0), 0.9)
    shocks = [rest[0] * sqrt(1 - held**2), *(b - held * a for a, b in pairwise(rest))]
    return n * log(sum(shock**2 for shock in shocks) / n + 1e-12) - log(1 - held**2), memory


def columns(times, breaks):
    made = [np.ones(len(times)), times]
    for place, kind in breaks:
        later = np.arange(len(times)) >= place
        made.append(later * (times - times[place]) if kind == BEND else later.astype(float))
    return np.column_stack(made)


def left_over(values, matrix):
    return values - matrix @ np.linalg.lstsq(matrix, values, rcond=None)[0]


def best_break(values, times, others, shortest):
    """The break that leaves the least squares beside the others."""
    n, best = len(values), (np.inf, 0, STEP)
    for place in range(n - shortest, shortest - 1, -1):
        if all(abs(place - other) >= shortest for other, _ in others):
            for kind in (STEP, BEND):
                rest = left_over(values, columns(times, [*others, (place, kind)]))
                if float(rest @ rest) < best[0] - 1e-10:
                    best = float(rest @ rest), place, kind
    return best


def broken_line(values, times, price, least_gain, shortest, most=12, patience=3):
    """Breaks in order of finding, the misfit with their prices, and the coefficient left over."""
    n, breaks, vain = len(values), [], 0
    best = (*misfit(left_over(values, columns(times, [])), 2), [])
    while len(breaks) < most and vain < patience:
        before = left_over(values, columns(times, breaks))
        squares, place, kind = best_break(values, times, breaks, shortest)
        whole = float(before @ before)
        if squares == np.inf or whole <= 1e-12 * n:
            break
        if n * log(whole / max(squares, 1e-12 * whole)) <= least_gain * log(n):
            break
        breaks.append((place, kind))
        for _ in range(2 if len(breaks) > 1 else 0):
            moved = False
            for k in range(len(breaks)):
                _, place, kind = best_break(values, times, breaks[:k] + breaks[k + 1 :], shortest)
                moved |= (place, kind) != breaks[k]
                breaks[k] = place, kind
            if not moved:
                break
        found, memory = misfit(left_over(values, columns(times, breaks)), 2 + len(breaks))
        found += len(breaks) * price * log(n)
        vain += 1
        if found < best[0]:
            best, vain = (found, memory, list(breaks)), 0
    return best


def smooth_trend(values, times, price, highest=9):
    """The least misfit of a polynomial with the price of its degree, its coefficient, and the share of the cubic."""
    best, cubic = (np.inf, 0.0), 0.0
    for degree in range(min(highest, len(values) // 4) + 1):
        rest = left_over(values, np.polynomial.legendre.legvander(times, degree))
        if degree <= 3:
            cubic = 1 - float(rest @ rest) / float(values @ values)
        found, memory = misfit(rest, degree + 1)
        best = min(best, (found + degree * price * log(len(values)), memory))
    return *best, cubic
