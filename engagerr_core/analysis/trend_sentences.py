"""What trends come to, in sentences that say no more than the tables do."""

from math import isfinite
from typing import TYPE_CHECKING

import pandas as pd

from engagerr_core.analysis.sentences import FALSE_DISCOVERIES, number, plural
from engagerr_core.analysis.trend_tables import UNTESTED, series_title
from engagerr_core.vocabulary.metrics import metric as metric_named

if TYPE_CHECKING:
    from engagerr_core.analysis.trends import Trends

WEEK = 7
CHANGES_TOLD = 3
FEW = 10  # smaller figures are written with two digits
DIGIT_BELOW = 0.1  # smaller shares are written with one digit


def sentences(trends: "Trends") -> tuple[str, ...]:
    """One sentence a series on its direction, then changes of level, days that stand out, the forecast, and limits."""
    title = metric_named(trends.metric).title
    if trends.trend.empty:
        nothing = (
            f"No file holds daily {title.lower()} of {trends.creator}, so there is no trend. Export each account's "
            "daily overview as well."
        )
        return (nothing, *trends.flags)
    told = [direction_sentence(row, title) for row in trends.trend.to_dict("records")]
    told += [*_changes(trends), *_definitions(trends), *_anomalies(trends), forecast_sentence(trends)]
    return (*told, *trends.flags)


def direction_sentence(row: dict, title: str) -> str:
    """Where one series goes, if that is known.

    `row` is one of `Trends.trend`, `title` that of the metric.
    """
    opening = f"{title}, {row['title']}:" if row["platform"] else f"{title} on all platforms:"
    if row["direction"] == UNTESTED or not isfinite(row["slope"]):
        return f"{opening} a direction cannot be tested yet, from {plural(int(row['days']), 'day')}."
    size = _weekly(row)
    if row["claimed"]:
        return f"{opening} {row['direction']}, {size}, more than chance explains ({_q(row['q_value'])})."
    if row["direction"] == "stable":
        return f"{opening} stable; {size}."
    if row["direction"] == "cyclical":
        return f"{opening} up and down in turns, without a lasting direction; {size}."
    counted = " once all series are counted" if row["p_value"] <= FALSE_DISCOVERIES else ""
    return f"{opening} no direction stands out from chance{counted}; {size}."


def share_a_week(row: dict) -> str:
    """Slope a week as a share of the level, such as +1.2%; in units where there is no level."""
    slope = row["slope"] * WEEK
    if not row["level"] > 0:
        return f"{slope:+,.3g}".replace("-", "−")
    share = slope / row["level"]
    return f"{share:+.{1 if abs(share) < DIGIT_BELOW else 0}%}".replace("-", "−")


def _weekly(row: dict) -> str:
    """Slope a week with its interval, as a share of the level; in units where there is no level."""
    slope, low, high = (row[name] * WEEK for name in ("slope", "slope_low", "slope_high"))
    if row["level"] > 0:
        share, lowest, highest = (one / row["level"] for one in (slope, low, high))
        digits = 1 if max(abs(share), abs(lowest), abs(highest)) < DIGIT_BELOW else 0
        within = f" ({lowest:+.{digits}%} to {highest:+.{digits}%})" if isfinite(lowest + highest) else ""
        return f"{share:+.{digits}%} of its level a week{within}".replace("-", "−")
    within = f" ({low:+,.3g} to {high:+,.3g})" if isfinite(low + high) else ""
    return f"{slope:+,.3g} a day each week{within}".replace("-", "−")


def amount(value: float) -> str:
    """A figure a day: two digits below ten, where whole numbers would hide a change."""
    return (f"{value:.2g}" if abs(value) < FEW else number(value)).replace("-", "−")


def _q(value: float) -> str:
    """A q-value in one or two digits."""
    return "q < 0.001" if value < 0.001 else f"q = {value:.2g}"


def _day(value: pd.Timestamp) -> str:
    return f"{value.day} {value:%B %Y}"


def _changes(trends: "Trends") -> list[str]:
    """The latest changes of level that are claimed."""
    found = trends.changes[trends.changes["claimed"]].sort_values("day", kind="stable").tail(CHANGES_TOLD)
    return [
        f"{series_title(row['platform'])}: the level changed on {_day(row['day'])}, from {amount(row['before'])} to "
        f"{amount(row['after'])} a day ({_q(row['q_value'])})."
        for row in found.to_dict("records")
    ]


def _definitions(trends: "Trends") -> list[str]:
    return [
        f"{row['title']} counts {row['metric'].replace('_', ' ')} differently since {_day(row['day'])}: "
        f"{'compared like for like, ' if row['bridged'] else ''}{row['how']}."
        for row in trends.definitions.to_dict("records")
    ]


def _anomalies(trends: "Trends") -> list[str]:
    """How many days stand out in the main series, and the clearest of them."""
    mine = trends.anomalies[trends.anomalies["platform"] == trends.main]
    days = int(trends.trend.loc[trends.trend["platform"] == trends.main, "days"].iloc[0])
    if mine.empty:
        return [f"{series_title(trends.main)}: none of {plural(days, 'day')} stands out."]
    first = mine.sort_values(["q_value", "day"], kind="stable").iloc[0]
    one = len(mine) == 1
    beside = f" (beside: {first['beside']})" if first["beside"] else ""
    return [
        f"{series_title(trends.main)}: {plural(len(mine), 'day')} of {days} {'stands' if one else 'stand'} out, "
        f"with at most {FALSE_DISCOVERIES:.0%} false ones expected; {'it is' if one else 'the clearest is'} "
        f"{_day(first['day'])}{beside}: {first['explanation'].removesuffix('.')}."
    ]


def forecast_sentence(trends: "Trends") -> str:
    """What is to be expected at the end of the forecast of the main series, and how good such forecasts were."""
    mine = trends.forecast[trends.forecast["platform"] == trends.main]
    known = mine[mine["mean"].notna() & mine["lo_80"].notna()]  # without an interval it is no forecast
    if known.empty:
        return f"{series_title(trends.main)}: too few days for a forecast."
    last = known.iloc[-1]
    return (
        f"{series_title(trends.main)}: {amount(last['mean'])} are forecast for {_day(last['day'])} "
        f"(80%: {amount(last['lo_80'])} to {amount(last['hi_80'])}){_tried(trends.scores, trends.main)}."
    )


def _tried(scores: pd.DataFrame, platform: str) -> str:
    """How good such forecasts were on earlier days; says so where that could not be tried."""
    row = next(iter(scores[scores["platform"] == platform].to_dict("records")), {})
    if not row.get("folds"):
        return "; too few days to try such forecasts on earlier ones"
    told = []
    if isfinite(row["mase"]):
        told.append(f"their error was {row['mase']:.2f} times the usual difference from the same day a week before")
    if isfinite(row["coverage_80"]):
        told.append(f"{row['coverage_80']:.0%} of the days lay inside such intervals")
    return f"; tried on earlier days, {' and '.join(told)}" if told else ""
