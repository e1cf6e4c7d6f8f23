"""Rates of single posts, drawn towards their kind: empirical Bayes, gamma-Poisson."""

from dataclasses import dataclass

import numpy as np

FEWEST_POSTS = 5  # below, a prior cannot be fitted and the posts of the kind are pooled with one post's weight
DRAWS = 2_000
LOWEST_SHARE = 0.1  # of a kind's posts lie below what is called usual for it


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPrior:
    """How rates of one kind of post scatter: gamma with `shape` and `rate`; its mean is shape ÷ rate."""

    shape: float
    rate: float
    posts: int
    fitted: bool


def fit_gamma_prior(counts: np.ndarray, exposure: np.ndarray) -> GammaPrior:
    """Fit the prior of a rate by marginal likelihood (Robbins 1956; gamma-Poisson: Clayton and Kaldor 1987).

    Parameters
    ----------
    counts, exposure : (n posts) actions and, for instance, views; posts lacking either, or without exposure, are left
        out.

    Returns
    -------
    GammaPrior. With fewer than `FEWEST_POSTS` posts it is the pooled rate with the weight of one median post,
    `fitted` False; with no usable post its shape and rate are NaN.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    use = np.isfinite(counts) & np.isfinite(exposure) & (exposure > 0) & (counts >= 0)
    x, n = counts[use].astype(float), exposure[use].astype(float)
    if not len(x):
        return GammaPrior(shape=np.nan, rate=np.nan, posts=0, fitted=False)
    pooled = (x.sum() + 0.5) / n.sum()
    weak = GammaPrior(shape=pooled * np.median(n), rate=float(np.median(n)), posts=len(x), fitted=False)
    if len(x) < FEWEST_POSTS:
        return weak

    def minus_log_likelihood(parameters: np.ndarray) -> float:
        shape, rate = np.exp(parameters[1]), np.exp(parameters[1] - parameters[0])
        return -float(
            (
                gammaln(x + shape) - gammaln(shape) + shape * (np.log(rate) - np.log(rate + n))
                + x * (np.log(n) - np.log(rate + n))
            ).sum()
        )  # fmt: skip

    log_mean = np.log(pooled)
    found = minimize(
        minus_log_likelihood, np.array([log_mean, 1.0]), method="L-BFGS-B",
        bounds=[(log_mean - 5, log_mean + 5), (-4.0, 8.0)],
    )  # fmt: skip
    mean, shape = np.exp(found.x)
    return GammaPrior(shape=float(shape), rate=float(shape / mean), posts=len(x), fitted=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrunkRates:
    """Posterior of each post's weighted rate, and what is usual for its kind.

    `kind_mean` and `kind_low` are the mean and the lowest tenth of the kind's own distribution; `below` is the
    probability that a post's rate lies under `kind_low`. Half of all posts lie under the mean: that is no shortfall.
    """

    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    below: np.ndarray
    kind_mean: float
    kind_low: float


def shrink_weighted_rates(
    counts: np.ndarray, weights: np.ndarray, exposure: np.ndarray, *, level: float = 0.95, seed: int = 0
) -> ShrunkRates:
    """Shrink Σ weight × count ÷ exposure of posts of one kind, part by part, and weigh the posterior draws.

    Each part (likes, comments, …) has its own prior, since a weighted sum is no Poisson count; the weights are applied
    to `DRAWS` draws of the posteriors.

    Parameters
    ----------
    counts : (n posts, k parts), NaN where unknown.
    weights : (k parts).
    exposure : (n posts).
    seed : of the draws; the same seed gives the same figures.

    Returns
    -------
    ShrunkRates of length n; NaN for a post with an unknown part or exposure.
    """
    rng = np.random.default_rng(seed)
    parts = np.flatnonzero(weights > 0)
    usable = np.isfinite(counts[:, parts]).all(axis=1) & (counts[:, parts] >= 0).all(axis=1) & (exposure > 0)
    n = len(exposure)
    rate, low, high, below = (np.full(n, np.nan) for _ in range(4))
    mean = lowest = np.nan
    if usable.any() and len(parts):
        total = np.zeros((DRAWS, int(usable.sum())))
        mean, usual = 0.0, np.zeros(DRAWS)
        for k in parts:
            prior = fit_gamma_prior(counts[usable, k], exposure[usable])
            posterior = rng.gamma(prior.shape + counts[usable, k], 1.0, total.shape) / (prior.rate + exposure[usable])
            total += weights[k] * posterior
            mean += weights[k] * prior.shape / prior.rate
            usual += weights[k] * rng.gamma(prior.shape, 1.0, DRAWS) / prior.rate
        tail = (1 - level) / 2
        rate[usable] = total.mean(axis=0)
        low[usable], high[usable] = np.quantile(total, [tail, 1 - tail], axis=0)
        lowest = float(np.quantile(usual, LOWEST_SHARE))
        below[usable] = (total < lowest).mean(axis=0)
    return ShrunkRates(rate=rate, low=low, high=high, below=below, kind_mean=float(mean), kind_low=lowest)
