"""A user's arms: as the API tells them, as answers name them, and as exposures are logged."""

from types import SimpleNamespace
from typing import Any

import pytest

from catalog import kept
from experiments.lifecycle import stop
from experiments.models import Experiment, Exposure, Forced
from experiments.running import forget_running, running_experiments
from retrieval.mixes import DEFAULT_BODY, create_revision
from tests.api.ready_site import ask, films
from tests.experiments.running import run_experiment
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = {"limit_ms": 10_000, "quota": 1000}
PEOPLE = ("ann", "ben", "cat", "dan", "a stranger")


@pytest.fixture(autouse=True)
def _nothing_runs() -> None:
    forget_running()


@pytest.fixture
def trending() -> int:
    """A mix that shows nothing but what is hot."""
    return create_revision(
        {**DEFAULT_BODY, "sources": [{"name": "trending", **SLOW}], "fill": [], "newcomers": None}, note="hot"
    ).number


def arms(http: Any, user: str, **query: Any) -> dict[str, str]:
    answer = http.get(f"/api/v1/users/{user}/assignments", query)
    assert answer.status_code == 200
    return {one["experiment"]: one["variant"] for one in answer.json()["assignments"]}


def test_an_answer_names_the_arms_that_the_api_tells_and_users_are_exposed_once(http, world, trending):
    experiment = run_experiment("hot", control=4_000, b={"mix_revision": trending})

    told = {user: arms(http, user) for user in PEOPLE}
    # The second and third time from what is kept, the third as it is.
    answers = {user: [ask(http, user) for _ in range(3)] for user in PEOPLE}

    assert {one["hot"] for one in told.values()} == {"control", "b"}
    assert all(body["arms"] == told[user] for user in PEOPLE for body in answers[user])
    assert answers["ann"][2]["cache"]["ready"]
    for user, bodies in answers.items():
        mixes = {body["versions"]["mix"] for body in bodies}
        assert (mixes == {trending}) == (told[user]["hot"] == "b")
    exposed = {
        one.user.external_id: one.variant.name for one in Exposure.objects.select_related("user", "variant")
    }
    assert exposed == {user: told[user]["hot"] for user in PEOPLE[:4]}
    assert experiment.name in arms(http, "ann", surface="default")
    assert arms(http, "ann", surface="emails") == {}


def test_a_stopped_experiment_serves_nobody_and_what_was_kept_of_an_arm_is_not_shown(http, world, trending):
    everything = films(ask(http))
    experiment = run_experiment("hot", control=1, b={"mix_revision": trending})
    hot = films(ask(http))

    stop(experiment.pk, by="ada", why="Enough.", now=NOW)
    after = ask(http)

    assert hot < everything
    assert films(after) == everything
    assert after["arms"] == {}


def test_a_process_learns_within_a_second_what_another_has_started_or_stopped(world, monkeypatch, trending):
    experiment = run_experiment("hot", b={"mix_revision": trending})
    now = kept.time.monotonic()
    monkeypatch.setattr(kept, "time", SimpleNamespace(monotonic=lambda: now))
    assert len(running_experiments()) == 1

    Experiment.objects.update(status="stopped")  # by another process
    assert len(running_experiments()) == 1
    now += 1.1

    assert running_experiments() == ()
    assert experiment.name == "hot"


def test_who_is_forced_gets_the_arm_and_is_not_counted(http, world, trending):
    experiment = run_experiment("hot", traffic_bp=1, b={"mix_revision": trending})
    Forced.objects.create(
        experiment=experiment, user_id=world.users["ann"], variant=experiment.variants.get(name="b")
    )
    forget_running()

    assert ask(http)["arms"] == {"hot": "b"}
    assert not Exposure.objects.exists()


def test_nobody_is_exposed_where_the_arms_are_served_alike(http, world):
    published = ask(http)["versions"]["mix"]
    run_experiment("same", b={"mix_revision": published})

    assert set(ask(http)["arms"]) == {"same"}
    assert not Exposure.objects.exists()


def test_settings_of_cold_start_expose_only_whom_they_can_change_something_for(http, world):
    news = create_revision(
        {**DEFAULT_BODY, "sources": [{"name": "trending", **SLOW}], "newcomers": None}, note="n"
    )
    run_experiment(
        "welcome", control=1, b={"newcomers_revision": news.number, "maturity_events": 0.1}, layer="cold"
    )

    # Dan has done nothing; two events make ann a regular where maturity takes a tenth of one.
    assert ask(http, "ann")["arms"] == ask(http, "dan")["arms"] == {"welcome": "b"}
    assert [one.user.external_id for one in Exposure.objects.select_related("user")] == ["dan"]
