"""How much a stranger's file may cost us before it is refused."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what is read; beyond them a file is refused by name, never read in part.

    Attributes
    ----------
    file_bytes : size of one file, and of one member of an archive once unpacked.
    archive_bytes : size of all members of one archive once unpacked.
    members : members of one archive.
    compression_ratio : unpacked ÷ packed size of a member, tested above one mebibyte only, since small tables of
        zeros pack well; and of a whole archive, from 16 mebibytes.
    nesting : archives inside one another, the outer one included; they share `archive_bytes`.
    rows, columns : of one table.
    cell_characters : of one cell; a line has at most eight times as many bytes.
    sheet_cells : rows × columns of one sheet, empty cells included, since readers allocate them all.
    """

    file_bytes: int = 512 * MEBIBYTE
    archive_bytes: int = 1024 * MEBIBYTE
    members: int = 10_000
    compression_ratio: int = 200
    nesting: int = 2
    rows: int = 2_000_000
    columns: int = 1_000
    cell_characters: int = 131_072
    sheet_cells: int = 20_000_000


DEFAULT_LIMITS = Limits()
