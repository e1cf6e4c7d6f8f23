"""Sums by group out of lists of the values each group holds."""

from collections import defaultdict
from math import fsum, inf, isinf, isnan, nan

from tests.naive.standardise import standardise


def total(values):
    """The exact sum, rounded once; NaN over nothing; infinities as IEEE arithmetic has them."""
    if not values:
        return nan
    infinite = {value for value in values if isinf(value)}
    if infinite:
        return infinite.pop() if len(infinite) == 1 else inf - inf
    return fsum(values)


def rollup(native, group, rule, weights, numerators, denominators, n_groups):
    """The fields of `Rollup` as nested lists [row][group]."""
    standard, chosen = standardise(native, rule, weights)
    members = defaultdict(list)
    for row, number in enumerate(group):
        if number >= 0:
            members[number].append(row)
    stacked = [list(column) for column in native] + standard

    def known(column, number):
        return [float(column[row]) for row in members[number] if not isnan(column[row])]

    def both(top, bottom, number):
        rows = [row for row in members[number] if not isnan(stacked[top][row]) and not isnan(stacked[bottom][row])]
        return [float(stacked[top][row]) for row in rows], [float(stacked[bottom][row]) for row in rows]

    groups = range(n_groups)
    ratios = list(zip(numerators, denominators, strict=True))
    return {
        "native": [[total(known(column, g)) for g in groups] for column in native],
        "native_known": [[len(known(column, g)) for g in groups] for column in native],
        "standard": [[total(known(column, g)) for g in groups] for column in standard],
        "standard_known": [[len(known(column, g)) for g in groups] for column in standard],
        "estimated": [[sum(numbers[row] > 0 for row in members[g]) for g in groups] for numbers in chosen],
        "numerators": [[total(both(top, bottom, g)[0]) for g in groups] for top, bottom in ratios],
        "denominators": [[total(both(top, bottom, g)[1]) for g in groups] for top, bottom in ratios],
        "pairs": [[len(both(top, bottom, g)[0]) for g in groups] for top, bottom in ratios],
        "rows": [len(members[g]) for g in groups],
    }
