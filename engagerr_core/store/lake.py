"""The lake: every observation ever stored, in a Delta table that is only appended to."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import reduce
from operator import and_
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import DeltaError

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.store.parts import NO_MONTH, PARTITIONS, month_of, write_parts
from engagerr_core.vocabulary.observation import COLUMNS, observation_schema

# Delta remembers the last number per application for good: this is how the lake itself tells what was committed.
_APPLICATION = "engagerr.ingest"
_CONFIGURATION = {"delta.appendOnly": "true", "delta.dataSkippingStatsColumns": "creator,period_start,known_at"}


class Lake:
    """The observations of one workspace.

    One commit per ingest batch, numbered by the run that made it. Rows are never changed; what holds now is found by
    `engagerr_core.store.resolve.resolve`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path) -> "Lake":
        """Make an empty lake, or open the one that is there. Several processes may do so at once."""
        lake = cls(folder)
        schema = observation_schema().append(pa.field("month", pa.string(), nullable=False))
        with lake._named_faults():
            folder.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                str(folder), schema, mode="ignore", partition_by=list(PARTITIONS), configuration=_CONFIGURATION
            )
        return lake

    @property
    def version(self) -> int:
        """Number of the last commit, from 0. Two equal versions of one lake hold the same rows."""
        with self._named_faults():
            return self._table().version()

    @property
    def last_run(self) -> int:
        """Number of the last ingest run whose rows are in the lake; 0 = none."""
        with self._named_faults():
            return self._table().transaction_version(_APPLICATION) or 0

    def append(self, tables: Iterable[pa.Table], run: int) -> int:
        """Store conforming tables in one commit: all of them or, if anything fails, none.

        Parameters
        ----------
        tables : as `conform` returns them.
        run : number of the ingest run, above `last_run`.

        Returns
        -------
        The lake's new version.
        """
        with self._named_faults():
            table = self._table()
            self._widen(table)
            table.create_write_transaction(
                write_parts(tables, self.folder),
                mode="append",
                schema=table.schema(),
                partition_by=list(PARTITIONS),
                commit_properties=CommitProperties(app_transactions=[Transaction(_APPLICATION, run)]),
            )
            return self._table().version()

    def _widen(self, table: DeltaTable) -> None:
        """Add columns for metrics that the vocabulary has gained since."""
        have = {field.name for field in table.schema().fields}
        if gained := [field for field in observation_schema() if field.name not in have]:
            table.alter.add_columns(Schema.from_arrow(pa.schema(gained)).fields)
            table.update_incremental()

    def read(
        self,
        columns: Sequence[str] = COLUMNS,
        *,
        creator: str | None = None,
        platform: str | None = None,
        start: date | None = None,
        end: date | None = None,
        as_of: datetime | None = None,
    ) -> pa.Table:
        """Rows as they were stored, in no particular order.

        `start` and `end` keep flows that lie wholly inside, and stocks and cohorts observed inside (by `known_at` where
        the source does not tell); a flow of unknown period lies inside nothing. `as_of` leaves out what was ingested
        later.
        """
        wanted = _wanted(creator, platform, start, end, as_of)
        with self._named_faults():
            dataset = self._table().to_pyarrow_dataset()
            stored = [name for name in columns if name in dataset.schema.names]
            table = dataset.to_table(columns=stored, filter=wanted)
        schema = observation_schema()
        return pa.table(
            [
                table[name].cast(schema.field(name).type)
                if name in stored
                else pa.nulls(len(table), schema.field(name).type)
                for name in columns
            ],
            schema=pa.schema([schema.field(name) for name in columns]),
        )

    def files(self) -> pa.Table:
        """The files whose rows are in the lake: one row per file, platform, creator and account.

        Columns: file, platform, creator, account, rows, known_at.
        """
        keys = ["file", "platform", "creator", "account"]
        rows = self.read([*keys, "known_at"])
        found = rows.group_by(keys).aggregate([([], "count_all"), ("known_at", "min")])
        return found.rename_columns({"count_all": "rows", "known_at_min": "known_at"}).sort_by(
            [(name, "ascending") for name in keys]
        )

    def _table(self) -> DeltaTable:
        return DeltaTable(str(self.folder))

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        try:
            yield
        except (DeltaError, pa.ArrowException, OSError) as problem:
            raise WorkspaceDamaged(
                f"The lake at {self.folder} cannot be read or written: {self._fault(problem)}. "
                "Nothing stored earlier was changed; restore the folder from a backup, or mend its permissions or disk."
            ) from problem

    def _fault(self, problem: Exception) -> str:
        """Name the file at fault, where it is one of the table's own."""
        try:
            for name in self._table().file_uris():
                if not Path(name).is_file():
                    return f"{name} is missing"
                try:
                    ds.dataset(name).to_table()
                except (pa.ArrowException, OSError) as fault:
                    return f"{name} is damaged ({fault})"
        except (DeltaError, OSError):
            return f"its log is damaged ({problem})"
        return str(problem)


def _wanted(
    creator: str | None, platform: str | None, start: date | None, end: date | None, as_of: datetime | None
) -> ds.Expression | None:
    found = []
    if creator is not None:
        found.append(ds.field("creator") == creator)
    if platform is not None:
        found.append(ds.field("platform") == platform)
    if as_of is not None:
        found.append(ds.field("known_at") <= pa.scalar(as_of, pa.timestamp("us", tz="UTC")))
    flow, seen = ds.field("basis") == "flow", pc.coalesce(ds.field("observed_at"), ds.field("known_at"))
    no_month = ds.field("month") == NO_MONTH
    if start is not None:
        found.append(no_month | (ds.field("month") >= month_of(start)))
        inside = seen >= pa.scalar(datetime.combine(start, time.min, UTC), pa.timestamp("us", tz="UTC"))
        found.append((flow & (ds.field("period_start") >= start)) | (~flow & inside))
    if end is not None:
        found.append(no_month | (ds.field("month") <= month_of(end)))
        inside = seen <= pa.scalar(datetime.combine(end, time.max, UTC), pa.timestamp("us", tz="UTC"))
        found.append((flow & (ds.field("period_end") <= end)) | (~flow & inside))
    return reduce(and_, found) if found else None
