"""Royalty statements: one table of many services, whose rows are lines that add up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from math import fsum
from typing import TYPE_CHECKING

from engagerr_core.errors import UnknownFormat
from engagerr_core.sources.detection import detect
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.mappings.countries import UNKNOWN
from engagerr_core.sources.mappings.periods import read_spans
from engagerr_core.sources.mappings.services import OTHER, Services
from engagerr_core.sources.mappings.totals import adds
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.shapes import Shape
from engagerr_core.sources.tables import Table
from engagerr_core.sources.values import mark_proved
from engagerr_core.vocabulary.platforms import platforms

if TYPE_CHECKING:
    import pandas as pd

UNITS_SOLD = "units sold, told by the kind of sale"  # no header: what `count_units` makes of the column of units
STREAMED = ("stream", "subscription", "ad supported", "ad funded", "interactive", "radio")
SOLD = ("download", "purchase", "sold", "physical", "sale of")
TAKEN_BACK = ("void", "return", "returns", "refund", "reversal", "r")
ITS_OWN = "the statement, told by the table itself"  # no header: what `tell_statement` makes
UNTITLED = (
    "The statement tells no day or number of its own, so it counts as one by itself: what other statements say about "
    "the same songs and months is added. A longer history that repeats it would count it twice."
)
NAMED = 5  # services named in a warning


def split_by_service(shape: Shape, services: Services, table: Table) -> list[Table]:
    """A statement cut by the services that it names, a table for each; none where the table is no such statement."""
    unasked = replace(shape, kinds=tuple(kind for kind in shape.kinds if not kind.asked))
    try:
        match = detect(table.rows, [Platform(shape=unasked, refine=lambda draft: None)])
    except UnknownFormat:
        return []
    columns = [shape.column(cell) for cell in table.rows[match.header]]
    place = next((i for i, column in enumerate(columns) if column and column.dimension == "service"), None)
    if not match.kind.statement or place is None:
        return []
    parts: dict[str, list[int]] = {}
    told: dict[str, str] = {}
    for number in range(match.header + 1, len(table.rows)):
        row = table.rows[number]
        name = row[place] if place < len(row) else ""
        if name not in told:
            told[name] = services.platform(name)
        parts.setdefault(told[name], []).append(number)
    figures = [i for i, column in enumerate(columns) if column and column.metric]
    table = replace(table, rows=_with_points(table.rows, match.header, figures), lines=list(table.lines))
    return [_part(table, match.header, platform, numbers) for platform, numbers in sorted(parts.items())]


def _with_points(rows: Sequence[list[str]], header: int, figures: list[int]) -> list[list[str]]:
    """The rows with decimal points, where the statement as a whole proves its decimal mark: a part of it might not."""
    body = rows[header + 1 :]
    cells = {row[i] for row in body for i in figures if i < len(row)}
    marks = {mark_proved(cell) for cell in cells} - {""}
    if len(marks) != 1:
        return list(rows)
    (mark,) = marks
    numbers = {cell for cell in cells if any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))}
    plain = {cell: cell.replace("," if mark == "." else ".", "").replace(mark, ".") for cell in numbers}
    changed = [[plain.get(cell, cell) if i in figures else cell for i, cell in enumerate(row)] for row in body]
    return [*rows[: header + 1], *changed]


def _part(table: Table, header: int, platform: str, numbers: list[int]) -> Table:
    kept = [header, *numbers]
    title = platforms()[platform].title
    return replace(
        table,
        rows=[table.rows[i] for i in kept],
        lines=[table.lines[i] for i in kept],
        sheet=f"{table.sheet} › {title}" if table.sheet else title,
        platform=platform,
    )


def count_units(draft: Draft, services: Services) -> None:
    """Tell streams from units sold: by the kind of sale, else by the service; not known where neither tells.

    A table with neither column counts what its mapping calls the column of units.
    """
    if "streams" not in draft.rows or not {"service", "royalty_type"} & {*draft.rows}:
        return
    import numpy as np

    rows = draft.rows
    by_service = _told(rows, "service", services.counts)
    by_sale = _told(rows, "royalty_type", _counted_as)
    told = by_sale.where(by_sale != "", by_service)
    units = rows["streams"]
    if "reversal" in rows:
        back = rows["reversal"].str.casefold().isin(TAKEN_BACK).to_numpy(bool)
        units = units.where(~back, -units.abs())
    bought = rows.get("purchases", np.nan)
    draft.rows = rows.assign(streams=units.where(told == "streams"), purchases=units.where(told == "purchases", bought))
    if "service" in rows and draft.kind.platform == OTHER:
        silent = rows.loc[(told == "") & units.notna(), "service"].unique()
        if len(silent):
            shown = ", ".join(silent[:NAMED]) + (f" and {len(silent) - NAMED} more" if len(silent) > NAMED else "")
            draft.warnings.append(
                f"Whether units of {shown} are streams or sales is not told: only their money is kept."
            )


def _told(rows: "pd.DataFrame", role: str, tell: Callable[[str], str]) -> "pd.Series":
    import pandas as pd

    if role not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[role].map({text: tell(text) for text in rows[role].unique()}).astype("str")


def _counted_as(sale: str) -> str:
    words = normal(sale)
    if any(word in words for word in STREAMED):
        return "streams"
    return "purchases" if any(word in words for word in SOLD) else ""


def is_log(draft: Draft) -> bool:
    """Whether the lines are single sales with their days: a later table of the same days replaces them."""
    return draft.kind.period == "day" and "statement" not in draft.rows


def tell_statement(draft: Draft) -> None:
    """Each line's statement: its day or period in one form whoever saved the file, or the name that it has.

    Lines without any are named by what they say, so that the same lines in a file with other bytes are the same
    statement.
    """
    import pandas as pd

    if is_log(draft):
        return
    rows = draft.rows
    if "statement" in rows:
        different = pd.Series(rows["statement"].unique(), dtype="str")
        told = rows["statement"].map(dict(zip(different, _in_one_form(different), strict=True))).astype("str")
    else:
        told = pd.Series(UNKNOWN, index=rows.index, dtype="str")
    untold = (told == UNKNOWN).to_numpy(bool)
    draft.rows = rows.assign(statement=told)
    if untold.any():
        draft.rows["statement"] = told.mask(untold, _name_of_lines(draft, draft.rows[untold]))
        draft.warnings.append(UNTITLED)


def _in_one_form(texts: "pd.Series") -> list[str]:
    """Days and months as ISO writes them; numbers and what is neither as they stand."""
    words = texts.where(~texts.str.isdecimal(), UNKNOWN)
    starts, ends, wrong = read_spans(words, whole_month=False)
    found = []
    for place, (text, start, end) in enumerate(zip(texts, starts.astype(str), ends.astype(str), strict=True)):
        told = start != "NaT" and place not in wrong
        found.append(text if not told else start if start == end else f"{start} to {end}")
    return found


def _name_of_lines(draft: Draft, rows: "pd.DataFrame") -> str:
    """A name made of the lines in any order. Amounts enter as their sum: spreadsheets cut off their last digits."""
    import numpy as np
    import pandas as pd

    money = {column.metric for column in draft.shape.columns if column.written_as == "money"}
    amounts = [name for name in draft.metrics if name in money]
    told = [name for name in (*_key(draft), *draft.metrics) if name not in (*amounts, "statement")]
    lines = np.sort(pd.util.hash_pandas_object(rows[told], index=False).to_numpy())
    sums = [f"{fsum(rows[name].dropna()):.2f}" for name in amounts]
    return f"untitled {sha256(lines.tobytes() + ' '.join(sums).encode()).hexdigest()[:12]}"


def _key(draft: Draft) -> list[str]:
    """What the lines are about."""
    names = ("account", "content", "period_start", "period_end", "day", *draft.dimensions)
    return [name for name in names if name in draft.rows]


def add_lines(draft: Draft) -> None:
    """Lines of a statement about the same thing, period and currency become one row with their sums."""
    import numpy as np

    rows, key = draft.rows, _key(draft)
    if not key or not rows.duplicated(key).any():
        return
    grouped = rows.groupby(key, sort=False, dropna=False)
    together = grouped.first().reset_index()
    alone = grouped.size().to_numpy() == 1
    for name in draft.metrics:
        sums = grouped[name].sum(min_count=1).to_numpy()
        together[name] = sums if adds(name) else np.where(alone, sums, np.nan)
    together["line"] = together["line"].where(alone, 0)
    draft.rows = together[list(rows.columns)]
