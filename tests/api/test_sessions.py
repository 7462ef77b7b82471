"""Candidates for what somebody does right now, on the small world of tests/worlds.py."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Interaction, User
from retrieval.mixes import DEFAULT_BODY, ensure_published, forget_cached_mixes, published_mix
from tests.api.films import served_world
from tests.worlds import NOW, did

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(time_machine):
    time_machine.move_to(NOW, tick=False)
    world = served_world()
    User.objects.create(external_id="eve", created_at=NOW - timedelta(days=100))
    for film, hours_ago in (("alien", 12), ("notebook", 11), ("runner", 10)):
        did("eve", "view", film, hours_ago=hours_ago)
    yield world
    forget_cached_mixes()


def ask(client: Client, **body: object):
    body = {"deadline_ms": 10_000, "fields": "ids", **body}
    return client.post("/api/v1/sessions/candidates", body, content_type="application/json")


def films(response) -> list[str]:
    assert response.status_code == 200, response.content
    return response.json()["item_ids"]


def test_nobody_known_gets_what_others_went_on_to(reader):
    events = [{"item_id": "alien", "type": "view"}]

    found = films(ask(reader, events=events, sources=["co_watch"]))

    # Both are what eve went on to; ben and cat, who watched alien as well, had been elsewhere before.
    assert set(found[:2]) == {"notebook", "runner"}
    assert "alien" not in found


def test_the_last_of_the_session_says_the_most(reader):
    first = films(
        ask(reader, events=[{"item_id": "lebowski"}, {"item_id": "fargo"}], sources=["content"], k=2)
    )
    last = films(
        ask(reader, events=[{"item_id": "lebowski"}, {"item_id": "runner"}], sources=["content"], k=2)
    )

    assert first != last


def test_what_a_known_person_did_before_counts_as_well_and_is_hidden(reader):
    found = films(ask(reader, user_id="ann", events=[{"item_id": "alien"}]))

    assert not {"alien", "fargo", "heat"} & set(found)
    assert "notebook" in found


def test_a_session_is_stored_nowhere_and_the_next_answer_does_not_know_it(reader):
    before = Interaction.objects.count()

    with_alien = films(ask(reader, user_id="ann", events=[{"item_id": "alien"}]))
    with_runner = films(ask(reader, user_id="ann", events=[{"item_id": "runner"}]))

    assert Interaction.objects.count() == before
    assert "alien" not in with_alien
    assert "alien" in with_runner


def test_items_that_nobody_knows_are_left_out(reader):
    assert films(ask(reader, events=[{"item_id": "no such film"}]))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": []}, "events"),
        ({}, "events"),
        ({"events": [{"type": "view"}]}, "events"),
        ({"events": [{"item_id": "alien", "type": "stare"}]}, "events[0].type"),
        ({"events": [{"item_id": "alien"}] * 201}, "events"),
        ({"events": [{"item_id": "alien", "colour": "red"}]}, "events"),
    ],
)
def test_a_bad_session_is_refused_by_the_name_of_its_field(reader, body, field):
    response = ask(reader, **body)

    assert response.status_code == 400
    assert field in response.content.decode()


def test_sessions_have_a_mix_of_their_own_until_somebody_publishes_another(db):
    ensure_published()
    revision = published_mix("sessions").revision

    ensure_published()

    assert published_mix("sessions").revision == revision != published_mix().revision
    assert published_mix("sessions").slots[0].name == "co_watch"


def test_each_shipped_mix_serves_the_surface_of_its_name(db):
    default = ensure_published()

    balanced = [slot.name for slot in published_mix("balanced").slots]
    assert balanced == [slot["name"] for slot in DEFAULT_BODY["sources"]]
    assert published_mix("fresh").slots[0].name == "trending"
    assert "long_tail" in {slot.name for slot in published_mix("discovery").slots}
    assert published_mix("similar").slots[0].name == "content"
    assert published_mix("any other").revision == default.revision


def test_similar_items_by_co_watch_know_the_direction(reader):
    """eve watched alien, then notebook, then runner."""
    after_alien, after_runner = (
        reader.get(f"/api/v1/items/{film}/similar", {"by": "co_watch", "k": 10}).json()["items"]
        for film in ("alien", "runner")
    )

    scores = {item["item_id"]: item["sources"][0]["score"] for item in after_alien}
    backwards = {item["item_id"]: item["sources"][0]["score"] for item in after_runner}
    assert {item["sources"][0]["name"] for item in after_alien} == {"co_watch"}
    assert scores["runner"] > backwards["alien"]


def test_similar_items_refuse_a_way_that_does_not_exist(reader):
    response = reader.get("/api/v1/items/alien/similar", {"by": "smell"})

    assert response.status_code == 400
    assert "by" in response.content.decode()
