"""Long runs and what lies mixed between them, by `itertools.groupby`."""

from itertools import groupby


def find_stretches(codes, long_run, mixed):
    """Pairs of first row and code; runs shorter than `long_run` that follow each other make one mixed stretch."""
    stretches, row = [], 0
    for code, members in groupby(codes):
        length = len(list(members))
        kind = code if length >= long_run else mixed
        if kind != mixed or not stretches or stretches[-1][1] != mixed:
            stretches.append((row, kind))
        row += length
    return stretches
