"""Spotify for Artists: what is peculiar to its songs and playlists.

Songs have no ids, so a song is known by its title, brought to the form that survives in the name of a file. The period
of a table is chosen on the page and is in no cell; over all time Spotify tells streams only and fills the rest with
zeros.
"""

import re
import unicodedata
from dataclasses import replace

from engagerr_core.sources.dates import read_days
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.platforms.file_names import file_name

LONGEST_TITLE = 200
_ALL_TIME = re.compile(r"-songs-all(?![a-z])", re.IGNORECASE)


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if "published" in draft.rows:
        _read_releases(draft)
    if "content" in draft.rows:
        _read_total(draft)
        _read_songs(draft)
    if "playlist" in draft.rows:
        draft.reject_nameless("playlist", "name of the playlist")
        by = draft.rows["description"].where(draft.rows["description"] == "", " (" + draft.rows["description"] + ")")
        draft.rows["playlist"] = draft.rows["playlist"] + by
    drop_false_zeros(draft)
    if "content" in draft.rows and _ALL_TIME.search(file_name(draft.known.path)):
        draft.kind = replace(draft.kind, basis="stock", period="none")


def song_id(title: str) -> str:
    """The id of a song: its title in small letters, what is neither letter nor digit as an underscore.

    >>> song_id("Who said that?") == song_id("Who said that_")
    True
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title.strip()).casefold())
    return "".join(c if c.isalnum() else "_" for c in text)


def _read_releases(draft: Draft) -> None:
    """Days of release; a song whose day cannot be told keeps its figures."""
    import pandas as pd

    days, wrong = read_days(draft.rows["published"].reset_index(drop=True))
    draft.rows["published"] = pd.Series(days.astype("datetime64[us]"), index=draft.rows.index)
    if wrong:
        reason = next(iter(wrong.values())).reason
        draft.warnings.append(f"The release dates of {len(wrong)} songs are not known: {reason}.")


def _read_total(draft: Draft) -> None:
    """The pseudo-song Total holds all the others and was never released; else it is a song of that name."""
    total = draft.rows["is_total"]
    if not total.any():
        return
    if "published" in draft.rows:
        draft.rows["is_total"] = total = total & draft.rows["published"].isna()
    added = draft.rows["streams" if "streams" in draft.rows else "saves"]
    draft.reject(
        total & ~(added >= added[~total].sum()), "content", "a total below what it should hold",
        "If it is a song, write its release date; else export the file again.",
    )  # fmt: skip


def _read_songs(draft: Draft) -> None:
    """Titles to ids. Two songs of one title cannot be told apart."""
    draft.reject_nameless("content", "title of the song")
    long = draft.rows["content"].str.len() > LONGEST_TITLE
    draft.reject(long, "content", f"a title of more than {LONGEST_TITLE} characters", "Export the file again.")
    rows = draft.rows.assign(title=draft.rows["content"])
    rows["content"] = rows["title"].map({title: song_id(title) for title in rows["title"].unique()})
    draft.rows, draft.headers["title"] = rows, draft.headers["content"]
    if "playlist" in rows:
        return
    different = rows[~rows["is_total"]].drop(columns="line").drop_duplicates()
    twice = different["content"][different["content"].duplicated()].unique()
    draft.reject(
        rows["content"].isin(twice) & ~rows["is_total"], "title", "two songs of one title",
        "Songs have no ids: give one of them another title in the file.",
    )  # fmt: skip


def drop_false_zeros(draft: Draft) -> None:
    """No stream is without a listener: where the listeners are 0 nonetheless, they are not known."""
    rows = draft.rows
    if not {"streams", "listeners"} <= set(draft.metrics):
        return
    heard = rows["streams"] > 0
    false = heard & (rows["listeners"] == 0)
    if not false.any():
        return
    nobody = bool((rows["listeners"] == 0).all())
    draft.rows["listeners"] = rows["listeners"].mask(false | nobody)
    for name in ("saves", "monthly_listeners"):
        if name in rows and nobody and (rows[name] == 0).all():
            draft.rows[name] = float("nan")
    draft.warnings.append(
        f"{int(false.sum()):,} rows have streams and no listeners: Spotify did not tell the listeners, who are unknown."
    )
