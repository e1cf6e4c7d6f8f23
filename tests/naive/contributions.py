"""A deviation divided over parts, and what was to be expected of a post, by loops."""

from math import fsum, isfinite, nan
from statistics import median


def divided(value, expected, parts):
    """(label or None for the rest, deviation, share), from (label, value, expected); unknown parts are in the rest."""
    whole = value - expected
    known = [(label, v - e) for label, v, e in parts if isfinite(v) and isfinite(e)]
    rest = whole - fsum(moved for _, moved in known)
    return [
        (label, moved, moved / whole if isfinite(whole) and whole != 0 else nan)
        for label, moved in [*known, (None, rest)]
    ]


def expectation(day, post, posts):
    """What was to be expected of one post on a day: (number or NaN, how).

    `post` and `posts` are dictionaries with kind (account and format), published (a day or None) and days (day to
    value).
    """
    age = None if post["published"] is None else day - post["published"]
    if age is not None and 0 <= age <= 28:
        same = []
        for other in posts:
            if other["kind"] == post["kind"] and other["published"] is not None and other["published"] + age < day:
                value = other["days"].get(other["published"] + age, nan)
                if isfinite(value):
                    same.append((other["published"] + age, value))
        latest = [value for _, value in sorted(same)[-100:]]
        if len(latest) >= 5:
            return median(latest), "equal age"
        return (0.0, "new") if age < 7 else (nan, "unknown")
    own = [value for d, value in post["days"].items() if day - 14 <= d < day and isfinite(value)]
    if (age is None or age > 28) and len(own) >= 7:
        return median(own), "own level"
    return nan, "unknown"
