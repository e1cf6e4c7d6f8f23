"""Statements: which stored table is ingested again, and what is said of it now that was not said then.

The same bytes make one statement, until the caller says of them what the stored one lacks or contradicts: the day of
the export, the period, the account, the creator. The new statement then takes the place of the stored one, from its
own instant on; asked as known before, the stored one counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagerr_core.store.tables import File

CALLER, ROWS_DAYS = "caller", "the rows' days"  # who tells a period
A_DAY = timedelta(days=1)  # zones: a day may begin so much later than its first instant in UTC

ASKED_AT_ONCE = 10_000  # hashes; databases take some 30,000 values in one question

Period = tuple[date, date]
_COLUMNS = (
    "file", "table_hash", "platform", "creator", "account", "exported_at", "period_start", "period_end", "period_from",
    "said", "path", "ingested_at", "status", "superseded_at",
)  # fmt: skip
_QUERY = select(*(File.__table__.c[name] for name in _COLUMNS)).order_by(File.ingested_at, File.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A table with its circumstances: a stored one, or one that is ingested now.

    Attributes
    ----------
    file : its identity; of a table that is ingested now, as its reader tells it.
    table_hash : the same for all statements of one table.
    platform, creator, account : whose figures these are; of a table that is ingested now, only as the caller says.
    names_account : whether the table itself names its account.
    exported_at : when the platform showed it; of a table that is ingested now, only as the caller says.
    period, period_from : as a `Reading` has them.
    said : what of creator and account the caller said.
    path : where it lay.
    ingested_at : when it was stored; None = not yet.
    recovered : whether only the lake knew of it.
    lost : whether a fault took its rows; ingested again, it is known since `ingested_at` as before.
    """

    file: str
    table_hash: str
    platform: str
    creator: str = ""
    account: str = ""
    names_account: bool = False
    exported_at: datetime | None = None
    period: Period | None = None
    period_from: str = ""
    said: frozenset[str] = frozenset()
    path: str = ""
    ingested_at: datetime | None = None
    recovered: bool = False
    lost: bool = False

    @property
    def chosen(self) -> Period | None:
        """Its period, where somebody chose it; the days of its rows are nobody's choice."""
        return None if self.period_from in ("", ROWS_DAYS) else self.period

    @property
    def creators_own(self) -> str:
        """An identity for this creator's own, where the bytes are stored as another's."""
        return _hashed(self.file, self.platform, self.creator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a table belongs among the stored ones.

    Attributes
    ----------
    file : its identity.
    stored : the stored statement of the same table; None = there is none, or it speaks of another creator or period.
    differences : what is said now and not by the stored one, which it then replaces: what, stored, now.
    entered : what the catalogue has under this identity though it is not stored as a whole: recovered or lost.
    """

    file: str
    stored: Statement | None = None
    differences: tuple[tuple[str, str, str], ...] = ()
    entered: Statement | None = None

    @property
    def replaced(self) -> Statement | None:
        """The stored statement that it replaces."""
        return self.stored if self.differences else None

    def __str__(self) -> str:
        if self.stored is None or not self.differences:
            return ""
        changes = "; ".join(f"{what} {now}, stored was {was or 'none'}" for what, was, now in self.differences)
        when = f" on {self.stored.ingested_at:%Y-%m-%d}" if self.stored.ingested_at else ""
        where = f" from {self.stored.path}" if self.stored.path else ""
        return (
            f"It replaces the same table as stored{when}{where}: {changes}. That one counts as known before now only."
        )


class Statements:
    """The stored statements that hold, as far as some tables that are ingested now need them."""

    def __init__(self, connection: Connection, new: Iterable[Statement]) -> None:
        self._connection = connection
        self._by_table: dict[str, list[Statement]] = {}
        self._taken: set[str] = set()
        keys = sorted({key for one in new for key in (one.table_hash, one.file, one.creators_own)})
        for at in range(0, len(keys), ASKED_AT_ONCE):
            some = keys[at : at + ASKED_AT_ONCE]
            wanted = File.table_hash.in_(some) | File.file.in_(some)
            for row in connection.execute(_QUERY.where(wanted)):
                if row.file in self._taken:
                    continue  # it was asked for by its hash, too
                self._taken.add(row.file)
                if row.superseded_at is None:
                    self.add(_statement(row))

    def add(self, one: Statement) -> None:
        """One more holds."""
        self._taken.add(one.file)
        self._by_table.setdefault(one.table_hash, []).append(one)

    def remove(self, one: Statement) -> None:
        """It holds no longer."""
        self._by_table[one.table_hash].remove(one)

    def place(self, new: Statement) -> Place:
        """Where a table that is ingested now belongs."""
        stored = max(self._same_table(new), key=lambda one: _nearness(new, one), default=None)
        if stored is None:
            return Place(file=self._free(new))
        differences = tuple(_differences(new, stored))
        said = (part for what, _, now in differences for part in (what, repr(now)))
        file = _hashed(stored.file, *said) if differences else stored.file
        partly = (one for one in self._by_table[stored.table_hash] if one.file == file and (one.recovered or one.lost))
        return Place(file=file, stored=stored, differences=differences, entered=next(partly, None))

    def alone(self, one: Statement) -> bool:
        """Whether no other statement that holds speaks about its account."""
        others = (File.platform == one.platform, File.account == one.account, File.file != one.file)
        stored = self._connection.execute(select(File.file).where(*others, File.superseded_at.is_(None)).limit(1))
        entered = (other for several in self._by_table.values() for other in several)
        return stored.first() is None and all(
            other.file == one.file or (other.platform, other.account) != (one.platform, one.account)
            for other in entered
        )

    def _same_table(self, new: Statement) -> Iterator[Statement]:
        for key in dict.fromkeys((new.table_hash, new.file, new.creators_own)):
            yield from (one for one in self._by_table.get(key, ()) if _may_be(new, one))

    def _free(self, new: Statement) -> str:
        """Its own identity; that of its creator's own where the same bytes are stored as another's."""
        file = new.file
        while file in self._taken:
            file = new.creators_own if file == new.file else _hashed(file, new.platform, new.creator)
        return file


def supersede(connection: Connection, file: str, by: str, at: datetime) -> None:
    """Write down that a stored statement holds no longer, from an instant on."""
    connection.execute(update(File).where(File.file == file).values(superseded_by=by, superseded_at=at))


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        file=row.file,
        table_hash=row.table_hash,
        platform=row.platform,
        creator=row.creator or "",
        account=row.account or "",
        exported_at=row.exported_at,
        period=(row.period_start, row.period_end) if row.period_start and row.period_end else None,
        period_from=row.period_from or "",
        said=frozenset(row.said or ()),
        path=row.path,
        ingested_at=row.ingested_at,
        recovered=row.status == "recovered",
        lost=row.status == "lost",
    )


def _may_be(new: Statement, stored: Statement) -> bool:
    """Whether a stored statement of the same bytes speaks of the same thing.

    Two small accounts can hand over the same result card, and two months without any view the same totals: each is a
    statement of its own.
    """
    assumed = "creator" not in stored.said
    mine = new.names_account or stored.recovered or new.creator in ("", stored.creator) or assumed
    return stored.platform == new.platform and mine and _one_period(new, stored)


def _one_period(new: Statement, stored: Statement) -> bool:
    mine, other = new.chosen, stored.chosen
    if mine is None or other is None or mine == other:
        return True
    mended = new.period_from == stored.period_from == CALLER
    return mended and mine[0] <= other[1] and other[0] <= mine[1]


def _nearness(new: Statement, stored: Statement) -> tuple[bool, ...]:
    return not stored.lost, new.creator == stored.creator, new.chosen == stored.chosen, new.path == stored.path


def _differences(new: Statement, stored: Statement) -> Iterator[tuple[str, str, str]]:
    """What is said now: what, as stored, as said."""
    if new.exported_at not in (None, stored.exported_at) and _possible(new, stored):
        yield "exported on", _shown(stored.exported_at), _shown(new.exported_at)
    if new.chosen not in (None, stored.chosen):
        yield "period", _span(stored.chosen), _span(new.chosen)
    if new.names_account or stored.recovered:
        return
    if new.account not in ("", stored.account):
        yield "account", stored.account, new.account
    if new.creator not in ("", stored.creator):
        yield "creator", stored.creator, new.creator


def _possible(new: Statement, stored: Statement) -> bool:
    """A table that was stored before the day that is said was not exported on that day: a whole folder is dated."""
    return stored.ingested_at is None or new.exported_at is None or new.exported_at <= stored.ingested_at + A_DAY


def _shown(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return f"{instant:%Y-%m-%d}" if instant.time() == time.min else instant.isoformat(sep=" ")


def _span(period: Period | None) -> str:
    return f"{period[0]} to {period[1]}" if period else ""


def _hashed(*parts: str) -> str:
    return sha256(" ".join(parts).encode()).hexdigest()
