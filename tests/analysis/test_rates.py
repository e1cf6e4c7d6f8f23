"""Intervals hold what they promise, and the wrong interval fails here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from engagerr_core.analysis.discoveries import q_values
from engagerr_core.analysis.intervals import jackknife_ratio, weighted_count_interval
from engagerr_core.analysis.shrinkage import fit_gamma_prior, shrink_weighted_rates
from tests.naive.rates import benjamini_hochberg, jackknife, wilson


def test_wilson_matches_the_published_example_and_refuses_what_is_no_proportion():
    low, high = wilson(np.array([81.0, 0.0, 5.0, 7.0, np.nan]), np.array([263.0, 10.0, 0.0, 5.0, 9.0]))
    assert low[0] == pytest.approx(0.2553, abs=1e-4)  # Newcombe 1998, table I
    assert high[0] == pytest.approx(0.3662, abs=1e-4)
    assert (low[1], high[1]) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert np.isnan(low[2:]).all()
    assert np.isnan(high[2:]).all()


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 5000)), min_size=2, max_size=12))
def test_jackknife_equals_loops(pairs):
    y, x = (np.array(side, float) for side in zip(*pairs, strict=True))
    made = jackknife_ratio(y, x, np.zeros(len(y), int), np.arange(len(y))).iloc[0]
    rate, low, high = jackknife(pairs, t.ppf(0.975, len(pairs) - 1))
    assert (made["rate"], made["low"], made["high"]) == pytest.approx((rate, low, high), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("hole", range(5))
@pytest.mark.parametrize("side", [0, 1])
def test_jackknife_leaves_out_a_block_that_lacks_a_side(hole, side):
    values = np.array([[3.0, 5, 8, 2, 9], [100.0, 90, 210, 80, 300]])
    values[side, hole] = np.nan
    made = jackknife_ratio(values[0], values[1], np.zeros(5, int), np.arange(5)).iloc[0]
    keep = np.arange(5) != hole
    assert made["rate"] == pytest.approx(values[0, keep].sum() / values[1, keep].sum())
    assert made["blocks"] == 4


def test_one_block_has_no_interval():
    made = jackknife_ratio(np.array([3.0]), np.array([10.0]), np.zeros(1, int), np.zeros(1, int)).iloc[0]
    assert made["rate"] == pytest.approx(0.3)
    assert np.isnan([made["low"], made["high"]]).all()


def test_jackknife_covers_over_posts_where_wilson_on_pooled_counts_does_not():
    rng, runs, ours, wilsons = np.random.default_rng(20261121), 1_000, 0, 0
    for _ in range(runs):
        exposure = rng.integers(300, 3_000, 40).astype(float)
        own = rng.gamma(8, 0.04 / 8, 40)  # posts scatter around 4 %
        counts = rng.poisson(own * exposure).astype(float)
        truth = 0.04
        made = jackknife_ratio(counts, exposure, np.zeros(40, int), np.arange(40)).iloc[0]
        low, high = wilson(counts.sum(keepdims=True), exposure.sum(keepdims=True))
        ours += made["low"] <= truth <= made["high"]
        wilsons += low[0] <= truth <= high[0]
    assert 0.92 <= ours / runs <= 0.98
    assert wilsons / runs < 0.80  # negative control


def test_weighted_counts_are_covered_where_the_sum_treated_as_a_count_is_not():
    rng, runs = np.random.default_rng(7), 4_000
    weights = np.array([0.9, 4.5, 15.0])
    rates = np.array([0.02, 0.002, 0.001])
    exposure = np.full(runs, 2_000.0)
    counts = rng.poisson(rates * 2_000.0, (runs, 3)).astype(float)
    truth = (weights * rates).sum()
    low, high = weighted_count_interval(counts, np.tile(weights, (runs, 1)), exposure)
    covered = ((low <= truth) & (truth <= high)).mean()
    assert 0.945 <= covered <= 0.995  # the method is known to be conservative, never liberal
    as_count = weighted_count_interval((counts @ weights)[:, None], np.ones((runs, 1)), exposure)
    assert ((as_count[0] <= truth) & (truth <= as_count[1])).mean() < 0.85  # negative control


@pytest.mark.parametrize("part", range(3))
def test_an_unknown_part_gives_no_interval_unless_it_does_not_belong(part):
    counts, weights = np.array([[10.0, 2.0, 1.0]]), np.array([[1.0, 5.0, 3.0]])
    counts[0, part] = np.nan
    assert np.isnan(weighted_count_interval(counts, weights, np.array([100.0]))).all()
    weights[0, part] = 0.0
    assert np.isfinite(weighted_count_interval(counts, weights, np.array([100.0]))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_q_values_reject_what_benjamini_and_hochberg_reject(p_values, alpha):
    q = q_values(np.array(p_values))
    scaled = [p * len(p_values) / k for k, p in enumerate(sorted(p_values), 1)]
    if any(abs(s - alpha) < 1e-12 for s in scaled):
        return  # a tie with the threshold is decided by rounding
    assert list(q <= alpha) == benjamini_hochberg(p_values, alpha)


def test_a_test_that_was_not_possible_stays_unknown_and_does_not_count():
    q = q_values(np.array([0.01, np.nan, 0.04]))
    assert q[0] == pytest.approx(0.02)
    assert np.isnan(q[1])
    assert q_values(np.array([])).size == 0


def test_the_prior_is_recovered_and_moments_of_raw_rates_are_not():
    rng = np.random.default_rng(11)
    means, spreads, raw = [], [], []
    for _ in range(60):
        exposure = rng.integers(50, 2_000, 80).astype(float)
        counts = rng.poisson(rng.gamma(4.0, 0.05 / 4.0, 80) * exposure).astype(float)
        prior = fit_gamma_prior(counts, exposure)
        means.append(prior.shape / prior.rate)
        spreads.append(np.log(prior.shape))
        raw.append((0.05 / np.std(counts / exposure)) ** 2)
    assert np.mean(means) == pytest.approx(0.05, rel=0.03)
    assert np.exp(np.mean(spreads)) == pytest.approx(4.0, rel=0.12)
    assert np.mean(raw) < 3.7  # negative control: raw rates look more scattered than they are


def test_shrinkage_draws_small_posts_to_their_kind_and_leaves_large_ones():
    rng = np.random.default_rng(5)
    exposure = np.concatenate([rng.integers(500, 5_000, 60), [10, 1_000_000]]).astype(float)
    counts = rng.poisson(rng.gamma(10, 0.005, 62) * exposure).astype(float)
    counts[-2:] = [5, 100_000]
    made = shrink_weighted_rates(counts[:, None], np.array([1.0]), exposure)
    assert made.rate[-2] < 0.15  # raw 0.5
    assert made.rate[-1] == pytest.approx(0.1, rel=0.01)
    assert (made.low <= made.rate).all()
    assert (made.rate <= made.high).all()


def test_posteriors_cover_and_beat_raw_rates():
    rng, inside, ours, raw = np.random.default_rng(13), [], [], []
    for _ in range(40):
        exposure = rng.integers(30, 1_500, 50).astype(float)
        truth = rng.gamma(5, 0.05 / 5, 50)
        counts = rng.poisson(truth * exposure).astype(float)
        made = shrink_weighted_rates(counts[:, None], np.array([1.0]), exposure)
        inside.append(((made.low <= truth) & (truth <= made.high)).mean())
        ours.append(((made.rate - truth) ** 2).mean())
        raw.append(((counts / exposure - truth) ** 2).mean())
    assert 0.92 <= np.mean(inside) <= 0.975
    assert np.mean(ours) < 0.75 * np.mean(raw)


def test_too_few_posts_are_pooled_and_said_to_be():
    prior = fit_gamma_prior(np.array([1.0, 2.0]), np.array([10.0, 30.0]))
    assert not prior.fitted
    assert prior.shape / prior.rate == pytest.approx(3.5 / 40)
    assert fit_gamma_prior(np.array([]), np.array([])).posts == 0
    made = shrink_weighted_rates(np.array([[np.nan]]), np.array([1.0]), np.array([10.0]))
    assert np.isnan(made.rate).all()
    assert shrink_weighted_rates(np.empty((0, 1)), np.array([1.0]), np.empty(0)).rate.size == 0


def test_the_same_seed_gives_the_same_bytes():
    counts, exposure = np.arange(40.0).reshape(20, 2), np.full(20, 500.0)
    first, again = (shrink_weighted_rates(counts, np.array([1.0, 5.0]), exposure) for _ in range(2))
    assert first.rate.tobytes() == again.rate.tobytes()
