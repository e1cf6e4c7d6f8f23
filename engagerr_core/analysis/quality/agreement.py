"""Whether our totals agree with the platforms' own."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engagerr_core.analysis.reconciliation import unexplained
from engagerr_core.analysis.subjects import ACCOUNT
from engagerr_core.vocabulary.dimensions import title_of
from engagerr_core.vocabulary.metrics import metrics


def agreement_findings(reconciliation: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Differences that nothing known explains; see `reconciliation.reconcile`."""
    for line in unexplained(reconciliation).to_dict("records"):
        yield {
            **{key: line[key] for key in ACCOUNT}, "severity": "warning", "stage": "reconciliation",
            "rule": "totals differ", "metric": line["metric"], "period_start": line["period_start"],
            "period_end": line["period_end"], "value": line["ours"], "expected": line["platform_total"],
            "finding": f"{metrics()[line['metric']].title} by {parts_said(line['parts'])} add up to "
                       f"{line['ours']:,.0f}, the platform's own total is {line['platform_total']:,.0f}.",
            "advice": "Export both tables on the same day.",
        }  # fmt: skip


def parts_said(parts: str) -> str:
    """Kinds of parts as readers call them: ``posts``, ``days``, ``traffic source, day by day``."""
    name, _, rest = parts.partition(",")
    said = name if name in ("posts", "days") else title_of(name).lower()
    return f"{said},{rest}" if rest else said
