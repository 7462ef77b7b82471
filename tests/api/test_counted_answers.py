"""What the metrics pages are told of answers, computed and ready."""

import pytest

from experiments.models import Variant
from experiments.running import forget_running
from retrieval.mixes import DEFAULT_BODY, create_revision
from retrieval.models import AnswerHour, ArmAnswerHour, ArmAnswers, CacheHour, SourcePair, SourceWork
from retrieval.tally import flush, forget_counts
from retrieval.tally.histogram import quantile_ms
from tests.api.ready_site import ask
from tests.experiments.running import run_experiment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    forget_counts()


def test_an_answer_is_counted_once_by_surface_and_level_with_what_its_sources_did(http):
    for _ in range(2):
        ask(http, surface="home")
    ask(http, surface="home", k=400)
    ask(http, surface="home", sources="trending")

    flush()
    ask(http, surface="home")
    flush()

    by_level = {row.level: row for row in AnswerHour.objects.filter(surface="home")}
    assert {level: row.answers for level, row in by_level.items()} == {"none": 2, "ready": 2}
    # Seven films can be shown: who asks for more gets less.
    assert by_level["none"].short >= 1
    assert by_level["ready"].short == 0
    assert all(sum(row.ms_counts) == row.answers for row in by_level.values())
    assert (quantile_ms(by_level["none"].ms_counts, 0.5) or 0) > 0
    work = {row.source: row for row in SourceWork.objects.all()}
    # Of each computed answer: once, and again where it had to be filled up.
    assert {row.calls for row in work.values() if row.calls} <= {2, 4}
    assert max(row.candidates for row in work.values()) > 0
    assert all(0 <= row.sole <= row.candidates for row in work.values())
    for pair in SourcePair.objects.all():
        assert pair.source < pair.other
        assert 0 < pair.shared <= min(work[pair.source].candidates, work[pair.other].candidates)
    # Four plain questions, two of them for the first time; for these L1 and L3 were asked, in vain.
    looks = {row.level: (row.hits, row.misses) for row in CacheHour.objects.filter(surface="home")}
    assert looks == {"ready": (2, 2), "L1": (0, 2), "L3": (0, 2)}


def test_a_computed_and_a_ready_answer_both_count_for_the_arm_of_their_user(http, world):
    other = create_revision({**DEFAULT_BODY, "newcomers": None}, note="other")
    run_experiment("hot", control=1, b={"mix_revision": other.number, "share_per_10000": 9_999})
    forget_running()
    for user in ("ann", "ann", "a stranger"):
        named = ask(http, user=user)["arms"]
    flush()

    assert named == {"hot": "b"}
    arm = Variant.objects.get(name="b")
    # Whom the catalogue doesn't know counts for no arm.
    hours = {row.level: (row.variant_id, row.answers) for row in ArmAnswerHour.objects.all()}
    assert hours == {"none": (arm.pk, 1), "ready": (arm.pk, 1)}
    whole = ArmAnswers.objects.filter(variant=arm)
    assert {row.level: sum(row.ms_counts) for row in whole} == {"none": 1, "ready": 1}
