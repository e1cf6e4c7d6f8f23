"""Stage 2: figures out of bounds, and identities that one row breaks."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.vocabulary.identities import Identity, identities
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

NEVER_ABOVE_ONE = (
    "click_through_rate", "stayed_to_watch_share", "viewed_share", "likes_share", "views_share", "watch_minutes_share",
    "followers_share",
)  # fmt: skip
LOOPED = 10.0  # a share viewed above it is no loop but a percentage taken for a fraction
_SHOWN = 3  # rows named one by one of each rule and subject; the count says how many there are
_SUBJECT = ["creator", "platform", "account"]


def range_findings(observations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows whose figures cannot be, by bounds of a metric and by identities between metrics.

    Counts of people and displays below zero, shares above one, an end before an observation, and the relations of
    `vocabulary.identities`. A row in which one side is unknown says nothing.
    """
    for name in (metric for metric in METRICS if metric in observations):
        values = observations[name].to_numpy(float)
        if metrics()[name].unit == "people":
            yield from _named(observations, values < 0, "below zero", name, values, np.zeros(len(values)),
                              "People cannot be fewer than none.", "error")  # fmt: skip
        ceiling = 1.0 if name in NEVER_ABOVE_ONE else LOOPED if name == "average_viewed_share" else np.inf
        yield from _named(observations, values > ceiling + 1e-9, "share above the whole", name, values,
                          np.full(len(values), ceiling), "A share of a whole cannot exceed it.", "error")  # fmt: skip
    for identity in identities():
        yield from _broken(observations, identity)
    yield from _before_its_end(observations)


def _broken(observations: pd.DataFrame, identity: Identity) -> Iterator[dict[str, Any]]:
    names = [name.lstrip("-") for name in identity.right]
    if identity.left not in observations or not set(names) <= set(observations.columns):
        return
    left = observations[identity.left].to_numpy(float)
    right = np.zeros(len(observations))
    for told, name in zip(identity.right, names, strict=True):
        right += observations[name].to_numpy(float) * (-1.0 if told.startswith("-") else 1.0)
    slack = np.fmax(np.abs(left), np.abs(right)) * identity.tolerance + 1e-9
    over, under = left > right + slack, left < right - slack
    wrong = {"<=": over, ">=": under, "==": over | under}[identity.relation]
    if identity.platforms:
        wrong = wrong & observations["platform"].isin(identity.platforms).to_numpy()
    yield from _named(
        observations, wrong, identity.name, identity.left, left, right, identity.meaning, identity.severity
    )


def _before_its_end(observations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Figures of days that had not come when the platform showed them."""
    seen = observations["observed_at"].dt.tz_localize(None).dt.normalize()
    early = (observations["period_start"] > seen + pd.Timedelta(days=1)).to_numpy(bool)
    unknown = np.full(len(observations), np.nan)
    yield from _named(
        observations, early, "observed before its day", "", unknown, unknown,
        "The figure speaks of days after the export: the day of the export or of the figure is wrong.", "error",
    )  # fmt: skip


def _named(
    observations: pd.DataFrame, wrong: np.ndarray, rule: str, metric: str, values: np.ndarray, expected: np.ndarray,
    meaning: str, severity: str,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The first rows at fault of each account, the first of them with the count of all."""
    if not wrong.any():
        return
    rows = observations[wrong].assign(value=values[wrong], expected=expected[wrong])
    for subject, group in rows.groupby(_SUBJECT, sort=True):
        for place, row in enumerate(group.head(_SHOWN).to_dict("records")):
            yield {
                **dict(zip(_SUBJECT, subject, strict=True)),
                "severity": severity, "stage": "ranges", "rule": rule, "metric": metric, "content": row["content"],
                "period_start": row["period_start"], "period_end": row["period_end"], "value": row["value"],
                "expected": row["expected"], "count": len(group) if place == 0 else 1, "finding": meaning,
                "advice": _advice(row), "file": row["file"], "row": row["row"],
            }  # fmt: skip


def _advice(row: Mapping[Any, Any]) -> str:
    split = f" ({row['dimension']} = {row['dimension_value']})" if row["dimension"] else ""
    return f"Look at the row in its file{split}; export it again if the platform shows another figure now."
