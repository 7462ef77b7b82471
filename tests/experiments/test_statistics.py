from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import (
    COLUMNS,
    METRICS,
    Comparison,
    Metric,
    Moments,
    clustered,
    compare,
    coverage_and_gini,
    days_until,
    fixed,
    never_worse,
    plan,
    sample_ratio_p,
    sequential,
)

CLICK_THROUGH, LIKES, EVENTS = METRICS


def people(n: int, seed: int, *, likes: float = 2.0) -> np.ndarray:
    """Rows like `COLUMNS`: what somebody does goes with what the same person did before."""
    random = np.random.default_rng(seed)
    keen = random.gamma(2.0, 0.5, n)
    shown = random.poisson(20 * keen) + 1
    rows = {
        "impressions": shown,
        "clicks": random.binomial(shown, 0.1),
        "likes": random.poisson(likes * keen),
        "events": random.poisson(5 * keen),
        "impressions_before": (before := random.poisson(20 * keen) + 1),
        "clicks_before": random.binomial(before, 0.1),
        "likes_before": random.poisson(2.0 * keen),
        "events_before": random.poisson(5 * keen),
    }
    return np.column_stack([rows[name] for name in COLUMNS]).astype(float)


ROWS = people(4_000, 1), people(5_000, 2, likes=2.2)
ARMS = [Moments.of(rows) for rows in ROWS]


def beside(metric: Metric, arms: Sequence[Moments] = ARMS) -> Comparison:
    comparison = compare(arms[0], arms[1], metric)
    assert comparison is not None
    return comparison


def test_without_the_days_before_it_is_welchs_test():
    blind = [rows.copy() for rows in ROWS]
    for rows in blind:
        rows[:, 4:] = 0
    comparison = beside(LIKES, [Moments.of(rows) for rows in blind])

    welch = stats.ttest_ind(blind[1][:, 2], blind[0][:, 2], equal_var=False)
    low, high = welch.confidence_interval()
    interval = fixed(comparison)

    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-3)
    assert interval.p == pytest.approx(welch.pvalue, rel=0.1)
    assert comparison.reduction == 0


def test_the_days_before_take_variance_away_and_leave_the_difference():
    comparison = beside(LIKES)

    assert comparison.reduction > 0.2
    assert comparison.difference == pytest.approx(0.2, abs=4 * comparison.variance**0.5)
    assert (comparison.control, comparison.treatment) == tuple(rows[:, 2].mean() for rows in ROWS)


def test_a_ratios_error_is_that_of_resampled_users():
    def ratio(rows: np.ndarray) -> float:
        return rows[:, 1].sum() / rows[:, 0].sum()

    random = np.random.default_rng(3)
    drawn = [ratio(rows[random.integers(len(rows), size=(len(rows)))]) for rows in ROWS for _ in range(150)]
    resampled = np.var(drawn[:150]) + np.var(drawn[150:])
    comparison = beside(CLICK_THROUGH)

    plain = comparison.variance / (1 - comparison.reduction)
    assert plain == pytest.approx(resampled, rel=0.25)


def test_few_users_say_nothing():
    assert compare(Moments.of(ROWS[0][:99]), ARMS[1], LIKES) is None


def test_the_interval_for_any_time_is_wider_and_says_the_same_as_its_p():
    comparison = beside(EVENTS)
    once, always = fixed(comparison), sequential(comparison, planned_users=9_000)

    assert 1.4 < (always.high - always.low) / (once.high - once.low) < 1.6
    for planned in (1_000, 9_000, 100_000):
        interval = sequential(beside(LIKES), planned_users=planned)
        assert (interval.p < 0.05) == (interval.low > 0 or interval.high < 0)


def test_looking_after_each_user_is_harmless():
    random, looks, paths = np.random.default_rng(4), 400, 400
    wrong = 0
    counts = np.arange(1, looks + 1)
    for _ in range(paths):
        means = np.cumsum(random.standard_normal(looks)) / counts
        # Unit variance, so that the estimate's is 1 ÷ n.
        scale = 8.0 / 200
        both = 1 / counts + scale
        half = np.sqrt(both / counts / scale * (np.log(both * counts) - 2 * np.log(0.05)))
        wrong += bool((abs(means) > half).any())
    assert wrong <= stats.binom.ppf(0.999, paths, 0.05)


def test_the_ratio_check_is_the_chi_squared_test():
    assert sample_ratio_p([5_000, 5_000], [5_000, 5_000]) == 1
    assert sample_ratio_p([5_100, 4_900], [5_000, 5_000]) == pytest.approx(stats.chi2.sf(4, 1))
    assert sample_ratio_p([50_000, 47_500], [5_000, 5_000]) < 1e-10
    assert sample_ratio_p([0, 0], [5_000, 5_000]) == 1
    assert sample_ratio_p([50, 50, 0], [5_000, 5_000, 0]) == 1
    assert sample_ratio_p([50, 50, 1], [5_000, 5_000, 0]) == 0


def test_the_power_calculator_gives_the_textbooks_number():
    # 16 σ² ÷ δ² in each of two arms (van Belle 2002), where the effect is too small to spread its arm.
    assert plan(mean=10, variance=25, effect=0.001).at_end == pytest.approx(2 * 16 * 25 / 0.0001, rel=0.02)
    assert (
        1.8 < plan(mean=1, variance=1, effect=0.1).any_time / plan(mean=1, variance=1, effect=0.1).at_end < 2
    )
    with pytest.raises(ValueError, match="above 0"):
        plan(mean=0, variance=1, effect=0.1)


def test_the_days_are_those_until_enough_users_have_come():
    by_day = [100, 180, 240, 280]

    assert days_until(90, by_day, 0.5) == 2
    assert days_until(190, by_day, 1.0) == 3
    assert days_until(320, by_day, 1.0) == 5  # 50 a day at the end
    assert days_until(10_000_000, by_day, 1.0) is None


def test_a_guardrail_breaks_only_where_it_is_certain():
    random = np.random.default_rng(5)
    answers = np.full(64, 100.0)

    def arm(ms: float):
        return clustered(answers * ms + random.normal(0, 50, 64), answers)

    worse = never_worse(arm(20), arm(24), limit=0.1, relative=True)
    alike = never_worse(arm(20), arm(20), limit=0.1, relative=True)

    assert worse.low > 0.1
    assert alike.low < 0.1
    assert clustered(answers[:5], answers[:5]) is None


def test_coverage_compares_arms_of_different_sizes():
    few, many = np.full(10, 10), np.full(10, 1_000)

    (coverage,), (gini,) = coverage_and_gini([many], 100)

    assert coverage == 0.1
    assert 0 < gini < 0.3
    assert coverage_and_gini([few], 100) == ([0.1], [0.0])
    assert coverage_and_gini([few], 101) == ([], [])
