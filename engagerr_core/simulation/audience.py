"""Who follows whom where: joint distributions of people over platforms, cell by cell."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """People by the exact set of platforms on which they saw something.

    `cells[s]` counts the people of subset `s`, read as bits: bit i set means seen on `platforms[i]`.
    Cell 0 holds those of the universe who saw nothing.
    """

    platforms: tuple[str, ...]
    cells: np.ndarray

    @property
    def universe(self) -> int:
        """Everybody who could have seen something."""
        return int(self.cells.sum())

    @property
    def union(self) -> int:
        """The number of different people reached."""
        return int(self.cells[1:].sum())

    @property
    def sizes(self) -> dict[str, int]:
        """People reached on each platform."""
        return {name: int(self.cells[self._has(i)].sum()) for i, name in enumerate(self.platforms)}

    @property
    def pairs(self) -> dict[tuple[str, str], int]:
        """People reached on both platforms of each pair."""
        return {
            (self.platforms[i], self.platforms[j]): int(self.cells[self._has(i) & self._has(j)].sum())
            for i, j in combinations(range(len(self.platforms)), 2)
        }

    @property
    def exclusive(self) -> dict[str, int]:
        """People reached on one platform only."""
        return {name: int(self.cells[1 << i]) for i, name in enumerate(self.platforms)}

    def _has(self, platform: int) -> np.ndarray:
        return (np.arange(len(self.cells)) >> platform & 1).astype(bool)


def draw_association(platforms: int, rng: np.random.Generator) -> np.ndarray:
    """Log odds ratios between platforms: who is on one tends to be on the other, some pairs more than others."""
    association = np.zeros((platforms, platforms))
    for i, j in combinations(range(platforms), 2):
        association[i, j] = association[j, i] = rng.normal(1.5, 0.6)
    return association


def extended_association(association: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same with one platform more, whose log odds ratios are drawn now."""
    known = len(association)
    extended = np.zeros((known + 1, known + 1))
    extended[:known, :known] = association
    extended[known, :known] = extended[:known, known] = rng.normal(1.5, 0.6, known)
    return extended


def joint_audience(sizes: dict[str, int], universe: int, association: np.ndarray) -> Audience:
    """The log-linear joint distribution with these margins and log odds ratios, in whole people.

    Sizes are met by iterative proportional fitting; rounding to whole people moves them by a few, so
    read the margins back from the result.
    """
    platforms = tuple(sizes)
    subsets = np.arange(2 ** len(platforms))
    bits = (subsets[:, None] >> np.arange(len(platforms)) & 1).astype(float)
    cells = np.exp(np.einsum("si,ij,sj->s", bits, np.triu(association, 1), bits))
    cells *= universe / cells.sum()
    targets = np.array([min(sizes[name], 0.9 * universe) for name in platforms], dtype=float)
    for _ in range(60):
        for i, target in enumerate(targets):
            inside = bits[:, i] == 1
            cells[inside] *= target / cells[inside].sum()
            cells[~inside] *= (universe - target) / cells[~inside].sum()
    whole = np.floor(cells).astype(np.int64)
    largest_rest = np.argsort(whole - cells, kind="stable")[: universe - whole.sum()]
    whole[largest_rest] += 1
    return Audience(platforms=platforms, cells=whole)
