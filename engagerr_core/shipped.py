"""Files that ship with the package: notebooks and report templates, in the wheel or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped_folder(name: str) -> Path:
    """The folder of shipped files: ``notebooks`` or ``reports``. In a checkout it is the top-level one."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the shipped notebooks into a folder, leaving what is there, since analysts change their copies.

    Returns the copies made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for source in sorted(shipped_folder("notebooks").glob("*.ipynb")):
        target = folder / source.name
        if not target.exists():
            target.write_bytes(source.read_bytes())
            made.append(target)
    return made
