"""What an ingest did: one row a table, a sentence, and what the next one may recall of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.sources.recall import Recall
    from engagerr_core.store.catalogue import Catalogue

Status = Literal["stored", "already stored", "refused"]
SHOWN = 5  # refusals named in a sentence; all are in `.files`


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one table.

    `rejected` has the columns of `REJECTED_COLUMNS`; `file` is its identity, `notes` are its reader's warnings.
    """

    path: str
    platform: str
    kind: str
    rows_read: int
    rows_stored: int
    rejected: "pd.DataFrame"
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    status: Status
    creator: str = ""
    account: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """The outcome of one ingest.

    Attributes
    ----------
    files : one row a table: path, platform, kind, rows_read, rows_stored, rows_rejected, reasons, warnings, status
        (``stored``, ``already stored`` or ``refused``), creator, account. Several reasons or warnings are joined by
        line breaks.
    rejected : rows that could not be trusted: path, row, column, value, reason, advice.
    """

    files: "pd.DataFrame"
    rejected: "pd.DataFrame"

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "IngestSummary":
        """Sum up."""
        import pandas as pd

        files = pd.DataFrame(
            {
                "path": pd.Series([o.path for o in outcomes], dtype="str"),
                "platform": pd.Series([o.platform for o in outcomes], dtype="str"),
                "kind": pd.Series([o.kind for o in outcomes], dtype="str"),
                "rows_read": pd.Series([o.rows_read for o in outcomes], dtype="int64"),
                "rows_stored": pd.Series([o.rows_stored for o in outcomes], dtype="int64"),
                "rows_rejected": pd.Series([len(o.rejected) for o in outcomes], dtype="int64"),
                "reasons": pd.Series(["\n".join(o.reasons) for o in outcomes], dtype="str"),
                "warnings": pd.Series(["\n".join(o.warnings) for o in outcomes], dtype="str"),
                "status": pd.Series([o.status for o in outcomes], dtype="str"),
                "creator": pd.Series([o.creator for o in outcomes], dtype="str"),
                "account": pd.Series([o.account for o in outcomes], dtype="str"),
            }
        )
        columns = ["path", *(name for name in REJECTED_COLUMNS if name != "file")]
        parts = [o.rejected.assign(path=o.path)[columns] for o in outcomes if len(o.rejected)]
        rejected = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
        return cls(files=files, rejected=rejected)

    @property
    def exit_code(self) -> int:
        """0: everything is stored · 1: in part, the rest is named · 2: nothing usable."""
        usable = int((self.files["status"] != "refused").sum())
        if not usable:
            return 2
        return int(usable < len(self.files) or len(self.rejected) > 0)

    def __str__(self) -> str:
        if self.files.empty:
            return "Nothing to ingest: no exported file was found."
        counts = Counter(self.files["status"])
        said = [f"{counts['stored']} of {_count(len(self.files), 'table')} stored"]
        said[0] += f" with {_count(int(self.files['rows_stored'].sum()), 'observation')}"
        if counts["already stored"]:
            said.append(f"{counts['already stored']} already stored")
        if counts["refused"]:
            said.append(f"{counts['refused']} refused")
        if len(self.rejected):
            said.append(f"{_count(len(self.rejected), 'row')} set aside")
        lines = [", ".join(said) + "."]
        refused = self.files[self.files["status"] == "refused"]
        lines += [f"{row.path}: {row.reasons}" for row in refused.head(SHOWN).itertuples()]
        if len(refused) > SHOWN:
            lines.append(f"And {len(refused) - SHOWN} more, in .files.")
        return "\n".join(lines)

    def to_frame(self) -> "pd.DataFrame":
        """The table of files."""
        return self.files.copy()

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{escape(line)}</p>" for line in str(self).splitlines())
        return sentences + str(self.files.to_html(index=False, escape=True, border=0))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def recall(catalogue: "Catalogue", creator: str | None, account: str | None, *circumstances: str) -> "Recall":
    """What a catalogue knows of folders and archives that were ingested before, for `engagerr_core.sources.read`.

    `circumstances` tell apart what else the reading of files depends on: the package's version, the analyst's mappings.
    """
    from engagerr_core.sources.recall import Recall, recalled
    from engagerr_core.store import records

    def tables(folder: str) -> list[Reading] | None:
        with catalogue.reading() as connection:
            return [
                recalled(
                    *(row.path, row.file, row.platform, row.kind, row.rows_read, row.warnings),
                    rejected=records.rejected_rows(connection, row.file).assign(file=row.path),
                )
                for row in records.read_tables(connection, folder)
            ] or None

    return Recall(circumstances=(creator or "", account or "", *circumstances), tables=tables)


def remember(catalogue: "Catalogue", folders: Mapping[str, Sequence[Outcome]]) -> None:
    """Write down what the folders and archives hold that are stored as a whole, by their fingerprints."""
    from engagerr_core.store import records

    whole = {
        folder: outcomes
        for folder, outcomes in folders.items()
        if folder and all(outcome.status != "refused" for outcome in outcomes)
    }
    if not whole:
        return
    names = ("path", "file", "platform", "kind", "rows_read")
    with catalogue.writing() as connection:
        for folder, outcomes in whole.items():
            tables = [{name: getattr(one, name) for name in names} | {"warnings": list(one.notes)} for one in outcomes]
            records.enter_read_tables(connection, folder, tables)
