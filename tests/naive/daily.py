"""Daily tables by loops, from what their docstrings promise: rows are dicts, an unknown is None."""

from math import isnan, nan

from tests.naive.counters import post_days

SUBJECT = ("creator", "platform", "account", "content")
ACCOUNT = SUBJECT[:3]
REPORTED, ESTIMATED = 0, 2


def build(rows, published, metrics, counters, breaks):
    """Days as reported, days as counted, and accounts' totals over several days.

    `published` is subject → day number; `breaks` is (platform, metric) → day numbers. Days are numbers, too.
    """
    rows = [row for row in rows if row["dimension"] == ""]
    flows = [row for row in rows if row["basis"] == "flow" and row["start"] is not None]
    reported = [
        {**{name: row[name] for name in (*SUBJECT, *metrics, "observed_at")}, "day": row["start"], "made": REPORTED}
        for row in flows
        if row["start"] == row["end"]
    ]
    periods = [row for row in flows if row["start"] != row["end"] and row["content"] == ""]
    return in_order(reported), count(rows, published, counters, breaks), periods


def count(rows, published, counters, breaks):
    """Days of lifetime counters, post by post; the posts of an account's first export begin with nothing known."""
    posts, begun = {}, {}
    for row in rows:
        if row["basis"] == "stock" and row["seen"] is not None and any(known(row, name) for name in counters):
            posts.setdefault(tuple(row[name] for name in SUBJECT), {})[row["seen"]] = row
    for subject, snapshots in posts.items():
        begun[subject[:3]] = min(begun.get(subject[:3], min(snapshots)), *snapshots)
    found = []
    for subject, snapshots in posts.items():
        days = sorted(snapshots)
        since = published.get(subject) if days[0] > begun[subject[:3]] else None
        columns = [[nan if snapshots[day][m] is None else snapshots[day][m] for day in days] for m in counters]
        told, _ = post_days(days, columns, since, [breaks.get((subject[1], m), []) for m in counters])
        for day, flows, made in told:
            values = {m: None if isnan(flow) else flow for m, flow in zip(counters, flows, strict=True)}
            found.append(dict(zip(SUBJECT, subject, strict=True)) | values | {"day": day, "made": made})
    return in_order(found)


def in_order(rows, keys=(*SUBJECT, "day")):
    """Rows sorted by some columns."""
    return sorted(rows, key=lambda row: tuple(row[name] for name in keys))


def known(row, name):
    """Whether a row tells a metric."""
    return row.get(name) is not None


def combined(tables, metrics):
    """One row a subject and day; each metric from the least estimated row that knows it."""
    told = {}
    for rows in tables:
        for row in rows:
            told.setdefault(tuple(row[name] for name in (*SUBJECT, "day")), []).append(row)
    return in_order([one_of(sorted(rows, key=lambda row: row["made"]), metrics) for rows in told.values()])


def one_of(rows, metrics):
    """The first of some rows, least estimated first, with what the others add; `made` of the last that did."""
    whole = {**rows[0], **{name: None for name in metrics if name not in rows[0]}}
    for row in rows:
        new = [name for name in metrics if whole[name] is None and known(row, name)]
        whole.update({name: row[name] for name in new})
        if new:
            whole["made"] = row["made"]
    return whole


def with_standard(row, ways):
    """A row with standard metrics; `ways` is (platform, metric) → [({native: weight}, estimated)], the best first."""
    views, seconds = row.get("views"), row.get("average_view_seconds")
    average = None if views is None or seconds is None else seconds * views / 60
    told = {**row, "watch_minutes_from_average": average}
    made = {}
    for name in {standard for _, standard in ways}:
        made[name], made[f"{name}_estimated"] = None, False
        for weights, estimated in ways.get((row["platform"], name), []):
            if made[name] is None and all(known(told, native) for native in weights):
                made[name] = sum(weight * told[native] for native, weight in weights.items())
                made[f"{name}_estimated"] = estimated
    return {**row, **made}


def account_days(days, ways, over_posts):
    """Each account's own days, and the sums of its posts' days."""
    rows = [with_standard(row, ways) for row in days]
    standard = {name for _, name in ways}
    own = [{**row, "of_posts": False, "posts": 0} for row in rows if row["content"] == ""]
    posts = [{**row, "of_posts": True} for row in rows if row["content"] != ""]
    return in_order(
        own + summed(posts, (*ACCOUNT, "of_posts", "day"), [*over_posts, *standard], "posts"),
        (*ACCOUNT, "of_posts", "day"),
    )


def summed(rows, keys, metrics, counted):
    """Rows added up by key, what is known of them; estimated as a whole."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in keys), []).append(row)
    found = []
    for key, members in groups.items():
        made = dict(zip(keys, key, strict=True)) | {counted: len(members), "made": ESTIMATED}
        seen = [row["observed_at"] for row in members if row.get("observed_at") is not None]
        made["observed_at"] = max(seen, default=None)
        for name in metrics:
            values = [row[name] for row in members if known(row, name)]
            made[name] = sum(values) if values else None
            made[f"{name}_{counted}"] = len(values)
            if any(f"{name}_estimated" in row for row in members):
                made[f"{name}_estimated"] = any(row[f"{name}_estimated"] for row in members)
        found.append(made)
    return in_order(found, keys)


def own_or_of_posts(rows):
    """An account's own days; those of its posts only where it has none of its own, ever."""
    speaking = {tuple(row[name] for name in ACCOUNT) for row in rows if not row["of_posts"]}
    return [row for row in rows if not row["of_posts"] or tuple(row[name] for name in ACCOUNT) not in speaking]


def platform_days(accounts, metrics):
    """All accounts of a platform added up, day by day."""
    found = summed(accounts, ("platform", "day"), metrics, "accounts")
    for row in found:
        same = [one for one in accounts if (one["platform"], one["day"]) == (row["platform"], row["day"])]
        row["made"] = max(one["made"] for one in same)
    return found


def family_days(days, members, ways, over_posts):
    """The posts of each family added up; `members` is subject → family."""
    rows = [
        {**with_standard(row, ways), "family": members[subject]}
        for row in days
        if row["content"] != "" and (subject := tuple(row[name] for name in SUBJECT)) in members
    ]
    metrics = [*over_posts, *{name for _, name in ways}]
    return summed(rows, ("creator", "family", "platform", "day"), metrics, "posts")
