"""What may enter the lake, and what is refused with its reason."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.store.conform import conform, conform_contents, widen
from engagerr_core.vocabulary.observation import COLUMNS, observation_schema
from tests.store.example_readings import daily, posts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def frame(**changed):
    return daily("a", 2).assign(**{"creator": "Ada", "account": "a", **changed})


def test_casts_to_the_canonical_schema():
    table = widen(conform(frame(), NOW))
    assert table.schema.equals(observation_schema())
    assert table["known_at"].to_pylist() == [NOW, NOW]
    assert table["period_start"].to_pylist() == [date(2026, 1, 1), date(2026, 1, 2)]
    assert table["views"].to_pylist() == [1.0, 2.0]
    assert table["likes"].null_count == 2


@pytest.mark.parametrize(
    "values",
    [[1.0, np.nan], [1, None], pd.array([1, pd.NA], "Int64"), pd.array([1.0, np.nan], "float64[pyarrow]"), [1.0, None]],
)
def test_an_unknown_stays_unknown(values):
    assert conform(frame(likes=values), NOW)["likes"].to_pylist() == [1.0, None]


def test_zero_stays_zero():
    assert conform(frame(likes=[0, 0]), NOW)["likes"].to_pylist() == [0.0, 0.0]


def test_all_digits_of_an_id_are_kept():
    ids = ["00123456789012345678", "9007199254740993"]
    assert conform(frame(content=ids), NOW)["content"].to_pylist() == ids


@pytest.mark.parametrize("ids", [[17841400000000001, 2], [1.0, 2.0], [b"a", b"b"], ["a", 2]])
def test_ids_that_are_not_text_are_refused(ids):
    with pytest.raises(InvalidArgument, match="content"):
        conform(frame(content=ids), NOW)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"viewz": 1.0}, "no column viewz"),
        ({"known_at": "now"}, None),
        ({"creator": ["Ada", ""]}, "Row 2 of the table: creator '' is empty"),
        ({"creator": ["Ada", None]}, "creator '' is empty"),
        ({"platform": "myspace"}, "'myspace' is not a known platform"),
        ({"basis": "sum"}, "'sum' is none of flow, stock, cohort"),
        ({"basis": "cohort"}, "contradict"),
        ({"cohort_days": 7}, "contradict"),
        ({"views": [1.0, np.inf]}, "Row 2 of the table: views inf is infinite"),
        ({"views": ["1", "2"]}, "views holds .*string, not numbers"),
        ({"views": [2**53 + 1, 1]}, "views does not fit"),
        ({"row": [1.5, 2.0]}, "row does not fit"),
        ({"period_end": pd.NaT}, "no other end"),
        ({"period_end": pd.Timestamp("2025-01-01")}, "lies after"),
        ({"period_start": pd.Timestamp("2026-01-01 10:00")}, "is no midnight"),
        ({"period_start": pd.Timestamp("2026-01-01", tz="UTC")}, "not days without"),
        ({"period_start": "2026-01-01"}, "not days without"),
        ({"observed_at": pd.Timestamp("2026-01-01")}, "not instants with a time zone"),
        ({"dimension_value": "DE"}, "stands without a dimension"),
    ],
)
def test_refusals_name_column_and_value(changed, words):
    if words is None:  # what the caller says about known_at is overruled by the batch's instant
        assert conform(frame(**changed), NOW)["known_at"].to_pylist() == [NOW, NOW]
        return
    with pytest.raises(InvalidArgument, match=words):
        conform(frame(**changed), NOW)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(InvalidArgument, match="no time zone"):
        conform(frame(), NOW.replace(tzinfo=None))


def test_nanoseconds_are_cut_to_microseconds():
    seen = pd.Series(pd.to_datetime(["2026-01-01 00:00:00.000000999"] * 2, utc=True))
    assert conform(frame(observed_at=seen), NOW)["observed_at"].to_pylist()[0].microsecond == 0


def test_no_rows():
    empty = frame().iloc[:0]
    assert widen(conform(empty, NOW)).schema.equals(observation_schema())
    assert len(conform(pd.DataFrame(columns=list(COLUMNS)), NOW)) == 0


def test_categories_are_text():
    assert conform(frame(platform=pd.Categorical(["youtube", "tiktok"])), NOW)["platform"].to_pylist() == [
        "youtube",
        "tiktok",
    ]


def test_contents_conform():
    table = conform_contents(posts("a", ("v1", "v2"), duration=[61, None]).assign(creator="Ada", account="a"))
    assert table["duration"].to_pylist() == [61.0, None]
    assert table["title"].to_pylist() == ["", ""]


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"format": "film"}, "'film' is none of"), ({"colour": 1}, "no column colour"), ({"content": ""}, "is empty")],
)
def test_contents_refused(changed, words):
    with pytest.raises(InvalidArgument, match=words):
        conform_contents(posts("a", ("v1",)).assign(creator="Ada", account="a", **changed))


def test_widen_keeps_what_is_there():
    narrow = conform(frame(), NOW)
    assert widen(narrow).select(narrow.column_names).equals(narrow)
    assert isinstance(widen(narrow), pa.Table)


def test_categories_stay_categories_until_they_are_written():
    given = frame(creator=pd.Categorical(["Ada", "Bo"]), platform=pd.Categorical(["youtube", "youtube"]))
    table = conform(given, NOW)
    assert pa.types.is_dictionary(table.schema.field("creator").type)
    assert widen(table).schema.equals(observation_schema())
    assert widen(table)["creator"].to_pylist() == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("name", "texts", "words"),
    [
        ("creator", ["Ada", ""], "Row 2 of the table: creator '' is empty"),
        ("creator", ["Ada", None], "Row 2 of the table: creator '' is empty"),
        ("platform", ["youtube", "myspace"], "Row 2 of the table: platform 'myspace' is not a known"),
        ("basis", ["sum", "flow"], "Row 1 of the table: basis 'sum' is none of"),
    ],
)
def test_refusals_find_the_row_behind_a_category(name, texts, words):
    with pytest.raises(InvalidArgument, match=words):
        conform(frame(**{name: pd.Categorical(texts)}), NOW)


def test_a_category_that_no_row_has_does_no_harm():
    unused = pd.Categorical(["Ada", "Ada"], categories=["", "Ada"])
    assert widen(conform(frame(creator=unused), NOW))["creator"].to_pylist() == ["Ada", "Ada"]
