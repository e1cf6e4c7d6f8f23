"""Ingest: from exported files to stored observations, once and only once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import EngagerrError, InvalidArgument
from engagerr_core.ingest_summary import IngestSummary, Outcome, Status
from engagerr_core.ownership import Ownership, accounts_told, made_up_account, ownership
from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from sqlalchemy import Connection

    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.lake import Lake

BATCH_ROWS = 1_000_000  # rows held in memory before they are committed together


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whom the caller names: both may be None."""

    creator: str | None = None
    account: str | None = None


def ingest(
    lake: "Lake",
    catalogue: "Catalogue",
    readings: Iterable[Reading],
    *,
    owner: Owner = Owner(),
    known_at: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> IngestSummary:
    """Store what was read; what is stored already stays as it is.

    Up to `BATCH_ROWS` rows go into one commit of the lake. Reading happens outside the write lock, storing inside it:
    two processes can ingest at once. A table that must be refused is named; the others are stored.

    Parameters
    ----------
    lake, catalogue : of one workspace.
    readings : as `engagerr_core.sources.read` yields them.
    owner : whose figures these are, as far as the caller says.
    known_at : the instant of ingestion; None = now. Given by tests and when an old store is refilled.
    progress : called with the path of each table when it has been read.
    """
    for name, value in (("creator", owner.creator), ("account", owner.account)):
        if value is not None and not value.strip():
            raise InvalidArgument(f"The {name} is empty. Give a name, or leave it out to take it from the files.")
    if known_at is not None and known_at.tzinfo is None:
        raise InvalidArgument(f"known_at {known_at} has no time zone. Give an instant, such as datetime.now(UTC).")
    outcomes: list[Outcome] = []
    for batch in _batches(readings, progress):
        outcomes += _store(lake, catalogue, batch, owner, known_at)
    return IngestSummary.of(outcomes)


def _batches(readings: Iterable[Reading], progress: Callable[[str], None] | None) -> Iterator[list[Reading]]:
    """Cut into batches of about `BATCH_ROWS`."""
    batch: list[Reading] = []
    rows = 0
    for reading in readings:
        if progress is not None:
            progress(reading.path)
        batch.append(reading)
        rows += len(reading.observations)
        del reading  # the batch alone holds it
        if rows >= BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _store(
    lake: "Lake", catalogue: "Catalogue", batch: list[Reading], owner: Owner, known_at: datetime | None
) -> list[Outcome]:
    """Store a batch under the write lock. The lake's commit decides; the catalogue's follows it at once.

    Tables are known in the order of their last day, a microsecond apart: of two exports in one batch that speak of the
    same day, the one that reaches further was made later and prevails.
    """
    from engagerr_core.store import records
    from engagerr_core.store.reconcile import mend

    waiting = dict(enumerate(batch))
    batch.clear()  # so that each reading can go as soon as it is entered
    order = sorted(waiting, key=lambda i: _last_day(waiting[i]))
    with catalogue.writing() as connection:
        mend(connection, lake)
        run, known_at = records.begin_run(connection, lake.last_run, lake.version, known_at)
        step = _Step(connection, run, known_at, owner)
        taken = {
            i: step.take(waiting.pop(i), known_at - timedelta(microseconds=len(order) - 1 - place))
            for place, i in enumerate(order)
        }
        outcomes = [taken[i] for i in sorted(taken)]
        records.enter_files(connection, step.files)
        rows = sum(len(table) for table in step.tables)
        if rows:
            records.end_run(connection, run, rows, lake.append(step.tables, run))
        elif not step.files:
            records.drop_run(connection, run)
    return outcomes


def _last_day(reading: Reading) -> date:
    """The last day that a table speaks of; a table without a period comes before all others."""
    return reading.period[1] if reading.period else date.min


class _Step:
    """One batch on its way into the store: what is known so far, and the tables that will be committed together."""

    def __init__(self, connection: "Connection", run: int, known_at: datetime, owner: Owner) -> None:
        from engagerr_core.store import records

        self.connection, self.run, self.known_at, self.owner = connection, run, known_at, owner
        self.owners = records.owners(connection)
        self.stored, self.recovered = records.held_files(connection)
        self.quarantined = records.quarantined(connection)
        self.files: list[dict[str, Any]] = []
        self.tables: list[pa.Table] = []

    def take(self, reading: Reading, known_at: datetime) -> Outcome:
        """Enter one table, unless it is stored already or must be refused."""
        reading = self._identified(reading)
        if reading.failure:
            return self._refuse(reading, reading.failure)
        recovered = reading.file in self.recovered
        if reading.file in self.stored:
            return _outcome(reading, "already stored")
        if reading.rows_read and len(reading.rejected) >= reading.rows_read and reading.observations.empty:
            return self._refuse(reading, "No row could be trusted; each is named with its reason.")
        try:
            whose = self._ownership(reading)
            table, contents = _tables(reading, whose, known_at)
        except EngagerrError as problem:
            return self._refuse(reading, str(problem))
        warnings = (*reading.warnings, *whose.warnings, *self._apart(reading, whose))
        self._enter(reading, whose, contents, len(table), known_at)
        self.stored[reading.file] = (reading.platform, whose.creator)
        if recovered:  # its rows are in the lake already
            return _outcome(reading, "already stored", whose, warnings)
        self.tables.append(table)
        return _outcome(reading, "stored", whose, warnings, len(table))

    def _identified(self, reading: Reading) -> Reading:
        """Give a table that names no account an identity of its own where its bytes are already stored as another's.

        Two small accounts can hand over the very same result card; each is a statement about its own account.
        """
        if reading.failure or accounts_told(reading):
            return reading
        platform, creator = self.stored.get(reading.file, (reading.platform, ""))
        mine = self.owner.creator or creator
        if (platform, creator) in ((reading.platform, ""), (reading.platform, mine)):
            return reading
        own = sha256(f"{reading.file} {reading.platform} {mine}".encode()).hexdigest()
        return replace(
            reading,
            file=own,
            observations=reading.observations.assign(file=own),
            contents=reading.contents.assign(file=own),
        )

    def _ownership(self, reading: Reading) -> Ownership:
        if reading.file not in self.recovered:
            return ownership(reading, self.owners, self.owner.creator, self.owner.account)
        # The lake has its rows already, and with them its owner: nobody can say otherwise now.
        account = None if accounts_told(reading) else self.recovered[reading.file]
        return ownership(reading, self.owners, account=account)

    def _refuse(self, reading: Reading, reason: str) -> Outcome:
        import pandas as pd

        whole = {"file": reading.path, "row": pd.NA, "column": "", "value": "", "reason": reason, "advice": ""}
        rejected = pd.concat([pd.DataFrame([whole], dtype=object), reading.rejected.astype(object)], ignore_index=True)
        self._quarantine(reading, rejected)
        return _outcome(reading, "refused", reasons=(reason,))

    def _quarantine(self, reading: Reading, rejected: "pd.DataFrame") -> None:
        """Set rows aside, in place of what was set aside of the same file before."""
        from engagerr_core.store import records

        if len(rejected) or reading.file in self.quarantined:
            records.enter_rejected(self.connection, reading.file, reading.path, rejected, self.known_at)
            self.quarantined.add(reading.file)

    def _enter(self, reading: Reading, whose: Ownership, contents: "pa.Table", rows: int, known_at: datetime) -> None:
        from engagerr_core.store import records

        titles = {reading.account or whose.account: reading.account_title}
        owners = {(reading.platform, account): creator for account, creator in whose.creators.items()}
        if reading.account_title or not owners.items() <= self.owners.items():
            records.enter_owners(self.connection, reading.platform, whose.creators, titles, known_at)
            self.owners |= owners
        if reading.file in self.recovered:
            records.forget_file(self.connection, reading.file)
        first, last = reading.period or (None, None)
        self.files.append(
            {
                "file": reading.file,
                "kind": reading.kind,
                "path": reading.path,
                "platform": reading.platform,
                "creator": whose.creator,
                "account": whose.account,
                "rows_read": reading.rows_read,
                "rows_stored": rows,
                "rows_rejected": len(reading.rejected),
                "warnings": [*reading.warnings, *whose.warnings],
                "columns_aside": list(reading.columns_aside),
                "period_start": first,
                "period_end": last,
                "period_from": reading.period_from or None,
                "status": "stored",
                "run": self.run,
                "ingested_at": known_at,
            }
        )
        records.enter_contents(self.connection, contents, _observed_at(reading), known_at)
        self._quarantine(reading, reading.rejected)

    def _apart(self, reading: Reading, whose: Ownership) -> tuple[str, ...]:
        """Say so where one creator's figures on a platform lie under an id and under a made-up name."""
        made_up = made_up_account(whose.creator, reading.platform)
        known = {a for (p, a), c in self.owners.items() if p == reading.platform and c == whose.creator}
        others = known - {made_up} if whose.account == made_up else known & {made_up}
        if not others:
            return ()
        return (
            f"{whose.creator} has figures on {reading.platform} under {whose.account} and under "
            f"{', '.join(sorted(others))}, since not every file names its account. They are kept apart; "
            "give account= to bring files without a name to the right one.",
        )


def _tables(reading: Reading, whose: Ownership, known_at: datetime) -> tuple["pa.Table", "pa.Table"]:
    """The canonical observations and contents of a table, with their owners."""
    from engagerr_core.store.conform import conform, conform_contents

    observations, contents = (_owned(frame, reading, whose) for frame in (reading.observations, reading.contents))
    return conform(observations, known_at), conform_contents(contents)


def _owned(frame: "pd.DataFrame", reading: Reading, whose: Ownership) -> "pd.DataFrame":
    """Rows with their account and creator, as categories: there are few."""
    import numpy as np
    import pandas as pd

    told = frame["account"] if "account" in frame.columns else _categories([""], np.zeros(len(frame), np.int8))
    codes, names = pd.factorize(told)  # unknown is -1
    accounts = [name or whose.account for name in (*names, "")]  # the last is for what is unknown
    columns: dict[str, Any] = {
        **frame,
        "account": _categories(accounts, codes),
        "creator": _categories([whose.creators[name] for name in accounts], codes),
        "file": _categories([reading.file], np.zeros(len(frame), np.int8)),
    }
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _categories(texts: list[str], codes: "np.ndarray") -> "pd.Categorical":
    """A column of texts, given which of them each row has."""
    import numpy as np
    import pandas as pd

    different = list(dict.fromkeys(texts))
    places = np.array([different.index(text) for text in texts], np.int32)
    return pd.Categorical.from_codes(places[codes], pd.Index(different, dtype="str"), validate=False)


def _observed_at(reading: Reading) -> datetime | None:
    """When the table was exported, as far as its rows tell."""
    import pandas as pd

    if "observed_at" not in reading.observations.columns:
        return None
    seen = reading.observations["observed_at"]
    latest = (seen if isinstance(seen.dtype, pd.DatetimeTZDtype) else pd.to_datetime(seen, utc=True)).max()
    return None if pd.isna(latest) else latest.floor("us").to_pydatetime()


def _outcome(
    reading: Reading,
    status: Status,
    whose: Ownership | None = None,
    warnings: tuple[str, ...] | None = None,
    rows_stored: int = 0,
    reasons: tuple[str, ...] = (),
) -> Outcome:
    rejected = reading.rejected[list(REJECTED_COLUMNS)]
    return Outcome(
        path=reading.path,
        platform=reading.platform,
        kind=reading.kind,
        rows_read=reading.rows_read,
        rows_stored=rows_stored,
        rejected=rejected,
        reasons=reasons or tuple(dict.fromkeys(str(reason) for reason in rejected["reason"])),
        warnings=reading.warnings if warnings is None else warnings,
        status=status,
        creator=whose.creator if whose else "",
        account=whose.account if whose else "",
    )
