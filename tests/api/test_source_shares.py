"""A mix with a bandit as clients see it: the arm in the answer, held, cached apart, and noted for each request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coldstart.impressions import Impression, record_impressions
from retrieval.mixes import create_revision, forget_cached_mixes, mix_by_revision, publish, with_draw
from retrieval.models import ShareCell, ShareDraw
from retrieval.service import ask as opened
from retrieval.service import retrieve
from retrieval.shares.learning import learn
from retrieval.types import Request
from tests.api.films import served_world
from tests.api.ready_site import ask, send
from tests.experiments.running import run_experiment
from tests.shares.mixes import body, publish_mix
from tests.worlds import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
USERS = ("ann", "ben", "cat")


@pytest.fixture
def world(pool_of_two, time_machine) -> World:
    time_machine.move_to(NOW, tick=False)
    return served_world()


@pytest.fixture
def revision(world) -> int:
    return publish_mix(segments={"device": ["phone"], "events": [3]}, hold_s=3600)


def answer(user: str, **changes):
    return retrieve(replace(Request(user=user, k=5, now=NOW), **changes))


def test_the_arm_is_in_the_answer_and_in_the_ready_one_and_each_is_noted(http, revision, world):
    first, second = ask(http), ask(http)

    assert (first["cache"]["ready"], second["cache"]["ready"]) == (False, True)
    assert first["shares"] == second["shares"]
    assert first["shares"]["segment"] == "device=other events=0-2"
    assert first["shares"]["propensity"] == pytest.approx(1 / 3)
    noted = ShareDraw.objects.filter(user_id=world.users["ann"], mix=revision)
    assert {row.request_id for row in noted} == {first["request_id"], second["request_id"]}
    assert {(row.arm, row.propensity) for row in noted} == {
        (first["shares"]["arm"], first["shares"]["propensity"])
    }


def test_what_a_ready_answer_led_to_is_its_draws(http, revision):
    ask(http)
    ready = ask(http)
    film = ready["candidates"][0]["item_id"]
    record_impressions([Impression(ready["request_id"], "ann", film, 1)], now=NOW)
    event = {"user_id": "ann", "item_id": film, "type": "like", "request_id": ready["request_id"]}
    assert http.post("/api/v1/events", event, content_type="application/json").json()["accepted"] == 1

    learn(NOW + timedelta(hours=1))

    [cell] = ShareCell.objects.all()
    assert (cell.arm, cell.draws, cell.engaged) == (ready["shares"]["arm"], 1, 1)
    assert cell.weight == pytest.approx(3)


def test_a_ready_answer_ends_with_its_hold(http, revision, time_machine):
    ask(http)
    held_until = ShareDraw.objects.get().held_since + timedelta(hours=1)

    # Within the five minutes that candidates are kept for, so that nothing but the hold ends.
    time_machine.move_to(held_until - timedelta(seconds=20), tick=False)
    ask(http)
    assert ask(http)["cache"]["ready"]
    time_machine.move_to(held_until + timedelta(seconds=1), tick=False)

    assert not ask(http)["cache"]["ready"]


def test_another_segment_draws_by_its_own_chances_and_what_is_kept_is_kept_by_arm(http, revision):
    before = ask(http)
    send(http, "ann", "amelie")

    after = ask(http)

    assert (before["shares"]["segment"], after["shares"]["segment"]) == (
        "device=other events=0-2",
        "device=other events=3+",
    )
    keys = {opened(Request(user=user, k=5, now=NOW)).mix.key for user in USERS}
    assert keys <= {f"{revision}~{arm}" for arm in ("usual", "hot", "alike")}


def test_a_phone_is_a_segment_of_its_own(http, revision):
    asked = {"user_id": "ann", "k": 5, "deadline_ms": 10_000, "context": {"device": "phone"}}

    said = http.post("/api/v1/candidates", asked, content_type="application/json").json()

    assert said["shares"]["segment"] == "device=phone events=0-2"


def test_previews_choices_of_sources_and_strangers_draw_nothing(http, revision):
    preview = answer("ann", mix_revision=revision)
    chosen = answer("ann", sources=("trending",))
    stranger = answer("nobody")

    assert [one.draw for one in (preview, chosen, stranger, answer("ann", draws=False))] == [None] * 4
    assert answer("ann").draw is not None
    assert ask(http, user="nobody")["shares"] is None
    assert not ShareDraw.objects.exists()


def test_an_experiments_arm_serves_its_own_mix_which_draws_as_ever(http, revision):
    other = create_revision(body(arms={"usual": {}, "calm": {"trending": 0}}), note="Two ways.").number
    run_experiment("calmer", control=1, calm={"share_per_10000": 9_999, "mix_revision": other})

    said = ask(http)

    assert said["arms"] == {"calmer": "calm"}
    assert (said["versions"]["mix"], said["shares"]["propensity"]) == (other, 0.5)
    assert ask(http)["shares"] == said["shares"]
    assert set(ShareDraw.objects.values_list("mix", flat=True)) == {other}


def test_who_gets_the_newcomers_mix_alone_is_not_drawn_for(http, world):
    beside = create_revision({"sources": [{"name": "trending"}]}, note="For newcomers.").number
    written = {**body(), "newcomers": {"revision": beside, "maturity_events": 2}}
    publish(create_revision(written, note="Draws.").number)
    forget_cached_mixes()

    assert answer("dan").draw is None
    blended = opened(Request(user="ann", k=5, now=NOW)).mix
    assert blended.draw is not None
    assert blended.parts[0].mix.slots == opened_arm(blended)


def opened_arm(blended) -> tuple:
    """The slots of the drawn arm, before anything of the newcomers' mix came to them."""
    return with_draw(mix_by_revision(blended.revision), blended.draw).slots
