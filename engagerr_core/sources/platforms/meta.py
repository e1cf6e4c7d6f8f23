"""Meta Business Suite (Instagram, Facebook): what is peculiar to its tables.

A post's figures are its lifetime totals, or one day's where the column Date names a day. Result cards and the audience
put titles above their tables, and often do not say which platform they are of.
"""

from itertools import pairwise

from engagerr_core.sources.dates import read_days
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.tables import Table

FORMATS = {
    "ig reel": "short_video",
    "ig image": "image",
    "ig carousel": "carousel",
    "ig story": "story",
    "ig video": "long_video",
    "photos": "image",
    "reels": "short_video",
    "videos": "long_video",
    "live": "long_video",
    "links": "link",
    "text": "text",
    "stories": "story",
}
GENDERS = {"women": "female", "men": "male"}
AUDIENCE_BLOCKS = {"top cities": "city", "top countries": "country"}
_MOVING = ("short_video", "long_video", "story", "")  # formats that may have a duration


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if "content" not in draft.rows:
        return
    draft.reject_nameless("content", "id of the post")
    _read_span(draft)
    rows = draft.rows
    draft.rows["format"] = rows["format"].map(lambda text: FORMATS.get(normal(text), "")) if "format" in rows else ""
    draft.rows["format_origin"] = draft.rows["format"].where(draft.rows["format"] == "", "native")
    if "duration" in rows:
        draft.rows["duration"] = rows["duration"].where(draft.rows["format"].isin(_MOVING) & (rows["duration"] > 0))
    if "description" in rows:
        given = rows["title"] if "title" in rows else rows["description"]
        draft.rows["title"] = given.where(given != "", rows["description"])


def _read_span(draft: Draft) -> None:
    """`Lifetime` is a stock, a day the flow of that day."""
    import numpy as np
    import pandas as pd

    lifetime = draft.rows["covers"].str.casefold() == "lifetime"
    days, wrong = read_days(draft.rows["covers"].where(~lifetime, ""), order="month first")
    at_fault = np.zeros(len(draft.rows), bool)
    at_fault[list(wrong)] = True
    at_fault |= (~lifetime).to_numpy(bool) & np.isnat(days)
    draft.rows = draft.rows.assign(
        basis=np.where(lifetime, "stock", "flow"),
        period_start=pd.Series(days.astype("datetime64[us]"), index=draft.rows.index),
        period_end=pd.Series(days.astype("datetime64[us]"), index=draft.rows.index),
    )
    draft.reject(at_fault, "covers", "neither Lifetime nor a day", "Export the file again with its column Date.")


def split(table: Table) -> list[Table]:
    """Cards and audience as plain tables; none where the table is neither."""
    first = [normal(row[0]) if len(_filled(row)) == 1 else "" for row in table.rows[:3]]
    if not first or not first[0]:
        return []
    if len(table.rows) > 1 and [normal(cell) for cell in table.rows[1]] == ["date", "primary"]:
        return [_card(table)]
    if first[0] == "age gender" or first[0] in AUDIENCE_BLOCKS:
        return _audience(table)
    return []


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _card(table: Table) -> Table:
    title = " ".join(table.rows[0][0].split())
    words = normal(title).split()
    platform = next((word for word in ("instagram", "facebook") if word in words), "")
    metric = " ".join(word for word in words if word not in ("instagram", "facebook", "page"))
    header = ["Card", "Card day", f"Card: {metric}"]
    rows = [header, *([title, *row] for row in table.rows[2:])]
    return Table(
        rows=rows, lines=table.lines[1:], sheet=table.sheet, platform=platform, has_nulls=table.has_nulls,
        warnings=table.warnings,
    )  # fmt: skip


def _audience(table: Table) -> list[Table]:
    """Each titled block as a long table: value or values of the dimension, and its share."""
    starts = [i for i, row in enumerate(table.rows) if len(_filled(row)) == 1] + [len(table.rows)]
    found = []
    for start, end in pairwise(starts):
        title, block, lines = table.rows[start][0].strip(), table.rows[start + 1 : end], table.lines[start + 1 : end]
        if normal(title) == "age gender" and block:
            genders = [GENDERS.get(normal(cell), normal(cell)) for cell in block[0][1:]]
            header = ["Audience: age", "Audience: gender", "Audience: share (%)"]
            long = [
                ([row[0], gender, share], line)
                for row, line in zip(block[1:], lines[1:], strict=True)
                for gender, share in zip(genders, row[1:], strict=False)
            ]
        elif normal(title) in AUDIENCE_BLOCKS and len(block) >= 2:
            header = [f"Audience: {AUDIENCE_BLOCKS[normal(title)]}", "Audience: share (%)"]
            long = [([value, share], lines[1]) for value, share in zip(block[0], block[1], strict=False)]
        else:
            continue
        found.append(
            Table(
                rows=[header, *(row for row, _ in long)],
                lines=[lines[0], *(line for _, line in long)],
                sheet=title,
                has_nulls=table.has_nulls,
                warnings=table.warnings,
            )
        )
    return found
