"""Days that stand out: spikes up and down, found in any number of series at once."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from engagerr_core.analysis.discoveries import q_values
from engagerr_core.analysis.timeseries.noise import Noise, learn, tail_probabilities
from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.spikes import BINS, bins_of, judge

FEWEST_KNOWN = 20  # values of a series; with fewer neither the size nor the tail of its noise can be told
WINDOW = 21  # steps that the level is taken over, at least
PERIODS = 13  # turns that a changing season is taken over
LOOKED_AT = 4.5  # median sizes; spikes are farther out (noise.SPIKES_FROM)
STEP_RUN = 3  # flagged values in a row up to an end of the series are a new level rather than spikes
DOUBT = 0.3  # a value is flagged only where noise rather than a spike is at most so likely


class _Judged(NamedTuple):
    """What one block of series hands on: histograms, and the values far enough out to be looked at."""

    histograms: np.ndarray
    known: int
    owner: np.ndarray
    place: np.ndarray
    size: np.ndarray
    expected: np.ndarray


def window_of(season: int | None) -> int:
    """The window of the level: the smallest odd multiple of the season that spans `WINDOW` steps."""
    if season is None or season <= 1:
        return WINDOW
    turns = -(-WINDOW // season)
    return season * (turns + 1 - turns % 2) + (season % 2 == 0)


def anomalies(
    series: "SeriesSet | pd.Series | np.ndarray | list[float]", season: int | None = 7, alpha: float = 0.05, *,
    threads: int | None = None,
) -> SeriesTable:  # fmt: skip
    """Values that their series' level, season and noise do not explain.

    Every value is compared with a running median of its neighbours and the median of its weekday (or other phase of
    `season`), neither of which sees the value itself; on the scale of logarithms, or of square roots or plain values
    where that makes the rests clearly more alike. How far out noise lies is learned from all series of the call
    (`noise.learn`): heavy tails raise the bar, light ones lower it. A step of the level is not a spike: no window
    reaches across one, and values that stay at a new level until the series ends are not flagged.

    Parameters
    ----------
    series : anything that `as_series_set` takes. NaN is skipped. Zeros and values below zero are values like others.
    season : steps of one turn, 7 for the weekdays of daily values, 24 for the hours of a day; None = no season.
    alpha : share of false alarms among all alarms of the call that is borne (Benjamini and Hochberg). A value is
        flagged where `q_value` is at most `alpha` and where the probability that it is noise rather than a spike is
        0.3 at most.
    threads : None = all cores. Results do not depend on it.

    Returns
    -------
    Only flagged values, in order, with columns
        series : position in the set, or its id.
        index : position in the series.
        time : of the value; NaT without times.
        value, expected : what was and what was to be expected, on the scale of the values.
        score : the distance in robust standard deviations, below 0 where the value is too low; on the scale chosen.
        p_value : probability that noise lies so far out. Never NaN.
        q_value : expected share of false alarms among all that are at least as far out, over the whole call.

    A series with fewer than 20 known values, or one that always is as expected, has no anomalies.

    Raises
    ------
    InvalidArgument
        `season` below 1, `alpha` outside 0 to 1.

    References
    ----------
    Rosner 1983, generalised ESD: remove the farthest, ask again; Benjamini and Hochberg 1995; Efron 2010.

    >>> views = [100, 104, 96, 101, 99, 60, 55] * 8
    >>> views[24] = 400
    >>> anomalies(views)[["index", "value", "expected"]].round().to_dict("records")
    [{'index': 24, 'value': 400.0, 'expected': 101.0}]
    """
    given = as_series_set(series)
    season = checked_season(season)
    if not 0 < alpha < 1:
        raise InvalidArgument(
            f"alpha was {alpha!r}. It is the share of false alarms among all alarms, between 0 and 1. Take 0.05 for "
            "one in twenty."
        )
    blocks = given.map_blocks(lambda block: _judge_block(block, season), threads)
    histograms = np.concatenate([np.empty((0, 2, BINS)), *(block.histograms for block in blocks)])
    shifts = np.concatenate([[0], np.cumsum([len(block.histograms) for block in blocks])]).astype(int)
    owner = np.concatenate(
        [np.empty(0, int), *(block.owner + shift for block, shift in zip(blocks, shifts, strict=False))]
    )
    index, size, expected = (
        np.concatenate([np.empty(0, kind), *(getattr(block, name) for block in blocks)])
        for name, kind in (("place", int), ("size", float), ("expected", float))
    )
    tested = sum(block.known for block in blocks)
    usable = histograms.sum((1, 2)) > 0
    if usable.any():
        noise = learn(histograms[usable])
        p_value, q_value, flagged = _decide(histograms, owner, size, noise, tested, alpha)
    else:
        p_value, q_value, flagged = (np.empty(0), np.empty(0), np.empty(0, bool))
    flagged = _without_steps(given, owner, index, size, flagged)
    owner, index = owner[flagged], index[flagged]
    columns = {
        "series": given.labels(owner),
        "index": index,
        "time": given.times_at(owner, index),
        "value": given.values[given.indptr[owner] + index],
        "expected": expected[flagged],
        "score": size[flagged] * 0.6744897501960817,
        "p_value": p_value[flagged],
        "q_value": q_value[flagged],
    }
    return SeriesTable.of(columns, _summary(len(given), owner, size[flagged], int(usable.sum())))


def checked_season(season: int | None) -> int:
    """The season as a whole number from 1, where 1 is none."""
    if season is None:
        return 1
    if isinstance(season, bool) or int(season) != season or season < 1:
        raise InvalidArgument(
            f"season was {season!r}. A season is a whole number of steps from 1. Take 7 for weekdays, 24 for hours, "
            "None for no season."
        )
    return int(season)


def _judge_block(block: SeriesSet, season: int) -> _Judged:
    values, indptr = block.values, block.indptr
    judged = judge(values, indptr, season, window_of(season), PERIODS, FEWEST_KNOWN)
    far = np.flatnonzero(np.abs(judged.sizes) >= LOOKED_AT)
    owner = np.searchsorted(indptr, far, side="right") - 1
    totals = np.concatenate([[0], np.cumsum(~np.isnan(values))])
    known = np.diff(totals[indptr])
    return _Judged(
        judged.histograms, int(known[known >= FEWEST_KNOWN].sum()), owner, far - indptr[owner], judged.sizes[far],
        judged.expected[far],
    )  # fmt: skip


def _decide(
    histograms: np.ndarray, owner: np.ndarray, size: np.ndarray, noise: Noise, tested: int, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p-values, q-values and which values are flagged."""
    p_value, innocence = tail_probabilities(histograms, owner, size, bins_of(size), noise)
    # values nearer to what was expected count as tests, none of which is significant
    q_value = np.minimum(q_values(p_value) * tested / max(1, owner.size), 1.0)
    return p_value, q_value, (q_value <= alpha) & (innocence <= DOUBT)


def _without_steps(
    given: SeriesSet, owner: np.ndarray, index: np.ndarray, size: np.ndarray, flagged: np.ndarray
) -> np.ndarray:
    """Take back runs of alarms of one direction that reach the first or last known value: there the level changed."""
    kept = flagged.copy()
    alarms = np.flatnonzero(flagged)
    positions, first = np.unique(owner[alarms], return_index=True)
    bounds = np.append(first, alarms.size)
    for position, start, stop in zip(positions, bounds[:-1], bounds[1:], strict=True):
        mine = alarms[start:stop]
        if mine.size < STEP_RUN:
            continue
        known = np.flatnonzero(~np.isnan(given.array(int(position))))
        rank, high = np.searchsorted(known, index[mine]), size[mine] > 0
        at_start = (rank == np.arange(mine.size)) & (high == high[0])
        at_end = (rank[::-1] == known.size - 1 - np.arange(mine.size)) & (high[::-1] == high[-1])
        for run, alarm in ((at_start, mine), (at_end, mine[::-1])):
            length = int(np.argmin(run)) if not run.all() else run.size
            if length >= STEP_RUN:
                kept[alarm[:length]] = False
    return kept


def _summary(series: int, owner: np.ndarray, size: np.ndarray, tested: int) -> str:
    if not tested:
        return f"No anomalies: none of {series:,} series could be tested."
    if not owner.size:
        return f"No anomalies in {tested:,} of {series:,} series tested."
    high = int((size > 0).sum())
    return f"{owner.size:,} anomalies, {high:,} of them high, in {np.unique(owner).size:,} of {tested:,} series tested."
