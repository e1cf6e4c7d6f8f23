"""How far the data reach, and which of the last days may still be restated."""

from collections.abc import Mapping

import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.platforms import platform, platforms


def days_provisional(delays: Mapping[str, float] | None = None) -> dict[str, float]:
    """Platform → how many of the last days before an export may still be restated.

    As registered, or as re-estimated (`delays.platform_delays`) where `delays` tells. Raises `UnknownName` for a
    platform, `InvalidArgument` for a delay that is none.
    """
    days: dict[str, float] = {one.name: one.provisional_days for one in platforms().values()}
    for name, told in (delays or {}).items():
        if not 0 <= told < float("inf"):
            raise InvalidArgument(
                f"The reporting delay of {name} was {told}. It is a number of days, 0 or more. "
                "Leave the platform out where its delay is unknown: then the registered one holds."
            )
        days[platform(name).name] = told
    return days


def provisional(daily: pd.DataFrame, delays: Mapping[str, float] | None = None) -> pd.Series:
    """Whether each account's day may still be restated by the platform.

    A day is final once the platform's reporting delay has passed before the export. Where the day of the export is
    unknown, the day after the account's last day stands for it.

    Parameters
    ----------
    daily : account rows of single days with `platform`, `account`, `creator`, `day`, `observed_at`.
    delays : platform → days, instead of the registered ones; see `days_provisional`.
    """
    if daily.empty:
        return pd.Series(dtype=bool, index=daily.index)
    delay = daily["platform"].map(days_provisional(delays)).astype(float).fillna(0)
    exported = pd.to_datetime(daily["observed_at"]).dt.tz_localize(None).dt.normalize()
    presumed = daily.groupby(ACCOUNT)["day"].transform("max") + pd.Timedelta(days=1)
    return (exported.fillna(presumed) - daily["day"]).dt.days <= delay


def freshness(daily: pd.DataFrame, delays: Mapping[str, float] | None = None) -> pd.DataFrame:
    """How far each account's days reach. `delays` as in `provisional`.

    Returns
    -------
    creator, platform, account, first_day, last_day, last_final_day (NaT where none is final), days, missing_days (in
    between), exported_on (the day of the latest export; NaT where no file tells).
    """
    exported = daily["observed_at"].dt.tz_localize(None).dt.normalize()
    marked = daily.assign(final=daily["day"].where(~provisional(daily, delays)), exported=exported)
    table = (
        marked.groupby(ACCOUNT)
        .agg(
            first_day=("day", "min"),
            last_day=("day", "max"),
            last_final_day=("final", "max"),
            days=("day", "nunique"),
            exported_on=("exported", "max"),
        )
        .reset_index()
    )
    return table.assign(missing_days=(table["last_day"] - table["first_day"]).dt.days + 1 - table["days"])


def last_whole_period(
    daily: pd.DataFrame, days: int = 28, delays: Mapping[str, float] | None = None
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The latest period of so many days for which every account that is still being exported is final.

    Accounts whose data ended more than 14 days before the freshest are left out of the question. None without any day.
    `delays` as in `provisional`.
    """
    if daily.empty:
        return None
    last = freshness(daily, delays)["last_final_day"].dropna()
    if last.empty:
        return None
    end = last[last >= last.max() - pd.Timedelta(days=14)].min()
    return end - pd.Timedelta(days=days - 1), end


def known_stretches(daily: pd.DataFrame, delays: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Runs of days without a gap, per account; final and provisional days make runs of their own.

    `delays` as in `provisional`.

    Returns
    -------
    creator, platform, account, first_day, last_day, provisional; in order of the days.
    """
    days = daily.assign(provisional=provisional(daily, delays))[[*ACCOUNT, "day", "provisional"]]
    days = days.sort_values([*ACCOUNT, "day", "provisional"], kind="stable").drop_duplicates([*ACCOUNT, "day"])
    same = (days[ACCOUNT] == days[ACCOUNT].shift()).all(axis=1) & (days["provisional"] == days["provisional"].shift())
    goes_on = same & (days["day"].diff() == pd.Timedelta(days=1))
    runs = days.groupby((~goes_on).cumsum(), sort=True)
    made = runs.agg(**{name: (name, "first") for name in ACCOUNT}, first_day=("day", "first"), last_day=("day", "last"),
                    provisional=("provisional", "first"))  # fmt: skip
    return made.reset_index(drop=True)
