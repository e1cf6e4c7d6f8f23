"""Reconcile: make the catalogue agree with the lake, whose commit decides.

They differ only after a fault: a process killed between the two commits, a catalogue restored from an older backup, a
lake folder brought back. What the lake holds is held; what it does not hold can be ingested again.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, null, select, update

from engagerr_core.store import audit
from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.contents import forget_contents
from engagerr_core.store.lake import Lake
from engagerr_core.store.statements import supersede
from engagerr_core.store.tables import Account, Creator, File, Run

STORED, RECOVERED, LOST = "stored", "recovered", "lost"
CREATOR_ASSUMED = "The creator is not named"  # begins the warning of `ownership`


def reconcile(catalogue: Catalogue, lake: Lake) -> bool:
    """Compare, and mend where needed. Returns whether anything was mended; costs a moment where all is well."""
    with catalogue.reading() as connection:
        if _agree(connection, lake):
            return False
    with catalogue.writing() as connection:
        return mend(connection, lake)


def mend(connection: Connection, lake: Lake) -> bool:
    """Mend the catalogue inside its write transaction. Returns whether anything had to be."""
    if _agree(connection, lake):
        return False
    held = lake.files().to_pylist()
    in_lake = [row["file"] for row in held]
    connection.execute(delete(File).where((File.status == LOST) & File.file.in_(in_lake)))  # brought back
    listed = connection.execute(select(File.file, File.rows_stored)).all()
    lost = {row.file for row in listed if row.rows_stored > 0} - {row["file"] for row in held}
    for file in lost:
        forget_contents(connection, file)
        # What was said of it stays, and since when: ingested again it is as if it had never been lost.
        connection.execute(update(File).where(File.file == file).values(status=LOST, rows_stored=0))
        again = {"superseded_by": None, "superseded_at": None}
        connection.execute(update(File).where(File.superseded_by == file).values(again))
    names = {row.file for row in listed}
    found = [row for row in held if row["file"] not in names]
    _enter_run(connection, lake, found)
    _enter_owners(connection, found)
    _enter_files(connection, found, lake.last_run)
    _enter_replacements(connection, held, lake)
    detail = (
        f"files that only the lake had: {len({r['file'] for r in found})}; that only the catalogue had: {len(lost)}"
    )
    audit.enter(connection, "reconciled", detail)
    return True


def _agree(connection: Connection, lake: Lake) -> bool:
    last = connection.execute(select(func.max(Run.run)).where(Run.rows_stored > 0)).scalar()
    return (last or 0) == lake.last_run


def _enter_run(connection: Connection, lake: Lake, found: list[dict]) -> None:
    """Make the lake's last run the catalogue's last run that stored rows."""
    last, rows = lake.last_run, sum(row["rows"] for row in found)
    connection.execute(update(Run).where(Run.run > last).values(rows_stored=0))
    if not last:
        return
    rows = max(rows, 1)
    if connection.execute(update(Run).where(Run.run == last).values(rows_stored=rows)).rowcount == 0:
        known_at = max((row["known_at"] for row in found), default=datetime.now(UTC))
        values = {"run": last, "known_at": known_at, "rows_stored": rows, "lake_version": lake.version}
        connection.execute(insert(Run).values(values))


def _enter_owners(connection: Connection, found: list[dict]) -> None:
    creators = set(connection.execute(select(Creator.creator)).scalars())
    accounts = {tuple(row) for row in connection.execute(select(Account.platform, Account.account))}
    for row in sorted(found, key=lambda row: row["known_at"]):
        if row["creator"] not in creators:
            creators.add(row["creator"])
            connection.execute(insert(Creator).values(creator=row["creator"], added_at=row["known_at"]))
        if (key := (row["platform"], row["account"])) not in accounts:
            accounts.add(key)
            connection.execute(
                insert(Account).values(
                    platform=row["platform"], account=row["account"], creator=row["creator"], added_at=row["known_at"]
                )
            )


def _enter_files(connection: Connection, found: list[dict], run: int) -> None:
    """One entry a file, by the lake alone. Its titles and quarantine come back when the file is ingested again."""
    by_file: dict[str, list[dict]] = {}
    for row in found:
        by_file.setdefault(row["file"], []).append(row)
    for file, rows in by_file.items():
        first = rows[0]
        connection.execute(
            insert(File).values(
                file=file,
                kind="",
                path="",
                platform=first["platform"],
                creator=first["creator"],
                account=first["account"],
                rows_stored=sum(row["rows"] for row in rows),
                columns_aside=[],
                warnings=["Known from the lake only. Ingest the file again to bring its titles back."],
                status=RECOVERED,
                run=run,
                ingested_at=first["known_at"],
                table_hash=file,
                exported_at=max((row["observed_at"] for row in rows if row["observed_at"]), default=None),
                said=[],
            )
        )


def _enter_replacements(connection: Connection, held: list[dict], lake: Lake) -> None:
    """Which statement took another's place, as the lake remembers it; the new one is about the same table."""
    since = {row["file"]: row["known_at"] for row in held}
    replaced = lake.replaced(list(since))
    for file in sorted(replaced, key=since.__getitem__):  # the first of a chain tells the table's hash to all others
        about = select(File.table_hash, File.said).where(File.file == replaced[file])
        earlier = connection.execute(about).one()
        supersede(connection, replaced[file], file, since[file])
        same = {"table_hash": earlier.table_hash, "said": earlier.said}
        connection.execute(update(File).where((File.file == file) & (File.status == RECOVERED)).values(same))


def complete(connection: Connection, lake: Lake) -> None:
    """Write down what an older version did not: when tables were exported, and whether their creator was named."""
    query = select(File.file, File.warnings).where(File.said.is_(null()))
    older = {row.file: row.warnings for row in connection.execute(query)}
    if not older:
        return
    exported: dict[str, datetime] = {}
    for row in lake.files().to_pylist():
        if row["observed_at"]:
            exported[row["file"]] = max(row["observed_at"], exported.get(row["file"], row["observed_at"]))
    for file, warnings in older.items():
        said = [] if any(CREATOR_ASSUMED in one for one in warnings) else ["creator"]
        values = {"said": said, "exported_at": exported.get(file)}
        connection.execute(update(File).where(File.file == file).values(values))
