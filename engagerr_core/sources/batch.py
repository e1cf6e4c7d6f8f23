"""A batch of files to readings: each table recognised, given what lies beside it, and read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from engagerr_core.errors import EngagerrError, UnknownFormat
from engagerr_core.sources.dates import days_in_name
from engagerr_core.sources.detection import Match, detect
from engagerr_core.sources.draft import Known
from engagerr_core.sources.files import FoundFile, is_workbook, walk
from engagerr_core.sources.interpretation import as_instant, failed, interpret
from engagerr_core.sources.limits import Limits
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.reading import Reading
from engagerr_core.sources.recall import Recall
from engagerr_core.sources.sheets import OLE_MAGIC, read_sheets
from engagerr_core.sources.tables import Table, read_delimited

_COPY = re.compile(r"\((\d{1,3})\)\.\w+$")
UNNAMED = "meta"  # the platform of tables that do not say whether they are Instagram's or Facebook's


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recognised:
    """A table recognised, with what its reading needs."""

    found: FoundFile
    table: Table
    match: Match
    known: Known
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strange:
    """A table that nobody recognises by itself, and why."""

    found: FoundFile
    table: Table
    known: Known
    sha: str
    problem: str


def readings(
    paths: list[Path],
    *,
    readers: Sequence[Platform],
    platform: str | None,
    account: str | None,
    period: tuple[date, date] | None,
    exported_on: date | datetime | None,
    limits: Limits,
    recall: Recall | None = None,
) -> Iterator[Reading]:
    """Read every table; see `engagerr_core.sources.read`."""
    for group in walk(paths, limits):
        folder = recall.fingerprint(group, platform, account, period, exported_on) if recall else ""
        known = recall.tables(folder) if recall else None
        if known is not None:
            yield from known
            continue
        found = _readings(group, readers, platform, account, period, exported_on, limits)
        yield from (replace(one, folder=folder) for one in found) if recall else found


def _readings(
    group: list[FoundFile],
    readers: Sequence[Platform],
    platform: str | None,
    account: str | None,
    period: tuple[date, date] | None,
    exported_on: date | datetime | None,
    limits: Limits,
) -> Iterator[Reading]:
    """Read the tables that lie beside one another."""
    waiting: list[_Recognised] = []
    strange: list[_Strange] = []
    beside = _Beside()
    for found in group:
        for one in _recognise(found, readers, platform, limits):
            if isinstance(one, Reading):
                yield one
            elif isinstance(one, _Strange):
                strange.append(one)
            else:
                one = replace(one, known=_known(one, account, exported_on))
                beside.platforms.add(one.match.kind.platform)
                if _needs_others(one.match):
                    waiting.append(one)
                    beside.copies.add(_copy(found.names[0]))
                else:
                    yield beside.learned(one, _read(one, beside, period, exported_on))
    for unknown in strange:
        told = beside.recognise(unknown, readers)
        if isinstance(told, Reading):
            yield told
            continue
        told = replace(told, known=_known(told, account, exported_on))
        yield beside.learned(told, _read(told, beside, period, exported_on))
    for one in waiting:
        told_one = beside.tell_platform(one) if platform is None else one
        yield _read(told_one, beside, period, exported_on)


def _needs_others(match: Match) -> bool:
    """Whether a table leaves out what the tables beside it may tell: its period, its platform or its account."""
    told_elsewhere = any("account" in kind.requires for kind in match.platform.shape.kinds)
    return match.kind.period == "chosen" or (told_elsewhere and "account" not in match.kind.requires)


@dataclass(kw_only=True)
class _Beside:
    """What the tables of one folder or archive tell about one another."""

    spans: dict[str, dict[tuple[date, date], str]] = field(default_factory=dict)  # reader → period → file that tells it
    accounts: dict[str, set[str]] = field(default_factory=dict)  # platform → accounts told
    platforms: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)  # of the tables that wait: see `_copy`

    def learned(self, one: _Recognised, reading: Reading) -> Reading:
        """The same reading; what it told is remembered."""
        name = one.found.names[0]
        if reading.period and one.match.kind.period == "day":
            self.spans.setdefault(one.match.platform.shape.name, {}).setdefault(reading.period, name)
        if reading.account:
            self.accounts.setdefault(reading.platform, set()).add(reading.account)
        return reading

    def recognise(self, strange: _Strange, readers: Sequence[Platform]) -> _Recognised | Reading:
        """A table whose headers anybody might write, as one of the only platform beside it; else its refusal."""
        refused = failed(strange.known.path, strange.sha, strange.problem)
        platforms = self.platforms - {UNNAMED}
        if len(platforms) != 1:
            return refused
        (platform,) = platforms
        try:
            match = detect(strange.table.rows, readers, platform=platform)
        except EngagerrError:
            return refused
        one = _Recognised(found=strange.found, table=strange.table, match=match, known=strange.known, sha=strange.sha)
        return _noting(one, f"Its headers do not tell its platform; the files beside it are {platform}’s.")

    def tell_platform(self, one: _Recognised) -> _Recognised:
        """Of a table that does not name its platform: the one platform of its maker beside it."""
        if one.match.kind.platform != UNNAMED:
            return one
        makers = {kind.platform for kind in one.match.platform.shape.kinds} - {UNNAMED}
        named = sorted(makers & self.platforms)
        if len(named) != 1:
            return _noting(one, "It does not name its platform: say which with --platform instagram or facebook.")
        match = detect(one.table.rows, [one.match.platform], platform=named[0])
        return _noting(
            replace(one, match=match), f"It does not name its platform; the files beside it are {named[0]}'s."
        )

    def tell_account(self, one: _Recognised) -> _Recognised:
        """Of a table that names no account: the only one named beside it."""
        told = self.accounts.get(one.match.kind.platform, set())
        if one.known.account or len(told) != 1:
            return one
        return replace(one, known=replace(one.known, account=next(iter(told))))

    def tell_period(self, one: _Recognised, period: tuple[date, date] | None) -> _Recognised:
        """Of a table whose period was chosen in the platform: said by the caller, told beside it, or in a name."""
        if period is not None:
            return _of_period(one, period, "caller")
        told = self.spans.get(one.match.platform.shape.name, {})
        if len(told) > 1 and set(map(_copy, told.values())) <= self.copies:
            told = {span: name for span, name in told.items() if _copy(name) == _copy(one.found.names[0])}
        if len(told) == 1:
            ((span, name),) = told.items()
            return _of_period(one, span, name)
        for name in one.found.names:
            days = days_in_name(name)
            if len(days) == 2 and days[0] <= days[1]:
                return _of_period(one, (days[0], days[1]), f"the name {name}")
        if self.spans.get(one.match.platform.shape.name):
            return _noting(one, "The files beside it tell different periods: keep each export in a folder of its own.")
        return one


def _of_period(one: _Recognised, period: tuple[date, date], told_by: str) -> _Recognised:
    return replace(one, known=replace(one.known, period=period, period_from=told_by))


def _copy(name: str) -> str:
    """The number that a second download gets: ``1`` of ``Totals (1).csv``; empty of the first.

    Equal numbers make pairs only where every number has its table: else one may have been deleted, and another renamed.
    """
    told = _COPY.search(name)
    return told[1] if told else ""


def _noting(one: _Recognised, note: str) -> _Recognised:
    return replace(one, table=replace(one.table, warnings=(*one.table.warnings, note)))


def _recognise(
    found: FoundFile, readers: Sequence[Platform], platform: str | None, limits: Limits
) -> Iterator[Reading | _Recognised | _Strange]:
    """The tables of one file, each recognised or not."""
    if found.failure:
        yield failed(found.path, "", found.failure)
        return
    sha = sha256(found.data).hexdigest()
    path = found.path
    try:
        for table in _tables(found.data, readers, limits):
            path = f"{found.path} › {table.sheet}" if table.sheet else found.path
            known = Known(path=path)
            file = sha256(f"{sha} {table.sheet}".encode()).hexdigest() if table.sheet else sha
            try:
                match = detect(table.rows, readers, platform=_named(table, platform))
            except UnknownFormat as problem:
                yield _Strange(found=found, table=table, known=known, sha=file, problem=str(problem))
            else:
                yield _Recognised(found=found, table=table, match=match, known=known, sha=file)
    except EngagerrError as problem:
        yield failed(path, sha, str(problem))


def _named(table: Table, platform: str | None) -> str | None:
    """The platform that the caller or the table names."""
    if platform and table.platform and platform != table.platform:
        raise UnknownFormat(f"Its title says {table.platform}: leave --platform {platform} away.")
    return platform or table.platform or None


def _tables(data: bytes, readers: Sequence[Platform], limits: Limits) -> Iterator[Table]:
    if data.startswith(OLE_MAGIC) or is_workbook(data):
        tables: Iterable[Table] = read_sheets(data, limits)
    else:
        tables = [read_delimited(data, limits)]
    for table in tables:
        yield from _cut(table, readers)


def _cut(table: Table, readers: Sequence[Platform]) -> list[Table]:
    """The tables in a table: who recognises it cuts it; one that nobody recognises is shown to all in turn.

    Of a long one they see the head first, which tells whether there is anything to cut.
    """
    head = table.head
    with suppress(UnknownFormat):
        readers = [detect(head.rows, readers).platform]
    for reader in readers:
        if reader.split is not None and (found := reader.split(head)):
            return found if head is table else reader.split(table)
    return [table]


def _known(one: _Recognised, account: str | None, exported_on: date | datetime | None) -> Known:
    """What lies outside the table. A day in a name dates its own file; a day that is said dates the whole batch."""
    told = next((days[0] for name in one.found.names if len(days := days_in_name(name)) == 1), None)
    said = exported_on.date() if isinstance(exported_on, datetime) else exported_on
    earlier = told is not None and (said is None or told < said)
    return replace(one.known, account=account or "", exported_on=told if earlier else exported_on)


def _read(
    one: _Recognised, beside: _Beside, period: tuple[date, date] | None, exported_on: date | datetime | None
) -> Reading:
    one = beside.tell_account(one)
    if one.match.kind.period == "chosen":
        one = beside.tell_period(one, period)
    try:
        reading = interpret(one.table, one.match.header, one.match.kind, one.match.platform, one.known, one.sha)
    except EngagerrError as problem:
        return replace(failed(one.known.path, one.sha, str(problem)), platform=one.match.kind.platform)
    if exported_on is None or one.known.exported_on != exported_on:
        return reading
    instant = as_instant(exported_on)
    return replace(reading, exported_on=instant) if _dated(reading, instant) else reading


def _dated(reading: Reading, instant: datetime) -> bool:
    """Whether any row of a table was observed at that instant."""
    return bool((reading.observations["observed_at"] == instant).any())
