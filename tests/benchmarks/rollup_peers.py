"""The same rollup by Polars, DuckDB and pandas, each in the best form we found and from its own memory layout.

Every contender is a pair of functions: one lays the observations out (not timed), one runs. Results
come back as a frame with one row a group, columns named by `columns_of`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from tests.benchmarks.rollup import World


def columns_of(world: "World") -> list[str]:
    """Names of all results: sums, counts of known values, fallbacks, sides of ratios, rows."""
    metrics = [*world.natives, *world.standards]
    ratios = [f"{side}{number}" for number in range(len(world.ratios)) for side in ("top_", "bottom_", "both_")]
    fallbacks = [f"estimated_{name}" for name in world.standards]
    return [*metrics, *(f"known_{name}" for name in metrics), *fallbacks, *ratios, "rows"]


def parts(world: "World", platform: int, standard: int) -> list[list[tuple[str, float]]]:
    """The alternatives of a standard metric on a platform as lists of (native metric, weight)."""
    weights = world.weights[platform, standard]
    found = [[(n, float(w)) for n, w in zip(world.natives, row, strict=True) if not np.isnan(w)] for row in weights]
    return [alternative for alternative in found if alternative]


# ---- Polars --------------------------------------------------------------------------------


def polars_frame(world: "World") -> Any:
    import polars as pl

    frame = pl.DataFrame({"account": world.entity, "platform": world.platform.astype(np.int8)})
    frame = frame.with_columns(pl.Series("day", world.day).cast(pl.Date))
    natives = {name: pl.Series(name, row).fill_nan(None) for name, row in zip(world.natives, world.native, strict=True)}
    return frame.with_columns(**natives).rechunk()


def _polars_value(world: "World", platform: int, standard: int) -> tuple[Any, Any]:
    """Value of a standard metric on one platform, and whether it fell back."""
    import polars as pl

    sums = [
        sum((pl.col(name) * weight if weight != 1 else pl.col(name) for name, weight in rest), start=_term(first))
        for first, *rest in parts(world, platform, standard)
    ]
    if not sums:
        return pl.lit(None, pl.Float64), pl.lit(False)
    return pl.coalesce(sums), (sums[0].is_null() & pl.coalesce(sums[1:]).is_not_null() if sums[1:] else pl.lit(False))


def _term(part: tuple[str, float]) -> Any:
    import polars as pl

    return pl.col(part[0]) * part[1] if part[1] != 1 else pl.col(part[0])


def _polars_totals(world: "World") -> list[Any]:
    import polars as pl

    metrics = [*world.natives, *world.standards]
    totals = [pl.col(name).sum() for name in metrics]
    totals += [pl.col(name).count().alias(f"known_{name}") for name in metrics]
    totals += [pl.col(f"estimated_{name}").sum() for name in world.standards]
    for number in range(len(world.ratios)):
        top, bottom = pl.col(f"top_{number}"), pl.col(f"bottom_{number}")
        totals += [top.sum(), bottom.sum(), top.count().alias(f"both_{number}")]
    return [*totals, pl.len().alias("rows")]


def _polars_pairs(world: "World") -> list[Any]:
    import polars as pl

    pairs = []
    for number, (top, bottom) in enumerate(world.ratio_names):
        both = pl.col(top).is_not_null() & pl.col(bottom).is_not_null()
        pairs.append(pl.when(both).then(pl.col(top)).alias(f"top_{number}"))
        pairs.append(pl.when(both).then(pl.col(bottom)).alias(f"bottom_{number}"))
    return pairs


def polars_chain(frame: Any, world: "World", engine: str) -> pd.DataFrame:
    """One pass; the platform's rule picked by when/then."""
    import polars as pl

    derived = []
    for standard, name in enumerate(world.standards):
        value = fallback = pl
        for platform in range(world.n_platforms):
            here, lost = _polars_value(world, platform, standard)
            value = value.when(pl.col("platform") == platform).then(here)
            fallback = fallback.when(pl.col("platform") == platform).then(lost)
        derived += [value.otherwise(None).alias(name), fallback.otherwise(False).alias(f"estimated_{name}")]
    query = frame.lazy().with_columns(*derived, pl.col("day").dt.truncate("1mo").alias("month"))
    query = query.with_columns(_polars_pairs(world)).group_by("account", "month").agg(_polars_totals(world))
    return query.collect(engine=engine)


def polars_split(frame: Any, world: "World", engine: str) -> pd.DataFrame:
    """One plan a platform, without choices in it, and their union."""
    import polars as pl

    plans = []
    for platform in range(world.n_platforms):
        derived = []
        for standard, name in enumerate(world.standards):
            value, fallback = _polars_value(world, platform, standard)
            derived += [value.alias(name), fallback.alias(f"estimated_{name}")]
        plan = frame.lazy().filter(pl.col("platform") == platform)
        plan = plan.with_columns(*derived, pl.col("day").dt.truncate("1mo").alias("month"))
        plans.append(plan.with_columns(_polars_pairs(world)).group_by("account", "month").agg(_polars_totals(world)))
    return pl.concat(plans).collect(engine=engine)


# ---- DuckDB --------------------------------------------------------------------------------


def duckdb_table(world: "World") -> Any:
    return duckdb_arrow(world, own=True)


def duckdb_arrow(world: "World", own: bool = False) -> Any:
    """A connection that sees the observations: as an Arrow table, or copied into a table of its own."""
    import duckdb

    connection = duckdb.connect()
    connection.register("arrow", polars_frame(world).to_arrow())
    connection.execute(f"SET threads = {world.threads}")
    connection.execute(f"CREATE {'TABLE' if own else 'VIEW'} observations AS SELECT * FROM arrow")
    return connection


def duckdb_query(connection: Any, world: "World") -> pd.DataFrame:
    derived = []
    for standard, name in enumerate(world.standards):
        values, fallbacks = [], []
        for platform in range(world.n_platforms):
            alternatives = parts(world, platform, standard)
            sums = [" + ".join(f"{n} * {w!r}" if w != 1 else n for n, w in alternative) for alternative in alternatives]
            if sums:
                values.append(f"WHEN {platform} THEN coalesce({', '.join(sums)})")
            if sums[1:]:
                rest = f"coalesce({', '.join(sums[1:])})"
                fallbacks.append(f"WHEN {platform} THEN ({sums[0]}) IS NULL AND {rest} IS NOT NULL")
        derived.append(f"CASE platform {' '.join(values)} END AS {name}")
        fallback = f"CASE platform {' '.join(fallbacks)} ELSE false END" if fallbacks else "false"
        derived.append(f"{fallback} AS estimated_{name}")
    metrics = [*world.natives, *world.standards]
    totals = [f"sum({name}) AS {name}, count({name}) AS known_{name}" for name in metrics]
    totals += [f"count_if(estimated_{name}) AS estimated_{name}" for name in world.standards]
    for number, (top, bottom) in enumerate(world.ratio_names):
        both = f"CASE WHEN {top} IS NOT NULL AND {bottom} IS NOT NULL THEN"
        totals.append(f"sum({both} {top} END) AS top_{number}, sum({both} {bottom} END) AS bottom_{number}")
        totals.append(f"count({both} 1 END) AS both_{number}")
    return connection.sql(
        f"SELECT account, month, {', '.join(totals)}, count(*) AS rows FROM "
        f"(SELECT *, {', '.join(derived)}, date_trunc('month', day) AS month FROM observations) GROUP BY account, month"
    ).to_arrow_table()


# ---- pandas --------------------------------------------------------------------------------


def pandas_frame(world: "World") -> pd.DataFrame:
    frame = pd.DataFrame(dict(zip(world.natives, world.native, strict=True)), copy=False)
    return frame.assign(account=world.entity, platform=world.platform, day=world.day.astype("datetime64[D]"))


def pandas_groupby(frame: pd.DataFrame, world: "World") -> pd.DataFrame:
    """Columns derived by numpy platform by platform, then two grouped passes in C."""
    wide = frame[world.natives].copy()
    on_platform = [(frame["platform"] == platform).to_numpy() for platform in range(world.n_platforms)]
    for standard, name in enumerate(world.standards):
        value, fell_back = np.full(len(frame), np.nan), np.zeros(len(frame))
        for platform, here in enumerate(on_platform):
            for number, alternative in enumerate(parts(world, platform, standard)):
                total = sum(frame[native].to_numpy()[here] * weight for native, weight in alternative)
                if number == 0:
                    value[here] = total
                else:
                    lost = np.isnan(value[here]) & ~np.isnan(total)
                    value[here] = np.where(lost, total, value[here])
                    fell_back[here] += lost
        wide[name], wide[f"estimated_{name}"] = value, fell_back
    for number, (top, bottom) in enumerate(world.ratio_names):
        both = wide[top].notna() & wide[bottom].notna()
        wide[f"top_{number}"], wide[f"bottom_{number}"] = wide[top].where(both), wide[bottom].where(both)
    keys = [frame["account"], frame["day"].to_numpy().astype("datetime64[M]").astype(np.int64)]
    grouped = wide.groupby(keys, sort=False)
    known = grouped.count()
    result = pd.concat([grouped.sum(), known[[*world.natives, *world.standards]].add_prefix("known_")], axis=1)
    for number in range(len(world.ratios)):
        result[f"both_{number}"] = known[f"top_{number}"]
    result["rows"] = grouped.size()
    return result.rename_axis(["account", "month"]).reset_index()


CONTENDERS: dict[str, list[tuple[str, Callable[..., Any], Callable[..., Any]]]] = {
    "Polars": [
        ("one pass, streaming", polars_frame, lambda frame, world: polars_chain(frame, world, "streaming")),
        ("one pass, in memory", polars_frame, lambda frame, world: polars_chain(frame, world, "in-memory")),
        ("by platform, streaming", polars_frame, lambda frame, world: polars_split(frame, world, "streaming")),
        ("by platform, in memory", polars_frame, lambda frame, world: polars_split(frame, world, "in-memory")),
    ],
    "DuckDB": [("over Arrow", duckdb_arrow, duckdb_query), ("own table", duckdb_table, duckdb_query)],
    "pandas": [("numpy by platform, groupby", pandas_frame, pandas_groupby)],
}
