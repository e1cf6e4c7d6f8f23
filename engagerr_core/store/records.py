"""Records: what the catalogue writes down about a stored table, inside one write transaction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from engagerr_core.store.tables import Account, Content, Creator, File, ReadTable, Rejected, Run


def owners(connection: Connection) -> dict[tuple[str, str], str]:
    """(platform, account) → creator."""
    rows = connection.execute(select(Account.platform, Account.account, Account.creator))
    return {(row.platform, row.account): row.creator for row in rows}


def recovered_accounts(connection: Connection) -> set[tuple[str, str]]:
    """(platform, account) of which only the lake told; whoever ingests their files says the rest."""
    rows = connection.execute(select(File.platform, File.account, File.status)).all()
    stored = {(row.platform, row.account or "") for row in rows if row.status == "stored"}
    return {(row.platform, row.account or "") for row in rows if row.status == "recovered"} - stored


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
    """Enter creators and accounts that are new or change hands; a title is filled in where it was unknown."""
    for account, creator in creators.items():
        if connection.execute(select(Creator.creator).where(Creator.creator == creator)).first() is None:
            connection.execute(insert(Creator).values(creator=creator, added_at=at))
        key = (Account.platform == platform) & (Account.account == account)
        title = titles.get(account) or None
        if connection.execute(select(Account.account).where(key)).first() is None:
            values = {"platform": platform, "account": account, "creator": creator, "title": title, "added_at": at}
            connection.execute(insert(Account).values(values))
            continue
        connection.execute(update(Account).where(key & (Account.creator != creator)).values(creator=creator))
        if title:
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


def superseded(connection: Connection, as_of: datetime | None = None) -> frozenset[str]:
    """The files whose statements no longer hold, as of now or at an instant: later ones took their place."""
    query = select(File.file).where(File.superseded_at.is_not(None))
    if as_of is not None:
        query = query.where(File.superseded_at <= as_of)
    return frozenset(connection.execute(query).scalars())


def known_accounts(connection: Connection, as_of: datetime | None = None) -> pd.DataFrame:
    """The accounts that statements which hold speak of, as of now or at an instant: creator, platform and account.

    An account that is named only in rows of files about several, and in no post, is known by itself.
    """
    gone = superseded(connection, as_of)
    files = select(File.creator, File.platform, File.account, File.file, File.ingested_at)
    named = (Content.creator, Content.platform, Content.account, Content.file)
    posts = select(*named, func.min(Content.known_at)).group_by(*named)
    told = [tuple(row) for row in (*connection.execute(files), *connection.execute(posts))]
    known = {row[1:3] for row in told}
    alone = connection.execute(select(Account.creator, Account.platform, Account.account, Account.added_at))
    told += [(*row[:3], "", row[3]) for row in alone if tuple(row[1:3]) not in known]
    held = {row[:3] for row in told if row[3] not in gone and (as_of is None or row[4] <= as_of)}
    return pd.DataFrame(sorted(held), columns=["creator", "platform", "account"], dtype="str")


def read_tables(connection: Connection, folder: str) -> list[Row[Any]]:
    """The tables of a folder or archive that was read before, if all of them are stored and hold; else none."""
    stored = (File.status == "stored") & File.superseded_at.is_(None)
    listed = select(ReadTable.__table__, stored.label("holds")).outerjoin(File, File.file == ReadTable.file)
    found = connection.execute(listed.where(ReadTable.folder == folder).order_by(ReadTable.position)).all()
    return list(found) if all(row.holds for row in found) else []


def enter_read_tables(connection: Connection, folder: str, tables: Sequence[Mapping[str, Any]]) -> None:
    """Write down what a folder or archive was found to hold, in place of what was known of the same paths."""
    before = select(ReadTable.folder).where(ReadTable.path == tables[0]["path"])
    connection.execute(delete(ReadTable).where(ReadTable.folder.in_(before) | (ReadTable.folder == folder)))
    rows = [{"folder": folder, "position": position, **table} for position, table in enumerate(tables)]
    connection.execute(insert(ReadTable), rows)


def rejected_rows(connection: Connection, file: str) -> pd.DataFrame:
    """What is in quarantine of a stored table: row, column, value, reason, advice; text is empty where unknown."""
    names = ("row", "column", "value", "reason", "advice")
    query = select(*(Rejected.__table__.c[name] for name in names)).where(Rejected.file == file)
    frame = pd.DataFrame(connection.execute(query.order_by(Rejected.id)).all(), columns=list(names))
    return frame.fillna("").astype({name: "int64" if name == "row" else "str" for name in names})


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
