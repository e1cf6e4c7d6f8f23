"""What the rows of every mapped table need: words, ids, days and periods brought to the forms that we keep."""

import re
from typing import TYPE_CHECKING, Any

from engagerr_core.errors import UnreadableFile
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.headers import normal
from engagerr_core.sources.mappings.countries import UNKNOWN, country_code
from engagerr_core.sources.mappings.periods import read_spans
from engagerr_core.sources.mappings.releases import split_by_release
from engagerr_core.sources.mappings.services import Services
from engagerr_core.sources.mappings.statements import add_lines, count_units, tell_statement
from engagerr_core.sources.shapes import Column
from engagerr_core.sources.values import PARSERS, Untrusted, is_unknown
from engagerr_core.vocabulary.content import FORMATS

if TYPE_CHECKING:
    import pandas as pd

EAST_OF_UTC = 12  # hours: an instant later in the day than noon is the midnight of a zone east of Greenwich
_ISRC = re.compile(r"([A-Za-z]{2})[- ]?([A-Za-z0-9]{3})[- ]?([0-9]{2})[- ]?([0-9]{5})")
_URN_OF_ACCOUNT = r"^urn:li:(?:organization|organizationBrand|company):"
_ID_WITH_PAGE = r"^([0-9]+)_[0-9]+$"  # of posts in Facebook's programming interface


def refine(draft: Draft, services: Services) -> None:
    """Tidy one table. Raises `UnreadableFile` for a kind that is known and not read."""
    if draft.kind.refused:
        raise UnreadableFile(draft.kind.refused)
    read = {role: column for role, header in draft.headers.items() if (column := draft.shape.column(header))}
    _take_words(draft, read)
    _put_together(draft, read)
    _tidy_accounts(draft)
    _tidy_contents(draft)
    _tidy_dimensions(draft, read, split_by_release(draft))
    _tell_currency(draft, read)
    _tell_publication(draft)
    _tell_period(draft)
    if draft.kind.statement:
        count_units(draft, services)
        tell_statement(draft)
        add_lines(draft)


def _take_words(draft: Draft, read: dict[str, Column]) -> None:
    """Cells whose meaning the mapping tells."""
    for role, column in read.items():
        if column.values:
            meant = {normal(word): value for word, value in column.values.items()}
            draft.rows[role] = _each(draft.rows[role], lambda text, meant=meant: meant.get(normal(text), text))


def _each(texts: "pd.Series", change: Any) -> "pd.Series":
    """A column of text with each different cell changed once."""
    return texts.map({text: change(text) for text in texts.unique()}).astype("str")


def _put_together(draft: Draft, read: dict[str, Column]) -> None:
    """A metric that stands in several columns: the sum of its parts, or that of the post's own variant."""
    parts: dict[str, list[str]] = {}
    variants: dict[str, dict[str, str]] = {}
    for role, column in read.items():
        if column.part:
            parts.setdefault(column.metric, []).append(role)
        elif column.variant:
            variants.setdefault(column.variant, {})[column.metric] = role
    rows = draft.rows
    for name, roles in parts.items():
        together = sum((rows[role] for role in roles[1:]), start=rows[roles[0]])  # unknown where any part is
        rows[name] = rows[name].fillna(together) if name in rows else together
    if variants:
        _choose_variant(draft, variants)


def _choose_variant(draft: Draft, variants: dict[str, dict[str, str]]) -> None:
    """A post is of one kind, and its figures stand in the columns of that kind.

    The kind is told where the columns of one alone hold figures, or figures above zero. Where those of several do, the
    table contradicts itself and what stands in them is not known.
    """
    import numpy as np

    rows, names = draft.rows, list(variants)
    figures = [rows[list(variants[name].values())].to_numpy(float) for name in names]
    held = np.column_stack([np.isfinite(block).any(axis=1) for block in figures])
    positive = np.column_stack([(block > 0).any(axis=1) for block in figures])
    alone = np.where((held.sum(axis=1) == 1)[:, None], held, positive & (positive.sum(axis=1) == 1)[:, None])
    for name in dict.fromkeys(metric for columns in variants.values() for metric in columns):
        value = np.full(len(rows), np.nan)
        for i, variant in enumerate(names):
            if name in variants[variant]:
                value = np.where(alone[:, i], rows[variants[variant][name]], value)
        rows[name] = rows[name].fillna(dict(zip(rows.index, value, strict=True))) if name in rows else value
    told = np.select([alone[:, i] for i in range(len(names))], [n if n in FORMATS else "" for n in names], default="")
    rows["format"] = told
    rows["format_origin"] = np.where(told == "", "", "native")
    if unclear := int((held.any(axis=1) & ~alone.any(axis=1)).sum()):
        draft.warnings.append(
            f"{unclear} rows hold figures of several kinds of post at once, though a post is of one kind: what differs "
            "by kind was left out there."
        )


def _tidy_accounts(draft: Draft) -> None:
    rows = draft.rows
    if "account" in rows:
        rows["account"] = rows["account"].str.replace(_URN_OF_ACCOUNT, "", regex=True)
    elif draft.kind.platform == "facebook" and "content" in rows:
        rows["account"] = rows["content"].str.extract(_ID_WITH_PAGE)[0].fillna("").astype("str")
    named = {*rows["account_title"].unique()} - {""} if "account_title" in rows else set()
    if draft.kind.statement and len(named) > 1:
        draft.warnings.append(
            f"The statement names {len(named)} artists and their figures go to one account. Cut it by artist to part "
            "them."
        )


def _tidy_contents(draft: Draft) -> None:
    import pandas as pd

    _tidy_release_ids(draft)
    rows, kind = draft.rows, draft.kind
    for role in ("content", "release_id"):
        if role in rows:
            rows[role] = _each(rows[role], _plain_id)
    if kind.title_as_id:
        told = rows["content"] if "content" in rows else pd.Series("", index=rows.index, dtype="str")
        for role in ("release_id", "title"):
            if role in rows:
                told = told.where(told != "", _each(rows[role], lambda text: " ".join(text.split())))
        if kind.total and "title" in rows:  # a row of totals has no id and stands where titles do
            word = normal(kind.total)
            rows["is_total"] |= (told == rows["title"]) & rows["title"].map(lambda text: normal(text) == word).astype(
                bool
            )
        rows["content"] = told
    if "content" in rows and not kind.statement:
        draft.reject_nameless("content", "id of the post")
    if "format" in draft.rows and "format_origin" not in draft.rows:
        draft.rows["format"] = draft.rows["format"].where(draft.rows["format"].isin(FORMATS), "")
        draft.rows["format_origin"] = draft.rows["format"].where(draft.rows["format"] == "", "native")


def _tidy_release_ids(draft: Draft) -> None:
    """Codes of releases. One that a spreadsheet damaged is unknown; its line goes by the song's code, or its title.

    A line that has neither is set aside.
    """
    if "release_id" not in draft.rows:
        return
    told: dict[str, str] = {}
    problems: dict[str, Untrusted] = {}
    for text in draft.rows["release_id"].unique():
        try:
            told[text] = PARSERS["id"](text)
        except Untrusted as untrusted:
            told[text], problems[text] = "", untrusted
    for reason, advice in {problem.reason: problem.advice for problem in problems.values()}.items():
        alike = [text for text, problem in problems.items() if problem.reason == reason]
        at_fault = draft.rows["release_id"].isin(alike) & ~draft.rows["is_total"]
        named = at_fault & False
        for role in {"content", "title"} & {*draft.rows}:
            named |= ~draft.rows[role].map(is_unknown).astype(bool)
        if draft.kind.title_as_id:
            draft.reject(at_fault & ~named, "release_id", reason, advice)
        if count := int((at_fault & named).sum()):
            draft.warnings.append(
                f"The release's code of {count} rows is not known: {reason}. Songs go by their own code there, "
                "or by their title."
            )
    draft.rows["release_id"] = draft.rows["release_id"].map(told).astype("str")


def _plain_id(text: str) -> str:
    """An id; codes of recordings in their short form, empty where it says that there is none."""
    if is_unknown(text):
        return ""
    match = _ISRC.fullmatch(text)
    return "".join(match.groups()).upper() if match else text


def _tidy_dimensions(draft: Draft, read: dict[str, Column], may_be_empty: tuple[str, ...]) -> None:
    """Values in one form. A value that the mapping makes empty is the total; a cell that was empty is refused."""
    for name in draft.dimensions:
        tidy = country_code if name == "country" else lambda text: " ".join(text.split())
        draft.rows[name] = _each(draft.rows[name], tidy)
        if len(draft.dimensions) > 1 or draft.kind.statement:  # a bar stands between the values of two
            draft.rows[name] = draft.rows[name].str.replace("|", "/")
        if draft.kind.statement:
            draft.rows[name] = draft.rows[name].mask(draft.rows[name] == "", UNKNOWN)
        elif name not in may_be_empty and "" not in read[name].values.values():
            draft.reject_nameless(name, "value of the dimension")
    names = draft.dimensions
    if len(names) > 1:  # a total of one dimension is still a part by the others
        whole = (draft.rows[names] == "").all(axis=1)
        for name in names:
            draft.rows[name] = draft.rows[name].mask((draft.rows[name] == "") & ~whole, "all")


def _tell_currency(draft: Draft, read: dict[str, Column]) -> None:
    """The currency of all amounts, where it is one; several stay apart as a dimension."""
    if "currency" in draft.rows:
        draft.rows["currency"] = draft.rows["currency"].str.upper()
        told = set(draft.rows["currency"].unique()) - {UNKNOWN.upper()}
        if len(told) > 1:
            draft.warnings.append(
                f"Amounts are in {', '.join(sorted(told))}: they are kept apart, and totals of money are not known."
            )
            return
        draft.rows = draft.rows.drop(columns="currency")
        draft.currency = draft.currency or next(iter(told), "")
    constants = [column.currency for column in read.values() if column.currency]
    draft.currency = draft.currency or (constants[0] if constants else "")


def _tell_publication(draft: Draft) -> None:
    """Day and instant of publication from the instant."""
    rows = draft.rows
    if "published" in rows and rows["published"].dt.tz is not None:
        rows["published_at"] = rows["published"]
        rows["published"] = rows["published"].dt.tz_localize(None).dt.normalize()


def _tell_period(draft: Draft) -> None:
    """First and last day of each row, in whichever way the kind tells them."""
    rows, kind = draft.rows, draft.kind
    if kind.period == "observed":
        day = rows["observed"].dt.tz_localize(None) if rows["observed"].dt.tz is not None else rows["observed"]
        rows["period_start"] = rows["period_end"] = day.dt.normalize().astype("datetime64[us]")
        role = "observed"
    elif kind.period == "told":
        role = next(role for role in ("month", "period", "period_start", "day_begins", "day_ends") if role in rows)
        if role in ("month", "period"):
            _read_periods(draft, role)
        elif role in ("day_begins", "day_ends"):
            rows["period_start"] = rows["period_end"] = _day_of(rows[role], ends=role == "day_ends")
    else:
        return
    rows = draft.rows
    unknown = rows["period_start"].isna() | rows["period_end"].isna()
    draft.reject(unknown, role, "the period is not known", "A figure needs its period. Export the file again.")
    turned = draft.rows["period_end"] < draft.rows["period_start"]
    draft.reject(turned, role, "the period ends before it begins", "Export the file again.")


def _read_periods(draft: Draft, role: str) -> None:
    import numpy as np
    import pandas as pd

    starts, ends, wrong = read_spans(draft.rows[role], whole_month=role == "month")
    index = draft.rows.index
    draft.rows = draft.rows.assign(
        period_start=pd.Series(starts.astype("datetime64[us]"), index=index),
        period_end=pd.Series(ends.astype("datetime64[us]"), index=index),
    )
    for reason, advice in dict.fromkeys((problem.reason, problem.advice) for problem in wrong.values()):
        alike = [
            position for position, problem in wrong.items() if (problem.reason, problem.advice) == (reason, advice)
        ]
        at_fault = np.isin(index, index[alike])
        draft.reject(at_fault[np.isin(index, draft.rows.index)], role, reason, advice)


def _day_of(instants: "pd.Series", *, ends: bool) -> "pd.Series":
    """The day that begins or ends at an instant which is midnight in the account's own zone."""
    import pandas as pd

    naive = instants.dt.tz_localize(None)
    day = naive.dt.normalize().where(naive.dt.hour <= EAST_OF_UTC, naive.dt.normalize() + pd.Timedelta(days=1))
    return (day - pd.Timedelta(days=1) if ends else day).astype("datetime64[us]")
