"""Lifetime counters to daily flows: differences of snapshots, falls told apart, longer steps spread evenly.

One pass over the snapshots of each post, oldest first. What a pass knows of the past is four numbers a metric and post
(`STATE`), so that it can stop after any snapshot and go on later with the same result to the last bit.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.arrays import matrix_of, require_array, require_codes, require_columns
from engagerr_core.kernels.dispatch import kernel, run_blocks

UNKNOWN_DAY = -(2**31)  # a day of publication that nobody tells
SPREAD_DAYS = 92  # a quarter; the difference over a longer gap says nothing about its days
WATCHED_DAYS = 30  # how long after a fall a rise may still undo it
REGAINED = 0.5 * (1 - 1e-8)  # a rise by half of a fall undoes it; the state knows the fall to ten digits
WITHDRAWN_SHARE = 0.005  # platforms take back so much every day: spam, unlikes, deleted accounts
WITHDRAWN_COUNT = 3.0  # and of a small counter so many
LEAP = 10.0  # a rise above 1,000 % is looked at
LEAP_FROM = 100.0  # below so many, a leap is the beginning of a post's life
STATE = 4  # value, day, value before an unresolved fall, day of that value + share of it that the fall left

USUAL, ROUNDING, CORRECTION, RESET, DEFINITION, REBOUND, LEPT = range(7)
KINDS = ("usual", "rounding step", "correction", "reset", "definition change", "rebound", "leap")
BLOCK = 1 << 16  # snapshots of a block, more where one post has more


@kernel("boolean(float64, float64)")
def _rounding_step(previous, value):
    """Whether a fall is one step of a figure shown with two digits or more and zeros, such as 12.3K to 12.2K."""
    step, power = previous - value, 10.0
    while power < step:
        power *= 10.0
    return step == power and value >= 10.0 * power and value % power == 0.0


@kernel("int64(float64, float64, float64)")
def _kind_of(previous, value, fall):
    """The kind of a step between two snapshots; `fall` is that of an unresolved drop, 0 where there is none."""
    change = value - previous
    if fall > 0.0 and change >= REGAINED * fall:
        return REBOUND
    if change >= 0.0:
        return LEPT if previous >= LEAP_FROM and change > LEAP * previous else USUAL
    if -change <= max(WITHDRAWN_COUNT, WITHDRAWN_SHARE * previous):
        return USUAL
    if _rounding_step(previous, value):
        return ROUNDING
    return RESET if value == 0.0 or value < previous / 2.0 else CORRECTION


@kernel("boolean(const int32[::1], int64, int64, int64, int64)")
def _has_break(breaks, first, stop, after, until):
    """Whether one of the sorted days from place `first` to before `stop` lies after one day and not after another."""
    for i in range(first, stop):
        if breaks[i] > after:
            return breaks[i] <= until
    return False


@kernel("int64(float64, int64, int64)")
def _covered_from(last, published, day):
    """First day that the flow up to a snapshot covers; the day after the snapshot where it covers none."""
    if last == last:
        return np.int64(last) + 1 if day - last <= SPREAD_DAYS else day + 1
    if published != UNKNOWN_DAY and 0 <= day - published <= SPREAD_DAYS:
        return published
    return day + 1


@kernel("int64(const float64[::1], const float64[:, ::1], int64, int64, int64)")
def _row_begins(last, native, i, published, day):
    """First day that snapshot i writes: what some known metric covers and no earlier snapshot has written."""
    begins, written = day + 1, np.nan
    for k in range(native.shape[0]):
        if 0.0 <= native[k, i] < np.inf:
            begins = min(begins, _covered_from(last[k], published, day))
        if last[k] == last[k] and not last[k] <= written:
            written = last[k]
    return max(begins, np.int64(written) + 1) if written == written else begins


@kernel(
    "int64(const int32[::1], const int32[::1], const float64[:, ::1], int64, const int32[::1],"
    " const float64[:, :, ::1])"
)
def _count_rows(post, day, native, first, published, carry):
    """How many days the snapshots write; `native` begins at column `first`."""
    n_metrics, rows = native.shape[0], 0
    last = np.empty(n_metrics)
    for i in range(post.size):
        p = post[i]
        if i == 0 or p != post[i - 1]:
            for k in range(n_metrics):
                last[k] = carry[k, p, 1]
        rows += day[i] + 1 - _row_begins(last, native, first + i, published[p], day[i])
        for k in range(n_metrics):
            if 0.0 <= native[k, first + i] < np.inf:
                last[k] = day[i]
    return rows


@kernel(
    "Tuple((float64, int64, int64, int64))(float64, int64, int64, const int32[::1], const int64[::1],"
    " float64[:, :, ::1], int64, int64)"
)
def _step(value, day, published, breaks, break_starts, state, k, p):
    """Flow a day, first day, days it was spread over, and kind of the step to a snapshot; the state moves on to it.

    No array is sliced here: a slice costs more than the step.
    """
    previous, last, before = state[k, p, 0], state[k, p, 1], state[k, p, 2]
    state[k, p, 0], state[k, p, 1] = value, day
    begins = _covered_from(last, published, day)
    if previous != previous:
        days = day + 1 - begins
        known = days > 0 and not _has_break(breaks, break_starts[k], break_starts[k + 1], begins, day)
        return value / days if known else np.nan, begins, days, USUAL
    gap = day - np.int64(last)
    flow = (value - previous) / gap if gap <= SPREAD_DAYS else np.nan
    if _has_break(breaks, break_starts[k], break_starts[k + 1], np.int64(last), day):
        state[k, p, 2] = state[k, p, 3] = np.nan
        return np.nan, begins, gap, DEFINITION
    if before != before:
        kind = _kind_of(previous, value, 0.0)
        if kind in (CORRECTION, RESET):
            state[k, p, 2], state[k, p, 3] = previous, last + value / previous
            flow = np.nan
        return flow, begins, gap, kind
    fell_after = np.floor(state[k, p, 3])
    kind = _kind_of(previous, value, before * (1.0 - (state[k, p, 3] - fell_after)))
    if kind == REBOUND:
        state[k, p, 2] = state[k, p, 3] = np.nan
        gap = day - np.int64(fell_after)
        flow = (value - before) / gap if value >= before and gap <= SPREAD_DAYS else np.nan
    elif kind in (CORRECTION, RESET):
        state[k, p, 3] = last + value / before  # one fall, and the watch begins anew
        flow = np.nan
    elif value == 0.0:  # still gone: neither a flow of 0 nor the end of it
        flow = np.nan
    elif value >= before or day - fell_after > WATCHED_DAYS:
        state[k, p, 2] = state[k, p, 3] = np.nan
    return flow, begins, gap, kind


@kernel(
    "void(const int32[::1], const int32[::1], const float64[:, ::1], int64, const int32[::1], const int32[::1],"
    " const int64[::1], float64[:, :, ::1], int32[::1], int32[::1], float64[:, ::1], int8[::1], int64, int8[:, ::1])"
)
def _fill_rows(
    post, day, native, first, published, breaks, break_starts, state, out_post, out_day, flows, made, at, kinds
):
    """Write the days of the snapshots from row `at` on, and the kind of each step; the state moves on."""
    n_metrics = native.shape[0]
    last, flow = np.empty(n_metrics), np.empty(n_metrics)
    begins, days = np.empty(n_metrics, np.int64), np.empty(n_metrics, np.int64)
    for i in range(post.size):
        p, today = post[i], np.int64(day[i])
        for k in range(n_metrics):
            last[k] = state[k, p, 1]
        start = _row_begins(last, native, first + i, published[p], today)
        for k in range(n_metrics):
            flow[k], begins[k], days[k] = np.nan, today + 1, 0
            kinds[k, i] = USUAL
            value = native[k, first + i]
            if 0.0 <= value < np.inf:
                flow[k], begins[k], days[k], kinds[k, i] = _step(
                    value, today, published[p], breaks, break_starts, state, k, p
                )
        for written in range(start, today + 1):
            out_post[at], out_day[at] = p, written
            made[at] = 0
            for k in range(n_metrics):
                known = flow[k] == flow[k] and begins[k] <= written
                flows[k, at] = flow[k] if known else np.nan
                if known:
                    exact = days[k] == 1 or (days[k] == 2 and last[k] != last[k])
                    made[at] = max(made[at], 1 if exact else 2)
            if made[at] == 0:
                made[at] = 1 if start == today else 2
            at += 1


@kernel("boolean(const int32[::1], const int32[::1])")
def _in_order(post, day):
    for i in range(1, post.size):
        if post[i] < post[i - 1] or (post[i] == post[i - 1] and day[i] <= day[i - 1]):
            return False
    return True


@kernel(
    "void(const int32[::1], const int32[::1], const float64[::1], const float64[:, ::1], const int64[::1],"
    " float64[::1], float64[::1], int32[::1])"
)
def _find_previous(post, day, counter, carry, rows, value, previous, previous_day):
    """Value of each of the rows, and value and day of the last known snapshot of the same post before it."""
    for j in range(rows.size):
        p, i = post[rows[j]], rows[j] - 1
        value[j] = counter[rows[j]]
        while i >= 0 and post[i] == p and not 0.0 <= counter[i] < np.inf:
            i -= 1
        found = i >= 0 and post[i] == p
        previous[j] = counter[i] if found else carry[p, 0]
        previous_day[j] = day[i] if found else np.int64(carry[p, 1])


class Steps(NamedTuple):
    """Steps between two snapshots that are not usual growth, in order of post, day and metric."""

    row: np.ndarray
    """int64 (d): the later snapshot."""
    metric: np.ndarray
    """int64 (d)."""
    kind: np.ndarray
    """int8 (d), an index of `KINDS`."""
    value: np.ndarray
    """float64 (d): the counter."""
    previous: np.ndarray
    """float64 (d): the counter before."""
    previous_day: np.ndarray
    """int32 (d): the day of that."""


class DailyFlows(NamedTuple):
    """What `daily_flows` returns."""

    post: np.ndarray
    """int32 (m), the post of each day; sorted by post and day, each pair once."""
    day: np.ndarray
    """int32 (m), days since 1970-01-01."""
    flows: np.ndarray
    """float64 (k, m), NaN where unknown."""
    made: np.ndarray
    """int8 (m): 1 = placed to within a day, 2 = spread over several days."""
    state: np.ndarray
    """float64 (k, posts, 4): what to hand over when more snapshots follow."""
    steps: Steps


def _blocks(post: np.ndarray) -> list[tuple[int, int]]:
    """Bounds of blocks that cut no post in two."""
    cuts = [*np.unique(np.searchsorted(post, post[::BLOCK])).tolist(), post.size]
    return list(pairwise(cuts))


def daily_flows(
    post: np.ndarray,
    day: np.ndarray,
    native: np.ndarray | list[np.ndarray],
    published: np.ndarray,
    breaks: Sequence[np.ndarray],
    carry: np.ndarray,
    threads: int | None = None,
) -> DailyFlows:
    """Daily flows of k lifetime counters of posts, from snapshots in order of post and day.

    `post` (codes) and `day` are int32 (n); `native` holds k counters, a float64 (k, n) array or k columns, NaN for
    unknown; what is no count (infinite or negative) is unknown, too. `published` is int32 (posts), `UNKNOWN_DAY` where
    nobody tells; `breaks` holds for each counter the sorted int32 days from which its definition differs; `carry` is
    the `state` of earlier snapshots, NaN where there are none, and is not changed.

    A snapshot writes the days after the post's snapshot before it; so each day is written once, by the first snapshot
    that can speak of it. The rules are told in docs/counters.md. Raises `InvalidArgument` for other dtypes, shapes and
    orders.
    """
    require_array("published", published, np.int32, (None,))
    require_codes("post", post, None, below=published.size)
    require_array("day", day, np.int32, (post.size,))
    columns = require_columns("native", native, post.size)
    require_array("carry", carry, np.float64, (len(columns), published.size, STATE))
    if len(breaks) != len(columns):
        raise InvalidArgument(
            f"breaks spoke of {len(breaks)} metrics. native has {len(columns)}. Give one array for each."
        )
    for position, days in enumerate(breaks):
        require_array(f"breaks[{position}]", days, np.int32, (None,))
        if (np.diff(days.astype(np.int64)) < 0).any():
            raise InvalidArgument(f"breaks[{position}] was not in order. Days are looked up in order. Sort them.")
    if post.size and (post[0] < 0 or not _in_order(post, day)):
        raise InvalidArgument(
            "Snapshots were not in order of post and day, each pair once, or of no post. "
            "A counter's steps follow one another. Sort them and keep one a day."
        )
    break_days = np.concatenate([np.empty(0, np.int32), *breaks])
    break_starts = np.concatenate([[0], np.cumsum([days.size for days in breaks])]).astype(np.int64)
    blocks = _blocks(post)
    state = carry.copy()

    def count(block: int) -> int:
        start, stop = blocks[block]
        matrix, first = matrix_of(columns, start, stop)
        return int(_count_rows(post[start:stop], day[start:stop], matrix, first, published, carry))

    sizes = run_blocks(count, len(blocks), threads)
    places = np.cumsum([0, *sizes])
    out_post, out_day = np.empty(places[-1], np.int32), np.empty(places[-1], np.int32)
    flows, made = np.empty((len(columns), places[-1])), np.empty(places[-1], np.int8)

    def fill(block: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        start, stop = blocks[block]
        matrix, first = matrix_of(columns, start, stop)
        kinds = np.empty((len(columns), stop - start), np.int8)
        _fill_rows(
            post[start:stop], day[start:stop], matrix, first, published, break_days, break_starts, state,
            out_post, out_day, flows, made, int(places[block]), kinds,
        )  # fmt: skip
        row, metric = np.nonzero(kinds.T)
        return row + start, metric, kinds[metric, row]

    steps = _with_previous(post, day, columns, carry, run_blocks(fill, len(blocks), threads))
    return DailyFlows(out_post, out_day, flows, made, state, steps)


def _with_previous(post, day, columns, carry, found: Sequence[tuple[np.ndarray, ...]]) -> Steps:
    """Put the blocks' steps together, each with the snapshot before it."""
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8))
    row, metric, kind = (np.concatenate([part[place] for part in [nothing, *found]]) for place in range(3))
    value, previous, previous_day = np.empty(row.size), np.empty(row.size), np.empty(row.size, np.int32)
    for k, counter in enumerate(columns):
        own = np.flatnonzero(metric == k)
        found_value, before, on = np.empty(own.size), np.empty(own.size), np.empty(own.size, np.int32)
        _find_previous(post, day, counter, carry[k], row[own], found_value, before, on)
        value[own], previous[own], previous_day[own] = found_value, before, on
    return Steps(row, metric, kind, value, previous, previous_day)
