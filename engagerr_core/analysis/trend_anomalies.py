"""Days that stand out, each with what carries its deviation: platform, post, format."""

from collections.abc import Hashable
from typing import NamedTuple

import pandas as pd

from engagerr_core.analysis.audience import platform_title
from engagerr_core.analysis.contributions import COLUMNS, by_format, contributions, leading, no_contributions
from engagerr_core.analysis.expectations import expected_of_posts, like_posts
from engagerr_core.analysis.sentences import number, quoted
from engagerr_core.analysis.trend_series import TOTAL, DailySeries
from engagerr_core.vocabulary.coefficients import CoefficientSet

MOST_EXPLAINED = 40  # of the clearest; every explanation reads all posts of its day
POSTS_NAMED = 5  # of a day; the others are one part
NAMED_SHARE = 0.1  # of the deviation; a part that carries less is not named in a sentence
WHOLE_SHARE = 0.995
_NONE = no_contributions()
EXPLANATION_COLUMNS = ("platform", "day", *COLUMNS)


class Explained(NamedTuple):
    """`sentences`: one an anomaly, in order. `parts`: columns of `EXPLANATION_COLUMNS`."""

    sentences: list[str]
    parts: pd.DataFrame


def explained(
    anomalies: pd.DataFrame, days: pd.DataFrame, series: DailySeries, posts: pd.DataFrame, contents: pd.DataFrame,
    coefficients: CoefficientSet, name: str,
) -> Explained:  # fmt: skip
    """Say what carries each anomaly.

    Parameters
    ----------
    anomalies : platform (empty = all), day, value, expected, q_value.
    days : platform, day, value, expected of every day, which divide an anomaly of all platforms.
    series : of the same metric, for bridges over changes of definition.
    posts : posts' days with native metrics.
    contents, coefficients, name : as for the series.

    Returns
    -------
    One sentence an anomaly, and the parts over platform (of anomalies of all platforms), content and format. The
    `MOST_EXPLAINED` of the smallest q-values are explained; the sentence of another one says that it is not.
    """
    clearest = anomalies.sort_values(["q_value", "day"], kind="stable").head(MOST_EXPLAINED)
    posts = _expected_of_posts(clearest, series, posts, contents, coefficients, name)
    each = days[(days["platform"] != TOTAL) & days["day"].isin(clearest["day"])]
    each = each.assign(part=each["platform"], how="own series", label=each["platform"].map(platform_title))
    of_platforms = {(TOTAL, day): rows for day, rows in each.groupby("day")}
    of_posts, of_formats = _by_series(posts), _by_series(by_format(posts, name, ("platform", "day")))
    of_formats |= _of_total(by_format(posts, name, ("day",)))
    told, found = [""] * len(anomalies), []
    place = {label: i for i, label in enumerate(anomalies.index)}
    for label, row in zip(clearest.index, clearest.to_dict("records"), strict=True):
        key = (row["platform"], row["day"])
        parts = _parts(row, of_platforms.get(key), of_posts.get(key, _NONE), of_formats.get(key, _NONE))
        found.append(parts.assign(platform=row["platform"], day=row["day"]))
        told[place[label]] = _sentence(row, parts)
    for label, i in place.items():
        told[i] = told[i] or f"{_size(anomalies.loc[label].to_dict())}; not taken apart, since clearer days come first."
    return Explained(told, _as_told(found))


def _as_told(found: list[pd.DataFrame]) -> pd.DataFrame:
    if not found:
        return no_explanations()
    return pd.concat(found, ignore_index=True)[list(EXPLANATION_COLUMNS)].astype(no_explanations().dtypes)


def _by_series(rows: pd.DataFrame) -> dict[Hashable, pd.DataFrame]:
    """Rows of each platform and day, and of each day."""
    return dict(iter(rows.groupby(["platform", "day"]))) | _of_total(rows)


def _of_total(rows: pd.DataFrame) -> dict[Hashable, pd.DataFrame]:
    return {(TOTAL, day): part for day, part in rows.groupby("day")}


def no_explanations() -> pd.DataFrame:
    """A table of parts without rows."""
    empty = no_contributions().assign(platform=pd.Series(dtype="str"), day=pd.Series(dtype="datetime64[us]"))
    return empty[list(EXPLANATION_COLUMNS)]


def _expected_of_posts(
    anomalies: pd.DataFrame, series: DailySeries, posts: pd.DataFrame, contents: pd.DataFrame,
    coefficients: CoefficientSet, name: str,
) -> pd.DataFrame:  # fmt: skip
    """Value and expectation of the posts on the days of the anomalies, labelled."""
    rows = posts[posts["platform"].isin(series.platforms)] if len(anomalies) else posts.iloc[:0]
    like = like_posts(rows, contents, series.joints, series.factors, name, coefficients)
    made = expected_of_posts(like, anomalies["day"].to_numpy(), name)
    title = made["title"].fillna("").astype(str)
    keys = zip(made["platform"], made["account"], made["content"], strict=True)
    return made.assign(
        label=title.where(title != "", made["content"].astype(str)), part=["/".join(map(str, key)) for key in keys]
    )


def _parts(row: dict, platforms: pd.DataFrame | None, posts: pd.DataFrame, formats: pd.DataFrame) -> pd.DataFrame:
    """The deviation of one anomaly over platforms, posts and formats."""
    whole = (row["value"], row["expected"])
    made = [] if platforms is None else [contributions(*whole, platforms, dimension="platform")]
    made.append(contributions(*whole, posts, dimension="content", keep=POSTS_NAMED))
    made.append(contributions(*whole, formats, dimension="format"))
    return pd.concat(made, ignore_index=True)


def _size(row: dict) -> str:
    """How much, and how much was expected."""
    if row["expected"] > 0 and row["value"] >= 2 * row["expected"]:
        times = row["value"] / row["expected"]
        return f"{number(row['value'])} instead of {number(row['expected'])}, {times:.1f} times as many"
    return f"{number(row['value'])} instead of {number(row['expected'])}"


def _share(share: float) -> str:
    """A share in words; above one where other parts lie against it."""
    return "all" if share >= WHOLE_SHARE else f"{share:.0%}"


def _sentence(row: dict, parts: pd.DataFrame) -> str:
    """What carries it, in one sentence; nothing where no part does."""
    word = "excess" if row["value"] >= row["expected"] else "shortfall"
    told = []
    if row["platform"] == TOTAL and (platform := leading(parts, "platform")):
        told.append(f"{platform['label']} holds {_share(platform['share'])} of the {word}")
    post, kind = leading(parts, "content"), leading(parts, "format")
    if post and post["share"] >= NAMED_SHARE:
        told.append(f"the post {quoted(post['label'], post['part'])} holds {_share(post['share'])} of it")
    elif parts["dimension"].eq("content").sum() == 1:  # the rest alone
        told.append("no post’s figures of this day are known")
    else:
        told.append(f"no post holds {NAMED_SHARE:.0%} of it")
    if kind and kind["share"] >= NAMED_SHARE:
        told.append(f"the format {kind['label']} {_share(kind['share'])}")
    return "; ".join([_size(row), *told]) + "."
