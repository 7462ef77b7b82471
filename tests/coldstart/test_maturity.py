import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldstart.maturity import learning_rates, maturity

STEPS = ((10, 5.0), (40, 2.0))
COUNTS = st.integers(0, 5_000)


def test_nobody_is_mature_at_first():
    assert maturity(0, scale_events=3) == 0


def test_after_the_scale_all_but_one_part_in_e_is_known():
    assert maturity(3, scale_events=3) == pytest.approx(1 - 1 / np.e)


@given(COUNTS, st.floats(0.1, 1_000))
def test_every_event_matures_and_none_completes(events, scale):
    now, then = maturity(events, scale_events=scale), maturity(events + 1, scale_events=scale)

    assert 0 <= now <= then <= 1


def test_the_first_ten_events_teach_five_times_and_the_next_forty_twice_as_much():
    assert learning_rates(12, 12, STEPS).tolist() == [5.0] * 10 + [2.0] * 2
    assert learning_rates(50, 50, STEPS).tolist() == [5.0] * 10 + [2.0] * 40


def test_events_are_counted_from_the_first_one_even_where_it_is_no_longer_kept():
    assert learning_rates(12, 4, STEPS).tolist() == [5.0, 5.0, 2.0, 2.0]


def test_whoever_is_known_is_not_held_to_where_she_began():
    rates = learning_rates(1_000, 1_000, STEPS)

    assert rates.max() < 1.001


@given(COUNTS, st.integers(0, 200))
def test_later_events_never_teach_more_than_earlier_ones(count, kept):
    rates = learning_rates(count, min(kept, count), STEPS)

    assert len(rates) == min(kept, count)
    assert (np.diff(rates) <= 0).all()
    assert (rates >= 1).all()
