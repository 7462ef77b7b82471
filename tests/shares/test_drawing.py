"""The draw: by which chance, for how long, and in which segment. Nothing is stored, so nothing is needed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.mixes import Bandit, Draw
from retrieval.shares.drawing import Chances, draw, hold
from retrieval.shares.posteriors import posteriors, probabilities
from retrieval.shares.segments import all_segments, segment_of
from tests.shares.mixes import mix

CHANCES = Chances.of({"usual": 0.7, "hot": 0.25, "alike": 0.05})
SOME_TIME_S = 1_770_000_000


@cache
def bandit() -> Bandit:
    found = mix().bandit
    assert found is not None
    return found


def drawn(user: str, now_s: int = SOME_TIME_S, **changes) -> Draw:
    asked = {"revision": 1, "segment": "", **changes}
    return draw(bandit(), CHANCES, user=user, now_s=now_s, **asked)


def test_users_are_spread_over_the_arms_as_the_propensities_say():
    users = 20_000
    counted = Counter((one.arm, one.propensity) for one in (drawn(f"u{i}") for i in range(users)))

    for arm, chance in zip(CHANCES.arms, CHANCES.probabilities, strict=True):
        # Four standard deviations of a binomial.
        assert abs(counted[arm, chance] - users * chance) < 4 * (users * chance * (1 - chance)) ** 0.5


def test_a_users_holds_are_spread_as_well_and_by_no_other_mixs_draws():
    moments = range(SOME_TIME_S, SOME_TIME_S + 600 * 4000, 600)
    first = [drawn("ann", now_s).arm for now_s in moments]
    other = [drawn("ann", now_s, revision=2).arm for now_s in moments]

    assert np.mean([arm == "hot" for arm in first]) == pytest.approx(0.25, abs=0.03)
    both = np.mean([a == b == "hot" for a, b in zip(first, other, strict=True)])
    assert both == pytest.approx(0.25**2, abs=0.02)


def test_a_draw_holds_until_it_says_and_then_another_begins():
    first = drawn("ann")

    assert {drawn("ann", now_s) for now_s in (first.held_since_s, first.until_s - 1)} == {first}
    assert drawn("ann", first.until_s).held_since_s == first.until_s == first.held_since_s + 600


def test_not_everybodys_draws_begin_at_once():
    begins = {hold(bandit(), f"u{i}", SOME_TIME_S)[0] for i in range(1000)}

    assert len(begins) > 400


def test_where_hours_are_told_apart_an_answer_holds_no_longer_than_the_hour():
    hourly = mix(segments={"hours": [6, 18]}, hold_s=86_400).bandit

    assert draw(hourly, CHANCES, revision=1, user="ann", segment="", now_s=3600).until_s == 7200


def test_a_draw_is_read_as_it_was_packed():
    assert Draw.unpacked(drawn("ann").packed()) == drawn("ann")
    with pytest.raises(ValueError, match="not a draw"):
        Draw.unpacked(b"[1]")


@pytest.mark.parametrize(
    ("attributes", "hour", "events", "expected"),
    [
        ({"device": "Phone"}, 12, 3, "device=phone hour=06-18 events=0-9"),
        ({"device": "fridge"}, 3, 10, "device=other hour=18-06 events=10-99"),
        ({}, 18, 100, "device=other hour=18-06 events=100+"),
        ({"hour": "7"}, 23, 0, "device=other hour=06-18 events=0-9"),
        ({"hour": "24"}, 23, 0, "device=other hour=18-06 events=0-9"),
        ({"hour": "noon"}, 5, 0, "device=other hour=18-06 events=0-9"),
    ],
)
def test_the_segment_is_of_the_device_the_hour_and_what_is_known(attributes, hour, events, expected):
    told_apart = mix(segments={"device": ["phone"], "hours": [6, 18], "events": [10, 100]}).bandit
    now = datetime(2026, 1, 15, hour, 59, tzinfo=UTC)

    assert segment_of(told_apart, attributes=attributes, now=now, event_count=events) == expected
    assert expected in all_segments(told_apart)
    assert len(all_segments(told_apart)) == 2 * 2 * 3


def test_a_mix_that_tells_nothing_apart_has_one_segment_without_a_name():
    assert all_segments(bandit()) == [""]


@pytest.mark.parametrize(
    ("alpha", "best"),
    [
        ([1, 1], [1 / 2, 1 / 2]),
        ([2, 1], [2 / 3, 1 / 3]),  # the mean of a rate with density 2x
        ([2, 1, 1], [1 / 2, 1 / 4, 1 / 4]),  # the integral of 2x · x · x
    ],
)
def test_the_probability_of_being_best_solved_by_hand(alpha, best):
    found = probabilities(np.array([alpha], float), np.ones((1, len(alpha))), floor=1e-9)

    assert found[0] == pytest.approx(best, abs=1e-3)


def test_the_floor_is_mixed_in():
    sure = probabilities(np.array([[900.0, 1, 1]]), np.array([[100.0, 999, 999]]), floor=0.1)

    assert sure[0] == pytest.approx([0.8, 0.1, 0.1], abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(0.01, 1e7), st.floats(0.01, 1e7)), min_size=2, max_size=6),
    st.floats(0.001, 1),
)
def test_probabilities_add_up_to_one_and_none_is_below_the_floor(arms, part):
    floor = part / len(arms)
    alpha, beta = np.array(arms).T[:, None, :]

    found = probabilities(alpha, beta, floor=floor)[0]

    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert (found >= floor - 1e-12).all()


def test_a_segment_begins_with_what_all_segments_know_of_the_arm():
    prior = replace(bandit(), prior_rate=0.5, prior_draws=10)
    draws, engaged = np.array([[90.0, 0, 0], [0, 0, 10]]), np.array([[25.0, 0, 0], [0, 0, 10]])

    alpha, beta = posteriors(prior, draws, engaged)

    assert alpha[0] + beta[0] == pytest.approx([100, 10, 20])
    assert alpha[0] / (alpha[0] + beta[0]) == pytest.approx([0.3, 0.5, 0.75])
    assert alpha[2] == pytest.approx([3, 5, 17.5])  # what all know weighs as much as ten draws
    assert alpha[2] + beta[2] == pytest.approx([10, 10, 20])
