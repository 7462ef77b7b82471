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
    assert learning_rates(10, 10, STEPS).tolist() == [5.0] * 10
    assert learning_rates(12, 12, STEPS) == pytest.approx([(10 * 5 + 2 * 2) / 12] * 12)
    assert learning_rates(50, 50, STEPS) == pytest.approx([(10 * 5 + 40 * 2) / 50] * 50)


def test_events_are_counted_from_the_first_one_even_where_it_is_no_longer_kept():
    assert learning_rates(12, 4, STEPS) == pytest.approx([54 / 12] * 4)


def test_whoever_is_known_is_not_held_to_where_she_began():
    rates = learning_rates(8_000, 2_000, STEPS)

    assert rates.max() < 1.02


@given(COUNTS, st.integers(0, 200))
def test_all_that_a_person_did_is_multiplied_alike_and_ever_less(count, kept):
    rates = learning_rates(count, min(kept, count), STEPS)

    assert len(rates) == min(kept, count)
    assert len(set(rates.tolist())) <= 1
    assert (rates >= 1).all()
    assert (learning_rates(count + 1, len(rates), STEPS) <= rates + 1e-5).all()
