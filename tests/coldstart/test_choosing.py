"""Who is shown which new item: hashes, budgets, and the bandit's draws."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldstart.bandit.budget import MOST, Spent, opening
from coldstart.bandit.segments import segment_posteriors
from coldstart.bandit.thompson import one_per_creator, pick, rank_draws
from coldstart.exploration.arms import Newcomers, SegmentRow, TrialRow, newcomers_of
from coldstart.exploration.choosing import Chosen, Person, choose, share_of
from coldstart.exploration.hashing import explorers, item_hashes, thresholds, uniform, user_hash, user_hashes
from tests.coldstart.new_item_worlds import rules

NOW_S = 1_000_000
NOBODY = np.empty(0, np.int64)


def trial(
    item_id: int, share: float = 1.0, *, creator: int = 0, periods: int = 0, began: int = 0
) -> TrialRow:
    return TrialRow(item_id, creator, share, began, periods, 0.75, 49.25)


def newcomers(*rows: TrialRow, segments: Any = (), spent: Spent | None = None) -> Newcomers:
    random = np.random.default_rng(7)
    return newcomers_of(rows, segments, prior_weight=50, spent=spent or Spent(), version="", random=random)


def person(user_id: int = 1, *never: int, creators: Any = (), segment: str = "") -> Person:
    return Person(user_id, np.sort(np.array(never, np.int64)), np.array(creators, np.int64), segment)


def chosen(new: Newcomers, who: Person, *, k: int = 1000, request: str = "r", **changes: Any) -> Chosen:
    return choose(new, who, k=k, now_s=NOW_S, request_id=request, rules=rules(**changes))


def ids(answer: Chosen) -> list[int]:
    return [choice.item_id for choice in answer.choices]


@pytest.mark.parametrize("item_id", [1, 77, 1682, 9_000_000_001])
def test_one_percent_of_a_hundred_thousand_users_explore_an_item(item_id):
    items, limits = item_hashes(np.array([item_id])), thresholds(np.array([0.01]))

    exploring = explorers(items, limits, user_hashes(np.arange(1, 100_001)))

    assert 900 <= np.count_nonzero(exploring) <= 1100


def test_each_of_five_thousand_items_has_its_own_one_percent():
    items, limits = item_hashes(np.arange(1, 5001)), thresholds(np.full(5000, 0.01))

    times = np.array([explorers(items, limits, user_hash(user)).sum() for user in range(1, 1001)])

    assert times.mean() == pytest.approx(50, abs=1)
    assert times.std() == pytest.approx(np.sqrt(5000 * 0.01 * 0.99), rel=0.1)  # as if independent


def test_the_same_users_every_time_and_all_of_them_again_among_a_larger_share():
    items = item_hashes(np.array([5]))
    small, large = (thresholds(np.array([share])) for share in (0.01, 0.04))
    users = user_hashes(np.arange(1, 20_001))

    first = explorers(items, small, users)

    assert (first == explorers(items, small, users)).all()
    assert explorers(items, large, users)[first].all()


def test_all_and_none_are_shares_too():
    items = item_hashes(np.arange(1, 1001))

    assert explorers(items, thresholds(np.ones(1000)), user_hash(3)).all()
    assert not explorers(items, thresholds(np.zeros(1000)), user_hash(3)).any()


@given(st.lists(st.integers(0, 2**63), min_size=1, max_size=4))
def test_a_uniform_number_is_below_one_and_the_same_again(parts):
    assert 0 <= uniform(*parts) < 1
    assert uniform(*parts) == uniform(*parts)


def test_a_new_item_is_chosen_for_its_share_with_that_share_as_its_propensity():
    new = newcomers(trial(9, 0.01))

    of = [u for u in range(1, 10_001) if len(share_of(new.trials, person(u), NOW_S))]
    answer = chosen(new, person(of[0]))

    assert len(of) == pytest.approx(100, rel=0.3)
    assert [(c.item_id, c.source, c.propensity) for c in answer.choices] == [(9, "new_items", 0.01)]
    assert chosen(new, person(next(u for u in range(1, 100) if u not in of))).choices == ()


def test_what_was_tried_seen_or_blocked_is_not_chosen():
    new = newcomers(trial(1), trial(2), trial(3, creator=5))

    assert ids(chosen(new, person(1, 1, creators=[5]), slots=3)) == [2]


def test_an_unknown_user_and_a_moment_before_the_trial_get_nothing():
    assert chosen(newcomers(trial(1)), person(0)).choices == ()
    assert chosen(newcomers(trial(1, began=NOW_S + 1)), person(1)).choices == ()


def test_a_creator_has_one_new_item_in_an_answer_and_propensities_say_so():
    new = newcomers(trial(1, creator=5), trial(2, creator=5), trial(3, creator=6))

    answer = chosen(new, person(1), slots=2)

    assert len({choice.item_id in (1, 2) for choice in answer.choices}) == 2
    assert {c.item_id == 3: c.propensity for c in answer.choices} == {True: 1.0, False: 0.5}


def test_where_more_are_due_than_there_is_room_each_answer_draws_anew():
    new = newcomers(*(trial(item) for item in range(1, 11)))

    drawn = [chosen(new, person(1), request=str(i), slots=2) for i in range(500)]
    times = np.bincount([item for answer in drawn for item in ids(answer)], minlength=11)[1:]

    assert all(c.propensity == 0.2 for answer in drawn for c in answer.choices)
    assert times.tolist() == pytest.approx([100] * 10, abs=35)


def test_an_item_is_no_arm_of_the_bandit_before_its_first_hour_is_judged():
    assert len(newcomers(trial(1, 0.01)).bandit) == 0
    assert len(newcomers(trial(1, 0.01, periods=1)).bandit) == 1


def test_the_best_arm_is_drawn_most_often_and_its_propensity_is_how_often():
    random = np.random.default_rng(0)
    rankings = rank_draws(np.array([5.0, 1.0]), np.array([45.0, 49.0]), random=random, draws=2000)
    everyone = np.array([True, True])

    times = np.zeros(2)
    for draw in range(2000):
        (arm,), (propensity,) = pick(rankings, everyone, draw=draw, slots=1)
        times[arm] += 1
        assert propensity == np.mean(rankings[:, 0] == arm)

    assert times[0] > 1800
    assert times[1] > 0


def test_propensities_of_all_arms_add_up_to_the_number_of_slots():
    rankings = rank_draws(np.full(8, 2.0), np.full(8, 20.0), random=np.random.default_rng(1), draws=400)
    allowed = np.array([True] * 6 + [False] * 2)

    drawn = [pick(rankings, allowed, draw=draw, slots=2) for draw in range(400)]

    total: dict[int, float] = {}
    for arms, propensities in drawn:
        assert set(arms.tolist()) <= set(range(6))
        total |= dict(zip(arms.tolist(), propensities.tolist(), strict=True))
    assert sum(total.values()) == pytest.approx(2)


def test_of_one_creator_only_the_first_arm_of_a_draw_counts():
    rankings = np.array([[0, 1, 2], [2, 1, 0]], np.int32)

    assert one_per_creator(rankings, np.array([7, 7, 0])).tolist() == [[0, -1, 2], [2, 1, -1]]
    assert one_per_creator(rankings, np.array([0, 0, 0])).tolist() == rankings.tolist()


def test_a_segment_of_which_nothing_is_known_is_like_everybody():
    alpha, beta = segment_posteriors(
        np.array([10.0]), np.array([90.0]), np.array([0.0]), np.array([0.0]), weight=50
    )

    assert (alpha[0], beta[0]) == (5.0, 45.0)


def test_a_segment_draws_by_its_own_taste():
    new = newcomers(
        trial(1, 0, periods=1),
        trial(2, 0, periods=1),
        segments=[SegmentRow(1, "cs", 2000, 400), SegmentRow(2, "cs", 2000, 0)],
    )

    def first(segment: str) -> float:
        drawn = [ids(chosen(new, person(1, segment=segment), request=str(i))) for i in range(300)]
        return sum(items == [1] for items in drawn) / sum(bool(items) for items in drawn)

    assert first("cs") > 0.99
    assert 0.3 < first("a segment nobody knows") < 0.7


def test_the_bandits_share_of_all_places_is_its_budget():
    new = newcomers(*(trial(item, 0, periods=1) for item in range(1, 30)))

    answers = [chosen(new, person(u), k=20, budget=0.02, bandit_slots=1) for u in range(1, 5001)]
    explored = sum(len(answer.choices) for answer in answers)

    assert explored / (20 * 5000) == pytest.approx(0.02, abs=0.002)
    assert all(c.propensity <= 0.4 for answer in answers for c in answer.choices)
    assert {answer.untouched for answer in answers if not answer.choices} == {0.6}


def test_one_answer_in_ten_stays_as_it_is_however_large_the_budget():
    assert opening(0.5, slots=1, k=1000) == MOST == 0.9
    assert opening(0.5, slots=0, k=1000) == 0


@pytest.mark.parametrize(("explored", "stopped"), [(19, False), (21, True)])
def test_exploration_pauses_while_its_share_of_impressions_is_above_the_budget(explored, stopped):
    new = newcomers(trial(1), spent=Spent(shown=1000, explored=explored))

    assert (chosen(new, person(1), budget=0.02).choices == ()) is stopped


def test_few_impressions_are_no_reason_to_stop():
    assert not Spent(shown=10, explored=10).exceeds(0.02)


def test_the_same_request_gets_the_same_choice():
    new = newcomers(*(trial(item, periods=1) for item in range(1, 30)))

    assert chosen(new, person(4), request="a") == chosen(new, person(4), request="a")
