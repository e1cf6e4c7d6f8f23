"""A table on its way: cells parsed column by column, wrong rows set aside with the reason."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.columns import Cells
from engagerr_core.sources.dates import Order, read_days, read_instant
from engagerr_core.sources.headers import is_unnamed, normal, split_currency
from engagerr_core.sources.shapes import Column, Kind, Shape
from engagerr_core.sources.tables import Table
from engagerr_core.sources.values import (
    AGAIN,
    MARKED,
    Mark,
    Untrusted,
    convert,
    digits_lost,
    parse_numbers,
    parse_texts,
    table_mark,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

IDENTIFIERS = ("video_id", "digits", "id")
SHOWN_CHARACTERS = 200  # of a rejected cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a table from outside it."""

    path: str
    account: str = ""
    period: tuple[date, date] | None = None
    period_from: str = ""
    exported_on: date | datetime | None = None

    @property
    def export_day(self) -> date | None:
        """The day of the export."""
        return self.exported_on.date() if isinstance(self.exported_on, datetime) else self.exported_on


@dataclass(kw_only=True)
class Draft:
    """The rows of one table while they are read.

    `rows` has a column for each role (metric, dimension, field) plus ``line`` and ``is_total``; its index counts the
    data rows. Metrics are doubles, days ``datetime64``, the rest text. Whoever refines it may add ``published_at``,
    ``format`` and ``format_origin`` of the posts, and ``basis``, ``period_start`` and ``period_end`` where they differ
    from row to row. `told_by_name` is what the file's name alone tells of the figures, such as the song: it belongs to
    the table's identity.
    """

    kind: Kind
    shape: Shape
    known: Known
    rows: "pd.DataFrame"
    headers: dict[str, str] = field(default_factory=dict)  # role → header as written
    currency: str = ""
    span: tuple[date, date] | None = None  # first and last day told, before any row is dropped
    rows_read: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # columns that nobody knows, which are among those left out
    told_by_name: str = ""

    @property
    def metrics(self) -> list[str]:
        """The metrics that the table has."""
        names = {column.metric for column in self.shape.columns if column.metric}
        return [role for role in self.rows.columns if role in names]

    @property
    def dimensions(self) -> list[str]:
        """The dimensions that the table has, in alphabetical order."""
        names = {column.dimension for column in self.shape.columns if column.dimension}
        return sorted(role for role in self.rows.columns if role in names)

    def reject(self, where: "np.ndarray | pd.Series", role: str, reason: str, advice: str) -> None:
        """Set rows aside, naming the role's cell."""
        import numpy as np

        mask = np.asarray(where, bool)
        for line, value in zip(self.rows["line"][mask], self.rows[role][mask], strict=True):
            self._note(int(line), self.headers.get(role, role), str(value), Untrusted(reason, advice))
        self.rows = self.rows[~mask]

    def reject_nameless(self, role: str, what: str) -> None:
        """Set rows aside whose cell for the role is empty; rows of totals have none."""
        nameless = (self.rows[role] == "") & ~self.rows["is_total"]
        self.reject(nameless, role, f"no {what}", "Export the file again with this column.")

    def _note(self, line: int, column: str, value: str, problem: Untrusted) -> None:
        self.rejected.append(
            {
                "file": self.known.path,
                "row": line,
                "column": column,
                "value": value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…",
                "reason": problem.reason,
                "advice": problem.advice,
            }
        )


def draft_of(table: Table, header: int, kind: Kind, shape: Shape, known: Known) -> Draft:
    """Parse the cells below the header. Raises `UnreadableFile` where a needed column is of no use."""
    import numpy as np
    import pandas as pd

    names = table.rows[header]
    kept = {i: column for i, name in enumerate(names) if (column := shape.column(name)) is not None and column.role}
    body = table.body(header, kept)
    draft = Draft(kind=kind, shape=shape, known=known, rows=pd.DataFrame(), rows_read=len(body))
    draft.warnings.extend(filter(None, (*table.warnings, kind.notice)))
    for line, row in body.uneven:
        draft._note(line, "", ",".join(row), _unevenness(row, len(names)))
    chosen = _choose(draft, names, body.columns, body.lines)
    if missing := [role for role in kind.requires if role not in chosen]:
        raise UnreadableFile(f"Its column for {missing[0]} cannot be told from its double. Export it again.")
    keys = [chosen[role][0] for role in kind.requires if chosen[role][1].dimension or role in ("content", "day")]
    is_total = np.zeros(len(body.lines), bool)
    for i in keys if kind.total else ():
        is_total |= _says(body.columns[i], shape, kind.total)
    units = {i: column.written_as for i, column in chosen.values()}
    mark = table_mark(
        (body.columns[i].different for i, unit in units.items() if unit in MARKED),
        (body.columns[i].different for i, unit in units.items() if unit == "count"),
    )
    parsed: dict[str, Any] = {"line": body.lines, "is_total": is_total}
    wrong: dict[int, tuple[str, str, Untrusted]] = {}
    for role, (i, column) in chosen.items():
        draft.headers[role] = names[i]
        cells = body.columns.pop(i)
        parsed[role], problems = _parse(cells, column, known, mark)
        for position, problem in problems.items():
            if not (is_total[position] and i in keys):
                wrong.setdefault(position, (names[i], cells.at(position), problem))
    draft.rows = pd.DataFrame(parsed, copy=False)
    for position in sorted(wrong):
        column_name, value, problem = wrong[position]
        draft._note(int(body.lines[position]), column_name, value, problem)
    if wrong:
        draft.rows = draft.rows.drop(index=list(wrong))
    if kind.period == "day" and (days := draft.rows["day"].dropna()).size:
        draft.span = (days.min().date(), days.max().date())
    return draft


def _unevenness(row: list[str], width: int) -> Untrusted:
    if len(row) == width:
        return Untrusted("a null character in the text: the file is damaged", AGAIN)
    return Untrusted(
        f"{len(row)} cells where the header has {width}",
        "A delimiter or quotation mark is missing or too many in this line. Export the file again.",
    )


def _says(cells: Cells, shape: Shape, word: str) -> "np.ndarray":
    """Rows whose cell is a word of the platform's, in any language. Words have no digits; most ids have."""
    import numpy as np
    import pyarrow.compute as pc

    says = np.zeros(len(cells.different), bool)
    for number in np.flatnonzero(pc.invert(pc.match_substring_regex(cells.different, "[0-9]"))).tolist():
        says[number] = normal(shape.word(cells.different[number].as_py())) == normal(word)
    return says[cells.codes] if len(says) else np.zeros(0, bool)


def _choose(
    draft: Draft, names: list[str], cells: dict[int, Cells], lines: "np.ndarray"
) -> dict[str, tuple[int, Column]]:
    """For each role the column that fills it; doubles are kept once where they agree and left out where not."""
    chosen: dict[str, tuple[int, Column]] = {}
    spoilt: set[str] = set()
    for i, name in enumerate(names):
        column = draft.shape.column(name)
        if column is None or not column.role:
            if not is_unnamed(name):
                told = " ".join(name.split())
                draft.left_out.append(f"{told} ({column.left_out})" if column else told)
                draft.strange += [] if column else [told]
            continue
        _, currency = split_currency(name)
        if currency and draft.currency and currency != draft.currency:
            draft.left_out.append(f"{name} (a second currency beside {draft.currency})")
            continue
        draft.currency = draft.currency or currency
        if column.role not in chosen:
            chosen[column.role] = (i, column)
            continue
        first = chosen[column.role][0]
        if normal(names[first]) != normal(name):
            draft.left_out.append(f"{name} (the same as {names[first]}, which was read)")
        elif (differs := cells[first].unlike(cells[i])).any():
            spoilt.add(column.role)
            draft.left_out.append(name)
            draft.warnings.append(
                f"The column {name} stands twice and the two differ, first in line {lines[differs.argmax()]}: "
                "neither was read."
            )
    for role in spoilt:
        del chosen[role]
    return chosen


def _parse(cells: Cells, column: Column, known: Known, mark: Mark) -> tuple[Any, dict[int, Untrusted]]:
    """The values of a column, and by row what is wrong."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    unit = column.written_as
    if unit in ("day", "month_first_day"):
        order: Order = "month first" if unit == "month_first_day" else "unknown"
        daily = column.field == "day"
        days, wrong = read_days(cells.categories(), order=order, exported_on=known.export_day, daily=daily)
        return days.astype("datetime64[us]"), wrong
    if unit == "instant":
        instants, wrong = convert(cells.categories(), read_instant, object)
        instants[list(wrong)] = None
        return pd.to_datetime(pd.Series(instants, dtype=object), utc=True).astype("datetime64[us, UTC]"), wrong
    if column.metric or column.field == "duration":
        numbers, faults = parse_numbers(cells.different, unit, mark)
        if not column.negative:
            faults |= dict.fromkeys(np.flatnonzero(numbers < 0).tolist(), Untrusted("below zero, which cannot be"))
        return numbers[cells.codes] if len(numbers) else numbers, _by_row(cells, faults)
    texts, faults = parse_texts(cells.different, unit)
    if unit in IDENTIFIERS and column.field == "content" and digits_lost(texts.to_pylist()):
        lost = Untrusted("an id whose last digits a spreadsheet turned into zeros")
        faults |= dict.fromkeys(range(len(texts)), lost)
    return pd.Series(texts.take(pa.array(cells.codes)), dtype="str"), _by_row(cells, faults)


def _by_row(cells: Cells, faults: dict[int, Untrusted]) -> dict[int, Untrusted]:
    """What is wrong with different cells, by the rows that have them."""
    import numpy as np

    if not faults:
        return {}
    rows = np.flatnonzero(np.isin(cells.codes, list(faults)))
    return {row: faults[code] for row, code in zip(rows.tolist(), cells.codes[rows].tolist(), strict=True)}
