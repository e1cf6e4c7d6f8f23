"""Royalty statements: one table of many services, whose rows are lines that add up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engagerr_core.errors import NotAdditive, UnknownFormat
from engagerr_core.sources.detection import detect
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.mappings.services import OTHER, Services
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.shapes import Shape
from engagerr_core.sources.tables import Table
from engagerr_core.sources.values import mark_proved
from engagerr_core.vocabulary.metrics import require_additive
from engagerr_core.vocabulary.platforms import platforms

if TYPE_CHECKING:
    import pandas as pd

UNITS_SOLD = "units sold, told by the kind of sale"  # no header: what `count_units` makes of the column of units
STREAMED = ("stream", "subscription", "ad supported", "ad funded", "interactive", "radio")
SOLD = ("download", "purchase", "sold", "physical", "sale of")
TAKEN_BACK = ("void", "return", "returns", "refund", "reversal", "r")
ONE_FILE = (
    "Totals hold what this statement says. A later statement on the same song and period replaces them: ingest the "
    "whole history in one file where periods are stated in several."
)
TEXTS = ("platform", "account", "content", "dimension", "dimension_value", "basis", "file", "currency")
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
    """Tell streams from units sold: by the kind of sale, else by the service; not known where neither tells."""
    if "streams" not in draft.rows:
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


def add_lines(draft: Draft) -> None:
    """Lines of a statement about the same thing, period and currency become one row with their sums."""
    draft.warnings.append(ONE_FILE)
    rows = draft.rows
    names = draft.metrics
    key = [k for k in ("account", "content", "period_start", "period_end", "day", *draft.dimensions) if k in rows]
    if not key or not rows.duplicated(key).any():
        return
    grouped = rows.groupby(key, sort=False, dropna=False)
    together = grouped.first().reset_index()
    for name in names:
        together[name] = grouped[name].sum(min_count=1).to_numpy()
    together["line"] = together["line"].where(grouped.size().to_numpy() == 1, 0)
    draft.rows = together[list(rows.columns)]


def complete(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    """Nothing from tables of posts alone; from a statement the totals of each song and of the account beside its lines.

    Totals of money are not known where the lines are in several currencies.
    """
    import pandas as pd

    if not draft.metrics:
        return observations.iloc[:0]
    if "currency" in draft.dimensions:
        observations = _with_currencies(draft, observations)
    if not draft.kind.statement or observations.empty:
        return observations
    observations = observations.astype(dict.fromkeys(TEXTS, "str"))  # some may be categories
    of_songs = _summed(observations[observations["content"] != ""], draft)
    of_account = _summed(observations.assign(content=""), draft)
    lines = observations[observations["dimension"] != ""]
    return pd.concat([lines, of_songs, of_account], ignore_index=True)[list(observations.columns)]


def _with_currencies(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    place = draft.dimensions.index("currency")
    code = observations["dimension_value"].str.split("|").str[place]
    return observations.assign(currency=code.where(code.str.fullmatch("[A-Z]{3}"), ""))


def _summed(rows: "pd.DataFrame", draft: Draft) -> "pd.DataFrame":
    """Totals of a content and a period. A metric that does not add is unknown."""
    import numpy as np

    key = ["platform", "account", "content", "basis", "period_start", "period_end"]
    grouped = rows.groupby(key, sort=True, dropna=False)
    totals = grouped.first()
    totals["dimension"] = totals["dimension_value"] = ""
    totals["row"] = np.int32(0)
    money = {column.metric for column in draft.shape.columns if column.written_as == "money"}
    for name in draft.metrics:
        try:
            require_additive(name, over="content")
        except NotAdditive:
            totals[name] = np.nan
            continue
        totals[name] = grouped[name].sum(min_count=1)
        if name in money and "currency" in draft.dimensions:
            totals[name] = totals[name].where(grouped["currency"].min() == grouped["currency"].max())
    return totals.reset_index()
