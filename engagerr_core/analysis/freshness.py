"""How far the data reach, and which of the last days may still be restated."""

import pandas as pd

from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.platforms import platforms


def provisional(daily: pd.DataFrame) -> pd.Series:
    """Whether each account's day may still be restated by the platform.

    A day is final once the platform's reporting delay has passed before the export. Where the day of the export is
    unknown, the day after the account's last day stands for it.

    Parameters
    ----------
    daily : account rows of single days with `platform`, `account`, `creator`, `day`, `observed_at`.
    """
    if daily.empty:
        return pd.Series(dtype=bool, index=daily.index)
    delay = daily["platform"].map({p.name: p.provisional_days for p in platforms().values()}).fillna(0)
    exported = pd.to_datetime(daily["observed_at"]).dt.tz_localize(None).dt.normalize()
    presumed = daily.groupby(ACCOUNT)["day"].transform("max") + pd.Timedelta(days=1)
    return (exported.fillna(presumed) - daily["day"]).dt.days <= delay


def freshness(daily: pd.DataFrame) -> pd.DataFrame:
    """First day, last day, last final day and missing days in between, per account.

    Returns
    -------
    creator, platform, account, first_day, last_day, last_final_day (NaT where none is final), days, missing_days.
    """
    marked = daily.assign(final=daily["day"].where(~provisional(daily)))
    table = (
        marked.groupby(ACCOUNT)
        .agg(
            first_day=("day", "min"), last_day=("day", "max"), last_final_day=("final", "max"), days=("day", "nunique")
        )
        .reset_index()
    )
    return table.assign(missing_days=(table["last_day"] - table["first_day"]).dt.days + 1 - table["days"])


def last_whole_period(daily: pd.DataFrame, days: int = 28) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The latest period of so many days for which every account that is still being exported is final.

    Accounts whose data ended more than 14 days before the freshest are left out of the question. None without any day.
    """
    if daily.empty:
        return None
    last = freshness(daily)["last_final_day"].dropna()
    if last.empty:
        return None
    end = last[last >= last.max() - pd.Timedelta(days=14)].min()
    return end - pd.Timedelta(days=days - 1), end
