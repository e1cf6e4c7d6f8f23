"""Answers of DuckDB as frames: types that do not depend on the rows, the unknown missing, ids text."""

from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def frame_of(answer: "pa.Table") -> "pd.DataFrame":
    """The frame: days and instants datetime64[us] (instants UTC), whole numbers Int64, truth boolean, text str.

    Lists and structures stay what they are. Raises `InvalidArgument` for two columns of one name, numbers that fit no
    64 bits, and types that no frame holds.
    """
    import pandas as pd
    import pyarrow as pa

    names = answer.column_names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidArgument(f"Two columns are called {twice[0]!r}. Give each its own name with AS.")
    columns = [_conformed(name, answer[name]) for name in names]
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype(na_value=pd.NA)}
    kinds[pa.string()] = pd.StringDtype(na_value=float("nan"))
    return pa.table(columns, names=names).to_pandas(types_mapper=kinds.get)


def _conformed(name: str, column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    kind = column.type
    try:
        if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
            return column.cast(pa.timestamp("us"), safe=False)
        if pa.types.is_timestamp(kind):
            return column.cast(pa.timestamp("us", tz="UTC"), safe=False)
        if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
            return column.cast(pa.int64())
        if pa.types.is_decimal(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
            return column.cast(pa.float64())
        if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind):
            return column.cast(pa.string())
    except pa.ArrowInvalid:
        raise InvalidArgument(
            f"The column {name!r} holds a number that fits no 64 bits. CAST it AS VARCHAR or AS DOUBLE."
        ) from None
    if pa.types.is_binary(kind) or pa.types.is_interval(kind) or pa.types.is_time(kind):
        raise InvalidArgument(f"The column {name!r} is of type {kind}, which no table shows. CAST it AS VARCHAR.")
    return column
