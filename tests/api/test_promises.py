"""What the OpenAPI document promises, held against real answers to sensible and to random questions."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from retrieval.mixes import forget_cached_mixes
from tests.api.films import served_world
from tests.worlds import NOW

pytestmark = pytest.mark.django_db
RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def world(time_machine):
    time_machine.move_to(NOW, tick=False)
    yield served_world()
    forget_cached_mixes()


@pytest.fixture
def client(make_key) -> Client:
    return Client(headers={"authorization": f"Api-Key {make_key('admin')}"})


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    content = Client().get("/api/v1/schema?format=json").content
    document: dict[str, Any] = json.loads(content)
    return document


def keeps_its_promise(document: dict[str, Any], path: str, method: str, response: Any) -> None:
    """The status is one that the operation documents, and the body is as described there."""
    described = document["paths"][f"/api/v1/{path}"][method]["responses"]
    assert str(response.status_code) in described, response.content
    answer = described[str(response.status_code)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    media_type = response["Content-Type"].partition(";")[0]
    schema = {**answer["content"][media_type]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(response.json())


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("users/{user_id}/candidates", "users/ann/candidates?k=3"),
        ("users/{user_id}/candidates", "users/nobody/candidates?fields=ids&explain=true"),
        ("users/{user_id}/candidates", "users/ann/candidates?k=none"),
        ("users/{user_id}/candidates/{source}", "users/ann/candidates/social"),
        ("users/{user_id}/why/{item_id}", "users/ann/why/lebowski"),
        ("users/{user_id}/why/{item_id}", "users/ann/why/nothing"),
        ("items/{item_id}/similar", "items/fargo/similar"),
        ("items/{item_id}/audience", "items/fargo/audience"),
        ("items/{item_id}/audience", "items/fargo/audience?k=3"),
        ("trending", "trending?category=crime"),
        ("trending", "trending"),
    ],
)
def test_a_question_is_answered_as_described(client, document, path, asked):
    keeps_its_promise(document, path, "get", client.get(f"/api/v1/{asked}"))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
IDS = st.sampled_from(["ann", "ben", "fargo", "alien", "coen", 7, -1, 2**70, "", "ü/ß"])


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with some of these fields, mostly sensible, sometimes anything."""
    return st.fixed_dictionaries({}, optional={name: mostly(kind) for name, kind in fields.items()})


def mostly(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda n: kind if n else ANYTHING)


QUESTIONS = objects(
    user_id=IDS,
    k=st.integers(1, 5000),
    surface=st.just("home"),
    exclude=st.lists(IDS, max_size=3),
    filters=objects(
        category=st.just("crime"), tag=st.lists(st.just("snow")), published_since=st.datetimes().map(str)
    ),
    sources=st.lists(st.sampled_from(["trending", "content", "magic"]), max_size=2),
    fields=st.sampled_from(["ids", "full"]),
    explain=st.booleans(),
    context=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
ROWS = {
    "events": objects(
        event_id=IDS,
        user_id=IDS,
        item_id=IDS,
        type=st.sampled_from(["view", "like", "x"]),
        value=st.floats(allow_nan=False),
        dwell_s=st.integers(),
        occurred_at=st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        surface=st.text(max_size=50),
    ),
    "impressions": objects(
        request_id=st.text(max_size=70),
        user_id=IDS,
        item_id=IDS,
        position=st.integers(),
        source=st.text(max_size=50),
        propensity=st.floats(allow_nan=False),
        shown_at=st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    ),
    "items": objects(
        item_id=IDS,
        title=st.text(max_size=600),
        tags=st.lists(st.text(max_size=5), max_size=3),
        creator_id=IDS,
        creator_name=st.text(max_size=5),
        published_at=st.datetimes().map(str),
        active=st.booleans(),
        attributes=st.dictionaries(st.text(max_size=5), ANYTHING, max_size=3),
    ),
    "users": objects(user_id=IDS, age_group=st.text(max_size=30), social_opt_out=st.booleans()),
    "follows": objects(user_id=IDS, followee_id=IDS, creator_id=IDS),
    "blocks": objects(user_id=IDS, item_id=IDS, creator_id=IDS, tag=st.text(max_size=5)),
}
WRITES = [
    ("post", "events"),
    ("post", "impressions"),
    ("put", "items"),
    ("put", "users"),
    ("put", "follows"),
    ("delete", "follows"),
    ("put", "blocks"),
    ("delete", "blocks"),
]


@given(body=QUESTIONS)
@RANDOM
def test_any_question_is_answered_or_refused_as_described(client, document, body):
    response = client.generic("POST", "/api/v1/candidates", json.dumps(body), "application/json")

    keeps_its_promise(document, "candidates", "post", response)


@pytest.mark.parametrize(("method", "path"), WRITES)
@given(data=st.data())
@RANDOM
def test_any_rows_are_written_or_refused_as_described(client, document, method, path, data):
    body = data.draw(st.lists(ROWS[path], max_size=3) | ROWS[path] | ANYTHING)

    response = client.generic(method.upper(), f"/api/v1/{path}", json.dumps(body), "application/json")

    keeps_its_promise(document, path, method, response)


@given(
    user=st.text(min_size=1, max_size=10),
    query=st.dictionaries(
        st.sampled_from(
            [
                "k",
                "surface",
                "exclude",
                "category",
                "published_since",
                "deadline_ms",
                "fields",
                "explain",
                "x",
            ]
        ),
        st.text(max_size=8),
        max_size=3,
    ),
)
@RANDOM
def test_any_path_and_query_is_answered_or_refused_as_described(client, document, user, query):
    response = client.get(f"/api/v1/users/{quote(user, safe='')}/candidates", query)

    keeps_its_promise(document, "users/{user_id}/candidates", "get", response)
