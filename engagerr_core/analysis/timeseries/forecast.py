"""Forecasts of many series in one call, with intervals, and with the scores of a back-test beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries.backtest import Levels, forecast_one
from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.errors import InvalidArgument

INTERVALS = ("backtested", "analytic")
ENGINES = ("compiled", "statsmodels")


def forecast(
    series: object, horizon: int = 30, seasons: Sequence[int] = (7,), levels: Sequence[int] = (80, 95), *,
    intervals: str = "backtested", threads: int | None = None, engine: str = "compiled",
) -> SeriesTable:  # fmt: skip
    """Forecast every series, with intervals, and say how good such forecasts were on its own past.

    Several simple methods are fitted to each series: additive exponential smoothing (no, damped or linear trend), the
    Theta method, the median of the latest weeks in their usual course, and autoregressions of values and of changes;
    with two seasons also Taylor's double seasonal smoothing. Outliers are learnt from only up to three usual errors.
    Where nothing is negative each is fitted on the scale of log(1 + value) too. A back-test from up to 32 origins in
    the latest half of the series weighs them, by the fifth power of their error, and fits the intervals: the analytic
    ones times factors for size, growth and tails, shrunk towards 1 as if there were two, four and six more folds that
    wanted none (see docs/forecasts.md). Each series is judged by itself: no result depends on the others in the set.

    Parameters
    ----------
    series : a `SeriesSet`, or one series. Missing values are NaN; a gap is bridged by what was expected.
    horizon : steps ahead, from 1.
    seasons : lengths in steps of at most two seasons, rising: `(7,)` for days, `(24, 168)` for hours, `()` for none. A
        season that a series does not show twice in every phase is left out for that series.
    levels : coverage of the intervals in whole per cent, rising, each from 1 to 99.
    intervals : ``"backtested"``, or ``"analytic"``: exponential smoothing alone, fitted to all but the last fold, with
        its textbook intervals. Some five times as fast, a little less accurate, and judged by that one fold.
    threads : None = all that may be used.
    engine : ``"compiled"``, or ``"statsmodels"``: a SARIMAX model of one series, for exploration; it has no back-test.

    Returns
    -------
    SeriesTable with a row a series and step: series, step (from 1), time (NaT without times), mean, then ``lo_`` and
    ``hi_`` of each level, model. ``mean`` is the blended central forecast; on the logarithmic scale that is nearer the
    median than the mean. Where no value is negative, no mean or bound is. No forecast lies farther outside what was
    seen than what was seen is wide, and no bound farther than three times that. `scores` holds a row a series: folds
    (origins judged), steps (tested at each), mase and msis (in units of the naive forecast of the first season or, with
    none, of the step before; msis at the highest level), then ``coverage_`` of each level. They are of later origins,
    judged with weights and widths learnt from earlier ones. NaN where the series was too short, or never changed.

    Thin data: with nothing known all is NaN; below three known values the mean is their middle and the intervals are
    NaN; a constant is carried on with intervals of no width; below 16 known values nothing is back-tested, and three
    methods are blended equally.

    Raises
    ------
    InvalidArgument
        An argument that is none of these; more than one series for ``engine="statsmodels"``.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing, 2008; Assimakopoulos and Nikolopoulos, The
    theta model, 2000; Taylor, Short-term electricity demand forecasting using double seasonal exponential smoothing,
    2003; Gelper, Fried and Croux, Robust forecasting with exponential and Holt–Winters smoothing, 2010.

    >>> days = np.arange(70)
    >>> views = 100 + 20 * (days % 7 == 6) + days % 3
    >>> forecast(views, horizon=2)[["lo_95", "hi_95"]].round(-1)
       lo_95  hi_95
    0  100.0  100.0
    1  100.0  100.0
    """
    chosen = as_series_set(series)
    periods, wanted = _checked(horizon, seasons, levels, intervals, engine)
    if engine == "statsmodels":
        return _explored(chosen, horizon, periods, tuple(levels))
    from scipy.special import ndtri

    shares = np.array(wanted, float) / 100
    both = Levels(shares, ndtri((1 + shares) / 2))

    def of_block(block: SeriesSet) -> _Part:
        made = [
            forecast_one(block.array(i), horizon, periods, both, intervals == "backtested") for i in range(len(block))
        ]
        return _Part(
            np.array([each.mean for each in made]), np.array([each.low for each in made]),
            np.array([each.high for each in made]), np.array([each.scores for each in made]),
            [each.model for each in made],
        )  # fmt: skip

    parts = chosen.map_blocks(of_block, threads)
    empty = np.empty((0, len(wanted), horizon))
    whole = _Part(
        np.concatenate([empty[:, 0], *(part.mean for part in parts)]),
        np.concatenate([empty, *(part.low for part in parts)]),
        np.concatenate([empty, *(part.high for part in parts)]),
        np.concatenate([np.empty((0, 4 + len(wanted))), *(part.scores for part in parts)]),
        [model for part in parts for model in part.models],
    )
    return _table(chosen, horizon, wanted, whole)


@dataclass(frozen=True, slots=True)
class _Part:
    """Forecasts of a block: mean (series, steps), low and high (series, levels, steps), scores, models."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scores: np.ndarray
    models: list[str]


def _checked(
    horizon: int, seasons: Sequence[int], levels: Sequence[int], intervals: str, engine: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The seasons and levels, if all arguments can be answered."""
    if not _whole(horizon) or horizon < 1:
        raise InvalidArgument(f"horizon was {horizon!r}. A horizon is a whole number of steps from 1. Give such a one.")
    periods = tuple(seasons) if isinstance(seasons, Sequence | np.ndarray) else (seasons,)
    if len(periods) > 2 or not all(_whole(period) and period > 1 for period in periods):
        raise InvalidArgument(
            f"seasons were {seasons!r}. At most two are modelled, each a whole number of steps from 2. "
            "Give such as (7,), (24, 168), or () for none."
        )
    if any(a >= b for a, b in pairwise(periods)):
        raise InvalidArgument(f"seasons were {seasons!r}. The shorter one comes first. Sort them, and repeat none.")
    wanted = tuple(levels) if isinstance(levels, Sequence | np.ndarray) else (levels,)
    if not wanted or not all(_whole(level) and 0 < level < 100 for level in wanted):
        raise InvalidArgument(
            f"levels were {levels!r}. A level is a coverage in whole per cent from 1 to 99. Give such as (80, 95)."
        )
    if any(a >= b for a, b in pairwise(wanted)):
        raise InvalidArgument(f"levels were {levels!r}. The lower one comes first. Sort them, and repeat none.")
    for name, value, known in (("intervals", intervals, INTERVALS), ("engine", engine, ENGINES)):
        if value not in known:
            raise InvalidArgument(f"{name} was {value!r}. There is no such way. Give one of {', '.join(known)}.")
    return tuple(int(period) for period in periods), tuple(int(level) for level in wanted)


def _whole(number: object) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _explored(chosen: SeriesSet, horizon: int, seasons: tuple[int, ...], levels: tuple[int, ...]) -> SeriesTable:
    from engagerr_core.analysis.timeseries.exploration import require_one_series, sarimax_forecast

    found = sarimax_forecast(require_one_series(chosen, "forecast"), horizon, seasons, levels)
    low = np.array([[found.intervals[level][0] for level in levels]])
    high = np.array([[found.intervals[level][1] for level in levels]])
    scores = np.full((1, 4 + len(levels)), np.nan)
    scores[:, :2] = 0
    return _table(chosen, horizon, levels, _Part(found.mean[None], low, high, scores, [found.model]))


def _table(chosen: SeriesSet, horizon: int, levels: tuple[int, ...], whole: _Part) -> SeriesTable:
    count = len(chosen)
    owner = np.repeat(np.arange(count), horizon)
    step = np.tile(np.arange(1, horizon + 1), count)
    columns: dict[str, object] = {
        "series": chosen.labels(owner), "step": step,
        "time": chosen.times_at(owner, chosen.lengths[owner] + step - 1), "mean": whole.mean.ravel(),
    }  # fmt: skip
    for place, level in enumerate(levels):
        columns[f"lo_{level}"] = whole.low[:, place].ravel()
        columns[f"hi_{level}"] = whole.high[:, place].ravel()
    models = {name: code for code, name in enumerate(dict.fromkeys(whole.models))}
    codes = np.array([models[name] for name in whole.models], np.int64)
    columns["model"] = pd.Categorical.from_codes(np.repeat(codes, horizon), pd.Index(list(models), dtype=object))
    names = ["series", "folds", "steps", "mase", "msis", *(f"coverage_{level}" for level in levels)]
    found = [chosen.labels(np.arange(count)), *whole.scores[:, :2].astype(np.int64).T, *whole.scores[:, 2:].T]
    scores = pd.DataFrame(dict(zip(names, found, strict=True)))
    return SeriesTable.of(columns, _summary(whole.scores, horizon, levels), scores)


def _summary(scores: np.ndarray, horizon: int, levels: tuple[int, ...]) -> str:
    what = f"{horizon} step{'s' * (horizon > 1)} of {len(scores):,} series"
    tested = scores[scores[:, 0] > 0]
    if not len(tested):
        return f"{what}, none of them back-tested"
    means = tested[:, 4:].mean(axis=0)
    covered = ", ".join(f"{mean:.0%} at {level}" for mean, level in zip(means, levels, strict=True))
    text = f"{what}; on {len(tested):,} back-tests, intervals covered {covered} %"
    errors = tested[:, 2][tested[:, 2] == tested[:, 2]]
    return f"{text}, the typical error was {np.median(errors):.2f} of the naive one" if len(errors) else text
