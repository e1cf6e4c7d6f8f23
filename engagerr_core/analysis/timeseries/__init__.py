"""Trends, seasons, changes, anomalies and forecasts of many series at once; one call for one series or a million."""

from engagerr_core.analysis.timeseries.series_set import SeriesSet, as_series_set
from engagerr_core.analysis.timeseries.tables import SeriesTable

__all__ = ["SeriesSet", "SeriesTable", "as_series_set"]
