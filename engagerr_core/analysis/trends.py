"""What the days of one creator say: direction, season, changes of level, days that stand out, and what is to come."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import pandas as pd

from engagerr_core.analysis.results import Result
from engagerr_core.analysis.trend_anomalies import explained
from engagerr_core.analysis.trend_sentences import sentences
from engagerr_core.analysis.trend_series import TOTAL, daily_series, usable
from engagerr_core.analysis.trend_tables import (
    anomaly_table,
    change_table,
    daily_table,
    definition_table,
    forecast_tables,
    growth_table,
    season_table,
    told_events,
    trend_table,
    volatility_table,
    weekday_table,
)
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.coefficients import CoefficientSet

LONGEST_HORIZON = 365
LEVELS = (80, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends(Result):
    """The daily series of one creator and one metric, read. Unknown is NaN, never 0.

    In every frame `platform` names the series; empty = all platforms together. All numbers are estimates from flows of
    days, like for like over changes of definition. A direction, a change or an anomaly is claimed only where its
    q-value (false discoveries controlled over all series) is at most 5 %.

    Attributes
    ----------
    creator, metric : whose, and which.
    start, end : first and last day of the series; None where there is none.
    horizon : days ahead of the last final day that are forecast.
    sentences : what it comes to, each a sentence, the most important first.
    series : one row a series and day: platform, day (datetime64), value, reported (as the platform counted on that
        day), trend, seasonal (in the units of the metric), expected (both together; a count is not expected below 0),
        provisional, masked, why (it is masked), origin.
    trend : one row a series: platform, title, first_day, last_day, days (known), level (median of the last 28 days),
        slope (a day) with slope_low and slope_high, p_value, q_value, direction (rising, falling, stable, cyclical,
        unclear, not testable), claimed (bool), strength, r_squared, n_effective, definition.
    growth : one row a series, see `timeseries.growth`.
    volatility : one row a series, see `timeseries.volatility`.
    seasonality : platform, season (week, 30 days, day of the month, month of the year), strength, p_value, q_value,
        claimed.
    weekdays : platform, weekday (0 = Monday), name, typical (median of value ÷ trend − 1), low, high (quartiles), days.
    changes : changes of level: platform, day (first of the new level), before, after (levels a day), change (relative),
        p_value, q_value, claimed, known (a change of definition or an event lies within three days), text (which).
    definitions : changes of definition that the series cross: platform, title, day, metric, text, bridged, how.
    events : the analyst's, columns of `vocabulary.context.EVENT_COLUMNS`.
    anomalies : days that stand out: platform, day, value, expected, deviation, score, p_value, q_value, beside (an
        event or change of definition of these days), explanation (a sentence).
    contributions : what carries each anomaly: platform, day, and the columns of `contributions.COLUMNS`.
    forecast : platform, step, day, mean, lo_80, hi_80, lo_95, hi_95, model.
    scores : how good such forecasts were on earlier days, one row a series; see `timeseries.forecast`.
    coefficient_set : label of the set in force.
    basis, origin : of all figures: flow, estimated.
    flags : what limits it, in sentences.
    """

    creator: str
    metric: str
    start: date | None
    end: date | None
    horizon: int
    sentences: tuple[str, ...]
    series: pd.DataFrame
    trend: pd.DataFrame
    growth: pd.DataFrame
    volatility: pd.DataFrame
    seasonality: pd.DataFrame
    weekdays: pd.DataFrame
    changes: pd.DataFrame
    definitions: pd.DataFrame
    events: pd.DataFrame
    anomalies: pd.DataFrame
    contributions: pd.DataFrame
    forecast: pd.DataFrame
    scores: pd.DataFrame
    coefficient_set: str
    basis: str = "flow"
    origin: str = "estimated"
    flags: tuple[str, ...] = ()

    @property
    def platforms(self) -> tuple[str, ...]:
        """The series there are, in order; empty text = all platforms together."""
        return tuple(self.trend["platform"])

    @property
    def main(self) -> str:
        """The series to look at first: all platforms together, else the one with the highest level."""
        if TOTAL in self.platforms or not self.platforms:
            return TOTAL
        return str(self.trend.sort_values("level", ascending=False, na_position="last")["platform"].iloc[0])

    def of(self, platform: str) -> "Trends":
        """The same of one series alone. Raises `InvalidArgument` for one that is not there."""
        if platform not in self.platforms:
            known = ", ".join(repr(p) for p in self.platforms) or "none"
            raise InvalidArgument(
                f"The series {platform!r} was asked. {self.creator} has {known} (empty text = all platforms together). "
                "Name one of these."
            )
        frames = {f.name: getattr(self, f.name) for f in fields(self)}
        kept: dict[str, Any] = {
            name: frame[frame["platform"] == platform].reset_index(drop=True)
            for name, frame in frames.items()
            if isinstance(frame, pd.DataFrame) and name not in ("definitions", "events")
        }
        if platform != TOTAL:
            kept["definitions"] = self.definitions[self.definitions["platform"] == platform].reset_index(drop=True)
            kept["events"] = self.events[self.events["platform"].isin(["", platform])].reset_index(drop=True)
        narrowed = replace(self, **kept)
        return replace(narrowed, sentences=sentences(narrowed))

    def to_json(self) -> str:
        """All of it as one JSON object; unknown is null, days are ISO text."""
        import json

        told: dict[str, object] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, pd.DataFrame):
                value = json.loads(value.to_json(orient="records", date_format="iso", double_precision=15))
            told[one.name] = value.isoformat() if isinstance(value, date) else value
        return json.dumps(told, ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def trends(
    creator: str, days: pd.DataFrame, posts: pd.DataFrame, contents: pd.DataFrame, coefficients: CoefficientSet, *,
    metric: str = "standard_views", horizon: int = 28, events: pd.DataFrame | None = None,
    delays: Mapping[str, float] | None = None,
) -> Trends:  # fmt: skip
    """Read the daily series of one creator.

    Parameters
    ----------
    creator : whose; days, posts and contents are this creator's alone.
    days, posts : days of accounts and of posts, as `Days.accounts` and `Days.contents` give them.
    contents : the content table.
    coefficients : the set in force.
    metric : one that adds up over time, posts and accounts.
    horizon : days to forecast, 1 to 365.
    events : the analyst's, columns of `vocabulary.context.EVENT_COLUMNS`; None = none were told.
    delays : platform → days until a day is final; None = as registered.

    Returns
    -------
    See `Trends`. Too few days give NaN, "not testable" and no rows, and a sentence that says so.

    Raises
    ------
    NotAdditive
        For a metric that does not add up, such as reach, followers or a rate.
    InvalidArgument
        For a horizon that is none.
    """
    from engagerr_core.analysis import timeseries

    if isinstance(horizon, bool) or not isinstance(horizon, int) or not 1 <= horizon <= LONGEST_HORIZON:
        raise InvalidArgument(
            f"A forecast of {horizon!r} days was asked. It reaches 1 to {LONGEST_HORIZON} whole days ahead; further "
            "ones tell nothing. Ask for 28."
        )
    series = daily_series(days, contents, coefficients, metric, delays)
    rows = usable(series.days)
    many = timeseries.SeriesSet.from_frame(rows, id="platform", time="day", value="value", step="1D")
    daily = daily_table(series.days, timeseries.decompose(many))
    definitions = definition_table(series, daily)
    told = told_events(events, series, creator, daily)
    changes = change_table(timeseries.change_points(many), definitions, told)
    found = anomaly_table(timeseries.anomalies(many), definitions, told)
    carried = explained(found, daily, series, posts, contents, coefficients, metric)
    forecast, scores = forecast_tables(timeseries.forecast(many, horizon=horizon, levels=LEVELS))
    known = daily.loc[daily["value"].notna(), "day"]
    made = Trends(
        creator=creator, metric=metric, horizon=horizon, sentences=(),
        start=known.min().date() if len(known) else None, end=known.max().date() if len(known) else None,
        series=daily, trend=trend_table(timeseries.trend(many), series.days, rows),
        growth=growth_table(timeseries.growth(many)), volatility=volatility_table(timeseries.volatility(many)),
        seasonality=season_table(timeseries.seasonality(many)), weekdays=weekday_table(daily),
        changes=changes, definitions=definitions, events=told,
        anomalies=found.assign(explanation=pd.Series(carried.sentences, found.index, dtype="str")),
        contributions=carried.parts, forecast=forecast, scores=scores, coefficient_set=coefficients.label,
        flags=series.flags,
    )  # fmt: skip
    return replace(made, sentences=sentences(made))
