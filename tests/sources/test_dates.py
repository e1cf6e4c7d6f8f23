"""Days in every form that platforms write; two meanings are refused."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.sources.dates import days_in_name, month_numbers, read_day, read_days, read_instant
from engagerr_core.sources.values import Untrusted
from engagerr_core.sources.years import MonthDay, infer_years

DAY = date(2026, 2, 19)
DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
# How each language writes a day: names of the months in full and short, of the days of the week, and the forms in which
# platforms and spreadsheets put them together. The names are written anew here, not taken from the reader's tables.
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "vi": "tháng_Một tháng_Hai tháng_Ba tháng_Tư tháng_Năm tháng_Sáu tháng_Bảy tháng_Tám tháng_Chín tháng_Mười "
    "tháng_Mười_một tháng_Mười_hai",
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "pt": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "ru": "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.",
    "vi": "thg_1 thg_2 thg_3 thg_4 thg_5 thg_6 thg_7 thg_8 thg_9 thg_10 thg_11 thg_12",
}
WEEKDAYS = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "de": "Mo. Di. Mi. Do. Fr. Sa. So.",
    "fr": "lun. mar. mer. jeu. ven. sam. dim.",
    "es": "lun mar mié jue vie sáb dom",
    "pt": "seg. ter. qua. qui. sex. sáb. dom.",
    "it": "lun mar mer gio ven sab dom",
    "ru": "пн вт ср чт пт сб вс",
    "vi": "Th_2 Th_3 Th_4 Th_5 Th_6 Th_7 CN",
    "ja": "月 火 水 木 金 土 日",
}
FORMS = {
    "en": ["{M} {d}, {y}", "{b} {d}, {y}", "{a}, {b} {d}, {y}", "{d} {b} {y}", "{d}-{b}-{yy}", "{a}, {d} {M} {y}",
           "{m}/{d}/{y} 0:00", "{b}-{d}-{y}", "{b} {d}, {y}, 8:01\u202fPM", "{b} {d}, {y} at 8:01 AM"],
    "de": ["{d}. {M} {y}", "{d}. {b} {y}", "{a}, {d}. {b} {y}", "{dd}.{mm}.{y}", "{dd}.{mm}.{yy}", "{d}.{m}.{y}, 20:01",
           "{d}. {M} {y} um 20:01 Uhr", "{dd}. {M} {y}, 20:01:07 Uhr", "{y}-{mm}-{dd}"],
    "fr": ["{d} {M} {y}", "{d} {b} {y}", "{a} {d} {b} {y}", "{a}, {d} {b} {y}", "{d} {b} {y} à 20:01",
           "{d} {b} {y} 20h01"],
    "es": ["{d} de {M} de {y}", "{d} {b} {y}", "{a}, {d} {b} {y}", "{a}, {d} de {b} de {y}", "{d} {b} {y}, 8:01 p. m.",
           "{d} de {M} de {y}, 8:01 a.\xa0m."],
    "pt": ["{d} de {M} de {y}", "{d} de {b} de {y}", "{a}, {d} de {b} de {y}", "{d} {b} {y}",
           "{d} de {b} de {y} às 20:01"],
    "it": ["{d} {M} {y}", "{d} {b} {y}", "{a} {d} {b} {y}", "{a}, {d} {b} {y}", "{d} {b} {y}, 20:01",
           "{d} {b} {y} alle ore 20:01"],
    "ru": ["{d} {M} {y} г.", "{d} {b} {y} г.", "{a}, {d} {b} {y} г.", "{d} {b} {y}\xa0г.", "{dd}.{mm}.{y}",
           "{d} {b} {y} г., 20:01", "{d} {M} {y} г. в 20:01"],
    "vi": ["{d} {M}, {y}", "{d} {b}, {y}", "{a}, {d} {b}, {y}", "{d} tháng {m} năm {y}", "Ngày {d} tháng {m} năm {y}",
           "{d} {b}, {y} 8:01 CH", "20:01 {d} {b}, {y}", "lúc 20:01, {d} tháng {m}, {y}"],
    "ja": ["{y}年{m}月{d}日", "{y}/{mm}/{dd}", "{y}/{m}/{d} 20:01", "{a}, {y}年{m}月{d}日", "{y}年{m}月{d}日({a})",
           "{y}年{m}月{d}日（{a}）", "{y}年{m}月{d}日{a}曜日", "{y}年{m}月{d}日 午後8:01", "{y}年{m}月{d}日20:01"],
}  # fmt: skip
YEARLESS = {
    "en": "{M} {d}", "de": "{d}. {M}", "fr": "{d} {M}", "es": "{d} de {M}", "pt": "{d} de {M}", "it": "{d} {M}",
    "ru": "{d} {M}", "vi": "{d} {M}", "ja": "{m}月{d}日",
}  # fmt: skip


def name(table: dict[str, str], language: str, number: int) -> str:
    names = table.get(language, "").split()
    return names[number].replace("_", " ") if names else ""


def written_as(form: str, language: str, day: date) -> str:
    return form.format(
        d=day.day, dd=f"{day.day:02}", m=day.month, mm=f"{day.month:02}", y=day.year, yy=f"{day.year % 100:02}",
        M=name(MONTHS, language, day.month - 1), b=name(SHORT, language, day.month - 1),
        a=name(WEEKDAYS, language, day.weekday()),
    )  # fmt: skip


def written(language: str, day: date) -> str:
    return written_as(YEARLESS[language], language, day)


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
    _, wrong = read_days(pd.Series(["February 27", "February 28"]))
    assert list(wrong) == [0, 1]
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


def test_weekday_names_do_not_contradict_one_another():
    import tomllib
    from importlib.resources import files

    table = tomllib.loads(files("engagerr_core.sources").joinpath("weekday_names.toml").read_text("utf-8"))
    told: dict[str, set[int]] = {}
    for names in table.values():
        assert len(names) == 7
        for number, alternatives in enumerate(names):
            for one in alternatives.split("|"):
                told.setdefault(one, set()).add(number)
    assert {one: numbers for one, numbers in told.items() if len(numbers) > 1} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-01-31 22:08 +0000", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("2019-01-31T22:08:09.5Z", datetime(2019, 1, 31, 22, 8, 9, 500_000, tzinfo=UTC)),
        ("2019-01-31 22:08:00+02:00", datetime(2019, 1, 31, 20, 8, tzinfo=UTC)),
        ("2021-07-29 14:22:11.919 UTC", datetime(2021, 7, 29, 14, 22, 11, 919_000, tzinfo=UTC)),
        ("2020-10-27 22:48:14", datetime(2020, 10, 27, 22, 48, 14, tzinfo=UTC)),
        ("", None),
        ("2019-01-31T22:08:09.123+0000", datetime(2019, 1, 31, 22, 8, 9, 123_000, tzinfo=UTC)),
        ("2019-01-31 22:08 -0330", datetime(2019, 2, 1, 1, 38, tzinfo=UTC)),
        ("1548972489", datetime(2019, 1, 31, 22, 8, 9, tzinfo=UTC)),
        ("1548972489123", datetime(2019, 1, 31, 22, 8, 9, 123_000, tzinfo=UTC)),
        ("Jan 31, 2019, 10:08\u202fPM", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("31. Jan. 2019, 22:08 Uhr", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("2019年1月31日 午後10:08", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("2019年1月31日 午前0:08", datetime(2019, 1, 31, 0, 8, tzinfo=UTC)),
        ("31 ene 2019, 12:08 a. m.", datetime(2019, 1, 31, 0, 8, tzinfo=UTC)),
        ("31 thg 1, 2019 10:08 CH", datetime(2019, 1, 31, 22, 8, tzinfo=UTC)),
        ("31 Jan 2019 22:08 GMT+2", datetime(2019, 1, 31, 20, 8, tzinfo=UTC)),
    ],
)
def test_instants(text, expected):
    assert read_instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-30 10:00",
        "2019-01-31 25:00",
        "noon",
        "2019-01-31",
        "31 Jan 2019 22:08 CST",
        "01/02/2019 10:00",
        "9999999999",
    ],
)
def test_no_such_instant(text):
    with pytest.raises(Untrusted):
        read_instant(text)


def test_days_in_names():
    assert days_in_name("Content 2025-05-01_2026-10-31 Channel") == [date(2025, 5, 1), date(2026, 10, 31)]
    assert days_in_name("Overview_20261103.zip") == [date(2026, 11, 3)]
    assert days_in_name("video 7702594344074656026, 2026-13-40") == []


@pytest.mark.parametrize(("language", "form"), [(one, form) for one, forms in FORMS.items() for form in forms])
@given(day=DAYS)
def test_every_form_of_every_language(language, form, day):
    for change in (str, str.upper, str.lower, lambda text: f"\ufeff {text}\xa0"):
        days, wrong = read_days(pd.Series([change(written_as(form, language, day))]), order="month first")
        assert not wrong
        assert days.tolist() == [day]


@pytest.mark.parametrize("language", FORMS)
@given(day=DAYS, data=st.data())
def test_a_day_with_a_letter_wrong_is_never_another_month(language, day, data):
    text = written_as(data.draw(st.sampled_from(FORMS[language])), language, day)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("xqß月.,1 -"))
    days, wrong = read_days(pd.Series([text[:at] + letter + text[at + 1 :]]), order="month first")
    if not wrong and letter in "xqß":  # digits give other days, letters none
        assert days.tolist()[0] in (None, day)


@pytest.mark.parametrize(
    "text",
    ["Feb-26", "Feb 2026", "2026", "02/2026", "Q1 2026", "week 7", "19/02", "2/19", "Feb 19 and 20, 2026",
     "19 Feb 2026 x", "2026-02-19 25:61", "13:01 PM 2026-02-30", "19 mar feb 2026", "2026年2月", "Total", "1.5",
     "45500", "٢٠٢٦-٠٢-١٩x",
     "February 19 2026 " + "0" * 200, "2026-02-19\x1b[31m"],
)  # fmt: skip
def test_refused_by_name(text):
    days, wrong = read_days(pd.Series([text, "Total", "nothing"]), exported_on=DAY)
    assert np.isnat(days).all() or text == "45500"  # a column of one serial number is a day, among words too
    with pytest.raises(Untrusted):
        read_day(text)
    assert wrong[1].reason


def test_weekdays_decide_the_order_of_numbers():
    assert read_days(pd.Series(["sáb, 01/08/2026", "02/08/2026"]))[0].tolist() == [date(2026, 8, 1), date(2026, 8, 2)]
    assert read_days(pd.Series(["Sat, 08/01/2026"]))[0].tolist() == [date(2026, 8, 1)]


def test_a_short_year_that_may_stand_first_is_refused():
    _, wrong = read_days(pd.Series(["26/02/19", "26/02/20"]))
    assert sorted(wrong) == [0, 1]
    assert read_days(pd.Series(["26/02/19", "27/02/19"]))[0].tolist() == [date(2019, 2, 26), date(2019, 2, 27)]


def test_a_column_of_serial_numbers():
    days, wrong = read_days(pd.Series(["45500", "45501.75", "", "45502.0"]))
    assert not wrong
    assert days.tolist() == [date(2024, 7, 27), date(2024, 7, 28), None, date(2024, 7, 29)]
    for column in (["45500", "2024-07-28"], ["45500", "99999"], ["12345"], ["4550"], ["45500", "Feb 3"]):
        assert read_days(pd.Series(column), exported_on=DAY)[1], column


def test_rows_with_a_year_bind_those_without():
    mixed = ["Dec 30, 2024", "Dec 31", "January 1", "January 2"]
    expected = [date(2024, 12, 30), date(2024, 12, 31), date(2025, 1, 1), date(2025, 1, 2)]
    for exported_on in (None, date(2025, 1, 3), date(2026, 6, 1)):
        days, wrong = read_days(pd.Series(mixed), exported_on=exported_on)
        assert (days.tolist(), wrong) == (expected, {})
        days, wrong = read_days(pd.Series(mixed[::-1]), exported_on=exported_on)
        assert (days.tolist(), wrong) == (expected[::-1], {})


@given(last=DAYS, length=st.integers(2, 500), dated=st.sets(st.integers(0, 499), min_size=1), turned=st.booleans())
def test_a_mixed_column_needs_no_export_day(last, length, dated, turned):
    days = [last - timedelta(i) for i in range(length)][:: -1 if turned else 1]
    if all(abs(i - j) > 170 for i in range(length) for j in dated if j < length):
        dated |= {0}
    texts = [day.isoformat() if i in dated or i % 150 == 0 else written("en", day) for i, day in enumerate(days)]
    found, wrong = read_days(pd.Series(texts))
    assert not wrong
    assert found.tolist() == days


def test_days_in_no_order_are_the_latest_ones_or_refused():
    days, wrong = read_days(pd.Series(["March 5", "January 1", "November 3", "February 3"]), exported_on=DAY)
    assert days.tolist() == [date(2025, 3, 5), date(2026, 1, 1), date(2025, 11, 3), date(2026, 2, 3)]
    days, wrong = read_days(pd.Series(["March 5", "August 1", "March 5", "February 3"]), exported_on=DAY)
    assert sorted(wrong) == [0, 1, 2, 3]
    assert "order" in wrong[0].reason


@given(st.text(max_size=40))
def test_read_day_answers_or_refuses(text):
    days, wrong = read_days(pd.Series([text]), exported_on=DAY)
    assert len(days) == 1
    assert not wrong or np.isnat(days[0])


@pytest.mark.parametrize(
    ("first", "days", "form", "month"),
    [
        ("2026-10-01", 12, "{m}/{d}/{y}", 10),
        ("2026-05-01", 12, "{d}/{m}/{y}", 5),
        ("2026-05-03", 4, "{d:02}-{m:02}-{y}", 5),
    ],
)
def test_a_row_a_day_tells_the_order(first, days, form, month):
    found = [date.fromisoformat(first) + timedelta(days=i) for i in range(days)]
    texts = pd.Series([form.format(d=d.day, m=d.month, y=d.year) for d in found], dtype="str")
    for order in (texts, texts[::-1].reset_index(drop=True)):
        read, wrong = read_days(order, daily=True)
        assert not wrong
        assert sorted(read.astype(object)) == found
    assert all(d.month == month for d in found)
    refused, problems = read_days(texts)
    assert len(problems) == days
    assert np.isnat(refused).all()  # 5/5 and 10/10 too: one day of twelve would be a false table


def test_days_a_month_apart_in_both_orders_or_too_few_are_refused():
    for cells in (["1/5/2026", "2/5/2026"], ["1/1/2026", "5/9/2026", "9/5/2026", "12/12/2026"]):
        _, problems = read_days(pd.Series(cells, dtype="str"), daily=True)
        assert len(problems) == len(cells)
    alike, problems = read_days(pd.Series(["3/3/2026", "4/4/2026"], dtype="str"))
    assert not problems
    assert alike.astype(object).tolist() == [date(2026, 3, 3), date(2026, 4, 4)]


def test_refusals_keep_nothing_of_what_they_refused():
    """An exception raised again and again would hold every frame, and with it every table, for good."""
    import gc

    def refuse() -> None:
        for read in (read_day, read_instant):
            with pytest.raises(Untrusted):
                read("no day")

    def held() -> int:
        gc.collect()
        return sum(type(one).__name__ in ("frame", "traceback") for one in gc.get_objects())

    refuse()
    before = held()
    for _ in range(50):
        refuse()
    assert held() <= before + 5
