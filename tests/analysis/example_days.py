"""Account days and posts' days made by hand, as the store hands them to questions over time."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.daily import days_of
from engagerr_core.analysis.subjects import as_text
from engagerr_core.analysis.trends import Trends, trends
from tests.analysis.examples import COEFFICIENTS, contents, frame, observation

FIRST = "2026-01-01"
LATE = "2027-03-01T00:00:00Z"  # an export long after the days: none of them is provisional


def rows_of(
    platform: str, values, *, first: str = FIRST, metric: str = "views", observed_at: str = LATE, **more
) -> list:
    """Observations of single days; NaN days are left out."""
    when = pd.date_range(first, periods=len(values)).strftime("%Y-%m-%d")
    known = [(d, float(v)) for d, v in zip(when, values, strict=True) if np.isfinite(v)]
    return [observation(platform, day=d, observed_at=observed_at, **{metric: v}, **more) for d, v in known]


def usual(days: int, level: float = 1000.0, seed: int = 3, weekly: float = 0.2, growth: float = 0.0) -> np.ndarray:
    """Counts around a level with a weekly season, noise and growth (relative, a day)."""
    rng, day = np.random.default_rng(seed), np.arange(days)
    season = 1 + weekly * np.sin(2 * np.pi * day / 7)
    return np.round(level * season * np.exp(growth * day + rng.normal(0, 0.08, days)))


def split(rows: list, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days of accounts and of posts."""
    accounts, posts = days_of(frame(rows), table, COEFFICIENTS)
    return as_text(accounts), as_text(posts)


def trends_of(rows: list, table: pd.DataFrame | None = None, **more) -> Trends:
    """`trends` of observations."""
    known = contents() if table is None else table
    return trends("Ada", *split(rows, known), known, COEFFICIENTS, **more)
