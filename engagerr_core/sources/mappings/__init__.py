"""Mappings: tables that no platform's module knows, told by a TOML file alone.

A mapping says in the language of the platforms' own tables (`engagerr_core.sources.shapes`) what its columns are to
us. Some ship with the package: warehouse tables, music services, royalty statements. The others are the analyst's, in
the folder ``mappings`` of a workspace; docs/mappings.md tells how to write one.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.mappings.loading import parsed_mapping
from engagerr_core.sources.platforms import Platform

__all__ = ["fingerprint", "load_mapping", "load_mappings", "shipped_mappings"]


@cache
def shipped_mappings() -> tuple[Platform, ...]:
    """The mappings that ship with the package, in the order of their names."""
    folder = files(__name__).joinpath("shipped")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(parsed_mapping(file.read_text("utf-8"), file.name.removesuffix(".toml")) for file in found)


def load_mappings(folder: Path) -> tuple[Platform, ...]:
    """The analyst's mappings: the TOML files of a folder, in the order of their names; none where it is missing.

    Raises `InvalidArgument` naming the file and the entry at fault.
    """
    return tuple(load_mapping(path) for path in sorted(folder.glob("*.toml")))


def fingerprint(folder: Path) -> str:
    """Of the analyst's mappings; equal ones read files alike."""
    told = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.toml"))]
    return sha256(repr(told).encode()).hexdigest()


def load_mapping(path: Path) -> Platform:
    """One mapping of the analyst's. Raises `InvalidArgument` naming the file and the entry at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidArgument(f"The mapping {path} cannot be read: {problem}. Mend it or move it away.") from None
    return parsed_mapping(text, str(path), own=True)
