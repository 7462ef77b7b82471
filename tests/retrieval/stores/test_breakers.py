"""What fails is left alone, and asked again by one."""

import pytest

from retrieval.breakers import Breaker, current_state
from retrieval.metrics import BREAKER, BREAKER_OPENED


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock, name: str = "") -> Breaker:
    breaker = Breaker(name, failures=2, pause_s=1, clock=clock)
    for _ in range(2):
        assert breaker.admits()
        breaker.failed("no answer")
    return breaker


def test_it_lets_everybody_in_until_as_many_failed_in_a_row(clock):
    breaker = Breaker(failures=2, clock=clock)
    breaker.failed("once")
    breaker.succeeded()
    breaker.failed("once more")
    assert breaker.admits()
    assert breaker.state() == "closed"


def test_after_its_pause_one_probe_goes_in_and_the_others_stay_out(clock):
    breaker = opened(clock)
    assert not breaker.admits()
    clock.now = 1.5
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.admits()
    assert breaker.state() == "closed"


def test_a_probe_that_fails_or_says_nothing_costs_another_pause(clock):
    breaker = opened(clock)
    clock.now = 1.5
    assert breaker.admits()
    breaker.failed("still away")
    clock.now = 2.0
    assert not breaker.admits()
    clock.now = 2.6
    assert breaker.admits()  # and never says what became of it
    clock.now = 4.0
    assert breaker.admits()


def test_its_state_is_known_by_name_and_counted(clock):
    before = BREAKER_OPENED.labels("a test's")._value.get()
    breaker = opened(clock, "a test's")
    assert current_state("a test's") == "open"
    assert BREAKER.labels("a test's")._value.get() == 2
    assert BREAKER_OPENED.labels("a test's")._value.get() == before + 1
    clock.now = 2
    breaker.admits()
    breaker.succeeded()
    assert BREAKER.labels("a test's")._value.get() == 0
    assert current_state("nobody's") == "closed"
