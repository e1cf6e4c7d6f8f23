"""What a reader hands over: the contract between sources and everything above them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

REJECTED_COLUMNS = ("file", "row", "column", "value", "reason", "advice")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one table (a file, a sheet, or a member of an archive) holds.

    Attributes
    ----------
    path : where it lies, as a reader of a message would look for it: ``exports/a.zip › Table data.csv``.
    file : SHA-256 of the table's bytes, hexadecimal. The same bytes anywhere are the same file.
    table_hash : the same without the period, for tables whose `file` goes with one; empty = as `file`.
    platform : platform name, or empty where the table was not recognised.
    kind : which of the platform's tables, such as ``table by country`` or ``content``; empty where not recognised.
    account : the platform's id of the account, where the file tells; empty otherwise.
    account_title : the account's name, where the file tells; empty otherwise.
    observations : canonical observation columns except creator, account (filled only where a row tells its own) and
        known_at; only the metric columns that the table has. Unknown is null.
    contents : content columns except creator and account; one row per post named.
    rejected : rows that could not be trusted, with the columns of `REJECTED_COLUMNS`.
    rows_read : data rows seen, without headers.
    warnings : what the reader should know, in sentences.
    period : first and last day covered, where known.
    period_from : where the period was taken from (``caller``, ``Totals.csv``, ``folder name`` …); empty = unknown.
    exported_on : the instant of the export that the caller said, where rows are dated by it; None otherwise.
    failure : why nothing of the table could be read, and what to do; empty = it was read.
    folder : the fingerprint of all that lay beside it, for `Recall`; empty where nobody recalls.
    is_recalled : whether it was read and stored before, and not read again: it then has no observations and contents.
    unknown_columns : headers of columns that were not read, some with the reason.
    columns_aside : those among them that nobody knows.
    reader : the table of columns by which it was read, such as ``youtube`` or a mapping's file.
    columns : what was read: for each column its header, what it is to us, and how its cells are written.
    """

    path: str
    file: str
    table_hash: str = ""
    platform: str = ""
    kind: str = ""
    account: str = ""
    account_title: str = ""
    observations: "pd.DataFrame"
    contents: "pd.DataFrame"
    rejected: "pd.DataFrame"
    rows_read: int = 0
    warnings: tuple[str, ...] = ()
    period: tuple[date, date] | None = None
    period_from: str = ""
    exported_on: datetime | None = None
    failure: str = ""
    folder: str = ""
    is_recalled: bool = False
    unknown_columns: tuple[str, ...] = field(default=())
    columns_aside: tuple[str, ...] = ()
    reader: str = ""
    columns: tuple[tuple[str, str, str], ...] = ()
