"""Rows to canonical observations and contents."""

from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.draft import Draft, Known, draft_of
from engagerr_core.sources.platforms import Platform
from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading
from engagerr_core.sources.shapes import Kind
from engagerr_core.sources.tables import Table
from engagerr_core.vocabulary import observation

if TYPE_CHECKING:
    import pandas as pd

NOT_OURS = ("creator", "known_at")  # whoever stores a reading knows these
INSTANT: Final = "datetime64[us, UTC]"
LINES_NAMED = 3  # in a warning
MOST = 0.5  # share of a table's rows


def interpret(table: Table, header: int, kind: Kind, reader: Platform, known: Known, file: str) -> Reading:
    """Read a recognised table. Raises `UnreadableFile` where a needed column is of no use."""
    draft = draft_of(table, header, kind, reader.shape, known)
    reader.refine(draft)
    _without_day(draft)
    _require_keys(draft)
    table_hash, file = _identity(draft, file)
    observations = _observations(draft, file)
    _conflicts(draft, observations)
    if reader.complete is not None:
        observations = reader.complete(draft, observations.assign(dimension=_as_text(observations["dimension"])))
    accounts = sorted(set(observations["account"].unique()) - {""})
    titles = sorted(set(draft.rows["account_title"].unique()) - {""}) if "account_title" in draft.rows else []
    covered = draft.span or _covered(observations)
    return Reading(
        path=known.path,
        file=file,
        table_hash=table_hash,
        platform=kind.platform,
        kind=kind.name,
        account=accounts[0] if len(accounts) == 1 else known.account if not accounts else "",
        account_title=titles[0] if len(titles) == 1 else "",
        observations=observations,
        contents=_contents(draft, file),
        rejected=rejected_frame(sorted(draft.rejected, key=lambda row: row["row"])),
        rows_read=draft.rows_read,
        warnings=tuple(draft.warnings),
        period=covered,
        period_from=(draft.known.period_from if kind.period == "chosen" else "the rows' days") if covered else "",
        unknown_columns=tuple(draft.left_out),
        columns_aside=tuple(draft.strange),
        reader=draft.shape.name,
        columns=_columns_read(draft),
    )


def _identity(draft: Draft, file: str) -> tuple[str, str]:
    """The table's hash, with what its name tells of whose figures these are; and this with the period, where chosen.

    The same bytes can be the timelines of two songs, or the totals of two months without any view.
    """
    period = draft.known.period if draft.kind.period == "chosen" else None
    days = "..".join(map(str, period)) if period else ""

    def hashed(*told: str) -> str:
        words = " ".join(filter(None, told))
        return sha256(f"{file} {words}".encode()).hexdigest() if words else file

    return hashed(draft.told_by_name), hashed(draft.told_by_name, days)


def _require_keys(draft: Draft) -> None:
    """Refuse totals of a period of which most rows speak about the same thing with other figures.

    Somebody deleted the column that told them apart, such as the date: none of them is the total.
    """
    if draft.kind.period not in ("chosen", "unknown") or draft.rows.empty:
        return
    rows = draft.rows[~draft.rows["is_total"]]
    key = [role for role in ("account", "content", *draft.dimensions, "period_start") if role in rows]
    if not key or "day" in rows:
        return
    again = rows.duplicated(key, keep=False) & ~rows.duplicated([*key, *draft.metrics], keep=False)
    if again.mean() > MOST:
        first = rows[again].iloc[0]
        several = f"{int(again.sum()):,} of its {len(rows):,} rows"
        raise UnreadableFile(
            f"{several} speak about the same thing with different figures, first in "
            f"line {first['line']}: the column that tells them apart, such as the date, is missing. Export it again."
        )


def _columns_read(draft: Draft) -> tuple[tuple[str, str, str], ...]:
    """Each column read: its header, what it is to us, and how its cells are written."""
    known = [(header, draft.shape.column(header)) for header in draft.headers.values()]
    return tuple((header, column.role, column.written_as) for header, column in known if column is not None)


def _without_day(draft: Draft) -> None:
    if draft.kind.period == "day" and "day" in draft.rows:
        unknown = draft.rows["day"].isna() & ~draft.rows["is_total"]
        draft.reject(unknown, "day", "the day is not known", "A daily figure needs its day. Export the file again.")


def _observations(draft: Draft, file: str) -> "pd.DataFrame":
    import pandas as pd

    rows, kind = draft.rows, draft.kind
    total = rows["is_total"].to_numpy(bool)
    made: dict[str, Any] = {"platform": kind.platform, "account": rows.get("account", "")}
    made["content"] = _blanked(rows["content"], total) if "content" in rows else ""
    made |= _split(draft, total)
    made["basis"] = rows.get("basis", kind.basis)
    start, end = _span(draft)
    if "period_start" in rows:
        made["period_start"], made["period_end"] = rows["period_start"], rows["period_end"]
    elif kind.period == "day":
        first = rows["day"]
        last = rows["period_end"] if "period_end" in rows else rows["day"]
        made["period_start"] = first.fillna(start) if first.hasnans else first
        made["period_end"] = last.fillna(end) if last.hasnans else last
    else:
        made["period_start"], made["period_end"] = _repeated(start, rows.index), _repeated(end, rows.index)
    made["cohort_days"] = pd.Series(pd.NA, index=rows.index, dtype="Int32")
    made["observed_at"] = _observed(draft)
    made["file"], made["row"] = file, rows["line"].astype("int32")
    metrics = set(draft.metrics)
    has_money = any(column.written_as == "money" for column in draft.shape.columns if column.metric in metrics)
    made["currency"] = draft.currency if has_money else ""
    order = [name for name in observation.METRICS if name in metrics]
    made |= {name: rows[name].astype(float) for name in order}
    for name, values in made.items():
        if isinstance(values, str):
            made[name] = _repeated(values, rows.index)
        elif name in ("period_start", "period_end"):
            made[name] = values.astype("datetime64[us]")
        elif values.dtype == object:
            made[name] = values.astype("str")
    frame = pd.DataFrame(made, index=rows.index, copy=False)
    if order and (unknown := _all_unknown(frame, order)).any():
        frame = frame[~unknown]
        if not draft.kind.contents:
            holds = "1 row holds" if unknown.sum() == 1 else f"{int(unknown.sum()):,} rows hold"
            draft.warnings.append(f"{holds} no figure that is known: nothing was stored of it.")
    frame.index = pd.RangeIndex(len(frame))
    return frame


def _repeated(value: Any, index: "pd.Index") -> "pd.Series":
    """The same value in every row; a text takes one byte a row."""
    import numpy as np
    import pandas as pd

    if not isinstance(value, str):
        return pd.Series(value, index=index, dtype="datetime64[us]")
    texts = pd.Categorical.from_codes(np.zeros(len(index), np.int8), dtype=_only(value), validate=False)
    return pd.Series(texts, index=index, copy=False)


def _as_text(column: "pd.Series") -> "pd.Series":
    """A column of categories as plain text, which can be changed."""
    import pandas as pd
    import pyarrow as pa

    if str(column.dtype) != "category":
        return column
    texts = pa.array(column.cat.categories, pa.large_string()).take(pa.array(column.cat.codes))
    return pd.Series(texts, index=column.index, dtype="str")


@lru_cache(maxsize=256)
def _only(text: str) -> "pd.CategoricalDtype":
    """The type of a column that holds one text."""
    import pandas as pd

    return pd.CategoricalDtype(pd.Index([text], dtype="str"))


def _blanked(texts: "pd.Series", where: Any) -> "pd.Series":
    return texts.where(~where, "") if where.any() else texts


def _all_unknown(frame: "pd.DataFrame", names: list[str]) -> Any:
    """Rows none of whose figures is known."""
    import numpy as np

    unknown = np.ones(len(frame), bool)
    for name in names:
        unknown &= np.isnan(frame[name].to_numpy())
    return unknown


def _split(draft: Draft, total: Any) -> dict[str, Any]:
    """Dimension and its value; two and more joined by a bar."""
    names = draft.dimensions
    if not names:
        return {"dimension": "", "dimension_value": ""}
    value = draft.rows[names[0]]
    for name in names[1:]:
        value = value + "|" + draft.rows[name]
    value = _blanked(value, total)
    blank = (value == "").to_numpy(bool)
    dimension = "|".join(names)
    return {
        "dimension": _as_text(_repeated(dimension, value.index)).where(~blank, "") if blank.any() else dimension,
        "dimension_value": value,
    }


def _span(draft: Draft) -> tuple[Any, Any]:
    """The period chosen in the platform, or for total rows among days the days' own span."""
    import pandas as pd

    if draft.kind.period in ("chosen", "day") and draft.known.period is not None:
        start, end = draft.known.period
        return pd.Timestamp(start), pd.Timestamp(end)
    if draft.kind.period == "day" and draft.rows["day"].notna().any():
        last = draft.rows["period_end"] if "period_end" in draft.rows else draft.rows["day"]
        return draft.rows["day"].min(), last.max()
    if draft.kind.period == "chosen":
        draft.warnings.append(
            "The period of these figures is not known: the file does not tell. Put what tells it beside it (YouTube’s "
            "Totals.csv of the same export), or say --period 2026-10-01..2026-10-31."
        )
    return pd.NaT, pd.NaT


def as_instant(when: date | datetime) -> datetime:
    """An instant in UTC; a day is its first moment."""
    if isinstance(when, datetime):
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.combine(when, time(), UTC)


def _observed(draft: Draft) -> Any:
    import pandas as pd

    rows, exported_on = draft.rows, draft.known.exported_on
    told = pd.Series(pd.NaT, index=rows.index, dtype=INSTANT)
    if "observed" in rows:
        told = rows["observed"] if rows["observed"].dt.tz is not None else rows["observed"].dt.tz_localize("UTC")
    return told if exported_on is None else told.fillna(pd.Timestamp(as_instant(exported_on))).astype(INSTANT)


def _conflicts(draft: Draft, observations: "pd.DataFrame") -> None:
    """Warn of rows that speak about the same thing and differ."""
    key = [*observation.SUBJECT[1:], *observation.SPLIT, *observation.SPAN[:3], "observed_at"]
    key = [name for name in key if not _is_constant(observations[name])] or ["platform"]
    is_doubled = _doubled(observations, key)
    if not is_doubled.any():
        return
    doubled = observations[is_doubled]
    figures = [*key, *(name for name in observation.METRICS if name in doubled)]
    differing = doubled[~doubled.duplicated(figures, keep=False)]
    if len(differing):
        lines = ", ".join(map(str, differing["row"].head(LINES_NAMED)))
        draft.warnings.append(
            f"{len(differing)} rows speak about the same thing and differ (lines {lines} …); the later row counts."
        )


def _doubled(rows: "pd.DataFrame", key: list[str]) -> Any:
    """Rows whose key another row has too. Column after column becomes part of one number, to need little memory."""
    import numpy as np
    import pandas as pd

    group = np.zeros(len(rows), np.int64)
    for name in key:
        codes, different = pd.factorize(rows[name])
        group *= len(different) + 1
        group += codes + 1
        if len(group) and group.max() > np.iinfo(np.int64).max // (len(rows) + 2):
            group = pd.factorize(group)[0]
    return pd.Series(group, copy=False).duplicated(keep=False).to_numpy()


def _is_constant(column: "pd.Series") -> bool:
    """Whether a column of categories has one only, so that it tells no rows apart."""
    return str(column.dtype) == "category" and len(column.cat.categories) == 1


def _covered(observations: "pd.DataFrame") -> tuple[date, date] | None:
    start, end = observations["period_start"].min(), observations["period_end"].max()
    return None if start != start or end != end else (start.date(), end.date())


def _contents(draft: Draft, file: str) -> "pd.DataFrame":
    """One row a post named, the first row that names it."""
    import numpy as np
    import pandas as pd

    rows = draft.rows
    if "content" not in rows:
        return empty_contents()
    named = np.flatnonzero((rows["content"] != "") & ~rows["is_total"])
    rows = rows.iloc[named[~rows["content"].iloc[named].duplicated().to_numpy()]]
    made: dict[str, Any] = {"platform": draft.kind.platform, "account": rows.get("account", "")}
    for name in ("content", "title", "url", "format", "format_origin"):
        made[name] = rows.get(name, "")
    made["published_at"] = rows.get("published_at", pd.NaT)
    made["published_on"] = rows.get("published", pd.NaT)
    made["duration"] = rows.get("duration", float("nan"))
    made["file"], made["row"] = file, rows["line"]
    return _typed(made, rows.index, _CONTENT_TYPES)


def _typed(made: dict[str, Any], index: "pd.Index", types: dict[str, Any]) -> "pd.DataFrame":
    """A frame of these columns, each in its type; what is no column yet is repeated."""
    import pandas as pd

    columns = {}
    for name, values in made.items():
        if not isinstance(values, pd.Series):
            columns[name] = pd.Series(values, index=index, dtype=types[name])
        elif types[name] == INSTANT and not isinstance(values.dtype, pd.DatetimeTZDtype):
            columns[name] = pd.to_datetime(values, utc=True).astype(INSTANT)
        else:
            columns[name] = values.astype(types[name])
    frame = pd.DataFrame(columns, index=index, copy=False)
    frame.index = pd.RangeIndex(len(frame))
    return frame


_TEXT = dict.fromkeys(("platform", "account", "content", "title", "url", "format", "format_origin"), "str")
_CONTENT_TYPES = {
    **_TEXT, "published_at": INSTANT, "published_on": "datetime64[us]", "duration": "float64", "file": "str",
    "row": "int32",
}  # fmt: skip


@cache
def _empty_contents() -> "pd.DataFrame":
    import pandas as pd

    return _typed({name: pd.Series([], dtype=object) for name in _CONTENT_TYPES}, pd.RangeIndex(0), _CONTENT_TYPES)


def empty_contents() -> "pd.DataFrame":
    """A table of no contents, with all its columns."""
    return _empty_contents().copy(deep=False)


def empty_observations() -> "pd.DataFrame":
    """A table of no observations and no metrics."""
    import pandas as pd

    columns = [name for name in observation.COLUMNS if name not in (*NOT_OURS, *observation.METRICS)]
    days, instants = ("period_start", "period_end"), ("observed_at",)
    types = {
        **dict.fromkeys(columns, "str"),
        **dict.fromkeys(days, "datetime64[us]"),
        **dict.fromkeys(instants, INSTANT),
    }
    types |= {"cohort_days": "Int32", "row": "int32"}
    return pd.DataFrame({name: pd.Series(dtype=types[name]) for name in columns})


def rejected_frame(rejected: list[dict[str, Any]]) -> "pd.DataFrame":
    """Rejected rows as a table."""
    return _no_rejected().copy(deep=False) if not rejected else _rejected(rejected)


@cache
def _no_rejected() -> "pd.DataFrame":
    return _rejected([])


def _rejected(rejected: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(rejected, columns=list(REJECTED_COLUMNS))
    return frame.astype({name: "int64" if name == "row" else "str" for name in REJECTED_COLUMNS})


def failed(path: str, file: str, failure: str) -> Reading:
    """A reading of something that could not be read."""
    return Reading(
        path=path,
        file=file,
        observations=empty_observations(),
        contents=empty_contents(),
        rejected=rejected_frame([]),
        failure=failure,
    )
