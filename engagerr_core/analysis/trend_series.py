"""A creator's metric as daily series, one a platform and one of all: what may be looked at as one curve, and what not.

Days that the platform may still restate, and days before a change of definition that cannot be bridged, are masked: no
trend, season, anomaly or forecast is made from them. Sums hold only where all of their parts are known.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import total_by
from engagerr_core.analysis.audience import platform_title
from engagerr_core.analysis.daily import ESTIMATED
from engagerr_core.analysis.figures import definition_of
from engagerr_core.analysis.freshness import provisional
from engagerr_core.analysis.normalize import STANDARD, standardise
from engagerr_core.analysis.splicing import counted_from, spliced
from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.errors import NotAdditive
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import Axis, metric, require_additive

TOTAL = ""  # the platform of the series that adds all of them up
ENDED_DAYS = 28  # a part whose figures end so much earlier than the newest is no part of the sum any more
SHORTEST_SHARE = 0.5  # of the longest part's days; a sum with a shorter one would begin where that one begins
SERIES_COLUMNS = ("platform", "day", "value", "reported", "provisional", "masked", "why", "origin", "definition")
UNKNOWN_DAY, PROVISIONAL, REDEFINED = "unknown", "provisional", "before a change of definition"


class DailySeries(NamedTuple):
    """What `daily_series` finds.

    `days` has the columns of `SERIES_COLUMNS`; `joints` are the definition changes that the accounts cross (columns of
    `splicing.Spliced.joints`); `factors` the accounts' like-for-like ÷ reported figure by day; `platforms` those with a
    series; `flags` sentences on what is left out.
    """

    days: pd.DataFrame
    joints: pd.DataFrame
    factors: pd.DataFrame
    platforms: tuple[str, ...]
    flags: tuple[str, ...]


def daily_series(
    days: pd.DataFrame, contents: pd.DataFrame, coefficients: CoefficientSet, name: str,
    delays: Mapping[str, float] | None = None,
) -> DailySeries:  # fmt: skip
    """Daily series of one creator's metric, like for like over changes of definition where these can be bridged.

    Parameters
    ----------
    days : the accounts' days, as `Days.accounts` gives them.
    contents : the content table, which tells the formats of an account's posts.
    coefficients : the set in force.
    name : a metric that adds up over time, posts and accounts.
    delays : platform → days until a day is final; None = as registered.

    Returns
    -------
    See `DailySeries`. Its days: `platform` (empty = all of them together), every `day` from the first to the last known
    one, `value` (like for like; NaN = unknown), `reported` (as the platform counted on that day), `provisional`,
    `masked` and `why` (unknown, provisional, before a change of definition; empty = not masked), `origin` and
    `definition`. The series of all platforms is there only where the metric adds up over platforms and at least two
    have a series.

    Raises
    ------
    NotAdditive
        For a metric that does not add up over time, posts or accounts, such as reach or a rate; and for money in
        several currencies.
    """
    axes: tuple[Axis, ...] = ("time", "content", "creator")
    for axis in axes:
        require_additive(name, over=axis)
    _require_one_currency(days, name)
    splice = spliced(days, contents)
    like, plain = (_with_metric(standardise(rows, coefficients), name) for rows in (splice.rows, days))
    like = like.assign(
        provisional=provisional(days, delays).to_numpy(dtype=bool), reported=plain[name].to_numpy(),
        estimated=_estimated(like, name),
    )  # fmt: skip
    joints = counted_from(splice.joints, name, coefficients)
    flags: list[str] = []
    parts: list[pd.DataFrame] = []
    for platform, rows in like.groupby("platform", sort=True, observed=True):
        found, said = _of_platform(str(platform), rows, joints, name, coefficients)
        flags += said
        if found is not None:
            parts.append(found)
    names = tuple(part["platform"].iloc[0] for part in parts)
    total, said = _of_all(parts, name)
    made = pd.concat([*([] if total is None else [total]), *parts], ignore_index=True) if parts else _no_days()
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(like["reported"] > 0, like[name] / like["reported"], np.nan)
    factors = like[[*ACCOUNT, "day"]].assign(factor=factor)
    return DailySeries(made, joints, factors, names, (*flags, *said))


def usable(days: pd.DataFrame) -> pd.DataFrame:
    """Platform, day and value of the days that series are made from: masked ones are NaN, ends without figures cut."""
    rows = days[["platform", "day"]].assign(value=days["value"].mask(days["masked"]))
    known = rows["day"].where(rows["value"].notna()).groupby(rows["platform"])
    first, last = known.transform("min"), known.transform("max")
    return rows[(rows["day"] >= first) & (rows["day"] <= last)].reset_index(drop=True)


def _require_one_currency(days: pd.DataFrame, name: str) -> None:
    if metric(name).unit != "money" or not {name, "currency"} <= set(days):
        return
    found = sorted({str(one) for one in days.loc[days[name].notna(), "currency"].unique()} - {""})
    if len(found) > 1:
        raise NotAdditive(
            f"A series of {name} was asked, but it is told in {', '.join(found)}. Money of several currencies does not "
            "add up, and no rates of exchange are known. Name platforms that pay in one."
        )


def _with_metric(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows if name in rows else rows.assign(**{name: np.nan})


def _estimated(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Whether a row's figure leans on an assumed coefficient, a spread counter or an estimated bridge."""
    flag = rows[f"{name}_estimated"].to_numpy(bool) if f"{name}_estimated" in rows else np.zeros(len(rows), bool)
    spread = rows["made"].to_numpy(np.int8) >= ESTIMATED if "made" in rows else np.zeros(len(rows), bool)
    return flag | spread | (rows["bridge_error"].to_numpy(float) > 0)


def _of_platform(
    platform: str, rows: pd.DataFrame, joints: pd.DataFrame, name: str, coefficients: CoefficientSet
) -> tuple[pd.DataFrame | None, list[str]]:
    title = platform_title(platform)
    known = rows[rows[name].notna()]
    if known.empty:
        return None, [f"{title} has no daily {metric(name).title.lower()}: it has no series."]
    kept, why = _comparable(known.groupby("account")["day"].agg(["min", "max"]))
    flags = [f"{title} is without the account {account}, {reason}." for account, reason in why.items()]
    rows, known = rows[rows["account"].isin(kept)], known[known["account"].isin(kept)]
    every = pd.date_range(known["day"].min(), known["day"].max(), freq="D", unit="us")
    made = _summed(rows, name, every)
    broken = joints[~joints["bridged"] & (joints["platform"] == platform) & joints["account"].isin(kept)]["day"]
    since = broken.max() if len(broken) else pd.Timestamp.min
    if len(broken):
        flags.append(
            f"{title} began to count differently on {since:%Y-%m-%d}, and the days before cannot be bridged: "
            "its series begins there."
        )
    made = made.assign(platform=platform, why=_why(made, made["day"] < since))
    said = definition_of(name, platform, every[0].date(), every[-1].date(), coefficients)
    how = joints[joints["bridged"] & (joints["platform"] == platform) & joints["account"].isin(kept)]["how"]
    said += "".join(f"; {one}" for one in dict.fromkeys(how))
    estimated = "estimated" if rows["estimated"].any() else "derived" if name in STANDARD else "native"
    made = made.assign(masked=made["why"] != "", origin=estimated, definition=said)
    return made[list(SERIES_COLUMNS)], flags


def _summed(rows: pd.DataFrame, name: str, every: pd.DatetimeIndex) -> pd.DataFrame:
    """Value and reported value by day over parts, NaN where one of them is unknown; provisional where one is."""
    columns = {
        column: total_by(rows, ["day"], name, column=source, whole=True).reindex(every)
        for column, source in (("value", name), ("reported", "reported"))
    }
    late = rows.groupby("day")["provisional"].any().reindex(every, fill_value=False)
    made = pd.DataFrame(columns).assign(provisional=late.astype(bool)).rename_axis("day").reset_index()
    return made.astype({"day": "datetime64[us]"})


def _why(made: pd.DataFrame, broken: pd.Series) -> np.ndarray:
    return np.select(
        [made["value"].isna(), made["provisional"], broken], [UNKNOWN_DAY, PROVISIONAL, REDEFINED], ""
    ).astype(object)  # fmt: skip


def _comparable(spans: pd.DataFrame) -> tuple[list, dict[str, str]]:
    """Which parts make a sum, by the first (`min`) and last (`max`) day of each, and why not the others."""
    newest = spans["max"].max()
    ended = spans["max"] < newest - pd.Timedelta(days=ENDED_DAYS)
    length = (newest - spans["min"]).dt.days + 1
    short = ~ended & (length < SHORTEST_SHARE * length[~ended].max())
    why = {name: f"whose figures end on {spans.loc[name, 'max']:%Y-%m-%d}" for name in spans.index[ended]}
    why |= {name: f"whose figures begin on {spans.loc[name, 'min']:%Y-%m-%d} only" for name in spans.index[short]}
    return list(spans.index[~ended & ~short]), why


def _of_all(parts: list[pd.DataFrame], name: str) -> tuple[pd.DataFrame | None, list[str]]:
    """The series of all platforms together, on the days on which all of them are known."""
    if len(parts) < 2:
        return None, []
    title = metric(name).title
    if metric(name).rule("platform") != "sum":
        return None, [f"{title} is not counted alike on all platforms: there is no series of all of them."]
    rows = pd.concat(parts, ignore_index=True)
    free = rows[~rows["masked"]].groupby("platform")["day"].agg(["min", "max"])
    kept, why = _comparable(free) if len(free) else ([], {})
    flags = [f"All platforms are without {platform_title(p)}, {reason}." for p, reason in why.items()]
    if len(kept) < 2:
        return None, [*flags, "There is no series of all platforms: fewer than two can be added up."]
    rows = rows[rows["platform"].isin(kept)]
    known = rows[rows["value"].notna()].groupby("platform")["day"]
    first, last = known.min().max(), known.max().min()
    if first > last:
        return None, [*flags, "There is no series of all platforms: their days do not meet."]
    rows = rows[rows["day"] >= first]
    made = _summed(rows.assign(**{name: rows["value"]}), name, pd.date_range(first, last, freq="D", unit="us"))
    broken = rows[rows["why"] == REDEFINED]["day"].max()
    made = made.assign(platform=TOTAL, why=_why(made, made["day"] <= broken))
    origin = "estimated" if (rows["origin"] == "estimated").any() else rows["origin"].iloc[0]
    definition = "; ".join(dict.fromkeys(rows["definition"]))
    return made.assign(masked=made["why"] != "", origin=origin, definition=definition)[list(SERIES_COLUMNS)], flags


def _no_days() -> pd.DataFrame:
    kinds = {
        "day": "datetime64[us]",
        "value": "float64",
        "reported": "float64",
        "provisional": "bool",
        "masked": "bool",
    }
    return pd.DataFrame(columns=list(SERIES_COLUMNS)).astype({n: kinds.get(n, "str") for n in SERIES_COLUMNS})
