"""Exponential smoothing with two seasons and an autoregressive error: Taylor's method for hourly data, additive.

    expected(t) = level + short[phase] + long[phase] + rho × error(t − 1)

(J. W. Taylor, Short-term electricity demand forecasting using double seasonal exponential smoothing, Journal of the
Operational Research Society 54, 2003; the correction by the last error is his.) At a gap nothing is learnt.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.seasonal_profile import seasonal_profile

DOUBLE_MODEL = 6  # alpha, gamma of the short and of the long season, rho, first level, loss


@kernel(
    "float64(const float64[::1], int64, float64, float64, float64, float64, float64, const float64[::1],"
    " const float64[::1], float64[::1], float64[::1], float64, float64)"
)
def double_seasonal_loss(values, stop, alpha, short, long, rho, level, days, weeks, day, week, limit, enough):
    """Loss of the one-step errors, as in `smoothing_loss`; `day` and `week` are scratch."""
    for j in range(day.size):
        day[j] = days[j]
    for j in range(week.size):
        week[j] = weeks[j]
    i, j, last, loss = 0, 0, 0.0, 0.0
    for t in range(stop):
        error = values[t] - level - day[i] - week[j]
        if error == error:
            fresh = error - rho * last
            if fresh > limit:
                learnt = limit
            elif fresh < -limit:
                learnt = -limit
            else:
                learnt = fresh
            loss += learnt * (2.0 * fresh - learnt)
            if loss > enough:
                return loss
            level += alpha * learnt
            day[i] += short * learnt
            week[j] += long * learnt
            last = rho * last + learnt
        else:
            last *= rho
        i += 1
        if i == day.size:
            i = 0
        j += 1
        if j == week.size:
            j = 0
    return loss


@kernel(
    "void(const float64[::1], float64[::1], const float64[::1], const float64[::1], float64[::1], float64[::1],"
    " float64, int64, int64, float64[:, ::1])"
)
def double_seasonal_forecasts(values, model, days, weeks, day, week, limit, first, every, forecasts):
    """Forecasts from the origins `first`, `first + every`, …, one row an origin."""
    alpha, short, long, rho, level = model[0], model[1], model[2], model[3], model[4]
    origins, horizon = forecasts.shape
    for j in range(day.size):
        day[j] = days[j]
    for j in range(week.size):
        week[j] = weeks[j]
    i, j, last, row = 0, 0, 0.0, 0
    for t in range(first + (origins - 1) * every + 1):
        if row < origins and t == first + row * every:
            ahead, p, q = last, i, j
            for step in range(horizon):
                ahead *= rho
                forecasts[row, step] = level + day[p] + week[q] + ahead
                p += 1
                if p == day.size:
                    p = 0
                q += 1
                if q == week.size:
                    q = 0
            row += 1
            if row == origins:
                return
        error = values[t] - level - day[i] - week[j]
        if error == error:
            learnt = min(max(error - rho * last, -limit), limit)
            level += alpha * learnt
            day[i] += short * learnt
            week[j] += long * learnt
            last = rho * last + learnt
        else:
            last *= rho
        i += 1
        if i == day.size:
            i = 0
        j += 1
        if j == week.size:
            j = 0


@kernel(
    "boolean(const float64[::1], int64, float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64,"
    " float64[::1])"
)
def fit_double_seasonal(values, stop, days, weeks, day, week, work, limit, model):
    """Fit to the first `stop` values: profiles to `days` and `weeks`, alpha, two gammas, rho, level to `model`.

    False where the longer season has not been seen twice. `work` is as long as the values.
    """
    if seasonal_profile(values, stop, days, work) == 0:
        return False
    rest = np.empty(stop)
    for t in range(stop):
        rest[t] = values[t] - days[t % days.size]
    if seasonal_profile(rest, stop, weeks, work) == 0:
        return False
    total, known = 0.0, 0
    for t in range(min(stop, weeks.size)):
        if values[t] == values[t]:
            total += values[t]
            known += 1
    model[4] = total / max(known, 1)
    for k in range(4):
        model[k] = 0.05 if k < 3 else 0.5
    best, width = np.inf, 0.2
    for _ in range(4):
        for _ in range(2):
            before = best
            for move in range(8):
                place, was = move // 2, model[move // 2]
                change = width if move % 2 == 0 else -width
                if place == 3:
                    model[3] = min(max(was + 2.0 * change, 0.0), 0.98)
                else:  # on the scale of roots, where small parameters lie less close together
                    model[place] = min(max(np.sqrt(was) + change, 0.0), 0.95) ** 2
                loss = double_seasonal_loss(
                    values, stop, model[0], model[1], model[2], model[3], model[4], days, weeks, day, week, limit, best
                )
                if loss < best:
                    best = loss
                else:
                    model[place] = was
            if best == before:
                break
        width /= 2.0
    model[5] = best
    return True
