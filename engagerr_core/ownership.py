"""Ownership: whose figures a file holds, and of which account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from engagerr_core.errors import ConflictingAccount
from engagerr_core.sources.reading import Reading
from engagerr_core.vocabulary.platforms import platforms

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")  # YouTube Studio names a folder "Content 2026-01-01_2026-01-31 Channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Whose rows a table holds.

    Attributes
    ----------
    creators : account → creator, for every account in the table.
    account : the account of rows that do not tell their own.
    warnings : what was assumed, in sentences.
    """

    creators: dict[str, str]
    account: str
    warnings: tuple[str, ...] = ()

    @property
    def creator(self) -> str:
        """The creator of rows that do not tell their own account."""
        return self.creators[self.account]


def ownership(
    reading: Reading, owners: Mapping[tuple[str, str], str], creator: str | None = None, account: str | None = None
) -> Ownership:
    """Decide creator and account of one table.

    Account: the id in the file, else `account`, else ``creator/platform``. Creator: `creator`, else who already owns
    the account, else the folder that the file lies in. Titles of accounts do not decide: each platform has its own for
    the same person.

    Parameters
    ----------
    reading : the table.
    owners : (platform, account) → creator, as far as known.
    creator, account : what the caller says.

    Raises
    ------
    ConflictingAccount
        The file's account belongs to another creator, or is not the one that the caller named.
    """
    told = accounts_told(reading)
    if account and told and account not in told and account.casefold() != reading.account_title.casefold():
        raise ConflictingAccount(
            f"{reading.path} names the account {', '.join(told)}, but account={account!r} was given. "
            "Leave the account out, or ingest this file apart."
        )
    warnings: list[str] = []
    default = reading.account or (told[0] if len(told) == 1 else "") or account or ""
    owned = {owners[key] for name in told if (key := (reading.platform, name)) in owners}
    fallback = creator or owners.get((reading.platform, default)) or (owned.pop() if len(owned) == 1 else "")
    if not fallback:
        fallback = folder_name(reading.path)
        warnings.append(
            f'The creator is not named; taken from the folder: "{fallback}". Give creator= to say otherwise.'
        )
    default = default or (told[0] if _every_row_tells(reading) else made_up_account(fallback, reading.platform))
    creators = {}
    for name in dict.fromkeys((*told, default)):
        owner = owners.get((reading.platform, name))
        if creator and owner and owner != creator:
            raise ConflictingAccount(
                f"{reading.path} holds the {reading.platform} account {name}, which belongs to {owner}, but creator="
                f"{creator!r} was given. Name {owner}, or leave the creator out."
            )
        creators[name] = owner or fallback
    return Ownership(creators=creators, account=default, warnings=tuple(warnings))


def accounts_told(reading: Reading) -> tuple[str, ...]:
    """The accounts that a table names itself, its own first."""
    rows = (name for name in _row_accounts(reading) if name)
    return tuple(dict.fromkeys((*([reading.account] if reading.account else []), *rows)))


def made_up_account(creator: str, platform: str) -> str:
    """The account's name where no file and no caller tells it."""
    return f"{creator}/{platform}"


def folder_name(path: str) -> str:
    """The nearest folder around a file that is neither named after a platform nor dated."""
    place = Path(path.split(" › ")[0]).absolute()
    known = {name for one in platforms().values() for name in (one.name, one.title.casefold())}
    for folder in place.parents:
        if folder.name and folder.name.casefold() not in known and not _DATED.search(folder.name):
            return folder.name
    return place.stem


def _row_accounts(reading: Reading) -> list[str]:
    """What the rows say about their account, each once; empty for rows that do not tell."""
    parts = [frame["account"].unique() for frame in (reading.observations, reading.contents) if "account" in frame]
    return list(dict.fromkeys("" if pd.isna(name) else str(name) for part in parts for name in part))


def _every_row_tells(reading: Reading) -> bool:
    rows = _row_accounts(reading)
    return bool(rows) and "" not in rows
