"""The benchmark in small: every contender gives our figures, and the table can be made from its results."""

import numpy as np
import pytest

from tests.benchmarks import table
from tests.benchmarks.rollup import check_equal, make_world, measure, ours, ours_from_pandas
from tests.benchmarks.rollup_peers import CONTENDERS, columns_of, pandas_frame

FORMS = [(f"{library}, {form}", lay_out, run) for library, forms in CONTENDERS.items() for form, lay_out, run in forms]


@pytest.fixture(scope="module")
def world():
    return make_world(3_000, 12, "shuffled")


@pytest.mark.parametrize(("lay_out", "run"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_a_peer_gives_our_figures(world, lay_out, run):
    peer = run(lay_out(world), world)
    names = getattr(peer, "column_names", None) or peer.columns
    assert set(columns_of(world)) <= set(names)
    check_equal(ours(world, 2), peer, world)


def test_the_comparison_would_notice(world):
    wrong = pandas_frame(world).copy()
    wrong.loc[wrong["views"].notna().idxmax(), "views"] += 1
    _, _, run = CONTENDERS["pandas"][0]
    with pytest.raises(AssertionError, match="views"):
        check_equal(ours(world, 2), run(wrong, world), world)


def test_from_pandas_is_the_same(world):
    for one, other in zip(ours(world, 1), ours_from_pandas(pandas_frame(world), world), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("order", ["exported", "daily", "shuffled"])
def test_a_small_measurement_fills_the_table(order):
    scenario = measure(500, 5, order, 1, {"pandas": CONTENDERS["pandas"]})
    rows = table.rows({"scenarios": [scenario | {"peak_memory_over_input": 1.5}], "threads": 2})
    assert order in rows
    assert f"{scenario['ratios']['pandas']:.1f} ×" in rows
