"""A Jupyter kernel kept warm: it imports once and executes many notebooks, each in an empty namespace."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

_RESET = """\
def _start_afresh(folder):
    import os
    from IPython import get_ipython
    os.chdir(folder)
    get_ipython().reset(new_session=True)
_start_afresh({folder!r})
"""


class WarmKernel:
    """This interpreter as a kernel, reachable only through sockets in a private temporary folder.

    Use it as a context manager. The kernel starts with the first notebook, writes no history, and reads none of the
    user's IPython settings, so that a report depends on its inputs alone.
    """

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._manager: Any = None

    def manager(self, cwd: Path) -> Any:
        """The running kernel's manager, for nbclient, with an empty namespace and this current folder."""
        if self._manager is None or not _wait_for(self._manager.is_alive):
            self.close()
            self._start()
        self._run(_RESET.format(folder=str(cwd)))
        return self._manager

    def _start(self) -> None:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager

        self._folder = TemporaryDirectory(prefix="engagerr-")
        folder = self._folder.name
        own = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)  # a user's `python3` may be another Python
        self._manager = AsyncKernelManager(  # a blocking one would never notice that the kernel died
            kernel_name="python3",
            kernel_spec_manager=own,
            transport="ipc",
            connection_file=os.path.join(folder, "kernel.json"),
        )
        environment = {**os.environ, "IPYTHONDIR": folder, "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        quiet = ["--HistoryManager.enabled=False"]
        _wait_for(self._manager.start_kernel, env=environment, cwd=folder, extra_arguments=quiet)

    def _run(self, code: str) -> None:
        client = self._manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            client.execute_interactive(code, silent=True, store_history=False, timeout=60, output_hook=lambda _: None)
        finally:
            client.stop_channels()

    def close(self) -> None:
        """End the kernel and remove its folder."""
        if self._manager is not None:
            _wait_for(self._manager.shutdown_kernel, now=True)
            self._manager = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> "WarmKernel":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _wait_for(step: Callable[..., Awaitable[Any]], **given: Any) -> Any:
    """Run an asynchronous step to its end, also where an event loop is running already, as in a notebook."""
    from jupyter_core.utils import run_sync

    async def wait() -> Any:
        return await step(**given)

    return run_sync(wait)()
