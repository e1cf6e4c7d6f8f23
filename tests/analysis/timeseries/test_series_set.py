"""The container: what it accepts, what it refuses in which words, slices, times, blocks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.timeseries import SeriesSet, SeriesTable, as_series_set
from engagerr_core.analysis.timeseries.series_set import BLOCK_SERIES, BLOCK_VALUES
from engagerr_core.errors import InvalidArgument

DAYS = pd.date_range("2026-01-01", periods=4)
LENGTHS = st.lists(st.integers(0, 6), max_size=8)


def frame(**columns):
    given = {"id": ["a", "b", "a", "b"], "day": ["2026-01-01", "2026-01-05", "2026-01-03", "2026-01-06"]}
    return pd.DataFrame(given | {"views": [1, 2, 3, 4]} | columns)


def made(lengths):
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return SeriesSet(np.arange(float(indptr[-1])), indptr)


# ---- what is accepted -----------------------------------------------------------------------


def test_series_lie_one_after_the_other():
    series = SeriesSet([1, 2, None, 4, np.inf], [0, 3, 3, 5])
    assert len(series) == 3
    np.testing.assert_array_equal(series.values, [1, 2, np.nan, 4, np.nan])
    assert series.lengths.tolist() == [3, 0, 2]
    assert series.array(-1).tolist()[0] == 4
    assert str(series) == "SeriesSet: 3 series, 0 to 3 values each, 2 of 5 missing"


def test_infinity_leaves_the_callers_array_alone():
    mine = np.array([1.0, -np.inf])
    assert np.isnan(SeriesSet(mine, [0, 2]).values[1])
    assert np.isinf(mine[1])


def test_nothing_is_a_set_too():
    for nothing in (
        SeriesSet([], [0]),
        SeriesSet.from_arrays([]),
        SeriesSet.from_frame(frame()[:0], id="id", time="day", value="views"),
    ):
        assert len(nothing) == 0
        assert nothing.blocks() == []
        assert str(nothing) == "SeriesSet: no series"


def test_a_frame_may_be_interleaved_and_its_gaps_are_missing_data():
    series = SeriesSet.from_frame(frame(), id="id", time="day", value="views")
    np.testing.assert_array_equal(series.values, [1, np.nan, 3, 2, 4])
    assert series.labels(np.array([1, 0])).tolist() == ["b", "a"]
    assert series.step == np.timedelta64(1, "D")
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-05", "2026-01-06"]
    assert series.times.astype("datetime64[D]").astype(str).tolist() == days
    assert str(series) == "SeriesSet: 2 series, 2 to 3 values each, 1 of 5 missing, 2026-01-01 to 2026-01-06, every day"


@pytest.mark.parametrize(
    ("step", "length"), [("1D", 3), ("12h", 5), (pd.Timedelta("2D"), 2), (np.timedelta64(2, "D"), 2)]
)
def test_the_step_may_be_given(step, length):
    series = SeriesSet.from_frame(frame()[::2], id="id", time="day", value="views", step=step)
    assert series.lengths.tolist() == [length]


def test_times_of_any_kind_and_zone():
    hours = pd.date_range("2026-03-28 22:00", periods=5, freq="h", tz="Asia/Tokyo")
    plain = frame().iloc[[0, 0, 0, 0, 0]].assign(day=hours, views=range(5))
    series = SeriesSet.from_frame(plain, time="day", value="views")
    assert series.times_at(0, 4) == np.datetime64("2026-03-29T02:00")
    assert "every hour" in str(series)
    python_dates = frame(day=[day.date() for day in DAYS])
    assert SeriesSet.from_frame(python_dates, time="day", value="views").step == np.timedelta64(1, "D")


def test_given_times_fit_given_bounds():
    series = SeriesSet([1, 2, 3, 4, 5], [0, 2, 2, 4, 5], times=[*DAYS[:2], *DAYS[1:3], DAYS[0]])
    assert np.isnat(series.starts[1])
    assert series.times_at(np.array([3]), np.array([2]))[0] == np.datetime64("2026-01-03")
    assert series[1].times.size == 0
    alone = SeriesSet([1.0], [0, 1], times=DAYS[:1])
    assert alone.step is None
    assert alone.times[0] == np.datetime64("2026-01-01")
    assert np.isnat(alone.times_at(0, 1))


PLAIN = ([1, 2.5, None], (1, 2, 3), np.array([1, 2, 3]), np.ones(3, bool), pd.Series([1, 2, 3], index=[9, 8, 7]))


@pytest.mark.parametrize("one", [*PLAIN, pd.Series([1, None, 3], dtype="Int64")])
def test_one_series_may_be_given_plainly(one):
    series = as_series_set(one)
    assert series.lengths.tolist() == [3]
    assert series.starts is None


def test_a_pandas_series_of_days_has_days():
    found = as_series_set(pd.Series([1.0, 2, 3], index=DAYS[[0, 1, 3]]))
    np.testing.assert_array_equal(found.values, [1, 2, np.nan, 3])
    months = as_series_set(pd.Series([1.0, 2], index=pd.period_range("2026-01-05", periods=2, freq="W")))
    assert months.step == np.timedelta64(7, "D")
    assert as_series_set(found) is found


# ---- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "indptr", "said"), [
    ([1, 2], [0, 3], "goes from 0 to 3, but there are 2 values"),
    ([1, 2], [1, 2], "goes from 1 to 2"),
    ([1, 2], [0, 2, 1, 2], "falls from 2 to 1 at place 2"),
    ([1, 2], [0.0, 2.0], "indptr was float64"),
    ([1, 2], [], "indptr was float64 of shape"),
    ([1, 2], [[0, 2]], r"of shape \(1, 2\)"),
    ([[1, 2]], [0, 2], "has 2 dimensions"),
    (["1", "2"], [0, 2], "holds what is no number"),
    (np.array(["1", 2], object), [0, 2], "holds what is no number"),
    (np.array([{}, 2], object), [0, 2], "holds what is no number"),
    ([1 + 2j, 2], [0, 2], "holds what is no number"),
    (pd.to_datetime(["2026-01-01", "2026-01-02"]), [0, 2], "holds what is no number"),
])  # fmt: skip
def test_bounds_and_numbers_that_do_not_fit(values, indptr, said):
    with pytest.raises(InvalidArgument, match=said):
        SeriesSet(values, indptr)


@pytest.mark.parametrize(("times", "said"), [
    (DAYS[::-1], "Series 0 is not in order: 2026-01-03 follows 2026-01-04. Sort"),
    (DAYS[[0, 1, 1, 2]], "Series 0 has 2026-01-02 twice"),
    (pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-07"]), "steps unevenly: 2026-01-07 follows"),
    (DAYS[:3], "3 times for 4 values"),
    ([1, 2, 3, 4], "holds what is no time"),
    (["a", "b", "c", "d"], "holds what is no time"),
    ([*DAYS[:3], None], "missing in row 3"),
])  # fmt: skip
def test_times_that_do_not_fit(times, said):
    with pytest.raises(InvalidArgument, match=said):
        SeriesSet([1, 2, 3, 4], [0, 4], times=times)


def test_the_second_series_is_named():
    with pytest.raises(InvalidArgument, match="Series 1 has 2026-01-03 twice"):
        SeriesSet([1, 2, 3, 4], [0, 2, 4], times=[*DAYS[:2], DAYS[2], DAYS[2]])
    with pytest.raises(InvalidArgument, match="Series 'b' has 2026-01-05 twice"):
        SeriesSet.from_frame(
            frame(day=["2026-01-01", "2026-01-05", "2026-01-03", "2026-01-05"]), id="id", time="day", value="views"
        )


@pytest.mark.parametrize(("change", "arguments", "said"), [
    ({"views": ["1", "2", "x", "4"]}, {}, "views holds what is no number"),
    ({"id": ["a", None, "a", "b"]}, {}, "Row 1 of column 'id' names no series"),
    ({}, {"id": "who"}, "no column 'who'; it has id, day, views"),
    ({}, {"step": "2D"}, "Series 'b' has 2026-01-06, which is no whole number of steps of 2 days"),
    ({}, {"step": "-1D"}, "does not lead forward"),
    ({}, {"step": "soon"}, "is no length of time"),
    ({"day": ["1970-01-01", "2026-01-05", "2026-01-03", "2026-01-05 00:00:01"]}, {}, "step of second"),
])  # fmt: skip
def test_frames_that_do_not_fit(change, arguments, said):
    with pytest.raises(InvalidArgument, match=said):
        SeriesSet.from_frame(frame(**change), **({"id": "id", "time": "day", "value": "views"} | arguments))


def test_ids_that_do_not_fit():
    with pytest.raises(InvalidArgument, match="2 ids for 1 series"):
        SeriesSet([1.0], [0, 1], ids=["a", "b"])
    with pytest.raises(InvalidArgument, match="'a' names two series"):
        SeriesSet([1.0], [0, 1, 1], ids=["a", "a"])
    with pytest.raises(InvalidArgument, match="series was a DataFrame"):
        as_series_set(frame())
    with pytest.raises(InvalidArgument, match="no series 2: the set holds 1"):
        SeriesSet([1.0], [0, 1])[2]


# ---- slices and blocks ----------------------------------------------------------------------


@given(lengths=LENGTHS, data=st.data())
def test_slices_hold_the_chosen_series(lengths, data):
    series = made(lengths)
    arrays = [series.array(i).tolist() for i in range(len(series))]
    a, b = data.draw(st.integers(-9, 9)), data.draw(st.integers(-9, 9))
    assert [series[a:b].array(i).tolist() for i in range(len(series[a:b]))] == arrays[a:b]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(lengths), max_size=len(lengths))), bool)
    chosen = series[mask]
    assert [chosen.array(i).tolist() for i in range(len(chosen))] == [x for x, m in zip(arrays, mask, strict=True) if m]
    back = series[::-1]
    assert [back.array(i).tolist() for i in range(len(back))] == arrays[::-1]


@given(lengths=LENGTHS)
def test_blocks_are_the_set(lengths):
    series = made(lengths)
    found = [block.array(i).tolist() for block in series.blocks() for i in range(len(block))]
    assert found == [series.array(i).tolist() for i in range(len(series))]


def test_blocks_follow_from_lengths_and_keep_names():
    series = made([BLOCK_VALUES + 1, 10, 10, BLOCK_VALUES, 3])
    assert [len(block) for block in series.blocks()] == [1, 2, 1, 1]
    assert series.blocks()[1].labels(np.array([0, 1])).tolist() == [1, 2]
    short = made([1] * (BLOCK_SERIES + 1))
    assert [len(block) for block in short.blocks()] == [BLOCK_SERIES, 1]
    named = SeriesSet([1.0, 2.0], [0, 1, 2], times=DAYS[[0, 0]], ids=["x", "y"])
    assert named.blocks()[0].labels(np.array([1])).tolist() == ["y"]
    assert named[1].labels(np.array([0])).tolist() == ["y"]
    for threads in (1, 3):
        assert series.map_blocks(len, threads) == [1, 2, 1, 1]


def test_masking_makes_missing_data():
    series = made([2, 1])
    np.testing.assert_array_equal(series.masked(np.array([True, False, True])).values, [np.nan, 1, np.nan])
    assert series.values.tolist() == [0, 1, 2]
    with pytest.raises(InvalidArgument, match="one boolean for each of the 3 values"):
        series.masked(np.array([True]))


def test_a_set_travels():
    again = pickle.loads(pickle.dumps(made([2, 1])))  # noqa: S301
    assert again.values.tolist() == [0, 1, 2]


# ---- tables ---------------------------------------------------------------------------------


def test_a_table_prints_its_sentence_escaped():
    table = SeriesTable.of({"series": [1, 2], "slope": [0.5, 0.6]}, "Of <b>2</b> series, none rises.")
    assert repr(table).startswith("Of <b>2</b> series, none rises.\n")
    assert "<p>Of &lt;b&gt;2&lt;/b&gt; series, none rises.</p>" in table._repr_html_()
    assert type(table[table["slope"] > 0.5]) is pd.DataFrame
    assert table.scores is None
    assert pickle.loads(pickle.dumps(table)).summary == table.summary  # noqa: S301
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame({"series": [1, 2], "slope": [0.5, 0.6]}))
