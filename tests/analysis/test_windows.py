"""Windows lie where they should, and figures are compared only where a comparison means something."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.figures import figures, question
from engagerr_core.analysis.subjects import daily_flows
from engagerr_core.analysis.windows import LENGTHS, Window, window, with_comparison
from engagerr_core.errors import InvalidArgument
from tests.analysis.examples import COEFFICIENTS, contents, frame, observation

DAYS = st.dates(date(1995, 1, 1), date(2105, 12, 31))
BOUNDED = [*LENGTHS, "12m", "ytd"]
LONG = {"content": "a", "format": "long_video", "published": "2024-01-01"}
SHORT = {"content": "b", "format": "short_video", "published": "2024-01-01"}


def leap_day_in(start, end):
    return any((start + timedelta(i)).timetuple()[1:3] == (2, 29) for i in range((end - start).days + 1))


@given(last=DAYS, name=st.sampled_from(BOUNDED), compare=st.sampled_from([None, "previous", "year"]))
def test_named_windows_end_on_the_last_day_and_never_overlap_their_comparison(last, name, compare):
    made = window(name, last, compare=compare)
    assert made.end == last
    assert made.start <= made.end
    assert made.compared_start <= made.compared_end < made.start
    assert made.days == LENGTHS.get(name, made.days)
    assert abs(made.days - made.compared_days) == ("leap day" in made.note)
    if made.days != made.compared_days:
        assert name in ("12m", "ytd")
        assert leap_day_in(made.start, made.end) != leap_day_in(made.compared_start, made.compared_end)
    if name != "ytd" and compare != "year":
        assert made.compared_end == made.start - timedelta(1)  # directly before
    if name in LENGTHS and compare == "year":
        assert made.compared_start.weekday() == made.start.weekday()
        assert (made.start - made.compared_start).days == 364


@given(last=DAYS)
def test_twelve_months_and_the_year_to_date_follow_the_calendar(last):
    year, to_date = window("12m", last), window("ytd", last)
    assert year.days in (365, 366)
    assert (year.days == 366) == leap_day_in(year.start, year.end)
    assert (year.end + timedelta(1)).day == year.start.day or (last.month, last.day) == (2, 28)
    assert to_date.start == date(last.year, 1, 1)
    assert to_date.compared_start == date(last.year - 1, 1, 1)
    expected = (last.month, min(last.day, 28)) if last.month == 2 else (last.month, last.day)
    assert (to_date.compared_end.month, to_date.compared_end.day) == expected


@given(start=DAYS, length=st.integers(1, 900))
def test_windows_of_ones_own_are_compared_with_as_many_days_before(start, length):
    end = start + timedelta(length - 1)
    made = window(start=start, end=end)
    assert made.compared_days == made.days == length
    assert made.compared_end == start - timedelta(1)
    assert made.counterpart(made.start) == made.compared_start
    if length <= 364:
        year = window(start=start, end=end, compare="year")
        assert year.compared_end < year.start
        assert year.counterpart(year.end) in (year.compared_end, None)


@given(first=st.dates(date(1995, 1, 1), date(2100, 1, 1)), months=st.integers(1, 12))
def test_whole_months_are_compared_with_the_same_months(first, months):
    start = first.replace(day=1)
    after = date(start.year + (start.month + months - 1) // 12, (start.month + months - 1) % 12 + 1, 1)
    made = window(start=start, end=after - timedelta(1), compare="year")
    assert (made.compared_start.month, made.compared_start.day) == (start.month, 1)
    assert (made.compared_end + timedelta(1)).day == 1
    assert made.compared_start.year == start.year - 1
    assert made.compared_end < made.start


@pytest.mark.parametrize(
    ("name", "last", "start", "compared"),
    [
        ("24h", date(2024, 3, 1), date(2024, 3, 1), (date(2024, 2, 29), date(2024, 2, 29))),
        ("7d", date(2026, 1, 3), date(2025, 12, 28), (date(2025, 12, 21), date(2025, 12, 27))),
        ("30d", date(2024, 3, 10), date(2024, 2, 10), (date(2024, 1, 11), date(2024, 2, 9))),
        ("12m", date(2024, 2, 29), date(2023, 3, 1), (date(2022, 3, 1), date(2023, 2, 28))),
        ("12m", date(2024, 2, 28), date(2023, 3, 1), (date(2022, 3, 1), date(2023, 2, 28))),
        ("12m", date(2025, 2, 28), date(2024, 3, 1), (date(2023, 3, 1), date(2024, 2, 29))),
        ("ytd", date(2024, 2, 29), date(2024, 1, 1), (date(2023, 1, 1), date(2023, 2, 28))),
        ("ytd", date(2026, 11, 18), date(2026, 1, 1), (date(2025, 1, 1), date(2025, 11, 18))),
    ],
)
def test_windows_by_hand(name, last, start, compared):
    made = window(name, last)
    assert (made.start, made.end, (made.compared_start, made.compared_end)) == (start, last, compared)


def test_what_a_window_says_of_itself():
    assert str(window("24h", date(2026, 11, 18))).startswith("the last day: 2026-11-18 to 2026-11-18")
    assert "whole days" in window("24h", date(2026, 11, 18)).note
    every = window("all", date(2026, 11, 18), date(2025, 1, 1))
    assert (every.start, every.end, every.compared_start, every.compared_days) == (
        date(2025, 1, 1), date(2026, 11, 18), None, 0,
    )  # fmt: skip
    assert str(every).endswith("compared with nothing.")
    assert window("ytd", date(2024, 3, 5)).counterpart(date(2024, 2, 29)) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "28d", "last_day": date(2026, 1, 1)}, "Windows are 24h, 7d, 30d, 90d, 12m, ytd, all"),
        ({"name": "30d"}, "no day is final yet"),
        ({"name": "30d", "last_day": date(2026, 1, 1), "start": date(2026, 1, 1)}, "Give the name, or both days"),
        ({"start": date(2026, 1, 1)}, "from 2026-01-01 to nowhere"),
        ({"end": date(2026, 1, 1), "compare": "year"}, "from nowhere to 2026-01-01 was asked with compare='year'"),
        ({"compare": "previous"}, "Give both start and end"),
        ({"start": date(2026, 1, 2), "end": date(2026, 1, 1)}, "Swap them"),
        ({"name": "30d", "last_day": date(2026, 1, 1), "compare": "last"}, "previous or year"),
        ({"name": "all", "last_day": date(2026, 1, 1), "compare": "previous"}, "nothing lies before all days"),
        ({"name": "all", "last_day": date(2026, 1, 1)}, "no first day is known"),
        ({"start": date(2023, 1, 5), "end": date(2025, 1, 1), "compare": "year"}, "would overlap"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(arguments, message):
    with pytest.raises(InvalidArgument, match=message):
        window(**arguments)


def account_days(platform, first, last, **fields):
    """Days of one account; a field may be a function of the day."""
    return [
        observation(platform, f"{d:%Y-%m-%d}", **{n: v(d) if callable(v) else v for n, v in fields.items()})
        for d in pd.date_range(first, last)
    ]


def compared(rows, asked, posts=(), by=("platform",), metrics=("standard_views",), freq=None, basis=None, days=None):
    """As the workspace asks: figures of both spans, then the comparison."""
    observations, table = frame(rows), contents(list(posts))
    spans = ((asked.start, asked.end), (asked.compared_start, asked.compared_end))
    now, before = (
        figures(observations, table, question(list(by), list(metrics), *span, freq, basis), COEFFICIENTS)
        for span in spans
    )
    given_days = daily_flows(observations) if days is None else days
    found = with_comparison(now, before, asked, given_days, table, COEFFICIENTS, freq=freq)
    pd.testing.assert_frame_equal(found[list(now.columns)], now)  # nothing that was asked for is touched
    return found


SEPTEMBER = window("30d", date(2026, 9, 22))  # from 24 August


def test_a_plain_change():
    rows = account_days(
        "tiktok", "2026-07-01", "2026-09-22", views=lambda d: 120.0 if d >= pd.Timestamp("2026-08-24") else 100.0
    )
    one = compared(rows, SEPTEMBER).iloc[0]
    assert (one["value"], one["compared_value"], one["change_note"]) == (3600, 3000, "")
    assert one["change"] == pytest.approx(0.2)


def youtube(d):
    return 1270.0 if d >= pd.Timestamp("2026-08-24") else 1000.0


def test_a_bridged_change_is_like_for_like_and_says_through_what():
    rows = account_days(
        "youtube", "2026-07-01", "2026-09-22", views=youtube, engaged_views=1000.0, likes=10.0, comments=0.0
    )
    found = compared(rows, SEPTEMBER, [LONG], metrics=("standard_views", "views", "engagement_rate", "likes"))
    found = found.set_index("metric")
    assert found.loc["standard_views", "value"] / found.loc["standard_views", "compared_value"] == pytest.approx(1.27)
    for name in ("standard_views", "views", "engagement_rate"):
        assert found.loc[name, "change"] == pytest.approx(0.0, abs=1e-9), name
        assert found.loc[name, "change_note"] == "like for like: bridged through engaged views"
    assert (found.loc["likes", "change"], found.loc["likes", "change_note"]) == (0.0, "")


def test_a_split_change_is_unknown_and_so_is_the_rate():
    rows = account_days(
        "youtube", "2026-07-01", "2026-09-22", views=youtube, likes=10.0, comments=0.0, average_view_seconds=30.0
    )
    metrics = ("standard_views", "engagement_rate", "average_view_seconds", "standard_engagements")
    found = compared(rows, SEPTEMBER, [LONG], metrics=metrics).set_index("metric")
    for name in metrics[:3]:
        assert np.isnan(found.loc[name, "change"]), name
        assert "YouTube began to count differently" in found.loc[name, "change_note"]
    assert found.loc["standard_engagements", "change"] == 0.0
    spared = compared(rows, SEPTEMBER, [SHORT]).iloc[0]  # Shorts count every start since 2025 already
    assert spared["change"] == pytest.approx(0.27)


def test_a_platforms_own_average_is_not_bridged_but_ours_is():
    """The same seconds are watched; per view, of which more are counted, they are fewer."""
    rows = account_days(
        "youtube", "2026-07-01", "2026-09-22", views=youtube, engaged_views=1000.0,
        average_view_seconds=lambda d: 30_000 / youtube(d),
    )  # fmt: skip
    metrics = ("average_view_seconds", "average_watch_minutes", "standard_watch_minutes")
    found = compared(rows, SEPTEMBER, [LONG], metrics=metrics).set_index("metric")
    assert np.isnan(found.loc["average_view_seconds", "change"])
    assert found.loc["average_watch_minutes", "change"] == pytest.approx(0.0)
    assert "engaged views" in found.loc["average_watch_minutes", "change_note"]
    assert found.loc["standard_watch_minutes", "change"] == pytest.approx(0.0)
    assert found.loc["standard_watch_minutes", "change_note"] == ""


def test_instagram_across_its_change_and_what_ended():
    asked = window("30d", date(2025, 5, 20))  # from 21 April
    rows = account_days("instagram", "2025-03-01", "2025-04-20", impressions=1000.0)
    rows += account_days("instagram", "2025-04-21", "2025-05-20", views=1000.0)
    found = compared(rows, asked, metrics=("standard_views", "impressions")).set_index("metric")
    assert found.loc["standard_views", "change"] == pytest.approx(0.0)
    assert "impressions by the older definition" in found.loc["standard_views", "change_note"]
    assert np.isnan(found.loc["impressions", "change"])
    naive = found.loc["standard_views", "value"] / found.loc["standard_views", "compared_value"] - 1
    assert naive == pytest.approx(0.25)  # negative control


@pytest.mark.parametrize(
    ("before", "now", "change", "note"),
    [
        (0.0, 5.0, np.nan, "nothing before to compare with: 0"),
        (0.0, 0.0, np.nan, "nothing before to compare with: 0"),
        (-2.0, 4.0, np.nan, "the figure before is negative"),
        (4.0, -2.0, -1.5, ""),
        (4.0, 0.0, -1.0, ""),
        (np.nan, 4.0, np.nan, "unknown in the comparison"),
        (4.0, np.nan, np.nan, "unknown in the window"),
    ],
)
def test_zero_negative_and_unknown_values(before, now, change, note):
    since = pd.Timestamp("2026-08-24")
    rows = account_days("tiktok", "2026-07-01", "2026-09-22", likes=lambda d: now if d >= since else before, views=1.0)
    one = compared(rows, SEPTEMBER, metrics=("likes",)).iloc[0]
    assert one["change"] == pytest.approx(change, nan_ok=True)
    assert one["change_note"] == note


def test_a_little_that_is_missing_is_made_up_for_and_much_is_not():
    full = account_days("tiktok", "2026-07-01", "2026-09-22", views=100.0)
    lost = pd.date_range("2026-09-01", "2026-09-03").strftime("%Y-%m-%d")
    one = compared([r for r in full if r["period_start"] not in set(lost)], SEPTEMBER).iloc[0]
    assert one["value"] == 2700
    assert one["change"] == pytest.approx(0.0)  # 2700 of 27 days against 3000 of 30
    assert one["change_note"] == "compared per known day, 27 now and 30 before"
    lost = set(pd.date_range("2026-09-01", "2026-09-04").strftime("%Y-%m-%d"))
    one = compared([r for r in full if r["period_start"] not in lost], SEPTEMBER).iloc[0]
    assert np.isnan(one["change"])
    assert one["change_note"] == "87% of the window is known, 90% wanted"
    one = compared([r for r in full if r["period_start"] >= "2026-08-01"], SEPTEMBER).iloc[0]
    assert one["change_note"] == "77% of the comparison is known, 90% wanted"


def test_the_leap_day_is_no_growth():
    rows = account_days("tiktok", "2023-01-01", "2024-03-31", views=100.0)
    one = compared(rows, window(start=date(2024, 2, 1), end=date(2024, 2, 29), compare="year")).iloc[0]
    assert (one["value"], one["compared_value"]) == (2900, 2800)
    assert one["change"] == pytest.approx(0.0)
    assert "29 now and 28 before" in one["change_note"]


def test_an_account_that_joined_is_no_growth_of_the_total():
    rows = account_days("x", "2026-07-01", "2026-09-22", impressions=100.0)
    rows += account_days("linkedin", "2026-09-01", "2026-09-22", impressions=900.0)
    one = compared(rows, SEPTEMBER, by=()).iloc[0]
    assert np.isnan(one["change"])
    both = account_days("x", "2026-07-01", "2026-09-22", impressions=100.0)
    both += account_days("linkedin", "2026-08-24", "2026-09-22", impressions=900.0)
    one = compared(both, SEPTEMBER, by=()).iloc[0]  # known on every day now, so that coverage alone says nothing
    assert (one["coverage"], one["value"]) == (1.0, 24000)
    assert np.isnan(one["change"])
    assert one["change_note"] == "LinkedIn (linkedin-1) is known on 0 days before and 30 days now"


def test_platforms_that_cut_their_days_apart_are_said_to():
    rows = account_days("youtube", "2026-01-01", "2026-03-31", views=1.0) + account_days(
        "x", "2026-01-01", "2026-03-31", impressions=1.0
    )
    asked = window("30d", date(2026, 3, 31))
    total = compared(rows, asked, by=()).iloc[0]
    assert total["change"] == 0
    assert total["change_note"] == "each platform's own days are added up (America/Los_Angeles, UTC)"
    assert set(compared(rows, asked)["change_note"]) == {""}


def test_ways_of_making_that_differ_are_not_compared():
    """Instagram after its change: one month from views, one from impressions × 0.8, which have ended."""
    rows = account_days("instagram", "2026-07-01", "2026-08-23", impressions=1000.0)
    rows += account_days("instagram", "2026-08-24", "2026-09-22", views=1000.0)
    one = compared(rows, SEPTEMBER).iloc[0]
    assert np.isnan(one["change"])
    assert one["change_note"]
    assert one["value"] > one["compared_value"] * 1.2


def test_lifetimes_are_not_compared():
    rows = [observation("tiktok", content=c, basis="stock", observed_at="2026-11-03T00:00:00Z", views=v)
            for c, v in (("a", 10.0), ("b", 90.0))]  # fmt: skip
    posts = [{"platform": "tiktok", "content": "a", "published": "2026-09-10"},
             {"platform": "tiktok", "content": "b", "published": "2026-08-10"}]  # fmt: skip
    one = compared(rows, SEPTEMBER, posts, basis="stock").iloc[0]
    assert (one["compared_value"], one["change_note"][:28]) == (90, "lifetimes of posts of differ")
    assert np.isnan(one["change"])


def test_periods_are_compared_with_those_that_lie_alike():
    rows = account_days("tiktok", "2024-06-01", "2026-10-31", views=lambda d: float(100 * d.month + d.year % 10))
    year = window(start=date(2026, 8, 1), end=date(2026, 9, 30), compare="year")
    months = compared(rows, year, freq="M")
    assert list(months["period"].dt.month) == [8, 9]
    assert list(months["compared_value"]) == [805 * 31, 905 * 30]
    assert list(months["change"]) == pytest.approx([806 / 805 - 1, 906 / 905 - 1])
    weeks = compared(rows, window("7d", date(2026, 9, 20)), freq="W")
    assert list(weeks["compared_value"]) == [906 * 7]
    daily = compared(rows, window("7d", date(2026, 9, 20)), freq="D")
    assert list(daily["change"]) == [0.0] * 7
    awry = compared(rows, window("30d", date(2026, 9, 30)), freq="M")
    assert awry["change"].isna().all()
    assert set(awry["change_note"]) == {"this month has none in the comparison that lies alike"}


def test_days_on_either_side_are_bridged_one_by_one():
    rows = account_days("youtube", "2026-07-01", "2026-09-22", views=youtube, engaged_views=1000.0)
    daily = compared(rows, SEPTEMBER, [LONG], freq="D")
    assert len(daily) == 30
    assert list(daily["change"]) == pytest.approx([0.0] * 30)
    later = compared(rows, window("7d", date(2026, 9, 22)), [LONG], freq="D")  # both spans lie behind the change
    assert set(later["change_note"]) == {""}


def test_a_window_without_a_comparison_and_days_without_rows():
    rows = account_days("youtube", "2026-07-01", "2026-09-22", views=youtube)
    table = contents([LONG])
    now = figures(frame(rows), table, question(["platform"], ["standard_views"]), COEFFICIENTS)
    with pytest.raises(InvalidArgument, match="has no comparison"):
        with_comparison(
            now, now, window("all", date(2026, 9, 22), date(2026, 7, 1)), pd.DataFrame(), table, COEFFICIENTS
        )
    blind = compared(rows, SEPTEMBER, [LONG], days=daily_flows(frame([]))).iloc[0]
    assert blind["change_note"] == "the definition changed in between, and no days tell how far"
    assert np.isnan(blind["change"])
    assert isinstance(SEPTEMBER, Window)
