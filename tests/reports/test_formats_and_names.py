"""Words for values, and names for files."""

import re
from datetime import date
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.reports.formats import FORMATS, NUMBERS, UNKNOWN, is_unknown, plain, written, written_range
from engagerr_core.reports.names import LONGEST, file_name

NOTHING = [None, nan, inf, pd.NaT, pd.NA, "", np.float64("nan")]


@pytest.mark.parametrize("value", NOTHING, ids=repr)
@pytest.mark.parametrize("form", FORMATS)
def test_unknown_is_a_dash_in_every_format_and_null_in_json(value, form):
    assert is_unknown(value)
    assert written(value, form) == UNKNOWN
    assert plain(value) is None


@pytest.mark.parametrize("form", NUMBERS)
def test_zero_is_known(form):
    assert not is_unknown(0.0)
    assert written(0.0, form).startswith("0")


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (1_234_567.4, "count", "1,234,567"), (-12.0, "count", "−12"), (0.4, "signed count", "0"),
        (2_805.0, "signed count", "+2,805"), (-3.0, "signed count", "−3"), (0.0383, "fraction", "3.8%"),
        (0.122, "change", "+12%"), (-0.056, "change", "−5.6%"), (pd.Timestamp("2026-10-03"), "day", "3 Oct 2026"),
        (True, "flag", "yes"), (False, "flag", "no"), ("ab" * 32, "hash", "abababababab…"), (4.50, "number", "4.5"),
        ("two\nlines\x00", "text", "two lines\N{REPLACEMENT CHARACTER}"), ("x" * 200, "title", "x" * 89 + "…"),
    ],
)  # fmt: skip
def test_words(value, form, words):
    assert written(value, form) == words


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (5.0, 4.0, 6.0, ("5", "4 to 6")), (5.0, nan, 6.0, ("5", "")), (5.0, 5.0, 5.0, ("5", "")),
        (nan, 4.0, 6.0, ("4 to 6", "")), (nan, 4.0, inf, ("at least 4", "")), (nan, nan, 6.0, ("at most 6", "")),
        (nan, nan, nan, (UNKNOWN, "")), (0.0, 0.0, 1.0, ("0", "0 to 1")),
    ],
)  # fmt: skip
def test_limits_are_said_and_never_made_up(value, low, high, words):
    assert written_range(value, low, high, "count") == words


def test_plain_values_keep_all_digits():
    assert plain(np.float64(0.1) + np.float64(0.2)) == 0.1 + 0.2
    assert plain(np.int64(7)) == 7
    assert plain(np.bool_(True)) is True
    assert plain(pd.Timestamp("2026-10-03")) == plain(date(2026, 10, 3)) == "2026-10-03"
    assert plain("7321928374651000123") == "7321928374651000123"


@given(st.text())
def test_file_names_are_safe(creator):
    name = file_name(creator)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", name)
    assert len(name) <= LONGEST + 9
    assert name not in {"con", "nul", "aux", "prn"}


@given(
    st.lists(st.sampled_from(["Ada", "ada", "Ädä", "A D A", "a-d-a", "../ada", "ADA ", "con", "…", "李"]), unique=True)
)
def test_no_two_creators_share_a_file(creators):
    assert len({file_name(c, creators) for c in creators}) == len(creators)


def test_a_name_alone_is_plain():
    assert file_name("Ada Lovelace", ["Ada Lovelace", "Bob"]) == "ada-lovelace"
    assert file_name("ada", ["Ada", "ada"]) != file_name("Ada", ["Ada", "ada"])
    assert file_name("x" * 80) != file_name("x" * 81)
