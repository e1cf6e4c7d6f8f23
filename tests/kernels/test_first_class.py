"""Kernels as arguments of kernels: compiled, called where they lie, and plain functions where nothing is compiled."""

import numpy as np

from engagerr_core.kernels.dispatch import kernel
from engagerr_core.kernels.first_class import as_arguments, types_of


@kernel("float64(const float64[::1], float64)")
def weighted_sum(values, weight):
    total = 0.0
    for i in range(values.size):
        total += weight * values[i]
    return total


@kernel("void(float64[::1], int64)")
def fill(target, value):
    for i in range(target.size):
        target[i] = value


@kernel(f"float64({types_of((weighted_sum, fill))}, float64[:, ::1])")
def drive(weigh, write, rows):
    write(rows[0], 3)
    return weigh(rows[0], 0.5) + weigh(rows[1], 2.0)


def test_a_driver_calls_what_it_is_given():
    rows = np.array([[1.0, 1.0], [4.0, 5.0]])
    assert drive(*as_arguments((weighted_sum, fill)), rows) == 0.5 * 6 + 2.0 * 9
    assert rows[0].tolist() == [3, 3]


def test_an_argument_is_made_once_and_a_signature_is_text():
    assert as_arguments((weighted_sum,))[0] is as_arguments((weighted_sum,))[0]
    assert types_of((fill,)) == "FunctionType(void(float64[::1], int64))"
