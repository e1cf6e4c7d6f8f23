"""Refresh: keep the daily tables beside the lake up to date, making again only the parts whose inputs changed."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engagerr_core.analysis.results import Result
from engagerr_core.errors import WorkspaceBusy
from engagerr_core.pipeline import Knowledge, fingerprint, resolved_rows, rules

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from engagerr_core.store.derived import DerivedTable, Part
    from engagerr_core.store.lake import Lake
    from engagerr_core.store.partitions import Partition
    from engagerr_core.vocabulary.coefficients import CoefficientSet

TABLES = ("contents", "accounts", "platforms", "periods", "counters")
WITHDRAWN = "withdrawn"
PAUSE = 0.02
ATTEMPTS = 8  # another process may refresh at the same time; the slower one looks again
WORKERS = 2
BYTES_AT_ONCE = 8_000_000  # of parts that are read together; about 100 times as much in memory
COUNTED = "c"  # ends the origin of a part that was made from lifetime counters

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSummary(Result):
    """What a refresh made again.

    `parts` has one row a part: table, platform, month, rows, reason (new, observations, counters, publication days,
    coefficients, withdrawn). `unchanged` counts the parts that were left as they were.
    """

    parts: "pd.DataFrame"
    unchanged: int

    def __str__(self) -> str:
        made, rows = len(self.parts), int(self.parts["rows"].sum())
        if not made:
            return f"Nothing to refresh: all {self.unchanged} parts of the daily tables are up to date."
        return f"{made} parts of the daily tables were made again ({rows:,} rows), {self.unchanged} left as they were."


class DailyTables:
    """The derived daily tables of one lake, in a folder beside it.

    contents : what each post and (content empty) each account did on each day, as `analysis.daily.Built.reported`.
    accounts : `analysis.daily.account_days`. platforms : `analysis.daily.platform_days`.
    periods : platforms' own totals over several days. counters : state of lifetime counters at the end of each month.
    """

    def __init__(self, folder: Path) -> None:
        from engagerr_core.store.derived import DerivedTable

        self.folder = folder
        self._tables = {name: DerivedTable(folder / name, schema) for name, schema in _schemas().items()}

    def __getitem__(self, name: str) -> "DerivedTable":
        return self._tables[name]

    def clean(self) -> None:
        """Remove files that count no longer."""
        for table in self._tables.values():
            table.clean()


def _schemas() -> "dict[str, pa.Schema]":
    import pyarrow as pa

    from engagerr_core.analysis import daily
    from engagerr_core.analysis.normalize import STANDARD
    from engagerr_core.vocabulary.observation import METRICS, observation_schema

    text, day, count, number = pa.string(), pa.date32(), pa.int32(), pa.float64()
    stamps = {"made": pa.int8(), "observed_at": pa.timestamp("us", tz="UTC")}
    natives: dict[str, Any] = dict.fromkeys(METRICS, number)
    standard: dict[str, Any] = dict.fromkeys(STANDARD, number) | {f"{n}_estimated": pa.bool_() for n in STANDARD}
    account = {"creator": text, "account": text}
    post = account | {"content": text}
    over_accounts = (*daily.OVER_POSTS, *STANDARD)
    state = {f"{n}{suffix}": number for n in daily.COUNTERS for suffix in daily.STATE}
    whole = observation_schema()
    return {
        "contents": pa.schema(post | {"day": day} | stamps | {"currency": text} | natives),
        "accounts": pa.schema(
            account | {"day": day, "of_posts": pa.bool_(), "posts": count} | stamps | {"currency": text}
            | natives | standard
        ),
        "platforms": pa.schema(
            {"day": day, "accounts": count} | stamps | dict.fromkeys(daily.OVER_POSTS, number) | standard
            | {f"{n}_accounts": count for n in over_accounts}
        ),
        "periods": pa.schema([whole.field(n) for n in whole.names if n != "platform"]),
        "counters": pa.schema(post | {"first": day, "published": day} | state),
    }  # fmt: skip


def refresh(
    lake: "Lake",
    tables: DailyTables,
    look: "Callable[[], tuple[Knowledge, list[Partition]]]",
    coefficients: "CoefficientSet",
    progress: Progress | None = None,
) -> RefreshSummary:
    """Make every part again whose inputs changed, platform by platform; what is committed stays if it is interrupted.

    `look` says what both stores hold at one moment; it is asked again where another process was quicker. Raises
    `WorkspaceDamaged` where a store cannot be read or written, `WorkspaceBusy` where others go on being quicker.
    """
    from engagerr_core.store.derived import Overtaken

    for attempt in range(ATTEMPTS):
        time.sleep(PAUSE * attempt * (1 + os.getpid() % 7))  # so that two of them do not meet again
        with suppress(Overtaken):
            return _refresh(lake, tables, *look(), coefficients, progress)
    raise WorkspaceBusy(
        f"Other processes are refreshing {tables.folder} all the time. What was made is kept; refresh again when they "
        "are done."
    )


def _refresh(
    lake: "Lake",
    tables: DailyTables,
    known: Knowledge,
    there: "list[Partition]",
    coefficients: "CoefficientSet",
    progress: Progress | None,
) -> RefreshSummary:
    import pandas as pd

    lost = min(tables[name].look()[0] for name in TABLES) < 0
    for name in TABLES:
        tables[name].made()
    work = _Work(lake, tables, known, coefficients, progress)
    work.lost |= lost
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="engagerr-refresh") as pool:
        work.pool = pool
        try:
            for platform in sorted({p.platform for p in there} | work.platforms()):
                work.platform(platform, [p for p in there if p.platform == platform])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    tables.clean()
    made = pd.DataFrame(work.made, columns=["table", "platform", "month", "rows", "reason"])
    there_now = sum(len(work.parts[name]) for name in TABLES)
    return RefreshSummary(parts=made, unchanged=there_now - int((made["reason"] != WITHDRAWN).sum()))


def fresh_parts(
    lake: "Lake", tables: DailyTables, known: Knowledge, coefficients: "CoefficientSet"
) -> "dict[str, list[Part]] | None":
    """The parts of each table, where a refresh would find nothing to do for contents, accounts and periods."""
    from engagerr_core.store.partitions import partitions

    work = _Work(lake, tables, known, coefficients, None)
    there = partitions(lake)
    names = {p.platform for p in there}
    if work.platforms() - names:
        return None
    fresh = all(work.is_fresh(name, [p for p in there if p.platform == name]) for name in sorted(names))
    return work.parts if fresh else None


class _Work:
    """One look at what is there, and what is made again."""

    pool: ThreadPoolExecutor

    def __init__(
        self,
        lake: "Lake",
        tables: DailyTables,
        known: Knowledge,
        coefficients: "CoefficientSet",
        progress: Progress | None,
    ) -> None:
        self.lake, self.tables, self.known, self.coefficients = lake, tables, known, coefficients
        self.progress = progress
        looked = {name: tables[name].look() for name in TABLES}
        self.versions = {name: version for name, (version, _) in looked.items()}
        self.parts = {name: parts for name, (_, parts) in looked.items()}
        # Contents tell what is up to date; without one of the tables that were made with them, nothing is.
        self.lost = min(self.versions.values()) < 0
        self.made: list[tuple[str, str, str, int, str]] = []

    def platforms(self) -> set[str]:
        """The platforms that have parts."""
        return {part.platform for parts in self.parts.values() for part in parts}

    def is_fresh(self, platform: str, given: "list[Partition]") -> bool:
        months = _dated(given)
        contents = [] if self.lost else self._of("contents", platform)
        if {part.origin[:7] for part in contents} != {p.month for p in months}:
            return False
        states = {part.month: part for part in self._of("counters", platform)}
        inputs = {part.origin: part.inputs for part in contents}
        before: Part | None = None
        for p in months:
            if inputs.get(p.month) != self._named(p, before, states.get(p.month)):
                return False
            before = states.get(p.month, before)
        if self._republished(platform):
            return False
        accounts = {part.month: part.inputs for part in self._of("accounts", platform)}
        return accounts == {month: self._account_inputs(parts) for month, parts in _by_month(contents).items()}

    def platform(self, platform: str, given: "list[Partition]") -> None:
        """Bring one platform up to date, table by table."""
        self._contents(platform, _dated(given))
        self._accounts(platform)
        self._platforms(platform)

    # ---- days of posts and accounts ------------------------------------------------------------------------------

    def _contents(self, platform: str, months: "list[Partition]") -> None:
        old = self._of("contents", platform)
        inputs = {} if self.lost else {part.origin: part.inputs for part in old}
        states = {part.month: part for part in self._of("counters", platform)}
        republished = self._republished(platform)
        ahead = _Ahead(
            self.pool,
            [p for p in months if p.month in republished or not self._known_rows(p, inputs, states, months)],
            partial(_prepare, self.lake, self.known),
        )
        added: dict[str, list[Future[Part]]] = {name: [] for name in ("contents", "periods", "counters")}
        removed: dict[str, list[Part]] = {name: [] for name in added}
        before: Part | None = None
        for p in months:
            if inputs.get(p.month) == self._named(p, before, states.get(p.month)) and p.month not in republished:
                before = states.get(p.month, before)
                continue
            reason = "new" if p.month not in inputs else "observations"
            if p.month in republished:
                reason = "publication days"
            before = self._make(p, before, ahead.get(p), reason, added)
            removed["contents"] += [part for part in old if part.origin[:7] == p.month]
            for name in ("periods", "counters"):
                removed[name] += [part for part in self._of(name, platform) if part.month == p.month]
        there = {p.month for p in months}
        gone = {name: [part for part in self._of(name, platform) if part.origin[:7] not in there] for name in added}
        for name, rows in gone.items():
            removed[name] += rows
            self._note(name, WITHDRAWN, rows)
        for name in ("periods", "counters", "contents"):  # contents last: they tell what is up to date
            self._commit(name, platform, [f.result() for f in added[name]], removed[name])

    def _known_rows(
        self, p: "Partition", inputs: Mapping[str, str], states: "Mapping[str, Part]", months: "list[Partition]"
    ) -> bool:
        """Whether a partition's part is up to date as far as can be told before earlier months are made again."""
        earlier = [states[m.month] for m in months if m.month < p.month and m.month in states]
        return inputs.get(p.month) == self._named(p, earlier[-1] if earlier else None, states.get(p.month))

    def _make(
        self,
        p: "Partition",
        before: "Part | None",
        rows: "pa.Table",
        reason: str,
        added: "dict[str, list[Future[Part]]]",
    ) -> "Part | None":
        """Build one month and have its parts written. Returns the part with the counters' state after it."""
        from engagerr_core.analysis.daily import build_days, by_month

        if self.progress:
            self.progress(f"{p.platform} {p.month}")
        carry = None if before is None else self.tables["counters"].read([before])
        built = build_days(rows, self.known.published, carry)
        state = self._write_state(p, before, built.carry, reason, added)
        inputs = self._named(p, before, state)
        made = [("contents", p.month, p.month, built.reported)]
        made += [("contents", m, p.month + COUNTED, rows) for m, rows in by_month(built.counted)]
        if len(built.periods):
            made.append(("periods", p.month, p.month, built.periods))
        for table, month, origin, days in made:
            write = partial(self.tables[table].write, days, p.platform, month, origin, inputs)
            added[table].append(self.pool.submit(write))
            self.made.append((table, p.platform, month, len(days), reason))
        return state or before

    def _write_state(
        self,
        p: "Partition",
        before: "Part | None",
        state: "pa.Table",
        reason: str,
        added: "dict[str, list[Future[Part]]]",
    ) -> "Part | None":
        """The next month needs it at once, so it is not left to a thread."""
        if not len(state):
            return None
        part = self.tables["counters"].write(state, p.platform, p.month, p.month, self._inputs(p, before))
        written: Future[Part] = Future()
        written.set_result(part)
        added["counters"].append(written)
        self.made.append(("counters", p.platform, p.month, len(state), reason))
        return part

    def _inputs(self, p: "Partition", before: "Part | None") -> str:
        names = sorted(self.known.names.get(p.platform, {}).items())
        state = before.content if before else ""
        return fingerprint(rules(), p.files, names, sorted(self.known.superseded), state)

    def _named(self, p: "Partition", before: "Part | None", after: "Part | None") -> str:
        """Inputs of a month's days. The counters' state after it is among them, and with it the publication days used.

        So a process that was killed between the commits of the two tables leaves days that are not up to date.
        """
        return fingerprint(self._inputs(p, before), after.content if after else "")

    def _republished(self, platform: str) -> set[str]:
        """Months of the first snapshots of posts whose publication day is known otherwise than when they were made."""
        from engagerr_core.analysis.daily import republished

        states = self._of("counters", platform)
        if not states:
            return set()
        columns = ["creator", "account", "content", "first", "published"]
        return republished(self.tables["counters"].read(states[-1:], columns), self.known.published)

    # ---- accounts and platforms ----------------------------------------------------------------------------------

    def _accounts(self, platform: str) -> None:
        old = {part.month: part for part in self._of("accounts", platform)}
        contents = _by_month(self._of("contents", platform))
        inputs = {month: self._account_inputs(parts) for month, parts in contents.items()}
        stale = {m: parts for m, parts in contents.items() if m not in old or old[m].inputs != inputs[m]}

        def make(parts: "list[Part]") -> "pa.Table":
            from engagerr_core.analysis.daily import account_days, combined

            return account_days(combined(self.tables["contents"].read([part]) for part in parts), self.coefficients)

        self._remake("accounts", platform, stale, inputs, make, old, set(contents))

    def _account_inputs(self, parts: "list[Part]") -> str:
        return fingerprint(rules(), self.coefficients, *(part.content for part in parts))

    def _platforms(self, platform: str) -> None:
        """Sums over accounts; which of them speak for themselves is known from all months together."""
        from engagerr_core.analysis.daily import ACCOUNT, own_or_of_posts, platform_days

        parts = self._of("accounts", platform)
        own = _own_accounts(self.tables["accounts"].read(parts, [*(n for n in ACCOUNT if n != "platform"), "of_posts"]))
        told = fingerprint(*own.to_pylist())
        inputs = {part.month: fingerprint(rules(), part.content, told) for part in parts}
        old = {part.month: part for part in self._of("platforms", platform)}
        stale = {p.month: [p] for p in parts if p.month not in old or old[p.month].inputs != inputs[p.month]}

        def make(parts: "list[Part]") -> "pa.Table":
            return platform_days(own_or_of_posts(self.tables["accounts"].read(parts), own))

        self._remake("platforms", platform, stale, inputs, make, old, set(inputs))

    def _remake(
        self,
        name: str,
        platform: str,
        stale: "Mapping[str, list[Part]]",
        inputs: Mapping[str, str],
        make: "Callable[[list[Part]], pa.Table]",
        old: "Mapping[str, Part]",
        there: set[str],
    ) -> None:
        """Make the stale months of a table again, small ones together, and let go of those that have no inputs."""
        from engagerr_core.analysis.daily import by_month

        def job(months: list[str]) -> "list[tuple[Part, int]]":
            days = dict(by_month(make([part for month in months for part in stale[month]])))
            table = self.tables[name]
            empty = table.schema.empty_table()
            return [
                (table.write(days.get(m, empty), platform, m, m, inputs[m]), len(days.get(m, empty))) for m in months
            ]

        source = self.tables["contents" if name == "accounts" else "accounts"]
        jobs = [self.pool.submit(job, months) for months in _together(stale, source)]
        removed = [part for month, part in old.items() if month not in there]
        self._note(name, WITHDRAWN, removed)
        added = []
        for part, rows in (one for finished in jobs for one in finished.result()):
            reason = "new" if part.month not in old else "days or coefficients"
            self.made.append((name, platform, part.month, rows, reason))
            added.append(part)
            removed += [old[part.month]] if part.month in old else []
        self._commit(name, platform, added, removed)

    def _of(self, name: str, platform: str) -> "list[Part]":
        return [part for part in self.parts[name] if part.platform == platform]

    def _note(self, name: str, reason: str, parts: "Iterable[Part]") -> None:
        self.made += [(name, part.platform, part.month, 0, reason) for part in parts]

    def _commit(self, name: str, platform: str, added: "list[Part]", removed: "list[Part]") -> None:
        self.versions[name] = self.tables[name].replace(added, removed, self.versions[name])
        others = [part for part in self.parts[name] if part not in set(removed)]
        self.parts[name] = sorted({*others, *added})


def _own_accounts(accounts: "pa.Table") -> "pa.Table":
    """The accounts that have days of their own, in order."""
    import pyarrow.compute as pc

    names = ["creator", "platform", "account"]
    own = accounts.filter(pc.invert(accounts["of_posts"])).select(names)
    return own.group_by(names).aggregate([]).sort_by([(name, "ascending") for name in names])


def _dated(given: "Iterable[Partition]") -> "list[Partition]":
    from engagerr_core.store.parts import NO_MONTH

    return sorted(p for p in given if p.month != NO_MONTH)


def _by_month(parts: "Iterable[Part]") -> "dict[str, list[Part]]":
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.month, []).append(part)
    return found


def _together(stale: "Mapping[str, list[Part]]", table: "DerivedTable") -> list[list[str]]:
    """Months whose parts are small enough to be read together."""
    found: list[list[str]] = []
    size = BYTES_AT_ONCE
    for month, parts in sorted(stale.items()):
        mine = sum(table.size(part) for part in parts)
        if size + mine > BYTES_AT_ONCE:
            found.append([])
            size = 0
        found[-1].append(month)
        size += mine
    return found


def _prepare(lake: "Lake", known: Knowledge, p: "Partition") -> "pa.Table":
    return resolved_rows(lake, [p], known)


class _Ahead:
    """Rows of partitions, a few of which are read and resolved in threads before they are asked for."""

    def __init__(
        self, pool: ThreadPoolExecutor, jobs: "list[Partition]", prepare: "Callable[[Partition], pa.Table]"
    ) -> None:
        self.pool, self.jobs, self.prepare = pool, list(jobs), prepare
        self.waiting: dict[Partition, Future[pa.Table]] = {}

    def get(self, job: "Partition") -> "pa.Table":
        if job in self.jobs:
            self.jobs.remove(job)
        mine = self.waiting.pop(job, None) or self.pool.submit(self.prepare, job)
        while self.jobs and len(self.waiting) < WORKERS:
            one = self.jobs.pop(0)
            self.waiting[one] = self.pool.submit(self.prepare, one)
        return mine.result()
