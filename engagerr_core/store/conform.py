"""Conform: a reader's frame becomes a canonical table, or is refused with the row at fault."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.content import COLUMNS as CONTENT_COLUMNS
from engagerr_core.vocabulary.content import FORMATS, content_schema
from engagerr_core.vocabulary.observation import BASES, COLUMNS, METRICS, observation_schema
from engagerr_core.vocabulary.platforms import platforms

NEVER_EMPTY = ("creator", "platform", "account", "basis", "file")


def conform(frame: pd.DataFrame, known_at: datetime) -> pa.Table:
    """Cast a frame of observations to the canonical types, without guessing.

    Parameters
    ----------
    frame : canonical columns except `known_at`. Text columns that are missing are empty, metrics that are missing are
        unknown; NaN, NaT and None are unknown. Days are dates or midnights without a zone, instants carry a zone, ids
        are text.
    known_at : the instant that the rows enter the store, with a zone.

    Returns
    -------
    A table with the canonical columns in order, but only those metric columns that the frame has. Text that comes as
    categories stays so: `widen` writes it out.

    Raises
    ------
    InvalidArgument
        A column that nobody defined, a value of the wrong type, or a row that contradicts itself.
    """
    if strangers := [str(name) for name in frame.columns if name not in COLUMNS]:
        raise InvalidArgument(f"An observation has no column {', '.join(strangers)}. Known are {', '.join(COLUMNS)}.")
    if known_at.tzinfo is None:
        raise InvalidArgument(f"known_at {known_at} has no time zone. Give an instant, such as datetime.now(UTC).")
    schema = observation_schema()
    names = [name for name in COLUMNS if name not in METRICS or name in frame.columns]
    columns = []
    for name in names:
        wanted = schema.field(name).type
        if name == "known_at":
            columns.append(pa.repeat(pa.scalar(known_at, wanted), len(frame)))
        elif name in frame.columns:
            columns.append(_cast(frame[name], name, wanted))
        else:
            columns.append(_absent(name, wanted, len(frame)))
    fields = [
        pa.field(name, column.type, schema.field(name).nullable) for name, column in zip(names, columns, strict=True)
    ]
    table = pa.table(columns, schema=pa.schema(fields))
    _require_sound(table)
    return table


def conform_contents(frame: pd.DataFrame) -> pa.Table:
    """Cast a frame of content records to `content_schema`. Missing columns are unknown; text is empty where unknown.

    Raises `InvalidArgument` as `conform` does.
    """
    if strangers := [str(name) for name in frame.columns if name not in CONTENT_COLUMNS]:
        raise InvalidArgument(
            f"A content has no column {', '.join(strangers)}. Known are {', '.join(CONTENT_COLUMNS)}."
        )
    schema = content_schema()
    if frame.empty:
        return schema.empty_table()
    columns = {
        f.name: _cast(frame[f.name], f.name, f.type) if f.name in frame.columns else _absent(f.name, f.type, len(frame))
        for f in schema
    }
    for name in ("creator", "platform", "account", "content"):
        _refuse(_is(columns[name], [""]), columns[name], name, "is empty")
    strange = pc.invert(_is(columns["format"], ["", *FORMATS]))
    _refuse(strange, columns["format"], "format", f"is none of {', '.join(FORMATS)}")
    return pa.table({f.name: columns[f.name].cast(f.type) for f in schema}, schema=schema)


def widen(table: pa.Table, schema: pa.Schema | None = None) -> pa.Table:
    """The columns of a schema (None = all of an observation): categories as text, metrics that are missing unknown."""
    schema = schema or observation_schema()
    have = set(table.column_names)
    columns = [table[f.name].cast(f.type) if f.name in have else pa.nulls(len(table), f.type) for f in schema]
    return pa.table(columns, schema=schema)


def _absent(name: str, wanted: pa.DataType, length: int) -> pa.Array:
    if pa.types.is_string(wanted):
        return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), length), pa.array([""], wanted))
    if name == "row":
        return pa.repeat(pa.scalar(0, wanted), length)
    return pa.nulls(length, wanted)


def _cast(values: pd.Series, name: str, wanted: pa.DataType) -> pa.Array:
    if values.dtype == "float64" and pa.types.is_floating(wanted):
        return _figures(values.to_numpy(), name, wanted)
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as problem:
        raise InvalidArgument(f"Column {name} mixes kinds of values: {problem}.") from problem
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        if pa.types.is_string(wanted) and not array.null_count and _fits(array.type.value_type, wanted):
            return pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(wanted))
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        array = pa.nulls(len(array), wanted)
    if not _fits(array.type, wanted):
        raise InvalidArgument(f"Column {name} holds {array.type}, not {_WORDS[wanted.id]}.")
    try:
        if pa.types.is_date(wanted) and pa.types.is_timestamp(array.type):
            _refuse(pc.not_equal(pc.floor_temporal(array, unit="day"), array), array, name, "is no midnight")
        # An instant may come in nanoseconds: what is below a microsecond is dropped. All else is exact or refused.
        array = array.cast(wanted, safe=not pa.types.is_timestamp(wanted))
    except pa.ArrowException as problem:
        raise InvalidArgument(f"Column {name} does not fit {_WORDS[wanted.id]}: {problem}.") from problem
    if pa.types.is_string(wanted):
        return array.fill_null("")
    if pa.types.is_floating(wanted):
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, wanted), array)
        _refuse(pc.is_inf(array), array, name, "is infinite")
    return array


def _figures(values: np.ndarray, name: str, wanted: pa.DataType) -> pa.Array:
    """Doubles as numpy has them; NaN is unknown."""
    array = pa.array(values, wanted, from_pandas=True)
    if np.isinf(values).any():
        _refuse(pc.is_inf(array), array, name, "is infinite")
    return array


_WORDS = {
    pa.string().id: "text (ids are text, with all their digits)",
    pa.date32().id: "days without a time of day or zone",
    pa.timestamp("us").id: "instants with a time zone",
    pa.int32().id: "whole numbers",
    pa.float64().id: "numbers",
}


def _fits(given: pa.DataType, wanted: pa.DataType) -> bool:
    t = pa.types
    if t.is_string(wanted):
        return t.is_string(given) or t.is_large_string(given) or t.is_string_view(given)
    if t.is_date(wanted):
        return t.is_date(given) or (t.is_timestamp(given) and given.tz is None)
    if t.is_timestamp(wanted):
        return t.is_timestamp(given) and given.tz is not None
    return t.is_integer(given) or t.is_floating(given)


def _is(column: pa.Array, words: Sequence[str]) -> pa.Array:
    """Where a column of text holds one of some words; of categories each is looked at once."""
    among = pa.array(words, pa.string())
    if pa.types.is_dictionary(column.type):
        return pc.is_in(column.dictionary, among).take(column.indices)
    return pc.is_in(column, among)


def _refuse(wrong: pa.Array, values: pa.Array, name: str, why: str) -> None:
    """Raise for the first row where `wrong` is true."""
    at = pc.index(wrong, True).as_py()
    if at >= 0:
        raise InvalidArgument(f"Row {at + 1} of the table: {name} {values[at].as_py()!r} {why}.")


def _require_sound(table: pa.Table) -> None:
    def column(name: str) -> pa.Array:
        return table[name].combine_chunks()

    for name in NEVER_EMPTY:
        _refuse(_is(column(name), [""]), column(name), name, "is empty")
    unknown = pc.invert(_is(column("platform"), list(platforms())))
    _refuse(unknown, column("platform"), "platform", "is not a known platform")
    basis = column("basis")
    _refuse(pc.invert(_is(basis, BASES)), basis, "basis", f"is none of {', '.join(BASES)}")
    start, end, age = column("period_start"), column("period_end"), column("cohort_days")
    _refuse(pc.not_equal(pc.is_null(start), pc.is_null(end)), start, "period_start", "has no other end of the period")
    _refuse(pc.greater(start, end), start, "period_start", "lies after period_end")
    lost = pc.not_equal(pc.is_valid(age), _is(basis, ["cohort"]))
    _refuse(lost, basis, "basis", "and cohort_days contradict each other")
    value = column("dimension_value")
    loose = pc.and_not(_is(column("dimension"), [""]), _is(value, [""]))
    _refuse(loose, value, "dimension_value", "stands without a dimension")


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Observations as a frame: days datetime64[us], `cohort_days` Int32, unknown figures NaN."""
    for name in ("period_start", "period_end"):
        if name in table.column_names:
            at = table.column_names.index(name)
            table = table.set_column(at, name, table[name].cast(pa.timestamp("us")))
    kinds: dict[Any, Any] = {pa.int32(): pd.Int32Dtype()}
    return table.to_pandas(types_mapper=kinds.get)
