"""Kernels as arguments of kernels.

A kernel that calls another by name contains its machine code, and that of all it calls: a chain of drivers over many
kernels would compile each of them again at every link, half a minute in all. A driver that is given its kernels as
arguments is compiled by itself, in a fraction of a second, and calls them where they already are.
"""

import functools
from collections.abc import Callable
from typing import Any

from engagerr_core.kernels.dispatch import Kernel


def types_of(kernels: tuple[Kernel, ...]) -> str:
    """The part of a driver's signature that stands for these kernels."""
    return ", ".join(f"FunctionType({each.signature})" for each in kernels)


def as_arguments(kernels: tuple[Kernel, ...]) -> tuple[Any, ...]:
    """The kernels, compiled, as a driver takes them; plain functions where nothing is compiled."""
    return tuple(_as_argument(each) for each in kernels)


@functools.cache
def _as_argument(kernel: Kernel) -> Any:
    compiled = kernel.compile()
    return _address_class()(compiled) if hasattr(compiled, "get_compile_result") else compiled


@functools.cache
def _address_class() -> Callable[[Any], Any]:
    from numba import types

    class Address(types.WrapperAddressProtocol):  # type: ignore[misc]
        """Where a compiled kernel lies, and what it takes: all that numba asks of a function that is passed."""

        def __init__(self, compiled: Any):
            self.compiled = compiled

        def signature(self) -> Any:
            return self.compiled.nopython_signatures[0]

        def __wrapper_address__(self) -> int:
            made = self.compiled.get_compile_result(self.signature())
            return made.library.get_pointer_to_function(made.fndesc.llvm_cfunc_wrapper_name)

    return Address
