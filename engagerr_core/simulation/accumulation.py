"""How a piece of content gathers its views over its life."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Curve:
    """Half of the quick views arrive within `half_life` days; an `evergreen` share trickles in over the years."""

    half_life: float
    evergreen: float = 0.0
    shape: float = 0.8

    def share(self, age: np.ndarray) -> np.ndarray:
        """The share of all views gathered up to an age in days (0 before publication)."""
        age = np.maximum(age, 0.0)
        quick = 1 - 0.5 ** ((age / self.half_life) ** self.shape)
        return (1 - self.evergreen) * quick + self.evergreen * (1 - np.exp(-age / EVERGREEN_DAYS))


EVERGREEN_DAYS = 600.0

CURVES = {
    ("youtube", "long_video"): Curve(6.0, 0.35),
    ("youtube", "short"): Curve(3.5, 0.10),
    ("instagram", "short"): Curve(1.6, 0.04),
    ("instagram", "carousel"): Curve(1.1, 0.02),
    ("instagram", "image"): Curve(0.8),
    ("instagram", "story"): Curve(0.25, 0.0, 1.6),
    ("facebook", "short"): Curve(1.4, 0.03),
    ("facebook", "image"): Curve(0.5),
    ("facebook", "link"): Curve(0.4),
    ("facebook", "text"): Curve(0.4),
    ("tiktok", "short"): Curve(2.2, 0.06),
    ("x", "text"): Curve(0.12, 0.0, 0.6),
    ("x", "image"): Curve(0.15, 0.0, 0.6),
    ("linkedin", "text"): Curve(1.3, 0.02),
    ("linkedin", "carousel"): Curve(1.9, 0.05),
    ("linkedin", "image"): Curve(1.2, 0.02),
    ("linkedin", "link"): Curve(0.9, 0.02),
    ("linkedin", "short"): Curve(1.5, 0.03),
    ("spotify", "song"): Curve(16.0, 0.55),
}


def daily_shares(curve: Curve, published_day: float, days: int) -> np.ndarray:
    """The share of all views that falls on each day of the window, for a piece published on a fractional day.

    A negative day is before the window: only what is left of the piece's life counts.
    """
    edges = np.arange(days + 1) - published_day
    return np.diff(curve.share(edges))
