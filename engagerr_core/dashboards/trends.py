"""The trends dashboard: where a creator's days go, which stand out and what carries them, what is to be expected."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as widgets
import traitlets as tl

from engagerr_core.analysis.trend_tables import series_title
from engagerr_core.charts.plot import TRENDS_CHARTS
from engagerr_core.charts.wording import count, day, one_line
from engagerr_core.dashboards import markup
from engagerr_core.dashboards.download import download_link
from engagerr_core.errors import EngagerrError
from engagerr_core.vocabulary.metrics import metric as metric_named
from engagerr_core.vocabulary.metrics import standard

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.trends import Trends
    from engagerr_core.charts.figure import Figure

HORIZONS = (7, 14, 28, 56, 91)
PICTURES = {"trend": "Days and trend", "forecast": "Forecast", "season": "Weekdays", "decomposition": "Parts"}
DAYS_SHOWN = 10


class TrendsSource(Protocol):
    """What the dashboard asks for; a `Workspace` is one."""

    def creators(self) -> "pd.DataFrame":
        """The creators, by name, in a column ``creator``."""

    def trends(self, creator: str, metric: str = "standard_views", *, horizon: int = 28) -> "Trends":
        """The trends of one creator."""


class TrendsState(tl.HasTraits):
    """What the reader has chosen; an empty `series` is all platforms together."""

    creator = tl.Unicode("")
    metric = tl.Enum(standard(), default_value=standard()[0])
    series = tl.Unicode("")
    horizon = tl.Enum(HORIZONS, default_value=28)
    picture = tl.Enum(tuple(PICTURES), default_value="trend")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendsView:
    """What is shown: sentences, a picture, and the latest days that stand out (day, value, expected, explanation)."""

    sentences: tuple[str, ...]
    figure: "Figure"
    days: "pd.DataFrame"


def trends_view(trends: "Trends", series: str, picture: str) -> TrendsView:
    """The view of one series; pure."""
    one = trends.of(series) if series in trends.platforms else trends
    rows = one.anomalies.sort_values("day", ascending=False, kind="stable").head(DAYS_SHOWN)
    told = rows.assign(
        day=[day(d) for d in rows["day"]],
        value=[count(v) for v in rows["value"]],
        expected=[count(v) for v in rows["expected"]],
        explanation=[one_line(text) for text in rows["explanation"]],
    )
    return TrendsView(
        sentences=tuple(one_line(sentence) for sentence in one.sentences), figure=TRENDS_CHARTS[picture](one),
        days=told[["day", "value", "expected", "explanation"]].reset_index(drop=True),
    )  # fmt: skip


class TrendsDashboard:
    """Trends of a creator. Show it by ending a cell with it; `widget` is the widget itself.

    Parameters
    ----------
    source : a workspace, or anything with its `creators` and `trends`.
    creator : whose; None = the first by name.

    Controls: `creator`, `metric`, `series` (a platform, or all), `horizon` (days to forecast) and `picture`. `state`
    holds what they say. Errors of the package are shown where the figures would be, with what to do.
    """

    def __init__(self, source: TrendsSource, creator: str | None = None) -> None:
        self._source, self.state = source, TrendsState()
        self._asked: tuple[str, str, int] | None = None
        self._trends: Trends | None = None
        self._make_widgets()
        names = [str(name) for name in source.creators()["creator"]]
        if not names:
            self._show_problem(
                "There is no creator in this workspace yet. Read a folder of exported files first: "
                "ws.ingest(['exports/'], creator='Ada'), then run this cell again."
            )
            return
        self.state.creator = names[0] if creator is None else creator
        self.creator.options = [(one_line(name, 60), name) for name in dict.fromkeys([*names, self.state.creator])]
        for name in ("creator", "metric", "series", "horizon", "picture"):
            tl.link((self.state, name), (getattr(self, name), "value"))
        self.state.observe(self._refresh)
        self._refresh()

    def _make_widgets(self) -> None:
        def dropdown(label: str, tooltip: str, options: Any) -> widgets.Dropdown:
            style = {"description_width": "initial"}
            return widgets.Dropdown(description=label, tooltip=tooltip, options=options, style=style)

        measures = [(metric_named(name).title, name) for name in standard()]
        self.creator = dropdown("Creator", "Whose days", [])
        self.metric = dropdown("Measure", "What is counted", measures)
        self.series = dropdown("Series", "A platform, or all together", [(series_title(""), "")])
        self.horizon = dropdown("Forecast", "How many days ahead", [(f"{n} days", n) for n in HORIZONS])
        self.picture = dropdown("Picture", "What is drawn", [(title, name) for name, title in PICTURES.items()])
        self.horizon.value = self.state.horizon
        self.sentences, self.drawing, self.days, self.downloads = (widgets.HTML() for _ in range(4))
        controls = [self.creator, self.metric, self.series, self.horizon, self.picture]
        top = widgets.HBox(controls, layout={"flex_flow": "row wrap"})
        shown = [widgets.HTML(markup.STYLE), top, self.drawing, self.sentences, self.days, self.downloads]
        self.widget = widgets.VBox(shown)

    def _refresh(self, _change: Any = None) -> None:
        """Ask again only where creator, measure or horizon moved; then show the chosen series."""
        asked = (self.state.creator, self.state.metric, self.state.horizon)
        if asked != self._asked:
            self._asked = asked
            try:
                self._trends = self._source.trends(asked[0], asked[1], horizon=asked[2])
            except EngagerrError as problem:
                self._trends = None
                self._show_problem(str(problem))
                return
            names = self._trends.platforms or ("",)
            kept = self.state.series if self.state.series in names else self._trends.main
            with self.state.hold_trait_notifications():
                self.series.options = [(series_title(name), name) for name in names]
                self.state.series = kept
        if self._trends is not None:
            self._show(self._trends, trends_view(self._trends, self.state.series, self.state.picture))

    def _show(self, trends: "Trends", view: TrendsView) -> None:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in view.sentences)
        self.sentences.value = markup.block(f'<ol class="sentences" role="status">{said}</ol>')
        self.drawing.value = markup.block(view.figure.to_html_fragment())
        self.days.value = markup.block(_table(view.days)) if len(view.days) else ""
        whose = (trends.creator, self.state.series or "all")
        links = (
            download_link(view.figure.data, "Picture’s data (CSV)", self.state.picture, *whose),
            download_link(trends.anomalies, "Days that stand out (CSV)", "days", *whose),
            download_link(trends.contributions, "What carries them (CSV)", "parts", *whose),
        )
        self.downloads.value = markup.block("<h3>Download what is shown</h3>" + "".join(links))

    def _show_problem(self, text: str) -> None:
        self.sentences.value = markup.notice(one_line(text), "alert")
        self.drawing.value = self.days.value = self.downloads.value = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.widget._repr_mimebundle_(include=include, exclude=exclude)


def _table(days: "pd.DataFrame") -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(row["day"])}</th><td class="number">{escape(row["value"])}</td>'
        f'<td class="number">{escape(row["expected"])}</td><td>{escape(row["explanation"])}</td></tr>'
        for row in days.to_dict("records")
    )
    head = '<th>Day</th><th class="number">Figure</th><th class="number">Expected</th><th>What carries it</th>'
    return f"<table><caption>Days that stand out</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
