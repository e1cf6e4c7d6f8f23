"""Reports for several creators, on warm kernels; a failed one is named and the others go on."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING

from engagerr_core.errors import EngagerrError, InvalidArgument
from engagerr_core.reports.kernel import WarmKernel
from engagerr_core.reports.make import make_report
from engagerr_core.reports.templates import checked_formats

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("creator", "paths", "problem", "seconds")
KERNELS = 2  # each holds some 300 MB, and a laptop's memory is shared


def make_reports(
    workspace: Path | str,
    creators: Sequence[str],
    *,
    start: date | str | None = None,
    end: date | str | None = None,
    as_of: date | str | None = None,
    formats: Sequence[str] = ("html", "pdf", "xlsx"),
    folder: Path | str | None = None,
    progress: Callable[[str], None] | None = None,
    jobs: int | None = None,
) -> "pd.DataFrame":
    """Make one report for each creator.

    Parameters
    ----------
    workspace : its folder.
    creators : whose reports; each once.
    start, end : the period; None = for each creator the latest 28 days that all platforms have reported finally.
    as_of : as known at the end of this day; None = now.
    formats : html, pdf, xlsx, ipynb.
    folder : where the files go; None = ``reports/out`` in the workspace.
    progress : called with the creator's name when a report is done or has failed.
    jobs : kernels side by side; None = one per processor, at most two.

    Returns
    -------
    One row a creator, in the order given: creator, paths (list of str), problem (empty = made), seconds.
    """
    import pandas as pd

    names, wanted = list(dict.fromkeys(creators)), checked_formats(tuple(formats))
    days = str(start or ""), str(end or ""), str(as_of or "")
    if jobs is not None and jobs < 1:
        raise InvalidArgument(f"Reports were asked with {jobs} jobs. Give 1 or more.")
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in names:
        waiting.put(name)
    rows: dict[str, tuple[str, list[str], str, float]] = {}

    def work() -> None:
        with WarmKernel() as kernel:
            while not waiting.empty():
                try:
                    creator = waiting.get_nowait()
                except Empty:  # the other worker was quicker
                    return
                rows[creator] = _made(workspace, creator, days, wanted, folder, kernel)
                if progress is not None:
                    progress(creator)

    side_by_side = min(jobs or min(os.cpu_count() or 1, KERNELS), max(len(names), 1))
    with ThreadPoolExecutor(side_by_side) as pool:
        for done in [pool.submit(_in_own_loop, work) for _ in range(side_by_side)]:
            done.result()
    return pd.DataFrame([rows[name] for name in names], columns=list(COLUMNS))


def _made(
    workspace: Path | str,
    creator: str,
    days: tuple[str, str, str],
    formats: tuple[str, ...],
    folder: Path | str | None,
    kernel: WarmKernel,
) -> tuple[str, list[str], str, float]:
    began, paths, problem = perf_counter(), [], ""
    start, end, as_of = days
    try:
        made = make_report(workspace, creator, start, end, formats, folder, kernel=kernel, as_of=as_of)
        paths = [str(path) for path in made]
    except EngagerrError as told:
        problem = str(told)
    except Exception as odd:  # a failed report must not take the others with it
        problem = f"The report of {creator} failed: {type(odd).__name__}: {odd}"
    return creator, paths, problem, perf_counter() - began


def _in_own_loop(work: Callable[[], None]) -> None:
    """Jupyter's client makes an event loop for each thread and leaves it open."""
    from jupyter_core.utils import ensure_event_loop

    try:
        work()
    finally:
        ensure_event_loop().close()
