"""A workspace: a folder with its lake, its catalogue and its settings."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engagerr_core import planner, questions
from engagerr_core.arguments import checked_columns, checked_day, checked_period, last_instant
from engagerr_core.errors import InvalidArgument, WorkspaceMissing
from engagerr_core.layout import LAKE, catalogue_address, make_folders
from engagerr_core.questions import FIGURE_METRICS
from engagerr_core.registers import Registers
from engagerr_core.upkeep import Upkeep
from engagerr_core.vocabulary.coefficients import CoefficientSet, load_coefficient_set
from engagerr_core.vocabulary.observation import COLUMNS, SPAN, SPLIT, SUBJECT, WHEN, WHERE
from engagerr_core.vocabulary.platforms import platform as known_platform

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from engagerr_core.analysis.audience import ReachEstimate
    from engagerr_core.analysis.lineage import Lineage
    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.predicate import Predicate
    from engagerr_core.analysis.quality.report import QualityReport
    from engagerr_core.analysis.trends import Trends
    from engagerr_core.context import Context
    from engagerr_core.ingest_summary import IngestSummary
    from engagerr_core.refresh import RefreshSummary
    from engagerr_core.settings import Settings
    from engagerr_core.sources.platforms import Platform
    from engagerr_core.sources.preview import Preview
    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.lake import Lake

# A dashboard asks the same again at every step: the last answers stay, as long as the lake has that version.
REMEMBERED, REMEMBERED_BYTES = 4, 256_000_000


class Workspace(Registers, Upkeep):
    """Everything known about some creators, in one folder.

    Open it with `Workspace.open`; use it as a context manager or `close` it. Attributes: `path`, `settings`, `lake`,
    `catalogue`, `stores` (the two as one), `days` (the daily tables).
    """

    def __init__(self, path: Path, settings: "Settings", lake: "Lake", catalogue: "Catalogue") -> None:
        from engagerr_core.days import Days
        from engagerr_core.stores import Stores

        self.path, self.settings, self.lake, self.catalogue = path, settings, lake, catalogue
        self.stores = Stores(lake, catalogue)
        self.days = Days(self.stores)
        self._answers: dict[tuple[object, ...], pa.Table] = {}

    @classmethod
    def open(cls, path: str | Path = "", create: bool = False) -> "Workspace":
        """Open the workspace in a folder.

        Parameters
        ----------
        path : the folder; empty = the variable ENGAGERR_WORKSPACE, else data/workspace, else data/demo.
        create : make what is missing: the folder, the settings file, an empty lake and catalogue. A catalogue that was
            lost is rebuilt from the lake.

        Raises
        ------
        WorkspaceMissing
            There is none, and `create` is False.
        WorkspaceDamaged
            A store cannot be read; the message names it.
        WorkspaceBusy
            Another process is writing, and did not finish within the setting `lock_timeout`.
        """
        from engagerr_core.settings import FILE, load_settings, usual_folder
        from engagerr_core.store.catalogue import Catalogue
        from engagerr_core.store.lake import Lake
        from engagerr_core.store.reconcile import reconcile

        folder = Path(path or usual_folder()).absolute()
        if create:
            make_folders(folder)
        elif not (folder / FILE).is_file():
            raise WorkspaceMissing(
                f"There is no workspace at {folder}. "
                f"Make one with `engagerr init {path}` or Workspace.open(…, create=True)."
            )
        settings = load_settings(folder)
        lake = Lake.create(folder / LAKE) if create else Lake(folder / LAKE)
        catalogue = Catalogue(settings.catalogue or catalogue_address(folder), settings.lock_timeout)
        try:
            catalogue.prepare(create)
            reconcile(catalogue, lake)
        except BaseException:
            catalogue.close()
            raise
        return cls(folder, settings, lake, catalogue)

    def ingest(
        self,
        paths: str | Path | Sequence[str | Path],
        creator: str | None = None,
        account: str | None = None,
        platform: str | None = None,
        period: tuple[date | str, date | str] | None = None,
        exported_on: date | datetime | str | None = None,
        progress: Callable[[str], None] | None = None,
        known_at: datetime | None = None,
    ) -> "IngestSummary":
        """Read exported files and store what they say. The same file twice changes nothing, unless more is said of it.

        Parameters
        ----------
        paths : files, folders and archives.
        creator : whose they are; None = who owns the account, else the name of the folder around the files.
        account : the account, for files that do not name theirs; None = creator/platform.
        platform : for files that do not tell theirs, such as a result card from Meta.
        period : first and last day, for tables that do not tell theirs; days may be written as ``2026-03-31``.
        exported_on : day or instant of the export, where the files do not tell.
        progress : called with the path of each table when it has been read.
        known_at : the instant of ingestion, with a zone; None = now. For refilling an old store.

        Returns
        -------
        What became of each table. Refused tables and rows are named there and in `quarantine`; the rest is stored.
        """
        from engagerr_core import __version__
        from engagerr_core.ingest import Owner, ingest
        from engagerr_core.ingest_summary import recall
        from engagerr_core.sources import read
        from engagerr_core.sources.mappings import fingerprint

        if platform is not None:
            known_platform(platform)
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        if isinstance(exported_on, str):
            exported_on = checked_day("exported_on", exported_on)
        span = None if period is None else checked_period(period)
        known = recall(self.catalogue, creator, account, __version__, fingerprint(self.path / "mappings"))
        readings = read(
            listed, platform=platform, period=span, exported_on=exported_on, mappings=self.mappings, recall=known
        )
        owner = Owner(creator=creator, account=account)
        return ingest(self.lake, self.catalogue, readings, owner=owner, known_at=known_at, progress=progress)

    def refresh(self, progress: Callable[[str], None] | None = None) -> "RefreshSummary":
        """Bring the daily tables up to date; only what changed is made again.

        Questions give the same answers without it, but take longer: they make the days that they need in memory.
        `progress` is called with the platform and month that is being made. Interrupted, it goes on where it was.
        """
        return self.days.refresh(self.coefficients, progress)

    def preview(
        self,
        paths: str | Path | Sequence[str | Path],
        platform: str | None = None,
        period: tuple[date | str, date | str] | None = None,
        exported_on: date | datetime | str | None = None,
        mapping: str | Path | None = None,
    ) -> "Preview":
        """How files would be read, table by table; nothing is stored. Print it, or look at it in a notebook.

        `mapping` is a mapping's file to try, besides those in the folder ``mappings``; the others as in `ingest`.
        """
        from engagerr_core.sources import read
        from engagerr_core.sources.mappings import load_mapping
        from engagerr_core.sources.preview import Preview

        span = None if period is None else checked_period(period)
        day = checked_day("exported_on", exported_on) if isinstance(exported_on, str) else exported_on
        mine = (*((load_mapping(Path(mapping)),) if mapping else ()), *self.mappings)
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        return Preview.of(read(listed, platform=platform, period=span, exported_on=day, mappings=mine))

    def draft_mapping(self, path: str | Path, name: str, platform: str) -> str:
        """A first draft of a mapping for a table that is not recognised: TOML text for the folder ``mappings``.

        Columns are matched by their headers alone; what is unclear is left out as "not decided".
        """
        from engagerr_core.sources.mappings.drafting import drafted_mapping

        return drafted_mapping(Path(path), name, known_platform(platform).name, self.mappings)

    @property
    def mappings(self) -> "tuple[Platform, ...]":
        """The analyst's mappings, as their files say now. Raises `InvalidArgument` for a mistake."""
        from engagerr_core.sources.mappings import load_mappings

        return load_mappings(self.path / "mappings")

    def observations(
        self,
        resolved: bool = True,
        as_of: date | datetime | str | None = None,
        creator: str | None = None,
        platform: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        columns: Sequence[str] | None = None,
    ) -> "pd.DataFrame":
        """Stored figures in the canonical columns.

        Parameters
        ----------
        resolved : one row per subject, dimension, basis and period with the latest known values; False = every stored
            row.
        as_of : as known at an instant with a zone, or at the end of a day in the workspace's time zone.
        creator, platform : only these.
        start, end : keep flows that lie wholly inside, and stocks and cohorts observed inside; a flow of unknown period
            lies inside nothing. None = no limit.
        columns : which of `vocabulary.observation.COLUMNS`, in that order; None = all.

        Returns
        -------
        Sorted by subject, dimension, basis, period and day. Days are datetime64[us], instants datetime64[us, UTC],
        `cohort_days` Int32, metrics float64 with NaN = unknown.

        Raises
        ------
        UnknownName
            A column, platform or creator that nobody defined.
        """
        from engagerr_core.store.conform import as_frame

        return as_frame(self.observation_table(resolved, as_of, creator, platform, start, end, columns))

    def observation_table(
        self,
        resolved: bool = True,
        as_of: date | datetime | str | None = None,
        creator: str | None = None,
        platform: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        columns: Sequence[str] | None = None,
    ) -> "pa.Table":
        """The same as `observations`, as an Arrow table."""
        from engagerr_core.store.resolve import MONEY, in_order, resolve

        wanted = checked_columns(columns)
        if platform is not None:
            known_platform(platform)
        self.require_creator(creator)
        keys = {*SUBJECT, *SPLIT, *SPAN, *WHEN, *WHERE}
        money = {*MONEY, "currency"} if {*MONEY, "currency"} & set(wanted) else set()
        read = [name for name in COLUMNS if name in keys | money or name in wanted]
        first, last = checked_day("start", start), checked_day("end", end)
        if first and last and first > last:
            raise InvalidArgument(f"start {first} lies after end {last}. Turn them round.")
        known_by = last_instant(as_of, self.settings.time_zone)
        question = (*self.stores.state(), resolved, known_by, creator, platform, first, last, *wanted)
        if question not in self._answers:
            span = {"creator": creator, "platform": platform, "start": first, "end": last, "as_of": known_by}
            table = self.stores.settled(
                lambda: self.lake.read(read, without=self.stores.superseded(known_by), **span)  # type: ignore[arg-type]
            )
            answer = (resolve(table) if resolved else in_order(table)).select(wanted)
            if answer.nbytes > REMEMBERED_BYTES:
                return answer
            self._answers = dict([*self._answers.items(), (question, answer)][-REMEMBERED:])
        return self._answers[question]

    def contents(
        self, creator: str | None = None, platform: str | None = None, as_of: date | datetime | str | None = None
    ) -> "pd.DataFrame":
        """The latest that is known of each post: the columns of `vocabulary.content`, one row a post.

        Beside them the labels of `vocabulary.context`, each with its origin: from the export, else from the table
        ``context/metadata.csv`` (or ``.toml``), else from rules (``context/rules.toml``, then the shipped ones).
        """
        from engagerr_core.analysis.labels import labelled
        from engagerr_core.store.contents import known_contents

        self.require_creator(creator)
        if platform is not None:
            platform = known_platform(platform).name
        known = self.context
        records = known_contents(self.catalogue, creator, platform, self.known_by(as_of))
        return labelled(records, known.metadata, known.rules)

    def events(
        self, creator: str | None = None, start: date | str | None = None, end: date | str | None = None
    ) -> "pd.DataFrame":
        """What happened to accounts: the analyst's events (``context/events.csv`` or ``.toml``) and definition changes.

        Columns of `vocabulary.context.EVENT_COLUMNS`, in order of their first day; an empty creator, platform or
        account means all. `start` and `end` keep what overlaps these days.
        """
        from engagerr_core.analysis.events import events_of

        self.require_creator(creator)
        accounts = self.accounts()
        mine = accounts if creator is None else accounts[accounts["creator"] == creator]
        first, last = checked_day("start", start), checked_day("end", end)
        names = sorted(set(mine["platform"]))
        return events_of(self.context.events, names, creator=creator, start=first, end=last)

    @property
    def context(self) -> "Context":
        """The analyst's labels, rules and events, as their files say now. Raises `InvalidArgument` for a mistake."""
        from engagerr_core.context import load_context

        return load_context(self.path / "context")

    def metrics(
        self,
        by: Sequence[str] = (),
        metrics: Sequence[str] = FIGURE_METRICS,
        start: date | str | None = None,
        end: date | str | None = None,
        freq: str | None = None,
        creator: str | None = None,
        basis: str | None = None,
        as_of: date | datetime | str | None = None,
        window: str | None = None,
        compare: str | None = None,
    ) -> "pd.DataFrame":
        """Figures, each with its interval, basis, origin, definition and coefficient set.

        Parameters
        ----------
        by : keys among creator, platform, account, content, format, or one dimension such as country.
        metrics : names from the metrics table (`docs/metrics.md`).
        start, end : the period, both days included; None = all.
        freq : D, W (ISO week), M, or None for the whole period.
        creator : only this one.
        basis : flow (during the period) or stock (items published in the period, lifetime to the export day). None =
            stock where `by` names content or format, else flow.
        as_of : as known at an instant, or at the end of a day.
        window : instead of `start` and `end`: 24h (the last final day), 7d, 30d, 90d, 12m, ytd or all.
        compare : previous (what lies before) or year (the same a year earlier): adds compared_value, change (relative,
            like for like where a definition changed; NaN where it would mislead) and change_note.

        Returns
        -------
        Long frame: keys, period, metric, value, low, high, basis, origin, definition, coefficient_set, coverage. See
        `analysis.figures.figures` and `analysis.windows.with_comparison`. Any row can be given to `explain`.

        Raises
        ------
        NotAdditive
            When it would add up what does not add, such as reach; the message names what to ask instead.
        """
        return planner.metrics(
            self, by, metrics, start=start, end=end, freq=freq, creator=creator, basis=basis, as_of=as_of,
            window=window, compare=compare,
        )  # fmt: skip

    def explain(self, figure: "pd.Series | pd.DataFrame | Predicate | str", metric: str | None = None) -> "Lineage":
        """Where a figure comes from: rows, files, definitions, coefficients; see `engagerr_core.explain.explain`.

        `figure` is a row of `metrics` or of an overview's table, or the text that a report prints below a figure.
        """
        from engagerr_core.explain import explain

        return explain(self, figure, metric)

    def sql(
        self,
        query: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        creator: str | None = None,
    ) -> "pd.DataFrame":
        """Ask both stores in SQL, read-only; see `engagerr_core.sql.ask.sql` and `docs/sql.md`."""
        from engagerr_core.sql.ask import sql

        return sql(self, query, parameters, creator)

    def overview(
        self,
        creator: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        platforms: Sequence[str] | None = None,
        as_of: date | datetime | str | None = None,
    ) -> "Overview":
        """The first screen of one creator: five sentences, key figures, days, platforms, posts, reach, findings.

        Without a period it is the latest 28 days that all platforms have reported finally. `creator` may be left out
        where the workspace holds one only; `platforms` narrows it to some.
        """
        return questions.overview(self, creator, start, end, platforms, as_of)

    def reach(
        self,
        creator: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        as_of: date | datetime | str | None = None,
    ) -> "ReachEstimate":
        """How many different people one creator reached in a period: bounds that always hold."""
        return questions.overview(self, creator, start, end, None, as_of).reach

    def trends(
        self,
        creator: str | None = None,
        metric: str = "standard_views",
        platforms: Sequence[str] | None = None,
        as_of: date | datetime | str | None = None,
        horizon: int = 28,
        end: date | str | None = None,
    ) -> "Trends":
        """Directions, seasons, changes of level, days that stand out and what carried them, and a forecast.

        Of one creator's days of a metric that adds up, by platform and for all together, to the day `end` or the last
        known one: see `analysis.trends.Trends`.
        """
        return questions.trends(self, creator, metric, platforms, as_of, horizon, end)

    def reconciliation(self, creator: str | None = None, as_of: date | datetime | str | None = None) -> "pd.DataFrame":
        """What parts add up to beside the platforms' own totals, with the difference and its reason."""
        return questions.reconciliation(self, creator, as_of)

    def delays(self, creator: str | None = None) -> "pd.DataFrame":
        """How late platforms report, estimated from the days they restated; see `analysis.delays.reporting_delays`."""
        return questions.delays(self, self.require_creator(creator))

    def restatements(self, creator: str | None = None) -> "pd.DataFrame":
        """Days whose figures changed after they were final; see `analysis.delays.restatements`."""
        return questions.restatements(self, self.require_creator(creator))

    def quality(self, creator: str | None = None, as_of: date | datetime | str | None = None) -> "QualityReport":
        """What to mind in the data of one creator, or of everybody: four stages of validation, freshness, totals."""
        return questions.quality(self, self.require_creator(creator), as_of)

    def freshness(self, creator: str | None = None, as_of: date | datetime | str | None = None) -> "pd.DataFrame":
        """How far each account's days reach; see `analysis.freshness.freshness`."""
        return questions.freshness(self, self.require_creator(creator), as_of)

    def audience(
        self, creator: str | None = None, latest: bool = True, as_of: date | datetime | str | None = None
    ) -> "pd.DataFrame":
        """Audience snapshots by age, gender, country and the like, from demographic tables.

        `latest` keeps the newest of each account, population and dimension; False gives all. See
        `analysis.demographics.audience_snapshots`.
        """
        return questions.audience(self, self.require_creator(creator), latest=latest, as_of=as_of)

    @property
    def version(self) -> str:
        """Of the data: two states of a workspace with equal versions hold the same observations and context."""
        from engagerr_core.context import context_version

        added = context_version(self.path / "context")
        return f"lake {self.lake.version}" + (f", context {added}" if added else "")

    @property
    def coefficients(self) -> CoefficientSet:
        """The coefficient set that the settings name: the workspace's own, else the shipped one."""
        return load_coefficient_set(self.settings.coefficient_set, self.path / "coefficients")

    def close(self) -> None:
        """Let go of the catalogue. The workspace can be opened again at any time."""
        self.catalogue.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workspace {self.path}, {self.version}>"

    def known_by(self, as_of: date | datetime | str | None) -> datetime | None:
        """The last instant that counts as known: the one given, or the end of the day given in the workspace's zone."""
        return last_instant(as_of, self.settings.time_zone)
