"""LinkedIn's sheets as plain tables.

Several sheets are no tables: figures stand as label and value, two tables stand side by side, a total stands above the
header, one column names the dimension of the next. And one row of the page's sheets speaks of organic, sponsored and
all figures at once. Labels come in the language of whoever exported, days in its order; where the words are not known
the form of the sheet is.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engagerr_core.sources.dates import Order, read_days, weekday_numbers
from engagerr_core.sources.files import INSIDE
from engagerr_core.sources.headers import normal
from engagerr_core.sources.platforms import MODULES
from engagerr_core.sources.shapes import load_shape
from engagerr_core.sources.tables import Table
from engagerr_core.sources.values import Untrusted, count, is_unknown

if TYPE_CHECKING:
    import numpy as np

MARK = "LinkedIn sheet"  # the header of a column that only tables made here have
LONGEST_POST = 100  # labels of the sheet of one post; it has about 15
HEADER_WITHIN = 6  # records, from the top, in which a header is looked for
PROMOTION = ("organic", "sponsored", "auto-invited")
DEVICES = ("desktop", "mobile")
NEW_FOLLOWERS = {
    "Organic followers": "organic",
    "Sponsored followers": "sponsored",
    "Auto-invited followers": "auto-invited",
    "Total followers": "",
}
VISITS = {"Total page views": "Page views", "Total unique visitors": "Page visitors"}
NOT_ADDED = ("Unique impressions", "Page visitors", "Engagement rate")  # whose total its parts do not tell
CATEGORIES = ("Location", "Job function", "Job title", "Seniority", "Industry", "Company size", "Company")
WHOSE = ("Top Demographics", "Category")
TITLES = (("Value", "Percentage"), ("Value", "%"))
ENGAGEMENT = ("Date", "Impressions", "Engagements")
BLOCKS = (0, 4)  # columns at which the two tables of TOP POSTS begin
CONTENT_WORDS = (
    "content",
    "inhalt",
    "contenu",
    "contenido",
    "conteúdo",
    "contenuti",
    "контент",
    "コンテンツ",
    "nội dung",
)

_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_COUNT = re.compile(r"-?\d[\d., \u00a0\u202f]*")
_SHARE = re.compile(r"[\d.,]+\s*%?")
_ADDRESS = re.compile(r"https?://[^/]*linkedin\.com/", re.IGNORECASE)


def split(table: Table) -> list[Table]:
    """The plain tables of a sheet; none where it is no sheet of LinkedIn's that needs it."""
    for cut in (_by_day, _discovery, _followers, _engagement, _top_posts, _demographics, _post):
        if found := cut(table):
            return found
    return []


def english(cell: str) -> str:
    """The English header of a cell in any language; the cell itself where it is none."""
    column = load_shape("linkedin").column(cell)
    return column.header if column else " ".join(cell.split())


def header_and_part(cell: str) -> tuple[str, str]:
    """The English header without the part that it speaks of, and the part; empty where it names none.

    >>> header_and_part("Impressions (organic)"), header_and_part("Clicks (total)"), header_and_part("Clicks")
    (('Impressions', 'organic'), ('Clicks', 'total'), ('Clicks', ''))
    """
    shape, words = load_shape("linkedin"), normal(cell).split()
    for taken in (1, 2) if shape.column(cell) is None else ():
        part = shape.word(" ".join(words[-taken:])).casefold()
        column = shape.column(" ".join(words[:-taken]))
        if column is not None and part in (*PROMOTION, *DEVICES, "total"):
            return column.header, part
    return english(cell), ""


Rows = list[tuple[list[str], int]]  # cells, and the line on which they stand


def _made(table: Table, header: list[str], rows: Rows, *, at: int, part: str = "") -> list[Table]:
    """A table of these rows, the header before them, with the marking column; `at` is the record of the header."""
    return [
        Table(
            rows=[[MARK, *header], *(["yes", *cells] for cells, _ in rows)],
            lines=[table.lines[at], *(line for _, line in rows)],
            sheet=INSIDE.join(filter(None, (table.sheet, part))),
            has_nulls=table.has_nulls,
            warnings=table.warnings,
        )
    ]


def _below(table: Table, header: int) -> tuple[Rows, Rows]:
    """The rows below a header: whole ones, and those that lack cells or have too many, as one cell each.

    The latter are too short for any table made here, and are set aside where its cells are read.
    """
    width = len(table.rows[header])
    whole: Rows = []
    broken: Rows = []
    for row, line in zip(table.rows[header + 1 :], table.lines[header + 1 :], strict=True):
        fits = len(row) >= width and not _filled(row[width:])
        (whole if fits else broken).append((list(row) if fits else [",".join(row)], line))
    return whole, broken


def _filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _at(row: Sequence[str], i: int) -> str:
    return row[i] if i < len(row) else ""


def _header(table: Table, wanted: set[str]) -> int:
    """Where the header stands that has these columns; -1 where there is none."""
    for i, row in enumerate(table.rows[:HEADER_WITHIN]):
        if wanted <= {english(cell) for cell in row if cell.strip()}:
            return i
    return -1


def _usual(labels: Sequence[str]) -> Order:
    """How a creator's workbook writes days: month first where its labels are English, day first in other languages."""
    shape, filled = load_shape("linkedin"), _filled(labels)
    known = [cell for cell in filled if shape.column(cell) is not None]
    in_english = all(normal(english(cell)) == normal(cell) for cell in known)
    return "month first" if in_english and 2 * len(known) > len(filled) else "day first"


def _other(order: Order) -> Order:
    return "day first" if order == "month first" else "month first"


def _read(texts: list[str], order: Order) -> tuple["np.ndarray", dict[int, Untrusted]]:
    import pandas as pd

    return read_days(pd.Series(texts, dtype="str"), order=order)


def _order(texts: list[str], usual: Order) -> Order:
    """The order in which days of consecutive rows span less, which is the right one; the usual one in doubt."""
    spans = {}
    for order in (usual, _other(usual)):
        days, wrong = _read(texts, order)
        known = days[~_unknown(days)]
        if len(known):
            spans[order] = len(wrong), known.max() - known.min()
    return min(spans, key=spans.__getitem__, default=usual)


def _unknown(days: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.isnat(days)


def _iso(texts: list[str], order: Order) -> list[str]:
    """Days as 2026-11-02; what cannot be read stays as it is written."""
    days, _ = _read(texts, order)
    return [text if lost else str(day) for text, day, lost in zip(texts, days, _unknown(days), strict=True)]


def _by_day(table: Table) -> list[Table]:
    """A page's figures by day: one row becomes one for all, and one for each part that it tells."""
    for i, row in enumerate(table.rows[:HEADER_WITHIN]):
        columns = [header_and_part(cell) if cell.strip() else ("", "") for cell in row]
        names = {name for name, _ in columns}
        if "Date" not in names:
            continue
        if names & (NEW_FOLLOWERS.keys() - {"Total followers"}):
            columns = [("New followers", NEW_FOLLOWERS[n]) if n in NEW_FOLLOWERS else (n, p) for n, p in columns]
        elif "Unique impressions" not in names and not any(map(_names_part, row)):
            continue  # columns that others have too
        plain = [(VISITS.get(name, name), "" if part == "total" else part) for name, part in columns]
        return _parted(table, i, plain)
    return []


def _names_part(cell: str) -> bool:
    """Whether a header names the part as LinkedIn does; the word for all, without brackets, others write too."""
    _, part = header_and_part(cell)
    return bool(part) and (part != "total" or cell.rstrip().endswith((")", "）")))


def _parted(table: Table, header: int, columns: list[tuple[str, str]]) -> list[Table]:
    visits = any(part in DEVICES or name in VISITS.values() for name, part in columns)
    dimension, parts = ("Device", DEVICES) if visits else ("Promotion", PROMOTION)
    names = list(dict.fromkeys(name for name, _ in columns if name and name != "Date"))
    where = {column: i for i, column in reversed(list(enumerate(columns)))}
    body, rows = _below(table, header)
    texts = [row[where["Date", ""]] for row, _ in body]
    order = _order(texts, "month first")
    days, _ = _read(texts, order)
    for (row, line), day, lost in zip(body, _iso(texts, order), _unknown(days), strict=True):
        for part in ("", *parts[: 0 if lost else None]):  # a row without a day is set aside once
            cells = [_figure(row, where, name, part) for name in names]
            if not part or _filled(cells):
                rows.append(([day, part, *cells], line))
    return _made(table, ["Date", dimension, *names], rows, at=header)


def _figure(row: list[str], where: dict[tuple[str, str], int], name: str, part: str) -> str:
    """A figure of one part, or of all: as given, else what the parts tell for certain."""
    if (name, part) in where:
        return row[where[name, part]]
    if part or (name, "organic") not in where:
        return ""
    organic = row[where[name, "organic"]]
    if name == "Unique impressions":  # nobody else was reached where nothing was sponsored
        paid = where.get(("Impressions", "sponsored"))
        return organic if paid is not None and _known(row[paid]) == 0 else ""
    if name in NOT_ADDED or (name, "sponsored") not in where:
        return ""
    sponsored = row[where[name, "sponsored"]]
    one, other = _known(organic), _known(sponsored)
    return "" if one is None or other is None else str(round(one + other))


def _known(cell: str) -> float | None:
    try:
        return None if is_unknown(cell) else count(cell)
    except Untrusted:
        return None


def _discovery(table: Table) -> list[Table]:
    """DISCOVERY: a period, and label and value below it."""
    first, below = _filled(table.rows[0]) if table.rows else [], table.rows[1:]
    if len(first) != 2 or _DAY.search(first[0]) or not 2 <= len(below) <= 20:
        return []
    days = [match[0] for match in _DAY.finditer(first[1])]
    pairs = [_filled(row) for row in below]
    if len(days) != 2 or not all(len(pair) == 2 and _COUNT.fullmatch(pair[1].strip()) for pair in pairs):
        return []
    labels = [english(label) for label, _ in pairs]
    if not {"Impressions", "Members reached"} <= set(labels):  # in an unknown language: two rows, in this order
        shown, reached = (_known(pair[1]) for pair in pairs[:2])
        if len(pairs) != 2 or shown is None or reached is None or shown < reached:
            return []
        labels = ["Impressions", "Members reached"]
    usual = _usual([label for label, _ in pairs])
    span = _iso(days, usual)
    if span[0] > span[1]:
        span = _iso(days, _other(usual))
    row = [*span, *(value for _, value in pairs)]
    return _made(table, ["Date", "Last day", *labels], [(row, table.lines[1])], at=0)


def _followers(table: Table) -> list[Table]:
    """FOLLOWERS: the total on a day, then new followers by day. The total joins the row of its day."""
    first = _filled(table.rows[0]) if table.rows else []
    header = _header(table, {"Date", "New followers"})
    days = [match[0] for match in _DAY.finditer(first[0])] if len(first) == 2 else []
    if header < 1 or len(days) != 1 or not _COUNT.fullmatch(first[1].strip()):
        return []
    names = [english(cell) for cell in table.rows[header]]
    body, rows = _below(table, header)
    texts = [row[names.index("Date")] for row, _ in body]
    order = _order(texts, _usual(table.rows[header]))
    (last,), told = _iso(days, order), _iso(texts, order)
    beside = last in told and _known(first[1]) is not None  # else only the total itself is set aside
    if not beside:
        rows.append(([last, "", first[1]], table.lines[0]))
    for day, (row, line) in zip(told, body, strict=True):
        rows.append(([day, row[names.index("New followers")], first[1] if beside and day == last else ""], line))
    return _made(table, ["Date", "New followers", "Total followers"], rows, at=header)


def _engagement(table: Table) -> list[Table]:
    """ENGAGEMENT: three columns that others have too; LinkedIn writes their days without the day of the week."""
    header = _header(table, set(ENGAGEMENT))
    if header < 0:
        return []
    names = [english(cell) for cell in table.rows[header]]
    if any(_is_known(name) for name in names if name.strip() and name not in ENGAGEMENT):
        return []  # a table of somebody's that has more
    (body, broken), day = _below(table, header), names.index("Date")
    texts = [row[day] for row, _ in body]
    if any(_names_weekday(text) for text in texts):
        return []
    told = _iso(texts, _order(texts, _usual(table.rows[header])))
    rows = [([*row[:day], told[i], *row[day + 1 : len(names)]], line) for i, (row, line) in enumerate(body)]
    return _made(table, names, [*broken, *rows], at=header)


def _is_known(header: str) -> bool:
    """Whether any platform has a column of this name."""
    return any(load_shape(name).column(header) is not None for name in MODULES)


def _names_weekday(text: str) -> bool:
    return not weekday_numbers().keys().isdisjoint(normal(text).split())


def _top_posts(table: Table) -> list[Table]:
    """TOP POSTS: posts by engagements and posts by impressions side by side become one row a post."""
    for i, row in enumerate(table.rows[:HEADER_WITHIN]):
        names, filled = [english(cell) for cell in row], len(_filled(row))
        starts = [j for j, name in enumerate(names) if name == "Post URL"]
        if len(starts) == 2 or (len(starts) == 1 and filled == 3 and {"Engagements", "Impressions"} & set(names)):
            return _joined(table, i, starts)
        if filled == 6 and not _at(row, 3).strip() and not any(map(_ADDRESS.match, row)):  # in an unknown language
            starts = [j for j in BLOCKS if any(_ADDRESS.match(_at(cells, j)) for cells in table.rows[i + 1 :])]
            return _joined(table, i, starts) if starts else []
    return []


def _joined(table: Table, header: int, starts: list[int]) -> list[Table]:
    row, (body, broken) = table.rows[header], _below(table, header)
    usual = _usual([cell for j in starts for cell in row[j : j + 3]])
    posts: dict[tuple[str, int], list[str]] = {}
    found: dict[tuple[str, int], int] = {}
    for j in starts:
        name = english(_at(row, j + 2))
        position = {"Engagements": 2, "Impressions": 3}.get(name, 3 if j else 2)
        seen: dict[str, int] = {}
        for cells, line in body:
            if not (address := cells[j].strip()):
                continue
            seen[address] = seen.get(address, 0) + 1
            key = address, seen[address]
            post = posts.setdefault(key, [address, _at(cells, j + 1), "", ""])
            post[position] = _at(cells, j + 2)
            found.setdefault(key, line)
    days = _iso([post[1] for post in posts.values()], usual)
    made = [
        ([address, day, *figures], line)
        for (address, _, *figures), day, line in zip(posts.values(), days, found.values(), strict=True)
    ]
    names = ["Post URL", "Post publish date", "Engagements", "Impressions"]
    return _made(table, names, [*broken, *made], at=header)


def _demographics(table: Table) -> list[Table]:
    """DEMOGRAPHICS: category, value and share become one table a category."""
    shape = load_shape("linkedin")
    for i, row in enumerate(table.rows[:3]):
        names = [english(cell) for cell in row]
        titled = next((places for titles in TITLES if (places := _places(names, titles))), None)
        places = titled or _places_by_form(table, i)
        if not places:
            continue
        body, broken = _below(table, i)
        groups: dict[str, Rows] = {}
        for cells, line in body:
            category, value, share = (cells[place] for place in places)
            groups.setdefault(shape.word(category.strip()), []).append(([value, _share(share)], line))
        of = _whose(table, names[places[0]])
        if of is None or not (titled or set(groups) <= set(CATEGORIES)):
            continue
        first = next(iter(groups), CATEGORIES[0])
        groups[first] = [*broken, *groups.get(first, [])]
        return [one for name, rows in groups.items() for one in _group(table, i, name, of, rows)]
    return []


def _places(names: list[str], titles: tuple[str, ...]) -> list[int]:
    """Where category, value and share stand, told by the header; none where it does not tell all."""
    others = [name for name in names if name.strip() and name not in titles]
    category = next((name for name in WHOSE if name in others), others[0] if len(others) == 1 else "")
    wanted = [category, *titles]
    return [names.index(name) for name in wanted] if category and set(titles) <= set(names) else []


def _places_by_form(table: Table, header: int) -> list[int]:
    """The same, in an unknown language: three columns in LinkedIn's order, a known category in the first."""
    filled = [j for j, cell in enumerate(table.rows[header]) if cell.strip()]
    if len(filled) != 3 or header + 1 >= len(table.rows):
        return []
    first = load_shape("linkedin").word(_at(table.rows[header + 1], filled[0]).strip())
    return filled if first in CATEGORIES else []


def _whose(table: Table, title: str) -> str | None:
    """Whose shares these are: of followers, of viewers of all content, or of one post; None where it is not told."""
    if title == "Category":
        return "post"
    if any(word in table.sheet.casefold() for word in CONTENT_WORDS):
        return "content"
    return "followers" if title == "Top Demographics" else None


def _group(table: Table, header: int, name: str, of: str, rows: Rows) -> list[Table]:
    share = "Share of followers" if of == "followers" else "Share of viewers"
    if of == "post":  # which one, only the file's name tells
        return _made(table, ["Post", name, share], [(["", *cells], line) for cells, line in rows], at=header, part=name)
    return _made(table, [name, share], rows, at=header, part=name)


def _share(cell: str) -> str:
    """A share as written; one told only to be small, such as ``< 1%`` or ``menos de 1%``, is unknown."""
    return "" if not _SHARE.fullmatch(cell.strip()) and "1" in cell and "%" in cell else cell


def _post(table: Table) -> list[Table]:
    """PERFORMANCE: label and value of one post, with titles of sections between them."""
    if len(table.rows) > LONGEST_POST:
        return []
    pairs = [(_filled(row), line) for row, line in zip(table.rows, table.lines, strict=True)]
    if any(len(pair) > 2 for pair, _ in pairs):
        return []
    told = [(english(pair[0]), pair[1].strip(), line) for pair, line in pairs if len(pair) == 2]
    named = [(label, value, line) for label, value, line in told if label == "Post URL" or _ADDRESS.match(value)]
    if len(named) != 1 or "Impressions" not in {label for label, _, _ in told} or not _ADDRESS.match(named[0][1]):
        return []
    usual = _usual([pair[0] for pair, _ in pairs if len(pair) == 2])
    labels = ["Post URL" if _ADDRESS.match(value) else label for label, value, _ in told]
    values = [_iso([value], usual)[0] if label == "Post date" else value for label, value, _ in told]
    return _made(table, labels, [(values, named[0][2])], at=0)
