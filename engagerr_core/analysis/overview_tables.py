"""The tables of an overview: days, weeks, platforms, key figures."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import share_of_total, total_by
from engagerr_core.analysis.audience import ReachEstimate
from engagerr_core.analysis.comparison import PeriodChange, compare_periods
from engagerr_core.analysis.figures import figures, question
from engagerr_core.analysis.freshness import freshness, provisional
from engagerr_core.analysis.intervals import jackknife_ratio
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.definitions import definition_changes, definition_in_force
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.platforms import platforms

SHOWN = ("standard_views", "standard_engagements")
CARDS = ("standard_views", "standard_engagements", "standard_shares", "engagement_rate")
WEEKS = 52
MOSTLY = 0.9  # share of the days that must be known for a period to be compared


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


def long_days(daily: pd.DataFrame, coefficients: CoefficientSet) -> pd.DataFrame:
    """Standard metrics per platform and day, long: platform, day, metric, value, provisional, definition."""
    rows = standardise(daily, coefficients).assign(provisional=provisional(daily))
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


def like_for_like(
    daily: pd.DataFrame, coefficients: CoefficientSet, span: Span
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[pd.Timestamp, ...]]:
    """Days whose views are comparable over the period and the one before.

    Where a platform redefined views in between, the metric that continues the older notion stands in for them, if it is
    known on every day of both; otherwise the break remains.

    Returns
    -------
    The days; titles of the platforms that were bridged; days of the breaks that remain.
    """
    bridged, breaks = [], []
    names = tuple(sorted(set(daily["platform"])))
    for change in definition_changes(names, (span.before.start + pd.Timedelta(days=1)).date(), span.end.date()):
        if change.metric != "views" or change.formats:
            continue
        rows = (daily["platform"] == change.platform) & (span.of(daily["day"]) | span.before.of(daily["day"]))
        other = change.comparable_to
        if other and other in daily and rows.any() and daily.loc[rows, other].notna().all():
            whole = (daily["platform"] == change.platform) & daily[other].notna()
            daily = daily.assign(views=daily["views"].where(~whole, daily[other]))
            bridged.append(platforms()[change.platform].title)
        elif rows.any():
            breaks.append(pd.Timestamp(change.day))
    return daily, tuple(bridged), tuple(breaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A change, the platforms that were bridged over a redefinition, and those that are not in it (titles)."""

    change: PeriodChange
    bridged: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def change_of(daily: pd.DataFrame, name: str, span: Span, coefficients: CoefficientSet) -> Compared:
    """Change of a standard metric over the accounts that know it throughout both periods."""
    bridged: tuple[str, ...] = ()
    breaks: tuple[pd.Timestamp, ...] = ()
    if name == "standard_views":
        daily, bridged, breaks = like_for_like(daily, coefficients, span)
    rows = standardise(daily, coefficients)
    either = span.of(rows["day"]) | span.before.of(rows["day"])
    partly = set(rows.loc[either & rows[name].notna(), "platform"])
    rows = rows[_throughout(rows, name, span)]
    kept = set(rows["platform"])
    series = total_by(rows, ["day"], name, whole=True)
    if name == "standard_views":  # a bridged platform's own breaks are gone, those of the others are not
        breaks += tuple(
            pd.Timestamp(c.day)
            for c in definition_changes(tuple(kept))
            if c.metric == "views" and not c.formats and platforms()[c.platform].title not in bridged
        )
    return Compared(
        change=compare_periods(series, span.start, span.end, breaks=breaks),
        bridged=tuple(title for title in bridged if title in {platforms()[p].title for p in kept}),
        platforms=tuple(sorted(platforms()[p].title for p in kept)),
        left_out=tuple(sorted(platforms()[p].title for p in partly - kept)),
    )


def _throughout(rows: pd.DataFrame, name: str, span: Span) -> pd.Series:
    """Rows of the accounts that know the metric on at least nine days of ten in the period and in the one before."""
    kept = pd.Series(True, index=rows.index)
    for one in (span, span.before):
        known = rows["day"].where(one.of(rows["day"]) & rows[name].notna())
        kept &= known.groupby([rows[key] for key in ACCOUNT]).transform("nunique") >= MOSTLY * one.days
    return kept


def platform_table(
    daily: pd.DataFrame, rated: pd.DataFrame, span: Span, coefficients: CoefficientSet, names: list[str]
) -> pd.DataFrame:
    """One row a platform; see `overview.Overview.platforms`."""
    rows = standardise(daily, coefficients)
    now, before = rows[span.of(rows["day"])], rows[span.before.of(rows["day"])]
    table = pd.DataFrame({"platform": names}).set_index("platform")
    table["title"] = [platforms()[n].title for n in names]
    for name in SHOWN:
        table[name] = total_by(now, ["platform"], name)
    table["previous_views"] = total_by(before, ["platform"], "standard_views")
    table["share_of_views"] = share_of_total(table["standard_views"], "standard_views")
    redefined = {
        c.platform
        for c in definition_changes(tuple(names), span.before.start.date(), span.end.date())
        if c.metric == "views" and not c.formats and pd.Timestamp(c.day) > span.before.start
    }
    known, known_before = (_known_days(part, names) for part in (now, before))
    comparable = ~table.index.isin(redefined) & (known >= MOSTLY * span.days) & (known_before >= MOSTLY * span.days)
    table["contribution"] = (table["standard_views"] - table["previous_views"]).where(comparable)
    table["change"] = (table["contribution"] / table["previous_views"].where(table["previous_views"] > 0)).where(
        comparable
    )
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
    fresh = freshness(daily).groupby("platform")[["first_day", "last_day", "last_final_day"]].max()
    table["first_day"], table["last_day"] = fresh["first_day"], fresh["last_day"]
    table["provisional_from"] = fresh["last_final_day"] + pd.Timedelta(days=1)
    notes = zip(names, known, known_before, strict=True)
    table["note"] = [_platform_note(k, b, span, n in redefined) for n, k, b in notes]
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


def _known_days(rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Days on which each platform's standard views are known."""
    days = rows["day"].where(rows["standard_views"].notna()).groupby(rows["platform"]).nunique()
    return days.reindex(names, fill_value=0).to_numpy()


def _platform_note(known: int, known_before: int, span: Span, redefined: bool) -> str:
    notes = []
    if not known:
        notes.append("no daily figures of this period")
    elif known < span.days:
        notes.append(f"{known} of {span.days} days known")
    if known and known_before < MOSTLY * span.days:
        notes.append(f"{known_before} of {span.days} days known in the period before")
    if redefined:
        notes.append("views were redefined in between, so the change is not shown")
    return "; ".join(notes)


def cards(
    observations: pd.DataFrame, contents: pd.DataFrame, daily: pd.DataFrame, reach: ReachEstimate, span: Span,
    coefficients: CoefficientSet,
) -> pd.DataFrame:  # fmt: skip
    """One row a key figure; see `overview.Overview.cards`."""

    def ask(period: Span) -> pd.DataFrame:
        return figures(
            observations, contents, question(metrics=CARDS, start=period.start, end=period.end), coefficients
        ).set_index("metric")

    now, before = ask(span), ask(span.before)
    reporting = set(daily.loc[span.of(daily["day"]), "platform"])
    silent = sorted(platforms()[p].title for p in set(observations["platform"]) - reporting)
    rows = []
    for name in CARDS:
        one = metric(name)
        line = now.loc[name] if name in now.index else None
        compared = change_of(daily, name, span, coefficients) if one.kind == "standard" else None
        change = compared.change if compared else None
        notes = ["no platform reports days"] if not reporting else [f"without {', '.join(silent)}"] if silent else []
        if compared and compared.bridged:
            notes.append(f"change like for like, through engaged views on {', '.join(compared.bridged)}")
        if compared and compared.left_out:
            notes.append(f"change without {', '.join(compared.left_out)}, known for a part of the two periods only")
        if change is not None and change.flags:
            notes.append("; ".join(change.flags))
        rows.append(
            {
                "metric": name, "title": one.title, "unit": one.unit,
                "value": np.nan if line is None else line["value"], "low": np.nan if line is None else line["low"],
                "high": np.nan if line is None else line["high"],
                "previous": np.nan if compared and compared.left_out else before["value"].get(name, np.nan),
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


def _reach_card(reach: ReachEstimate) -> dict[str, object]:
    finite = {"low": reach.lower_bound, "high": reach.upper_bound if np.isfinite(reach.upper_bound) else np.nan}
    return {
        "metric": "reach", "title": "Different people", "unit": "people", "value": reach.total, **finite,
        "previous": np.nan, "change": np.nan, "change_low": np.nan, "change_high": np.nan, "real": None,
        "basis": "flow", "origin": "estimated", "definition": reach.method, "coefficient_set": "",
        "note": "; ".join(reach.flags),
    }  # fmt: skip
