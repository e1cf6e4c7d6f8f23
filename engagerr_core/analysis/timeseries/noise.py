"""How often noise alone lies so far out: tail probabilities learned from the series themselves.

Critical values of the normal distribution flag hundreds of harmless days where noise has heavy tails, and those of a
heavy tail miss spikes where it has not. Here the rests of all series of a call are compared with a table of noise
models: families of distributions, times `SCALES` (the median size of few rests is itself uncertain), times `SHARES`
of spikes among them. Each series' likelihood under each model follows from the histogram of its rests; how common each
model is in the call is estimated from all series together (empirical Bayes, by expectation maximisation), and a
series' tail probability is the mean over models, each as likely as the series and the call make it. Where there are few
values, the prior decides, in favour of near-normal noise.

References
----------
Efron 2010, Large-Scale Inference, for the two-groups model and empirical Bayes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from engagerr_core.kernels.spikes import BINS, FARTHEST

SCALES = np.array([0.6, 0.75, 0.9, 1.08, 1.3, 1.6])
SHARES = np.array([0.0, 0.003, 0.01, 0.03, 0.08])  # of spikes among the rests of one side
SHARE_PRIOR = np.array([0.25, 0.25, 0.3, 0.15, 0.05])
SPIKES_FROM, SPIKES_FULLY = 5.0, 20.0  # in median sizes: from where spikes occur, and from where as often as beyond
SCALE_SPREAD, SIDE_SPREAD = 0.1, 0.3  # of the logarithm of the scale: where both sides share it, and where not
ALIKE = 0.7  # prior probability that noise has the same tail on both sides
LEARNING_SERIES = 64  # spread evenly over the call; more of them teach nothing new
ROUNDS, TURNS = 3, 10  # of learning where spikes lie, and of expectation maximisation in each
RARE = 0.1  # models of fewer series than this share are given up, so that chance differences are not taken for real
PRIOR_SERIES = 10.0  # how many series the prior counts for
PRIOR_SPIKES = 20.0
TWO_SIDED = 4  # so many families, the heaviest, count as noise only where both sides have them
HEAVY = 7  # so many families explain spikes by their tail
UNBELIEVED = 1e-6  # prior weight of these in the second beginning
CLEARLY = 5.0  # by how much the evidence of the second must be better
TINY = 1e-300
CHUNK = 256  # series whose likelihoods are held at once

Family = tuple[float, float, Callable[[np.ndarray], np.ndarray], float]


def _families() -> list[Family]:
    """Prior weight, median size, and the logarithm of the two-sided tail probability, of each family."""
    from scipy import stats

    def t(degrees, weight):
        noise = stats.t(degrees)
        return weight, noise.ppf(0.75), noise.logsf, np.log(2)

    def power(exponent, weight):
        noise = stats.gennorm(exponent)
        return weight, noise.ppf(0.75), noise.logsf, np.log(2)

    def lognormal(width, weight):  # one side of it, around its median
        half = float(np.expm1(stats.norm.ppf(0.75) * width))
        return weight, half, lambda x: stats.norm.logsf(np.log1p(x) / width), np.log(2)

    return [
        t(2, 0.5), t(2.5, 0.7), t(3, 1), t(4, 1.5), power(0.7, 0.5), lognormal(1, 0.5), lognormal(0.8, 0.7),
        t(5.5, 2), t(8, 2.5), t(14, 3), lognormal(0.65, 0.8), lognormal(0.5, 1),
        power(1, 2), power(1.25, 2), power(1.5, 3), power(2, 30), power(3, 1),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Models:
    """Everything about the table of models that does not depend on data."""

    inside: np.ndarray
    """Probability of each bin without spikes, (family, scale, bin)."""
    log_tail: np.ndarray
    """Logarithm of the tail probability at `places`, (family, scale, place)."""
    places: np.ndarray
    """Logarithms of sizes, evenly spaced."""
    prior: np.ndarray
    """Of the families."""
    spikes: np.ndarray
    """Prior probability of each bin of a spike: evenly in logarithms."""
    same: np.ndarray
    """Prior of scales where both sides share one, (scale)."""
    apart: np.ndarray
    """Prior of scales where they do not, (family, scale); 0 for families that no noise has on one side only."""


@cache
def _models() -> _Models:
    edges = np.concatenate([[0.0], np.exp(np.linspace(0, np.log(FARTHEST), BINS - 1)), [np.inf]])
    places = np.linspace(np.log(0.5), np.log(1e6), 240)
    families = _families()
    inside = np.empty((len(families), SCALES.size, BINS))
    log_tail = np.empty((len(families), SCALES.size, places.size))
    for f, (_, median, tail, shift) in enumerate(families):
        for s, scale in enumerate(SCALES):
            with np.errstate(all="ignore"):
                sides = np.exp(tail(edges[1:-1] * median / scale) + shift)
                log_tail[f, s] = np.maximum(tail(np.exp(places) * median / scale) + shift, -690.0)
            inside[f, s] = -np.diff(np.concatenate([[1.0], sides, [0.0]]))
    middles = np.log(np.concatenate([[0.5], np.sqrt(edges[1:-2] * edges[2:-1]), [FARTHEST]]))
    first, fully = np.log(SPIKES_FROM), np.log(SPIKES_FULLY)
    spikes = np.clip((middles - first) / (fully - first), 0.0, 1.0)
    prior = np.array([family[0] for family in families])
    widths = np.gradient(np.log(SCALES))
    same, apart = (np.exp(-0.5 * (np.log(SCALES) / spread) ** 2) * widths for spread in (SCALE_SPREAD, SIDE_SPREAD))
    on_one_side = (np.arange(prior.size) >= TWO_SIDED).astype(float)
    return _Models(
        inside=np.maximum(inside, 1e-30), log_tail=log_tail, places=places, prior=_shares_of(prior),
        spikes=_shares_of(spikes), same=_shares_of(same), apart=on_one_side[:, None] * _shares_of(apart),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What a call has learned of its noise; made by `learn`."""

    families: np.ndarray
    """How common each family is."""
    shares: np.ndarray
    """How common each share of spikes is."""
    alike: float
    """How often both sides are alike."""
    spikes: np.ndarray
    """Where spikes lie, by bin."""


def _log_probabilities(spikes: np.ndarray) -> np.ndarray:
    """Logarithm of the probability of each bin, (bin, model); models are (family, scale, share)."""
    inside = _models().inside[:, :, None, :]
    mixed = (1 - SHARES[:, None]) * inside + SHARES[:, None] * spikes
    return np.ascontiguousarray(np.log(mixed + 1e-12).reshape(-1, BINS).T)


def _likelihoods(histograms: np.ndarray, spikes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Likelihood of each series' sides under each model, (series, side, family × scale, share), as a share of the
    largest, and the logarithm of the largest, (series, side)."""
    logs = histograms.reshape(-1, BINS) @ _log_probabilities(spikes)
    most = logs.max(axis=1, keepdims=True)
    shape = (len(histograms), 2, -1, SHARES.size)
    return np.exp(logs - most).reshape(shape), most.reshape(-1, 2)


class _Weights(NamedTuple):
    """How likely the models are for each series, after a look at its rests."""

    models: np.ndarray
    """(series, side, family × scale)."""
    by_share: np.ndarray
    """Likelihood with the shares of spikes averaged out, in the same shape."""
    alike: np.ndarray
    """That both sides share one model, (series)."""
    evidence: np.ndarray
    """Of the series' rests, as a share of the product of both sides' largest likelihoods."""


def _weights(likelihoods: np.ndarray, noise: Noise) -> _Weights:
    models = _models()
    by_share = likelihoods @ noise.shares
    apart = by_share * (noise.families[:, None] * models.apart).ravel()
    same = by_share[:, 0] * by_share[:, 1] * (noise.families[:, None] * models.same).ravel()
    both = apart.sum(axis=2).prod(axis=1) * (1 - noise.alike)
    shared = same.sum(axis=1) * noise.alike
    evidence = np.maximum(both + shared, TINY)
    alike = shared / evidence
    apart *= ((1 - alike)[:, None] / np.maximum(apart.sum(axis=2), TINY))[..., None]
    same *= (alike / np.maximum(same.sum(axis=1), TINY))[:, None]
    return _Weights(apart + same[:, None], by_share, alike, evidence)


def learn(histograms: np.ndarray) -> Noise:
    """How common each model is among the series of a call, from the histograms (series, side, bin) of their rests.

    Many spikes of one size look like a heavy tail, and a heavy tail like many spikes. Learning therefore begins twice,
    once from each belief, and that is taken which makes the rests likelier.
    """
    if len(histograms) > LEARNING_SERIES:
        histograms = histograms[np.linspace(0, len(histograms) - 1, LEARNING_SERIES).astype(int)]
    prior = _models().prior
    tails, evidence = _learn(histograms, prior)
    spikes, other = _learn(histograms, np.where(np.arange(prior.size) < HEAVY, UNBELIEVED, prior))
    return spikes if other > evidence + CLEARLY else tails


def _learn(histograms: np.ndarray, belief: np.ndarray) -> tuple[Noise, float]:
    """Learn, beginning with this prior of the families; and the logarithm of the evidence for what was learned."""
    models, count = _models(), len(histograms)
    noise = Noise(families=belief / belief.sum(), shares=SHARE_PRIOR, alike=ALIKE, spikes=models.spikes)
    for round_ in range(ROUNDS):
        likelihoods, most = _likelihoods(histograms, noise.spikes)
        prior = belief if round_ == 0 else models.prior
        for turn in range(TURNS):
            found = _weights(likelihoods, noise)
            given_up = RARE * count * min(1.0, (round_ * TURNS + turn) / (0.7 * ROUNDS * TURNS))
            families = found.models.reshape(count, 2, -1, SCALES.size).sum((0, 1, 3)) / 2
            ratio = found.models / np.maximum(found.by_share, TINY)
            shares = noise.shares * (ratio.ravel() @ likelihoods.reshape(-1, SHARES.size)) / 2
            noise = Noise(
                families=_shares_of(np.maximum(families - given_up, 0) + PRIOR_SERIES * prior),
                shares=_shares_of(shares + PRIOR_SERIES * SHARE_PRIOR),
                alike=float((found.alike.sum() + ALIKE) / (count + 1)), spikes=noise.spikes,
            )  # fmt: skip
        if round_ < ROUNDS - 1:
            ratio = found.models / np.maximum(found.by_share, TINY)
            weights = ratio[..., None] * likelihoods * noise.shares
            by_model = np.tensordot(weights.reshape(2 * count, -1), histograms.reshape(2 * count, BINS), (0, 0))
            spikes = ((1 - _innocent(noise.spikes)).reshape(-1, BINS) * by_model).sum(axis=0)
            noise = replace(noise, spikes=_shares_of(spikes + PRIOR_SPIKES * models.spikes))
    return noise, float(np.log(found.evidence).sum() + most.sum())


def _shares_of(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum()


def _innocent(spikes: np.ndarray) -> np.ndarray:
    """Probability that a rest of each bin is no spike, (family, scale, share, bin)."""
    inside = (1 - SHARES[:, None]) * _models().inside[:, :, None, :]
    return inside / (inside + SHARES[:, None] * spikes)


def tail_probabilities(
    histograms: np.ndarray, owners: np.ndarray, sizes: np.ndarray, bins: np.ndarray, noise: Noise
) -> tuple[np.ndarray, np.ndarray]:
    """Tail probability of rests, and how likely each is noise rather than a spike.

    Parameters
    ----------
    histograms : (series, side, bin).
    owners : series of each rest, ascending.
    sizes : rests in median sizes, below 0 on the first side.
    bins : bin of each rest.

    Returns
    -------
    Two-sided: the probability that noise lies so far out given its side; and the local false discovery rate.
    """
    models = _models()
    p_values, innocence = np.ones(owners.size), np.ones(owners.size)
    innocent = _innocent(noise.spikes).reshape(-1, BINS)
    tails = models.log_tail.reshape(-1, models.places.size).T
    step = models.places[1] - models.places[0]
    asked, owners = np.unique(owners, return_inverse=True)
    for first in range(0, asked.size, CHUNK):
        start, stop = np.searchsorted(owners, [first, first + CHUNK])
        likelihoods, _ = _likelihoods(histograms[asked[first : first + CHUNK]], noise.spikes)
        found = _weights(likelihoods, noise)
        shares = (found.models / np.maximum(found.by_share, TINY))[..., None] * likelihoods * noise.shares
        by_bin = shares.reshape(-1, innocent.shape[0]) @ innocent
        own, side = owners[start:stop] - first, (sizes[start:stop] > 0).astype(int)
        innocence[start:stop] = by_bin.reshape(-1, 2, BINS)[own, side, bins[start:stop]]
        place = (np.log(np.maximum(np.abs(sizes[start:stop]), 0.5)) - models.places[0]) / step
        place = np.minimum(place, models.places.size - 1.001)
        whole = place.astype(int)
        between = (place - whole)[:, None]
        logs = tails[whole] * (1 - between) + tails[whole + 1] * between
        p_values[start:stop] = np.einsum("im,im->i", np.exp(logs), found.models[own, side])
    return np.clip(p_values, 1e-300, 1.0), innocence
