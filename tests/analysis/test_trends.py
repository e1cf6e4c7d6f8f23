"""What is one series and what not, what is claimed of it, and how days that stand out are taken apart."""

import json

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.contributions import leading
from engagerr_core.analysis.events import no_events
from engagerr_core.analysis.trend_series import daily_series, usable
from engagerr_core.errors import InvalidArgument, NotAdditive, UnknownName
from tests.analysis.example_days import rows_of, split, trends_of, usual
from tests.analysis.examples import COEFFICIENTS, contents

HOSTILE = '<img src=x onerror="alert(1)"> =HYPERLINK("http://evil.example")'
LONG = [{"content": "long", "format": "long_video", "published": "2025-01-01"}]


def series_of(rows: list, table: pd.DataFrame | None = None, name: str = "standard_views"):
    known = contents() if table is None else table
    return daily_series(split(rows, known)[0], known, COEFFICIENTS, name)


def of(found, platform: str) -> pd.DataFrame:
    return found.days[found.days["platform"] == platform].set_index("day")


class TestSeries:
    def test_the_sum_holds_only_where_every_platform_is_known(self) -> None:
        hole = [10.0, np.nan, 12.0, 13.0]
        found = series_of([*rows_of("tiktok", [1.0, 2.0, 3.0, 4.0, 5.0]), *rows_of("instagram", hole)])
        total = of(found, "")["value"]
        assert total.isna().tolist() == [False, True, False, False]  # ends where the first of them ends
        assert total.dropna().tolist() == [11.0, 15.0, 17.0]
        assert of(found, "")["why"].tolist() == ["", "unknown", "", ""]
        assert found.platforms == ("instagram", "tiktok")

    def test_a_hole_in_one_account_is_a_hole_of_its_platform(self) -> None:
        rows = [*rows_of("tiktok", [1.0, 2.0, 3.0]), *rows_of("tiktok", [10.0, np.nan, 30.0], account="two")]
        found = of(series_of(rows), "tiktok")
        assert found["value"].fillna(-1).tolist() == [11.0, -1.0, 33.0]

    def test_accounts_and_platforms_that_ended_or_have_just_begun_are_left_out_and_named(self) -> None:
        rows = [
            *rows_of("tiktok", [1.0] * 100), *rows_of("tiktok", [5.0] * 20, account="old"),
            *rows_of("instagram", [2.0] * 60), *rows_of("x", [3.0] * 100, metric="impressions"),
            *rows_of("linkedin", [4.0] * 10, first="2026-04-01", metric="impressions"),
        ]  # fmt: skip
        found = series_of(rows)
        assert set(of(found, "tiktok")["value"]) == {1.0}
        assert of(found, "")["value"].iloc[-1] == pytest.approx(of(found, "x")["value"].iloc[-1] + 1)
        said = " ".join(found.flags)
        assert "TikTok is without the account old, whose figures end on 2026-01-20." in said
        assert "All platforms are without Instagram, whose figures end on 2026-03-01." in said
        assert "All platforms are without LinkedIn, whose figures begin on 2026-04-01 only." in said

    def test_one_platform_needs_no_total_and_native_metrics_have_none(self) -> None:
        assert set(series_of(rows_of("tiktok", [1.0, 2.0])).days["platform"]) == {"tiktok"}
        both = [*rows_of("tiktok", [1.0, 2.0]), *rows_of("instagram", [1.0, 2.0])]
        found = series_of(both, name="views")
        assert set(found.days["platform"]) == {"instagram", "tiktok"}
        assert "Views is not counted alike on all platforms: there is no series of all of them." in found.flags

    def test_provisional_days_are_known_but_masked(self) -> None:
        found = of(series_of(rows_of("tiktok", [1.0] * 10, observed_at="2026-01-11T00:00:00Z")), "tiktok")
        late = found["provisional"]
        assert late.any()
        assert not late.iloc[0]
        assert (found["masked"] == late).all()
        assert set(found.loc[late, "why"]) == {"provisional"}
        assert found["value"].notna().all()
        assert len(usable(found.reset_index())) == (~late).sum()

    def test_a_change_of_definition_is_bridged_where_the_common_notion_is_known(self) -> None:
        when = pd.date_range("2026-08-01", "2026-09-15")
        late = when >= "2026-08-24"
        rows = rows_of("youtube", np.where(late, 1400.0, 1000.0), first="2026-08-01")
        for row, engaged in zip(rows, np.where(late, 1020.0, 1000.0), strict=True):
            row["engaged_views"] = engaged
        found = series_of(rows, contents(LONG))
        mine = of(found, "youtube")
        assert set(mine["value"]) == {1000.0, 1020.0}
        assert set(mine["reported"]) == {1000.0, 1400.0}
        assert not mine["masked"].any()
        assert "bridged through engaged views" in mine["definition"].iloc[0]

    def test_what_lies_before_one_that_cannot_be_bridged_is_masked(self) -> None:
        rows = rows_of("youtube", [1000.0] * 46, first="2026-08-01")
        other = rows_of("tiktok", [10.0] * 46, first="2026-08-01")
        found = series_of([*rows, *other], contents(LONG))
        for platform in ("youtube", ""):
            mine = of(found, platform)
            assert mine.loc[:"2026-08-23", "masked"].all()
            assert set(mine.loc[:"2026-08-23", "why"]) == {"before a change of definition"}
            assert not mine.loc["2026-08-24":, "masked"].any()
        assert not of(found, "tiktok")["masked"].any()
        assert "began to count differently on 2026-08-24, and the days before cannot be bridged" in found.flags[0]

    def test_money_of_several_currencies_is_refused(self) -> None:
        euros = rows_of("youtube", [1.0, 2.0], metric="revenue", currency="EUR")
        assert of(series_of(euros, name="revenue"), "youtube")["value"].tolist() == [1.0, 2.0]
        dollars = rows_of("facebook", [1.0, 2.0], metric="revenue", currency="USD")
        with pytest.raises(NotAdditive, match=r"told in EUR, USD.*Name platforms that pay in one"):
            series_of([*euros, *dollars], name="revenue")

    def test_what_does_not_add_up_is_refused(self) -> None:
        for name, error in (
            ("reach", NotAdditive), ("engagement_rate", NotAdditive), ("followers", NotAdditive),
            ("average_view_seconds", NotAdditive), ("veiws", UnknownName),
        ):  # fmt: skip
            with pytest.raises(error):
                series_of(rows_of("tiktok", [1.0]), name=name)


def spiked(days: int = 240, at: int = 150) -> list:
    """Three posts of which one goes round the world on one day, and an account with what else it has."""
    account, calm, star = usual(days), np.full(days, 100.0), np.full(days, 120.0)
    star[at] = 9000.0
    account[at] += 8880.0
    return [
        *rows_of("instagram", account), *rows_of("tiktok", usual(days, 400.0, seed=9)),
        *rows_of("instagram", calm, content="calm"), *rows_of("instagram", star, content="star"),
    ]  # fmt: skip


POSTS = [
    {"platform": "instagram", "content": "calm", "format": "image", "published": "2025-06-01"},
    {"platform": "instagram", "content": "star", "format": "short_video", "published": "2025-06-01", "title": HOSTILE},
]


class TestClaims:
    def test_growth_is_claimed_and_level_noise_is_not(self) -> None:
        rows = [*rows_of("tiktok", usual(240, growth=0.004)), *rows_of("x", usual(240, seed=8), metric="impressions")]
        found = trends_of(rows).trend.set_index("platform")
        assert found.loc["tiktok", "direction"] == "rising"
        assert found.loc["tiktok", "claimed"]
        assert found.loc["tiktok", "q_value"] <= 0.05
        assert not found.loc["x", "claimed"]
        assert found.loc["x", "direction"] not in ("rising", "falling")
        assert (found["q_value"] >= found["p_value"]).all()

    def test_sentences_say_no_more_than_the_table(self) -> None:
        found = trends_of([*rows_of("tiktok", usual(240, growth=0.004)), *rows_of("instagram", usual(240, seed=8))])
        for row, said in zip(found.trend.to_dict("records"), found.sentences, strict=False):
            assert ("more than chance explains" in said) == row["claimed"]
        assert str(found) == "\n".join(found.sentences)
        assert "<p>" in found._repr_html_()

    def test_a_step_beside_an_event_is_known_and_not_discovered(self) -> None:
        values = usual(240)
        values[120:] *= 3
        event = pd.DataFrame([{
            "creator": "Ada", "platform": "", "account": "", "start": pd.Timestamp("2026-05-01"),
            "end": pd.Timestamp("2026-05-02"), "kind": "campaign", "note": "Spring campaign", "origin": "analyst",
        }]).astype(no_events().dtypes)  # fmt: skip
        alone, told = (trends_of(rows_of("tiktok", values), events=events) for events in (None, event))
        step = alone.changes.set_index("day").loc["2026-05-01"]
        assert step["claimed"]
        assert step["change"] == pytest.approx(2.0, abs=0.2)
        known = told.changes.set_index("day").loc["2026-05-01"]
        assert known["known"]
        assert not known["claimed"]
        assert known["text"] == "Spring campaign"
        assert "level changed on 1 May 2026" in str(alone)
        assert "level changed on" not in str(told)
        assert list(told.events["note"]) == ["Spring campaign"]

    def test_a_new_definition_makes_no_growth_no_change_and_no_anomaly(self) -> None:
        """Views triple as YouTube counts every start; engaged views, which the files know, do not."""
        when = pd.date_range("2026-03-01", "2026-10-31")
        engaged = usual(len(when))
        rows = rows_of("youtube", np.where(when >= "2026-08-24", 3 * engaged, engaged), first="2026-03-01")
        for row, value in zip(rows, engaged, strict=True):
            row["engaged_views"] = value
        found = trends_of(rows, contents(LONG))
        assert not found.trend["claimed"].any()
        assert not found.changes["claimed"].any()
        assert found.anomalies.empty
        (row,) = found.definitions.to_dict("records")
        assert (row["platform"], row["bridged"], str(row["day"].date())) == ("youtube", True, "2026-08-24")
        assert "compared like for like, bridged through engaged views" in str(found)
        # Negative control: the same figures as they were reported, on a platform that redefined nothing, are a change.
        reported = trends_of(
            rows_of("tiktok", np.where(when >= "2026-08-24", 3 * engaged, engaged), first="2026-03-01")
        )
        assert reported.changes["claimed"].any()

    def test_the_forecast_goes_on_after_the_last_final_day(self) -> None:
        rows = rows_of("tiktok", usual(200), observed_at="2026-07-20T00:00:00Z")
        found = trends_of(rows, horizon=10)
        final = found.series.loc[~found.series["masked"], "day"].max()
        assert final < found.series["day"].max()  # the last days are provisional
        assert found.forecast["day"].tolist() == list(pd.date_range(final + pd.Timedelta(days=1), periods=10))
        inside = found.forecast[["lo_95", "lo_80", "mean", "hi_80", "hi_95"]].to_numpy()
        assert (np.diff(inside, axis=1) >= 0).all()
        assert found.forecast["mean"].between(500, 2000).all()
        assert list(found.scores["platform"]) == ["tiktok"]

    def test_weekdays_show_the_planted_season(self) -> None:
        found = trends_of(rows_of("tiktok", usual(240, weekly=0.5)))
        seasons = found.seasonality.set_index("season")
        assert seasons.loc["week", "claimed"]
        assert not seasons.loc["month of the year", "claimed"]  # not one year is known
        assert found.weekdays["name"].tolist()[0] == "Monday"
        # 1 January 2026 is a Thursday; the sine is highest one to two days later.
        assert found.weekdays.loc[found.weekdays["typical"].idxmax(), "name"] in ("Friday", "Saturday")
        assert (found.weekdays["low"] <= found.weekdays["typical"]).all()


class TestAnomalies:
    def test_the_planted_post_is_named_and_the_parts_add_up(self) -> None:
        found = trends_of(spiked(), contents(POSTS))
        day = pd.Timestamp("2026-05-31")
        of_day = found.anomalies[found.anomalies["day"] == day].set_index("platform")
        assert {"", "instagram"} <= set(of_day.index)
        assert (of_day["q_value"] <= 0.05).all()
        assert "holds" in of_day.loc["instagram", "explanation"]
        assert "<img src=x onerror=" in of_day.loc["instagram", "explanation"]  # as text; who shows it escapes it
        assert "Instagram holds" in of_day.loc["", "explanation"]
        for platform in ("", "instagram"):
            parts = found.contributions[
                (found.contributions["platform"] == platform) & (found.contributions["day"] == day)
            ]
            for _, mine in parts.groupby("dimension"):
                assert mine["deviation"].to_numpy().sum() == pytest.approx(of_day.loc[platform, "deviation"], rel=1e-9)
                assert mine["value"].to_numpy().sum() == pytest.approx(of_day.loc[platform, "value"], rel=1e-9)
            post = leading(parts, "content")
            assert (post["part"], post["expected"]) == ("instagram/instagram-1/star", 120.0)
            assert post["share"] == pytest.approx(1.0, abs=0.05)
            assert leading(parts, "format")["part"] == "short_video"

    def test_markup_in_a_title_stays_text(self) -> None:
        found = trends_of(spiked(), contents(POSTS))
        assert "<img" in str(found)
        assert "<img" not in found._repr_html_()
        assert json.loads(found.to_json())["anomalies"]

    def test_without_posts_the_rest_is_all_there_is(self) -> None:
        values = usual(240)
        values[150] *= 9
        found = trends_of(rows_of("tiktok", values))
        told = found.anomalies.set_index("day").loc["2026-05-31"]
        assert "no post’s figures of this day are known" in told["explanation"]
        assert set(found.contributions["how"]) == {"rest"}

    def test_many_are_listed_but_only_the_clearest_taken_apart(self, monkeypatch) -> None:
        from engagerr_core.analysis import trend_anomalies

        monkeypatch.setattr(trend_anomalies, "MOST_EXPLAINED", 1)
        found = trends_of(spiked(), contents(POSTS))
        assert len(found.anomalies) >= 2
        assert found.anomalies["explanation"].str.contains("not taken apart").sum() == len(found.anomalies) - 1
        assert len(found.contributions[["platform", "day"]].drop_duplicates()) == 1


class TestThin:
    @pytest.mark.parametrize("days", [0, 1, 2, 6, 13])
    def test_a_few_days_give_no_claim_and_no_error(self, days: int) -> None:
        rows = rows_of("tiktok", usual(20)[:days])
        found = trends_of(rows) if rows else trends_of(rows_of("tiktok", [5.0], content="post"))
        assert not found.trend["claimed"].any()
        assert not found.changes["claimed"].any()
        assert found.sentences
        read = json.loads(found.to_json(), parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
        assert read["creator"] == "Ada"

    def test_nothing_known_says_what_to_export(self) -> None:
        found = trends_of(rows_of("tiktok", [5.0], metric="likes"))
        assert found.trend.empty
        assert found.platforms == ()
        assert found.main == ""
        assert found.start is None
        assert "No file holds daily standard views of Ada" in str(found)
        assert "TikTok has no daily standard views" in str(found)

    def test_holes_everywhere(self) -> None:
        values = usual(240)
        values[::3] = np.nan
        found = trends_of(rows_of("tiktok", values))
        assert found.trend["days"].iloc[0] == np.isfinite(values).sum()
        assert found.series["value"].isna().sum() > 70


class TestQuestions:
    def test_one_series_alone(self) -> None:
        found = trends_of(spiked(), contents(POSTS))
        assert found.platforms == ("", "instagram", "tiktok")
        one = found.of("tiktok")
        assert one.platforms == ("tiktok",)
        assert one.main == "tiktok"
        assert "Instagram" not in str(one)
        assert set(one.series["platform"]) == set(one.forecast["platform"]) == {"tiktok"}
        with pytest.raises(InvalidArgument, match=r"'youtube' was asked.*'tiktok'"):
            found.of("youtube")

    @pytest.mark.parametrize("horizon", [0, -3, 366, 7.5, True, "28"])
    def test_horizons_that_are_none(self, horizon: object) -> None:
        with pytest.raises(InvalidArgument, match="1 to 365 whole days"):
            trends_of(rows_of("tiktok", [1.0]), horizon=horizon)

    def test_every_figure_says_what_it_is(self) -> None:
        found = trends_of(spiked(), contents(POSTS))
        assert (found.basis, found.origin) == ("flow", "estimated")
        assert found.coefficient_set == COEFFICIENTS.label
        assert found.trend["definition"].str.contains("standard_views of").all()
        assert set(found.series["origin"]) <= {"derived", "estimated"}

    def test_the_same_twice(self) -> None:
        first, second = (trends_of(spiked(), contents(POSTS)).to_json() for _ in range(2))
        assert first == second
