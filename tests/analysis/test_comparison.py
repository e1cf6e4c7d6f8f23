"""A change is real only beyond the usual swing; the textbook test of days against days cries wolf."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from engagerr_core.analysis.comparison import FEWEST_SWINGS, compare_periods

START, END = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-28")


def world(rng, phi: float, days: int = 28 * 14, shift: float = 0.0) -> pd.Series:
    """Daily counts with a weekday pattern and AR(1) noise; the last 28 days may be shifted (log)."""
    noise = np.empty(days)
    noise[0] = rng.normal() / np.sqrt(1 - phi**2)
    for i in range(1, days):
        noise[i] = phi * noise[i - 1] + rng.normal()
    index = pd.date_range(end=END, periods=days)
    weekday = 0.2 * np.cos(2 * np.pi * index.day_of_week / 7)
    level = np.where(index >= START, shift, 0.0)
    return pd.Series(np.exp(7 + weekday + 0.1 * noise + level), index)


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
def test_size_holds_under_autocorrelation_where_the_test_of_days_does_not(phi):
    rng, runs = np.random.default_rng(17), 500
    ours = wrong = 0
    for _ in range(runs):
        daily = world(rng, phi)
        ours += compare_periods(daily, START, END).real
        wrong += ttest_ind(np.log(daily.iloc[-28:]), np.log(daily.iloc[-56:-28])).pvalue < 0.05
    assert ours / runs <= 0.08
    if phi == 0.9:
        assert wrong / runs > 0.4  # negative control


def test_interval_covers_the_planted_change_and_large_ones_are_found():
    rng, runs, covered, found = np.random.default_rng(23), 300, 0, 0
    for _ in range(runs):
        change = compare_periods(world(rng, 0.5, shift=np.log(1.4)), START, END)
        covered += change.low <= 0.4 <= change.high
        found += change.real
    assert 0.91 <= covered / runs <= 0.985
    assert found / runs > 0.9


def test_too_little_history_is_said_and_never_called_real():
    change = compare_periods(world(np.random.default_rng(1), 0.0, days=28 * (FEWEST_SWINGS + 1)), START, END)
    assert change.real is None
    assert np.isfinite(change.change)
    assert np.isnan([change.low, change.high, change.p_value]).all()
    assert f"{FEWEST_SWINGS} wanted" in str(change)


def test_a_redefinition_in_between_makes_the_change_unknown():
    daily = world(np.random.default_rng(1), 0.0, shift=np.log(1.4))
    for day in ("2026-09-04", "2026-10-01", "2026-10-28"):
        change = compare_periods(daily, START, END, breaks=(pd.Timestamp(day),))
        assert np.isnan(change.change)
        assert change.real is None
        assert "count differently" in str(change)
    before = compare_periods(daily, START, END, breaks=(pd.Timestamp("2026-09-03"),))
    assert before.change == pytest.approx(0.4, abs=0.05)
    swings = compare_periods(daily, START, END).swings
    assert before.swings == swings - 1  # the one swing that crosses it is not used
    assert compare_periods(daily, START, END, breaks=(pd.Timestamp("2026-06-20"),)).swings == swings - 2


def test_unknown_days_zero_days_and_no_days():
    daily = world(np.random.default_rng(1), 0.0)
    holey = daily.copy()
    holey.iloc[-2] = np.nan
    assert compare_periods(holey, START, END).change == pytest.approx(
        holey.iloc[-28:].mean() / daily.iloc[-56:-28].mean() - 1
    )
    holey.iloc[-20:] = np.nan
    assert np.isnan(compare_periods(holey, START, END).change)
    assert np.isnan(compare_periods(pd.Series(dtype=float, index=pd.DatetimeIndex([])), START, END).change)
    zeros = daily * 0
    assert np.isnan(compare_periods(zeros, START, END).change)
    assert compare_periods(zeros, START, END).real is None
    constant = compare_periods(zeros + 5, START, END)
    assert (constant.change, constant.real) == (0.0, False)


def test_order_of_days_does_not_matter():
    daily = world(np.random.default_rng(2), 0.5)
    assert compare_periods(daily.sample(frac=1, random_state=1), START, END) == compare_periods(daily, START, END)


def test_the_error_of_an_estimated_bridge_widens_the_interval_and_calls_less_real():
    daily = world(np.random.default_rng(4), 0.0, shift=np.log(1.4))
    exact, bridged = compare_periods(daily, START, END), compare_periods(daily, START, END, error=0.3)
    assert (exact.change, exact.real, bridged.change, bridged.real) == (bridged.change, True, exact.change, False)
    assert bridged.low < exact.low < exact.high < bridged.high
    assert bridged.p_value > exact.p_value
    steady = compare_periods(daily * 0 + 5, START, END, error=0.1)  # no swing at all: the bridge alone is uncertain
    assert steady.low < 0 < steady.high
    assert steady.real is False
