"""A standard metric over time, one line a platform."""

from typing import TYPE_CHECKING

from engagerr_core.charts.annotations import annotations
from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.lines import WIDTH, line_drawing, lines
from engagerr_core.charts.specification import title as heading
from engagerr_core.charts.theme import SERIES, colours, in_order
from engagerr_core.charts.wording import (
    count,
    day,
    listed,
    one_line,
    percent,
    period,
    platform_title,
    signed_percent,
    told,
)
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.metrics import metric as metric_named

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview

LONGEST_BY_DAY = 120  # days shown one by one; a line of more is a brush of noise at 640 pixels
COLUMNS = ("platform", "day", "metric", "value")


def timeline_figure(
    overview: "Overview",
    metric: str = "standard_views",
    highlight: str | None = None,
    among: list[str] | None = None,
    hover: bool = False,
) -> Figure:
    """One line a platform, over the period and the one before it; weeks instead of days beyond 120 days.

    Provisional days and incomplete weeks are paler, days without a figure leave a gap, definition changes stand as
    dashed lines. Up to three lines are labelled at their end; of more than four, `highlight` (default: the first)
    stands out and the others are grey.

    Parameters
    ----------
    overview : the overview; its `daily`, `weekly`, `changes` and `cards` are drawn as they are.
    metric : a standard metric that `daily` holds.
    highlight : platform that stands out.
    among : platforms that share the colours, where more than those drawn; keeps a platform's colour under a filter.
    hover : whether points answer the pointer with their figures; for live pictures.

    Raises
    ------
    InvalidArgument
        Where a platform has two figures for one day.
    """
    weekly = (overview.end - overview.compared_start).days + 1 > LONGEST_BY_DAY
    drawn = lines(_in_both_periods(overview.weekly, overview) if weekly else overview.daily, metric)
    title = metric_named(metric).title
    span = period(overview.start, overview.end)
    if drawn["value"].notna().sum() == 0:
        return nothing_to_draw(
            f"No {title.lower()} in this period",
            kind="Line chart",
            of=f"{title.lower()} by platform",
            advice=f"Nothing is known for {span}. Choose another period, or ingest files that cover it.",
            width=WIDTH,
        )
    finding = _change_found(overview, metric) or _peak_found(drawn, title, weekly)
    return _over_time(
        overview, drawn, metric, finding, span, weekly=weekly, highlight=highlight, among=among, hover=hover
    )


def trend_figure(overview: "Overview", metric: str = "standard_views") -> Figure:
    """The last year week by week, one line a platform, with every definition change on its day.

    Provisional and incomplete weeks are paler. Raises `InvalidArgument` where a platform has two figures for one week.
    """
    drawn = lines(overview.weekly, metric)
    title = metric_named(metric).title
    known = drawn.loc[drawn["value"].notna(), "day"]
    if known.empty:
        return nothing_to_draw(
            f"No {title.lower()} in the last year",
            kind="Line chart",
            of=f"{title.lower()} by platform",
            advice="No platform's files hold daily figures. Export each account's daily overview as well.",
            width=WIDTH,
        )
    span = period(known.min(), overview.end)
    return _over_time(overview, drawn, metric, _peak_found(drawn, title, weekly=True), span, weekly=True)


def _over_time(
    overview: "Overview",
    drawn: "pd.DataFrame",
    metric: str,
    finding: str,
    span: str,
    *,
    weekly: bool,
    highlight: str | None = None,
    among: list[str] | None = None,
    hover: bool = False,
) -> Figure:
    import pandas as pd

    title, every = metric_named(metric).title, "week" if weekly else "day"
    reporting = drawn.loc[
        drawn["value"].notna() & (drawn["day"] >= pd.Timestamp(overview.start, tz="UTC")), "platform"
    ].nunique()
    subtitle = f"{title} per {every} · {_platforms_said(reporting)} with figures · {span}"
    own = colours([*drawn["platform"], *(among or [])], highlight)
    names = listed(platform_title(p) for p in in_order(drawn["platform"]))
    return Figure(
        drawing={
            "title": heading(finding, subtitle, _colours_said(drawn, own)),
            **line_drawing(drawn, own, f"{title} per {every}", behind=annotations(overview, drawn), hover=hover),
        },
        title=finding,
        alt=f"Line chart of {title.lower()} per {every} on {names}, {span}, where {_inside(finding)}",
        data=drawn.drop(columns=["settled", "pale", "lonely", "told"]),
        note=_note(drawn, overview, weekly),
    )


def frame_figure(frame: "pd.DataFrame", hover: bool = False) -> Figure:
    """The same lines from a frame of ``platform, day, metric, value`` that holds one metric.

    ``provisional`` and ``complete`` are drawn where they are there. Raises `InvalidArgument` for several metrics.
    """
    names = list(frame["metric"].dropna().unique())
    if len(names) != 1:
        raise InvalidArgument(
            f"The frame holds {len(names)} metrics ({', '.join(map(str, names)) or 'none'}); one picture shows one. "
            "Keep one: frame[frame['metric'] == 'standard_views']."
        )
    drawn, title = lines(frame, names[0]), metric_named(names[0]).title
    known = drawn[drawn["value"].notna()]
    if known.empty:
        return nothing_to_draw(
            f"No {title.lower()} in this frame",
            kind="Line chart",
            of=title.lower(),
            advice="Every value is unknown. Ask ws.metrics for a period that the files cover.",
        )
    finding = _peak_found(drawn, title, "complete" in frame)
    span = period(known["day"].min(), known["day"].max())
    own = colours(drawn["platform"])
    subtitle = f"{title} · {_platforms_said(known['platform'].nunique())} · {span}"
    return Figure(
        drawing={
            "title": heading(finding, subtitle, _colours_said(drawn, own)),
            **line_drawing(drawn, own, title, hover=hover),
        },
        title=finding,
        alt=f"Line chart of {title.lower()} by platform, {span}, where {_inside(finding)}",
        data=drawn.drop(columns=["settled", "pale", "lonely", "told"]),
    )


def _in_both_periods(weekly: "pd.DataFrame", overview: "Overview") -> "pd.DataFrame":
    """The weeks that touch the period or the one before; `weekly` holds a year."""
    import pandas as pd

    monday = pd.to_datetime(weekly["day"])
    first = pd.Timestamp(overview.compared_start) - pd.Timedelta(6, "D")
    return weekly[monday.between(first, pd.Timestamp(overview.end))]


def _inside(finding: str) -> str:
    """The finding within a sentence: a lower first letter unless it starts with a name or an abbreviation."""
    return finding[0].lower() + finding[1:] if finding.startswith(("Standard", "No ")) else finding


def _platforms_said(number: int) -> str:
    return f"{number} platform{'' if number == 1 else 's'}"


def _change_found(overview: "Overview", metric: str) -> str:
    """The change of the key figure in words, or nothing where it has none."""
    card = overview.cards[overview.cards["metric"] == metric]
    if card.empty or not abs(card["change"].iloc[0]) < float("inf"):
        return ""
    title, change, real = metric_named(metric).title, float(card["change"].iloc[0]), told(card["real"].iloc[0])
    if real:
        return f"{title} {'rose' if change > 0 else 'fell'} {percent(abs(change))} against the period before"
    why = "within the usual variation" if real is False else "not tested"
    return f"{title} {signed_percent(change)} against before, {why}"


def _peak_found(drawn: "pd.DataFrame", title: str, weekly: bool) -> str:
    sure = drawn[drawn["value"].notna() & ~drawn["unsure"]]
    if sure.empty:
        return f"{title}: only provisional days so far"
    peak = sure.iloc[int(sure["value"].to_numpy().argmax())]
    when = f"{'week of ' if weekly else ''}{day(peak['day'], year=False)}"
    return f"{platform_title(peak['platform'])} peaked at {count(peak['value'])}, {when}"


def _note(drawn: "pd.DataFrame", overview: "Overview", weekly: bool) -> str:
    import pandas as pd

    said = []
    if drawn["provisional"].any():
        said.append("Paler: days that the platform may still restate.")
    if weekly and (drawn["unsure"] & ~drawn["provisional"]).any():
        said.append("Paler: weeks that the period holds only in part.")
    changes = overview.changes
    shown = pd.to_datetime(changes["day"], utc=True).between(drawn["day"].min(), drawn["day"].max())
    for change in changes[shown & changes["platform"].isin(drawn["platform"])].to_dict("records"):
        said.append(
            f"{platform_title(str(change['platform']))} counts {one_line(change['metric']).replace('_', ' ')} "
            f"differently since {day(change['day'])}: a step there is the definition, not the audience."
        )
    return " ".join(dict.fromkeys(said))


def _colours_said(drawn: "pd.DataFrame", own: dict[str, str]) -> str:
    """What the colours mean where neither labels nor a legend say it."""
    chosen = [p for p in in_order(drawn["platform"]) if own[p] == SERIES[0]]
    if len(own) <= len(SERIES) or not chosen:
        return ""
    others = drawn["platform"].nunique() - 1
    return f"Blue: {platform_title(chosen[0])}" + (f"; grey: {_platforms_said(others)} more" if others else "")
