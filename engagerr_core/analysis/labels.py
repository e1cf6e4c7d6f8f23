"""Labels of posts: from the export where it tells, else from the analyst's table, else from rules."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import pandas as pd

from engagerr_core.vocabulary.context import LABELS, SELECTORS, origin_of

if TYPE_CHECKING:
    from engagerr_core.sources.context import Rule

# From the weakest word to the strongest: whoever names the post itself is heard before who names its creator.
_STRENGTH = ((), ("title",), ("url",), ("content",))
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|igsh(id)?|si|feature|is_copy_url|is_from_webapp|sender_\w+|s|ref|share\w*"
)
_HASHTAG = re.compile(r"[#＃](\w+)")


def labelled(contents: pd.DataFrame, metadata: pd.DataFrame, rules: Sequence["Rule"]) -> pd.DataFrame:
    """Contents with every label of `vocabulary.context.LABELS` and its origin.

    What the export says of a post comes first, then the metadata table, then the rules in their order; a format that a
    reader found by rule (from the duration) ranks as a rule, but before the others. In the metadata table a row that
    names the post's id goes before one with its address, that before a pattern of its title, that before a row for all
    posts of a creator or platform; of equal rows the later one counts. Every selector of a row must fit.

    Parameters
    ----------
    contents : one row a post, with the columns of `vocabulary.content`; labels that it has are the export's.
    metadata : rows as `sources.context.read_metadata` gives them.
    rules : see `sources.context.Rule`.

    Returns
    -------
    The same rows in the same order, with a column a label and its ``_origin``. Unknown is missing.
    """
    made = contents.copy()
    for label in LABELS:
        given = _text(made[label]) if label in made else pd.Series(pd.NA, index=made.index, dtype="str")
        origin = origin_of(label)
        told = _text(made[origin]) if origin in made else pd.Series("native", index=made.index, dtype="str")
        made[label], made[origin] = given, told.where(given.notna())
    spoken = _from_metadata(contents, metadata)
    for label, values in spoken.items():
        free = values.notna() & (made[origin_of(label)].isna() | (made[origin_of(label)] == "rule"))
        _fill(made, label, free, values, "metadata")
    titles = contents["title"].fillna("").str.casefold()
    for rule in rules:
        holds = _holds(rule, contents, titles)
        for label, value in rule.labels.items():
            _fill(made, label, holds & made[label].isna(), value, "rule")
    return made


def _text(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    return text.where(text != "")


def _fill(made: pd.DataFrame, label: str, where: pd.Series, value: "pd.Series | str", origin: str) -> None:
    made[label] = made[label].mask(where, value)
    made[origin_of(label)] = made[origin_of(label)].mask(where, origin)


def _from_metadata(contents: pd.DataFrame, metadata: pd.DataFrame) -> dict[str, pd.Series]:
    """For each label what the table says of each post."""
    said = {label: pd.Series(pd.NA, index=contents.index, dtype="str") for label in LABELS}
    if metadata.empty or contents.empty:
        return said
    posts = contents[["creator", "platform", "content", "title", "url"]].fillna("").astype("str")
    posts = posts.assign(url=_addresses(posts["url"]), place=range(len(posts)))
    table = metadata.assign(url=_addresses(metadata["url"]), line=range(len(metadata)))
    for found in _matches(posts, table):
        for label in LABELS:
            told = found.loc[found[label] != "", ["place", label]].drop_duplicates("place", keep="last")
            if len(told):
                said[label].iloc[told["place"].to_numpy()] = told[label].to_numpy()
    return said


def _matches(posts: pd.DataFrame, table: pd.DataFrame) -> list[pd.DataFrame]:
    """Pairs of a post's place and the labels said of it, weakest selectors first, in the table's order within."""
    levels: list[list[pd.DataFrame]] = [[] for _ in _STRENGTH]
    filled = table[list(SELECTORS)] != ""
    for chosen, rows in table.groupby([filled[name] for name in SELECTORS], sort=False):
        names = [name for name, given in zip(SELECTORS, chosen, strict=True) if given]
        level = max(i for i, needed in enumerate(_STRENGTH) if set(needed) <= set(names))
        exact = [name for name in names if name != "title"]
        if "title" in names:
            pairs = [_by_title(posts, row, exact) for _, row in rows.iterrows()]
            levels[level] += [found for found in pairs if len(found)]
        else:
            levels[level].append(posts[["place", *exact]].merge(rows, on=exact))
    return [pd.concat(found).sort_values("line", kind="stable") for found in levels if found]


def _by_title(posts: pd.DataFrame, row: pd.Series, exact: list[str]) -> pd.DataFrame:
    fits = posts["title"].str.casefold().str.fullmatch(_pattern(row["title"].casefold()))
    for name in exact:
        fits &= posts[name] == row[name]
    places = posts.loc[fits, "place"]
    return pd.DataFrame({"place": places, **{name: row[name] for name in (*LABELS, "line")}}, index=places.index)


def _pattern(told: str) -> str:
    """A regular expression for a pattern with ``*`` and ``?``; a caption's line breaks are covered by ``*``."""
    return "(?s)" + "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in told.strip())


def _addresses(column: pd.Series) -> pd.Series:
    return column.map({text: address(text) for text in column.unique()})


def address(text: str) -> str:
    """An address in the form in which two are compared: no scheme, no ``www.``, no tracking, no slash at the end.

    >>> address("https://www.tiktok.com/@ada/video/77?is_copy_url=1&utm_source=x")
    'tiktok.com/@ada/video/77'
    """
    bare = text.strip()
    if not bare:
        return ""
    try:
        parts = urlsplit(bare if "://" in bare else f"//{bare}")
    except ValueError:  # such as a bracket that never closes
        return bare
    host = parts.netloc.casefold().removeprefix("www.").removeprefix("m.")
    asked = sorted((k, v) for k, v in parse_qsl(parts.query) if not _TRACKING.fullmatch(k))
    return host + parts.path.rstrip("/") + (f"?{urlencode(asked)}" if asked else "")


def _holds(rule: "Rule", contents: pd.DataFrame, titles: pd.Series) -> pd.Series:
    holds = pd.Series(True, index=contents.index)
    if rule.creators:
        holds &= contents["creator"].isin(rule.creators)
    if rule.platforms:
        holds &= contents["platform"].isin(rule.platforms)
    if rule.shorter_than is not None:
        holds &= contents["duration"] < rule.shorter_than
    if rule.longer_than is not None:
        holds &= contents["duration"] > rule.longer_than
    if rule.hashtags:
        wanted = {tag.casefold().lstrip("#＃") for tag in rule.hashtags}
        holds &= titles.map(lambda title: not wanted.isdisjoint(_HASHTAG.findall(title)))
    if rule.keywords:
        holds &= titles.str.contains("|".join(_word(word) for word in rule.keywords), regex=True)
    return holds.fillna(value=False).astype(bool)


def _word(told: str) -> str:
    """A regular expression for a whole word or phrase; a star at the end lets the last word go on."""
    body = r"\s+".join(re.escape(part) for part in told.casefold().removesuffix("*").split())
    return rf"(?<!\w){body}" + ("" if told.endswith("*") else r"(?!\w)")
