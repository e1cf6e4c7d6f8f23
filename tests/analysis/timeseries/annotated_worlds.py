"""Short series of many kinds, each with what several people would mark in them: a generator with the truth.

Annual figures with a trend, monthly counts with a year in them, river flows, borehole logs with spikes, control charts,
ratios, constants, exchange rates, epidemics, sensors. The marks come from what was built in, not from any method:
larger changes are marked by more people, places wander by a few steps, and now and then somebody marks too much.
"""

import numpy as np

ANNOTATORS = 5


def autoregressive(rng, n, phi, sd=1.0):
    noise = rng.normal(0, sd, n + 100)
    for i in range(1, n + 100):
        noise[i] += phi * noise[i - 1]
    return noise[100:] * np.sqrt(1 - phi**2)


def annotated(rng, n, changes, spurious=0.08):
    """Marks of five people of changes given as (place, share of the people who see it, spread of their marks)."""
    people = []
    for _ in range(ANNOTATORS):
        marks = set()
        for place, seen, spread in changes:
            if rng.random() < seen:
                marks.add(int(np.clip(round(place + rng.normal(0, spread)), 1, n - 1)))
        if rng.random() < spurious:
            marks.add(int(rng.integers(1, n)))
        people.append(sorted(marks))
    return people


def places(rng, n, count, apart):
    """So many places, at least `apart` from one another and from both ends."""
    while True:
        found = np.sort(rng.integers(apart, max(n - apart, apart + 1), count))
        if count < 2 or np.diff(found).min() >= apart:
            return found.tolist()
        apart = max(2, apart - 1)


def bent(n, start, slopes, bends):
    slope = np.zeros(n)
    for begin, end, value in zip([0, *bends], [*bends, n], slopes, strict=True):
        slope[begin:end] = value
    return start + np.cumsum(slope)


def annual(rng):
    """Growth over 20 to 60 years, in half of them with one or two bends, dips or drops."""
    n = int(rng.integers(20, 61))
    growth = rng.choice([-1, 1], p=[0.2, 0.8]) * rng.uniform(0.01, 0.05)
    noise = autoregressive(rng, n, rng.uniform(0, 0.8), rng.uniform(0.005, 0.04))
    kind, count = rng.random(), int(rng.integers(1, 3))
    if kind < 0.3:
        line, changes = growth * np.arange(n), []
    elif kind < 0.8:
        at = places(rng, n, count, max(5, n // 6))
        slopes = [growth]
        for _ in at:
            slopes.append(rng.choice([-1.5, -0.5, 0.0, 3.0]) * abs(growth) * np.sign(slopes[-1] or 1))
        line, changes = bent(n, 0, slopes, at), [(place, 0.7, 1.0) for place in at]
    else:
        at = places(rng, n, 1, max(4, n // 6))
        line = growth * np.arange(n) * 0.5
        line[at[0] :] += rng.choice([-1, 1]) * rng.uniform(0.15, 0.5)
        changes = [(at[0], 0.9, 0.5)]
    return rng.choice([1.0, 100.0, 1e6]) * np.exp(line + noise), annotated(rng, n, changes)


def curve(rng):
    """A smooth curve: exponential, saturating, or an S whose bends some people mark."""
    n = int(rng.integers(25, 310))
    time = np.linspace(0, 1, n)
    kind = rng.integers(0, 3)
    noise = autoregressive(rng, n, rng.uniform(0, 0.9), rng.uniform(0.002, 0.02))
    if kind == 0:
        return np.exp(rng.uniform(0.5, 2.5) * time) * (1 + noise), annotated(rng, n, [])
    if kind == 1:
        return 1 - np.exp(-rng.uniform(1, 4) * time) + noise + 3, annotated(rng, n, [])
    middle, width = rng.uniform(0.35, 0.65), rng.uniform(0.03, 0.12)
    changes = [((middle - 2 * width) * n, 0.5, 3.0), ((middle + 2 * width) * n, 0.5, 3.0)]
    return 2 + 1 / (1 + np.exp(-(time - middle) / width)) + noise, annotated(rng, n, changes)


def monthly(rng):
    """Passengers or sales with a year of 12 months; crises as drops or bends."""
    n = int(rng.integers(90, 470))
    month = np.arange(n)
    year = rng.uniform(0.05, 0.25) * np.sin(2 * np.pi * (month + rng.integers(0, 12)) / 12)
    year += rng.uniform(0, 0.08) * np.cos(4 * np.pi * month / 12)
    growth = rng.uniform(0, 1.0) / n
    noise = autoregressive(rng, n, rng.uniform(0, 0.7), rng.uniform(0.02, 0.06))
    count = int(rng.choice([0, 1, 2, 3], p=[0.2, 0.4, 0.3, 0.1]))
    at = places(rng, n, count, n // 8)
    line, changes = growth * month, []
    for place in at:
        if rng.random() < 0.6:
            line = line + rng.choice([-1, 1]) * rng.uniform(0.25, 0.8) * (month >= place)
            changes.append((place, 0.8, 1.5))
        else:
            line = line + rng.choice([-1, 1]) * rng.uniform(0.8, 3.0) / n * np.maximum(0, month - place)
            changes.append((place, 0.5, 4.0))
    return rng.choice([1e3, 1e6]) * np.exp(line + year + noise), annotated(rng, n, changes)


def river(rng):
    """A noisy level with one shift of one to two standard deviations, or none."""
    n = int(rng.integers(60, 160))
    values = autoregressive(rng, n, rng.uniform(0, 0.3))
    changes = []
    if rng.random() < 0.85:
        place = places(rng, n, 1, n // 5)[0]
        values[place:] += rng.choice([-1, 1]) * rng.uniform(1.2, 2.5)
        changes = [(place, 0.75, 2.0)]
    return 900 + 130 * values, annotated(rng, n, changes)


def borehole(rng):
    """Plateaus with spikes, hundreds to thousands of points."""
    n = int(rng.integers(400, 2500))
    count = int(rng.integers(4, 14))
    at = places(rng, n, count, max(10, n // 60))
    levels = rng.normal(0, 1, count + 1)
    values = np.repeat(levels, np.diff([0, *at, n])) + autoregressive(rng, n, rng.uniform(0, 0.5), 0.2)
    spikes = rng.random(n) < 0.01
    values[spikes] -= rng.exponential(3, spikes.sum())
    sizes = np.abs(np.diff(levels))
    changes = [(p, min(0.95, 0.25 + 0.6 * s), 1.0) for p, s in zip(at, sizes, strict=True) if s > 0.3]
    return 1.2e5 + 1e4 * values, annotated(rng, n, changes)


def control_chart(rng):
    """Measurements in control, or shifted once, with or without outliers."""
    n = int(rng.integers(100, 500))
    values, changes = rng.normal(0, 1, n), []
    kind = rng.random()
    if kind < 0.6:
        place = places(rng, n, 1, n // 6)[0]
        values[place:] += rng.choice([-1, 1]) * rng.uniform(1.5, 4)
        changes = [(place, 0.95, 1.0)]
    if kind > 0.4:
        values[rng.integers(0, n, 3)] += rng.choice([-1, 1], 3) * rng.uniform(4, 9, 3)
    return values + 20, annotated(rng, n, changes)


def constant(rng):
    n = int(rng.integers(50, 600))
    return np.full(n, float(rng.integers(0, 100))), annotated(rng, n, [], 0.0)


def price(rng):
    """A wandering price; crashes and turning points are marked by those who see them."""
    n = int(rng.integers(200, 800))
    steps = rng.standard_t(5, n) * 0.01
    changes = []
    for place in places(rng, n, int(rng.integers(1, 5)), n // 9):
        if rng.random() < 0.5:
            steps[place : place + 5] += rng.choice([-1, 1]) * rng.uniform(0.06, 0.15)
            changes.append((place + 2, 0.8, 2.0))
        else:
            steps[place:] -= rng.choice([-1, 1]) * rng.uniform(0.001, 0.004)
            changes.append((place, 0.5, 5.0))
    return 100 * np.exp(np.cumsum(steps)), annotated(rng, n, changes)


def bends(rng):
    """Straight pieces with little noise; people mark where they meet."""
    n = int(rng.integers(40, 350))
    count = int(rng.choice([0, 1, 2, 3], p=[0.15, 0.4, 0.3, 0.15]))
    at = places(rng, n, count, max(6, n // 8))
    slopes = [rng.normal(0, 1)]
    for _ in at:
        slopes.append(slopes[-1] + rng.choice([-1, 1]) * rng.uniform(0.7, 2))
    line = bent(n, 0, slopes, at)
    spread = line.std() * rng.uniform(0.03, 0.15)
    values = line + autoregressive(rng, n, rng.uniform(0, 0.7), spread)
    return 50 + 10 * values / max(values.std(), 1e-9), annotated(rng, n, [(p, 0.8, 2.0) for p in at])


def plateaus(rng):
    """A ratio, a rate or a sensor: level regimes joined by jumps or ramps."""
    n = int(rng.integers(50, 520))
    count = int(rng.integers(1, 6))
    at = places(rng, n, count, max(8, n // 12))
    levels = [0.5]
    for _ in at:
        levels.append(levels[-1] + rng.choice([-1, 1]) * rng.uniform(0.4, 1.5))
    levels = np.array(levels)
    levels = 0.1 + 0.8 * (levels - levels.min()) / np.ptp(levels)
    values = np.repeat(levels, np.diff([0, *at, n]))
    ramp = int(rng.choice([1, 1, 3, 6]))
    values = np.convolve(np.pad(values, ramp, mode="edge"), np.ones(ramp) / ramp, mode="same")[ramp : ramp + n]
    values = values + autoregressive(rng, n, rng.uniform(0, 0.7), rng.uniform(0.02, 0.08))
    return values, annotated(rng, n, [(p, 0.8, 1.5) for p in at])


def epidemic(rng):
    """Outbreaks that come and go, and in half of them fewer from some day on."""
    n = int(rng.integers(300, 1000))
    week = np.arange(n)
    waves = np.exp(1.5 * np.sin(2 * np.pi * week / rng.uniform(45, 110)) + autoregressive(rng, n, 0.9, 0.5))
    changes = []
    if rng.random() < 0.6:
        place = places(rng, n, 1, n // 4)[0]
        waves[place:] *= rng.uniform(0.05, 0.3)
        changes = [(place, 0.8, 4.0)]
    return rng.poisson(50 * waves).astype(float), annotated(rng, n, changes)


def events(rng):
    """Counts about a level, a sudden stop or a lasting rise; monthly or weekly."""
    n = int(rng.integers(40, 220))
    level = rng.uniform(5, 500)
    line, changes = np.full(n, level), []
    for place in places(rng, n, int(rng.choice([0, 1, 2], p=[0.3, 0.5, 0.2])), max(7, n // 8)):
        line[place:] *= rng.choice([rng.uniform(0.3, 0.7), rng.uniform(1.5, 3)])
        changes.append((place, 0.85, 1.5))
    counts = rng.poisson(line * np.exp(autoregressive(rng, n, rng.uniform(0, 0.5), 0.15)))
    return counts.astype(float), annotated(rng, n, changes)


WORLDS = (
    annual, annual, annual, curve, monthly, monthly, river, borehole, control_chart, constant, price, price, bends,
    bends, plateaus, plateaus, epidemic, events,
)  # fmt: skip


def staircase(rng):
    """Steps that all lead the same way, in noise with heavy tails."""
    n = int(rng.integers(60, 400))
    at = places(rng, n, int(rng.integers(1, 4)), n // 6)
    sign, values = rng.choice([-1, 1]), rng.standard_t(3, n) * 0.6
    for place in at:
        values[place:] += sign * rng.uniform(1.5, 3.5)
    return 30 + values, annotated(rng, n, [(place, 0.85, 1.5) for place in at])


def crossing(rng):
    """One level passes into another within weeks; people mark beginning, end, or the middle."""
    n = int(rng.integers(120, 500))
    length = int(rng.integers(8, 40))
    place = places(rng, n, 1, n // 4)[0]
    ramp = np.clip((np.arange(n) - place) / length, 0, 1)
    values = rng.uniform(0.3, 1.2) * ramp + autoregressive(rng, n, rng.uniform(0, 0.6), rng.uniform(0.05, 0.12))
    changes = [(place, 0.6, 2.0), (place + length, 0.4, 2.0)] if length > 15 else [(place + length / 2, 0.8, 2.0)]
    return np.exp(5 + values), annotated(rng, n, changes)


def episode(rng):
    """A level that comes and goes: a lockdown, a campaign, a strike."""
    n = int(rng.integers(50, 400))
    begin = int(rng.integers(n // 5, n // 2))
    end = begin + int(rng.integers(8, max(10, n // 4)))
    values = autoregressive(rng, n, rng.uniform(0, 0.6), rng.uniform(0.05, 0.2)) + 0.2 * np.arange(n) / n
    values[begin:end] += rng.choice([-1, 1]) * rng.uniform(0.5, 1.5)
    return 1e4 * np.exp(values), annotated(rng, n, [(begin, 0.85, 1.0), (end, 0.8, 1.0)])


def switched_on(rng):
    """Nothing, or next to nothing, then counts; or the other way round."""
    n = int(rng.integers(60, 300))
    place = places(rng, n, 1, n // 5)[0]
    rate = np.where(np.arange(n) < place, rng.uniform(0, 0.3), rng.uniform(3, 40))
    counts = rng.poisson(rate[:: rng.choice([-1, 1])]).astype(float)
    place = place if counts[0] < 3 else n - place
    return counts, annotated(rng, n, [(place, 0.95, 1.0)])


def weekly(rng):
    """Daily counts with a strong week, growing, shifted once or not at all."""
    n = int(rng.integers(100, 500))
    day = np.arange(n)
    values = 0.3 * np.isin(day % 7, [5, 6]) + rng.uniform(-0.3, 0.6) * day / n
    values += autoregressive(rng, n, rng.uniform(0, 0.6), 0.1)
    changes = []
    if rng.random() < 0.7:
        place = places(rng, n, 1, n // 6)[0]
        values[place:] += rng.choice([-1, 1]) * rng.uniform(0.3, 1.0)
        changes = [(place, 0.85, 1.5)]
    return rng.poisson(np.exp(5 + values)).astype(float), annotated(rng, n, changes)


def persistent(rng):
    """Nothing but strong autocorrelation, about a level or a smooth trend; people mark next to nothing."""
    n = int(rng.integers(50, 500))
    time = np.linspace(-1, 1, n)
    values = autoregressive(rng, n, rng.uniform(0.5, 0.9)) + rng.choice([0.0, 2.0]) * (
        time + rng.uniform(-1, 1) * time**2
    )
    return 100 + 5 * values, annotated(rng, n, [], 0.15)


def recovery(rng):
    """Quarterly figures that grow, fall in a crisis, and grow on from the lower level."""
    n = int(rng.integers(40, 160))
    place = places(rng, n, 1, n // 4)[0]
    since = np.arange(n) - place
    line = 0.008 * np.arange(n) - (since >= 0) * rng.uniform(0.08, 0.3)
    noise = autoregressive(rng, n, rng.uniform(0.3, 0.8), 0.015)
    return 2e5 * np.exp(line + noise), annotated(rng, n, [(place, 0.85, 1.0)])


OTHER_WORLDS = (staircase, crossing, episode, switched_on, weekly, persistent, recovery, river)


def library(seed, turns=1, worlds=WORLDS):
    """(name, values, marks of each person) of every world, `turns` times."""
    made = []
    for turn in range(turns):
        for number, world in enumerate(worlds):
            values, people = world(np.random.default_rng([seed, turn, number]))
            made.append((world.__name__, values, people))
    return made
