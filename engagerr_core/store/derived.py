"""Derived daily tables: Delta tables beside the observations, made from them and from nothing else.

Each holds one Parquet file, a part, per platform and month (and source of it), whose name tells what it was made from
and what is in it. Equal inputs give equal parts, so that a part that is there need not be made again, two processes may
make the same one, and a process killed in the middle leaves nothing wrong: what is not committed is made again.
"""

import json
import os
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from engagerr_core.errors import WorkspaceDamaged

PARTITIONS = ("platform", "month")
_APPLICATION = "engagerr.refresh"
KEPT_SECONDS = 3600  # a part that was replaced stays so long, for those who are reading it


class Part(NamedTuple):
    """One file of a derived table.

    `origin` is the month whose observations it was made from, `inputs` the fingerprint of what it was made from,
    `content` that of what is in it.
    """

    platform: str
    month: str
    origin: str
    inputs: str
    content: str

    @property
    def path(self) -> str:
        """Its place in the table's folder."""
        return f"platform={self.platform}/month={self.month}/{self.origin}.{self.inputs}.{self.content}.parquet"

    @classmethod
    def of(cls, path: str) -> "Part":
        """The part with a path."""
        platform, month, name = path.split("/")
        origin, inputs, content, _ = name.split(".")
        return cls(platform.partition("=")[2], month.partition("=")[2], origin, inputs, content)


def _idle(rows: pa.Table, name: str) -> bool:
    """Whether a metric, or the count of those who know it, says nothing in these rows: it is left out of the part."""
    metric = rows[name.removesuffix("_accounts")] if name.endswith("_accounts") else rows[name]
    return pa.types.is_floating(metric.type) and metric.null_count == len(rows)


class Overtaken(Exception):
    """Another process replaced the same parts in between; look again what is to be done."""


class DerivedTable:
    """One derived table; `schema` holds every column that a part may have, without the partition columns."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder, self.schema = folder, schema

    def look(self) -> tuple[int, list[Part]]:
        """The table's version, and the parts that hold in it, in order; -1 and none where it was never made."""
        table = self._table()
        if table is None:
            return -1, []
        return table.version(), sorted(map(Part.of, pa.table(table.get_add_actions())["path"].to_pylist()))

    def made(self) -> int:
        """Make the table, empty, where there is none. Returns its version."""
        if (table := self._table()) is not None:
            return table.version()
        try:
            return self._create().version()
        except (DeltaError, OSError) as problem:
            raise self._fault(problem) from problem

    def parts(self) -> list[Part]:
        """The parts that hold now, in order."""
        return self.look()[1]

    def write(self, rows: pa.Table, platform: str, month: str, origin: str, inputs: str) -> Part:
        """Write a part; it does not count before it is committed. The same rows give the same bytes."""
        place = self.folder / f"platform={platform}" / f"month={month}"
        waiting = place / f".{uuid4()}.parquet"
        try:
            place.mkdir(parents=True, exist_ok=True)
            rows = rows if len(rows) else self.schema.empty_table()
            names = [name for name in self.schema.names if name in rows.column_names and not _idle(rows, name)]
            kept = rows.select(names).cast(pa.schema([self.schema.field(name) for name in names]))
            floats = [f.name for f in kept.schema if pa.types.is_floating(f.type)]
            dictionaries = [name for name in names if name not in floats]
            pq.write_table(
                kept, waiting, compression="zstd", compression_level=1, use_dictionary=dictionaries, store_schema=False
            )
            content = sha256(waiting.read_bytes()).hexdigest()[:16]
            part = Part(platform, month, origin, inputs, content)
            os.replace(waiting, self.folder / part.path)
        except OSError as problem:
            with suppress(OSError):
                waiting.unlink()
            raise self._fault(problem) from problem
        return part

    def size(self, part: Part) -> int:
        """Bytes of a part's file."""
        return (self.folder / part.path).stat().st_size

    def replace(self, added: Collection[Part], removed: Collection[Part], seen: int) -> int:
        """Let parts count and others count no longer, in one commit upon the version that was `seen`.

        Returns the version that holds then. Raises `Overtaken` where another process was quicker.
        """
        added, removed = sorted(set(added) - set(removed)), sorted(set(removed) - set(added))
        if not added and not removed:
            return seen
        try:
            table = DeltaTable(str(self.folder), version=seen)
            now = time.time_ns() // 1_000_000
            for part in removed:  # it stays for an hour from now
                with suppress(OSError):
                    os.utime(self.folder / part.path)
            actions = [self._add(part, now) for part in added]
            actions += [RemoveAction(part.path, True, now, None, self._values(part)) for part in removed]
            # Two commits upon one version conflict by this number, even where their parts have nothing in common.
            mark = CommitProperties(app_transactions=[Transaction(_APPLICATION, seen + 1)])
            table.create_write_transaction(
                actions, mode="append", schema=table.schema(), partition_by=list(PARTITIONS), commit_properties=mark
            )
            return seen + 1
        except CommitFailedError as problem:
            raise Overtaken(str(self.folder)) from problem
        except (DeltaError, pa.ArrowException, OSError) as problem:
            raise self._fault(problem) from problem

    def read(self, parts: Iterable[Part], columns: Sequence[str] = (), wanted: ds.Expression | None = None) -> pa.Table:
        """Rows of some parts in their order, with the columns asked for (none = all that any part has), then platform.

        A column that no part has is left out where none were asked for, else it is unknown.
        """
        tables = [self._read(part, columns, wanted) for part in parts]
        names = [*(columns or self.schema.names), "platform"]
        schema = self.schema.append(pa.field("platform", pa.string()))
        no_rows = pa.schema([field for field in schema if not pa.types.is_floating(field.type)]).empty_table()
        whole = pa.concat_tables(tables, promote_options="default") if tables else no_rows
        if columns:
            for name in columns:
                if name not in whole.column_names:
                    whole = whole.append_column(name, pa.nulls(len(whole), schema.field(name).type))
        return whole.select([name for name in names if name in whole.column_names])

    def _read(self, part: Part, columns: Sequence[str], wanted: ds.Expression | None) -> pa.Table:
        try:
            file = pq.ParquetFile(self.folder / part.path)
            present = file.schema_arrow.names
            chosen = [name for name in present if not columns or name in columns]
            if wanted is None:
                table = file.read(columns=chosen)
            else:
                table = ds.dataset(self.folder / part.path).to_table(columns=chosen, filter=wanted)
        except (pa.ArrowException, OSError) as problem:
            raise self._fault(problem, part) from problem
        return table.append_column("platform", pa.repeat(part.platform, len(table)))

    def clean(self) -> None:
        """Remove parts that count no longer, an hour after they were replaced."""
        active = {part.path for part in self.parts()}
        oldest = time.time() - KEPT_SECONDS
        for path in self.folder.glob("platform=*/month=*/*.parquet"):
            with suppress(OSError):
                if path.relative_to(self.folder).as_posix() not in active and path.stat().st_mtime < oldest:
                    path.unlink()

    def _table(self) -> DeltaTable | None:
        try:
            return DeltaTable(str(self.folder))
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as problem:
            raise self._fault(problem) from problem

    def _create(self) -> DeltaTable:
        self.folder.mkdir(parents=True, exist_ok=True)
        schema = self.schema
        for name in PARTITIONS:
            schema = schema.append(pa.field(name, pa.string()))
        DeltaTable.create(str(self.folder), schema, mode="ignore", partition_by=list(PARTITIONS))
        return DeltaTable(str(self.folder), version=0)

    def _add(self, part: Part, now: int) -> AddAction:
        path = self.folder / part.path
        told = json.dumps({"numRecords": pq.read_metadata(path).num_rows})
        return AddAction(part.path, path.stat().st_size, self._values(part), now, True, told)

    @staticmethod
    def _values(part: Part) -> dict[str, str | None]:
        return {"platform": part.platform, "month": part.month}

    def _fault(self, problem: Exception, part: Part | None = None) -> WorkspaceDamaged:
        named = self.folder / part.path if part else self.folder
        return WorkspaceDamaged(
            f"The daily table {named} cannot be read or written: {problem}. The observations are untouched; "
            "`engagerr doctor --repair` removes the daily tables, `engagerr refresh` makes them again."
        )
