"""Records: what the catalogue writes down about a stored table, inside one write transaction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, delete, func, insert, select, update

from engagerr_core.store.tables import Account, Content, Creator, File, Rejected, Run

ENTERED_AT_ONCE = 10_000  # contents; bounds memory


def owners(connection: Connection) -> dict[tuple[str, str], str]:
    """(platform, account) → creator."""
    rows = connection.execute(select(Account.platform, Account.account, Account.creator))
    return {(row.platform, row.account): row.creator for row in rows}


def held_files(connection: Connection) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Files stored, each with platform and creator; and those that only the lake knew, with their account there."""
    rows = connection.execute(select(File.file, File.status, File.platform, File.creator, File.account)).all()
    stored = {row.file: (row.platform, row.creator or "") for row in rows if row.status == "stored"}
    return stored, {row.file: row.account or "" for row in rows if row.status == "recovered"}


def begin_run(
    connection: Connection, lake_run: int, lake_version: int, known_at: datetime | None
) -> tuple[int, datetime]:
    """Enter the next run. Returns its number and its instant, later than every earlier one unless it was given."""
    last, latest = connection.execute(select(func.max(Run.run), func.max(Run.known_at))).one()
    if known_at is None:
        known_at = datetime.now(UTC)
        if latest is not None and known_at <= latest:  # the clock was set back
            known_at = latest + timedelta(microseconds=1)
    run = max(last or 0, lake_run) + 1
    connection.execute(insert(Run).values(run=run, known_at=known_at, rows_stored=0, lake_version=lake_version))
    return run, known_at


def end_run(connection: Connection, run: int, rows_stored: int, lake_version: int) -> None:
    """Say what the run stored."""
    connection.execute(update(Run).where(Run.run == run).values(rows_stored=rows_stored, lake_version=lake_version))


def drop_run(connection: Connection, run: int) -> None:
    """Forget a run that stored nothing."""
    connection.execute(delete(Run).where(Run.run == run))


def enter_owners(
    connection: Connection, platform: str, creators: Mapping[str, str], titles: Mapping[str, str], at: datetime
) -> None:
    """Enter creators and accounts that are new; an account's title is filled in where it was unknown."""
    for account, creator in creators.items():
        if connection.execute(select(Creator.creator).where(Creator.creator == creator)).first() is None:
            connection.execute(insert(Creator).values(creator=creator, added_at=at))
        key = (Account.platform == platform) & (Account.account == account)
        title = titles.get(account) or None
        if connection.execute(select(Account.account).where(key)).first() is None:
            values = {"platform": platform, "account": account, "creator": creator, "title": title, "added_at": at}
            connection.execute(insert(Account).values(values))
        elif title:
            connection.execute(update(Account).where(key & Account.title.is_(None)).values(title=title))


def quarantined(connection: Connection) -> set[str]:
    """The files that have something in quarantine."""
    return set(connection.execute(select(Rejected.file).distinct()).scalars())


def forget_file(connection: Connection, file: str) -> None:
    """Forget what only the lake had told of a file."""
    connection.execute(delete(File).where(File.file == file))


def enter_files(connection: Connection, files: Sequence[Mapping[str, Any]]) -> None:
    """Enter stored tables."""
    if files:
        connection.execute(insert(File), files)


def enter_contents(
    connection: Connection, contents: pa.Table, observed_at: datetime | None, known_at: datetime
) -> None:
    """Enter what one table says about posts. `contents` is as `conform_contents` returns it."""
    when = {"observed_at": observed_at, "known_at": known_at}
    for batch in contents.to_batches(max_chunksize=ENTERED_AT_ONCE):
        names = batch.schema.names
        columns = [map(_text, column.to_pylist()) for column in batch.columns]
        rows = [dict(zip(names, values, strict=True), **when) for values in zip(*columns, strict=True)]
        if rows:
            connection.execute(insert(Content), rows)


def enter_rejected(connection: Connection, file: str, path: str, rejected: pd.DataFrame, at: datetime) -> None:
    """Put rows into quarantine, in place of those of the same file. The same ones again are left as they are.

    `rejected` has row, column, value, reason and advice; a row number of <NA> speaks of the file as a whole.
    """
    names = ("row", "column", "value", "reason", "advice")
    wanted = [_plain(row) for row in rejected[list(names)].itertuples(index=False, name=None)]
    same_file = (Rejected.file == file) & (Rejected.path == path) if not file else Rejected.file == file
    columns = (Rejected.row, Rejected.column, Rejected.value, Rejected.reason, Rejected.advice)
    held = [tuple(row) for row in connection.execute(select(*columns).where(same_file).order_by(Rejected.id))]
    if held == wanted:
        return
    connection.execute(delete(Rejected).where(same_file))
    if wanted:
        shared = {"file": file, "path": path, "rejected_at": at}
        connection.execute(insert(Rejected), [{**shared, **dict(zip(names, row, strict=True))} for row in wanted])


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    number, *texts = row
    return (None if pd.isna(number) else int(number), *(None if pd.isna(t) else _text(str(t)) for t in texts))


def _text(value: Any) -> Any:
    """Text that every database takes: without null characters; empty is unknown."""
    return value.replace("\0", "") or None if isinstance(value, str) else value
