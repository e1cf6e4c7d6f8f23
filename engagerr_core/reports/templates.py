"""Where definitions, templates and notebooks lie: the workspace's own first, then those that ship."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from engagerr_core.errors import InvalidArgument, UnknownName
from engagerr_core.shipped import shipped_folder

FORMATS = ("html", "pdf", "xlsx", "ipynb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One kind of report, from ``reports/definitions/NAME.toml``.

    Attributes
    ----------
    name : of the definition, first part of every file it makes.
    title : as readers see it.
    notebook : the notebook's file.
    html, pdf : the templates' files.
    formats : what is written unless asked otherwise.
    """

    name: str
    title: str
    notebook: Path
    html: Path
    pdf: Path
    formats: tuple[str, ...]


def definition(name: str, workspace: Path) -> Definition:
    """Find a definition and what it names, in the workspace first.

    Raises
    ------
    UnknownName
        There is no such definition, or a file that it names is missing.
    InvalidArgument
        The definition cannot be read or lacks an entry.
    """
    path = _find(f"definitions/{name}.toml", workspace)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Definition(
            name=name,
            title=table["title"],
            notebook=_notebook(table["notebook"], workspace),
            html=_find(f"templates/{table['html']}", workspace),
            pdf=_find(f"templates/{table['pdf']}", workspace),
            formats=checked_formats(table["formats"]),
        )
    except (tomllib.TOMLDecodeError, KeyError) as problem:
        raise InvalidArgument(f"{path}: {problem}. Compare it with the shipped creator_report.toml.") from problem


def checked_formats(names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The formats, once each. Raises `InvalidArgument` for none, or one that cannot be made."""
    wrong = [n for n in names if n not in FORMATS]
    if wrong or not names:
        raise InvalidArgument(f"A report cannot be written as {wrong or 'nothing'}. Choose from {', '.join(FORMATS)}.")
    return tuple(dict.fromkeys(names))


def fonts_folder() -> Path:
    """The fonts that ship for PDF."""
    return shipped_folder("reports") / "templates" / "fonts"


def _find(name: str, workspace: Path) -> Path:
    places = [workspace / "reports" / name, shipped_folder("reports") / name]
    return _first(places, name)


def _notebook(name: str, workspace: Path) -> Path:
    return _first([workspace / "notebooks" / name, shipped_folder("notebooks") / name], name)


def _first(places: list[Path], name: str) -> Path:
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise UnknownName(f"There is no {name}. Looked for {' and '.join(str(p) for p in places)}.")
    return found
