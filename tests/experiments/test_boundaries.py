"""Boundaries for planned looks, against published ones and against chance."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import ALPHA, Boundary, Comparison, Path, Taken, drift_for, fixed, plan, repeated

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]


def crossed(bounds: list[float], *, drift: float = 0.0) -> float:
    """The probability to cross any of them."""
    path, found = Path.start(drift), 0.0
    for information, bound in zip(FIFTHS, bounds, strict=True):
        found += path.crossing(information, bound)
        path = path.after(information, bound)
    return found


def spending(spent: list[float]) -> list[float]:
    path, before, bounds = Path.start(), 0.0, []
    for information, due in zip(FIFTHS, spent, strict=True):
        bounds.append(path.bound(information, due - before))
        path, before = path.after(information, bounds[-1]), due
    return bounds


def comparison(difference: float, information: float) -> Comparison:
    return Comparison(1.0, 1.0, difference, 1 / information, 0.0, 1_000)


def test_published_constants_of_five_looks_are_crossed_once_in_twenty():
    # Pocock (1977); O'Brien and Fleming (1979), in the four digits of Jennison and Turnbull (2000).
    assert crossed([2.4132] * 5) == pytest.approx(0.05, abs=1e-4)
    assert crossed([2.0396 * math.sqrt(1 / time) for time in FIFTHS]) == pytest.approx(0.05, abs=1e-4)


def test_published_boundaries_of_spending_functions_come_out():
    # Lan and DeMets (1983), as their program and the R package ldbounds print them.
    pocock = [0.05 * math.log(1 + (math.e - 1) * time) for time in FIFTHS]
    fleming = [4 * stats.norm.sf(stats.norm.ppf(1 - 0.05 / 4) / math.sqrt(time)) for time in FIFTHS]

    assert spending(pocock) == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=2e-4)
    assert spending(fleming) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


def test_one_look_is_the_usual_test():
    boundary = Boundary.start(ALPHA).looked(17.0, 1.0)

    assert boundary.bound == pytest.approx(stats.norm.ppf(0.975), abs=1e-5)
    interval, once = repeated(comparison(0.5, 17.0), [], 1.0), fixed(comparison(0.5, 17.0))
    assert (interval.low, interval.high) == pytest.approx((once.low, once.high), abs=1e-5)
    assert interval.p == pytest.approx(once.p, rel=1e-2)


def test_daily_looks_at_nothing_claim_something_once_in_twenty_however_uneven_the_traffic():
    random, paths = np.random.default_rng(6), 20_000
    learned = np.array([5, 9, 1, 1, 30, 12, 2, 8, 8, 0.1, 25, 6, 6, 20])
    information = learned.cumsum()
    scores = (random.standard_normal((paths, 14)) * np.sqrt(learned)).cumsum(axis=1)

    boundary, claimed = Boundary.start(ALPHA), np.zeros(paths, bool)
    for day in range(14):
        # The tenth adds too little to be a look.
        if (looked := boundary.looked(information[day], (day + 1) / 14)) is not None:
            boundary = looked
            claimed |= abs(scores[:, day]) > boundary.bound * math.sqrt(information[day])

    low, high = stats.binom.interval(0.999, paths, 0.05)
    assert low <= claimed.sum() <= high
    assert boundary.spent == ALPHA


def test_a_missed_look_leaves_what_it_would_have_spent_and_the_end_spends_all():
    first = Boundary.start(ALPHA).looked(1.0, 0.25)
    third = first.looked(3.0, 0.75)

    assert first.spent == pytest.approx(ALPHA / 16)
    assert third.spent == pytest.approx(ALPHA * 9 / 16)
    # Nothing is left after the end, and nothing is spent where nothing was learned.
    assert third.looked(4.0, 1.0).looked(8.0, 1.2) is None
    assert third.looked(3.001, 1.0) is None


def test_an_interval_and_its_p_say_the_same():
    earlier = [Taken(10.0, 0.25), Taken(20.0, 0.5)]
    for reached in (1.5, 2.2, 2.8, 4.5):
        interval = repeated(comparison(reached / math.sqrt(30), 30.0), earlier, 0.75)
        assert interval.decided == (interval.low > 0)
    assert repeated(comparison(1.0, 20.1), earlier, 0.75) is None


def test_a_look_a_day_costs_a_tenth_more_users_than_one_and_far_fewer_than_any_time():
    assert crossed([1.96] * 5, drift=3.0) > 0.8
    assert drift_for(0.8, 0.05, 1) == pytest.approx(1.96 + 0.8416, abs=2e-3)
    planned = plan(mean=1, variance=1, effect=0.1)
    assert 1.05 < planned.daily / planned.at_end < 1.15 < planned.any_time / planned.at_end
