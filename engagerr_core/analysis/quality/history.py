"""Stage 3: counters that fall or leap from one observation to the next, and final days that were restated."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.analysis.counters import count_days
from engagerr_core.analysis.delays import RESTATED_SHARE, restatements
from engagerr_core.analysis.subjects import ACCOUNT, POST, codes, days_since_epoch
from engagerr_core.vocabulary.definitions import definition_changes
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

_KINDS = {  # kind of a step → severity, rule, advice
    "correction": (
        "note", "counter corrected",
        "Platforms take back spam and withdrawn likes. The later figure counts, and the flow of these days is unknown; "
        "compare with the platform.",
    ),
    "reset": (
        "warning", "counter reset",
        "Look whether the post was hidden, deleted or begun anew, and whether both exports speak of the same post. The "
        "flow of these days is unknown.",
    ),
    "rebound": (
        "note", "counter restored",
        "The fall before was taken back. The days since have the difference to the value before it; nothing is to do.",
    ),
    "leap": (
        "warning", "counter leapt",
        "Check that both exports speak of the same post and metric, and in the same unit.",
    ),
    "rounding step": (
        "note", "counter rounded",
        "The platform shows rounded figures, whose steps are no events. Prefer an export with the full counts.",
    ),
    "definition change": (
        "note", "counter redefined",
        "Before and after are not alike: the flow between the exports around the change is unknown. Compare posts only "
        "on one side of it.",
    ),
}  # fmt: skip
_MANY = ("rounding step", "definition change")  # one finding an account: these come in all its posts


def history_findings(observations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Lifetime counters that fall, or rise by more than 1,000 %, between two observed days, by kind.

    The kinds are those of `counters.count_days`, which turns the same counters into daily flows. A fall is real or an
    error of the platform; it is told, never clipped to zero.
    """
    stocks = observations[
        (observations["basis"] == "stock") & (observations["dimension"] == "") & observations["observed_at"].notna()
    ]
    counters = [
        name
        for name in METRICS
        if name in stocks and metrics()[name].unit in ("count", "minutes") and stocks[name].notna().any()
    ]
    for platform, rows in stocks.groupby("platform", sort=True):
        yield from _of_platform(str(platform), rows, counters)


def _of_platform(platform: str, rows: pd.DataFrame, counters: list[str]) -> Iterator[dict[str, Any]]:
    """Findings of one platform's counters; of several exports on a day, the latest known of each metric counts."""
    from engagerr_core.kernels.counters import UNKNOWN_DAY

    rows = rows.assign(day=rows["observed_at"].dt.tz_localize(None).dt.normalize())
    rows = rows.sort_values([*POST, "observed_at", "known_at", "file", "row"], kind="stable")
    rows = rows.groupby([*POST, "day"], sort=True, as_index=False)[[*counters, "file", "row"]].last()
    post, posts = codes(rows, POST)
    changes = definition_changes((platform,))
    steps = count_days(
        post,
        days_since_epoch(rows["day"]),
        {name: np.ascontiguousarray(rows[name], np.float64) for name in counters},
        posts=len(posts),
        published=np.full(len(posts), UNKNOWN_DAY, np.int32),
        breaks={name: _change_days(changes, name) for name in counters},
    ).drops
    if steps.empty:
        return
    for name in ("day", "previous_day"):
        steps[name] = pd.to_datetime(steps[name], unit="D").astype("datetime64[us]")
    told = posts.iloc[steps["post"]].reset_index(drop=True).join(steps)
    told = told.merge(rows[[*POST, "day", "file", "row"]], on=[*POST, "day"])
    alone = ~told["kind"].isin(_MANY)
    for step in told[alone].to_dict("records"):
        yield _finding(step)
    for _, alike in told[~alone].groupby([*ACCOUNT, "metric", "kind"], sort=True):
        yield _finding(alike.iloc[0].to_dict()) | {"count": len(alike)}


def _change_days(changes: tuple[Any, ...], metric: str) -> np.ndarray:
    """Days from which a metric means something else in every format; which format a post has, counters do not tell."""
    days = [change.day for change in changes if change.metric == metric and not change.formats]
    return np.array(days, "datetime64[D]").astype(np.int32)


def _finding(step: Mapping[Any, Any]) -> dict[str, Any]:
    severity, rule, advice = _KINDS[step["kind"]]
    value, previous = step["value"], step["previous"]
    share = f" ({value / previous - 1:+.0%})" if previous else ""
    return {
        **{key: step[key] for key in POST},
        "severity": severity, "stage": "history", "rule": rule, "metric": step["metric"], "value": value,
        "expected": previous, "period_start": step["previous_day"], "period_end": step["day"],
        "finding": f"{metrics()[step['metric']].title} went from {previous:,.0f} to {value:,.0f}{share} between two "
                   "exports.",
        "advice": advice, "file": step["file"], "row": step["row"],
    }  # fmt: skip


def restatement_findings(
    statements: pd.DataFrame | None, delays: Mapping[str, float] | None = None
) -> Iterator[dict[str, Any]]:
    """Accounts whose days were restated by more than 1 % after they were final: one finding a metric.

    Parameters
    ----------
    statements : unresolved observations (`Workspace.observations(resolved=False)`), figures of one account under one
        name; None = they were not asked for, and nothing is found.
    delays : platform → days until a day is final, instead of the registered ones.
    """
    if statements is None:
        return
    for key, days in restatements(statements, delays).groupby([*ACCOUNT, "metric"], sort=True):
        worst = days.iloc[int((days["new_value"] - days["value"]).abs().argmax())]
        share = "" if np.isnan(worst["change"]) else f" ({worst['change']:+.0%})"
        number = f"{len(days):,} final days were" if len(days) > 1 else "A final day was"
        yield {
            **dict(zip([*ACCOUNT, "metric"], key, strict=True)),
            "severity": "note", "stage": "history", "rule": "final day restated", "value": worst["new_value"],
            "expected": worst["value"], "period_start": days["day"].min(), "period_end": days["day"].max(),
            "count": len(days),
            "finding": f"{number} restated by more than {RESTATED_SHARE:.0%}; most {worst['day']:%d %b %Y}, "
                       f"{metrics()[worst['metric']].title} from {worst['value']:,.0f} (said on "
                       f"{worst['stated_on']:%d %b %Y}) to {worst['new_value']:,.0f}{share} (said on "
                       f"{worst['restated_on']:%d %b %Y}).",
            "advice": "The latest figure counts. Reports made before differ from those made now; `as_of` makes the "
                      "earlier ones again.",
            "file": worst["file"], "row": worst["row"],
        }  # fmt: skip
