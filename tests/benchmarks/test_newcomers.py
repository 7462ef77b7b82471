"""What is known of somebody as a newcomer, and which sources a run says carry weight."""

import numpy as np

from benchmarks.newcomers import PART, first_events, unmet
from benchmarks.quality import Measured
from benchmarks.worth import carries, worth_table
from catalog.history import HISTORY_DTYPE


def history(*pairs: tuple[int, int]):
    """Of (item, second) each."""
    return np.array([(item, second, 1, np.nan, np.nan) for item, second in pairs], HISTORY_DTYPE)


def test_a_newcomer_is_known_by_her_first_events():
    assert first_events(history((7, 30), (8, 10), (9, 20)), 2, seed=1)["item_id"].tolist() == [8, 9]


def test_of_one_moment_a_sample_is_known_the_same_each_time():
    events = history(*((item, 5) for item in range(100)))
    drawn = [first_events(events, 3, seed=seed)["item_id"].tolist() for seed in (1, 1, 2)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_what_she_met_later_is_taken_out_of_her_list():
    ranking = np.array([[4, 2, 9, -1], [4, 2, 9, 1]], np.int32)

    assert unmet(ranking, [np.array([2]), np.array([7])]).tolist() == [[4, 9, -1, -1], [4, 2, 9, 1]]


def test_a_source_carries_weight_where_any_loss_without_it_is_beyond_chance():
    lost = {f"marginal_recall@20{PART}": 0.03, f"marginal_recall@20_low{PART}": 0.01}
    of_newcomers = Measured(
        "source", "social", {"marginal_recall@20": 0.0, "marginal_recall@20_low": -0.1} | lost
    )
    nothing = Measured("source", "trending", {"marginal_recall@20": 0.02, "marginal_recall@20_low": -0.01})

    assert carries(of_newcomers)
    assert not carries(nothing)
    assert next(row for row in worth_table([of_newcomers]) if row[0] == "social")[3].startswith("**+0.0300")
