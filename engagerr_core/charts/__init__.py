"""Pictures of results: `plot(result)` by type, or one function a picture. Nothing here computes a metric."""

from engagerr_core.charts.figure import Figure
from engagerr_core.charts.plot import plot

__all__ = ["Figure", "plot"]
