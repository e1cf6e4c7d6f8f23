"""Totals beside the rows of a mapped table: parts that a statement has of each song, and songs on several releases."""

from typing import TYPE_CHECKING

from engagerr_core.errors import NotAdditive
from engagerr_core.sources.draft import Draft
from engagerr_core.sources.mappings.releases import RELEASES
from engagerr_core.vocabulary.metrics import require_additive

if TYPE_CHECKING:
    import pandas as pd

PART = ("service", "statement")  # what tells one statement's share of a song from another's
TEXTS = ("platform", "account", "content", "dimension", "dimension_value", "basis", "file", "currency")
SUBJECT = ["platform", "account", "content", "basis", "period_start", "period_end"]


def complete(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    """Nothing from tables of posts alone; otherwise the rows, and what several of them say together.

    A statement is a part of what there is to say about a song and month. Its own sums are split by statement, so that
    those of others are added to them and never replace them (`engagerr_core.analysis.statements`). A log of single
    sales, and songs on several releases, have their totals in the table itself.
    """
    import pandas as pd

    if not draft.metrics:
        return observations.iloc[:0]
    if "currency" in draft.dimensions:
        observations = _with_currencies(draft, observations)
    if observations.empty or not (draft.kind.statement or _has_songs_on_several_releases(draft, observations)):
        return observations
    columns = list(observations.columns)
    observations = observations.astype(dict.fromkeys(TEXTS, "str"))  # some may be categories
    lines = observations[observations["dimension"] != ""]
    if not draft.kind.statement:
        found = [observations, _of_songs_on_several_releases(lines, draft)]
    elif "statement" in draft.dimensions:
        parts = _summed(_as_parts(observations, draft), draft, [*SUBJECT, "dimension", "dimension_value"])
        found = [lines, parts] if {*draft.dimensions} - {*PART, "currency"} else [parts]
    else:
        of_songs = _summed(_whole(observations[observations["content"] != ""]), draft, SUBJECT)
        found = [lines, of_songs, _summed(_whole(observations.assign(content="")), draft, SUBJECT)]
    return pd.concat(found, ignore_index=True)[columns]


def adds(metric: str) -> bool:
    """Whether the parts of a metric add up to it, as counts and money do and different people do not."""
    try:
        require_additive(metric, over="content")
    except NotAdditive:
        return False
    return True


def _with_currencies(draft: Draft, observations: "pd.DataFrame") -> "pd.DataFrame":
    code = _value_of(observations, draft, ("currency",))
    return observations.assign(currency=code.where(code.str.fullmatch("[A-Z]{3}"), ""))


def _value_of(observations: "pd.DataFrame", draft: Draft, names: tuple[str, ...]) -> "pd.Series":
    """The values of some of the dimensions, joined by a bar as all of them are."""
    import pandas as pd

    places = [draft.dimensions.index(name) for name in names if name in draft.dimensions]
    codes, different = pd.factorize(observations["dimension_value"])
    cells = [text.split("|") for text in different]
    told = ["|".join(cell[i] for i in places) if len(cell) > max(places) else "" for cell in cells]
    return pd.Series(told, dtype="str").take(codes).set_axis(observations.index)


def _whole(rows: "pd.DataFrame") -> "pd.DataFrame":
    return rows.assign(dimension="", dimension_value="")


def _as_parts(observations: "pd.DataFrame", draft: Draft) -> "pd.DataFrame":
    """Each line under its service and statement; by currency too where one song has several of them there."""
    names = "|".join(name for name in PART if name in draft.dimensions)
    rows = observations.assign(dimension=names, dimension_value=_value_of(observations, draft, PART))
    if "currency" not in draft.dimensions:
        return rows
    several = rows.groupby([*SUBJECT, "dimension_value"], dropna=False)["currency"].transform("nunique") > 1
    code = rows["currency"].where(rows["currency"] != "", "unknown")
    return rows.assign(
        dimension=rows["dimension"].where(~several, f"currency|{names}"),
        dimension_value=rows["dimension_value"].where(~several, code + "|" + rows["dimension_value"]),
    )


def _summed(rows: "pd.DataFrame", draft: Draft, key: list[str]) -> "pd.DataFrame":
    """Sums by key. A metric that does not add is unknown, and so is money in several currencies."""
    import numpy as np

    grouped = rows.groupby(key, sort=True, dropna=False)
    totals = grouped.first()
    totals["row"] = np.int32(0)
    money = {column.metric for column in draft.shape.columns if column.written_as == "money"}
    for name in draft.metrics:
        totals[name] = grouped[name].sum(min_count=1) if adds(name) else np.nan
        if name in money:
            totals[name] = totals[name].where(grouped["currency"].min() == grouped["currency"].max())
    return totals.reset_index()


def _has_songs_on_several_releases(draft: Draft, observations: "pd.DataFrame") -> bool:
    """Whether totals of them can be told: from every row, none of which was set aside, and from no other split."""
    split = {*draft.dimensions}
    songs = (observations["dimension"] != "") & (observations["content"] != "")
    return bool(split) and split <= {*RELEASES} and not draft.rejected and bool(songs.any())


def _of_songs_on_several_releases(lines: "pd.DataFrame", draft: Draft) -> "pd.DataFrame":
    """Totals of songs whose figures stand in a row for each release; unknown where one of the rows is."""
    lines = lines[lines["content"] != ""].drop_duplicates([*SUBJECT, "dimension_value"], keep="last")
    totals = _summed(_whole(lines), draft, SUBJECT)
    counted = lines.groupby(SUBJECT, sort=True, dropna=False)
    rows = counted.size().to_numpy()
    for name in draft.metrics:
        totals[name] = totals[name].where(counted[name].count().to_numpy() == rows)
    return totals
