"""Records to columns: what stands below a header, each column as its different cells and which of them each row has."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engagerr_core.sources.limits import Limits

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

BLOCK = 4 * 1024 * 1024  # bytes parsed at once
UNEVEN_MOST = 10_000  # uneven records that are looked at one by one


@dataclass(frozen=True, slots=True)
class Cells:
    """One column: its different cells (Arrow text), and for each row the number of the one that it holds."""

    different: "pa.Array"
    codes: "np.ndarray"

    def __len__(self) -> int:
        return len(self.codes)

    def at(self, row: int) -> str:
        """The cell of a row."""
        return str(self.different[int(self.codes[row])].as_py())

    def categories(self) -> "pd.Series":
        """The column for parsers that factorise: they then look at each different cell once."""
        import pandas as pd

        kinds = pd.Index(self.different.to_pylist(), dtype="str")
        return pd.Series(pd.Categorical.from_codes(self.codes, kinds, validate=False), copy=False)

    def unlike(self, other: "Cells") -> "np.ndarray":
        """Rows in which another column has another cell."""
        import pyarrow.compute as pc

        mine = pc.index_in(other.different, self.different).fill_null(-1).to_numpy()
        return (mine[other.codes] if len(mine) else other.codes) != self.codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What stands below a header: even records as columns, the others one by one.

    Attributes
    ----------
    columns : by their place in the header, those that were asked for.
    lines : where each even record begins.
    uneven : line and cells of records that do not fit the header, or hold a null character.
    """

    columns: dict[int, Cells]
    lines: "np.ndarray"
    uneven: list[tuple[int, list[str]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines) + len(self.uneven)


def is_blank(row: Sequence[str]) -> bool:
    """Whether a record holds nothing."""
    return not row or not (row[0].strip() or "".join(row).strip())


def body_of_rows(
    rows: list[list[str]], lines: Sequence[int], width: int, wanted: Collection[int], *, has_nulls: bool
) -> Body:
    """Columns of records that were cut before. Longer records whose surplus is empty are cut to the header's width."""
    import numpy as np
    import pyarrow as pa

    uneven: list[tuple[int, list[str]]] = []
    if has_nulls or set(map(len, rows)) - {width}:
        even = []
        for row, line in zip(rows, lines, strict=True):
            if fits(row, width) and not (has_nulls and any("\0" in cell for cell in row)):
                even.append((row, line))
            else:
                uneven.append((line, row))
        rows, lines = [row for row, _ in even], [line for _, line in even]
    columns = {}
    for i in wanted:
        encoded = pa.array([row[i] for row in rows], pa.large_string()).dictionary_encode()
        columns[i] = Cells(encoded.dictionary, encoded.indices.to_numpy())
    return Body(columns=columns, lines=np.array(lines, np.int32), uneven=uneven)


def fits(row: Sequence[str], width: int) -> bool:
    """Whether a record has the header's width, empty surplus aside."""
    return len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:]))


class _Unclear(Exception):
    """Something that Arrow's parser and the csv module may see differently."""


def body_of_bytes(
    data: bytes, start: int, first_line: int, *, delimiter: str, width: int, wanted: Collection[int], limits: Limits
) -> Body | None:
    """Columns straight from UTF-8, block by block, so that no record ever becomes a list.

    Parameters
    ----------
    data, start : text without null characters, with one kind of line break, and where in it the records begin.
    first_line : the line on which they begin.

    Returns
    -------
    What `body_of_rows` makes of the same records; None where only the csv module can tell.
    """
    import pyarrow as pa

    if start == len(data):
        return body_of_rows([], [], width, wanted, has_nulls=False)
    aside: dict[int, str] = {}  # number of a record → its text
    parts: list[_Part] = []
    try:
        for batch in _parsed(data, start, delimiter, width, wanted, aside):
            parts.append(_part(batch, delimiter, wanted, limits))
        cells = {number: _cells(text, delimiter, width, limits) for number, text in sorted(aside.items())}
    except (pa.ArrowInvalid, _Unclear):
        return None
    lines, end = _lines(first_line, [part.breaks for part in parts], aside)
    if end != first_line + data.count(b"\n", start) + (not data.endswith(b"\n")):
        return None  # a quotation mark that never closes, or something as odd
    return _body(parts, lines, cells, wanted)


def _parsed(
    data: bytes, start: int, delimiter: str, width: int, wanted: Collection[int], aside: dict[int, str]
) -> "Iterator[pa.RecordBatch]":
    """Blocks of records, wanted columns as dictionaries; records of another width go to `aside`, by their number."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    def set_aside(row: Any) -> str:
        if (row.actual_columns == 1 and row.text.strip()) or len(aside) == UNEVEN_MOST:
            return "error"  # whole records in one cell are another matter
        aside[row.number - 1] = row.text
        return "skip"

    text = pa.large_string()
    kinds = {str(i): pa.dictionary(pa.int32(), text) if i in wanted else text for i in range(width)}
    with arrow_csv.open_csv(
        pa.BufferReader(pa.py_buffer(data).slice(start)),
        arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=list(kinds)),
        arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=data.find(b'"', start) >= 0,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        arrow_csv.ConvertOptions(column_types=kinds, null_values=[], strings_can_be_null=False, check_utf8=False),
    ) as reader:
        yield from reader


@dataclass(frozen=True, slots=True)
class _Part:
    """One block: its wanted columns without blank records, which records those are, and the line breaks in each."""

    columns: "dict[int, pa.DictionaryArray]"
    blank: "np.ndarray"
    breaks: "np.ndarray"


def _part(batch: "pa.RecordBatch", delimiter: str, wanted: Collection[int], limits: Limits) -> _Part:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    blank = np.ones(batch.num_rows, bool)
    alone = np.ones(batch.num_rows, bool)  # a first cell with a delimiter in it, and all others empty: wrapped again?
    breaks = np.zeros(batch.num_rows, np.int32)
    for number, column in enumerate(batch.columns):
        values: Any = column
        codes: Any = slice(None)
        if pa.types.is_dictionary(column.type):
            values, codes = column.dictionary, column.indices.to_numpy()
        if (pc.max(pc.binary_length(values)).as_py() or 0) > limits.cell_characters:
            raise _Unclear
        if blank.any():
            blank &= pc.equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False)[codes]
        if alone.any():
            fits_alone = pc.equal(values, "") if number else pc.match_substring(values, delimiter)
            alone &= fits_alone.to_numpy(zero_copy_only=False)[codes]
        inside = pc.count_substring(values, "\n").to_numpy(zero_copy_only=False)
        if inside.any():
            breaks += inside[codes].astype(np.int32)
    if alone.any():
        raise _Unclear
    columns = {i: batch.column(i) for i in wanted}
    if blank.any():
        columns = {i: column.filter(pa.array(~blank)) for i, column in columns.items()}
    return _Part(columns, blank, breaks)


def _cells(text: str, delimiter: str, width: int, limits: Limits) -> list[str]:
    """The cells of one uneven record."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise _Unclear from None
    row = rows[0] if rows else []
    wrapped = bool(row) and delimiter in row[0] and not any(row[1:])
    if len(rows) > 1 or len(row) > limits.columns or wrapped or (fits(row, width) and not is_blank(row)):
        raise _Unclear
    return row


def _lines(first_line: int, breaks: "list[np.ndarray]", aside: dict[int, str]) -> "tuple[np.ndarray, int]":
    """The line on which each record begins, uneven ones among them, and the line after the last."""
    import numpy as np

    even = np.concatenate(breaks)
    inside = np.zeros(len(even) + len(aside), np.int32)
    is_even = np.ones(len(inside), bool)
    is_even[list(aside)] = False
    inside[is_even] = even
    for number, text in aside.items():
        inside[number] = text.count("\n")
    after = first_line + np.cumsum(inside + 1, dtype=np.int32)
    return after - inside - 1, int(after[-1])


def _body(parts: list[_Part], lines: "np.ndarray", aside: dict[int, list[str]], wanted: Collection[int]) -> Body:
    import numpy as np
    import pyarrow as pa

    is_even = np.ones(len(lines), bool)
    is_even[list(aside)] = False
    blank = np.concatenate([part.blank for part in parts])
    columns = {}
    for i in wanted:
        chunks = pa.chunked_array([part.columns.pop(i) for part in parts]).unify_dictionaries()
        column = chunks.combine_chunks()
        columns[i] = Cells(column.dictionary, column.indices.to_numpy())
    return Body(
        columns=columns,
        lines=lines[is_even][~blank],
        uneven=[(int(lines[number]), row) for number, row in aside.items() if not is_blank(row)],
    )
