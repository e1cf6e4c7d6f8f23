"""Figures: metrics by key and period, each saying what it is and how sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import aggregate, require_allowed
from engagerr_core.analysis.daily import COUNTED, ESTIMATED, days_of
from engagerr_core.analysis.intervals import jackknife_ratio, weighted_count_interval
from engagerr_core.analysis.normalize import (
    STANDARD,
    native_columns,
    rule_codes,
    rules,
    standardise,
    with_watch_from_average,
)
from engagerr_core.analysis.subjects import POST, codes, daily_flows, days_since_epoch, dense, lifetimes, period_flows
from engagerr_core.errors import InvalidArgument, MixedBases
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.context import LABELS
from engagerr_core.vocabulary.definitions import definition_in_force
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import Axis, metric
from engagerr_core.vocabulary.metrics import metrics as all_metrics

Frequency = Literal["D", "W", "M"]
_OF_POSTS = frozenset(("content", *LABELS))
UNITS = {"D": "day", "W": "week", "M": "month"}
KEYS = ("creator", "platform", "account", "content", *LABELS)
FIGURE_COLUMNS = (
    "metric", "value", "low", "high", "basis", "origin", "definition", "coefficient_set", "coverage",
)  # fmt: skip
_FEWEST_WEEKS = 3  # weeks are the jackknife's blocks from here on; below, days are


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A checked question: which metrics, by which keys, over which days, on which basis."""

    by: tuple[str, ...]
    metrics: tuple[str, ...]
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    freq: Frequency | None
    basis: Literal["flow", "stock"]

    @property
    def dimension(self) -> str:
        """The dimension among the keys, or empty."""
        return next((k for k in self.by if k not in KEYS), "")

    @property
    def posts(self) -> bool:
        """Whether single posts are asked for."""
        return self.basis == "stock" or bool(_OF_POSTS.intersection(self.by))


def question(
    by: Sequence[str] = (),
    metrics: Sequence[str] = ("standard_views", "standard_engagements", "engagement_rate"),
    start: date | str | None = None,
    end: date | str | None = None,
    freq: Frequency | None = None,
    basis: str | None = None,
) -> Question:
    """Check a question before any data is touched.

    Raises
    ------
    UnknownName, InvalidArgument, MixedBases
        Each says what was asked and what can be.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    metrics = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    for key in by:
        if key not in KEYS and key not in dimensions():
            raise InvalidArgument(
                f"by={key!r} was asked. Figures can be split by {', '.join(KEYS)} or a dimension "
                f"({', '.join(dimensions())}). Use freq for time."
            )
    if len(set(by)) < len(by) or len([k for k in by if k in dimensions() and k not in KEYS]) > 1:
        raise InvalidArgument(f"by={list(by)} was asked. Name each key once, and one dimension at most.")
    if not metrics:
        raise InvalidArgument("No metric was asked for. Name at least one, such as standard_views.")
    for name in metrics:
        metric(name)
    if freq is not None and freq not in UNITS:
        raise InvalidArgument(
            f"freq={freq!r} was asked. It is D (day), W (ISO week), M (month) or None (the whole period)."
        )
    first, last = day_of(start), day_of(end)
    if first is not None and last is not None and last < first:
        raise InvalidArgument(f"The period runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}. Swap them.")
    posts = bool(_OF_POSTS.intersection(by))
    split = any(key not in KEYS for key in by)
    basis = basis or ("stock" if posts and not split else "flow")
    if basis == "stock" and split:
        raise MixedBases(
            f"by={list(by)} was asked with basis='stock'. Lifetimes of posts are not split by a dimension; the days of "
            "accounts are. Ask with basis='flow'."
        )
    if basis not in ("flow", "stock"):
        raise MixedBases(
            f"basis={basis!r} was asked. One figure has one basis: flow (during the period) or stock (items published "
            "in the period, lifetime to the export day). Ask for each apart."
        )
    return Question(
        by=by,
        metrics=tuple(dict.fromkeys(metrics)),
        start=first,
        end=last,
        freq=freq,
        basis=basis,  # type: ignore[arg-type]
    )


def day_of(day: date | str | None) -> pd.Timestamp | None:
    """A day as analysis counts it; None and an empty text are none. Raises `InvalidArgument` for what is no day."""
    if day is None or (isinstance(day, str) and not day):
        return None
    try:
        found = pd.Timestamp(date.fromisoformat(day) if isinstance(day, str) else day)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{day!r} is not a day. Write it like 2026-03-31.") from None
    return found.tz_localize(None).normalize()


def _axes(asked: Question, rows: pd.DataFrame) -> tuple[Axis, ...]:
    """The axes over which the question aggregates. Platform and creator count even if the data hold only one."""
    axes: list[Axis] = []
    if asked.basis == "flow" and asked.freq != "D":
        axes.append("time")
    if asked.posts and "content" not in asked.by:
        axes.append("content")
    elif not asked.posts and "account" not in asked.by:
        accounts = codes(rows, ["creator", "platform", "account"])[1]
        if accounts.duplicated(["creator", "platform"]).any():
            axes.append("content")
    named = {"account", "content"} & set(asked.by)
    if "platform" not in asked.by and (not named or _shared(rows, asked, "platform")):
        axes.append("platform")
    if "creator" not in asked.by and _shared(rows, asked, "creator"):
        axes.append("creator")
    return tuple(axes)


def _shared(rows: pd.DataFrame, asked: Question, owner: str) -> bool:
    """Whether one cell would take rows of several owners: two platforms may give an account the same name."""
    keys = [key for key in asked.by if key != owner]
    return len(codes(rows, [*keys, owner])[1]) > len(codes(rows, keys)[1])


def figures(
    observations: pd.DataFrame,
    contents: pd.DataFrame,
    asked: Question,
    coefficients: CoefficientSet,
    days: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Answer a question from resolved observations.

    Parameters
    ----------
    observations : resolved observation rows of the creators and platforms in question.
    contents : the content table.
    asked : see `question`.
    coefficients : the set that standard metrics are formed with.
    days : for flows of accounts or posts without a dimension, their days, as `analysis.daily.days_of` gives them. Of
        `observations` only accounts' totals over several days are looked at then. None = made from the observations.

    Returns
    -------
    Long frame, one row a key, period and metric, sorted: the keys; `period` (first day of the day, ISO week or month;
    only with freq); `metric`; `value` (NaN = unknown, never 0); `low`, `high` (95 % interval of rates: delete-one-block
    jackknife over posts or weeks, for a single post the gamma interval of Fay and Feuer; NaN elsewhere); `basis`;
    `origin` (native: as the platform counts · derived: formed by the coefficient set · estimated: through an assumed
    coefficient or a second choice); `definition` (in force, `` | `` where it changed inside the period);
    `coefficient_set` (empty for native figures); `coverage` (share of the days or posts for which the metric is known).

    Raises
    ------
    NotAdditive
        When the question would add up what does not add. Saying so beats a wrong number.
    """
    rows = _rows(observations, contents, asked, coefficients, days)
    axes = _axes(asked, rows)
    wanted = [metric(name) for name in asked.metrics]
    own_totals = _own_totals(observations, rows["day"], asked, axes, coefficients)
    for one in wanted:
        if own_totals is None or not own_totals["metric"].eq(one.name).any():
            require_allowed(one, axes)
    summable = [m.name for m in wanted if _allowed(m, axes)]
    found = _answer(rows, asked, summable, coefficients, one_each=not axes)
    if own_totals is not None:
        found = _prefer_known(found, own_totals, asked)
    keys = [*asked.by, *(["period"] if asked.freq else [])]
    return _every_metric(found, keys, asked)[[*keys, *FIGURE_COLUMNS]]


def _every_metric(found: pd.DataFrame, keys: list[str], asked: Question) -> pd.DataFrame:
    """One row a key and metric asked for, in order; what has no figure is unknown, not absent."""
    table = found[keys].drop_duplicates().sort_values(keys, kind="stable") if keys else pd.DataFrame(index=[0])
    whole = table.merge(pd.DataFrame({"metric": asked.metrics}), how="cross")
    whole = whole.merge(found, on=[*keys, "metric"], how="left")
    told = {"basis": asked.basis, "origin": "", "definition": "", "coefficient_set": "", "coverage": 0.0}
    return whole.fillna(told).reset_index(drop=True)


def _allowed(one, axes: tuple[Axis, ...]) -> bool:
    from engagerr_core.errors import NotAdditive

    try:
        require_allowed(one, axes)
    except NotAdditive:
        return False
    return True


def _rows(
    observations: pd.DataFrame,
    contents: pd.DataFrame,
    asked: Question,
    coefficients: CoefficientSet,
    days: pd.DataFrame | None,
) -> pd.DataFrame:
    if asked.basis == "stock":
        rows = lifetimes(observations, contents)
        rows = rows.assign(day=rows["published_on"])
    elif asked.dimension:
        rows = daily_flows(observations, posts=asked.posts, dimension=asked.dimension)
    else:
        rows = days_of(observations, contents, coefficients)[asked.posts] if days is None else days
    if missing := [label for label in LABELS if label in asked.by and label not in rows]:
        rows = rows.merge(contents[[*POST, *missing]], on=POST, how="left")
    if asked.dimension:
        rows = rows.assign(**{asked.dimension: rows["dimension_value"]})
    rows = rows.assign(**{label: rows[label].fillna("") for label in LABELS if label in rows})
    if asked.start is not None:
        rows = rows[rows["day"] >= asked.start]
    if asked.end is not None:
        rows = rows[rows["day"] <= asked.end]
    return rows


def _own_totals(
    observations: pd.DataFrame, days: pd.Series, asked: Question, axes: tuple[Axis, ...], coefficients: CoefficientSet
) -> pd.DataFrame | None:
    """Figures from rows in which the platform itself totalled exactly the period asked for; nothing is added up."""
    if asked.basis == "stock" or asked.posts or asked.freq or set(axes) - {"time"}:
        return None
    start, end = asked.start, asked.end
    if start is None or end is None:
        totals = observations[
            (observations["basis"] == "flow")
            & (observations["dimension"] == asked.dimension)
            & (observations["content"] == "")
        ]
        start = start or pd.concat([days, totals["period_start"]]).min()
        end = end or pd.concat([days, totals["period_end"]]).max()
        if pd.isna(start) or pd.isna(end):
            return None
    rows = period_flows(observations, start, end, dimension=asked.dimension)
    if rows.empty or start == end:
        return None
    rows = rows.assign(day=start)
    if asked.dimension:
        rows = rows.assign(**{asked.dimension: rows["dimension_value"]})
    subject = ["creator", "platform", "account", *([asked.dimension] if asked.dimension else [])]
    rows = rows.drop_duplicates(subject, keep="last")
    answered = _answer(rows, asked, list(asked.metrics), coefficients, one_each=True, span=(start, end))
    return answered[answered["value"].notna()]


def _prefer_known(found: pd.DataFrame, own: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """Sums of days where every day is known, else the platform's own total, else the days that are known."""
    keys = [*asked.by, "metric"]
    whole = found["value"].notna() & (found["coverage"] >= 1)
    both = pd.concat([found[whole], own, found[~whole]], ignore_index=True)
    return both.drop_duplicates(keys, keep="first")


def _answer(
    rows: pd.DataFrame,
    asked: Question,
    names: list[str],
    coefficients: CoefficientSet,
    *,
    one_each: bool,
    span: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> pd.DataFrame:
    keys = [*asked.by, *(["period"] if asked.freq else [])]
    rows = rows[rows["day"].notna()] if rows["day"].hasnans else rows
    made_standard = any(f"{name}_estimated" in rows for name in STANDARD)  # a part may lack those that nobody knows
    rows = with_watch_from_average(rows) if made_standard else standardise(rows, coefficients)
    days = days_since_epoch(rows["day"])
    if asked.freq:
        from engagerr_core.kernels.calendar import period_start

        first = period_start(days, UNITS[asked.freq])  # type: ignore[arg-type]
        rows = rows.assign(period=first.astype("datetime64[D]").astype("datetime64[us]"))
    group, table = codes(rows, keys)
    n = len(table)
    sums = aggregate(rows.assign(day=days), group, n, names, one_each=one_each)
    spans = _spans(rows, group, n, asked, span)
    low_high = _intervals(rows, group, n, names, asked, coefficients)
    expected = _expected(rows, group, n, asked, spans, one_each=span is not None)
    told = _provenance(rows, group, n, names, spans, coefficients)
    parts = []
    for name in names:
        low, high = low_high.get(name, (np.full(n, np.nan), np.full(n, np.nan)))
        origin, definition = told[name]
        parts.append(
            table.assign(
                metric=name,
                value=sums.values[name],
                low=low,
                high=high,
                basis=asked.basis,
                origin=origin,
                definition=definition,
                coefficient_set="" if all_metrics()[name].kind == "native" else coefficients.label,
                coverage=np.minimum(sums.known[name] / np.maximum(expected, 1), 1.0),
            )
        )
    if not parts or n == 0:
        return pd.DataFrame(columns=[*keys, *FIGURE_COLUMNS])
    return pd.concat(parts, ignore_index=True)


def _spans(rows, group, n, asked: Question, span) -> list[tuple[date, date]]:
    """First and last day that each group speaks of: for definitions and for coverage."""
    if span is not None:
        return [(span[0].date(), span[1].date())] * n
    days = rows["day"]
    if asked.freq == "D" or asked.basis == "stock":
        ends = rows["as_of"].fillna(days) if asked.basis == "stock" else days
    else:
        ends = days
    bounds = pd.DataFrame({"group": group, "first": days.to_numpy(), "last": ends.to_numpy()}).groupby("group")
    first, last = bounds["first"].min(), bounds["last"].max()
    return [(a.date(), b.date()) for a, b in zip(first, last, strict=True)]


def _expected(rows, group, n, asked: Question, spans, *, one_each: bool) -> np.ndarray:
    """How many days (times accounts) or posts each group should know."""
    if asked.basis == "stock" or one_each:
        return np.bincount(group, minlength=n)
    subject, subjects = codes(rows, ["creator", "platform", "account", *_extra(asked)])
    pair, pairs = dense(group.astype(np.int64) * max(len(subjects), 1) + subject, n * max(len(subjects), 1))
    of_pair = np.empty(pairs, np.int64)
    of_pair[pair] = group
    accounts = np.bincount(of_pair, minlength=n)
    if asked.freq == "D":
        return accounts
    first = rows["day"].min() if asked.start is None else asked.start
    last = rows["day"].max() if asked.end is None else asked.end
    if asked.freq is None:
        return accounts * ((last - first).days + 1)
    begins = rows["period"].groupby(group).first()
    ends = begins + (pd.offsets.MonthEnd(0) if asked.freq == "M" else pd.Timedelta(days=6))
    return accounts * ((ends.clip(upper=last) - begins.clip(lower=first)).dt.days + 1).to_numpy()


def _extra(asked: Question) -> list[str]:
    return ["content"] if asked.posts else []


def _intervals(rows, group, n, names, asked: Question, coefficients) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    ratios = [all_metrics()[name] for name in names if all_metrics()[name].kind == "derived"]
    if not ratios or not len(rows):
        return found
    if asked.basis == "stock":
        block = np.arange(len(rows))
    else:
        days = days_since_epoch(rows["day"])
        long = asked.freq in (None, "M") and (days.max() - days.min()) >= 7 * _FEWEST_WEEKS
        block = (days + 3) // 7 if long else days
    for one in ratios:
        y, x = (
            rows[c].to_numpy(float) if c in rows else np.full(len(rows), np.nan)
            for c in (one.numerator, one.denominator)
        )
        made = jackknife_ratio(y, x, group, block).reindex(range(n))
        low, high = made["low"].clip(lower=0).to_numpy(copy=True), made["high"].to_numpy(copy=True)
        both = np.isfinite(y) & np.isfinite(x)
        alone = both & (np.bincount(group[both], minlength=n) == 1)[group]
        if alone.any() and one.unit == "fraction":
            counts, weights = _parts(rows[alone], one.numerator, coefficients)
            single_low, single_high = weighted_count_interval(counts, weights, x[alone])
            low[group[alone]], high[group[alone]] = single_low, single_high
        found[one.name] = (low, high)
    return found


def _parts(rows: pd.DataFrame, name: str, coefficients: CoefficientSet) -> tuple[np.ndarray, np.ndarray]:
    """Counts and weights that a numerator is made of, row by row, by the way that was taken."""
    if name not in STANDARD:
        return rows[[name]].to_numpy(float), np.ones((len(rows), 1))
    from engagerr_core.kernels.standardise import standardise as kernel

    made = rules(coefficients)
    rule, columns = rule_codes(rows, made), native_columns(rows, made.natives)
    way = kernel(columns, rule, made.weights)[1][STANDARD.index(name)]
    weights = np.nan_to_num(made.weights[rule, STANDARD.index(name), way])
    return np.column_stack(columns), np.where((way >= 0)[:, None], weights, 0.0)


def _provenance(rows, group, n, names, spans, coefficients) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Origin and definition in force of each group and metric."""
    of_row, known = codes(rows, ["platform"])
    platforms: list[list[str]] = [[] for _ in range(n)]
    for pair in np.unique(group.astype(np.int64) * max(len(known), 1) + of_row):
        platforms[pair // len(known)].append(known["platform"].iloc[pair % len(known)])
    how = np.zeros(n, np.int8)  # the least certain way in which a day of each group was made
    if "made" in rows:
        np.maximum.at(how, group, rows["made"].to_numpy(np.int8))
    said: dict[tuple[str, str, date, date], str] = {}
    told = {}
    for name in names:
        one = all_metrics()[name]
        sources = (one.numerator, one.denominator) if one.kind == "derived" else (name,)
        estimated = np.zeros(n, bool)
        for source in sources:
            flag = f"{source}_estimated"
            if flag in rows:
                estimated |= np.bincount(group[rows[flag].to_numpy(bool)], minlength=n) > 0
        derived = (how >= COUNTED) | (one.kind != "native")
        origin = np.where(estimated | (how >= ESTIMATED), "estimated", np.where(derived, "derived", "native"))
        definition = []
        for g in range(n):
            first, last = spans[g]
            asked = [(source, platform, first, last) for source in sources for platform in platforms[g]]
            said |= {key: definition_of(*key, coefficients) for key in asked if key not in said}
            definition.append("; ".join(dict.fromkeys(said[key] for key in asked)))
        told[name] = (origin, np.array(definition, dtype=object))
    return told


def definition_of(name: str, platform: str, start: date, end: date, coefficients: CoefficientSet) -> str:
    """The definition in force of a metric on a platform from start to end, as figures name it."""
    if name not in STANDARD:
        return definition_in_force(platform, name, start, end)
    ways = coefficients.alternatives.get((platform, name), ())
    parts = dict.fromkeys(native for way in ways[:1] for native in way)
    inside = " + ".join(definition_in_force(platform, p, start, end) for p in parts)
    return f"{name} of {inside}" if inside else f"{name}: no rule for {platform}"
