"""Stage 3: counters that fall or leap from one observation to the next."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS

LEAP = 10.0  # a rise above 1,000 % is looked at
LEAST = 100.0  # below so many, a leap is the beginning of a post's life
FALL = 0.005  # a counter that falls by less is corrected every day, by spam and withdrawn likes
_POST = ["creator", "platform", "account", "content"]


def history_findings(observations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Lifetime counters that fall, or rise by more than 1,000 %, between two observed days.

    A fall is real (spam removed, likes withdrawn) or an error of the platform; it is told, never clipped to zero.
    """
    stocks = observations[
        (observations["basis"] == "stock") & (observations["dimension"] == "") & observations["observed_at"].notna()
    ].sort_values([*_POST, "observed_at", "known_at", "file", "row"], kind="stable")
    if stocks.empty:
        return
    counters = [name for name in METRICS if name in stocks and metrics()[name].unit in ("count", "minutes")]
    for name in counters:
        if stocks[name].notna().any():
            yield from _steps(stocks[[*_POST, "observed_at", "file", "row", name]].dropna(subset=[name]), name)


def _steps(rows: pd.DataFrame, name: str) -> Iterator[dict[str, Any]]:
    before = rows.groupby(_POST, sort=False)[name].shift()
    day_before = rows.groupby(_POST, sort=False)["observed_at"].shift()
    share = (rows[name] - before) / before.where(before > 0)
    fell = (share < -FALL).to_numpy(bool)
    leapt = ((share > LEAP) & (before >= LEAST)).to_numpy(bool)
    for kind, wrong in (("counter fell", fell), ("counter leapt", leapt)):
        for place in np.flatnonzero(wrong):
            row, old = rows.iloc[place], float(before.iloc[place])
            yield {
                **{key: row[key] for key in _POST},
                "severity": "warning" if kind == "counter leapt" else "note", "stage": "history", "rule": kind,
                "metric": name, "value": float(row[name]), "expected": old,
                "period_start": day_before.iloc[place].tz_localize(None).normalize(),
                "period_end": row["observed_at"].tz_localize(None).normalize(),
                "finding": f"{metrics()[name].title} went from {old:,.0f} to {row[name]:,.0f} "
                           f"({share.iloc[place]:+.0%}) between two exports.",
                "advice": _ADVICE[kind], "file": row["file"], "row": row["row"],
            }  # fmt: skip


_ADVICE = {
    "counter fell": "Platforms take back spam and withdrawn likes. The later figure counts; compare with the platform.",
    "counter leapt": "Check that both exports speak of the same post and metric, and in the same unit.",
}
