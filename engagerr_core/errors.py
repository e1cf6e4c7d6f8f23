"""What can go wrong, in words that say what to do next.

Every exception names what was asked or read, why it cannot be, and the way out; the command line
prints the message alone and ends with `exit_code`.
"""


class EngagerrError(Exception):
    """The base of every error this package raises on purpose."""

    exit_code = 2


class UnreadableFile(EngagerrError):
    """A file that cannot be opened, decoded or parsed at all."""


class UnknownFormat(EngagerrError):
    """A file that was read but matches no platform's export."""


class HostileFile(EngagerrError):
    """A file beyond the limits that protect the reader: too large, too deep, or leading outside."""


class ConflictingAccount(EngagerrError):
    """Two pieces of evidence name different accounts or creators for one file."""


class NotAdditive(EngagerrError):
    """A sum was asked of a metric that does not add over that axis."""


class MixedBases(EngagerrError):
    """Flows, lifetime stocks and cohorts were asked for in one figure."""


class UnknownName(EngagerrError):
    """A metric, platform, creator, coefficient set or column that nobody has defined."""


class InvalidArgument(EngagerrError):
    """An argument outside what the function can answer."""


class WorkspaceMissing(EngagerrError):
    """There is no workspace at that path."""


class WorkspaceDamaged(EngagerrError):
    """A store of the workspace cannot be read; earlier data were not touched."""


class WorkspaceBusy(EngagerrError):
    """Another process holds the workspace and did not let go in time."""


class ReportFailed(EngagerrError):
    """A report stopped in one of its cells; the partly executed notebook is kept."""
