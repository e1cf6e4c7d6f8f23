"""The error of a slope under autocorrelated noise: generalised least squares for AR(1) with gaps (Prais–Winsten).

The noise of two values that lie g steps apart correlates by rho to the power of g; nothing is filled in. For each
distance between neighbours the sums of products of what the regression needs are gathered once; after that, trying
another rho costs no pass over the values. Rho maximises the restricted likelihood (REML), whose bias is that of a
series with a known mean; what is left of the bias is added back.

Sources: Prais and Winsten 1954; Patterson and Thompson 1971 and Cheang and Reinsel 2000 for REML of an autoregression;
Marriott and Pope 1954 and Kendall 1954 for the bias.
"""

import numpy as np

from engagerr_core.kernels.dispatch import kernel

ERROR, FREEDOM, EFFECTIVE, RHO = range(4)  # columns of what `slope_errors` writes
HIGHEST = 0.998  # of rho: beyond, a level cannot be told from a walk
GRID = 9  # values of rho tried before the search narrows
NARROWED = 14  # golden sections after it: rho to 1e-4
GOLDEN = 0.3819660112501051
NEARLY_NONE = 5e-4  # a rho of 1e-3 is taken as 0
SUMS = 5  # per distance and phase: count, place and value of the later one, of the earlier one
CROSS = 9  # per distance: products of place and place, place and value, value and value: later, both, earlier
FIRST, SECOND, THIRD = 2.0, 40.0, 250.0  # downward bias of rho by rho times these over powers of the free values
NOTHING = 1e-10  # share of a column that is left of it where others explain it


@kernel("int64(const float64[::1], int64, int64, int64, int64[::1], float64[::1], float64[:, :, ::1], float64[:, ::1])")
def gather(rest, start, stop, season, lengths, counts, sums, cross):
    """The sums that `normal_equations` needs, from the known values of a stretch; how many distances there are.

    Row 0 of the sums is the first known value, which has none before it (`lengths` 0).
    """
    found, last, previous = 0, -1, 0.0
    for i in range(start, stop):
        if rest[i] != rest[i]:
            continue
        step = i - last if last >= 0 else 0
        g = 0
        while g < found and lengths[g] != step:
            g += 1
        if g == found:
            found += 1
            lengths[g], counts[g] = step, 0.0
            sums[g] = 0.0
            cross[g] = 0.0
        # places run from −½ to ½, so that no product is much greater than another
        scale, middle = 1.0 / (stop - start), 0.5 * (start + stop - 1)
        place, value, before, earlier = (i - middle) * scale, rest[i], (last - middle) * scale, previous
        if step == 0:
            before = 0.0
        phase = (i - start) % season
        counts[g] += 1.0
        sums[g, phase, 0] += 1.0
        sums[g, phase, 1] += place
        sums[g, phase, 2] += value
        sums[g, phase, 3] += before
        sums[g, phase, 4] += earlier
        cross[g, 0] += place * place
        cross[g, 1] += place * value
        cross[g, 2] += value * value
        cross[g, 3] += 2.0 * place * before
        cross[g, 4] += place * earlier + before * value
        cross[g, 5] += 2.0 * value * earlier
        cross[g, 6] += before * before
        cross[g, 7] += before * earlier
        cross[g, 8] += earlier * earlier
        last, previous = i, value
    return found


@kernel(
    "float64(float64, int64, const int64[::1], const float64[::1], float64[:, :, ::1], float64[:, ::1],"
    " float64[:, ::1])"
)
def normal_equations(rho, found, lengths, counts, sums, cross, normal):
    """Lower triangle of cross products of phases, place and value, whitened; the log determinant of the noise."""
    season = sums.shape[1]
    t, y = season, season + 1
    normal[:] = 0.0
    determinant = 0.0
    for g in range(found):
        r = rho ** lengths[g] if lengths[g] > 0 else 0.0
        w = 1.0 / (1.0 - r * r)
        determinant -= counts[g] * np.log(w)
        back = lengths[g] % season
        for p in range(season):
            count = w * sums[g, p, 0]
            if count == 0.0:
                continue
            q = p - back if p >= back else p - back + season
            place, value = w * (sums[g, p, 1] - r * sums[g, p, 3]), w * (sums[g, p, 2] - r * sums[g, p, 4])
            normal[p, p] += count
            normal[q, q] += r * r * count
            if p == q:
                normal[p, p] -= 2.0 * r * count
            else:
                normal[max(p, q), min(p, q)] -= r * count
            normal[t, p] += place
            normal[t, q] -= r * place
            normal[y, p] += value
            normal[y, q] -= r * value
        normal[t, t] += w * (cross[g, 0] - r * (cross[g, 3] - r * cross[g, 6]))
        normal[y, t] += w * (cross[g, 1] - r * (cross[g, 4] - r * cross[g, 7]))
        normal[y, y] += w * (cross[g, 2] - r * (cross[g, 5] - r * cross[g, 8]))
    return determinant


@kernel("Tuple((int64, float64))(float64[:, ::1], int64[::1])")
def decompose_normal(normal, begins):
    """Cholesky's decomposition in place, all but the last row's own place, where the sum of squares is left.

    Within the envelope only (`begins`): a phase meets just phases that lie a known distance away, so that long seasons
    stay cheap. Returns how many columns are independent, and the log determinant of these.
    """
    size = normal.shape[0]
    parameters, information = 0, 0.0
    for i in range(size):
        first = 0
        while i < size - 2 and first < i and normal[i, first] == 0.0:
            first += 1
        begins[i] = first
        for j in range(first, i):
            total = normal[i, j]
            for c in range(max(first, begins[j]), j):
                total -= normal[i, c] * normal[j, c]
            normal[i, j] = total / normal[j, j] if normal[j, j] > 0.0 else 0.0
        left = normal[i, i]
        for c in range(first, i):
            left -= normal[i, c] * normal[i, c]
        if i == size - 1:
            normal[i, i] = max(left, 0.0)
        elif left > NOTHING * normal[i, i]:
            parameters += 1
            information += np.log(left)
            normal[i, i] = np.sqrt(left)
        else:
            normal[i, i] = 0.0
    return parameters, information


@kernel("void(const float64[::1], const int64[::1], const int64[::1], float64[:, ::1])")
def slope_errors(rest, indptr, seasons, figures):
    """Standard error of a slope, its degrees of freedom, the effective sample and rho, of each series' rest.

    `rest` is the noise around a line, NaN where unknown; `seasons` says for each series how many phases have a level of
    their own. Rho is the REML estimate; error, freedom and effective sample are of the corrected one. The effective
    sample is the sum of (1 − rho^g) / (1 + rho^g) over distances g between neighbours, the first value counting as one
    at distance 1: n(1 − rho)/(1 + rho) without gaps. Degrees of freedom are what it leaves after two parameters, less
    the share that seasonal levels cost. A series of no or one known value has NaN.
    """
    longest, turns = 1, 1
    for s in range(seasons.size):
        longest, turns = max(longest, indptr[s + 1] - indptr[s]), max(turns, seasons[s])
    distinct = int(np.sqrt(2.0 * longest)) + 3  # so many different distances need a longer series
    lengths, counts = np.empty(distinct, np.int64), np.empty(distinct)
    cross, begins = np.empty((distinct, CROSS)), np.empty(turns + 2, np.int64)
    season = 0
    sums, normal = np.empty((1, 1, SUMS)), np.empty((1, 1))
    for s in range(seasons.size):
        if season != seasons[s]:
            season = seasons[s]
            sums, normal = np.empty((distinct, season, SUMS)), np.empty((season + 2, season + 2))
        figures[s, :] = np.nan
        found = gather(rest, indptr[s], indptr[s + 1], season, lengths, counts, sums, cross)
        known = 0.0
        for g in range(found):
            known += counts[g]
        if known < 2.0:
            continue
        # over u from 0 to 1, where rho = HIGHEST · (1 − (1 − u)²): 0, .23, .44, …, .98 on the grid
        u, rho, best, lowest, low, high, free = 0.0, 0.0, 0.0, np.inf, 0.0, 0.0, 1.0
        for turn in range(GRID + NARROWED + 1):  # one place to try a rho at, since machine code for it is long
            if turn < GRID:
                u = turn / (GRID - 1.0)
            elif turn < GRID + NARROWED:
                u = best + GOLDEN * (high - best if high - best > best - low else low - best)
            else:
                u = best if best > NEARLY_NONE else 0.0
            rho = HIGHEST * (1.0 - (1.0 - u) * (1.0 - u))
            if turn == GRID + NARROWED:
                figures[s, RHO] = rho
                rho = min(rho * (1.0 + (FIRST + (SECOND + THIRD / free) / free) / free), HIGHEST)
            determinant = normal_equations(rho, found, lengths, counts, sums, cross, normal)
            parameters, information = decompose_normal(normal, begins)
            free = max(known - parameters, 1.0)
            loss = free * np.log(max(normal[season + 1, season + 1], 1e-300)) + determinant + information
            if loss < lowest:
                if turn < GRID:
                    low, high = max(u - 1.0 / (GRID - 1.0), 0.0), min(u + 1.0 / (GRID - 1.0), 1.0)
                elif u > best:
                    low = best
                else:
                    high = best
                best, lowest = u, loss
            elif turn >= GRID and u > best:
                high = u
            elif turn >= GRID:
                low = u
        if known <= parameters or normal[season, season] <= 0.0:
            continue
        error = np.sqrt(normal[season + 1, season + 1] / free) / normal[season, season]
        figures[s, ERROR] = error / (indptr[s + 1] - indptr[s])
        effective = 0.0
        for g in range(found):
            r = rho ** max(lengths[g], 1)
            effective += counts[g] * (1.0 - r) / (1.0 + r)
        figures[s, EFFECTIVE] = effective
        figures[s, FREEDOM] = effective * (free + 2.0) / known - 2.0
