"""Meta's tables of posts, videos and pages, before their cells are parsed.

What spreadsheets did to them is undone, columns that say the same as a better one beside them are renamed, and the
columns of a video's retention, countries and audience become tables of their own, one row a value.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from engagerr_core.sources.headers import normal
from engagerr_core.sources.shapes import Shape
from engagerr_core.sources.tables import Table

HEADER_WITHIN = 5
HEAD = 60  # records that show what a spreadsheet did
IDS = ("Post ID", "Video asset ID", "Universal video ID")
SIGNS = frozenset(["Publish time", "Data comment", "Post type", "Posted", "Permalink"])  # that it is Meta's
ACCOUNTS = {"instagram": "Account ID", "facebook": "Page ID"}
KEYS = ("Page ID", "Page name", "Date")  # of a row, kept in the tables made of its columns
SECOND_CHOICE = {
    "Video asset ID": ("Post ID",),
    "Universal video ID": ("Post ID", "Video asset ID"),
    "Plays": ("Views",),
    "Viewers": ("Reach",),
    "Replies": ("Comments",),
    "Interactions": ("Reactions, Comments and Shares",),
    "Approximate earnings": ("Estimated earnings",),
}

_RETENTION = re.compile(r"percentage of total (?:views|viewers) at interval (\d{1,3})")
_COUNTRY = re.compile(r"3 second video views by country .+ ([a-z]{2})")
_AUDIENCE = re.compile(r"3 second video views by top audience ([mfu]) (\d+ \d+|\d+\+)")
_MORE = re.compile(r"percentage of 15 second views at interval \d+|.* views by (country|top audience) .*")
_ROLLING = re.compile(r"(weekly|28 days) .*")  # figures of 7 and 28 days, told anew each day
_GENDERS = {"f": "female", "m": "male", "u": "unknown"}

_HOST = re.compile(r"\s*https?://([^/:?#\s]+)", re.IGNORECASE)
_HOSTS = {"instagram.com": "instagram", "facebook.com": "facebook", "fb.watch": "facebook"}
_BREAKDOWNS: dict[str, list[str]] = {
    "retention": ["Breakdown: interval", "Breakdown: share that remains"],
    "views by country": ["Breakdown: country", "Breakdown: views of 3 seconds"],
    "views by age and gender": ["Breakdown: age", "Breakdown: gender", "Breakdown: views of 3 seconds"],
}
_WIDE: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    ("retention", _RETENTION, lambda match: [match[1]]),
    ("views by country", _COUNTRY, lambda match: [match[1].upper()]),
    ("views by age and gender", _AUDIENCE, lambda match: [match[2].replace(" ", "-"), _GENDERS[match[1]]]),
    ("", _MORE, lambda match: []),
    ("", _ROLLING, lambda match: []),
)


def content_tables(table: Table, shape: Shape) -> list[Table]:
    """The table of posts, videos or pages and what its wide columns hold; none where nothing is to be done."""
    told = _rejoined(table, shape)
    at = next((i for i, row in enumerate(told.rows[:HEADER_WITHIN]) if _is_header(row, shape)), None)
    if at is None:
        return []
    names = [_english(cell, shape) for cell in told.rows[at]]
    if apart := _apart(told, at, names):
        return [table for one in apart for table in content_tables(one, shape) or [one]]
    wide = [_wide(cell) for cell in told.rows[at]]
    header = [_renamed(cell, shape, names) for cell in told.rows[at]]
    platform = told.platform or _platform(told, names, at)
    plain = told is table and header == told.rows[at] and platform == told.platform and not any(wide)
    if plain and not _describes(told.rows[at + 1 : at + 2]):
        return []  # as it is, however long
    below = at + 1 + _describes(told.rows[at + 1 : at + 2])
    whole = replace(
        told,
        rows=[header, *told.rows[below:]],
        lines=[told.lines[at], *told.lines[below:]],
        platform=platform,
    )
    main = _narrowed(whole, [i for i, one in enumerate(wide) if one is None])
    tables = [main]
    for name, titles in _BREAKDOWNS.items():
        values = [(i, one[1]) for i, one in enumerate(wide) if one is not None and one[0] == name]
        if values:
            tables.append(_long(whole, names, values, name, titles))
    if left := sum(one is not None and not one[0] for one in wide):
        note = f"{left} columns were left out: curves of the first 15 seconds, parts of parts, and rolling weeks."
        tables[0] = replace(main, warnings=(*main.warnings, note))
    return tables


def _apart(table: Table, at: int, names: list[str]) -> list[Table]:
    """Posts of Instagram and of Facebook that somebody put into one table; none where each row does not tell whose."""
    places = {whose: names.index(name) for whose, name in ACCOUNTS.items() if name in names}
    if len(places) < len(ACCOUNTS):
        return []
    whole = replace(table, rows=[table.rows[at], *table.rows[at + 1 :]], lines=table.lines[at:])
    parts: dict[str, list[int]] = {}
    nobodys: list[int] = []
    for i, row in enumerate(whole.rows[1:], start=1):
        named = [whose for whose, place in places.items() if row[place : place + 1] and row[place].strip()]
        if len(named) > 1:
            return []
        (parts.setdefault(named[0], []) if named else nobodys).append(i)
    if not parts:
        return []
    next(iter(parts.values())).extend(nobodys)  # to be set aside there for want of an id
    return [_part(whole, [0, *sorted(rows)], whose) for whose, rows in parts.items()]


def _part(table: Table, rows: list[int], whose: str) -> Table:
    """These rows, without the columns in which none of them has anything."""
    part = replace(
        table,
        rows=[table.rows[i] for i in rows],
        lines=[table.lines[i] for i in rows],
        sheet=f"{table.sheet} {whose}".strip(),
        platform=whose,
    )
    below = part.rows[1:]
    return _narrowed(
        part, [i for i in range(len(part.rows[0])) if any(row[i : i + 1] and row[i].strip() for row in below)]
    )


def _english(cell: str, shape: Shape) -> str:
    column = shape.column(cell)
    return column.header if column else ""


def _is_header(row: list[str], shape: Shape) -> bool:
    if len(row) < 3 or any(normal(cell).startswith("fivetran") for cell in row):
        return False
    names = {_english(cell, shape) for cell in row}
    content = not names.isdisjoint(IDS) and not names.isdisjoint(SIGNS)
    return content or ("Date" in names and any(normal(cell).startswith(("daily ", "28 days ")) for cell in row))


def _rejoined(table: Table, shape: Shape) -> Table:
    """Undo a spreadsheet that put each line of the file, also the lines within captions, into a cell of its own."""
    if not any(map(_is_torn, table.rows[:HEAD])):
        return table
    header = next(csv.reader([_line(table.rows[0], 0)]), [])
    if not _is_header(header, shape):
        return table
    texts = [_line(row, len(header)) for row in table.rows]
    starts = [line for text, line in zip(texts, table.lines, strict=True) for _ in range(text.count("\n") + 1)]
    reader = csv.reader(io.StringIO("\n".join(texts), newline=""))
    rows, lines, line = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(starts[min(line, len(starts) - 1)])
            line = reader.line_num
    except csv.Error:
        return table
    note = "Each line of the file had become a cell of its own; they were put together again."
    return replace(table, rows=rows, lines=lines, warnings=(*table.warnings, note))


def _is_torn(row: list[str]) -> bool:
    """Whether a record is one cell that holds cells, the last of them without its end."""
    return not any(row[1:]) and "," in row[0] and row[0].count('"') % 2 == 1


def _line(row: list[str], width: int) -> str:
    """The line that became this record; one of full width is whole already."""
    if not any(row[1:]):
        return row[0]
    if len(row) != width:
        return ",".join(row)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow(row)
    return out.getvalue()


def _describes(rows: Sequence[list[str]]) -> bool:
    """Whether the row describes the columns, as below the header of older exports: no day, no id, no figures."""
    return any(
        not row[0].strip() and any(len(cell) > 20 and " " in cell for cell in row) and not any(map(_is_number, row))
        for row in rows
    )


def _is_number(cell: str) -> bool:
    return cell.strip().isdigit()


def _platform(table: Table, names: list[str], at: int) -> str:
    """Whose table it is, by its addresses, where no column of the account tells; empty where they do not tell."""
    if not {"Page ID", "Page name", "Account ID", "Account username"}.isdisjoint(names) or "Permalink" not in names:
        return ""
    column = names.index("Permalink")
    links = [_HOST.match(row[column]) for row in table.rows[at + 1 :] if column < len(row)]
    hosts = {link[1].lower() for link in links if link}
    found = {whose for host in hosts for name, whose in _HOSTS.items() if host == name or host.endswith(f".{name}")}
    return found.pop() if len(found) == 1 else ""


def _renamed(cell: str, shape: Shape, names: list[str]) -> str:
    column = shape.column(cell)
    if column is None:
        return cell
    better = next((name for name in SECOND_CHOICE.get(column.header, ()) if name in names), None)
    return f"{column.header} (beside {better})" if better else cell


def _wide(cell: str) -> tuple[str, list[str]] | None:
    """What a header tells beside its metric: the breakdown and its values; None for an ordinary column."""
    bare = normal(cell)
    for name, pattern, values in _WIDE:
        if match := pattern.fullmatch(bare):
            return name, values(match)
    return None


def _narrowed(table: Table, kept: list[int]) -> Table:
    """The columns kept. A row of another width stays of another width, so that it is set aside."""
    width = len(table.rows[0])
    if len(kept) == width:
        return replace(table, rows=list(table.rows))
    rows = []
    for row in table.rows:
        rows.append([row[i] for i in kept] if _is_whole(row, width) else row[: len(kept) - 1])
    return replace(table, rows=rows)


def _is_whole(row: list[str], width: int) -> bool:
    return len(row) >= width and not any(cell.strip() for cell in row[width:])


def _long(table: Table, names: list[str], values: list[tuple[int, list[str]]], name: str, header: list[str]) -> Table:
    """One row a post and a value of the breakdown; what is not known makes none."""
    keys = [names.index(key) for key in (next(key for key in IDS if key in names), *KEYS) if key in names]
    rows, lines = [[*(table.rows[0][i] for i in keys), *header]], [table.lines[0]]
    for row, line in zip(table.rows[1:], table.lines[1:], strict=True):
        if not _is_whole(row, len(table.rows[0])):
            continue  # set aside in the main table
        known = [[*(row[i] for i in keys), *value, row[at]] for at, value in values if row[at].strip()]
        rows.extend(known)
        lines.extend([line] * len(known))
    return replace(table, rows=rows, lines=lines, sheet=f"{table.sheet} {name}".strip(), warnings=())
