"""Optimal partitioning with a shortest segment, by trying every last segment; and scores of change points."""

from itertools import pairwise

import numpy as np


def cost(values, changes, penalty):
    """Squared deviations from the means of the segments, plus the penalty for each segment."""
    bounds = [0, *changes, len(values)]
    pieces = [np.asarray(values[a:b]) for a, b in pairwise(bounds) if b > a]
    return sum(float(((piece - piece.mean()) ** 2).sum()) + penalty for piece in pieces)


def optimal_partition(values, penalty, shortest):
    """Change points of the partition of least cost; nothing is left out, so it is quadratic in the length."""
    n = len(values)
    best = {0: (0.0, [])}  # number of values → least cost, its change points
    for end in range(shortest, n + 1):
        for begin in [0, *range(shortest, end - shortest + 1)]:
            if begin in best:
                piece = np.asarray(values[begin:end])
                total = best[begin][0] + float(((piece - piece.mean()) ** 2).sum()) + penalty
                if end not in best or total < best[end][0] - 1e-9:
                    best[end] = (total, best[begin][1] + [begin] * (begin > 0))
    return best[n][1] if n in best else []


def _matched(truth, found, margin):
    """How many of the true change points have a found one of their own within the margin, nearest first."""
    left, matched = set(found), 0
    for place in sorted(truth):
        near = sorted((abs(place - other), other) for other in left if abs(place - other) <= margin)
        if near:
            left.remove(near[0][1])
            matched += 1
    return matched


def f1(annotations, found, margin=5):
    """F1 of change points against several annotators; the trivial change point 0 is counted on both sides.

    Precision against all that anybody marked, recall the mean over annotators (van den Burg and Williams 2020).
    """
    found = {0, *found}
    marked = [{0, *one} for one in annotations]
    precision = _matched(set().union(*marked), found, margin) / len(found)
    recall = sum(_matched(one, found, margin) / len(one) for one in marked) / len(marked)
    return 2 * precision * recall / (precision + recall)


def covering(annotations, found, n):
    """How well segments cover each annotator's: best Jaccard index, weighted by length, mean over annotators."""

    def segments(changes):
        bounds = [0, *sorted(set(changes) - {0}), n]
        return [set(range(a, b)) for a, b in pairwise(bounds) if b > a]

    own = segments(found)
    total = 0.0
    for one in annotations:
        for piece in segments(one):
            total += len(piece) * max(len(piece & other) / len(piece | other) for other in own) / n
    return total / len(annotations)
