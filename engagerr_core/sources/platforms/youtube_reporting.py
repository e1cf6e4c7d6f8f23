"""YouTube's bulk reports: what is peculiar to them.

A row speaks of one video, day, country, delivery and subscription, so nothing in the file is a total; deleted videos
have rows without an id; ZZ is a country not known.
"""

from typing import TYPE_CHECKING

from engagerr_core.errors import NotAdditive
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.platforms.youtube import add_formats, plain_age
from engagerr_core.vocabulary.metrics import metric, require_additive

if TYPE_CHECKING:
    import pandas as pd

DELETED = "deleted"  # value of content_state for rows whose video no longer exists
UNKNOWN = {
    "country": {"zz": "unknown", "": "unknown"},
    "subscription_status": {"true": "subscribed", "false": "not_subscribed"},
    "gender": {"user_specified": "user-specified", "gender_other": "other"},
}


def refine(draft: Draft) -> None:
    """Tidy one table."""
    rows = draft.rows
    for name in draft.dimensions:
        given = {text: _plain(name, text) for text in rows[name].unique()}
        draft.rows[name] = rows[name].map(given)
        draft.reject_nameless(name, "value of the dimension")
    rows = draft.rows
    if "published" in rows:
        draft.rows["published_at"] = rows["published"]
        draft.rows["published"] = rows["published"].dt.tz_localize(None).dt.normalize()
    add_formats(draft)
    if "content" in rows and "day" not in rows:
        draft.reject_nameless("content", "id of the video")


def _plain(name: str, text: str) -> str:
    bare = text.strip()
    if name == "age":
        return plain_age(bare.removeprefix("AGE_").replace("_", "-"))
    known = UNKNOWN.get(name, {})
    if bare.casefold() in known:
        return known[bare.casefold()]
    return bare if name == "country" else bare.casefold()


def complete(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    """Add totals a video and a day, and an account and a day; mark the rows of deleted videos.

    Counts are summed, averages weighted by views. Doubled rows count once, the later one.
    """
    import pandas as pd

    if "live_or_on_demand" not in draft.dimensions:
        return observations
    deleted = observations["content"] == ""
    split = observations.assign(
        dimension=observations["dimension"].mask(deleted, "content_state|" + observations["dimension"]),
        dimension_value=observations["dimension_value"].mask(deleted, DELETED + "|" + observations["dimension_value"]),
    )
    if "views" not in draft.metrics:
        return split
    single = observations.drop_duplicates(["account", "content", "period_start", "dimension_value"], keep="last")
    by_video = _summed(single[single["content"] != ""], ["account", "content", "period_start"])
    by_account = _summed(single.assign(content=""), ["account", "content", "period_start"])
    return pd.concat([split, by_video, by_account], ignore_index=True)[list(observations.columns)]


def _summed(rows: "pd.DataFrame", key: list[str]) -> "pd.DataFrame":
    """Totals a key; a metric that can neither be summed nor weighted is left out."""
    import numpy as np

    names = [name for name in rows.columns if rows[name].dtype == float]
    grouped = rows.groupby(key, sort=True)
    totals = grouped.first()
    totals["dimension"] = totals["dimension_value"] = ""
    totals["row"] = np.int32(0)
    totals["observed_at"] = grouped["observed_at"].max()
    for name in names:
        weight = metric(name).weight("content")
        if weight in rows:
            weighed = (rows[name] * rows[weight]).groupby([rows[k] for k in key]).sum(min_count=1)
            weights = rows[weight].where(rows[name].notna()).groupby([rows[k] for k in key]).sum()
            totals[name] = weighed / weights.where(weights > 0)
            continue
        try:
            require_additive(name, over="content")
        except NotAdditive:
            totals[name] = np.nan
        else:
            totals[name] = grouped[name].sum(min_count=1)
    return totals.reset_index()
