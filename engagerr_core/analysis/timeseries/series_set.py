"""Many series in one container: values one after the other, and where each begins. NaN is missing data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pandas as pd

from engagerr_core.analysis.timeseries.series_input import (
    FINEST,
    checked_ids,
    checked_indptr,
    checked_times,
    moment_text,
    moments_of,
    numbers_of,
    places_of,
    require_order,
    step_of,
    step_text,
)
from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels.dispatch import run_blocks

Found = TypeVar("Found")

BLOCK_VALUES = 1 << 17  # values of a block: a megabyte, some hundred series of a year
BLOCK_SERIES = 1 << 12  # series of a block, where they are short


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class SeriesSet:
    """Series of any lengths on regular steps, held as `values` and `indptr`, as sparse matrices hold their rows.

    Parameters
    ----------
    values : numbers of all series, one after the other. NaN is missing; infinities become NaN, since no count is
        infinite. Integers and booleans are taken as float64.
    indptr : where each series begins, and the end: series i is ``values[indptr[i]:indptr[i + 1]]``. Starts with 0,
        never falls, ends with the number of values. An empty series is allowed.
    times : one a value, datetime64 (or anything that pandas makes such), in order, without a repetition and with one
        and the same step everywhere; a missing day is a NaN among the values, not a missing row (`from_frame` fills
        such gaps). None = steps without a date.
    ids : a name for each series, for the column ``series`` of results. None = its position.

    Attributes
    ----------
    starts : first time of each series (datetime64[us], NaT for an empty one); None without times.
    step : numpy.timedelta64 between two values; None without times, or where no series has two.

    Raises
    ------
    InvalidArgument
        Before anything is computed: `indptr` that does not fit, what is no number, times that are unsorted, repeated,
        or uneven. The message names the series and the place.

    >>> SeriesSet([1, 2, None, 4, 5], [0, 3, 5])
    SeriesSet: 2 series, 2 to 3 values each, 1 of 5 missing
    """

    values: np.ndarray
    indptr: np.ndarray
    ids: pd.Index | None
    starts: np.ndarray | None
    step: np.timedelta64 | None

    def __init__(self, values: object, indptr: object, times: object = None, ids: Sequence[object] | None = None):
        numbers = numbers_of("values", values)
        bounds = checked_indptr(indptr, numbers.size)
        starts, step = (None, None) if times is None else checked_times(times, bounds)
        _fill(self, numbers, bounds, checked_ids(ids, bounds.size - 1), starts, step)

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, *, id: str | None = None, time: str, value: str,
        step: np.timedelta64 | pd.Timedelta | str | None = None,
    ) -> "SeriesSet":  # fmt: skip
        """Series from a long frame: one row a series and time. Times that are missing in between become NaN.

        Parameters
        ----------
        frame : the rows. Those of one series are in order of time; series may be interleaved. Series come in the order
            in which they first appear.
        id : the column that names the series; None = all rows are one series.
        time, value : the columns of times (dates, datetime64, or text that is an ISO date) and of numbers.
        step : the step between values, such as ``"1D"`` or ``"1h"``; None = the shortest one found.

        Raises
        ------
        InvalidArgument
            Missing columns, a value that is no number, a time that is none, repeated, out of order, or off the grid of
            steps; the message names row and value.

        >>> days = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-04"])
        >>> SeriesSet.from_frame(pd.DataFrame({"day": days, "views": [3, 5, 8]}), time="day", value="views").values
        array([ 3.,  5., nan,  8.])
        """
        for name in (id, time, value):
            if name is not None and name not in frame:
                raise InvalidArgument(
                    f"The frame has no column {name!r}; it has {', '.join(map(str, frame.columns))}. Name one of these."
                )
        numbers, moments = numbers_of(value, frame[value]), moments_of(time, frame[time])
        if id is None:
            codes, names = np.zeros(len(frame), np.int64), None
        else:
            codes, names = pd.factorize(frame[id], use_na_sentinel=True)
            if (codes < 0).any():
                row = int(np.argmax(codes < 0))
                raise InvalidArgument(f"Row {row} of column {id!r} names no series. Give it a name, or leave it out.")
        order = np.argsort(codes, kind="stable")
        codes, numbers, moments = codes[order], numbers[order], moments[order]
        count = int(codes[-1]) + 1 if len(codes) else 0
        bounds = np.searchsorted(codes, np.arange(count + 1)).astype(np.int64)
        require_order(moments, bounds, names)
        gaps = np.diff(moments.astype(np.int64))
        gaps[bounds[1:-1] - 1] = 0
        even = step_of(step, gaps)
        places = places_of(moments, bounds, codes, even, names)
        lengths = (places[bounds[1:] - 1] + 1) if count else np.zeros(0, np.int64)
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        filled = np.full(int(indptr[-1]), np.nan)
        filled[indptr[codes] + places] = numbers
        ids = None if names is None else pd.Index(names)
        return _made(filled, indptr, ids, moments[bounds[:-1]], None if even == 0 else np.timedelta64(even, "us"))

    @classmethod
    def from_arrays(cls, arrays: Sequence[object], ids: Sequence[object] | None = None) -> "SeriesSet":
        """Series from one array each, without times."""
        parts = [numbers_of(f"series {i}", array) for i, array in enumerate(arrays)]
        indptr = np.concatenate([[0], np.cumsum([part.size for part in parts], dtype=np.int64)]).astype(np.int64)
        return cls(np.concatenate([np.empty(0), *parts]), indptr, ids=ids)

    def __len__(self) -> int:
        return self.indptr.size - 1

    @property
    def lengths(self) -> np.ndarray:
        """Values of each series, missing ones included."""
        return np.diff(self.indptr)

    @property
    def times(self) -> np.ndarray | None:
        """One time a value; None without times."""
        if self.starts is None:
            return None
        owner = np.repeat(np.arange(len(self)), self.lengths)
        return self.times_at(owner, np.arange(self.values.size) - self.indptr[owner])

    def array(self, position: int) -> np.ndarray:
        """The values of one series; a view, not to be written to."""
        if not -len(self) <= position < len(self):
            raise InvalidArgument(f"There is no series {position}: the set holds {len(self)}. Count from 0.")
        position %= len(self)
        return self.values[self.indptr[position] : self.indptr[position + 1]]

    def __getitem__(self, chosen: "int | slice | np.ndarray | Sequence[int]") -> "SeriesSet":
        """A set of the chosen series: one position, a slice, an array of positions, or a mask."""
        if isinstance(chosen, int | np.integer):
            self.array(int(chosen))  # says what is wrong where it is out of range
            chosen = slice(int(chosen) % len(self), int(chosen) % len(self) + 1)
        if isinstance(chosen, slice) and chosen.step in (None, 1):
            first, last, _ = chosen.indices(len(self))
            last = max(first, last)
            bounds = self.indptr[first : last + 1]
            return self._part(slice(first, last), self.values[bounds[0] : bounds[-1]], bounds - bounds[0])
        positions = np.arange(len(self))[chosen]
        if not len(positions):
            return self._part(positions, np.empty(0), np.zeros(1, np.int64))
        lengths = self.lengths[positions]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        shift = np.repeat(self.indptr[positions] - indptr[:-1], lengths)
        return self._part(positions, self.values[np.arange(indptr[-1]) + shift], indptr)

    def masked(self, mask: np.ndarray) -> "SeriesSet":
        """The same series with NaN where `mask`, one boolean a value, is True."""
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != self.values.shape:
            raise InvalidArgument(
                f"The mask was {mask.dtype} of shape {mask.shape}. Wanted is one boolean for each of the "
                f"{self.values.size} values."
            )
        return _made(np.where(mask, np.nan, self.values), self.indptr, self.ids, self.starts, self.step)

    def labels(self, positions: np.ndarray) -> np.ndarray:
        """What the column ``series`` of a result holds for these positions: their ids, else the positions."""
        return np.asarray(positions) if self.ids is None else self.ids.to_numpy()[positions]

    def times_at(self, positions: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Times (datetime64[us]) of places in series; places beyond the end are forecast times. NaT without times."""
        index = np.asarray(index, np.int64)
        if self.starts is None:
            return np.full(index.shape, np.datetime64("NaT"), FINEST)
        step = np.timedelta64("NaT", "us") if self.step is None else self.step
        later = np.where(index == 0, np.timedelta64(0, "us"), index * step)
        return self.starts[positions] + later

    def blocks(self) -> list["SeriesSet"]:
        """The set cut into runs of whole series. Where it is cut follows from the lengths alone."""
        cuts, first = [0], 0
        while first < len(self):
            full = int(np.searchsorted(self.indptr, self.indptr[first] + BLOCK_VALUES, side="right")) - 1
            first = min(max(full, first + 1), first + BLOCK_SERIES, len(self))
            cuts.append(first)
        ids = pd.RangeIndex(len(self)) if self.ids is None else self.ids
        return [
            _made(part.values, part.indptr, ids[a:b], part.starts, part.step)
            for a, b in pairwise(cuts)
            for part in (self[a:b],)
        ]

    def map_blocks(self, function: "Callable[[SeriesSet], Found]", threads: int | None = None) -> list[Found]:
        """`function` of each block, in their order, over threads: the one driver of everything in this room.

        A block is a set of its own, named as in the whole, so that the function can run anywhere; results are the same
        for any number of threads.
        """
        blocks = self.blocks()
        return run_blocks(lambda number: function(blocks[number]), len(blocks), threads)

    def __repr__(self) -> str:
        if not len(self):
            return "SeriesSet: no series"
        low, high = int(self.lengths.min()), int(self.lengths.max())
        lengths = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        missing = int(np.isnan(self.values).sum())
        text = f"SeriesSet: {len(self):,} series, {lengths} values each"
        if missing:
            text += f", {missing:,} of {self.values.size:,} missing"
        if self.starts is not None and self.values.size:
            known = self.starts[~np.isnat(self.starts)]
            ends = self.times_at(np.arange(len(self)), np.maximum(self.lengths - 1, 0))
            step = "" if self.step is None else f", every {step_text(self.step)}"
            text += f", {moment_text(known.min())} to {moment_text(np.nanmax(ends))}{step}"
        return text

    def _part(self, chosen: slice | np.ndarray, values: np.ndarray, indptr: np.ndarray) -> "SeriesSet":
        ids = None if self.ids is None else self.ids[chosen]
        starts = None if self.starts is None else self.starts[chosen]
        return _made(values, indptr, ids, starts, self.step)


def as_series_set(series: object) -> SeriesSet:
    """What callers may give as `series`: a `SeriesSet`, or one series as a pandas Series, an array or a list.

    The index of a pandas Series counts where it holds days or times; gaps in it become NaN.
    """
    if isinstance(series, SeriesSet):
        return series
    if isinstance(series, pd.Series):
        if isinstance(series.index, pd.DatetimeIndex | pd.PeriodIndex):
            index = series.index.to_timestamp() if isinstance(series.index, pd.PeriodIndex) else series.index
            frame = pd.DataFrame({"time": index, "value": series.to_numpy()})
            return SeriesSet.from_frame(frame, time="time", value="value")
        series = series.to_numpy()
    if isinstance(series, np.ndarray | list | tuple):
        numbers = numbers_of("series", series)
        return _made(numbers, np.array([0, numbers.size]), None, None, None)
    raise InvalidArgument(
        f"series was a {type(series).__name__}. Wanted is a SeriesSet, a pandas Series or a one-dimensional array. "
        "For a long frame take SeriesSet.from_frame(frame, id=…, time=…, value=…)."
    )


def _fill(
    target: SeriesSet, values: np.ndarray, indptr: np.ndarray, ids: pd.Index | None, starts: np.ndarray | None,
    step: np.timedelta64 | None,
) -> None:  # fmt: skip
    for name, value in (("values", values), ("indptr", indptr), ("ids", ids), ("starts", starts), ("step", step)):
        object.__setattr__(target, name, value)


def _made(
    values: np.ndarray, indptr: np.ndarray, ids: pd.Index | None, starts: np.ndarray | None,
    step: np.timedelta64 | None,
) -> SeriesSet:  # fmt: skip
    """A set of parts that are known to fit."""
    new = object.__new__(SeriesSet)
    _fill(new, np.ascontiguousarray(values), np.ascontiguousarray(indptr, dtype=np.int64), ids, starts, step)
    return new
