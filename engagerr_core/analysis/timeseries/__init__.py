"""Trends, seasons, changes, anomalies and forecasts of many series at once; one call for one series or a million."""

from engagerr_core.analysis.timeseries.anomalies import anomalies
from engagerr_core.analysis.timeseries.change_points import change_points
from engagerr_core.analysis.timeseries.decompose import decompose
from engagerr_core.analysis.timeseries.forecast import forecast
from engagerr_core.analysis.timeseries.growth import growth
from engagerr_core.analysis.timeseries.seasonality import seasonality
from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable
from engagerr_core.analysis.timeseries.trend import trend
from engagerr_core.analysis.timeseries.volatility import volatility

__all__ = [
    "SeriesSet", "SeriesTable", "anomalies", "as_series_set", "change_points", "decompose", "forecast", "growth",
    "seasonality", "trend", "volatility",
]  # fmt: skip
