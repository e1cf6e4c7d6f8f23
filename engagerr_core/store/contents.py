"""Contents: the latest that is known of each post, from all that files have said about it."""

import pandas as pd
from sqlalchemy import Select, select

from engagerr_core.store.tables import Content
from engagerr_core.vocabulary.content import COLUMNS

KEY = ["creator", "platform", "account", "content"]

# An analyst's word goes before the platform's, the platform's before a rule, however old.
_ORIGIN_RANK = {"rule": 0, "native": 1, "metadata": 2}


def content_records() -> Select:
    """The query for every statement about a post: columns of `vocabulary.content`, `observed_at` and `known_at`."""
    table = Content.__table__
    return select(*(table.c[name] for name in (*COLUMNS, "observed_at", "known_at")))


def latest_contents(records: pd.DataFrame) -> pd.DataFrame:
    """One row per post with the columns of `vocabulary.content`, sorted by creator, platform, account and content.

    Each field is the latest known one, by the order that `resolve` uses; a later file without a title takes none away.
    `format` goes with its origin. `file` and `row` are those of the latest statement. An unknown is missing, never
    empty text.
    """
    seen = records["observed_at"].fillna(records["known_at"])
    rank = records["format_origin"].map(_ORIGIN_RANK).fillna(-1)
    order = [seen.rename("seen"), rank.rename("rank")]
    ordered = pd.concat([records, *order], axis=1).sort_values(["seen", "known_at", "file", "row"], kind="stable")
    fields = [name for name in COLUMNS if name not in (*KEY, "format", "format_origin")]
    latest = ordered.groupby(KEY, sort=True)[fields].last()
    formats = ordered.sort_values("rank", kind="stable").drop_duplicates(KEY, keep="last").set_index(KEY)
    latest[["format", "format_origin"]] = formats[["format", "format_origin"]]
    return latest.reset_index()[list(COLUMNS)]
