"""Which character parts the cells, and what a second encoding made of the rows."""

import csv
import io

DELIMITERS = (",", ";", "\t")


def declared_delimiter(text: str) -> tuple[str, str, int]:
    """Text without a first line ``sep=;``, the delimiter it declares (or empty), and the lines taken off."""
    first, _, rest = text.partition("\n")
    declared = first.strip().strip('"').removeprefix("\ufeff")
    if declared.lower().startswith("sep=") and len(declared) == 5:
        return rest, declared[4], 1
    if declared.lower() == "sep=" and first.rstrip("\r").endswith("\t"):
        return rest, "\t", 1
    return text, "", 0


def guessed_delimiter(text: str) -> str:
    """The delimiter that cuts the first records into most cells; the comma where none does."""
    cells = dict.fromkeys(DELIMITERS, 1)
    head = text[:65_536]
    for delimiter in DELIMITERS:
        try:
            for number, row in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)):
                cells[delimiter] = max(cells[delimiter], len(row) if any(row) else 1)
                if number == 2:
                    break
        except csv.Error:
            continue
    if max(cells.values()) == 1:  # perhaps whole rows wrapped in one quoted cell
        first = next(csv.reader(io.StringIO(head, newline="")), [""])
        return max(DELIMITERS, key=(first[0] if first else "").count)
    return max(DELIMITERS, key=cells.__getitem__)


def unwrapped(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Undo a second encoding, in which each record became one quoted cell."""
    if min(map(len, rows), default=2) > 1:
        return rows
    width = max((len(row) for row in rows[:5]), default=0)
    wrapped = [i for i, row in enumerate(rows) if len(row) == 1 and delimiter in row[0]]
    if not wrapped or (width > 1 and len(wrapped) < len(rows) - 1):
        return rows
    rows = list(rows)
    for i in wrapped:
        inner = next(csv.reader([rows[i][0]], delimiter=delimiter), [])
        if width <= 1 or len(inner) == width:
            rows[i] = inner
    return rows
