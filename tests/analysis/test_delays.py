"""Reporting delays recovered from what simulated platforms state again and again."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from engagerr_core.analysis.delays import (
    DELAY_COLUMNS,
    ENOUGH_DAYS,
    FINAL_LAG,
    RESTATEMENT_COLUMNS,
    platform_delays,
    reporting_delays,
    restatements,
    stated_flows,
)
from engagerr_core.analysis.freshness import freshness, known_stretches, last_whole_period, provisional
from engagerr_core.analysis.subjects import daily_flows
from engagerr_core.errors import InvalidArgument, UnknownName
from engagerr_core.simulation.reporting import REPORTED_AFTER, reported
from engagerr_core.vocabulary.platforms import platforms
from tests.analysis.examples import days, frame, observation

START = date(2026, 6, 1)
LENGTH = 90  # days of a world
WINDOW = 28  # days of an export


def rows_of(platform, lag, values, on, account=1, metric="views"):
    """Rows of one export: `values` of the days that lie `lag` days before the export's day."""
    seen = pd.Timestamp(on)
    day = seen - pd.to_timedelta(lag, unit="D")
    made = pd.DataFrame({"period_start": day, "period_end": day, metric: values})
    return made.assign(
        creator="Ada", platform=platform, account=f"{platform}-{account}", content="", dimension="",
        dimension_value="", basis="flow", observed_at=seen.tz_localize("UTC"), known_at=seen.tz_localize("UTC"),
        file=f"{on}", row=np.arange(len(made)),
    )  # fmt: skip


def world(platform, every, say, *, seed=1, accounts=1):
    """Unresolved rows of exports made every so many days; `say(counts, exported_on)` gives the days as stated."""
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        counts = np.round(rng.lognormal(9, 0.5, LENGTH))
        for after in range(2, LENGTH + 1, every):
            on = START + timedelta(days=after)
            said = say(counts, on)[-WINDOW:]
            rows.append(rows_of(platform, np.arange(len(said), 0, -1), said, on, account))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("every", [1, 3, 5])
@pytest.mark.parametrize("platform", list(REPORTED_AFTER))
def test_the_simulated_delays_come_back(platform, every):
    metric = "views"
    stated = world(platform, every, lambda counts, on: reported(counts, platform, START, on))
    (found,) = reporting_delays(stated).to_dict("records")
    assert (found["platform"], found["metric"], found["enough"]) == (platform, metric, True)
    assert found["days"] == found["high"] == len(REPORTED_AFTER[platform])
    assert found["low"] == len(REPORTED_AFTER[platform])
    assert found["registered"] == platforms()[platform].provisional_days
    assert (found["restated"] > 0) == bool(REPORTED_AFTER[platform])
    assert platform_delays(reporting_delays(stated)) == {platform: float(len(REPORTED_AFTER[platform]))}


def test_where_lags_are_not_seen_the_interval_says_so():
    """One export of three in a year of weeks: every day was first stated 5 or more days after it."""
    stated = world("youtube", 1, lambda counts, on: reported(counts, "youtube", START, on))
    lag = (stated["observed_at"].dt.tz_localize(None) - stated["period_start"]).dt.days
    (found,) = reporting_delays(stated[~lag.isin([3, 4, 5, 6])]).to_dict("records")
    assert (found["low"], found["days"], found["high"]) == (2, 6, 6)
    (late,) = reporting_delays(stated[lag >= 5]).to_dict("records")
    assert (late["low"], late["days"], late["high"]) == (0, 4, 4)


SHARES = np.array([0.30, 0.35, 0.20, 0.06, 0.05, 0.04])  # of days that settle at lag 1, 2, 3 …
TRUTH = 3  # 0.85 have settled at lag 3, 0.91 at lag 4: days of lags 1 to 3 are provisional


def chance_world(seed, purged=0.0):
    """Days that settle at random lags, and later purges of spam from some of them."""
    rng = np.random.default_rng([seed, 7])
    settles = rng.choice(np.arange(1, 7), LENGTH, p=SHARES)
    purge = np.where(rng.random(LENGTH) < purged, 26, 99)

    def say(counts, on):
        age = (on - START).days - np.arange(min((on - START).days, LENGTH))
        known = counts[: len(age)]
        early = known * np.where(age < settles[: len(age)], 0.8, 1.0)
        return np.where(age >= purge[: len(age)], early * 0.9, early)

    return world("tiktok", 2, say, seed=seed)


def test_random_delays_are_covered_and_the_famous_rule_fails():
    covered, near, naive = 0, 0, 0
    for seed in range(20):
        stated = chance_world(seed, purged=0.03)
        (found,) = reporting_delays(stated).to_dict("records")
        covered += found["low"] <= TRUTH <= found["high"]
        near += abs(found["days"] - TRUTH) <= 1
        told = stated_flows(stated, ["views"])
        final = told.groupby("day")["value"].transform("last")
        naive += told.loc[(told["value"] - final).abs() > 0.01 * final, "lag"].max() - TRUTH <= 1
    assert covered >= 18
    assert near >= 18
    assert naive <= 4  # "the largest lag at which anything was ever restated" finds a purge of spam


def test_the_same_rows_in_any_order_give_the_same_bytes():
    stated = chance_world(3)
    one = reporting_delays(stated)
    other = reporting_delays(stated.sample(frac=1, random_state=4))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_day_stated_early_only_is_not_evidence():
    """Without a statement two weeks later nothing is final: a naive comparison would call day two the last word."""
    rows = [
        rows_of("youtube", [lag], [1000.0 * (0.46, 0.83)[lag - 1]], START + timedelta(days=d + lag))
        for d in range(40)
        for lag in (1, 2)
    ]
    assert reporting_delays(pd.concat(rows, ignore_index=True)).empty


def test_thin_evidence_gives_no_estimate():
    full = world("youtube", 1, lambda counts, on: reported(counts, "youtube", START, on))
    seen = full["observed_at"].dt.tz_localize(None)
    last = seen.max()
    recent = full[(full["period_start"] > last - pd.Timedelta(days=WINDOW)) & (full["period_start"] <= last)]
    two = recent[seen[recent.index].isin([last, last - pd.Timedelta(days=16), last - pd.Timedelta(days=17)])]
    (thin,) = reporting_delays(two).to_dict("records")
    assert (thin["enough"], thin["exports"]) == (False, 2)
    assert np.isnan([thin["days"], thin["low"], thin["high"]]).all()
    assert thin["stated_days"] < ENOUGH_DAYS
    assert platform_delays(reporting_delays(two)) == {}
    small = full.assign(views=full["views"] / 1000)
    assert reporting_delays(small).query("enough").empty  # 1 % of a dozen is no view


def test_a_metric_that_never_settles_keeps_the_registered_delay():
    def say(counts, on):
        age = (on - START).days - np.arange(min((on - START).days, LENGTH))
        return counts[: len(age)] * (1 + 0.02 * age)

    rows = world("youtube", 1, say)
    found = reporting_delays(rows.assign(likes=10_000.0))
    assert found.set_index("metric")["days"].to_dict() == {"likes": 0.0, "views": pytest.approx(np.nan, nan_ok=True)}
    assert found.set_index("metric").loc["views", "low"] >= FINAL_LAG
    assert platform_delays(found) == {}


def test_nothing_stated():
    empty = frame([])
    assert tuple(reporting_delays(empty).columns) == DELAY_COLUMNS
    assert reporting_delays(empty).empty
    assert tuple(restatements(empty).columns) == RESTATEMENT_COLUMNS
    assert platform_delays(reporting_delays(empty)) == {}
    unseen = frame([observation(day="2026-10-01", views=5.0)])
    assert stated_flows(unseen, ["views"]).empty


def test_of_one_export_the_last_known_statement_counts():
    seen = {"day": "2026-10-01", "observed_at": "2026-10-05T00:00:00Z"}
    rows = [
        observation(**seen, views=10.0, known_at="2026-10-06T00:00:00Z"),
        observation(**seen, views=12.0, known_at="2026-10-07T00:00:00Z"),
        observation(**seen, views=np.nan, known_at="2026-10-08T00:00:00Z"),
        observation(**seen | {"day": "2026-10-06"}, views=99.0),
        observation(**seen, views=7.0, dimension="country", dimension_value="DE"),
        observation(**seen, views=8.0, content="a"),
    ]
    told = stated_flows(frame(rows), ["views", "likes"])
    assert told[["metric", "lag", "value"]].to_dict("records") == [{"metric": "views", "lag": 4, "value": 12.0}]


# ---- what follows from a delay -------------------------------------------------------------


def test_a_delay_moves_what_is_provisional():
    daily = daily_flows(frame([
        observation(name, day=day, views=1.0, observed_at="2026-11-01T00:00:00Z")
        for name in ("youtube", "tiktok") for day in days("2026-09-20", "2026-10-31")
    ]))  # fmt: skip

    def last_final(delays=None):
        return freshness(daily, delays).set_index("platform")["last_final_day"].dt.day.to_dict()

    assert last_final() == {"youtube": 28, "tiktok": 29}
    assert last_final({"youtube": 6.0}) == {"youtube": 25, "tiktok": 29}
    assert last_final({"youtube": 0, "tiktok": 0}) == {"youtube": 31, "tiktok": 31}
    assert provisional(daily, {"tiktok": 5}).sum() == 3 + 5
    assert last_whole_period(daily, 7)[1] == pd.Timestamp("2026-10-28")
    assert last_whole_period(daily, 7, {"youtube": 8})[1] == pd.Timestamp("2026-10-23")
    runs = known_stretches(daily, {"youtube": 10})
    assert runs[(runs["platform"] == "youtube") & runs["provisional"]]["first_day"].tolist() == [
        pd.Timestamp("2026-10-22")
    ]


def test_delays_that_are_none_are_refused():
    daily = daily_flows(frame([observation(day="2026-10-01", views=1.0)]))
    for wrong in (np.nan, -1.0, np.inf):
        with pytest.raises(InvalidArgument, match=r"reporting delay of youtube was .*Leave the platform out"):
            provisional(daily, {"youtube": wrong})
    with pytest.raises(UnknownName, match="no platform 'youtub'"):
        freshness(daily, {"youtub": 3})


def test_a_simulated_platform_is_final_when_it_says_so_and_restates_nothing_after():
    stated = world("youtube", 1, lambda counts, on: reported(counts, "youtube", START, on))
    assert restatements(stated).empty
    early = restatements(stated, {"youtube": 1})
    assert (early["change"] > 0.15).all()
    assert early["stated_on"].lt(early["restated_on"]).all()
    assert len(early) > 50
