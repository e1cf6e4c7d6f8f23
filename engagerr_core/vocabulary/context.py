"""Context that exports lack: labels of posts, and events of accounts, as the analyst keeps them.

Labels
======
=================  ===============================================================================================
topic              what a post is about
category           the platform's or the analyst's drawer for it
format             one of `vocabulary.content.FORMATS`
campaign           the campaign that a post belongs to
vertical           the creator's field, such as cooking
audience_language  language that the post speaks to, such as ``en`` or ``pt-BR``
=================  ===============================================================================================

Each label carries its origin: ``native`` (the export says so), ``metadata`` (the analyst's table) or ``rule``.
"""

LABELS = ("topic", "category", "format", "campaign", "vertical", "audience_language")
SELECTORS = ("creator", "platform", "content", "url", "title")
METADATA_COLUMNS = (*SELECTORS, *LABELS)

EVENT_KINDS = ("campaign", "release", "collaboration", "outage", "holiday", "definition_change", "other")
EVENT_COLUMNS = ("creator", "platform", "account", "start", "end", "kind", "note", "origin")


def origin_of(label: str) -> str:
    """Name of the column that tells a label's origin.

    >>> origin_of("topic")
    'topic_origin'
    """
    return f"{label}_origin"
