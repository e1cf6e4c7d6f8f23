"""Reading the shipped tables."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def shipped(name: str) -> dict[str, Any]:
    """Return a shipped TOML table by its file name, such as ``metrics.toml``. Treat it as read-only."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
