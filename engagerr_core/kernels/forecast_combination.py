"""Weights of candidates and widths of intervals, learnt from a back-test and shrunk towards what needs none.

Forecasts of a back-test are (candidates, origins, steps), truths (origins, steps); NaN is unknown in both.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import select

SHARPNESS = 5.0  # weights fall with this power of the error: 0 would be equal weights, infinity the best alone
DROPPED = 1.6  # times the best's error: candidates beyond have no part
SIZE, GROWTH, TAILS = 2.0, 4.0, 6.0  # folds' worth of evidence for the analytic size, growth and tails
EMPIRICAL = 0.7  # share of the one-step errors' own tails, the rest normal, in what tails are shrunk towards
UNCERTAIN = 1.07  # parameters are estimated, and the weights chosen, from the same past
SCORES = 4  # origins judged, steps of each, MASE, MSIS; after these the coverage of each level
STEEPEST = 0.5  # how far the growth of errors may depart from the analytic one, as a power of the step


@kernel("void(const float64[:, :, ::1], const float64[:, ::1], int64, int64, boolean, float64[::1])")
def learn_weights(forecasts, truth, start, stop, squared, weights):
    """Weights of the candidates, by their errors from the origins `start` to before `stop`; equal where none is known.

    Errors of each step are taken relative to the least that any candidate has there, so that late steps do not
    outweigh early ones. Candidates without forecasts (NaN from the first origin) get 0.
    """
    candidates, _, horizon = forecasts.shape
    means, score = np.zeros((candidates, horizon)), np.zeros(candidates)
    for step in range(horizon):
        least, most = np.inf, 0.0
        for k in range(candidates):
            known = 0
            for row in range(start, stop):
                error = abs(forecasts[k, row, step] - truth[row, step])
                if error == error:
                    means[k, step] += error * error if squared else error
                    known += 1
            if known > 0:
                means[k, step] /= known
                least, most = min(least, means[k, step]), max(most, means[k, step])
        for k in range(candidates):
            if 0.0 < most < np.inf:
                score[k] += means[k, step] / max(least, 1e-6 * most)
    best, total = np.inf, 0.0
    for k in range(candidates):
        if forecasts[k, 0, 0] == forecasts[k, 0, 0]:
            if squared:
                score[k] = np.sqrt(score[k])
            best = min(best, score[k])
    for k in range(candidates):
        weights[k] = 0.0
        if forecasts[k, 0, 0] == forecasts[k, 0, 0]:
            if best > 0.0 and score[k] <= DROPPED * best:
                weights[k] = (best / score[k]) ** SHARPNESS
            elif best == 0.0 and score[k] == 0.0:
                weights[k] = 1.0
        total += weights[k]
    for k in range(candidates):
        weights[k] /= total


@kernel("void(const float64[:, :, ::1], const float64[::1], float64[:, ::1])")
def blend_of(forecasts, weights, blend):
    """Weighted mean of the candidates; those unknown are left out."""
    for row in range(blend.shape[0]):
        for step in range(blend.shape[1]):
            total, weight = 0.0, 0.0
            for k in range(weights.size):
                if weights[k] > 0.0 and forecasts[k, row, step] == forecasts[k, row, step]:
                    total += weights[k] * forecasts[k, row, step]
                    weight += weights[k]
            blend[row, step] = total / weight if weight > 0.0 else np.nan


@kernel("float64(float64[::1], int64, float64)")
def quantile(work, count, share):
    """The quantile of the first `count` numbers of `work`, which are permuted: the next above that share of them."""
    return select(work, 0, count, min(count - 1, np.int64(share * count)))


@kernel(
    "void(const float64[:, ::1], int64, int64, float64, const float64[::1], float64[::1], int64, const float64[::1],"
    " const float64[::1], float64[::1], float64[:, ::1])"
)
def learn_widths(gaps, start, stop, folds, growth, errors, count, levels, normal, work, widths):
    """Half widths (levels, steps) of the intervals.

    The analytic half width of a step, the mean size of one-step errors × √growth × the tail's quantile, is multiplied
    by factors learnt from `gaps`, the absolute errors of a back-test from origins `start` to before `stop` (origins,
    steps): one of their size, one of their growth with the step, one of their tails at each level. Each is shrunk
    towards 1, in logarithms, by as many `folds` as there are beside a constant worth of prior ones; none without folds.

    Parameters
    ----------
    growth : variance of each step's error in one-step variances.
    errors : absolute one-step errors, the first `count`; permuted.
    levels, normal : coverage of each interval as a share, rising, and the normal quantile that goes with it.
    work : as long as gaps; scratch.
    """
    usual, tested, horizon = 0.0, gaps.shape[1], growth.size
    for i in range(count):
        usual += errors[i] / count
    size, power, known, middle, spread = 0.0, 0.0, 0, 0.0, 0.0
    for part in range(2):
        for step in range(tested):
            total, seen = 0.0, 0
            for row in range(start, stop):
                if gaps[row, step] == gaps[row, step]:
                    total += gaps[row, step]
                    seen += 1
            if total > 0.0:
                ratio, place = np.log(total / seen / np.sqrt(growth[step])), np.log(step + 1.0)
                if part == 0:
                    size += ratio
                    middle += place
                    known += 1
                else:
                    power += (place - middle) * (ratio - size)
                    spread += (place - middle) ** 2
        if part == 0 and known > 0:
            size /= known
            middle /= known
    if known == 0:
        folds = 0.0
    power = power / spread if spread > 0.0 else 0.0
    seen = 0
    for step in range(tested if folds > 0.0 else 0):
        usually = np.exp(size + power * (np.log(step + 1.0) - middle)) * np.sqrt(growth[step])
        for row in range(start, stop):
            if gaps[row, step] == gaps[row, step]:
                work[seen] = gaps[row, step] / usually
                seen += 1
    prior = np.log(usual) if usual > 0.0 else size
    size = (folds * size + SIZE * prior) / (folds + SIZE)
    power = min(max(power * folds / (folds + GROWTH), -STEEPEST), STEEPEST)
    for level in range(levels.size):
        tail = np.log(normal[level] * np.sqrt(np.pi / 2.0))
        if usual > 0.0:
            share = EMPIRICAL * count / (count + 20.0)
            own = quantile(errors, count, levels[level]) / usual
            tail = share * np.log(max(own, 1e-3)) + (1.0 - share) * tail
        if folds > 0.0:
            own = max(quantile(work, seen, levels[level]), 1e-3)
            tail = (folds * np.log(own) + TAILS * tail) / (folds + TAILS)
        widest = 0.0
        for step in range(horizon):
            width = np.exp(size + power * (np.log(step + 1.0) - middle) + tail) * np.sqrt(growth[step]) * UNCERTAIN
            if known == 0 and not usual > 0.0:
                width = 0.0
            widest = max(widest, width)
            widths[level, step] = widest
            if level > 0:
                widths[level, step] = max(widest, widths[level - 1, step])


@kernel("float64(const float64[::1], int64, int64)")
def naive_error(values, stop, season):
    """Mean absolute difference of the first `stop` values to those one season before: the unit of MASE and MSIS."""
    total, known = 0.0, 0
    for t in range(season, stop):
        change = abs(values[t] - values[t - season])
        if change == change:
            total += change
            known += 1
    return total / known if known > 0 and total > 0.0 else np.nan


@kernel(
    "void(const float64[:, ::1], const float64[:, :, ::1], const float64[:, :, ::1], const float64[:, ::1], int64,"
    " const float64[::1], float64, float64[::1])"
)
def judge(blend, low, high, truth, start, levels, naive, scores):
    """Judge the forecasts from the origins from `start` on, with their bounds (levels, origins, steps).

    Writes how many origins were judged, how many steps of each, MASE, MSIS of the last level and the coverage of each.
    MASE is the mean absolute error, MSIS the mean interval score (Gneiting and Raftery, 2007), each in units of the
    `naive` error (Hyndman and Koehler, 2006). NaN where no truth is known.
    """
    known, origins, error, interval, last = 0, 0, 0.0, 0.0, levels.size - 1
    for level in range(levels.size):
        scores[SCORES + level] = 0.0
    for row in range(start, truth.shape[0]):
        before = known
        for step in range(truth.shape[1]):
            value = truth[row, step]
            gap = abs(value - blend[row, step])
            if gap == gap:
                known += 1
                error += gap
                for level in range(levels.size):
                    if low[level, row, step] <= value <= high[level, row, step]:
                        scores[SCORES + level] += 1.0
                outside = max(low[last, row, step] - value, value - high[last, row, step], 0.0)
                interval += high[last, row, step] - low[last, row, step] + 2.0 / (1.0 - levels[last]) * outside
        if known > before:
            origins += 1
    scores[0], scores[1] = origins, truth.shape[1]
    scores[2] = error / known / naive if known > 0 else np.nan
    scores[3] = interval / known / naive if known > 0 else np.nan
    for level in range(levels.size):
        scores[SCORES + level] = scores[SCORES + level] / known if known > 0 else np.nan
