"""Series that cross a change of definition: bridged where both sides can be told in one notion, split where not.

A platform that begins to count views differently changes the figures, not the interest. Whatever compares days on both
sides of such a day asks here first; docs/definitions.md tells the rules and their formulas.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import exp
from typing import NamedTuple

import numpy as np
import pandas as pd

from engagerr_core.analysis.comparison import MOSTLY
from engagerr_core.analysis.results import Result
from engagerr_core.analysis.subjects import ACCOUNT, POST, codes, days_since_epoch
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.definitions import (
    Definition,
    DefinitionChange,
    definition_changes,
    definitions,
    definitions_of,
    formats_apart,
)
from engagerr_core.vocabulary.metrics import metric
from engagerr_core.vocabulary.platforms import platforms

ENOUGH_OVERLAP = 28  # days on which both notions are known; four weeks give a spread of weekly ratios
AS_GOOD_AS_EQUAL = 0.01  # an overlap that differs by less confirms that the older metric may stand in unscaled
CHANGE_COLUMNS = ("day", "metric", "series", "common", "formats", "text")
JOINT_COLUMNS = (*CHANGE_COLUMNS, "bridged", "how", "ratio", "ratio_low", "ratio_high")
ANNOTATION_COLUMNS = ("day", "platform", "metric", "text", "bridged", "how")

Days = tuple[date | pd.Timestamp, date | pd.Timestamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spliced(Result):
    """Days that are comparable as far as they can be, and what was done at each change of definition.

    Attributes
    ----------
    rows : the days given. Where an account (or post) was bridged, its series holds the common notion on every day (NaN
        where that is unknown) and the metrics that stood in for it are NaN, so that no sum takes both. `bridge_error`
        is the relative standard error of what was estimated on the way, 0 elsewhere.
    changes : one row a subject and change that concerns it, in the whole history: its keys, day, metric, series (the
        metric under which the figures go on), common (the notion that both sides can be told in), formats, text.
    joints : those that the compared days cross, with bridged (bool), how (a sentence's part), and, where estimated,
        ratio, ratio_low, ratio_high (95 % of weeks).
    """

    rows: pd.DataFrame
    changes: pd.DataFrame
    joints: pd.DataFrame

    @property
    def bridged(self) -> tuple[str, ...]:
        """Platforms on which every change that is crossed was bridged."""
        return tuple(sorted(set(self.joints["platform"]) - set(self.breaks["platform"])))

    @property
    def breaks(self) -> pd.DataFrame:
        """The joints at which the series is split: a change over them is unknown."""
        return self.joints[~self.joints["bridged"]]

    @property
    def annotations(self) -> pd.DataFrame:
        """One row a platform, day and metric to draw: day, platform, metric, text, bridged, how."""
        rows = []
        for (day, platform, name, text), part in self.joints.groupby(["day", "platform", "metric", "text"]):
            how = list(dict.fromkeys(part["how"]))
            done = int(part["bridged"].eq(True).sum())
            some = f"bridged for {done} of {len(part)}" if done else f"split for all {len(part)}"
            rows.append((day, platform, name, text, done == len(part), how[0] if len(how) == 1 else some))
        return pd.DataFrame(rows, columns=list(ANNOTATION_COLUMNS)).astype({"day": "datetime64[us]", "bridged": bool})

    def __str__(self) -> str:
        told = [
            f"{platforms()[a['platform']].title} {_words(a['metric'])} since {a['day']:%Y-%m-%d}: {a['how']}"
            for a in self.annotations.to_dict("records")
        ]
        return "; ".join(told) or "No change of definition is crossed."


def spliced(days: pd.DataFrame, contents: pd.DataFrame, *spans: Days) -> Spliced:
    """Make days comparable over the changes of definition that they cross.

    Parameters
    ----------
    days : one row a subject and day, columns as `subjects.daily_flows` gives: creator, platform, account, content where
        posts are meant, day (datetime64), native metrics. Days outside the spans help to calibrate.
    contents : the content table; an account's posts tell which formats it has.
    spans : pairs of first and last day that are to be compared with each other; none = all days given.

    Returns
    -------
    See `Spliced`. A change concerns an account if it has posts of a format that is counted differently since, or if the
    formats of its posts are not known. It is crossed if the account has figures on both sides inside the spans.
    """
    keys = [key for key in POST if key in days]
    days = days.assign(bridge_error=0.0)
    if days.empty:
        return Spliced(rows=days, changes=_frame([], keys, CHANGE_COLUMNS), joints=_frame([], keys, JOINT_COLUMNS))
    subject, subjects = codes(days, keys)
    spans = spans or ((days["day"].min(), days["day"].max()),)
    first, last = min(pd.Timestamp(s) for s, _ in spans), max(pd.Timestamp(e) for _, e in spans)
    inside = np.zeros(len(days), bool)
    for start, end in spans:
        inside |= days["day"].between(pd.Timestamp(start), pd.Timestamp(end)).to_numpy()
    changes, joints = [], []
    for platform, formats, members in _alike(subjects, contents, last):
        mine = np.flatnonzero(np.isin(subject, members))
        here = [c for c in definition_changes((platform,)) if any(c.concerns(f) for f in formats)]
        changes += [(s, *_told(c)) for c in here for s in members]
        rows, whose = days.iloc[mine], subject[mine]
        for series, common in dict.fromkeys((c.series, c.common) for c in definition_changes((platform,))):
            crossed = [c for c in here if c.series == series and first < pd.Timestamp(c.day) <= last]
            if not crossed and series != common:
                continue
            read = read_in(rows, whose, platform, series, common, formats)
            found = _joints(read, rows, whose, inside[mine], crossed, series, common, len(subjects))
            joints += found
            split = {joint[0] for joint in found if not joint[1 + JOINT_COLUMNS.index("bridged")]}
            done = np.isin(whose, list({joint[0] for joint in found} - split))
            days = _replaced(days, mine[done], read, done, series)
    return Spliced(
        rows=days,
        changes=_frame(_with_keys(changes, subjects, keys), keys, CHANGE_COLUMNS),
        joints=_frame(_with_keys(joints, subjects, keys), keys, JOINT_COLUMNS),
    )


def made_from(name: str, platform: str, coefficients: CoefficientSet) -> frozenset[str]:
    """The native metrics that a metric of a platform is made from, its weight among them."""
    one = metric(name)
    if one.kind == "derived":
        return made_from(one.numerator, platform, coefficients) | made_from(one.denominator, platform, coefficients)
    if one.kind == "standard":
        return frozenset(native for way in coefficients.alternatives.get((platform, name), ()) for native in way)
    return frozenset(m for m in (name, one.weight("time")) if m)


def counted_from(changes: pd.DataFrame, name: str, coefficients: CoefficientSet) -> pd.DataFrame:
    """Those of a `Spliced`'s changes or joints that touch a metric, by what it is made from on each platform."""
    touched = [
        bool({m, s} & made_from(name, p, coefficients))
        for p, m, s in zip(changes["platform"], changes["metric"], changes["series"], strict=True)
    ]
    return changes[pd.Series(touched, changes.index, dtype=bool)]


def _with_keys(rows: list[tuple], subjects: pd.DataFrame, keys: list[str]) -> list[tuple]:
    names = list(subjects[keys].itertuples(index=False, name=None))
    return [(*names[row[0]], *row[1:]) for row in rows]


def _frame(rows: list[tuple], keys: list[str], columns: tuple[str, ...]) -> pd.DataFrame:
    types: dict[str, str] = {"day": "datetime64[us]"} | ({"bridged": "bool"} if "bridged" in columns else {})
    made = pd.DataFrame(rows, columns=[*keys, *columns]).astype(types)
    return made.sort_values(["day", *keys, "metric"], kind="stable", ignore_index=True)


def _told(change: DefinitionChange) -> tuple:
    day, formats = pd.Timestamp(change.day), ", ".join(change.formats)
    return day, change.metric, change.series, change.common, formats, change.text


def _words(name: str) -> str:
    return name.replace("_", " ")


def _alike(
    subjects: pd.DataFrame, contents: pd.DataFrame, until: pd.Timestamp
) -> Iterable[tuple[str, frozenset[str], np.ndarray]]:
    """Subjects with the same platform and formats, as codes; an empty format is one that is not known."""
    published = pd.to_datetime(contents["published_on"])
    known = contents.assign(format=contents["format"].fillna(""))[~(published > until)]
    of_account = known.groupby(ACCOUNT)["format"].agg(frozenset).to_dict()
    of_post = known.set_index(POST)["format"].to_dict()
    groups: dict[tuple[str, frozenset[str]], list[int]] = {}
    for code, row in enumerate(subjects.itertuples(index=False)):
        account = (row.creator, row.platform, row.account)
        content = getattr(row, "content", "")
        formats = frozenset({of_post.get((*account, content), "")} if content else of_account.get(account, {""}))
        groups.setdefault((str(row.platform), formats), []).append(code)
    for (platform, formats), members in groups.items():
        yield platform, formats, np.array(members)


class Readings(NamedTuple):
    """What each row says in the common notion: its value, by which way, and the relative error of an estimate.

    `way` is 0 unknown, 1 known itself, 2 another metric stands in, 3 estimated. `sources` are the metrics that can
    stand in. `ratios` holds what was used, per subject and source: ratio, spread of weekly log ratios, weeks, days.
    """

    value: np.ndarray
    way: np.ndarray
    error: np.ndarray
    told: np.ndarray
    sources: tuple[str, ...]
    ratios: pd.DataFrame


def read_in(
    rows: pd.DataFrame, subject: np.ndarray, platform: str, series: str, common: str, formats: frozenset[str]
) -> Readings:
    """Read rows of alike subjects in the common notion.

    The common metric itself comes first. Where it is unknown, a metric that counted the same notion under the
    definition in force stands in unscaled; where both were known on at least `ENOUGH_OVERLAP` days of that definition
    and differ, or where the definition counted something else, that overlap's ratio scales it.
    """
    own = _column(rows, common)
    newest = definitions_of(platform, common)[-1]
    own = np.where(_in_force(rows["day"], newest), own, np.nan)
    value, error = own.copy(), np.zeros(len(rows))
    way = np.isfinite(own).astype(np.int8)
    told = way > 0
    alike = [d.metric for d in definitions() if (d.platform, d.comparable_to) == (platform, common)]
    sources = tuple(dict.fromkeys(alike))
    every = formats | formats_apart(platform, series) if "" in formats else formats
    found = []
    for source in sources:
        theirs = _column(rows, source)
        told |= np.isfinite(theirs)
        for inside, stands in _segments(rows["day"], platform, source, common, every):
            wanted = inside & (way == 0) & np.isfinite(theirs)
            if not wanted.any():
                continue
            ratios = _ratios(own, theirs, subject, rows["day"], inside)
            ratio = ratios["ratio"].reindex(subject).to_numpy()
            scaled = np.isfinite(ratio) & ~(stands & (np.abs(ratio - 1) <= AS_GOOD_AS_EQUAL))
            fill = wanted & (scaled | stands)
            value = np.where(fill, np.where(scaled, theirs * ratio, theirs), value)
            error = np.where(fill & scaled, ratios["spread"].reindex(subject).to_numpy(), error)
            way = np.where(fill, np.where(scaled, 3, 2), way)
            found.append(ratios[ratios.index.isin(subject[fill & scaled])].assign(source=source))
    told |= np.isfinite(_column(rows, series))
    return Readings(value, way, error, told, sources, pd.concat(found) if found else pd.DataFrame())


def _column(rows: pd.DataFrame, name: str) -> np.ndarray:
    return rows[name].to_numpy(float, na_value=np.nan) if name in rows else np.full(len(rows), np.nan)


def _in_force(day: pd.Series, one: Definition) -> np.ndarray:
    first, last = pd.Timestamp(one.valid_from or date(1900, 1, 1)), pd.Timestamp(one.valid_to or date(2200, 1, 1))
    return day.between(first, last).to_numpy()


def _segments(
    day: pd.Series, platform: str, source: str, common: str, formats: frozenset[str]
) -> list[tuple[np.ndarray, bool]]:
    """Rows of each span of days in which the source has the same definitions, and whether all stand for the common."""
    chains = [definitions_of(platform, source, f) for f in sorted(formats)]
    edges = sorted({d.valid_from or date(1900, 1, 1) for chain in chains for d in chain})
    found = []
    for edge in edges:
        ruling = [next((d for d in reversed(c) if (d.valid_from or date.min) <= edge), None) for c in chains]
        if any(d is None or d.comparable_to != common for d in ruling):
            continue
        inside = np.logical_and.reduce([_in_force(day, d) for d in ruling if d is not None])
        found.append((inside, all(d.stands_for for d in ruling if d is not None)))
    return found


def _ratios(
    own: np.ndarray, theirs: np.ndarray, subject: np.ndarray, day: pd.Series, inside: np.ndarray
) -> pd.DataFrame:
    """Per subject with enough overlap: ratio of means over the days on which both are known, spread between weeks."""
    both = inside & np.isfinite(own) & np.isfinite(theirs) & (theirs > 0)
    week = (days_since_epoch(day[both]) + 3) // 7
    known = pd.DataFrame({"subject": subject[both], "week": week, "own": own[both], "theirs": theirs[both]})
    weekly = known.groupby(["subject", "week"])[["own", "theirs"]].mean()
    quotient = weekly["own"] / weekly["theirs"]
    logs = pd.Series(np.log(quotient.where(quotient > 0)), quotient.index)
    by_subject = known.groupby("subject")
    mean = by_subject[["own", "theirs"]].mean()
    made = pd.DataFrame({
        "ratio": mean["own"] / mean["theirs"], "spread": logs.groupby("subject").std(),
        "weeks": logs.groupby("subject").count(), "days": by_subject.size(),
    })  # fmt: skip
    return made[(made["days"] >= ENOUGH_OVERLAP) & (made["ratio"] > 0)]


def _joints(
    read: Readings, rows: pd.DataFrame, subject: np.ndarray, inside: np.ndarray, crossed: list[DefinitionChange],
    series: str, common: str, n: int,
) -> list[tuple]:  # fmt: skip
    """One row a subject and change that it crosses with known days on both sides, and how it was bridged or split."""
    told, reached = inside & read.told, inside & (read.way > 0)
    day = rows["day"].to_numpy()
    places = [(np.full(n, pd.Timestamp(c.day).to_datetime64()), _told(c)[1:]) for c in crossed]
    if not crossed:
        places = _switches(read, rows, subject, inside, series, common, n)
    ways = [np.bincount(subject[inside & (read.way == w)], minlength=n) > 0 for w in (2, 3)]
    found = []
    for since, words in places:
        late = day >= since[subject]
        sides = [(np.bincount(subject[told & s], minlength=n), np.bincount(subject[reached & s], minlength=n))
                 for s in (~late, late)]  # fmt: skip
        (told_before, before), (told_after, after) = sides
        crossing = (told_before > 0) & (told_after > 0)
        good = crossing & (before >= MOSTLY * told_before) & (after >= MOSTLY * told_after)
        for s in np.flatnonzero(crossing):
            estimate: tuple[float, float, float] = (np.nan, np.nan, np.nan)
            how = f"bridged through {_words(common)}"
            if not good[s]:
                how = (f"split: {_words(common)} can be told for {before[s]} of {told_before[s]} days before and "
                       f"for {after[s]} of {told_after[s]} since")  # fmt: skip
            elif ways[1][s]:
                estimate, said = _estimate(read.ratios, int(s))
                how += f", estimated as {said}"
            elif ways[0][s]:
                stood = " and ".join(_words(m) for m in read.sources)
                how += f", {stood} by the older definition standing in unscaled"
            found.append((s, pd.Timestamp(since[s]), *words, bool(good[s]), how, *estimate))
    return found


def _switches(
    read: Readings, rows: pd.DataFrame, subject: np.ndarray, inside: np.ndarray, series: str, common: str, n: int
) -> list[tuple[np.ndarray, tuple]]:
    """First day on which a subject's files give the metric that goes on, where they gave one that ends before."""
    own = np.isfinite(_column(rows, common))
    found = []
    for source in read.sources:
        older = inside & ~own & np.isfinite(_column(rows, source))
        both = (np.bincount(subject[older], minlength=n) > 0) & (np.bincount(subject[inside & own], minlength=n) > 0)
        if not both.any():
            continue
        since = np.full(n, np.datetime64("NaT"), "datetime64[us]")
        first = pd.Series(rows["day"].to_numpy()[inside & own]).groupby(subject[inside & own]).min()
        since[first.index] = first.to_numpy()
        since[~both] = np.datetime64("NaT")
        text = f"The files give {_words(source)} on some days and {_words(common)} on others."
        found.append((since, (source, series, common, "", text)))
    return found


def _estimate(ratios: pd.DataFrame, subject: int) -> tuple[tuple[float, float, float], str]:
    """Ratio with the range of 95 % of weeks, and the words for it."""
    from scipy.stats import t

    one = ratios.loc[[subject]].iloc[-1]
    reach = float(t.ppf(0.975, max(one["weeks"] - 1, 1)) * one["spread"] * (1 + 1 / one["weeks"]) ** 0.5)
    low, ratio, high = (float(one["ratio"]) * exp(shift) for shift in (-reach, 0.0, reach))
    said = f"{_words(one['source'])} × {ratio:.3g} ({low:.3g} to {high:.3g}, from {one['days']:.0f} days)"
    return (ratio, low, high), said


def _replaced(days: pd.DataFrame, places: np.ndarray, read: Readings, mine: np.ndarray, series: str) -> pd.DataFrame:
    """The days with the common notion in the series of those that were bridged."""
    if not len(places):
        return days
    columns = {name: _column(days, name).copy() for name in {series, "bridge_error", *read.sources}}
    for source in read.sources:
        columns[source][places] = np.nan
    columns[series][places] = read.value[mine]
    columns["bridge_error"][places] = np.fmax(columns["bridge_error"][places], read.error[mine])
    return days.assign(**{name: columns[name] for name in columns if name in days or name == series})
