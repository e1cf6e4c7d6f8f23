"""Recall: folders and archives that were read before, and need not be read again to know what they hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from engagerr_core.sources.files import FoundFile
from engagerr_core.sources.interpretation import empty_contents, empty_observations
from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What its caller remembers.

    Attributes
    ----------
    circumstances : whatever a table's reading and storing depend on, beside its files and what `read` is given.
    tables : the tables of a folder or archive by its fingerprint, as `recalled` gives them; None = it must be read.
    """

    circumstances: tuple[str, ...]
    tables: Callable[[str], Sequence[Reading] | None]

    def fingerprint(self, group: Sequence[FoundFile], *given: object) -> str:
        """Of files that lie beside one another: their names and bytes, and all circumstances."""
        made = sha256(repr((self.circumstances, given)).encode())
        for found in group:
            names = (found.path, found.names, found.failure, sha256(found.data).hexdigest())
            made.update(repr(names).encode(errors="surrogateescape"))
        return made.hexdigest()


def recalled(
    path: str, file: str, platform: str, kind: str, rows_read: int, warnings: Sequence[str], rejected: "pd.DataFrame"
) -> Reading:
    """A table that is stored, as far as it is known without reading it again."""
    return Reading(
        path=path,
        file=file,
        platform=platform,
        kind=kind,
        rows_read=rows_read,
        warnings=tuple(warnings),
        observations=empty_observations(),
        contents=empty_contents(),
        rejected=rejected[list(REJECTED_COLUMNS)],
        is_recalled=True,
    )
