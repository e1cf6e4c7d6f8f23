"""The catalogue's tables. Ids are text with all their digits; instants are UTC; an unknown is null, never 0 or empty.

A change here needs a migration beside it (`migrations/versions`); a test holds the two together.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, Integer, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant: with a zone outside, UTC inside, in every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"The instant {value} has no time zone.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Text, datetime: Instant, list[str]: JSON}  # noqa: RUF012 - SQLAlchemy's own form


class Creator(Base):
    """Somebody who publishes."""

    __tablename__ = "creators"

    creator: Mapped[str] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]


class Account(Base):
    """One creator's account on one platform, by the platform's id where a file told it."""

    __tablename__ = "accounts"

    platform: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.creator"), index=True)
    title: Mapped[str | None]
    added_at: Mapped[datetime]


class Run(Base):
    """One ingest batch: one commit of the lake (none where there was nothing to append)."""

    __tablename__ = "runs"

    run: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    known_at: Mapped[datetime]
    rows_stored: Mapped[int]
    lake_version: Mapped[int]


class File(Base):
    """One stored table: a file, a sheet or a member of an archive. `status` is recovered where only the lake knew.

    `table_hash` is the same in all statements of one table; `said` names what the caller told of it. From
    `superseded_at` on the statement `superseded_by` holds in its place.
    """

    __tablename__ = "files"

    file: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    path: Mapped[str]
    platform: Mapped[str]
    creator: Mapped[str | None]
    account: Mapped[str | None]
    rows_read: Mapped[int | None]
    rows_stored: Mapped[int]
    rows_rejected: Mapped[int | None]
    warnings: Mapped[list[str]]
    columns_aside: Mapped[list[str]]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    period_from: Mapped[str | None]
    status: Mapped[str]
    run: Mapped[int] = mapped_column(ForeignKey("runs.run"), index=True)
    ingested_at: Mapped[datetime]
    table_hash: Mapped[str] = mapped_column(index=True)
    exported_at: Mapped[datetime | None]
    said: Mapped[list[str] | None]
    superseded_by: Mapped[str | None]
    superseded_at: Mapped[datetime | None]


class Content(Base):
    """What is said about one post, and the file that was the first to say so. Nothing is overwritten.

    A file that says the same again is in `Confirmation`; `digest` tells whether it is the same.
    """

    __tablename__ = "contents"
    __table_args__ = (Index(None, "platform", "account", "content"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.creator"), index=True)
    platform: Mapped[str]
    account: Mapped[str]
    content: Mapped[str]
    title: Mapped[str | None]
    url: Mapped[str | None]
    format: Mapped[str | None]
    format_origin: Mapped[str | None]
    published_at: Mapped[datetime | None]
    published_on: Mapped[date | None]
    duration: Mapped[float | None]
    observed_at: Mapped[datetime | None]
    known_at: Mapped[datetime]
    file: Mapped[str] = mapped_column(index=True)
    row: Mapped[int]
    digest: Mapped[str | None]


class Confirmation(Base):
    """Which content records one file said again: their ids and its rows, packed by `store.contents`."""

    __tablename__ = "confirmations"

    file: Mapped[str] = mapped_column(primary_key=True)
    observed_at: Mapped[datetime | None]
    known_at: Mapped[datetime]
    records: Mapped[bytes]


class ReadTable(Base):
    """A table found in a folder or archive when it was last read; `folder` is the fingerprint of all that was there."""

    __tablename__ = "readings"

    folder: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    file: Mapped[str]
    path: Mapped[str]
    platform: Mapped[str]
    kind: Mapped[str]
    rows_read: Mapped[int]
    warnings: Mapped[list[str]]


class Rejected(Base):
    """Quarantine: a row that could not be trusted, or (row null) a whole file that could not be stored."""

    __tablename__ = "rejected"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    row: Mapped[int | None]
    column: Mapped[str | None]
    value: Mapped[str | None]
    reason: Mapped[str]
    advice: Mapped[str | None]
    rejected_at: Mapped[datetime]


class Audit(Base):
    """What was done to this workspace, when and by whom: written by `store.audit` alone, and never changed."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    action: Mapped[str]
    detail: Mapped[str]
    actor: Mapped[str | None]
