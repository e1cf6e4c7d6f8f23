"""Where does this come from? One figure of the overview, traced to its files and rows."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from engagerr_core.analysis.predicate import QUESTION, Predicate, predicate_of
from engagerr_core.charts.wording import one_line
from engagerr_core.dashboards import markup
from engagerr_core.errors import EngagerrError
from engagerr_core.vocabulary.metrics import metric as metric_named
from engagerr_core.vocabulary.observation import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.lineage import Lineage
    from engagerr_core.analysis.overview import Overview

NOTHING = "Choose a figure"
SHOWN = 10  # rows and files listed; all of them are in ws.explain
OF_PLATFORMS = ("standard_views", "engagement_rate")


class LineagePanel:
    """A dropdown of an overview's figures, and below it where the chosen one comes from. `widget` is the widget.

    Parameters
    ----------
    explain : gives the lineage of a predicate, such as `functools.partial(explain, workspace)`.
    """

    def __init__(self, explain: "Callable[[Predicate], Lineage]") -> None:
        self._explain = explain
        self.figure = widgets.Dropdown(
            description="Where does this come from?",
            tooltip="Trace a figure to the files and rows it was made from",
            style={"description_width": "initial"},
            layout={"width": "max-content", "max_width": "100%"},
        )
        self.told = widgets.HTML()
        self.widget = widgets.VBox([self.figure, self.told])
        self.figure.observe(self._chosen, names=["value"])
        self.offer(None)

    def offer(self, overview: "Overview | None") -> None:
        """Offer the figures of an overview; those of one that does not know its question cannot be traced."""
        chosen = self.figure.label
        options = [(NOTHING, None), *(_figures(overview) if overview is not None else [])]
        self.figure.options = options
        same = next((place for place, (title, _) in enumerate(options) if title == chosen), 0)
        self.figure.index = same
        self.widget.layout.display = "" if len(options) > 1 else "none"

    def _chosen(self, change: Any) -> None:
        if change.new is None:
            self.told.value = ""
            return
        try:
            self.told.value = lineage_page(self._explain(change.new))
        except EngagerrError as problem:
            self.told.value = markup.notice(one_line(problem), "alert")


def _figures(overview: "Overview") -> list[tuple[str, Predicate]]:
    """Titles and predicates of the key figures, and of each platform's views and engagement rate."""
    found: list[tuple[str, Predicate]] = []
    if QUESTION in overview.cards.attrs:
        found += [(one_line(row["title"]), predicate_of(row)) for _, row in overview.cards.iterrows()]
    if QUESTION in overview.platforms.attrs:
        for _, row in overview.platforms.iterrows():
            for name in OF_PLATFORMS:
                title = f"{one_line(row['title'])}: {metric_named(name).title.lower()}"
                found.append((title, predicate_of(row, name)))
    return found


def lineage_page(lineage: "Lineage") -> str:
    """A lineage as HTML: the sentence, the steps, files, the first rows, and the text to ask for it again."""
    steps = "".join(f"<li>{escape(one_line(step))}</li>" for step in lineage.steps)
    files = lineage.files[["path", "rows_entered", "rows_read", "ingested_at"]]
    shown = ["path", "row", "content", "period_start", "period_end", "observed_at", *lineage.counts]
    rows = lineage.rows[shown]
    return markup.block(
        f'<div role="status"><p><b>{escape(one_line(lineage))}</b></p><ol>{steps}</ol></div>'
        + _table("Files", files.rename(columns={"path": "file"}))
        + _table("Rows", rows.rename(columns={"path": "file", "row": "line"}))
        + f'<p class="small">To see all of it: ws.explain("{escape(str(lineage.predicate))}")</p>'
    )


def _table(title: str, frame: "pd.DataFrame") -> str:
    if frame.empty:
        return ""
    frame = frame.loc[:, [name for name in frame if not frame[name].isna().all() and not (frame[name] == "").all()]]
    heads = "".join(f'<th scope="col"{_right(frame[name])}>{escape(_title(str(name)))}</th>' for name in frame)
    body = "".join(
        "<tr>" + "".join(f"<td{_right(frame[name])}>{escape(_said(row[name]))}</td>" for name in frame) + "</tr>"
        for row in frame.head(SHOWN).to_dict("records")
    )
    more = f'<p class="small">{len(frame) - SHOWN:,} more.</p>' if len(frame) > SHOWN else ""
    table = f'<table aria-label="{title}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    return f"<h3>{title}</h3>{table}{more}"


def _title(name: str) -> str:
    return metric_named(name).title if name in METRICS else name.replace("_", " ").capitalize()


def _right(column: "pd.Series") -> str:
    return ' class="number"' if column.dtype.kind in "if" else ""


def _said(value: Any) -> str:
    """A cell: days without a time, numbers with all their digits, a file without the folders of this machine."""
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "–"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    return one_line("/".join(str(value).replace("\\", "/").split("/")[-2:]))
