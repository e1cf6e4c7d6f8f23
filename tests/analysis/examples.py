"""Observation frames made by hand, in the canonical columns."""

import numpy as np
import pandas as pd

from engagerr_core.vocabulary.coefficients import load_coefficient_set
from engagerr_core.vocabulary.content import COLUMNS as CONTENT_COLUMNS
from engagerr_core.vocabulary.observation import COLUMNS, METRICS

COEFFICIENTS = load_coefficient_set()


def observation(platform="youtube", day=None, start=None, end=None, content="", basis="flow", **fields) -> dict:
    """One row; days as ISO strings."""
    row = dict.fromkeys(COLUMNS)
    row |= dict.fromkeys(METRICS, np.nan)
    row |= {
        "creator": "Ada", "platform": platform, "account": f"{platform}-1", "content": content, "dimension": "",
        "dimension_value": "", "basis": basis, "period_start": day or start, "period_end": day or end,
        "observed_at": None, "known_at": "2026-11-03T12:00:00Z", "file": "f" * 64, "row": 1, "currency": "",
    }  # fmt: skip
    unknown = set(fields) - set(COLUMNS)
    assert not unknown, unknown
    return row | fields


def frame(rows: list[dict]) -> pd.DataFrame:
    """Rows as the store hands them over, resolved."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("period_start", "period_end"):
        table[name] = pd.to_datetime(table[name])
    for name in ("observed_at", "known_at"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table.astype(dict.fromkeys(METRICS, float)).copy()  # one block again, as the store hands it over


def contents(rows: list[dict] = ()) -> pd.DataFrame:
    """A content table; `published` is an ISO day."""
    made = []
    for row in rows:
        platform = row.get("platform", "youtube")
        published = row.get("published")
        made.append(
            dict.fromkeys(CONTENT_COLUMNS, "")
            | {
                "creator": "Ada",
                "platform": platform,
                "account": f"{platform}-1",
                "published_on": published,
                "duration": np.nan,
                "row": 1,
            }
            | {k: v for k, v in row.items() if k in CONTENT_COLUMNS}
        )
    table = pd.DataFrame(made, columns=list(CONTENT_COLUMNS))
    table["published_on"] = pd.to_datetime(table["published_on"])
    table["published_at"] = pd.to_datetime(table["published_on"], utc=True)
    return table


def days(first: str, last: str) -> list[str]:
    """ISO days from first to last."""
    return [d.strftime("%Y-%m-%d") for d in pd.date_range(first, last)]
