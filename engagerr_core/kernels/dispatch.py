"""How kernels are compiled, cached and spread over threads; nothing else in the package knows.

A kernel is compiled, or loaded from the cache, when it is first called, so importing a kernel
costs nothing and does not import numba. Machine code lies in the user's cache directory under a
name that hashes the kernel's file and every kernel file it imports: numba itself looks only at the
file of the function it caches and would run stale code after a change in a helper's file.
"""

import ast
import functools
import hashlib
import operator
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from engagerr_core.errors import InvalidArgument

Result = TypeVar("Result")

ROOM = __name__.rpartition(".")[0]
KEPT_DAYS = 30  # machine code not used for so long is removed
FEWEST_COLD = 5  # files of kernels; fewer are compiled before a second process has begun

_kernels: list["Kernel"] = []
_sources: dict[Path, bytes] = {}  # as they were imported: an edit since then must not file old code under a new name
_in_block = threading.local()


class Kernel:
    """A function that becomes machine code at its first call; made by `kernel`."""

    def __init__(self, function: Callable[..., Any], signature: str):
        functools.update_wrapper(self, function)
        self.function = function
        self.signature = signature
        self.cached = False
        self._compiled: Callable[..., Any] | None = None
        _kernels.append(self)
        _source(Path(function.__code__.co_filename))

    def __call__(self, *arguments: Any) -> Any:
        return (self._compiled or self.compile())(*arguments)

    def __reduce__(self) -> str:
        return self.function.__qualname__  # pickled by address, as functions are

    @property
    def _numba_type_(self) -> Any:
        """What numba asks for when one kernel calls another."""
        return self.compile()._numba_type_

    def compile(self) -> Any:
        """The compiled function: loaded from the cache, else compiled and put there.

        A cache that cannot be read or written never stops the work: a damaged one is begun afresh,
        and where that fails too (a full disk) the kernel is compiled for this process alone.
        """
        if self._compiled is not None:
            return self._compiled
        from numba.core.compiler_lock import global_compiler_lock
        from numba.core.errors import NumbaError

        with global_compiler_lock:
            for _ in range(2):
                directory = _cache_directory(Path(self.function.__code__.co_filename))
                if self._compiled is not None or directory is None:
                    break
                try:
                    self._compiled = self._compile_into(directory)
                except NumbaError:  # the kernel is wrong, not the cache
                    raise
                except Exception:  # a damaged pickle can raise anything
                    shutil.rmtree(directory, ignore_errors=True)
            if self._compiled is None:
                self._compiled = self._compile_into(None)
        return self._compiled

    def _compile_into(self, directory: Path | None) -> Any:
        from numba import njit
        from numba.core import config

        if config.DISABLE_JIT:  # numpy's scalars warn where machine code does not
            return np.errstate(all="ignore")(self.function)
        # numba reads the directory while it decorates; put back, so that other users of numba keep theirs
        before, config.CACHE_DIR = config.CACHE_DIR, str(directory or "")
        try:
            compiled = njit(
                _READ_ONLY.sub(_read_only_array, self.signature),
                nogil=True,
                no_cfunc_wrapper=True,  # nobody calls kernels from C; a quarter of a small kernel's compile time
                cache=directory is not None,
                error_model="numpy",
            )(self.function)
        finally:
            config.CACHE_DIR = before
        self.cached = bool(compiled.stats.cache_hits)
        return compiled


_READ_ONLY = re.compile(r"const (\w+)\[([:, ]*)::1\]")


def _read_only_array(match: re.Match[str]) -> str:
    return f"Array({match[1]}, {match[2].count(',') + 1}, 'C', True)"


def kernel(signature: str) -> Callable[[Callable[..., Any]], Kernel]:
    """Make a loop a kernel: serial, without the interpreter's lock, with exactly one signature.

    The signature is numba's, plus `const` before an array that is only read, which then may be
    read-only (as pandas and Arrow hand them out): `"void(const float64[:, ::1], float64[::1])"`.
    A float divided by zero gives inf or NaN, as in numpy. Kernels may call kernels of any file of
    this room, imported at the top of their file. Module constants are frozen into the code.
    """
    return lambda function: Kernel(function, signature)


# ---- cache ---------------------------------------------------------------------------------


def _user_cache() -> Path:
    override = os.environ.get("ENGAGERR_CACHE_DIR")
    if override:
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _cache_directory(source: Path) -> Path | None:
    """The directory for the machine code of one file, made if missing; None where none can be written."""
    from numba.core import config

    if config.DISABLE_JIT:
        return None
    try:
        directory = _user_cache() / "engagerr" / f"kernels-{source.stem}-{_fingerprint(source)}"
        if not directory.exists():
            directory.mkdir(parents=True, mode=0o700, exist_ok=True)
            _prune(directory.parent)
        os.utime(directory)  # used today
        tempfile.TemporaryFile(dir=directory).close()
    except (OSError, RuntimeError):  # RuntimeError: no home directory
        return None
    return directory


def _prune(parent: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 86_400
    for directory in parent.glob("kernels-*"):
        try:
            if directory.stat().st_mtime < oldest:
                shutil.rmtree(directory, ignore_errors=True)
        except OSError:  # another process was faster
            continue


@functools.cache
def _fingerprint(source: Path) -> str:
    """A hash of all that decides the machine code and that numba's own key leaves out."""
    import llvmlite  # type: ignore[import-untyped]
    import numba
    from numba.core import config

    flags = (config.BOUNDSCHECK, config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE, config.DEBUGINFO_DEFAULT)
    digest = hashlib.sha256(repr((numba.__version__, llvmlite.__version__, sys.version, str(flags))).encode())
    for path in sorted(_imported_files(source)):
        digest.update(f"\0{path.name}\0".encode() + _source(path))
    return digest.hexdigest()[:16]


def _source(path: Path) -> bytes:
    """What the file held when it was first asked for."""
    if path not in _sources:
        _sources[path] = path.read_bytes()
    return _sources[path]


def _imported_files(source: Path) -> set[Path]:
    """The file and all files of its folder that it imports, directly or not."""
    found, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path not in found and (path in _sources or path.exists()):
            found.add(path)
            waiting += _direct_imports(path)
    return found


@functools.cache
def _direct_imports(path: Path) -> list[Path]:
    """Where what a file imports at its top would lie in its folder."""
    names = []
    for node in ast.parse(_source(path)).body:
        if isinstance(node, ast.ImportFrom):
            names += [node.module or "", *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [path.with_name(name.rpartition(".")[2] + ".py") for name in names]


# ---- threads -------------------------------------------------------------------------------


def thread_count(threads: int | None = None) -> int:
    """How many threads to use: as asked, else `ENGAGERR_THREADS`, else the cores this process may use."""
    asked: Any = threads if threads is not None else os.environ.get("ENGAGERR_THREADS") or None
    if asked is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        count = operator.index(asked) if threads is not None else int(asked)
    except (TypeError, ValueError):
        count = 0
    if count < 1:
        where = "threads" if threads is not None else "ENGAGERR_THREADS"
        raise InvalidArgument(f"{where} was {asked!r}. Wanted is a whole number from 1. Leave it out for all cores.")
    return count


@functools.cache
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """One pool for each number of threads and, since threads do not survive a fork, each process."""
    return ThreadPoolExecutor(threads, thread_name_prefix="engagerr")


def run_blocks(function: Callable[[int], Result], n_blocks: int, threads: int | None = None) -> list[Result]:
    """Call `function(block)` for each block number and return the results in block order.

    Give blocks whose bounds follow from the data alone, never from the number of threads, and
    reduce the returned list in its order: the result is then the same to the last bit on any
    machine load and any number of threads. The first error (in block order) is raised; blocks
    not yet begun are dropped. A block that itself calls `run_blocks` runs it in its own thread.
    """
    threads = min(thread_count(threads), n_blocks)
    if threads <= 1 or getattr(_in_block, "active", False):
        return [function(block) for block in range(n_blocks)]

    def run(block: int) -> Result:
        _in_block.active = True
        try:
            return function(block)
        finally:
            _in_block.active = False

    return list(_pool(threads, os.getpid()).map(run, range(n_blocks)))


def block_bounds(length: int, size: int) -> list[tuple[int, int]]:
    """Cut `length` rows in blocks of `size`, the last one shorter: `[(start, stop), ...]`."""
    return [(start, min(start + size, length)) for start in range(0, length, size)]


# ---- warm-up -------------------------------------------------------------------------------


class Warmed(NamedTuple):
    """One kernel made ready: its name, the seconds it took, and whether the cache had it."""

    name: str
    seconds: float
    cached: bool


def warmup(progress: Callable[[int, int, str], None] | None = None) -> list[Warmed]:
    """Compile, or load from the cache, every kernel of the package.

    Where most are still to be compiled and there is a second core, a second process begins at the other end; what it
    has put into the cache is loaded from there. `progress(done, total, name)` is called after each. Time spent on a
    kernel that another one calls counts for whichever came first; kernels that are ready already take no time.
    """
    every = _every_kernel()
    other = _second_process(every)
    table = []
    try:
        for done, each in enumerate(every, start=1):
            name = f"{each.function.__module__.removeprefix(ROOM + '.')}.{each.function.__qualname__}"
            start = time.perf_counter()
            each.compile()
            table.append(Warmed(name, time.perf_counter() - start, each.cached))
            if progress is not None:
                progress(done, len(every), name)
    finally:
        if other is not None:
            other.communicate()  # closes its input: it ends with the kernel at hand
    return table


def _every_kernel() -> list[Kernel]:
    room = import_module(ROOM)
    for module in sorted(pkgutil.iter_modules(room.__path__), key=lambda module: module.name):
        import_module(f"{ROOM}.{module.name}")
    return [each for each in _kernels if each.function.__module__.startswith(f"{ROOM}.")]


def _second_process(every: list[Kernel]) -> "subprocess.Popen[bytes] | None":
    """A process that compiles from the other end; None where that would not pay."""
    sources = {Path(each.function.__code__.co_filename) for each in every}
    directories = [_cache_directory(source) for source in sorted(sources)]
    cold = [one for one in directories if one is not None and not any(one.glob("*.nbi"))]
    if 2 * len(cold) < len(directories) or len(cold) < FEWEST_COLD or thread_count() < 2 or not sys.executable:
        return None
    code = f"from {__name__} import _compile_from_the_end; _compile_from_the_end()"
    package = str(Path(__file__).parents[2])
    paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        return subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths},
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:  # no second process to be had: this one does it all
        return None


def _compile_from_the_end() -> None:
    """What the second process does, until its input ends, as it also does where the first process dies."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    for each in reversed(_every_kernel()):
        if ended.is_set():
            return
        each.compile()
