"""Layout: what lies where in the folder of a workspace."""

from pathlib import Path
from typing import TYPE_CHECKING

from engagerr_core.errors import WorkspaceDamaged

LAKE = "lake/observations"
CATALOGUE = "catalogue.sqlite"
FOLDERS = ("coefficients", "context", "mappings", "notebooks", "reports")  # the analyst's own

if TYPE_CHECKING:
    from sqlalchemy import URL


def catalogue_address(folder: Path) -> "URL":
    """Where SQLAlchemy finds the catalogue of a workspace that keeps it in its folder."""
    from sqlalchemy import URL

    return URL.create("sqlite", database=str(folder / CATALOGUE))


def make_folders(folder: Path) -> None:
    """Make what is missing of a workspace besides its stores. Raises `WorkspaceDamaged` where it cannot be written."""
    from engagerr_core.context import write_templates
    from engagerr_core.settings import FILE, TEMPLATE

    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_templates(folder / "context")
        if not (folder / FILE).exists():
            (folder / FILE).write_text(TEMPLATE, encoding="utf-8")
    except OSError as problem:
        raise WorkspaceDamaged(
            f"The workspace {folder} cannot be made: {problem}. Choose a folder you may write to."
        ) from problem
