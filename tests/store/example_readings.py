"""Readings made by hand: what a reader would hand over, without any file."""

import hashlib
from datetime import date

import numpy as np
import pandas as pd

from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading
from engagerr_core.vocabulary.content import COLUMNS as CONTENT_COLUMNS

NO_CONTENTS = pd.DataFrame(columns=[c for c in CONTENT_COLUMNS if c not in ("creator", "account")])
NO_REJECTED = pd.DataFrame(columns=list(REJECTED_COLUMNS))


def sha(name: str) -> str:
    """A file's hash, by a made-up name."""
    return hashlib.sha256(name.encode()).hexdigest()


def daily(name: str, days: int = 5, start: str = "2026-01-01", platform: str = "youtube", **metrics) -> pd.DataFrame:
    """Daily flows of an account: views 1, 2, 3 … unless other metrics are given."""
    when = pd.date_range(start, periods=days, freq="D", unit="us")
    metrics = metrics or {"views": np.arange(1.0, days + 1)}
    return pd.DataFrame(
        {
            "platform": platform,
            "content": "",
            "dimension": "",
            "dimension_value": "",
            "basis": "flow",
            "period_start": when,
            "period_end": when,
            "observed_at": pd.Series(pd.NaT, index=range(days)).dt.tz_localize("UTC"),
            "file": sha(name),
            "row": np.arange(2, days + 2),
            "currency": "",
            **metrics,
        }
    )


def posts(name: str, ids: tuple[str, ...], platform: str = "youtube", **fields) -> pd.DataFrame:
    """Content records with a title each, unless other fields are given."""
    fields = fields or {"title": [f"Title of {one}" for one in ids]}
    return pd.DataFrame(
        {"platform": platform, "content": list(ids), "file": sha(name), "row": range(2, len(ids) + 2), **fields}
    )


def rejected(path: str, *lines: int) -> pd.DataFrame:
    """Rows set aside."""
    rows = [(path, line, "Views", "many", "not a count", "Mend the cell.") for line in lines]
    return pd.DataFrame(rows, columns=list(REJECTED_COLUMNS))


def reading(name: str, observations: pd.DataFrame | None = None, **fields) -> Reading:
    """A reading of a made-up file in the folder ``exports/Ada``."""
    rows = daily(name) if observations is None else observations
    given = {
        "path": f"exports/Ada/{name}.csv",
        "file": sha(name),
        "platform": "youtube",
        "kind": "table by date",
        "observations": rows,
        "contents": NO_CONTENTS,
        "rejected": NO_REJECTED,
        "rows_read": len(rows),
        "period": (date(2026, 1, 1), date(2026, 1, 5)),
    }
    return Reading(**{**given, **fields})
