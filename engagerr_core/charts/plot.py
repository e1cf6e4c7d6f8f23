"""`plot(result)`: the picture that belongs to a result, by its type."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engagerr_core.analysis.audience import ReachEstimate
from engagerr_core.analysis.overview import Overview
from engagerr_core.analysis.quality.report import QualityReport
from engagerr_core.analysis.trends import Trends
from engagerr_core.charts.change import change_figure
from engagerr_core.charts.content import content_figure
from engagerr_core.charts.figure import Figure
from engagerr_core.charts.freshness import freshness_figure
from engagerr_core.charts.platforms import platforms_figure
from engagerr_core.charts.reach import reach_figure
from engagerr_core.charts.timeline import COLUMNS, frame_figure, timeline_figure, trend_figure
from engagerr_core.charts.trends import decomposition_picture, forecast_picture, season_picture, trend_picture
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

OVERVIEW_CHARTS: dict[str, Callable[..., Figure]] = {
    "timeline": timeline_figure,
    "trend": trend_figure,
    "platforms": platforms_figure,
    "change": change_figure,
    "content": content_figure,
    "reach": lambda overview: reach_figure(overview.reach),
}
TRENDS_CHARTS: dict[str, Callable[..., Figure]] = {
    "trend": trend_picture,
    "forecast": forecast_picture,
    "season": season_picture,
    "decomposition": decomposition_picture,
}


def plot(
    result: "Overview | Trends | ReachEstimate | QualityReport | pd.DataFrame", chart: str | None = None
) -> Figure:
    """Draw a result.

    Parameters
    ----------
    result : an `Overview`, `Trends`, a `ReachEstimate`, a `QualityReport`, or a frame of ``platform, day, metric,
        value`` with one metric.
    chart : of an overview: ``timeline`` (the default), ``trend``, ``platforms``, ``change``, ``content`` or ``reach``;
        of trends: ``trend`` (the default), ``forecast``, ``season`` or ``decomposition``. The other results have one
        picture, and naming one is an error.

    Raises
    ------
    InvalidArgument
        For a result of another type, or a picture that this result does not have; the message names the known ones.
    """
    if isinstance(result, Overview | Trends):
        what, charts = (
            ("An overview has", OVERVIEW_CHARTS) if isinstance(result, Overview) else ("Trends have", TRENDS_CHARTS)
        )
        if chart is not None and chart not in charts:
            raise InvalidArgument(f"{what} no picture {chart!r}. Known are {', '.join(charts)}.")
        return charts[chart or next(iter(charts))](result)
    drawn = _only_picture(result)
    if drawn is None:
        raise InvalidArgument(
            f"There is no picture of a {type(result).__name__}. "
            "Known are Overview, Trends, ReachEstimate, QualityReport and a frame with the columns "
            f"{', '.join(COLUMNS)}."
        )
    if chart is not None:
        raise InvalidArgument(f"A {type(result).__name__} has one picture; leave out chart={chart!r}.")
    return drawn


def _only_picture(result: Any) -> Figure | None:
    if isinstance(result, ReachEstimate):
        return reach_figure(result)
    if isinstance(result, QualityReport):
        return freshness_figure(result)
    if set(COLUMNS) <= set(getattr(result, "columns", ())):
        return frame_figure(result)
    return None
