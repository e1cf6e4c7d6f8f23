"""What the workbench needs, checked one by one."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def _python() -> str:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise RuntimeError(f"Python {sys.version.split()[0]}; use 3.11, 3.12 or 3.13.")
    return sys.version.split()[0]


def _packages() -> str:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    wrong = []
    for line in requires("engagerr") or []:
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate():
            continue
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            wrong.append(f"{needed.name} {found} is not {needed.specifier}")
    if wrong:
        raise RuntimeError(f"{'; '.join(wrong)}. Install from locks/requirements.lock.")
    return "all there"


def _kernels() -> str:
    from engagerr_core.kernels.dispatch import warmup

    done = warmup()
    compiled = sum(not one.cached for one in done)
    return f"{len(done)} ready, {compiled} compiled now" + ("" if compiled else " (from the cache)")


def _notebook_kernel() -> str:
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec("python3")
    return str(spec.display_name)


def _pictures() -> str:
    import vl_convert

    mark = {"mark": "point", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    svg = vl_convert.vegalite_to_svg(mark)
    if "<svg" not in svg:
        raise RuntimeError("vl-convert draws nothing. Install it again.")
    return "drawn without a browser"


def _pages() -> str:
    import typst

    if not typst.compile(b"Engagerr").startswith(b"%PDF"):
        raise RuntimeError("typst makes no PDF. Install it again.")
    return "typst makes PDF"


def _workspace(path: Path) -> str:
    from engagerr_core.workspace import Workspace

    with Workspace.open(path) as ws:
        rows = ws.observation_table(resolved=False, columns=["row"]).num_rows
        return f"{len(ws.creators())} creators, {rows:,} rows, {ws.version}"


def examine(workspace: Path) -> "pd.DataFrame":
    """Run every check. Returns: check, ok, found (what was found, or the problem and what to do)."""
    import pandas as pd

    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "packages": _packages,
        "kernels": _kernels,
        "notebook kernel": _notebook_kernel,
        "pictures": _pictures,
        "pages": _pages,
        "workspace": lambda: _workspace(workspace),
    }
    rows = []
    for name, check in checks.items():
        try:
            rows.append((name, True, check()))
        except Exception as problem:  # a doctor reports whatever it finds
            rows.append((name, False, str(problem) or type(problem).__name__))
    return pd.DataFrame(rows, columns=["check", "ok", "found"])
