"""What the public functions of this room accept: checked once, so that loops need not."""

from collections.abc import Sequence

import numpy as np

from engagerr_core.errors import InvalidArgument


def require_array(name: str, array: object, dtype: type, shape: tuple[int | None, ...]) -> np.ndarray:
    """The array itself if it has this dtype and shape (None: any length) and is C-contiguous.

    Nothing is converted: a silent copy of a gigabyte, or a code cast to a float, is a mistake of
    the caller. Raises `InvalidArgument` saying what was given and what is wanted.
    """
    lengths = ", ".join("any" if length is None else str(length) for length in shape)
    wanted = f"Wanted is a C-contiguous {np.dtype(dtype)} array of shape ({lengths})."
    if not isinstance(array, np.ndarray):
        raise InvalidArgument(f"{name} was a {type(array).__name__}. {wanted} Convert it with numpy.asarray.")
    fits = len(shape) == array.ndim and all(want in (None, have) for have, want in zip(array.shape, shape, strict=True))
    if array.dtype != dtype or not fits:
        raise InvalidArgument(f"{name} was {array.dtype} of shape {array.shape}. {wanted} Cast it at the boundary.")
    if not (array.flags.c_contiguous and array.flags.aligned):
        raise InvalidArgument(f"{name} was not contiguous. {wanted} Convert it with numpy.ascontiguousarray.")
    return array


def require_columns(name: str, columns: object, length: int | None = None) -> np.ndarray | list[np.ndarray]:
    """An (m, n) float64 array, or a sequence of m float64 columns as a list; nothing is copied."""
    if isinstance(columns, np.ndarray):
        return require_array(name, columns, np.float64, (None, length))
    if not isinstance(columns, Sequence):
        raise InvalidArgument(
            f"{name} was a {type(columns).__name__}. Wanted is an (m, n) array or a sequence of m columns. "
            "Pass its columns."
        )
    checked: list[np.ndarray] = []
    for position, column in enumerate(columns):
        length = len(checked[0]) if checked else length
        checked.append(require_array(f"{name}[{position}]", column, np.float64, (length,)))
    return checked


def matrix_of(columns: np.ndarray | list[np.ndarray], start: int, stop: int) -> tuple[np.ndarray, int]:
    """Rows `start` to `stop` as part of a matrix, and where they begin in it; separate columns are copied."""
    if isinstance(columns, np.ndarray):
        return columns, start
    matrix = np.empty((len(columns), stop - start))
    for row, column in zip(matrix, columns, strict=True):
        row[:] = column[start:stop]
    return matrix, 0


def require_codes(name: str, codes: object, length: int | None, below: int) -> np.ndarray:
    """An int32 array of codes from -1 (none) up to, not including, `below`."""
    array = require_array(name, codes, np.int32, (length,))
    if array.size:
        low, high = int(array.min()), int(array.max())
        if low < -1 or high >= below:
            raise InvalidArgument(
                f"{name} held codes from {low} to {high}. Wanted are codes from -1 (none) to {below - 1}. "
                "Factorise again."
            )
    return array
