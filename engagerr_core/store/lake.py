"""The lake: every observation ever stored, in a Delta table that is only appended to."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import reduce
from operator import and_
from pathlib import Path
from threading import Lock
from types import MappingProxyType

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
_REPLACING = "engagerr.replaced by "  # and the file that takes the place of another, whose number it is
_DIGITS = 15  # hexadecimal, of 60 bits: Delta's numbers have 63
_CONFIGURATION = {"delta.appendOnly": "true", "delta.dataSkippingStatsColumns": "creator,period_start,known_at"}


class Lake:
    """The observations of one workspace.

    One commit per ingest batch, numbered by the run that made it. Rows are never changed; what holds now is found by
    `engagerr_core.store.resolve.resolve`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._opened: DeltaTable | None = None
        self._seen: tuple[int, ...] | None = (
            None  # the last commit's file, by which another lake in its place is noticed
        )

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
    def position(self) -> tuple[int, int]:
        """`version` and `last_run` of one moment."""
        with self._named_faults():
            table = self._table()
            return table.version(), table.transaction_version(_APPLICATION) or 0

    @property
    def last_run(self) -> int:
        """Number of the last ingest run whose rows are in the lake; 0 = none."""
        with self._named_faults():
            return self._table().transaction_version(_APPLICATION) or 0

    def append(self, tables: Iterable[pa.Table], run: int, replaced: Mapping[str, str] = MappingProxyType({})) -> int:
        """Store conforming tables in one commit: all of them or, if anything fails, none.

        Parameters
        ----------
        tables : as `conform` returns them.
        run : number of the ingest run, above `last_run`.
        replaced : of files among the tables, which stored file each takes the place of; `replaced` tells it again.

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
                commit_properties=CommitProperties(app_transactions=_remembered(run, replaced)),
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
        without: Collection[str] = (),
    ) -> pa.Table:
        """Rows as they were stored, in no particular order.

        `start` and `end` keep flows that lie wholly inside, and stocks and cohorts observed inside (by `known_at` where
        the source does not tell); a flow of unknown period lies inside nothing. `as_of` leaves out what was ingested
        later, `without` the rows of some files: those that `records.superseded` names for the same instant.
        """
        wanted = _wanted(creator, platform, start, end, as_of, without)
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

        Columns: file, platform, creator, account, rows, known_at, observed_at (the latest).
        """
        keys = ["file", "platform", "creator", "account"]
        rows = self.read([*keys, "known_at", "observed_at"])
        found = rows.group_by(keys).aggregate([([], "count_all"), ("known_at", "min"), ("observed_at", "max")])
        names = {"count_all": "rows", "known_at_min": "known_at", "observed_at_max": "observed_at"}
        return found.rename_columns(names).sort_by([(name, "ascending") for name in keys])

    def replaced(self, files: Sequence[str]) -> dict[str, str]:
        """Which of these files took the place of which other one of them."""
        with self._named_faults():
            table = self._table()
            numbers = {file: table.transaction_version(f"{_REPLACING}{file}") for file in files}
        stored = {_number(file): file for file in files}
        return {file: stored[number] for file, number in numbers.items() if number in stored}

    def _table(self) -> DeltaTable:
        """The table as it stands now: opened once, then brought up to date. Several threads may share it."""
        with self._lock:
            table = self._opened
            if table is None or self._seen is None or self._last_commit(table) != self._seen:
                table = self._opened = DeltaTable(str(self.folder))
            else:
                table.update_incremental()
            self._seen = self._last_commit(table)
            return table

    def _last_commit(self, table: DeltaTable) -> tuple[int, ...] | None:
        """What tells the last commit's file from any other; None where it is not there."""
        try:
            about = (self.folder / "_delta_log" / f"{table.version():020}.json").stat()
        except FileNotFoundError:
            return None
        return about.st_ino, about.st_size, about.st_mtime_ns

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


def _remembered(run: int, replaced: Mapping[str, str]) -> list[Transaction]:
    """What the lake is to remember with a commit."""
    marks = [Transaction(f"{_REPLACING}{file}", _number(earlier)) for file, earlier in sorted(replaced.items())]
    return [Transaction(_APPLICATION, run), *marks]


def _number(file: str) -> int:
    """The beginning of a hash as the number that Delta can remember."""
    return int(file[:_DIGITS], 16)


def _wanted(
    creator: str | None,
    platform: str | None,
    start: date | None,
    end: date | None,
    as_of: datetime | None,
    without: Collection[str],
) -> ds.Expression | None:
    found = []
    if creator is not None:
        found.append(ds.field("creator") == creator)
    if platform is not None:
        found.append(ds.field("platform") == platform)
    if as_of is not None:
        found.append(ds.field("known_at") <= pa.scalar(as_of, pa.timestamp("us", tz="UTC")))
    if without:
        found.append(~ds.field("file").isin(sorted(without)))
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
