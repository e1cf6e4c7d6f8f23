"""Tracing of bounds: the rows that the limits of how many people were reached rest on."""

from math import inf, isfinite

import numpy as np
import pandas as pd

from engagerr_core.analysis.audience import reach_bounds
from engagerr_core.analysis.predicate import Predicate
from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.analysis.tracing import Statements, Traced, picked
from engagerr_core.analysis.used import TERM_COLUMNS
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.coefficients import CoefficientSet

KINDS = ("period", "parts", "posts")


def trace_reach(statements: Statements, p: Predicate, coefficients: CoefficientSet) -> list[Traced]:
    """The rows behind the bounds of `analysis.audience.reach_bounds`, kind by kind.

    Of each account: the platform's own total of the period; else its best day or most seen post, and all days of what
    limits the number from above.
    """
    cells = {kind: picked(statements, p, kind) for kind in KINDS}
    asked = p.question()
    if asked.start is None or asked.end is None:
        raise InvalidArgument(f"{str(p)!r} is of a period, which has a first and a last day. Name both.")
    cells["posts"] = cells["posts"][cells["posts"]["as_of"] <= asked.end]
    days = (asked.end - asked.start).days + 1
    used: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in KINDS}
    accounts = pd.concat([cells[kind][ACCOUNT] for kind in KINDS]).drop_duplicates()
    for account in accounts.itertuples(index=False, name=None):
        mine = {kind: (cells[kind][ACCOUNT] == list(account)).all(axis=1).to_numpy() for kind in KINDS}
        for kind, name, mask in _limits(cells, mine, days, _exposures(coefficients, account[1])):
            used[kind][name] = used[kind].get(name, np.zeros(len(cells[kind]), bool)) | mask
    terms = pd.DataFrame(columns=list(TERM_COLUMNS))
    found = [Traced.of(statements, kind, cells[kind], used[kind], terms) for kind in KINDS]
    return [one for one in found if len(one.cells)]


def _exposures(coefficients: CoefficientSet, platform: str) -> tuple[str, ...]:
    ways = coefficients.alternatives.get((platform, "standard_views"), ())
    return tuple(dict.fromkeys(native for way in ways for native in way))


def _limits(
    cells: dict[str, pd.DataFrame], mine: dict[str, np.ndarray], days: int, exposures: tuple[str, ...]
) -> list[tuple[str, str, np.ndarray]]:
    """Kind, metric and rows of what limits one account."""
    own = mine["period"] & _known(cells["period"], "reach")
    if np.count_nonzero(own) == 1:
        return [("period", "reach", own)]
    found, low = [], 0.0
    for kind in ("parts", "posts"):
        values = np.where(mine[kind] & _known(cells[kind], "reach"), _column(cells[kind], "reach"), -np.inf)
        if len(values) and values.max() > low:
            low = float(values.max())
            found = [(kind, "reach", np.arange(len(values)) == values.argmax())]
    highs = {name: _highest(cells["parts"][mine["parts"]], name, days) for name in ("reach", *exposures)}
    name = min(highs, key=highs.__getitem__)
    if isfinite(highs[name]):
        found.append(("parts", name, mine["parts"] & _known(cells["parts"], name)))
    return found


def _highest(daily: pd.DataFrame, name: str, days: int) -> float:
    """The limit from above that one metric alone gives; inf where one of its days is unknown."""
    if daily.empty or name not in daily or not days:
        return inf
    platform, nothing = daily["platform"].iloc[0], daily.iloc[:0]
    alone, _ = reach_bounds(daily[[*ACCOUNT, name]], nothing, nothing, days, {platform: (name,)})
    return alone[platform][1]


def _column(rows: pd.DataFrame, name: str) -> np.ndarray:
    return rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan)


def _known(rows: pd.DataFrame, name: str) -> np.ndarray:
    return np.isfinite(_column(rows, name))
