import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sets import among, ascending, counted, largest, numbered

NUMBERS = st.lists(st.integers(-5, 30) | st.sampled_from([-(2**62), 2**62]), max_size=30).map(
    lambda numbers: np.array(numbers, np.int64)
)


@given(NUMBERS)
def test_each_number_comes_once_and_in_order(numbers):
    assert ascending(numbers).tolist() == sorted(set(numbers.tolist()))


@given(NUMBERS, NUMBERS)
def test_membership_is_that_of_sets(numbers, known):
    assert among(numbers, np.sort(known)).tolist() == [one in set(known.tolist()) for one in numbers.tolist()]


@given(NUMBERS)
def test_counting_counts(numbers):
    values, counts = counted(numbers)

    assert np.repeat(values, counts).tolist() == sorted(numbers.tolist())


@pytest.mark.parametrize("far", [[], [10**9]])
@given(st.lists(st.integers(0, 40), max_size=30))
def test_every_number_finds_its_place_whether_the_numbers_lie_close_or_far(far, near):
    numbers = np.array([*near, *far], np.int64)

    each, places = numbered(numbers)

    assert each.tolist() == sorted(set(numbers.tolist()))
    assert each[places].tolist() == numbers.tolist()


@given(st.lists(st.integers(-3, 3), max_size=20), st.integers(0, 25))
def test_the_largest_come_first_and_equal_ones_in_their_order(scores, k):
    found = largest(np.array(scores, np.float64), k)

    assert found.tolist() == sorted(range(len(scores)), key=lambda place: -scores[place])[:k]
