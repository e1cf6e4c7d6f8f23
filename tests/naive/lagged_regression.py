"""Regression on lags by numpy's least squares, with the ridge as rows of its own."""

import numpy as np


def fit(values, lags, ridge):
    """Coefficients; zero where there is too little."""
    longest, count = max(lags), len(lags)
    if len(values) - longest < 2 * count + 3:
        return np.zeros(count)
    past = np.array([[values[t - lag] for lag in lags] for t in range(longest, len(values))])
    most = (past**2).sum(axis=0).max()
    if not 0 < most < np.inf:
        return np.zeros(count)
    prior = np.sqrt(ridge * most / len(past)) * np.eye(count)
    return np.linalg.lstsq(np.vstack([past, prior]), np.append(values[longest:], np.zeros(count)), rcond=None)[0]


def forecast(values, origin, horizon, lags, coefficients, limit):
    """Step by step; before the beginning there is nothing."""
    course = list(values[:origin])
    for _ in range(horizon):
        past = [course[-lag] if lag <= len(course) else 0.0 for lag in lags]
        course.append(float(np.clip(np.dot(past, coefficients), -limit, limit)))
    return course[origin:]


def repeating_lag(values, first, last, errors):
    """The lag of the largest autocorrelation, if that is clear."""
    values = np.asarray(values)
    squares = float((values**2).sum())
    found = [(float((values[lag:] * values[: len(values) - lag]).sum()), lag) for lag in range(first, last)]
    size, lag = max(found, key=lambda each: each[0], default=(0.0, 0))
    return lag if size > errors / np.sqrt(max(len(values), 1)) * squares else 0
