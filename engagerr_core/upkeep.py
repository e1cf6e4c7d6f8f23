"""Upkeep: what keeps a workspace quick: tiers and compaction."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from engagerr_core.arguments import checked_day

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.store.catalogue import Catalogue
    from engagerr_core.store.lake import Lake


class Upkeep:
    """The upkeep of a workspace."""

    lake: "Lake"
    catalogue: "Catalogue"

    def tiers(self, on: date | str | None = None) -> "pd.DataFrame":
        """What each platform's month takes up, and its tier: active, warm or cold. See `store.tiers.tiers`.

        `on` is the day from which ages are counted; None = the last day on which anything was ingested.
        """
        from engagerr_core.store.tiers import tiers

        return tiers(self.lake, checked_day("on", on))

    def compact(
        self, on: date | str | None = None, clean: bool = True, progress: Callable[[str], None] | None = None
    ) -> "pd.DataFrame":
        """Write each old month as one sorted file a platform; no answer changes. See `store.compaction.compact`."""
        from engagerr_core.store.compaction import compact

        return compact(self.lake, self.catalogue, checked_day("on", on), clean=clean, progress=progress)
