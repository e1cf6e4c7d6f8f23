"""How late platforms report: delays re-estimated from days that were stated several times, and final days restated.

Exports overlap: the export of today states days that the one of last week stated, too. How far an early statement lay
from the last one tells how long a day stays provisional.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis.freshness import days_provisional
from engagerr_core.analysis.subjects import ACCOUNT, daily_flows
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

WITHIN = 0.01  # a statement so near the last one counts as settled
SETTLED = 0.90  # of days; single days are restated months later, by purges of spam
LEAST = 100.0  # of fewer, one more or less is above 1 %
FINAL_LAG = 14  # days; longer than any registered delay: a statement made so late is taken to be final
ENOUGH_DAYS = 20  # where nine in ten are settled, 20 are all settled by chance in 12 % of cases, 10 in 35 %
ENOUGH_EXPORTS = 3  # early statements of one export share its mishaps
DRAWS = 400  # 2.5 % of them are ten
SEED = 20_261_121

RESTATED_SHARE = 0.01  # a final figure that moves by more was restated
RESTATED_COUNT = 3.0  # and by more than so many: withdrawn likes

DELAY_METRICS = ("views", "impressions", "streams", "watch_minutes", "likes", "comments", "shares")
DELAY_COLUMNS = (
    "platform", "metric", "days", "low", "high", "registered", "statements", "stated_days", "exports", "restated",
    "enough",
)  # fmt: skip
RESTATEMENT_COLUMNS = (
    *ACCOUNT, "metric", "day", "value", "stated_on", "new_value", "restated_on", "change", "file", "row",
)  # fmt: skip


def stated_flows(observations: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """What was said about single days of accounts, one row for each metric, day and day of export.

    Parameters
    ----------
    observations : unresolved rows (`Workspace.observations(resolved=False)`), figures of one account under one name.
    names : native metrics; those that the rows lack are left out.

    Returns
    -------
    creator, platform, account, metric, day, seen (the day of the export), lag (days from the one to the other), value
    (the last one known of that export), file, row; in order. Rows whose export day no file tells have no lag and are
    left out, and so are days to come.
    """
    daily = daily_flows(observations)
    daily = daily.assign(seen=daily["observed_at"].dt.tz_localize(None).dt.normalize())
    daily["lag"] = (daily["seen"] - daily["day"]).dt.days
    daily = daily[daily["lag"] >= 0].sort_values(["observed_at", "known_at", "file", "row"], kind="stable")
    key = [*ACCOUNT, "day", "seen"]
    parts = []
    for name in names:
        if name in daily:
            told = daily[[*key, "lag", "file", "row", name]].dropna(subset=[name]).drop_duplicates(key, keep="last")
            parts.append(told.rename(columns={name: "value"}).assign(metric=name))
    columns = [*ACCOUNT, "metric", "day", "seen", "lag", "value", "file", "row"]
    if not parts:
        return daily.assign(metric="", value=np.nan)[columns].iloc[:0]
    told = pd.concat(parts, ignore_index=True)
    return told.sort_values([*ACCOUNT, "metric", "day", "seen"], kind="stable", ignore_index=True)[columns]


def reporting_delays(observations: pd.DataFrame, names: Sequence[str] = DELAY_METRICS) -> pd.DataFrame:
    """How many of the last days before an export are provisional, as the restatements show it.

    A statement is settled if it lies within 1 % of the last one about the same day, which must have been made at least
    14 days after it. The share of settled statements at each lag (days from day to export), made monotone by isotonic
    regression, reaches 90 % at some lag: the days of smaller lags are provisional. Lags between two observed ones are
    given to the provisional ones.

    Parameters
    ----------
    observations : unresolved rows; see `stated_flows`.
    names : native metrics to look at.

    Returns
    -------
    platform, metric; days (NaN where the evidence is not enough, or where no lag is settled), low and high (95 %, from
    resampled days, and from lags that were not seen; high is NaN where some samples never settle); registered (the
    vocabulary's delay); statements (early ones), stated_days (of accounts, with an early and a final statement),
    exports (days of export); restated (share of the days that ever lay more than 1 % off); enough (bool).
    """
    told = stated_flows(observations, names)
    day = [*ACCOUNT, "metric", "day"]
    last = told.groupby(day, sort=False)[["value", "lag"]].transform("last")
    early = told[(told["lag"] < last["lag"]) & (last["lag"] >= FINAL_LAG) & (last["value"] >= LEAST)]
    final = last.loc[early.index, "value"]
    early = early.assign(settled=(early["value"] - final).abs() <= WITHIN * final)
    rows = [
        {"platform": platform, "metric": metric, **_delay(of)}
        for (platform, metric), of in early.groupby(["platform", "metric"], sort=True)
    ]
    table = pd.DataFrame(rows, columns=list(DELAY_COLUMNS))
    table["registered"] = table["platform"].map(days_provisional()).fillna(0)
    types = dict.fromkeys(("days", "low", "high", "registered", "restated"), "float64")
    types |= dict.fromkeys(("statements", "stated_days", "exports"), "int64")
    return table.astype(types | {"platform": "str", "metric": "str", "enough": "bool"})


def _delay(early: pd.DataFrame) -> dict[str, Any]:
    """Estimate and evidence from the early statements of one platform's metric."""
    lags, lag = np.unique(early["lag"].to_numpy(np.int64), return_inverse=True)
    day = early.groupby([*ACCOUNT, "day"], sort=True).ngroup().to_numpy()
    settled = early["settled"].to_numpy(bool)
    days, exports = int(day.max()) + 1, early["seen"].nunique()
    found: dict[str, Any] = {
        "statements": len(early), "stated_days": days, "exports": exports,
        "restated": len(np.unique(day[~settled])) / days,
        "enough": days >= ENOUGH_DAYS and exports >= ENOUGH_EXPORTS,
        "days": np.nan, "low": np.nan, "high": np.nan,
    }  # fmt: skip
    if not found["enough"]:
        return found
    rng = np.random.default_rng(SEED)
    drawn = np.array(
        [_last_unsettled(lags, lag, settled, rng.multinomial(days, np.full(days, 1 / days))[day]) for _ in range(DRAWS)]
    )
    at_least, at_most = _last_unsettled(lags, lag, settled, np.ones(len(day)))
    low = float(np.quantile(drawn[:, 0], 0.025, method="inverted_cdf"))
    high = float(np.quantile(drawn[:, 1], 0.975, method="inverted_cdf"))
    settles = np.isfinite(at_most)
    return found | {
        "days": at_most if settles else np.nan,
        "low": min(low, at_least),
        "high": max(high, at_most) if settles and np.isfinite(high) else np.nan,
    }


def _last_unsettled(lags: np.ndarray, lag: np.ndarray, settled: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The last lag at which days are not settled: at least (seen to be so), and at most (the next one seen is settled).

    The second is infinite where no lag is settled.
    """
    from scipy.optimize import isotonic_regression

    seen = np.bincount(lag, weight, len(lags))
    drawn = seen > 0
    share = np.bincount(lag, weight * settled, len(lags))[drawn] / seen[drawn]
    fitted = isotonic_regression(share, weights=seen[drawn]).x
    first = int(np.searchsorted(fitted, SETTLED - 1e-12))
    lags = lags[drawn]
    return float(lags[first - 1]) if first else 0.0, max(float(lags[first] - 1), 0.0) if first < len(lags) else np.inf


def platform_delays(delays: pd.DataFrame) -> dict[str, float]:
    """Platform → days, as `freshness.provisional` takes them: those of the slowest metric with enough evidence.

    A platform one of whose metrics never settles is left out, as is one without evidence: the registered delay holds.
    """
    slowest = delays[delays["enough"]].groupby("platform", sort=True)["days"].agg(lambda days: days.max(skipna=False))
    return {str(name): float(days) for name, days in slowest.dropna().items()}


def restatements(observations: pd.DataFrame, delays: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Days of accounts whose figures changed after they were final.

    Compared are the first statement that was made once the platform's reporting delay had passed, and the last one. A
    change of at most 1 %, or of at most 3, is no restatement.

    Parameters
    ----------
    observations : unresolved rows; see `stated_flows`.
    delays : platform → days, instead of the registered ones.

    Returns
    -------
    creator, platform, account, metric, day; value and stated_on (the day of that export), new_value and restated_on
    (those of the last one); change (share of the first value; NaN where that was 0); file, row (of the last statement).
    """
    told = stated_flows(observations, [name for name in METRICS if metrics()[name].unit in ("count", "minutes")])
    final = told[told["lag"] > told["platform"].map(days_provisional(delays)).astype(float).fillna(0)]
    day = [*ACCOUNT, "metric", "day"]
    firsts, lasts = (final.drop_duplicates(day, keep=which).reset_index(drop=True) for which in ("first", "last"))
    old, new = firsts["value"], lasts["value"]
    moved = (new - old).abs()
    off = (moved > RESTATED_SHARE * old.abs()) & (moved > RESTATED_COUNT)
    table = firsts[day].assign(
        value=old, stated_on=firsts["seen"], new_value=new, restated_on=lasts["seen"],
        change=(new - old) / old.where(old != 0), file=lasts["file"], row=lasts["row"],
    )  # fmt: skip
    return table.loc[off, list(RESTATEMENT_COLUMNS)].reset_index(drop=True)
