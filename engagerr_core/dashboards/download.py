"""Download of what is shown: a CSV inside the page, no server and no file in between."""

import re
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any

from engagerr_core.charts.wording import printable

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(frame: "pd.DataFrame") -> str:
    """The frame as CSV (UTF-8, comma, CRLF). Unknown is empty; numbers keep full precision, ids all their digits.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not _is_plain(safe[name]):
            safe[name] = safe[name].map(_disarmed, na_action="ignore")
    return safe.rename(columns=_disarmed).to_csv(index=False, lineterminator="\r\n")


def _is_plain(column: "pd.Series") -> bool:
    from pandas.api import types

    return types.is_numeric_dtype(column) or types.is_bool_dtype(column) or types.is_datetime64_any_dtype(column)


def _disarmed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def download_link(frame: "pd.DataFrame", words: str, *name: str) -> str:
    """A link that saves the frame; the file's name is put together from the parts of `name`, made harmless."""
    data = b64encode(csv_text(frame).encode("utf-8-sig")).decode("ascii")
    file = "-".join(part for part in (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in name) if part)
    return (
        f'<a class="engagerr-download" download="{escape((file or "engagerr")[:80])}.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{data}">{escape(words)}</a>'
    )
