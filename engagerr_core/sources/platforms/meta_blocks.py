"""Meta's result cards and audience: blocks with a title above, several in one file, brought to plain tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from engagerr_core.errors import UnknownFormat
from engagerr_core.sources.headers import normal
from engagerr_core.sources.shapes import Shape
from engagerr_core.sources.tables import Table

PLATFORMS = ("instagram", "facebook")
LISTS = {"Top cities": "city", "Top countries": "country"}
GENDERS = {"Women": "female", "Men": "male"}
CARD_CELLS = 3  # of a card's header, at most where it stands without its title
TITLES_ABOVE = 3  # lines that somebody put above the first block
LEFT_OUT = {"Top Pages": "pages of others", "Potential audience": "an audience that advertising could reach"}

# what stands between a metric and the name of its platform, in the languages of `translations/meta.toml`
_BETWEEN = frozenset([
    "page", "pages", "profile", "of", "on", "in", "to", "de", "do", "da", "del", "della", "di", "du", "des", "en", "no",
    "na", "ao", "al", "la", "le", "les", "sur", "su", "auf", "von", "bei", "der", "die", "seite", "a", "à", "página",
    "pagina", "perfil", "profil", "profilo", "на", "в", "страницы", "trang", "của", "trên",
])  # fmt: skip
_ADVICE = "Export a content file, or the cards of views, reach, follows, visits or interactions."
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}):\d{2}(:\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A title and the records below it."""

    title: str
    rows: list[list[str]]
    lines: list[int]


def block_tables(table: Table, shape: Shape) -> list[Table]:
    """Cards and blocks of an audience as plain tables; none where the table is none of Meta's.

    Raises
    ------
    UnknownFormat
        It is Meta's, but holds nothing that is read.
    """
    if table.rows and not table.sheet and len(_filled(table.rows[0])) <= CARD_CELLS and _card_at(table.rows[0], shape):
        raise UnknownFormat(f"It is a card of Meta Business Suite without its title, which tells the metric. {_ADVICE}")
    first = _first_block(table, shape)
    if first is None:
        return []
    table = replace(table, rows=table.rows[first:], lines=table.lines[first:])
    tables, notes = [], []
    for block in _blocks(table, shape):
        made, note = _read(block, shape)
        if note:
            notes.append(f"The block “{block.title}” was {'read in part' if made else 'left out'}: {note}.")
        tables += [replace(one, has_nulls=table.has_nulls, warnings=table.warnings) for one in made]
    if not tables and table.sheet:
        return []  # the other sheets of the workbook may tell more
    if not tables:
        raise UnknownFormat(f"It is of Meta Business Suite, but nothing in it is read. {' '.join(notes)} {_ADVICE}")
    tables[0] = replace(tables[0], warnings=(*tables[0].warnings, *notes))
    return _named_apart(tables, table.sheet)


def _named_apart(tables: list[Table], sheet: str) -> list[Table]:
    """One table keeps its file's name; several are called by their titles, and by their lines where these are equal."""
    if len(tables) == 1:
        return [replace(tables[0], sheet=sheet)]
    titles = [one.sheet for one in tables]
    return [
        replace(one, sheet=" ".join(filter(None, (sheet, title, str(one.lines[0]) * (titles.count(title) > 1)))))
        for one, title in zip(tables, titles, strict=True)
    ]


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _title(row: list[str]) -> str:
    """The only filled cell of a record; empty where there is none or are more."""
    filled = _filled(row)
    return " ".join(filled[0].split()) if len(filled) == 1 else ""


def _card_at(header: list[str], shape: Shape) -> tuple[int, int] | None:
    """The places of a card's days and of its figures; None where it is no header of a card."""
    columns = [shape.column(cell) for cell in header]
    days = [i for i, column in enumerate(columns) if column is not None and column.header == "Date"]
    figures = [i for i, cell in enumerate(header) if normal(shape.word(cell)) == "primary"]
    return (days[0], figures[0]) if len(days) == len(figures) == 1 else None


def _first_block(table: Table, shape: Shape) -> int | None:
    """The record at which the blocks begin, below lines of title that somebody added; None where there are none."""
    for at in range(min(TITLES_ABOVE + 1, len(table.rows))):
        if _begins(table, at, shape):
            return at
        if not _title(table.rows[at]):
            return None
    return None


def _begins(table: Table, at: int, shape: Shape) -> bool:
    """Whether a block that is known begins at that record."""
    row, below = table.rows[at], table.rows[at + 1] if at + 1 < len(table.rows) else []
    title = shape.word(_title(row))
    if not title:
        return False
    return (
        title in (*LISTS, *LEFT_OUT, "Age & gender")
        or _card_at(below, shape) is not None
        or _is_formats(below)
        or _is_size(title, below, alone=at == 0)
    )


def _is_formats(header: list[str]) -> bool:
    """Whether the record names formats: what each of them brought stands below."""
    return any(normal(cell) == "reels" for cell in header)


def _is_size(title: str, below: list[str], *, alone: bool) -> bool:
    """Whether a title and the record below it tell how many followers there are."""
    platform, metrics = _metrics(title)
    told = {"lifetime followers", "total followers", *(["followers"] if platform or not alone else [])}
    number = _filled(below)
    return not told.isdisjoint(metrics) and len(number) == 1 and number[0].replace(",", "").strip().isdigit()


def _blocks(table: Table, shape: Shape) -> Iterator[_Block]:
    """Blocks begin at known titles, and at single cells below an empty line."""
    titles = [_title(row) for row in table.rows]
    starts = [
        i
        for i in range(len(table.rows))
        if titles[i] and (i == 0 or _begins(table, i, shape) or table.lines[i] > table.lines[i - 1] + 1)
    ]
    for start, end in pairwise([*starts, len(table.rows)]):
        yield _Block(
            title=titles[start], rows=list(table.rows[start + 1 : end]), lines=list(table.lines[start + 1 : end])
        )


def _read(block: _Block, shape: Shape) -> tuple[list[Table], str]:
    """The block as a table; or none, and why not."""
    title = shape.word(block.title)
    if title in LEFT_OUT:
        return [], LEFT_OUT[title]
    if not block.rows:
        return [], "it is empty"
    if (places := _card_at(block.rows[0], shape)) is not None:
        return _card(block, shape, *places)
    if title == "Age & gender":
        return [_ages(block, shape)], ""
    if title in LISTS and len(block.rows) >= 2:
        header = [f"Audience: {LISTS[title]}", "Audience: share (%)"]
        pairs = zip(block.rows[0], block.rows[1], strict=False)
        return [_table(block, [header, *([name, share] for name, share in pairs if name.strip())], block.lines[1])], ""
    if _is_size(title, block.rows[0], alone=False):
        platform, _ = _metrics(title)
        rows = [["Card", "Audience: followers"], [block.title, _filled(block.rows[0])[0]]]
        return [replace(_table(block, rows, block.lines[0]), platform=platform)], ""
    return [], "totals of an unknown period" if _is_formats(block.rows[0]) else "it is not known here"


def _table(block: _Block, rows: list[list[str]], line: int) -> Table:
    """A table whose rows all stand on one line."""
    return Table(rows=rows, lines=[block.lines[0], *[line] * (len(rows) - 1)], sheet=block.title)


def _metrics(title: str) -> tuple[str, list[str]]:
    """The platform that a title names, and what the rest may mean: whole first, then without the words between."""
    text = normal(title)
    platform = next((name for name in PLATFORMS if name in text), "")
    if not platform:
        return "", [text]
    before, _, after = text.replace(f"{platform}の", f"{platform} ").partition(platform)
    left, right = before.split(), after.split()
    found = [" ".join(left + right)]
    while left and left[-1] in _BETWEEN:
        left.pop()
        found.append(" ".join(left + right))
    while right and right[0] in _BETWEEN:
        right.pop(0)
        found.append(" ".join(left + right))
    return platform, found


def _card(block: _Block, shape: Shape, day: int, figure: int) -> tuple[list[Table], str]:
    platform, metrics = _metrics(block.title)
    columns = {f"Card: {shape.word(metric)}": shape.column(f"Card: {shape.word(metric)}") for metric in metrics}
    header, column = next(((told, one) for told, one in columns.items() if one), ("", None))
    if column is None or not column.metric:
        return [], column.left_out if column else "it is not known here"
    rows = [["Card", "Card day", header]]
    header_row = block.rows[0]
    for row in block.rows[1:]:
        whole = len(row) > max(day, figure) and not _filled(row[len(header_row) :])
        rows.append([block.title, _day(row[day]), row[figure]] if whole else [block.title, ",".join(row)])
    more = [cell for i, cell in enumerate(header_row) if cell.strip() and i not in (day, figure)]
    note = f"beside Primary it tells {', '.join(more)}, which is kept aside" if more else ""
    return [Table(rows=rows, lines=block.lines, sheet=block.title, platform=platform)], note


def _day(cell: str) -> str:
    """The day of an instant near midnight: where clocks were changed, midnight is told as 23:00 or 01:00."""
    match = _INSTANT.fullmatch(cell.strip())
    if not match:
        return cell
    try:
        return (date.fromisoformat(match[1]) + timedelta(days=int(match[2]) >= 12)).isoformat()
    except (ValueError, OverflowError):
        return cell


def _ages(block: _Block, shape: Shape) -> Table:
    """Ages down, genders across: one row a cell."""
    genders = [GENDERS.get(shape.word(cell), normal(cell)) for cell in block.rows[0][1:]]
    rows, lines = [["Audience: age", "Audience: gender", "Audience: share (%)"]], block.lines[:1]
    for row, line in zip(block.rows[1:], block.lines[1:], strict=True):
        for gender, share in zip(genders, row[1:], strict=False):
            if gender:
                rows.append([row[0], gender, share])
                lines.append(line)
    return Table(rows=rows, lines=lines, sheet=block.title)
