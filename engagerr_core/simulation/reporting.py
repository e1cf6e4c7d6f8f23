"""What a platform says on a given day about what truly happened."""

from datetime import date

import numpy as np

from engagerr_core.simulation.flows import AccountFlows

# share of a day's counts that is out after 1, 2, 3 … days; afterwards all of it
REPORTED_AFTER = {
    "youtube": (0.46, 0.83, 0.97),
    "instagram": (0.68, 0.93),
    "tiktok": (0.57, 0.90),
    "facebook": (),
    "x": (),
    "linkedin": (0.71, 0.94),
    "spotify": (0.88,),
}


def days_known(start: date, exported_on: date) -> int:
    """How many days of the window an export on a day can contain: yesterday is the last."""
    return (exported_on - start).days


def reported(counts: np.ndarray, platform: str, start: date, exported_on: date) -> np.ndarray:
    """True daily counts (last axis) as they are out on the day of the export; later days are cut off."""
    known = min(days_known(start, exported_on), counts.shape[-1])
    said = counts[..., :known].copy()
    for age, share in enumerate(REPORTED_AFTER[platform], start=1):
        day = days_known(start, exported_on) - age
        if 0 <= day < known:
            said[..., day] = np.floor(said[..., day] * share)
    return said


def lifetime(flows: AccountFlows, metric: str, start: date, exported_on: date) -> np.ndarray:
    """Lifetime counters of all contents on the day of the export, corrections included."""
    said = reported(flows.daily[metric], flows.account.platform, start, exported_on)
    counters = said.sum(axis=1)
    if metric == flows.views_metric:
        for row, (day, share) in flows.corrections.items():
            if row >= 0 and day < days_known(start, exported_on):
                counters[row] += round(share * said[row, : day + 1].sum())
    return counters


def lifetime_reach(flows: AccountFlows, start: date, exported_on: date) -> np.ndarray:
    """Different people each piece reached so far, never more than its views."""
    views = lifetime(flows, flows.views_metric, start, exported_on)
    return np.floor(views / flows.views_per_viewer).astype(np.int64)
