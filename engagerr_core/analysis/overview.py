"""The overview of one creator and one period: what dashboards, reports and sentences are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from engagerr_core.analysis.audience import ReachEstimate, estimate_reach, reach_bounds
from engagerr_core.analysis.daily import days_of
from engagerr_core.analysis.events import events_of, no_events
from engagerr_core.analysis.findings import findings
from engagerr_core.analysis.formats import format_contrasts
from engagerr_core.analysis.freshness import last_whole_period
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.overview_tables import WEEKS, Span, by_week, cards, change_of, long_days, platform_table
from engagerr_core.analysis.posts import MATURE_DAYS, in_one_notion, rated_posts
from engagerr_core.analysis.reconciliation import reconcile
from engagerr_core.analysis.results import Result
from engagerr_core.analysis.sentences import (
    carried_sentence,
    change_sentence,
    disappointed_sentence,
    next_sentence,
    people_sentence,
)
from engagerr_core.analysis.splicing import Spliced, spliced
from engagerr_core.analysis.subjects import as_text, lifetimes, period_flows
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.observation import METRICS
from engagerr_core.vocabulary.platforms import platforms

KIND_DAYS = 365  # posts of the last year tell what is usual for their kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of the first page.

    `topic` is people, change, carried, disappointed or next; `evidence` says from what.
    """

    topic: str
    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview(Result):
    """All that the first screen and the first page show. Every frame keeps full precision; unknown is NaN, never 0.

    Attributes
    ----------
    creator, start, end : whose figures, and the period, both days included.
    compared_start, compared_end : the period before, of the same length.
    sentences : five, in the order people, change, carried, disappointed, next.
    cards : one row a key figure: metric, title, unit, value, low, high, previous, change, change_low, change_high
        (relative change and its 95 % interval, fractions), real (True, False, or null where it cannot be tested),
        basis, origin, definition, coefficient_set, note (one sentence on coverage, or empty).
    daily : one row a platform and day, over both periods: platform, day (datetime64, source's own day), metric
        (standard_views, standard_engagements), value, provisional (bool), definition.
    weekly : the same by ISO week (day = its Monday) over the last year, with `complete` (bool: seven known days).
    platforms : one row a platform: platform, title, standard_views, share_of_views, standard_engagements (flows of the
        period; unknown where the platform reports no days), previous_views, change, contribution (to the change of the
        total, in views), posts, engagement_rate, rate_low, rate_high (of the posts published in the period,
        lifetime), first_day, last_day, provisional_from, note.
    contents : one row a post published in the period, lifetime to its export day: platform, account, content, title,
        url, format, published_on, age_days, standard_views, standard_engagements, engagement_rate, rate_low, rate_high,
        shrunk_rate, shrunk_low, shrunk_high, mature (bool), basis, origin, note; sorted by standard_views, best first.
    changes : definition changes in the days shown that concern the creator's accounts: platform, title, metric, day
        (datetime64), text, comparable_to, how (bridged or split, where the two periods cross it; else empty).
    events : what the analyst says happened in the days shown; columns of `vocabulary.context.EVENT_COLUMNS`.
    reach : different people: bounds, and what is missing.
    findings : data quality: severity (error, warning, note), subject, finding, advice.
    coefficient_set : label of the set in force.
    """

    creator: str
    start: date
    end: date
    compared_start: date
    compared_end: date
    sentences: tuple[Sentence, ...]
    cards: pd.DataFrame
    daily: pd.DataFrame
    weekly: pd.DataFrame
    platforms: pd.DataFrame
    contents: pd.DataFrame
    changes: pd.DataFrame
    events: pd.DataFrame
    reach: ReachEstimate
    findings: pd.DataFrame
    coefficient_set: str

    def __str__(self) -> str:
        return "\n".join(s.text for s in self.sentences)


def overview(
    creator: str,
    observations: pd.DataFrame,
    contents: pd.DataFrame,
    coefficients: CoefficientSet,
    *,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    events: pd.DataFrame | None = None,
    days: pd.DataFrame | None = None,
    delays: Mapping[str, float] | None = None,
) -> Overview:
    """Make the overview of one creator.

    Parameters
    ----------
    creator : whose; the observations and contents are this creator's alone.
    observations : resolved observation rows.
    contents : the content table.
    coefficients : the set in force.
    start, end : the period. Where both are missing it is the latest 28 days that all platforms have reported finally.
    events : the analyst's, columns of `vocabulary.context.EVENT_COLUMNS`; None = none were told.
    days : the accounts' days, as `analysis.daily.days_of` gives them; None = made from the observations.
    delays : platform → days until a day is final; None = as registered.

    Raises
    ------
    InvalidArgument
        When there are no observations at all, or only one end of the period is given.
    """
    if observations.empty:
        raise InvalidArgument(
            f"Nothing is known of {creator!r}. Ingest files first: ws.ingest([...], creator={creator!r})."
        )
    reconciled = reconcile(observations)
    observations = _totals(observations)
    if days is None:
        days = as_text(days_of(observations, contents, coefficients)[0])
    daily = _without_unknown(days)
    posts = lifetimes(observations, contents)
    span = _span(creator, daily, posts, coefficients, start, end, delays)
    recent = _recent(posts, span)
    rated = rated_posts(recent, coefficients)
    published = pd.to_datetime(rated["published_on"])
    new = rated[(published >= span.start) & (published <= span.end)].reset_index(drop=True)
    in_period = daily[span.of(daily["day"])]
    bounds, flags = reach_bounds(
        in_period,
        period_flows(observations, span.start, span.end),
        posts[posts["published_on"].between(span.start, span.end) & (posts["as_of"] <= span.end)],
        span.days,
        {name: _exposures(coefficients, name) for name in set(observations["platform"])},
    )
    reach = estimate_reach(bounds)
    reach = _with_flags(reach, flags)
    names = sorted(set(observations["platform"]))
    splice = spliced(daily, contents, (span.before.start, span.before.end), (span.start, span.end))
    table = platform_table(daily, splice, new, span, coefficients, names, delays)
    figures = cards(observations, contents, days, splice, reach, span, coefficients)
    compared = change_of(splice, "standard_views", span, coefficients)
    long = long_days(daily, coefficients, delays)
    found = findings(daily, posts, reconciled, span.start, span.end)
    views = figures.loc[figures["metric"] == "standard_views", "value"].iloc[0]
    missing = [
        f"{f['subject']}’s daily overview, which its files lack"
        for f in found.to_dict("records")
        if "no daily account" in f["finding"]
    ]
    told = (
        ("people", *people_sentence(creator, reach, span)),
        ("change", *change_sentence(views, compared, span)),
        ("carried", *carried_sentence(table, new)),
        ("disappointed", *disappointed_sentence(new, MATURE_DAYS)),
        ("next", *next_sentence(format_contrasts(in_one_notion(rated, recent, coefficients)), reach, missing)),
    )
    first_shown = min(span.end - pd.Timedelta(weeks=WEEKS), span.before.start)
    return Overview(
        creator=creator, start=span.start.date(), end=span.end.date(),
        compared_start=span.before.start.date(), compared_end=span.before.end.date(),
        sentences=tuple(Sentence(topic=t, text=x, evidence=e) for t, x, e in told),
        cards=figures,
        daily=long[span.of(long["day"]) | span.before.of(long["day"])].reset_index(drop=True),
        weekly=by_week(long, span.end),
        platforms=table, contents=new, changes=_changes(splice, first_shown, span.end),
        events=_told(no_events() if events is None else events, creator, names, first_shown, span.end),
        reach=reach, findings=found, coefficient_set=coefficients.label,
    )  # fmt: skip


def _told(
    events: pd.DataFrame, creator: str, names: list[str], first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """The analyst's own events that touch these days."""
    found = events_of(events, names, creator=creator, start=first.date(), end=last.date())
    return found[found["origin"] == "analyst"].reset_index(drop=True)


def _exposures(coefficients: CoefficientSet, platform: str) -> tuple[str, ...]:
    """The metrics that standard views are formed from: each counts every view or display on that platform."""
    ways = coefficients.alternatives.get((platform, "standard_views"), ())
    return tuple(dict.fromkeys(native for way in ways for native in way))


def _totals(observations: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not split by a dimension, without the metrics that none of them knows."""
    return _without_unknown(observations[observations["dimension"] == ""])


def _without_unknown(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns=[name for name in METRICS if name in rows and rows[name].isna().all()])


def _viewed(daily: pd.DataFrame, coefficients: CoefficientSet) -> pd.DataFrame:
    """The days whose standard views are known; a day of which only the followers are known is no day of this report."""
    return daily[standardise(daily, coefficients)["standard_views"].notna().to_numpy()]


def _span(
    creator: str, daily: pd.DataFrame, posts: pd.DataFrame, coefficients: CoefficientSet, start, end, delays
) -> Span:
    if (start is None) != (end is None):
        raise InvalidArgument(
            "Only one end of the period was given. Give start and end, or neither for the latest 28 days."
        )
    if start is not None:
        return Span(pd.Timestamp(start).normalize(), pd.Timestamp(end).normalize())
    latest = last_whole_period(_viewed(daily, coefficients), delays=delays)
    if latest is None:
        published = posts["published_on"].dropna()
        if published.empty:
            raise InvalidArgument(f"The files of {creator!r} name no day. Give start and end.")
        latest = published.max() - pd.Timedelta(days=27), published.max()
    return Span(*latest)


def _recent(posts: pd.DataFrame, span: Span) -> pd.DataFrame:
    since = span.end - pd.Timedelta(days=KIND_DAYS)
    return posts[
        (posts["published_on"] > min(since, span.start - pd.Timedelta(days=1))) & (posts["published_on"] <= span.end)
    ].reset_index(drop=True)


def _with_flags(reach: ReachEstimate, flags: tuple[str, ...]) -> ReachEstimate:
    from dataclasses import replace

    return replace(reach, flags=(*reach.flags, *flags))


def _changes(splice: Spliced, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Changes that concern this creator's accounts and days: the charts must draw them."""
    keys = ["platform", "metric", "day", "text"]
    found = splice.changes[splice.changes["day"].between(first, last)]
    found = found.drop_duplicates(keys).sort_values(["day", "platform", "metric"], kind="stable")
    told = found.merge(splice.annotations[[*keys, "how"]], on=keys, how="left")
    told = told.assign(
        title=[platforms()[name].title for name in told["platform"]],
        comparable_to=told["common"].where(told["common"] != told["metric"], ""),
        how=told["how"].fillna(""),
    )
    columns = ["platform", "title", "metric", "day", "text", "comparable_to", "how"]
    return told[columns].reset_index(drop=True).astype({"day": "datetime64[us]"})
