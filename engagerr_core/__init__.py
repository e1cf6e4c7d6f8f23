"""Analytics for people who publish on many platforms: exported files in, one honest cross-platform report out.

>>> from engagerr_core import Workspace
>>> ws = Workspace.open("path", create=True)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engagerr_core.workspace import Workspace

__all__ = ["Workspace"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load `Workspace` when it is first asked for, so that importing the package stays quick."""
    if name == "Workspace":
        from engagerr_core.workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
