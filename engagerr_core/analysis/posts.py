"""Posts of one creator: lifetime figures, shrunk rates, and which fell short of their kind."""

from typing import cast

import numpy as np
import pandas as pd

from engagerr_core.analysis.discoveries import q_values
from engagerr_core.analysis.intervals import weighted_count_interval
from engagerr_core.analysis.normalize import native_columns, rules, standardise
from engagerr_core.analysis.shrinkage import shrink_weighted_rates
from engagerr_core.analysis.splicing import made_from
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.definitions import definition_changes, definition_in_force

MATURE_DAYS = 7  # an engagement rate has settled by then; views have not (docs/methods.md)
POST_COLUMNS = (
    "platform", "account", "content", "title", "url", "format", "published_on", "age_days", "standard_views",
    "standard_engagements", "engagement_rate", "rate_low", "rate_high", "shrunk_rate", "shrunk_low", "shrunk_high",
    "kind_rate", "kind_low", "q_short", "mature", "basis", "origin", "note",
)  # fmt: skip


def rated_posts(posts: pd.DataFrame, coefficients: CoefficientSet) -> pd.DataFrame:
    """Rate every post and shrink its rate towards its kind: platform × format × what a view was when it came out.

    Parameters
    ----------
    posts : lifetimes of posts, see `subjects.lifetimes`.
    coefficients : the set that weighs the interactions.

    Returns
    -------
    One row a post with the columns of `POST_COLUMNS`, best first by standard views. `rate_low`, `rate_high`: interval
    of the post's own rate. `shrunk_*`: posterior mean and interval. `kind_rate`: mean of the kind; `kind_low`: what
    nine in ten of the kind exceed. `q_short`: chance-adjusted (Benjamini–Hochberg over all mature posts)
    probability that the post does not lie below that; NaN for young posts.
    """
    rows = standardise(posts, coefficients)
    made = rules(coefficients)
    counts = np.column_stack(native_columns(rows, made.natives)) if len(rows) else np.empty((0, len(made.natives)))
    exposure = rows["standard_views"].to_numpy(float)
    columns = {
        name: np.full(len(rows), np.nan)
        for name in (
            "rate_low",
            "rate_high",
            "shrunk_rate",
            "shrunk_low",
            "shrunk_high",
            "kind_rate",
            "kind_low",
            "below",
        )
    }
    formats = rows["format"].fillna("")
    counted = _counted_as(rows, coefficients, lifetime=False)
    kinds = cast(
        "dict[tuple[str, str, str], np.ndarray]", rows.groupby([rows["platform"], formats, counted], sort=True).indices
    )
    for (platform, _, _), index in kinds.items():
        weights = _engagement_weights(coefficients, platform, made.natives, counts[index])
        own = weighted_count_interval(counts[index], np.broadcast_to(weights, counts[index].shape), exposure[index])
        columns["rate_low"][index], columns["rate_high"][index] = own
        shrunk = shrink_weighted_rates(counts[index], weights, exposure[index], seed=20261121)
        columns["shrunk_rate"][index], columns["shrunk_low"][index], columns["shrunk_high"][index] = (
            shrunk.rate,
            shrunk.low,
            shrunk.high,
        )
        columns["kind_rate"][index], columns["below"][index] = shrunk.kind_mean, shrunk.below
        columns["kind_low"][index] = shrunk.kind_low
    mature = (rows["age_days"] >= MATURE_DAYS).to_numpy()
    estimated = (rows["standard_views_estimated"] | rows["standard_engagements_estimated"]).to_numpy()
    note = np.where(rows["age_days"].isna(), "age unknown", np.where(mature, "", f"younger than {MATURE_DAYS} days"))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(exposure > 0, rows["standard_engagements"].to_numpy(float) / exposure, np.nan)
    rows = rows.assign(
        **{name: values for name, values in columns.items() if name != "below"},
        engagement_rate=rate,
        q_short=q_values(np.where(mature, 1 - columns["below"], np.nan)),
        mature=mature,
        basis="stock",
        origin=np.where(estimated, "estimated", "derived"),
        note=note,
        format=formats,
    )
    order = ["standard_views", "platform", "content"]
    return rows.sort_values(order, ascending=[False, True, True], na_position="last", kind="stable")[
        [*POST_COLUMNS]
    ].reset_index(drop=True)


def in_one_notion(rated: pd.DataFrame, posts: pd.DataFrame, coefficients: CoefficientSet) -> pd.DataFrame:
    """Rated posts whose standard views can be compared with each other.

    Where the posts of a platform were counted by several definitions, the notion that both know (YouTube: engaged
    views) takes the place of the views; a post of which it is unknown has no comparable views.
    """
    keys = ["platform", "account", "content"]
    counted = _counted_as(posts, coefficients, lifetime=True).groupby(posts["platform"]).nunique()
    found = rated.merge(posts[[*keys, *(m for m in posts if m not in rated)]], on=keys, how="left")
    comparable = found["standard_views"].copy()
    for platform in counted.index[counted > 1]:
        through = [(c.series, c.common) for c in definition_changes((str(platform),))]
        known = [(s, c) for s, c in through if s != c and {s, c} <= set(found)]
        mine = found["platform"] == platform
        factor = found[known[0][1]] / found[known[0][0]].where(found[known[0][0]] > 0) if known else np.nan
        comparable = comparable.where(~mine, comparable * factor)
    return rated.assign(standard_views=comparable.to_numpy())


def _counted_as(posts: pd.DataFrame, coefficients: CoefficientSet, *, lifetime: bool) -> pd.Series:
    """Definitions of what makes a post's standard views: on the day it was published, or from then to its export."""
    known = {
        str(p): [m for m in sorted(made_from("standard_views", str(p), coefficients)) if m in t and t[m].notna().any()]
        for p, t in posts.groupby("platform")
    }
    names = []
    for row in posts[["platform", "format", "published_on", "as_of"]].to_dict("records"):
        start, end = row["published_on"], row["as_of"] if lifetime else pd.NaT
        if pd.isna(start):
            names.append("")
            continue
        days = start.date(), (start if pd.isna(end) else end).date()
        kind = "" if pd.isna(row["format"]) else row["format"]
        metrics = known[row["platform"]]
        names.append("; ".join(definition_in_force(row["platform"], m, *days, kind) for m in metrics))
    return pd.Series(names, posts.index, dtype="str")


def _engagement_weights(
    coefficients: CoefficientSet, platform: str, natives: tuple[str, ...], counts: np.ndarray
) -> np.ndarray:
    """Weights of the first way whose parts any post of the kind knows; all 0 where there is none."""
    for way in coefficients.alternatives.get((platform, "standard_engagements"), ()):
        weights = np.array([way.get(name, 0.0) for name in natives])
        if np.isfinite(counts[:, weights > 0]).all(axis=1).any():
            return weights
    return np.zeros(len(natives))
