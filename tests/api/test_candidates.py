"""Candidates over HTTP, on the small world of tests/worlds.py."""

from typing import Any

import pytest
from django.test import Client

from retrieval.mixes import forget_cached_mixes
from tests.api.films import served_world
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

# ann's: everything active but the two films she knows
ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}


@pytest.fixture(autouse=True)
def world(time_machine):
    time_machine.move_to(NOW, tick=False)
    yield served_world()
    forget_cached_mixes()


@pytest.fixture
def both(make_key) -> Client:
    """A client whose key may read and send events."""
    return Client(headers={"authorization": f"Api-Key {make_key('read', 'events')}"})


def get(client: Client, path: str, **query: Any):
    return client.get(f"/api/v1/users/{path}", {"deadline_ms": 10_000, **query})


def ask(client: Client, body: object):
    return client.post("/api/v1/candidates", body, content_type="application/json")


def films(response) -> set[str]:
    assert response.status_code == 200, response.content
    body = response.json()
    return set(body["item_ids"]) if "item_ids" in body else {c["item_id"] for c in body["candidates"]}


def test_a_user_gets_candidates_with_sources_and_reasons(reader):
    response = get(reader, "ann/candidates")

    body = response.json()
    lebowski = next(c for c in body["candidates"] if c["item_id"] == "lebowski")
    assert films(response) == ANNS
    assert lebowski["title"] == "Lebowski"
    assert "content" in {source["name"] for source in lebowski["sources"]}
    assert lebowski["reason"]["seed"] == {"item_id": "fargo", "title": "Fargo"}
    assert "Fargo" in lebowski["reason"]["text"]


def test_the_answer_says_how_many_how_fast_and_from_where(reader):
    response = get(reader, "ann/candidates", k=100)

    body = response.json()
    assert (body["user_id"], body["known_user"], body["k"], body["count"]) == ("ann", True, 100, 5)
    assert body["shortfall"].startswith("100 asked for, 5 given")
    assert {report["name"] for report in body["sources"]} >= {
        "content",
        "trending",
        "social",
        "collaborative",
    }
    assert body["degraded"] == []
    assert "context;dur=" in response["Server-Timing"]
    assert body["request_id"] == response["X-Request-Id"]


def test_a_second_call_comes_from_the_cache(reader):
    first = get(reader, "ann/candidates")
    second = get(reader, "ann/candidates")

    assert (first.json()["cache"]["level"], second.json()["cache"]["level"]) == ("none", "L1")
    assert first.json()["candidates"] == second.json()["candidates"]


def test_after_an_event_the_item_is_gone_and_the_answer_is_new(both):
    get(both, "ann/candidates")

    event = {"user_id": "ann", "item_id": "alien", "type": "click"}
    assert both.post("/api/v1/events", event, content_type="application/json").status_code == 200

    response = get(both, "ann/candidates")
    assert films(response) == ANNS - {"alien"}
    assert response.json()["cache"]["level"] == "none"


@pytest.mark.parametrize(
    "user", ["nobody", "-3643155458357242906", "a/b", "a%2Fb", "%F0%9F%98%80", "a b", ".", "7 "]
)
def test_an_unknown_user_is_a_cold_user_and_never_an_error(reader, user):
    response = get(reader, f"{user}/candidates")

    assert response.status_code == 200
    assert response.json()["known_user"] is False
    assert response.json()["count"] == 7


def test_bare_ids_are_the_same_in_the_same_order(reader):
    full = get(reader, "ann/candidates").json()
    bare = get(reader, "ann/candidates", fields="ids").json()

    assert bare["item_ids"] == [candidate["item_id"] for candidate in full["candidates"]]
    assert "candidates" not in bare


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"category": "space"}, {"alien", "runner"}),
        ({"category": "space,comedy"}, {"alien", "runner", "lebowski"}),
        ({"category": ["space", "comedy"]}, {"alien", "runner", "lebowski"}),
        ({"tag": "funny"}, {"lebowski", "amelie"}),
        ({"creator": "scott"}, {"alien", "runner"}),
        ({"language": "fr"}, set()),
        ({"published_since": "2001-01-01"}, {"amelie", "notebook"}),
        ({"published_since": "2001-01-01T00:00:01Z"}, {"notebook"}),
        ({"exclude": "alien,runner"}, {"lebowski", "amelie", "notebook"}),
        ({"sources": "trending"}, {"alien", "amelie", "lebowski"}),
    ],
)
def test_the_query_narrows_the_candidates(reader, query, expected):
    assert films(get(reader, "ann/candidates", **query)) == expected


def test_the_body_asks_the_same_as_the_query(reader):
    body = {
        "user_id": "ann",
        "exclude": ["alien"],
        "filters": {"category": ["space", "comedy"]},
        "context": {"device": "phone"},
        "deadline_ms": 10_000,
        "fields": "ids",
    }

    assert films(ask(reader, body)) == {"runner", "lebowski"}


def test_the_user_of_a_body_may_be_a_number(reader):
    assert ask(reader, {"user": 18446744073709551616, "k": 1}).json()["user_id"] == "18446744073709551616"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_id"),
        ({"user": 1, "user_id": 1}, "user_id"),
        ({"user_id": 1.5}, "user_id"),
        ({"user_id": True}, "user_id"),
        ({"user_id": 1, "k": 0}, "k"),
        ({"user_id": 1, "exclude": [1, {}]}, "exclude.1"),
        ({"user_id": 1, "filters": {"color": "red"}}, "filters.color"),
        ({"user_id": 1, "filters": 7}, "filters"),
        ({"user_id": 1, "context": {"a": {}}}, "context.a"),
        ({"user_id": 1, "sources": ["x"]}, "sources"),
        ([], ""),
    ],
)
def test_what_is_wrong_with_a_body_is_said_by_name(reader, body, field):
    response = ask(reader, body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


def test_one_source_alone(reader):
    response = get(reader, "ann/candidates/social")

    assert films(response) == {"amelie", "alien"}
    assert {report["name"] for report in response.json()["sources"]} == {"social"}


def test_a_source_that_does_not_exist_is_refused_by_name(reader):
    response = get(reader, "ann/candidates/magic")

    assert response.status_code == 400
    assert "trending" in response.json()["errors"][0]["detail"]


def test_explain_adds_what_was_dropped_and_the_stages(reader):
    explained = get(reader, "ann/candidates", explain="true").json()["explain"]

    assert explained["dropped"]["seen"] == 2
    assert set(explained["timings_ms"]) >= {"context", "sources", "filters"}


def test_why_follows_one_item_through_the_request(reader):
    why = reader.get("/api/v1/users/ann/why/lebowski").json()

    assert "content" in {found["source"] for found in why["found_by"]}
    assert why["final_rank"] >= 1
    assert (why["item_id"], why["title"], why["removed_by"]) == ("lebowski", "Lebowski", "")


def test_why_names_the_filter_that_removed_an_item(reader):
    assert reader.get("/api/v1/users/ann/why/fargo").json()["removed_by"] == "seen"


def test_why_of_an_unknown_item_is_not_found(reader):
    response = reader.get("/api/v1/users/ann/why/nothing")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_similar_items_share_tags_category_or_creator(reader):
    body = reader.get("/api/v1/items/fargo/similar").json()

    assert {item["item_id"] for item in body["items"]} == {"lebowski", "heat", "amelie"}
    assert body["items"][0]["item_id"] == "lebowski"
    assert body["count"] == 3


def test_nothing_is_like_an_unknown_item(reader):
    assert reader.get("/api/v1/items/nothing/similar").status_code == 404


def test_what_is_hot_is_what_was_liked_and_seen_lately(reader):
    body = reader.get("/api/v1/trending", {"k": 3}).json()

    assert [item["item_id"] for item in body["items"]] == ["amelie", "fargo", "alien"]
    assert body["degraded"] == []


def test_what_is_hot_in_one_category(reader):
    body = reader.get("/api/v1/trending", {"category": "crime"}).json()

    assert [item["item_id"] for item in body["items"]] == ["fargo", "heat"]


def test_a_new_item_can_be_found_at_once(make_key):
    client = Client(headers={"authorization": f"Api-Key {make_key('read', 'catalog')}"})
    row = {"item_id": "burn", "title": "Burn After Reading", "tags": ["funny"], "creator_id": "coen"}

    client.put("/api/v1/items", row, content_type="application/json")

    assert "burn" in films(get(client, "ann/candidates/content"))
