"""The simulator of a mix's bandit, in worlds small enough to know what must come out."""

import numpy as np
import pytest

from benchmarks.simulated_shares import POLICIES, World, calibration_figures, regret_figures, run

# In one segment the first arm is the best, in the other the last; "b" is never, and best for both together.
OPPOSITE = World(
    rates=np.array([[0.4, 0.3, 0.0, 0.0], [0.0, 0.3, 0.0, 0.4]]),
    traffic=np.array([0.5, 0.5]),
    eager=np.ones(64),
)


def regret(name: str) -> float:
    return run(POLICIES[name], OPPOSITE, seed=1, draws=6_000, batch=200).regret


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_has_a_chance_for_each_arm_of_each_segment(name):
    chances = POLICIES[name](np.zeros((2, 4)), np.zeros((2, 4)), OPPOSITE)

    assert chances.sum(axis=1) == pytest.approx([1, 1])


def test_regret_is_what_the_segments_best_arm_would_have_brought_more():
    assert OPPOSITE.best_fixed == 1
    assert regret("best-fixed") == pytest.approx(6_000 * 0.1)
    assert regret("uniform") == pytest.approx(6_000 * (0.1 + 0.4 + 0.4) / 4, rel=0.05)


def test_where_segments_differ_the_bandit_regrets_less_than_any_fixed_arm_and_than_chance():
    assert regret("thompson") < regret("best-fixed") < regret("uniform")


def test_a_log_has_every_draw_and_weights_that_add_up_to_them_on_average():
    log = run(POLICIES["uniform"], OPPOSITE, seed=1, draws=4_000, batch=200).log

    assert log.draws.sum() == 4_000
    assert log.weight.sum() == pytest.approx(4 * 4_000)
    assert log.engaged.sum() / 4_000 == pytest.approx(0.7 / 4, abs=0.02)


def test_figures_have_a_case_per_policy_beside_uniform_and_the_promised_coverage():
    regrets = {(one.case, one.metric): one for one in regret_figures(seeds=2, draws=400, batch=200)}
    coverage = calibration_figures(logs=2, draws=400, batch=200)

    assert {case for case, _ in regrets} == {f"source-shares-{name}" for name in POLICIES}
    assert regrets["source-shares-uniform", "regret"].ratio == 1
    assert {one.metric for one in coverage} == {"coverage_ips", "coverage_snips", "coverage_doubly_robust"}
    assert all(one.n == 2 * 5 and one.reference == 0.95 for one in coverage)
