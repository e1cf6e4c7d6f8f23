"""What the Theta method adds to simple exponential smoothing: half the slope of the whole series as a drift.

Assimakopoulos and Nikolopoulos, The theta model (International Journal of Forecasting 16, 2000), in the form that
Hyndman and Billah (2003) showed it to have.
"""

from engagerr_core.kernels.dispatch import kernel


@kernel("float64(const float64[::1], int64)")
def trend_slope(values, stop):
    """Least squares slope of the first `stop` values; 0 with fewer than three known."""
    count, middle, mean = 0, 0.0, 0.0
    for t in range(stop):
        if values[t] == values[t]:
            count += 1
            middle += t
            mean += values[t]
    if count < 3:
        return 0.0
    middle /= count
    mean /= count
    products, squares = 0.0, 0.0
    for t in range(stop):
        if values[t] == values[t]:
            products += (t - middle) * (values[t] - mean)
            squares += (t - middle) * (t - middle)
    return products / squares
