"""Running-median trend and seasonal medians in turns, from their definitions."""

import numpy as np

from tests.naive.running_median import median_of_others, middle, running_median


def filled(values):
    """NaN replaced by straight lines between known neighbours, and by the nearest known at both ends."""
    known = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(len(values)), known, values[known]) if known.size else values.copy()


def seasonal_medians(rests, season):
    phase = np.arange(len(rests)) % season
    medians = np.array([middle(rests[(phase == p) & ~np.isnan(rests)]) for p in range(min(season, len(rests)))])
    if np.isnan(medians).all():
        return np.zeros(len(rests))
    return np.where(np.isnan(medians), 0.0, medians - np.nanmean(medians))[phase]


def decompose(values, season, window, rounds=2):
    seasonal = np.zeros(len(values))
    for _ in range(rounds):
        trend = filled(running_median(values - seasonal, window))
        if season <= 1:
            return trend, seasonal
        seasonal = seasonal_medians(values - trend, season)
    return filled(running_median(values - seasonal, window)), seasonal


# ---- the baseline of the anomalies -----------------------------------------------------------


def find_steps(values, reach, least):
    """Where medians of `reach` values on both sides differ most, and then where distances add up to the least."""
    n, found = len(values), []
    ahead = (reach - 1) // 2

    def side(first):  # the window of `reach` values that begins there, cut at the end of the series
        inside = values[max(first, 0) : first + reach]
        return middle(inside[~np.isnan(inside)])

    i = reach
    while i + ahead < n and i + reach <= n:
        if not abs(side(i) - side(i - reach)) >= least:
            i += 1
            continue
        near = range(i, min(i + reach, n - reach + 1))
        best = max(near, key=lambda j: np.nan_to_num(abs(side(j) - side(j - reach)), nan=-1.0))
        before, after = side(best - reach), side(best)
        cuts = range(max(best - reach + 1, 1), min(best + reach, n))
        scope = slice(cuts[0], cuts[-1])

        def apart(cut, scope=scope, before=before, after=after):
            left = np.nansum(np.abs(values[scope.start : cut] - before))
            return left + np.nansum(np.abs(values[cut : scope.stop] - after))

        place = min(cuts, key=apart)
        if not found or place > found[-1]:
            found.append(place)
        i = best + reach
    return found


def level_between_steps(values, window, steps):
    pieces = np.split(values, steps)
    return filled(np.concatenate([filled(median_of_others(piece, window)) for piece in pieces]))


def changing_season(rests, season, periods):
    n = len(rests)
    seasonal = np.full(n, np.nan)
    for phase in range(min(season, n)):
        seasonal[phase::season] = median_of_others(rests[phase::season], periods)
    mean = 0.0
    for start in range(0, n, season):
        turn = seasonal[start : start + season]
        if len(turn) == season and not np.isnan(turn).any():
            mean = turn.mean()
        seasonal[start : start + season] = np.where(np.isnan(turn), 0.0, turn - mean)
    return seasonal


def baseline(values, season, window, periods):
    n, none = len(values), np.zeros(len(values))
    level = filled(running_median(values, window))
    seasonal = seasonal_medians(values - level, season) if season > 1 else none

    def typical(values, expected):
        rests = np.abs(values - expected)
        return middle(rests[~np.isnan(rests)])

    distance = typical(values - seasonal, level)
    if not distance > 0:
        return level, seasonal, []
    steps = find_steps(values - seasonal, max(min(window // 2, 31), 5), 4.0 * distance)
    level = level_between_steps(values - seasonal, window, steps)
    if season > 1:
        seasonal = changing_season(values - level, season, 2 * n)
        changing = changing_season(values - level, season, periods)
        rests, phase = values - level, np.arange(n) % season
        before, after = (
            sum(
                typical(rests[phase == p], part[phase == p])
                for p in range(season)
                if not np.isnan(rests[phase == p]).all()
            )
            for part in (seasonal, changing)
        )
        left = np.clip(rests - seasonal, -3 * distance, 3 * distance)
        now, earlier = left[season:], left[: max(n - season, 0)]
        both = ~np.isnan(now * earlier)
        correlation = (now * earlier)[both].sum() / max((now[both] ** 2).sum(), 1e-300)
        suspected = correlation > 0 and correlation**2 * both.sum() > 0.5
        if suspected and 2 * n >= periods * season and after < 0.92 * before:
            seasonal = changing
        level = level_between_steps(values - seasonal, window, steps)
    return level, seasonal, steps
