"""The pipeline: from what the lake holds to the daily tables, making again only what changed.

The figures of a day do not depend on where they are made: here, kept beside the lake, or in memory for a question that
asks as known on an earlier day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from engagerr_core.analysis.daily import Built
    from engagerr_core.store.lake import Lake
    from engagerr_core.store.partitions import Partition

ROWS_AT_ONCE = 1_000_000  # of a chunk of months that is built in memory
# What decides the figures of a day besides the observations: a change in one of these files makes all parts stale.
_RULES = (
    "analysis/daily.py", "analysis/counters.py", "analysis/normalize.py", "analysis/aggregation.py",
    "analysis/statements.py", "kernels/counters.py", "kernels/standardise.py", "store/resolve.py",
    "vocabulary/definitions.toml", "vocabulary/metrics.toml",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What daily tables need to know besides the lake's rows, as of one moment.

    Attributes
    ----------
    names : per platform: made-up account → the account it stands for.
    published : creator, platform, account, content, published_on of every post whose day is known.
    superseded : source files whose rows count no longer.
    as_of : leave out what was known later; None = all.
    creator : of this creator only; None = of all.
    """

    names: Mapping[str, Mapping[str, str]]
    published: "pd.DataFrame"
    superseded: frozenset[str] = frozenset()
    as_of: datetime | None = None
    creator: str | None = None


def fingerprint(*parts: object) -> str:
    """A short name for some inputs; equal ones have equal names."""
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


@cache
def rules() -> str:
    """Fingerprint of the rules by which days are made."""
    room = Path(__file__).parent
    return fingerprint(*(sha256((room / name).read_bytes()).hexdigest() for name in _RULES))


def account_names(accounts: "pd.DataFrame") -> dict[str, dict[str, str]]:
    """Per platform, what made-up accounts (``creator/platform``) stand for: the creator's only real one.

    `accounts` has creator, platform and account. Beside several real accounts nothing can be told.
    """
    pairs = accounts[["creator", "platform", "account"]].drop_duplicates()
    made_up = pairs["account"] == pairs["creator"] + "/" + pairs["platform"]
    real = pairs[~made_up].drop_duplicates(["creator", "platform"], keep=False)
    meant = pairs[made_up].merge(real, on=["creator", "platform"], suffixes=("", "_real"))
    found: dict[str, dict[str, str]] = {}
    for platform, account, real_one in zip(meant["platform"], meant["account"], meant["account_real"], strict=True):
        found.setdefault(platform, {})[account] = real_one
    return found


def resolved_rows(lake: "Lake", chosen: "Sequence[Partition]", known: Knowledge) -> "pa.Table":
    """Resolved rows of some partitions of one platform, with the accounts' real names and statements' totals."""
    from engagerr_core.analysis.statements import PARTS
    from engagerr_core.store.partitions import read_partitions, renamed, without_empty_metrics
    from engagerr_core.store.resolve import resolve

    rows = read_partitions(
        lake, chosen, ("", *PARTS), creator=known.creator, as_of=known.as_of, without=known.superseded
    )
    rows = renamed(without_empty_metrics(rows), dict(known.names.get(chosen[0].platform, {})))
    return _with_statements(resolve(rows))


def _with_statements(rows: "pa.Table") -> "pa.Table":
    """Add what royalty statements say together; few partitions have any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from engagerr_core.analysis.statements import PARTS, with_statement_totals
    from engagerr_core.vocabulary.observation import METRICS

    if not pc.any(pc.is_in(rows["dimension"], pa.array(PARTS))).as_py():
        return rows
    frame = rows.to_pandas(date_as_object=False)
    missing = [name for name in METRICS if name not in frame]
    whole = with_statement_totals(frame.assign(**dict.fromkeys(missing, float("nan")))).drop(columns=missing)
    return pa.Table.from_pandas(whole, schema=rows.schema, preserve_index=False, safe=False)


def build(lake: "Lake", chosen: "Sequence[Partition]", known: Knowledge) -> "Iterator[Built]":
    """Days of some partitions, in memory: platform by platform, some months at a time."""
    from engagerr_core.analysis.daily import build_days

    for group in _platforms(chosen):
        carry = None
        for months in _chunks(group):
            built = build_days(resolved_rows(lake, months, known), known.published, carry)
            carry = built.carry
            yield built


def _platforms(chosen: "Iterable[Partition]") -> "Iterator[list[Partition]]":
    from itertools import groupby

    from engagerr_core.store.parts import NO_MONTH

    dated = sorted(p for p in chosen if p.month != NO_MONTH)
    for _, group in groupby(dated, key=lambda p: p.platform):
        yield list(group)


def _chunks(months: "list[Partition]") -> "Iterator[list[Partition]]":
    waiting: list[Partition] = []
    rows = 0
    for partition in months:
        if waiting and rows + partition.rows > ROWS_AT_ONCE:
            yield waiting
            waiting, rows = [], 0
        waiting.append(partition)
        rows += partition.rows
    if waiting:
        yield waiting
