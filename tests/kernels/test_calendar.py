"""Periods of days against `datetime`."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import calendar
from tests.naive import calendar as naive

UNITS = ("day", "week", "month", "quarter", "year")
DAY = st.integers(calendar.FIRST, calendar.LAST)


@pytest.mark.parametrize("unit", UNITS)
@given(days=st.lists(DAY, max_size=20))
def test_any_day_as_datetime_has_it(unit, days):
    starts = calendar.period_start(np.array(days, np.int32), unit)
    assert starts.tolist() == [naive.period_start(day, unit) for day in days]


@pytest.mark.parametrize("unit", UNITS)
def test_every_day_around_leap_years_and_the_ends(unit):
    spans = [(date(y, 2, 25), date(y, 3, 4)) for y in (1600, 1700, 1899, 1900, 1970, 2000, 2023, 2024, 2100)]
    spans += [(date(2026, 12, 20), date(2027, 1, 12)), (date.min, date(1, 1, 10)), (date(9999, 12, 20), date.max)]
    for first, last in spans:
        days = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int32) - date(1970, 1, 1).toordinal()
        starts = calendar.period_start(days.astype(np.int32), unit)
        assert starts.tolist() == [naive.period_start(int(day), unit) for day in days]


@given(day=DAY)
def test_civil_and_back(day):
    year, month, of_month = calendar.civil_from_day(day)
    assert date(year, month, of_month).toordinal() - date(1970, 1, 1).toordinal() == day
    assert calendar.day_from_civil(year, month, of_month) == day


@given(first=DAY, length=st.integers(0, 800), unit=st.sampled_from(UNITS))
def test_periods_number_every_day_and_leave_no_gap(first, length, unit):
    last = min(first + length, calendar.LAST)
    table = calendar.periods(first, last, unit)
    days = np.arange(first, last + 1, dtype=np.int32)
    assert table.first_day == first
    assert table.starts[table.of_day].tolist() == calendar.period_start(days, unit).tolist()
    assert np.array_equal(np.unique(table.of_day), np.arange(table.starts.size))
    assert (np.diff(table.starts) > 0).all()


def test_no_days():
    assert calendar.period_start(np.array([], np.int32), "month").size == 0


def test_the_argument_is_not_changed():
    days = np.array([20_000], np.int32)
    days.flags.writeable = False
    starts = calendar.period_start(days, "day")
    starts[0] = 0
    assert days[0] == 20_000


def test_refusals():
    days = np.array([0], np.int32)
    with pytest.raises(InvalidArgument, match=r"'fortnight'.*day, week, month, quarter, year"):
        calendar.period_start(days, "fortnight")
    with pytest.raises(InvalidArgument, match=r"days was int64.*int32"):
        calendar.period_start(days.astype(np.int64), "month")
    with pytest.raises(InvalidArgument, match="years 1 to 9999"):
        calendar.period_start(np.array([calendar.LAST + 1], np.int32), "week")
    with pytest.raises(InvalidArgument, match="not after the last"):
        calendar.periods(5, 4, "month")
