"""Re-aggregation: the one file that adds metrics up, by the rule each metric declares for each axis.

Nothing else in the package may sum a metric; `tests/analysis/test_only_here.py` holds that.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagerr_core.errors import NotAdditive
from engagerr_core.vocabulary.metrics import Axis, Metric, metric, require_additive

_NO_STANDARD = (1, 0, 1)


@dataclass(frozen=True, slots=True)
class Sums:
    """What groups of rows add up to.

    Attributes
    ----------
    values : per metric, one value a group; NaN where nothing was known.
    known : per metric, how many rows entered.
    rows : rows per group, known or not.
    """

    values: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    rows: np.ndarray


def require_allowed(one: Metric, axes: tuple[Axis, ...]) -> None:
    """Refuse with `NotAdditive` a metric that declares no rule for one of the axes that are to be aggregated."""
    parts = (metric(one.numerator), metric(one.denominator)) if one.kind == "derived" else (one,)
    for part in parts:
        for axis in axes:
            if not (part.rule(axis) == "weighted" or (part.rule(axis) == "last" and axis == "time")):
                require_additive(part.name, over=axis)


def _pair(rows: pd.DataFrame, one: Metric) -> tuple[np.ndarray, np.ndarray] | None:
    """Numerator and denominator columns of a ratio or of a weighted mean; None for what is simply added."""
    if one.kind == "derived":
        return _column(rows, one.numerator), _column(rows, one.denominator)
    weight = one.weight("time") or one.weight("content")
    if weight:
        values, weights = _column(rows, one.name), _column(rows, weight)
        return values * weights, weights
    return None


def _column(rows: pd.DataFrame, name: str) -> np.ndarray:
    if name not in rows:
        return np.full(len(rows), np.nan)
    return np.ascontiguousarray(rows[name].to_numpy(np.float64, na_value=np.nan))


def _only_value(values: np.ndarray, group: np.ndarray, n_groups: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The single known value of each group; two are a mistake of the caller, since they must not be added."""
    known = np.isfinite(values)
    counts = np.bincount(group[known], minlength=n_groups)
    if (counts > 1).any():
        require_additive(name, over="content")
        raise NotAdditive(
            f"A sum of {name} was asked, but its values are not added. Keep them apart by day and account."
        )
    out = np.full(n_groups, np.nan)
    out[group[known]] = values[known]
    return out, counts


def _last_value(values: np.ndarray, day: np.ndarray, group: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.lexsort((day[known], group[known]))]
    out = np.full(n_groups, np.nan)
    out[group[order]] = values[order]  # the latest day is written last
    return out, np.bincount(group[known], minlength=n_groups)


def aggregate(rows: pd.DataFrame, group: np.ndarray, n_groups: int, names: list[str], *, one_each: bool) -> Sums:
    """Aggregate rows by group, each metric by its own rule.

    Parameters
    ----------
    rows : one row a subject and day (or a post), with metric columns and, for levels, `day` as days since 1970.
    group : int32, group of each row from 0, −1 to leave a row out.
    n_groups : how many groups.
    names : metrics wanted; the caller has passed each through `require_allowed`.
    one_each : every group holds one subject and day at most, so that what is never added can be shown as it is.

    Returns
    -------
    Sums; ratios are ratios of sums over the rows in which both sides are known.
    """
    from engagerr_core.kernels.rollup import rollup

    added: list[np.ndarray] = []
    places: dict[str, tuple[int, ...]] = {}
    values: dict[str, np.ndarray] = {}
    known: dict[str, np.ndarray] = {}
    inside = group >= 0
    for name in names:
        one = metric(name)
        pair = _pair(rows, one)
        if pair is not None:
            places[name] = (len(added), len(added) + 1)
            added += pair
        elif one.rule("time") == "sum":
            places[name] = (len(added),)
            added.append(_column(rows, name))
        elif one.rule("time") == "last" and not one_each:
            values[name], known[name] = _last_value(
                _column(rows, name)[inside], rows["day"].to_numpy()[inside], group[inside], n_groups
            )
        else:
            values[name], known[name] = _only_value(_column(rows, name)[inside], group[inside], n_groups, name)

    ratios = [p for p in places.values() if len(p) == 2]
    sums = rollup(
        added,
        group,
        np.full(len(rows), -1, np.int32),
        np.empty((*_NO_STANDARD, len(added))),
        np.array([p[0] for p in ratios], np.int32),
        np.array([p[1] for p in ratios], np.int32),
        n_groups,
    )
    ratio = 0
    for name, place in places.items():
        if len(place) == 2:
            denominator = sums.denominators[ratio]
            with np.errstate(invalid="ignore", divide="ignore"):
                values[name] = np.where(denominator > 0, sums.numerators[ratio] / denominator, np.nan)
            known[name] = sums.pairs[ratio]
            ratio += 1
        else:
            values[name], known[name] = sums.native[place[0]], sums.native_known[place[0]]
    return Sums(values, known, np.bincount(group[inside], minlength=n_groups))


def sum_runs(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the known values of each run of rows, NaN where none is known, and how many are.

    Runs begin at `starts` and lie side by side; each is added up by itself, so that a run gives the same bytes wherever
    it lies. The caller vouches that the metric adds up over what lies in a run.
    """
    if not len(starts):
        return np.empty(0), np.empty(0, np.int64)
    known = ~np.isnan(values)
    counts = np.add.reduceat(known, starts, dtype=np.int64)
    return np.where(counts > 0, np.add.reduceat(np.where(known, values, 0.0), starts), np.nan), counts


def total_by(rows: pd.DataFrame, keys: list[str], name: str, *, column: str = "", whole: bool = False) -> pd.Series:
    """Sum of a metric that adds over time, content and (if standard) platforms, by key; NaN where nothing is known.

    Parameters
    ----------
    rows : rows with the keys and the metric.
    name : the metric, whose rules are checked.
    column : the column that holds it, where that is not its name.
    whole : NaN as soon as one row of a key is unknown, and where a key has fewer rows than the fullest one.
    """
    require_allowed(metric(name), ("time", "content"))
    if "platform" not in keys and "platform" in rows and len(rows["platform"].dropna().unique()) > 1:
        require_additive(name, over="platform")
    grouped = rows.groupby(keys)[column or name]
    total = grouped.sum(min_count=1)
    if whole and len(total):
        known = grouped.count()
        total = total.where(known == known.max())
    return total


def share_of_total(values: pd.Series, name: str) -> pd.Series:
    """Each platform's share of what all of them add up to; unknown ones stay unknown and are in no total."""
    require_additive(name, over="platform")
    total = values.sum(min_count=1)
    return values / total if total > 0 else values * np.nan
