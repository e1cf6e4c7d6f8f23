"""Tracing: from a figure back to the stored rows that entered it, through the functions that made it.

Every stored row has a place. Beside the observations lies a twin table in which each figure is replaced by the place of
the stored row that told it. Whatever picks days, periods or lifetimes from the observations picks the same cells from
the twin, and so names the rows; no rule is written down a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isclose

import numpy as np
import pandas as pd

from engagerr_core.analysis.daily import days_of
from engagerr_core.analysis.figures import UNITS, figures
from engagerr_core.analysis.freshness import provisional
from engagerr_core.analysis.normalize import STANDARD
from engagerr_core.analysis.predicate import Predicate
from engagerr_core.analysis.statements import PARTS, with_statement_totals
from engagerr_core.analysis.subjects import ACCOUNT, POST, daily_flows, lifetimes, period_flows, with_one_account
from engagerr_core.analysis.used import TERM_COLUMNS, used_metrics
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.calendar import period_start
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.context import LABELS
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.observation import METRICS

_AS_GOOD_AS = 1e-9  # sums of the same numbers in another order differ by less
_PERIOD = [*POST, "basis", "period_start", "period_end"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Statements:
    """All that was stored about some creators, and what holds of it.

    Attributes
    ----------
    stored : every stored row; the index is its place. Accounts are those that the figures are brought to.
    named : the account that each stored row names itself.
    observations : what holds: resolved, one account, with the totals of royalty statements.
    places : the same rows; of each metric the place of the stored row that told it, and where it was added up from the
        parts of a statement, −1 less the number of the row.
    contents : the content table.
    """

    stored: pd.DataFrame
    named: pd.Series
    observations: pd.DataFrame
    places: pd.DataFrame
    contents: pd.DataFrame

    @classmethod
    def of(
        cls, stored: pd.DataFrame, resolved: pd.DataFrame, told: pd.DataFrame, contents: pd.DataFrame
    ) -> "Statements":
        """Put together.

        Parameters
        ----------
        stored : every stored row, numbered from 0; after those that count may stand some that were replaced.
        resolved : those that count, resolved.
        told : the same as `resolved`, with places in stored rows instead of figures.
        contents : the content table.
        """
        values, known = with_one_account(resolved, contents)
        at, _ = with_one_account(told, contents)
        values = with_statement_totals(values.assign(_at=np.arange(len(values))))
        return cls(
            stored=stored.assign(account=_brought(stored, contents)),
            named=stored["account"],
            observations=values.drop(columns="_at"),
            places=_places(values, at),
            contents=known,
        )

    def only(self, platforms: tuple[str, ...]) -> "Statements":
        """Of some platforms; of all where none is named."""
        if not platforms:
            return self
        kept = [f[f["platform"].isin(platforms)] for f in (self.stored, self.observations, self.places, self.contents)]
        stored, observations, places, contents = kept
        named = self.named[stored.index]
        return Statements(stored=stored, named=named, observations=observations, places=places, contents=contents)

    def days(self, coefficients: CoefficientSet) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Days of accounts and of posts, see `analysis.daily.days_of`; made once for several figures."""
        if coefficients.label not in self._days:
            self._days[coefficients.label] = days_of(self.observations, self.contents, coefficients)
        return self._days[coefficients.label]

    @cached_property
    def _days(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        return {}

    @cached_property
    def reported(self) -> dict[bool, pd.DataFrame]:
        """The twin's days of accounts (False) and of posts (True), as files report them."""
        return {posts: daily_flows(self.places, posts=posts) for posts in (False, True)}

    @cached_property
    def late(self) -> pd.DataFrame:
        """Days of accounts that the platform may still restate."""
        days = daily_flows(self.observations)
        return days.loc[provisional(days), [*POST, "day"]]

    @cached_property
    def counters(self) -> pd.DataFrame:
        """The twin's lifetime counters of posts and accounts, with the day on which they were read, in its order."""
        held = (self.places["basis"] == "stock") & (self.places["dimension"] == "") & self.places["observed_at"].notna()
        rows = self.places[held]
        return rows.assign(day=rows["observed_at"].dt.tz_localize(None).dt.normalize()).sort_values(
            "day", kind="stable"
        )

    def told(self, places: pd.Series, name: str) -> list[int]:
        """The stored rows behind some places of one metric; parts of a statement stand for their total."""
        known = places.dropna().astype(int)
        parts = [part for total in known[known < 0] for part in self._parts(-1 - total, name)]
        return [*known[known >= 0], *parts]

    def _parts(self, row: int, name: str) -> list[int]:
        total = self.observations.loc[row]
        lines = self.stored[self.stored["dimension"].isin(PARTS) & self.stored[name].notna()]
        for key in _PERIOD:
            if key != "content" or total["content"]:
                lines = lines[lines[key] == total[key]]
        holding = self.places.loc[self.places["dimension"].isin(PARTS), name]
        return [int(place) for place in lines.index.intersection(pd.Index(holding.dropna().astype(int)))]


def _brought(stored: pd.DataFrame, contents: pd.DataFrame) -> pd.Series:
    """The account that each stored row's figures are brought to."""
    pairs = pd.concat([stored[ACCOUNT], contents[ACCOUNT]]).drop_duplicates()
    _, meant = with_one_account(stored.iloc[:0], pairs.assign(content=pairs["account"]))
    names = meant.rename(columns={"account": "_brought", "content": "account"})
    return stored[ACCOUNT].merge(names, on=ACCOUNT, how="left")["_brought"].set_axis(stored.index)


def _places(values: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The twin of `values`, whose column ``_at`` tells the row of `told` that each row goes back to."""
    origin = told.iloc[values["_at"].to_numpy()]
    same = (origin["dimension"].to_numpy() == values["dimension"].to_numpy()) & (
        origin["content"].to_numpy() == values["content"].to_numpy()
    )
    added = -1.0 - values.index.to_numpy()
    found = {}
    for name in METRICS:
        if name in values:
            direct = np.where(same, origin[name].to_numpy(float), np.nan)
            place = np.where(np.isnan(direct), added, direct)
            found[name] = np.where(values[name].notna(), place, np.nan)
    return values.drop(columns="_at").assign(**found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traced:
    """Where some cells of a figure come from.

    Attributes
    ----------
    kind : days, parts (days of a dimension's value), period (the platform's own total) or posts (lifetimes).
    cells : the rows that entered the figure, with the figures as they hold.
    used : native metric → bool per cell: whether it entered.
    terms : of the coefficient set that were applied, with `rows`, to how many.
    pairs : the stored rows behind them: place, metric; each pair once.
    """

    kind: str
    cells: pd.DataFrame
    used: dict[str, np.ndarray]
    terms: pd.DataFrame
    pairs: pd.DataFrame

    @classmethod
    def of(
        cls, statements: Statements, kind: str, cells: pd.DataFrame, used: Mapping[str, np.ndarray], terms: pd.DataFrame
    ) -> "Traced":
        """Of the cells of which anything was used."""
        entered = np.any(list(used.values()), axis=0) if used else np.zeros(len(cells), bool)
        cells, used = cells[entered], {name: mask[entered] for name, mask in used.items() if mask.any()}
        pairs = _pairs_of_days(statements, cells, used) if kind == "days" else _pairs(statements, cells, used)
        table = pd.DataFrame(sorted(pairs), columns=["place", "metric"])
        return cls(kind=kind, cells=cells, used=used, terms=terms, pairs=table)


def _pairs(statements: Statements, cells: pd.DataFrame, used: Mapping[str, np.ndarray]) -> set[tuple[int, str]]:
    """Of cells that carry their places: as ``<metric>_place``."""
    return {
        (place, name)
        for name, mask in used.items()
        for place in statements.told(cells.loc[mask, f"{name}_place"], name)
    }


def _pairs_of_days(statements: Statements, cells: pd.DataFrame, used: Mapping[str, np.ndarray]) -> set[tuple[int, str]]:
    """Of days: the row that reports the day, else the two counters whose difference it is."""
    if cells.empty:
        return set()
    reported = pd.concat([statements.reported[posts] for posts in sorted(set(cells["content"] != ""))])
    found: set[tuple[int, str]] = set()
    for name, mask in used.items():
        days = cells.loc[mask, [*POST, "day"]].astype(dict.fromkeys(POST, "str"))
        told = days.merge(reported[[*POST, "day", name]], on=[*POST, "day"], how="left")[name]
        found.update((place, name) for place in statements.told(told, name))
        silent = days[told.isna().to_numpy()].sort_values("day", kind="stable")
        if silent.empty:
            continue
        known = statements.counters.loc[statements.counters[name].notna(), [*POST, "day", name]]
        before = pd.merge_asof(silent, known, on="day", by=POST, direction="backward", allow_exact_matches=False)
        after = pd.merge_asof(silent, known, on="day", by=POST, direction="forward")
        for near in (before, after):
            found.update((place, name) for place in statements.told(near[name], name))
    return found


def answer(statements: Statements, p: Predicate, coefficients: CoefficientSet) -> pd.DataFrame:
    """The whole question again: all rows of `analysis.figures.figures`, of which the predicate's is one."""
    asked = p.question()
    days = None if asked.basis == "stock" or asked.dimension else statements.days(coefficients)[asked.posts]
    return figures(statements.observations, statements.contents, asked, coefficients, days)


def figure_of(found: pd.DataFrame, p: Predicate) -> pd.Series:
    """The row of an answer that the predicate speaks of. Raises `InvalidArgument` where there is none."""
    rows = found[_matching(found, p)]
    if p.period is not None:
        rows = rows[rows["period"] == pd.Timestamp(p.period)]
    if rows.empty:
        raise InvalidArgument(
            f"There is no figure {str(p)!r}: nothing was known of it. Look what there is with ws.metrics(by="
            f"{[key for key, _ in p.keys]})."
        )
    return rows.iloc[0]


def trace(statements: Statements, p: Predicate, coefficients: CoefficientSet, value: float) -> list[Traced]:
    """The rows that a figure of this value was made from; none where it is unknown.

    A flow may come from days or from the platform's own total of the period: it is those rows that give the value.
    """
    asked = p.question()
    if asked.basis == "stock":
        return _kept(_simple(statements, p, coefficients, "posts"))
    days = _parts(statements, p, coefficients) if asked.dimension else _days(statements, p, coefficients)
    if asked.posts or asked.freq or p.table or _same(_value_of(statements, days, p, coefficients), value):
        return _kept(days)
    own = _simple(statements, p, coefficients, "period")
    return _kept(own if _same(_value_of(statements, own, p, coefficients), value) else days)


def _kept(*traced: Traced) -> list[Traced]:
    return [one for one in traced if len(one.cells)]


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=_AS_GOOD_AS) or (one != one and other != other)


def _value_of(statements: Statements, traced: Traced, p: Predicate, coefficients: CoefficientSet) -> float:
    """The figure that these cells alone give."""
    nothing = statements.observations.iloc[:0]
    if traced.cells.empty:
        return np.nan
    if traced.kind == "days":
        found = figures(nothing, statements.contents, p.question(), coefficients, traced.cells)
    else:
        alone = traced.cells.drop(columns="day")
        found = figures(alone, statements.contents, p.question(), coefficients)
    found = found[_matching(found, p)]
    return float(found["value"].iloc[0]) if len(found) else np.nan


def _simple(statements: Statements, p: Predicate, coefficients: CoefficientSet, kind: str) -> Traced:
    """Cells that are picked from the observations and their twin alike."""
    cells = picked(statements, p, kind)
    return Traced.of(statements, kind, cells, *used_metrics(cells, p.metric, coefficients))


def picked(statements: Statements, p: Predicate, kind: str) -> pd.DataFrame:
    """The cells of one kind, each metric with the place that told it as ``<metric>_place``."""
    cells, twin = (_pick(rows, statements, p, kind) for rows in (statements.observations, statements.places))
    names = [name for name in METRICS if name in cells]
    return cells.assign(**{f"{name}_place": twin[name].to_numpy() for name in names})


def _pick(rows: pd.DataFrame, statements: Statements, p: Predicate, kind: str) -> pd.DataFrame:
    asked = p.question()
    rows = rows[_matching(rows, p, ("creator", "platform", "account", "content"))]
    if kind == "posts":
        found = lifetimes(rows, statements.contents)
        found = found.assign(day=found["published_on"])
    elif kind == "parts":
        found = daily_flows(rows, posts=asked.posts, dimension=asked.dimension)
    else:
        start, end = _whole_period(statements, p)
        found = period_flows(rows, start, end, dimension=asked.dimension)
        found = found.drop_duplicates([*ACCOUNT, "dimension_value"], keep="last").assign(day=start)
        return found[_matching(found, p)]
    return _in_cell(found, statements.contents, p)


def _whole_period(statements: Statements, p: Predicate) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days asked for; an open end is that of all that is known."""
    asked = p.question()
    if asked.start is not None and asked.end is not None:
        return asked.start, asked.end
    rows = statements.observations
    totals = rows[(rows["basis"] == "flow") & (rows["dimension"] == asked.dimension) & (rows["content"] == "")]
    return asked.start or totals["period_start"].min(), asked.end or totals["period_end"].max()


def _in_cell(rows: pd.DataFrame, contents: pd.DataFrame, p: Predicate) -> pd.DataFrame:
    """The rows of the period with the predicate's keys."""
    asked = p.question()
    rows = rows[rows["day"].notna()]
    if asked.start is not None:
        rows = rows[rows["day"] >= asked.start]
    if asked.end is not None:
        rows = rows[rows["day"] <= asked.end]
    if asked.freq is not None:
        days = rows["day"].to_numpy("datetime64[D]").astype(np.int32)
        first = period_start(days, UNITS[asked.freq])  # type: ignore[arg-type]
        rows = rows[first == np.datetime64(p.period, "D").astype(np.int32)]
    return rows[_matching(_labelled(rows, contents, p), p)]


def _labelled(rows: pd.DataFrame, contents: pd.DataFrame, p: Predicate) -> pd.DataFrame:
    """The rows with the labels among the keys, an unknown one empty; the same index."""
    wanted = [key for key, _ in p.keys if key in LABELS]
    if missing := [key for key in wanted if key not in rows]:
        labels = rows[POST].merge(contents[[*POST, *missing]], on=POST, how="left")[missing]
        rows = rows.assign(**{name: labels[name].to_numpy() for name in missing})
    return rows.assign(**{key: rows[key].fillna("") for key in wanted})


def _matching(rows: pd.DataFrame, p: Predicate, among: Sequence[str] = ()) -> pd.Series:
    """Whether each row has the keys of the predicate; only those `among` some are looked at, where any are named."""
    held = pd.Series(True, index=rows.index)
    for key, value in p.keys:
        if among and key not in among:
            continue
        held &= rows[key if key in rows else "dimension_value"] == value
    return held


def _parts(statements: Statements, p: Predicate, coefficients: CoefficientSet) -> Traced:
    return _simple(statements, p, coefficients, "parts")


def _days(statements: Statements, p: Predicate, coefficients: CoefficientSet) -> Traced:
    """Days of accounts or posts; an account without days of its own has those of its posts."""
    accounts, posts = statements.days(coefficients)
    asked = p.question()
    cells = _in_cell(posts if asked.posts else accounts.assign(content=""), statements.contents, p)
    used, terms = used_metrics(cells, p.metric, coefficients)
    entered = np.any(list(used.values()), axis=0) if used else np.zeros(len(cells), bool)
    if metric(p.metric).rule("time") == "last" and asked.freq != "D" and entered.any():
        used = {name: mask & _latest(cells, entered) for name, mask in used.items()}
    if asked.posts or not (made_of_posts := cells["of_posts"].to_numpy(bool)).any():
        return Traced.of(statements, "days", cells, used, terms)
    account_day = [*ACCOUNT, "day"]
    behind = posts.merge(cells.loc[made_of_posts & entered, account_day], on=account_day)
    own = cells[~made_of_posts].drop(columns=[n for name in STANDARD for n in (name, f"{name}_estimated")])
    cells = pd.concat([own, behind], ignore_index=True)
    return Traced.of(statements, "days", cells, *used_metrics(cells, p.metric, coefficients, each_side=True))


def _latest(cells: pd.DataFrame, entered: np.ndarray) -> np.ndarray:
    """The one cell whose level holds: of the last day, and there the last."""
    known = np.flatnonzero(entered)
    last = known[np.argsort(cells["day"].to_numpy()[known], kind="stable")[-1]]
    return np.arange(len(cells)) == last


def terms_of(traced: Sequence[Traced]) -> pd.DataFrame:
    """The terms that were applied, of all kinds of cells together."""
    parts = [one.terms for one in traced]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(TERM_COLUMNS))
