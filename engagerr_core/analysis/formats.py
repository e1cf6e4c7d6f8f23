"""Which format of posts is seen more, on the same platform and at a comparable age."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from engagerr_core.analysis.discoveries import q_values

SETTLED_DAYS = 28  # lifetime views of most formats have nearly stopped by then
FEWEST_POSTS = 15
FLEETING = ("story",)  # gone after a day: never comparable with what stays


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatContrast:
    """The typical post of one format against another's: ratio of median views.

    The interval (`low`, `high`) is adjusted for the contrast having been selected.
    """

    platform: str
    better: str
    worse: str
    ratio: float
    low: float
    high: float
    p_value: float
    q_value: float
    better_posts: int
    worse_posts: int
    tested: int


def format_contrasts(posts: pd.DataFrame, *, level: float = 0.95) -> list[FormatContrast]:
    """Compare the formats of each platform pairwise on standard views of settled posts.

    Mann and Whitney's test on ranks; the ratio is Hodges and Lehmann's shift of the logarithms; q-values control false
    discoveries over all pairs tested, and intervals are widened for having been selected (Benjamini and Yekutieli
    2005). An association in past posts, not proof that the format is the reason.

    Parameters
    ----------
    posts : rows with platform, format, age_days, standard_views; formats with fewer than `FEWEST_POSTS` settled posts
        are not compared.

    Returns
    -------
    All contrasts tested, smallest q first.
    """
    from scipy.stats import mannwhitneyu, norm

    compared = ~posts["format"].isin(["", *FLEETING])
    settled = posts[compared & (posts["age_days"] >= SETTLED_DAYS) & (posts["standard_views"] > 0)]
    tests = []
    for platform, rows in settled.groupby("platform", sort=True):
        kinds = {
            str(f): np.log(g["standard_views"].to_numpy(float))
            for f, g in rows.groupby("format", sort=True)
            if len(g) >= FEWEST_POSTS
        }
        for one, other in combinations(kinds, 2):
            a, b = kinds[one], kinds[other]
            shift = np.median(a[:, None] - b[None, :])
            if shift < 0:
                one, other, a, b = other, one, b, a
            tests.append((str(platform), one, other, a, b, float(mannwhitneyu(a, b).pvalue)))
    q = q_values(np.array([t[-1] for t in tests]))
    chosen = max(int((q <= 1 - level).sum()), 1)
    found = []
    for (platform, one, other, a, b, p), q_value in zip(tests, q, strict=True):
        shifts = np.sort((a[:, None] - b[None, :]).ravel())
        z = norm.ppf(1 - (1 - level) * chosen / len(tests) / 2)
        half = z * np.sqrt(len(a) * len(b) * (len(a) + len(b) + 1) / 12)
        lowest = int(np.clip(np.floor(len(a) * len(b) / 2 - half), 0, len(shifts) - 1))
        found.append(
            FormatContrast(
                platform=platform, better=one, worse=other, ratio=float(np.exp(np.median(shifts))),
                low=float(np.exp(shifts[lowest])), high=float(np.exp(shifts[len(shifts) - 1 - lowest])),
                p_value=p, q_value=float(q_value), better_posts=len(a), worse_posts=len(b), tested=len(tests),
            )
        )  # fmt: skip
    return sorted(found, key=lambda c: (c.q_value, -c.ratio, c.platform, c.better, c.worse))
