"""From impressions and events to a read-out, in the movie world."""

from datetime import timedelta

import numpy as np
import pytest

from catalog.writing import delete_users
from coldstart.impressions import Impression, record_impressions
from experiments.exposing import Exposed, write
from experiments.models import Baseline, Exposure, Outcome, Totals, Traffic
from experiments.readout import read_out
from experiments.statistics import COLUMNS, Moments
from retrieval.readouts import advance
from tests.experiments.running import run_experiment
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return movie_world()


@pytest.fixture
def experiment():
    return run_experiment("e", b={"mix_revision": 7})


def exposed(
    experiment, world: World, user: str, *, hours_ago: float, arm: str = "b", ms: float = 10.0
) -> None:
    variant = experiment.variants.get(name=arm)
    arms = ((experiment.pk, variant.pk),)
    write([Exposed(world.users[user], arms, NOW - hours_ago * HOUR, ms, short=False)])


def shown(user: str, *films: str, hours_ago: float) -> None:
    request = f"{user}-{hours_ago}"
    rows = [
        Impression(request, user, film, place, shown_at=NOW - hours_ago * HOUR)
        for place, film in enumerate(films, 1)
    ]
    results = record_impressions(rows, now=NOW - hours_ago * HOUR)
    assert {one.status for one in results} == {"accepted"}


def counts(user_id: int) -> dict[str, float]:
    return dict(zip(COLUMNS, Outcome.objects.get(user_id=user_id).counts, strict=True))


def test_a_user_is_exposed_once_and_each_answer_is_counted(world, experiment):
    exposed(experiment, world, "ann", hours_ago=5)
    exposed(experiment, world, "ann", hours_ago=3, ms=30.0)
    write([Exposed(10**9, ((experiment.pk, experiment.variants.get(name="b").pk),), NOW, 1.0, short=True)])

    (exposure,) = Exposure.objects.all()
    assert exposure.exposed_at == NOW - 5 * HOUR
    traffic = Traffic.objects.get(user_group=world.users["ann"] % 64)
    assert (traffic.answers, traffic.ms, traffic.short) == (2, 40.0, 0)


def test_what_users_did_is_counted_since_their_exposure_and_before(world, experiment):
    exposed(experiment, world, "ann", hours_ago=1.5)
    exposed(experiment, world, "cat", hours_ago=1.5, arm="control")
    shown("ann", "alien", "amelie", hours_ago=5)
    shown("ann", "runner", "notebook", "lebowski", hours_ago=1)

    advance(NOW)

    # Of the world's events: likes fargo 1 h ago, clicks heat 2 h ago, of which no answer is known.
    expected = {"impressions": 3, "clicks": 0, "likes": 1, "events": 1}
    before = {"impressions_before": 2, "clicks_before": 0, "likes_before": 0, "events_before": 1}
    assert counts(world.users["ann"]) == {**expected, **before}
    totals = Totals.objects.get(variant__name="b")
    assert (totals.users, totals.sums) == (1, Outcome.objects.get(user_id=world.users["ann"]).counts)
    assert Moments.stored(1, totals.sums, totals.products).products[0].tolist() == [
        3 * x for x in totals.sums
    ]
    assert Baseline.objects.get().users_by_day == [3] * 28


def test_a_late_click_on_an_answer_is_counted_once_however_often_this_runs(world, experiment):
    from catalog.events import Event, record_events

    exposed(experiment, world, "ann", hours_ago=5)
    shown("ann", "alien", "amelie", hours_ago=4)
    advance(NOW)
    for name in ("one", "two"):
        event = Event(name, "ann", "alien", "click", None, None, NOW - 3 * HOUR, request_id="ann-4")
        record_events([event], now=NOW + HOUR)
    advance(NOW + 2 * HOUR)
    advance(NOW + 3 * HOUR)

    assert counts(world.users["ann"])["clicks"] == 1
    assert counts(world.users["ann"])["events"] == 4


def test_an_experiment_that_does_harm_is_stopped_and_says_why(world, experiment):
    did("dan", "view", "alien", hours_ago=1)
    for arm, ms in (("control", 10.0), ("b", 20.0)):
        variant = experiment.variants.get(name=arm)
        Traffic.objects.bulk_create(
            Traffic(variant=variant, user_group=group, answers=100, ms=100 * (ms + group % 5))
            for group in range(64)
        )

    done = advance(NOW)

    assert done.stopped == ("e",)
    change = experiment.changes.latest("id")
    assert change.by == "guardrail"
    assert change.why.startswith("latency (mean, relative) of b is worse by 0.")
    assert advance(NOW).stopped == ()


def test_an_experiment_whose_end_has_come_is_stopped(world, experiment):
    experiment.ends_at = NOW
    experiment.save()

    assert advance(NOW).stopped == ("e",)
    assert experiment.changes.latest("id").by == "schedule"


def test_a_read_out_waits_for_users_and_warns_of_a_mismatch(experiment):
    # Each column has a mean of 2 and a variance of 1, and knows nothing of the others.
    one = np.full((8, 8), 4.0) + np.eye(8)
    for variant, users in zip(experiment.variants.all(), (9_000, 8_000), strict=True):
        products = (users * one).ravel().tolist()
        Totals.objects.create(
            variant=variant, users=users, sums=[users * 2.0] * 8, products=products, counted_at=NOW
        )
    experiment.reading, experiment.planned_users = "at_end", 20_000

    early = read_out(experiment)
    experiment.planned_users = 17_000
    due = read_out(experiment)

    assert early.mismatch
    assert [arm.users for arm in early.arms] == [9_000, 8_000]
    assert all(line.interval is None for line in early.metrics)
    assert [line.interval.p for line in due.metrics if line.metric.name == "likes"] == [pytest.approx(1)]


def test_who_is_erased_is_in_no_experiment_any_more(world, experiment):
    exposed(experiment, world, "ann", hours_ago=5)
    exposed(experiment, world, "cat", hours_ago=5)
    advance(NOW)

    delete_users(["ann"])
    advance(NOW)

    assert [one.user_id for one in Exposure.objects.all()] == [world.users["cat"]]
    assert [one.user_id for one in Outcome.objects.all()] == [world.users["cat"]]
