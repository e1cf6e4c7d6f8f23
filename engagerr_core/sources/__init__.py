"""Exported files to readings: detection, parsing, and quarantine of what cannot be trusted.

`read` is the door; each platform is one module and one table of columns in ``platforms``.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from os import PathLike
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.limits import DEFAULT_LIMITS, Limits
from engagerr_core.sources.reading import REJECTED_COLUMNS, Reading
from engagerr_core.vocabulary.platforms import platform as require_platform

if TYPE_CHECKING:
    from engagerr_core.sources.platforms import Platform
    from engagerr_core.sources.recall import Recall

__all__ = ["DEFAULT_LIMITS", "REJECTED_COLUMNS", "Limits", "Reading", "read"]


def read(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    platform: str | None = None,
    account: str | None = None,
    period: tuple[date, date] | None = None,
    exported_on: date | datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    mappings: "Sequence[Platform]" = (),
    recall: "Recall | None" = None,
) -> Iterator[Reading]:
    """Read exported files, one reading for each table, in a fixed order.

    Parameters
    ----------
    paths : files and folders; folders are searched, archives are looked into. What is plainly no data (readmes,
        pictures, hidden files) passes in silence; what looks like data and is not understood gives a reading whose
        `failure` says what to do.
    platform : read only tables of this platform; None tells each table's platform from its headers.
    account : the account's id, for files that do not tell it.
    period : first and last day, for tables that hold totals of a period that the file does not tell.
    exported_on : when the files were exported; it dates lifetime figures, and years where days come without.
    limits : how much a file may cost.
    mappings : the analyst's own (`mappings.load_mappings`); they go before the shipped ones where both fit alike.
    recall : what is known of folders and archives that were read before; None = read everything.

    Raises
    ------
    UnreadableFile
        A path does not exist. Nothing else stops the reading: whatever is wrong with one file is its reading's
        `failure`, whatever is wrong with one row stands in `rejected`.
    UnknownName
        There is no such platform.
    InvalidArgument
        The period ends before it begins.
    """
    from engagerr_core.sources.batch import readings
    from engagerr_core.sources.files import existing
    from engagerr_core.sources.mappings import shipped_mappings
    from engagerr_core.sources.platforms import readers

    if platform is not None:
        require_platform(platform)
    if period is not None and period[1] < period[0]:
        raise InvalidArgument(f"The period {period[0]} to {period[1]} ends before it begins. Swap the two days.")
    return readings(
        existing(paths),
        readers=(*mappings, *readers(), *shipped_mappings()),
        platform=platform,
        account=account,
        period=period,
        exported_on=exported_on,
        limits=limits,
        recall=recall,
    )
