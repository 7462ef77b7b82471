import numpy as np

from retrieval.offline.arrays import dwell_shares

ITEM_A, ITEM_B = 0, 1


def shares(items: list[int], dwell_s: list[float]) -> list[float]:
    return dwell_shares(np.array(items), np.array(dwell_s, np.float32)).round(3).tolist()


def test_who_stayed_four_times_as_long_as_usual_counts_twice():
    found = shares([ITEM_A] * 5, [10, 10, 10, 40, 2.5])

    assert found == [1, 1, 1, 2, 0.5]


def test_no_stay_is_beyond_twice_or_below_half():
    assert shares([ITEM_A] * 5, [10, 10, 10, 9000, 0.01])[3:] == [2, 0.5]


def test_an_item_with_few_stays_is_held_against_everybody_s():
    found = shares([ITEM_A] * 5 + [ITEM_B], [10, 10, 10, 10, 10, 40])

    assert found[5] == 2


def test_events_without_dwell_count_as_they_are():
    assert shares([ITEM_A, ITEM_A], [0, np.nan]) == [1, 1]
