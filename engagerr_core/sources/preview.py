"""A preview: how tables would be read, before anything is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from engagerr_core.sources.reading import Reading

if TYPE_CHECKING:
    import pandas as pd

SHOWN_ROWS = 5
SHOWN_REJECTED = 5
HIDDEN = ("file", "cohort_days")  # columns of an observation that tell nobody anything here


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePreview:
    """How one table would be read.

    Attributes
    ----------
    path : where it lies.
    platform, kind : what it was recognised as; empty = it was not.
    reader : the platform's table of columns, or the mapping, by which it was recognised.
    columns : header, what the column is to us, and how its cells are written.
    left_out : headers that are not read, some with the reason.
    rows : the first observations as they would be stored.
    contents : the first posts as they would be stored.
    rows_read, rows_made : rows of the table, and observations made of them.
    rejected : rows that would be set aside, with the columns of `REJECTED_COLUMNS`.
    warnings : what the reader should know.
    failure : why it would not be read; empty = it would.
    """

    path: str
    platform: str
    kind: str
    reader: str
    columns: tuple[tuple[str, str, str], ...]
    left_out: tuple[str, ...]
    rows: "pd.DataFrame"
    contents: "pd.DataFrame"
    rows_read: int
    rows_made: int
    rejected: "pd.DataFrame"
    warnings: tuple[str, ...]
    failure: str

    @classmethod
    def of(cls, reading: Reading) -> "TablePreview":
        """What a reading shows."""
        return cls(
            path=reading.path,
            platform=reading.platform,
            kind=reading.kind,
            reader=reading.reader,
            columns=reading.columns,
            left_out=reading.unknown_columns,
            rows=reading.observations.head(SHOWN_ROWS),
            contents=reading.contents.head(SHOWN_ROWS),
            rows_read=reading.rows_read,
            rows_made=len(reading.observations),
            rejected=reading.rejected,
            warnings=reading.warnings,
            failure=reading.failure,
        )

    @property
    def sentence(self) -> str:
        """What it was recognised as, or why it was not."""
        if self.failure:
            return self.failure
        return (
            f"{self.platform}, {self.kind}, by {self.reader}: {self.rows_read:,} rows read, "
            f"{self.rows_made:,} observations made, {len(self.rejected):,} rows set aside."
        )

    @property
    def stored(self) -> "pd.DataFrame":
        """The first rows as they would be stored, without columns that say nothing here."""
        rows = self.rows if len(self.rows) else self.contents
        told = [name for name in rows if name not in HIDDEN and not (rows[name].isna() | (rows[name] == "")).all()]
        return rows[told]

    def __str__(self) -> str:
        lines = [_plain(self.path), f"  {_plain(self.sentence)}"]
        lines += [f"  {_plain(header)} → {role} ({unit})" for header, role, unit in self.columns]
        lines += [f"  left out: {_plain(header)}" for header in self.left_out]
        if not self.stored.empty:
            lines += ["  would be stored:", *(f"    {_plain(line)}" for line in self.stored.to_string().splitlines())]
        lines += [f"  ! {_plain(warning)}" for warning in self.warnings]
        for row in self.rejected.head(SHOWN_REJECTED).itertuples():
            lines.append(f"  ✗ row {row.row}, {_plain(row.column)}: {_plain(row.value)!r}: {row.reason}. {row.advice}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        said = [f"<h4>{escape(self.path)}</h4>", f"<p>{escape(self.sentence)}</p>"]
        cells = "".join(
            f"<tr><td>{escape(header)}</td><td>{escape(role)}</td><td>{escape(unit)}</td></tr>"
            for header, role, unit in self.columns
        )
        if cells:
            said.append(f"<table><tr><th>column</th><th>is</th><th>written as</th></tr>{cells}</table>")
        if self.left_out:
            said.append(f"<p>Left out: {escape(', '.join(self.left_out))}</p>")
        if not self.stored.empty:
            said.append(str(self.stored.to_html(index=False, escape=True, border=0)))
        said += [f"<p>{escape(warning)}</p>" for warning in self.warnings]
        if len(self.rejected):
            said.append(str(self.rejected.head(SHOWN_REJECTED).to_html(index=False, escape=True, border=0)))
        return "".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How files would be read, table by table. Nothing was stored."""

    tables: tuple[TablePreview, ...]

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> "Preview":
        """What readings show; of each only the first rows are kept."""
        return cls(tables=tuple(TablePreview.of(reading) for reading in readings))

    @property
    def failures(self) -> int:
        """Tables that would not be read."""
        return sum(table.failure != "" for table in self.tables)

    @property
    def exit_code(self) -> int:
        """0: all would be read · 1: in part · 2: nothing."""
        if self.failures == len(self.tables):
            return 2
        return int(self.failures > 0 or any(len(table.rejected) for table in self.tables))

    def to_frame(self) -> "pd.DataFrame":
        """One row a table."""
        import pandas as pd

        names = ("path", "platform", "kind", "reader", "rows_read", "rows_made", "failure")
        frame = pd.DataFrame([{name: getattr(table, name) for name in names} for table in self.tables], columns=names)
        return frame.assign(rows_rejected=[len(table.rejected) for table in self.tables])

    def __str__(self) -> str:
        if not self.tables:
            return "Nothing to read: no exported file was found."
        return "\n\n".join(str(table) for table in self.tables)

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.tables) or f"<p>{escape(str(self))}</p>"


def _plain(text: object) -> str:
    """Text of a stranger without what would steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
