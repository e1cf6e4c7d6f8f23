"""Periods of days by `datetime`, one day at a time."""

from datetime import date, timedelta

EPOCH = date(1970, 1, 1)


def period_start(day: int, unit: str) -> int:
    """The first day of the period of a day, both as days since 1970-01-01."""
    moment = EPOCH + timedelta(days=day)
    if unit == "week":
        moment -= timedelta(days=moment.weekday())
    elif unit == "month":
        moment = moment.replace(day=1)
    elif unit == "quarter":
        moment = moment.replace(month={1: 1, 2: 4, 3: 7, 4: 10}[(moment.month + 2) // 3], day=1)
    elif unit == "year":
        moment = moment.replace(month=1, day=1)
    return (moment - EPOCH).days
