"""Audience snapshots: shares as told, shares from counts, and what is not known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.demographics import SNAPSHOT_COLUMNS, audience_snapshots, latest_snapshots
from tests.analysis.examples import frame, observation

SEEN, LATER = "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"
MONTH = {"start": "2026-10-01", "end": "2026-10-31"}


def share(value, given, dimension="gender", observed_at=SEEN, **more):
    return observation(
        "instagram", basis="stock", dimension=dimension, dimension_value=value, followers_share=given,
        observed_at=observed_at, **more,
    )  # fmt: skip


def by_value(rows, of="followers", dimension="gender", column="share"):
    made = audience_snapshots(frame(rows))
    mine = made[(made["of"] == of) & (made["dimension"] == dimension)]
    return dict(zip(mine["value"], mine[column], strict=True))


def test_shares_as_told_with_what_was_withheld():
    rows = [share("female", 0.6), share("male", 0.3), share("other", np.nan)]
    assert by_value(rows) == {"female": 0.6, "male": 0.3}
    assert list(by_value(rows, column="coverage").values()) == pytest.approx([0.9, 0.9])
    assert set(by_value(rows, column="origin").values()) == {"native"}


def test_counts_are_divided_by_the_platforms_own_total():
    rows = [
        observation(dimension="country", dimension_value=c, views=v, **MONTH) for c, v in (("DE", 30.0), ("FR", 10.0))
    ]
    assert by_value(rows, "views", "country") == {"DE": 0.75, "FR": 0.25}
    whole = [*rows, observation(views=80.0, **MONTH)]
    assert by_value(whole, "views", "country") == {"DE": 0.375, "FR": 0.125}
    assert set(by_value(whole, "views", "country", "coverage").values()) == {0.5}
    assert set(by_value(whole, "views", "country", "origin").values()) == {"derived"}
    too_small = [*rows, observation(views=8.0, **MONTH)]  # a total below its parts is no total
    assert by_value(too_small, "views", "country") == {"DE": 0.75, "FR": 0.25}


def test_people_counted_more_than_once_give_no_shares():
    rows = [
        observation(dimension="country", dimension_value=c, reach=9.0, listeners=9.0, **MONTH) for c in ("DE", "FR")
    ]
    assert audience_snapshots(frame(rows)).empty


def test_age_and_gender_give_each_of_both_but_not_over_an_own_table():
    told = {"18-24|female": 0.3, "18-24|male": 0.2, "25-34|female": 0.4, "25-34|male": np.nan}
    rows = [share(value, given, "age|gender") for value, given in told.items()]
    assert by_value(rows) == {"female": pytest.approx(0.7), "male": pytest.approx(0.2)}
    assert by_value(rows, dimension="age") == {"18-24": pytest.approx(0.5), "25-34": pytest.approx(0.4)}
    assert set(by_value(rows, dimension="age", column="origin").values()) == {"derived"}
    assert by_value([*rows, share("female", 0.55)]) == {"female": 0.55}


def test_an_unknown_share_stays_unknown_and_a_zero_stays_zero():
    assert by_value([share("female", 0.0), share("male", 1.0)]) == {"male": 1.0, "female": 0.0}
    none = [observation(dimension="country", dimension_value="DE", views=0.0, **MONTH)]
    assert np.isnan(by_value(none, "views", "country")["DE"])


def test_what_describes_no_people_and_what_speaks_of_a_post_is_no_snapshot():
    rows = [
        observation(dimension="traffic_source", dimension_value="search", views=9.0, **MONTH),
        observation(dimension="country", dimension_value="DE", views=9.0, content="a", **MONTH),
        observation(views=9.0, **MONTH),
    ]
    made = audience_snapshots(frame(rows))
    assert made.empty
    assert tuple(made.columns) == SNAPSHOT_COLUMNS


def test_the_latest_snapshot_of_each_kind():
    rows = [
        share("female", 0.6), share("male", 0.4), share("female", 0.7, observed_at=LATER),
        share("18-24", 1.0, "age"), share("18-24", 0.5, "age", observed_at=None),
    ]  # fmt: skip
    made = audience_snapshots(frame(rows))
    assert len(made) == 5
    latest = latest_snapshots(made)
    assert dict(zip(latest["value"], latest["share"], strict=True)) == {"female": 0.7, "18-24": 1.0}
    assert latest_snapshots(made.iloc[:0]).empty


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=8), st.randoms())
def test_shares_from_counts_add_up_whatever_the_order(counts, random):
    rows = [observation(dimension="city", dimension_value=f"c{i}", views=v, **MONTH) for i, v in enumerate(counts)]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    made, again = (audience_snapshots(frame(some)) for some in (rows, shuffled))
    pd.testing.assert_frame_equal(made, again)
    assert made["share"].sum() == pytest.approx(1.0) if sum(counts) else made["share"].isna().all()
