import itertools
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.history import (
    HISTORY_DTYPE,
    empty_history,
    extend_history,
    merge_each,
    merge_histories,
    unpack_history,
)


def entry(item_id: int, occurred_at_s: int) -> tuple[int, int, int, float, float]:
    return item_id, occurred_at_s, 1, nan, nan


def test_an_entry_takes_26_bytes():
    assert HISTORY_DTYPE.itemsize == 26


@pytest.mark.parametrize("packed", [None, b"", memoryview(b"")])
def test_nothing_is_an_empty_history(packed: bytes | None):
    assert len(unpack_history(packed)) == 0


def test_bytes_that_are_cut_short_are_refused():
    with pytest.raises(ValueError, match="buffer size"):
        unpack_history(b"\0" * 27)


def test_a_history_survives_packing():
    history = extend_history(empty_history(), [(7, 100, 3, 4.5, 30.0)], limit=10)

    np.testing.assert_array_equal(unpack_history(history.tobytes()), history)


def test_late_entries_land_in_their_place():
    history = extend_history(empty_history(), [entry(1, 10), entry(3, 30)], limit=10)

    assert extend_history(history, [entry(2, 20)], limit=10)["item_id"].tolist() == [1, 2, 3]


def test_entries_of_the_same_second_stay_in_the_order_they_came():
    history = extend_history(empty_history(), [entry(2, 10), entry(1, 10)], limit=10)

    assert extend_history(history, [entry(3, 10)], limit=10)["item_id"].tolist() == [2, 1, 3]


def test_the_oldest_fall_out_at_the_limit():
    history = extend_history(empty_history(), [entry(1, 10), entry(2, 20)], limit=2)

    assert extend_history(history, [entry(3, 30)], limit=2)["item_id"].tolist() == [2, 3]


TIMES = st.lists(st.integers(0, 8), max_size=9)


@given(
    people=st.lists(st.tuples(TIMES, TIMES.filter(bool)), min_size=1, max_size=5), limit=st.integers(1, 12)
)
def test_many_histories_merged_at_once_are_each_as_merged_alone(people, limit):
    """Of each person the seconds of what is stored and of what is added; every entry has an item of its own."""
    items = itertools.count(1)
    stored = [rows(sorted(old), items) for old, _ in people]
    added = [rows(new, items) for _, new in people]

    merged = merge_each(
        [history.tobytes() for history in stored],
        np.concatenate(added),
        np.array([len(new) for new in added]),
        limit=limit,
    )

    assert merged == [
        merge_histories(old, new, limit=limit).tobytes() for old, new in zip(stored, added, strict=True)
    ]


def rows(times, items):
    return np.array([(next(items), time, 1, 1.0, 2.0) for time in times], HISTORY_DTYPE)
