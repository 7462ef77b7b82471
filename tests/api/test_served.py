"""Over a real connection: granian, threads, pools, a cache that dies."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.films import served_world
from tests.api.serving import Served, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}


@pytest.fixture
def served(make_key) -> Iterator[Served]:
    served_world()
    with tempfile.TemporaryDirectory(prefix="hw") as folder, serving(Path(folder), make_key("admin")) as it:
        yield it


def candidates(served: Served) -> dict[str, Any]:
    response = served.client.get("/api/v1/users/ann/candidates", params={"fields": "ids"})
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def test_an_acknowledged_event_shows_in_the_very_next_answer(served):
    first, second = candidates(served), candidates(served)

    click = {"event_id": "e1", "user_id": "ann", "item_id": "alien", "type": "click"}
    acknowledged = served.client.post("/api/v1/events", json=click)
    third = candidates(served)

    assert set(first["item_ids"]) == ANNS
    assert (first["cache"]["level"], second["cache"]["level"]) == ("none", "L1")
    assert acknowledged.json()["accepted"] == 1
    assert set(third["item_ids"]) == ANNS - {"alien"}
    assert third["cache"]["level"] == "none"


def test_a_cache_that_dies_costs_no_answer_and_heals_without_a_restart(served):
    candidates(served)

    served.kill_cache()
    without = [candidates(served) for _ in range(10)]
    served.start_cache()
    # The breaker asks again after a second; until then answers stay degraded.
    healed = next(body for body in iter(lambda: candidates(served), None) if not body["degraded"])

    assert all("cache" in body["degraded"] for body in without)
    assert all(set(body["item_ids"]) == ANNS for body in without)
    assert set(healed["item_ids"]) == ANNS
    assert candidates(served)["cache"]["level"] == "L1"


def test_ids_in_raw_paths_arrive_as_they_were_sent(served):
    answers = [
        served.client.get(f"/api/v1/users/{path}/candidates?k=1").json()["user_id"]
        for path in ("a%2Fb", "-5", "%C3%BC", "a%20b", "a+b", "%25")
    ]

    assert answers == ["a/b", "-5", "ü", "a b", "a+b", "%"]


def test_bodies_without_an_end_or_a_length_are_refused(served):
    chunked = served.client.post("/api/v1/events", content=iter([b"{", b"}"]))
    large = _post(served, b"[" * 9_000_000)

    assert (chunked.status_code, large.status_code) == (411, 413)
    assert chunked.headers["content-type"] == large.headers["content-type"] == "application/problem+json"


def test_a_client_whose_body_was_left_unread_is_told_to_open_a_new_connection(served):
    # Many, because a client only sometimes notices by itself that the connection is gone.
    large = [_post(served, b"[" * 9_000_000) for _ in range(40)]
    stranger = _post(served, b"[" * 1_000_000, authorization="Api-Key nobody.knows")
    fine = _post(served, b"[]")

    assert {response.status_code for response in large} == {413}
    assert large[0].headers["connection"] == stranger.headers["connection"] == "close"
    assert (stranger.status_code, "connection" in fine.headers) == (401, False)


def _post(served: Served, body: bytes, **headers: str) -> httpx.Response:
    return served.client.post(
        "/api/v1/events", content=body, headers={"content-type": "application/json"} | headers
    )
