"""What carries a deviation: a figure less what was expected of it, taken apart into parts that add up to it.

The deviation of a day from its expectation, or of a period from the one before, is divided additively: over platforms,
posts, formats, and between the audience and the definition of the metric. Whatever the parts cannot tell stands in a
part of its own, so that they always add up to the whole. A part says where a deviation lies, never why.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagerr_core.analysis.aggregation import require_allowed, sum_runs, total_by
from engagerr_core.analysis.audience import platform_title
from engagerr_core.analysis.comparison import MOSTLY
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.results import Result
from engagerr_core.analysis.sentences import number, quoted
from engagerr_core.analysis.splicing import counted_from, spliced
from engagerr_core.analysis.subjects import ACCOUNT, POST
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.metrics import metric as metric_named

COLUMNS = ("dimension", "rank", "part", "label", "value", "expected", "deviation", "share", "how")
DIMENSIONS = ("platform", "content", "format", "definition")
REST, OTHERS = "rest", "others"  # in the column `how`: what no part tells, and small parts put together
REST_LABELS = {
    "platform": "not told apart by platform", "content": "not told apart by post",
    "format": "not told apart by format", "definition": "audience or definition, not told apart",
}  # fmt: skip


def contributions(
    value: float, expected: float, parts: pd.DataFrame, *, dimension: str, keep: int | None = None
) -> pd.DataFrame:
    """Divide a deviation over the parts of one dimension.

    Parameters
    ----------
    value, expected : the whole figure, and what was expected of it. NaN = unknown.
    parts : `part` (a key, once each), `label` (for readers), `value`, `expected`, and `how` the expectation was made;
        a part of which either number is unknown counts as not told: it is in the rest.
    dimension : one of `DIMENSIONS`.
    keep : the largest so many stand alone, the others as one part; None = all alone.

    Returns
    -------
    Columns of `COLUMNS`, ranked from 1: the parts that lie in the direction of the deviation come first, the largest on
    top; then those against it, then what was put together, and last the rest. `deviation` = value − expected, `share`
    of the whole deviation (NaN where that is 0 or unknown; a share may exceed 1 where others lie against it).
    Deviations, values and expectations each add up to those of the whole. Where the whole is unknown, the rest is.

    >>> parts = pd.DataFrame({"part": ["a", "b"], "label": ["A", "B"], "value": [90., 12.], "expected": [10., 11.],
    ...                       "how": ["", ""]})
    >>> contributions(130, 50, parts, dimension="content")[["part", "deviation", "share"]].to_dict("list")
    {'part': ['a', 'b', ''], 'deviation': [80.0, 1.0, -1.0], 'share': [1.0, 0.0125, -0.0125]}
    """
    if dimension not in DIMENSIONS:
        raise InvalidArgument(
            f"A deviation was to be divided over {dimension!r}. It is divided over {', '.join(DIMENSIONS)}. "
            "Name one of these."
        )
    if parts["part"].duplicated().any():
        twice = parts.loc[parts["part"].duplicated(), "part"].iloc[0]
        raise InvalidArgument(
            f"The part {twice!r} was given twice, and would count twice. A part is one row: add its rows up before. "
            "Use analysis.aggregation.total_by."
        )
    value, expected = float(value), float(expected)
    whole = np.array([value, expected, value - expected])
    given = parts[["value", "expected"]].to_numpy(float)
    known = np.isfinite(given).all(axis=1)
    numbers = np.column_stack([given[known], given[known, 0] - given[known, 1]])  # value, expected, deviation
    words = [parts[name].to_numpy(object)[known] for name in ("part", "label", "how")]
    order = np.lexsort((words[0].astype(str), -np.abs(numbers[:, 2])))
    if keep is not None and len(order) > keep + 1:  # a single other one needs no name for many
        kept, others = order[:keep], order[keep:]
        numbers = np.vstack([numbers[kept], _added(numbers[others])])
        said = ("others", f"{len(others)} others", OTHERS)
        words = [np.append(column[kept], one) for column, one in zip(words, said, strict=True)]
    direction = -1.0 if whole[2] < 0 else 1.0
    ranked = np.lexsort((words[0].astype(str), -direction * numbers[:, 2], words[2] == OTHERS))
    numbers = np.vstack([numbers[ranked], whole - _added(numbers)])
    part, label, how = (
        np.append(column[ranked], one) for column, one in zip(words, ("", REST_LABELS[dimension], REST), strict=True)
    )
    with np.errstate(over="ignore"):
        share = numbers[:, 2] / whole[2] if np.isfinite(whole[2]) and whole[2] != 0 else np.full(len(numbers), np.nan)
    return pd.DataFrame(
        {
            "dimension": np.full(len(part), dimension, object), "rank": np.arange(1, len(part) + 1), "part": part,
            "label": label, "value": numbers[:, 0], "expected": numbers[:, 1], "deviation": numbers[:, 2],
            "share": share, "how": how,
        }, copy=False,
    )  # fmt: skip


def no_contributions() -> pd.DataFrame:
    """A table without parts."""
    numbers = dict.fromkeys(("value", "expected", "deviation", "share"), "float64")
    return pd.DataFrame(columns=list(COLUMNS)).astype({n: numbers.get(n, "str") for n in COLUMNS} | {"rank": "int64"})


def leading(parts: pd.DataFrame, dimension: str) -> dict | None:
    """The part that carries most of a deviation over a dimension; None where no part lies in its direction."""
    named = (parts["dimension"] == dimension) & (parts["how"] != REST) & (parts["how"] != OTHERS)
    first = np.flatnonzero(named & (parts["share"] > 0))[:1]
    return parts.iloc[first[0]].to_dict() if len(first) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodContributions(Result):
    """A change from one period to the next, divided.

    Attributes
    ----------
    metric : which.
    value, expected : total now and before, as the platforms reported it, over the accounts that know both periods.
    deviation : value − expected; NaN where nothing can be compared.
    parts : columns of `COLUMNS`; the parts of each dimension add up to the deviation. `definition` divides between
        ``definition`` (the platform counts differently since) and ``audience`` (like for like); the other dimensions
        divide the reported change.
    left_out : platforms with accounts that one of the periods knows too little of.
    flags : what limits it, in sentences.
    """

    metric: str
    value: float
    expected: float
    deviation: float
    parts: pd.DataFrame
    left_out: tuple[str, ...]
    flags: tuple[str, ...] = ()

    def of(self, dimension: str) -> pd.DataFrame:
        """The parts of one dimension."""
        return self.parts[self.parts["dimension"] == dimension].reset_index(drop=True)

    def __str__(self) -> str:
        title = metric_named(self.metric).title
        if not np.isfinite(self.deviation):
            return f"{title}: the change is unknown. {' '.join(self.flags)}".strip()
        sign = "+" if self.deviation > 0 else "−" if self.deviation < 0 else ""
        told = [f"{title} {sign}{number(abs(self.deviation))}, from {number(self.expected)} to {number(self.value)}"]
        definition = self.of("definition")
        for row in definition[definition["part"] == "definition"].to_dict("records"):
            told.append(f"{row['share']:.0%} of it is the definition, not the audience".replace("-", "−"))
        if platform := leading(self.parts, "platform"):
            told.append(f"{platform['label']} holds {platform['share']:.0%}")
        if post := leading(self.parts, "content"):
            told.append(f"of the posts {quoted(post['label'], post['part'])} holds most, {post['share']:.0%}")
        return "; ".join(told) + "." + "".join(f" {flag}" for flag in self.flags)


def period_contributions(
    days: pd.DataFrame, posts: pd.DataFrame, contents: pd.DataFrame, coefficients: CoefficientSet, name: str,
    before: tuple[pd.Timestamp, pd.Timestamp], now: tuple[pd.Timestamp, pd.Timestamp], *, keep: int | None = None,
) -> PeriodContributions:  # fmt: skip
    """Divide the change of a metric from one period to another over platforms, posts, formats and definition.

    Parameters
    ----------
    days, posts : account days and posts' days (columns of `Days.accounts` and `Days.contents`) of one creator.
    contents : the content table.
    coefficients : the set that forms standard metrics.
    name : a metric that adds up over days and posts; over platforms too where the days are of several.
    before, now : first and last day of each, equally long.
    keep : as in `contributions`, for posts.

    Returns
    -------
    See `PeriodContributions`. An account enters if both periods know at least nine days of ten. A post that was
    published after the first period had 0 in it; of a post without a row whose publication is not known nothing is
    known.

    Raises
    ------
    NotAdditive
        For a metric that does not add up.
    InvalidArgument
        For periods of different length.
    """
    require_allowed(metric_named(name), ("time", "content"))
    length = (now[1] - now[0]).days + 1
    if (before[1] - before[0]).days + 1 != length:
        raise InvalidArgument(
            f"A period of {length} days was to be compared with one of {(before[1] - before[0]).days + 1}. The longer "
            "one has more of everything. Give two periods of the same length."
        )
    splice = spliced(days, contents, before, now)
    plain, like = standardise(days, coefficients), standardise(splice.rows, coefficients)
    sides = [plain["day"].between(*span).to_numpy() for span in (before, now)]
    whole = _whole_accounts(plain, name, sides, length)
    left_out = tuple(sorted(set(plain.loc[~whole & (sides[0] | sides[1]), "platform"])))
    flags = tuple(f"Without {platform_title(p)}: an account is known for a part of the periods only." for p in left_out)
    expected, value = (_of_column(plain[side & whole], name) for side in sides)
    parts = [
        _by_platform(plain, name, [side & whole for side in sides]),
        _by_definition(
            like,
            name,
            [side & whole for side in sides],
            value,
            expected,
            counted_from(splice.joints, name, coefficients),
        ),
    ]
    made = [
        contributions(value, expected, part, dimension=d)
        for part, d in zip(parts, ("platform", "definition"), strict=True)
    ]
    of_posts = _posts_of_periods(
        standardise(posts, coefficients), contents, name, before, now, set(plain.loc[whole, "platform"])
    )
    made.append(contributions(value, expected, of_posts, dimension="content", keep=keep))
    made.append(contributions(value, expected, by_format(of_posts, name), dimension="format"))
    return PeriodContributions(
        metric=name, value=value, expected=expected, deviation=value - expected, left_out=left_out, flags=flags,
        parts=pd.concat(made, ignore_index=True),
    )  # fmt: skip


def by_format(of_posts: pd.DataFrame, name: str, keys: tuple[str, ...] = ()) -> pd.DataFrame:
    """Parts by format from parts by post (with a column `format`); posts of unknown format are in the rest.

    `keys` are columns that keep parts of different wholes apart, such as the day.
    """
    known = of_posts[np.isfinite(of_posts["value"]) & np.isfinite(of_posts["expected"]) & (of_posts["format"] != "")]
    sums = {column: total_by(known, [*keys, "format"], name, column=column) for column in ("value", "expected")}
    made = pd.DataFrame(sums).reset_index().rename(columns={"format": "part"})
    return made.assign(label=[f.replace("_", " ") for f in made["part"]], how="")


def _added(numbers: np.ndarray) -> np.ndarray:
    """What the rows of parts of one whole add up to, column by column; none add up to 0."""
    if not len(numbers):
        return np.zeros(numbers.shape[1])
    return np.array([sum_runs(np.ascontiguousarray(column), np.array([0]))[0][0] for column in numbers.T])


def _of_column(rows: pd.DataFrame, name: str) -> float:
    return float(total_by(rows.assign(whole=""), ["whole"], name).get("", np.nan)) if len(rows) else np.nan


def _whole_accounts(rows: pd.DataFrame, name: str, sides: list[np.ndarray], length: int) -> np.ndarray:
    """Rows of the accounts that know the metric on at least nine days of ten on both sides."""
    whole = np.ones(len(rows), bool)
    for side in sides:
        known = rows["day"].where(pd.Series(side, rows.index) & rows[name].notna())
        whole &= (known.groupby([rows[key] for key in ACCOUNT]).transform("nunique") >= MOSTLY * length).to_numpy()
    return whole


def _by_platform(rows: pd.DataFrame, name: str, sides: list[np.ndarray]) -> pd.DataFrame:
    expected, value = (total_by(rows[side], ["platform"], name) for side in sides)
    made = pd.DataFrame({"value": value, "expected": expected}).rename_axis("part").reset_index()
    return made.assign(label=[platform_title(p) for p in made["part"]], how="before")


def _by_definition(
    like: pd.DataFrame, name: str, sides: list[np.ndarray], value: float, expected: float, joints: pd.DataFrame
) -> pd.DataFrame:
    """Audience (the change like for like) and definition (what is left of the reported one)."""
    columns = ["part", "label", "value", "expected", "how"]
    if len(joints) and not joints["bridged"].all():
        return pd.DataFrame(columns=columns).astype({"value": float, "expected": float})
    before, now = (_of_column(like[side], name) for side in sides)
    rows = [("audience", "like for like", now, before, "like for like")]
    if len(joints):
        when = ", ".join(
            f"{platform_title(p)} since {d:%Y-%m-%d}" for p, d in zip(joints["platform"], joints["day"], strict=True)
        )
        rows.append(
            ("definition", f"new definition ({when})", value - now, expected - before, "reported less like for like")
        )
    return pd.DataFrame(rows, columns=columns)


def _posts_of_periods(
    rows: pd.DataFrame, contents: pd.DataFrame, name: str, before: tuple, now: tuple, platforms: set[str]
) -> pd.DataFrame:
    """One row a post: value now, expected = before."""
    rows = rows[rows["platform"].isin(platforms)]
    sums = {
        c: total_by(rows[rows["day"].between(*span)], POST, name) for c, span in (("expected", before), ("value", now))
    }
    made = pd.DataFrame(sums).reset_index() if len(rows) else pd.DataFrame(columns=[*POST, "expected", "value"])
    made = with_contents(made, contents)
    young = (made["published_on"] > before[1]) & made["expected"].isna()
    return made.assign(
        expected=made["expected"].astype(float).mask(young, 0.0), value=made["value"].astype(float), how="before"
    )


def with_contents(posts: pd.DataFrame, contents: pd.DataFrame) -> pd.DataFrame:
    """Posts with what the content table tells: published_on, format (empty = unknown), and `part` and `label`."""
    told = contents.drop_duplicates(POST, keep="last")[[*POST, "title", "format", "published_on"]]
    made = posts.merge(told, on=POST, how="left")
    title = made["title"].fillna("").astype(str)
    return made.assign(
        published_on=pd.to_datetime(made["published_on"]),
        format=made["format"].fillna("").astype(str),
        label=title.where(title != "", made["content"].astype(str)),
        part=[
            "/".join(key)
            for key in made[["platform", "account", "content"]].astype(str).itertuples(index=False, name=None)
        ],
    )
