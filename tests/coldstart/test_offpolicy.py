"""Other budgets, estimated from what was logged: on worlds that can be solved by hand."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command

from coldstart.bandit.offpolicy import NoOverlap, budget_weights, estimate
from coldstart.impressions import Impression, record_impressions
from coldstart.ledger.outcomes import logged_outcomes
from tests.coldstart.new_item_worlds import HOUR, NOW, add_items, add_users, engaged, people, rules


def booleans(text: str) -> np.ndarray:
    return np.array([letter == "1" for letter in text])


# Half of eight places were opened: of these one in four led to a click, of the others one in two.
OPENED = booleans("11110000")
CLICKED = booleans("10001100").astype(float)
PROPENSITIES = np.full(8, 0.5)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (1.0, (0.25 + 0.5) / 2),  # as it was
        (0.0, 0.5),  # nothing opened: what the others brought
        (2.0, 0.25),  # everything opened
        (0.5, 0.25 * 0.25 + 0.75 * 0.5),  # a quarter opened
    ],
)
def test_a_world_of_eight_places_solved_by_hand(factor, expected):
    found = estimate(CLICKED, budget_weights(PROPENSITIES, OPENED, factor))

    assert found.snips == pytest.approx(expected)
    assert found.ips == pytest.approx(expected)


def test_weights_that_do_not_add_up_set_ips_and_snips_apart():
    """By chance three of four places were opened, though half should have been."""
    found = estimate(np.array([1.0, 0, 0, 1]), budget_weights(np.full(4, 0.5), booleans("1110"), 0.0))

    assert found.ips == pytest.approx(0.5)  # weights 0 0 0 2, over four places
    assert found.snips == pytest.approx(1.0)  # over what they add up to


def test_what_is_the_same_policy_weighs_every_outcome_alike():
    weights = budget_weights(np.array([0.2, 0.7, 0.9]), booleans("100"), 1.0)

    assert weights == pytest.approx([1, 1, 1])
    assert estimate(np.array([1.0, 0, 0]), weights).effective == pytest.approx(3)


def test_opening_more_than_always_or_leaving_what_was_never_left_says_nothing():
    with pytest.raises(NoOverlap, match="more than always"):
        budget_weights(PROPENSITIES, OPENED, 2.1)
    with pytest.raises(NoOverlap, match="Every place was opened"):
        budget_weights(np.full(3, 0.1), booleans("111"), 0.5)


def test_the_interval_covers_the_truth_of_a_large_simulated_world():
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        opened = random.random(2000) < 0.3
        clicked = (random.random(2000) < np.where(opened, 0.02, 0.05)).astype(float)
        found = estimate(clicked, budget_weights(np.where(opened, 0.3, 0.7), opened, 2.0))
        covered += found.low <= 0.6 * 0.02 + 0.4 * 0.05 <= found.high

    assert covered >= 180


@pytest.mark.django_db
def test_logged_places_are_read_with_what_they_led_to_and_the_command_says_so(capsys, time_machine):
    add_users(8)
    add_items(1)
    rows = [
        Impression(f"{user}-{NOW:%d%H%M}", user, "i1", 50, "bandit" if opened else "content", 0.5, NOW)
        for user, opened in zip(people(8), OPENED.tolist(), strict=True)
    ]
    record_impressions([*rows, Impression("other", "u1", "i1", 50, "new_items", 0.01, NOW)], now=NOW)
    engaged("i1", "u1", "u5", "u6")

    outcomes = logged_outcomes(NOW - HOUR, NOW, rules())
    assert outcomes.opened.sum() == 4
    assert outcomes.engaged[outcomes.opened].sum() == 1
    assert outcomes.engaged[~outcomes.opened].sum() == 2

    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    call_command("exploration", "--budget", "0", "--budget", "0.1")
    said = capsys.readouterr().out
    assert "0.00%     0.5000    0.5000" in said
    assert "2.00%     0.3750    0.3750" in said
    assert "more than always" in said
