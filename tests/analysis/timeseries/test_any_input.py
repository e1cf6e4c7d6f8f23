"""What holds for every function of the room: any input is answered, and threads and blocks change no bit.

The substitution matrix: NaN and infinity at every position, zeros, constants, lengths from 0 on, huge and tiny values,
negative ones. Where too little is known the answer is NaN, an empty table or "not testable", never an exception, and no
p-value is NaN.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis import timeseries
from engagerr_core.analysis.timeseries import SeriesSet, series_set
from engagerr_core.errors import InvalidArgument

FUNCTIONS: dict[str, Callable[..., pd.DataFrame]] = {
    "growth": timeseries.growth,
    "trend": timeseries.trend,
    "seasonality": timeseries.seasonality,
    "change_points": timeseries.change_points,
    "anomalies": timeseries.anomalies,
    "volatility": timeseries.volatility,
    "decompose": timeseries.decompose,
    "forecast": timeseries.forecast,
    "forecast, analytic": lambda series, **options: timeseries.forecast(series, intervals="analytic", **options),
}
COLUMNS = {
    "trend": "series slope slope_low slope_high p_value direction strength r_squared n_effective",
    "change_points": "series index time before after p_value",
    "anomalies": "series index time value expected score p_value q_value",
    "seasonality": "series period strength p_value",
    "forecast": "series step time mean lo_80 hi_80 lo_95 hi_95 model",
}
ONE_ROW_A_SERIES = ("trend", "growth", "volatility")

every = pytest.mark.parametrize("name", FUNCTIONS)


def usual(rng: np.random.Generator, length: int) -> np.ndarray:
    day = np.arange(length)
    return np.round(np.exp(4 + 0.3 * np.sin(2 * np.pi * day / 7) + 0.002 * day + rng.normal(0, 0.2, length)))


def odd_series() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    spike, step, gap = usual(rng, 60), usual(rng, 60), usual(rng, 60)
    spike[30] *= 50
    step[30:] *= 4
    gap[10:40] = np.nan
    return {
        **{f"length {n}": usual(rng, n) for n in range(9)},
        **{f"length {n}": usual(rng, n) for n in (13, 14, 15, 21, 28, 60)},
        **{f"all NaN, {n}": np.full(n, np.nan) for n in (1, 2, 30)},
        **{f"zeros, {n}": np.zeros(n) for n in (1, 2, 8, 60)},
        **{f"constant, {n}": np.full(n, 17.0) for n in (1, 2, 8, 60)},
        "one known": np.where(np.arange(40) == 20, 5.0, np.nan),
        "two known": np.where(np.isin(np.arange(40), [3, 30]), 5.0, np.nan),
        "line": np.arange(60.0),
        "falling to zero": np.maximum(50.0 - np.arange(60), 0),
        "pure week": np.tile([1.0, 2, 3, 4, 5, 6, 7], 9),
        "two values in turn": np.tile([1.0, 2.0], 30),
        "mostly zero": np.where(rng.random(80) < 0.1, 5.0, 0.0),
        "one count": np.where(np.arange(60) == 30, 1.0, 0.0),
        "huge": usual(rng, 60) * 1e12,
        "beyond": np.full(60, 1e300) * rng.random(60),
        "tiny": usual(rng, 60) * 1e-12,
        "negative": -usual(rng, 60),
        "around zero": rng.normal(0, 3, 60),
        "with infinity": np.where(np.arange(60) % 11 == 0, np.inf, usual(rng, 60)),
        "random walk": np.cumsum(rng.normal(0, 1, 120)) + 100,
        "heavy": np.exp(3 * rng.standard_t(2, 60)),
        "spike": spike, "step": step, "gap": gap,
        "every other day": np.where(np.arange(60) % 2 == 0, usual(rng, 60), np.nan),
    }  # fmt: skip


ODD = odd_series()


def together() -> SeriesSet:
    return SeriesSet.from_arrays(list(ODD.values()), ids=list(ODD))


def check_sound(name: str, table: pd.DataFrame, series: SeriesSet) -> None:
    """What every table must be, whatever came in."""
    if name in COLUMNS:
        assert list(table.columns) == COLUMNS[name].split()
    assert table.columns[0] == "series"
    assert isinstance(table.summary, str)
    assert table.summary
    assert table.columns.is_unique
    for column in table.columns.intersection(["p_value", "q_value"]):
        assert table[column].between(0, 1).all(), f"{name}: {column} of {table.loc[~table[column].between(0, 1)]}"
    if name in ONE_ROW_A_SERIES:
        assert table["series"].tolist() == list(series.labels(np.arange(len(series))))
    numbers = table.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(float)).any(), f"{name}: infinite figures"
    if "index" in table:
        lengths = dict(zip(series.labels(np.arange(len(series))), series.lengths, strict=True))
        assert all(0 <= row.index < lengths[row.series] for row in table[["series", "index"]].itertuples(index=False))
    if name.startswith("forecast"):
        known = table.dropna(subset=["mean", "lo_95"])
        thin = set(table.loc[table["mean"].notna() & table["lo_95"].isna(), "series"])
        counts = {
            one: int(np.isfinite(series.array(i)).sum()) for i, one in enumerate(series.labels(np.arange(len(series))))
        }
        assert all(counts[one] <= 2 for one in thin), "an interval needs three values"
        assert all(counts[one] == 0 for one in table.loc[table["mean"].isna(), "series"])
        assert (known["lo_95"] <= known["lo_80"]).all()
        assert (known["lo_80"] <= known["mean"] + 1e-9 * known["mean"].abs()).all()
        assert (known["mean"] <= known["hi_80"] + 1e-9 * known["mean"].abs()).all()
        assert (known["hi_80"] <= known["hi_95"]).all()
        assert len(table) == 30 * len(series)
        assert table.scores is not None
        assert len(table.scores) == len(series)


@every
def test_odd_series_together(name):
    series = together()
    check_sound(name, FUNCTIONS[name](series), series)


@every
def test_threads_and_blocks_change_no_bit(name, monkeypatch):
    series = together()
    expected = FUNCTIONS[name](series, threads=1)
    pd.testing.assert_frame_equal(
        pd.DataFrame(FUNCTIONS[name](series, threads=3)), pd.DataFrame(expected), check_exact=True
    )
    for values in (1, 100, 1_000):
        monkeypatch.setattr(series_set, "BLOCK_VALUES", values)
        again = FUNCTIONS[name](series, threads=2)
        pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(expected), check_exact=True)


@every
def test_a_series_alone_is_the_series_among_others(name):
    series = together()
    whole = FUNCTIONS[name](series)
    for position in range(0, len(series), 5):
        alone = FUNCTIONS[name](series[position])
        mine = whole[whole["series"] == series.ids[position]].reset_index(drop=True)
        # anomalies learn from the whole call how heavy the tails of noise are, and control false discoveries over it
        keep = [c for c in mine.columns if name != "anomalies" or c not in ("p_value", "q_value")]
        if name == "anomalies":
            alone = alone[alone["index"].isin(mine["index"])].reset_index(drop=True)
        one, other = (
            table[keep].assign(model=table["model"].astype(str)) if "model" in keep else table[keep]
            for table in (pd.DataFrame(alone), mine)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=len(mine) > 0)


@every
def test_nothing_at_all(name):
    for series in (SeriesSet([], [0]), SeriesSet([], [0, 0])):
        check_sound(name, FUNCTIONS[name](series), series)


@every
@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf, 0.0])
def test_a_hole_at_every_position(name, hole):
    plain = usual(np.random.default_rng(8), 35)
    arrays = []
    for position in range(plain.size):
        damaged = plain.copy()
        damaged[position] = hole
        arrays.append(damaged)
    series = SeriesSet.from_arrays(arrays)
    check_sound(name, FUNCTIONS[name](series), series)


@every
def test_infinity_is_missing_data(name):
    plain = usual(np.random.default_rng(9), 60)
    holes, infinite = plain.copy(), plain.copy()
    holes[[5, 30]], infinite[[5, 30]] = np.nan, [np.inf, -np.inf]
    one, other = (pd.DataFrame(FUNCTIONS[name](values)) for values in (holes, infinite))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@every
def test_the_callers_values_stay(name):
    values = usual(np.random.default_rng(10), 60)
    values[7] = np.nan
    series = SeriesSet(values, [0, values.size])
    before = values.copy()
    FUNCTIONS[name](series)
    np.testing.assert_array_equal(values, before)


@every
def test_times_and_names_come_back(name):
    days = pd.date_range("2026-01-01", periods=70)
    rng = np.random.default_rng(11)
    values = usual(rng, 70)
    values[40] *= 30
    frame = pd.concat([pd.DataFrame({"who": w, "day": days, "views": values}) for w in ("ada", "béla", "<b>")])
    table = FUNCTIONS[name](SeriesSet.from_frame(frame, id="who", time="day", value="views"))
    assert set(table["series"]) <= {"ada", "béla", "<b>"}
    if name.startswith("forecast"):
        first = table[table["step"] == 1]
        assert (first["time"] == days[-1] + pd.Timedelta(days=1)).all()
    elif "time" in table:
        assert len(table) or name == "change_points"  # an odd day is no change of level
        assert (table["time"].to_numpy() == days.to_numpy()[table["index"]]).all()


@every
@pytest.mark.parametrize("wrong", ["text", {"a": 1}, 5, np.zeros((2, 2)), [["a"]], pd.DataFrame({"a": [1]})], ids=str)
def test_what_is_no_series_is_refused_before_anything_runs(name, wrong):
    with pytest.raises(InvalidArgument):
        FUNCTIONS[name](wrong)


@every
@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_a_wrong_number_of_threads_is_refused(name, threads):
    with pytest.raises(InvalidArgument, match="threads"):
        FUNCTIONS[name](usual(np.random.default_rng(1), 30), threads=threads)
