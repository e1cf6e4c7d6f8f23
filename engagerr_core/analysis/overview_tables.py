"""The tables of an overview: days, weeks, platforms, key figures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import share_of_total, total_by
from engagerr_core.analysis.audience import ReachEstimate
from engagerr_core.analysis.comparison import MOSTLY, PeriodChange, compare_periods
from engagerr_core.analysis.figures import figures, question
from engagerr_core.analysis.freshness import freshness, provisional
from engagerr_core.analysis.intervals import jackknife_ratio
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.splicing import Spliced, counted_from
from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.definitions import definition_in_force
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.platforms import platforms

SHOWN = ("standard_views", "standard_engagements")
CARDS = ("standard_views", "standard_engagements", "standard_shares", "engagement_rate")
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Span:
    """The period, and the equally long one before it."""

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days + 1

    @property
    def before(self) -> "Span":
        """The period before."""
        step = pd.Timedelta(days=self.days)
        return Span(self.start - step, self.end - step)

    def of(self, days: pd.Series) -> pd.Series:
        """Whether each day lies in the period."""
        return (days >= self.start) & (days <= self.end)


def long_days(
    daily: pd.DataFrame, coefficients: CoefficientSet, delays: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Standard metrics per platform and day, long: platform, day, metric, value, provisional, definition."""
    rows = standardise(daily, coefficients).assign(provisional=provisional(daily, delays))
    keys = ["platform", "day"]
    parts = []
    for name in SHOWN:
        value = total_by(rows, keys, name)
        late = rows.groupby(keys)["provisional"].any()
        native = "views" if name == "standard_views" else "likes"
        part = value.to_frame("value").assign(metric=name, provisional=late).reset_index()
        part["definition"] = [
            definition_in_force(p, native, d.date(), d.date())
            for p, d in zip(part["platform"], part["day"], strict=True)
        ]
        parts.append(part)
    columns = ["platform", "day", "metric", "value", "provisional", "definition"]
    return pd.concat(parts)[columns].sort_values(["metric", "platform", "day"], kind="stable").reset_index(drop=True)


def by_week(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The last year of `long_days` by ISO week: day is the Monday; `complete` = seven known days."""
    monday = days["day"] - pd.to_timedelta(days["day"].dt.day_of_week, unit="D")
    inside = (days["day"] <= end) & (monday > end - pd.Timedelta(weeks=WEEKS))
    rows = days[inside].assign(day=monday[inside])
    keys = ["metric", "platform", "day"]
    grouped = rows.groupby(keys)
    weekly = grouped.agg(
        provisional=("provisional", "any"), definition=("definition", "last"), known=("value", "count")
    )
    weekly["value"] = (
        pd.concat([total_by(part, keys, str(name), column="value") for name, part in rows.groupby("metric")])
        if len(rows)
        else np.nan
    )
    weekly["complete"] = weekly["known"] == 7
    return weekly.reset_index()[["platform", "day", "metric", "value", "provisional", "definition", "complete"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A change, and which platforms are how in it (titles).

    `bridged` over a redefinition, and `how`; `platforms` compared; `left_out` because they are known for a part of the
    two periods only, or because they were redefined in between and could not be bridged (`split`).
    """

    change: PeriodChange
    bridged: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    split: tuple[str, ...] = ()


def change_of(splice: Spliced, name: str, span: Span, coefficients: CoefficientSet) -> Compared:
    """Change of a standard metric over the accounts that know it, like for like, throughout both periods.

    Where nothing is left of a platform that was split, its break makes the change unknown.
    """
    rows = standardise(splice.rows, coefficients)
    either = span.of(rows["day"]) | span.before.of(rows["day"])
    partly = set(rows.loc[either & rows[name].notna(), "platform"])
    joints = counted_from(splice.joints, name, coefficients)
    split = joints[~joints["bridged"]]
    whole = rows[_throughout(rows, name, span)]
    kept = whole[~_of(whole, split)]
    if kept.empty and len(whole):
        kept = whole
    series = total_by(kept, ["day"], name, whole=True)
    earlier = counted_from(splice.changes, name, coefficients)
    earlier = earlier[~_of(earlier, joints[joints["bridged"]])]  # a bridged account is comparable over all its days
    breaks = pd.concat([earlier.loc[_of(earlier, kept), "day"], split.loc[_of(split, kept), "day"]])
    names, lost = set(kept["platform"]), set(split["platform"])
    bridged = joints[joints["bridged"] & _of(joints, kept)]
    return Compared(
        change=compare_periods(
            series, span.start, span.end, breaks=tuple(sorted(set(breaks))), error=_bridge_error(kept, name, span)
        ),
        bridged=_titles(set(bridged["platform"])),
        how=_how(bridged),
        platforms=_titles(names),
        left_out=_titles((partly | lost) - names),
        split=_titles(lost),
    )


def _how(bridged: pd.DataFrame) -> tuple[str, ...]:
    """How each platform was bridged, once."""
    pairs = zip(bridged["platform"], bridged["how"], strict=True)
    return tuple(dict.fromkeys(f"{platforms()[p].title} {how}" for p, how in pairs))


def _titles(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(platforms()[name].title for name in names))


def _of(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Whether each row is of an account among the others."""
    accounts = set(others[ACCOUNT].drop_duplicates().itertuples(index=False, name=None))
    return pd.Series([one in accounts for one in rows[ACCOUNT].itertuples(index=False, name=None)], rows.index, bool)


def _bridge_error(rows: pd.DataFrame, name: str, span: Span) -> float:
    """Relative standard error that estimated days bring into the quotient of the two periods' totals."""
    if name != "standard_views" or not rows["bridge_error"].any():
        return 0.0
    rows = rows.assign(whole="", off=rows[name] * rows["bridge_error"])
    parts = [total_by(rows[one.of(rows["day"])], ["whole"], name, column=column).iloc[0]
             for one in (span, span.before) for column in ("off", name)]  # fmt: skip
    off_now, now, off_before, before = parts
    return float(np.hypot(off_now / now, off_before / before)) if now > 0 and before > 0 else 0.0


def _throughout(rows: pd.DataFrame, name: str, span: Span) -> pd.Series:
    """Rows of the accounts that know the metric on at least nine days of ten in the period and in the one before."""
    kept = pd.Series(True, index=rows.index)
    for one in (span, span.before):
        known = rows["day"].where(one.of(rows["day"]) & rows[name].notna())
        kept &= known.groupby([rows[key] for key in ACCOUNT]).transform("nunique") >= MOSTLY * one.days
    return kept


def platform_table(
    daily: pd.DataFrame, splice: Spliced, rated: pd.DataFrame, span: Span, coefficients: CoefficientSet,
    names: list[str], delays: Mapping[str, float] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a platform; see `overview.Overview.platforms`."""
    rows = standardise(daily, coefficients)
    now, before = rows[span.of(rows["day"])], rows[span.before.of(rows["day"])]
    table = pd.DataFrame({"platform": names}).set_index("platform")
    table["title"] = [platforms()[n].title for n in names]
    for name in SHOWN:
        table[name] = total_by(now, ["platform"], name)
    table["previous_views"] = total_by(before, ["platform"], "standard_views")
    table["share_of_views"] = share_of_total(table["standard_views"], "standard_views")
    known, known_before = (_known_days(part, names) for part in (now, before))
    table["contribution"], table["change"] = _like_for_like(splice, span, coefficients, names)
    codes = pd.Categorical(rated["platform"], categories=names).codes
    ratio = jackknife_ratio(
        rated["standard_engagements"].to_numpy(float),
        rated["standard_views"].to_numpy(float),
        codes,
        np.arange(len(rated)),
    ).reindex(range(len(names)))
    table["posts"] = np.bincount(codes, minlength=len(names))
    table["engagement_rate"] = ratio["rate"].to_numpy()
    table["rate_low"], table["rate_high"] = ratio["low"].clip(lower=0).to_numpy(), ratio["high"].to_numpy()
    fresh = freshness(daily, delays).groupby("platform")[["first_day", "last_day", "last_final_day"]].max()
    table["first_day"], table["last_day"] = fresh["first_day"], fresh["last_day"]
    table["provisional_from"] = fresh["last_final_day"] + pd.Timedelta(days=1)
    joints = counted_from(splice.joints, "standard_views", coefficients)
    notes = zip(names, known, known_before, strict=True)
    table["note"] = [_platform_note(k, b, span, joints[joints["platform"] == n]) for n, k, b in notes]
    columns = [
        "platform", "title", "standard_views", "share_of_views", "standard_engagements", "previous_views", "change",
        "contribution", "posts", "engagement_rate", "rate_low", "rate_high", "first_day", "last_day",
        "provisional_from", "note",
    ]  # fmt: skip
    return (
        table.reset_index()
        .sort_values(["standard_views", "platform"], ascending=[False, True], na_position="last")[columns]
        .reset_index(drop=True)
    )


def _like_for_like(
    splice: Spliced, span: Span, coefficients: CoefficientSet, names: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Each platform's change of standard views, in views and relative; NaN where split or not known well enough."""
    rows = standardise(splice.rows, coefficients)
    now, before = rows[span.of(rows["day"])], rows[span.before.of(rows["day"])]
    values, previous = (
        total_by(part, ["platform"], "standard_views").reindex(names).to_numpy(float) for part in (now, before)
    )
    split = counted_from(splice.breaks, "standard_views", coefficients)["platform"]
    enough = [_known_days(part, names) >= MOSTLY * span.days for part in (now, before)]
    comparable = ~np.isin(names, split) & enough[0] & enough[1]
    moved = np.where(comparable, values - previous, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return moved, np.where(previous > 0, moved / previous, np.nan)


def _known_days(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Days on which each platform's standard views are known."""
    days = rows["day"].where(rows["standard_views"].notna()).groupby(rows["platform"]).nunique()
    return days.reindex(names, fill_value=0).to_numpy()


def _platform_note(known: int, known_before: int, span: Span, joints: pd.DataFrame) -> str:
    notes = []
    if not known:
        notes.append("no daily figures of this period")
    elif known < span.days:
        notes.append(f"{known} of {span.days} days known")
    if known and known_before < MOSTLY * span.days:
        notes.append(f"{known_before} of {span.days} days known in the period before")
    if len(joints) and joints["bridged"].all():
        notes += [f"views were redefined in between: change like for like, {how}" for how in joints["how"].unique()]
    elif len(joints):
        notes.append("views were redefined in between, so the change is not shown")
    return "; ".join(notes)


def cards(
    observations: pd.DataFrame, contents: pd.DataFrame, days: pd.DataFrame, splice: Spliced, reach: ReachEstimate,
    span: Span, coefficients: CoefficientSet,
) -> pd.DataFrame:  # fmt: skip
    """One row a key figure; see `overview.Overview.cards`."""

    def ask(period: Span) -> pd.DataFrame:
        return figures(
            observations, contents, question(metrics=CARDS, start=period.start, end=period.end), coefficients, days
        ).set_index("metric")

    now, before = ask(span), ask(span.before)
    reporting = set(splice.rows.loc[span.of(splice.rows["day"]), "platform"])
    silent = sorted(platforms()[p].title for p in set(observations["platform"]) - reporting)
    rows = []
    for name in CARDS:
        one = metric(name)
        line = now.loc[name] if name in now.index else None
        compared = change_of(splice, name, span, coefficients) if one.kind == "standard" else None
        change = compared.change if compared else None
        unlike = one.kind == "derived" and len(counted_from(splice.joints, name, coefficients)) > 0
        notes = ["no platform reports days"] if not reporting else [f"without {', '.join(silent)}"] if silent else []
        notes += _change_notes(compared) if compared else []
        if unlike:
            notes.append("the rate before counted views by another definition")
        rows.append(
            {
                "metric": name, "title": one.title, "unit": one.unit,
                "value": np.nan if line is None else line["value"], "low": np.nan if line is None else line["low"],
                "high": np.nan if line is None else line["high"],
                "previous": (
                    np.nan
                    if unlike or (compared and (compared.left_out or compared.split))
                    else before["value"].get(name, np.nan)
                ),
                "change": np.nan if change is None else change.change,
                "change_low": np.nan if change is None else change.low,
                "change_high": np.nan if change is None else change.high,
                "real": None if change is None else change.real,
                "basis": "flow", "origin": "" if line is None else line["origin"],
                "definition": "" if line is None else line["definition"], "coefficient_set": coefficients.label,
                "note": "; ".join(notes),
            }
        )  # fmt: skip
    rows.insert(0, _reach_card(reach))
    return pd.DataFrame(rows)


def _change_notes(compared: Compared) -> list[str]:
    notes = [f"change like for like: {how}" for how in compared.how]
    if compared.split and not np.isnan(compared.change.change):
        lost = [t if t in compared.left_out else f"an account of {t}" for t in compared.split]
        notes.append(f"change without {', '.join(lost)}, which began to count differently in between")
    if partly := [title for title in compared.left_out if title not in compared.split]:
        notes.append(f"change without {', '.join(partly)}, known for a part of the two periods only")
    if compared.change.flags:
        notes.append("; ".join(compared.change.flags))
    return notes


def _reach_card(reach: ReachEstimate) -> dict[str, object]:
    finite = {"low": reach.lower_bound, "high": reach.upper_bound if np.isfinite(reach.upper_bound) else np.nan}
    return {
        "metric": "reach", "title": "Different people", "unit": "people", "value": reach.total, **finite,
        "previous": np.nan, "change": np.nan, "change_low": np.nan, "change_high": np.nan, "real": None,
        "basis": "flow", "origin": "estimated", "definition": reach.method, "coefficient_set": "",
        "note": "; ".join(reach.flags),
    }  # fmt: skip
