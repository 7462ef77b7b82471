"""Plain questions answered from bytes: as right as computed ones, whatever happens in between and to whom."""

import json
import threading
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import parse

from api import throttling
from api.candidates import shortcut
from api.candidates.shortcut import with_shortcut
from api.config import config
from catalog.models import Block, Item, User
from catalog.writing import delete_items
from retrieval import ready
from retrieval.facts import forget_facts
from retrieval.invalidation import invalidate
from retrieval.mixes import DEFAULT_BODY, create_revision, publish
from retrieval.valkey import client as valkey_client
from retrieval.valkey import key as valkey_key
from tests.api.films import served_world
from tests.worlds import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}
ALL = ANNS | {"fargo", "heat"}


@pytest.fixture
def world(pool_of_two) -> World:
    return served_world()


class Site(Client):
    """As a server asks the site: by way of the shortcut, and on to Django where there is no ready answer."""

    def request(self, **given: Any) -> Any:
        environ = self._base_environ(**given)
        passed_on: list[dict[str, Any]] = []
        said: list[Any] = []

        def django(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            passed_on.append(environ)
            return []

        content = b"".join(
            with_shortcut(django)(environ, lambda status, headers: said.extend([status, headers]))
        )
        if passed_on:
            marks = {name: value for name, value in environ.items() if name.startswith("headwater.")}
            return super().request(**given, **marks)
        response = HttpResponse(content, status=int(said[0][:3]), headers=dict(said[1]))
        response.json = lambda: json.loads(content)
        return response


@pytest.fixture
def http(world, make_key) -> Client:
    return Site(headers={"authorization": f"Api-Key {make_key('admin')}"})


def ask(http: Client, user: str = "ann", **query: Any) -> dict[str, Any]:
    # Time enough for a busy machine; an answer that is there is within any deadline.
    response = http.get(f"/api/v1/users/{user}/candidates", {"deadline_ms": 10_000, **query})
    assert response.status_code == 200, response.content
    assert response["X-Request-Id"] == response.json()["request_id"]
    body: dict[str, Any] = response.json()
    return body


def films(body: dict[str, Any]) -> set[str]:
    return {candidate["item_id"] for candidate in body["candidates"]}


def is_ready(body: dict[str, Any]) -> bool:
    return bool(body["cache"]["ready"])


def send(http: Client, user: str, film: str, kind: str = "click") -> None:
    event = {"user_id": user, "item_id": film, "type": kind}
    assert http.post("/api/v1/events", event, content_type="application/json").json()["accepted"] == 1


def wipe() -> None:
    for found in valkey_client().scan_iter(valkey_key("*"), count=1000):
        valkey_client().unlink(found)


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


def test_a_given_request_id_comes_back_in_a_ready_answer(http):
    ask(http)

    response = http.get("/api/v1/users/ann/candidates", headers={"x-request-id": "mine-1"})

    assert response.json()["cache"]["ready"]
    assert response.json()["request_id"] == response["X-Request-Id"] == "mine-1"


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


def test_a_key_that_does_not_open_gets_no_ready_answer(http, make_key):
    ask(http)

    def status(**headers: str) -> int:
        return Site(headers=headers).get("/api/v1/users/ann/candidates").status_code

    assert status() == status(authorization="Api-Key nobody.knows") == 401
    assert status(authorization=f"Api-Key {make_key('events')}") == 403
    assert status(authorization=f"Api-Key {make_key('read')}") == 200


def test_ready_answers_count_towards_the_rate(http, make_key, monkeypatch):
    from dataclasses import replace

    ask(http)
    limited = replace(config(), rates={**config().rates, "read": parse("3/hour")})
    monkeypatch.setattr(throttling, "config", lambda: limited)
    client = Site(headers={"authorization": f"Api-Key {make_key('read')}"})

    answers = [client.get("/api/v1/users/ann/candidates") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]


def test_hosts_that_are_not_ours_are_refused(http):
    ask(http)

    assert http.get("/api/v1/users/ann/candidates", headers={"host": "evil.example"}).status_code == 400


def test_a_ready_answer_has_the_headers_that_the_site_puts_on_every_answer(http):
    first = http.get("/api/v1/users/ann/candidates")
    second = http.get("/api/v1/users/ann/candidates")

    names = {
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Cache-Control",
        "Content-Type",
    }
    assert second.json()["cache"]["ready"]
    assert {name: second[name] for name in names} == {name: first[name] for name in names}
    assert int(second["Content-Length"]) == len(second.content)


def test_where_https_is_the_rule_a_plain_request_is_sent_there(http, settings, make_key):
    shortcut._site_headers.cache_clear()
    ask(http)
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    shortcut._site_headers.cache_clear()

    site = Site(headers={"authorization": f"Api-Key {make_key('read')}"})  # Django reads these settings once
    plain = site.get("/api/v1/users/ann/candidates")
    secure = site.get("/api/v1/users/ann/candidates", headers={"x-forwarded-proto": "https"})

    shortcut._site_headers.cache_clear()
    assert plain.status_code == 301
    assert secure.json()["cache"]["ready"]
    assert secure["Strict-Transport-Security"] == "max-age=60"


@pytest.mark.parametrize("user", ["a/b", "ü", "a b", "-5", "%"])
def test_ids_of_any_kind_have_ready_answers_of_their_own(http, user):
    path = f"/api/v1/users/{quote(user, safe='')}/candidates?fields=ids"
    http.get(path)

    answer = http.get(path).json()

    assert (answer["cache"]["ready"], answer["user_id"]) == (True, user)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("ask")),
        st.tuples(st.just("click"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("take out"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("put back"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("block"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("unblock"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("invalidate"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("wipe")),
        st.tuples(st.just("restart")),
    ),
    min_size=3,
    max_size=12,
)


@given(operations=OPERATIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_whatever_order_every_answer_is_right(http, world, operations):
    Item.objects.exclude(external_id="lost").update(active=True)
    person = User.objects.create(external_id=f"p{User.objects.count()}", created_at=NOW)
    gone: set[str] = set()
    clicked: set[str] = set()
    blocked: set[str] = set()
    for operation, *film in [("ask",), ("ask",), *operations, ("ask",), ("ask",)]:
        match operation, film:
            case "click", [name]:
                send(http, person.external_id, name)
                clicked.add(name)
            case "take out", [name]:
                Item.objects.filter(external_id=name).update(active=False)
                gone.add(name)
            case "put back", [name]:
                Item.objects.filter(external_id=name).update(active=True)
                gone.discard(name)
            case "block", [name] if name not in blocked:
                Block.objects.create(user=person, item_id=world.items[name], created_at=NOW)
                blocked.add(name)
            case "unblock", [name]:
                Block.objects.filter(user=person, item_id=world.items[name]).delete()
                blocked.discard(name)
            case "invalidate", [name]:
                invalidate(items=[name])
            case "wipe", []:
                wipe()
            case "restart", []:
                forget_facts()
            case _:
                pass
        assert films(ask(http, person.external_id)) == ALL - gone - clicked - blocked, operation


def test_an_acknowledged_event_counts_however_many_ask_at_the_same_time(http, make_key):
    key = make_key("read")
    done = threading.Event()
    troubles: list[int] = []

    def hammer() -> None:
        client = Site(headers={"authorization": f"Api-Key {key}"})
        while not done.is_set():
            answer = client.get("/api/v1/users/dan/candidates?deadline_ms=10000")
            if answer.status_code != 200:
                troubles.append(answer.status_code)
        from django.db import connections

        connections.close_all()

    others = [threading.Thread(target=hammer) for _ in range(2)]
    for thread in others:
        thread.start()
    left = set(ALL)
    shown = []
    try:
        for film in sorted(ALL)[:5]:
            send(http, "dan", film)
            left.discard(film)
            shown.append((films(ask(http, "dan")), set(left)))
    finally:
        done.set()
        for thread in others:
            thread.join()

    assert troubles == []
    assert all(found == expected for found, expected in shown)
