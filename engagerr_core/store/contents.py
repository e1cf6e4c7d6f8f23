"""Contents: what is known of each post, from all that files have said about it.

What is said about a post is stored once, with the file that was the first to say it. A file that says the same again
leaves a confirmation: the ids of the records and its own lines, packed, one entry a file. Nothing is lost: every
answer, as known on any instant and without any file, is the one that a store of all statements would give.
"""

import zlib
from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    Connection,
    Date,
    Double,
    Integer,
    LargeBinary,
    Select,
    delete,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import NullType, TypeEngine

from engagerr_core.store.catalogue import Catalogue
from engagerr_core.store.records import superseded
from engagerr_core.store.tables import Confirmation, Content, Instant
from engagerr_core.vocabulary.content import COLUMNS

KEY = ["creator", "platform", "account", "content"]
ENTERED_AT_ONCE = 10_000  # records; bounds memory
ASKED_AT_ONCE = 5_000  # posts; databases take some 30,000 values in one question

# An analyst's word goes before the platform's, the platform's before a rule, however old.
_ORIGIN_RANK = {"rule": 0, "native": 1, "metadata": 2}
_STATED = ["observed_at", "known_at", "file", "row"]  # when and where a statement was made


def known_contents(
    catalogue: Catalogue, creator: str | None = None, platform: str | None = None, as_of: datetime | None = None
) -> pd.DataFrame:
    """One row per post, as `latest_contents`: of everybody or one creator, now or as known at an instant."""
    query = content_records()
    if creator is not None:
        query = query.where(Content.creator == creator)
    if platform is not None:
        query = query.where(Content.platform == platform)
    with catalogue.reading() as connection:
        records = _frame(connection, query)
        confirmations = _frame(connection, select(*Confirmation.__table__.c))
        without = superseded(connection, as_of)
    return latest_contents(latest_statements(records, confirmations, without, as_of))


def content_records() -> Select[Any]:
    """The query for every record: id, columns of `vocabulary.content`, `observed_at` and `known_at`; in order of id."""
    table = Content.__table__
    return select(*(table.c[name] for name in ("id", *COLUMNS, "observed_at", "known_at"))).order_by(table.c.id)


def latest_statements(
    records: pd.DataFrame, confirmations: pd.DataFrame, without: Collection[str] = (), as_of: datetime | None = None
) -> pd.DataFrame:
    """Each record with when and where it was last stated; records that nobody stated are left out.

    Parameters
    ----------
    records : as `content_records` gives them.
    confirmations : the catalogue's table of that name.
    without : files whose statements do not count.
    as_of : statements that were known later do not count.
    """
    counts = _counting(records, without, as_of)
    made = records[_STATED].assign(record=np.arange(len(records)))[counts]
    again = _confirmed(records["id"].to_numpy(np.int64), confirmations[_counting(confirmations, without, as_of)])
    if len(again):
        made = _in_order(pd.concat([made, again])).drop_duplicates("record", keep="last").sort_values("record")
    stated = records.iloc[made["record"].to_numpy()].reset_index(drop=True)
    return stated.assign(**{name: made[name].to_numpy() if name == "row" else made[name].array for name in _STATED})


def latest_contents(statements: pd.DataFrame) -> pd.DataFrame:
    """One row per post with the columns of `vocabulary.content`, sorted by creator, platform, account and content.

    Each field is the latest known one, by the order that `resolve` uses; a later file without a title takes none away.
    `format` goes with its origin. `file` and `row` are those of the latest statement. An unknown is missing, never
    empty text.
    """
    rank = statements["format_origin"].map(_ORIGIN_RANK).fillna(-1)
    ordered = _in_order(statements.assign(rank=rank))
    fields = [name for name in COLUMNS if name not in (*KEY, "format", "format_origin")]
    latest = ordered.groupby(KEY, sort=True)[fields].last()
    formats = ordered.sort_values("rank", kind="stable").drop_duplicates(KEY, keep="last").set_index(KEY)
    latest[["format", "format_origin"]] = formats[["format", "format_origin"]]
    return latest.reset_index()[list(COLUMNS)]


def enter_contents(
    connection: Connection, contents: pa.Table, observed_at: datetime | None, known_at: datetime
) -> None:
    """Enter what one table says about posts: what is new as records, what was said before as its confirmation.

    `contents` is as `conform_contents` returns it, of one file. Of rows that say the same the last one counts.
    """
    if not len(contents):
        return
    contents = _cleaned(contents.sort_by("row"))
    held = _held(connection, contents)
    last = {digest: position for position, digest in enumerate(contents["digest"].to_pylist())}
    new = pa.array([position for digest, position in last.items() if digest not in held], pa.int64())
    when = {"observed_at": observed_at, "known_at": known_at}
    for batch in contents.take(new).to_batches(max_chunksize=ENTERED_AT_ONCE):
        connection.execute(insert(Content), [row | when for row in batch.to_pylist()])
    rows = contents["row"].to_pylist()
    if again := {held[digest]: rows[position] for digest, position in last.items() if digest in held}:
        file = contents["file"][0].as_py()
        connection.execute(insert(Confirmation).values(file=file, records=_packed(again), **when))


def forget_contents(connection: Connection, file: str) -> None:
    """Forget what one file said about posts. What another said as well stays, as that one's."""
    connection.execute(delete(Confirmation).where(Confirmation.file == file))
    orphans = set(connection.execute(select(Content.id).where(Content.file == file)).scalars())
    if not orphans:
        return
    others = connection.execute(select(Confirmation.__table__).order_by(Confirmation.known_at, Confirmation.file))
    for other in others.all():
        ids, rows = _unpacked(other.records)
        for record, row in zip(ids.tolist(), rows.tolist(), strict=True):
            if record in orphans:
                orphans.remove(record)
                heir = {"file": other.file, "row": row, "observed_at": other.observed_at, "known_at": other.known_at}
                connection.execute(update(Content).where(Content.id == record).values(heir))
    connection.execute(delete(Content).where(Content.file == file))


def _frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """As `Catalogue.frame`, quick for many rows: days and instants are understood a column at a time."""
    named = list(query.selected_columns)
    raw = [type_coerce(one, NullType()) if isinstance(one.type, Date | Instant) else one for one in named]
    values = zip(*connection.execute(query.with_only_columns(*raw)).fetchall(), strict=True)
    columns = [pa.array(one) for one in values] or [pa.nulls(0) for _ in named]
    return pa.table(
        {one.name: _typed(column, one.type) for one, column in zip(named, columns, strict=True)}
    ).to_pandas()


def _typed(column: pa.Array, kind: TypeEngine[Any]) -> pa.Array:
    if isinstance(kind, Instant):
        return pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
    if isinstance(kind, Date):
        return column.cast(pa.date32()).cast(pa.timestamp("us"))
    known = {Integer: pa.int64(), Double: pa.float64(), LargeBinary: pa.binary()}
    return column.cast(next((arrow for sql, arrow in known.items() if isinstance(kind, sql)), pa.string()))


def _counting(made: pd.DataFrame, without: Collection[str], as_of: datetime | None) -> pd.Series:
    counts = ~made["file"].isin(list(without))
    return counts if as_of is None else counts & (made["known_at"] <= as_of)


def _in_order(statements: pd.DataFrame) -> pd.DataFrame:
    """From the oldest statement to the latest."""
    seen = statements["observed_at"].fillna(statements["known_at"])
    return statements.assign(seen=seen).sort_values(["seen", "known_at", "file", "row"], kind="stable")


def _confirmed(records: np.ndarray, confirmations: pd.DataFrame) -> pd.DataFrame:
    """The latest confirmation of each record that has one: when and where, and the record's position in `records`."""
    confirmations = _in_order(confirmations.assign(row=0)).reset_index(drop=True)
    place = np.full(records.max(initial=0) + 1, -1)
    place[records] = np.arange(len(records))
    by, lines = np.full(len(records), -1), np.zeros(len(records), np.int64)
    for number, packed in enumerate(confirmations["records"]):
        ids, rows = _unpacked(packed)
        known = ids < len(place)
        at = place[ids[known]]  # −1 where nobody asked for the record
        by[at[at >= 0]], lines[at[at >= 0]] = number, rows[known][at >= 0]
    (found,) = np.nonzero(by >= 0)
    return confirmations[_STATED].iloc[by[found]].assign(row=lines[found], record=found)


def _held(connection: Connection, contents: pa.Table) -> dict[str, int]:
    """Digest → id of the records about these posts."""
    held: dict[str, int] = {}
    for batch in contents.select(["platform", "account", "content"]).to_batches(max_chunksize=ASKED_AT_ONCE):
        about = (getattr(Content, name).in_(batch[name].unique().to_pylist()) for name in batch.schema.names)
        found = connection.execute(select(Content.digest, Content.id).where(*about, Content.digest.is_not(None)))
        held.update((row.digest, row.id) for row in found)
    return held


def _cleaned(contents: pa.Table) -> pa.Table:
    """Text that every database takes: without null characters, empty is unknown; and a digest of what is said."""
    columns = {}
    for name in contents.column_names:
        column = contents[name]
        if pa.types.is_string(column.type):
            column = pc.replace_substring(column, "\0", "")
            if name not in KEY:
                column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        columns[name] = column
    said = [columns[name] for name in contents.column_names if name not in ("file", "row")]
    texts = [
        pc.fill_null((one.cast(pa.int64()) if pa.types.is_timestamp(one.type) else one).cast(pa.string()), "")
        for one in said
    ]
    joined = pc.binary_join_element_wise(*texts, "\0").to_pylist()
    columns["digest"] = pa.array([blake2b(text.encode(), digest_size=16).hexdigest() for text in joined], pa.string())
    return pa.table(columns)


def _packed(rows: dict[int, int]) -> bytes:
    """Records with their rows: differences from one record to the next, which are mostly ones, compressed."""
    both = np.array(sorted(rows.items()), "<i8")
    return zlib.compress(np.diff(both, axis=0, prepend=0).T.tobytes(), 1)


def _unpacked(packed: bytes) -> np.ndarray:
    """Ids of records, ascending, and below them the rows."""
    return np.frombuffer(zlib.decompress(packed), "<i8").reshape(2, -1).cumsum(axis=1)
