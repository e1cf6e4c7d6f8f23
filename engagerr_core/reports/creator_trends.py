"""The creator report's sections on time: the trend with what is marked on it, and the outlook."""

from typing import TYPE_CHECKING

from engagerr_core.reports.blocks import Block, Paragraph, Section
from engagerr_core.reports.blocks import FigureBlock as Picture
from engagerr_core.reports.tables import Column, SheetChart, TableBlock

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.trends import Trends
    from engagerr_core.reports.creator import CreatorReport

DAYS_SHOWN = 12  # a printed list of days is read to the end only while it is short
TRENDS_SHEET, OUTLOOK_SHEET = "Trends", "Outlook"
NO_DAYS = "No platform's files hold daily figures. Export each account's daily overview as well."


def trend(report: "CreatorReport") -> Section:
    """Where each platform goes, as far as chance lets say; changes of level and definition; days that stand out."""
    from engagerr_core.charts import plot

    o, found = report.overview, report.trends
    blocks: list[Block] = [_daily(report)]
    if found is not None and not found.trend.empty:
        blocks += [*_directions(found), Picture.of(plot(found, "trend"))]
    if o.weekly[o.weekly["metric"] == "standard_views"].empty:
        blocks.append(Paragraph(NO_DAYS))
    else:
        blocks.append(Picture.of(plot(o, "trend")))
    if not o.changes.empty:
        blocks.append(_definitions(o.changes))
    if found is not None and not found.trend.empty:
        blocks += [*_levels(found), *_odd_days(found, report)]
    return Section(name="trend", title="Trend", sheet="Daily", blocks=tuple(blocks))


def outlook(report: "CreatorReport") -> Section:
    """What is to be expected next, with intervals, and how good such forecasts were on earlier days."""
    from engagerr_core.analysis.trend_sentences import forecast_sentence
    from engagerr_core.charts import plot

    found = report.trends
    if found is None or found.forecast["lo_80"].isna().all():
        text = "There are too few days for a forecast. Two months of daily figures are enough for a first one."
        few = Paragraph(text if found is not None else "No forecast was made for this report.")
        return Section(name="outlook", title="Outlook", sheet=OUTLOOK_SHEET, blocks=(few,))
    picture = plot(found, "forecast")
    blocks = (
        Paragraph(forecast_sentence(found), lead=True),
        Paragraph(
            "A forecast goes on as the days went so far. What is new (a post that many share, a changed algorithm) is "
            "in no forecast: four days of five should lie within the darker band, 19 of 20 within both."
        ),
        Picture(title=picture.title, alt=picture.alt, svg=picture.to_svg()),  # the lead says what its note does
        _ahead(found),
        _tried(found),
    )
    return Section(name="outlook", title="Outlook", sheet=OUTLOOK_SHEET, blocks=blocks)


def _daily(report: "CreatorReport") -> TableBlock:
    from engagerr_core.charts.wording import platform_title

    columns = ["platform", "day", "standard_views", "standard_engagements", "provisional"]
    keys = ["platform", "day", "provisional"]
    daily = report.overview.daily.set_index([*keys, "metric"])["value"]
    days = daily.unstack().reset_index().reindex(columns=columns)  # noqa: PD010
    return TableBlock(
        name="Daily", title="Day by day, both periods", shown=0,
        frame=days.assign(platform=days["platform"].map(platform_title)).sort_values(["platform", "day"]),
        columns=(
            Column(name="platform", title="Platform"),
            Column(name="day", title="Day", format="day"),
            Column(name="standard_views", title="Standard views", format="count"),
            Column(name="standard_engagements", title="Standard engagements", format="count"),
            Column(name="provisional", title="Provisional", format="flag"),
        ),
        chart=SheetChart(
            kind="line", title="Standard views by day", x="day", y="standard_views", y_title="Standard views",
            series="platform",
        ),
    )  # fmt: skip


def _definitions(changes: "pd.DataFrame") -> TableBlock:
    return TableBlock(
        name="DefinitionChanges", title="Definition changes in these periods", frame=changes,
        columns=(
            Column(name="day", title="Day", format="day"),
            Column(name="title", title="Platform"),
            Column(name="metric", title="Metric"),
            Column(name="text", title="What changed", wide=True),
            Column(name="comparable_to", title="Older notion"),
        ),
        note="A jump on such a day is the platform counting differently, not growth.",
    )  # fmt: skip


def _directions(found: "Trends") -> list[Block]:
    """One sentence a series, and the figures behind them."""
    from engagerr_core.analysis.trend_sentences import direction_sentence
    from engagerr_core.vocabulary.metrics import metric

    title = metric(found.metric).title
    told = [direction_sentence(row, title) for row in found.trend.to_dict("records")]
    level = found.trend["level"].where(found.trend["level"] > 0)
    table = found.trend.assign(
        **{f"{name}_share": found.trend[name] * 7 / level for name in ("slope", "slope_low", "slope_high")},
        basis=found.basis, origin=found.origin, coefficient_set=found.coefficient_set,
    )  # fmt: skip
    sheet = TableBlock(
        name="Directions", title="Direction of each series", frame=table, shown=0, sheet=TRENDS_SHEET,
        columns=(
            Column(name="title", title="Series"),
            Column(name="first_day", title="First day", format="day"),
            Column(name="last_day", title="Last day", format="day"),
            Column(name="days", title="Known days", format="count"),
            Column(name="level", title="Level a day", format="count"),
            Column(
                name="slope_share", title="A week, of the level", format="change", low="slope_low_share",
                high="slope_high_share",
            ),
            Column(name="direction", title="Direction"),
            Column(name="p_value", title="p", format="number"),
            Column(name="q_value", title="q", format="number"),
            Column(name="n_effective", title="Independent days", format="number"),
            Column(name="basis", title="Basis"),
            Column(name="origin", title="Origin"),
            Column(name="definition", title="Definition"),
            Column(name="coefficient_set", title="Coefficient set"),
        ),
    )  # fmt: skip
    return [*(Paragraph(sentence) for sentence in told), sheet]


def _levels(found: "Trends") -> list[Block]:
    """Changes of level; those beside a change of definition or an event are told as such."""
    from engagerr_core.analysis.trend_tables import series_title

    rows = found.changes.sort_values("day", ascending=False, kind="stable")
    if rows.empty:
        return [Paragraph("No series changed its level for good by more than chance explains.")]
    rows = rows.assign(
        series=[series_title(name) for name in rows["platform"]],
        text=rows["text"].mask((rows["text"] == "") & ~rows["claimed"], "not beyond chance"),
    )  # fmt: skip
    columns = (
        Column(name="day", title="Since", format="day"),
        Column(name="series", title="Series", below="text", wide=True),
        Column(name="before", title="A day before", format="count"),
        Column(name="after", title="A day since", format="count"),
        Column(name="change", title="Change", format="change"),
        Column(name="q_value", title="q", format="number", printed=False),
    )
    return [
        TableBlock(
            name="Levels", title="Changes of level", frame=rows, columns=columns, shown=DAYS_SHOWN, sheet=TRENDS_SHEET,
            note="The days before and since differ for good, by more than chance explains, unless said otherwise.",
        )
    ]  # fmt: skip


def _odd_days(found: "Trends", report: "CreatorReport") -> list[Block]:
    """The days of both periods that stand out, with what carries them; all days, and all parts, in the sheet."""
    import pandas as pd

    from engagerr_core.analysis.trend_tables import series_title

    rows = found.anomalies.sort_values(["day", "platform"], ascending=[False, True], kind="stable")
    rows = rows.assign(series=[series_title(name) for name in rows["platform"]])
    shown = rows[rows["day"] >= pd.Timestamp(report.overview.compared_start)]
    printed = (
        Column(name="day", title="Day", format="day"),
        Column(name="series", title="Series"),
        Column(name="value", title="Standard views", format="count"),
        Column(name="expected", title="Expected", format="count"),
        Column(name="explanation", title="What carries the difference", below="beside", wide=True),
    )
    more = (
        Column(name="deviation", title="Difference", format="signed count"),
        Column(name="p_value", title="p", format="number"),
        Column(name="q_value", title="q", format="number"),
    )
    blocks: list[Block] = [
        TableBlock(
            name="AllOddDays", title="All days that stand out", frame=rows, columns=(*printed, *more), shown=0,
            sheet=TRENDS_SHEET,
        ),
        _parts(found),
    ]  # fmt: skip
    if shown.empty:
        return [*blocks, Paragraph("No day of this period or the one before stands out from what was to be expected.")]
    table = TableBlock(
        name="OddDays", title="Days that stand out", frame=shown, columns=printed, shown=DAYS_SHOWN,
        note=(
            "At most one in twenty of these is expected to be chance. The parts of a difference add up to it; they say "
            "where it lies, not why."
        ),
    )  # fmt: skip
    return [*blocks, table]


def _parts(found: "Trends") -> TableBlock:
    from engagerr_core.analysis.trend_tables import series_title

    rows = found.contributions.assign(series=[series_title(name) for name in found.contributions["platform"]])
    return TableBlock(
        name="Parts", title="What carries the days that stand out", frame=rows, shown=0, sheet="Parts",
        columns=(
            Column(name="series", title="Series"),
            Column(name="day", title="Day", format="day"),
            Column(name="dimension", title="By"),
            Column(name="rank", title="Rank", format="count"),
            Column(name="label", title="Part"),
            Column(name="value", title="Standard views", format="count"),
            Column(name="expected", title="Expected", format="count"),
            Column(name="deviation", title="Difference", format="signed count"),
            Column(name="share", title="Share", format="change"),
            Column(name="how", title="Expected by"),
        ),
        note="For each series, day and kind of part the differences add up to that of the day.",
    )  # fmt: skip


def _ahead(found: "Trends") -> TableBlock:
    """Every seventh day of the main series in print; all days of all series in the sheet."""
    from engagerr_core.analysis.trend_tables import series_title

    rows = found.forecast.assign(series=[series_title(name) for name in found.forecast["platform"]])
    columns = (
        Column(name="series", title="Series", wide=True),
        Column(name="day", title="Day", format="day"),
        Column(name="mean", title="Expected", format="count", low="lo_80", high="hi_80"),
        Column(name="lo_95", title="95%, lowest", format="count"),
        Column(name="hi_95", title="95%, highest", format="count"),
        Column(name="model", title="Model", printed=False),
    )
    return TableBlock(
        name="Forecast", title="Forecast by day", frame=rows, columns=columns, shown=0,
        chart=SheetChart(kind="line", title="Forecast", x="day", y="mean", y_title="Standard views", series="series"),
    )  # fmt: skip


def _tried(found: "Trends") -> TableBlock:
    """How good such forecasts were, series by series."""
    from engagerr_core.analysis.trend_tables import series_title

    last = found.forecast.groupby("platform").tail(1).set_index("platform")
    rows = found.scores.assign(
        series=[series_title(name) for name in found.scores["platform"]],
        **{
            name: last[name].reindex(found.scores["platform"]).to_numpy()
            for name in ("day", "mean", "lo_80", "hi_80", "model")
        },
    )
    return TableBlock(
        name="Backtest", title="Each series at the end of the forecast, and how good such forecasts were", frame=rows,
        columns=(
            Column(name="series", title="Series", below="model", wide=True),
            Column(name="day", title="Day", format="day"),
            Column(name="mean", title="Forecast", format="count", low="lo_80", high="hi_80"),
            Column(name="mase", title="Error", format="fraction"),
            Column(name="coverage_80", title="Inside 80%", format="fraction"),
            Column(name="coverage_95", title="Inside 95%", format="fraction"),
        ),
        note=(
            "Below a forecast stands its 80% interval. Error is that of such forecasts on earlier days, as a share "
            "of the usual difference between a day and the same one a week before; inside is the share of those days "
            "that lay in the intervals. Forecasts of the platforms do not add up to that of all."
        ),
    )  # fmt: skip
