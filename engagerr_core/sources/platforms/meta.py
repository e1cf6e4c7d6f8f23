"""Meta Business Suite (Instagram, Facebook): what is peculiar to its tables.

A post's figures are its lifetime totals, or one day's where the column Date names a day. Result cards and the audience
put titles above their tables (`meta_blocks`); videos have wide columns (`meta_content`).
"""

from collections.abc import Sequence

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.dates import read_days
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.platforms.meta_blocks import block_tables
from engagerr_core.sources.platforms.meta_content import content_tables
from engagerr_core.sources.shapes import load_shape
from engagerr_core.sources.tables import Table
from engagerr_core.sources.values import is_unknown

FORMATS = {
    "ig reel": "short_video",
    "ig image": "image",
    "ig carousel": "carousel",
    "ig story": "story",
    "ig video": "long_video",
    "ig igtv": "long_video",
    "photo": "image",
    "photos": "image",
    "image": "image",
    "reel": "short_video",
    "reels": "short_video",
    "video": "long_video",
    "videos": "long_video",
    "sharedvideo": "long_video",
    "live": "long_video",
    "live video": "long_video",
    "link": "link",
    "links": "link",
    "text": "text",
    "status": "text",
    "story": "story",
    "stories": "story",
    "carousel": "carousel",
    "album": "carousel",
    "albums": "carousel",
    "multi photo": "carousel",
    "multi media": "carousel",
}
SHORTEST_LONG = 180  # seconds; a longer video at a reel's address is none of the short format

_MOVING = ("short_video", "long_video", "story", "")  # formats that may have a duration
_STILL = ("image", "carousel", "text", "link")
_OF_VIDEOS = ("three_second_views", "one_minute_views", "watch_minutes", "average_view_seconds", "video_views")
_LIFETIME = "Lifetime"
_HIGHEST_RETENTION = 2.0  # viewers may rewind; beyond it the cells are no fractions


def split(table: Table) -> list[Table]:
    """Cards, audience and content as plain tables; none where the table is none of them."""
    shape = load_shape("meta")
    return block_tables(table, shape) or content_tables(table, shape) if table.rows else []


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if draft.kind.refused:
        raise UnreadableFile(draft.kind.refused)
    if "content" in draft.rows:
        draft.reject_nameless("content", "id of the post")
    elif "covers" not in draft.rows:
        return
    _read_span(draft)
    if "content" in draft.rows:
        _tidy_posts(draft)
        _unknown_not_zero(draft)
    _once(draft)
    if "audience_retention" in draft.rows:
        draft.reject(
            draft.rows["audience_retention"] > _HIGHEST_RETENTION,
            "audience_retention",
            "no share of the viewers: percent or fraction?",
            "Export the file again and do not open it in a spreadsheet before it is read.",
        )


def _read_span(draft: Draft) -> None:
    """`Lifetime` is a stock, a day the flow of that day."""
    import numpy as np
    import pandas as pd

    rows = draft.rows
    cells = list(rows["covers"].unique()) if "covers" in rows else []
    if not any(cells) and "content" in rows:
        _without_span(draft)
        return
    lifetime = rows["covers"].isin([cell for cell in cells if normal(draft.shape.word(cell)) == normal(_LIFETIME)])
    if not lifetime.any() and (word := _one_word(cells)):
        draft.warnings.append(
            f"The column {draft.headers['covers']} says “{word}” in every row: read as lifetime totals."
        )
        lifetime[:] = True
    days, wrong = read_days(rows["covers"].where(~lifetime, ""), order="month first")
    at_fault = np.zeros(len(rows), bool)
    at_fault[list(wrong)] = True
    at_fault |= (~lifetime).to_numpy(bool) & np.isnat(days)
    draft.rows = rows.assign(
        basis=np.where(lifetime, "stock", "flow"),
        period_start=pd.Series(days.astype("datetime64[us]"), index=rows.index),
        period_end=pd.Series(days.astype("datetime64[us]"), index=rows.index),
    )
    draft.reject(at_fault, "covers", "neither Lifetime nor a day", "Export the file again with its column Date.")


def _one_word(cells: Sequence[str]) -> str:
    """The word that stands in every cell, which is no day: a language's own for lifetime; empty where there is none."""
    word = cells[0] if len(cells) == 1 and not is_unknown(cells[0]) else ""
    return word if any(c.isalpha() for c in word) and not any(c.isdigit() for c in word) else ""


def _without_span(draft: Draft) -> None:
    """Without the column Date each post's one row is its lifetime, as Meta exports it unless days were asked for."""
    if draft.kind.name == "older posts":
        return
    if draft.rows.drop(columns="line").drop_duplicates()["content"].duplicated().any():
        raise UnreadableFile(
            "Its column Date is missing or empty and posts stand in several rows: lifetimes or days? "
            "Export it again with Date."
        )
    draft.warnings.append("The column Date is missing or empty: the figures were taken for lifetime totals.")


def _tidy_posts(draft: Draft) -> None:
    """Day of publication, format, duration and title, where the table has them."""
    if draft.kind.name == "videos" and _english(draft, "content") != "Post ID":
        draft.warnings.append(
            "Videos have ids of their own here; a posts file knows the same videos by the ids of their posts. "
            "Read one of the two, or they count twice."
        )
    if "published" in draft.rows:
        _read_published(draft)
    rows = draft.rows
    if "format" in rows:
        told = {cell: FORMATS.get(normal(draft.shape.word(cell)), "") for cell in rows["format"].unique()}
        rows = rows.assign(format=rows["format"].map(told).astype("str"))
    else:
        rows = rows.assign(format="")
    rows["format_origin"] = rows["format"].where(rows["format"] == "", "native")
    if "duration" in rows:
        rows["duration"] = rows["duration"].where(rows["format"].isin(_MOVING) & (rows["duration"] > 0))
        if "url" in rows:  # Facebook calls its reels videos
            reel = (
                (rows["format"] == "long_video")
                & rows["url"].str.contains("/reel/")
                & (rows["duration"] <= SHORTEST_LONG)
            )
            rows["format"] = rows["format"].where(~reel, "short_video")
            rows["format_origin"] = rows["format_origin"].where(~reel, "rule")
    if "description" in rows:
        given = rows["title"] if "title" in rows else rows["description"]
        rows["title"] = given.where(given != "", rows["description"])
    draft.rows = rows


def _read_published(draft: Draft) -> None:
    """Month first, as Meta writes in English; in other languages the column must tell, or the day stays unknown."""
    import numpy as np
    import pandas as pd

    texts = draft.rows["published"].reset_index(drop=True)
    days, wrong = read_days(texts, order="month first")
    if normal(draft.headers["published"]) not in ("publish time", "posted"):
        other, _ = read_days(texts, order="day first")
        undecided = (days != other) & ~np.isnat(days)
        if undecided.any():
            days[undecided] = np.datetime64("NaT")
            draft.warnings.append(
                f"{int(undecided.sum())} days of publication may be month first or day first; they stay unknown."
            )
    labels = draft.rows.index
    told = pd.Series(days.astype("datetime64[us]"), index=labels)
    for reason, advice in {problem.reason: problem.advice for problem in wrong.values()}.items():
        these = labels[[at for at, problem in wrong.items() if problem.reason == reason]]
        draft.reject(draft.rows.index.isin(these), "published", reason, advice)
    draft.rows = draft.rows.assign(published=told.loc[draft.rows.index])


def _unknown_not_zero(draft: Draft) -> None:
    """Zeros that stand for what a kind of post cannot have, or for what was not counted, are unknown."""
    rows = draft.rows
    plays = "views" in draft.headers and _english(draft, "views") == "Plays"
    still = rows["format"].isin(_STILL)
    for name in (*_OF_VIDEOS, *(["views"] if plays else [])):
        if name in rows:
            rows[name] = rows[name].where(~(still & (rows[name] == 0)))
    if plays:
        draft.warnings.append("Plays were kept as views, as Instagram counted them until 2025-04-20.")
    if "views" in rows and "reach" in rows:
        uncounted = (rows["views"] == 0) & (rows["reach"] > 0)
        if uncounted.any():
            rows["views"] = rows["views"].where(~uncounted)
            draft.warnings.append(
                f"{int(uncounted.sum())} posts reached people and have 0 views, which cannot be: the views are unknown."
            )


def _english(draft: Draft, role: str) -> str:
    column = draft.shape.column(draft.headers[role])
    return column.header if column else ""


def _once(draft: Draft) -> None:
    """A row that stands twice with equal figures counts once."""
    names = ("content", "account", "basis", "period_start", *draft.dimensions, *draft.metrics)
    doubled = draft.rows.duplicated([name for name in names if name in draft.rows])
    if doubled.any():
        draft.rows = draft.rows[~doubled]
        draft.warnings.append(f"{int(doubled.sum())} rows stand twice with equal figures; they were counted once.")
