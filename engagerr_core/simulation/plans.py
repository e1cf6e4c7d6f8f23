"""What a creator plans: channels, branches of a work, and what will happen.

Moments are fractions of the simulated window, so that the same stories fit a window of any length. Levels are the views
that an average piece of that format gathers in the end, at the first day's audience.
"""

from dataclasses import dataclass

AGE_BANDS = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """Something that happens to an account: a kind, a moment, how long, how strong."""

    kind: str
    at: float = 0.0
    days: int = 0
    size: float = 1.0
    detail: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One account of a creator: its size, its course, its habits."""

    handle: str
    title: str
    followers: int
    levels: dict[str, float]
    weekly_growth: float = 0.0
    alone: tuple[tuple[str, float], ...] = ()
    effects: tuple[PlannedEffect, ...] = ()
    catalogue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What is regularly made from a work: `source` is the position of an earlier branch, -1 the root."""

    platform: str
    format: str
    relation: str
    probability: float
    lag_days: float
    source: int = -1
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A creator's plan: vertical and language choose the words, root and branches the families."""

    name: str
    slug: str
    vertical: str
    language: str
    zone: str
    root: tuple[str, str, float, int, int]  # platform, format, works a week, weekday, hour
    branches: tuple[Branch, ...]
    channels: dict[str, Channel]
    countries: tuple[tuple[str, float], ...]
    cities: tuple[tuple[str, float], ...]
    women: float
    ages: tuple[float, float, float, float, float, float, float]
