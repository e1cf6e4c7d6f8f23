"""Days in every form that platforms write; two meanings are refused."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.sources.dates import (
    MonthDay,
    days_in_name,
    infer_years,
    month_numbers,
    read_day,
    read_days,
    read_instant,
)
from engagerr_core.sources.values import Untrusted

DAY = date(2026, 2, 19)
DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "vi": [
        "tháng " + n
        for n in ("Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười một", "Mười hai")
    ],
}
FORMS = {
    "en": "{month} {day}", "de": "{day}. {month}", "fr": "{day} {month}", "es": "{day} de {month}",
    "pt": "{day} de {month}", "it": "{day} {month}", "ru": "{day} {month}", "vi": "{day} {month}",
}  # fmt: skip


def written(language: str, day: date) -> str:
    if language == "ja":
        return f"{day.month}月{day.day}日"
    return FORMS[language].format(month=MONTHS[language][day.month - 1], day=day.day)


@pytest.mark.parametrize(
    "text",
    ["2026-02-19", "20260219", "2026/02/19", "2026/2/19", "2026-02-19T00:00:00", "2026/02/19 18:19:10", "Feb 19, 2026",
     "February 19, 2026", "Thu, Feb 19, 2026", "19 Feb 2026", "19-Feb-26", "19-Feb-2026", "02/19/2026",
     "02/19/2026 18:24", "2/19/26", "19.02.2026", "19. Februar 2026", "19 de febrero de 2026", "19 février 2026",
     "19 февраля 2026 г.", "2026年2月19日", "2026-02-19 22:08 +0000", "\u200e19 Feb 2026", "19 tháng 2 năm 2026"],
)  # fmt: skip
def test_forms(text):
    days, wrong = read_days(pd.Series([text]))
    assert not wrong
    assert days.tolist() == [DAY]


@given(DAYS)
def test_against_strftime(day):
    for form in ("%Y-%m-%d", "%b %d, %Y", "%B %d, %Y", "%a, %b %d, %Y", "%d-%b-%Y", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y"):
        assert read_day(day.strftime(form)) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "Feb 30, 2026",
        "13/13/2026",
        "Smarch 3, 2026",
        "2026-02",
        "yesterday",
        "1767225600",
        "0000-01-01",
        "99991231",
        "February 30",
    ],
)
def test_no_such_day(text):
    _, wrong = read_days(pd.Series([text]), exported_on=DAY)
    assert list(wrong) == [0]


def test_unknown_is_not_a_day_and_not_wrong():
    days, wrong = read_days(pd.Series(["", "-", "N/A", "2026-02-19"]))
    assert np.isnat(days).tolist() == [True, True, True, False]
    assert not wrong


def test_an_ambiguous_column_is_refused_and_one_telling_cell_decides_it():
    _, wrong = read_days(pd.Series(["03/04/2026", "05/06/2026"]))
    assert sorted(wrong) == [0, 1]
    assert "month first or day first" in wrong[0].reason
    days, wrong = read_days(pd.Series(["03/04/2026", "25/12/2026"]))
    assert not wrong
    assert days.tolist() == [date(2026, 4, 3), date(2026, 12, 25)]
    days, _ = read_days(pd.Series(["03/04/26", "11/26/24"]))
    assert days.tolist() == [date(2026, 3, 4), date(2024, 11, 26)]


def test_the_platform_decides_unless_the_column_contradicts():
    assert read_days(pd.Series(["03/04/2026"]), order="month first")[0].tolist() == [date(2026, 3, 4)]
    assert read_days(pd.Series(["03/04/2026", "25/04/2026"]), order="month first")[0].tolist()[0] == date(2026, 4, 3)


def test_the_same_number_twice_is_not_ambiguous():
    assert read_days(pd.Series(["05/05/2026"]))[0].tolist() == [date(2026, 5, 5)]


@pytest.mark.parametrize("language", [*MONTHS, "ja"])
@given(last=DAYS, length=st.integers(1, 500), lag=st.integers(0, 40), turned=st.booleans())
def test_years_are_inferred_in_every_language(language, last, length, lag, turned):
    days = [last - timedelta(i) for i in range(length)][::-1]
    if turned:
        days.reverse()
    found, wrong = read_days(pd.Series([written(language, day) for day in days]), exported_on=last + timedelta(lag))
    assert not wrong
    assert found.tolist() == days


def test_a_day_without_a_year_needs_the_export_day():
    _, wrong = read_days(pd.Series(["February 28", "2026-02-28"]))
    assert list(wrong) == [0]
    assert "--exported-on" in wrong[0].advice


def test_february_29_lands_in_a_leap_year():
    days, wrong = read_days(pd.Series(["February 28", "February 29", "March 1"]), exported_on=date(2026, 1, 5))
    assert not wrong
    assert days.tolist() == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]


def test_days_told_several_times_stay_one_day():
    assert infer_years([MonthDay(12, 31)] * 3 + [MonthDay(1, 1)] * 2, date(2026, 1, 2)) == (
        [date(2025, 12, 31)] * 3 + [date(2026, 1, 1)] * 2
    )


def test_month_names_do_not_contradict_one_another():
    import tomllib
    from importlib.resources import files

    table = tomllib.loads(files("engagerr_core.sources").joinpath("month_names.toml").read_text("utf-8"))
    told: dict[str, set[int]] = {}
    for names in table.values():
        assert len(names) == 12
        for number, alternatives in enumerate(names, start=1):
            for name in alternatives.split("|"):
                told.setdefault(name, set()).add(number)
    assert {name: numbers for name, numbers in told.items() if len(numbers) > 1} == {}
    assert set(month_numbers()) == set(told)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-01-31 22:08 +0000", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("2019-01-31T22:08:09.5Z", datetime(2019, 1, 31, 22, 8, 9, 500_000, tzinfo=UTC)),
        ("2019-01-31 22:08:00+02:00", datetime(2019, 1, 31, 20, 8, tzinfo=UTC)),
        ("2021-07-29 14:22:11.919 UTC", datetime(2021, 7, 29, 14, 22, 11, 919_000, tzinfo=UTC)),
        ("2020-10-27 22:48:14", datetime(2020, 10, 27, 22, 48, 14, tzinfo=UTC)),
        ("", None),
    ],
)
def test_instants(text, expected):
    assert read_instant(text) == expected


@pytest.mark.parametrize("text", ["2019-02-30 10:00", "2019-01-31 25:00", "noon", "2019-01-31"])
def test_no_such_instant(text):
    with pytest.raises(Untrusted):
        read_instant(text)


def test_days_in_names():
    assert days_in_name("Content 2025-05-01_2026-10-31 Channel") == [date(2025, 5, 1), date(2026, 10, 31)]
    assert days_in_name("Overview_20261103.zip") == [date(2026, 11, 3)]
    assert days_in_name("video 7702594344074656026, 2026-13-40") == []


@given(st.text(max_size=40))
def test_read_day_answers_or_refuses(text):
    days, wrong = read_days(pd.Series([text]), exported_on=DAY)
    assert len(days) == 1
    assert not wrong or np.isnat(days[0])
