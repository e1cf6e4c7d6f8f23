"""What the lineage of a figure shows: its rows, files, definitions, older statements, and the steps in words."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import aggregate
from engagerr_core.analysis.daily import COUNTED, ESTIMATED
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.predicate import Predicate
from engagerr_core.analysis.statements import PARTS
from engagerr_core.analysis.subjects import POST, days_since_epoch
from engagerr_core.analysis.tracing import Statements, Traced
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.context import LABELS
from engagerr_core.vocabulary.definitions import definitions_of
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.observation import METRICS
from engagerr_core.vocabulary.platforms import platforms

_ROW = (
    "path", "file", "row", "platform", "account", "content", "title", "dimension", "dimension_value", "basis",
    "period_start", "period_end", "observed_at", "known_at",
)  # fmt: skip
_OLDER = (
    "path", "file", "row", "platform", "account", "content", "period_start", "period_end", "metric", "value_then",
    "value_now", "observed_at", "known_at",
)  # fmt: skip
_SAME = [*POST, "dimension", "dimension_value", "basis", "period_start", "period_end", "cohort_days", "_day"]


def entered(traced: Sequence[Traced]) -> pd.DataFrame:
    """The stored rows behind a figure: place, metric; each pair once."""
    parts = [one.pairs for one in traced]
    return pd.concat(parts).drop_duplicates() if parts else pd.DataFrame({"place": [], "metric": []})


def rows_table(statements: Statements, pairs: pd.DataFrame, paths: dict[str, str]) -> pd.DataFrame:
    """The stored rows that entered, with the native metrics that were taken from them; see `Lineage.rows`."""
    places = pairs["place"].unique()
    rows = _named(statements, statements.stored.loc[places], paths)
    names = [name for name in METRICS if name in set(pairs["metric"])]
    for name in names:
        taken = rows.index.isin(pairs.loc[pairs["metric"] == name, "place"])
        rows[name] = rows[name].where(taken)
    order = ["platform", "account", "content", "dimension_value", "period_start", "known_at", "file", "row"]
    return rows.sort_values(order, kind="stable")[[*_ROW, *names]].reset_index(drop=True)


def _named(statements: Statements, rows: pd.DataFrame, paths: dict[str, str]) -> pd.DataFrame:
    """Stored rows with the path of their file, the title of their post and the account as the file names it."""
    titles = rows[POST].merge(statements.contents[[*POST, "title"]], on=POST, how="left")["title"]
    return rows.assign(
        path=[paths.get(file, "") for file in rows["file"]],
        title=titles.fillna("").to_numpy(),
        account=statements.named[rows.index],
    )


def files_table(rows: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """One row a file, by path; see `Lineage.files`."""
    counts = rows.groupby("file", sort=False).size().rename("rows_entered").reset_index()
    known = files.drop_duplicates("file", keep="last")
    found = counts.merge(known[["file", "path", "platform", "kind", "rows_read", "ingested_at"]], on="file", how="left")
    columns = ["path", "platform", "kind", "rows_entered", "rows_read", "ingested_at", "file"]
    return found.sort_values(["path", "file"], kind="stable")[columns].reset_index(drop=True)


def definitions_table(traced: Sequence[Traced]) -> pd.DataFrame:
    """What the platforms meant by the native metrics on the days in question; see `Lineage.definitions`."""
    found = {}
    for one in traced:
        for name, mask in one.used.items():
            for platform, rows in one.cells[mask].groupby("platform", sort=True):
                first, last = _span(rows)
                for d in definitions_of(str(platform), name):
                    if (last is None or not d.valid_from or d.valid_from <= last) and (
                        first is None or not d.valid_to or first <= d.valid_to
                    ):
                        found[d.name] = (d.platform, d.metric, d.name, d.valid_from, d.valid_to, d.text)
    table = pd.DataFrame(
        [found[name] for name in sorted(found)],
        columns=["platform", "metric", "definition", "valid_from", "valid_to", "text"],
    )
    return table.astype({"valid_from": "datetime64[us]", "valid_to": "datetime64[us]"})


def _span(rows: pd.DataFrame) -> tuple:
    """First and last day that some cells speak of; None where no day is known."""
    first, last = rows["day"].min(), rows["day"].max()
    if "as_of" in rows and pd.notna(rows["as_of"].max()):
        last = max(rows["as_of"].max(), last) if pd.notna(last) else rows["as_of"].max()
    if "period_end" in rows and pd.notna(rows["period_end"].max()):
        last = rows["period_end"].max()
    return (first.date() if pd.notna(first) else None), (last.date() if pd.notna(last) else None)


def superseded_table(statements: Statements, traced: Sequence[Traced], paths: dict[str, str]) -> pd.DataFrame:
    """Statements about the same figures that no longer count, the oldest first; see `Lineage.superseded`."""
    stored = statements.stored
    if not traced:
        return pd.DataFrame(columns=list(_OLDER))
    entering = stored.loc[entered(traced)["place"].unique(), POST].drop_duplicates()
    stored = stored[stored["account"].isin(entering["account"]) & stored["content"].isin(entering["content"])]
    seen = stored["observed_at"].fillna(stored["known_at"]).dt.normalize().where(stored["basis"] == "stock")
    stored = stored.assign(_day=seen)
    parts = [pd.DataFrame(columns=list(_OLDER))]
    for one in traced:
        for name, pairs in one.pairs.groupby("metric", sort=True):
            holding = stored.loc[pairs["place"], [*_SAME, name]].rename(columns={name: "value_now"})
            same = POST if one.kind == "posts" else _SAME
            others = _of_lifetimes(stored, one.cells) if one.kind == "posts" else stored
            others = others[others[name].notna() & ~others.index.isin(pairs["place"])]
            holding = holding[[*same, "value_now"]].drop_duplicates(same)
            found = others.reset_index(names="_place").merge(holding, on=same).set_index("_place")
            told = _named(statements, found, paths)
            parts.append(told.assign(metric=name, value_then=found[name])[list(_OLDER)])
    whole = pd.concat([part for part in parts if len(part)] or parts)
    order = ["platform", "account", "content", "period_start", "metric", "known_at", "file", "row"]
    return whole.sort_values(order, kind="stable").reset_index(drop=True)


def _of_lifetimes(stored: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Stored rows that tell a post's lifetime, as `subjects.lifetimes` takes them."""
    rows = stored[(stored["content"] != "") & (stored["dimension"] == "")]
    published = rows[POST].merge(cells[[*POST, "published_on"]], on=POST, how="left")["published_on"].to_numpy()
    start, end = rows["period_start"], rows["period_end"]
    return rows[(rows["basis"] == "stock") | ((start < end) & (published >= start) & (published <= end))]


def steps(
    statements: Statements, p: Predicate, traced: Sequence[Traced], rows: pd.DataFrame, superseded: pd.DataFrame,
    definitions: pd.DataFrame, coefficients: CoefficientSet,
) -> tuple[str, ...]:  # fmt: skip
    """How rows became the figure, in sentences with their numbers."""
    told = [_taken(one) for one in traced] or ["No stored row tells this figure: it is unknown, not 0."]
    if rows["dimension"].isin(PARTS).any():
        told.append("Totals that no file states were added up from the lines of royalty statements.")
    if len(superseded):
        other = np.count_nonzero(superseded["value_then"].to_numpy() != superseded["value_now"].to_numpy())
        told.append(
            f"{_count(len(superseded), 'other statement')} about the same figures left out, since of several the "
            f"latest known holds; {other or 'none'} of them said anything else."
        )
    for made_up in sorted(set(rows["account"]) - {a for one in traced for a in one.cells["account"]}):
        told.append(f"Figures under the made-up account {made_up} were brought to the creator’s only account there.")
    told += _converted(traced)
    told += _aggregated(p, traced, coefficients)
    told += _redefined(definitions)
    told += _late(statements, traced)
    if any(key in LABELS for key, _ in p.keys):
        told.append("Labels of posts from the analyst’s own table and rules are those of today.")
    if p.as_of is not None:
        told.append(f"What was ingested after {p.as_of:%Y-%m-%d %H:%M:%S} UTC is left out.")
    return tuple(told)


def _taken(one: Traced) -> str:
    """Which rows entered."""
    accounts = one.cells["account"].nunique()
    where = ", ".join(platforms()[name].title for name in sorted(set(one.cells["platform"])))
    number, of = len(one.cells), f"{_count(accounts, 'account')} on {where}"
    if one.kind == "posts":
        return f"The lifetime figures of {_count(number, 'post')} of {of} entered, each as last known."
    if one.kind == "period":
        return f"The platform’s own total of exactly this period was taken, for {of}."
    days = one.cells["day"]
    of_posts = (one.cells["content"] != "").any()
    what = "row" if one.kind == "parts" and one.cells["dimension"].ne("").any() else "day"
    said = f"{_count(number, what)} of {'posts of ' if of_posts else ''}{of} entered"
    return f"{said}, from {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}.{_made(one.cells)}"


def _made(cells: pd.DataFrame) -> str:
    """How days came about that no file reports."""
    if "made" not in cells:
        return ""
    told = [
        f" {_count(number, 'day')} {how}."
        for how, number in (
            ("came from the difference of two lifetime counters", np.count_nonzero(cells["made"] == COUNTED)),
            (
                "are estimated: several days between two counters, spread evenly",
                np.count_nonzero(cells["made"] == ESTIMATED),
            ),
        )
        if number
    ]
    return "".join(told)


def _converted(traced: Sequence[Traced]) -> list[str]:
    """The coefficients that were applied."""
    told = []
    for one in traced:
        for key, terms in one.terms.groupby(["platform", "standard", "rows"], sort=False):
            platform, standard, rows = cast("tuple[str, str, int]", key)
            sides = [f"{metric(str(t.native)).title.lower()} × {t.value:g}" for t in terms.itertuples()]
            origin = " and ".join(sorted(set(terms["origin"])))
            told.append(
                f"{metric(standard).title} on {platforms()[platform].title}: {' + '.join(sides)} "
                f"({'coefficient' if len(sides) == 1 else 'coefficients'} {origin}), in {_count(rows, 'row')}."
            )
    return told


def _aggregated(p: Predicate, traced: Sequence[Traced], coefficients: CoefficientSet) -> list[str]:
    one = metric(p.metric)
    if not traced:
        return []
    if p.table == "reach":
        return [
            "Lowest: the largest of what single days, posts or the platforms’ own totals tell. Highest: what limits "
            "the number from above on each platform, added up, as if nobody came to two of them."
        ]
    cells = traced[0].cells
    if one.kind == "derived":
        return [_divided(cells, one.numerator, one.denominator, coefficients)]
    if len(cells) == 1:
        return ["It is the figure of this one row."]
    if weight := one.weight("time") or one.weight("content"):
        return [f"It is the mean of the rows, weighted by {metric(weight).title.lower()}."]
    if one.rule("time") == "last":
        return ["A level is not added up: the latest day holds."]
    return [f"The {len(cells):,} rows were added up."]


def _divided(cells: pd.DataFrame, numerator: str, denominator: str, coefficients: CoefficientSet) -> str:
    above, below = (metric(name) for name in (numerator, denominator))
    said = f"{above.title} divided by {below.title.lower()}"
    if above.rule("time") == "sum" and below.rule("time") == "sum":
        rows = standardise(cells, coefficients).assign(day=days_since_epoch(cells["day"]))
        sums = aggregate(rows, np.zeros(len(rows), np.int32), 1, [numerator, denominator], one_each=False).values
        said += f", each added up over the {_count(len(cells), 'row')} in which both are known: "
        said += f"{sums[numerator][0]:,.10g} ÷ {sums[denominator][0]:,.10g}"
    return f"{said}."


def _redefined(definitions: pd.DataFrame) -> list[str]:
    """Metrics that the platform redefined inside the days in question."""
    several = definitions[definitions.duplicated(["platform", "metric"], keep="first")]
    return [
        f"{platforms()[str(d.platform)].title} counted {metric(str(d.metric)).title.lower()} differently from "
        f"{d.valid_from:%Y-%m-%d} on: {d.text}"
        for d in several[several["valid_from"].notna()].itertuples()
    ]


def _late(statements: Statements, traced: Sequence[Traced]) -> list[str]:
    """Days that the platform may still restate."""
    told = []
    for one in traced:
        if one.kind in ("days", "parts") and len(found := one.cells[[*POST, "day"]].merge(statements.late)):
            told.append(f"{_count(len(found), 'day')} of them may still be restated by the platform.")
    return told


def _count(number: int | np.integer, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
