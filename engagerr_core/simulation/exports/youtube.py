"""YouTube Studio: a zip of Table data, Chart data and Totals for each dimension."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row, archive, delimited
from engagerr_core.simulation.flows import TRAFFIC_SOURCES, AccountFlows
from engagerr_core.simulation.plans import AGE_BANDS
from engagerr_core.simulation.reporting import lifetime_reach, reported
from engagerr_core.simulation.world import World

TABLE_CAP = 500  # rows of a content table; the rest is only in the Total
CHART_CAP = 120  # contents in a content chart, new ones only: a choice that keeps the sample small
CONTENT_COLUMNS = (
    "Content",
    "Video title",
    "Video publish time",
    "Duration",
    "Views",
    "Watch time (hours)",
    "Subscribers",
    "Average view duration",
    "Impressions",
    "Impressions click-through rate (%)",
    "Likes",
    "Comments added",
    "Shares",
    "Engaged views",
    "Unique viewers",
    "Estimated revenue (USD)",
)
DATE_COLUMNS = (
    "Date",
    "Views",
    "Watch time (hours)",
    "Subscribers",
    "Subscribers gained",
    "Subscribers lost",
    "Average view duration",
    "Impressions",
    "Impressions click-through rate (%)",
    "Likes",
    "Comments added",
    "Shares",
    "Engaged views",
    "Unique viewers",
    "Estimated revenue (USD)",
)
# impressions are counted for thumbnails only: these sources have none
WITHOUT_IMPRESSIONS = ("Shorts feed", "External", "Direct or unknown", "Notifications")


def youtube_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """All zips of one channel; the first creator exported a month earlier as well."""
    export = Channel(world, flows, world.exported_on, world.end)
    files = [export.by_content(), export.by_date(), export.by_geography(), export.by_traffic_source()]
    profile = world.profile(flows.account.creator)
    if profile.vertical in ("podcast", "science"):
        files += [
            export.by_share("Viewer age", [f"{band.replace('-', '–')} years" for band in AGE_BANDS], profile.ages),
            export.by_share(
                "Viewer gender", ["Female", "Male", "User-specified"], (profile.women, 1 - profile.women - 0.006, 0.006)
            ),
        ]
    if profile.vertical == "podcast" and world.days > 60:
        earlier_end = world.end - timedelta(days=30)
        earlier = Channel(world, flows, earlier_end + timedelta(days=1), earlier_end)
        files = [earlier.by_date(), *files]
    return files


class Channel:
    """What Studio shows of one channel on one day for one period."""

    def __init__(self, world: World, flows: AccountFlows, exported_on: date, end: date):
        self.world, self.flows, self.exported_on, self.end = world, flows, exported_on, end
        self.profile = world.profile(flows.account.creator)
        self.days = (end - world.start).days + 1
        self.dates = [world.start + timedelta(days=d) for d in range(self.days)]
        self.daily = {metric: self._said(counts) for metric, counts in flows.daily.items()}
        self.total = {metric: self._said(flows.total(metric)) for metric in flows.daily}

    def _said(self, counts: np.ndarray) -> np.ndarray:
        return reported(counts, "youtube", self.world.start, self.exported_on)[..., : self.days]

    def packed(
        self, dimension: str, table: list[Row], chart: list[Row], metric: str = "Views", warts: str = ""
    ) -> ExportFile:
        """A zip of a table, its chart and the totals."""
        totals: list[Row] = [("Date", metric), *zip(self.dates, self.total["views"], strict=True)]
        names = ("Table data.csv", "Chart data.csv", "Totals.csv")
        if self.profile.language == "es":
            names, warts = ("Datos de la tabla.csv", "Datos del gráfico.csv", "Totales.csv"), f"{warts} localised-names"
            dimension = {
                "Content": "Contenido",
                "Date": "Fecha",
                "Geography": "Ubicación geográfica",
                "Traffic source": "Fuente de tráfico",
            }.get(dimension, dimension)
        parts = zip(names, (table, chart, totals), strict=True)
        members = {name: delimited(rows).encode() for name, rows in parts if len(rows) > 1}
        title = self.flows.account.title
        return ExportFile(
            creator=self.flows.account.creator,
            platform="youtube",
            kind=f"youtube {table[0][0]}",
            name=f"{dimension} {self.world.start}_{self.end} {title}.zip",
            data=archive(members, self.exported_on),
            exported_on=self.exported_on,
            period_start=self.world.start,
            period_end=self.end,
            rows=len(table) - 1,
            warts=warts.strip(),
        )

    def by_content(self) -> ExportFile:
        """Period totals by video: a Total, at most 500 rows, deleted videos left out."""
        contents, sums = self.flows.contents, {m: counts.sum(axis=1) for m, counts in self.daily.items()}
        reach = lifetime_reach(self.flows, self.world.start, self.exported_on)
        order = np.argsort(-sums["views"], kind="stable")[:TABLE_CAP]
        table: list[Row] = [CONTENT_COLUMNS]
        warts = "cap-500" if len(contents) > TABLE_CAP else ""
        if self.profile.vertical == "gaming":
            table, warts = [("Video", *CONTENT_COLUMNS[1:])], f"{warts} no-total-row older-first-column"
        else:
            grand = {m: int(counts.sum()) for m, counts in self.total.items()}
            grand["followers_gained"] -= int(self._said(self.flows.followers_lost).sum())
            unique = self.world.audiences[self.flows.account.creator].sizes["youtube"]
            table.append(("Total", "", "", "", *self._metrics(grand, unique)))
        for i in order:
            content = contents[i]
            row = {m: int(values[i]) for m, values in sums.items()}
            published = content.published.astimezone(ZoneInfo(self.flows.account.day_zone))
            unique = min(int(reach[i]), row["views"])
            table.append(
                (
                    content.id,
                    content.title,
                    f"{published:%b} {published.day}, {published.year}",
                    content.duration,
                    *self._metrics(row, unique, short=content.format == "short"),
                )
            )
        chart: list[Row] = [("Date", "Content", "Video title", "Video publish time", "Duration", "Views")]
        new = [
            (line, i)
            for line, i in zip(table[len(table) - len(order) :], order, strict=True)
            if not contents[i].catalogue
        ]
        for line, i in new[:CHART_CAP]:
            chart += [(day, *line[:4], views) for day, views in zip(self.dates, self.daily["views"][i], strict=True)]
        return self.packed("Content", table, chart, warts=warts)

    def _metrics(self, row: dict[str, int], unique: int, short: bool = False) -> Row:
        return (
            row["views"],
            hours(row["watch_seconds"]),
            row["followers_gained"],
            clock(row["watch_seconds"], row["views"]),
            None if short else row["impressions"],
            None if short else _percent(row["impression_clicks"], row["impressions"]),
            row["likes"],
            row["comments"],
            row["shares"],
            row["engaged_views"],
            unique,
            f"{row['revenue_cents'] / 100:.2f}",
        )

    def by_date(self) -> ExportFile:
        """The channel day by day: the account's own flows."""
        lost = self._said(self.flows.followers_lost)
        reach = self._said(self.flows.reach)
        table: list[Row] = [DATE_COLUMNS]

        def line(first: object, row: dict[str, int], off: int, unique: int | None) -> Row:
            return (
                first,
                row["views"],
                hours(row["watch_seconds"]),
                row["followers_gained"] - off,
                row["followers_gained"],
                off,
                clock(row["watch_seconds"], row["views"]),
                row["impressions"],
                _percent(row["impression_clicks"], row["impressions"]),
                row["likes"],
                row["comments"],
                row["shares"],
                row["engaged_views"],
                unique,
                f"{row['revenue_cents'] / 100:.2f}",
            )

        unique: int | None = self.world.audiences[self.flows.account.creator].sizes["youtube"]
        warts = "provisional-days"
        if self.end != self.world.end:
            unique, warts = None, "provisional-days earlier-export"
        table.append(line("Total", {m: int(c.sum()) for m, c in self.total.items()}, int(lost.sum()), unique))
        for d, day in enumerate(self.dates):
            row = {m: int(c[d]) for m, c in self.total.items()}
            table.append(line(day, row, int(lost[d]), int(reach[d])))
        chart: list[Row] = [("Date", "Views"), *zip(self.dates, self.total["views"], strict=True)]
        return self.packed("Date", table, chart, warts=warts)

    def by_geography(self) -> ExportFile:
        """Views by country, of which the smallest are not listed."""
        codes = [code for code, _ in self.profile.countries]
        return self._split("Geography", codes, self._said(self.flows.countries.T)[: len(codes)])

    def by_traffic_source(self) -> ExportFile:
        """Views by where they came from."""
        return self._split(
            "Traffic source", [name for name, _ in TRAFFIC_SOURCES], self._said(self.flows.traffic_sources.T)
        )

    def _split(self, dimension: str, names: list[str], counts: np.ndarray) -> ExportFile:
        sources = dimension == "Traffic source"
        header = (dimension, "Views", "Watch time (hours)", "Average view duration")
        views, seconds = int(self.total["views"].sum()), int(self.total["watch_seconds"].sum())
        table: list[Row] = [(*header, "Impressions", "Impressions click-through rate (%)") if sources else header]
        total: Row = ("Total", views, hours(seconds), clock(seconds, views))
        shown, clicked = int(self.total["impressions"].sum()), int(self.total["impression_clicks"].sum())
        table.append((*total, shown, _percent(clicked, shown)) if sources else total)
        order = np.argsort(-counts.sum(axis=1), kind="stable")
        sums = counts.sum(axis=1)
        # people stay longer here than there, and click more readily
        longer = sums * (1 + 0.3 * np.sin(2.3 * np.arange(len(names))))
        thumbnails = np.array([name not in WITHOUT_IMPRESSIONS for name in names])
        shows = sums * thumbnails * (1 + 0.4 * np.cos(1.7 * np.arange(len(names))))
        for i in order:
            count = int(sums[i])
            part = int(seconds * sums.sum() / max(1, views) * longer[i] / max(1.0, longer.sum()))
            row: Row = (names[i], count, hours(part), clock(part, count))
            if sources:
                mine = int(shown * shows[i] / max(1.0, shows.sum()))
                clicks = int(clicked * sums[i] * thumbnails[i] / max(1, (sums * thumbnails).sum()))
                row = (*row, mine or None, _percent(clicks, mine))
            table.append(row)
        chart: list[Row] = [("Date", dimension, "Views")]
        for i in order:
            chart += [(day, names[i], n) for day, n in zip(self.dates, counts[i], strict=True)]
        return self.packed(dimension, table, chart)

    def by_share(self, dimension: str, names: list[str], shares: tuple[float, ...]) -> ExportFile:
        """A demographic table: percentages only, and no chart."""
        table: list[Row] = [(dimension, "Views (%)", "Average percentage viewed (%)", "Watch time (hours) (%)")]
        for position, (name, share) in enumerate(zip(names, shares, strict=True)):
            table.append((name, f"{100 * share:.2f}", f"{36 + 2.5 * position:.2f}", f"{100 * share:.2f}"))
        return self.packed(dimension, table, [])


def hours(seconds: int) -> str:
    """Seconds as hours, without superfluous zeros."""
    return f"{seconds / 3600:.4f}".rstrip("0").rstrip(".")


def clock(seconds: int, views: int) -> str | None:
    """H:MM:SS of an average; unknown where there were no views."""
    if not views:
        return None
    mean = round(seconds / views)
    return f"{mean // 3600}:{mean // 60 % 60:02d}:{mean % 60:02d}"


def _percent(part: int, whole: int) -> str | None:
    return f"{100 * part / whole:.2f}".rstrip("0").rstrip(".") if whole else None
