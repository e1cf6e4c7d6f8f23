"""Registers: what the catalogue lists, as frames."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from engagerr_core.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.store.catalogue import Catalogue


class Registers:
    """The lists of a catalogue; a workspace has them."""

    path: Path
    catalogue: "Catalogue"

    def creators(self) -> "pd.DataFrame":
        """The creators: creator, added_at; by name."""
        return self._table("creators", "creator")

    def accounts(self) -> "pd.DataFrame":
        """The accounts: platform, account, creator, title, added_at."""
        return self._table("accounts", "creator", "platform", "account")

    def files(self) -> "pd.DataFrame":
        """The stored tables: where each came from, whose it is, what was read, stored and rejected, and when."""
        return self._table("files", "run", "path", "file")

    def quarantine(self) -> "pd.DataFrame":
        """Rows that could not be trusted, and (row missing) files that could not be stored, with reason and advice."""
        return self._table("rejected", "path", "id").drop(columns="id")

    def runs(self) -> "pd.DataFrame":
        """The ingest batches: run, known_at, rows_stored, lake_version."""
        return self._table("runs", "run")

    def audit(self) -> "pd.DataFrame":
        """What was done to this workspace: at, actor, action, detail; in order."""
        from engagerr_core.store.audit import entries

        return entries(self.catalogue)

    def _table(self, name: str, *order: str) -> "pd.DataFrame":
        from sqlalchemy import select

        from engagerr_core.store.tables import Base

        table = Base.metadata.tables[name]
        return self.catalogue.frame(select(*table.c).order_by(*(table.c[column] for column in order)))

    def require_creator(self, name: str | None) -> str | None:
        """The name itself, or None. Raises `UnknownName`, with the nearest names, where there is no such creator."""
        known = [] if name is None else list(self.creators()["creator"])
        if name is not None and name not in known:
            near = get_close_matches(name, known, 3)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are {', '.join(known) or 'none yet'}."
            raise UnknownName(f"There is no creator {name!r} in {self.path}. {hint}")
        return name
