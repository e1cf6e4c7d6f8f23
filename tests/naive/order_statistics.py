"""Order statistics by sorting."""


def select(values, k):
    """The k-th smallest."""
    return sorted(values)[k]


def median(values):
    """The middle of the sorted values, or the mean of the middle two; NaN of nothing."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
