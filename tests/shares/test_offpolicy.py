"""Other ways of choosing, estimated from what was logged: solved by hand, and against worlds of known truth."""

import numpy as np
import pytest
from scipy.stats import t as student

from retrieval.shares.offpolicy import Log, as_served, policies, value_of

NOTHING_KNOWN = (0.5, 1e-9)
ALWAYS_FIRST, EVENLY = np.array([1.0, 0.0]), np.array([0.5, 0.5])


def log(draws, engaged, chance=0.5) -> Log:
    """One segment; draws and engaged by arm and group, all drawn with the same chance."""
    n, hits = np.array([draws], float), np.array([engaged], float)
    return Log(n, hits, n / chance, hits / chance, n / chance**2)


# Of each of two groups the first arm was engaged with in one of two draws, the second in one of four.
EVEN = log([[2, 2], [4, 4]], [[1, 1], [1, 1]])


def test_three_estimators_of_a_small_world_solved_by_hand():
    found = value_of(EVEN, ALWAYS_FIRST, prior=NOTHING_KNOWN)

    assert found.ips.value == pytest.approx(
        (2 / 0.5) / 12
    )  # it was drawn less often than it should have been
    assert found.snips.value == pytest.approx(1 / 2)
    assert found.doubly_robust.value == pytest.approx(1 / 2)  # the prediction misses nothing
    assert found.effective == pytest.approx(4)
    assert as_served(EVEN).value == pytest.approx(4 / 12)


def test_drawing_evenly_is_half_of_each():
    found = value_of(EVEN, EVENLY, prior=NOTHING_KNOWN)

    assert found.doubly_robust.value == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert found.ips.value == found.snips.value == pytest.approx(4 / 12)


def test_the_interval_is_of_how_groups_differ():
    uneven = log([[4, 4], [0, 0]], [[2, 1], [0, 0]], chance=1.0)
    found = as_served(uneven)

    # Residuals of ½ and −½ over eight draws: an error of an eighth, with one degree of freedom.
    assert (found.value, found.low, found.high) == (3 / 8, 0, 1)
    more = log([[40] * 32, [0] * 32], [[20, 10] * 16, [0] * 32], chance=1.0)
    half = student.ppf(0.975, 31) * (32 / 31 * 32 * 25) ** 0.5 / 1280
    assert as_served(more).high - 3 / 8 == pytest.approx(half)


def test_where_nothing_was_drawn_nothing_is_said():
    never = log([[0, 0], [4, 4]], [[0, 0], [1, 1]])
    one_group = log([[4, 0], [4, 0]], [[1, 0], [1, 0]])

    assert value_of(never, ALWAYS_FIRST, prior=NOTHING_KNOWN) is None
    assert value_of(one_group, EVENLY, prior=NOTHING_KNOWN) is None


def test_rows_become_sums_and_what_is_of_no_arm_is_left_out():
    rows = [("s", "a", 1, 4, 1, 8, 2, 16), ("s", "gone", 1, 9, 9, 9, 9, 9), ("t", "b", 0, 1, 0, 2, 0, 4)]
    found = Log.of(rows, ["s", "t"], ["a", "b"], 2)

    assert found.draws.sum() == 5
    assert found.weight[0, 0].tolist() == [0, 8]
    assert found.only(1).squared_weight.sum() == 4
    assert list(policies(["a", "b"])) == ["uniform", "always a", "always b"]


# Two segments of which another arm is the best; users differ in how often they do anything at all.
RATES = np.array([[0.10, 0.25, 0.05], [0.20, 0.08, 0.15]])
CHANCE = np.array([[0.2, 0.7, 0.1], [0.7, 0.1, 0.2]])
TARGETS = {"always the second": np.eye(3)[1], "uniform": np.full(3, 1 / 3)}


def simulated(random: np.random.Generator, draws: int = 1500, users: int = 300) -> Log:
    eager = random.choice([0.5, 1.0, 1.5], size=users)
    user = random.integers(users, size=draws)
    segment = random.integers(2, size=draws)
    arm = (random.random((draws, 1)) > CHANCE[segment].cumsum(axis=1)).sum(axis=1)
    engaged = random.random(draws) < RATES[segment, arm] * eager[user]
    chance = CHANCE[segment, arm]
    sums = np.zeros((5, 2, 3, 32))
    for row, values in enumerate((np.ones(draws), engaged, 1 / chance, engaged / chance, 1 / chance**2)):
        np.add.at(sums[row], (segment, arm, user % 32), values)
    return Log(*sums)


@pytest.fixture(scope="module")
def logs() -> list[Log]:
    random = np.random.default_rng(11)
    return [simulated(random) for _ in range(400)]


@pytest.mark.parametrize("name", TARGETS)
def test_intervals_cover_the_truth_in_about_95_of_100_logs(logs, name):
    truth = float((RATES @ TARGETS[name]).mean())
    found = [value_of(log, TARGETS[name], prior=(0.1, 20)) for log in logs]

    for estimator in ("ips", "snips", "doubly_robust"):
        intervals = [getattr(one, estimator) for one in found]
        covered = np.mean([one.low <= truth <= one.high for one in intervals])
        assert 0.915 <= covered <= 0.985, (estimator, covered)
        assert np.mean([one.value for one in intervals]) == pytest.approx(truth, abs=0.004)
