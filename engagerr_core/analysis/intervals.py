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
    groups, of_row = np.unique(group[known], return_inverse=True)
    blocks, of_block = np.unique(block[known], return_inverse=True)
    pair, of_pair = np.unique(of_row * max(len(blocks), 1) + of_block, return_inverse=True)
    owner = pair // max(len(blocks), 1)  # the group of each pair of group and block
    y, x = (np.bincount(of_pair, side[known], len(pair)) for side in (numerator, denominator))
    whole_y, whole_x = (np.bincount(owner, side, len(groups)) for side in (y, x))
    n = np.bincount(owner, minlength=len(groups)).astype(float)
    rest = whole_x[owner] - x
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = np.where(whole_x[owner] > x, (whole_y[owner] - y) / rest, np.nan)
        rate = np.where(whole_x > 0, whole_y / whole_x, np.nan)
        mean = np.bincount(owner, left_out, len(groups)) / n  # NaN where one block holds the whole denominator
        variance = np.bincount(owner, (left_out - mean[owner]) ** 2, len(groups)) / n
        half = t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * np.sqrt((n - 1) * variance)
    half[n < 2] = np.nan
    found = {"rate": rate, "low": rate - half, "high": rate + half, "blocks": n.astype(np.int64)}
    return pd.DataFrame(found, index=pd.Index(groups, name="group"))
