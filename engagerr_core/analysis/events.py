"""Events: what happened to accounts, told by the analyst or by the registry of definitions."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from engagerr_core.vocabulary.context import EVENT_COLUMNS
from engagerr_core.vocabulary.definitions import definition_changes


def no_events() -> pd.DataFrame:
    """A table without events."""
    days = dict.fromkeys(("start", "end"), "datetime64[us]")
    return pd.DataFrame(columns=list(EVENT_COLUMNS)).astype({name: days.get(name, "str") for name in EVENT_COLUMNS})


def events_of(
    told: pd.DataFrame,
    platforms: Sequence[str],
    *,
    creator: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> pd.DataFrame:
    """All events that touch a creator's platforms in a span of days, in order of their first day.

    Parameters
    ----------
    told : the analyst's events, columns `EVENT_COLUMNS`; an empty creator, platform or account means all.
    platforms : on which the creators publish; definition changes of these are added (kind ``definition_change``, origin
        ``registry``).
    creator : only events of this one and of everybody.
    start, end : keep what overlaps; None = no limit.
    """
    mine = told[told["platform"].isin(["", *platforms])]
    if creator is not None:
        mine = mine[mine["creator"].isin(["", creator])]
    changes = [
        {
            "creator": "", "platform": change.platform, "account": "", "start": pd.Timestamp(change.day),
            "end": pd.Timestamp(change.day), "kind": "definition_change", "note": change.text, "origin": "registry",
        }
        for change in definition_changes(tuple(platforms), start or date.min, end or date.max)
    ]  # fmt: skip
    both = pd.concat(
        [mine, pd.DataFrame(changes, columns=list(EVENT_COLUMNS)).astype(no_events().dtypes)], ignore_index=True
    )
    if start is not None:
        both = both[both["end"] >= pd.Timestamp(start)]
    if end is not None:
        both = both[both["start"] <= pd.Timestamp(end)]
    return both.sort_values(["start", "end", "platform", "kind", "note"], kind="stable", ignore_index=True)
