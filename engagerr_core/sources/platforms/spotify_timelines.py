"""Spotify for Artists: what is peculiar to its timelines.

The timeline of a song names the song in the file's name alone, and is padded with zeros before its release.
"""

import re

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.platforms.file_names import file_name
from engagerr_core.sources.platforms.spotify import drop_false_zeros, song_id

WHOSE = (
    "It does not tell whose streams these are, and only the name of the file could: call it as Spotify did, "
    "“<title of the song>-timeline.csv”, or export the audience timeline, which has listeners and followers too. "
    "If it is of another music service, say which, with --platform."
)
_TIMELINE = re.compile(r"(.+?)[-_ ]timeline(?:[-_ ]*(?:\(\d+\)|20\d\d-\d\d-\d\d|copy))*\.[a-z]+", re.IGNORECASE)
_AUDIENCE = re.compile(r"(?:.*-)?audience", re.IGNORECASE)


def refine(draft: Draft) -> None:
    """Tidy one table. Raises `UnreadableFile` where it is not told whose streams it holds."""
    if draft.kind.name == "timeline":
        _read_name(draft)
    drop_false_zeros(draft)
    _drop_padding(draft)


def _read_name(draft: Draft) -> None:
    """The song, or the account as a whole, as the file's name tells."""
    told = _TIMELINE.fullmatch(file_name(draft.known.path))
    if told is None or not song_id(told[1]).strip("_"):
        raise UnreadableFile(WHOSE)
    if _AUDIENCE.fullmatch(told[1]):
        if "listeners" not in draft.metrics:  # a song may end on that word too
            raise UnreadableFile(WHOSE)
        return
    draft.rows["content"] = draft.told_by_name = song_id(told[1])
    draft.rows["title"] = "" if "_" in told[1] else told[1].strip()  # underscores stand for what names cannot hold


def _drop_padding(draft: Draft) -> None:
    """Zeros before anything was heard say nothing: no observation is made of them."""
    rows = draft.rows
    nothing = (rows[draft.metrics].fillna(0.0) == 0.0).all(axis=1)
    padding = nothing & ~(rows["day"] >= rows["day"].where(~nothing).min())
    if padding.any() and not nothing.all():
        draft.rows = rows[~padding]
        draft.warnings.append(
            f"{int(padding.sum()):,} zeros for days before anything was heard are padding, not figures: "
            "they were not stored."
        )
