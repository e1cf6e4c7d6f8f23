"""What the analyst adds to a workspace: labels of posts, rules for them, and events, in the folder ``context``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from engagerr_core.sources.context import Rule, read_events, read_metadata, read_rules, rules_from

if TYPE_CHECKING:
    import pandas as pd

METADATA = ("metadata.csv", "metadata.toml")
EVENTS = ("events.csv", "events.toml")
RULES = "rules.toml"
TEMPLATES = {
    "metadata.csv": "creator,platform,content,url,title,topic,category,format,campaign,vertical,audience_language\n",
    "events.csv": "creator,platform,account,from,to,kind,note\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The analyst's tables.

    Attributes
    ----------
    metadata : see `sources.context.read_metadata`.
    events : see `sources.context.read_events`.
    rules : the workspace's own, then the shipped ones.
    """

    metadata: "pd.DataFrame"
    events: "pd.DataFrame"
    rules: tuple[Rule, ...]


def load_context(folder: Path) -> Context:
    """Read the folder's files; what is missing says nothing. Raises `InvalidArgument` naming file, line and value."""
    own = read_rules(folder / RULES) if (folder / RULES).is_file() else ()
    return Context(
        metadata=_table(folder, METADATA, read_metadata),
        events=_table(folder, EVENTS, read_events),
        rules=(*own, *_shipped_rules()),
    )


def write_templates(folder: Path) -> None:
    """Leave empty tables with their headers, where there are none."""
    for name, header in TEMPLATES.items():
        if not (folder / name).exists():
            (folder / name).write_text(header, encoding="utf-8")


def _table(folder: Path, names: tuple[str, ...], read: Callable[..., "pd.DataFrame"]) -> "pd.DataFrame":
    return read(*(folder / name for name in names if (folder / name).is_file()))


@cache
def _shipped_rules() -> tuple[Rule, ...]:
    from engagerr_core.vocabulary.tables import shipped

    return rules_from(shipped("rules.toml"), "rules.toml as shipped")


def context_version(folder: Path) -> str:
    """A short hash of what the files say; empty where they say nothing, as the templates do."""
    said = sha256()
    for name in (*METADATA, *EVENTS, RULES):
        file = folder / name
        if file.is_file() and (data := file.read_bytes()) != TEMPLATES.get(name, "").encode():
            said.update(f"{name} {len(data)} ".encode() + data)
    return "" if said.digest() == sha256().digest() else said.hexdigest()[:8]
