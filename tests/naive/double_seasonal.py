"""Taylor's double seasonal smoothing, one value at a time, with the seasons as dictionaries."""

from math import isnan


def run(values, alpha, short, long, rho, level, days, weeks, limit):
    """States after all values, and the one-step errors after the correction by the last error."""
    days, weeks, last, errors = dict(enumerate(days)), dict(enumerate(weeks)), 0.0, []
    for t, value in enumerate(values):
        day, week = t % len(days), t % len(weeks)
        expected = level + days[day] + weeks[week] + rho * last
        errors.append(value - expected)
        learnt = 0.0 if isnan(value) else max(-limit, min(limit, value - expected))
        level += alpha * learnt
        days[day] += short * learnt
        weeks[week] += long * learnt
        last = rho * last + learnt
    return level, days, weeks, last, errors


def loss(values, *model):
    """Huber's loss, twice."""
    limit = model[-1]
    sizes = [abs(error) for error in run(values, *model)[-1] if not isnan(error)]
    return sum(size**2 if size <= limit else 2 * limit * size - limit**2 for size in sizes)


def forecast(values, origin, horizon, *model):
    level, days, weeks, last, _ = run(values[:origin], *model)
    rho = model[3]
    return [
        level + days[t % len(days)] + weeks[t % len(weeks)] + rho ** (t - origin + 1) * last
        for t in range(origin, origin + horizon)
    ]
