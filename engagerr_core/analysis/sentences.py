"""The first page in five sentences, each computed from the figures and saying no more than they do."""

from collections.abc import Callable
from math import ceil, floor, isfinite, isnan, log10

import pandas as pd

from engagerr_core.analysis.audience import ReachEstimate, platform_title
from engagerr_core.analysis.formats import FormatContrast
from engagerr_core.analysis.overview_tables import Compared, Span
from engagerr_core.vocabulary.platforms import platforms

TITLE_LENGTH = 60
FALSE_DISCOVERIES = 0.05
FORMAT_WORDS = {
    "long_video": "long videos", "short_video": "short videos", "image": "pictures", "carousel": "carousels",
    "story": "stories", "text": "text posts", "audio": "audio", "link": "links",
}  # fmt: skip


def number(value: float, rounding: Callable[[float], float] = round) -> str:
    """A count in three significant digits: 1,234 · 56,700 · 1.23 million. Bounds are rounded outwards (floor, ceil)."""
    if isnan(value):
        return "an unknown number"
    if abs(value) < 10_000:
        return f"{rounding(value):,.0f}"
    step = 10 ** (floor(log10(abs(value))) - 2)
    shown = rounding(value / step) * step
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(shown) >= size:
            return f"{shown / size:,.3g} {word}" if abs(shown) < 1000 * size else f"{shown / size:,.0f} {word}"
    return f"{shown:,.0f}"


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 day, 2 days."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def quoted(title: str, fallback: str) -> str:
    """A title in quotation marks on one line, cut at a word; the id where there is no title."""
    line = " ".join(str(title).split()).replace("“", "‘").replace("”", "’")
    if not line:
        return fallback
    if len(line) > TITLE_LENGTH:
        line = line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
    return f"“{line}”"


def people_sentence(creator: str, reach: ReachEstimate, span: Span) -> tuple[str, str]:
    """How many different people."""
    when = f"in {_length(span)} to {span.end:%-d %B %Y}"
    nothing_below = isnan(reach.lower_bound) or reach.lower_bound == 0
    if nothing_below and not (isfinite(reach.upper_bound) and reach.upper_bound > 0):
        return f"How many different people {creator} reached {when} is unknown: no file tells.", reach.method
    least = number(reach.lower_bound, floor)
    most = number(reach.upper_bound, ceil) if isfinite(reach.upper_bound) else ""
    if not most:
        missing = _listed([platform_title(name) for name in reach.unbounded])
        return (
            f"{creator} reached at least {least} different people {when}; how many at most is unknown, "
            f"since nothing in the files of {missing} limits it.",
            reach.method,
        )
    if nothing_below:
        return (
            f"{creator} reached at most {most} different people {when}; no file tells how many at least.",
            reach.method,
        )
    if reach.lower_bound == reach.upper_bound:
        people = "1 different person" if reach.lower_bound == 1 else f"{number(reach.lower_bound)} different people"
        return f"{creator} reached {people} {when}.", reach.method
    return (
        f"{creator} reached between {least} and {most} different people {when}, "
        "depending on how far the audiences overlap.",
        reach.method,
    )


def _length(span: Span) -> str:
    return "the day" if span.days == 1 else f"the {span.days} days"


def change_sentence(views: float, compared: Compared, span: Span) -> tuple[str, str]:
    """More or less than before, and whether that is real."""
    change = compared.change
    swings = plural(change.swings, "earlier period-to-period swing")
    evidence = "; ".join(["standard views, flow", swings, *compared.how])
    if isnan(views):
        return "Views in the period are unknown: no file holds a platform's daily figures of these days.", evidence
    opening = "Posts were viewed once" if views == 1 else f"Posts were viewed {number(views)} times"
    if isnan(change.change):
        return f"{opening}; the change on {_length(span)} before is unknown, as {change.flags[0]}.", evidence
    size = (
        "about as often as"
        if abs(change.change) < 0.005
        else f"{abs(change.change):.0%} {'more' if change.change > 0 else 'less'} than"
    )
    size = f"on {_listed(compared.platforms)} alone {size}" if compared.left_out else size
    like = f", like for like on {_listed(compared.bridged)}," if compared.bridged else ""
    if change.real is None:
        return (
            f"{opening}, {size} in {_length(span)} before{like}; "
            f"too little history ({change.flags[0]}) to say whether that is unusual.",
            evidence,
        )
    limits = f"({change.low:+.0%} to {change.high:+.0%})".replace("-", "−")
    verdict = "which is more than its usual swing" if change.real else "which is within its usual swing"
    return f"{opening}, {size} in {_length(span)} before{like} {limits}, {verdict}.", evidence


def carried_sentence(table: pd.DataFrame, rated: pd.DataFrame) -> tuple[str, str]:
    """What carried the period: the platform with most views, and the most viewed new post."""
    parts = []
    known = table[table["share_of_views"].notna()]
    if len(known):
        first = known.iloc[0]
        moved = known[known["contribution"].notna()]
        parts.append(f"{first['title']} carried {first['share_of_views']:.0%} of these views")
        if len(moved) > 1:
            most = moved.iloc[int(moved["contribution"].abs().to_numpy().argmax())]
            parts[0] += f", and {most['title']} moved most ({most['contribution']:+,.0f})".replace("-", "−")
    seen = rated[rated["standard_views"].notna()]
    if len(seen):
        top = seen.iloc[0]
        age = "" if isnan(top["age_days"]) else f" in {top['age_days']:.0f} day{'' if top['age_days'] == 1 else 's'}"
        name = quoted(top["title"], top["content"])
        platform = platforms()[top["platform"]]
        parts.append(
            f"the most viewed new {platform.post} was {name} "
            f"({platform.title}, {number(top['standard_views'])} views{age})"
        )
    if not parts:
        return "Nothing can be named that carried the period: no views are known.", "no data"
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}.", "standard views by platform, flow; new posts, lifetime"


def disappointed_sentence(rated: pd.DataFrame, mature_days: int) -> tuple[str, str]:
    """The new post that fell clearly short of its kind, if any did."""
    mature = rated[rated["mature"] & rated["shrunk_rate"].notna()]
    judged = f"{plural(len(mature), 'post')} of at least {mature_days} days"
    evidence = f"{judged}, false discoveries controlled at {FALSE_DISCOVERIES:.0%}"
    short = (
        mature[mature["q_short"] <= FALSE_DISCOVERIES]
        .assign(gap=lambda t: t["shrunk_rate"] / t["kind_rate"])
        .sort_values(["gap", "content"])
    )
    if not len(mature):
        return f"No new post is old enough ({mature_days} days) to be called a disappointment.", evidence
    if not len(short):
        if len(mature) == 1:
            return "The one new post that is old enough to judge did not fall clearly short of its kind.", evidence
        return (
            f"None of the {len(mature)} new posts that are old enough to judge fell clearly short of its kind.",
            evidence,
        )
    worst = short.iloc[0]
    where = f"{FORMAT_WORDS.get(worst['format'], 'posts')} on {platforms()[worst['platform']].title}"
    others = f"; {len(short) - 1} more fell short too" if len(short) > 1 else ""
    return (
        f"{quoted(worst['title'], worst['content'])} disappointed: an engagement rate of {worst['shrunk_rate']:.1%} "
        f"({worst['shrunk_low']:.1%} to {worst['shrunk_high']:.1%}), "
        f"while nine in ten {where} exceed {worst['kind_low']:.1%}{others}.",
        evidence,
    )


def next_sentence(contrasts: list[FormatContrast], reach: ReachEstimate, missing: list[str]) -> tuple[str, str]:
    """What to do next: an association that survived, else the file that would tell most."""
    if contrasts and contrasts[0].q_value <= FALSE_DISCOVERIES and contrasts[0].low > 1:
        best = contrasts[0]
        better, worse = (FORMAT_WORDS.get(f, f) for f in (best.better, best.worse))
        settled = best.better_posts + best.worse_posts
        return (
            f"Make more {better} for {platforms()[best.platform].title}: over {settled} settled posts "
            f"the typical one drew {best.ratio:.1f} times ({best.low:.1f} to {best.high:.1f}) the views of {worse}; "
            "past posts suggest it, only a trial can prove it.",
            f"{best.tested} contrasts tested, q = {best.q_value:.2g}",
        )
    opening = "Too few settled posts to compare formats yet"
    if contrasts:
        tested = contrasts[0].tested
        opening = f"No format stood out from chance in {tested} comparison{'s' if tested > 1 else ''}"
    if missing:
        return f"{opening}; next, add {missing[0]}.", "next best data"
    if not isfinite(reach.upper_bound) or isnan(reach.lower_bound):
        return (
            f"{opening}; next, export the platforms' own viewer or reach figures, "
            "so that different people can be bounded.",
            "next best data",
        )
    return f"{opening}; keep the present mix and export again next month.", "no effect survived"
