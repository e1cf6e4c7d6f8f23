"""DuckDB doing the same with SQL alone: daily tables from the lake's Parquet files, and the question from raw rows.

It leaves out what the daily tables hold besides: gaps spread over their days, falls told apart, definition changes,
fallbacks of standard metrics, intervals, origins, coverage, and making only again what changed.
"""

import time
from pathlib import Path
from typing import Any

NAMES = ("views", "impressions", "likes", "comments", "shares", "saves", "watch_minutes")
KEYS = "creator, platform, account, content"
LATEST = f"""
SELECT * FROM raw WHERE dimension = '' QUALIFY row_number() OVER (
    PARTITION BY {KEYS}, basis, period_start, CAST(observed_at AS date)
    ORDER BY observed_at DESC, known_at DESC, file DESC, "row" DESC) = 1
"""
FLOWS = f"SELECT {KEYS}, period_start AS day, {', '.join(NAMES)} FROM latest WHERE basis = 'flow'"
COUNTED = f"""
SELECT {KEYS}, CAST(observed_at AS date) AS day, {", ".join(f"{n} - lag({n}) OVER w AS {n}" for n in NAMES)}
FROM latest WHERE basis = 'stock' WINDOW w AS (PARTITION BY {KEYS} ORDER BY observed_at)
"""
DAYS = f"WITH latest AS ({LATEST}) SELECT * FROM ({FLOWS}) UNION ALL BY NAME SELECT * FROM ({COUNTED})"
VIEWS = "coalesce(views, CASE platform WHEN 'instagram' THEN 0.8 ELSE 1 END * impressions)"
ENGAGED = "likes + 5 * comments + coalesce(10 * saves, 0)"
SUMS = f"sum({VIEWS}) AS standard_views, sum({ENGAGED}) AS standard_engagements"


def connected(folder: Path) -> Any:
    """DuckDB with two threads over the observations of a workspace that was only filled, never compacted."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
    connection.execute("SET enable_progress_bar = false")
    files = folder / "lake/observations/platform=*/month=*/*.parquet"
    columns = "hive_partitioning = true, union_by_name = true"
    connection.execute(f"CREATE VIEW raw AS SELECT * FROM read_parquet('{files}', {columns})")
    return connection


def refresh(folder: Path, out: Path) -> float:
    """Seconds for contents and accounts by day, written as Parquet by platform and month."""
    connection = connected(folder)
    shape = "FORMAT parquet, COMPRESSION zstd, PARTITION_BY (platform, month), OVERWRITE_OR_IGNORE"
    began = time.perf_counter()
    connection.execute(
        f"COPY (SELECT *, strftime(day, '%Y-%m') AS month FROM ({DAYS})) TO '{out / 'contents'}' ({shape})"
    )
    connection.execute(
        f"COPY (SELECT creator, platform, account, day, {SUMS}, strftime(day, '%Y-%m') AS month "
        f"FROM read_parquet('{out / 'contents'}/*/*/*.parquet', hive_partitioning = true) GROUP BY ALL) "
        f"TO '{out / 'accounts'}' ({shape})"
    )
    return time.perf_counter() - began


def question(folder: Path, repeat: int = 3) -> float:
    """Seconds for views, engagements and their rate by platform and month from the raw rows, best of some turns."""
    connection = connected(folder)
    runs = []
    for _ in range(repeat):
        began = time.perf_counter()
        connection.execute(
            f"SELECT platform, strftime(day, '%Y-%m') AS month, {SUMS}, sum({ENGAGED}) / sum({VIEWS}) AS rate "
            f"FROM ({DAYS}) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        runs.append(time.perf_counter() - began)
    return min(runs)
