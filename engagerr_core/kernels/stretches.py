"""Stretches of rows: long runs of one code, which need no lookup, and what lies mixed between them."""

from engagerr_core.kernels.dispatch import kernel

MIXED = -2  # codes are -1 (none) or more
LONG_RUN = 32  # rows; shorter runs cost more to begin than they save (tests/benchmarks/rollup.py)


@kernel("int64(const int32[::1], int64[::1], int64[::1])")
def find_stretches(codes, starts, kinds):
    """First row and code of each stretch, `MIXED` where codes change often; the number of stretches.

    `starts` needs one entry more than rows, since the end of the last stretch follows; `kinds` one a row.
    """
    stretches = 0
    start = 0
    while start < codes.size:
        stop = start + 1
        while stop < codes.size and codes[stop] == codes[start]:
            stop += 1
        long = stop - start >= LONG_RUN
        if long or stretches == 0 or kinds[stretches - 1] != MIXED:
            starts[stretches] = start
            kinds[stretches] = codes[start] if long else MIXED
            stretches += 1
        start = stop
    starts[stretches] = codes.size
    return stretches
