"""Common ground of two spans: what the days say about comparing figures of the one with figures of the other."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import aggregate
from engagerr_core.analysis.comparison import MOSTLY
from engagerr_core.analysis.figures import UNITS, Frequency
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.splicing import Spliced, counted_from, spliced
from engagerr_core.analysis.subjects import ACCOUNT, codes, days_since_epoch
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.platforms import platforms

Spans = tuple[tuple[date, date], tuple[date, date]]  # the comparison, then the window


class Cell(NamedTuple):
    """What the days say of one row of figures.

    `told` whether there are days at all; `how` redefinitions were bridged; `split` the platforms on which they could
    not be; `lacking` the accounts that one side knows too little of; `clocks` by which the days that are added up were
    cut, where they differ; `change` like for like, where bridged.
    """

    told: bool = False
    how: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    clocks: str = ""
    change: float = np.nan


class Ground(NamedTuple):
    """Cells by metric and keys; `keys` are those that the days have, too."""

    keys: tuple[str, ...]
    cells: dict[tuple[Any, ...], Cell]

    def cell(self, pair: dict[Any, Any]) -> Cell:
        """The cell of a row of figures; an empty one where there are no days of it."""
        return self.cells.get((pair["metric"], *(pair[key] for key in self.keys)), Cell())


def common_ground(
    pairs: pd.DataFrame, keys: list[str], spans: Spans, days: pd.DataFrame, contents: pd.DataFrame,
    coefficients: CoefficientSet, freq: Frequency | None,
) -> Ground:  # fmt: skip
    """What the days say of each row of figures.

    Parameters
    ----------
    pairs : figures with their keys, metric and, with freq, period and `_period` (that of the comparison).
    keys : the columns that name a row of figures.
    spans : the comparison and the window.
    days, contents, coefficients, freq : see `windows.with_comparison`.
    """
    splice = spliced(days, contents, *spans)
    rows = _placed(days, pairs, spans, freq)
    here = [key for key in keys if key in rows]
    if rows.empty:
        return Ground(tuple(here), {})
    cell, table = codes(rows, here)
    rows = rows.assign(cell=cell)
    plain, like = (standardise(frame.loc[rows.index], coefficients) for frame in (days, splice.rows))
    clocks = rows.groupby("cell")["platform"].agg(lambda names: _clocks(set(names)))
    found = {}
    for name in dict.fromkeys(pairs["metric"]):
        crossed = _crossed(rows, counted_from(splice.joints, name, coefficients))
        values = _columns(name, plain, like, splice, coefficients)
        lacking = _lacking(rows, values)
        changes = _like_for_like(rows, values, name, len(table)) if len(crossed) else np.full(len(table), np.nan)
        joints = dict(iter(crossed.groupby("cell")))
        for code, key in enumerate(table.itertuples(index=False, name=None) if here else [()]):
            how, split = _passage(name, joints[code], len(here) == len(keys)) if code in joints else ((), ())
            found[name, *key] = Cell(True, how, split, lacking.get(code, ()), clocks[code], float(changes[code]))
    return Ground(tuple(here), found)


def _passage(name: str, joints: pd.DataFrame, whole: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a figure passes its joints, or the platforms that split it.

    A platform's own average keeps its denominator; a metric that ended is not told by the one that goes on; and what is
    split by a key that the days lack (a dimension) has no days to be bridged with.
    """
    ended = ((joints["metric"] == name) & (joints["series"] != name)).any()
    if whole and joints["bridged"].all() and not ended and metric(name).weight("time") is None:
        return tuple(dict.fromkeys(joints["how"])), ()
    return (), tuple(dict.fromkeys(platforms()[p].title for p in joints["platform"]))


def _placed(days: pd.DataFrame, pairs: pd.DataFrame, spans: Spans, freq: Frequency | None) -> pd.DataFrame:
    """Days of either span, with side (1 now, 0 before) and the period of the window to which they belong."""
    then, now = (days["day"].between(pd.Timestamp(start), pd.Timestamp(end)) for start, end in spans)
    rows = days[now | then].assign(side=now[now | then].astype(int))
    if not freq or rows.empty:
        return rows
    from engagerr_core.kernels.calendar import period_start

    first = period_start(days_since_epoch(rows["day"]), UNITS[freq])  # type: ignore[arg-type]
    period = pd.Series(first.astype("datetime64[D]").astype("datetime64[us]"), rows.index)
    met = pairs.drop_duplicates("_period").dropna(subset="_period").set_index("_period")["period"]
    return rows.assign(period=period.where(rows["side"] == 1, met.reindex(period).to_numpy())).dropna(subset="period")


def _clocks(names: set[str]) -> str:
    """The clocks by which platforms cut their days, where they are not the same."""
    zones = sorted({platforms()[name].day_zone for name in names})
    told = ", ".join("the account's own zone" if zone == "account" else zone for zone in zones)
    return f"each platform's own days are added up ({told})" if len(zones) > 1 else ""


def _crossed(rows: pd.DataFrame, joints: pd.DataFrame) -> pd.DataFrame:
    """Which joints lie between the days of which cell."""
    keys = [k for k in (*ACCOUNT, "content") if k in rows and k in joints]
    spans = rows.groupby("cell")["day"].agg(first_day="min", last_day="max").reset_index()
    met = rows[["cell", *keys]].drop_duplicates().merge(joints.rename(columns={"day": "since"}), on=keys)
    met = met.merge(spans, on="cell")
    return met[(met["first_day"] < met["since"]) & (met["since"] <= met["last_day"])]


def _columns(
    name: str, plain: pd.DataFrame, like: pd.DataFrame, splice: Spliced, coefficients: CoefficientSet
) -> pd.DataFrame:
    """The parts of a metric, each like for like where a redefinition touches it, else as it was reported."""
    one = metric(name)
    parts = (one.numerator, one.denominator) if one.kind == "derived" else (name,)
    touched = {p: len(counted_from(splice.joints, p, coefficients)) > 0 for p in parts}
    unknown = pd.Series(np.nan, plain.index)
    return pd.DataFrame({p: (like if touched[p] else plain).get(p, unknown) for p in parts}).astype(float)


def _lacking(rows: pd.DataFrame, values: pd.DataFrame) -> dict[int, tuple[str, ...]]:
    """Of cells with several accounts: those that know the metric on fewer than nine days of ten of either side."""
    marks = ["cell", *ACCOUNT]
    known = rows[values.notna().all(axis=1)]
    accounts = known.groupby(marks).size()
    reached = [known[known["side"] == s].groupby(marks)["day"].nunique().reindex(accounts.index, fill_value=0)
               for s in (0, 1)]  # fmt: skip
    lengths = [rows[rows["side"] == s].groupby("cell")["day"].nunique() for s in (0, 1)]
    several = accounts.groupby(level="cell").size() > 1
    found: dict[int, tuple[str, ...]] = {}
    for key, before, now in zip(accounts.index, *reached, strict=True):
        cell, _, platform, account = key
        if before >= MOSTLY * lengths[0].get(cell, 0) and now >= MOSTLY * lengths[1].get(cell, 0):
            continue
        told = f"{platforms()[platform].title} ({account}) is known on {before} days before and {now} days now"
        if several[cell]:
            found[cell] = (*found.get(cell, ()), told)
    return found


def _like_for_like(rows: pd.DataFrame, values: pd.DataFrame, name: str, cells: int) -> np.ndarray:
    """Relative change per cell; counts per known day, ratios as ratios of sums."""
    if metric(name).kind != "derived" and metric(name).rule("time") != "sum":
        return np.full(cells, np.nan)
    group = (rows["cell"] * 2 + rows["side"]).to_numpy(np.int32)
    table = values.assign(day=days_since_epoch(rows["day"]))
    sums = aggregate(table, group, 2 * cells, [name], one_each=False)
    per = sums.values[name] if metric(name).kind == "derived" else sums.values[name] / np.maximum(sums.known[name], 1)
    before, now = per[0::2], per[1::2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(before > 0, now / before - 1, np.nan)
