"""Standard metrics one cell at a time, by the rule as the documentation words it."""

from math import isnan, nan


def standard_value(counts, alternatives):
    """Value and number of the first alternative with parts that are all known; (nan, -1) if there is none.

    `counts` are one row's native counts; each alternative lists a weight per count, NaN for no part.
    """
    for number, weights in enumerate(alternatives):
        parts = [(weight, count) for weight, count in zip(weights, counts, strict=True) if not isnan(weight)]
        if not parts or any(isnan(count) for _, count in parts):
            continue
        value = 0.0
        for weight, count in parts:
            value += float(weight) * float(count)
        if not isnan(value):  # infinities that cancel are no number
            return value, number
    return nan, -1


def standardise(native, rule, weights):
    """Values and alternatives as nested lists [standard metric][row]."""
    n_standard = len(weights[0]) if len(weights) else 0
    values = [[nan] * len(rule) for _ in range(n_standard)]
    chosen = [[-1] * len(rule) for _ in range(n_standard)]
    for row, number in enumerate(rule):
        if number < 0:
            continue
        counts = [column[row] for column in native]
        for standard in range(n_standard):
            values[standard][row], chosen[standard][row] = standard_value(counts, weights[number][standard])
    return values, chosen
