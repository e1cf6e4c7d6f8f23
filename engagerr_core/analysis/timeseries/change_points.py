"""Where the level or the slope of a series changes for good, with a p-value for each place."""

from math import isfinite, nan

import numpy as np

from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.level_changes import LevelChanges, level_changes

# What a change must gain in −2 log likelihood: so much, and so much times log n. docs/change-points.md has the tables.
PRICE, SENSITIVE_PRICE = (8.0, 1.5), (5.0, 1.0)
COARSE, SENSITIVE_COARSE = 8.0, 3.0  # penalty of the coarse partition, in log n


def change_points(
    series: object, season: int | None = 7, penalty: float | str | None = None, *, threads: int | None = None
) -> SeriesTable:
    """Places where the level of a series changes for good, or the slope of its trend.

    Values become logarithms of 1 + value where none is negative; the season's means are taken out where they stand out
    from chance; the rest is divided by its standard deviation over the whole series. Candidates are the partitions of
    least squared error plus a penalty for each segment, found exactly (PELT), and lines with steps and bends. They must
    explain the series better than a smooth trend or an autoregression without any change does, else there are none.
    Where a level wanders like a random walk, which nothing explains, the coarse partition is told, with p-values that
    say so. docs/change-points.md has the rules and what they reach.

    Parameters
    ----------
    series : a `SeriesSet`, or one series as pandas Series, array or list. NaN is missing: it costs nothing and counts
        nowhere. A segment has at least 7 known values, so that fewer than 14 hold no change point.
    season : steps of the season, 2 or more; None = none. A season that is not in the series, or not four times, is not
        taken out.
    penalty : None = the usual one, for changes that people see at once. "sensitive" = also smaller ones, and in short
        persistent series some that are none. A number is the penalty itself, in variances of the series: then the
        change points are those of the exact partition, whatever might explain them.
    threads : how many; None = all cores. The result does not depend on it.

    Returns
    -------
    SeriesTable
        One row a change point, in order of series and place: ``series``; ``index``, the place of the first known value
        of the new segment; ``time`` of that place, NaT without times; ``before`` and ``after``, the mean of the values
        in the segment before and in the new one; ``p_value`` of the step or bend, from Student's t with as many degrees
        of freedom as independent values would tell as much. It is of a place that was looked for, so it ranks change
        points rather than proving one. Series too short, constant or unknown have no rows.

    Raises
    ------
    InvalidArgument
        For a season below 2, and a penalty that is none of the above.

    References
    ----------
    Killick, Fearnhead and Eckley 2012 for PELT; Chakar et al. 2017 for levels in autoregressive noise.

    >>> views = np.random.default_rng(1).poisson(np.repeat([100, 140], [60, 40]))
    >>> found = change_points(views)
    >>> found.summary
    '1 change point in 1 of 1 series.'
    >>> found[["index", "before", "after"]].to_numpy().round().tolist()
    [[60.0, 101.0, 137.0]]
    """
    given = as_series_set(series)
    fixed, price, coarse = _penalties(penalty)
    if season is not None and (season < 2 or season != int(season)):
        raise InvalidArgument(
            f"season was {season!r}. A season is a whole number of steps from 2. Pass None where there is none."
        )

    def find(block: SeriesSet) -> LevelChanges:
        return level_changes(block.values, block.indptr, season or 0, fixed, price, coarse)

    parts = given.map_blocks(find, threads)
    firsts = np.cumsum([0, *(len(block) for block in given.blocks())])
    place = _joined([first + part.series for first, part in zip(firsts, parts, strict=False)], np.int64)
    index = _joined([part.place for part in parts], np.int64)
    score, free = _joined([part.score for part in parts]), _joined([part.freedom for part in parts])
    return SeriesTable.of(
        {
            "series": given.labels(place), "index": index, "time": given.times_at(place, index),
            "before": _joined([part.before for part in parts]), "after": _joined([part.after for part in parts]),
            "p_value": _p_values(score, free),
        },
        _summary(place, len(given)),
    )  # fmt: skip


def _joined(parts: list[np.ndarray], dtype: type = np.float64) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype), *parts])


def _penalties(penalty: float | str | None) -> tuple[float, tuple[float, float], float]:
    """The penalty where it is given as a number, else NaN; the price of a change; the coarse penalty, in log n."""
    if penalty is None:
        return nan, PRICE, COARSE
    if penalty == "sensitive":
        return nan, SENSITIVE_PRICE, SENSITIVE_COARSE
    if isinstance(penalty, str | bool) or not (isfinite(penalty) and penalty > 0):
        raise InvalidArgument(
            f'penalty was {penalty!r}. It is a positive number, "sensitive", or None for the usual one. '
            "A number is what each further segment costs in squared standard deviations: 8 log n is usual."
        )
    return float(penalty), PRICE, COARSE


def _p_values(score: np.ndarray, free: np.ndarray) -> np.ndarray:
    from scipy.stats import t

    return np.asarray(2 * t.sf(score, free)) if score.size else np.empty(0)


def _summary(place: np.ndarray, count: int) -> str:
    if not place.size:
        return f"No change points in {count:,} series."
    points = "change point" if place.size == 1 else "change points"
    return f"{place.size:,} {points} in {np.unique(place).size:,} of {count:,} series."
