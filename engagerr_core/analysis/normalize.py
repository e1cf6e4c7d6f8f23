"""From native counts to standard metrics, by the terms of a coefficient set."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import standard

STANDARD = standard()
WATCH_FROM_AVERAGE = "watch_minutes_from_average"


@dataclass(frozen=True, slots=True)
class Rules:
    """A coefficient set as arrays: what the kernels take.

    Attributes
    ----------
    natives : names of the m native metrics that the set uses.
    platforms : platform → index of its rule.
    weights : float64 (rules, standard metrics, alternatives, m); NaN = not a part.
    estimated : bool (rules, standard metrics, alternatives): the way leans on an assumed coefficient or a second
        choice.
    """

    natives: tuple[str, ...]
    platforms: dict[str, int]
    weights: np.ndarray
    estimated: np.ndarray


@lru_cache(maxsize=8)
def rules(coefficients: CoefficientSet) -> Rules:
    """Lay a coefficient set out as arrays."""
    natives = tuple(dict.fromkeys(t.native for t in coefficients.terms))
    platforms = {name: i for i, name in enumerate(dict.fromkeys(t.platform for t in coefficients.terms))}
    ways = coefficients.alternatives
    depth = max((len(w) for w in ways.values()), default=1)
    weights = np.full((len(platforms), len(STANDARD), depth, len(natives)), np.nan)
    estimated = np.zeros(weights.shape[:3], dtype=bool)
    doubtful = {
        (t.platform, t.standard, t.native) for t in coefficients.terms if t.origin == "assumed" or t.alternative > 1
    }
    for (platform, metric), alternatives in ways.items():
        r, s = platforms[platform], STANDARD.index(metric)
        for a, parts in enumerate(alternatives):
            for native, value in parts.items():
                weights[r, s, a, natives.index(native)] = value
                estimated[r, s, a] |= (platform, metric, native) in doubtful
    return Rules(natives, platforms, weights, estimated)


def with_watch_from_average(observations: pd.DataFrame) -> pd.DataFrame:
    """Add `watch_minutes_from_average`: average view duration × views ÷ 60, unknown where either is."""
    if "average_view_seconds" not in observations or "views" not in observations:
        return observations.assign(**{WATCH_FROM_AVERAGE: np.nan})
    return observations.assign(
        **{WATCH_FROM_AVERAGE: observations["average_view_seconds"] * observations["views"] / 60}
    )


def native_columns(observations: pd.DataFrame, names: tuple[str, ...]) -> list[np.ndarray]:
    """The named metrics as contiguous float64 columns; a column that is not there is unknown throughout."""
    unknown = np.full(len(observations), np.nan)
    return [
        np.ascontiguousarray(observations[name].to_numpy(np.float64, na_value=np.nan))
        if name in observations
        else unknown
        for name in names
    ]


def rule_codes(observations: pd.DataFrame, made: Rules) -> np.ndarray:
    """Index of each row's rule, −1 where the set has none for its platform."""
    place, names = pd.factorize(observations["platform"])
    return np.array([*(made.platforms.get(name, -1) for name in names), -1], np.int32)[place]


def standardise(observations: pd.DataFrame, coefficients: CoefficientSet) -> pd.DataFrame:
    """Add the standard metrics, row by row, and for each a column ``<metric>_estimated``.

    Parameters
    ----------
    observations : rows with `platform` and native metric columns; unknown is NaN.
    coefficients : the set whose terms are applied.

    Returns
    -------
    The same rows and index with four standard metrics, NaN where no way to form them has all its parts known: an
    unknown part is never counted as 0. ``<metric>_estimated`` is True where a second choice or an assumed coefficient
    was used.
    """
    from engagerr_core.kernels.standardise import standardise as kernel

    frame = with_watch_from_average(observations)
    made = rules(coefficients)
    rule = rule_codes(frame, made)
    if len(frame):
        values, way = kernel(native_columns(frame, made.natives), rule, made.weights)
    else:
        values, way = np.empty((len(STANDARD), 0)), np.empty((len(STANDARD), 0), np.int8)
    added: dict[str, np.ndarray] = {}
    for s, name in enumerate(STANDARD):
        added[name] = values[s]
        added[f"{name}_estimated"] = np.where(way[s] >= 0, made.estimated[rule, s, way[s]], False)
    return frame.assign(**added)
