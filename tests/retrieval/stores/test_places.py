"""The row of each item: the same answers from the array and from the dictionary."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts.places import Places


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize("far", [7, 10**12], ids=["close together", "far apart"])
def test_what_was_added_is_found_and_nothing_else(far):
    places = Places()
    places.add(ids(3, far), ids(0, 1))

    assert places.find(ids(1, 3, far, far + 1)).tolist() == [-1, 0, 1, -1]


@pytest.mark.parametrize("far", [7, 10**12], ids=["close together", "far apart"])
def test_what_was_dropped_is_found_no_more(far):
    places = Places()
    places.add(ids(3, far), ids(0, 1))
    places.drop([far, 5, 10**13, -4])

    assert places.find(ids(3, far)).tolist() == [0, -1]


def test_one_far_id_among_a_few_takes_no_gigabytes():
    places = Places()
    places.add(ids(3), ids(0))
    places.add(ids(10**12), ids(1))

    assert places.bytes() < 1000
    assert places.find(ids(3, 10**12)).tolist() == [0, 1]


@given(st.lists(st.dictionaries(st.integers(1, 5_000_000), st.integers(0, 99), max_size=5), max_size=5))
def test_it_is_a_dictionary(steps):
    places, expected = Places(), {}
    for step in steps:
        places.add(ids(*step), ids(*step.values()))
        expected |= step
        places.drop(list(step)[:1])
        for gone in list(step)[:1]:
            del expected[gone]

    asked = ids(-1, 0, 1, *(number for step in steps for number in step), 5_000_001)
    assert places.find(asked).tolist() == [expected.get(number, -1) for number in asked.tolist()]
