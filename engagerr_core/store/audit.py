"""The audit: what was done to a workspace, when and by whom. Entries are added and never changed.

=====================  ==========================================================================================
migrated               the catalogue's tables were brought to a newer form
reconciled             the catalogue was made to agree with the lake after a fault
recovered              files that only the lake knew were entered
repaired               `doctor --repair` mended something
compacted              the lake's files were written together
backed up, restored    an archive was made of the workspace, or the workspace from one
exported               figures left the workspace: a report, a table
coefficients changed   figures are made with another coefficient set than before
=====================  ==========================================================================================
"""

import getpass
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd
from sqlalchemy import Connection, insert, select

from engagerr_core.errors import InvalidArgument
from engagerr_core.store.tables import Audit

if TYPE_CHECKING:
    from engagerr_core.store.catalogue import Catalogue

Action = Literal[
    "migrated", "reconciled", "recovered", "repaired", "compacted", "backed up", "restored", "exported",
    "coefficients changed",
]  # fmt: skip
ACTIONS: tuple[str, ...] = get_args(Action)
LONGEST = 2_000  # characters of a detail

_CREDENTIALS = re.compile(r"(?<=://)[^/\s\"'<>]*@")  # greedy: a password may hold an @
_NAMED_SECRET = re.compile(
    r"\b(\w*(?:password|passwd|pwd|token|secret|api_?key)\w*)(\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)", re.I
)


def enter(at: "Connection | Catalogue", action: Action, detail: str) -> None:
    """Add an entry: inside a write transaction that is open, or in one of its own where a catalogue is given.

    Line breaks and other control characters of `detail` are written as escapes, so that one entry is one line and no
    text can pass for another entry; passwords in addresses and after words such as ``token=`` are left out.
    """
    if action not in ACTIONS:
        raise InvalidArgument(f"There is no audited action {action!r}. Known are {', '.join(ACTIONS)}.")
    if not isinstance(at, Connection):
        with at.writing() as connection:
            enter(connection, action, detail)
        return
    values = {"at": datetime.now(UTC), "actor": one_line(_actor()), "action": action, "detail": one_line(detail)}
    at.execute(insert(Audit).values(values))


def enter_change(connection: Connection, action: Action, detail: str) -> bool:
    """Add an entry unless the last one of this action says the same. Returns whether it was added."""
    said = select(Audit.detail).where(Audit.action == action).order_by(Audit.id.desc()).limit(1)
    if connection.execute(said).scalar() == one_line(detail):
        return False
    enter(connection, action, detail)
    return True


def entries(catalogue: "Catalogue") -> pd.DataFrame:
    """All entries in their order: at, actor, action, detail. An actor is missing where an older version wrote."""
    table = Audit.__table__.c
    return catalogue.frame(select(table.at, table.actor, table.action, table.detail).order_by(table.id))


def one_line(text: str) -> str:
    r"""The text without secrets, as one line that shows each of its characters.

    >>> one_line("a\nb")
    'a\\nb'
    >>> one_line("postgresql://ada:secret@host/db")
    'postgresql://***@host/db'
    """
    hidden = _NAMED_SECRET.sub(r"\1\2***", _CREDENTIALS.sub("***@", text))
    line = "".join(c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in hidden)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _actor() -> str:
    """The user of the operating system; by number where it has no name, as in some containers."""
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except ImportError:  # Windows
        return getpass.getuser()
    except KeyError:
        return f"user {os.geteuid()}"
