"""Plain questions answered from bytes: what is served so, and when it is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Block, Item
from catalog.writing import delete_items
from retrieval import ready
from retrieval.facts import forget_facts
from retrieval.invalidation import invalidate
from retrieval.mixes import DEFAULT_BODY, create_revision, publish
from retrieval.valkey import client as valkey_client
from tests.api.ready_site import ANNS, ask, films, send, wipe
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def is_ready(body: dict[str, Any]) -> bool:
    return bool(body["cache"]["ready"])


def kept(user: str = "ann") -> str:
    return ready._key(ready.Question(user, 1000, "default", "full"))


def test_the_second_answer_is_ready_and_the_same_under_its_own_name(http):
    first, second = ask(http), ask(http)

    assert (is_ready(first), is_ready(second)) == (False, True)
    assert first["request_id"] != second["request_id"]
    assert second["cache"]["level"] == "L1"
    assert second["sources"] == []
    ignored = {"request_id", "cache", "sources"}
    assert {k: v for k, v in first.items() if k not in ignored} == {
        k: v for k, v in second.items() if k not in ignored
    }


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda world: Item.objects.filter(external_id="amelie").update(active=False), ANNS - {"amelie"}),
        (lambda world: delete_items(["amelie"]), ANNS - {"amelie"}),
        (
            lambda world: Block.objects.create(user_id=world.users["ann"], tag="funny", created_at=NOW),
            {"alien", "runner", "notebook"},
        ),
        (
            lambda world: Block.objects.create(
                user_id=world.users["ann"], creator_id=world.creators["scott"], created_at=NOW
            ),
            ANNS - {"alien", "runner"},
        ),
    ],
)
def test_what_may_no_longer_be_shown_is_gone_from_a_ready_answer_at_once(http, world, change, left):
    ask(http)
    assert films(ask(http)) == ANNS

    change(world)

    assert films(ask(http)) == left
    assert films(ask(http)) == left
    assert is_ready(ask(http))


def test_after_an_event_the_next_answer_is_computed_anew_without_the_item(http):
    ask(http)
    assert is_ready(ask(http))

    send(http, "ann", "alien")
    after = ask(http)

    assert films(after) == ANNS - {"alien"}
    assert after["cache"]["level"] == "none"


def test_a_changed_title_shows_in_the_next_answer(http):
    ask(http)

    Item.objects.filter(external_id="amelie").update(title="Le Fabuleux Destin")

    assert "Le Fabuleux Destin" in {candidate["title"] for candidate in ask(http)["candidates"]}


def test_a_change_of_an_item_that_is_not_in_the_answer_leaves_it_ready(http):
    ask(http, k=1)
    [shown] = films(ask(http, k=1))
    # Only what the sources proposed matters, and they propose nearly all of so small a catalogue.
    Item.objects.create(external_id="new", title="New", created_at=NOW, updated_at=NOW)

    Item.objects.filter(external_id="new").update(title="Newer")

    assert is_ready(ask(http, k=1))
    assert films(ask(http, k=1)) == {shown}


def test_without_what_the_cache_knew_answers_are_right(http):
    ask(http)
    send(http, "ann", "alien")
    ask(http)

    wipe()
    after = ask(http)

    assert not is_ready(after)
    assert films(after) == ANNS - {"alien"}


@pytest.mark.parametrize("damage", [0, 3, 20, 60, 300, -1])
def test_one_damaged_byte_is_a_miss(http, damage):
    ask(http)
    packed = bytearray(valkey_client().get(kept()))
    packed[damage] ^= 1
    valkey_client().set(kept(), bytes(packed))

    after = ask(http)

    assert not is_ready(after)
    assert films(after) == ANNS
    assert is_ready(ask(http))


@given(noise=st.binary(max_size=300))
def test_random_bytes_are_unreadable_and_nothing_worse(noise):
    assert ready._unpacked(noise) == (None, "unreadable")


def test_a_process_that_has_just_started_does_not_trust_what_it_cannot_judge(http):
    ask(http)
    Item.objects.filter(external_id="amelie").update(active=False)

    forget_facts()

    assert films(ask(http)) == ANNS - {"amelie"}


@pytest.mark.parametrize(
    "query", [{"exclude": "alien"}, {"category": "crime"}, {"sources": "trending"}, {"explain": "true"}]
)
def test_what_is_not_plain_gets_an_answer_of_its_own(http, query):
    ask(http)
    plain = films(ask(http))

    other = ask(http, **query)

    assert not is_ready(other)
    assert films(other) <= plain
    assert films(ask(http)) == plain


def test_another_k_or_form_has_bytes_of_its_own(http):
    ask(http)

    assert ask(http, k=2)["count"] == ask(http, k=2)["count"] == 2
    assert set(http.get("/api/v1/users/ann/candidates?fields=ids").json()["item_ids"]) == ANNS
    assert set(http.get("/api/v1/users/ann/candidates?fields=ids").json()["item_ids"]) == ANNS


def test_a_request_with_filters_uses_the_list_of_the_plain_one_and_says_so(http):
    ask(http)

    narrowed = ask(http, category="space")

    assert films(narrowed) == {"alien", "runner"}
    assert narrowed["cache"] | {"age_s": 0} == {
        "level": "L1",
        "age_s": 0,
        "stale": False,
        "unfiltered": True,
        "ready": False,
    }


def test_a_newly_published_mix_serves_at_once(http):
    ask(http)
    body = {**DEFAULT_BODY, "sources": [{"name": "trending", "quota": 1000, "limit_ms": 10_000}], "fill": []}

    revision = create_revision(body, note="trending alone").number
    publish(revision)

    assert ask(http)["versions"]["mix"] == revision


@pytest.mark.parametrize(
    "what", [{"user_id": "ann"}, {"item_id": ["alien"]}, {"creator_id": "scott"}, {"tag": "robots"}]
)
def test_what_is_invalidated_is_made_anew_by_the_next_request(http, what):
    ask(http)
    assert is_ready(ask(http))

    done = http.post("/api/v1/cache/invalidate", what, content_type="application/json")
    after = ask(http)

    assert done.status_code == 200, done.content
    assert done.json()["users"] + done.json()["items"] >= 1
    assert after["cache"]["level"] == "none"
    assert films(after) == ANNS


def test_an_invalidation_of_others_leaves_an_answer_ready(http):
    ask(http)

    invalidate(users=["ben"], items=["lost"], tags=["no such tag"])

    assert is_ready(ask(http))


def test_an_invalidation_names_something(http):
    refused = http.post("/api/v1/cache/invalidate", {}, content_type="application/json")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "user_id"
