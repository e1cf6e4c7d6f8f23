"""Intervals of rates: for one post, and for rates pooled over posts or days."""

import numpy as np
import pandas as pd


def weighted_count_interval(
    counts: np.ndarray, weights: np.ndarray, exposure: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of Σ weight × count ÷ exposure for independent Poisson counts: the gamma method of Fay and Feuer (1997).

    Parameters
    ----------
    counts : (n posts, k parts); a part that does not belong has weight 0 and its count does not matter.
    weights : (n posts, k parts), from 0 up.
    exposure : (n posts), such as views.

    Returns
    -------
    low, high : (n posts). NaN where a part that belongs, or the exposure, is unknown, negative or (exposure) 0.
    """
    from scipy.stats import gamma

    x = np.where(weights > 0, counts, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = (weights * x).sum(axis=1)
        variance = (weights**2 * x).sum(axis=1)
        heaviest = weights.max(axis=1)
        tail = (1 - level) / 2
        low = np.where(total > 0, gamma.ppf(tail, total**2 / variance, scale=variance / total), 0.0)
        total_up, variance_up = total + heaviest, variance + heaviest**2
        high = gamma.ppf(1 - tail, total_up**2 / variance_up, scale=variance_up / total_up)
        usable = (exposure > 0) & (x >= 0).all(axis=1) & np.isfinite(x).all(axis=1) & (heaviest > 0)
        return np.where(usable, low / exposure, np.nan), np.where(usable, high / exposure, np.nan)


def jackknife_ratio(
    numerator: np.ndarray, denominator: np.ndarray, group: np.ndarray, block: np.ndarray, level: float = 0.95
) -> pd.DataFrame:
    """Ratio of sums per group with the delete-one-block jackknife interval (Quenouille 1956, Tukey 1958).

    Blocks, not single counts, are the sample: views of one post share its fate, and so do the days of a week.

    Parameters
    ----------
    numerator, denominator : (n) counts; a row lacking either enters neither sum.
    group : (n) codes from 0 of the groups.
    block : (n) codes of the blocks within a group, such as post or week.

    Returns
    -------
    Frame indexed by group: rate, low, high, blocks. `low` and `high` are NaN below two blocks or where one block holds
    the whole denominator.
    """
    from scipy.stats import t

    known = np.isfinite(numerator) & np.isfinite(denominator)
    rows = pd.DataFrame({"group": group[known], "block": block[known], "y": numerator[known], "x": denominator[known]})
    parts = rows.groupby(["group", "block"], sort=True)[["y", "x"]].sum()
    whole = parts.groupby(level="group").transform("sum")
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = (whole["y"] - parts["y"]) / (whole["x"] - parts["x"]).where(whole["x"] > parts["x"])
        per_group = pd.DataFrame(
            {
                "blocks": parts.groupby(level="group").size(),
                "whole": left_out.groupby(level="group").count(),
                "variance": left_out.groupby(level="group").var(ddof=0),
            }
        )
        sums = parts.groupby(level="group").sum()
        rate = sums["y"] / sums["x"].where(sums["x"] > 0)
        n = per_group["blocks"].to_numpy(float)
        half = t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * np.sqrt((n - 1) * per_group["variance"])
        half = half.where((n > 1) & (per_group["whole"] == n))
    return pd.DataFrame({"rate": rate, "low": rate - half, "high": rate + half, "blocks": per_group["blocks"]})
