"""Cells to figures: unknown is not zero, and what may mean two things is refused."""

import math
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.sources import read
from engagerr_core.sources.headers import normal, split_currency
from engagerr_core.sources.values import (
    MARKED,
    PARSERS,
    UNKNOWN,
    Untrusted,
    clock,
    convert,
    count,
    decimal,
    digits_lost,
    fraction,
    identifier,
    money,
    parse_numbers,
    parse_texts,
    percentage,
    table_mark,
)
from tests.sources.exports import only
from tests.sources.exports import written as written_file

NUMERIC = [name for name, parse in PARSERS.items() if name not in ("text", "video_id", "digits", "id")]


@pytest.mark.parametrize("unit", NUMERIC)
@pytest.mark.parametrize(
    "token",
    ["", " ", "-", "--", "–", "NAN", "nan", "N/A", "undefined", "Undefined", "< 1%", "<1%", "< 1 %", "<0.1%", "<0,5 %"],
)
def test_unknown_is_nan_in_every_unit(unit, token):
    assert math.isnan(PARSERS[unit](token))


def test_zero_is_not_unknown():
    assert not any(token.startswith("0") for token in UNKNOWN)
    assert [PARSERS[unit]("0") for unit in NUMERIC] == [0.0] * len(NUMERIC)


@given(st.integers(-(10**14), 10**14))
def test_counts_in_every_spelling(n):
    assert count(str(n)) == count(f"{n:,}") == count(f"{n}.0") == n
    assert count(f"{n:,}".replace(",", " ")) == count(f"{n:,}".replace(",", "\u202f")) == n
    assert count(f" {n} ") == n
    if abs(n) >= 1_000_000:
        assert count(f"{n:,}".replace(",", ".")) == n


@pytest.mark.parametrize(
    "text", ["1.234", "12.5", "1.2K", "3M", "1.5E+05", "1e5", "12a", "0x10", "1,23", "1,2345", "1_000", "inf", "1" * 16]
)
def test_counts_that_are_refused(text):
    with pytest.raises(Untrusted):
        count(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_decimals_in_every_spelling(d):
    value = float(d)
    assert decimal(str(d)) == pytest.approx(value)
    english = f"{d:,}"
    assert decimal(english) == pytest.approx(value)
    assert decimal(english.replace(",", "_").replace(".", ",").replace("_", ".")) == pytest.approx(value)
    assert money(f"${d}") == pytest.approx(value)


def test_a_comma_before_three_digits_is_refused_where_decimals_are_possible():
    with pytest.raises(Untrusted, match="thousands or decimals"):
        decimal("1,234")
    assert decimal("1,234,567") == 1234567
    assert decimal("1,23") == 1.23
    assert decimal("1,234.5") == 1234.5


@pytest.mark.parametrize("text", ["1.2.3", "--1", "1,2,3", "abc", "1 2", "e5", ".", "1e999"])
def test_decimals_that_are_refused(text):
    with pytest.raises(Untrusted):
        decimal(text)


def test_percentages_become_fractions():
    assert percentage("9.49") == pytest.approx(0.0949)
    assert percentage("9.49%") == fraction("9.49%") == pytest.approx(0.0949)
    assert percentage("130") == pytest.approx(1.3)
    assert fraction("0.0949") == pytest.approx(0.0949)
    assert percentage("9,49 %") == percentage("9,49\u00a0%") == pytest.approx(0.0949)
    assert percentage("4.2%") == percentage("4,2%") == pytest.approx(0.042)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_clock_against_arithmetic(h, m, s):
    seconds = h * 3600 + m * 60 + s
    assert clock(f"{h}:{m:02}:{s:02}") == clock(f"{h:02}:{m:02}:{s:02}") == seconds
    assert clock(f"PT{h}H{m}M{s}S") == seconds
    assert clock(f"{h * 60 + m}:{s:02}") == seconds


@pytest.mark.parametrize("text", ["0.00317", "1:75:00", "0:04:61", "PT", "P"])
def test_clock_refuses(text):
    with pytest.raises(Untrusted):
        clock(text)


def test_seconds_as_a_number():
    assert clock("31.0") == 31
    assert clock("PT49M19S") == 49 * 60 + 19


@given(st.text(alphabet="0123456789", min_size=1, max_size=25))
def test_ids_keep_every_digit(text):
    assert identifier(text, form="digits") == text
    assert identifier(f"\ufeff {text} ", form="digits") == text


@pytest.mark.parametrize("text", ["1.26745E+18", "1,26745E+18", "1E+18", "#NAME?", "#REF!", "312.0", "12a", "１２"])
def test_damaged_ids_are_refused(text):
    with pytest.raises(Untrusted):
        identifier(text, form="digits")


def test_video_ids_may_look_like_numbers_and_formulas():
    for text in ("12345678901", "-abcdefghi_", "1e123456789"):
        assert identifier(text, form="video_id") == text
    with pytest.raises(Untrusted):
        identifier("short", form="video_id")


def test_lost_digits_are_seen_in_the_whole_column():
    assert digits_lost(pd.Series(["1267453801369340000", "1266139476738390000"]))
    assert not digits_lost(pd.Series(["1267453801369340000", "1266139476738392065"]))
    assert not digits_lost(pd.Series(["18021268413391010"]))
    assert not digits_lost(pd.Series([], dtype="str"))


@given(st.lists(st.sampled_from(["1", "2", "x", "", "3.5", "-"]), max_size=20))
def test_convert_agrees_with_a_loop(cells):
    values, wrong = convert(pd.Series(cells, dtype="str"), count, float)
    assert len(values) == len(cells)
    for i, cell in enumerate(cells):
        try:
            expected = count(cell)
        except Untrusted:
            assert i in wrong
            assert math.isnan(values[i])
        else:
            assert i not in wrong
            assert values[i] == expected or (math.isnan(values[i]) and math.isnan(expected))


@given(st.text(max_size=40))
def test_parsers_answer_or_refuse_whatever_they_are_given(text):
    for parse in PARSERS.values():
        try:
            value = parse(text)
        except Untrusted:
            continue
        assert isinstance(value, str) or math.isnan(value) or abs(value) < 1e17


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Viewed (vs. swiped away) (%)", "viewed vs swiped away %"),
        ("Impressions click-through rate (%)", "Impressions_click-through_rate(%)"),
        ("Traffic source", "traffic_source "),
        ("\ufeffDa\u00adte", "DATE"),
        ("Ｖｉｅｗｓ", "views"),
        ("Watch\u00a0time  (hours)", "watch time (hours)"),
    ],
)
def test_headers_spelt_differently_are_the_same(one, other):
    assert normal(one) == normal(other)


def test_a_share_is_not_a_count():
    assert normal("Views (%)") != normal("Views")


@given(st.text(max_size=60))
def test_normal_is_idempotent(text):
    assert normal(normal(text)) == normal(text)


def test_currency():
    assert split_currency("RPM (EUR)") == ("RPM", "EUR")
    assert split_currency("Watch time (hours)") == ("Watch time (hours)", "")


def written(value: Decimal, mark: str, groups: str) -> str:
    """A number in a convention: its decimal mark, and what parts its thousands."""
    return f"{value:,}".replace(",", "_").replace(".", mark).replace("_", groups)


CONVENTIONS = [(".", ","), (",", "."), (".", "\u202f"), (",", "\u00a0"), (".", "'"), (",", "'"), (",", ""), (".", "")]
PROOFS = {".": ["1,234.5", "12.5", "1,234,567", "0.125", "$1,000.00"], ",": ["1.234,5", "0,5", "1.234.567", "12,5 %"]}


@given(
    values=st.lists(st.decimals(0, 10**9, places=3) | st.integers(0, 10**9).map(Decimal), max_size=8),
    convention=st.sampled_from(CONVENTIONS),
    data=st.data(),
)
def test_numbers_of_a_table_that_proves_its_decimal_mark(values, convention, data):
    mark, groups = convention
    cells = pa.array([written(value, mark, groups) for value in values] + [""], pa.large_string())
    proof = pa.array([data.draw(st.sampled_from(PROOFS[mark]))], pa.large_string())
    assert table_mark([proof, cells]) == mark
    numbers, wrong = parse_numbers(cells, "number", mark)
    assert not wrong
    assert numbers[:-1].tolist() == [float(value) for value in values]
    assert math.isnan(numbers[-1])
    counts, wrong = parse_numbers(cells, "count", mark)
    for position, value in enumerate(values):
        assert (position in wrong) == (value != int(value))
        assert position in wrong or counts[position] == float(value)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.234", "12"], ""),
        (["1,234", "5"], ""),
        (["1.234", "0,5"], ","),
        (["1,234", "0.5"], "."),
        (["1.5", "1,5"], ""),
        (["1,234.5", "1.234,5"], ""),
        (["1234.567"], "."),
        (["1234,567"], ","),
        (["0.123"], "."),
        (["1 234,567"], ","),
        (["-12.5"], "."),
        (["1.2K", "12a", "1,2,3", "-", ""], ""),
        ([], ""),
    ],
)
def test_what_proves_a_decimal_mark(cells, mark):
    assert table_mark([pa.array(cells, pa.large_string())]) == mark


def test_a_count_whose_decimals_the_table_proves_is_refused():
    with pytest.raises(Untrusted, match="decimals"):
        count("1,234", mark=",")
    assert count("1.234", mark=",") == 1234
    assert decimal("1.234", mark=",") == decimal("1,234", mark=".") == 1234
    assert decimal("1,234", mark=",") == 1.234


@given(
    st.sampled_from(NUMERIC),
    st.sampled_from(["", ".", ","]),
    st.lists(
        st.sampled_from(["", "0", "7", "12.5", "1.234", "1,234", "-4", "4,2%", "0:31", "1.2K", "x", "1" * 16, "31.0"])
        | st.floats(0, 1e12).map(repr)
        | st.integers(0, 10**16).map(str),
        max_size=12,
        unique=True,
    ),
)
def test_columns_are_parsed_as_their_cells_are(unit, mark, cells):
    values, wrong = parse_numbers(pa.array(cells, pa.large_string()), unit, mark)
    for position, cell in enumerate(cells):
        try:
            expected = PARSERS[unit](cell, mark=mark) if unit in MARKED else PARSERS[unit](cell)
        except Untrusted:
            assert position in wrong
            assert math.isnan(values[position])
        else:
            assert position not in wrong
            assert values[position] == expected or (math.isnan(values[position]) and math.isnan(expected))


@given(
    st.sampled_from(["text", "video_id", "digits", "id"]),
    st.lists(
        st.sampled_from(
            ["", " a ", "dQw4w9WgXcQ", "123", "1.2E+18", "#REF!", "'123", "\ufeff12", "１２", "a b", "1_2", "a/b"]
        )
        | st.text(max_size=12),
        max_size=8,
        unique=True,
    ),
)
def test_texts_and_ids_are_parsed_as_their_cells_are(unit, cells):
    values, wrong = parse_texts(pa.array(cells, pa.large_string()), unit)
    for position, cell in enumerate(cells):
        try:
            expected = PARSERS[unit](cell)
        except Untrusted:
            assert position in wrong
            assert values[position].as_py() == ""
        else:
            assert position not in wrong
            assert values[position].as_py() == expected


def read_table(tmp_path, cells, others):
    rows = [["Geography", "Views", "Average percentage viewed (%)"], ["US", "5", others]]
    rows += [["DE", cell, "1"] for cell in cells]
    return only(written_file(tmp_path / "a.csv", rows), period=(date(2026, 1, 1), date(2026, 1, 31)))


@pytest.mark.parametrize(("proof", "cell", "expected"), [("3,25", "1.234", 1234), ("3.25", "1,234", 1234)])
def test_one_cell_tells_how_the_others_are_written(tmp_path, proof, cell, expected):
    reading = read_table(tmp_path, [cell], proof)
    assert reading.rejected.empty
    assert reading.observations["views"].tolist() == [5, expected]


@pytest.mark.parametrize("others", ["7", "-"])
def test_nothing_tells_how_the_others_are_written(tmp_path, others):
    reading = read_table(tmp_path, ["1.234"], others)
    (row,) = reading.rejected.to_dict("records")
    assert "thousands or decimals" in row["reason"]
    assert "without separators" in row["advice"]


def test_cells_that_contradict_one_another_tell_nothing(tmp_path):
    reading = read_table(tmp_path, ["1.234", "1.234.567"], "3.25")
    assert reading.rejected["value"].tolist() == ["1.234"]


def test_a_semicolon_proves_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Geography;Views\nUS;1.234\nDE;5\n")
    (reading,) = read(path)
    assert reading.rejected["value"].tolist() == ["1.234"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12:04:34 AM", 274), ("12:00:01 PM", 43201), ("1:02:03 am", 3723), ("0 days 00:04:34", 274), ("4m 34s", 274),
        ("1h 2m 3s", 3723), ("34s", 34), ("2 h", 7200), ("20,5", 20.5), ("PT4M34S", 274),
    ],
)  # fmt: skip
def test_durations_as_others_write_them_again(text, seconds):
    assert clock(text) == seconds


@pytest.mark.parametrize("text", ["", "-", "h", "m s", "4x", "13:04:34:00", "1 days 00:00:01", "0,734", "5,404"])
def test_durations_that_are_none(text):
    if text in ("", "-"):
        assert math.isnan(clock(text))
    else:
        with pytest.raises(Untrusted):
            clock(text)


def test_day_fractions_are_durations_only_where_all_of_a_column_are():
    def read(*cells):
        return parse_numbers(pa.array(cells, pa.large_string()), "clock")

    values, wrong = read(f"{274 / 86400:.12f}", f"{3723 / 86400:.12f}", "", "0")
    assert not wrong
    assert values[:2].tolist() == [274, 3723]
    assert read("0.5", "0.25")[1]
    for other in ("31", "0.5123456", "x"):
        values, wrong = read(f"{274 / 86400:.12f}", other)
        assert wrong


def test_points_in_counts_alone_are_thousands_only_with_evidence():
    def mark(*cells):
        counts = pa.array(cells, pa.large_string())
        return table_mark([counts], [counts])

    assert mark("1.234", "4.320", "87") == ","
    assert mark(*(f"{i}.{i + 111}" for i in range(1, 41))) == ","
    assert mark("1.234", "4.321", "87") == ""  # a spreadsheet may have made 1.23 of 1.230
    assert mark("1.230", "312.0") == "."
    assert mark("1.230", "1,230") == ""
    assert mark("12", "") == ""


@pytest.mark.parametrize("form", ["digits", "id", "video_id"])
def test_ids_kept_whole_by_a_formula(form):
    told = {"digits": "122900358700000001", "id": "ab:1", "video_id": "dQw4w9WgXcQ"}[form]
    assert identifier(f'="{told}"', form=form) == told


@pytest.mark.parametrize("mark", ["", ".", ","])
@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + ".0"])
def test_what_no_double_holds_is_refused(text, mark):
    for parse in (count, decimal, percentage, money):
        with pytest.raises(Untrusted):
            parse(text, mark=mark)


def test_what_is_wrong_holds_no_table():
    """Kept exceptions with their frames would be a cycle that keeps each table until the collector comes round."""
    import gc
    import weakref

    class Marked(list):
        pass

    def read_some() -> "weakref.ref[Marked]":
        held = Marked(["x", "1.2K", "7"])
        _, wrong = parse_numbers(pa.array(held, pa.large_string()), "count")
        _, texts = parse_texts(pa.array(["1.2E+18"], pa.large_string()), "digits")
        _, days = convert(pd.Series(["x"]), count, float)
        assert len(wrong) == 2
        assert len(texts) == len(days) == 1
        for problem in (*wrong.values(), *texts.values(), *days.values()):
            assert problem.__traceback__ is None
            assert problem.__context__ is None
        return weakref.ref(held)

    gc.collect()
    gc.disable()
    try:
        assert read_some()() is None
    finally:
        gc.enable()
