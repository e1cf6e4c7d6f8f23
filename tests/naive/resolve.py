"""Resolve by loops, for clarity: rows are dicts, an unknown is None."""

KEY = (
    "creator", "platform", "account", "content", "dimension", "dimension_value",
    "basis", "period_start", "period_end", "cohort_days",
)  # fmt: skip


def naive_resolve(rows, metrics, money):
    """One row per key (and observed day of a stock); each metric the latest known; one currency for all money."""

    def seen(row):
        return row["observed_at"] or row["known_at"]

    groups = {}
    for row in rows:
        day = seen(row).date() if row["basis"] == "stock" else None
        groups.setdefault((*(row[name] for name in KEY), day), []).append(row)
    made = []
    for group in groups.values():
        group.sort(key=lambda row: (seen(row), row["known_at"], row["file"], row["row"]))
        result = dict(group[-1])
        for row in group:
            if any(row[name] is not None for name in money):
                result["currency"] = row["currency"]
        for name in metrics:
            result[name] = None
            for row in group:
                same = name not in money or row["currency"] == result["currency"]
                if row[name] is not None and same:
                    result[name] = row[name]
        made.append(result)
    return made
