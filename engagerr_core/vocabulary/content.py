"""The content record: what is known of a post apart from its figures.

==============  =================================================================================================
creator, platform, account, content   the subject, as in an observation; `content` is never empty
title           title or caption, as published; empty = unknown
url             address of the post; empty = unknown
format          ``long_video short_video image carousel story text audio link``; empty = unknown
format_origin   ``native`` (the platform says so) · ``rule`` (from duration or kind of file) · ``metadata`` (analyst)
published_at    instant of publication (UTC); null where only the day is known
published_on    day of publication in the source's own calendar; null = unknown
duration        seconds; null = unknown or not applicable
file, row       where it was read
==============  =================================================================================================
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("long_video", "short_video", "image", "carousel", "story", "text", "audio", "link")
COLUMNS = (
    "creator", "platform", "account", "content", "title", "url", "format", "format_origin",
    "published_at", "published_on", "duration", "file", "row",
)  # fmt: skip


def content_schema() -> "pa.Schema":
    """The Arrow schema of a content table."""
    import pyarrow as pa

    other = {
        "published_at": pa.timestamp("us", tz="UTC"),
        "published_on": pa.date32(),
        "duration": pa.float64(),
        "row": pa.int32(),
    }
    return pa.schema([pa.field(name, other.get(name, pa.string())) for name in COLUMNS])
