"""Stores: lake and catalogue seen as one, though they are committed one after the other."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.lake import Lake

Answer = TypeVar("Answer")

PAUSE = 0.01  # seconds; a writer is between its two commits for some milliseconds
LOOKS = 10  # longer than that, and it may have died there
ATTEMPTS = 2


class Stores:
    """The two stores of one workspace."""

    def __init__(self, lake: "Lake", catalogue: "Catalogue") -> None:
        self.lake, self.catalogue = lake, catalogue
        self._asking = _Asking()

    def state(self) -> tuple[int, int]:
        """Version of the lake and number of the last run; equal states hold the same.

        Waits while a writer is between its two commits. Where it died there, the catalogue is mended.
        """
        from sqlalchemy import func, select

        from engagerr_core.store.reconcile import reconcile
        from engagerr_core.store.tables import Run

        stored, last = select(func.max(Run.run)).where(Run.rows_stored > 0), select(func.max(Run.run))
        looks = 0
        while True:
            version, committed = self.lake.position
            with self.catalogue.reading() as connection:
                entered = connection.execute(stored).scalar() or 0
                run = connection.execute(last).scalar() or 0
            if entered == committed or self._asking.inside:
                return version, run
            looks += 1
            if looks > LOOKS:
                reconcile(self.catalogue, self.lake)  # waits as long as the writer lives
            time.sleep(PAUSE)

    def superseded(self, as_of: datetime | None = None) -> frozenset[str]:
        """The files whose statements no longer hold, as of now or at an instant."""
        from engagerr_core.store.records import superseded

        with self.catalogue.reading() as connection:
            return superseded(connection, as_of)

    def settled(self, ask: Callable[[], Answer]) -> Answer:
        """An answer that was made from one state: where something was stored in between, it is asked again.

        At last writers have to wait for it. An answer that is part of another one is asked once; the whole is settled.
        """
        from engagerr_core.store.reconcile import mend

        if self._asking.inside:
            return ask()
        for _ in range(ATTEMPTS):
            before = self.state()
            found = self._asked(ask)
            if self.state() == before:
                return found
        with self.catalogue.writing() as connection:
            mend(connection, self.lake)  # the writer before may have died between its commits
            return self._asked(ask)

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        self._asking.inside = True
        try:
            return ask()
        finally:
            self._asking.inside = False


class _Asking(threading.local):
    """Whether this thread is in the middle of an answer that will be settled as a whole."""

    inside = False
