"""Additive exponential smoothing of one gappy series: one recursion for all models, its fit, forecasts, variance.

The model in error-correction form (Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing, 2008):

    expected(t) = level + phi × slope + season[phase]          error = value − expected
    level ← level + phi × slope + alpha × error    slope ← phi × slope + beta × error    season[phase] += gamma × error

Without a trend slope and beta are 0; without a season it is one entry, 0, and gamma is 0. At a gap nothing is learnt
and level and slope move on. Errors beyond `limit` are learnt from only up to it (Gelper, Fried and Croux, 2010), and
count in the loss as Huber has it; an infinite limit gives the sum of squares.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.order_statistics import median

NO_TREND, DAMPED, LINEAR = range(3)
MODEL = 7
ALPHA, BETA, GAMMA, PHI, LEVEL, SLOPE, LOSS = range(MODEL)  # level and slope are the first ones
LEAST_PHI, MOST_PHI = 0.80, 0.98  # as is usual: less is hardly a trend, more hardly damped


@kernel(
    "float64(const float64[::1], int64, float64, float64, float64, float64, float64, float64, const float64[::1],"
    " float64[::1], float64, float64)"
)
def smoothing_loss(values, stop, alpha, beta, gamma, phi, level, slope, season, work, limit, enough):
    """Loss of the one-step errors of the first `stop` values; any number above `enough` where it exceeds that."""
    period, phase, loss = season.size, 0, 0.0
    for j in range(period):
        work[j] = season[j]
    for t in range(stop):
        slope *= phi
        level += slope
        error = values[t] - level - work[phase]
        if error == error:
            learnt = error
            if learnt > limit:
                learnt = limit
            elif learnt < -limit:
                learnt = -limit
            loss += learnt * (2.0 * error - learnt)
            if loss > enough:
                return loss
            level += alpha * learnt
            slope += beta * learnt
            work[phase] += gamma * learnt
        phase += 1
        if phase == period:
            phase = 0
    return loss


@kernel(
    "void(const float64[::1], const float64[::1], const float64[::1], float64[::1], float64, int64, int64,"
    " float64[:, ::1], float64[::1])"
)
def smoothing_forecasts(values, model, season, work, limit, first, every, forecasts, expected):
    """Forecasts from the origins `first`, `first + every`, … (so many values are known there), one row an origin.

    `work` is as long as the season; `expected` takes the one-step expectation of each value up to the last origin.
    """
    alpha, beta, gamma, phi = model[ALPHA], model[BETA], model[GAMMA], model[PHI]
    level, slope, period, phase, row = model[LEVEL], model[SLOPE], season.size, 0, 0
    origins, horizon = forecasts.shape
    for j in range(period):
        work[j] = season[j]
    for t in range(first + (origins - 1) * every + 1):
        if row < origins and t == first + row * every:
            ahead, rise, place = level, slope, phase
            for step in range(horizon):
                rise *= phi
                ahead += rise
                forecasts[row, step] = ahead + work[place]
                place += 1
                if place == period:
                    place = 0
            row += 1
            if row == origins:
                return
        slope *= phi
        level += slope
        expected[t] = level + work[phase]
        error = values[t] - expected[t]
        if error == error:
            if error > limit:
                error = limit
            elif error < -limit:
                error = -limit
            level += alpha * error
            slope += beta * error
            work[phase] += gamma * error
        phase += 1
        if phase == period:
            phase = 0


@kernel("void(const float64[::1], int64, float64[::1])")
def smoothing_variance(model, period, growth):
    """Variance of the error of each step ahead, in one-step variances (class 1 of Hyndman et al., 2008, table 6.2)."""
    total, damping, power = 1.0, 0.0, 1.0
    for step in range(growth.size):
        growth[step] = total
        power *= model[PHI]
        damping += power
        weight = model[ALPHA] + model[BETA] * damping
        if (step + 1) % period == 0:
            weight += model[GAMMA]
        total += weight * weight


@kernel("void(const float64[::1], int64, const float64[::1], float64[::1], float64, int64, float64[::1], float64[::1])")
def search(values, stop, season, work, limit, trend, point, model):
    """Fit the parameters to the first `stop` values: a coarse grid, then a pattern search that halves its step.

    The search is over `point`: the roots of alpha, of beta ÷ alpha and of gamma ÷ (1 − alpha), where small parameters
    lie less close together, and phi. Without a trend the grid is over alpha and gamma; with one it is over beta and
    phi, from the point that is given. First level and slope are as in `model`; the rest of it, and `point`, are
    written. `work` is as long as the season.
    """
    tried, best, seasonal = np.empty(4), np.inf, season.size > 1
    columns = (3 if seasonal else 1) if trend == NO_TREND else (2 if trend == DAMPED else 1)
    grid, cell, place, side, sweep, halved, width = columns * (4 if trend == NO_TREND else 3), 0, 0, 0, 0, 0, 0.12
    improved = False
    while True:
        if cell == 0 or cell >= grid:
            for k in range(4):
                tried[k] = point[k]
        if cell < grid:
            row, column = cell // columns, cell % columns
            cell += 1
            if trend == NO_TREND:
                tried[0], tried[1], tried[2], tried[3] = 0.15 + 0.27 * row, 0.0, 0.25 * column, 1.0
            else:
                tried[1], tried[3] = 0.05 + 0.25 * row, 0.97 - 0.1 * column if trend == DAMPED else 1.0
        elif place == 4:  # the end of a sweep: once more if it found something better, else in smaller steps
            if improved and sweep == 0:
                sweep = 1
            else:
                sweep, halved, width = 0, halved + 1, width / 2.0
                if halved == 4:
                    break
            improved, place, side = False, 0, 0
            continue
        else:
            changed = place
            side += 1
            if side == 2:
                place, side = place + 1, 0
            if (
                (changed == 1 and trend == NO_TREND)
                or (changed == 2 and not seasonal)
                or (changed == 3 and trend != DAMPED)
            ):
                continue
            change = (width if side == 1 else -width) / (3.0 if changed == 3 else 1.0)
            lower = LEAST_PHI if changed == 3 else (0.02 if changed == 0 else 0.0)
            tried[changed] = min(max(tried[changed] + change, lower), MOST_PHI if changed == 3 else 1.0)
            if tried[changed] == point[changed]:
                continue
        alpha = tried[0] * tried[0]
        beta = alpha * tried[1] * tried[1]
        gamma = (1.0 - alpha) * tried[2] * tried[2]
        loss = smoothing_loss(
            values, stop, alpha, beta, gamma, tried[3], model[LEVEL], model[SLOPE], season, work, limit, best
        )
        if loss < best:
            best, improved = loss, True
            for k in range(4):
                point[k] = tried[k]
            model[ALPHA], model[BETA], model[GAMMA], model[PHI] = alpha, beta, gamma, tried[3]
            if side == 1:  # the other side need not be tried
                place, side = place + 1, 0
    model[LOSS] = best


@kernel("float64(const float64[::1], int64, float64, const float64[::1], float64[::1])")
def usual_error(values, stop, level, season, work):
    """Median absolute error, as a normal standard deviation, of the best of three smoothings that need no fit; or NaN.

    Their alphas are 0.1, 0.4 and 0.95; `level` is the first. `work` is as long as the values; scratch.
    """
    least = np.nan
    for k in range(3):
        alpha = 0.1 if k == 0 else (0.4 if k == 1 else 0.95)
        count, current, phase = 0, level, 0
        for t in range(stop):
            error = values[t] - season[phase] - current
            if error == error:
                current += alpha * error
                if t >= 8 or 2 * t >= stop:
                    work[count] = abs(error)
                    count += 1
            phase = phase + 1 if phase + 1 < season.size else 0
        error = 1.4826 * median(work, 0, count)
        if not least <= error:
            least = error
    return least
