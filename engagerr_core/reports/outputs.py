"""What an executed notebook holds for exports: the plain data of its blocks, nothing else."""

from collections.abc import Iterator
from typing import Any

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.blocks import MIME, VERSION


def blocks_of(executed: Any) -> list[dict[str, Any]]:
    """The blocks' plain data, in order.

    Raises
    ------
    InvalidArgument
        The notebook shows none, or blocks of a later version than this package writes.
    """
    found = []
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            held = output.get("data", {}).get(MIME)
            if held is None:
                continue
            if held["version"] != VERSION:
                raise InvalidArgument(
                    f"Another version of Engagerr executed this notebook (blocks {held['version']}, here {VERSION}). "
                    "Execute it again."
                )
            found.append(held["block"])
    if not found:
        raise InvalidArgument(
            "The executed notebook shows no blocks, so there is nothing to export. "
            "End a cell with one, such as first_page(report)."
        )
    return found


def walk(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every block, sections and what is in them."""
    for block in blocks:
        yield block
        yield from walk(block.get("blocks", []))


def title_of(blocks: list[dict[str, Any]]) -> dict[str, str]:
    """The report's title block: creator, start, end, subtitle; empty texts where there is none."""
    title = next((b for b in walk(blocks) if b["type"] == "title"), {})
    return {name: str(title.get(name, "")) for name in ("creator", "start", "end", "subtitle")}
