"""Which character parts the cells, and what a second encoding made of the rows."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

DELIMITERS = (",", ";", "\t", "|")
HEAD_CHARACTERS = 65_536
HEAD_RECORDS = 60  # from the top, that tell the delimiter
ENCODED_AGAIN = 3  # times that rows are wrapped at most

_DECLARED = re.compile(r'\ufeff?"?sep=([^\r\n"])"?\1*[,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)

_GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")

Rows = Sequence[Sequence[str]]


def declared_delimiter(text: str) -> tuple[str, str, int]:
    """Text without a first line ``sep=;``, the delimiter it declares (or empty), and the lines taken off.

    A declaration that the lines below contradict, as after another save, declares nothing.
    """
    match = _DECLARED.match(text)
    if not match:
        return text, "", 0
    rest, delimiter = text[match.end() :], match[1]
    if delimiter not in DELIMITERS:
        fits = delimiter.isprintable() and not delimiter.isalnum() and _regularity(_parsed(rest, delimiter))
        return (rest, delimiter, 1) if fits else (rest, "", 1)
    return rest, delimiter if _regularity(_parsed(rest, delimiter)) else "", 1


def guessed_delimiter(text: str) -> str:
    """The delimiter that cuts the first records most regularly, once unwrapped; the comma where none does."""

    def fit(delimiter: str) -> tuple[int, bool, int]:
        plain, wrapped = _parsed(text, delimiter), _parsed(text, delimiter, strict=True)
        unwrapped_too = 0
        if _looks_wrapped(wrapped, text):
            unwrapped_too = _regularity(_undone(wrapped, _inner_delimiter(wrapped, delimiter)))
        padded = bool(plain) and all(row[-1].endswith(DELIMITERS) for row in plain)  # by another one
        return max(_regularity(plain), unwrapped_too), not padded, _regularity(plain)

    return max(DELIMITERS, key=fit)


def _parsed(text: str, delimiter: str, *, strict: bool = False) -> list[list[str]]:
    """The first records, blank ones left out; the last is left out too where the text goes on."""
    head = text[:HEAD_CHARACTERS]
    records: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=strict):
            if any(row):
                records.append(row)
            if len(records) > HEAD_RECORDS:
                break
    except csv.Error:  # what stands before it tells enough
        return records
    return records[:-1] if len(records) > 1 and len(head) < len(text) else records


def _looks_wrapped(rows: Rows, text: str) -> bool:
    """Whether records are one cell though they hold delimiters: one was quoted whole, or most are padded."""
    whole = [row for row in rows if any(map(_only_cell(row).__contains__, DELIMITERS))]
    head = text[:HEAD_CHARACTERS]
    return 2 * sum(len(row) > 1 for row in whole) > len(rows) or any(_quoted(row[0]) in head for row in whole)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _regularity(rows: Rows) -> int:
    """How well records are cut: the cells of those that are alike, less the records among them that are not."""
    return max((score for _, score in _widths(rows)), default=0)


def _usual_width(rows: Rows) -> int:
    """How many cells the records have that are alike."""
    return max(_widths(rows), key=lambda item: item[1], default=(0, 0))[0]


def _widths(rows: Rows) -> list[tuple[int, int]]:
    """Each width that occurs, and how well it fits; lines above a table count neither way, nor do single cells."""
    widths = [0 if _only_cell(row) else len(row) for row in rows]
    found = []
    for width in set(widths) - {0, 1}:
        below = widths[widths.index(width) :]
        alike = below.count(width)
        found.append((width, (width - 1) * alike - (len(below) - alike)))
    return sorted(found)


def _only_cell(row: Sequence[str]) -> str:
    """The first cell of a record in which all others are empty; else nothing."""
    return row[0] if row and not any(row[1:]) else ""


def _inner_delimiter(rows: Rows, outer: str) -> str:
    """The delimiter inside records that are one cell each; the outer one where it fits as well as others."""
    whole = [cell for row in islice(rows, HEAD_RECORDS) if (cell := _only_cell(row))]

    def fit(delimiter: str) -> tuple[int, bool]:
        return _regularity([_split(cell, delimiter) for cell in whole]), delimiter == outer

    return max(DELIMITERS, key=fit)


def _split(cell: str, delimiter: str) -> list[str]:
    """The cells in a cell, as often as it was wrapped. ``12,345`` is one number, not two."""
    if _GROUPED_NUMBER.fullmatch(cell.strip()):
        return [cell]
    for _ in range(ENCODED_AGAIN):
        try:
            records = list(csv.reader(io.StringIO(cell, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            return [cell]
        if len(records) != 1 or len(records[0]) != 1 or records[0][0] == cell:
            break
        cell = records[0][0]
    return records[0] if len(records) == 1 else [cell]


def _undone(rows: Rows, delimiter: str) -> list[list[str]]:
    """The records with a second encoding undone where that gives the usual width."""
    split = [_split(cell, delimiter) if (cell := _only_cell(row)) and delimiter in cell else list(row) for row in rows]
    width = _usual_width(split)
    return [inner if len(inner) == width else list(row) for row, inner in zip(rows, split, strict=True)]


def unwrapped(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Undo a second encoding, in which records became one quoted cell each: all, all but the header, or some."""
    if not any(len(row) < 2 or not row[1] for row in rows):
        return rows
    head = rows[:HEAD_RECORDS]
    cut = [len(row) for row in head if not _only_cell(row)]
    if len(set(cut)) > 1 and 2 * len(cut) > len(head):
        return rows  # several tables below one another: a single cell may well be one, as “Wien, Österreich”
    inner = _inner_delimiter(head, delimiter)
    if _regularity(_undone(head, inner)) <= _regularity(head):
        inner = delimiter  # the table is plain, a few records below may be wrapped
    return list(_each_unwrapped(rows, inner, _usual_width(_undone(head, inner))))


def _each_unwrapped(rows: list[list[str]], delimiter: str, width: int) -> Iterator[list[str]]:
    for row in rows:
        cell = _only_cell(row)
        inner = _split(cell, delimiter) if cell and delimiter in cell else row
        yield inner if len(inner) == width else row
