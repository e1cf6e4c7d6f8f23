"""Totals over royalty statements."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.statements import KEY, with_statement_totals
from tests.analysis.examples import frame, observation


def part(content="a", statement="2026-05", service="Spotify", **fields):
    return observation(
        "spotify", start="2026-03-01", end="2026-03-31", content=content, dimension="service|statement",
        dimension_value=f"{service}|{statement}", **fields,
    )  # fmt: skip


def total(rows, content=""):
    found = with_statement_totals(frame(rows))
    return found[(found["dimension"] == "") & (found["content"] == content)].iloc[0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", ""]), st.sampled_from(["s1", "s2", "s3"]), st.integers(-1000, 1000),
            st.booleans(),
        ),
        min_size=1, max_size=12, unique_by=lambda row: row[:2],
    ),
    st.randoms(),
)  # fmt: skip
def test_every_total_is_the_sum_of_its_parts_in_any_order(told, random):
    rows = [part(c, s, streams=float(n) if known else np.nan, revenue=1.5, currency="EUR") for c, s, n, known in told]
    found = with_statement_totals(frame(rows))
    random.shuffle(rows)
    again = with_statement_totals(frame(rows))
    whole, other = (table[table["dimension"] == ""].set_index("content") for table in (found, again))
    assert set(whole.index) == {c for c, *_ in told} | {""}
    assert not whole.index.duplicated().any()
    for content in whole.index:
        counted = [n for c, _, n, known in told if known and content in (c, "")]
        expected = float(sum(counted)) if counted else np.nan
        assert np.array_equal(whole.loc[content, "streams"], expected, equal_nan=True)
        assert np.array_equal(other.loc[content, "streams"], expected, equal_nan=True)
        assert whole.loc[content, "revenue"] == 1.5 * sum(content in (c, "") for c, *_ in told)
    assert (whole["row"] == 0).all()
    assert (whole["currency"] == "EUR").all()


def test_people_are_never_added_and_money_only_in_one_currency():
    rows = [
        part(statement="s1", streams=5.0, listeners=3.0, revenue=1.0, currency="USD"),
        part(statement="s2", streams=7.0, listeners=3.0, revenue=1.0, currency="EUR"),
    ]
    one = total(rows, "a")
    assert one["streams"] == 12
    assert np.isnan(one["listeners"])
    assert np.isnan(one["revenue"])
    assert one["currency"] == ""
    units_alone = part(statement="s3", streams=1.0, currency="GBP")
    assert total([rows[0], units_alone], "a")[["revenue", "currency"]].tolist() == [1.0, "USD"]


def test_lines_are_in_the_parts_already_and_nothing_else_is_touched():
    line = part(streams=5.0) | {"dimension": "country|service|statement", "dimension_value": "US|Spotify|2026-05"}
    day = observation("spotify", day="2026-03-01", streams=2.0)
    table = frame([line, day])
    assert with_statement_totals(table) is table
    found = with_statement_totals(frame([line, day, part(streams=5.0)]))
    assert total([line, day, part(streams=5.0)], "a")["streams"] == 5
    assert len(found) == 5
    pd.testing.assert_frame_equal(found.iloc[:3].reset_index(drop=True), frame([line, day, part(streams=5.0)]))


def test_a_total_of_the_platform_stands_and_learns_only_what_it_lacks():
    own = observation("spotify", start="2026-03-01", end="2026-03-31", streams=100.0, listeners=9.0)
    rows = [own, part(streams=80.0, revenue=2.0, currency="USD")]
    one = total(rows)
    assert one[["streams", "listeners", "revenue", "currency"]].tolist() == [100, 9, 2, "USD"]
    paid = own | {"ad_revenue": 1.0, "currency": "EUR"}
    one = total([paid, rows[1]])
    assert one[["ad_revenue", "currency"]].tolist() == [1, "EUR"]
    assert np.isnan(one["revenue"])
    found = with_statement_totals(frame([paid, rows[1]]))
    assert not found[found["dimension"] == ""].duplicated(KEY).any()
