"""What each picture shows: the finding, the gaps, the pale days, the bounds."""

from dataclasses import replace
from datetime import date
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.analysis.audience import ReachEstimate
from engagerr_core.charts import plot
from engagerr_core.charts.change import change_figure
from engagerr_core.charts.content import content_figure
from engagerr_core.charts.lines import lines
from engagerr_core.charts.reach import reach_figure
from engagerr_core.charts.sparkline import sparkline_figure
from engagerr_core.charts.theme import CONTEXT, DOWN, SERIES, UP, colours, in_order
from engagerr_core.charts.timeline import timeline_figure, trend_figure
from engagerr_core.errors import InvalidArgument
from engagerr_core.vocabulary.platforms import platforms
from tests.charts.example_overview import LEVELS, cards, example_overview


def estimate(total: float, low: float, high: float, lower: float, upper: float, **sizes: float) -> ReachEstimate:
    return ReachEstimate(total=total, low=low, high=high, lower_bound=lower, upper_bound=upper, sizes=sizes)


def layers(spec: dict) -> list[dict]:
    """All unit views of a specification."""
    inner = spec.get("layer", spec.get("hconcat", []))
    return [unit for part in inner for unit in layers(part)] if inner else [spec]


def texts(spec: dict) -> str:
    """All that the specification draws from, as one text."""
    return str({name: part for name, part in spec.items() if name != "config"})


class TestTimeline:
    @pytest.mark.parametrize(
        ("change", "real", "finding"),
        [
            (0.122, True, "Standard views rose 12% against the period before"),
            (-0.31, True, "Standard views fell 31% against the period before"),
            (0.122, False, "Standard views +12% against before, within the usual variation"),
            (-0.004, None, "Standard views −0.40% against before, not tested"),
            (0.0, False, "Standard views 0% against before, within the usual variation"),
        ],
    )
    def test_finding_says_only_what_was_tested(self, change: float, real: bool | None, finding: str) -> None:
        figure = timeline_figure(example_overview(cards=cards(change=change, real=real)))
        assert figure.title == finding

    @pytest.mark.parametrize("change", [nan, inf])
    def test_without_a_change_the_highest_settled_day_is_told(self, change: float) -> None:
        overview = example_overview(("youtube",), cards=cards(change=change))
        daily = overview.daily.copy()
        daily.loc[daily["provisional"] & (daily["metric"] == "standard_views"), "value"] = 1e6
        daily.loc[daily["day"] == "2026-09-01", "value"] = 123_456.0
        figure = timeline_figure(example_overview(("youtube",), cards=cards(change=change), daily=daily))
        assert figure.title == "YouTube peaked at 123,456, 1 Sep"

    def test_weeks_beyond_120_days_and_days_up_to_it(self) -> None:
        assert "per day" in timeline_figure(example_overview(days=60)).alt
        weekly = timeline_figure(example_overview(days=61))
        assert "per week" in weekly.alt
        assert set(weekly.data["day"].dt.day_of_week) == {0}

    def test_weeks_outside_both_periods_are_not_drawn(self) -> None:
        overview = example_overview(days=61)
        drawn = timeline_figure(overview).data["day"]
        assert drawn.min() >= pd.Timestamp(overview.compared_start, tz="UTC") - pd.Timedelta(6, "D")
        assert len(overview.weekly["day"].unique()) > len(drawn.unique())

    def test_values_are_handed_through_unchanged(self) -> None:
        overview = example_overview()
        drawn = timeline_figure(overview).data
        wanted = overview.daily[overview.daily["metric"] == "standard_views"]
        merged = drawn.assign(day=drawn["day"].dt.tz_localize(None)).merge(wanted, on=["platform", "day"], how="outer")
        assert len(merged) == len(wanted)
        assert (merged["value_x"] == merged["value_y"]).all()

    def test_two_figures_for_one_day_are_refused(self) -> None:
        overview = example_overview()
        twice = pd.concat([overview.daily, overview.daily.head(1)])
        with pytest.raises(InvalidArgument, match=r"youtube has two figures for 27 Jul 2026"):
            timeline_figure(example_overview(daily=twice))

    def test_nothing_known_says_what_to_do(self) -> None:
        for daily in (example_overview().daily.assign(value=nan), example_overview().daily.head(0)):
            figure = timeline_figure(example_overview(daily=daily))
            assert figure.title == "No standard views in this period"
            assert "ingest" in figure.note
            assert figure.to_svg()

    def test_the_year_draws_every_definition_change_and_the_period_apart(self) -> None:
        overview = example_overview()
        figure = trend_figure(overview)
        inside = overview.weekly["day"].min() <= overview.changes["day"].min()
        assert inside
        assert "YouTube: new definition" in texts(figure.spec)
        assert "this period" in texts(figure.spec)
        assert "period before" not in texts(figure.spec)
        assert "differently since" in figure.note
        assert plot(overview, "trend").title == figure.title
        empty = replace(overview, weekly=overview.weekly.iloc[:0])
        assert trend_figure(empty).title == "No standard views in the last year"

    def test_definition_changes_are_marked_and_explained(self) -> None:
        figure = timeline_figure(example_overview())
        assert "YouTube: new definition" in texts(figure.spec)
        assert "24 Aug 2026" in figure.note
        other = timeline_figure(example_overview(("tiktok",)))
        assert "new definition" not in texts(other.spec)

    def test_above_four_one_stands_out(self) -> None:
        figure = timeline_figure(example_overview(tuple(LEVELS)), highlight="spotify")
        assert "Blue: Spotify; grey: 5 platforms more" in str(figure.spec["title"])

    def test_a_platform_keeps_its_colour_under_a_filter(self) -> None:
        every = ["youtube", "instagram", "tiktok"]
        figure = timeline_figure(example_overview(("tiktok",)), among=every)
        assert SERIES[2] in str(figure.spec["layer"])
        assert SERIES[0] not in str(figure.spec["layer"])

    def test_days_are_utc(self) -> None:
        spec = timeline_figure(example_overview()).spec
        assert spec["encoding"]["x"]["scale"] == {"type": "utc"}
        first = next(u for u in layers(spec) if u.get("name") == "trend")
        assert first  # the layer that a live chart brushes
        table = next(part["data"]["values"] for part in spec["layer"] if "layer" in part)
        assert all(row["day"] % 86_400_000 == 0 for row in table)

    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.one_of(st.none(), st.floats(-1e9, 1e12)), st.booleans()),
            unique_by=lambda row: row[0],
            max_size=25,
        ),
        st.randoms(use_true_random=False),
    )
    @settings(max_examples=60, deadline=None)
    def test_lines_in_any_order_keep_every_value_and_open_every_gap(self, rows: list, random) -> None:
        random.shuffle(rows)
        frame = pd.DataFrame(rows, columns=["n", "value", "provisional"]).assign(platform="x", metric="views")
        frame["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["n"].astype(int), unit="D")
        drawn = lines(frame, "views")
        assert drawn["day"].is_monotonic_increasing
        if rows:
            assert len(drawn) == frame["n"].max() - frame["n"].min() + 1
        known = frame[frame["value"].notna()].sort_values("day")
        assert drawn["value"].dropna().tolist() == known["value"].astype(float).tolist()
        sure = known[~known["provisional"].astype(bool)]
        assert drawn["settled"].dropna().tolist() == sure["value"].astype(float).tolist()
        assert drawn.loc[drawn["unsure"], "settled"].isna().all()

    def test_frame_of_two_metrics_is_refused(self) -> None:
        with pytest.raises(InvalidArgument, match="2 metrics"):
            plot(example_overview().daily)

    def test_frame_of_one_metric(self) -> None:
        daily = example_overview().daily
        figure = plot(daily[daily["metric"] == "standard_views"])
        assert figure.title == "YouTube peaked at 17,358, 10 Aug"

    @pytest.mark.parametrize("name", platforms())
    def test_titles_fit_for_every_platform(self, name: str) -> None:
        daily = example_overview(("youtube",)).daily.assign(platform=name)
        assert timeline_figure(example_overview(("youtube",), daily=daily, cards=cards(change=nan))).title


class TestReach:
    def test_bounds_are_drawn_and_sizes_never_added(self) -> None:
        figure = reach_figure(estimate(nan, 100, 150, 100, 150, youtube=100, tiktok=50))
        assert figure.title == "Between 100 and 150 different people reached"
        last = figure.data.iloc[-1]
        assert (last["from_people"], last["to_people"]) == (100, 150)

    def test_estimate_with_interval(self) -> None:
        figure = reach_figure(estimate(120, 110, 140, 100, 150, youtube=100, tiktok=50))
        assert figure.title == "About 120 (110 to 140) different people reached"

    def test_ranges_of_platforms_that_do_not_report_the_period(self) -> None:
        bounds = {"youtube": (100.0, 100.0), "tiktok": (40.0, 90.0), "x": (0.0, 70.0), "facebook": (30.0, inf)}
        sizes = {p: low if low == high else nan for p, (low, high) in bounds.items()}
        made = ReachEstimate(
            total=nan,
            low=100,
            high=inf,
            lower_bound=100,
            upper_bound=inf,
            sizes=sizes,
            bounds=bounds,
            unbounded=("facebook",),
        )
        shown = reach_figure(made).data.set_index("who")
        assert shown.loc["TikTok", ["from_people", "to_people"]].tolist() == [40, 90]
        assert shown.loc["X", ["from_people", "to_people"]].tolist() == [0, 70]
        assert shown.loc["Facebook", ["from_people", "to_people"]].tolist() == [0, 30]

    def test_open_upper_end(self) -> None:
        figure = reach_figure(estimate(nan, 100, inf, 100, inf, youtube=100, x=nan))
        assert figure.title == "At least 100 different people reached"
        assert "1 of 2 platforms report the whole period; X does not" in str(figure.spec["title"])
        assert "not reported" in texts(figure.spec)
        assert figure.to_svg()

    def test_unknown_altogether(self) -> None:
        figure = reach_figure(estimate(nan, nan, nan, nan, nan))
        assert figure.title == "Nobody tells how many different people were reached"

    def test_one_platform_is_exact(self) -> None:
        assert reach_figure(estimate(100, 100, 100, 100, 100, youtube=100)).title == "100 different people reached"

    def test_nobody_at_all(self) -> None:
        assert reach_figure(estimate(0, 0, 0, 0, 0, youtube=0)).to_svg()


class TestPlatforms:
    def test_unknown_views_and_rates_are_said_not_drawn_as_zero(self) -> None:
        rows = example_overview().platforms
        rows.loc[0, ["standard_views", "share_of_views", "engagement_rate", "rate_low", "rate_high"]] = nan
        figure = plot(replaced_platforms(rows), "platforms")
        assert figure.title == "TikTok holds 32% of standard views"
        assert figure.data["standard_views"].isna().tolist() == [False, False, True]
        assert texts(figure.spec).count("'views_said': 'unknown'") == 1
        assert "2 of 3 platforms" in str(figure.spec["title"])

    def test_nothing_known(self) -> None:
        rows = example_overview().platforms.assign(standard_views=nan, engagement_rate=nan)
        for frame in (rows, rows.head(0)):
            assert plot(replaced_platforms(frame), "platforms").title == "No platform has figures in this period"

    def test_share_is_the_finding(self) -> None:
        assert plot(example_overview(), "platforms").title == "YouTube holds 47% of standard views"


class TestContent:
    def test_young_posts_stand_below_whatever_their_views(self) -> None:
        contents = example_overview().contents.head(4).assign(mature=[False, True, False, True])
        figure = content_figure(example_overview(contents=contents))
        assert figure.data["mature"].tolist() == [True, True, False, False]
        assert "2 too young" in figure.note

    def test_only_young_posts(self) -> None:
        contents = example_overview().contents.assign(mature=False)
        assert content_figure(example_overview(contents=contents)).title.startswith("All posts are young")

    def test_unknown_views_are_left_out_and_counted(self) -> None:
        contents = example_overview().contents
        contents.loc[:4, "standard_views"] = nan
        assert "5 posts have no known views." in content_figure(example_overview(contents=contents)).note

    @pytest.mark.parametrize("contents", ["none", "unknown"])
    def test_no_post(self, contents: str) -> None:
        frame = example_overview().contents
        frame = frame.head(0) if contents == "none" else frame.assign(standard_views=nan)
        assert content_figure(example_overview(contents=frame)).title == "No post with known views in this period"

    @pytest.mark.parametrize("top", [0, 51])
    def test_number_out_of_range(self, top: int) -> None:
        with pytest.raises(InvalidArgument, match="1 to 50"):
            content_figure(example_overview(), top=top)

    def test_same_title_twice_gives_two_bars(self) -> None:
        contents = example_overview().contents.assign(title="Same", mature=True)
        assert content_figure(example_overview(contents=contents), top=5).to_svg().count(">Same<") == 5

    def test_ids_keep_all_digits(self) -> None:
        assert content_figure(example_overview()).data["content"].str.len().eq(18).all()


class TestChange:
    def test_signs_and_colours(self) -> None:
        figure = change_figure(example_overview())
        assert figure.title == "Largest change: YouTube +37,800 standard views"
        assert "−17,080" in texts(figure.spec)
        assert [SERIES[0], SERIES[1]] == [UP, DOWN]

    @pytest.mark.parametrize("real", [False, None])
    def test_no_clear_change(self, real: bool | None) -> None:
        figure = change_figure(example_overview(cards=cards(real=real)))
        assert figure.title == "No clear change in total; YouTube +37,800 standard views"

    def test_unknown_contribution_is_said_and_not_zero(self) -> None:
        rows = example_overview().platforms
        rows.loc[1, ["contribution", "change"]] = nan
        overview = replaced_platforms(rows)
        figure = change_figure(overview)
        assert figure.data["contribution"].isna().sum() == 1
        assert "unknown" in texts(figure.spec)

    def test_nothing_to_compare_with(self) -> None:
        rows = example_overview().platforms.assign(contribution=nan, change=nan)
        assert "older exports" in change_figure(replaced_platforms(rows)).note

    @pytest.mark.parametrize("value", [0.0, -5.0, 5.0, 1e13])
    def test_one_sided_and_flat(self, value: float) -> None:
        rows = example_overview().platforms.assign(contribution=value, change=0.1 * np.sign(value))
        assert change_figure(replaced_platforms(rows)).to_svg()

    def test_a_redefined_platform_is_named(self) -> None:
        assert "YouTube changed its definition" in change_figure(example_overview()).note


def replaced_platforms(rows: pd.DataFrame):
    return replace(example_overview(), platforms=rows)


class TestSparkline:
    def one(self) -> pd.DataFrame:
        daily = example_overview().daily
        return daily[daily["platform"] == "youtube"]

    def test_last_value_and_scale_are_told(self) -> None:
        own, shared = (sparkline_figure(self.one(), "standard_views", highest=top) for top in (None, 50_000.0))
        assert own.alt.endswith("scale: its own")
        assert shared.alt.endswith("scale: shared up to 50,000")
        assert own.title == "10,184 on 20 Sep"

    def test_several_platforms_are_refused(self) -> None:
        with pytest.raises(InvalidArgument, match="one platform, not 3"):
            sparkline_figure(example_overview().daily, "standard_views")

    @pytest.mark.parametrize("highest", [0.0, -1.0, nan, inf])
    def test_scale_out_of_range(self, highest: float) -> None:
        with pytest.raises(InvalidArgument, match="above 0"):
            sparkline_figure(self.one(), "standard_views", highest=highest)

    def test_one_day_and_no_day(self) -> None:
        one = self.one()
        assert sparkline_figure(one[one["day"] == "2026-09-01"], "standard_views").to_svg()
        assert sparkline_figure(one.head(0), "standard_views").title == "No standard views"


def test_colours_do_not_depend_on_order_or_figures() -> None:
    names = ["tiktok", "youtube", "stranger", "instagram"]
    assert colours(names) == colours(reversed(names))
    assert in_order(names) == ["youtube", "instagram", "tiktok", "stranger"]
    many = colours([*names, "x"], highlight="x")
    assert many["x"] == SERIES[0]
    assert set(many.values()) == {SERIES[0], CONTEXT}


def test_a_single_day_period() -> None:
    overview = example_overview(days=1, end=date(2026, 9, 20))
    for chart in ("timeline", "platforms", "change", "content", "reach"):
        assert plot(overview, chart).to_svg()
