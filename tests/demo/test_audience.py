"""The audience at work on the small MovieLens, through the real API on a real server."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from api.models import ApiKey, Scope
from catalog.models import Interaction, User
from catalog.partitions import INTERACTIONS, default_partition_rows
from coldstart.impressions import IMPRESSIONS
from coldstart.models import Impression, Interest, SurveyAnswer
from demo.audience import running
from demo.audience.api import Api, Door
from demo.audience.experiment import NAME, start_experiment
from demo.audience.looking import SURFACE
from demo.audience.newcomers import arrive
from demo.audience.pacing import Pace
from demo.audience.past import fill, make_room
from demo.audience.running import Audience
from demo.audience.switch import Notice, Switch
from demo.audience.town import MARK, Town, read_town
from demo.loading import load
from demo.mix import publish_demo_mix
from demo.movielens import MovieLens
from experiments.models import Experiment
from experiments.running import forget_running
from retrieval import toplists, trending
from retrieval.mixes import forget_cached_mixes

# Whoever has four films to choose from has soon seen them: enough for a look or two each.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(live_server: LiveServer, movielens: MovieLens) -> Iterator[Api]:
    now = datetime.now(UTC)
    load(movielens, now=now, say=lambda line: None)
    forget_cached_mixes()
    publish_demo_mix()
    trending.rebuild(now)
    toplists.rebuild(now)
    Interest.objects.create(slug="crime", name="Crime", tags=["Crime"])
    _, key = ApiKey.objects.create_key(name="test", scopes=[scope.value for scope in Scope])
    api = Api(Door(live_server.url, key))
    yield api
    api.close()
    forget_cached_mixes()
    forget_running()


def town() -> Town:
    return read_town(random.Random(7))


def test_tastes_are_what_people_rated_above_their_usual(api: Api):
    """Person 1 gave Fargo (Crime, Drama) 4 and The Usual Suspects (Crime) 3: half a star above and below 3.5."""
    read = town()

    assert {person.external_id for person in read.people} == {"1", "2", "3", "4", "5", "6"}
    first = next(person for person in read.people if person.external_id == "1")
    assert first.tastes == pytest.approx({"Crime": 0, "Drama": 0.5 / 6})
    # Fargo has 5, 4 and 2 stars where all have 24 / 7.
    assert read.film("1").appeal == pytest.approx((11 - 3 * 24 / 7) / 13)


def test_a_past_a_newcomer_and_an_experiment_through_the_api(api: Api):
    now = datetime.now(UTC)
    make_room(now)
    begun, there = start_experiment(now), start_experiment(now)

    made = fill(
        api,
        town(),
        random.Random(3),
        missing=timedelta(hours=6),
        now=now,
        at_most_s=60,
        wanted=lambda: True,
    )
    newcomer = arrive(api, random.Random(3))

    assert (begun, there) == (True, False)
    assert Experiment.objects.get().name == NAME
    assert Experiment.objects.get().status == Experiment.Status.RUNNING
    assert made == 30
    shown = Impression.objects.all()
    assert shown
    assert all(row.request_id.startswith(MARK) for row in shown)
    assert all(now - timedelta(hours=6) <= row.shown_at < now for row in shown)
    assert {row.position for row in shown} >= {1, 2}
    assert [default_partition_rows(of=of) for of in (INTERACTIONS, IMPRESSIONS)] == [0, 0]
    done = Interaction.objects.filter(surface=SURFACE)
    assert done
    for event in done:
        assert shown.filter(
            user_id=event.user_id,
            item_id=event.item_id,
            request_id=event.request_id,
            shown_at__lte=event.occurred_at,
        ).exists()
    assert newcomer is not None
    assert newcomer.tastes == {"Crime": 0.8}
    assert SurveyAnswer.objects.get().user.external_id == newcomer.external_id
    assert User.objects.get(external_id=newcomer.external_id).attributes == {"simulated": "yes"}
    assert newcomer.external_id in {person.external_id for person in town().people}


@dataclass
class Stage:
    audience: Audience
    switch: Switch
    notice: Notice
    thread: threading.Thread


@pytest.fixture
def stage(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(running, "_LOOKS_AROUND_EVERY_S", 0.01)
    switch, notice = Switch(tmp_path / "off"), Notice(tmp_path / "audience.json")
    notice.beat()  # it was here a moment ago: no past
    rng = random.Random(1)
    audience = Audience(
        open_api=lambda: api,
        town=town(),
        pace=Pace(50.0, rng),
        switch=switch,
        notice=notice,
        rng=rng,
        stopped=threading.Event(),
    )
    stage = Stage(audience, switch, notice, threading.Thread(target=audience.run))
    yield stage
    audience.stopped.set()
    if stage.thread.is_alive():
        stage.thread.join()
    connections.close_all()


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it comes true within a minute."""
    waiting = threading.Event()
    return any(holds() or waiting.wait(0.02) for _ in range(3000))


def looks() -> int:
    return Impression.objects.values("request_id").distinct().count()


def test_it_looks_until_it_is_switched_off_and_again_until_it_is_stopped(stage: Stage):
    stage.thread.start()
    assert soon(lambda: looks() >= 2)
    assert stage.notice.is_on()

    stage.switch.turn(on=False)
    assert soon(lambda: not stage.notice.is_on())
    before = looks()
    stage.switch.turn(on=True)
    assert soon(lambda: looks() > before)

    stage.audience.stopped.set()
    stage.thread.join()
    assert not stage.notice.is_on()
