"""A first draft of a mapping for a table that nobody recognises: the analyst corrects it and previews."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from engagerr_core.errors import InvalidArgument, UnknownFormat
from engagerr_core.sources.files import existing, is_workbook, walk
from engagerr_core.sources.headers import normal
from engagerr_core.sources.limits import DEFAULT_LIMITS, Limits
from engagerr_core.sources.mappings import shipped_mappings
from engagerr_core.sources.platforms import Platform, readers
from engagerr_core.sources.shapes import Column
from engagerr_core.sources.sheets import OLE_MAGIC, read_sheets
from engagerr_core.sources.tables import Table, read_delimited
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import metrics, native

UNDECIDED = "not decided"
COMMON_ROLES = ("day", "content", "title", "url", "account")  # fields that a kind requires where a table has them

_HEAD = """\
# A draft: put together from the headers alone. Check every line against the table, decide the columns that are left out
# as "not decided", and look at `engagerr preview`. docs/mappings.md tells what can be written.
"""


def drafted_mapping(
    path: Path, name: str, platform: str, mappings: Sequence[Platform] = (), limits: Limits = DEFAULT_LIMITS
) -> str:
    """TOML text of a mapping for the first table of a file.

    Parameters
    ----------
    path : the file.
    name : of the kind of table, as it is to be called.
    platform : whose table it is.
    mappings : the analyst's own; their headers teach what a column may be, before those of all other readers.
    limits : how much the file may cost.

    Raises
    ------
    UnknownFormat
        The file holds no table with a row of headers.
    UnreadableFile
        There is no such file.
    """
    headers = _headers(existing(path)[0], limits)
    columns = list(_columns(headers, _known_headers((*mappings, *readers(), *shipped_mappings()))))
    roles = [column.role for column in columns if column.role]
    lines = [_HEAD, "columns = [", *(f"  {_line(column)}," for column in columns), "]", "", "[[kinds]]"]
    lines += [f"platform = {_quoted(platform)}", f"name = {_quoted(name)}", *_kind(roles)]
    return "\n".join(lines) + "\n"


def _headers(path: Path, limits: Limits) -> list[str]:
    """The first row of the first table that looks like headers: several cells that are no numbers."""
    for group in walk([path], limits):
        for found in group:
            if found.failure:
                raise UnknownFormat(f"{found.path}: {found.failure}")
            for table in _tables(found.data, limits):
                for row in table.rows[:5]:
                    cells = [" ".join(cell.split()) for cell in row if cell.strip()]
                    if len(cells) > 1 and not any(cell.replace(".", "").replace(",", "").isdigit() for cell in cells):
                        return cells
    raise UnknownFormat(f"{path} holds no table with a row of headers. Say which file it is, and keep its headers.")


def _tables(data: bytes, limits: Limits) -> Iterator[Table]:
    if data.startswith(OLE_MAGIC) or is_workbook(data):
        yield from read_sheets(data, limits)
    else:
        yield read_delimited(data, limits)


def _known_headers(readers: Sequence[Platform]) -> dict[str, Column]:
    """What headers mean: the names of our own metrics and dimensions, then what all readers take them for."""
    found: dict[str, Column] = {}
    for metric in native():
        for header in (metric, metrics()[metric].title):
            found.setdefault(normal(header), Column(header=header, metric=metric))
    for dimension in dimensions().values():
        for header in (dimension.name, dimension.title):
            found.setdefault(normal(header), Column(header=header, dimension=dimension.name))
    for reader in readers:
        for header, column in reader.shape.by_header.items():
            if column.role and not (column.part or column.variant):
                found.setdefault(header, column)
    return found


def _columns(headers: list[str], known: dict[str, Column]) -> Iterator[Column]:
    """One column a header; of two with the same meaning the later is left to the analyst."""
    taken: set[str] = set()
    written: set[str] = set()
    for header in headers:
        if normal(header) in written:
            continue
        written.add(normal(header))
        meant = known.get(normal(header))
        if meant is None or meant.role in taken:
            yield Column(header=header, left_out=UNDECIDED)
            continue
        taken.add(meant.role)
        yield Column(
            header=header, metric=meant.metric, dimension=meant.dimension, field=meant.field, unit=meant.unit,
            negative=meant.negative,
        )  # fmt: skip


def _line(column: Column) -> str:
    what = next(key for key in ("metric", "dimension", "field", "left_out") if getattr(column, key))
    told = [f"header = {_quoted(column.header)}", f"{what} = {_quoted(getattr(column, what))}"]
    if column.unit:
        told.append(f"unit = {_quoted(column.unit)}")
    if column.negative:
        told.append("negative = true")
    return "{" + ", ".join(told) + "}"


def _kind(roles: list[str]) -> list[str]:
    required = [role for role in COMMON_ROLES if role in roles]
    required += [role for role in roles if role in native()][:2]
    day = "day" in roles
    return [
        f"requires = [{', '.join(map(_quoted, required))}]",
        "headers = []  # headers that tell this table from others, where the roles do not",
        f"basis = {_quoted('flow' if day else 'stock')}  # flow: during the period; stock: lifetime totals",
        f"period = {_quoted('day' if day else 'none')}",
    ]


def _quoted(text: str) -> str:
    """A TOML string; JSON's is one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def file_name(name: str) -> str:
    """A file's name made of a table's name: letters, digits and underscores of ASCII alone."""
    plain = "_".join(re.findall(r"[a-z0-9]+", normal(name), re.ASCII))[:60]
    return f"{plain or 'mapping'}.toml"


def write_new(path: Path, text: str) -> Path:
    """Write a file that is not there yet. Raises `InvalidArgument` where it is, or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InvalidArgument(f"{path} is there already and was left alone. Edit it, or give another --name.") from None
    except OSError as problem:
        raise InvalidArgument(f"{path} cannot be written: {problem}. Choose a workspace you may write to.") from None
    return path
