"""Counting what answers were like: percentiles from steps, and who proposed what."""

import numpy as np
import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from retrieval.models import AnswerHour, ArmAnswerHour, ArmAnswers, CacheHour
from retrieval.tally import flush, forget_counts, storing
from retrieval.tally.cells import COUNTS, OTHER_SURFACE, Counts
from retrieval.tally.counting import proposals
from retrieval.tally.histogram import BUCKETS, STEP, bucket_of, quantile_ms
from retrieval.types import Pool
from tests.worlds import NOW


@given(st.lists(st.floats(0.3, 4_000), min_size=1, max_size=50), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_off_by_one_step_at_most(times, share):
    counts = np.bincount([bucket_of(ms) for ms in times], minlength=BUCKETS).tolist()

    exact = float(np.quantile(times, share, method="inverted_cdf"))

    assert exact / STEP * 0.999 <= (quantile_ms(counts, share) or 0) <= exact * STEP * 1.001


def test_nothing_has_no_percentile():
    assert quantile_ms([0] * BUCKETS, 0.5) is None


def test_what_only_one_source_proposed_is_its_own():
    ranks = np.array([[1, 1], [2, 0], [0, 2], [3, 0]], np.int32)
    ids = np.arange(4)
    pool = Pool(("social", "trending"), ids, ids.astype(np.float32), ranks, ranks.astype(np.float32), ranks)

    alone, both = proposals(pool)

    assert alone.tolist() == [2, 1]
    assert both.tolist() == [[3, 1], [1, 2]]


def test_surfaces_that_clients_make_up_have_an_end():
    counts = Counts()
    for number in range(300):
        counts.answered(NOW, f"surface-{number}", "none", 0, short=False, degraded=False)

    taken = counts.taken().answers

    assert len(taken) == 201
    assert taken[(NOW, OTHER_SURFACE, "none")].answers == 100
    assert not counts.taken()


def test_an_answer_counts_once_in_all_and_once_for_each_of_its_arms():
    counts = Counts()
    both, one = np.array([3, 8], "<i8").tobytes(), np.array([8], "<i8").tobytes()
    for arms, level, bucket in ((both, "ready", 1), (one, "ready", 1), (one, "none", 9), (b"", "none", 9)):
        counts.answered(NOW, "home", level, bucket, short=level == "none", degraded=False, arms=arms)

    taken = counts.taken()

    assert {level: cell.answers for (_, _, level), cell in taken.answers.items()} == {"ready": 2, "none": 2}
    of_arms = {(arm, level): cell.answers for (_, arm, _, level), cell in taken.by_arm.items()}
    assert of_arms == {(3, "ready"): 1, (8, "ready"): 2, (8, "none"): 1}
    assert {key: (cell.answers, cell.short) for key, cell in taken.arms.items()} == {
        (3, "ready"): (1, 0),
        (8, "ready"): (2, 0),
        (8, "none"): (1, 1),
    }
    assert (taken.arms[8, "ready"].ms_counts[1], taken.arms[8, "none"].ms_counts[9]) == (2, 1)


def test_many_surfaces_and_arms_together_have_an_end():
    counts = Counts()
    for number in range(100):
        for arm in range(50):
            arms = np.array([arm], "<i8").tobytes()
            counts.answered(NOW, f"surface-{number}", "none", 0, short=False, degraded=False, arms=arms)

    taken = counts.taken()

    assert len(taken.by_arm) <= 2_000 + 50 * 2
    assert sum(cell.answers for cell in taken.by_arm.values()) == 5_000


@pytest.mark.django_db
def test_what_can_not_be_stored_is_stored_the_next_time(monkeypatch):
    def away(*_: object) -> None:
        raise OperationalError("gone")

    forget_counts()
    COUNTS.answered(NOW, "home", "none", 3, short=True, degraded=False)
    with monkeypatch.context() as patch:
        patch.setattr(storing, "_store", away)
        flush()
    COUNTS.answered(NOW, "home", "none", 3, short=False, degraded=True)

    flush()

    row = AnswerHour.objects.get()
    assert (row.answers, row.short, row.degraded, row.ms_counts[3]) == (2, 1, 1, 2)


@pytest.mark.django_db
def test_two_processes_add_to_the_same_rows():
    forget_counts()
    arms = np.array([8], "<i8").tobytes()
    for bucket in (1, 2):
        COUNTS.answered(NOW, "home", "ready", bucket, short=False, degraded=False, arms=arms)
        COUNTS.looked(NOW, "home", [("ready", "miss"), ("L2", "hit"), ("L3", "error")])
        flush()

    for row in (ArmAnswerHour.objects.get(), ArmAnswers.objects.get()):
        assert (row.variant_id, row.level, row.answers, row.ms_counts[:4]) == (8, "ready", 2, [0, 1, 1, 0])
    looks = {row.level: (row.hits, row.misses, row.errors) for row in CacheHour.objects.all()}
    assert looks == {"ready": (2, 2, 0), "L2": (2, 0, 0), "L3": (0, 0, 2)}
