"""Daily series with spikes at known places, in noise whose distribution is known: for recovery tests and benchmarks."""

from dataclasses import dataclass, field, replace

import numpy as np

NOISES = ("gaussian", "t3", "t5", "laplace", "lognormal")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a world looks like.

    `noise` is one of `NOISES`, each scaled to a standard deviation of 1 (lognormal: exp of a Gaussian of 0.6, less its
    median), times `size`: of the logarithm where `multiplicative`, else as a share of the level. `persistence` is the
    coefficient of an autoregression of order 1 driven by that noise. Spikes are `spike_from` to `spike_to` standard
    deviations of the noise high or deep; `share` of the days has one.
    """

    noise: str = "gaussian"
    multiplicative: bool = True
    size: float = 0.1
    persistence: float = 0.0
    length: tuple[int, int] = (365, 365)
    level: float = 1_000.0
    season: float = 0.25
    season_growth: float = 0.0  # the season's size at the end against the beginning, as a logarithm
    trend: float = 0.3  # over the whole series, as a logarithm
    wander: float = 0.0  # standard deviation of a random walk's daily step, of the logarithm
    shifts: int = 0  # steps of the level, each by 0.4 to 1 of the logarithm
    missing: float = 0.03
    gap: int = 0  # days missing in a row
    counts: bool = False  # round to whole numbers and cut at zero
    share: float = 0.01
    spike_from: float = 6.0
    spike_to: float = 12.0


@dataclass(frozen=True, kw_only=True)
class World:
    """Series and their truth. Arrays are as long as all series together."""

    values: np.ndarray
    indptr: np.ndarray
    spike: np.ndarray
    """True where a spike is and its value is known."""
    noise: np.ndarray
    """What the oracle sees: noise and spike in standard deviations of the noise, NaN where the value is missing."""
    tail: np.ndarray = field(repr=False)
    """Two-sided p-value of `noise` under the true distribution."""


def draw(rng: np.random.Generator, noise: str, count: int) -> np.ndarray:
    """Noise of standard deviation 1."""
    if noise == "gaussian":
        return rng.normal(size=count)
    if noise == "laplace":
        return rng.laplace(scale=np.sqrt(0.5), size=count)
    if noise == "lognormal":
        return (np.exp(rng.normal(size=count) * 0.6) - 1) / _lognormal_deviation()
    degrees = float(noise[1:])
    return rng.standard_t(degrees, size=count) * np.sqrt((degrees - 2) / degrees)


def _lognormal_deviation() -> float:
    return float(np.sqrt((np.exp(0.36) - 1) * np.exp(0.36)))


def true_tail(noise: str, z: np.ndarray) -> np.ndarray:
    """Two-sided p-value: twice the probability of lying farther out on the same side of the median."""
    from scipy import stats

    if noise == "gaussian":
        return 2 * stats.norm.sf(np.abs(z))
    if noise == "laplace":
        return 2 * stats.laplace.sf(np.abs(z), scale=np.sqrt(0.5))
    if noise == "lognormal":
        inside = np.maximum(z * _lognormal_deviation() + 1, 1e-300)
        return 2 * stats.norm.sf(np.abs(np.log(inside)) / 0.6)
    degrees = float(noise[1:])
    return 2 * stats.t.sf(np.abs(z) / np.sqrt((degrees - 2) / degrees), degrees)


def make(rng: np.random.Generator, shape: Shape, series: int) -> World:
    """A world of that many series."""
    parts = [_one(rng, shape) for _ in range(series)]
    values, spike, noise = (np.concatenate([part[i] for part in parts]) for i in range(3))
    indptr = np.concatenate([[0], np.cumsum([part[0].size for part in parts])]).astype(np.int64)
    known = ~np.isnan(values)
    noise = np.where(known, noise, np.nan)
    return World(
        values=values, indptr=indptr, spike=spike & known, noise=noise, tail=true_tail(shape.noise, noise),
    )  # fmt: skip


def _one(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = int(rng.integers(shape.length[0], shape.length[1] + 1))
    day = np.arange(n)
    noise = draw(rng, shape.noise, n)
    if shape.persistence:
        innovation, scale = noise, np.sqrt(1 - shape.persistence**2)
        for i in range(1, n):
            noise[i] = shape.persistence * noise[i - 1] + scale * innovation[i]
    spike = rng.random(n) < shape.share
    sign = np.where(rng.random(n) < 0.3, -1.0, 1.0)
    noise = noise + spike * sign * rng.uniform(shape.spike_from, shape.spike_to, n)
    weekly = rng.normal(size=7)
    weekly = shape.season * (weekly - weekly.mean()) / weekly.std()
    level = np.log(shape.level) + rng.normal() * 0.5 + shape.trend * rng.normal() * day / n
    level = level + np.cumsum(rng.normal(size=n)) * shape.wander
    for place in rng.integers(20, max(21, n - 20), shape.shifts):
        level = level + (day >= place) * rng.choice([-1, 1]) * rng.uniform(0.4, 1.0)
    level = level + weekly[day % 7] * np.exp(shape.season_growth * (day / n - 0.5))
    if shape.multiplicative:
        values = np.exp(level + shape.size * noise)
    else:
        values = np.exp(level) + shape.size * shape.level * noise
    if shape.counts:
        values = np.maximum(np.rint(values), 0)
    values[rng.random(n) < shape.missing] = np.nan
    if shape.gap:
        start = int(rng.integers(0, n - shape.gap))
        values[start : start + shape.gap] = np.nan
    return values, spike, noise


def with_noise(shape: Shape, noise: str) -> Shape:
    return replace(shape, noise=noise)


WORLDS = {
    "gaussian": Shape(),
    "gaussian, additive": Shape(multiplicative=False),
    "t3": Shape(noise="t3", spike_from=12, spike_to=30),
    "t5": Shape(noise="t5", spike_from=8, spike_to=18, multiplicative=False, size=0.05),
    "laplace": Shape(noise="laplace", spike_from=7, spike_to=16),
    "lognormal": Shape(noise="lognormal", spike_from=8, spike_to=20, multiplicative=False, size=0.05),
    "persistent 0.5": Shape(persistence=0.5),
    "persistent 0.7": Shape(persistence=0.7),
    "persistent 0.9": Shape(persistence=0.9),
    "steps": Shape(shifts=3),
    "wandering level": Shape(wander=0.03),
    "growing season": Shape(season_growth=1.5),
    "short": Shape(length=(60, 100)),
    "short, t3": Shape(noise="t3", spike_from=12, spike_to=30, length=(60, 100)),
    "long gap": Shape(gap=40, missing=0.1),
    "counts near zero": Shape(level=8.0, size=0.3, counts=True),
}  # fmt: skip


def f1(found: np.ndarray, truth: np.ndarray) -> float:
    """Harmonic mean of precision and recall of two masks."""
    hits = int((found & truth).sum())
    return 2 * hits / max(1, int(found.sum()) + int(truth.sum()))


def oracle(world: World, alpha: float = 0.05) -> np.ndarray:
    """What one would flag who knows level, season and the noise's distribution: Benjamini and Hochberg at `alpha`."""
    from engagerr_core.analysis.discoveries import q_values

    return q_values(world.tail) <= alpha


def best_f1(world: World) -> float:
    """F1 at the threshold of the true p-value that gives the best, which only the truth can tell."""
    order = np.argsort(world.tail)[: int((~np.isnan(world.tail)).sum())]
    hits = np.cumsum(world.spike[order])
    return float(np.max(2 * hits / (np.arange(1, order.size + 1) + world.spike.sum())))
