"""The simulator on worlds small enough to know what must come out."""

import numpy as np
import pytest

from benchmarks.policies import POLICIES, Seen, epsilon_greedy, thompson, ucb1, uniform
from benchmarks.simulate import World, figures_of, interval, run

RANDOM = np.random.default_rng


def seen(shown: list[float], clicked: list[float]) -> Seen:
    return Seen(np.array(shown), np.array(clicked), (1.0, 1.0))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_chooses_as_many_arms_as_it_is_asked_for(name):
    arms = POLICIES[name](seen([0, 0, 0], [0, 0, 0]), 30, RANDOM(0))

    assert len(arms) == 30
    assert set(arms.tolist()) <= {0, 1, 2}


def test_thompson_keeps_to_what_is_surely_best_and_tries_what_is_unknown():
    sure = thompson(seen([1000, 1000], [500, 10]), 200, RANDOM(0))
    unsure = thompson(seen([10, 0], [5, 0]), 200, RANDOM(0))

    assert set(sure.tolist()) == {0}
    assert 20 < (unsure == 1).sum() < 180


def test_epsilon_greedy_leaves_the_best_one_time_in_ten():
    arms = epsilon_greedy(seen([100] * 100, [50] + [0] * 99), 5000, RANDOM(0))

    assert (arms != 0).mean() == pytest.approx(0.1 * 0.99, abs=0.02)


def test_ucb_shows_every_arm_once_before_any_again():
    assert sorted(ucb1(seen([0] * 5, [0] * 5), 5, RANDOM(0)).tolist()) == [0, 1, 2, 3, 4]


def test_uniform_exploration_misses_the_gap_to_the_best_on_average():
    world = World(np.array([0.5, 0.1]), np.array([True, False]))

    result = run(uniform, world, seed=0, impressions=4000, batch=100)

    assert result.regret == pytest.approx(4000 * 0.4 / 2, rel=0.1)
    assert result.found == (1.0, 1.0)


def test_thompson_regrets_less_than_uniform_in_every_world_of_a_few():
    for seed in range(3):
        world = World.of(seed, items=20)
        results = {
            name: run(POLICIES[name], world, seed=seed, impressions=4000, batch=100).regret
            for name in ("thompson", "uniform")
        }
        assert results["thompson"] < results["uniform"]


def test_figures_have_a_case_per_policy_with_regret_beside_uniform():
    world = World(np.array([0.5, 0.1]), np.array([True, False]))
    runs = [run(uniform, world, seed=seed, impressions=400, batch=100) for seed in range(3)]

    figures = {figure.metric: figure for figure in figures_of("uniform", runs, runs)}

    assert {"regret", "regret_low", "regret_high", "share_found"} <= set(figures)
    assert figures["regret"].ratio == 1
    assert figures["regret_low"].value <= figures["regret"].value <= figures["regret_high"].value


def test_an_interval_holds_the_mean():
    assert interval(np.array([1.0, 2.0, 3.0])) == pytest.approx((2 - 2.484, 2 + 2.484), abs=0.001)
