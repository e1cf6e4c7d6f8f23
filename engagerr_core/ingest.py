"""Ingest: from exported files to stored observations, once and only once."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import ConflictingAccount, EngagerrError, InvalidArgument
from engagerr_core.ingest_summary import IngestSummary, Outcome, Status, remember
from engagerr_core.ownership import Ownership, accounts_told, made_up_account, ownership
from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from sqlalchemy import Connection

    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.lake import Lake
    from engagerr_core.store.statements import Place, Statement

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
    folders: dict[str, list[Outcome]] = {}
    for batch in _batches(readings, progress):
        places = [reading.folder for reading in batch]
        stored = _store(lake, catalogue, batch, owner, known_at)
        for folder, outcome in zip(places, stored, strict=True):
            folders.setdefault(folder, []).append(outcome)
        outcomes += stored
    remember(catalogue, folders)
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
    from engagerr_core.store.reconcile import complete, mend
    from engagerr_core.store.statements import supersede

    if all(reading.is_recalled for reading in batch):
        return [_outcome(reading, "already stored") for reading in batch]
    waiting = dict(enumerate(batch))
    batch.clear()  # so that each reading can go as soon as it is entered
    order = sorted(waiting, key=lambda i: _last_day(waiting[i]))
    with catalogue.writing() as connection:
        mend(connection, lake)
        complete(connection, lake)
        run, known_at = records.begin_run(connection, lake.last_run, lake.version, known_at)
        told = {i: _statement(reading, owner) for i, reading in waiting.items()}
        step = _Step(connection, run, known_at, owner, told.values())
        taken = {
            i: step.take(waiting.pop(i), told[i], known_at - timedelta(microseconds=len(order) - 1 - place))
            for place, i in enumerate(order)
        }
        outcomes = [taken[i] for i in sorted(taken)]
        records.enter_files(connection, step.files)
        for file, (earlier, at) in step.replaced.items():
            supersede(connection, earlier, file, at)
        rows = sum(len(table) for table in step.tables)
        if rows:
            replaced = {file: earlier for file, (earlier, _) in step.replaced.items()}
            records.end_run(connection, run, rows, lake.append(step.tables, run, replaced))
        elif not step.files:
            records.drop_run(connection, run)
    return outcomes


def _last_day(reading: Reading) -> date:
    """The last day that a table speaks of; a table without a period comes before all others."""
    return reading.period[1] if reading.period else date.min


class _Step:
    """One batch on its way into the store: what is known so far, and the tables that will be committed together."""

    def __init__(
        self, connection: "Connection", run: int, known_at: datetime, owner: Owner, told: "Iterable[Statement]"
    ) -> None:
        from engagerr_core.store import records
        from engagerr_core.store.statements import Statements

        self.connection, self.run, self.known_at, self.owner = connection, run, known_at, owner
        self.owners = records.owners(connection)
        self.recovered = records.recovered_accounts(connection)  # known from the lake only
        self.statements = Statements(connection, told)
        self.quarantined = records.quarantined(connection)
        self.files: list[dict[str, Any]] = []
        self.tables: list[pa.Table] = []
        self.replaced: dict[str, tuple[str, datetime]] = {}  # file → the stored one that it replaces, and when

    def take(self, reading: Reading, told: "Statement", known_at: datetime) -> Outcome:
        """Enter one table, unless it is stored already or must be refused."""
        if reading.is_recalled:
            return _outcome(reading, "already stored")
        if reading.failure:
            return self._refuse(reading, reading.failure)
        place = self.statements.place(told)
        stored = place.stored
        if stored and not place.differences and not place.entered:
            return _outcome(reading, "already stored", file=stored.file)
        reading = _completed(reading, place)
        if reading.rows_read and len(reading.rejected) >= reading.rows_read and reading.observations.empty:
            return self._refuse(reading, "No row could be trusted; each is named with its reason.")
        if place.entered:  # what it says has its instant already
            known_at = place.entered.ingested_at or known_at
        try:
            whose = self._ownership(reading, told, place)
            table, contents = _tables(reading, whose, known_at)
        except EngagerrError as problem:
            return self._refuse(reading, str(problem))
        warnings = (*reading.warnings, *whose.warnings, *self._apart(reading, whose))
        self._enter(reading, whose, contents, len(table), known_at, told, place)
        if place.entered and place.entered.recovered:  # its rows are in the lake already
            return _outcome(reading, "already stored", whose, warnings)
        self.tables.append(table)
        return _outcome(reading, "stored", whose, (*warnings, *filter(None, [str(place)])), len(table))

    def _ownership(self, reading: Reading, told: "Statement", place: "Place") -> Ownership:
        stored = place.stored
        if stored is None:
            return ownership(reading, self.owners, self.owner.creator, self.owner.account)
        named = told.names_account
        if not place.differences:  # The lake has its rows already, and with them its owner: nobody can say otherwise.
            return self._as_before(reading, ownership(reading, self.owners, account=None if named else stored.account))
        account = self.owner.account
        if not named and stored.account != made_up_account(stored.creator, stored.platform):
            account = account or stored.account
        creator = self.owner.creator or (None if named else stored.creator)
        owners = self.owners
        if not named and account == stored.account and creator != stored.creator and self.statements.alone(stored):
            owners = {key: name for key, name in owners.items() if key != (stored.platform, account)}
        return ownership(reading, owners, creator, account)

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

    def _as_before(self, reading: Reading, found: Ownership) -> Ownership:
        """What was assumed of a table when it was stored, where only the lake knows it: to be said again."""
        owners = {key: name for key, name in self.owners.items() if key not in self.recovered}
        with suppress(ConflictingAccount):
            again = ownership(reading, owners, self.owner.creator, self.owner.account)
            if (again.creators, again.account) == (found.creators, found.account):
                return again
        return found

    def _enter(
        self,
        reading: Reading,
        whose: Ownership,
        contents: "pa.Table",
        rows: int,
        known_at: datetime,
        told: "Statement",
        place: "Place",
    ) -> None:
        from engagerr_core.store import records
        from engagerr_core.store.contents import enter_contents

        titles = {reading.account or whose.account: reading.account_title}
        owners = {(reading.platform, account): creator for account, creator in whose.creators.items()}
        if reading.account_title or not owners.items() <= self.owners.items():
            records.enter_owners(self.connection, reading.platform, whose.creators, titles, known_at)
            self.owners |= owners
        self.recovered -= owners.keys()
        statement = _stored(reading, whose, told, place, known_at)
        if place.entered:
            self.statements.remove(place.entered)
            records.forget_file(self.connection, reading.file)
        if place.stored and place.differences:
            self.statements.remove(place.stored)
            self.replaced[reading.file] = (place.stored.file, known_at)
        self.statements.add(statement)
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
                "table_hash": statement.table_hash,
                "exported_at": statement.exported_at,
                "said": sorted(statement.said),
            }
        )
        enter_contents(self.connection, contents, _observed_at(reading), known_at)
        self._quarantine(reading, reading.rejected)

    def _apart(self, reading: Reading, whose: Ownership) -> tuple[str, ...]:
        """Say so where one creator's figures on a platform lie under an id and under a made-up name."""
        made_up = made_up_account(whose.creator, reading.platform)
        owners = {key: name for key, name in self.owners.items() if key not in self.recovered}
        known = {a for (p, a), c in owners.items() if p == reading.platform and c == whose.creator}
        others = known - {made_up} if whose.account == made_up else known & {made_up}
        if not others:
            return ()
        return (
            f"{whose.creator} has figures on {reading.platform} under {whose.account} and under "
            f"{', '.join(sorted(others))}, since not every file names its account. They are kept apart; "
            "give account= to bring files without a name to the right one.",
        )


def _statement(reading: Reading, owner: Owner) -> "Statement":
    """A table that is ingested, with what the caller says of it."""
    from engagerr_core.store.statements import Statement

    return Statement(
        file=reading.file,
        table_hash=reading.table_hash or reading.file,
        platform=reading.platform,
        creator=owner.creator or "",
        account=owner.account or "",
        names_account=bool(accounts_told(reading)),
        exported_at=reading.exported_on,
        period=reading.period,
        period_from=reading.period_from,
        path=reading.path,
    )


def _stored(reading: Reading, whose: Ownership, told: "Statement", place: "Place", known_at: datetime) -> "Statement":
    """A table as it is stored: with all that was ever said of it."""
    earlier = place.stored
    said = {name for name in ("creator", "account") if getattr(told, name)}
    return replace(
        told,
        file=place.file,
        table_hash=earlier.table_hash if earlier else told.table_hash,
        creator=whose.creator,
        account=whose.account,
        exported_at=_observed_at(reading),
        period=reading.period,
        period_from=reading.period_from,
        said=frozenset(said | (earlier.said if earlier else frozenset())),
        ingested_at=known_at,
    )


def _completed(reading: Reading, place: "Place") -> Reading:
    """A table under its identity, with what was said of the stored one and is not said otherwise now."""
    import pandas as pd

    observations, stored = reading.observations, place.stored
    if stored is not None and len(observations):
        if all(what != "exported on" for what, _, _ in place.differences) and "observed_at" in observations:
            told = observations["observed_at"]
            told = told.mask(told == reading.exported_on) if reading.exported_on else told
            if stored.exported_at and told.isna().all():
                told = told.fillna(pd.Timestamp(stored.exported_at))
            observations = observations.assign(observed_at=told)
        if stored.chosen and not reading.period:
            first, last = (pd.Timestamp(one).as_unit("us") for one in stored.chosen)
            observations = observations.assign(period_start=first, period_end=last)
            reading = replace(reading, period=stored.chosen, period_from=stored.period_from)
    if place.file == reading.file:
        return replace(reading, observations=observations)
    return replace(
        reading,
        file=place.file,
        observations=observations.assign(file=place.file),
        contents=reading.contents.assign(file=place.file),
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
    file: str | None = None,
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
        file=reading.file if file is None else file,
        notes=reading.warnings,
    )
