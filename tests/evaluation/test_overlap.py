import numpy as np
import pytest

from retrieval.evaluation.overlap import overlap


def lists(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int32)


def test_a_short_list_may_be_wholly_within_a_long_one():
    table = overlap([lists([1, 2, -1, -1]), lists([1, 2, 3, 4])], 4)

    assert table.tolist() == [[1, 1], [0.5, 1]]


def test_the_same_item_for_another_user_is_not_shared():
    table = overlap([lists([1], [2]), lists([2], [1])], 1)

    assert table[0, 1] == 0


def test_only_the_first_k_count():
    assert overlap([lists([1, 2]), lists([3, 1])], 1)[0, 1] == 0
    assert overlap([lists([1, 2]), lists([3, 1])], 2)[0, 1] == 0.5


def test_users_to_whom_a_source_proposes_nothing_are_not_counted():
    table = overlap([lists([1], [-1]), lists([1], [2])], 1)

    assert table[0, 1] == 1
    assert table[1, 0] == 0.5


def test_a_source_that_proposes_nothing_has_no_share():
    assert overlap([lists([-1]), lists([1])], 1)[0] == pytest.approx([np.nan, np.nan], nan_ok=True)
