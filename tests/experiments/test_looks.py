"""The planned looks of an experiment: taken once a day, kept, and not moved by looking."""

from datetime import timedelta

import numpy as np
import pytest
import time_machine

from experiments.lifecycle import NotAllowed, start
from experiments.models import Experiment, Look, Totals
from experiments.readout import Kind, MetricLine, read_out
from retrieval.readouts import advance
from tests.experiments.running import draft
from tests.worlds import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def experiment() -> Experiment:
    """Planned for four days, begun now."""
    made = draft("e", b={"mix_revision": 7}, fields={"planned_days": 4})
    start(made.pk, traffic_bp=10_000, by="ada", why="To see.", now=NOW)
    made.refresh_from_db()
    return made


def counted(experiment: Experiment, users: int, *, likes: float = 2.0) -> None:
    """Each column has a mean of 2 and a variance of 1; the treatment's likes another mean."""
    for variant in experiment.variants.all():
        means = np.full(8, 2.0)
        means[2] = 2.0 if variant.control else likes
        products = users * (np.outer(means, means) + np.eye(8))
        values = {"users": users, "sums": users * means, "products": products.ravel(), "counted_at": NOW}
        stored = {name: one.tolist() if isinstance(one, np.ndarray) else one for name, one in values.items()}
        Totals.objects.update_or_create(variant=variant, defaults=stored)


def likes(experiment: Experiment) -> MetricLine:
    (line,) = [one for one in read_out(experiment).metrics if one.metric.name == "likes"]
    return line


def test_it_ends_by_itself_after_its_planned_days_and_not_before(experiment):
    assert experiment.ends_at == experiment.planned_end == NOW + 4 * DAY
    early = draft(
        "early", layer="mixes", b={"mix_revision": 7}, fields={"planned_days": 4, "ends_at": NOW + DAY}
    )
    with pytest.raises(NotAllowed, match="before its 4 planned days"):
        start(early.pk, traffic_bp=100, by="ada", why="x", now=NOW)


def test_a_look_is_taken_once_a_day_and_shown_until_the_next(experiment):
    counted(experiment, 1_000, likes=2.05)
    for hours in (1, 25, 30):
        advance(NOW + hours * timedelta(hours=1))
    assert [look.number for look in Look.objects.filter(metric="likes")] == [1]

    with time_machine.travel(NOW + 1.5 * DAY, tick=False):
        before = likes(experiment)
        counted(experiment, 100_000, likes=3.0)
        after = likes(experiment)

    assert before.interval == after.interval
    assert before.verdict == ""


def test_what_a_look_decided_stays_and_nothing_is_claimed_after_the_end(experiment):
    counted(experiment, 1_000, likes=2.4)
    advance(NOW + 2 * DAY)
    counted(experiment, 2_000, likes=2.0)
    # Its end is put off, and the worker is late.
    Experiment.objects.filter(pk=experiment.pk).update(ends_at=NOW + 20 * DAY)
    advance(NOW + 4.5 * DAY)
    assert list(Look.objects.filter(metric="likes").values_list("number", "fraction")) == [(2, 0.5), (4, 1.0)]
    counted(experiment, 9_000, likes=2.0)

    with time_machine.travel(NOW + 4.6 * DAY, tick=False):
        planned, line = read_out(experiment), likes(experiment)
    with time_machine.travel(NOW + 9 * DAY, tick=False):
        beyond = read_out(experiment)

    assert (planned.kind, planned.look, line.verdict, line.claimed_on) == (Kind.DAILY, 4, "better", 2)
    assert line.interval.low < 0 < line.interval.high
    assert beyond.kind is Kind.AFTER_PLAN
    assert {one.metric.name: one.verdict for one in beyond.metrics}["likes"] == "better"
    assert not Look.objects.filter(number__gt=4).exists()


def test_guardrails_do_not_wait_for_a_look(experiment):
    from experiments.models import Traffic

    for variant in experiment.variants.all():
        Traffic.objects.bulk_create(
            Traffic(
                variant=variant,
                user_group=group,
                answers=100,
                ms=100 * ((10 if variant.control else 20) + group % 5),
            )
            for group in range(64)
        )

    assert advance(NOW + timedelta(hours=1)).stopped == ("e",)
    assert not Look.objects.exists()
