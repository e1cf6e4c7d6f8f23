"""What the workbench needs and what a workspace keeps, checked one by one; what can be mended is mended if asked."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engagerr_core.layout import LAKE, catalogue_address

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


CHECKS: dict[str, Callable[[], str]] = {
    "python": _python,
    "packages": _packages,
    "kernels": _kernels,
    "notebook kernel": _notebook_kernel,
    "pictures": _pictures,
    "pages": _pages,
}
Row = tuple[str, bool, str]  # check, ok, found


def examine(workspace: Path, repair: bool = False, deep: bool = False) -> "pd.DataFrame":
    """Run every check, of the workbench and of a workspace.

    Parameters
    ----------
    repair : mend what can be mended, see `store.mending.repair`.
    deep : read every stored file to its end.

    Returns
    -------
    check, ok, found (what was found, or the problem and what to do): one row a check, and one a fault.

    Raises
    ------
    WorkspaceBusy, WorkspaceDamaged
        Only with `repair`: another process is writing, or nothing can be written.
    """
    import pandas as pd

    rows = [_checked(name, check) for name, check in CHECKS.items()]
    return pd.DataFrame([*rows, *_workspace_rows(Path(workspace), repair, deep)], columns=["check", "ok", "found"])


def _checked(name: str, check: Callable[[], str]) -> Row:
    try:
        return name, True, check()
    except Exception as problem:  # a doctor reports whatever it finds
        return name, False, str(problem) or type(problem).__name__


def _workspace_rows(folder: Path, repair: bool, deep: bool) -> Iterator[Row]:
    from engagerr_core.settings import FILE, load_settings

    if not (folder / FILE).is_file():
        yield "workspace", False, _missing(folder)
        return
    settings = _checked("settings", lambda: str(load_settings(folder)))
    if not settings[1]:
        yield settings
        return
    yield from _own_files(folder)
    faults = [*_store_rows(folder, repair, deep)]
    yield from faults
    if all(ok for _, ok, _ in faults):
        yield _checked("workspace", lambda: _summary(folder))


def _missing(folder: Path) -> str:
    from engagerr_core.settings import FILE

    if (folder / LAKE).is_dir():
        return (
            f"{folder / FILE} is missing. `engagerr init {folder}` writes it with every default; if the catalogue lay "
            "on a server, add its address."
        )
    return f"There is no workspace at {folder}. Make one with `engagerr init {folder}`."


def _own_files(folder: Path) -> Iterator[Row]:
    """The analyst's own files that cannot be read."""
    from engagerr_core.context import load_context
    from engagerr_core.sources.mappings import load_mappings
    from engagerr_core.vocabulary.coefficients import load_coefficient_set

    checks: dict[str, Callable[[], object]] = {
        "context": lambda: load_context(folder / "context"),
        "mappings": lambda: load_mappings(folder / "mappings"),
    }
    for path in sorted((folder / "coefficients").glob("*.toml")):
        checks[f"coefficients {path.stem}"] = partial(load_coefficient_set, path.stem, path.parent)
    rows = [_checked(name, partial(_silently, check)) for name, check in checks.items()]
    yield from (row for row in rows if not row[1])


def _silently(check: Callable[[], object]) -> str:
    check()
    return ""


def _store_rows(folder: Path, repair: bool, deep: bool) -> Iterator[Row]:
    """The faults of lake and catalogue; with `repair` also what became of them."""
    from engagerr_core.settings import load_settings
    from engagerr_core.sources.files import INSIDE
    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.damage import inspect
    from engagerr_core.store.lake import Lake
    from engagerr_core.store.mending import repair as mend

    settings = load_settings(folder)
    lake = Lake(folder.absolute() / LAKE)
    catalogue = Catalogue(settings.catalogue or catalogue_address(folder.absolute()), settings.lock_timeout)
    try:
        if not repair:
            yield from ((one.kind, False, str(one)) for one in inspect(lake, catalogue, deep))
            return
        done = mend(lake, catalogue, folder.absolute(), deep)
    finally:
        catalogue.close()
    yield from ((f"mended: {one.kind}", True, f"{one.where}: {one.what}") for one in done.mended)
    yield from ((one.kind, False, str(one)) for one in done.remaining)
    if done.aside is not None:
        yield "set aside", True, f"What was taken out is in {done.aside}."
    # Of an archive or a workbook the whole is ingested again; what is stored of it stays as it is.
    yield from (("ingest again", False, path) for path in dict.fromkeys(p.split(INSIDE)[0] for p in done.again))
    if done.unknown_sources:
        yield (
            "ingest again",
            False,
            (
                "Rows were lost together with the catalogue, which knew where they came from: ingest all exported "
                "files into a new workspace."
            ),
        )


def _summary(path: Path) -> str:
    from engagerr_core.workspace import Workspace

    with Workspace.open(path) as ws:
        rows = ws.observation_table(resolved=False, columns=["row"]).num_rows
        return f"{len(ws.creators())} creators, {rows:,} rows, {ws.version}"
