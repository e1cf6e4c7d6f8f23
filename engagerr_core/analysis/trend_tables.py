"""The tables of `trends.Trends`: what the time-series room finds, by platform and day, with what is claimed."""

import calendar

import numpy as np
import pandas as pd

from engagerr_core.analysis.audience import platform_title
from engagerr_core.analysis.discoveries import q_values
from engagerr_core.analysis.events import events_of, no_events
from engagerr_core.analysis.sentences import FALSE_DISCOVERIES
from engagerr_core.analysis.trend_series import TOTAL, DailySeries

LEVEL_DAYS = 28  # the median of so many last days is the level that slopes are measured against
BESIDE_DAYS = 3  # what stands out so near to a change of definition or an event is told with it
UNTESTED = "not testable"
ALL = "All platforms"
DAY_COLUMNS = (
    "platform", "day", "value", "reported", "trend", "seasonal", "expected", "provisional", "masked", "why", "origin",
)  # fmt: skip
DEFINITION_COLUMNS = ("platform", "title", "day", "metric", "text", "bridged", "how")
WEEK = "week"
SEASONS = {7: WEEK, 30: "30 days", "day of month": "day of the month", "month": "month of the year"}


def series_title(platform: str) -> str:
    """A series as readers see it."""
    return ALL if platform == TOTAL else platform_title(platform)


def daily_table(days: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.series`; `parts` as `timeseries.decompose` gives them."""
    fitted = pd.DataFrame({
        "platform": parts["series"].astype("str"), "day": parts["time"], "trend": parts["trend"],
        "seasonal": parts["seasonal"],
    }).astype({"day": "datetime64[us]", "trend": float, "seasonal": float})  # fmt: skip
    made = days.merge(fitted, on=["platform", "day"], how="left")
    expected = made["trend"] + made["seasonal"]
    # A count is never expected below 0, even where a low level meets a weak weekday.
    never_negative = made.groupby("platform")["value"].transform("min") >= 0
    made = made.assign(expected=expected.mask(never_negative & (expected < 0), 0.0))
    return made[[*DAY_COLUMNS]]


def trend_table(found: pd.DataFrame, days: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.trend`; `found` as `timeseries.trend` gives it, `days` of a `DailySeries`, `rows` the usable ones."""
    known = rows[rows["value"].notna()].groupby("platform")
    recent = known.tail(LEVEL_DAYS).groupby("platform")["value"]
    whole = days.groupby("platform", sort=False)
    made = pd.DataFrame({
        "first_day": known["day"].min(), "last_day": known["day"].max(), "days": known["value"].count(),
        "level": recent.median(),
    }).reindex(whole["platform"].first().index)  # fmt: skip
    made = made.assign(definition=whole["definition"].first(), days=made["days"].fillna(0).astype(int))
    made = made.rename_axis("platform").reset_index().merge(_named(found), on="platform", how="left")
    made = made.assign(
        p_value=made["p_value"].astype(float).fillna(1.0), direction=made["direction"].astype("str").fillna(UNTESTED)
    )
    tested = made["direction"] != UNTESTED
    q_value = q_values(made["p_value"].where(tested).to_numpy(float))
    moves = made["direction"].isin(["rising", "falling"])
    claimed = moves & (q_value <= FALSE_DISCOVERIES)
    # A direction that does not survive the control of false discoveries over all series is none.
    direction = made["direction"].mask(moves & ~claimed, "unclear")
    made = made.assign(
        title=[series_title(p) for p in made["platform"]], q_value=q_value, claimed=claimed, direction=direction
    )
    columns = [
        "platform", "title", "first_day", "last_day", "days", "level", "slope", "slope_low", "slope_high", "p_value",
        "q_value", "direction", "claimed", "strength", "r_squared", "n_effective", "definition",
    ]  # fmt: skip
    numbers = ("level", "slope", "slope_low", "slope_high", "strength", "r_squared", "n_effective")
    return made[columns].astype(
        dict.fromkeys(("first_day", "last_day"), "datetime64[us]") | dict.fromkeys(numbers, "float")
    )


def growth_table(found: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.growth`."""
    return _named(found)


def volatility_table(found: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.volatility`."""
    return _named(found)


def season_table(found: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.seasonality`."""
    made = _named(found)
    tested = made["strength"].notna()  # fewer than two turns have nothing that could repeat
    q_value = q_values(made["p_value"].where(tested).to_numpy(float))
    made.insert(1, "season", [SEASONS.get(one, str(one)) for one in made["period"]])
    return made.drop(columns="period").assign(q_value=q_value, claimed=q_value <= FALSE_DISCOVERIES)


def weekday_table(daily: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.weekdays`."""
    rows = daily[~daily["masked"] & (daily["trend"] > 0)]
    rows = rows.assign(weekday=rows["day"].dt.day_of_week, off=rows["value"] / rows["trend"] - 1)
    grouped = rows.groupby(["platform", "weekday"], sort=False)["off"]
    made = pd.DataFrame({
        "typical": grouped.median(), "low": grouped.quantile(0.25), "high": grouped.quantile(0.75),
        "days": grouped.count(),
    }).reset_index()  # fmt: skip
    made.insert(2, "name", [calendar.day_name[day] for day in made["weekday"]])
    order = {platform: i for i, platform in enumerate(dict.fromkeys(daily["platform"]))}
    place = made["platform"].map(order)
    return made.iloc[np.lexsort((made["weekday"], place))].reset_index(drop=True)


def definition_table(series: DailySeries, daily: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.definitions`: once a platform, day and metric."""
    rows = series.joints[series.joints["platform"].isin(series.platforms)]
    keys = ["day", "platform", "metric", "text"]
    kept = []
    for key, part in rows.groupby(keys, sort=True):
        how = "; ".join(dict.fromkeys(part["how"]))
        kept.append(dict(zip(keys, key, strict=True)) | {"bridged": bool(part["bridged"].all()), "how": how})
    made = pd.DataFrame(kept, columns=[*keys, "bridged", "how"]).astype({"day": "datetime64[us]", "bridged": bool})
    made = made.assign(title=[platform_title(p) for p in made["platform"]])
    shown = made["day"].between(daily["day"].min(), daily["day"].max()) if len(daily) else made["bridged"]
    return made.loc[shown, list(DEFINITION_COLUMNS)].reset_index(drop=True)


def told_events(events: pd.DataFrame | None, series: DailySeries, creator: str, daily: pd.DataFrame) -> pd.DataFrame:
    """The analyst's events that touch the days of the series."""
    if events is None or daily.empty:
        return no_events()
    span = {"start": daily["day"].min().date(), "end": daily["day"].max().date()}
    found = events_of(events, series.platforms, creator=creator, **span)
    return found[found["origin"] == "analyst"].reset_index(drop=True)


def change_table(found: pd.DataFrame, definitions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.changes`; `found` as `timeseries.change_points` gives it."""
    made = _named(found)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.where(made["before"] > 0, made["after"] / made["before"] - 1, np.nan)
    text = _beside(made, definitions, events)
    q_value = q_values(made["p_value"].to_numpy(float))
    known = np.array([bool(one) for one in text], bool)
    return made.assign(
        change=change, q_value=q_value, claimed=(q_value <= FALSE_DISCOVERIES) & ~known, known=known, text=text
    )[["platform", "day", "before", "after", "change", "p_value", "q_value", "claimed", "known", "text"]]


def anomaly_table(found: pd.DataFrame, definitions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """See `Trends.anomalies`, without the explanations; `found` as `timeseries.anomalies` gives it."""
    made = _named(found)
    made = made.assign(deviation=made["value"] - made["expected"], beside=_beside(made, definitions, events))
    columns = ["platform", "day", "value", "expected", "deviation", "score", "p_value", "q_value", "beside"]
    return made[columns].reset_index(drop=True)


def _beside(rows: pd.DataFrame, definitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Changes of definition and events of the same series around each row's day, in words; empty = none."""
    near = pd.Timedelta(days=BESIDE_DAYS)
    told = []
    for platform, day in zip(rows["platform"], rows["day"], strict=True):
        mine = definitions[(definitions["day"] - day).abs() <= near]
        mine = mine if platform == TOTAL else mine[mine["platform"] == platform]
        said = [f"{title}: {text}" for title, text in zip(mine["title"], mine["text"], strict=True)]
        own = events[(events["start"] - near <= day) & (events["end"] + near >= day)]
        own = own if platform == TOTAL else own[own["platform"].isin(["", platform])]
        said += [note or kind.replace("_", " ") for note, kind in zip(own["note"], own["kind"], strict=True)]
        told.append("; ".join(dict.fromkeys(said)))
    return pd.Series(told, rows.index, dtype="str")


def forecast_tables(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """See `Trends.forecast` and `Trends.scores`; `found` as `timeseries.forecast` gives it."""
    scores = getattr(found, "scores", None)
    return _named(found), pd.DataFrame(columns=["platform"]) if scores is None else _named(scores)


def _named(found: pd.DataFrame) -> pd.DataFrame:
    """A table of the time-series room as a plain frame, by platform and day instead of series, index and time."""
    made = pd.DataFrame({name: found[name].to_numpy() for name in found if name != "index"})
    made = made.rename(columns={"series": "platform", "time": "day"})
    kinds = {"platform": "str"} | ({"day": "datetime64[us]"} if "day" in made else {})
    return made.astype(kinds)
