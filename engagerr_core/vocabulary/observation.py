"""The canonical observation: one stored row per source row.

Columns, in order:

=================  ===============================================================================================
creator            the creator's name in this workspace
platform           a platform's name
account            the platform's id of the account, else the name the analyst gave, else ``creator/platform``
content            the platform's id of the post, a string with all its digits; empty = the account as a whole
dimension          what the row is split by, such as ``country``; empty = total. Only totals enter totals
dimension_value    the value of that dimension, such as ``DE``; empty for totals
basis              ``flow`` (in a period) · ``stock`` (lifetime total when observed) · ``cohort`` (first days of life)
period_start       first day of a flow, the source's own day; unknown is null
period_end         last day of a flow, inclusive; unknown is null
cohort_days        the d of a cohort's first d days of life; null otherwise
observed_at        when the platform showed the figure (UTC); null = the source does not tell
known_at           when the row was ingested (UTC)
file               SHA-256 of the file (or archive member) that the row came from, hexadecimal
row                line of that file, counted from 1; 0 where the row was put together from several
currency           ISO 4217 of the money columns; empty = none
(metrics)          one double per native metric, in the order of ``metrics.toml``; null = unknown, never 0
=================  ===============================================================================================

Fractions are stored as fractions (0.093), minutes as minutes. A metric that the source did not give is null.
"""

from typing import TYPE_CHECKING, Literal

from engagerr_core.vocabulary.metrics import native

if TYPE_CHECKING:
    import pyarrow as pa

Basis = Literal["flow", "stock", "cohort"]
BASES: tuple[Basis, ...] = ("flow", "stock", "cohort")

SUBJECT = ("creator", "platform", "account", "content")
SPLIT = ("dimension", "dimension_value")
SPAN = ("basis", "period_start", "period_end", "cohort_days")
WHEN = ("observed_at", "known_at")
WHERE = ("file", "row")

METRICS: tuple[str, ...] = native()
COLUMNS: tuple[str, ...] = (*SUBJECT, *SPLIT, *SPAN, *WHEN, *WHERE, "currency", *METRICS)


def observation_schema() -> "pa.Schema":
    """The Arrow schema of an observation table."""
    import pyarrow as pa

    text, day, instant = pa.string(), pa.date32(), pa.timestamp("us", tz="UTC")
    types = {
        **dict.fromkeys((*SUBJECT, *SPLIT, "basis", "file", "currency"), text),
        **dict.fromkeys(("period_start", "period_end"), day),
        **dict.fromkeys(WHEN, instant),
        "cohort_days": pa.int32(),
        "row": pa.int32(),
        **dict.fromkeys(METRICS, pa.float64()),
    }
    optional = {"period_start", "period_end", "cohort_days", "observed_at", *METRICS}
    return pa.schema([pa.field(name, types[name], nullable=name in optional) for name in COLUMNS])
