"""The analyst's own tables: metadata of posts, rules for labels, and events, as CSV or TOML.

Unlike exports these are written by the person who reads the message, so a mistake refuses the file: half a table of
labels would move figures in silence.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import EngagerrError, InvalidArgument
from engagerr_core.sources.headers import normal
from engagerr_core.sources.limits import DEFAULT_LIMITS
from engagerr_core.vocabulary.content import FORMATS
from engagerr_core.vocabulary.context import EVENT_COLUMNS, EVENT_KINDS, LABELS, METADATA_COLUMNS, SELECTORS
from engagerr_core.vocabulary.platforms import platforms

if TYPE_CHECKING:
    import pandas as pd

CONDITIONS = ("creators", "platforms", "hashtags", "keywords", "shorter_than", "longer_than")
_EVENT_FIELDS = ("creator", "platform", "account", "from", "to", "kind", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What follows from a post itself. Every condition that is given must hold; of several words one is enough.

    Attributes
    ----------
    name : as the origin of a label is told.
    labels : label → value.
    creators, platforms : whose posts; empty = all.
    hashtags : without the sign; compared without regard to case.
    keywords : whole words or phrases of the title; a star at the end stands for any ending.
    shorter_than, longer_than : seconds of duration; a post whose duration is unknown does not meet them.
    """

    name: str
    labels: Mapping[str, str]
    creators: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    shorter_than: float | None = None
    longer_than: float | None = None


def read_metadata(*paths: Path) -> "pd.DataFrame":
    """Metadata tables, one after the other: `METADATA_COLUMNS`, one row a line; what a row leaves open is empty text.

    Raises `InvalidArgument` naming file, line and value: an unknown column, platform or format, a row that selects
    nothing or says nothing.
    """
    import pandas as pd

    rows = []
    for where, told in _records(paths, "metadata", (*SELECTORS, *LABELS)):
        row = dict.fromkeys((*SELECTORS, *LABELS), "") | told
        _check_platform(row["platform"], where)
        _check_format(row["format"], where)
        if not any(row[name] for name in SELECTORS):
            raise InvalidArgument(f"{where}: nothing says which posts are meant. Fill one of {', '.join(SELECTORS)}.")
        if not any(row[name] for name in LABELS):
            raise InvalidArgument(f"{where}: nothing is said of these posts. Fill one of {', '.join(LABELS)}.")
        rows.append(row)
    return pd.DataFrame(rows, columns=list(METADATA_COLUMNS)).astype("str")


def read_events(*paths: Path) -> "pd.DataFrame":
    """Tables of events, one after the other: `EVENT_COLUMNS`; days are datetime64, one day starts and ends on itself.

    Raises `InvalidArgument` naming file, line and value.
    """
    import pandas as pd

    rows = []
    for where, told in _records(paths, "event", _EVENT_FIELDS):
        row = dict.fromkeys(_EVENT_FIELDS, "") | told
        _check_platform(row["platform"], where)
        if row["kind"] not in EVENT_KINDS:
            kinds = ", ".join(EVENT_KINDS)
            raise InvalidArgument(f"{where}: {row['kind']!r} is no kind of event. Choose from {kinds}.")
        start = _day(row["from"], where)
        end = _day(row["to"], where) if row["to"] else start
        if end < start:
            raise InvalidArgument(f"{where}: the event ends on {end} before it begins on {start}. Swap the two days.")
        kept = {name: row[name] for name in ("creator", "platform", "account", "kind", "note")}
        rows.append({**kept, "start": start, "end": end, "origin": "analyst"})
    frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    days = dict.fromkeys(("start", "end"), "datetime64[us]")
    return frame.astype({name: days.get(name, "str") for name in EVENT_COLUMNS})


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Rules, in the order of the file. Raises `InvalidArgument` naming the rule at fault."""
    return rules_from(_toml(path), str(path))


def rules_from(table: dict[str, Any], name: str) -> tuple[Rule, ...]:
    """Build and check rules from a parsed TOML table with entries ``[[rule]]``."""
    if strangers := set(table) - {"rule"}:
        raise InvalidArgument(f"{name}: {min(strangers)!r} is not known there. Each rule begins with [[rule]].")
    return tuple(_rule(row, f"{name}, rule {number}") for number, row in enumerate(table.get("rule", ()), start=1))


def _rule(row: dict[str, Any], where: str) -> Rule:
    where = f"{where} ({row['name']})" if row.get("name") else where
    if strangers := set(row) - {"name", "set", *CONDITIONS}:
        raise InvalidArgument(f"{where}: {min(strangers)!r} is no condition. Known are {', '.join(CONDITIONS)}.")
    labels = row.get("set") or {}
    if not labels or not set(labels) <= set(LABELS) or not all(isinstance(v, str) and v for v in labels.values()):
        known = ", ".join(LABELS)
        raise InvalidArgument(f'{where}: `set` must give one of {known} a text, such as {{topic = "food"}}.')
    _check_format(labels.get("format", ""), where)
    if not any(row.get(name) for name in CONDITIONS):
        raise InvalidArgument(f"{where}: it would hold for every post. Give one of {', '.join(CONDITIONS)}.")
    for one in _words(row, "platforms", where):
        _check_platform(one, where)
    return Rule(
        name=str(row.get("name", "")) or where,
        labels=dict(labels),
        creators=_words(row, "creators", where),
        platforms=_words(row, "platforms", where),
        hashtags=_words(row, "hashtags", where),
        keywords=_words(row, "keywords", where),
        shorter_than=_seconds(row, "shorter_than", where),
        longer_than=_seconds(row, "longer_than", where),
    )


def _words(row: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    given = row.get(name, [])
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise InvalidArgument(f'{where}: {name} must be a list of texts, such as ["one", "two"].')
    return tuple(given)


def _seconds(row: dict[str, Any], name: str, where: str) -> float | None:
    given = row.get(name)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float) or given < 0):
        raise InvalidArgument(f"{where}: {name} must be a number of seconds, not {given!r}.")
    return given


def _records(paths: Sequence[Path], entry: str, fields: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each record stands, and the fields that it fills, of CSV or TOML files."""
    for path in paths:
        if path.suffix.lower() != ".toml":
            yield from _delimited(path, fields)
            continue
        table = _toml(path)
        if strangers := set(table) - {entry}:
            raise InvalidArgument(f"{path}: {min(strangers)!r} is not known there. Each entry begins with [[{entry}]].")
        for number, row in enumerate(table.get(entry, ()), start=1):
            where = f"{path}, entry {number}"
            for name in row:
                _check_field(name, fields, where)
            yield where, {name: _text(value) for name, value in row.items()}


def _delimited(path: Path, fields: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    from engagerr_core.sources.tables import read_delimited

    try:
        table = read_delimited(path.read_bytes(), DEFAULT_LIMITS)
    except OSError as problem:
        raise InvalidArgument(f"{path} cannot be opened ({problem.strerror}).") from problem
    except EngagerrError as problem:
        raise InvalidArgument(f"{path}: {problem}") from problem
    rows = list(zip(table.lines, table.rows, strict=True))
    if not rows:
        return
    header = [normal(cell).replace(" ", "_") for cell in rows[0][1]]
    for name in filter(None, header):
        _check_field(name, fields, f"{path}, line {rows[0][0]}")
    if twice := next((name for name in filter(None, header) if header.count(name) > 1), None):
        raise InvalidArgument(f"{path}, line {rows[0][0]}: the column {twice!r} stands twice. Remove one.")
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise InvalidArgument(f"{path}, line {line}: more cells than the header has. Quote texts that hold commas.")
        yield f"{path}, line {line}", {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidArgument(f"{path} cannot be read ({problem}). Save it as UTF-8.") from problem
    except tomllib.TOMLDecodeError as problem:
        raise InvalidArgument(f"{path} is no TOML: {problem}.") from problem


def _text(value: Any) -> str:
    """A TOML value as the text that a cell would hold."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _check_field(name: str, fields: Sequence[str], where: str) -> None:
    if name not in fields:
        near = get_close_matches(name, fields, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(fields)}."
        raise InvalidArgument(f"{where}: there is no column {name!r}. {hint}")


def _check_platform(name: str, where: str) -> None:
    if name and name not in platforms():
        near = get_close_matches(name, platforms(), 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(platforms())}."
        raise InvalidArgument(f"{where}: there is no platform {name!r}. {hint}")


def _check_format(name: str, where: str) -> None:
    if name and name not in FORMATS:
        raise InvalidArgument(f"{where}: {name!r} is no format. Choose from {', '.join(FORMATS)}.")


def _day(text: str, where: str) -> date:
    from engagerr_core.sources.dates import read_day
    from engagerr_core.sources.values import Untrusted

    try:
        found = read_day(text)
    except Untrusted as problem:
        raise InvalidArgument(f"{where}: {text!r} is {problem.reason}. Write days as 2026-02-19.") from None
    if not isinstance(found, date):
        raise InvalidArgument(f"{where}: {text!r} does not tell one day. Write days as 2026-02-19.")
    return found
