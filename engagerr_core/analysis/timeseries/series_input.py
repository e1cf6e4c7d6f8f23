"""What callers give as series, checked before anything is computed: numbers, bounds, names and times."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engagerr_core.errors import InvalidArgument

FINEST = "datetime64[us]"
SPARSE = 1_000  # steps for each row given; more of them means that the step is wrong


def numbers_of(name: str, values: object) -> np.ndarray:
    """A new or unchanged contiguous float64 array; infinities are NaN in it."""
    try:
        if isinstance(values, pd.Series):
            if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_object_dtype(values)):
                raise TypeError(f"its type is {values.dtype}")
            given = values.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            raw = np.asarray(values) if not isinstance(values, np.ndarray) else values
            if raw.dtype.kind not in "fiub" and not (raw.dtype.kind == "O" and not _holds_text(raw)):
                raise TypeError(f"its type is {raw.dtype}")
            given = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InvalidArgument(
            f"{name} holds what is no number: {problem}. Series are numbers, with NaN where nothing is known. "
            "Convert it with pandas.to_numeric first."
        ) from None
    if given.ndim != 1:
        raise InvalidArgument(
            f"{name} has {given.ndim} dimensions. Wanted is one: all series one after the other, with indptr. "
            "For a table of equal lengths take SeriesSet.from_arrays(table)."
        )
    if np.isinf(given).any():
        given = np.where(np.isinf(given), np.nan, given)
    return np.ascontiguousarray(given)


def _holds_text(raw: np.ndarray) -> bool:
    """Whether an array of objects has text in it, which numpy would silently read as numbers."""
    return any(isinstance(value, str | bytes) for value in raw.ravel())


def checked_indptr(indptr: object, size: int) -> np.ndarray:
    """Bounds of series as int64; see `SeriesSet`."""
    bounds = np.asarray(indptr)
    wanted = "Wanted are whole numbers that begin with 0, never fall, and end with the number of values."
    if bounds.ndim != 1 or bounds.size < 1 or bounds.dtype.kind not in "iu":
        raise InvalidArgument(f"indptr was {bounds.dtype} of shape {bounds.shape}. {wanted}")
    bounds = bounds.astype(np.int64)
    if bounds[0] != 0 or bounds[-1] != size:
        raise InvalidArgument(f"indptr goes from {bounds[0]} to {bounds[-1]}, but there are {size} values. {wanted}")
    if (falls := np.flatnonzero(np.diff(bounds) < 0)).size:
        at = int(falls[0])
        raise InvalidArgument(f"indptr falls from {bounds[at]} to {bounds[at + 1]} at place {at + 1}. {wanted}")
    return bounds


def checked_ids(ids: Sequence[object] | None, count: int) -> pd.Index | None:
    """One different name for each series, or None."""
    if ids is None:
        return None
    index = pd.Index(list(ids))
    if len(index) != count:
        raise InvalidArgument(f"There are {len(index)} ids for {count} series. Give one for each, or none.")
    if index.has_duplicates:
        raise InvalidArgument(f"The id {index[index.duplicated()][0]!r} names two series. Give each its own.")
    return index


def moments_of(name: str, times: object) -> np.ndarray:
    """Times as datetime64[us]; those with a zone become wall time, since a day is a day where the source lives."""
    try:
        given = pd.Series(times) if not isinstance(times, pd.Series) else times
        if given.dtype.kind in "iuf" and len(given):
            raise ValueError(f"its type is {given.dtype}")
        text = pd.api.types.is_string_dtype(given) or pd.api.types.is_object_dtype(given)
        found = pd.to_datetime(given, format="ISO8601" if text else None)
        if getattr(found.dtype, "tz", None) is not None:
            found = found.dt.tz_localize(None)
        moments = found.to_numpy().astype(FINEST)
    except (TypeError, ValueError) as problem:
        raise InvalidArgument(
            f"{name} holds what is no time: {problem}. Write days as 2026-03-31, or give datetime64."
        ) from None
    if np.isnat(moments).any():
        raise InvalidArgument(f"{name} is missing in row {int(np.argmax(np.isnat(moments)))}. Leave such rows out.")
    return moments


def require_order(moments: np.ndarray, bounds: np.ndarray, names: object) -> None:
    """Refuse series whose times stand still or run backward."""
    steps = np.diff(moments)
    wrong = steps <= np.timedelta64(0, "us")
    wrong[bounds[1:-1][(bounds[1:-1] > 0) & (bounds[1:-1] < moments.size)] - 1] = False
    if wrong.any():
        at = int(np.argmax(wrong))
        owner = int(np.searchsorted(bounds, at, side="right")) - 1
        one = _named(owner, names)
        if steps[at] == np.timedelta64(0, "us"):
            raise InvalidArgument(
                f"{one} has {moment_text(moments[at])} twice. A time has one value: add up, or drop one of them."
            )
        raise InvalidArgument(
            f"{one} is not in order: {moment_text(moments[at + 1])} follows {moment_text(moments[at])}. "
            "Sort by time first."
        )


def checked_times(times: object, bounds: np.ndarray) -> tuple[np.ndarray, np.timedelta64 | None]:
    """First time of each series and the step between values, of times on a regular grid."""
    moments = moments_of("times", times)
    if moments.size != bounds[-1]:
        raise InvalidArgument(f"There are {moments.size} times for {bounds[-1]} values. Give one for each.")
    require_order(moments, bounds, None)
    gaps = np.diff(moments.astype(np.int64))
    inner = np.ones(gaps.size, bool)
    inner[bounds[1:-1][(bounds[1:-1] > 0) & (bounds[1:-1] < moments.size)] - 1] = False
    starts = np.full(bounds.size - 1, np.datetime64("NaT"), FINEST)
    filled = np.diff(bounds) > 0
    starts[filled] = moments[bounds[:-1][filled]]
    if not inner.any():
        return starts, None
    step = int(gaps[inner].min())
    uneven = inner & (gaps != step)
    if uneven.any():
        at = int(np.argmax(uneven))
        owner = int(np.searchsorted(bounds, at, side="right")) - 1
        raise InvalidArgument(
            f"Series {owner} steps unevenly: {moment_text(moments[at + 1])} follows {moment_text(moments[at])}, "
            f"elsewhere the step is {step_text(np.timedelta64(step, 'us'))}. SeriesSet.from_frame fills gaps with NaN."
        )
    return starts, np.timedelta64(step, "us")


def step_of(step: object, gaps: np.ndarray) -> int:
    """The step in microseconds; 0 where nothing tells it."""
    if step is not None:
        try:
            wanted = pd.Timedelta(step) // pd.Timedelta(microseconds=1)  # type: ignore[arg-type]
        except ValueError as problem:
            raise InvalidArgument(f"step {step!r} is no length of time: {problem}. Write 1D, 7D or 1h.") from None
        if wanted <= 0:
            raise InvalidArgument(f"step {step!r} does not lead forward. Write 1D, 7D or 1h.")
        return wanted
    forward = gaps[gaps > 0]
    return int(forward.min()) if forward.size else 0


def places_of(moments: np.ndarray, bounds: np.ndarray, codes: np.ndarray, step: int, names: object) -> np.ndarray:
    """The place of each row in its series: how many steps after its first."""
    if not moments.size:
        return np.empty(0, np.int64)
    since = (moments - moments[bounds[:-1]][codes]).astype(np.int64)
    if step == 0:
        return since
    places, rest = np.divmod(since, step)
    if rest.any():
        at = int(np.argmax(rest != 0))
        even = step_text(np.timedelta64(step, "us"))
        raise InvalidArgument(
            f"{_named(int(codes[at]), names)} has {moment_text(moments[at])}, which is no whole number of steps of "
            f"{even} after its first. Give step=, or bring the times to whole days (or hours) first."
        )
    longest = int(places.max()) + 1
    if longest > SPARSE * max(moments.size, SPARSE):
        at = int(places.argmax())
        raise InvalidArgument(
            f"{_named(int(codes[at]), names)} would have {longest:,} values for {moments.size:,} rows at a step of "
            f"{step_text(np.timedelta64(step, 'us'))}. Give a longer step=, or drop the time too near another."
        )
    return places


def _named(position: int, names: object) -> str:
    return f"Series {position if names is None else names[position]!r}"  # type: ignore[index]


def moment_text(moment: np.datetime64) -> str:
    """A time as readers write it; midnight is left out."""
    text = pd.Timestamp(moment).isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")


def step_text(step: np.timedelta64) -> str:
    """A step in words: day, 7 days, hour."""
    seconds = step / np.timedelta64(1, "s")
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= length and seconds % length == 0:
            count = int(seconds // length)
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds:g} seconds"
