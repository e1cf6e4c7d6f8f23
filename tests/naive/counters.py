"""Daily flows of one post's counters, from their rules, metric by metric and day by day."""

from math import inf, isnan, nan


def _is_count(value):
    return 0 <= value < inf


def _is_rounded_by(step, value):
    """Shown with two digits or more, then zeros; one of them less."""
    return any(step == 10**zeros and value % step == 0 and value >= 10 * step for zeros in range(1, 19))


def steps(snapshots, published, breaks):
    """Steps of one counter: (kind, first day, last day, flow a day or NaN, days spread over), from (day, value)."""
    known = [(day, value) for day, value in snapshots if _is_count(value)]
    watch = None  # (value before an unresolved fall, its day, how far it fell)
    made = []
    for place, (day, value) in enumerate(known):
        if place == 0:
            if published is not None and 0 <= day - published <= 92:
                days = day - published + 1
                mixed = any(published < change <= day for change in breaks)
                made.append(("usual", published, day, nan if mixed else value / days, days))
            else:
                made.append(("usual", day + 1, day, nan, 0))
            continue
        last, previous = known[place - 1]
        days, change = day - last, value - previous
        flow, kind, spread = change / days, "usual", days
        if any(last < one <= day for one in breaks):
            kind, flow, watch = "definition change", nan, None
        elif watch and change > 0 and change >= watch[2] / 2:
            kind, spread = "rebound", day - watch[1]
            flow = (value - watch[0]) / spread if value >= watch[0] and spread <= 92 else nan
            watch = None
        elif -change > max(3, previous * 0.005):
            if _is_rounded_by(-change, value):
                kind = "rounding step"
            else:
                kind = "reset" if value == 0 or value < previous / 2 else "correction"
                before = watch[0] if watch else previous
                watch, flow = (before, last, before - value), nan
        elif previous >= 100 and change > 10 * previous:
            kind = "leap"
        if watch and kind not in ("correction", "reset"):
            if value == 0:
                flow = nan
            elif value >= watch[0] or day - watch[1] > 30:
                watch = None
        made.append((kind, last + 1, day, flow, spread) if days <= 92 else (kind, day + 1, day, nan, spread))
    return {day: step for (day, _), step in zip(known, made, strict=True)}


def post_days(days, columns, published, breaks):
    """Rows (day, flows, made) of one post and its unusual steps (day, metric, kind)."""
    found = [steps(zip(days, column, strict=True), published, own) for column, own in zip(columns, breaks, strict=True)]
    rows, unusual, written = [], [], None
    for today in days:
        told = [one.get(today) for one in found]
        if not any(told):
            continue
        unusual += [(today, metric, step[0]) for metric, step in enumerate(told) if step and step[0] != "usual"]
        first = min(step[1] for step in told if step)
        for day in range(first if written is None else max(first, written + 1), today + 1):
            flows = [step[3] if step and step[1] <= day else nan for step in told]
            exact = {
                1 if step[4] == 1 or (step[4] == 2 and today == min(own)) else 2
                for step, own, flow in zip(told, found, flows, strict=True)
                if not isnan(flow)
            }
            alone = 1 if max(first, first if written is None else written + 1) == today else 2
            rows.append((day, flows, max(exact, default=alone)))
        written = today
    return rows, unusual
