"""The trend of one series by exact maximum likelihood of statsmodels: a line, seasonal levels and AR(1) noise.

statsmodels is imported inside, since it takes more than a second. `trend` comes here with `engine="statsmodels"`.
"""

import warnings
from typing import NamedTuple

import numpy as np

from engagerr_core.analysis.timeseries.exploration import FEWEST_KNOWN


class FittedLine(NamedTuple):
    """What `likelihood_line` returns; all NaN where nothing could be fitted."""

    slope: float
    error: float
    """Standard error, as if the autocorrelation were known."""
    freedom: float
    effective: float


def likelihood_line(values: np.ndarray, season: int) -> FittedLine:
    """Slope per step of a series, as SARIMAX(1,0,0) with a line and seasonal levels finds it; NaN are gaps.

    The season is left out where the known values do not span two of it or are fewer. The autocorrelation is neither
    corrected for its bias nor kept from being negative, so that short series are judged too surely: the compiled engine
    does both. Degrees of freedom and effective sample are as there. With fewer than `FEWEST_KNOWN` known values, or
    without noise around their mean, all is NaN.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    nothing = FittedLine(np.nan, np.nan, np.nan, np.nan)
    places = np.flatnonzero(~np.isnan(values))
    if places.size < FEWEST_KNOWN:
        return nothing
    turns = season if min(places[-1] - places[0] + 1, places.size) >= 2 * season else 1
    scale = float(np.std(values[places]))
    if not scale > 1e-12 * float(np.abs(values[places]).max()):
        return nothing
    steps = (np.arange(values.size) - places.mean()) / values.size
    levels = [np.arange(values.size) % turns == phase for phase in np.unique(places % turns)]
    columns = np.column_stack([steps, *levels]).astype(np.float64)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # of starting values and of convergence
        try:
            fitted = SARIMAX((values - values[places].mean()) / scale, exog=columns, order=(1, 0, 0)).fit(disp=False)
        except (np.linalg.LinAlgError, ValueError, IndexError):
            return nothing
    rho = float(fitted.params[-2])
    news = np.diff(places, prepend=places[0] - 1)
    effective = float(np.sum((1 - rho**news) / (1 + rho**news)))
    free = places.size - columns.shape[1]
    return FittedLine(
        float(fitted.params[0]) * scale / values.size, float(fitted.bse[0]) * scale / values.size,
        effective * (free + 2) / places.size - 2, effective,
    )  # fmt: skip
