"""Weights, blends, widths and scores of a back-test, with numpy's functions."""

import numpy as np


def weights(forecasts, truth, squared, sharpness, dropped):
    """Weights of the candidates; those without a first forecast have none."""
    present = ~np.isnan(forecasts[:, 0, 0])
    gaps = np.abs(forecasts - truth) ** (2 if squared else 1)
    means = np.array([
        [np.mean(each[~np.isnan(each)]) if (~np.isnan(each)).any() else 0.0 for each in candidate.T]
        for candidate in gaps
    ])  # fmt: skip
    known = np.array([[(~np.isnan(each)).any() for each in candidate.T] for candidate in gaps])
    score = np.zeros(len(forecasts))
    for step in range(truth.shape[1]):
        those = means[known[:, step], step]
        if len(those) and 0 < those.max() < np.inf:
            score += means[:, step] / max(those.min(), 1e-6 * those.max())
    if squared:
        score = np.sqrt(score)
    best = score[present].min()
    found = np.zeros(len(forecasts))
    for k in np.flatnonzero(present):
        if best > 0 and score[k] <= dropped * best:
            found[k] = (best / score[k]) ** sharpness
        elif best == score[k] == 0:
            found[k] = 1.0
    return found / found.sum()


def blend(forecasts, weights):
    """Weighted mean of what is known."""
    known = ~np.isnan(forecasts) & (weights[:, None, None] > 0)
    total = (np.where(known, forecasts, 0.0) * weights[:, None, None]).sum(axis=0)
    weight = (known * weights[:, None, None]).sum(axis=0)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.nan)


def quantile(numbers, share):
    return sorted(numbers)[min(len(numbers) - 1, int(share * len(numbers)))]


def widths(
    gaps, folds, growth, errors, levels, normal, size_folds, growth_folds, tail_folds, empirical, more, steepest
):
    """Half widths by level and step: the rule of the docs, written out."""
    steps = np.log(np.arange(1, len(growth) + 1))
    usual = float(np.mean(errors)) if len(errors) else 0.0
    means = np.array([np.mean(each[~np.isnan(each)]) if (~np.isnan(each)).any() else 0.0 for each in gaps.T])
    known = means > 0
    ratio = np.log(means[known] / np.sqrt(growth[: len(means)][known])) if known.any() else np.empty(0)
    folds = folds if known.any() else 0.0
    size = ratio.mean() if len(ratio) else 0.0
    middle = steps[: len(means)][known].mean() if len(ratio) else 0.0
    around = steps[: len(means)][known] - middle
    power = (around * (ratio - size)).sum() / (around**2).sum() if (around**2).sum() > 0 else 0.0
    usually = np.exp(size + power * (steps[: len(means)] - middle)) * np.sqrt(growth[: len(means)])
    relative = (gaps / usually)[~np.isnan(gaps)] if folds else np.empty(0)
    size = (folds * size + size_folds * (np.log(usual) if usual > 0 else size)) / (folds + size_folds)
    power = float(np.clip(power * folds / (folds + growth_folds), -steepest, steepest))
    found = np.zeros((len(levels), len(growth)))
    for place, (level, z) in enumerate(zip(levels, normal, strict=True)):
        tail = np.log(z * np.sqrt(np.pi / 2))
        if usual > 0:
            share = empirical * len(errors) / (len(errors) + 20)
            tail = share * np.log(max(quantile(errors, level) / usual, 1e-3)) + (1 - share) * tail
        if folds:
            tail = (folds * np.log(max(quantile(relative, level), 1e-3)) + tail_folds * tail) / (folds + tail_folds)
        width = np.exp(size + power * (steps - middle) + tail) * np.sqrt(growth) * more
        if not known.any() and usual == 0:
            width[:] = 0.0
        found[place] = np.maximum.accumulate(width)
    return np.maximum.accumulate(found, axis=0)


def scores(blend, low, high, truth, levels, naive):
    """Origins judged, steps, MASE, MSIS of the last level, coverages."""
    known = ~np.isnan(truth) & ~np.isnan(blend)
    error = np.abs(truth - blend)[known]
    below, above = (low[-1] - truth)[known], (truth - high[-1])[known]
    penalty = 2 / (1 - levels[-1]) * np.maximum(np.maximum(below, above), 0)
    interval = (high[-1] - low[-1])[known] + penalty
    covered = [((lo <= truth) & (truth <= hi))[known].mean() for lo, hi in zip(low, high, strict=True)]
    return [known.any(axis=1).sum(), truth.shape[1], error.mean() / naive, interval.mean() / naive, *covered]
