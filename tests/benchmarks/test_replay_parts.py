"""A replay of six events: which items were new, and who had done what before."""

import numpy as np

from benchmarks.replay_baselines import ReplayEvents, popularity, ranks
from benchmarks.replaying import first_requests

#                users           items           hours          counted
EVENTS = ReplayEvents(
    np.array([0, 1, 0, 1, 0, 1]),
    np.array([0, 0, 1, 1, 2, 2]),
    np.array(["click"] * 6),
    3600 * np.array([0, 1, 2, 3, 4, 9]),
    np.array([False, True, True, True, False, True]),
)


def test_an_items_age_counts_from_its_first_event():
    assert EVENTS.item_ages_s().tolist() == [3600, -1, 3600, 5 * 3600]


def test_a_history_is_what_the_user_did_before():
    assert EVENTS.histories().tolist() == [0, 1, 1, 2]


def test_a_shorter_replay_ends_with_its_last_request():
    shorter = first_requests(EVENTS, 2)

    assert shorter.counted.tolist() == [False, True, True]
    assert len(ranks(popularity, shorter)) == 2


def test_a_replay_of_more_requests_than_there_are_is_all_of_it():
    assert first_requests(EVENTS, 99) is EVENTS
