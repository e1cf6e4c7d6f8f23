"""Days as numbers: from int32 days since 1970-01-01 to the first day of their week, month, quarter or year.

Plain arithmetic on the proleptic Gregorian calendar, years 1 to 9999, as `datetime.date` has them.
"""

from typing import Literal, NamedTuple, get_args

import numpy as np

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.arrays import require_array
from engagerr_core.kernels.dispatch import kernel

Unit = Literal["day", "week", "month", "quarter", "year"]

FIRST, LAST = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31


@kernel("UniTuple(int64, 3)(int64)")
def civil_from_day(day):
    """Year, month and day of the month of a day number (Howard Hinnant's algorithm).

    The year is taken to begin in March, so that the day that comes and goes is its last.
    """
    shifted = day + 719_468  # days since 0000-03-01
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day_of_year - (153 * march_month + 2) // 5 + 1


@kernel("int64(int64, int64, int64)")
def day_from_civil(year, month, day):
    """The day number of a year, month and day of the month."""
    march_year = year - 1 if month <= 2 else year
    era = march_year // 400
    year_of_era = march_year - era * 400
    march_month = month - 3 if month > 2 else month + 9
    day_of_year = (153 * march_month + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


@kernel("void(const int32[::1], int64, int32[::1])")
def _period_starts(days, months, starts):
    """First day of the period of each day; `months` 0 means weeks, else the period's length in months."""
    for i in range(days.size):
        day = np.int64(days[i])
        if months == 0:
            starts[i] = day - (day + 3) % 7  # 1970-01-01 was a Thursday
        else:
            year, month, _ = civil_from_day(day)
            starts[i] = day_from_civil(year, month - (month - 1) % months, 1)


_MONTHS = {"week": 0, "month": 1, "quarter": 3, "year": 12}


def period_start(days: np.ndarray, unit: Unit) -> np.ndarray:
    """The first day of the period each day lies in.

    `days` is int32 (n), days since 1970-01-01; the result has the same shape and meaning. Weeks
    begin on Monday (ISO); `unit` "day" returns the days themselves. Raises `InvalidArgument` for
    another unit, dtype or shape, and for days outside the years 1 to 9999.
    """
    require_array("days", days, np.int32, (None,))
    if unit not in get_args(Unit):
        known = ", ".join(get_args(Unit))
        raise InvalidArgument(f"The unit was {unit!r}. Days can be gathered by {known}. Choose one of them.")
    if days.size and (days.min() < FIRST or days.max() > LAST):
        raise InvalidArgument(
            f"days ran from {days.min()} to {days.max()}. They count days since 1970-01-01, "
            "within the years 1 to 9999. Drop unknown dates first."
        )
    if unit == "day":
        return days.copy()
    starts = np.empty_like(days)
    _period_starts(days, _MONTHS[unit], starts)
    return starts


class Periods(NamedTuple):
    """The periods of a span of days, as `rollup_by_period` wants them."""

    of_day: np.ndarray
    """int32, one entry a day from `first_day` on: the number of the day's period."""
    first_day: int
    """The day number of the first entry of `of_day`."""
    starts: np.ndarray
    """int32, the first day of each period, ascending; the first may lie before `first_day`."""


def periods(first_day: int, last_day: int, unit: Unit) -> Periods:
    """Number the periods of all days from `first_day` to `last_day`, both included.

    Periods without data are numbered as well. Raises `InvalidArgument` when the span is empty.
    """
    if last_day < first_day or first_day < FIRST or last_day > LAST:
        raise InvalidArgument(
            f"The span ran from day {first_day} to day {last_day}. It needs a first day that is not after the last, "
            "within the years 1 to 9999. Swap or correct them."
        )
    starts = period_start(np.arange(first_day, last_day + 1, dtype=np.int32), unit)
    begins = np.concatenate([[True], starts[1:] != starts[:-1]])
    return Periods((np.cumsum(begins) - 1).astype(np.int32), first_day, starts[begins])
