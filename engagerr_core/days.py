"""Days: what questions ask of the daily tables, from the tables where they are up to date, else made in memory."""

from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import TYPE_CHECKING

from engagerr_core.errors import WorkspaceDamaged
from engagerr_core.pipeline import Knowledge, account_names, build
from engagerr_core.refresh import DailyTables, RefreshSummary, fresh_parts, refresh
from engagerr_core.stores import Stores
from engagerr_core.vocabulary.coefficients import CoefficientSet

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from engagerr_core.store.derived import Part
    from engagerr_core.store.partitions import Partition

REMEMBERED, REMEMBERED_BYTES = 8, 512_000_000  # answers kept for a dashboard, as long as the stores stay as they are
SUBJECT = ("creator", "platform", "account", "content")


class Days:
    """The days of one workspace's posts and accounts.

    `tables` are the daily tables beside the lake. Whether they are up to date or not, the answers are the same; only
    the time differs.
    """

    def __init__(self, stores: Stores) -> None:
        self.stores, self.lake, self.catalogue = stores, stores.lake, stores.catalogue
        self.tables = DailyTables(self.lake.folder.parent / "daily")
        self._answers: dict[Hashable, pd.DataFrame] = {}
        self._last_built: tuple[Hashable, pa.Table, pa.Table] | None = None
        self._fresh: tuple[Hashable, dict[str, list[Part]] | None] | None = None

    def accounts(
        self, coefficients: CoefficientSet, creator: str | None = None, as_of: datetime | None = None
    ) -> "pd.DataFrame":
        """One row an account and day, with the standard metrics: see `analysis.daily.account_days`.

        Accounts without days of their own are the sums of their posts. `day` is datetime64, what is unknown is NaN.
        """
        from engagerr_core.analysis.daily import ACCOUNT, account_days, in_order, own_or_of_posts

        def made() -> "pa.Table":
            if (parts := self._parts(coefficients, as_of)) is not None:
                rows = self._read("accounts", parts, creator)
            else:
                rows = account_days(self._built(creator, as_of)[0], coefficients)
            return in_order(own_or_of_posts(rows), (*ACCOUNT, "day"))

        return self._remembered(("accounts", coefficients, creator, as_of), made)

    def contents(
        self,
        coefficients: CoefficientSet,
        creator: str | None = None,
        start: date | None = None,
        end: date | None = None,
        as_of: datetime | None = None,
    ) -> "pd.DataFrame":
        """One row a post and day with native metrics: see `analysis.daily.Built.reported`."""
        import pyarrow.compute as pc

        from engagerr_core.analysis.daily import combined

        def made() -> "pa.Table":
            if (parts := self._parts(coefficients, as_of)) is not None:
                rows = combined(self._months(parts["contents"], creator, start, end))
            else:
                rows = self._built(creator, as_of)[0]
            inside = pc.not_equal(rows["content"], "")
            for day, holds in ((start, pc.greater_equal), (end, pc.less_equal)):
                if day is not None:
                    inside = pc.and_(inside, holds(rows["day"], day))
            return rows.filter(inside)

        return self._remembered(("contents", creator, start, end, as_of), made)

    def periods(
        self, coefficients: CoefficientSet, creator: str | None = None, as_of: datetime | None = None
    ) -> "pd.DataFrame":
        """What platforms totalled themselves for accounts over several days: observation rows."""

        from engagerr_core.analysis.daily import ACCOUNT, in_order

        def made() -> "pa.Table":
            if (parts := self._parts(coefficients, as_of)) is not None:
                rows = self._read("periods", parts, creator)
            else:
                rows = self._built(creator, as_of)[1]
            return in_order(rows, (*ACCOUNT, "period_start", "period_end"))

        return self._remembered(("periods", creator, as_of), made)

    def refresh(self, coefficients: CoefficientSet, progress: Callable[[str], None] | None = None) -> RefreshSummary:
        """Bring the tables up to date; see `engagerr_core.refresh.refresh`."""
        from engagerr_core.store.partitions import partitions

        def look() -> "tuple[Knowledge, list[Partition]]":
            return self.stores.settled(lambda: (self.knowledge(), partitions(self.lake)))

        found = refresh(self.lake, self.tables, look, coefficients, progress)
        self._fresh = None
        self._note(coefficients)
        return found

    def _note(self, coefficients: CoefficientSet) -> None:
        """Enter into the audit log with which coefficient set the tables were made, where it is another one."""
        from hashlib import sha256

        from engagerr_core.store import audit

        terms = sha256(repr(coefficients.terms).encode()).hexdigest()[:12]
        with self.catalogue.writing() as connection:
            audit.enter_change(connection, "coefficients changed", f"{coefficients.label}, terms {terms}")

    def fresh_parts(self, coefficients: CoefficientSet) -> "dict[str, list[Part]] | None":
        """The parts of the tables, where these say what the stores say now; else None."""
        state = (*self.stores.state(), coefficients)
        if self._fresh is None or self._fresh[0] != state or self._fresh[1] is None:
            self._fresh = state, fresh_parts(self.lake, self.tables, self.knowledge(), coefficients)
        return self._fresh[1]

    def folded(self, creator: str | None = None, as_of: datetime | None = None) -> dict[str, str]:
        """Made-up accounts and those that they stand for."""
        return {name: real for one in self.knowledge(creator, as_of).names.values() for name, real in one.items()}

    def knowledge(self, creator: str | None = None, as_of: datetime | None = None) -> Knowledge:
        """What the catalogue adds to the lake's rows, as known at an instant; None = now."""
        from engagerr_core.store.contents import known_contents
        from engagerr_core.store.records import known_accounts, superseded

        contents = known_contents(self.catalogue, creator, None, as_of)
        with self.catalogue.reading() as connection:
            gone = superseded(connection, as_of)
            accounts = known_accounts(connection, as_of)
        names = account_names(accounts)
        folded = {name: real for one in names.values() for name, real in one.items()}
        published = contents[[*SUBJECT, "published_on"]]
        published = published.assign(account=published["account"].replace(folded)) if folded else published
        return Knowledge(names=names, published=published, superseded=gone, as_of=as_of, creator=creator)

    def _parts(self, coefficients: CoefficientSet, as_of: datetime | None) -> "dict[str, list[Part]] | None":
        return None if as_of is not None else self.fresh_parts(coefficients)

    def _read(self, name: str, parts: "dict[str, list[Part]]", creator: str | None) -> "pa.Table":
        import pyarrow.dataset as ds

        wanted = None if creator is None else ds.field("creator") == creator
        return self.tables[name].read(parts[name], wanted=wanted)

    def _months(
        self, parts: "list[Part]", creator: str | None, start: date | None, end: date | None
    ) -> "list[pa.Table]":
        import pyarrow.dataset as ds

        from engagerr_core.store.parts import month_of

        first, last = start and month_of(start), end and month_of(end)
        wanted = None if creator is None else ds.field("creator") == creator
        inside = [p for p in parts if (not first or p.month >= first) and (not last or p.month <= last)]
        return [self.tables["contents"].read([part], wanted=wanted) for part in inside]

    def _built(self, creator: str | None, as_of: datetime | None) -> "tuple[pa.Table, pa.Table]":
        """Days of accounts and posts, and the accounts' own totals, made in memory; the last ones are kept."""
        import pyarrow as pa

        from engagerr_core.analysis.daily import combined
        from engagerr_core.store.partitions import partitions

        key = (*self.stores.state(), creator, as_of)
        if self._last_built is None or self._last_built[0] != key:
            built = list(build(self.lake, partitions(self.lake), self.knowledge(creator, as_of)))
            days = combined(table for one in built for table in (one.reported, one.counted))
            empty = self.tables["periods"].schema.empty_table()
            periods = pa.concat_tables([empty, *(one.periods for one in built)], promote_options="default")
            self._last_built = key, days, periods
        return self._last_built[1:]

    def _remembered(self, question: tuple[Hashable, ...], make: "Callable[[], pa.Table]") -> "pd.DataFrame":
        from engagerr_core.analysis.daily import as_frame

        key = (*self.stores.state(), *question)
        if key not in self._answers:
            try:
                table = self.stores.settled(make)
            except WorkspaceDamaged:  # parts that were looked at an hour ago may have been replaced since
                self._fresh = None
                table = self.stores.settled(make)
            frame = as_frame(table)
            if table.nbytes > REMEMBERED_BYTES:
                return frame
            self._answers = dict([*self._answers.items(), (key, frame)][-REMEMBERED:])
        return self._answers[key].copy(deep=False)
