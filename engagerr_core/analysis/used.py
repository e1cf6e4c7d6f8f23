"""Which native metrics a figure used, row by row, and through which terms of the coefficient set."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.normalize import WATCH_FROM_AVERAGE, with_watch_from_average
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import metric

TERM_COLUMNS = ("platform", "native", "standard", "value", "origin", "note", "rows")


def natives_of(name: str, coefficients: CoefficientSet) -> tuple[str, ...]:
    """The native metrics that a metric may be made from, on any platform."""
    one = metric(name)
    if one.kind == "derived":
        sides = (natives_of(side, coefficients) for side in (one.numerator, one.denominator))
        return tuple(dict.fromkeys(native for side in sides for native in side))
    if one.kind == "standard":
        named = [t.native for t in coefficients.terms if t.standard == name]
        return tuple(dict.fromkeys(native for way in named for native in _columns(way)))
    return _columns(name)


def used_metrics(
    cells: pd.DataFrame, name: str, coefficients: CoefficientSet, *, each_side: bool = False
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Which native metrics of which rows entered a figure, and the terms that were applied.

    Parameters
    ----------
    cells : rows with `platform` and native metrics; unknown is NaN.
    name : the figure's metric.
    coefficients : the set that standard metrics are formed with.
    each_side : the two sides of a ratio were added up each by itself; otherwise a row that lacks one enters neither.

    Returns
    -------
    Native metric → bool per row; and a frame with `TERM_COLUMNS`.
    """
    one = metric(name)
    sides = (one.numerator, one.denominator) if one.kind == "derived" else (name,)
    rows = with_watch_from_average(cells)
    found = [_side(rows, side, coefficients) for side in sides]
    known = [np.any([mask for *_, mask in ways], axis=0) if ways else np.zeros(len(cells), bool) for ways in found]
    among = np.ones(len(cells), bool) if each_side else np.all(known, axis=0)
    used: dict[str, np.ndarray] = {}
    told: dict[tuple, int] = {}
    for side, ways in zip(sides, found, strict=True):
        for platform, way, mask in ways:
            entered = mask & among
            for native, value in way.items() if entered.any() else ():
                for column in _columns(native):
                    used[column] = used.get(column, np.zeros(len(cells), bool)) | entered
                key = (platform, native, side, value)
                told[key] = told.get(key, 0) + int(np.count_nonzero(entered))
    return used, _terms(told, coefficients)


def _side(
    rows: pd.DataFrame, name: str, coefficients: CoefficientSet
) -> list[tuple[str, dict[str, float], np.ndarray]]:
    """The ways in which a metric was formed: platform, native metrics with their values, and in which rows.

    Of a standard metric it is the first way whose parts are all known.
    """
    if metric(name).kind != "standard":
        return [("", {name: 1.0}, _all_known(rows, _columns(name)))]
    found = []
    for platform in sorted(set(rows["platform"])):
        left = (rows["platform"] == platform).to_numpy()
        for way in coefficients.alternatives.get((platform, name), ()):
            taken = left & _all_known(rows, tuple(way))
            left = left & ~taken
            found.append((platform, way, taken))
    return found


def _all_known(rows: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    unknown = np.zeros(len(rows), bool)
    return np.all([rows[name].notna().to_numpy() if name in rows else unknown for name in names], axis=0)


def _columns(name: str) -> tuple[str, ...]:
    """A column of an observation, or the columns it is formed from row by row, with its weight where it is averaged."""
    if name == WATCH_FROM_AVERAGE:
        return ("average_view_seconds", "views")
    one = metric(name)
    weight = one.weight("time") or one.weight("content")
    return (name, weight) if weight else (name,)


def _terms(told: dict[tuple, int], coefficients: CoefficientSet) -> pd.DataFrame:
    known = {(t.platform, t.native, t.standard, t.value): t for t in reversed(coefficients.terms)}
    rows = [(*key, known[key].origin, known[key].note, count) for key, count in told.items() if key in known]
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS))
