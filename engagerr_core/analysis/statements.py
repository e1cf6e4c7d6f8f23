"""Royalty statements: what all that are known say together about a song, an account and a period."""

import numpy as np
import pandas as pd

from engagerr_core.analysis.subjects import POST
from engagerr_core.errors import NotAdditive
from engagerr_core.vocabulary.metrics import metric, require_additive
from engagerr_core.vocabulary.observation import METRICS

# How a statement's own sums are split. Lines are split further, by country and so on, and are in these already.
PARTS = ("statement", "service|statement", "currency|statement", "currency|service|statement")
KEY = [*POST, "basis", "period_start", "period_end"]


def with_statement_totals(observations: pd.DataFrame) -> pd.DataFrame:
    """Add the rows that no statement holds: totals of songs and of accounts over all statements about a period.

    A statement is never the whole: a late one corrects a month that others told, by what is to be added or taken back.
    Counts and money are summed, money in one currency only; what does not add, such as listeners, is unknown. Where the
    platform itself gives a total of the same song or account and period, its figures stand, and the statements tell the
    metrics that it leaves out.
    """
    parts = observations[observations["dimension"].isin(PARTS)]
    if parts.empty:
        return observations
    parts = parts.assign(_stated=parts["observed_at"].fillna(parts["known_at"]))
    parts = parts.sort_values(["_stated", "known_at", "file", "row"], kind="stable").drop(columns="_stated")
    of_songs = _totals(parts[parts["content"] != ""])
    return _beside(observations, pd.concat([of_songs, _totals(parts.assign(content=""))], ignore_index=True))


def _totals(parts: pd.DataFrame) -> pd.DataFrame:
    """One row a subject and period, with the stamps of the latest part; put together, so its row is 0."""
    grouped = parts.groupby(KEY, sort=True, dropna=False)
    totals = grouped.last()
    totals["dimension"] = totals["dimension_value"] = ""
    totals["row"] = np.int32(0)
    for name in _metrics(parts):
        totals[name] = grouped[name].sum(min_count=1) if _adds(name) else np.nan
    paid = parts[parts[_money(parts)].notna().any(axis=1)].groupby(KEY, sort=True, dropna=False)["currency"]
    one = (paid.min() == paid.max()).reindex(totals.index, fill_value=False)
    totals.loc[~one, _money(parts)] = np.nan
    totals["currency"] = paid.last().reindex(totals.index).where(one, "")
    return totals.reset_index()[list(parts.columns)]


def _metrics(rows: pd.DataFrame) -> list[str]:
    return [name for name in METRICS if name in rows]


def _money(rows: pd.DataFrame) -> list[str]:
    return [name for name in _metrics(rows) if metric(name).unit == "money"]


def _adds(name: str) -> bool:
    """Whether parts of a song and period add up, and songs to their account."""
    try:
        require_additive(name, over="content")
    except NotAdditive:
        return False
    return True


def _beside(observations: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """The totals beside the rows; where there is one already, it has what it lacks from them."""
    told = pd.MultiIndex.from_frame(totals[KEY])
    whole = observations[observations["dimension"] == ""]
    whole = whole[whole["account"].isin(totals["account"]) & whole["period_start"].isin(totals["period_start"])]
    both = whole.index[pd.MultiIndex.from_frame(whole[KEY]).isin(told)]
    own = observations.loc[both].set_index(KEY)
    others = totals.set_index(KEY).reindex(own.index)
    money = _money(totals)
    paid = own[money].notna().any(axis=1)
    others.loc[paid & (own["currency"] != others["currency"]), money] = np.nan
    own[_metrics(totals)] = own[_metrics(totals)].fillna(others[_metrics(totals)])
    own["currency"] = own["currency"].where(paid, others["currency"])
    merged = own.reset_index()[list(observations.columns)]
    found = [observations.drop(index=both), merged, totals[~told.isin(own.index)]]
    return pd.concat([frame for frame in found if len(frame)], ignore_index=True).copy()  # in one piece
