"""The overview dashboard: how many people, more or less than before, what carried it, what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, cast

import ipywidgets as widgets

from engagerr_core.charts.theme import in_order
from engagerr_core.charts.timeline import timeline_figure
from engagerr_core.charts.wording import one_line, period, platform_title
from engagerr_core.dashboards import markup
from engagerr_core.dashboards.download import download_link
from engagerr_core.dashboards.lineage_panel import LineagePanel
from engagerr_core.dashboards.live_chart import LiveChart, brushed_days
from engagerr_core.dashboards.state import CUSTOM, METRICS, PRESETS, SORTS, OverviewState, preset_period
from engagerr_core.dashboards.view import OverviewView, overview_view, sorted_posts
from engagerr_core.errors import EngagerrError
from engagerr_core.vocabulary.metrics import metric as metric_named

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.lineage import Lineage
    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.predicate import Predicate
    from engagerr_core.charts.figure import Figure
    from engagerr_core.workspace import Workspace


class OverviewSource(Protocol):
    """What the dashboard asks for; a `Workspace` is one."""

    def creators(self) -> "pd.DataFrame":
        """The creators, by name, in a column ``creator``."""

    def overview(
        self,
        creator: str,
        start: date | None = None,
        end: date | None = None,
        platforms: list[str] | None = None,
        as_of: date | None = None,
    ) -> "Overview":
        """The overview of one creator; without days the latest period, without platforms all of them.

        With `as_of` as known at the end of that day.
        """


def _labelled(kind: type, label: str, tooltip: str, **more: Any) -> Any:
    """A control with its label beside it, whole."""
    return kind(description=label, tooltip=tooltip, style={"description_width": "initial"}, **more)


def _button(label: str, tooltip: str, pressed: bool) -> widgets.ToggleButton:
    """A button that stays pressed, as wide as its label."""
    return widgets.ToggleButton(
        value=pressed, description=label, tooltip=tooltip, layout={"width": "max-content", "align_self": "flex-start"}
    )


class OverviewDashboard:
    """The first screen of a creator. Show it by ending a cell with it; `widget` is the widget itself.

    Parameters
    ----------
    source : a workspace, or anything with its `creators` and `overview`.
    creator : whose; None = the first by name.

    Controls: `creator`, `preset`, `start`, `end`, `as_of` (as known on a day; empty = now), `platforms` (one button a
    platform), `metric`, `sort`, `provenance`, and a brush on the picture, whose twins are the two days. `state` holds
    what they say. Errors of the package are shown where the figures would be, with what to do; the controls stay.
    `lineage` traces a figure of a workspace's overview to its files and rows.
    """

    def __init__(self, source: OverviewSource, creator: str | None = None) -> None:
        self._source, self.state = source, OverviewState()
        self._first: date | None = None
        self._last: date | None = None
        self._every: list[str] = []
        self._overview: Overview | None = None  # of the period
        self._drawn: Overview | None = None  # of the picture
        self._view: OverviewView | None = None
        self._figure: Figure | None = None
        self._quiet = False
        self._make_widgets()
        self._bind()
        self._start(creator)

    def _make_widgets(self) -> None:
        self.creator = _labelled(widgets.Dropdown, "Creator", "Whose figures")
        self.preset = _labelled(widgets.Dropdown, "Period", "Length of the period", options=PRESETS)
        self.start = _labelled(widgets.DatePicker, "From", "First day of the period")
        self.end = _labelled(widgets.DatePicker, "To", "Last day of the period")
        self.as_of = _labelled(widgets.DatePicker, "As known on", "What was known at the end of a day; empty: now")
        measures = [(metric_named(name).title, name) for name in METRICS]
        self.metric = _labelled(widgets.Dropdown, "Measure", "What the picture shows", options=measures)
        self.sort = _labelled(widgets.Dropdown, "Sort by", "Order of the top content", options=SORTS)
        self.provenance = _button("Where figures come from", "Show basis, origin, definition and coefficients", False)
        self.platforms: dict[str, widgets.ToggleButton] = {}
        self.message, self.opening, self.cards = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.note, self.posts, self.findings, self.downloads = (widgets.HTML() for _ in range(4))
        self.chart = LiveChart(self._brushed)
        self.lineage = LineagePanel(self._explain)
        self._buttons = widgets.HBox(layout={"flex_flow": "row wrap"})
        shown = [self.opening, self.cards, self.provenance, self.lineage.widget, self.chart.widget, self.note]
        self._results = widgets.VBox([*shown, self.sort, self.posts, self.findings, self.downloads])
        controls = [self.creator, self.preset, self.start, self.end, self.as_of, self.metric]
        top = widgets.HBox(controls, layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([widgets.HTML(markup.STYLE), top, self._buttons, self.message, self._results])

    def _bind(self) -> None:
        for name in ("creator", "preset", "metric", "sort"):
            getattr(self, name).observe(self._chosen, names=["value"])
        self.start.observe(self._days_chosen, names=["value"])
        self.end.observe(self._days_chosen, names=["value"])
        self.as_of.observe(self._known_chosen, names=["value"])
        self.provenance.observe(self._show_cards, names=["value"])

    def _start(self, creator: str | None) -> None:
        names = [str(name) for name in self._source.creators()["creator"]]
        if not names:
            self._show_problem(
                "There is no creator in this workspace yet. Read a folder of exported files first: "
                "ws.ingest(['exports/'], creator='Ada'), then run this cell again.", "status"
            )  # fmt: skip
            return
        with self._silence():
            self.creator.options = [(one_line(name, 60), name) for name in names]
            self.creator.value = None
        if creator is not None and creator not in names:
            known = ", ".join(one_line(name, 60) for name in names[:10])
            self._show_problem(
                f"There is no creator {creator!r} in this workspace. Choose one above: {known}.", "alert"
            )
            return
        self.creator.value = names[0] if creator is None else creator

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Set controls without answering to them."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def _chosen(self, change: Any) -> None:
        """A dropdown moved."""
        if self._quiet or change.new is None:
            return
        name = next(n for n in ("creator", "preset", "metric", "sort") if getattr(self, n) is change.owner)
        self.state.set_trait(name, change.new)
        if name == "creator":
            self._open_creator()
        elif name == "preset" and change.new != CUSTOM and self._first is not None and self._last is not None:
            self._set_period(*preset_period(change.new, self._first, self._last))
        elif self._overview is not None:
            if name == "metric":
                self._show_picture()  # it has no brush: `_brushed` hears of that, and the figures are for all its days
            self._show(self._overview, redraw=False)

    def _known_chosen(self, change: Any) -> None:
        """As known on another day: the period begins anew, since less or more of it was known then."""
        self.state.as_of = change.new
        if self.state.creator:
            self._open_creator()

    def _open_creator(self) -> None:
        """Another creator: the latest period, all platforms."""
        self.state.platforms = ()
        self._first = self._last = None
        self._every = []
        latest = self._ask(None, None)
        if latest is None:
            return
        known = latest.platforms["first_day"].dropna()
        self._first = min(known.min().date() if len(known) else latest.start, latest.start)
        self._last = latest.end
        self._every = in_order(latest.platforms["platform"])
        self.state.platforms = tuple(self._every)
        self._make_buttons()
        length = (latest.end - latest.start).days + 1
        with self._silence():
            self.preset.value = "Last 28 days" if length == 28 else CUSTOM
        self.state.preset = self.preset.value
        self._take_period(latest.start, latest.end)
        self._show(latest, redraw=True)

    def _make_buttons(self) -> None:
        titles = {name: platform_title(name) for name in self._every}
        self.platforms = {name: _button(title, f"Count {title}", True) for name, title in titles.items()}
        for button in self.platforms.values():
            button.observe(self._platforms_chosen, names=["value"])
        self._buttons.children = list(self.platforms.values())

    def _platforms_chosen(self, _change: Any) -> None:
        if self._quiet:
            return
        self.state.platforms = tuple(name for name, button in self.platforms.items() if button.value)
        if self.state.start is not None and self.state.end is not None:
            self._set_period(self.state.start, self.state.end)  # marked days become the drawn ones

    def _days_chosen(self, _change: Any) -> None:
        if not self._quiet and self.start.value is not None and self.end.value is not None:
            self.show_period(self.start.value, self.end.value)

    def show_period(self, start: date, end: date) -> None:
        """Show the figures of these days, both included; the same as setting the two days."""
        with self._silence():
            self.preset.value = CUSTOM
        self.state.preset = CUSTOM
        self._set_period(start, end)

    def _set_period(self, start: date, end: date) -> None:
        """Another period: figures and picture."""
        if start > end:
            self._show_problem(
                f"The first day, {start}, lies after the last, {end}. Choose an earlier first day.", "alert"
            )
            return
        self._take_period(start, end)
        self._refresh(redraw=True)

    def _take_period(self, start: date, end: date, drawn: bool = True) -> None:
        with self.state.hold_trait_notifications():
            self.state.start, self.state.end = start, end
            if drawn:
                self.state.drawn = (start, end)
        with self._silence():
            self.start.value, self.end.value = start, end

    def _refresh(self, redraw: bool) -> None:
        if not self.state.platforms and self._every:
            self._show_problem("No platform is chosen. Press at least one of the buttons above.", "status")
            return
        overview = self._ask(self.state.start, self.state.end)
        if overview is not None:
            self._show(overview, redraw)

    def _ask(self, start: date | None, end: date | None) -> "Overview | None":
        chosen = list(self.state.platforms)
        some = chosen if chosen and chosen != self._every else None
        known = self.state.as_of
        try:
            return self._source.overview(self.state.creator, start=start, end=end, platforms=some, as_of=known)
        except EngagerrError as problem:
            self._show_problem(str(problem), "alert")
            return None

    def _show_problem(self, text: str, role: str) -> None:
        self.message.value = markup.notice(one_line(text), role)
        self._results.layout.display = "none"

    def _show(self, overview: "Overview", redraw: bool) -> None:
        self._overview, self._view = overview, overview_view(overview, self.state.sort)
        self.message.value, self._results.layout.display = "", ""
        self.opening.value, self.findings.value = markup.opening(self._view), markup.findings(self._view)
        self.posts.value = markup.posts(self._view)
        self._show_cards()
        self.lineage.offer(overview)
        if redraw:
            self._drawn = overview
            self._show_picture()
        self._show_note()
        self._show_downloads()

    def _show_cards(self, _change: Any = None) -> None:
        if self._view is not None:
            self.cards.value = markup.cards(self._view, self.provenance.value)

    def _explain(self, figure: "Predicate") -> "Lineage":
        from engagerr_core.explain import explain

        return explain(cast("Workspace", self._source), figure)

    def _show_picture(self) -> None:
        """The trend of the drawn period."""
        if self._drawn is not None:
            self._figure = timeline_figure(self._drawn, self.state.metric, among=self._every, hover=True)
            self.chart.draw(self._figure)

    def _show_note(self) -> None:
        if self._figure is None:
            return
        marked = (self.state.start, self.state.end) != self.state.drawn and self.state.start and self.state.end
        hint = (
            f"Marked: {period(self.state.start, self.state.end)}. "
            if marked
            else "Drag over the picture to mark days. "
        )
        self.note.value = markup.note(hint + self._figure.note)

    def _brushed(self, value: dict[str, Any]) -> None:
        if self.state.drawn:
            self._mark(*brushed_days(value, *self.state.drawn))

    def _mark(self, start: date, end: date) -> None:
        """Days were marked in the picture: the figures follow, the picture stays under the pointer."""
        if (start, end) == (self.state.start, self.state.end):
            return
        self._take_period(start, end, drawn=False)
        self._refresh(redraw=False)

    def _show_downloads(self) -> None:
        if self._overview is None or self._figure is None:
            return
        whose = (self._overview.creator, str(self._overview.start), str(self._overview.end))
        links = (
            download_link(self._overview.cards, "Key figures (CSV)", "key-figures", *whose),
            download_link(self._figure.data, "Picture’s data (CSV)", "trend", *whose),
            download_link(sorted_posts(self._overview.contents, self.state.sort), "Posts (CSV)", "posts", *whose),
        )
        self.downloads.value = markup.block("<h3>Download what is shown</h3>" + "".join(links))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.widget._repr_mimebundle_(include=include, exclude=exclude)
